/* predict_live.h - the open invoices of a book on a day, and a model fitted on all that was known
 * by then.
 *
 *   L1  Open is what aging has open as of the day; the amounts are the same, to the cent.
 *   L2  The model knows of disputes; an invoice counts as disputed from the day of its first
 *       dispute.
 *   L3  What a later correction changed (an invoice reopened and closed again) is known as it is
 *       now: there is no --known-at here.
 *
 * Memory: rows, model and 24 bytes an open invoice. Cost: one fit, a few microseconds an invoice of
 * the history.
 */
#ifndef FLORIN_TOOLS_CLI_PREDICT_LIVE_H
#define FLORIN_TOOLS_CLI_PREDICT_LIVE_H

#include "analytics/predict_book.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/predict_segment.h"

struct fl_predict_open {
    int64_t open_minor;
    uint32_t row; /* of the book's set */
    float late;   /* P(late) x open, in minor units: what stands at risk */
    bool disputed;
};

struct fl_predict_live {
    struct fl_segment_history history;
    struct fl_predict_book book;
    struct fl_predict_model model;
    struct fl_open_items items;
    struct fl_predict_open *open; /* by currency, then the most at risk first */
    uint32_t count;
};

/* The exit code: FL_EXIT_DONE, else a word on stderr. fl_predict_live_close afterwards, in any case. */
int fl_predict_live_open(struct fl_predict_live *live, const struct fl_report *report);
void fl_predict_live_close(struct fl_predict_live *live);

static inline const struct fl_predict_row *fl_predict_live_row(const struct fl_predict_live *live,
                                                               const struct fl_predict_open *open)
{
    return &live->book.set.rows[open->row];
}

/* The expected day and the interval as calendar days, none before tomorrow; FL_DATE_NONE: not within
 * FL_PREDICT_HORIZON_DAYS, since a day further off would only say that most such are never paid. */
#define FL_PREDICT_HORIZON_DAYS 730
struct fl_predict_days {
    uint16_t expected, from, to;
};
struct fl_predict_days fl_predict_days_of(const struct fl_predict_row *row,
                                          const struct fl_prediction *prediction, uint16_t as_of);

/* The day in quotes, or null. */
void fl_predict_day_json(FILE *out, const char *name, uint16_t day);

/* "customer", "segment", "electronic": the word of a reason for people; valid until the next call. */
const char *fl_predict_reason_word(const struct fl_predict_live *live,
                                   const struct fl_predict_row *row, enum fl_predict_factor factor,
                                   bool disputed);
/* "customer +9, electronic -7": the largest ones, of a day or more, at most `most`; "" if there is none. */
void fl_predict_reason_text(const struct fl_predict_live *live, const struct fl_predict_open *open,
                            const struct fl_prediction *prediction, unsigned most, char out[160]);

#endif
