#include "tests/support/store_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

const enum fl_table_id fl_store_model_tables[FL_STORE_MODEL_TABLES] = {
    FL_TABLE_invoice, FL_TABLE_receipt, FL_TABLE_movement, FL_TABLE_customer};

static const struct {
    uint16_t table;
    uint16_t bytes;
    uint8_t kind;
} shape[FL_COLUMN_COUNT] = {
#define FL_SHAPE(table, name, type, kind) {FL_TABLE_##table, sizeof(struct type), FL_COLUMN_##kind},
    FL_COLUMNS(FL_SHAPE)
#undef FL_SHAPE
};

static bool takes_part(unsigned column)
{
    for (unsigned i = 0; i < FL_STORE_MODEL_TABLES; i++) {
        if (fl_store_model_tables[i] == shape[column].table)
            return true;
    }
    return false;
}

struct fl_store_model *fl_store_model_new(void)
{
    struct fl_store_model *model = calloc(1, sizeof *model);
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        if (takes_part(i))
            model->cells[i] = calloc(FL_STORE_MODEL_ROWS, shape[i].bytes);
    }
    return model;
}

struct fl_store_model *fl_store_model_copy(const struct fl_store_model *model)
{
    struct fl_store_model *copy = fl_store_model_new();
    memcpy(copy->rows, model->rows, sizeof copy->rows);
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        if (copy->cells[i])
            memcpy(copy->cells[i], model->cells[i],
                   (size_t)model->rows[shape[i].table] * shape[i].bytes);
    }
    return copy;
}

void fl_store_model_free(struct fl_store_model *model)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++)
        free(model->cells[i]);
    free(model);
}

static void random_bytes(struct fl_random *random, uint8_t *out, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)fl_random_next(random);
}

static void add_rows(struct fl_store_model *model, struct fl_store *store, struct fl_random *random,
                     enum fl_table_id table, uint32_t count)
{
    uint32_t first = fl_store_add_rows(store, table, count);
    cr_assert_eq(first, model->rows[table]);
    model->rows[table] += count;
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        uint32_t bytes = shape[i].bytes;
        if (shape[i].table != table)
            continue;
        memset(model->cells[i] + (size_t)first * bytes, 0, (size_t)count * bytes);
        if (shape[i].kind == FL_COLUMN_LIVE)
            continue; /* stays zero until it is written */
        random_bytes(random, model->cells[i] + (size_t)first * bytes, bytes);
        memcpy(fl_store_fixed(store, i, first), model->cells[i] + (size_t)first * bytes, bytes);
    }
}

static void write_cell(struct fl_store_model *model, struct fl_store *store,
                       struct fl_random *random, enum fl_table_id table)
{
    uint32_t row = (uint32_t)fl_random_below(random, model->rows[table]);
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        if (shape[i].table != table || shape[i].kind != FL_COLUMN_LIVE)
            continue;
        uint8_t *cell = model->cells[i] + (size_t)row * shape[i].bytes;
        random_bytes(random, cell, shape[i].bytes);
        memcpy(fl_store_write(store, i, row), cell, shape[i].bytes);
    }
}

void fl_store_model_step(struct fl_store_model *model, struct fl_store *store,
                         struct fl_random *random)
{
    enum fl_table_id table = fl_store_model_tables[fl_random_below(random, FL_STORE_MODEL_TABLES)];
    uint32_t count =
        1 + (uint32_t)(fl_random_below(random, 50) == 0 ? fl_random_below(random, 900) : 0);
    bool fits = count <= FL_STORE_MODEL_ROWS - model->rows[table];
    if (fits && (model->rows[table] == 0 || fl_random_below(random, 3) == 0))
        add_rows(model, store, random, table, count);
    else
        write_cell(model, store, random, table);
}

void fl_store_model_check(const struct fl_store_model *model, const struct fl_store *store)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        uint32_t rows = model->rows[shape[i].table], bytes = shape[i].bytes;
        cr_assert_eq(store->rows[shape[i].table], rows);
        for (uint32_t row = 0; model->cells[i] && row < rows; row++) {
            const uint8_t *cell = shape[i].kind == FL_COLUMN_LIVE ? fl_store_live(store, i, row)
                                                                  : fl_store_fixed(store, i, row);
            if (memcmp(cell, model->cells[i] + (size_t)row * bytes, bytes) != 0)
                cr_assert_fail("column %u row %u differs", i, row);
        }
    }
}

void fl_store_model_check_snapshot(const struct fl_store_model *model,
                                   const struct fl_snapshot *snapshot)
{
    for (unsigned i = 0; i < FL_COLUMN_COUNT; i++) {
        uint32_t rows = model->rows[shape[i].table], bytes = shape[i].bytes, seen = 0;
        cr_assert_eq(snapshot->rows[shape[i].table], rows);
        for (uint32_t k = 0; model->cells[i] && k < fl_snapshot_chunk_count(snapshot, i); k++) {
            uint32_t n;
            const uint8_t *chunk = fl_snapshot_chunk(snapshot, i, k, &n);
            if (memcmp(chunk, model->cells[i] + (size_t)seen * bytes, (size_t)n * bytes) != 0)
                cr_assert_fail("column %u window %u differs", i, k);
            cr_assert_eq(memcmp(fl_snapshot_cell(snapshot, i, seen + n - 1),
                                chunk + (size_t)(n - 1) * bytes, bytes),
                         0);
            seen += n;
        }
        cr_assert(!model->cells[i] || seen == rows, "windows hold every row once");
    }
}
