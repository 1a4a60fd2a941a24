#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine/record.h"
#include "storage/checkpoint_reader.h"
#include "storage/recovery.h"
#include "tests/support/host_fixture.h"
#include "tests/support/wal_fixture.h"

/* A log written record by record, without a host: by an engine and a WAL writer, with one record
 * spoiled before its block's checksum is made. What replay finds is then no damage of the disk. */
#define RECORD_MAX 16384

typedef void spoil(struct fl_record *record);

struct place {
    struct fl_host_fixture host;
    struct fl_wal_fixture log;
    struct fl_engine *engine;
    struct fl_error error;
    unsigned checkpoint_calls, log_calls;
};

static void begin(struct place *place, uint32_t orders)
{
    memset(place, 0, sizeof *place);
    fl_host_fixture_begin(&place->host, orders, 31);
    struct fl_engine_config config = {.memory_bytes = UINT64_C(512) << 20, .rows_max = 1u << 18};
    cr_assert_eq(fl_engine_create(&config, &place->engine), FL_OK);
    cr_assert_eq(fl_disk_open(FL_DISK_THREADS, &place->log.disk, NULL), FL_OK);
    place->log.segment_bytes = 256 << 10;
}

static void end(struct place *place)
{
    fl_disk_close(place->log.disk);
    fl_engine_destroy(place->engine);
    fl_host_fixture_end(&place->host);
}

static uint32_t make_record(struct place *place, uint64_t n, struct fl_record *record)
{
    struct fl_command *command = (struct fl_command *)(record + 1);
    struct fl_result result;
    memcpy(command, place->host.commands[n], place->host.commands[n]->bytes);
    memset((char *)command + command->bytes, 0, FL_COMMAND_SLACK);
    result.tag = 0;
    cr_assert_eq(fl_engine_apply(place->engine, command, &result, NULL), FL_OK);
    size_t packed = fl_result_pack(&result, (char *)command + command->bytes);
    *record = (struct fl_record){
        .bytes = (uint32_t)(sizeof *record + command->bytes + packed),
        .kind = FL_RECORD_COMMAND,
        .semantics_version = FL_SEMANTICS_VERSION,
        .seq = result.seq,
        .command_bytes = command->bytes,
        .result_bytes = (uint32_t)packed,
        .state_check = fl_engine_state_check(place->engine),
    };
    return record->bytes;
}

/* All commands; the one with sequence `at` spoiled. */
static void write_log(struct place *place, uint64_t at, spoil *how)
{
    _Alignas(64) char buffer[RECORD_MAX];
    struct fl_record *record = (struct fl_record *)buffer;
    struct fl_wal_writer *writer = &place->log.writer;
    cr_assert_eq(fl_wal_fixture_open(&place->log, place->host.path, NULL, 0), FL_OK);
    for (uint64_t n = 0; n < place->host.count; n++) {
        uint32_t bytes = make_record(place, n, record);
        if (n + 1 == at)
            how(record);
        void *room;
        enum fl_status status;
        while ((status = fl_wal_writer_reserve(writer, bytes, &room)) == FL_BUSY)
            cr_assert_eq(fl_wal_writer_wait(writer, true), FL_OK);
        cr_assert_eq(status, FL_OK);
        memcpy(room, record, bytes);
        fl_wal_writer_commit(writer, bytes, n + 1);
    }
    cr_assert_eq(fl_wal_fixture_close(&place->log), FL_OK);
}

static void count_progress(void *context, const char *phase, uint64_t done, uint64_t all)
{
    struct place *place = context;
    cr_assert_leq(done, all);
    place->checkpoint_calls += strcmp(phase, "checkpoint") == 0;
    place->log_calls += strcmp(phase, "log") == 0;
}

static enum fl_status recover(struct place *place, struct fl_recovery *out)
{
    struct fl_directory directory;
    cr_assert_eq(fl_directory_open(place->log.disk, place->host.path, FL_DIRECTORY_READ, &directory,
                                   &place->error),
                 FL_OK);
    struct fl_recovery_options options = {
        .directory = &directory,
        .engine = {.memory_bytes = UINT64_C(512) << 20, .rows_max = 1u << 18, .secret = 99},
        .progress = count_progress,
        .context = place,
    };
    place->error.message[0] = 0;
    enum fl_status status = fl_recovery_run(&options, out, &place->error);
    fl_directory_close(&directory);
    return status;
}

static void done(struct fl_recovery *out)
{
    fl_engine_destroy(out->engine);
    fl_checkpoint_manifest_free(&out->proved.manifest);
}

Test(recovery, the_log_gives_the_state_that_wrote_it)
{
    struct place place;
    struct fl_recovery out;
    begin(&place, 1500);
    write_log(&place, 0, NULL);
    cr_assert_eq(recover(&place, &out), FL_OK, "%s", place.error.message);
    cr_assert_eq(out.replayed_records, place.host.count);
    cr_assert_eq(fl_engine_digest_now(out.engine),
                 fl_host_fixture_model_digest(&place.host, place.host.count));
    cr_assert_gt(place.log_calls, 0);
    done(&out);
    end(&place);
}

/* The state at `seq` as a checkpoint on disk. */
static void write_checkpoint(struct place *place, uint64_t seq)
{
    struct fl_directory directory;
    struct fl_snapshot snapshot;
    struct fl_checkpoint *checkpoint;
    fl_host_fixture_model_digest(&place->host, seq);
    cr_assert_eq(
        fl_directory_open(place->log.disk, place->host.path, FL_DIRECTORY_READ, &directory, NULL),
        FL_OK);
    struct fl_checkpoint_config config = {.map_bytes = UINT64_C(1) << 30,
                                          .bytes_per_second = UINT64_MAX};
    memcpy(config.directory_id, directory.id, sizeof config.directory_id);
    cr_assert_eq(fl_checkpoint_open(place->host.path, &config, &checkpoint, NULL), FL_OK);
    cr_assert_eq(fl_snapshot_take(fl_engine_store(place->host.model), seq, &snapshot), FL_OK);
    cr_assert_eq(fl_checkpoint_write(checkpoint, &snapshot, &place->error), FL_OK);
    fl_snapshot_release(&snapshot);
    fl_checkpoint_close(checkpoint);
    fl_directory_close(&directory);
}

Test(recovery, only_what_follows_the_checkpoint_is_replayed)
{
    struct place place;
    struct fl_recovery out;
    begin(&place, 1500);
    write_log(&place, 0, NULL);
    uint64_t covered = place.host.count / 3 * 2;
    write_checkpoint(&place, covered);
    cr_assert_eq(recover(&place, &out), FL_OK, "%s", place.error.message);
    cr_assert(out.loaded);
    cr_assert_eq(out.proved.root.seq, covered);
    cr_assert_eq(out.replayed_records, place.host.count - covered);
    cr_assert_eq(fl_engine_digest_now(out.engine),
                 fl_host_fixture_model_digest(&place.host, place.host.count));
    done(&out);
    end(&place);
}

/* ---- records that are not what this program would have written
 * ---------------------------------------- */

static void spoil_state(struct fl_record *record)
{
    record->state_check ^= 1;
}

static void spoil_result(struct fl_record *record)
{
    ((char *)(record + 1) + record->command_bytes)[0] ^= 1;
}

static void spoil_kind(struct fl_record *record)
{
    record->kind = 77;
}

static void spoil_lengths(struct fl_record *record)
{
    record->command_bytes = UINT32_MAX - 8;
}

static void spoil_command(struct fl_record *record)
{
    struct fl_command *command = (struct fl_command *)(record + 1);
    command->type = 61;
}

static void spoil_semantics(struct fl_record *record)
{
    record->semantics_version = FL_SEMANTICS_VERSION + 1;
}

static void spoil_age(struct fl_record *record)
{
    record->semantics_version = FL_SEMANTICS_OLDEST - 1;
}

static void check_spoiled(uint64_t at, spoil *how, enum fl_status expected, const char *word)
{
    struct place place;
    struct fl_recovery out;
    char number[32];
    begin(&place, 300);
    write_log(&place, at, how);
    cr_assert_eq(recover(&place, &out), expected, "%s", place.error.message);
    snprintf(number, sizeof number, "record %lu", (unsigned long)at);
    cr_assert(strstr(place.error.message, number), "%s", place.error.message);
    cr_assert(strstr(place.error.message, "wal/00"), "%s", place.error.message);
    cr_assert(strstr(place.error.message, "offset"), "%s", place.error.message);
    cr_assert(strstr(place.error.message, word), "%s", place.error.message);
    cr_assert_leq(fl_engine_seq(out.engine), at, "nothing after it is applied");
    done(&out);
    end(&place);
}

Test(recovery, y1_replay_stops_at_the_first_record_that_differs)
{
    check_spoiled(700, spoil_state, FL_CORRUPT, "state");
    check_spoiled(1, spoil_state, FL_CORRUPT, "state");
    check_spoiled(701, spoil_result, FL_CORRUPT, "result");
}

Test(recovery, records_that_are_none_are_named)
{
    check_spoiled(650, spoil_kind, FL_CORRUPT, "not one of ours");
    check_spoiled(650, spoil_lengths, FL_CORRUPT, "not one of ours");
    check_spoiled(650, spoil_command, FL_CORRUPT, "not a command");
    check_spoiled(650, spoil_semantics, FL_NEWER_FORMAT, "newer");
    check_spoiled(650, spoil_age, FL_UNSUPPORTED, "older");
}
