#include "tools/cli/match_words.h"

#include <stdio.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/domain/match.h"
#include "core/domain/state.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/cli_show.h"
#include "tools/format/json_text.h"

const char *fl_match_rule_words(unsigned rule)
{
    static const char *const words[] = {"",
                                        "known already",
                                        "reference with check digits",
                                        "remittance advice",
                                        "number in the text",
                                        "payer and amount",
                                        "amount less discount, tolerance or fee",
                                        "sum of several",
                                        "payer's name, nearly",
                                        "oldest first, assumed",
                                        "a person's to decide"};
    return rule < sizeof words / sizeof words[0] ? words[rule] : "";
}

static void text_line(const struct fl_snapshot *s, const char *label, struct fl_text_ref text)
{
    if (text.length == 0)
        return;
    printf("  %-6s ", label);
    fl_table_put_text(stdout, fl_text_get(s->store, FL_TABLE_personal, text), text.length);
    putchar('\n');
}

void fl_match_words_receipt(const struct fl_snapshot *s, uint32_t receipt)
{
    const struct fl_receipt_card *card = fl_at_receipt_card(s, receipt);
    const struct fl_receipt_cold *cold = fl_at_receipt_cold(s, receipt);
    uint32_t customer = fl_at_receipt_money(s, receipt)->customer;
    printf("%s  %s %s of %s, %s unapplied\n", fl_id_text(s, &card->id),
           fl_money_text(card->amount_minor, card->currency), fl_currency_code(card->currency),
           fl_day_text(card->date),
           fl_money_text(fl_at_receipt_money(s, receipt)->open_minor, card->currency));
    if (customer != FL_NO_ROW)
        printf("  whose  %s\n", fl_id_text(s, &fl_at_customer_card(s, customer)->id));
    text_line(s, "from", cold->payer_name);
    text_line(s, "text", cold->text);
}

static void runner_up(const struct fl_snapshot *s, const struct fl_match_row *match)
{
    const char *id, *amount;
    uint32_t at = 0;
    if (!match->has_runner_up)
        return;
    const struct fl_match_candidate_row *c = fl_at_match_candidate_row(s, match->candidate_first);
    printf("      next best");
    while ((id = fl_match_document_next(s->store, match->candidate_first, &at, &amount)) != NULL)
        printf(" %s %s", id, amount);
    printf(", by rule %u, %u points\n", c->rule, c->points);
}

static void application_words(const struct fl_snapshot *s, uint32_t row)
{
    const struct fl_movement_row *m = fl_at_movement_row(s, row);
    const struct fl_movement_cold *cold = fl_at_movement_cold(s, row);
    uint32_t match = fl_match_find(s->store, s->rows[FL_TABLE_match], row);
    char id[FL_APPLICATION_ID_BYTES];
    fl_show_application_id(s, row, id);
    printf("  %s to %s (application %s)\n", fl_money_text(m->amount_minor, m->currency),
           fl_id_text(s, &fl_at_invoice_card(s, m->invoice)->id), id);
    if (m->flags & FL_MOVE_FLAG_PERSON)
        printf("      a person decided so: no machine changes it\n");
    else if (cold->rule != 0)
        printf("      by rule %u, %s, %u points\n", cold->rule, fl_match_rule_words(cold->rule),
               cold->points);
    if (match == FL_NO_ROW)
        return;
    const struct fl_match_row *stored = fl_at_match_row(s, match);
    if (stored->reason.length > 0)
        printf("      because %.*s\n", (int)stored->reason.length,
               fl_text_get(s->store, FL_TABLE_text, stored->reason));
    runner_up(s, stored);
}

void fl_match_words_settled(const struct fl_snapshot *s, uint32_t receipt)
{
    char last[FL_APPLICATION_ID_BYTES] = "";
    printf("\nsettled:\n");
    for (uint32_t row = fl_at_receipt_money(s, receipt)->last_movement; row != FL_NO_ROW;
         row = fl_at_movement_row(s, row)->prev_of_source) {
        const struct fl_movement_row *m = fl_at_movement_row(s, row);
        if (m->kind != FL_MOVE_APPLY_RECEIPT || m->amount_minor <= 0 ||
            fl_at_movement_live(s, row)->reversed_by != FL_NO_ROW)
            continue;
        application_words(s, row);
        if (!last[0])
            fl_show_application_id(s, row, last);
    }
    printf("\nto take one back:\n  {\"type\":\"application_reverse\",\"application\":");
    fl_json_write_string(stdout, last, strlen(last));
    printf(",\"by\":\"YOU\"}\n");
}

void fl_match_words_apply(const struct fl_match_words_command *c)
{
    printf("  {\"type\":\"application\",\"%s\":", c->source);
    fl_json_write_string(stdout, c->source_id, c->source_id_length);
    printf(",\"invoice\":");
    fl_json_write_string(stdout, c->invoice, c->invoice_length);
    printf(",\"amount\":\"%s\"", fl_money_text(c->amount_minor, c->currency));
    if (c->discount_minor != 0)
        printf(",\"discount\":\"%s\"", fl_money_text(c->discount_minor, c->currency));
    if (c->difference_minor > 0)
        printf(",\"difference\":\"%s\"", fl_money_text(c->difference_minor, c->currency));
    printf(",\"by\":\"YOU\"}\n");
}

void fl_match_words_else(const struct fl_snapshot *s, uint32_t receipt)
{
    const char *id = fl_id_text(s, &fl_at_receipt_card(s, receipt)->id);
    bool known = fl_at_receipt_money(s, receipt)->customer != FL_NO_ROW;
    printf(known ? "  {\"type\":\"application\",\"receipt\":"
                 : "  {\"type\":\"receipt_assign\",\"receipt\":");
    fl_json_write_string(stdout, id, strlen(id));
    printf(known ? ",\"park\":true,\"by\":\"YOU\"}\n"
                 : ",\"customer\":\"CUSTOMER\",\"by\":\"YOU\"}\n");
}
