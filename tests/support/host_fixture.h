/* host_fixture.h - a workload's commands, and an engine in memory that applies them one by one:
 * what any host, however often stopped, killed and checkpointed, must agree with.
 *
 * A workload's commands are all accepted: command n (from 0) has sequence n + 1.
 */
#ifndef FLORIN_TESTS_SUPPORT_HOST_FIXTURE_H
#define FLORIN_TESTS_SUPPORT_HOST_FIXTURE_H

#include "core/engine/engine.h"
#include "storage/host.h"

struct fl_host_fixture {
    char path[256];
    struct fl_command **commands;
    uint64_t count;
    struct fl_engine *model;
    struct fl_host_config config;
    struct fl_host *host;
    struct fl_producer *producer;
    uint64_t acknowledged; /* results with FL_OK */
    struct fl_error error;
};

/* Makes the commands, the directory and the model. */
void fl_host_fixture_begin(struct fl_host_fixture *fixture, uint32_t orders, uint64_t seed);
void fl_host_fixture_end(struct fl_host_fixture *fixture);

/* Opens to write, with a producer. */
enum fl_status fl_host_fixture_open(struct fl_host_fixture *fixture);
enum fl_status fl_host_fixture_close(struct fl_host_fixture *fixture);
/* Sends commands [from, to) and takes their answers, each of which must be accepted, in order.
 * `acked` (nullable) is kept at the highest sequence that was answered, for who watches. */
void fl_host_fixture_feed(struct fl_host_fixture *fixture, uint64_t from, uint64_t to,
                          _Atomic uint64_t *acked);

/* The model's digest after `seq` commands; it only goes forward. */
uint64_t fl_host_fixture_model_digest(struct fl_host_fixture *fixture, uint64_t seq);
uint64_t fl_engine_digest_now(struct fl_engine *engine);

/* Opens for reading; returns the digest and what was recovered. */
enum fl_status fl_host_fixture_read(struct fl_host_fixture *fixture, uint64_t *digest_out,
                                    uint64_t *seq_out, struct fl_host_facts *facts_out);

#endif
