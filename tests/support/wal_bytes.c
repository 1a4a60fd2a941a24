#include "tests/support/wal_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "storage/wal_segments.h"

void fl_wal_bytes_seal(const struct fl_directory *directory, unsigned char *block)
{
    struct fl_wal_header *header = (void *)block;
    uint64_t seed = fl_hash64(directory->id, 16, 0);
    header->preamble_check = (uint32_t)fl_hash64(block, 12, seed);
    header->body_hash = fl_hash64(block + 104, header->block_bytes - 104, seed);
    header->checksum = fl_hash64(block, 96, seed);
}

void fl_wal_bytes_block(const struct fl_directory *directory, const struct fl_wal_header *wanted,
                        uint32_t records, unsigned char out[4096])
{
    memset(out, 0, 4096);
    struct fl_wal_header *header = (void *)out;
    *header = *wanted;
    header->magic = FL_WAL_MAGIC;
    if (header->version == 0)
        header->version = FL_WAL_VERSION;
    memcpy(header->directory_id, directory->id, 16);
    if (header->last_seq == 0)
        header->last_seq = header->first_seq + records - 1;
    header->payload_bytes = records * 48;
    header->block_bytes = 4096;
    for (uint32_t i = 0; i < records; i++) {
        uint32_t frame[2] = {40, (uint32_t)(header->first_seq + i)};
        memcpy(out + 128 + 48 * i, frame, 8);
        memset(out + 136 + 48 * i, (int)(1 + header->first_seq + i), 40);
    }
    fl_wal_bytes_seal(directory, out);
}

void fl_wal_bytes_put(struct fl_directory *directory, uint64_t number, uint64_t offset,
                      const void *data, uint64_t bytes)
{
    char name[32], path[FL_DISK_PATH_BYTES_MAX];
    fl_wal_segment_name(number, name);
    fl_directory_path(directory, "wal", name, path);
    struct fl_file file;
    FL_ASSERT(fl_disk_open_file(directory->disk, path, FL_DISK_WRITE | FL_DISK_CREATE, &file,
                                NULL) == FL_OK);
    FL_ASSERT(fl_disk_write(directory->disk, &file, data, bytes, offset, NULL) == FL_OK);
    fl_disk_close_file(directory->disk, &file);
}

void fl_wal_bytes_zeros(struct fl_directory *directory, uint64_t number, uint64_t bytes)
{
    void *zeros = calloc(1, bytes);
    FL_ASSERT(zeros);
    fl_wal_bytes_put(directory, number, 0, zeros, bytes);
    free(zeros);
}
