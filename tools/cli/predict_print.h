/* predict_print.h - prediction on paper: the table of an evaluation, its tests one by one, the open
 * invoices.
 */
#ifndef FLORIN_TOOLS_CLI_PREDICT_PRINT_H
#define FLORIN_TOOLS_CLI_PREDICT_PRINT_H

#include "analytics/predict_book.h"
#include "analytics/predict_evaluate.h"
#include "tools/cli/cli_report.h"

/* What was evaluated, beside the figures. */
struct fl_predict_source {
    const char *file;   /* null: a book */
    bool issue_assumed; /* predict_csv.h V1 */
    uint32_t refused;   /* rows of the file */
};

/* The table of rules; JSON as commands.md has it, `models` first. */
void fl_predict_print_figures(const struct fl_report *report, const struct fl_predict_evaluation *e,
                              const struct fl_predict_source *source);
/* A line a test and rule, as CSV: rule, row, customer, issue, due, paid, days, p_late, predicted,
 * low, high. */
void fl_predict_print_tests(const struct fl_report *report, const struct fl_predict_set *set,
                            const struct fl_predict_evaluation *e);

#endif
