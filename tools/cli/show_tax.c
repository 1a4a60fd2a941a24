#include "tools/cli/show_tax.h"

#include <stdlib.h>

#include "core/domain/pricing.h"
#include "core/engine/command.h"

struct taxes {
    struct fl_line_tax *line;
    int64_t *weight, *share;
};

static struct taxes taxes_new(uint32_t count)
{
    struct taxes taxes = {calloc(count + 1ul, sizeof *taxes.line),
                          calloc(count + 1ul, sizeof *taxes.weight),
                          calloc(count + 1ul, sizeof *taxes.share)};
    FL_ASSERT(taxes.line && taxes.weight && taxes.share); /* at most FL_LINES_MAX lines */
    return taxes;
}

static enum fl_rounding rounding_of(const struct fl_snapshot *s)
{
    return fl_at_book_settings(s, 0)->rounding == 2 ? FL_ROUND_HALF_EVEN : FL_ROUND_HALF_UP;
}

static int64_t tax_on(int64_t net_minor, int64_t tax_rate, enum fl_rounding rounding)
{
    int64_t tax;
    return fl_price_percent(net_minor, tax_rate, rounding, &tax) == FL_OK ? tax : 0;
}

/* The document's tax over its lines, by what each would bear alone. */
static struct fl_line_tax *allocated(struct taxes *taxes, uint32_t count, int64_t tax_minor)
{
    if (count > 0)
        fl_price_allocate(tax_minor, taxes->weight, count, taxes->share);
    for (uint32_t i = 0; i < count; i++)
        taxes->line[i].tax_minor = taxes->share[i];
    free(taxes->weight);
    free(taxes->share);
    return taxes->line;
}

struct fl_line_tax *fl_order_line_taxes(const struct fl_snapshot *s, uint32_t order)
{
    const struct fl_order_card *card = fl_at_order_card(s, order);
    const struct fl_order_cold *cold = fl_at_order_cold(s, order);
    enum fl_rounding rounding = rounding_of(s);
    struct taxes taxes = taxes_new(card->line_count);
    bool gross = cold->prices == FL_PRICES_GROSS;
    int64_t freight = tax_on(cold->shipping_minor, cold->shipping_tax_rate, rounding);
    if (gross && fl_price_tax_inside(cold->shipping_minor, cold->shipping_tax_rate, rounding,
                                     &freight) != FL_OK)
        freight = 0;
    for (uint32_t i = 0; i < card->line_count; i++) {
        const struct fl_order_line_card *line = fl_at_order_line_card(s, card->line_first + i);
        int64_t amount = line->net_minor - line->share_minor, inside;
        taxes.line[i].net_minor = amount;
        taxes.weight[i] = tax_on(amount, line->tax_rate, rounding);
        if (gross && fl_price_tax_inside(amount, line->tax_rate, rounding, &inside) == FL_OK)
            taxes.weight[i] = inside;
    }
    struct fl_line_tax *out = allocated(&taxes, card->line_count, cold->tax_minor - freight);
    for (uint32_t i = 0; i < card->line_count; i++)
        out[i].net_minor -= gross ? out[i].tax_minor : 0;
    return out;
}

struct fl_line_tax *fl_invoice_line_taxes(const struct fl_snapshot *s, uint32_t invoice)
{
    const struct fl_invoice_card *card = fl_at_invoice_card(s, invoice);
    const struct fl_invoice_cold *cold = fl_at_invoice_cold(s, invoice);
    enum fl_rounding rounding = rounding_of(s);
    struct taxes taxes = taxes_new(card->line_count);
    int64_t freight =
        cold->extra == FL_NO_ROW ? 0 : fl_at_invoice_extra_row(s, cold->extra)->freight_tax_minor;
    for (uint32_t i = 0; i < card->line_count; i++) {
        const struct fl_invoice_line_card *line = fl_at_invoice_line_card(s, card->line_first + i);
        taxes.line[i].net_minor = line->net_minor;
        taxes.weight[i] = tax_on(line->net_minor, line->tax_rate, rounding);
    }
    return allocated(&taxes, card->line_count, cold->tax_minor - freight);
}
