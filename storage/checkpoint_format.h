/* checkpoint_format.h - the bytes of a checkpoint, shared by writer, reader and inspector.
 *
 * An engine directory has two LMDB environments, checkpoint-a/ and checkpoint-b/, written in turn.
 * Each holds every 64 KiB window ("chunk") of every column, in pieces, and one root:
 *
 *     key    | column 2 | chunk 4 | checkpoint id 8 | piece 2 |    big-endian: LMDB's order is ours
 *     pieces | 32,752 bytes | 32,752 bytes | ... | tail: struct fl_checkpoint_chunk, rest |
 *     root   | key of column 0xFFFF | struct fl_checkpoint_root |
 *
 * 32,752 = 8 pages of 4 KiB less LMDB's header: a piece wastes nothing. A full chunk is two pieces
 * and a tail of 80 bytes, which lies in the leaf.
 *
 *   F1  A chunk's version in force is the one with the highest id that is not above the root's;
 *       others are leftovers of a checkpoint that did not end, or not yet deleted.
 *   F2  The checksum of a chunk is seeded with its place, size and the directory's id: a chunk
 *       cannot stand for another one.
 *   F3  The root's manifest hash chains (column, chunk, id, checksum) of all chunks in force, in
 *       order.
 *   F4  What the root says is covered by its own checksum; format and schema version stand first.
 */
#ifndef FLORIN_STORAGE_CHECKPOINT_FORMAT_H
#define FLORIN_STORAGE_CHECKPOINT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/limits.h"
#include "core/data/schema.h"

#define FL_CHECKPOINT_FORMAT 1
#define FL_CHECKPOINT_MAGIC UINT64_C(0x3150434e49524f46) /* "FORINCP1" */
#define FL_CHECKPOINT_PIECE_BYTES 32752u
#define FL_CHECKPOINT_KEY_BYTES 16u
#define FL_CHECKPOINT_TAIL UINT16_MAX        /* piece number of a chunk's tail */
#define FL_CHECKPOINT_ROOT_COLUMN UINT16_MAX /* sorts behind every column */

static_assert(FL_COLUMN_COUNT < FL_CHECKPOINT_ROOT_COLUMN, "a column's number is in the key");

struct fl_checkpoint_key {
    uint16_t column;
    uint16_t piece;
    uint32_t chunk;
    uint64_t checkpoint_id;
};

/* Begins the tail of a chunk; the bytes that no whole piece took follow. */
struct fl_checkpoint_chunk {
    uint64_t checksum;
    uint64_t checkpoint_id;
    uint64_t seq; /* of the checkpoint that wrote it */
    uint32_t bytes;
    uint32_t chunk;
    uint16_t column;
    uint16_t format;
    uint32_t zeros;
    uint64_t zeros64;
};
static_assert(sizeof(struct fl_checkpoint_chunk) == 48, "no padding");

struct fl_checkpoint_root {
    uint64_t magic;
    uint32_t format;         /* FL_CHECKPOINT_FORMAT */
    uint32_t schema_version; /* FL_SCHEMA_VERSION */
    uint8_t directory_id[16];
    uint64_t checkpoint_id; /* rises over both environments */
    uint64_t seq;           /* the state is the one after this command */
    uint64_t layout_hash;   /* of the columns' tables, kinds and sizes */
    uint64_t manifest_hash; /* F3 */
    uint64_t chunk_count;
    uint32_t table_count;
    uint32_t column_count;
    uint32_t rows[FL_TABLE_COUNT + FL_TABLE_COUNT % 2]; /* one more, zero, fills up an odd count */
    uint64_t checksum; /* of all before it, seeded with the directory's id */
};
static_assert(offsetof(struct fl_checkpoint_root, checksum) + 8 == sizeof(struct fl_checkpoint_root) &&
                  offsetof(struct fl_checkpoint_root, rows) + FL_TABLE_COUNT / 2 * 8 +
                          FL_TABLE_COUNT % 2 * 8 ==
                      offsetof(struct fl_checkpoint_root, checksum),
              "the root has no padding");

/* What the manifest keeps of a chunk. */
struct fl_checkpoint_entry {
    uint64_t checkpoint_id; /* 0: none */
    uint64_t checksum;
};

void fl_checkpoint_key_pack(const struct fl_checkpoint_key *key,
                            uint8_t out[FL_CHECKPOINT_KEY_BYTES]);
void fl_checkpoint_key_unpack(const uint8_t packed[FL_CHECKPOINT_KEY_BYTES],
                              struct fl_checkpoint_key *out);

/* F2; `chunk` has everything but the checksum. */
uint64_t fl_checkpoint_chunk_checksum(const struct fl_checkpoint_chunk *chunk, const void *bytes,
                                      const uint8_t directory_id[16]);
/* F4. */
uint64_t fl_checkpoint_root_checksum(const struct fl_checkpoint_root *root);
/* F3: one link more. */
uint64_t fl_checkpoint_manifest_add(uint64_t hash, unsigned column, uint32_t chunk,
                                    const struct fl_checkpoint_entry *entry);
uint64_t fl_checkpoint_layout_hash(void);

/* Chunks of a column at a row count, and the bytes of one of them. */
uint32_t fl_checkpoint_chunks(unsigned column, const uint32_t *rows);
uint32_t fl_checkpoint_chunk_bytes(unsigned column, uint32_t chunk, const uint32_t *rows);

/* How the next `left` bytes are stored: in a piece of that many, or, 0, in the tail. */
static inline uint32_t fl_checkpoint_piece(uint32_t left)
{
    if (left <= FL_CHECKPOINT_PIECE_BYTES - sizeof(struct fl_checkpoint_chunk))
        return 0;
    return left < FL_CHECKPOINT_PIECE_BYTES ? left : FL_CHECKPOINT_PIECE_BYTES;
}

#endif
