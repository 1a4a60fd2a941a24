#include "storage/checkpoint_format.h"

#include <string.h>

#include "core/base/contract.h"
#include "core/base/hash.h"

static const struct {
    uint16_t table;
    uint8_t kind, shift;
} columns[FL_COLUMN_COUNT] = {
#define COLUMN(table, name, type, kind)                                                            \
    {FL_TABLE_##table, FL_COLUMN_##kind, (uint8_t)__builtin_ctzll(sizeof(struct type))},
    FL_COLUMNS(COLUMN)
#undef COLUMN
};

void fl_checkpoint_key_pack(const struct fl_checkpoint_key *key,
                            uint8_t out[FL_CHECKPOINT_KEY_BYTES])
{
    uint16_t column = __builtin_bswap16(key->column), piece = __builtin_bswap16(key->piece);
    uint32_t chunk = __builtin_bswap32(key->chunk);
    uint64_t id = __builtin_bswap64(key->checkpoint_id);
    memcpy(out, &column, 2);
    memcpy(out + 2, &chunk, 4);
    memcpy(out + 6, &id, 8);
    memcpy(out + 14, &piece, 2);
}

void fl_checkpoint_key_unpack(const uint8_t packed[FL_CHECKPOINT_KEY_BYTES],
                              struct fl_checkpoint_key *out)
{
    memcpy(&out->column, packed, 2);
    memcpy(&out->chunk, packed + 2, 4);
    memcpy(&out->checkpoint_id, packed + 6, 8);
    memcpy(&out->piece, packed + 14, 2);
    out->column = __builtin_bswap16(out->column);
    out->chunk = __builtin_bswap32(out->chunk);
    out->checkpoint_id = __builtin_bswap64(out->checkpoint_id);
    out->piece = __builtin_bswap16(out->piece);
}

uint64_t fl_checkpoint_chunk_checksum(const struct fl_checkpoint_chunk *chunk, const void *bytes,
                                      const uint8_t directory_id[16])
{
    struct fl_checkpoint_chunk place = *chunk;
    place.checksum = 0;
    uint64_t seed = fl_hash64(directory_id, 16, fl_hash64(&place, sizeof place, 0));
    return fl_hash64(bytes, chunk->bytes, seed);
}

uint64_t fl_checkpoint_root_checksum(const struct fl_checkpoint_root *root)
{
    return fl_hash64(root, offsetof(struct fl_checkpoint_root, checksum), FL_CHECKPOINT_MAGIC);
}

uint64_t fl_checkpoint_manifest_add(uint64_t hash, unsigned column, uint32_t chunk,
                                    const struct fl_checkpoint_entry *entry)
{
    uint64_t link[3] = {(uint64_t)column << 32 | chunk, entry->checkpoint_id, entry->checksum};
    return fl_hash64(link, sizeof link, hash);
}

uint64_t fl_checkpoint_layout_hash(void)
{
    uint64_t hash = FL_TABLE_COUNT;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        uint32_t line[3] = {columns[i].table, columns[i].kind, columns[i].shift};
        hash = fl_hash64(line, sizeof line, hash);
    }
    return hash;
}

uint32_t fl_checkpoint_chunks(unsigned column, const uint32_t *rows)
{
    FL_ASSERT(column < FL_COLUMN_COUNT);
    uint64_t bytes = (uint64_t)rows[columns[column].table] << columns[column].shift;
    return (uint32_t)((bytes + FL_CHUNK_BYTES - 1) / FL_CHUNK_BYTES);
}

uint32_t fl_checkpoint_chunk_bytes(unsigned column, uint32_t chunk, const uint32_t *rows)
{
    FL_ASSERT(chunk < fl_checkpoint_chunks(column, rows));
    uint64_t bytes = (uint64_t)rows[columns[column].table] << columns[column].shift;
    uint64_t left = bytes - (uint64_t)chunk * FL_CHUNK_BYTES;
    return left < FL_CHUNK_BYTES ? (uint32_t)left : FL_CHUNK_BYTES;
}
