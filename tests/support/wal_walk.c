#include "tests/support/wal_walk.h"

#include <stdio.h>
#include <string.h>

#include "storage/disk_sim.h"
#include "tests/support/recovery_walk.h"
#include "tests/support/wal_fixture.h"

#define SEGMENT (32u << 10)

static const char *const home = "/shop";
static char complaint_text[512];

struct run {
    struct fl_disk *disk;
    struct fl_wal_fixture log;
    uint64_t random;
    uint64_t appended, acknowledged;
    uint64_t proven; /* by the last block that was written, */
    uint64_t last_segment, last_offset; /* which stands here */
    uint64_t root;   /* what a checkpoint covers: segments up to it may have been archived */
    bool is_open;
};

static uint64_t draw(struct run *run)
{
    run->random = run->random * 6364136223846793005u + 1442695040888963407u;
    return run->random >> 33;
}

static void fresh(struct run *run, struct fl_disk *disk, uint64_t seed)
{
    memset(run, 0, sizeof *run);
    run->disk = run->log.disk = disk;
    run->random = seed;
    run->log.segment_bytes = SEGMENT;
    run->log.record_bytes_max = 700;
}

static enum fl_status open_log(struct run *run)
{
    enum fl_status status = fl_wal_fixture_open(&run->log, home, &run->root, run->root ? 1 : 0);
    run->is_open = status == FL_OK;
    return status;
}

static void drop(struct run *run)
{
    if (run->is_open)
        fl_wal_fixture_drop(&run->log);
    run->is_open = false;
}

/* What happens between two records, as the dice say: nothing, a write begun, ended, waited for, a
 * proof, segments to the archive. */
static enum fl_status between(struct run *run)
{
    struct fl_wal_writer *writer = &run->log.writer;
    bool more;
    uint32_t moved;
    switch (draw(run) % 8) {
    case 0:
    case 1:
        return fl_wal_writer_submit(writer);
    case 2:
    case 3:
        return fl_wal_writer_reap(writer);
    case 4:
        return fl_wal_writer_flush(writer);
    case 5:
        return fl_wal_writer_proof(writer);
    case 6:
        return fl_wal_segments_step(&run->log.segments, &more, NULL);
    default:
        if (draw(run) % 8)
            return FL_OK;
        run->root = writer->durable_seq;
        return fl_wal_segments_retire(&run->log.segments, run->root, 2, &moved, NULL);
    }
}

static void note_last_block(struct run *run)
{
    const struct fl_wal_writer *writer = &run->log.writer;
    if (writer->blocks_written == 0)
        return;
    const struct fl_wal_block *block = &writer->blocks[(writer->oldest - 1) % FL_WAL_BLOCKS];
    run->proven = block->first_seq - 1; /* not what the writer says: it may be wrong */
    run->last_segment = block->segment;
    run->last_offset = block->offset;
}

/* Appends until `count` more are there or the world fails. Only what the writer calls durable
 * counts as acknowledged. */
static enum fl_status append(struct run *run, uint64_t count)
{
    enum fl_status status = FL_OK;
    for (uint64_t i = 0; i < count && status == FL_OK; i++) {
        status = fl_wal_fixture_append(&run->log);
        if (status == FL_OK)
            status = between(run);
        run->appended = run->log.writer.appended_seq;
        run->acknowledged = run->log.writer.durable_seq;
        note_last_block(run);
    }
    return status;
}

static enum fl_status script(struct run *run, uint64_t appends)
{
    struct fl_error error = {.status = FL_OK};
    FL_TRY(fl_directory_create(run->disk, home, &error));
    for (int session = 0; session < 3; session++) {
        FL_TRY(open_log(run));
        enum fl_status status = append(run, appends / 3 + 1);
        if (status == FL_OK && session < 2) {
            status = fl_wal_fixture_close(&run->log);
            run->is_open = false;
            run->acknowledged = status == FL_OK ? run->appended : run->log.writer.durable_seq;
        }
        FL_TRY(status);
    }
    return FL_OK;
}

/* Opens what a crash left. A directory that was never completed is made again. */
static enum fl_status recover(struct run *run)
{
    enum fl_status status = open_log(run);
    if (status == FL_UNREADABLE && run->acknowledged == 0) {
        FL_TRY(fl_directory_create(run->disk, home, &run->log.error));
        status = open_log(run);
    }
    return status;
}

/* The oracle. Null: all is well; else what is not. */
static const char *judge(const struct run *before, struct run *after)
{
    const struct fl_wal_fixture *log = &after->log;
    enum fl_status status = recover(after);
    if (status == FL_IO_ERROR && fl_disk_sim_is_off(after->disk))
        return NULL;
    if (status != FL_OK) { /* the run goes before its complaint does */
        snprintf(complaint_text, sizeof complaint_text, "%s", after->log.error.message);
        return complaint_text;
    }
    if (log->read_wrong)
        return "a record is not what was appended";
    if (log->verdict.last_seq < before->acknowledged)
        return "an acknowledged record is lost";
    if (log->verdict.last_seq > before->appended)
        return "a record appeared from nowhere";
    if (log->read_count > 0 && log->read_last != log->verdict.last_seq)
        return "the last record was not handed out";
    return NULL;
}

static void take_over(struct run *after, const struct run *before, struct fl_disk *disk)
{
    fresh(after, disk, before->random);
    after->root = before->root;
    after->acknowledged = before->acknowledged;
    after->appended = before->appended;
    after->proven = before->proven;
}

/* After recovery the log works, crashes again at any operation, and is recovered again (O25). */
static const char *live_on(struct run *run, uint64_t seed)
{
    run->acknowledged = run->appended = run->log.verdict.last_seq;
    struct fl_disk_sim_faults faults = {.crash_at_op = fl_disk_sim_ops(run->disk) + 1 + seed % 12};
    fl_disk_sim_set_faults(run->disk, &faults);
    enum fl_status ignored = append(run, 6);
    (void)ignored;
    drop(run);
    struct run again;
    take_over(&again, run, fl_disk_sim_image_random(run->disk, seed));
    const char *complaint = judge(run, &again);
    if (!complaint && append(&again, 3) != FL_OK)
        complaint = "the log cannot be used after the second crash";
    drop(&again);
    fl_disk_close(again.disk);
    return complaint;
}

static const char *judge_on(const void *context, struct fl_disk *disk)
{
    const struct run *before = context;
    struct run after;
    take_over(&after, before, disk);
    const char *complaint = judge(before, &after);
    drop(&after);
    return complaint;
}

/* Crashes recovery itself at each of its operations. */
static const char *crash_recovery(const struct run *before, uint32_t image, uint64_t seed)
{
    return fl_recovery_walk(before->disk, image, seed,
                            &(struct fl_recovery_judge){judge_on, before});
}

static const char *try_image(const struct run *before, uint32_t image, uint64_t seed,
                             struct fl_wal_tally *tally)
{
    struct run after;
    take_over(&after, before, fl_disk_sim_image(before->disk, image, seed));
    const char *complaint = judge(before, &after);
    bool was_cut = after.log.verdict.decision == FL_WAL_CASE_CUT;
    tally->images++;
    tally->cuts += was_cut;
    tally->recovered_more += after.log.verdict.last_seq > before->acknowledged;
    if (!complaint)
        complaint = live_on(&after, seed);
    drop(&after);
    fl_disk_close(after.disk);
    if (!complaint && was_cut)
        complaint = crash_recovery(before, image, seed);
    return complaint;
}

/* The process dies and the machine lives: what the next one reads and answers from must be durable,
 * so a power cut right after its opening loses none of it. */
static const char *die_and_cut_power(struct run *before, uint64_t seed)
{
    struct run second, third;
    fl_disk_sim_revive(before->disk);
    take_over(&second, before, before->disk);
    const char *complaint = judge(before, &second);
    if (complaint)
        return complaint;
    second.acknowledged = second.appended = second.log.verdict.last_seq;
    /* Every second time the power lasts for a few operations more. */
    fl_disk_sim_set_faults(
        second.disk, &(struct fl_disk_sim_faults){.crash_at_op = fl_disk_sim_ops(second.disk) + 1 +
                                                                 seed / 2 * 7 % 30});
    enum fl_status ignored = seed % 2 ? append(&second, 200) : FL_OK;
    (void)ignored;
    take_over(&third, &second, fl_disk_sim_image(second.disk, 0, seed));
    drop(&second);
    complaint = judge(&second, &third);
    drop(&third);
    fl_disk_close(third.disk);
    return complaint;
}

static const char *at_image(const char *complaint, uint64_t seed, uint64_t op, uint32_t image)
{
    if (!complaint)
        return NULL;
    char what[300];
    snprintf(what, sizeof what, "%s", complaint);
    snprintf(complaint_text, sizeof complaint_text, "seed %llu, operation %llu, image %u: %s",
             (unsigned long long)seed, (unsigned long long)op, image, what);
    return complaint_text;
}

/* Runs the script until the power goes at operation `op`; its status. */
static enum fl_status run_until(struct run *run, uint64_t op, uint64_t seed, uint64_t appends)
{
    struct fl_disk *disk = NULL;
    FL_TRY(fl_disk_sim_create(seed, &disk));
    fresh(run, disk, seed);
    struct fl_disk_sim_faults faults = {.crash_at_op = op, .late_ppm = 300000};
    fl_disk_sim_set_faults(disk, &faults);
    enum fl_status status = script(run, appends);
    drop(run);
    return status;
}

const char *fl_wal_walk_crashes(uint64_t seed, uint64_t appends, struct fl_wal_tally *tally)
{
    const char *complaint = NULL;
    bool crashed = true;
    for (uint64_t op = 1; crashed && !complaint; op++) {
        struct run run;
        enum fl_status status = run_until(&run, op, seed, appends);
        crashed = fl_disk_sim_is_off(run.disk);
        if (!crashed && status != FL_OK)
            complaint = at_image("the run failed without a fault", seed, op, 0);
        uint32_t images = fl_disk_sim_image_count(run.disk);
        for (uint32_t image = 0; image < images && !complaint; image++)
            complaint =
                at_image(try_image(&run, image, seed + op * 1000 + image, tally), seed, op, image);
        if (!complaint)
            complaint = at_image(die_and_cut_power(&run, seed + op), seed, op, images);
        fl_disk_close(run.disk);
        tally->crashes += crashed;
    }
    return complaint;
}

/* ---- runs with faults ---- */

enum plight { PLIGHT_ERRORS, PLIGHT_FULL, PLIGHT_GARBLED, PLIGHT_LOST, PLIGHT_UNREADABLE, PLIGHTS };

static struct fl_disk_sim_faults faults_of(struct run *run, enum plight plight)
{
    struct fl_disk_sim_faults faults = {.late_ppm = 300000,
                                        .short_write_ppm = 50000,
                                        .interrupted_ppm = 50000,
                                        .again_ppm = 50000,
                                        .read_error_ppm = 1000};
    faults.no_direct = draw(run) % 3 == 0;
    if (draw(run) % 2)
        faults.crash_at_op = 1 + draw(run) % 160;
    if (plight == PLIGHT_ERRORS)
        faults.write_error_ppm = faults.sync_error_ppm = (uint32_t)(draw(run) % 20000);
    if (plight == PLIGHT_FULL)
        faults.space_bytes = 40000 + draw(run) % 200000;
    if (plight == PLIGHT_LOST) {
        faults.lose_ppm = 30000;
        faults.lose_most = 1;
    }
    return faults;
}

/* A session that a full device interrupts: the record was not taken; with space back it goes on. */
static enum fl_status append_through_full(struct run *run, struct fl_disk_sim_faults *faults,
                                          struct fl_wal_tally *tally)
{
    enum fl_status status = FL_OK;
    for (int tries = 0; tries < 40; tries++) {
        status = append(run, 8);
        if (status != FL_NO_SPACE)
            continue;
        tally->no_space++;
        faults->space_bytes += SEGMENT;
        fl_disk_sim_set_faults(run->disk, faults);
        bool more;
        status = fl_wal_segments_step(&run->log.segments, &more, NULL);
        if (status != FL_OK && status != FL_NO_SPACE)
            return status;
    }
    return status;
}

static enum fl_status faulty_script(struct run *run, struct fl_disk_sim_faults *faults,
                                    struct fl_wal_tally *tally)
{
    FL_TRY(fl_directory_create(run->disk, home, &run->log.error));
    fl_disk_sim_set_faults(run->disk, faults);
    FL_TRY(open_log(run));
    return append_through_full(run, faults, tally);
}

/* One block's worth of rot, anywhere in the log; every third time in its last block. */
static void rot(const struct run *before, struct run *after, enum plight plight)
{
    char path[64];
    bool last = before->last_segment && draw(after) % 3 == 0;
    uint64_t segment = last ? before->last_segment : 1 + draw(after) % 4;
    uint64_t offset = last ? before->last_offset : draw(after) % (SEGMENT / 512) * 512;
    snprintf(path, sizeof path, "%s/wal/%010llu.wal", home, (unsigned long long)segment);
    if (plight == PLIGHT_GARBLED)
        fl_disk_sim_damage(after->disk, path, offset + draw(after) % 500, 1 + draw(after) % 12,
                           draw(after));
    else
        fl_disk_sim_break_sector(after->disk, path, offset);
}

/* The oracle of a device that lied or rotted. */
static const char *judge_damaged(const struct run *before, struct run *after,
                                 struct fl_wal_tally *tally)
{
    uint64_t digest = fl_disk_sim_digest(after->disk);
    const char *complaint = judge(before, after);
    const struct fl_wal_fixture *log = &after->log;
    enum fl_status status = log->error.status;
    if (!after->is_open) {
        tally->refused++;
        if (status != FL_CORRUPT && status != FL_IO_ERROR)
            return complaint ? complaint : "neither opened nor refused";
        if (!strstr(log->error.message, ".wal")) {
            static char text[300];
            snprintf(text, sizeof text, "a refusal that names no file: %.200s", log->error.message);
            return text;
        }
        return fl_disk_sim_digest(after->disk) == digest ? NULL : "a refusal changed something";
    }
    bool lost_last = log->verdict.last_seq < before->acknowledged &&
                     log->verdict.last_seq >= before->proven && !log->read_wrong;
    tally->rot += lost_last;
    return lost_last ? NULL : complaint;
}

/* A read that fails for once is repeated by the disk; twice in a row is a refusal, and the next try
 * opens. */
static const char *judge_sound(const struct run *before, struct run *after,
                               struct fl_wal_tally *tally)
{
    const char *complaint = judge(before, after);
    tally->cuts += after->is_open && after->log.verdict.decision == FL_WAL_CASE_CUT;
    return complaint;
}

const char *fl_wal_walk_seed(uint64_t seed, struct fl_wal_tally *tally)
{
    struct fl_disk *disk = NULL;
    if (fl_disk_sim_create(seed, &disk) != FL_OK)
        return "no disk";
    struct run run, after;
    fresh(&run, disk, seed * 2654435761u + 1);
    enum plight plight = (enum plight)(draw(&run) % PLIGHTS);
    struct fl_disk_sim_faults faults = faults_of(&run, plight);
    enum fl_status status = faulty_script(&run, &faults, tally);
    tally->failed += status == FL_IO_ERROR && !fl_disk_sim_is_off(disk);
    drop(&run);
    take_over(&after, &run, fl_disk_sim_image_random(disk, seed));
    bool damaged = plight == PLIGHT_GARBLED || plight == PLIGHT_UNREADABLE;
    if (damaged)
        rot(&run, &after, plight);
    tally->images++;
    const char *complaint = damaged || plight == PLIGHT_LOST ? judge_damaged(&run, &after, tally)
                                                             : judge_sound(&run, &after, tally);
    if (!complaint && after.is_open && plight != PLIGHT_UNREADABLE)
        complaint = live_on(&after, seed);
    drop(&after);
    fl_disk_close(after.disk);
    fl_disk_close(disk);
    return at_image(complaint, seed, plight, 0);
}

const char *fl_wal_walk_liar(uint64_t seed)
{
    struct fl_disk *disk = NULL;
    if (fl_disk_sim_create(seed, &disk) != FL_OK)
        return NULL;
    struct run run, after;
    fresh(&run, disk, seed);
    struct fl_disk_sim_faults faults = {.lose_ppm = 1000000};
    fl_disk_sim_set_faults(disk, &faults);
    enum fl_status ignored = script(&run, 50);
    (void)ignored;
    drop(&run);
    take_over(&after, &run, fl_disk_sim_image(disk, 0, seed));
    const char *complaint = at_image(judge(&run, &after), seed, 0, 0);
    drop(&after);
    fl_disk_close(after.disk);
    fl_disk_close(disk);
    return complaint;
}
