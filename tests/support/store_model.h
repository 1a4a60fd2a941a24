/* store_model.h - the tables of a store as plain bytes, copied whole for every snapshot: slow and
 * true.
 *
 * Only the tables named in fl_store_model_tables take part: small and large elements, tables with
 * and without LIVE columns.
 */
#ifndef FLORIN_TESTS_SUPPORT_STORE_MODEL_H
#define FLORIN_TESTS_SUPPORT_STORE_MODEL_H

#include "core/data/snapshot.h"
#include "core/data/store.h"
#include "tests/support/random.h"

#define FL_STORE_MODEL_ROWS   20000
#define FL_STORE_MODEL_TABLES 4

extern const enum fl_table_id fl_store_model_tables[FL_STORE_MODEL_TABLES];

struct fl_store_model {
    uint32_t rows[FL_TABLE_COUNT];
    uint8_t *cells[FL_COLUMN_COUNT]; /* null: not of a table that takes part */
};

struct fl_store_model *fl_store_model_new(void);
struct fl_store_model *fl_store_model_copy(const struct fl_store_model *model);
void fl_store_model_free(struct fl_store_model *model);

/* The same random step on both: adds rows and fills them, or writes some cells. */
void fl_store_model_step(struct fl_store_model *model, struct fl_store *store,
                         struct fl_random *random);

/* Every row count and byte agrees, or the test fails. */
void fl_store_model_check(const struct fl_store_model *model, const struct fl_store *store);
void fl_store_model_check_snapshot(const struct fl_store_model *model,
                                   const struct fl_snapshot *snapshot);

#endif
