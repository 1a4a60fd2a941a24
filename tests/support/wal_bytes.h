/* wal_bytes.h - segments written by hand, block by block, without the writer: for tests of the
 * reader. */
#ifndef FLORIN_TESTS_SUPPORT_WAL_BYTES_H
#define FLORIN_TESTS_SUPPORT_WAL_BYTES_H

#include "storage/directory.h"
#include "storage/wal_format.h"

/* One block of `records` records of 40 bytes each, whatever the header says. Fields left 0 are
 * filled in: sizes, last_seq, hashes. `out` holds 4096 bytes. */
void fl_wal_bytes_block(const struct fl_directory *directory, const struct fl_wal_header *wanted,
                        uint32_t records, unsigned char out[4096]);
/* Hashes a header again after it was changed. */
void fl_wal_bytes_seal(const struct fl_directory *directory, unsigned char *block);

/* Writes `bytes` at `offset` of wal/NUMBER, made if it is not there. */
void fl_wal_bytes_put(struct fl_directory *directory, uint64_t number, uint64_t offset,
                      const void *data, uint64_t bytes);
/* Makes wal/NUMBER of `bytes` zeros. */
void fl_wal_bytes_zeros(struct fl_directory *directory, uint64_t number, uint64_t bytes);

#endif
