#include "tools/cli/predict_csv.h"

#include <stdlib.h>

#include "core/base/date.h"
#include "core/base/decimal.h"
#include "tools/ingest/load_file.h"

enum column { CUSTOMER, CLEARED, DUE, AMOUNT, POSTED, ID, COLUMNS };

static const char *const names[COLUMNS] = {"cust_number",       "clear_date",   "due_in_date",
                                           "total_open_amount", "posting_date", "invoice_id"};

struct reading {
    struct fl_predict_csv *csv;
    struct fl_load_file file;
    size_t columns[COLUMNS];
};

static struct fl_slice cell(const struct reading *r, enum column column)
{
    return fl_load_file_cell(&r->file, r->columns[column]);
}

static bool day_read(const struct reading *r, enum column column, uint16_t *out)
{
    uint32_t second;
    return cell(r, column).length > 0 && fl_load_day_read(cell(r, column), out, &second);
}

/* False: the row has not all of it. */
static bool row_read(const struct reading *r, struct fl_predict_row *row)
{
    struct fl_decimal amount;
    struct fl_slice text = cell(r, AMOUNT);
    *row = (struct fl_predict_row){.paid = true, .test = cell(r, ID).length > 0};
    for (unsigned i = 0; i < FL_PREDICT_PARTS; i++)
        row->part[i] = FL_PREDICT_NO_PART;
    if (cell(r, CUSTOMER).length == 0 || !day_read(r, CLEARED, &row->end_days) ||
        !day_read(r, DUE, &row->due_days) || row->due_days <= FL_PREDICT_ASSUMED_TERMS_DAYS ||
        fl_decimal_parse(text.at, text.length, &amount) != FL_OK ||
        fl_decimal_scale(amount, 2, &row->amount_minor) != FL_OK)
        return false;
    if (r->columns[POSTED] != FL_LOAD_COLUMN_NONE) {
        bool given = day_read(r, POSTED, &row->issue_days);
        row->terms_days =
            (uint16_t)(row->due_days > row->issue_days ? row->due_days - row->issue_days : 0);
        return given;
    }
    row->issue_days = (uint16_t)(row->due_days - FL_PREDICT_ASSUMED_TERMS_DAYS);
    row->issue_days = row->issue_days < row->end_days ? row->issue_days : row->end_days;
    row->terms_days = FL_PREDICT_NO_TERMS;
    return true;
}

static bool row_add(struct fl_predict_csv *csv, const struct fl_predict_row *row)
{
    if (csv->set.count == csv->capacity) {
        uint32_t capacity = csv->capacity ? 2 * csv->capacity : 4096;
        struct fl_predict_row *more = realloc(csv->set.rows, capacity * sizeof *more);
        if (!more)
            return false;
        csv->set.rows = more;
        csv->capacity = capacity;
    }
    csv->set.rows[csv->set.count] = *row;
    csv->set.rows[csv->set.count].invoice = csv->set.count;
    csv->set.count++;
    csv->with_id += row->test;
    csv->last_days = row->end_days > csv->last_days ? row->end_days : csv->last_days;
    return true;
}

static enum fl_status rows_read(struct reading *r, struct fl_error *error)
{
    struct fl_predict_row row;
    for (;;) {
        enum fl_status status = fl_csv_reader_next(r->file.reader, &r->file.record, error);
        bool record = status == FL_OK;
        if (record && r->file.record.count == 0)
            return FL_OK;
        if (!record && status != FL_BAD_VALUE && status != FL_TOO_LONG)
            return status;
        if (!record || !row_read(r, &row)) {
            r->csv->refused++;
            continue;
        }
        struct fl_slice customer = cell(r, CUSTOMER);
        row.customer = fl_predict_name_at(&r->csv->customers, customer.at, customer.length);
        if (row.customer == FL_PREDICT_NO_PART || !row_add(r->csv, &row))
            return fl_error_set(error, FL_NO_MEMORY, "no memory for the rows of one file");
    }
}

static enum fl_status heading_read(struct reading *r, const char *path, struct fl_error *error)
{
    for (unsigned i = 0; i < COLUMNS; i++) {
        r->columns[i] = fl_load_file_column(&r->file, names[i]);
        if (i <= AMOUNT && r->columns[i] == FL_LOAD_COLUMN_NONE)
            return fl_error_set(error, FL_UNREADABLE, "%s: its heading has no %s", path, names[i]);
    }
    r->csv->issue_assumed = r->columns[POSTED] == FL_LOAD_COLUMN_NONE;
    return FL_OK;
}

/* V2, and the order that evaluation wants. */
static enum fl_status rows_finish(struct fl_predict_csv *csv, struct fl_error *error)
{
    bool some = csv->with_id > 0 && csv->with_id < csv->set.count;
    for (uint32_t i = 0; i < csv->set.count; i++)
        csv->set.rows[i].test |= !some;
    csv->set.customers = csv->customers.count;
    return fl_predict_set_sort(&csv->set)
               ? FL_OK
               : fl_error_set(error, FL_NO_MEMORY, "no memory for the rows of one file");
}

enum fl_status fl_predict_csv_open(struct fl_predict_csv *csv, const char *path,
                                   struct fl_error *error)
{
    struct reading r = {.csv = csv};
    *csv = (struct fl_predict_csv){.capacity = 0};
    FL_TRY(fl_load_file_open(&r.file, path, error));
    enum fl_status status = heading_read(&r, path, error);
    if (status == FL_OK)
        status = rows_read(&r, error);
    fl_load_file_close(&r.file);
    return status == FL_OK ? rows_finish(csv, error) : status;
}

void fl_predict_csv_close(struct fl_predict_csv *csv)
{
    free(csv->set.rows);
    fl_predict_names_free(&csv->customers);
    *csv = (struct fl_predict_csv){.capacity = 0};
}
