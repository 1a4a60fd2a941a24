/* bank_statement_text.h - a statement that is being written, and how each format writes it.
 *
 * A format is some functions: the head and foot of a file, a line into the statement's body, and
 * the finished statement (balances and body) into the file. Formats know nothing of workloads.
 *
 * BAI2 counts records and adds amounts up: for each group as it is written, and for the file, which
 * may hold a group again that another file had. So the totals of the last statement and those of
 * the file are kept beside the text, and whoever repeats a statement adds its totals again.
 */
#ifndef FLORIN_TOOLS_GEN_BANK_STATEMENT_TEXT_H
#define FLORIN_TOOLS_GEN_BANK_STATEMENT_TEXT_H

#include "tools/gen/gen_text.h"
#include "tools/gen/our_accounts.h"
#include "tools/gen/payer_text.h"

#define FL_BANK_REF_BYTES 17 /* MT940 allows 16 characters; and the NUL */

struct fl_bank_line {
    uint16_t booking_date_days, value_date_days;
    int64_t amount_minor; /* negative: money out */
    int64_t fee_minor;    /* kept by a bank on the way, 0: none */
    bool reversal;        /* the bank takes an earlier line back */
    char bank_ref[FL_BANK_REF_BYTES];
    char end_to_end[36];                    /* empty: not provided */
    char reference[FL_GEN_REFERENCE_BYTES]; /* a structured one beside the text; empty: none */
    char text[FL_GEN_PAYER_TEXT_BYTES];
    struct fl_gen_payer other; /* who pays, or is paid */
};

/* Lines of one day that the bank books as one entry. */
struct fl_bank_batch {
    struct fl_gen_text details;
    uint32_t count, count_max;
    int64_t sum_minor;
    uint16_t date_days;
    bool reversal;
    char bank_ref[FL_BANK_REF_BYTES]; /* of the first */
};

struct fl_bank_totals {
    int64_t control_minor;
    uint64_t records, groups;
};

struct fl_bank_statement {
    uint32_t account;
    uint32_t number; /* of the year, from 1 */
    uint32_t line_count, page, page_lines;
    uint16_t from_date_days, to_date_days;
    int64_t opening_minor, balance_minor;
    struct fl_gen_text body;
    struct fl_bank_batch batch;
    struct fl_bank_totals last, file; /* of the statement put last; of all of the file */
};

struct fl_bank_format {
    const char *extension;
    void (*begin_file)(struct fl_gen_text *file, uint32_t account, uint16_t date_days);
    void (*end_file)(struct fl_gen_text *file);
    /* balance_minor is still the one before the line. */
    void (*put_line)(struct fl_bank_statement *statement, const struct fl_bank_line *line);
    void (*put_statement)(struct fl_bank_statement *statement, struct fl_gen_text *file);
    /* Before end_file, where the foot tells totals; else null. */
    void (*put_totals)(const struct fl_bank_statement *statement, struct fl_gen_text *file);
    /* The JSON that a reader needs beside the file; else null. */
    void (*put_profile)(struct fl_gen_text *file, uint32_t account);
};

extern const struct fl_bank_format fl_bank_format_camt053;
extern const struct fl_bank_format fl_bank_format_mt940;
extern const struct fl_bank_format fl_bank_format_bai2;
extern const struct fl_bank_format fl_bank_format_ofx;
extern const struct fl_bank_format fl_bank_format_csv_profile;
extern const struct fl_bank_format fl_bank_format_csv_plain;

#endif
