#define _GNU_SOURCE
#include "tests/support/wal_fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sizes and bytes by a generator of their own, not by the hash the log uses. */
static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint32_t fl_wal_fixture_record(const struct fl_wal_fixture *fixture, uint64_t seq, void *out)
{
    uint32_t bytes = 1 + (uint32_t)(mixed(seq) % fixture->record_bytes_max);
    unsigned char *at = out;
    for (uint32_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(mixed(seq * 65537 + i / 8) >> (i % 8 * 8));
    return bytes;
}

static enum fl_status check_record(void *context, const struct fl_wal_entry *entry)
{
    struct fl_wal_fixture *fixture = context;
    static _Thread_local unsigned char expected[FL_WAL_FIXTURE_RECORD_MAX];
    uint32_t bytes = fl_wal_fixture_record(fixture, entry->seq, expected);
    if (fixture->read_count == 0)
        fixture->read_first = entry->seq;
    else if (entry->seq != fixture->read_last + 1)
        fixture->read_wrong = true;
    if (bytes != entry->bytes || memcmp(expected, entry->data, bytes) != 0)
        fixture->read_wrong = true;
    fixture->read_last = entry->seq;
    fixture->read_count++;
    return FL_OK;
}

static enum fl_status read_log(struct fl_wal_fixture *fixture, const uint64_t *roots,
                               uint32_t root_count, bool archive)
{
    fixture->read_first = fixture->read_last = fixture->read_count = 0;
    fixture->read_wrong = false;
    struct fl_wal_options options = {.roots = roots,
                                     .root_count = root_count,
                                     .archive = archive,
                                     .record = check_record,
                                     .context = fixture};
    return fl_wal_read(&fixture->directory, &options, &fixture->verdict, &fixture->error);
}

static enum fl_status start(struct fl_wal_fixture *fixture, const uint64_t *roots,
                            uint32_t root_count)
{
    FL_TRY(read_log(fixture, roots, root_count, false));
    FL_TRY(fl_wal_cut(&fixture->directory, fixture->segment_bytes, &fixture->verdict,
                      &fixture->error));
    FL_TRY(fl_wal_segments_init(&fixture->segments, &fixture->directory, fixture->segment_bytes, 1,
                                fixture->verdict.tail_segment, &fixture->error));
    enum fl_status status =
        fl_wal_writer_open(&fixture->writer, &fixture->directory, &fixture->segments,
                           &fixture->verdict, 16384, &fixture->error);
    if (status != FL_OK)
        fl_wal_segments_deinit(&fixture->segments);
    return status;
}

enum fl_status fl_wal_fixture_open(struct fl_wal_fixture *fixture, const char *path,
                                   const uint64_t *roots, uint32_t root_count)
{
    FL_TRY(fl_directory_open(fixture->disk, path, FL_DIRECTORY_WRITE, &fixture->directory,
                             &fixture->error));
    enum fl_status status = start(fixture, roots, root_count);
    if (status != FL_OK)
        fl_directory_close(&fixture->directory);
    return status;
}

enum fl_status fl_wal_fixture_close(struct fl_wal_fixture *fixture)
{
    enum fl_status status = fl_wal_writer_close(&fixture->writer, &fixture->error);
    fl_wal_segments_deinit(&fixture->segments);
    fl_directory_close(&fixture->directory);
    return status;
}

void fl_wal_fixture_drop(struct fl_wal_fixture *fixture)
{
    fixture->writer.failed = FL_IO_ERROR; /* whatever is open is let go, nothing is written */
    enum fl_status ignored = fl_wal_fixture_close(fixture);
    (void)ignored;
}

enum fl_status fl_wal_fixture_append(struct fl_wal_fixture *fixture)
{
    struct fl_wal_writer *writer = &fixture->writer;
    static _Thread_local unsigned char record[FL_WAL_FIXTURE_RECORD_MAX];
    uint64_t seq = writer->appended_seq + 1;
    uint32_t bytes = fl_wal_fixture_record(fixture, seq, record);
    void *at;
    enum fl_status status;
    while ((status = fl_wal_writer_reserve(writer, bytes, &at)) == FL_BUSY)
        FL_TRY(fl_wal_writer_wait(writer, true));
    FL_TRY(status);
    memcpy(at, record, bytes);
    fl_wal_writer_commit(writer, bytes, seq);
    return FL_OK;
}

enum fl_status fl_wal_fixture_read(struct fl_wal_fixture *fixture, const char *path)
{
    FL_TRY(fl_directory_open(fixture->disk, path, FL_DIRECTORY_READ, &fixture->directory,
                             &fixture->error));
    enum fl_status status = read_log(fixture, NULL, 0, true);
    fl_directory_close(&fixture->directory);
    return status;
}

void fl_temp_dir_make(char out[256])
{
    const char *base = getenv("TMPDIR");
    snprintf(out, 256, "%s/florin_test_XXXXXX", base ? base : "/tmp");
    FL_ASSERT(mkdtemp(out));
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
    (void)facts, (void)kind, (void)walk;
    return remove(path);
}

void fl_temp_dir_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
