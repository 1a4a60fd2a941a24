/* cli_report.h - what the reports share: the snapshot, the as-of day, the known-at sequence, the
 * format. */
#ifndef FLORIN_TOOLS_CLI_CLI_REPORT_H
#define FLORIN_TOOLS_CLI_CLI_REPORT_H

#include <stdio.h>

#include "analytics/journal.h"
#include "analytics/kpi_aging.h"
#include "tools/cli/cli.h"
#include "tools/format/table_writer.h"

enum fl_format { FL_FORMAT_TABLE, FL_FORMAT_JSON, FL_FORMAT_CSV };

struct fl_report {
    const char *name;
    const struct fl_arguments *arguments;
    struct fl_snapshot snapshot;
    const struct fl_engine *engine; /* for look-ups by id */
    uint16_t as_of, from, to; /* from, to: 0 if not given */
    uint64_t known_seq;       /* UINT64_MAX: all */
    uint8_t currency;         /* only this; FL_CURRENCY_NONE: all */
    bool in_base;             /* --currency BASE: all of them added, in the book's currency */
    bool by_document_date;    /* of an aging: --basis document */
    bool known_is_close;      /* --known-at close: known_seq is that of the as-of day */
    enum fl_format format;
    FILE *out;
};

/* table on a terminal, json otherwise; false and a word on stderr for another. */
bool fl_format_read(const struct fl_arguments *arguments, enum fl_format *out);

/* --as-of and --known-at into `report`, whose arguments and snapshot are set; false and a word on
 * stderr if they make no sense. */
bool fl_report_read_times(struct fl_report *report, const char *directory);

/* The business date; before the first clock the last day that anything is dated. */
uint16_t fl_report_today(const struct fl_snapshot *snapshot);

int fl_report_aging(struct fl_report *report);
int fl_report_dso(struct fl_report *report);
int fl_report_kpi(struct fl_report *report);
int fl_report_cei(struct fl_report *report);
int fl_report_restatements(struct fl_report *report);
int fl_report_ledger(struct fl_report *report);
int fl_report_journal(struct fl_report *report);
int fl_report_account(struct fl_report *report);
int fl_report_bank(struct fl_report *report);
int fl_report_stock(struct fl_report *report);
int fl_report_exposure(struct fl_report *report);
int fl_report_match_quality(struct fl_report *report);
int fl_report_cash_forecast(struct fl_report *report);
int fl_report_worklist(struct fl_report *report);

/* The sequence number of the first close that covers the day; false and a word on stderr: none. */
bool fl_report_close_seq(const struct fl_report *report, uint16_t day, uint64_t *seq_out);

/* The id of the document that an entry came from; valid until the next call. */
const char *fl_report_entry_ref(const struct fl_report *report,
                                const struct fl_journal_entry *entry);

/* The aging's object of one currency: `"currency"` and what follows, in braces; with the control
 * account, asked of the ledger, and unidentified cash if `with_ledger`. */
void fl_report_aging_object(const struct fl_report *report, const struct fl_aging *aging,
                            bool with_ledger);
/* "not due", "1 to 30 days", "over 90 days": 0 is what is not due, then the book's buckets. */
void fl_report_bucket_text(const struct fl_report *report, unsigned i, char out[32]);
/* At most `cells` blocks for its part of the whole; `out` holds 3 bytes a block and one more. */
void fl_report_bar(char *out, fl_int128 part, fl_int128 whole, int cells);

/* `"report":"aging","as_of":...,"known_at":...,"seq":...` behind an opening brace. */
void fl_report_head(const struct fl_report *report);

/* For people, above a table: "Aging as of 2025-03-31, as known at sequence 700 (sequence 812)". */
void fl_report_title(const struct fl_report *report, const char *what);

/* Money as text; two buffers a call site are enough, eight are kept. */
const char *fl_money_text(fl_int128 minor, uint8_t currency);
const char *fl_day_text(uint16_t date_days);
const char *fl_id_text(const struct fl_snapshot *snapshot, const struct fl_id *id);
const char *fl_quantity_text(int64_t quantity_e6);
/* "income:fx", "assets:bank:ID"; four are kept. */
const char *fl_report_account_text(const struct fl_report *report, uint32_t account);
/* A JSON string with its quotes. */
void fl_report_string(const struct fl_report *report, const char *text);

#endif
