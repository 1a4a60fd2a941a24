/* store_load.h - fills a fresh store from the chunks of a checkpoint.
 *
 *     fl_store_load_rows -> fl_store_load_place for each chunk, bytes copied in
 *                        -> fl_store_load_done
 *
 *   B1  Only a store that never gave out a snapshot is filled. A load may be begun again: what lies
 *       above the row counts is never read.
 *   B2  What was loaded has an older version than whatever the writer does next: "changed since the
 *       checkpoint" is then the same question as "changed since a snapshot" (T2).
 */
#ifndef FLORIN_CORE_DATA_STORE_LOAD_H
#define FLORIN_CORE_DATA_STORE_LOAD_H

#include "core/data/store.h"

/* Sets the row counts and makes room. FL_NO_MEMORY: more than the store was given. */
enum fl_status fl_store_load_rows(struct fl_store *store, const uint32_t rows[FL_TABLE_COUNT]);
/* Where the bytes of the chunk go: FL_CHUNK_BYTES, fewer for the last of a column. */
uint8_t *fl_store_load_place(struct fl_store *store, enum fl_column_id column, uint32_t chunk);
/* Ends the load; returns the version of what was loaded (B2). */
uint32_t fl_store_load_done(struct fl_store *store);

#endif
