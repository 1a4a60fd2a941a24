#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/engine/command_builder.h"
#include "storage/checkpoint.h"
#include "tests/support/host_fixture.h"

/* What is on disk is the model's state at `seq`; returns the facts of the reader. */
static struct fl_host_facts check_disk(struct fl_host_fixture *f, uint64_t at_least,
                                       uint64_t *seq_out)
{
    uint64_t digest, seq;
    struct fl_host_facts facts;
    cr_assert_eq(fl_host_fixture_read(f, &digest, &seq, &facts), FL_OK, "%s", f->error.message);
    cr_assert_geq(seq, at_least);
    cr_assert_eq(digest, fl_host_fixture_model_digest(f, seq), "the states differ at %lu", seq);
    if (seq_out)
        *seq_out = seq;
    return facts;
}

static void feed_all(struct fl_host_fixture *f, uint64_t from, uint64_t to)
{
    cr_assert_eq(fl_host_fixture_open(f), FL_OK, "%s", f->error.message);
    fl_host_fixture_feed(f, from, to, NULL);
    cr_assert_eq(fl_host_fixture_close(f), FL_OK, "%s", f->error.message);
}

static unsigned files_in(const char *path, const char *folder)
{
    char name[512];
    snprintf(name, sizeof name, "%s/%s", path, folder);
    DIR *dir = opendir(name);
    unsigned count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(dir);
    return count;
}

Test(host, o3_results_come_in_order_and_the_state_is_the_uninterrupted_one)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 1000, 1);
    feed_all(&f, 0, f.count / 3);
    feed_all(&f, f.count / 3, f.count);
    check_disk(&f, f.count, NULL);
    fl_host_fixture_end(&f);
}

Test(host, v1_checkpoints_at_any_place_give_the_same_state, .timeout = 120)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct fl_host_fixture f;
        fl_host_fixture_begin(&f, 800, 5);
        uint64_t at = 0, random = seed * 977;
        cr_assert_eq(fl_host_fixture_open(&f), FL_OK, "%s", f.error.message);
        while (at < f.count) {
            uint64_t to = at + 1 + random % (f.count / 3);
            random = random * 6364136223846793005u % 1000003;
            to = to > f.count ? f.count : to;
            fl_host_fixture_feed(&f, at, to, NULL);
            at = to;
            cr_assert_eq(fl_host_checkpoint(f.host, &f.error), FL_OK, "%s", f.error.message);
            if (random % 3 == 0) {
                cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
                cr_assert_eq(fl_host_fixture_open(&f), FL_OK, "%s", f.error.message);
            }
        }
        cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
        struct fl_host_facts facts = check_disk(&f, f.count, NULL);
        cr_assert_eq(facts.checkpoint_seq, f.count);
        fl_host_fixture_end(&f);
    }
}

Test(host, checkpoints_run_beside_the_writer_and_the_log_is_archived, .timeout = 120)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 4000, 6);
    f.config.checkpoint_bytes = 256 << 10;
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    fl_host_fixture_feed(&f, 0, f.count, NULL);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    for (int i = 0; i < 200 && files_in(f.path, "wal") > 5; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    cr_assert_gt(files_in(f.path, "archive"), 4);
    cr_assert_leq(files_in(f.path, "wal"), 5);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK, "%s", f.error.message);
    struct fl_host_facts facts = check_disk(&f, f.count, NULL);
    cr_assert_eq(facts.checkpoint_seq, f.count);
    fl_host_fixture_end(&f);
}

static void damage(struct fl_host_fixture *f, enum fl_checkpoint_side side)
{
    char path[400], file[512];
    fl_checkpoint_path(f->path, side, false, path, sizeof path);
    snprintf(file, sizeof file, "%s/data.mdb", path);
    struct stat st;
    cr_assert_eq(stat(file, &st), 0);
    cr_assert_eq(truncate(file, st.st_size / 2), 0);
}

static void note_report(void *context, const struct fl_host_checkpoint_report *report)
{
    struct fl_host_checkpoint_report *reports = context;
    reports[report->name[strlen(report->name) - 1] - 'a'] = *report;
    cr_assert_eq(report->status != FL_OK, report->message[0] != 0);
}

Test(host, verifying_names_the_damaged_checkpoint)
{
    struct fl_host_fixture f;
    struct fl_host_checkpoint_report reports[2] = {{0}};
    fl_host_fixture_begin(&f, 300, 13);
    cr_assert_eq(fl_host_verify_checkpoints(f.path, note_report, reports, NULL), FL_OK);
    cr_assert_null(reports[0].name);
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    fl_host_fixture_feed(&f, 0, f.count, NULL);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    cr_assert_eq(fl_host_verify_checkpoints(f.path, note_report, reports, NULL), FL_OK);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    cr_assert_eq(reports[0].seq, f.count);
    cr_assert_gt(reports[1].chunks, 0);
    damage(&f, FL_CHECKPOINT_B);
    cr_assert_eq(fl_host_verify_checkpoints(f.path, note_report, reports, NULL), FL_CORRUPT);
    cr_assert_eq(reports[0].status, FL_OK);
    cr_assert_eq(reports[1].status, FL_CORRUPT);
    fl_host_fixture_end(&f);
}

Test(host, v1_a_damaged_checkpoint_falls_back_to_the_other_and_both_to_the_log)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 1000, 7);
    f.config.segment_bytes = 64 << 20; /* nothing is archived */
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    uint64_t third = f.count / 3;
    for (uint64_t i = 0; i < 2; i++) {
        fl_host_fixture_feed(&f, i * third, (i + 1) * third, NULL);
        cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    }
    fl_host_fixture_feed(&f, 2 * third, f.count, NULL);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    struct fl_host_facts facts = check_disk(&f, f.count, NULL);
    cr_assert_eq(facts.checkpoint_seq, 2 * third);
    damage(&f, FL_CHECKPOINT_B);
    facts = check_disk(&f, f.count, NULL);
    cr_assert_eq(facts.checkpoint_seq, third);
    cr_assert(facts.set_aside != NULL, "it is told");
    damage(&f, FL_CHECKPOINT_A);
    facts = check_disk(&f, f.count, NULL);
    cr_assert_eq(facts.checkpoint_seq, 0);
    /* Both are rewritten whole. */
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK, "%s", f.error.message);
    cr_assert_eq(fl_host_checkpoint(f.host, &f.error), FL_OK, "%s", f.error.message);
    cr_assert_eq(fl_host_checkpoint(f.host, &f.error), FL_OK, "%s", f.error.message);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    facts = check_disk(&f, f.count, NULL);
    cr_assert_eq(facts.checkpoint_seq, f.count);
    fl_host_fixture_end(&f);
}

Test(host, v2_without_checkpoints_an_archived_log_is_refused_and_nothing_is_changed)
{
    struct fl_host_fixture f;
    uint64_t digest, seq;
    fl_host_fixture_begin(&f, 2000, 8);
    f.config.checkpoint_bytes = 256 << 10;
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    fl_host_fixture_feed(&f, 0, f.count, NULL);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    for (int i = 0; i < 200 && files_in(f.path, "archive") < 2; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    damage(&f, FL_CHECKPOINT_A);
    damage(&f, FL_CHECKPOINT_B);
    cr_assert_eq(fl_host_fixture_read(&f, &digest, &seq, NULL), FL_CORRUPT);
    cr_assert_eq(fl_host_fixture_open(&f), FL_CORRUPT);
    fl_host_fixture_end(&f);
}

Test(host, v2_a_log_that_ends_before_the_checkpoint_is_refused)
{
    struct fl_host_fixture f;
    uint64_t digest, seq;
    fl_host_fixture_begin(&f, 500, 9);
    f.config.segment_bytes = 64 << 20;
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    fl_host_fixture_feed(&f, 0, f.count, NULL);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_OK);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    char file[512];
    snprintf(file, sizeof file, "%s/wal/0000000001.wal", f.path);
    int fd = open(file, O_WRONLY);
    char zeros[4096] = {0};
    for (off_t at = 8192; at < (off_t)(64 << 20); at += 4096)
        cr_assert_eq(pwrite(fd, zeros, sizeof zeros, at), 4096);
    close(fd);
    cr_assert_eq(fl_host_fixture_read(&f, &digest, &seq, NULL), FL_CORRUPT, "%s", f.error.message);
    fl_host_fixture_end(&f);
}

static uint64_t tree_stamp(const char *path)
{
    char command[512], line[64] = "";
    snprintf(command, sizeof command,
             "cd %s && find . -type f -printf '%%p %%s %%T@ %%C@\\n' | sort | cksum", path);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(fgets(line, sizeof line, pipe));
    pclose(pipe);
    return strtoull(line, NULL, 10);
}

Test(host, reading_changes_nothing_and_goes_on_beside_a_writer)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 1000, 10);
    f.config.checkpoint_bytes = 64 << 10;
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    uint64_t seq = 0, at = 0;
    while (at < f.count) {
        uint64_t to = at + 700 < f.count ? at + 700 : f.count;
        fl_host_fixture_feed(&f, at, to, NULL);
        at = to;
        check_disk(&f, seq, &seq);
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL); /* the proof of the last block */
    check_disk(&f, f.count, &seq);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    uint64_t before = tree_stamp(f.path);
    check_disk(&f, f.count, &seq);
    cr_assert_eq(tree_stamp(f.path), before);
    fl_host_fixture_end(&f);
}

Test(host, one_writer_only)
{
    struct fl_host_fixture f, g;
    fl_host_fixture_begin(&f, 10, 11);
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    g = f;
    cr_assert_eq(fl_host_fixture_open(&g), FL_LOCKED);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    fl_host_fixture_end(&f);
}

Test(host, what_was_sent_before_is_a_duplicate)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 200, 12);
    feed_all(&f, 0, f.count);
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    uint64_t duplicates = 0;
    for (uint64_t i = 0; i < f.count; i++) {
        if (f.commands[i]->type != FL_COMMAND_ORDER && f.commands[i]->type != FL_COMMAND_INVOICE)
            continue;
        cr_assert_eq(fl_producer_send(f.producer, f.commands[i], i), FL_OK);
        const struct fl_result *result = fl_producer_receive(f.producer, true);
        cr_assert_eq(result->status, FL_DUPLICATE);
        duplicates++;
    }
    cr_assert_gt(duplicates, 300);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    check_disk(&f, f.count, NULL);
    fl_host_fixture_end(&f);
}

/* ---- batches ------------------------------------------------------------------------------------
 */

/* A batch of the fixture's commands from `from` on, without clocks; with a last member that is
 * refused if it is to be. */
static struct fl_command *make_batch(struct fl_host_fixture *f, uint64_t from, uint32_t members,
                                     bool refused, void *buffer, uint32_t capacity)
{
    struct fl_command_builder b;
    struct fl_command_batch *batch = fl_builder_begin(&b, buffer, capacity, FL_COMMAND_BATCH);
    batch->commands.offset = fl_builder_align(&b);
    for (uint64_t i = from; batch->commands.count < members; i++) {
        if (f->commands[i]->type == FL_COMMAND_CLOCK)
            continue;
        cr_assert(fl_builder_member(&b, f->commands[i]));
        batch->commands.count++;
    }
    if (refused) {
        _Alignas(8) char member[512];
        struct fl_command_builder m;
        struct fl_command_order_confirm *confirm =
            fl_builder_begin(&m, member, sizeof member, FL_COMMAND_ORDER_CONFIRM);
        confirm->order = fl_builder_text(&m, "NO-SUCH", 7);
        cr_assert(fl_builder_member(&b, fl_builder_finish(&m, NULL, 0, NULL, 0)));
        batch->commands.count++;
    }
    struct fl_command *command = fl_builder_finish(&b, NULL, 0, "batch key", 9);
    cr_assert_not_null(command);
    command->at_us = f->commands[from]->at_us;
    command->at_day = f->commands[from]->at_day;
    cr_assert_eq(fl_command_check(command, command->bytes, NULL), FL_OK);
    return command;
}

static uint32_t members_received(struct fl_host_fixture *f, enum fl_status expected)
{
    const struct fl_result *result;
    uint32_t members = 0;
    while ((result = fl_producer_receive(f->producer, true)) != NULL &&
           result->flags & FL_FLAG_MEMBER)
        members++;
    cr_assert_not_null(result);
    cr_assert_eq(result->status, expected, "%s", fl_status_name(result->status));
    cr_assert_eq(result->type, FL_COMMAND_BATCH);
    cr_assert_eq(result->tag, 77);
    return members;
}

Test(host, a_batch_of_any_size_is_one_record_and_is_answered_member_by_member)
{
    enum { CAPACITY = 4 << 20, SINGLE = 1000, MEMBERS = 2500 };
    struct fl_host_fixture f;
    uint64_t digest, seq;
    fl_host_fixture_begin(&f, 2000, 14);
    f.config.segment_bytes = 8 << 20;
    struct fl_command *buffer = aligned_alloc(64, CAPACITY);
    cr_assert_eq(fl_host_fixture_open(&f), FL_OK);
    fl_host_fixture_feed(&f, 0, SINGLE, NULL);
    struct fl_command *command = make_batch(&f, SINGLE, MEMBERS, true, buffer, CAPACITY);
    cr_assert_eq(fl_producer_send(f.producer, command, 77), FL_OK);
    cr_assert_eq(members_received(&f, FL_NOT_FOUND), 0);
    command = make_batch(&f, SINGLE, MEMBERS, false, buffer, CAPACITY);
    cr_assert_gt(command->bytes, 256u << 10);
    cr_assert_eq(fl_producer_send(f.producer, command, 77), FL_OK);
    cr_assert_eq(members_received(&f, FL_OK), MEMBERS);
    cr_assert_eq(fl_producer_send(f.producer, command, 77), FL_OK);
    cr_assert_leq(members_received(&f, FL_DUPLICATE), MEMBERS);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    /* The model: the same commands, in memory. */
    fl_host_fixture_model_digest(&f, SINGLE);
    struct fl_result result;
    cr_assert_eq(fl_engine_apply(f.model, command, &result, NULL), FL_OK);
    cr_assert_eq(fl_host_fixture_read(&f, &digest, &seq, NULL), FL_OK, "%s", f.error.message);
    cr_assert_eq(seq, SINGLE + 1);
    cr_assert_eq(digest, fl_engine_digest_now(f.model));
    free(buffer);
    fl_host_fixture_end(&f);
}

/* ---- kill -9 ------------------------------------------------------------------------------------
 */

struct shared {
    _Atomic uint64_t acked, opened;
};

static _Noreturn void victim(struct fl_host_fixture *f, struct shared *shared, uint64_t from)
{
    if (fl_host_fixture_open(f) != FL_OK) {
        fprintf(stderr, "victim: %s\n", f->error.message);
        _exit(1);
    }
    shared->opened++;
    fl_host_fixture_feed(f, from, f->count, &shared->acked);
    _exit(0); /* all through, without closing: a crash as well */
}

static void kill_loop(enum fl_io_choice io, uint64_t checkpoint_bytes, uint64_t seed)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 20000, seed);
    f.config.io = io;
    f.config.checkpoint_bytes = checkpoint_bytes;
    f.config.segment_bytes = 1 << 20;
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t seq = 0, random = seed;
    unsigned killed = 0;
    for (unsigned round = 0; round < 14 && seq < f.count; round++) {
        uint64_t opened = shared->opened;
        pid_t pid = fork();
        if (pid == 0)
            victim(&f, shared, seq);
        while (shared->opened == opened && waitpid(pid, NULL, WNOHANG) == 0)
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        cr_assert_neq(shared->opened, opened, "the victim did not open");
        random = random * 6364136223846793005u + 1442695040888963407u;
        /* Some live long enough for a checkpoint to end. */
        long span_ns = round % 3 == 2 ? 250000000 : 40000000;
        nanosleep(&(struct timespec){.tv_nsec = (long)((random >> 33) % (uint64_t)span_ns)}, NULL);
        killed += kill(pid, SIGKILL) == 0;
        waitpid(pid, NULL, 0);
        uint64_t acked = shared->acked;
        check_disk(&f, acked,
                   &seq); /* I7: nothing acknowledged is missing, nothing is half there */
    }
    cr_assert_gt(killed, 2);
    munmap(shared, sizeof *shared);
    fl_host_fixture_end(&f);
}

Test(host, i7_kill_9_loses_nothing_acknowledged_uring, .timeout = 240)
{
    kill_loop(FL_IO_URING, 128 << 10, 21);
}

Test(host, i7_kill_9_loses_nothing_acknowledged_threads, .timeout = 240)
{
    kill_loop(FL_IO_THREADS, 512 << 10, 22);
}
