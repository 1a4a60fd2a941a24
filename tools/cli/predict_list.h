/* predict_list.h - the open invoices of a day: how likely late, when paid, and why.
 */
#ifndef FLORIN_TOOLS_CLI_PREDICT_LIST_H
#define FLORIN_TOOLS_CLI_PREDICT_LIST_H

#include "tools/cli/predict_live.h"

void fl_predict_list_print(const struct fl_report *report, const struct fl_predict_live *live);

#endif
