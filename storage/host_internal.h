/* host_internal.h - what host.c (open, close, producers) and pipeline.c (the apply thread) share. */
#ifndef FLORIN_STORAGE_HOST_INTERNAL_H
#define FLORIN_STORAGE_HOST_INTERNAL_H

#include <pthread.h>

#include "core/data/ring.h"
#include "storage/checkpoint_job.h"
#include "storage/host.h"
#include "storage/memory_ahead.h"
#include "storage/park.h"
#include "storage/recovery.h"
#include "storage/wal_writer.h"

#define FL_PRODUCERS_MAX 64
#define FL_COMMAND_RING_BYTES (2u << 20)
#define FL_RESULT_RING_BYTES (2u << 20)
/* A larger command goes by pointer: the ring stays small enough for the cache. */
#define FL_COMMAND_INLINE_MAX (64u << 10)
#define FL_PENDING_MAX 16 /* groups of results waiting for the disk, per producer: one a block of the log */

/* Results up to `position` of the ring may go out once `seq` is durable. */
struct fl_pending {
    uint64_t position, seq;
};

/* A message in a ring is one of these by its first word. */
struct fl_by_pointer {
    uint64_t marker; /* FL_BY_POINTER: no command begins so */
    void *data;
};
#define FL_BY_POINTER UINT64_C(0xFFFFFFFFFFFFFFFF)

/* The members' answers of one batch, packed one behind the other. */
struct fl_member_list {
    char *bytes;
    size_t used, capacity;
    uint32_t count;
};
void fl_member_list_free(struct fl_member_list *list); /* nullable */

struct fl_producer {
    struct fl_host *host;
    _Atomic uint32_t used;
    struct fl_ring commands, results;
    struct fl_park park; /* the producer, waiting for results or room */
    _Atomic uint32_t waits_for_room; /* set around its sleep while the command ring is full */
    /* Apply thread. */
    struct fl_pending pending[FL_PENDING_MAX];
    uint64_t pending_first, pending_count;
    uint32_t waits_for;     /* a job: nothing is taken of it, and `held` is its answer; 0: none */
    uint64_t held_tag;
    struct fl_result held;
    /* Producer. */
    uint64_t sent, received;
    struct fl_result result;
    struct fl_member_list *members;
    size_t members_at;
    struct fl_result batch_result;
    void *memory;
};

struct fl_pipeline;

struct fl_host {
    struct fl_disk *disk;
    struct fl_directory directory;
    struct fl_wal_segments segments;
    struct fl_wal_writer writer;
    struct fl_wal_verdict verdict;
    struct fl_engine *engine;
    struct fl_host_config config;
    bool writing;
    pthread_t apply_thread, prepare_thread;
    bool apply_runs, prepare_runs;
    struct fl_pipeline *pipeline; /* of a stepped host: the caller is the apply thread */
    uint64_t retired_seq;         /* the preparing thread's: segments up to here have left */
    _Atomic uint32_t stopping;
    _Atomic uint32_t failed;
    struct fl_park park; /* the apply thread */
    struct fl_park prepare_park;
    struct fl_producer *producers[FL_PRODUCERS_MAX];
    _Atomic uint32_t producer_count;
    pthread_mutex_t producers_lock; /* opening and closing only */
    _Atomic uint64_t durable_seq;
    struct fl_checkpoint_job checkpoints;
    struct fl_memory_ahead ahead;
    uint64_t checkpoint_seq; /* of the root that was loaded */
    char set_aside[256];
    const char *io;
};

/* The apply thread: rounds until there is nothing left to do. */
void *fl_pipeline_run(void *host);
/* Null: no memory. */
struct fl_pipeline *fl_pipeline_new(struct fl_host *host);
void fl_pipeline_free(struct fl_pipeline *pipeline);
/* One round. False: the host is closing and all is written. */
bool fl_pipeline_step(struct fl_pipeline *pipeline);

#endif
