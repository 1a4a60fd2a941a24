/* A log of any shape: decided without a crash; a refusal changes nothing; what is opened and cut
 * reads the same again, whole.
 *
 * The input is a list of 8-byte sentences, each one page of 4096 bytes: zeros, noise, or a block
 * whose checksums are right and whose header is right but for what the sentence bends. The rest of
 * the input, shorter than a sentence, is put raw behind them, at any length.
 */
#include <stdint.h>
#include <string.h>

#include "storage/disk_sim.h"
#include "storage/wal_reader.h"
#include "tests/support/wal_bytes.c"

#define PAGES_MAX 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t last, count;
};

/* What the next right block would be. */
struct writing {
    struct fl_directory *directory;
    uint64_t segment, offset, seq, checksum, epoch;
};

static enum fl_status see(void *context, const struct fl_wal_entry *entry)
{
    struct seen *seen = context;
    FL_ASSERT(seen->count == 0 || entry->seq == seen->last + 1);
    FL_ASSERT(entry->bytes > 0 && (uintptr_t)entry->data % 8 == 0);
    volatile uint8_t last = ((const uint8_t *)entry->data)[entry->bytes - 1];
    (void)last;
    seen->last = entry->seq;
    seen->count++;
    return FL_OK;
}

/* bits of s[1]: which fields are bent, by s[2] to s[7]. */
static void put_block(struct writing *at, const uint8_t *s)
{
    unsigned char block[4096];
    uint32_t records = s[2] % 5;
    struct fl_wal_header header = {.segment = at->segment,
                                   .epoch = at->epoch,
                                   .first_seq = at->seq,
                                   .previous = at->checksum,
                                   .durable_upto = at->seq - 1};
    header.first_seq += s[1] & 1 ? (uint64_t)(int64_t)(int8_t)s[3] : 0;
    header.epoch += s[1] & 2 ? (uint64_t)(int64_t)(int8_t)s[4] : 0;
    header.segment += s[1] & 4 ? (uint64_t)(int64_t)(int8_t)s[5] : 0;
    header.durable_upto = s[1] & 8 ? s[6] : header.durable_upto;
    header.previous ^= s[1] & 16 ? s[7] : 0;
    header.version = s[1] & 32 ? s[3] : 1;
    fl_wal_bytes_block(at->directory, &header, records, block);
    struct fl_wal_header *made = (void *)block;
    if (s[1] & 64) {
        made->payload_bytes = (uint32_t)s[4] << (s[5] % 20);
        made->block_bytes = 4096;
        memcpy(block + 128 + s[6] % 64 * 8, &s[4], 4);
        fl_wal_bytes_seal(at->directory, block);
        made->block_bytes += s[7] % 4 * 1024;
        made->checksum = fl_wal_checksum(made, fl_wal_seed(at->directory->id));
    }
    if (s[1] & 128)
        block[(s[6] * 256 + s[7]) % 4096] ^= 1;
    fl_wal_bytes_put(at->directory, at->segment, at->offset, block, sizeof block);
    at->seq = made->last_seq + 1;
    at->checksum = made->checksum;
}

static void put_page(struct writing *at, const uint8_t *s)
{
    unsigned char noise[4096];
    memset(noise, s[1], sizeof noise);
    if (s[0] % 8 == 0)
        memset(noise, 0, sizeof noise);
    if (s[0] % 8 < 2)
        fl_wal_bytes_put(at->directory, at->segment, at->offset, noise, sizeof noise);
    else
        put_block(at, s);
    at->offset += 4096;
    at->epoch += s[0] % 8 == 7;
    if (s[0] & 32) {
        at->segment += 1 + (s[0] >> 7);
        at->offset = 0;
    }
}

static enum fl_status read_log(struct fl_directory *directory, struct fl_wal_verdict *verdict,
                               struct seen *seen)
{
    *seen = (struct seen){.last = 0};
    struct fl_wal_options options = {.record = see, .context = seen, .any_start = true};
    return fl_wal_read(directory, &options, verdict, NULL);
}

static void check(struct fl_directory *directory)
{
    struct fl_wal_verdict verdict, again;
    struct seen seen, seen_again;
    uint64_t digest = fl_disk_sim_digest(directory->disk);
    enum fl_status status = read_log(directory, &verdict, &seen);
    FL_ASSERT(fl_disk_sim_digest(directory->disk) == digest);
    FL_ASSERT(status == FL_OK || status == FL_CORRUPT || status == FL_NEWER_FORMAT);
    if (status != FL_OK)
        return;
    FL_ASSERT(fl_wal_cut(directory, 0, &verdict, NULL) == FL_OK);
    FL_ASSERT(read_log(directory, &again, &seen_again) == FL_OK);
    FL_ASSERT(again.decision == FL_WAL_CASE_END && !again.dirty);
    FL_ASSERT(again.last_seq == verdict.last_seq && seen_again.count == seen.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fl_disk *disk = NULL;
    struct fl_directory directory;
    if (size > PAGES_MAX * 8 + 7)
        return 0;
    FL_ASSERT(fl_disk_sim_create(5, &disk) == FL_OK);
    FL_ASSERT(fl_directory_create(disk, "/shop", NULL) == FL_OK);
    FL_ASSERT(fl_directory_open(disk, "/shop", FL_DIRECTORY_WRITE, &directory, NULL) == FL_OK);
    struct writing at = {.directory = &directory, .segment = 1, .seq = 1, .epoch = 1};
    at.checksum = fl_wal_chain_start(fl_wal_seed(directory.id));
    for (; size >= 8; data += 8, size -= 8)
        put_page(&at, data);
    fl_wal_bytes_put(&directory, at.segment, at.offset, data, size);
    check(&directory);
    fl_directory_close(&directory);
    fl_disk_close(disk);
    return 0;
}
