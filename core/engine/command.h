/* command.h - a command in its binary form: what the ring carries, the WAL keeps and apply reads.
 *
 *     +--------+-----------------+------------------------------+------+-------+
 *     | header | struct by type  | lists and texts, by offsets  | id   | key   |
 *     +--------+-----------------+------------------------------+------+-------+
 *     0        64                                               ^ content_bytes ^ bytes
 *
 *   K1  Little-endian, 8-byte aligned, unused bytes zero: equal content is equal bytes. The content hash
 *       covers [64, content_bytes), so neither key nor `at` nor what the engine resolves (date, due date,
 *       id of a series: they stand in the header or behind the content) is part of it.
 *   K2  Offsets count from the start of the command. fl_command_check proves every offset, count, enum
 *       and text before anything else reads the bytes: a command from a file is hostile until then.
 *   K3  Amounts are decimals as written: the currency's exponent is applied by the engine.
 *
 * The shapes below are described once more, for the readers and writers of JSON, in command_schema.c:
 * a field is one row of a table there.
 */
#ifndef FLORIN_CORE_ENGINE_COMMAND_H
#define FLORIN_CORE_ENGINE_COMMAND_H

#include <stdint.h>

#include "core/base/decimal.h"
#include "core/base/limits.h"
#include "core/base/status.h"

#define FL_COMMAND_VERSION 1
#define FL_COMMAND_SLACK 128 /* bytes left free behind a command for apply: a series' id may go there */

/* A record is a command, its header and its result, and has a limit of its own. */
#define FL_COMMAND_BYTES_MAX (FL_RECORD_BYTES_MAX - 4096)

/* Numbers are durable. X(symbol, number, name) */
#define FL_COMMAND_TYPES(X)                                                                       \
    X(BOOK, 1, "book")                                                                            \
    X(CUSTOMER, 2, "customer")                                                                    \
    X(PRODUCT, 3, "product")                                                                      \
    X(STOCK, 4, "stock")                                                                          \
    X(BANK_ACCOUNT, 5, "bank_account")                                                            \
    X(FX_RATE, 6, "fx_rate")                                                                      \
    X(CLOCK, 7, "clock")                                                                          \
    X(PERIOD_CLOSE, 8, "period_close")                                                            \
    X(SLICE, 9, "slice")                                                                          \
    X(ORDER, 10, "order")                                                                         \
    X(ORDER_CONFIRM, 11, "order_confirm")                                                         \
    X(ORDER_CANCEL, 12, "order_cancel")                                                           \
    X(CREDIT_DECISION, 13, "credit_decision")                                                     \
    X(SHIPMENT, 14, "shipment")                                                                   \
    X(INVOICE, 20, "invoice")                                                                     \
    X(CREDIT_NOTE, 21, "credit_note")                                                             \
    X(WRITE_OFF, 22, "write_off")                                                                 \
    X(WRITE_OFF_REVERSE, 23, "write_off_reverse")                                                 \
    X(CREDIT_NOTE_CANCEL, 24, "credit_note_cancel")                                               \
    X(RECEIPT, 30, "receipt")                                                                     \
    X(APPLICATION, 31, "application")                                                             \
    X(APPLICATION_REVERSE, 32, "application_reverse")                                             \
    X(RECEIPT_REVERSE, 33, "receipt_reverse")                                                     \
    X(RECEIPT_ASSIGN, 34, "receipt_assign")                                                       \
    X(REFUND, 35, "refund")                                                                       \
    X(CHARGEBACK, 36, "chargeback")                                                               \
    X(STATEMENT, 37, "statement")                                                                 \
    X(ASSIGN, 38, "assign")                                                                       \
    X(PAYOUT, 39, "payout")                                                                       \
    X(DISPUTE, 40, "dispute")                                                                     \
    X(DISPUTE_CLOSE, 41, "dispute_close")                                                         \
    X(PROMISE, 42, "promise")                                                                     \
    X(CHARGEBACK_REVERSE, 43, "chargeback_reverse")                                               \
    X(BATCH, 50, "batch")

enum fl_command_type {
    FL_COMMAND_NONE = 0,
#define FL_COMMAND_ENUM(symbol, number, name) FL_COMMAND_##symbol = number,
    FL_COMMAND_TYPES(FL_COMMAND_ENUM)
#undef FL_COMMAND_ENUM
        FL_COMMAND_TYPE_MAX = 63
};

/* Bytes [offset, offset + length) of the command; length 0: absent (an empty text is absent). */
struct fl_text {
    uint32_t offset;
    uint32_t length;
};

/* `count` elements at `offset`, 8-byte aligned. */
struct fl_list {
    uint32_t offset;
    uint32_t count;
};

enum fl_command_flags {
    FL_FLAG_AT_GIVEN = 1,    /* the caller gave `at`: its day is the default date */
    FL_FLAG_DATE_GIVEN = 2,  /* the caller gave `date` */
    FL_FLAG_DUE_GIVEN = 4,   /* the caller gave `due_date` */
    FL_FLAG_SERIES = 8,      /* id is the series' next: written by the engine, printed by `log` */
    FL_FLAG_AT_RAISED = 16,  /* `at` was earlier than the last one and was raised to it */
    FL_FLAG_DATE_OWN = 32,   /* and its own day was kept as the date: resolved, not given */
    FL_FLAG_SLICED = 64,     /* a job goes on with what it began: slices follow (job.h); given: they follow in the log */
};

struct fl_command {
    uint32_t bytes;         /* all, multiple of 8 */
    uint32_t content_bytes; /* up to here the content hash goes */
    uint16_t type;          /* enum fl_command_type */
    uint16_t flags;
    uint16_t date;     /* effective day; 0: to be resolved */
    uint16_t due_date; /* invoice */
    int64_t at_us;     /* the edge stamps it if the caller gave none */
    uint16_t at_day;   /* the day of at_us in the book's time zone */
    uint16_t version;  /* FL_COMMAND_VERSION */
    uint32_t zeros;
    struct fl_text id;
    struct fl_text key;
    uint64_t zeros64[2];
};
static_assert(sizeof(struct fl_command) == 64, "the content begins at 64");

/* An optional yes or no. */
enum fl_choice { FL_CHOICE_ABSENT, FL_CHOICE_NO, FL_CHOICE_YES };

/* An optional whole number: value + 1; 0 is absent. */
#define FL_OPTIONAL_NONE 0

struct fl_currency_amount {
    struct fl_decimal amount;
    uint8_t currency, zeros[7];
};

enum fl_tax_rounding { FL_TAX_ROUND_RATE = 1, FL_TAX_ROUND_LINE, FL_TAX_ROUND_DOCUMENT };
enum fl_invoice_on { FL_INVOICE_ON_MANUAL = 1, FL_INVOICE_ON_ORDER, FL_INVOICE_ON_SHIP };
enum fl_confirm { FL_CONFIRM_AUTO = 1, FL_CONFIRM_MANUAL };
enum fl_discount_tax { FL_DISCOUNT_TAX_REDUCE = 1, FL_DISCOUNT_TAX_KEEP };
enum fl_prices { FL_PRICES_NET = 1, FL_PRICES_GROSS };

struct fl_series {
    struct fl_text prefix;
    uint32_t next;   /* optional number */
    uint32_t digits; /* optional number */
};

/* Which matches settle by themselves, and which are shown (rulings, Matching 4 and 5). */
struct fl_auto_match {
    uint32_t auto_points, propose, margin, sum_items, sum_open, zeros32; /* optional numbers */
    struct fl_decimal lambda;
    uint8_t oldest_first, zeros[7]; /* enum fl_choice */
};

struct fl_command_book {
    uint8_t base_currency, tax_rounding, rounding, invoice_on; /* rounding: 1 half_up, 2 half_even */
    uint8_t confirm, discount_tax, prices, zeros;
    uint32_t net_days, reservation_days, key_days, zeros32; /* optional numbers */
    struct fl_text time_zone;
    struct fl_series invoice_series, credit_series;
    struct fl_list tolerances; /* struct fl_currency_amount */
    struct fl_list buckets;    /* uint32_t pairs {days, 0}: struct fl_bucket */
    struct fl_auto_match auto_match;
};

struct fl_bucket {
    uint32_t days;
    uint32_t zeros;
};

struct fl_discount_terms {
    struct fl_decimal percent;
    uint32_t days, grace_days; /* optional numbers */
};

struct fl_text_item {
    struct fl_text text;
};

struct fl_command_customer {
    struct fl_text name, parent, segment, tax_id, email, country, language;
    uint8_t currency, hold /* enum fl_choice */, zeros[2];
    uint32_t net_days; /* optional number */
    struct fl_decimal credit_limit; /* absent: the parent's; null: unlimited */
    struct fl_discount_terms discount;
    struct fl_list bank_accounts; /* struct fl_text_item */
};

struct fl_command_product {
    struct fl_text name;
    uint8_t currency, stock_control, backorder, zeros[5];
    struct fl_decimal price, tax_rate, safety_stock;
};

enum fl_stock_kind { FL_STOCK_RECEIVE = 1, FL_STOCK_ADJUST, FL_STOCK_COUNT };

struct fl_command_stock {
    struct fl_text product, ref;
    struct fl_decimal quantity;
    uint8_t kind, zeros[7];
};

struct fl_command_bank_account {
    uint8_t currency, kind, reversal_flips, zeros[5]; /* kind: enum fl_bank_account_kind */
    struct fl_decimal opening;
};

struct fl_command_fx_rate {
    struct fl_decimal rate;
    uint8_t from, to, zeros[6];
};

/* `at` and the date stand in the header: clock {date} is 00:00 of that day. */
struct fl_command_clock {
    int64_t until_us;   /* the instant it moves to */
    uint16_t until_day; /* its day in the book's zone */
    uint16_t zeros[3];
};

/* So much of a job, done between other commands. The engine makes it; `log` prints it. */
struct fl_command_slice {
    uint32_t job;    /* its id */
    uint32_t number; /* of the slice within the job, from 1 */
    uint32_t n;      /* items, exactly; 0: as many as a slice holds, resolved by the engine */
    uint32_t zeros;
};

struct fl_command_period_close {
    uint16_t through;
    uint16_t zeros[3];
};

struct fl_charge {
    struct fl_decimal amount, tax_rate;
};

struct fl_order_item {
    struct fl_text product, text; /* text: invoice lines */
    struct fl_decimal quantity, price, discount_percent, tax_rate;
};

struct fl_command_order {
    struct fl_text customer, source, ship_to;
    struct fl_list lines; /* struct fl_order_item */
    uint8_t currency, prices, zeros[2];
    uint16_t promised, zeros16;
    struct fl_charge shipping;
    struct fl_decimal discount_percent;
};

/* A part of an order: line is the number shown, from 1. */
struct fl_line_part {
    uint32_t line;
    uint32_t zeros;
    struct fl_decimal quantity;
};

struct fl_command_order_confirm {
    struct fl_text order;
};

struct fl_command_order_cancel {
    struct fl_text order, reason;
    struct fl_list lines; /* struct fl_line_part */
    uint8_t restock, zeros[7];
};

enum fl_decision { FL_DECISION_RELEASE = 1, FL_DECISION_REJECT };

struct fl_command_credit_decision {
    struct fl_text order, by, reason;
    uint16_t expires;
    uint8_t decision, zeros[5];
};

struct fl_command_shipment {
    struct fl_text order, carrier, tracking;
    struct fl_list lines; /* struct fl_line_part; empty: all open */
    uint8_t stage, zeros[7]; /* 1 shipped, 2 delivered */
};

/* Gross, or net and tax. */
struct fl_amount {
    struct fl_decimal gross, net, tax;
};

struct fl_instalment {
    struct fl_decimal amount;
    uint16_t due_date, zeros[3];
};

struct fl_command_invoice {
    struct fl_text customer, order, shipment, reference;
    struct fl_list lines;       /* struct fl_order_item */
    struct fl_list instalments; /* struct fl_instalment */
    struct fl_amount amount;
    struct fl_charge shipping;
    struct fl_decimal fx_rate;
    uint8_t currency, prices, opening, zeros[5]; /* opening: against equity, not revenue */
};

struct fl_credit_line {
    uint32_t line;
    uint32_t zeros;
    struct fl_decimal quantity, amount; /* one of them; amount is net */
};

struct fl_command_credit_note {
    struct fl_text invoice, customer, reason;
    struct fl_list lines; /* struct fl_credit_line */
    struct fl_amount amount;
    struct fl_decimal fx_rate;
    uint8_t currency, zeros[7];
};

struct fl_command_credit_note_cancel {
    struct fl_text credit_note, reason;
};

struct fl_command_write_off {
    struct fl_text invoice, reason;
    struct fl_decimal amount;
    uint8_t tax_relief, zeros[7];
};

/* A recovery of what was written off; without an amount of all of it. */
struct fl_command_write_off_reverse {
    struct fl_text write_off, reason;
    struct fl_decimal amount;
};

struct fl_payer {
    struct fl_text name, account;
};

struct fl_command_receipt {
    struct fl_text customer, account, text, method;
    struct fl_payer payer;
    struct fl_list references; /* struct fl_text_item */
    struct fl_decimal amount, fee, fx_rate;
    uint8_t currency, zeros[7];
};

struct fl_match_document {
    struct fl_text id;
    struct fl_decimal amount;
};

/* A set of documents that the money might be for, and what it lacks. */
struct fl_match_candidate {
    struct fl_text missing;
    struct fl_list documents; /* struct fl_match_document */
    uint32_t rule, points;    /* optional numbers */
};

struct fl_match {
    struct fl_text reason;
    uint32_t rule, points; /* optional numbers */
    struct fl_match_candidate runner_up;
    struct fl_list candidates; /* struct fl_match_candidate */
};

struct fl_command_application {
    struct fl_text receipt, credit_note, invoice, by;
    struct fl_decimal amount, discount, difference;
    struct fl_match match;
    uint8_t park, zeros[7];
};

struct fl_command_application_reverse {
    struct fl_text application, reason, by;
};

struct fl_command_receipt_reverse {
    struct fl_text receipt, reason, account;
    struct fl_decimal amount, fee;
};

struct fl_command_receipt_assign {
    struct fl_text receipt, customer, by;
};

struct fl_command_refund {
    struct fl_text receipt, credit_note, customer, account, reason;
    struct fl_decimal amount;
};

struct fl_command_chargeback {
    struct fl_text receipt, account, reason;
    struct fl_decimal amount, fee;
};

/* Won: the money comes back, without an amount all of it; the fee if it does too. */
struct fl_command_chargeback_reverse {
    struct fl_text chargeback, account, reason;
    struct fl_decimal amount, fee;
};

/* So much of a line may be spent after so many days (BAI2 calls it funds type, camt availability). */
struct fl_availability {
    struct fl_decimal amount;
    uint32_t days;
    uint32_t zeros;
};

/* What a remittance advice says is paid of a document; of a credit note the amount is negative. */
struct fl_advice {
    struct fl_text document;
    struct fl_decimal amount, discount;
};

struct fl_statement_item {
    struct fl_text text, bank_ref, customer_ref, end_to_end;
    struct fl_payer payer;
    struct fl_list references;   /* struct fl_text_item: candidates, in order */
    struct fl_list availability; /* struct fl_availability */
    struct fl_list advice;       /* struct fl_advice */
    struct fl_decimal amount, charges;
    uint16_t booking_date, value_date;
    uint8_t currency, reversal, zeros[2];
    uint32_t occurrence; /* optional number: the how-many-th equal line of its statement; asked where
                            balances prove nothing */
    uint32_t batch; /* optional number: the how-many-th part of one entry of the bank; parts follow each other */
};

struct fl_statement_balance_item {
    struct fl_text code;
    struct fl_decimal amount;
    uint16_t date, zeros[3];
};

struct fl_command_statement {
    struct fl_text account, note;
    struct fl_list lines;    /* struct fl_statement_item */
    struct fl_list balances; /* struct fl_statement_balance_item */
    struct fl_decimal opening, closing;
    uint16_t from, to;
    uint8_t currency, accept_unbalanced;
    uint8_t match;   /* enum fl_choice; no: its lines are booked, not settled */
    uint8_t interim; /* enum fl_choice; yes: a report or notice on the way, whose lines a statement tells again */
    uint32_t part, parts; /* optional numbers */
    uint32_t pages, zeros32;
};

/* Whose a bank line is: one of account, refund, receipt, chargeback. */
struct fl_command_assign {
    struct fl_text line, account, refund, receipt, chargeback, by;
};

/* Signed as it changes the payout; the fee is taken off beside it. */
struct fl_payout_item {
    struct fl_text ref;
    struct fl_decimal amount, fee;
    uint8_t kind, zeros[7]; /* enum fl_payout_kind */
};

struct fl_command_payout {
    struct fl_text processor, account;
    struct fl_list parts; /* struct fl_payout_item */
    struct fl_decimal amount, fx_rate;
    uint8_t currency, zeros[7];
};

struct fl_command_dispute {
    struct fl_text invoice, reason;
    struct fl_decimal amount;
};

enum fl_dispute_outcome { FL_OUTCOME_UPHELD = 1, FL_OUTCOME_REJECTED };

struct fl_command_dispute_close {
    struct fl_text dispute, credit, reason;
    uint8_t outcome, zeros[7];
};

/* The header's date is the day by which it was promised. */
struct fl_command_promise {
    struct fl_text customer, invoice;
    struct fl_decimal amount;
};

/* Members are whole commands, one after the other, each 8-byte aligned, at `commands.offset`. */
struct fl_command_batch {
    struct fl_list commands;
};

/* The struct behind the header. */
static inline const void *fl_command_body(const struct fl_command *command)
{
    return command + 1;
}

static inline const char *fl_command_text(const struct fl_command *command, struct fl_text text)
{
    return (const char *)command + text.offset;
}

static inline const void *fl_command_list(const struct fl_command *command, struct fl_list list)
{
    return (const char *)command + list.offset;
}

/* "order", or "unknown". */
const char *fl_command_name(unsigned type);

/* Proves the bytes (K2) and that they are the canonical ones (K1). `bytes` is what is there. FL_UNKNOWN_TYPE,
 * FL_UNKNOWN_FIELD, FL_MISSING_FIELD, FL_BAD_VALUE, FL_OUT_OF_RANGE (an offset or count is not what it must be),
 * FL_NOT_UTF8, FL_TOO_LONG; `*field_out` (nullable) names the field, static. */
enum fl_status fl_command_check(const void *command, uint64_t bytes, const char **field_out);

#endif
