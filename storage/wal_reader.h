/* wal_reader.h - reads the log from its first kept block to its last, and says what its end is.
 *
 * One pass in bounded memory: each block is verified before its records are handed out; behind the
 * last one everything is looked at, to the last byte of the last segment, for signs of what was
 * lost. The decision is made on the whole log (wal_judge.h) and changes nothing; fl_wal_cut carries
 * out a cut.
 *
 *   R1  A refusal names file and offset, and nothing was written.
 *   R2  A record is handed out only from an intact block that is chained to all before it.
 *   R3  A log without damage is left byte for byte as it was.
 *   R4  A cut can be interrupted anywhere and is decided again the same way.
 *
 * Thread: any. Memory: one window, of 1 MiB or the largest block.
 */
#ifndef FLORIN_STORAGE_WAL_READER_H
#define FLORIN_STORAGE_WAL_READER_H

#include "storage/directory.h"
#include "storage/wal_judge.h"

/* A record as it is handed out; valid during the call. */
struct fl_wal_entry {
    uint64_t seq;
    const void *data; /* 8-byte aligned */
    uint32_t bytes;
    const char *file; /* "wal/0000000001.wal" */
    uint64_t offset;  /* of the data in it */
};

struct fl_wal_segment_facts {
    const char *file;
    uint64_t bytes;               /* of the file */
    uint64_t first_seq, last_seq; /* 0, 0 without records */
};

struct fl_wal_options {
    /* Sequences of the checkpoint roots that were verified. The log must reach each, and begin at
     * or before the highest one's next (without roots: at 1), unless `any_start`. */
    const uint64_t *roots;
    uint32_t root_count;
    bool any_start;
    /* Records below are verified, not handed out. */
    uint64_t from_seq;
    /* No record above is handed out; 0: no limit. Beside a running writer: first read without
     * `record`, then again up to the verdict's proven_seq. */
    uint64_t upto_seq;
    bool archive; /* the archived segments too, as far back as they go without a hole */
    /* All nullable. A status other than FL_OK from `record` ends reading with it. */
    enum fl_status (*record)(void *context, const struct fl_wal_entry *entry);
    void (*segment)(void *context, const struct fl_wal_segment_facts *facts); /* at the end, each */
    void (*progress)(void *context, uint64_t done_bytes, uint64_t all_bytes);
    void *context;
};

struct fl_wal_verdict {
    enum fl_wal_case decision; /* END or CUT; else the status of fl_wal_read is no FL_OK */
    uint64_t first_seq;        /* of the first kept record (or the one that comes next) */
    uint64_t last_seq;         /* V */
    uint64_t proven_seq;       /* P: what a reader beside a running writer may count on */
    uint64_t last_epoch;       /* the highest one seen */
    uint64_t checksum;         /* the next block's `previous` */
    uint64_t tail_segment;     /* where the next block goes; 0: there is no segment yet */
    uint64_t tail_offset;
    uint64_t tail_bytes;    /* size of that segment */
    uint64_t dropped_bytes; /* from the stop to the last byte that is not zero, over all segments */
    bool dirty;             /* END, but behind it stand old blocks to be zeroed */
    uint32_t ready;         /* whole segments of zeros right behind the tail, */
    uint64_t ready_bytes[8]; /* and their sizes */
};

/* Reads and decides. With the directory open to write, files are synced before they are read, so
 * that what was accepted stays. FL_CORRUPT, FL_NEWER_FORMAT, FL_IO_ERROR: refused, `error` says
 * what and where, and `verdict` what was found so far. */
FL_MUST_USE enum fl_status fl_wal_read(struct fl_directory *directory,
                                       const struct fl_wal_options *options,
                                       struct fl_wal_verdict *verdict, struct fl_error *error);

/* Carries out verdict->decision == FL_WAL_CASE_CUT (or dirty): zeros behind the tail, the segment
 * filled up to `segment_bytes`, later ones emptied, all synced. The directory is open to write.
 * Nothing to do: nothing is touched. */
FL_MUST_USE enum fl_status fl_wal_cut(struct fl_directory *directory, uint64_t segment_bytes,
                                      struct fl_wal_verdict *verdict, struct fl_error *error);

#endif
