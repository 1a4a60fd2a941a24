/* workload.h - a year of a business, event by event, the same bytes for the same seed.
 *
 *     book, clock, bank accounts, products with stock, customers; then day by day:
 *     clock, new customers, and mixed through the day: orders (stock received when it runs low),
 *     shipments each with its invoice, payments and other lines of the bank
 *
 * Events are plain structs; whoever takes them writes JSON (workload_ndjson.h), binary commands
 * (workload_command.h) or bank files (bank_files.h). What is not due by the last day has not
 * happened: orders not yet shipped, invoices not yet paid.
 *
 *   E1  Same options, same events: integers and own random numbers only.
 *   E2  Times never go back; `date_days` is the day of `at_us` in UTC, which is the book's zone.
 *   E3  Nothing is refused: stock is there, limits are far, ids are new, dates are in order.
 *   E4  A payment's `settles` is what it takes off each document's open amount, and never more than
 *       is open then; what it settles adds up to what it has (amount and fee), but for money that
 *       is too much. `decidable` is false where the line fits another open invoice as well.
 *   E5  Hard: of the payments so far each kind has its share, rounded up or down, by the turns of
 *       workload_ready.h; the undecidable ones are the twins and no others.
 *
 * Undecidable are: a payer and an amount alone (also with a number too damaged to tell) that two
 * open invoices of that customer have, and the later payment of such a pair; and a line that names
 * neither a payer that we know nor a document: one equal amount among all customers' proves
 * nothing. Open is what the books have open on that day: an invoice dated later is not meant, and
 * the line's date says so. In hard workloads a line that would be undecidable and is no twin is not
 * sent: its invoice stays open.
 *
 * Hard workloads have besides: an invoice's structured reference (gen_reference.h); credit notes
 * that a payment of several documents takes off; wrong amounts, too little or too much; customers
 * who pay for others; discounts taken within their window and after it; money that settles nothing
 * and goes back, lines that the bank reverses. What goes back never settled anything, so no answer
 * of the key changes with it.
 *
 * Thread: one.  Memory: 16 bytes an invoice, 40 a customer, 8 a thing that is due; no limit but
 * that of FL_GEN_ORDERS_MAX.  Cost: about 0.2 us an event.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_H
#define FLORIN_TOOLS_GEN_WORKLOAD_H

#include "core/base/contract.h"
#include "core/base/status.h"
#include "tools/gen/workload_deck.h"
#include "tools/gen/workload_facts.h"

#define FL_GEN_ORDERS_MAX 100000000u
#define FL_GEN_SETTLES_MAX 7 /* six invoices and a credit note */
#define FL_GEN_GROUP_MAX 6
#define FL_GEN_NOBODY UINT32_MAX

struct fl_workload_options {
    uint64_t seed;
    uint32_t orders;
    uint32_t customers, products; /* 0: one in twenty, one in two hundred of the orders */
    bool hard;
};

enum fl_workload_event_kind {
    FL_EVENT_END,
    FL_EVENT_BOOK,
    FL_EVENT_CLOCK,
    FL_EVENT_BANK_ACCOUNT,
    FL_EVENT_PRODUCT,
    FL_EVENT_STOCK,
    FL_EVENT_CUSTOMER,
    FL_EVENT_ORDER,
    FL_EVENT_SHIPMENT,
    FL_EVENT_INVOICE,
    FL_EVENT_CREDIT_NOTE,
    FL_EVENT_PAYMENT,
    FL_EVENT_BANK_OUT, /* money that we pay: a line of the bank, no command */
    FL_EVENT_KINDS
};

/* How a payer writes the number of an invoice. */
enum fl_gen_quote {
    FL_QUOTE_FULL,      /* INV-000123 */
    FL_QUOTE_ORDER,     /* SO-000117 */
    FL_QUOTE_ZEROS,     /* INV-123 */
    FL_QUOTE_SEPARATOR, /* INV/000123 */
    FL_QUOTE_SWAPPED,   /* INV-000132 */
    FL_QUOTE_NO_PREFIX, /* 000123 */
    FL_QUOTE_SHORT,     /* 123: the last four digits at most, no prefix */
    FL_QUOTE_LETTERS,   /* INV-OOO123 */
    FL_QUOTE_SPACED,    /* INV-000 123 */
    FL_QUOTE_MISSPELT,  /* IVN-000123 */
    FL_QUOTE_GLUED,     /* RechnungINV000123 */
    FL_QUOTE_CUT,       /* INV-0001: the bank's line ends */
    FL_QUOTE_REFERENCE, /* RF18 5390 0754 7034: as printed (gen_reference.h) */
    FL_QUOTE_STRUCTURED, /* RF18539007547034: in the bank's own field, if there is one */
    FL_QUOTE_REFERENCE_DAMAGED, /* rf18539007547034, 090-9337-55493 */
    FL_QUOTE_NONE,
    FL_GEN_QUOTES
};

/* Why a payment differs from what was open. */
enum fl_gen_difference {
    FL_DIFFERENCE_NONE,
    FL_DIFFERENCE_TOLERANCE, /* five cents at most, over or short */
    FL_DIFFERENCE_OVER,      /* 0.50 to 5.00 too much */
    FL_DIFFERENCE_DISCOUNT,  /* the customer's terms */
    FL_DIFFERENCE_FEE,       /* a bank on the way kept fee_minor */
    FL_DIFFERENCE_UNDER,     /* a wrong amount: 2 to 40 percent too little, and no rest comes */
    FL_GEN_DIFFERENCES
};

/* What is odd about money that settles nothing. */
enum fl_gen_oddity {
    FL_ODD_STRANGER, /* nobody we know, nothing we know */
    FL_ODD_NO_SUCH,  /* a number that no document of ours has */
    FL_ODD_AGAIN,    /* a customer pays an invoice that he has paid */
    FL_ODD_AHEAD,    /* a customer pays for what is not billed; the amount is nobody's */
    FL_ODD_REVERSED, /* the bank takes back what it had taken from us */
    FL_GEN_ODDITIES
};

struct fl_gen_settle {
    uint32_t invoice, order; /* invoice: or the number of a credit note */
    bool credit;
    int64_t amount_minor;    /* of a credit note: negative */
};

struct fl_gen_payment {
    uint32_t number, customer;  /* FL_GEN_NOBODY: money that settles nothing */
    uint8_t account;            /* of ours */
    uint8_t kind;               /* enum fl_gen_payment_kind */
    uint8_t quote, difference;  /* enum fl_gen_quote, enum fl_gen_difference */
    uint8_t settle_count;
    bool decidable;
    bool payer_known;           /* the line has the customer's name; else another's */
    bool list_cut;              /* the bank's line ends in the last number */
    bool reversal;              /* so marked by the bank */
    uint8_t oddity;             /* enum fl_gen_oddity, of money that settles nothing */
    uint32_t other;             /* the customer who pays for `customer`; or FL_GEN_NOBODY */
    uint16_t value_date_days;
    int64_t amount_minor;       /* what reaches the account */
    int64_t fee_minor;          /* what was kept on the way, beside amount_minor */
    /* One that is paid again settles nothing: settle_count 0, but settles[0] is what is named. */
    struct fl_gen_settle settles[FL_GEN_SETTLES_MAX];
};

struct fl_workload_event {
    enum fl_workload_event_kind kind;
    uint16_t date_days;
    int64_t at_us;
    union {
        struct {
            uint32_t number; /* 0 .. FL_GEN_ACCOUNTS - 1 */
            int64_t opening_minor;
        } bank_account;
        struct {
            uint32_t number;
            int64_t price_minor;
            uint8_t tax_percent;
        } product;
        struct {
            uint32_t number, product, quantity;
        } stock;
        struct {
            uint32_t number;
            struct fl_gen_customer facts;
        } customer;
        struct {
            uint32_t number;
            struct fl_gen_order facts;
        } order;
        struct {
            uint32_t number, order;
            uint8_t line_count; /* 0: all that is open */
            uint32_t quantities[FL_GEN_LINES_MAX];
        } shipment;
        struct {
            uint32_t number, shipment, order, customer;
            uint16_t due_date_days;
            struct fl_gen_total total;
        } invoice;
        struct {
            uint32_t number, customer;
            struct fl_gen_total total;
        } credit_note;
        struct fl_gen_payment payment;
        struct {
            uint32_t number;
            uint8_t account;
            bool back, reversal; /* back: payment `number` goes back; so marked by the bank */
            int64_t amount_minor;
        } bank_out;
    };
};

struct fl_workload_counts {
    uint64_t events[FL_EVENT_KINDS];
    uint64_t payments[FL_GEN_PAY_KINDS];
    uint64_t undecidable;
    uint64_t settled_on_time, settled_late; /* invoices that were paid in full */
    uint32_t days_late_max;
    uint64_t never;                 /* invoices dealt never to be paid */
    uint64_t open_not_due, open_overdue; /* at the end */
    int64_t invoiced_minor, credited_minor, paid_minor, open_minor;
    uint64_t quotes[FL_GEN_QUOTES], oddities[FL_GEN_ODDITIES], differences[FL_GEN_DIFFERENCES];
    uint64_t several_credit, several_cut, other_customer, returned; /* of the payments */
};

struct fl_workload;

/* FL_OUT_OF_RANGE: no orders, or too many. FL_NO_MEMORY. */
enum fl_status fl_workload_open(const struct fl_workload_options *options, struct fl_workload **out,
                                struct fl_error *error) FL_MUST_USE;
void fl_workload_close(struct fl_workload *workload);

/* The next event; FL_EVENT_END when there is none. FL_NO_MEMORY. */
enum fl_status fl_workload_next(struct fl_workload *workload,
                                struct fl_workload_event *out) FL_MUST_USE;

const struct fl_workload_plan *fl_workload_plan(const struct fl_workload *workload);
/* So far; open amounts are counted at the end. Valid until close. */
const struct fl_workload_counts *fl_workload_counts(const struct fl_workload *workload);

#endif
