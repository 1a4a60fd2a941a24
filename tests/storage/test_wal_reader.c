#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "storage/disk_sim.h"
#include "storage/wal_reader.h"
#include "storage/wal_segments.h"
#include "tests/support/wal_bytes.h"
#include "tests/support/wal_table.h"

#define SEGMENT (64u << 10)

/* Two accepted blocks, sequences 1 to 6, in epoch 2; whatever is tested comes behind them. */
struct log {
    struct fl_disk *disk;
    struct fl_directory directory;
    uint64_t checksum;
    struct fl_error error;
    struct fl_wal_verdict verdict;
};

static void open_log(struct log *log)
{
    memset(log, 0, sizeof *log);
    cr_assert_eq(fl_disk_sim_create(11, &log->disk), FL_OK);
    cr_assert_eq(fl_directory_create(log->disk, "/shop", &log->error), FL_OK);
    cr_assert_eq(fl_directory_open(log->disk, "/shop", FL_DIRECTORY_WRITE, &log->directory, NULL),
                 FL_OK);
}

static void close_log(struct log *log)
{
    fl_directory_close(&log->directory);
    fl_disk_close(log->disk);
}

static uint64_t put(struct log *log, uint64_t number, uint64_t offset, struct fl_wal_header header,
                    uint32_t records)
{
    unsigned char block[4096];
    if (header.segment == 0)
        header.segment = number;
    if (header.epoch == 0)
        header.epoch = 2;
    fl_wal_bytes_block(&log->directory, &header, records, block);
    fl_wal_bytes_put(&log->directory, number, offset, block, sizeof block);
    return ((struct fl_wal_header *)(void *)block)->checksum;
}

static void put_start(struct log *log)
{
    uint64_t start = fl_wal_chain_start(fl_wal_seed(log->directory.id));
    fl_wal_bytes_zeros(&log->directory, 1, SEGMENT);
    uint64_t first = put(log, 1, 0, (struct fl_wal_header){.first_seq = 1, .previous = start}, 3);
    log->checksum =
        put(log, 1, 4096,
            (struct fl_wal_header){.first_seq = 4, .previous = first, .durable_upto = 3}, 3);
}

static enum fl_status read_log(struct log *log, uint64_t root)
{
    struct fl_wal_options options = {.roots = &root, .root_count = root ? 1 : 0};
    return fl_wal_read(&log->directory, &options, &log->verdict, &log->error);
}

static void garbage(struct log *log, uint64_t number, uint64_t offset)
{
    unsigned char bytes[4096];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + 1);
    fl_wal_bytes_put(&log->directory, number, offset, bytes, sizeof bytes);
}

static void put_stop(struct log *log, enum fl_wal_stop stop)
{
    switch (stop) {
    case FL_WAL_STOP_CHAINED:
        put(log, 1, 8192,
            (struct fl_wal_header){.first_seq = 7, .previous = log->checksum, .durable_upto = 6},
            2);
        break;
    case FL_WAL_STOP_ZERO:
        break;
    case FL_WAL_STOP_OLDER:
        put(log, 1, 8192, (struct fl_wal_header){.first_seq = 7, .epoch = 1, .previous = 5}, 2);
        break;
    case FL_WAL_STOP_GAP:
        put(log, 1, 8192, (struct fl_wal_header){.first_seq = 9, .previous = 5, .durable_upto = 6},
            2);
        break;
    case FL_WAL_STOP_WRONG:
        put(log, 1, 8192, (struct fl_wal_header){.first_seq = 7, .previous = 5, .durable_upto = 6},
            2);
        break;
    case FL_WAL_STOP_BAD:
        garbage(log, 1, 8192);
        break;
    }
}

static void put_later(struct log *log, enum fl_wal_later later, uint64_t number, uint64_t offset)
{
    if (later == FL_WAL_LATER_OLDER)
        put(log, number, offset, (struct fl_wal_header){.first_seq = 5, .epoch = 1, .previous = 5},
            1);
    if (later == FL_WAL_LATER_INTACT)
        put(log, number, offset,
            (struct fl_wal_header){.first_seq = 20, .previous = 5, .durable_upto = 6}, 1);
    if (later == FL_WAL_LATER_BAD)
        garbage(log, number, offset);
}

/* Every combination of facts as real bytes: what is behind the stop in the same segment or in the
 * next file, a proof beyond as a root. */
static void build(struct log *log, const struct fl_wal_facts *facts, bool next_segment)
{
    uint64_t next = facts->segment_missing ? 3 : 2;
    put_start(log);
    put_stop(log, facts->stop);
    if (next_segment || facts->segment_missing)
        fl_wal_bytes_zeros(&log->directory, next, SEGMENT);
    if (next_segment)
        put_later(log, facts->later, next, 12288);
    else
        put_later(log, facts->later, 1, 20480);
    if (facts->newer_format)
        put(log, 1, 28672, (struct fl_wal_header){.version = 2, .first_seq = 30}, 1);
    if (facts->read_failed)
        cr_assert(fl_disk_sim_break_sector(log->disk, "/shop/wal/0000000001.wal", 12288));
}

static const enum fl_status status_of_case[8] = {FL_IO_ERROR, FL_NEWER_FORMAT, FL_OK, FL_CORRUPT,
                                                 FL_CORRUPT,  FL_OK,           FL_OK, FL_CORRUPT};

static void try_combination(const struct fl_wal_facts *asked, bool next_segment)
{
    struct log log;
    open_log(&log);
    build(&log, asked, next_segment);
    struct fl_wal_facts facts = *asked;
    uint64_t v = 6;
    if (facts.stop == FL_WAL_STOP_CHAINED) { /* accepted; the stop is the zeros behind it */
        facts.stop = FL_WAL_STOP_ZERO;
        v = 8;
    }
    int expected = fl_wal_table_case(&facts);
    uint64_t before = fl_disk_sim_digest(log.disk);
    enum fl_status status = read_log(&log, facts.proof_beyond ? v + 1 : v);
    cr_assert_eq((int)log.verdict.decision, expected, "%s", log.error.message);
    cr_assert_eq(status, status_of_case[expected]);
    cr_assert_eq(log.verdict.last_seq, facts.read_failed ? log.verdict.last_seq : v);
    cr_assert_eq(fl_disk_sim_digest(log.disk), before, "reading wrote");
    if (status != FL_OK)
        cr_assert(strstr(log.error.message, "wal/000000000") && strstr(log.error.message, " at "),
                  "%s", log.error.message);
    if (status == FL_OK) { /* R4: after the cut there is nothing left to decide */
        cr_assert_eq(fl_wal_cut(&log.directory, SEGMENT, &log.verdict, &log.error), FL_OK);
        bool touched = fl_disk_sim_digest(log.disk) != before;
        cr_assert_eq(touched, expected == 6 || asked->stop == FL_WAL_STOP_OLDER ||
                                  asked->later == FL_WAL_LATER_OLDER);
        cr_assert_eq(read_log(&log, v), FL_OK);
        cr_assert_eq(log.verdict.decision, FL_WAL_CASE_END);
        cr_assert_eq(log.verdict.last_seq, v);
        cr_assert_not(log.verdict.dirty);
    }
    close_log(&log);
}

Test(wal_reader, every_combination_of_the_table_is_decided_so_on_real_bytes)
{
    struct fl_wal_facts facts;
    for (int i = 0; fl_wal_table_combination(i, &facts); i++)
        for (int next = 0; next < 2; next++)
            try_combination(&facts, next);
}

Test(wal_reader, a_flip_of_any_byte_before_the_last_block_is_refused_by_name)
{
    struct log log;
    open_log(&log);
    put_start(&log);
    for (uint64_t offset = 0; offset < 4096; offset += offset < 300 ? 1 : 97) {
        struct fl_disk *same = fl_disk_sim_image(log.disk, 1, 1);
        struct log damaged = {.disk = same};
        cr_assert_eq(fl_directory_open(same, "/shop", FL_DIRECTORY_WRITE, &damaged.directory, NULL),
                     FL_OK);
        cr_assert(fl_disk_sim_damage(same, "/shop/wal/0000000001.wal", offset, 1, offset));
        uint64_t before = fl_disk_sim_digest(same);
        enum fl_status status = read_log(&damaged, 0);
        cr_assert_eq(status, FL_CORRUPT, "byte %d: %s", (int)offset, damaged.error.message);
        cr_assert(strstr(damaged.error.message, "wal/0000000001.wal at 0:"));
        cr_assert_eq(fl_disk_sim_digest(same), before);
        close_log(&damaged);
    }
    close_log(&log);
}

Test(wal_reader, a_segment_of_another_directory_is_refused_not_cut)
{
    struct log ours, theirs;
    open_log(&ours);
    open_log(&theirs);
    theirs.directory.id[3] ^= 1;
    put_start(&theirs);
    fl_wal_bytes_zeros(&ours.directory, 1, SEGMENT);
    struct fl_file file;
    unsigned char block[4096];
    size_t bytes;
    cr_assert_eq(fl_disk_open_file(theirs.disk, "/shop/wal/0000000001.wal", 0, &file, NULL), FL_OK);
    cr_assert_eq(fl_disk_read(theirs.disk, &file, block, sizeof block, 0, &bytes, NULL), FL_OK);
    fl_disk_close_file(theirs.disk, &file);
    fl_wal_bytes_put(&ours.directory, 1, 0, block, sizeof block);
    cr_assert_eq(read_log(&ours, 0), FL_CORRUPT);
    cr_assert_eq(ours.verdict.decision, FL_WAL_CASE_WRONG);
    close_log(&ours);
    close_log(&theirs);
}

Test(wal_reader, a_whole_block_whose_records_do_not_fit_is_wrong_not_torn)
{
    struct log log;
    open_log(&log);
    put_start(&log);
    unsigned char block[4096];
    struct fl_wal_header header = {
        .segment = 1, .epoch = 2, .first_seq = 7, .previous = log.checksum, .durable_upto = 6};
    const uint32_t lengths[] = {0, 41, 48, 4096, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        fl_wal_bytes_block(&log.directory, &header, 2, block);
        memcpy(block + 128, &lengths[i], 4);
        fl_wal_bytes_seal(&log.directory, block);
        fl_wal_bytes_put(&log.directory, 1, 8192, block, sizeof block);
        cr_assert_eq(read_log(&log, 0), FL_CORRUPT, "length %u", lengths[i]);
        cr_assert_eq(log.verdict.decision, FL_WAL_CASE_WRONG);
    }
    close_log(&log);
}

Test(wal_reader, a_first_segment_that_is_gone_is_missed_even_if_the_next_is_empty)
{
    struct log log;
    open_log(&log);
    fl_wal_bytes_zeros(&log.directory, 2, SEGMENT);
    cr_assert_eq(read_log(&log, 0), FL_CORRUPT);
    cr_assert_eq(log.verdict.decision, FL_WAL_CASE_MISSING);
    close_log(&log);
}

Test(wal_reader, an_empty_log_is_an_end_and_a_root_without_a_log_is_refused)
{
    struct log log;
    open_log(&log);
    cr_assert_eq(read_log(&log, 0), FL_OK);
    cr_assert_eq(log.verdict.tail_segment, 0);
    cr_assert_eq(log.verdict.last_seq, 0);
    cr_assert_eq(read_log(&log, 3), FL_CORRUPT);
    close_log(&log);
}

static enum fl_status count_record(void *context, const struct fl_wal_entry *entry)
{
    uint64_t *sum = context;
    *sum = *sum * 100 + entry->seq;
    return entry->bytes == 40 && ((const unsigned char *)entry->data)[39] == 1 + entry->seq &&
                   entry->offset == (entry->seq <= 3 ? 0u : 4096u) + 136 + (entry->seq - 1) % 3 * 48
               ? FL_OK
               : FL_CORRUPT;
}

Test(wal_reader, records_are_handed_out_between_the_bounds_with_file_and_offset)
{
    struct log log;
    open_log(&log);
    put_start(&log);
    uint64_t sum = 0;
    struct fl_wal_options options = {
        .from_seq = 2, .upto_seq = 5, .record = count_record, .context = &sum};
    cr_assert_eq(fl_wal_read(&log.directory, &options, &log.verdict, &log.error), FL_OK);
    cr_assert_eq(sum, 2030405);
    cr_assert_eq(log.verdict.last_seq, 6);
    cr_assert_eq(log.verdict.proven_seq, 3);
    close_log(&log);
}
