/* O4: the work of clocks and long statements in slices between other commands, on a real directory; stopped and killed
 * between them. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/domain/job.h"
#include "core/engine/record.h"
#include "storage/host.h"
#include "tests/support/host_fixture.h"
#include "tests/support/wal_fixture.h"
#include "tools/format/command_json.h"

static char path[256];
static struct fl_host *host;
static struct fl_error error;
static struct fl_host_config config = {
    .memory_bytes = UINT64_C(512) << 20, .rows_max = 1u << 19, .segment_bytes = 8u << 20};

static void host_open(void)
{
    cr_assert_eq(fl_host_open(path, &config, &host, &error), FL_OK, "%s", error.message);
}

static void host_close(void)
{
    cr_assert_eq(fl_host_close(host, &error), FL_OK, "%s", error.message);
}

static void setup(void)
{
    fl_temp_dir_make(path);
    cr_assert_eq(fl_host_init(path, &error), FL_OK, "%s", error.message);
    host_open();
}

static void teardown(void)
{
    fl_temp_dir_remove(path);
}

TestSuite(host_jobs, .init = setup, .fini = teardown, .timeout = 120);

/* ---- speaking to it, and to a model in memory -------------------------------------------------- */

struct speaker {
    struct fl_producer *producer;
    struct fl_command_json reader;
};

static void speaker_open(struct speaker *s)
{
    cr_assert_eq(fl_producer_open(host, &s->producer), FL_OK);
    cr_assert_eq(fl_command_json_open(&s->reader, "UTC", 3), FL_OK);
    s->reader.now_us = INT64_C(1750000000000000);
}

static void speaker_close(struct speaker *s)
{
    fl_producer_close(s->producer);
    fl_command_json_close(&s->reader);
}

static struct fl_command *read_line(struct fl_command_json *reader, const char *line)
{
    size_t length = strlen(line);
    char *padded = calloc(1, length + FL_JSON_PADDING);
    struct fl_command *command;
    memcpy(padded, line, length);
    cr_assert_eq(fl_command_json_read(reader, padded, length, &command), FL_OK, "%.300s", line);
    free(padded);
    return command;
}

static void send(struct speaker *s, const char *line, uint64_t tag)
{
    cr_assert_eq(fl_producer_send(s->producer, read_line(&s->reader, line), tag), FL_OK);
}

static struct fl_result answer(struct speaker *s)
{
    const struct fl_result *result;
    do {
        result = fl_producer_receive(s->producer, true);
        cr_assert_not_null(result);
    } while (result->flags & FL_FLAG_MEMBER);
    return *result;
}

static void say(struct speaker *s, const char *line)
{
    send(s, line, 1);
    struct fl_result result = answer(s);
    cr_assert_eq(result.status, FL_OK, "%.200s: %s", line, fl_status_name(result.status));
}

/* So many keyed commands, in batches: each is a key that runs out. */
static char *keys_line(unsigned batch, unsigned count)
{
    char *line = malloc(200 + (size_t)count * 120), *at = line;
    at += sprintf(at, "{\"type\":\"batch\",\"key\":\"b%u\",\"commands\":[", batch);
    for (unsigned i = 0; i < count; i++)
        at += sprintf(at, "%s{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":"
                          "\"1\",\"key\":\"k%u-%u\"}", i ? "," : "", batch, i);
    sprintf(at, "]}");
    return line;
}

static const char *const opening[] = {
    "{\"type\":\"book\",\"key_days\":3,\"reservation_days\":2}",
    "{\"type\":\"clock\",\"date\":\"2025-01-01\"}",
    "{\"type\":\"product\",\"id\":\"P1\",\"name\":\"p\",\"currency\":\"EUR\",\"price\":\"1\"}",
    "{\"type\":\"customer\",\"id\":\"C1\",\"name\":\"c\",\"currency\":\"EUR\",\"credit_limit\":null}",
};

static void open_book(struct speaker *s, unsigned batches, unsigned count)
{
    for (unsigned i = 0; i < sizeof opening / sizeof opening[0]; i++)
        say(s, opening[i]);
    for (unsigned b = 0; b < batches; b++) {
        char *line = keys_line(b, count);
        say(s, line);
        free(line);
    }
}

/* ---- what the log says --------------------------------------------------------------------------- */

struct story {
    uint64_t slices, items, most;
    uint64_t clock_seq, last_slice_seq;
};

static enum fl_status record_seen(void *context, const struct fl_record *record, const char *file,
                                  uint64_t offset)
{
    struct story *story = context;
    const struct fl_command *command = (const struct fl_command *)(record + 1);
    (void)file;
    (void)offset;
    if (command->type == FL_COMMAND_CLOCK)
        story->clock_seq = record->seq;
    if (command->type == FL_COMMAND_SLICE) {
        const struct fl_command_slice *slice = fl_command_body(command);
        story->slices++;
        story->items += slice->n;
        story->most = slice->n > story->most ? slice->n : story->most;
        story->last_slice_seq = record->seq;
    }
    return FL_OK;
}

static struct story log_story(void)
{
    struct story story = {.slices = 0};
    cr_assert_eq(fl_host_log(path, 0, record_seen, &story, &error), FL_OK, "%s", error.message);
    return story;
}

/* ---- tests ----------------------------------------------------------------------------------------- */

Test(host_jobs, o4_the_answer_of_a_clock_and_what_follows_it_wait_for_the_work)
{
    struct speaker s;
    speaker_open(&s);
    open_book(&s, 1, 9999);
    send(&s, "{\"type\":\"clock\",\"date\":\"2025-02-01\"}", 1);
    send(&s, "{\"type\":\"order\",\"id\":\"O1\",\"customer\":\"C1\",\"lines\":[{\"product\":\"P1\","
             "\"quantity\":\"1\"}]}", 2);
    send(&s, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":\"1\",\"key\":"
             "\"k0-9998\"}", 3);
    uint64_t seqs[3];
    for (unsigned i = 0; i < 3; i++) {
        struct fl_result result = answer(&s);
        cr_assert_eq(result.tag, i + 1);
        cr_assert_eq(result.status, FL_OK, "%s", fl_status_name(result.status));
        seqs[i] = result.seq;
    }
    speaker_close(&s);
    host_close();
    struct story story = log_story();
    cr_assert_eq(story.clock_seq, seqs[0]);
    cr_assert_eq(story.items, 10000, "the keys and their batch's");
    cr_assert_eq(story.slices, (10000 + FL_SLICE_ITEMS - 1) / FL_SLICE_ITEMS);
    cr_assert_eq(seqs[1], story.last_slice_seq + 1);
    cr_assert_eq(seqs[2], story.last_slice_seq + 2);
}

/* Another stream, all the time that the first one's clock is at work: it sends ahead of its answers. */
struct other {
    pthread_t thread;
    _Atomic bool stop;
    _Atomic uint64_t sent;
    uint64_t answered;
    uint64_t seqs[1 << 18];
};

static bool take_answer(struct other *other, struct speaker *s, bool wait)
{
    const struct fl_result *result = fl_producer_receive(s->producer, wait);
    if (!result)
        return false;
    cr_assert_eq(result->status, FL_OK);
    cr_assert_eq(result->tag, other->answered);
    other->seqs[other->answered++] = result->seq;
    return true;
}

static void *others_run(void *context)
{
    struct other *other = context;
    struct speaker s;
    speaker_open(&s);
    for (uint64_t i = 0; !other->stop && i < 1 << 18; i++) {
        char line[200];
        snprintf(line, sizeof line, "{\"type\":\"order\",\"id\":\"X%lu\",\"customer\":\"C1\","
                                    "\"lines\":[{\"product\":\"P1\",\"quantity\":\"1\"}]}", i);
        struct fl_command *command = read_line(&s.reader, line);
        enum fl_status status;
        while ((status = fl_producer_send(s.producer, command, i)) == FL_BUSY)
            take_answer(other, &s, true);
        cr_assert_eq(status, FL_OK);
        other->sent = i + 1;
        while (take_answer(other, &s, false))
            continue;
    }
    while (take_answer(other, &s, true))
        continue;
    speaker_close(&s);
    return NULL;
}

Test(host_jobs, a_hundred_thousand_keys_run_out_between_the_commands_of_another_stream)
{
    static struct other other;
    struct speaker s;
    speaker_open(&s);
    open_book(&s, 10, 9999);
    cr_assert_eq(pthread_create(&other.thread, NULL, others_run, &other), 0);
    while (other.sent < 10)
        usleep(100);
    say(&s, "{\"type\":\"clock\",\"date\":\"2025-02-01\"}");
    other.stop = true;
    pthread_join(other.thread, NULL);
    speaker_close(&s);
    host_close();
    struct story story = log_story();
    cr_assert_leq(story.most, FL_SLICE_ITEMS);
    cr_assert_geq(story.items, 100000);
    uint64_t between = 0;
    cr_assert_eq(other.answered, other.sent);
    for (uint64_t i = 0; i < other.sent; i++)
        between += other.seqs[i] > story.clock_seq && other.seqs[i] < story.last_slice_seq;
    fprintf(stderr, "host_jobs: %lu commands of the other stream among %lu slices\n", between,
            story.slices);
    cr_assert_gt(between, 0);
}

/* The same in memory, without a host: what must be on disk when all is done, or at a sequence in the middle. */
struct model {
    struct fl_engine *engine;
    struct fl_command_json reader;
    uint64_t want_seq, digest;
};

static void model_note(struct model *m)
{
    if (fl_engine_seq(m->engine) == m->want_seq)
        m->digest = fl_engine_digest_now(m->engine);
}

static void slice_seen(void *context, const struct fl_command *command,
                       const struct fl_result *result)
{
    (void)command;
    (void)result;
    model_note(context);
}

static void model_say(struct model *m, const char *line)
{
    const struct fl_slice_sink sink = {slice_seen, m};
    struct fl_result result;
    struct fl_command *command = read_line(&m->reader, line);
    command->flags &= (uint16_t)~FL_FLAG_SLICED;
    result.tag = 0;
    cr_assert_eq(fl_engine_apply(m->engine, command, &result, NULL), FL_OK);
    model_note(m);
    cr_assert_eq(fl_engine_run_jobs(m->engine, &sink), FL_OK);
}

/* The digest after the command `want_seq` of: opening, batches, a clock with its work, and another clock. */
static uint64_t model_digest(unsigned batches, unsigned count, uint64_t want_seq)
{
    struct model m = {.want_seq = want_seq};
    struct fl_engine_config engine = {.memory_bytes = config.memory_bytes,
                                      .rows_max = config.rows_max};
    cr_assert_eq(fl_engine_create(&engine, &m.engine), FL_OK);
    cr_assert_eq(fl_command_json_open(&m.reader, "UTC", 3), FL_OK);
    m.reader.now_us = INT64_C(1750000000000000);
    for (unsigned i = 0; i < sizeof opening / sizeof opening[0]; i++)
        model_say(&m, opening[i]);
    for (unsigned b = 0; b < batches; b++) {
        char *line = keys_line(b, count);
        model_say(&m, line);
        free(line);
    }
    model_say(&m, "{\"type\":\"clock\",\"date\":\"2025-02-01\"}");
    model_say(&m, "{\"type\":\"clock\",\"date\":\"2025-02-02\"}");
    cr_assert_geq(fl_engine_seq(m.engine), want_seq);
    fl_command_json_close(&m.reader);
    fl_engine_destroy(m.engine);
    return m.digest;
}

/* A record of the log, applied as it stands. */
static enum fl_status record_apply(void *context, const struct fl_record *record, const char *file,
                                   uint64_t offset)
{
    struct model *m = context;
    struct fl_result result = {.tag = 0};
    (void)file;
    (void)offset;
    size_t bytes = (record->command_bytes + FL_COMMAND_SLACK + 63) & ~(size_t)63;
    struct fl_command *copy = aligned_alloc(64, bytes);
    memset(copy, 0, bytes);
    memcpy(copy, record + 1, record->command_bytes);
    enum fl_status status = fl_engine_apply(m->engine, copy, &result, NULL);
    free(copy);
    return status;
}

static uint64_t disk_digest(uint64_t *seq_out)
{
    struct fl_host *reader;
    cr_assert_eq(fl_host_open_reading(path, &config, &reader, &error), FL_OK, "%s", error.message);
    *seq_out = fl_engine_seq(fl_host_engine(reader));
    uint64_t digest = fl_engine_digest_now(fl_host_engine(reader));
    cr_assert_eq(fl_host_close(reader, &error), FL_OK);
    return digest;
}

/* A log's clock brings its slices: between them the work stands still, and the host can be closed. */
static void stop_between_slices(bool checkpoint)
{
    struct speaker s;
    uint64_t seq;
    speaker_open(&s);
    open_book(&s, 2, 1000);
    say(&s, "{\"type\":\"clock\",\"sliced\":true,\"date\":\"2025-02-01\"}");
    for (unsigned number = 1; number <= 7; number++) {
        char line[100];
        snprintf(line, sizeof line, "{\"type\":\"slice\",\"job\":1,\"number\":%u,\"n\":%u}", number,
                 FL_SLICE_ITEMS);
        say(&s, line);
    }
    speaker_close(&s);
    if (checkpoint)
        cr_assert_eq(fl_host_checkpoint(host, &error), FL_OK, "%s", error.message);
    host_close();
    cr_assert_eq(disk_digest(&seq), model_digest(2, 1000, 4 + 2 + 1 + 7));
    cr_assert_eq(seq, 4 + 2 + 1 + 7);
    host_open(); /* goes on by itself */
    speaker_open(&s);
    say(&s, "{\"type\":\"clock\",\"date\":\"2025-02-02\"}");
    speaker_close(&s);
    host_close();
    uint64_t digest = disk_digest(&seq);
    struct story story = log_story();
    cr_assert_eq(story.items, 2002);
    cr_assert_eq(story.slices, 16);
    cr_assert_eq(story.most, FL_SLICE_ITEMS);
    /* The second clock may have come before the last slice: the same work, in another place of the log. */
    if (story.last_slice_seq < story.clock_seq)
        cr_assert_eq(digest, model_digest(2, 1000, seq));
    host_open();
    speaker_open(&s); /* dropped before the closing, and after it */
    say(&s, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":\"1\",\"key\":"
            "\"k0-5\"}");
    say(&s, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":\"1\",\"key\":"
            "\"k1-998\"}");
    speaker_close(&s);
    host_close();
}

Test(host_jobs, work_that_was_stopped_between_slices_goes_on_at_the_next_opening)
{
    stop_between_slices(false);
}

Test(host_jobs, a_checkpoint_between_slices_brings_no_dropped_key_back)
{
    stop_between_slices(true);
}

Test(host_jobs, slices_of_a_log_that_come_again_are_duplicates)
{
    struct speaker s;
    speaker_open(&s);
    open_book(&s, 1, 1000);
    say(&s, "{\"type\":\"clock\",\"date\":\"2025-02-01\"}");
    for (unsigned number = 1; number <= 8; number++) {
        char line[100];
        snprintf(line, sizeof line, "{\"type\":\"slice\",\"job\":1,\"number\":%u,\"n\":%u}", number,
                 FL_SLICE_ITEMS);
        send(&s, line, 1);
        cr_assert_eq(answer(&s).status, FL_DUPLICATE);
    }
    speaker_close(&s);
    host_close();
}

/* Dies at the first of its own slices that it sees written. */
static _Noreturn void victim(unsigned slices)
{
    struct speaker s;
    struct fl_host_facts facts;
    host_open();
    speaker_open(&s);
    fl_host_facts(host, &facts);
    uint64_t until = facts.durable_seq + 1 + slices;
    send(&s, "{\"type\":\"clock\",\"date\":\"2025-02-01\"}", 1);
    do
        fl_host_facts(host, &facts);
    while (facts.durable_seq < until);
    kill(getpid(), SIGKILL);
    _exit(1);
}

Test(host_jobs, i7_kill_9_between_slices_resumes_with_what_is_left)
{
    enum { BATCHES = 4, COUNT = 5000, SLICES = (BATCHES * (COUNT + 1) + FL_SLICE_ITEMS - 1) /
                                               FL_SLICE_ITEMS };
    struct speaker s;
    uint64_t seq;
    int status;
    speaker_open(&s);
    open_book(&s, BATCHES, COUNT);
    speaker_close(&s);
    host_close();
    pid_t child = fork();
    if (child == 0)
        victim(5);
    waitpid(child, &status, 0);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    uint64_t digest = disk_digest(&seq);
    cr_assert_geq(seq, 4 + BATCHES + 1 + 5);
    cr_assert_eq(digest, model_digest(BATCHES, COUNT, seq), "at %lu", seq);
    host_open();
    speaker_open(&s);
    /* The same clock again, since its answer was lost: done when the work is. */
    say(&s, "{\"type\":\"clock\",\"date\":\"2025-02-01\"}");
    say(&s, "{\"type\":\"stock\",\"product\":\"P1\",\"kind\":\"receive\",\"quantity\":\"1\",\"key\":"
            "\"k3-4999\"}");
    speaker_close(&s);
    host_close();
    struct story story = log_story();
    cr_assert_eq(story.items, BATCHES * (COUNT + 1));
    cr_assert_eq(story.slices, SLICES, "cut anew at no place");
}

Test(host_jobs, a_closing_host_finishes_what_someone_waits_for)
{
    struct speaker s;
    speaker_open(&s);
    open_book(&s, 2, 9999);
    send(&s, "{\"type\":\"clock\",\"date\":\"2025-02-01\"}", 1);
    host_close(); /* the answer lies in the producer's ring until it is gone */
    struct story story = log_story();
    cr_assert_eq(story.items, 20000);
    fl_command_json_close(&s.reader);
}

/* ---- statements ------------------------------------------------------------------------------------ */

static char *statement_line(const char *mark, unsigned count)
{
    char *line = malloc(300 + (size_t)count * 160), *at = line;
    at += sprintf(at, "{\"type\":\"statement\",\"id\":\"ST\",%s\"account\":\"B1\",\"currency\":"
                      "\"EUR\",\"lines\":[", mark);
    for (unsigned i = 0; i < count; i++)
        at += sprintf(at, "%s{\"amount\":\"1\",\"booking_date\":\"2025-01-02\",\"bank_ref\":\"L%u\","
                          "\"references\":[\"INV-1\"]}", i ? "," : "", i);
    sprintf(at, "]}");
    return line;
}

static void say_statement(struct speaker *s, const char *mark, unsigned count,
                          enum fl_status status, int64_t matched)
{
    char *line = statement_line(mark, count);
    send(s, line, 1);
    struct fl_result result = answer(s);
    cr_assert_eq(result.status, status, "%s", fl_status_name(result.status));
    if (matched >= 0) {
        const struct fl_result_field *field = fl_result_find(&result, FL_RESULT_MATCHED);
        cr_assert_not_null(field, "the answer says how many lines it matched");
        cr_assert_eq(field->value, matched);
    }
    free(line);
}

static const char *const invoice =
    "{\"type\":\"invoice\",\"id\":\"INV-1\",\"customer\":\"C1\",\"date\":\"2025-01-01\",\"amount\":"
    "{\"net\":\"300.00\",\"tax\":\"0\"}}";

static uint32_t lines_posted(void)
{
    struct fl_host *reader;
    cr_assert_eq(fl_host_open_reading(path, &config, &reader, &error), FL_OK, "%s", error.message);
    const struct fl_store *store = fl_engine_store(fl_host_engine(reader));
    uint32_t posted = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++)
        posted += fl_statement_line_live(store, row)->status != FL_LINE_STORED;
    cr_assert_eq(fl_host_close(reader, &error), FL_OK);
    return posted;
}

Test(host_jobs, a_long_statement_is_answered_with_what_it_matched)
{
    struct speaker s;
    speaker_open(&s);
    open_book(&s, 0, 0);
    say(&s, invoice);
    say_statement(&s, "", 1000, FL_OK, 300);
    say_statement(&s, "", 1000, FL_DUPLICATE, -1);
    speaker_close(&s);
    host_close();
    struct story story = log_story();
    cr_assert_eq(story.items, 1000);
    cr_assert_leq(story.most, FL_SLICE_ITEMS);
    cr_assert_eq(lines_posted(), 1000);
}

Test(host_jobs, a_statement_stopped_between_slices_goes_on_behind_a_checkpoint)
{
    struct speaker s;
    uint64_t seq, digest;
    speaker_open(&s);
    open_book(&s, 0, 0);
    say(&s, invoice);
    say_statement(&s, "\"sliced\":true,", 1000, FL_OK, 0);
    say(&s, "{\"type\":\"slice\",\"job\":1,\"number\":1,\"n\":128}");
    say(&s, "{\"type\":\"slice\",\"job\":1,\"number\":2,\"n\":7}");
    speaker_close(&s);
    cr_assert_eq(fl_host_checkpoint(host, &error), FL_OK, "%s", error.message);
    host_close();
    cr_assert_eq(lines_posted(), 135);
    host_open();
    speaker_open(&s);
    say_statement(&s, "", 1000, FL_DUPLICATE, -1); /* answered when it is posted */
    speaker_close(&s);
    host_close();
    cr_assert_eq(lines_posted(), 1000);
    digest = disk_digest(&seq);
    /* The whole log applied in memory: the same. */
    struct model m = {.want_seq = seq};
    struct fl_engine_config engine = {.memory_bytes = config.memory_bytes,
                                      .rows_max = config.rows_max};
    cr_assert_eq(fl_engine_create(&engine, &m.engine), FL_OK);
    cr_assert_eq(fl_host_log(path, 0, record_apply, &m, &error), FL_OK, "%s", error.message);
    cr_assert_eq(fl_engine_digest_now(m.engine), digest);
    fl_engine_destroy(m.engine);
}
