/* predict_segment.h - the segment that each customer had when an invoice was issued.
 *
 * The snapshot has the last version of a master; which it had before stands in the log. It is
 * walked once, and only if some customer has more than one version. Where the log does not reach
 * back, an invoice of before the last version is without a segment.
 *
 * Thread: one. Memory: 16 bytes a version and its text.
 */
#ifndef FLORIN_TOOLS_CLI_PREDICT_SEGMENT_H
#define FLORIN_TOOLS_CLI_PREDICT_SEGMENT_H

#include "analytics/predict_book.h"
#include "tools/cli/cli_report.h"

struct fl_segment_history {
    const struct fl_snapshot *snapshot;
    const struct fl_engine *engine;
    struct fl_segment_version *versions; /* by customer, then by sequence */
    uint32_t count, capacity;
    char *text;
    size_t text_used, text_capacity;
    bool failed, walked;
};

/* FL_NO_MEMORY; what the log says. fl_segment_history_close afterwards. */
enum fl_status fl_segment_history_open(struct fl_segment_history *history,
                                       const struct fl_report *report, const char *directory,
                                       struct fl_error *error);
void fl_segment_history_close(struct fl_segment_history *history);
/* As predict_book.h wants it: the context is the history. */
const char *fl_segment_at_issue(void *context, uint32_t invoice, size_t *length_out);

#endif
