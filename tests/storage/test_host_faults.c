/* The disk refuses: failed writes (O2), no space for the log, no space for a checkpoint. The calls
 * of the C library are stood in for, so that a whole host meets it. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/host_fixture.h"

static _Atomic int64_t log_writes_left = INT64_MAX; /* then EIO */
static _Atomic bool no_space_for_log, no_space_for_checkpoint;

static bool is_file(int fd, const char *word)
{
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return false;
    path[n] = 0;
    return strstr(path, word) != NULL;
}

static bool is_refused(int fd)
{
    return (no_space_for_log && is_file(fd, "/wal/preparing")) ||
           (no_space_for_checkpoint && is_file(fd, "data.mdb"));
}

ssize_t pwritev2(int fd, const struct iovec *pieces, int count, off_t offset, int flags)
{
    static ssize_t (*real)(int, const struct iovec *, int, off_t, int);
    if (!real)
        real = (ssize_t(*)(int, const struct iovec *, int, off_t, int))dlsym(RTLD_NEXT, "pwritev2");
    if (atomic_fetch_sub(&log_writes_left, 1) <= 0) {
        errno = EIO;
        return -1;
    }
    return real(fd, pieces, count, offset, flags);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    if (is_refused(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, data, bytes, offset);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    static ssize_t (*real)(int, const struct iovec *, int);
    if (!real)
        real = (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
    if (is_refused(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, pieces, count);
}

int fallocate(int fd, int mode, off_t offset, off_t bytes)
{
    static int (*real)(int, int, off_t, off_t);
    if (!real)
        real = (int (*)(int, int, off_t, off_t))dlsym(RTLD_NEXT, "fallocate");
    if (is_refused(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, mode, offset, bytes);
}

static void check_disk(struct fl_host_fixture *f, uint64_t at_least, uint64_t at_most)
{
    uint64_t digest, seq;
    cr_assert_eq(fl_host_fixture_read(f, &digest, &seq, NULL), FL_OK, "%s", f->error.message);
    cr_assert(seq >= at_least && seq <= at_most, "%lu is not in %lu .. %lu", seq, at_least,
              at_most);
    cr_assert_eq(digest, fl_host_fixture_model_digest(f, seq));
}

static void open_with(struct fl_host_fixture *f, enum fl_io_choice io)
{
    f->config.io = io;
    cr_assert_eq(fl_host_fixture_open(f), FL_OK, "%s", f->error.message);
}

static void fail_after(int64_t writes, uint64_t seed)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 500, seed);
    open_with(&f, FL_IO_THREADS);
    log_writes_left = writes;
    uint64_t acked = 0, failures = 0;
    for (uint64_t i = 0; i < f.count; i++) {
        enum fl_status status = fl_producer_send(f.producer, f.commands[i], i);
        const struct fl_result *result;
        while ((result = fl_producer_receive(f.producer, i % 50 == 0)) != NULL) {
            if (result->status == FL_OK)
                acked = result->seq;
            else
                failures++;
            cr_assert(result->status == FL_OK || result->status == FL_IO_ERROR);
            cr_assert(result->status != FL_OK || failures == 0, "an answer after the failure");
        }
        if (status == FL_IO_ERROR)
            break;
    }
    while (fl_producer_receive(f.producer, true))
        failures++;
    cr_assert_eq(fl_producer_send(f.producer, f.commands[0], 0), FL_IO_ERROR);
    cr_assert_eq(fl_host_checkpoint(f.host, NULL), FL_IO_ERROR);
    cr_assert_eq(fl_host_fixture_close(&f), FL_IO_ERROR);
    log_writes_left = INT64_MAX;
    cr_assert_lt(acked, f.count);
    check_disk(&f, acked, f.count);
    /* The next opening goes on from there. */
    open_with(&f, FL_IO_THREADS);
    uint64_t from = fl_engine_seq(fl_host_engine(f.host));
    fl_host_fixture_feed(&f, from, f.count, NULL);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK);
    check_disk(&f, f.count, f.count);
    fl_host_fixture_end(&f);
}

Test(host_faults, o2_after_a_failed_write_nothing_above_durable_is_shown, .timeout = 60)
{
    fail_after(1, 41);
    fail_after(3, 42);
    fail_after(8, 43);
}

/* Sends one command until it is decided; returns how often there was no space. */
static uint64_t insist(struct fl_host_fixture *f, uint64_t i, uint64_t refusals_max)
{
    for (uint64_t refusals = 0;; refusals++) {
        cr_assert_eq(fl_producer_send(f->producer, f->commands[i], i), FL_OK);
        const struct fl_result *result = fl_producer_receive(f->producer, true);
        if (result->status == FL_OK) {
            cr_assert_eq(result->seq, i + 1);
            return refusals;
        }
        cr_assert_eq(result->status, FL_NO_SPACE, "%s", fl_status_name(result->status));
        cr_assert_eq(result->seq, 0);
        if (refusals == refusals_max)
            no_space_for_log = false;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

Test(host_faults, no_space_for_the_log_is_an_answer_and_clears, .timeout = 60)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 1200, 44);
    f.config.segment_bytes = 128 << 10;
    open_with(&f, FL_IO_AUTO);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* what is prepared is prepared */
    no_space_for_log = true;
    uint64_t refusals = 0;
    for (uint64_t i = 0; i < f.count; i++)
        refusals += insist(&f, i, 3);
    cr_assert_geq(refusals, 3);
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK, "%s", f.error.message);
    check_disk(&f, f.count, f.count);
    fl_host_fixture_end(&f);
}

Test(host_faults, p3_no_space_for_a_checkpoint_stops_nothing_else, .timeout = 60)
{
    struct fl_host_fixture f;
    fl_host_fixture_begin(&f, 900, 45);
    open_with(&f, FL_IO_AUTO);
    uint64_t at = 0, step = f.count / 6;
    for (unsigned round = 0; round < 6; round++) {
        uint64_t to = round == 5 ? f.count : at + step;
        no_space_for_checkpoint = round == 2 || round == 3;
        fl_host_fixture_feed(&f, at, to, NULL);
        cr_assert_eq(fl_host_checkpoint(f.host, &f.error),
                     no_space_for_checkpoint ? FL_NO_SPACE : FL_OK, "%s", f.error.message);
        at = to;
    }
    cr_assert_eq(fl_host_fixture_close(&f), FL_OK, "%s", f.error.message);
    check_disk(&f, f.count, f.count);
    fl_host_fixture_end(&f);
}
