/* The same history on a real disk, by a real process that is killed again and again: every answer
 * is the model's to the byte, across the kills, and stands on what the next process finds. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/engine_script.h"
#include "tests/support/host_fixture.h"
#include "tests/support/random.h"
#include "tests/support/wal_fixture.h"

#define KILLS  24
#define WINDOW 6

struct shared {
    _Atomic uint32_t opened, answered, wrong;
};

struct place {
    struct fl_engine_script script;
    struct fl_host_config config;
    struct shared *shared;
    char path[256];
};

static struct place place;

/* ---- the process that is killed ---- */

static void must(bool holds, uint32_t at)
{
    if (holds)
        return;
    place.shared->wrong = at + 1;
    _exit(2);
}

/* What was accepted before and perhaps not answered is a duplicate. */
static void send_again(struct fl_producer *producer, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const struct fl_result *result;
        if (place.script.steps[i].status != FL_OK)
            continue;
        must(fl_producer_send(producer, place.script.steps[i].command, i) == FL_OK, i);
        do {
            result = fl_producer_receive(producer, true);
        } while (result && result->flags & FL_FLAG_MEMBER);
        must(result && result->status == FL_DUPLICATE, i);
        place.shared->answered = i + 1;
    }
}

static void take_one(struct fl_producer *producer, uint32_t at)
{
    static struct fl_script_answer answer;
    const struct fl_script_step *step = &place.script.steps[at];
    const struct fl_result *result;
    answer.used = 0;
    do {
        result = fl_producer_receive(producer, true);
        must(result != NULL, at);
        fl_script_answer_add(&answer, result);
    } while (result->flags & FL_FLAG_MEMBER);
    must(answer.used == step->answer.used &&
             memcmp(answer.bytes, step->answer.bytes, answer.used) == 0,
         at);
    place.shared->answered = at + 1;
}

static _Noreturn void victim(void)
{
    struct fl_host *host;
    struct fl_producer *producer;
    struct fl_host_facts facts;
    struct fl_error error;
    if (fl_host_open(place.path, &place.config, &host, &error) != FL_OK) {
        fprintf(stderr, "victim: %s\n", error.message);
        must(false, 0);
    }
    fl_host_facts(host, &facts);
    uint32_t done = place.script.steps_done[facts.recovered_seq];
    must(fl_producer_open(host, &producer) == FL_OK, 0);
    place.shared->opened++;
    send_again(producer, place.shared->answered, done);
    for (uint32_t at = done, sent = done; at < place.script.count;) {
        for (; sent < place.script.count && sent - at < WINDOW; sent++)
            must(fl_producer_send(producer, place.script.steps[sent].command, sent) == FL_OK, sent);
        take_one(producer, at++);
    }
    _exit(0); /* all through, without closing: a crash as well */
}

/* ---- who kills it, and looks ---- */

static void look(void)
{
    struct fl_host *host;
    struct fl_error error;
    cr_assert_eq(fl_host_open_reading(place.path, &place.config, &host, &error), FL_OK, "%s",
                 error.message);
    uint64_t seq = fl_engine_seq(fl_host_engine(host));
    uint32_t answered = place.shared->answered;
    if (answered > 0)
        cr_assert_geq(seq, place.script.steps[answered - 1].seq, "an answer is lost");
    cr_assert_eq(fl_engine_digest_now(fl_host_engine(host)), place.script.digests[seq],
                 "not the state of sequence %lu", seq);
    cr_assert_eq(fl_host_close(host, &error), FL_OK);
}

static bool live_and_be_killed(struct fl_random *dice)
{
    uint32_t opened = place.shared->opened;
    pid_t pid = fork();
    if (pid == 0)
        victim();
    while (place.shared->opened == opened && place.shared->wrong == 0)
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    nanosleep(&(struct timespec){.tv_nsec = (long)fl_random_below(dice, 60000000)}, NULL);
    kill(pid, SIGKILL);
    int status;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(place.shared->wrong, 0, "wrong from command %u on", place.shared->wrong - 1);
    look();
    return WIFSIGNALED(status);
}

static void one_directory(struct fl_random *dice, unsigned *killed)
{
    struct fl_error error;
    fl_temp_dir_make(place.path);
    cr_assert_eq(fl_host_init(place.path, &error), FL_OK, "%s", error.message);
    place.shared->answered = 0;
    while (place.shared->answered < place.script.count)
        *killed += live_and_be_killed(dice);
    cr_assert_eq(place.shared->answered, place.script.count);
    fl_temp_dir_remove(place.path);
}

static void kill_loop(enum fl_io_choice io, const char *name)
{
    struct fl_random dice = fl_random_start(name);
    unsigned killed = 0, directories = 0;
    fl_engine_script_make(&place.script);
    place.config = (struct fl_host_config){.memory_bytes = place.script.config.memory_bytes,
                                           .rows_max = place.script.config.rows_max,
                                           .segment_bytes = 64u << 10,
                                           .checkpoint_bytes = 96u << 10,
                                           .io = io};
    place.shared =
        mmap(NULL, sizeof *place.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(place.shared, MAP_FAILED);
    for (; killed < KILLS && directories < 4 * KILLS; directories++)
        one_directory(&dice, &killed);
    fprintf(stderr, "%s: %u kills in %u histories\n", name, killed, directories);
    cr_assert_geq(killed, KILLS);
    munmap(place.shared, sizeof *place.shared);
    fl_engine_script_free(&place.script);
}

Test(engine_kill, no_answer_of_any_kind_is_lost_or_changed_by_a_kill_threads, .timeout = 300)
{
    kill_loop(FL_IO_THREADS, "kills, threads");
}

Test(engine_kill, no_answer_of_any_kind_is_lost_or_changed_by_a_kill_uring_where_it_is_allowed,
     .timeout = 300)
{
    kill_loop(FL_IO_AUTO, "kills, uring");
}
