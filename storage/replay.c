#include "storage/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine/record.h"

#define STAGED_MAX 16
#define STAGING_BYTES (FL_RECORD_BYTES_MAX * 2)

enum fl_status fl_replay_open(struct fl_replay *replay, struct fl_engine *engine)
{
    memset(replay, 0, sizeof *replay);
    replay->engine = engine;
    replay->from_seq = fl_engine_seq(engine) + 1;
    replay->staging = aligned_alloc(64, STAGING_BYTES);
    return replay->staging ? FL_OK : FL_NO_MEMORY;
}

void fl_replay_close(struct fl_replay *replay)
{
    free(replay->staging);
    replay->staging = NULL;
}

static enum fl_status differs(struct fl_replay *replay, uint64_t seq, const char *what)
{
    return fl_error_set(&replay->error, FL_CORRUPT,
                        "%s near offset %" PRIu64 ": record %" PRIu64
                        " applied again gives another %s; this program is not the one that wrote it",
                        replay->file, replay->offset, seq, what);
}

/* Lengths come from the file: each is checked before it is used. */
static enum fl_status record_check(struct fl_replay *replay, const struct fl_wal_entry *entry)
{
    const struct fl_record *record = entry->data;
    const char *field;
    if (entry->bytes < sizeof *record || record->bytes > entry->bytes ||
        record->kind != FL_RECORD_COMMAND || record->seq != entry->seq ||
        (uint64_t)sizeof *record + record->command_bytes + record->result_bytes > entry->bytes)
        return fl_error_set(&replay->error, FL_CORRUPT, "%s, offset %" PRIu64
                            ": record %" PRIu64 " is not one of ours",
                            entry->file, entry->offset, entry->seq);
    if (record->semantics_version > FL_SEMANTICS_VERSION)
        return fl_error_set(&replay->error, FL_NEWER_FORMAT,
                            "%s, offset %" PRIu64 ": record %" PRIu64
                            " has the semantics of a newer florin (%u, this one knows %u)",
                            entry->file, entry->offset, entry->seq, record->semantics_version,
                            FL_SEMANTICS_VERSION);
    if (fl_command_check(record + 1, record->command_bytes, &field) != FL_OK)
        return fl_error_set(&replay->error, FL_CORRUPT, "%s, offset %" PRIu64 ": record %" PRIu64
                            ", field %s: not a command",
                            entry->file, entry->offset, entry->seq, field);
    return FL_OK;
}

static enum fl_status apply_one(struct fl_replay *replay, struct fl_record *record)
{
    struct fl_command *command = (struct fl_command *)(record + 1);
    struct fl_result result;
    char packed[FL_RESULT_PACKED_MAX];
    /* The result stands behind the slack, where the command may grow. */
    const char *stored = (const char *)command + record->command_bytes + FL_COMMAND_SLACK;
    uint64_t seq = record->seq;
    if (seq != fl_engine_seq(replay->engine) + 1)
        return differs(replay, seq, "sequence");
    result.tag = 0;
    if (fl_engine_apply(replay->engine, command, &result, NULL) != FL_OK)
        return differs(replay, seq, "decision");
    size_t bytes = fl_result_pack(&result, packed);
    if (bytes != record->result_bytes || memcmp(packed, stored, bytes) != 0)
        return differs(replay, seq, "result");
    if (fl_engine_state_check(replay->engine) != record->state_check)
        return differs(replay, seq, "state");
    replay->applied++;
    return FL_OK;
}

enum fl_status fl_replay_finish(struct fl_replay *replay)
{
    const struct fl_command *commands[STAGED_MAX];
    for (uint32_t i = 0; i < replay->staged; i++)
        commands[i] = (const struct fl_command *)(replay->staging + replay->staged_offset[i] +
                                                  sizeof(struct fl_record));
    fl_engine_prefetch(replay->engine, commands, replay->staged);
    enum fl_status status = FL_OK;
    for (uint32_t i = 0; i < replay->staged && status == FL_OK; i++)
        status = apply_one(replay,
                           (struct fl_record *)(replay->staging + replay->staged_offset[i]));
    replay->staged = 0;
    replay->staged_bytes = 0;
    return status;
}

/* Header and command, the slack, the result. */
static void stage(struct fl_replay *replay, const struct fl_record *record)
{
    char *at = replay->staging + replay->staged_bytes;
    size_t front = sizeof *record + record->command_bytes;
    memcpy(at, record, front);
    memset(at + front, 0, FL_COMMAND_SLACK);
    memcpy(at + front + FL_COMMAND_SLACK, (const char *)record + front, record->result_bytes);
    replay->staged_offset[replay->staged++] = replay->staged_bytes;
    replay->staged_bytes += (front + FL_COMMAND_SLACK + record->result_bytes + 63) & ~UINT64_C(63);
}

enum fl_status fl_replay_record(void *context, const struct fl_wal_entry *entry)
{
    struct fl_replay *replay = context;
    if (entry->seq < replay->from_seq)
        return FL_OK;
    snprintf(replay->file, sizeof replay->file, "%s", entry->file);
    replay->offset = entry->offset;
    FL_TRY(record_check(replay, entry));
    if (replay->staged == STAGED_MAX ||
        replay->staged_bytes + entry->bytes + FL_COMMAND_SLACK + 64 > STAGING_BYTES)
        FL_TRY(fl_replay_finish(replay));
    stage(replay, entry->data);
    return FL_OK;
}
