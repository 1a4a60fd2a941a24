#include "tests/support/engine_walk.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "storage/disk_sim.h"
#include "storage/host_internal.h"
#include "tests/support/host_fixture.h"
#include "tests/support/recovery_walk.h"
#include "tests/support/wal_fixture.h"

#define SEGMENT          (32u << 10)
#define CHECKPOINT_BYTES (100u << 10)
#define WINDOW           8 /* commands sent and not answered, if the walk says nothing else */
#define SESSIONS         3
#define STEPS_AFTER      6 /* of a process whose disk is gone: it must answer nothing more */

static const char *const home = "/shop";

struct run {
    struct fl_engine_walk *walk;
    const struct fl_engine_script *script;
    struct fl_disk *disk;
    struct fl_host *host;
    struct fl_producer *producer;
    struct fl_producer *witness; /* another, who asks again for what is applied just now */
    struct fl_error error;
    uint64_t random;
    uint32_t window;
    uint32_t sent, answered;            /* steps of the script */
    uint64_t acknowledged;              /* sequence that the answers stand on */
    uint64_t submitted;                 /* the highest sequence that can exist */
    uint64_t proven;                    /* by the last block that was written, */
    uint64_t last_segment, last_offset; /* which stands here */
    struct fl_script_answer answer;
    bool failed;          /* the host says that writing is over */
    uint32_t interrupted; /* the step whose job met a full device */
    bool full;            /* an answer said no space */
    bool writes_checkpoints;
    const char *wrong;
};

static char complaint_text[600];

static const char *complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint_text, sizeof complaint_text, format, arguments);
    va_end(arguments);
    return complaint_text;
}

static uint64_t draw(struct run *run)
{
    run->random = run->random * 6364136223846793005u + 1442695040888963407u;
    return run->random >> 33;
}

static void fresh(struct run *run, struct fl_engine_walk *walk, struct fl_disk *disk, uint64_t seed)
{
    *run = (struct run){.walk = walk,
                        .script = walk->script,
                        .disk = disk,
                        .random = seed,
                        .interrupted = UINT32_MAX,
                        .window = walk->window ? walk->window : WINDOW};
}

/* Thousands of hosts, one after the other: what one gives back the next takes, without the kernel.
 */
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

static struct fl_host_config config_of(const struct run *run)
{
    return (struct fl_host_config){
        .memory_bytes = run->script->config.memory_bytes,
        .rows_max = run->script->config.rows_max,
        .segment_bytes = SEGMENT,
        .checkpoint_bytes = run->writes_checkpoints ? CHECKPOINT_BYTES : 0,
        .disk = run->disk,
        .checkpoints = run->walk->checkpoints ? run->walk->checkpoints : "/nowhere",
        .stepped = true,
    };
}

static enum fl_status open_host(struct run *run)
{
    keep_memory();
    const struct fl_host_config config = config_of(run);
    run->failed = false;
    run->error = (struct fl_error){.status = FL_OK};
    FL_TRY(fl_host_open(home, &config, &run->host, &run->error));
    FL_TRY(fl_producer_open(run->host, &run->producer));
    return fl_producer_open(run->host, &run->witness);
}

static enum fl_status close_host(struct run *run)
{
    if (!run->host)
        return FL_OK;
    enum fl_status status = fl_host_close(run->host, &run->error);
    run->host = NULL;
    return status;
}

/* The process is gone: whatever it would still do, the disk does not hear of it. */
static void drop(struct run *run)
{
    if (run->host && !fl_disk_sim_is_off(run->disk))
        fl_disk_sim_set_faults(run->disk, &(struct fl_disk_sim_faults){.crash_at_op = 1});
    enum fl_status ignored = close_host(run);
    (void)ignored;
    free(run->answer.bytes);
    run->answer = (struct fl_script_answer){.bytes = NULL};
}

/* ---- sending and receiving ---- */

static void take_answer(struct run *run, const struct fl_result *result)
{
    const struct fl_script_step *step = &run->script->steps[run->answered];
    if (result->tag != run->answered)
        run->wrong = "an answer out of turn";
    else if (result->status == FL_DUPLICATE && run->interrupted == run->answered)
        run->interrupted = UINT32_MAX; /* its job is done now */
    else if (run->answer.used != step->answer.used ||
             memcmp(run->answer.bytes, step->answer.bytes, step->answer.used) != 0)
        run->wrong =
            complain("command %u is answered %s, in memory %s, or with other fields", run->answered,
                     fl_status_name(result->status), fl_status_name(step->status));
    if (step->seq > run->acknowledged)
        run->acknowledged = step->seq;
    run->answered++;
}

/* No space: it was not taken, or the job that it began was interrupted (O4). With a window of one
 * it is the last that was sent. */
static void take_back(struct run *run)
{
    run->sent--;
    if (run->script->steps[run->sent].has_job)
        run->interrupted = run->sent;
}

static void take_answers(struct run *run)
{
    const struct fl_result *result;
    while (!run->failed && (result = fl_producer_receive(run->producer, false)) != NULL) {
        bool is_member = result->flags & FL_FLAG_MEMBER;
        run->failed = !is_member && result->status == FL_IO_ERROR;
        run->full = !is_member && result->status == FL_NO_SPACE;
        if (run->failed)
            return;
        fl_script_answer_add(&run->answer, result);
        if (is_member)
            continue;
        if (run->full)
            take_back(run);
        else
            take_answer(run, result);
        run->answer.used = 0;
    }
}

static void send_one(struct run *run)
{
    const struct fl_script_step *step = &run->script->steps[run->sent];
    enum fl_status status = fl_producer_send(run->producer, step->command, run->sent);
    if (status == FL_IO_ERROR)
        run->failed = true;
    if (status != FL_OK)
        return;
    run->sent++;
    if (step->seq > run->submitted)
        run->submitted = step->seq;
}

/* A duplicate stands on the record that it is a duplicate of, though another's (O1). */
static void ask_as_witness(struct run *run)
{
    uint64_t seq = fl_engine_seq(run->host->engine);
    uint32_t done = run->script->steps_done[seq];
    if (done == 0 || fl_producer_under_way(run->witness) > 0 || run->failed)
        return;
    const struct fl_script_step *step = &run->script->steps[done - 1];
    if (!step->has_job) /* it would wait for the job */
        (void)!fl_producer_send(run->witness, step->command, seq);
}

static void hear_witness(struct run *run)
{
    const struct fl_result *result;
    while (!run->failed && (result = fl_producer_receive(run->witness, false)) != NULL) {
        if (result->flags & FL_FLAG_MEMBER)
            continue;
        if (result->status == FL_DUPLICATE && result->tag > run->acknowledged)
            run->acknowledged = result->tag;
        if (result->status == FL_IO_ERROR)
            run->failed = true;
        else if (result->status != FL_DUPLICATE && result->status != FL_NO_SPACE)
            run->wrong = complain("sent by another, the record %" PRIu64 " is answered %s",
                                  result->tag, fl_status_name(result->status));
    }
}

static void note_last_block(struct run *run)
{
    const struct fl_wal_writer *writer = &run->host->writer;
    if (writer->blocks_written == 0)
        return;
    const struct fl_wal_block *block = &writer->blocks[(writer->oldest - 1) % FL_WAL_BLOCKS];
    run->proven = block->first_seq - 1; /* not what the writer says: it may be wrong */
    run->last_segment = block->segment;
    run->last_offset = block->offset;
}

/* One thing that one of the threads, or the sender, does. */
static void step(struct run *run, uint32_t to)
{
    switch (draw(run) % 8) {
    case 0:
    case 1:
        for (uint64_t n = 1 + draw(run) % (run->window / 4 + 1); n > 0; n--)
            if (run->sent < to && run->sent - run->answered < run->window)
                send_one(run);
        return;
    case 2:
        (void)fl_host_step(run->host, FL_HOST_PREPARE);
        return;
    case 3:
        (void)fl_host_step(run->host, FL_HOST_CHECKPOINT);
        ask_as_witness(run);
        return;
    default:
        (void)fl_host_step(run->host, FL_HOST_APPLY);
        note_last_block(run);
    }
    take_answers(run);
    hear_witness(run);
}

/* Sends and receives until `to` commands are answered, the host or the power fails, or something is
 * wrong. */
static void drive(struct run *run, uint32_t to)
{
    uint32_t after = 0;
    run->full = false;
    while (run->answered < to && !run->wrong && !run->failed && !run->full && after < STEPS_AFTER) {
        step(run, to);
        after += fl_disk_sim_is_off(run->disk);
    }
}

static enum fl_status script_run(struct run *run)
{
    FL_TRY(fl_directory_create(run->disk, home, &run->error));
    for (uint32_t session = 1; session <= SESSIONS && !run->wrong; session++) {
        FL_TRY(open_host(run));
        drive(run, run->script->count * session / SESSIONS);
        if (run->failed || fl_disk_sim_is_off(run->disk))
            return FL_IO_ERROR;
        FL_TRY(close_host(run));
    }
    return FL_OK;
}

/* ---- the oracle ---- */

/* A reader finds what the next writer will, and changes nothing (V3). */
static const char *read_first(struct run *run, uint64_t *seq_out)
{
    const struct fl_host_config config = config_of(run);
    struct fl_host *reader;
    uint64_t before = fl_disk_sim_digest(run->disk);
    *seq_out = UINT64_MAX; /* what cannot be read is judged by the writer's opening */
    if (fl_host_open_reading(home, &config, &reader, &run->error) != FL_OK)
        return NULL;
    *seq_out = fl_engine_seq(fl_host_engine(reader));
    uint64_t digest = fl_engine_digest_now(fl_host_engine(reader));
    if (fl_host_close(reader, &run->error) != FL_OK)
        return "a reader cannot be closed";
    if (digest != run->script->digests[*seq_out])
        return "a reader finds another state than memory";
    return fl_disk_sim_digest(run->disk) == before ? NULL : "a reader changed something";
}

/* Opens what a crash left. A directory that was never completed is made again. */
static enum fl_status recover(struct run *run)
{
    enum fl_status status = open_host(run);
    if (status == FL_UNREADABLE && run->acknowledged == 0) {
        FL_TRY(fl_directory_create(run->disk, home, &run->error));
        status = open_host(run);
    }
    return status;
}

static uint64_t seq_of(const struct run *run)
{
    return fl_engine_seq(run->host->engine);
}

static const char *compare(const struct run *run, uint64_t seq)
{
    if (fl_engine_digest_now(run->host->engine) == run->script->digests[seq])
        return NULL;
    return complain("sequence %" PRIu64 " is not the state that it is in memory", seq);
}

static const char *judge(const struct run *before, struct run *after)
{
    if (before->wrong)
        return before->wrong;
    enum fl_status status = recover(after);
    if (status == FL_IO_ERROR && fl_disk_sim_is_off(after->disk))
        return NULL;
    if (status != FL_OK)
        return complain("not opened: %s", after->error.message);
    uint64_t seq = seq_of(after);
    if (seq < before->acknowledged)
        return complain("answered up to %" PRIu64 ", recovered up to %" PRIu64,
                        before->acknowledged, seq);
    if (seq > before->submitted)
        return complain("sequence %" PRIu64 " was never sent", seq);
    return compare(after, seq);
}

static void take_over(struct run *after, const struct run *before, struct fl_disk *disk)
{
    fresh(after, before->walk, disk, before->random);
    after->acknowledged = before->acknowledged;
    after->submitted = before->submitted;
    after->proven = before->proven;
    after->answered = after->sent = before->answered;
}

/* The answer to one command that is sent alone; members' answers are passed over. */
static const struct fl_result *ask(struct run *run, uint32_t at)
{
    const struct fl_result *result = NULL;
    if (fl_producer_send(run->producer, run->script->steps[at].command, at) != FL_OK)
        return NULL;
    for (int n = 0; n < 1000 && !fl_disk_sim_is_off(run->disk); n++) {
        (void)fl_host_step(run->host, FL_HOST_APPLY);
        do {
            result = fl_producer_receive(run->producer, false);
        } while (result && result->flags & FL_FLAG_MEMBER);
        if (result)
            return result;
    }
    return NULL;
}

/* What was accepted and not answered is sent again, as its sender would: it is a duplicate. A job
 * that the crash interrupted is answered when it is done. */
static const char *send_again(struct run *run, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const struct fl_script_step *old = &run->script->steps[i];
        if (old->status != FL_OK)
            continue;
        const struct fl_result *result = ask(run, i);
        if (fl_disk_sim_is_off(run->disk))
            return NULL;
        run->walk->tally.duplicates++;
        if (!result || result->status != FL_DUPLICATE)
            return complain("command %u is recovered, and sent again it is answered %s", i,
                            result ? fl_status_name(result->status) : "nothing");
    }
    return NULL;
}

/* The rest of the script leads to the whole run's state, whatever happened before. */
static const char *live_on(struct run *run)
{
    uint64_t seq = seq_of(run);
    uint32_t from = run->answered, done = run->script->steps_done[seq];
    if (done > 0 && from >= done)
        from = done - 1;     /* it may have a job under way */
    run->acknowledged = seq; /* what is answered from is durable */
    run->submitted = done ? run->script->steps[done - 1].seq : 0;
    const char *complaint = send_again(run, from, done);
    if (complaint || fl_disk_sim_is_off(run->disk))
        return complaint;
    if (seq_of(run) != run->submitted)
        return "what was recovered and sent again led to another sequence";
    run->answered = run->sent = done;
    drive(run, run->script->count);
    if (run->wrong || fl_disk_sim_is_off(run->disk))
        return run->wrong;
    if (run->failed || run->answered < run->script->count)
        return "the engine cannot be used after recovery";
    return compare(run, run->script->last_seq);
}

/* The same with a second crash on the way, and a third opening (O25). */
static const char *crash_again(struct run *run, uint64_t seed)
{
    struct fl_disk_sim_faults faults = {.crash_at_op = fl_disk_sim_ops(run->disk) + 1 + seed % 40};
    fl_disk_sim_set_faults(run->disk, &faults);
    const char *complaint = live_on(run);
    if (complaint || !fl_disk_sim_is_off(run->disk))
        return complaint;
    drop(run);
    struct run again;
    take_over(&again, run, fl_disk_sim_image_random(run->disk, seed));
    complaint = judge(run, &again);
    if (!complaint)
        complaint = live_on(&again);
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

/* Segments in the archive. */
static uint64_t archived(struct run *run)
{
    struct fl_directory directory = {.disk = run->disk};
    uint64_t *numbers = NULL;
    size_t count = 0;
    snprintf(directory.path, sizeof directory.path, "%s", home);
    if (fl_wal_segments_list(&directory, "archive", &numbers, &count, NULL) == FL_OK)
        free(numbers);
    return count;
}

/* ---- every crash point ---- */

/* Disks that were recovered before, by their content: recovery is a function of it. */
struct seen {
    struct {
        uint64_t digest, seq;
    } * slots;
    uint64_t room, count;
};

static void seen_add(struct seen *seen, uint64_t digest, uint64_t seq)
{
    if (2 * (seen->count + 1) > seen->room) {
        struct seen old = *seen;
        *seen = (struct seen){.room = old.room ? 2 * old.room : 1024};
        seen->slots = calloc(seen->room, sizeof *seen->slots);
        FL_ASSERT(seen->slots);
        for (uint64_t i = 0; i < old.room; i++)
            if (old.slots[i].digest)
                seen_add(seen, old.slots[i].digest, old.slots[i].seq);
        free(old.slots);
    }
    uint64_t at = digest % seen->room;
    while (seen->slots[at].digest)
        at = (at + 1) % seen->room;
    seen->slots[at].digest = digest;
    seen->slots[at].seq = seq;
    seen->count++;
}

static bool seen_find(const struct seen *seen, uint64_t digest, uint64_t *seq_out)
{
    for (uint64_t at = seen->room ? digest % seen->room : 0; seen->room && seen->slots[at].digest;
         at = (at + 1) % seen->room) {
        *seq_out = seen->slots[at].seq;
        if (seen->slots[at].digest == digest)
            return true;
    }
    return false;
}

static const char *try_new_image(const struct run *before, struct run *after, uint32_t image,
                                 uint64_t seed, uint64_t *seq_out)
{
    struct fl_engine_tally *tally = &before->walk->tally;
    uint64_t read_seq = UINT64_MAX;
    const char *complaint = seed % 3 == 0 ? read_first(after, &read_seq) : NULL;
    if (!complaint)
        complaint = judge(before, after);
    if (complaint)
        return complaint;
    *seq_out = seq_of(after);
    if (read_seq != UINT64_MAX && read_seq != *seq_out)
        return complain("a reader finds %" PRIu64 ", the next writer %" PRIu64, read_seq, *seq_out);
    bool was_cut = after->host->verdict.decision == FL_WAL_CASE_CUT;
    tally->cuts += was_cut;
    tally->recovered_more += *seq_out > before->acknowledged;
    tally->from_checkpoint += after->host->checkpoint_seq > 0;
    complaint = seed % 4 ? live_on(after) : crash_again(after, seed);
    if (!complaint && was_cut && seed % 16 == 3)
        complaint = crash_recovery(before, image, seed);
    return complaint;
}

static const char *try_image(const struct run *before, struct seen *seen, uint32_t image,
                             uint64_t seed)
{
    struct fl_engine_tally *tally = &before->walk->tally;
    struct run after;
    take_over(&after, before, fl_disk_sim_image(before->disk, image, seed));
    uint64_t digest = fl_disk_sim_digest(after.disk), seq = 0;
    const char *complaint = NULL;
    tally->images++;
    if (!before->wrong && seen_find(seen, digest, &seq)) {
        tally->seen++;
        if (seq < before->acknowledged || seq > before->submitted)
            complaint = complain("answered up to %" PRIu64 ", recovered up to %" PRIu64,
                                 before->acknowledged, seq);
    } else {
        complaint = try_new_image(before, &after, image, seed, &seq);
        if (!complaint)
            seen_add(seen, digest, seq);
    }
    drop(&after);
    fl_disk_close(after.disk);
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
    if (complaint) {
        drop(&second);
        return complaint;
    }
    second.acknowledged = seq_of(&second);
    /* Every second time the power lasts for a few operations more. */
    fl_disk_sim_set_faults(
        second.disk, &(struct fl_disk_sim_faults){.crash_at_op = fl_disk_sim_ops(second.disk) + 1 +
                                                                 seed / 2 * 7 % 30});
    second.submitted = second.acknowledged;
    if (seed % 2)
        complaint = live_on(&second);
    take_over(&third, &second, fl_disk_sim_image(second.disk, 0, seed));
    if (!complaint)
        complaint = judge(&second, &third);
    drop(&second);
    drop(&third);
    fl_disk_close(third.disk);
    return complaint;
}

static const char *at_image(const char *complaint, uint64_t seed, uint64_t op, uint32_t image)
{
    if (!complaint)
        return NULL;
    char what[400];
    snprintf(what, sizeof what, "%s", complaint);
    return complain("seed %" PRIu64 ", operation %" PRIu64 ", image %u: %s", seed, op, image, what);
}

static void empty_folder(const char *path)
{
    if (!path)
        return;
    fl_temp_dir_remove(path);
    FL_ASSERT(mkdir(path, 0700) == 0);
}

/* Runs the script until the power goes at operation `op`; its status. */
static enum fl_status run_until(struct fl_engine_walk *walk, struct run *run, uint64_t op,
                                uint64_t seed)
{
    struct fl_disk *disk = NULL;
    FL_TRY(fl_disk_sim_create(seed, &disk));
    fresh(run, walk, disk, seed);
    empty_folder(walk->checkpoints);
    run->writes_checkpoints = walk->checkpoints != NULL;
    struct fl_disk_sim_faults faults = {.crash_at_op = op, .late_ppm = 300000};
    fl_disk_sim_set_faults(disk, &faults);
    enum fl_status status = script_run(run);
    drop(run);
    return status;
}

static const char *try_images(struct run *run, struct seen *seen, uint64_t op, uint64_t seed)
{
    const char *complaint = NULL;
    uint32_t images = fl_disk_sim_image_count(run->disk), most = run->walk->images_most;
    uint32_t tries = most && most < images ? most : images;
    for (uint32_t i = 0; i < tries && !complaint; i++) {
        uint32_t image = tries < images && i > 1 ? (uint32_t)(draw(run) % images) : i;
        complaint =
            at_image(try_image(run, seen, image, seed * 131 + op * 1000 + image), seed, op, image);
    }
    if (!complaint && op % 3 == 0)
        complaint = at_image(die_and_cut_power(run, seed + op / 3), seed, op, images);
    return complaint;
}

const char *fl_engine_walk_crashes(struct fl_engine_walk *walk, uint64_t seed)
{
    const char *complaint = NULL;
    struct seen seen = {.slots = NULL};
    bool crashed = true;
    for (uint64_t op = 1; crashed && !complaint; op++) {
        struct run run;
        enum fl_status status = run_until(walk, &run, op, seed);
        crashed = fl_disk_sim_is_off(run.disk);
        if (!crashed && status != FL_OK)
            complaint = at_image("the run failed without a fault", seed, op, 0);
        if (!complaint && run.wrong)
            complaint = at_image(run.wrong, seed, op, 0);
        if (!crashed)
            walk->tally.archived += archived(&run);
        if (!complaint)
            complaint = try_images(&run, &seen, op, seed);
        fl_disk_close(run.disk);
        walk->tally.crashes += crashed;
    }
    free(seen.slots);
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
    if (draw(run) % 2 || plight >= PLIGHT_GARBLED)
        faults.crash_at_op = 40 + draw(run) % 400;
    if (plight == PLIGHT_ERRORS)
        faults.write_error_ppm = faults.sync_error_ppm = (uint32_t)(draw(run) % 20000);
    if (plight == PLIGHT_FULL)
        faults.space_bytes = 100000 + draw(run) % 400000;
    if (plight == PLIGHT_LOST) {
        faults.lose_ppm = 30000;
        faults.lose_most = 1;
    }
    return faults;
}

static void make_room(struct run *run, struct fl_disk_sim_faults *faults)
{
    run->walk->tally.no_space++;
    faults->space_bytes += SEGMENT;
    fl_disk_sim_set_faults(run->disk, faults);
}

/* The run, with more room whenever the device is full. */
static enum fl_status faulty_run(struct run *run, struct fl_disk_sim_faults *faults)
{
    enum fl_status status;
    FL_TRY(fl_directory_create(run->disk, home, &run->error));
    fl_disk_sim_set_faults(run->disk, faults);
    while ((status = open_host(run)) == FL_NO_SPACE)
        make_room(run, faults);
    FL_TRY(status);
    do {
        drive(run, run->script->count);
        if (run->full)
            make_room(run, faults);
        if (run->full)
            (void)fl_host_step(run->host, FL_HOST_PREPARE);
    } while (run->full && !run->wrong);
    return run->failed || fl_disk_sim_is_off(run->disk) ? FL_IO_ERROR : FL_OK;
}

/* A host that has failed takes nothing, says so when it is closed, and changes nothing more. */
static const char *is_over(struct run *run)
{
    if (fl_producer_send(run->producer, run->script->steps[0].command, 0) != FL_IO_ERROR)
        return "a host that failed takes commands";
    if (fl_producer_receive(run->producer, false))
        return "a host that failed answers";
    /* The rest of a short write that was under way may still be asked for. */
    bool is_quiet = !run->host->writer.in_flight;
    uint64_t ops = fl_disk_sim_ops(run->disk);
    if (close_host(run) != FL_IO_ERROR || run->error.message[0] == '\0')
        return "a host that failed does not say so in the end";
    return is_quiet && fl_disk_sim_ops(run->disk) != ops ? "a host that failed writes" : NULL;
}

/* One block's worth of rot, anywhere in the log; half of the times in its last block. */
static void rot(const struct run *before, struct run *after, enum plight plight)
{
    char path[64];
    bool last = before->last_segment && draw(after) % 2 == 0;
    uint64_t segment = last ? before->last_segment : 1 + draw(after) % 30;
    uint64_t offset = last ? before->last_offset : draw(after) % (SEGMENT / 512) * 512;
    snprintf(path, sizeof path, "%s/wal/%010" PRIu64 ".wal", home, segment);
    if (plight == PLIGHT_GARBLED)
        fl_disk_sim_damage(after->disk, path, offset + draw(after) % 500, 1 + draw(after) % 12,
                           draw(after));
    else
        fl_disk_sim_break_sector(after->disk, path, offset);
}

/* The oracle of a device that lied or rotted. */
static const char *judge_damaged(const struct run *before, struct run *after)
{
    struct fl_engine_tally *tally = &before->walk->tally;
    uint64_t digest = fl_disk_sim_digest(after->disk);
    const char *complaint = judge(before, after);
    if (!after->host) {
        enum fl_status status = after->error.status;
        tally->refused++;
        if (status != FL_CORRUPT && status != FL_IO_ERROR)
            return complaint ? complaint : "neither opened nor refused";
        if (!strstr(after->error.message, ".wal") && !strstr(after->error.message, "checkpoint-"))
            return complain("a refusal that names no file: %.200s", after->error.message);
        return fl_disk_sim_digest(after->disk) == digest ? NULL : "a refusal changed something";
    }
    uint64_t seq = seq_of(after);
    if (seq >= before->acknowledged || seq < before->proven)
        return complaint;
    tally->rot++;
    return compare(after, seq);
}

static const char *judge_fault(struct run *run, enum plight plight, uint64_t seed)
{
    struct run after;
    take_over(&after, run, fl_disk_sim_image_random(run->disk, seed));
    bool rots = plight == PLIGHT_GARBLED || plight == PLIGHT_UNREADABLE;
    if (rots)
        rot(run, &after, plight);
    run->walk->tally.images++;
    run->walk->tally.archived += archived(&after);
    const char *complaint =
        rots || plight == PLIGHT_LOST ? judge_damaged(run, &after) : judge(run, &after);
    run->walk->tally.from_checkpoint += after.host && after.host->checkpoint_seq > 0;
    if (!complaint && after.host && plight != PLIGHT_UNREADABLE)
        complaint = seed % 2 ? live_on(&after) : crash_again(&after, seed);
    drop(&after);
    fl_disk_close(after.disk);
    return complaint;
}

const char *fl_engine_walk_seed(struct fl_engine_walk *walk, uint64_t seed)
{
    struct fl_disk *disk = NULL;
    if (fl_disk_sim_create(seed, &disk) != FL_OK)
        return "no disk";
    struct run run;
    fresh(&run, walk, disk, seed * 2654435761u + 1);
    empty_folder(walk->checkpoints);
    run.writes_checkpoints = walk->checkpoints != NULL;
    enum plight plight = (enum plight)(draw(&run) % PLIGHTS);
    struct fl_disk_sim_faults faults = faults_of(&run, plight);
    run.window = plight == PLIGHT_FULL ? 1 : WINDOW;
    enum fl_status status = faulty_run(&run, &faults);
    bool failed = status == FL_IO_ERROR && !fl_disk_sim_is_off(disk);
    walk->tally.failed += failed;
    const char *complaint = run.wrong;
    if (!complaint && failed && run.host)
        complaint = is_over(&run);
    drop(&run);
    if (!complaint)
        complaint = judge_fault(&run, plight, seed);
    if (!complaint && plight < PLIGHT_GARBLED) /* and on the same machine, when it is well again */
        complaint = die_and_cut_power(&run, seed);
    fl_disk_close(disk);
    return at_image(complaint, seed, plight, 0);
}

void fl_engine_walk_must_complain(const char *(*walk_it)(struct fl_engine_walk *walk,
                                                         uint64_t seed),
                                  uint64_t seeds)
{
    struct fl_engine_script script;
    fl_engine_script_make(&script);
    struct fl_engine_walk walk = {.script = &script};
    const char *complaint = NULL;
    for (uint64_t seed = 1; seed <= seeds && !complaint; seed++)
        complaint = walk_it(&walk, seed);
    cr_assert_not_null(complaint, "the simulator is blind");
    fprintf(stderr, "planted fault caught: %s\n", complaint);
    fl_engine_script_free(&script);
}

const char *fl_engine_walk_liar(struct fl_engine_walk *walk, uint64_t seed)
{
    struct fl_disk *disk = NULL;
    if (fl_disk_sim_create(seed, &disk) != FL_OK)
        return NULL;
    struct run run, after;
    fresh(&run, walk, disk, seed);
    struct fl_disk_sim_faults faults = {.lose_ppm = 1000000};
    fl_disk_sim_set_faults(disk, &faults);
    enum fl_status ignored = script_run(&run);
    (void)ignored;
    drop(&run);
    take_over(&after, &run, fl_disk_sim_image(disk, 0, seed));
    const char *complaint = at_image(judge(&run, &after), seed, 0, 0);
    drop(&after);
    fl_disk_close(after.disk);
    fl_disk_close(disk);
    return complaint;
}
