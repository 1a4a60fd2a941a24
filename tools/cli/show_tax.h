/* show_tax.h - the tax of a document by its lines, for people and other programs.
 *
 * Tax is reckoned on the document (by rate, by line or whole: the book's choice); a line's part is
 * an allocation of that sum by largest remainder, so that lines add up to it. Freight is outside.
 */
#ifndef FLORIN_TOOLS_CLI_SHOW_TAX_H
#define FLORIN_TOOLS_CLI_SHOW_TAX_H

#include "core/data/snapshot.h"

struct fl_line_tax {
    int64_t net_minor, tax_minor;
};

/* One a line of the document; the caller frees it. */
struct fl_line_tax *fl_order_line_taxes(const struct fl_snapshot *snapshot, uint32_t order);
struct fl_line_tax *fl_invoice_line_taxes(const struct fl_snapshot *snapshot, uint32_t invoice);

#endif
