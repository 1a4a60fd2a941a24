#include "tools/ingest/camt_balance.h"

#include <string.h>

void fl_camt_balances_open(struct fl_camt_balances *balances, uint64_t line)
{
    balances->line = line;
    balances->in_hand = (struct fl_statement_balance){0};
    balances->bad = FL_OK;
    balances->minus = false;
}

void fl_camt_balances_take(struct fl_camt_balances *balances, enum camt_element element,
                           const struct fl_camt_currency *currency, struct fl_slice text)
{
    struct fl_statement_balance *balance = &balances->in_hand;
    if (element == CAMT_BALANCE_CODE) {
        size_t n = text.length < sizeof balance->code - 1 ? text.length : sizeof balance->code - 1;
        memset(balance->code, 0, sizeof balance->code);
        memcpy(balance->code, text.at, n);
    } else if (element == CAMT_BALANCE_AMOUNT) {
        struct fl_camt_amount amount = fl_camt_amount_read(currency, text);
        balance->amount = amount.value;
        balance->currency = amount.currency;
        balances->bad = amount.bad;
        if (amount.bad != FL_OK)
            fl_camt_amount_reason(balances->reason, "balance", currency, text, amount.bad);
    } else if (element == CAMT_BALANCE_SIGN) {
        balances->minus = fl_camt_sign(text) < 0;
    } else if (element == CAMT_BALANCE_DATE) {
        balance->date_days = fl_camt_date(text);
    }
}

enum fl_status fl_camt_balances_close(struct fl_camt_balances *balances)
{
    struct fl_statement_balance *balance = &balances->in_hand;
    if (balances->bad != FL_OK)
        return balances->bad;
    if (balances->minus)
        balance->amount.units = -balance->amount.units;
    if (balance->amount.state != FL_DECIMAL_VALUE)
        return FL_OK;
    if (balances->count < FL_STATEMENT_BALANCES_MAX)
        balances->list[balances->count++] = *balance;
    else if (strcmp(balance->code, "CLBD") == 0) /* the one that counts comes last */
        balances->list[balances->count - 1] = *balance;
    return FL_OK;
}

static const struct fl_statement_balance *find(const struct fl_camt_balances *balances,
                                               const char *code, bool last)
{
    const struct fl_statement_balance *found = NULL;
    for (uint32_t i = 0; i < balances->count; i++) {
        if (strcmp(balances->list[i].code, code) == 0 && (last || !found))
            found = &balances->list[i];
    }
    return found;
}

const struct fl_statement_balance *fl_camt_balances_opening(const struct fl_camt_balances *balances)
{
    const struct fl_statement_balance *found = find(balances, "OPBD", false);
    if (!found)
        found = find(balances, "PRCD", false);
    return found ? found : find(balances, "ITBD", false);
}

const struct fl_statement_balance *fl_camt_balances_closing(const struct fl_camt_balances *balances)
{
    const struct fl_statement_balance *found = find(balances, "CLBD", true);
    if (found)
        return found;
    found = find(balances, "ITBD", true);
    return found != fl_camt_balances_opening(balances) ? found : NULL;
}
