#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/wal_format.h"
#include "tests/support/wal_fixture.h"

static const enum fl_disk_kind kinds[] = {FL_DISK_URING, FL_DISK_THREADS};

struct place {
    char path[256];
    struct fl_wal_fixture log;
};

static void begin(struct place *place, enum fl_disk_kind kind, uint64_t segment_bytes)
{
    memset(place, 0, sizeof *place);
    fl_temp_dir_make(place->path);
    place->log.segment_bytes = segment_bytes;
    place->log.record_bytes_max = 300;
    cr_assert_eq(fl_disk_open(kind, &place->log.disk, NULL), FL_OK);
    cr_assert_eq(fl_directory_create(place->log.disk, place->path, &place->log.error), FL_OK, "%s",
                 place->log.error.message);
}

static void end(struct place *place)
{
    fl_disk_close(place->log.disk);
    fl_temp_dir_remove(place->path);
}

static void open_log(struct place *place)
{
    cr_assert_eq(fl_wal_fixture_open(&place->log, place->path, NULL, 0), FL_OK, "%s",
                 place->log.error.message);
    cr_assert_not(place->log.read_wrong);
}

static void append(struct place *place, int count)
{
    for (int i = 0; i < count; i++) {
        cr_assert_eq(fl_wal_fixture_append(&place->log), FL_OK);
        if (i % 7 == 0)
            cr_assert_eq(fl_wal_writer_submit(&place->log.writer), FL_OK);
        cr_assert_eq(fl_wal_writer_reap(&place->log.writer), FL_OK);
    }
}

Test(wal_writer, what_was_appended_is_read_back_over_many_segments)
{
    for (int k = 0; k < 2; k++) {
        struct place place;
        begin(&place, kinds[k], 64 << 10);
        for (int round = 1; round <= 3; round++) {
            open_log(&place);
            cr_assert_eq(place.log.read_count, (uint64_t)(round - 1) * 2000);
            append(&place, 2000);
            cr_assert_eq(fl_wal_writer_flush(&place.log.writer), FL_OK);
            cr_assert_eq(place.log.writer.durable_seq, (uint64_t)round * 2000);
            cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
        }
        cr_assert_eq(fl_wal_fixture_read(&place.log, place.path), FL_OK);
        cr_assert_eq(place.log.read_count, 6000);
        cr_assert_not(place.log.read_wrong);
        cr_assert_eq(place.log.verdict.proven_seq, 6000);
        cr_assert_eq(place.log.verdict.last_epoch, 3);
        end(&place);
    }
}

Test(wal_writer, w1_w2_durable_follows_in_order_and_never_runs_ahead)
{
    struct place place;
    begin(&place, FL_DISK_THREADS, 256 << 10);
    open_log(&place);
    struct fl_wal_writer *writer = &place.log.writer;
    uint64_t before = 0;
    for (int i = 0; i < 500; i++) {
        cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
        cr_assert_leq(writer->durable_seq, writer->submitted_seq);
        cr_assert_leq(writer->submitted_seq, writer->appended_seq);
        cr_assert_geq(writer->durable_seq, before);
        before = writer->durable_seq;
        cr_assert_eq(fl_wal_writer_submit(writer), FL_OK);
        cr_assert_eq(fl_wal_writer_reap(writer), FL_OK);
    }
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
    end(&place);
}

Test(wal_writer, a_record_of_16_mib_takes_one_block_and_a_larger_one_is_too_long)
{
    struct place place;
    begin(&place, FL_DISK_URING, 40 << 20);
    place.log.record_bytes_max = 100;
    open_log(&place);
    struct fl_wal_writer *writer = &place.log.writer;
    cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
    void *at;
    cr_assert_eq(fl_wal_writer_reserve(writer, FL_RECORD_BYTES_MAX + 1, &at), FL_TOO_LONG);
    cr_assert_eq(fl_wal_writer_reserve(writer, FL_RECORD_BYTES_MAX, &at), FL_OK);
    memset(at, 7, FL_RECORD_BYTES_MAX);
    fl_wal_writer_commit(writer, FL_RECORD_BYTES_MAX, 2);
    cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
    cr_assert_eq(fl_wal_fixture_read(&place.log, place.path), FL_OK);
    cr_assert_eq(place.log.read_count, 3);
    cr_assert_eq(place.log.verdict.last_seq, 3);
    end(&place);
}

Test(wal_writer, an_abandoned_record_leaves_no_trace)
{
    struct place place;
    begin(&place, FL_DISK_URING, 64 << 10);
    open_log(&place);
    void *at;
    for (int i = 0; i < 50; i++) {
        cr_assert_eq(fl_wal_writer_reserve(&place.log.writer, 900, &at), FL_OK);
        memset(at, 0xee, 900);
        fl_wal_writer_abandon(&place.log.writer);
        cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
    }
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
    cr_assert_eq(fl_wal_fixture_read(&place.log, place.path), FL_OK);
    cr_assert_eq(place.log.read_count, 50);
    cr_assert_not(place.log.read_wrong);
    end(&place);
}

Test(wal_writer, l1_a_sequence_that_is_not_the_next_breaks_the_contract, .signal = SIGABRT)
{
    struct place place;
    begin(&place, FL_DISK_THREADS, 64 << 10);
    open_log(&place);
    void *at;
    cr_assert_eq(fl_wal_writer_reserve(&place.log.writer, 8, &at), FL_OK);
    memset(at, 0, 8);
    fl_temp_dir_remove(place.path);
    fl_wal_writer_commit(&place.log.writer, 8, 2);
}

Test(wal_writer, w5_an_idle_log_is_proven_once)
{
    struct place place;
    begin(&place, FL_DISK_URING, 64 << 10);
    open_log(&place);
    struct fl_wal_writer *writer = &place.log.writer;
    append(&place, 10);
    cr_assert_eq(fl_wal_writer_flush(writer), FL_OK);
    cr_assert_lt(writer->proven_seq, 10);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(fl_wal_writer_proof(writer), FL_OK);
        cr_assert_eq(fl_wal_writer_flush(writer), FL_OK);
        cr_assert_eq(writer->proven_seq, 10);
    }
    uint64_t written = writer->blocks_written;
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
    cr_assert_eq(writer->blocks_written, written);
    end(&place);
}

static uint64_t file_hash(const char *path)
{
    FILE *file = fopen(path, "r");
    cr_assert(file);
    static unsigned char bytes[1 << 20];
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return fl_hash64(bytes, n, 1) + n;
}

Test(wal_writer, w5_a_log_that_ends_with_its_segment_is_proven_at_closing)
{
    struct place place;
    begin(&place, FL_DISK_THREADS, FL_WAL_SEGMENT_BYTES_MIN);
    open_log(&place);
    const uint64_t blocks = FL_WAL_SEGMENT_BYTES_MIN / FL_WAL_ALIGNMENT;
    for (uint64_t i = 0; i < blocks; i++) {
        cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
        cr_assert_eq(fl_wal_writer_flush(&place.log.writer), FL_OK);
    }
    cr_assert_eq(place.log.writer.next_offset, FL_WAL_SEGMENT_BYTES_MIN);
    cr_assert_eq(fl_wal_segments_ready_bytes(&place.log.segments), 0);
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
    cr_assert_eq(fl_wal_fixture_read(&place.log, place.path), FL_OK);
    cr_assert_eq(place.log.verdict.proven_seq, blocks);
    end(&place);
}

Test(wal_writer, r3_opening_and_closing_a_clean_log_changes_no_byte)
{
    struct place place;
    begin(&place, FL_DISK_URING, 128 << 10);
    open_log(&place);
    append(&place, 100);
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
    char path[300];
    snprintf(path, sizeof path, "%s/wal/0000000001.wal", place.path);
    uint64_t before = file_hash(path);
    for (int i = 0; i < 3; i++) {
        open_log(&place);
        cr_assert_eq(place.log.verdict.dropped_bytes, 0);
        cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
        cr_assert_eq(file_hash(path), before);
    }
    end(&place);
}

/* O25, to the letter: the log is cut inside event 2 at every length, or a stray byte is added. */
Test(wal_writer, o25_torn_last_record_then_more_writes_then_another_crash)
{
    struct place place;
    begin(&place, FL_DISK_THREADS, 32 << 10);
    open_log(&place);
    cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
    cr_assert_eq(fl_wal_writer_flush(&place.log.writer), FL_OK);
    cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
    cr_assert_eq(fl_wal_writer_flush(&place.log.writer), FL_OK);
    uint64_t used = sizeof(struct fl_wal_header) +
                    place.log.writer.blocks[1].payload_bytes; /* of event 2's block */
    fl_wal_fixture_drop(&place.log);
    char path[300];
    snprintf(path, sizeof path, "%s/wal/0000000001.wal", place.path);
    static char whole[32 << 10];
    int file = open(path, O_RDWR);
    cr_assert_eq(pread(file, whole, sizeof whole, 0), (ssize_t)sizeof whole);
    for (uint64_t length = 0; length <= used; length++) {
        bool stray = length == used; /* event 2 never came, one byte did */
        char later[300];
        snprintf(later, sizeof later, "%s/wal/0000000002.wal", place.path);
        unlink(later);
        cr_assert_eq(ftruncate(file, 0), 0);
        cr_assert_eq(pwrite(file, whole, 4096 + length, 0), (ssize_t)(4096 + length));
        if (stray) {
            cr_assert_eq(ftruncate(file, 4096), 0);
            cr_assert_eq(pwrite(file, "x", 1, 4096), 1);
        }
        /* What is not zero of the piece: that much is said to be dropped. */
        uint64_t expected = stray ? 1 : length;
        while (!stray && expected > 0 && whole[4096 + expected - 1] == 0)
            expected--;
        open_log(&place);
        bool complete =
            !stray && memcmp(whole + 4096 + length, (char[1024]){0}, used - length) == 0;
        cr_assert_eq(place.log.read_count, complete ? 2 : 1, "length %d", (int)length);
        cr_assert_eq(place.log.verdict.dropped_bytes, complete ? 0 : expected);
        for (int i = 0; i < 2; i++)
            cr_assert_eq(fl_wal_fixture_append(&place.log), FL_OK);
        cr_assert_eq(fl_wal_writer_flush(&place.log.writer), FL_OK);
        fl_wal_fixture_drop(&place.log);
        open_log(&place);
        cr_assert_eq(place.log.read_count, complete ? 4 : 3);
        cr_assert_eq(place.log.verdict.dropped_bytes, 0);
        fl_wal_fixture_drop(&place.log);
    }
    close(file);
    end(&place);
}

Test(wal_writer, old_segments_move_to_the_archive_and_are_still_read)
{
    struct place place;
    begin(&place, FL_DISK_URING, 64 << 10);
    open_log(&place);
    append(&place, 3000);
    cr_assert_eq(fl_wal_writer_flush(&place.log.writer), FL_OK);
    uint32_t moved = 0;
    cr_assert_eq(fl_wal_segments_retire(&place.log.segments, 1500, 100, &moved, NULL), FL_OK);
    cr_assert_gt(moved, 1);
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);

    uint64_t roots[] = {1500, 2000};
    cr_assert_eq(fl_wal_fixture_open(&place.log, place.path, roots, 2), FL_OK);
    cr_assert_leq(place.log.read_first, 1501);
    cr_assert_gt(place.log.read_first, 1);
    cr_assert_eq(place.log.read_last, 3000);
    cr_assert_eq(fl_wal_segments_retire(&place.log.segments, 3000, 100, &moved, NULL), FL_OK);
    cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
    cr_assert_eq(fl_wal_fixture_read(&place.log, place.path), FL_OK);
    cr_assert_eq(place.log.read_count, 3000);

    /* Without its checkpoint the log is not enough, and one that has less than the root is refused.
     */
    cr_assert_eq(fl_wal_fixture_open(&place.log, place.path, NULL, 0), FL_CORRUPT);
    cr_assert_eq(fl_wal_fixture_open(&place.log, place.path, (uint64_t[]){3001}, 1), FL_CORRUPT);
    end(&place);
}

/* Appends for ever and says after each completion what is durable. */
static void write_until_killed(struct place *place, int say)
{
    if (fl_wal_fixture_open(&place->log, place->path, NULL, 0) != FL_OK)
        _exit(1);
    struct fl_wal_writer *writer = &place->log.writer;
    for (uint64_t said = 0;;) {
        if (fl_wal_fixture_append(&place->log) != FL_OK || fl_wal_writer_submit(writer) != FL_OK ||
            fl_wal_writer_reap(writer) != FL_OK)
            _exit(2);
        uint64_t durable = fl_wal_writer_durable_seq(writer);
        if (durable != said && write(say, &durable, sizeof durable) != sizeof durable)
            _exit(3);
        said = durable;
    }
}

Test(wal_writer, a_killed_process_loses_nothing_it_called_durable)
{
    for (int k = 0; k < 2; k++) {
        struct place place;
        begin(&place, kinds[k], 256 << 10);
        uint64_t durable = 0;
        for (int round = 0; round < 8; round++) {
            int pipes[2];
            cr_assert_eq(pipe(pipes), 0);
            pid_t child = fork();
            if (child == 0)
                write_until_killed(&place, pipes[1]);
            close(pipes[1]);
            for (int i = 0; i < 5 + round * 9; i++)
                cr_assert_eq(read(pipes[0], &durable, sizeof durable), (ssize_t)sizeof durable);
            kill(child, SIGKILL);
            while (read(pipes[0], &durable, sizeof durable) == (ssize_t)sizeof durable)
                ;
            close(pipes[0]);
            int status;
            cr_assert_eq(waitpid(child, &status, 0), child);
            open_log(&place);
            cr_assert_geq(place.log.read_count, durable);
            cr_assert_eq(place.log.read_last, place.log.read_count);
            cr_assert_eq(fl_wal_fixture_close(&place.log), FL_OK);
        }
        end(&place);
    }
}
