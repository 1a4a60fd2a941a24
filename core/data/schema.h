/* schema.h - the one list of tables and columns; store, snapshot, checkpoint, digest and reports are
 * made from it.
 *
 * Three kinds of column, never mixed (measured: an `open` amount inside a mutable line makes a scan six
 * times slower and every snapshot dearer):
 *
 *   FIXED  written once when the row is added. Contiguous in memory, never copied.
 *   LIVE   changes. Chunks of 64 KiB, copied on the first write after a snapshot.
 *   ERASE  like FIXED, but personal data: left out of the digest, overwritten only by erasure.
 *
 *   S1  An element's size is a power of two, without padding: chunks are hashed and stored as bytes.
 *   S2  Row numbers are u32, FL_NO_ROW is none; a row is never removed, so "known at seq" is a prefix.
 *   S3  Rows of a table rise with `seq`.
 *
 * Adding a column or table: append to the list, bump FL_SCHEMA_VERSION, say how an older checkpoint is
 * read (checkpoint.h).
 *
 * Money is int64 minor units of the row's currency; days are uint16 (date.h); quantities int64 x 10^6,
 * prices x 10^6, percentages and exchange rates x 10^10 (decimal.h).
 *
 * Cache lines. A receipt that settles one invoice by reference touches, at random: the index group of
 * the reference, the invoice's card (its id is verified there), the invoice's money, the customer's
 * account, and the group its own id goes into: 5 lines; all else is appended or hot.
 */
#ifndef FLORIN_CORE_DATA_SCHEMA_H
#define FLORIN_CORE_DATA_SCHEMA_H

#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/limits.h"

#define FL_SCHEMA_VERSION 4
#define FL_NO_ROW UINT32_MAX

/* Text in a heap of units of 8 bytes: `text` (ids, references: part of the digest) or `personal`.
 * length 0 is no text. */
struct fl_text_ref {
    uint32_t unit;
    uint32_t length;
};

/* An id of 1 to 64 bytes: up to 23 inline, so that "always verified" costs no further line; of a
 * longer one the heap's place stands at bytes[0..3] and its first 16 bytes follow. */
struct fl_id {
    uint8_t length;
    char bytes[23];
};

/* ---- masters ------------------------------------------------------------------------------- */

/* One row, row 0. */
struct fl_book_settings {
    uint8_t base_currency, tax_rounding, rounding, invoice_on;
    uint8_t confirm, discount_tax, prices, bucket_count;
    uint16_t buckets[8];
    uint16_t net_days, reservation_days, key_days;
    uint16_t lambda_e6; /* auto_match: what a sum of several may risk, x 10^-6 */
    uint8_t invoice_prefix_length, credit_prefix_length, invoice_digits, credit_digits;
    uint8_t tolerance_count, time_zone_length;
    uint8_t auto_points, propose_points; /* auto_match */
    char time_zone[48];
    char invoice_prefix[24], credit_prefix[24];
    int64_t tolerance_minor[12];
    uint8_t tolerance_currency[12];
    uint8_t match_margin, sum_items, sum_open, oldest_first; /* auto_match */
    uint64_t content_hash;
};

struct fl_book_counters {
    uint64_t seq;           /* of the last accepted command */
    int64_t last_at_us;     /* at never runs backwards */
    int64_t clock_us;       /* instant of the last clock: where business time goes */
    int64_t invoice_next;   /* number series; `year` restarts them where the prefix says so */
    int64_t credit_next;
    uint16_t business_date; /* 0 before the first clock; behind clock_day while the days between are worked */
    uint16_t closed_through;/* 0: no period closed */
    uint16_t invoice_year, credit_year;
    uint32_t state_check;   /* folded over every posting and quantity: replay compares it */
    uint32_t entries;       /* 1 once money was posted: time zone and base currency are fixed */
    int64_t volume_minor;   /* of all postings ever: keeps every sum within int64 */
    uint16_t last_at_day;   /* of last_at_us: the business date before the first clock */
    uint16_t clock_day;     /* of clock_us */
    uint16_t zeros16[2];
    uint32_t jobs_done;     /* rows of `job` that are through: the next is the one at work */
    uint32_t zeros32;
    uint64_t zeros[6];
};

struct fl_customer_card {
    struct fl_id id;
    uint64_t seq;
};

enum fl_limit_kind { FL_LIMIT_INHERITED, FL_LIMIT_UNLIMITED, FL_LIMIT_AMOUNT };

struct fl_customer_profile {
    struct fl_text_ref name, email;             /* personal */
    struct fl_text_ref tax_id, segment, accounts; /* text; accounts joined by line feeds */
    uint64_t content_hash;
    uint32_t parent;
    uint32_t discount_percent_e7; /* percent x 10^7 */
    uint16_t net_days, discount_days, grace_days;
    char country[2], language[2];
    uint8_t net_days_given;
    uint8_t zeros8;
    uint64_t version_seq;
    uint64_t zeros[6];
};

/* One cache line: all that an order or a receipt changes of a customer (I5). */
struct fl_customer_account {
    int64_t ordered_minor;   /* O: ordered, not shipped */
    int64_t shipped_minor;   /* S: shipped, not invoiced */
    int64_t invoices_minor;  /* open invoices, late fees in */
    int64_t unapplied_minor; /* receipts not applied, on account in */
    int64_t credits_minor;   /* open credit notes */
    int64_t limit_minor;     /* if limit_kind is FL_LIMIT_AMOUNT */
    uint32_t last_invoice;   /* heads of chains through *.prev_of_customer */
    uint32_t last_receipt;
    uint32_t last_credit_note;
    uint8_t limit_kind; /* enum fl_limit_kind */
    uint8_t hold;
    uint8_t currency;
    uint8_t zeros;
};

struct fl_product_card {
    struct fl_id id;
    uint64_t seq;
};

struct fl_product_stock {
    int64_t on_hand;  /* quantities x 10^6 */
    int64_t reserved; /* I4: reserved <= on_hand unless back-order is on */
    int64_t safety;
    int64_t price_e6;
    int64_t tax_rate; /* percent x 10^10 */
    uint64_t content_hash;
    struct fl_text_ref name; /* text */
    uint8_t stock_control, backorder, currency, zeros[5];
};

struct fl_bank_account_card {
    struct fl_id id;
    uint64_t seq;
};

enum fl_bank_account_kind { FL_ACCOUNT_KIND_BANK = 1, FL_ACCOUNT_KIND_PROCESSOR, FL_ACCOUNT_KIND_CASH };

/* Whether a mark of reversal turns the direction that stands beside it; of files (Q3 of
 * statement_profile.h). */
enum fl_reversal_flips { FL_REVERSAL_UNSAID, FL_REVERSAL_FLIPS, FL_REVERSAL_KEEPS };

struct fl_bank_account_live {
    int64_t opening_minor; /* what it is to be; what is booked stands in bank_opening */
    uint64_t content_hash;
    uint32_t last_statement;
    uint16_t opening_date; /* day the opening is booked on; 0: none booked */
    uint8_t currency, kind, reversal_flips; /* enum fl_reversal_flips */
    uint8_t opening_by_statement; /* its first one brought it, no bank_account command */
    uint8_t opening_waits;        /* for a rate, as lines do: not booked yet, not pushed */
    uint8_t has_interim;          /* interim reports told lines of it */
    uint16_t opening_from;        /* first day of the statement that the opening is of; 0: none */
    uint16_t line_first_day;      /* of its lines that are or will be posted; 0: none */
    uint32_t opening_statement;   /* row + 1 of that statement's first part; 0 */
    uint32_t opening_row;         /* row + 1 of bank_opening that stands; 0 */
    uint32_t waiting_first, waiting_last; /* lines without a rate, chained through their `target` */
    uint32_t waiting_count;
    uint32_t zeros32[3];
};

/* An entry of row 26. One that an earlier statement corrects is mirrored by a row of its own. */
struct fl_bank_opening_row {
    int64_t amount_minor, base_minor;
    uint64_t seq;
    uint32_t account;
    uint16_t date;
    uint8_t by_statement;
    uint8_t mirrors; /* the opening that stood before it */
};

struct fl_fx_rate_row {
    int64_t rate; /* one `from` is rate x 10^-10 `to` */
    uint64_t seq;
    uint16_t date;
    uint8_t from, to;
    uint32_t zeros32;
    uint64_t zeros;
};

/* ---- orders -------------------------------------------------------------------------------- */

enum fl_order_state {
    FL_ORDER_HELD = 1,
    FL_ORDER_OPEN,
    FL_ORDER_PART_SHIPPED,
    FL_ORDER_SHIPPED,
    FL_ORDER_CLOSED,
    FL_ORDER_CANCELLED,
    FL_ORDER_REJECTED,
    FL_ORDER_EXPIRED,
};

enum fl_order_flags {
    FL_ORDER_BY_PERSON = 1,   /* released by a credit decision */
    FL_ORDER_REST_CLOSED = 2, /* its reservation expired: what is neither shipped nor invoiced is closed */
};

enum fl_credit_answer { FL_CREDIT_APPROVED = 1, FL_CREDIT_HELD };

struct fl_order_card {
    struct fl_id id;
    uint64_t seq;
    int64_t total_minor; /* as placed */
    uint32_t customer;
    uint32_t line_first;
    uint16_t line_count;
    uint16_t date;
    uint16_t promised;
    uint8_t currency;
    uint8_t placed_credit; /* enum fl_credit_answer: the first answer */
    uint32_t zeros[2];
};

struct fl_order_cold {
    uint64_t content_hash;
    int64_t tax_minor;
    int64_t shipping_minor;
    int64_t shipping_tax_rate;
    int64_t discount_percent; /* x 10^10 */
    int64_t at_us;
    struct fl_text_ref source;
    uint8_t prices, zeros[7];
};

struct fl_order_live {
    int64_t ordered_minor; /* this order's part of the customer's O */
    int64_t shipped_minor; /* ... of S */
    uint32_t last_shipment; /* chain through shipment_card.prev_of_order */
    uint32_t last_invoice;  /* chain through invoice_cold.prev_of_order */
    uint8_t state;          /* enum fl_order_state */
    uint8_t confirmed;
    uint8_t freight_billed;
    uint8_t flags; /* enum fl_order_flags */
    uint16_t expires;
    uint16_t reserved_until; /* due on that day; 0: its reservation does not expire, or was looked at */
};

struct fl_order_line_card {
    int64_t quantity;
    int64_t price_e6;
    int64_t discount_percent;
    int64_t tax_rate;
    int64_t net_minor;   /* after the line's discount */
    int64_t share_minor; /* of the order's discount, to be taken off net_minor */
    int64_t gross_minor; /* its part of order.total: exposure moves by D6 parts of it */
    uint32_t product;
    uint32_t order;
};

struct fl_order_line_live {
    int64_t shipped;
    int64_t cancelled;
    int64_t invoiced;
    int64_t returned;
};

struct fl_shipment_card {
    struct fl_id id;
    uint64_t seq;
    int64_t recognised_minor; /* posting row 3: net of goods invoiced before */
    uint32_t order;
    uint32_t line_first;
    uint16_t line_count;
    uint16_t date;
    uint32_t prev_of_order;
    int64_t recognised_base_minor;
};

struct fl_shipment_cold {
    uint64_t content_hash;
    struct fl_text_ref carrier, tracking;
    uint64_t zeros;
};

struct fl_shipment_live {
    uint8_t stage;
    uint8_t invoiced;
    uint8_t zeros[2];
};

struct fl_shipment_line_card {
    int64_t quantity;
    int64_t recognised_minor;
    uint32_t order_line;
    uint32_t shipment;
    uint64_t zeros;
};

/* ---- invoices and credit notes --------------------------------------------------------------- */

enum fl_invoice_state {
    FL_INVOICE_OPEN = 1,
    FL_INVOICE_PARTIAL,
    FL_INVOICE_PAID,
    FL_INVOICE_CREDITED,
    FL_INVOICE_WRITTEN_OFF,
};

struct fl_invoice_card {
    struct fl_id id;
    int64_t total_minor;
    uint64_t seq;
    uint32_t customer;
    uint32_t order; /* FL_NO_ROW if none */
    uint32_t line_first;
    uint32_t prev_of_customer;
    uint16_t date;
    uint16_t due_date;
    uint16_t line_count;
    uint8_t currency;
    uint8_t from_series;
};

/* Kept beside the open amount, so that settling need not look further. */
enum fl_invoice_flags {
    FL_INVOICE_HAS_CREDIT_NOTE = 1,
    FL_INVOICE_HAS_DISCOUNT = 2, /* early-payment terms in invoice_extra */
    FL_INVOICE_HAS_INSTALMENTS = 4,
    FL_INVOICE_DISPUTED = 8, /* some dispute of it is open */
};

/* A part of an invoice that is due on a day of its own; rows of an invoice stand together, by day. What of it is open
 * follows from the invoice: the oldest is paid first (instalment.h). */
struct fl_instalment_row {
    int64_t amount_minor;
    uint32_t invoice;
    uint16_t due_date;
    uint16_t number; /* from 1 */
};

/* Dense: what aging and DSO scan. */
struct fl_invoice_scan {
    int64_t total_minor;
    uint32_t customer;
    uint16_t date;
    uint16_t due_date;
};

struct fl_invoice_currency {
    uint8_t currency;
};

struct fl_invoice_money {
    int64_t open_minor;
    uint32_t last_movement; /* chain through movement_row.prev_of_invoice */
    uint16_t closed_date;   /* effective day of the row that closed it; 0 while open */
    uint8_t state;          /* enum fl_invoice_state */
    uint8_t flags;          /* enum fl_invoice_flags */
};

struct fl_invoice_cold {
    uint64_t content_hash;
    int64_t tax_minor;
    int64_t base_total_minor; /* in the book's currency at the rate frozen on the document */
    uint32_t extra;           /* row of invoice_extra; FL_NO_ROW if there is nothing in it */
    uint32_t prev_of_order;
};

struct fl_invoice_extra {
    int64_t deferred_minor; /* posting row 4: net not yet shipped when issued */
    int64_t freight_minor;
    int64_t freight_tax_minor;
    int64_t rate; /* to base; 0: same currency */
    int64_t net_minor; /* of an invoice by amount */
    struct fl_text_ref reference;
    uint32_t shipment;
    uint32_t invoice;
    uint32_t discount_percent_e7; /* early payment: frozen at issue; 0 none */
    uint16_t discount_until;      /* last day, grace days in */
    uint8_t opening;              /* taken over: against equity:opening */
    uint8_t zeros;
};

struct fl_invoice_line_card {
    int64_t quantity;
    int64_t price_e6;
    int64_t net_minor;
    int64_t tax_rate;
    int64_t discount_minor;
    uint32_t product;    /* FL_NO_ROW: a line of text */
    uint32_t order_line; /* FL_NO_ROW: not from an order */
    uint32_t invoice;
    uint32_t prev_of_order_line;
    struct fl_text_ref text;
};

struct fl_invoice_line_live {
    int64_t delivered;          /* pieces whose net is revenue */
    int64_t recognised_minor;   /* of the net */
    int64_t credited_net_minor; /* <= net */
    int64_t credited_quantity;
};

/* Per order line, the newest invoice line: chain through invoice_line_card.prev_of_order_line. */
struct fl_order_line_link {
    uint32_t last_invoice_line;
};

struct fl_credit_note_card {
    struct fl_id id;
    int64_t total_minor;
    uint64_t seq;
    uint32_t customer;
    uint32_t invoice; /* FL_NO_ROW: standalone */
    uint32_t prev_of_customer;
    uint32_t prev_of_invoice;
    uint16_t date;
    uint8_t currency;
    uint8_t from_series;
    uint32_t zeros;
};

struct fl_credit_note_cold {
    uint64_t content_hash;
    int64_t tax_minor;
    int64_t deferred_minor; /* posting row 5: taken from deferred revenue */
    int64_t base_total_minor;
    int64_t spendable_minor; /* of the total: with money behind it when issued */
    struct fl_text_ref reason;
    uint32_t line_first, line_count; /* rows of credit_line: what it took of its invoice's lines */
    uint64_t zeros;
};

struct fl_credit_line_row {
    int64_t net_minor;
    int64_t quantity; /* 0: by amount */
    uint32_t note;
    uint32_t invoice_line;
    uint64_t zeros;
};

struct fl_credit_note_money {
    int64_t open_minor; /* not applied, not refunded, and with money behind it */
    uint32_t last_movement;
    uint32_t cancelled; /* 1: taken back whole, as if it had not been */
};

/* ---- cash ------------------------------------------------------------------------------------ */

enum fl_receipt_state {
    FL_RECEIPT_UNIDENTIFIED = 1,
    FL_RECEIPT_UNAPPLIED,
    FL_RECEIPT_ON_ACCOUNT,
    FL_RECEIPT_PARTIAL,
    FL_RECEIPT_APPLIED,
    FL_RECEIPT_REVERSED,
};

enum fl_open_reason {
    FL_REASON_NONE,
    FL_REASON_NO_REFERENCE, /* nothing in it names a document of ours */
    FL_REASON_UNKNOWN_REFERENCE,
    FL_REASON_ALREADY_PAID,
    FL_REASON_OTHER_CUSTOMER,
    FL_REASON_AMBIGUOUS,
    FL_REASON_OVERPAID,
    FL_REASON_CURRENCY,
    FL_REASON_CONTRADICTION,
};

struct fl_receipt_card {
    struct fl_id id;
    int64_t amount_minor; /* gross: what the payer is credited with */
    int64_t fee_minor;    /* kept on the way; the bank got amount - fee */
    uint64_t seq;
    uint32_t account;        /* row of bank_account; FL_NO_ROW: through assets:transit:receipts */
    uint32_t first_customer; /* FL_NO_ROW: posting row 8, else row 9 */
    uint32_t zeros32;
    uint16_t date;
    uint8_t currency;
    uint8_t zeros;
};

struct fl_receipt_cold {
    uint64_t content_hash;
    int64_t base_amount_minor;
    struct fl_text_ref text, payer_name, payer_account; /* personal */
    struct fl_text_ref method;
    uint32_t details; /* reserved for the match of this receipt; FL_NO_ROW */
    uint32_t zeros[3];
};

struct fl_receipt_money {
    int64_t open_minor; /* amount - applied - refunded - charged back - returned - gain */
    uint32_t last_movement;
    uint32_t customer; /* FL_NO_ROW while unidentified */
};

struct fl_receipt_status {
    uint32_t prev_of_customer;
    uint32_t applications;   /* numbers given out: RECEIPT/n */
    uint32_t statement_line; /* the bank's line of this money; FL_NO_ROW: none seen yet */
    uint8_t state;           /* enum fl_receipt_state */
    uint8_t reason;          /* enum fl_open_reason: why money was left open */
    uint16_t paid_out;       /* 1: some payout has it */
};

/* Everything that changes an open amount after its document was issued is a row here (design, Two
 * clocks); rows are added and reversed, never edited (I3). `amount_minor` is signed: a reversal
 * carries the negative of its original and names it. The comment says what `amount` does. */
enum fl_movement_kind {
    FL_MOVE_APPLY_RECEIPT = 1, /* invoice -a, receipt -a                      row 11 */
    FL_MOVE_APPLY_CREDIT,      /* invoice -a, credit note -a                  rows 6, 11 */
    FL_MOVE_DISCOUNT,          /* invoice -d; parts: tax                      row 11 */
    FL_MOVE_SHORT,             /* invoice -a: small difference to our loss    row 11 */
    FL_MOVE_OVER,              /* receipt -a: small difference to our gain    row 11 */
    FL_MOVE_WRITE_OFF,         /* invoice -w; parts: tax relief               row 18 */
    FL_MOVE_IDENTIFY,          /* unidentified -> unapplied a                 row 10 */
    FL_MOVE_REFUND_RECEIPT,    /* receipt -r                                  row 14 */
    FL_MOVE_REFUND_CREDIT,     /* credit note -r                              row 14 */
    FL_MOVE_CHARGEBACK,        /* receipt -back; negative: won                row 16 */
    FL_MOVE_RETURN,            /* receipt -r                                  row 13 */
    FL_MOVE_CREDIT_NO_MONEY,   /* credit note -y; parts say against what      row 7 */
    FL_MOVE_LATE_FEE,          /* invoice +f                                  row 17 */
    FL_MOVE_RECOVERY,          /* invoice +v; parts: tax                      row 19 */
    FL_MOVE_REFUND_SHARE,      /* nothing moves: a credit note's refund, counted against the receipt
                                  that had paid its invoice (D4.2) */
    FL_MOVE_ASSIGN,            /* receipt -a: no customer's money; event: row of assignment  row 20 */
    FL_MOVE_CREDIT_CANCEL,     /* credit note -a, all of it: the mirror of its entry          row 5 */
};

enum fl_movement_flags {
    FL_MOVE_FLAG_UNIDENTIFIED = 1, /* the receipt's money was nobody's then: liabilities:unidentified */
    FL_MOVE_FLAG_PERSON = 2,       /* a person decided it: of a reversal, that a person took it back (decision.h) */
};

struct fl_movement_row {
    int64_t amount_minor;
    uint32_t invoice; /* FL_NO_ROW where none is touched */
    uint32_t source;  /* receipt or credit note by kind; FL_NO_ROW where none */
    uint32_t prev_of_invoice;
    uint32_t prev_of_source;
    uint16_t date; /* effective, pushed */
    uint8_t kind;  /* enum fl_movement_kind */
    uint8_t currency;
    uint32_t application : 28; /* n of RECEIPT/n, shared by the cash, discount and difference of one:
                                  each has a row here, so that the rows end before the numbers do */
    uint32_t flags : 4;        /* enum fl_movement_flags */
};
static_assert(FL_TABLE_ROWS_MAX < 1u << 28, "a number of an application never wraps");

struct fl_movement_cold {
    uint64_t seq;
    uint32_t reverses;       /* movement; FL_NO_ROW */
    uint32_t part;           /* first row of posting_part, contiguous until `last`; FL_NO_ROW */
    uint32_t event;          /* row of cash_event that caused it, or of assignment; FL_NO_ROW */
    uint32_t application_id; /* row of application_id if the caller gave one; FL_NO_ROW */
    uint32_t payer;          /* DISCOUNT, SHORT: the receipt of the same application; FL_NO_ROW */
    uint16_t corrects;       /* pushed out of a closed day: that day; 0 */
    uint8_t rule, points;    /* of an application: by which rule of matching, and how many points; 0: by none */
};

struct fl_movement_live {
    uint32_t reversed_by; /* movement; FL_NO_ROW: it stands */
};

/* An amount of an entry that depended on the state when it was decided. */
struct fl_posting_part {
    int64_t amount_minor;
    int64_t base_minor;
    uint32_t movement;
    uint8_t account; /* enum fl_account */
    uint8_t last;
    uint16_t zeros16;
    int64_t rest_minor; /* of one that says a document's base: what of that the document still has after it (row 23) */
};

struct fl_application_id_row {
    struct fl_id id;
    uint64_t content_hash;
    uint32_t movement; /* the first of the application */
    uint32_t zeros[7];
};

/* What was said beside rule and points, which stand at the movement. */
struct fl_match_row {
    struct fl_text_ref by, reason;
    uint32_t movement;
    uint32_t candidate_first; /* rows of match_candidate, contiguous; the runner-up first */
    uint16_t candidate_count;
    uint8_t has_runner_up, zeros8;
    uint32_t zeros;
};

struct fl_match_candidate_row {
    struct fl_text_ref documents; /* id, zero byte, amount, zero byte, and so on */
    struct fl_text_ref missing;
    uint32_t match;
    uint8_t rule, points, zeros[2];
    uint64_t zeros64;
};

/* A bank account that paid for a customer (payer_account.h). */
struct fl_payer_account_card {
    uint64_t seq;
    uint32_t customer;
    uint32_t zeros;
};

struct fl_payer_account_name {
    uint64_t hash;              /* of its normal form */
    struct fl_text_ref account; /* personal: as it was written */
};

struct fl_payer_account_live {
    uint32_t confirmed; /* decisions of a person that stand */
    uint16_t settled;   /* times that a reference with check digits said so, and stands */
    uint8_t declared;   /* the customer's own bank_accounts name it */
    uint8_t zeros;
};

enum fl_cash_event_kind {
    FL_EVENT_REFUND = 1,
    FL_EVENT_CHARGEBACK,
    FL_EVENT_WRITE_OFF,
    FL_EVENT_RETURN,
    FL_EVENT_CHARGEBACK_REVERSE, /* won */
    FL_EVENT_WRITE_OFF_REVERSE,  /* recovered */
};

enum fl_target_kind {
    FL_TARGET_RECEIPT = 1,
    FL_TARGET_CREDIT_NOTE,
    FL_TARGET_CUSTOMER,
    FL_TARGET_INVOICE,
    FL_TARGET_EVENT, /* of a reversal: the chargeback or write-off */
};

struct fl_cash_event_card {
    struct fl_id id;
    int64_t amount_minor;
    int64_t fee_minor;
    uint64_t seq;
    uint32_t target;  /* row by target_kind */
    uint32_t account; /* bank_account; FL_NO_ROW: transit */
    uint16_t date;
    uint8_t currency;
    uint8_t kind;        /* enum fl_cash_event_kind */
    uint8_t target_kind; /* enum fl_target_kind */
    uint8_t suspense;    /* its bank line stands in suspense: that is its other side */
    uint8_t zeros[2];
};

struct fl_cash_event_cold {
    uint64_t content_hash;
    int64_t loss_minor; /* what the bank took above the refundable */
    int64_t loss_base_minor, fee_base_minor;
    struct fl_text_ref reason;
    uint32_t customer;
    uint32_t statement_line;
    uint64_t zeros[2];
};

struct fl_cash_event_live {
    int64_t reversed_minor; /* of a chargeback what was won, of a write-off what was recovered */
    uint32_t zeros;
    uint32_t line; /* row + 1 of the bank's line of this money; 0: none seen yet; FL_NO_ROW: a payout has it */
};

enum fl_dispute_state { FL_DISPUTE_OPEN = 1, FL_DISPUTE_UPHELD, FL_DISPUTE_REJECTED };

struct fl_dispute_card {
    struct fl_id id;
    int64_t amount_minor;
    uint64_t seq;
    uint64_t content_hash;
    struct fl_text_ref reason;
    uint32_t invoice;
    uint16_t date;
    uint8_t currency;
    uint8_t zeros;
};

struct fl_dispute_live {
    uint64_t closed_seq;
    uint32_t credit_note; /* FL_NO_ROW: none was made */
    uint16_t closed_date;
    uint8_t state; /* enum fl_dispute_state */
    uint8_t zeros;
};

enum fl_promise_state { FL_PROMISE_OPEN = 1, FL_PROMISE_KEPT, FL_PROMISE_BROKEN };

struct fl_promise_card {
    struct fl_id id;
    int64_t amount_minor;
    uint64_t seq;
    uint64_t content_hash;
    uint32_t customer;
    uint32_t invoice; /* FL_NO_ROW: of all that the customer owes */
    uint16_t date;    /* by this day */
    uint16_t made;    /* cash from this day on counts */
    uint8_t currency;
    uint8_t zeros[3];
};

struct fl_promise_live {
    uint64_t decided_seq; /* of the record that found it kept or broken */
    uint8_t state;        /* enum fl_promise_state */
    uint8_t zeros[7];
};

/* Whose money a bank line is, said later. */
enum fl_assignment_kind {
    FL_ASSIGN_ACCOUNT = 1, /* of an account of the ledger */
    FL_ASSIGN_REFUND,
    FL_ASSIGN_RECEIPT, /* money in: a receipt in transit; money out: taken back from a receipt */
    FL_ASSIGN_CHARGEBACK,
    FL_ASSIGN_PAYOUT, /* a payout that came after its line */
};

struct fl_assignment_row {
    uint64_t seq;
    int64_t amount_minor; /* of the line, signed */
    int64_t base_minor;
    uint32_t line;
    uint32_t target;  /* cash_event, receipt, or bank_account of an own transfer; FL_NO_ROW */
    uint32_t account; /* where it went: enum fl_account, or FL_ACCOUNT_BANK_FIRST + row */
    uint16_t date;
    uint8_t kind; /* enum fl_assignment_kind */
    uint8_t posts; /* the entry is its own: out of suspense; else a movement's or an event's */
    uint32_t previous; /* row + 1 of the line's row before this one; 0 */
    uint32_t reverses; /* row + 1 of the assignment that it takes back, its amounts being the negative; 0 */
    uint64_t zeros[2];
};

enum fl_payout_kind {
    FL_PAYOUT_CHARGE = 1,
    FL_PAYOUT_REFUND,
    FL_PAYOUT_FEE,
    FL_PAYOUT_CHARGEBACK,
    FL_PAYOUT_RESERVE,
    FL_PAYOUT_ADJUSTMENT,
};

struct fl_payout_card {
    struct fl_id id;
    int64_t amount_minor; /* what the processor pays out */
    uint64_t seq;
    uint64_t content_hash;
    uint32_t processor; /* bank_account */
    uint32_t account;   /* bank_account that it goes to; FL_NO_ROW: through assets:transit:payouts */
    uint32_t part_first;
    uint16_t part_count;
    uint16_t date;
};

struct fl_payout_live {
    int64_t base_minor;
    uint32_t line;    /* row + 1 of the bank's line; 0: none seen yet */
    uint32_t matched; /* charges that cleared a document */
};

enum fl_payout_posts {
    FL_PAYOUT_POSTS_AMOUNT = 1, /* processor / account */
    FL_PAYOUT_POSTS_NET = 2,    /* the same of the amount less the fee */
    FL_PAYOUT_POSTS_FEE = 4,    /* bank charges / processor */
};

struct fl_payout_part_row {
    int64_t amount_minor, fee_minor; /* signed as they change the payout; the fee is taken off */
    int64_t base_minor, fee_base_minor;
    struct fl_text_ref ref;
    uint32_t payout;
    uint32_t target;  /* receipt or cash_event that it made or is about; FL_NO_ROW */
    uint32_t account; /* the other side of its own entry; 0: its document's entry is all */
    uint8_t kind;     /* enum fl_payout_kind */
    uint8_t posts;    /* enum fl_payout_posts: of its own entry */
    uint16_t zeros;
    uint64_t zeros64;
};

/* ---- bank statements ------------------------------------------------------------------------- */

struct fl_statement_card {
    int64_t opening_minor, closing_minor, sum_minor;
    uint64_t seq;
    struct fl_text_ref id;
    uint32_t account;
    uint32_t line_first, line_count;
    uint16_t from_date, to_date;
    uint8_t currency, balanced, opening_given, closing_given;
    uint32_t prev_of_account;
};

struct fl_statement_line_card {
    int64_t amount_minor; /* signed from our side */
    uint64_t identity;    /* hash of what the line is, and how many-th of them */
    uint32_t statement;
    uint16_t booking_date, value_date;
    struct fl_text_ref bank_ref;
};

struct fl_statement_line_cold {
    struct fl_text_ref text, payer_name, payer_account, customer_ref, end_to_end; /* personal */
    struct fl_text_ref references; /* personal: each with a zero byte behind it */
    int64_t charges_minor;
    int64_t before_minor; /* the account's balance before it, where its statement proves one */
};

enum fl_statement_state {
    FL_STATEMENT_POSTED,        /* or what of it waits for a rate alone */
    FL_STATEMENT_PARTS_MISSING, /* stored: nothing of it is posted */
    FL_STATEMENT_POSTING,       /* by a job */
};

/* A statement in parts is a row a part; what concerns the whole stands at the first. */
struct fl_statement_live {
    uint32_t first_part, next_part; /* rows; itself, and FL_NO_ROW, where there are no parts */
    uint32_t job;                   /* id of the one that posts it; 0: posted at once, or not yet */
    uint16_t part, parts;           /* 0: whole; parts: as far as told */
    uint8_t state;                  /* enum fl_statement_state, of the first part */
    uint8_t unmatched : 1; /* its lines are booked, not settled: matching comes after */
    uint8_t interim : 1;   /* an interim report or notice: a statement tells its lines again (line_told.h) */
    uint8_t overlaps : 1;  /* lines of it were known by other statements: it is not the next one of its account */
    uint16_t pages;
    struct fl_text_ref note; /* personal: what the bank says of the whole */
    uint32_t balance_count;  /* rows of statement_balance */
};

struct fl_statement_balance_row {
    int64_t amount_minor;
    uint32_t statement;
    uint16_t date;
    uint8_t code_length;
    char code[17]; /* CLAV, 045 */
};

enum fl_line_status {
    FL_LINE_STORED, /* not posted: its statement has not come whole, or its turn has not come */
    FL_LINE_RECEIPT,
    FL_LINE_SUSPENSE,
    FL_LINE_LINKED,
    FL_LINE_RETURN,
    FL_LINE_NO_RATE, /* stored, not posted: its currency has no rate of its day yet */
    FL_LINE_REFUND,            /* made one: target is the refund */
    FL_LINE_REFUND_LINKED,     /* the bank's side of one that was in transit */
    FL_LINE_CHARGEBACK_LINKED, /* of a chargeback that was in transit */
    FL_LINE_PAYOUT_LINKED,     /* of a payout that was in transit: target is the payout */
    FL_LINE_RECEIPT_KNOWN,     /* the same money as a document that named the account: posts nothing */
    FL_LINE_REFUND_KNOWN,
    FL_LINE_CHARGEBACK_KNOWN,
    FL_LINE_PAYOUT_KNOWN,
    FL_LINE_TOLD, /* an interim report told it before: posts nothing, target is the line of that */
};

struct fl_statement_line_live {
    uint32_t target;  /* receipt, cash_event or payout; of one in suspense that was ever assigned its last row of assignment; of one
                         that waits the next that does; FL_NO_ROW */
    uint32_t posting; /* row + 1 of line_posting; 0: in the book's currency and at once */
    uint16_t date;    /* posted on */
    uint8_t status;   /* enum fl_line_status */
    uint8_t reversal; /* the bank took something back */
    uint8_t numbered; /* its id is ACCOUNT/#row: without a reference of the bank, or not the first with it */
    uint8_t assigned; /* somebody said whose it is, and it stands: a receipt's movement, or the target, has it */
    uint8_t batch;    /* enum fl_line_batch */
    uint8_t told;     /* of an interim report: a line of a statement tells it again */
};

/* A line in another currency than the book's, or posted later than stored: by a slice, or when a rate came. */
struct fl_line_posting_row {
    uint64_t seq;       /* of the command that posted it */
    int64_t base_minor; /* of the line's amount */
    uint32_t line;
    uint32_t zeros32;
    uint64_t zeros;
};

/* What a line's remittance advice says is paid of a document; rows of a line stand together, lines rise. */
struct fl_advice_row {
    int64_t amount_minor; /* negative: of a credit note */
    int64_t discount_minor;
    struct fl_text_ref document; /* personal: as the payer wrote it */
    uint32_t line;
    uint32_t zeros;
};

/* A part of a line that may be spent so many days later; rows of a line stand together, lines rise. */
struct fl_availability_row {
    int64_t amount_minor;
    uint32_t line;
    uint32_t days;
};

/* ---- ledger ---------------------------------------------------------------------------------- */

/* Totals per account, currency and day; the entries themselves are derived (posting_rules.h). */
struct fl_account_day_key {
    uint32_t account; /* enum fl_account, or FL_ACCOUNT_BANK_FIRST + row of bank_account */
    uint16_t date;
    uint8_t currency;
    uint8_t zeros;
};

struct fl_account_day_total {
    int64_t debit_minor, credit_minor; /* both >= 0 */
    int64_t base_debit_minor, base_credit_minor;
};

/* What one member of a batch was answered with, in the order of the members: a batch sent again is answered from
 * these, whatever became of its documents since. Most fields of an answer stand in the rows of the document; those
 * that later members of the same batch, being of the same seq, could add to stand in `values`. */
struct fl_batch_answer_row {
    uint64_t answered_seq; /* older than the batch's where the member was known before it */
    int64_t values[2];     /* as in fl_key_row */
    uint32_t row;          /* what the member made or knew; FL_NO_ROW */
    uint32_t type;         /* command type of the member */
};

/* An idempotency key of a command without id of its own, or beside one. */
struct fl_key_row {
    struct fl_text_ref text;
    uint64_t content_hash;
    uint64_t seq;
    int64_t values[2]; /* of the first answer, by type */
    uint32_t row;      /* what it made, of a batch the first of batch_answer; FL_NO_ROW */
    uint16_t date;     /* business date when used */
    uint8_t type;      /* command type */
    uint8_t zeros;
    uint16_t due;      /* dropped when this day begins; 0: never */
    uint16_t zeros16[3];
    uint64_t zeros64;
};

struct fl_key_live {
    uint8_t dropped; /* no longer known: the row is what is left of it */
};

enum fl_job_kind { FL_JOB_DAY = 1, FL_JOB_STATEMENT };

/* Work that goes on in slices (job.h); its id is row + 1. */
struct fl_job_live {
    uint64_t seq;    /* of the command that began it */
    uint64_t items;  /* done */
    uint32_t slices; /* done */
    uint32_t row;    /* what it is about, of a statement its first part; FL_NO_ROW */
    uint32_t at, at_done;      /* of a statement: the part at work, and how many of its lines are done */
    uint32_t matched, waiting; /* ... and what came of the lines */
    uint8_t kind;    /* enum fl_job_kind */
    uint8_t zeros[7];
    uint64_t zeros64[2];
};

struct fl_close_row {
    uint64_t seq;
    uint16_t through;
    uint16_t zeros16;
    uint32_t zeros;
};

struct fl_text_unit {
    char bytes[8];
};

/* TABLE(name) */
#define FL_TABLES(T)                                                                              \
    T(text) T(personal) T(book) T(customer) T(product) T(bank_account) T(fx_rate) T(order)       \
    T(order_line) T(shipment) T(shipment_line) T(invoice) T(invoice_extra) T(invoice_line)       \
    T(credit_note) T(receipt) T(movement) T(posting_part) T(application_id) T(match)             \
    T(cash_event) T(statement) T(statement_line) T(account_day) T(command_key) T(period_close)    \
    T(batch_answer) T(job) T(line_posting) T(availability) T(match_candidate) T(payer_account)    \
    T(instalment) T(dispute) T(promise) T(assignment) T(payout) T(payout_part)                    \
    T(statement_balance) T(advice) T(credit_line) T(bank_opening)

/* COLUMN(table, name, struct, kind) */
#define FL_COLUMNS(C)                                                                             \
    C(text, heap, fl_text_unit, FIXED)                                                            \
    C(personal, heap, fl_text_unit, ERASE)                                                        \
    C(book, settings, fl_book_settings, LIVE)                                                     \
    C(book, counters, fl_book_counters, LIVE)                                                     \
    C(customer, card, fl_customer_card, FIXED)                                                    \
    C(customer, profile, fl_customer_profile, LIVE)                                               \
    C(customer, account, fl_customer_account, LIVE)                                               \
    C(product, card, fl_product_card, FIXED)                                                      \
    C(product, stock, fl_product_stock, LIVE)                                                     \
    C(bank_account, card, fl_bank_account_card, FIXED)                                            \
    C(bank_account, live, fl_bank_account_live, LIVE)                                             \
    C(fx_rate, row, fl_fx_rate_row, FIXED)                                                        \
    C(order, card, fl_order_card, FIXED)                                                          \
    C(order, cold, fl_order_cold, FIXED)                                                          \
    C(order, live, fl_order_live, LIVE)                                                           \
    C(order_line, card, fl_order_line_card, FIXED)                                                \
    C(order_line, live, fl_order_line_live, LIVE)                                                 \
    C(order_line, link, fl_order_line_link, LIVE)                                                 \
    C(shipment, card, fl_shipment_card, FIXED)                                                    \
    C(shipment, cold, fl_shipment_cold, FIXED)                                                    \
    C(shipment, live, fl_shipment_live, LIVE)                                                     \
    C(shipment_line, card, fl_shipment_line_card, FIXED)                                          \
    C(invoice, card, fl_invoice_card, FIXED)                                                      \
    C(invoice, scan, fl_invoice_scan, FIXED)                                                      \
    C(invoice, currency, fl_invoice_currency, FIXED)                                              \
    C(invoice, cold, fl_invoice_cold, FIXED)                                                      \
    C(invoice, money, fl_invoice_money, LIVE)                                                     \
    C(invoice_extra, row, fl_invoice_extra, FIXED)                                                \
    C(invoice_line, card, fl_invoice_line_card, FIXED)                                            \
    C(invoice_line, live, fl_invoice_line_live, LIVE)                                             \
    C(credit_note, card, fl_credit_note_card, FIXED)                                              \
    C(credit_note, cold, fl_credit_note_cold, FIXED)                                              \
    C(credit_note, money, fl_credit_note_money, LIVE)                                             \
    C(credit_line, row, fl_credit_line_row, FIXED)                                                \
    C(receipt, card, fl_receipt_card, FIXED)                                                      \
    C(receipt, cold, fl_receipt_cold, FIXED)                                                      \
    C(receipt, money, fl_receipt_money, LIVE)                                                     \
    C(receipt, status, fl_receipt_status, LIVE)                                                   \
    C(movement, row, fl_movement_row, FIXED)                                                      \
    C(movement, cold, fl_movement_cold, FIXED)                                                    \
    C(movement, live, fl_movement_live, LIVE)                                                     \
    C(posting_part, row, fl_posting_part, FIXED)                                                  \
    C(application_id, row, fl_application_id_row, FIXED)                                          \
    C(match, row, fl_match_row, FIXED)                                                            \
    C(cash_event, card, fl_cash_event_card, FIXED)                                                \
    C(cash_event, cold, fl_cash_event_cold, FIXED)                                                \
    C(cash_event, live, fl_cash_event_live, LIVE)                                                 \
    C(statement, card, fl_statement_card, FIXED)                                                  \
    C(statement, live, fl_statement_live, LIVE)                                                   \
    C(statement_line, card, fl_statement_line_card, FIXED)                                        \
    C(statement_line, cold, fl_statement_line_cold, FIXED)                                        \
    C(statement_line, live, fl_statement_line_live, LIVE)                                         \
    C(account_day, key, fl_account_day_key, FIXED)                                                \
    C(account_day, total, fl_account_day_total, LIVE)                                             \
    C(command_key, row, fl_key_row, FIXED)                                                        \
    C(command_key, live, fl_key_live, LIVE)                                                       \
    C(period_close, row, fl_close_row, FIXED)                                                     \
    C(batch_answer, row, fl_batch_answer_row, FIXED)                                              \
    C(job, live, fl_job_live, LIVE)                                                               \
    C(line_posting, row, fl_line_posting_row, FIXED)                                              \
    C(availability, row, fl_availability_row, FIXED)                                              \
    C(match_candidate, row, fl_match_candidate_row, FIXED)                                        \
    C(payer_account, card, fl_payer_account_card, FIXED)                                          \
    C(payer_account, name, fl_payer_account_name, ERASE)                                          \
    C(payer_account, live, fl_payer_account_live, LIVE)                                           \
    C(instalment, row, fl_instalment_row, FIXED)                                                  \
    C(dispute, card, fl_dispute_card, FIXED)                                                      \
    C(dispute, live, fl_dispute_live, LIVE)                                                       \
    C(promise, card, fl_promise_card, FIXED)                                                      \
    C(promise, live, fl_promise_live, LIVE)                                                       \
    C(assignment, row, fl_assignment_row, FIXED)                                                  \
    C(payout, card, fl_payout_card, FIXED)                                                        \
    C(payout, live, fl_payout_live, LIVE)                                                         \
    C(payout_part, row, fl_payout_part_row, FIXED)                                                \
    C(statement_balance, row, fl_statement_balance_row, FIXED)                                    \
    C(advice, row, fl_advice_row, FIXED)                                                          \
    C(bank_opening, row, fl_bank_opening_row, FIXED)

enum fl_table_id {
#define FL_TABLE_ENUM(name) FL_TABLE_##name,
    FL_TABLES(FL_TABLE_ENUM)
#undef FL_TABLE_ENUM
        FL_TABLE_COUNT
};

enum fl_column_id {
#define FL_COLUMN_ENUM(table, name, type, kind) FL_COLUMN_##table##_##name,
    FL_COLUMNS(FL_COLUMN_ENUM)
#undef FL_COLUMN_ENUM
        FL_COLUMN_COUNT
};

enum fl_column_kind { FL_COLUMN_FIXED, FL_COLUMN_LIVE, FL_COLUMN_ERASE };

#define FL_SIZE_IS_POWER_OF_TWO(table, name, type, kind)                                          \
    static_assert((sizeof(struct type) & (sizeof(struct type) - 1)) == 0, #type);
FL_COLUMNS(FL_SIZE_IS_POWER_OF_TWO)
#undef FL_SIZE_IS_POWER_OF_TWO

#endif
