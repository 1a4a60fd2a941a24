#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli/line_source.h"
#include "tools/format/command_json.h"

struct feed {
    int fd;
    const char *bytes;
    size_t length, step;
};

static void *feed_run(void *context)
{
    const struct feed *feed = context;
    for (size_t at = 0; at < feed->length;) {
        size_t n = feed->length - at < feed->step ? feed->length - at : feed->step;
        ssize_t done = write(feed->fd, feed->bytes + at, n);
        cr_assert_gt(done, 0);
        at += (size_t)done;
    }
    close(feed->fd);
    return NULL;
}

/* Reads through a pipe written in steps; joins what comes by '|' ("number:text"). */
static char *read_all(const char *bytes, size_t length, size_t step)
{
    int ends[2];
    pthread_t thread;
    char *got = calloc(1, length + 4096);
    size_t n = 0;
    cr_assert_eq(pipe(ends), 0);
    struct feed feed = {ends[1], bytes, length, step};
    pthread_create(&thread, NULL, feed_run, &feed);
    struct fl_line_source source;
    struct fl_line line;
    cr_assert(fl_line_source_open(&source, ends[0]));
    while (fl_line_source_next(&source, &line)) {
        n += (size_t)sprintf(got + n, "%u:", (unsigned)line.number);
        if (line.too_long)
            n += (size_t)sprintf(got + n, "LONG");
        memcpy(got + n, line.text, line.length);
        n += line.length;
        got[n++] = '|';
    }
    cr_assert_not(source.failed);
    pthread_join(thread, NULL);
    fl_line_source_close(&source);
    close(ends[0]);
    return got;
}

static void expect(const char *bytes, const char *wanted)
{
    for (size_t step = 1; step < 9; step++) {
        char *got = read_all(bytes, strlen(bytes), step);
        cr_expect_str_eq(got, wanted, "step %zu", step);
        free(got);
    }
}

Test(line_source, lines_are_numbered_and_lose_their_ends)
{
    expect("", "");
    expect("a", "1:a|");
    expect("a\n", "1:a|");
    expect("a\r\nbb\n\n\rc\r", "1:a|2:bb|3:|4:\rc|");
    expect("\n", "1:|");
    expect("\xEF\xBB\xBFx\ny", "1:x|2:y|");
    expect("\xEF\xBBx", "1:\xEF\xBBx|");
    expect("\xEF\xBB\xBF", "");
}

Test(line_source, random_lines_come_whole_over_blocks_and_steps)
{
    unsigned seed = 5;
    size_t length = 3u << 20, n = 0;
    char *bytes = malloc(length), *wanted = malloc(length * 4);
    unsigned number = 1;
    size_t begin = 0;
    for (size_t i = 0; i < length; i++)
        bytes[i] =
            rand_r(&seed) % 3000 == 0 || i + 1 == length ? '\n' : (char)('a' + rand_r(&seed) % 26);
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n')
            continue;
        n += (size_t)sprintf(wanted + n, "%u:", number++);
        memcpy(wanted + n, bytes + begin, i - begin);
        n += i - begin;
        wanted[n++] = '|';
        begin = i + 1;
    }
    wanted[n] = '\0';
    char *got = read_all(bytes, length, 60000);
    cr_assert_eq(strcmp(got, wanted), 0);
    free(got);
    free(bytes);
    free(wanted);
}

Test(line_source, a_line_beyond_the_limit_is_told_by_number_and_skipped)
{
    size_t limit = FL_LINE_BYTES_MAX;
    for (int over = 0; over < 2; over++) {
        size_t long_length = limit + (over ? 40u << 20 : 0), length = long_length + 7;
        char *bytes = calloc(1, length + 1);
        cr_assert_not_null(bytes);
        for (size_t i = 0; i < length; i++)
            bytes[i] = i < 3                 ? "ab\n"[i]
                       : i < 3 + long_length ? 'x'
                                             : "\ncd\n"[i - 3 - long_length];
        char *got = read_all(bytes, strlen(bytes), 1u << 20);
        cr_assert_eq(memcmp(got, "1:ab|2:", 7), 0);
        if (over)
            cr_assert_str_eq(got, "1:ab|2:LONG|3:cd|");
        else
            cr_assert_eq(strlen(got), strlen("1:ab|2:|3:cd|") + limit);
        free(got);
        free(bytes);
    }
}

Test(line_source, padding_behind_the_last_line_can_be_read)
{
    int ends[2];
    struct fl_line_source source;
    struct fl_line line;
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "{}", 2), 2);
    cr_assert(fl_line_source_open(&source, ends[0]));
    close(ends[1]);
    cr_assert(fl_line_source_next(&source, &line));
    char copy[FL_JSON_PADDING];
    memcpy(copy, line.text + line.length, sizeof copy);
    cr_assert_not(fl_line_source_next(&source, &line));
    fl_line_source_close(&source);
    close(ends[0]);
}

Test(line_source, it_waits_only_where_a_pipe_is_empty)
{
    int ends[2];
    struct fl_line_source source;
    struct fl_line line;
    cr_assert_eq(pipe(ends), 0);
    cr_assert(fl_line_source_open(&source, ends[0]));
    cr_assert_eq(write(ends[1], "one\ntwo\nthr", 11), 11);
    cr_assert(fl_line_source_next(&source, &line));
    cr_assert_not(fl_line_source_waits(&source), "two is here");
    cr_assert(fl_line_source_next(&source, &line));
    cr_assert(fl_line_source_waits(&source), "three is not whole");
    cr_assert_eq(write(ends[1], "ee", 2), 2);
    cr_assert_not(fl_line_source_waits(&source), "something is there to be read");
    close(ends[1]);
    cr_assert(fl_line_source_next(&source, &line));
    cr_assert_eq(line.length, 5);
    cr_assert_not(fl_line_source_waits(&source));
    fl_line_source_close(&source);
    close(ends[0]);
}
