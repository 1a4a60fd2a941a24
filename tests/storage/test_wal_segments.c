#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/disk_sim.h"
#include "tests/support/wal_fixture.h"

#define SEGMENT (64u << 10)

static void begin(struct fl_wal_fixture *log)
{
    memset(log, 0, sizeof *log);
    log->segment_bytes = SEGMENT;
    log->record_bytes_max = 900;
    cr_assert_eq(fl_disk_sim_create(4, &log->disk), FL_OK);
    cr_assert_eq(fl_directory_create(log->disk, "/shop", NULL), FL_OK);
    cr_assert_eq(fl_wal_fixture_open(log, "/shop", NULL, 0), FL_OK, "%s", log->error.message);
}

Test(wal_segments, names_are_numbers_and_nothing_else_is)
{
    char name[32];
    const uint64_t numbers[] = {1, 42, 9999999999u, 123456789012u};
    for (size_t i = 0; i < 4; i++) {
        fl_wal_segment_name(numbers[i], name);
        cr_assert_eq(fl_wal_segment_number(name), numbers[i], "%s", name);
    }
    const char *const others[] = {"",           "preparing",      "1.wal", "0000000001.wal~",
                                  "0000000001", "0000000000.wal", ".wal",  "00000000001.wal"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        cr_assert_eq(fl_wal_segment_number(others[i]), 0, "%s", others[i]);
}

Test(wal_segments, no_space_is_an_answer_that_takes_no_sequence_and_clears)
{
    struct fl_wal_fixture log;
    begin(&log);
    struct fl_disk_sim_faults faults = {.space_bytes = 3 * SEGMENT + 100};
    fl_disk_sim_set_faults(log.disk, &faults);
    enum fl_status status;
    while ((status = fl_wal_fixture_append(&log)) == FL_OK)
        ;
    cr_assert_eq(status, FL_NO_SPACE);
    uint64_t appended = log.writer.appended_seq;
    cr_assert_gt(appended, 200);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(fl_wal_fixture_append(&log), FL_NO_SPACE);
    cr_assert_eq(log.writer.appended_seq, appended);
    cr_assert_eq(fl_wal_writer_flush(&log.writer), FL_OK, "what was taken becomes durable");
    cr_assert_eq(log.writer.durable_seq, appended);

    faults.space_bytes = 0;
    fl_disk_sim_set_faults(log.disk, &faults);
    bool more = true;
    while (more)
        cr_assert_eq(fl_wal_segments_step(&log.segments, &more, NULL), FL_OK);
    cr_assert_eq(fl_wal_fixture_append(&log), FL_OK);
    cr_assert_eq(fl_wal_fixture_close(&log), FL_OK);
    cr_assert_eq(fl_wal_fixture_read(&log, "/shop"), FL_OK);
    cr_assert_eq(log.read_count, appended + 1);
    cr_assert_not(log.read_wrong);
    fl_disk_close(log.disk);
}

Test(wal_segments, w4_after_a_failed_write_everything_is_refused_and_nothing_is_written)
{
    struct fl_wal_fixture log;
    begin(&log);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(fl_wal_fixture_append(&log), FL_OK);
    cr_assert_eq(fl_wal_writer_flush(&log.writer), FL_OK);
    cr_assert_eq(fl_wal_fixture_append(&log), FL_OK);
    fl_disk_sim_set_faults(log.disk, &(struct fl_disk_sim_faults){.write_error_ppm = 1000000});
    cr_assert_eq(fl_wal_writer_flush(&log.writer), FL_IO_ERROR);
    cr_assert(strstr(fl_wal_writer_error(&log.writer)->message, "wal/0000000001.wal: write at"));
    fl_disk_sim_set_faults(log.disk, &(struct fl_disk_sim_faults){.crash_at_op = 0});
    uint64_t digest = fl_disk_sim_digest(log.disk);
    void *at;
    cr_assert_eq(fl_wal_writer_reserve(&log.writer, 8, &at), FL_IO_ERROR);
    cr_assert_eq(fl_wal_writer_submit(&log.writer), FL_IO_ERROR);
    cr_assert_eq(fl_wal_writer_reap(&log.writer), FL_IO_ERROR);
    cr_assert_eq(fl_wal_writer_wait(&log.writer, true), FL_IO_ERROR);
    cr_assert_eq(fl_wal_writer_proof(&log.writer), FL_IO_ERROR);
    cr_assert_eq(log.writer.durable_seq, 20);
    cr_assert_eq(fl_wal_fixture_close(&log), FL_IO_ERROR);
    cr_assert_eq(fl_disk_sim_digest(log.disk), digest);
    cr_assert_eq(fl_wal_fixture_open(&log, "/shop", NULL, 0), FL_OK);
    cr_assert(log.read_last == 20 || log.read_last == 21);
    fl_wal_fixture_drop(&log);
    fl_disk_close(log.disk);
}

Test(wal_segments, s3_the_writers_segment_and_what_no_checkpoint_covers_stay)
{
    struct fl_wal_fixture log;
    begin(&log);
    for (int i = 0; i < 600; i++)
        cr_assert_eq(fl_wal_fixture_append(&log), FL_OK);
    cr_assert_eq(fl_wal_writer_flush(&log.writer), FL_OK);
    uint64_t now = log.writer.segment.number;
    cr_assert_gt(now, 4);
    uint32_t moved = 9;
    cr_assert_eq(fl_wal_segments_retire(&log.segments, 0, 100, &moved, NULL), FL_OK);
    cr_assert_eq(moved, 0);
    cr_assert_eq(fl_wal_segments_retire(&log.segments, 600, 1, &moved, NULL), FL_OK);
    cr_assert_eq(moved, 1, "one at a time, if asked so");
    cr_assert_eq(fl_wal_segments_retire(&log.segments, 600, 100, &moved, NULL), FL_OK);
    cr_assert_eq(moved, now - 2);
    uint64_t *numbers;
    size_t count;
    cr_assert_eq(fl_wal_segments_list(&log.directory, "wal", &numbers, &count, NULL), FL_OK);
    cr_assert_eq(numbers[0], now);
    free(numbers);
    fl_wal_fixture_drop(&log);
    fl_disk_close(log.disk);
}

struct preparing {
    struct fl_wal_segments *segments;
    atomic_bool stop;
};

static void *prepare(void *context)
{
    struct preparing *preparing = context;
    bool more;
    while (!atomic_load(&preparing->stop))
        if (fl_wal_segments_step(preparing->segments, &more, NULL) != FL_OK || !more)
            fl_disk_sleep_ns(preparing->segments->directory->disk, 100000);
    return NULL;
}

/* A thread prepares, this one writes, a third looks: what is proven can be read at any time. */
Test(wal_segments, a_log_is_prepared_written_and_read_by_three_at_once)
{
    struct fl_wal_fixture log, reader;
    memset(&log, 0, sizeof log);
    char path[256];
    fl_temp_dir_make(path);
    log.segment_bytes = SEGMENT;
    log.record_bytes_max = 900;
    cr_assert_eq(fl_disk_open(FL_DISK_THREADS, &log.disk, NULL), FL_OK);
    cr_assert_eq(fl_directory_create(log.disk, path, NULL), FL_OK);
    cr_assert_eq(fl_wal_fixture_open(&log, path, NULL, 0), FL_OK);
    reader = (struct fl_wal_fixture){.disk = log.disk, .record_bytes_max = 900};
    struct preparing preparing = {.segments = &log.segments};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, prepare, &preparing), 0);
    for (int i = 0; i < 2000; i++) {
        unsigned char record[900];
        uint32_t bytes = fl_wal_fixture_record(&log, log.writer.appended_seq + 1, record);
        void *at;
        enum fl_status status;
        while ((status = fl_wal_writer_reserve(&log.writer, bytes, &at)) == FL_BUSY)
            cr_assert_eq(fl_wal_writer_wait(&log.writer, false), FL_OK);
        cr_assert_eq(status, FL_OK);
        memcpy(at, record, bytes);
        fl_wal_writer_commit(&log.writer, bytes, log.writer.appended_seq + 1);
        cr_assert_eq(fl_wal_writer_submit(&log.writer), FL_OK);
        cr_assert_eq(fl_wal_writer_reap(&log.writer), FL_OK);
        if (i % 200 == 199) {
            cr_assert_eq(fl_wal_fixture_read(&reader, path), FL_OK, "%s", reader.error.message);
            cr_assert_not(reader.read_wrong);
            cr_assert_leq(reader.verdict.proven_seq, log.writer.durable_seq);
            cr_assert_geq(reader.verdict.last_seq, log.writer.durable_seq);
        }
    }
    atomic_store(&preparing.stop, true);
    pthread_join(thread, NULL);
    cr_assert_eq(fl_wal_fixture_close(&log), FL_OK);
    cr_assert_eq(fl_wal_fixture_read(&reader, path), FL_OK);
    cr_assert_eq(reader.read_count, 2000);
    fl_disk_close(log.disk);
    fl_temp_dir_remove(path);
}
