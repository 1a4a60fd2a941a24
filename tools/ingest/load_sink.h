/* load_sink.h - where rows of an export go: they become commands, and every row is accounted for.
 *
 * A map (load_online_retail.h, load_ar_ledger.h) reads a file and makes units: a document or several that stand or
 * fall for the rows they came from. The sink stamps and sends their commands, and hears the answers.
 *
 *   S1  rows = loaded + refused, by reason. A unit is loaded if all its commands were accepted, now or before; else
 *       its rows are refused for the first reason among its commands.
 *   S2  History: a command carries the day of its row as `at` and as date. Before the book's first clock that day
 *       is the business date, so a date of any year is taken.
 *   S3  Masters are made where the book has none of that id, with credit_limit null (unlimited), and are never
 *       changed but by the load that made them: an export does not overwrite what somebody maintains. A customer has one currency; the same number
 *       in another one is the customer "NUMBER-CUR".
 *   S4  The same file again gives only duplicates: ids come from the file's own numbers.
 *
 * Thread: one. Memory: one command (4 MiB), the ids of all masters, the units of one file.
 */
#ifndef FLORIN_TOOLS_INGEST_LOAD_SINK_H
#define FLORIN_TOOLS_INGEST_LOAD_SINK_H

#include "core/base/decimal.h"
#include "core/base/limits.h"
#include "core/engine/command_builder.h"
#include "storage/host.h"
#include "tools/format/slice.h"
#include "tools/format/time_zone.h"
#include "tools/ingest/load_names.h"

#define FL_LOAD_REASONS_MAX 64

/* What a row is. X(symbol, name) */
#define FL_LOAD_KINDS(X)                                                                          \
    X(SALE, "sale")                                   /* sold at a price                      */   \
    X(SALE_WITHOUT_CUSTOMER, "sale_without_customer") /* of the above, booked on `unknown`    */   \
    X(GIVEN, "given")                                 /* sold at price 0                      */   \
    X(STOCK, "stock")                                 /* negative and no cancellation         */   \
    X(CREDIT, "credit")                               /* cancelled                            */   \
    X(BAD_DEBT, "bad_debt")                           /* adjusts a debt it does not name      */   \
    X(OPEN, "open")                                   /* an invoice not paid                  */   \
    X(PAID, "paid")                                   /* an invoice and its receipt           */

enum fl_load_kind {
#define FL_LOAD_KIND_ENUM(symbol, name) FL_LOAD_##symbol,
    FL_LOAD_KINDS(FL_LOAD_KIND_ENUM)
#undef FL_LOAD_KIND_ENUM
        FL_LOAD_KIND_COUNT
};

struct fl_load_reason {
    const char *name; /* static */
    uint64_t rows;
};

/* Answers to the commands of one type. */
struct fl_load_answers {
    uint64_t accepted, duplicate, refused;
};

struct fl_load_counts {
    uint64_t files, rows, loaded, known, refused; /* known: of the loaded ones, those of before */
    uint64_t due_raised; /* rows whose due date lay before the invoice's own day */
    uint64_t kinds[FL_LOAD_KIND_COUNT];
    struct fl_load_answers answers[FL_COMMAND_TYPE_MAX];
    struct fl_load_reason reasons[FL_LOAD_REASONS_MAX];
    unsigned reason_count;
};

struct fl_load_options {
    bool dry_run;     /* counts and sends nothing */
    bool opening;     /* invoices against equity, not revenue */
    uint8_t currency; /* where the file has none; FL_CURRENCY_NONE: the book's */
};

/* Rows that stand or fall together. */
struct fl_load_unit {
    uint64_t line;
    uint32_t rows;
    uint16_t status; /* enum fl_status: the first that is neither accepted nor a duplicate */
    bool is_new;
};

struct fl_load_sink {
    struct fl_producer *producer; /* null: a dry run */
    struct fl_load_options options;
    uint8_t base_currency;
    enum fl_rounding rounding;
    struct fl_time_zone zone;
    struct fl_command_builder builder;
    char *buffer;
    struct fl_load_names customers, products; /* each with its currency */
    struct fl_load_unit *units;
    uint32_t unit_count, unit_capacity;
    const char *file;
    struct fl_load_counts counts;
    unsigned complaints;
    enum fl_status failed; /* storage or memory: nothing more is sent */
};

/* The host is quiet: its book and its masters are read here. Null: a dry run on a book of defaults. */
enum fl_status fl_load_sink_open(struct fl_load_sink *sink, struct fl_host *host,
                                 const struct fl_load_options *options, struct fl_error *error);
void fl_load_sink_close(struct fl_load_sink *sink);

void fl_load_file_begin(struct fl_load_sink *sink, const char *path);
/* Waits for the answers and accounts for the units. */
void fl_load_file_end(struct fl_load_sink *sink);

void fl_load_count(struct fl_load_sink *sink, enum fl_load_kind kind);
/* Rows that become nothing; the first ten are named on stderr. `reason` is static. */
void fl_load_refuse(struct fl_load_sink *sink, uint64_t line, uint32_t rows, const char *reason);
/* The number of a new unit for fl_load_send. */
uint32_t fl_load_unit_add(struct fl_load_sink *sink, uint64_t line, uint32_t rows);

/* Begins a command of that day and second of the day; returns its body, null if it cannot be. */
void *fl_load_begin(struct fl_load_sink *sink, unsigned type, uint16_t date_days, uint32_t second);
struct fl_text fl_load_text(struct fl_load_sink *sink, struct fl_slice text);
/* Finishes and sends; id and key may be empty. */
void fl_load_send(struct fl_load_sink *sink, uint32_t unit, struct fl_slice id,
                  struct fl_slice key);

struct fl_load_master {
    struct fl_slice id, name;
    struct fl_slice segment; /* customers */
    uint8_t currency;
    uint16_t date_days;
    uint32_t second;
};

/* Makes the customer if there is none; the id it has in this currency goes to `id_out`. */
struct fl_slice fl_load_customer(struct fl_load_sink *sink, uint32_t unit,
                                 const struct fl_load_master *customer,
                                 char id_out[FL_ID_BYTES_MAX + 8]);
/* A new version of a customer that this load made itself, `id` as fl_load_customer gave it; of another one nothing (S3):
 * false. */
bool fl_load_customer_change(struct fl_load_sink *sink, uint32_t unit,
                             const struct fl_load_master *customer, struct fl_slice id);
/* Makes the product, without stock control, if there is none. */
void fl_load_product(struct fl_load_sink *sink, uint32_t unit, const struct fl_load_master *product,
                     struct fl_decimal price);

/* prefix + rest, at most FL_ID_BYTES_MAX + 8 bytes. */
struct fl_slice fl_load_id(char out[FL_ID_BYTES_MAX + 8], const char *prefix,
                           struct fl_slice rest);

#endif
