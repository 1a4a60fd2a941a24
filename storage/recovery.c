#include "storage/recovery.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/contract.h"
#include "storage/checkpoint_reader.h"
#include "storage/replay.h"

struct recovering {
    const struct fl_recovery_options *options;
    struct fl_recovery *out;
    struct fl_replay replay;
    struct fl_checkpoint_root roots[FL_CHECKPOINT_SIDES];
    bool rooted[FL_CHECKPOINT_SIDES];
    struct fl_error *error;
};

static const char *checkpoints(const struct recovering *r)
{
    return r->options->checkpoints ? r->options->checkpoints : r->options->directory->path;
}

static enum fl_status engine_make(struct recovering *r)
{
    fl_engine_destroy(r->out->engine);
    r->out->engine = NULL;
    enum fl_status status = fl_engine_create(&r->options->engine, &r->out->engine);
    if (status == FL_OK)
        return FL_OK;
    return fl_error_set(r->error, status, "no address space for %" PRIu64 " MiB of tables",
                        r->options->engine.memory_bytes >> 20);
}

/* A damaged checkpoint is passed over and remembered; anything else ends the opening. */
static enum fl_status pass_over(struct recovering *r, enum fl_status status,
                                const struct fl_error *error)
{
    if (status == FL_CORRUPT)
        snprintf(r->out->set_aside, sizeof r->out->set_aside, "%s", error->message);
    if (status == FL_OK || status == FL_NOT_FOUND || status == FL_CORRUPT)
        return FL_OK;
    if (r->error)
        *r->error = *error;
    return status;
}

static enum fl_status roots_read(struct recovering *r)
{
    for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
        struct fl_error error = {.status = FL_OK};
        enum fl_status status =
            fl_checkpoint_read_root(checkpoints(r), (enum fl_checkpoint_side)side,
                                    r->options->directory->id, &r->roots[side], &error);
        r->rooted[side] = status == FL_OK;
        if (r->rooted[side] && r->roots[side].checkpoint_id > r->out->checkpoint_id_max)
            r->out->checkpoint_id_max = r->roots[side].checkpoint_id;
        FL_TRY(pass_over(r, status, &error));
    }
    return FL_OK;
}

static void load_progress(void *context, uint64_t done, uint64_t all)
{
    const struct recovering *r = context;
    if (r->options->progress)
        r->options->progress(r->options->context, "checkpoint", done, all);
}

static enum fl_status side_load(struct recovering *r, enum fl_checkpoint_side side)
{
    struct fl_error error = {.status = FL_OK};
    FL_TRY(engine_make(r));
    enum fl_status status = fl_checkpoint_load(
        checkpoints(r), side, r->options->directory->id,
        fl_engine_store(r->out->engine), &r->out->proved, load_progress, r, &error);
    if (status == FL_OK && fl_engine_seq(r->out->engine) != r->out->proved.root.seq)
        status = fl_error_set(&error, FL_CORRUPT, "checkpoint-%c: its root and its book differ",
                              'a' + (int)side);
    FL_TRY(pass_over(r, status, &error));
    if (status != FL_OK)
        return FL_OK;
    r->out->loaded = true;
    r->out->side = side;
    fl_engine_rebuild(r->out->engine);
    return FL_OK;
}

/* V1 */
static enum fl_status checkpoint_load(struct recovering *r)
{
    FL_TRY(roots_read(r));
    bool a_first = r->rooted[FL_CHECKPOINT_A] &&
                   (!r->rooted[FL_CHECKPOINT_B] || r->roots[0].seq >= r->roots[1].seq);
    enum fl_checkpoint_side order[2] = {a_first ? FL_CHECKPOINT_A : FL_CHECKPOINT_B,
                                        a_first ? FL_CHECKPOINT_B : FL_CHECKPOINT_A};
    for (unsigned i = 0; i < 2 && !r->out->loaded; i++) {
        if (r->rooted[order[i]])
            FL_TRY(side_load(r, order[i]));
    }
    if (!r->out->loaded)
        return engine_make(r);
    return FL_OK;
}

static void wal_progress(void *context, uint64_t done, uint64_t all)
{
    const struct recovering *r = context;
    if (r->options->progress)
        r->options->progress(r->options->context, "log", done, all);
}

static enum fl_status wal_record(void *context, const struct fl_wal_entry *entry)
{
    struct recovering *r = context;
    r->out->replayed_bytes += entry->bytes;
    r->out->replayed_records++;
    return fl_replay_record(&r->replay, entry);
}

/* V2, the second half. The first is the reader's: the log begins where the loaded root ends. */
static enum fl_status roots_are_reached(struct recovering *r)
{
    for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
        if (r->rooted[side] && r->out->verdict.last_seq < r->roots[side].seq)
            return fl_error_set(r->error, FL_CORRUPT,
                                "the log ends at sequence %" PRIu64
                                ", but checkpoint-%c covers %" PRIu64,
                                r->out->verdict.last_seq, 'a' + (int)side, r->roots[side].seq);
    }
    return FL_OK;
}

static enum fl_status wal_read(struct recovering *r, uint64_t upto_seq, bool apply)
{
    uint64_t root = r->out->loaded ? r->out->proved.root.seq : 0;
    struct fl_wal_options options = {
        .roots = &root,
        .root_count = r->out->loaded,
        .from_seq = root + 1,
        .upto_seq = upto_seq,
        .record = apply ? wal_record : NULL,
        .progress = apply ? wal_progress : NULL,
        .context = r,
    };
    FL_TRY(fl_wal_read(r->options->directory, &options, &r->out->verdict, r->error));
    return roots_are_reached(r);
}

static enum fl_status wal_replay(struct recovering *r, uint64_t upto_seq)
{
    enum fl_status status = fl_replay_open(&r->replay, r->out->engine, r->options->alone);
    if (status == FL_OK)
        status = wal_read(r, upto_seq, true);
    if (status == FL_OK)
        status = fl_replay_finish(&r->replay);
    fl_replay_close(&r->replay);
    const struct fl_error *error = fl_replay_error(&r->replay);
    if (status != FL_OK && error->status != FL_OK && r->error)
        *r->error = *error;
    return status;
}

enum fl_status fl_recovery_run(const struct fl_recovery_options *options, struct fl_recovery *out,
                               struct fl_error *error)
{
    struct recovering r = {.options = options, .out = out, .error = error};
    memset(out, 0, sizeof *out);
    FL_TRY(checkpoint_load(&r));
    if (!options->beside_writer)
        return wal_replay(&r, 0);
    FL_TRY(wal_read(&r, 0, false));
    uint64_t upto = out->verdict.proven_seq;
    if (upto <= fl_engine_seq(out->engine))
        return FL_OK; /* nothing above the checkpoint is certain yet */
    return wal_replay(&r, upto);
}
