/* wal_format.h - the bytes of the WAL, shared by writer, reader and inspector.
 *
 * A log is a row of segments wal/0000000001.wal, 0000000002.wal, ... Each is filled with zeros and
 * synced before the first record is put into it. Blocks stand one behind the other from offset 0;
 * where the next one does not fit, the rest stays zero and the log goes on in the next segment.
 *
 *     segment  | block | block | block .......... | zeros |          offsets and lengths: x 4096
 *     block    | header 128 | record | record | ... | zeros |
 *     record   | u32 bytes | u32 low half of its sequence | bytes | zeros to a multiple of 8 |
 *
 *     header     0  u64  magic                 the same in every version, with the two below
 *                8  u32  version
 *               12  u32  preamble_check        over magic and version, seeded
 *               16  u8   directory_id[16]
 *               32  u64  segment               number of the file it was written for
 *               40  u64  epoch                 rises with each opening that writes
 *               48  u64  first_seq
 *               56  u64  last_seq              first_seq - 1 in a block without records: a proof
 *               64  u64  durable_upto          what was synced when this block was submitted
 *               72  u64  previous              checksum of the block before
 *               80  u32  payload_bytes         records with their frames and padding
 *               84  u32  block_bytes           all, a multiple of 4096
 *               88  u64  body_hash             over bytes 104 to the block's end, padding too
 *               96  u64  checksum              over bytes 0 to 95, seeded: its name in the chain
 *              104       24 zero bytes
 *
 * All numbers are little-endian. Hashes are XXH3 seeded from the directory's secret id, so nobody
 * who can choose the content of a record can make one that reads as a block.
 *
 *   L1  Sequences in the log rise by exactly 1.
 *   L2  A block's `previous` is the checksum of the one before it; that of the very first is
 *       fl_wal_chain_start.
 *   L3  durable_upto < first_seq, and everything up to it stands in intact blocks before this one.
 *   L4  Behind the last block there are zeros only, to the end of the last segment.
 */
#ifndef FLORIN_STORAGE_WAL_FORMAT_H
#define FLORIN_STORAGE_WAL_FORMAT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/hash.h"
#include "core/base/limits.h"

#define FL_WAL_VERSION     1u
#define FL_WAL_MAGIC       0x314c41574e524f46u /* "FORNWAL1" read as a little-endian number */
#define FL_WAL_ALIGNMENT   4096u
#define FL_WAL_SECTOR      512u
#define FL_WAL_FRAME_BYTES 8u

struct fl_wal_header {
    uint64_t magic;
    uint32_t version;
    uint32_t preamble_check;
    uint8_t directory_id[16];
    uint64_t segment;
    uint64_t epoch;
    uint64_t first_seq;
    uint64_t last_seq;
    uint64_t durable_upto;
    uint64_t previous;
    uint32_t payload_bytes;
    uint32_t block_bytes;
    uint64_t body_hash;
    uint64_t checksum;
    uint64_t zeros[3];
};
static_assert(sizeof(struct fl_wal_header) == 128, "the header is drawn above");
static_assert(offsetof(struct fl_wal_header, checksum) == 96, "and hashed up to here");

struct fl_wal_frame {
    uint32_t bytes;
    uint32_t seq_low;
};
static_assert(sizeof(struct fl_wal_frame) == FL_WAL_FRAME_BYTES,
              "a frame keeps records 8-byte aligned");

static inline uint64_t fl_wal_align(uint64_t bytes, uint64_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

/* What a record of `bytes` takes inside a block. */
static inline uint64_t fl_wal_framed_bytes(uint64_t bytes)
{
    return FL_WAL_FRAME_BYTES + fl_wal_align(bytes, 8);
}

/* The smallest block around `payload_bytes`. */
static inline uint64_t fl_wal_block_bytes(uint64_t payload_bytes)
{
    return fl_wal_align(sizeof(struct fl_wal_header) + payload_bytes, FL_WAL_ALIGNMENT);
}

#define FL_WAL_BLOCK_BYTES_MAX (FL_RECORD_BYTES_MAX + FL_WAL_ALIGNMENT)
static_assert(FL_WAL_BLOCK_BYTES_MAX % FL_WAL_ALIGNMENT == 0, "blocks are whole");
static_assert(FL_WAL_BLOCK_BYTES_MAX >= FL_RECORD_BYTES_MAX + 128 + 8,
              "the largest record fits one");

static inline uint64_t fl_wal_seed(const uint8_t directory_id[16])
{
    return fl_hash64(directory_id, 16, 0);
}

static inline uint64_t fl_wal_chain_start(uint64_t seed)
{
    return fl_hash_u64(seed, FL_WAL_MAGIC);
}

static inline uint32_t fl_wal_preamble_check(const struct fl_wal_header *header, uint64_t seed)
{
    return (uint32_t)fl_hash64(header, offsetof(struct fl_wal_header, preamble_check), seed);
}

static inline uint64_t fl_wal_checksum(const struct fl_wal_header *header, uint64_t seed)
{
    return fl_hash64(header, offsetof(struct fl_wal_header, checksum), seed);
}

/* Over all of the block that the checksum does not cover: no byte of it may change unseen. */
static inline uint64_t fl_wal_body_hash(const struct fl_wal_header *header, uint64_t seed)
{
    return fl_hash64(header->zeros, header->block_bytes - offsetof(struct fl_wal_header, zeros),
                     seed);
}

#endif
