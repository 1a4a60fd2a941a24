/* statement.h - a bank statement and its lines in one shape, whatever format they came in.
 *
 * A parser reads bytes and calls a sink: begin, then each line, then end, statement after
 * statement. Nothing is kept: memory is bounded by the largest entry of the file, not by the file.
 * What the slices point at is valid until the callback returns.
 *
 *   T1  An amount is signed from our side: money in is positive, DBIT and D are negative, a reversal
 *       has the sign of what the bank did. Decimals fit the currency (JPY 10.5 is refused).
 *   T2  sum = the booked lines in the statement's currency, and only booked lines move money; where
 *       both balances are known, difference = closing - opening - sum and balanced says it is zero.
 *   T3  A date is the day as written, never an instant turned into a day.
 *   T4  Text is valid UTF-8, blanks collapsed, at most FL_TEXT_BYTES_MAX bytes.
 *   T5  A record that cannot be read is reported through `refused` with its line; the rest is read.
 *   T6  A filler that banks put where there is no reference (NONREF, NOTPROVIDED) is no reference.
 *
 * Whoever posts should read a file twice (or keep what it is given) and post in the second pass
 * only, since a later line may turn out damaged.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_H
#define FLORIN_TOOLS_INGEST_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/decimal.h"
#include "core/base/status.h"
#include "tools/format/slice.h"

#define FL_STATEMENT_BALANCES_MAX    16
#define FL_STATEMENT_FIELD_BYTES_MAX 256 /* names have 140 characters at most, references 35 */
#define FL_STATEMENT_DECIMALS_MAX    6   /* no currency has more than 4 */
#define FL_STATEMENT_REFERENCES_MAX                                                                \
    64 /* structured references of one line; the rest are dropped                                  \
        */

enum fl_statement_kind {
    FL_STATEMENT_BOOKED,   /* camt.053, MT940: the account's truth */
    FL_STATEMENT_INTRADAY, /* camt.052, MT942: on the way, not final */
    FL_STATEMENT_NOTICE,   /* camt.054: details of what another statement books */
};

struct fl_statement_balance {
    char code[8];             /* as ISO 20022 names it: OPBD, CLBD, CLAV, ... */
    struct fl_decimal amount; /* signed; state FL_DECIMAL_ABSENT: not given */
    uint16_t date_days;
    uint8_t currency;
};

struct fl_statement {
    uint64_t line; /* of the file, where it begins; 1 is the first */
    enum fl_statement_kind kind;
    struct fl_slice account; /* IBAN or number, without blanks and currency suffix; may be empty */
    struct fl_slice id;      /* the bank's name for it; unique within the account only, if at all */
    struct fl_slice sequence; /* statement number (28C, ElctrncSeqNb); may be empty */
    uint8_t currency;         /* FL_CURRENCY_NONE if the file never says */
    uint16_t from_days, to_days;
    struct fl_statement_balance opening, closing;

    /* Known at the end only. */
    struct fl_statement_balance balances[FL_STATEMENT_BALANCES_MAX]; /* all that were given */
    uint32_t balances_count;
    struct fl_decimal sum;
    struct fl_decimal difference; /* absent unless both balances are known */
    bool balanced;
    bool begins_interim; /* opens with an interim balance: pages before it are not in the file */
    bool page_missing;   /* one between its pages is not in the file */
    bool goes_on;        /* ends before its last page */
    uint32_t pages, lines, not_booked;
    struct fl_slice note; /* what the bank says of the statement as a whole */
};

enum fl_reference_kind {
    FL_REFERENCE_CREDITOR, /* a payment reference with check digits, or the bank says it is one */
    FL_REFERENCE_DOCUMENT, /* a document named in a remittance advice */
    FL_REFERENCE_MANDATE,  /* direct debit mandate */
};

struct fl_statement_reference {
    enum fl_reference_kind kind;
    bool credit_note; /* the advice calls it a credit note */
    struct fl_slice text;
    struct fl_decimal amount;   /* of an advice: what is paid of it, unsigned; may be absent */
    struct fl_decimal discount; /* of an advice; may be absent */
};

/* A part of the line that may be spent so many days later. */
struct fl_statement_availability {
    uint32_t days;
    struct fl_decimal amount;
};

struct fl_statement_line {
    uint64_t line; /* of the file */
    uint32_t n;    /* 1, 2, ... within the statement */
    uint16_t booking_days, value_days;
    struct fl_decimal amount;
    uint8_t currency;
    bool booked;
    bool reversal;
    uint32_t batch_part, batch_parts; /* 2 of 5: one detail of a batch entry; 0 of 0: not a batch */
    struct fl_slice text;
    struct fl_slice bank_ref, customer_ref, end_to_end;
    struct fl_slice payer_name, payer_account; /* the other side, also of money out */
    struct fl_slice code;          /* bank's transaction code: NTRF, 166, PMNT.RCDT.ESCT */
    struct fl_slice return_reason; /* AC04, MS03, 914: why it came back; empty if not */
    struct fl_decimal charges;     /* kept by the bank on the way, positive; may be absent */
    const struct fl_statement_reference *references;
    uint32_t references_count;
    const struct fl_statement_availability *availability; /* FL_AVAILABILITY_MAX at most */
    uint32_t availability_count;
};

struct fl_statement_sink {
    void *context;
    /* Any status but FL_OK stops the reading and comes back from it. */
    enum fl_status (*begin)(void *context, const struct fl_statement *statement);
    enum fl_status (*line)(void *context, const struct fl_statement_line *line);
    enum fl_status (*end)(void *context, const struct fl_statement *statement);
    /* May be null. `line` is the file's. */
    void (*refused)(void *context, uint64_t line, enum fl_status code, const char *message);
    void (*warning)(void *context, uint64_t line, const char *message);
};

/* What a reading saw, beside what the sink was told. */
struct fl_statement_summary {
    uint64_t statements, lines, not_booked, refused, warnings, bytes;
};

/* The identity of a line: account, bank id, day, amount, text, and the how many-th of those equal
 * in all of it (`occurrence`, from 0: two equal coffees are two, the same file again adds none).
 * Equal across runs and machines. */
uint64_t fl_statement_line_identity(struct fl_slice account, const struct fl_statement_line *line,
                                    uint32_t occurrence);

/* Reads digits with at most one '.' or ',' as decimal sign ("5481,", ",50", "000300.00"); no sign,
 * no thousands. Empty or anything else: FL_BAD_VALUE. FL_OUT_OF_RANGE beyond int64. */
enum fl_status fl_statement_amount(struct fl_slice text, struct fl_decimal *out);

/* True if the only mark in it is `mark`, with one to three digits before it, the first no zero, and
 * three behind: a thousand to those who write 1.000,00, unless the currency has three decimals. */
bool fl_statement_amount_is_thousands(struct fl_slice text, char mark, uint8_t currency);

/* FL_TOO_MANY_DECIMALS if the currency (unknown: FL_STATEMENT_DECIMALS_MAX) has fewer decimals. */
enum fl_status fl_statement_amount_check(struct fl_decimal amount, uint8_t currency);

/* NONREF, NOTPROVIDED, zeros and their kind. */
bool fl_statement_is_filler(struct fl_slice reference);

/* Sum of checked amounts. Add and subtract, then read once. */
struct fl_statement_total {
    fl_int128 units; /* of 10^-FL_STATEMENT_DECIMALS_MAX: room for 10^13 lines of any int64 */
};
void fl_statement_total_add(struct fl_statement_total *total, struct fl_decimal amount);
void fl_statement_total_subtract(struct fl_statement_total *total, struct fl_decimal amount);
/* FL_OUT_OF_RANGE beyond int64. */
enum fl_status fl_statement_total_read(struct fl_statement_total total, struct fl_decimal *out);

/* Sets difference and balanced from opening, closing and sum (T2). */
void fl_statement_close(struct fl_statement *statement, struct fl_statement_total sum);

/* Cuts the fields of a line to their limits, on a character's border (T4). */
void fl_statement_line_cut(struct fl_statement_line *line);

/* Collapses runs of blanks and control characters to one blank and trims, in place; cuts at
 * FL_TEXT_BYTES_MAX on a character's border. Returns the new length. */
size_t fl_statement_text_clean(char *text, size_t length);

#endif
