/* wal_fixture.h - an engine directory with an open log, for tests: on a real disk or a simulated
 * one.
 *
 * Records are made from their sequence number alone (fl_wal_fixture_record), so that what is read
 * back can be compared with a reckoning that needs no log.
 */
#ifndef FLORIN_TESTS_SUPPORT_WAL_FIXTURE_H
#define FLORIN_TESTS_SUPPORT_WAL_FIXTURE_H

#include "storage/wal_writer.h"

#define FL_WAL_FIXTURE_RECORD_MAX (48u << 10)

struct fl_wal_fixture {
    struct fl_disk *disk;
    struct fl_directory directory;
    struct fl_wal_segments segments;
    struct fl_wal_writer writer;
    struct fl_wal_verdict verdict;
    struct fl_error error;
    uint64_t segment_bytes;
    uint32_t record_bytes_max; /* sizes vary up to here */
    /* What reading found: the records from 1 on (or first_seq), each as it must be. */
    uint64_t read_first, read_last, read_count;
    bool read_wrong;
};

/* Fills `out` with record `seq` of this fixture and returns its size. */
uint32_t fl_wal_fixture_record(const struct fl_wal_fixture *fixture, uint64_t seq, void *out);

/* Opens the directory to write, reads, cuts if it must, opens the writer. Whatever fails, nothing
 * stays open. `roots` as in fl_wal_options. */
enum fl_status fl_wal_fixture_open(struct fl_wal_fixture *fixture, const char *path,
                                   const uint64_t *roots, uint32_t root_count);
/* Closes well (with a proof), or drops everything as a crash would. */
enum fl_status fl_wal_fixture_close(struct fl_wal_fixture *fixture);
void fl_wal_fixture_drop(struct fl_wal_fixture *fixture);

/* Appends the next record; waits and prepares as it must. */
enum fl_status fl_wal_fixture_append(struct fl_wal_fixture *fixture);

/* Reads without changing anything; fills verdict and read_*. */
enum fl_status fl_wal_fixture_read(struct fl_wal_fixture *fixture, const char *path);

/* A folder under $TMPDIR or /tmp that did not exist; and everything in it taken away. */
void fl_temp_dir_make(char out[256]);
void fl_temp_dir_remove(const char *path);

#endif
