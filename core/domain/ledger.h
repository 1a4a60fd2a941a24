/* ledger.h - the chart of accounts and the daily totals.
 *
 * An entry is a few postings that add up to zero, in the document's currency and in the book's (I1).
 * Entries are not stored: posting_rules.h derives them from rows, when they are applied and again for
 * every journal, export and audit. Kept here are the totals per account, currency and day.
 *
 * Debit is plus, credit is minus.
 */
#ifndef FLORIN_CORE_DOMAIN_LEDGER_H
#define FLORIN_CORE_DOMAIN_LEDGER_H

#include <stdint.h>

#include "core/base/contract.h"

/* X(symbol, number, name): numbers are durable. */
#define FL_ACCOUNTS(X)                                                                            \
    X(INVOICES, 1, "assets:receivable:invoices")                                                  \
    X(UNAPPLIED, 2, "assets:receivable:unapplied")                                                \
    X(CREDITS, 3, "assets:receivable:credits")                                                    \
    X(TRANSIT_RECEIPTS, 4, "assets:transit:receipts")                                             \
    X(TRANSIT_REFUNDS, 5, "assets:transit:refunds")                                               \
    X(TRANSIT_PAYOUTS, 6, "assets:transit:payouts")                                               \
    X(UNIDENTIFIED, 7, "liabilities:unidentified")                                                \
    X(TAX, 8, "liabilities:tax")                                                                  \
    X(DEFERRED_REVENUE, 9, "liabilities:deferred_revenue")                                        \
    X(SUSPENSE, 10, "liabilities:suspense")                                                       \
    X(OPENING, 11, "equity:opening")                                                              \
    X(REVENUE, 12, "income:revenue")                                                              \
    X(FREIGHT, 13, "income:freight")                                                              \
    X(DISCOUNTS_ALLOWED, 14, "income:discounts_allowed")                                          \
    X(LATE_FEES, 15, "income:late_fees")                                                          \
    X(SMALL_DIFFERENCES, 16, "income:small_differences")                                          \
    X(FX, 17, "income:fx")                                                                        \
    X(RECOVERIES, 18, "income:recoveries")                                                        \
    X(BANK_CHARGES, 19, "expenses:bank_charges")                                                  \
    X(BAD_DEBT, 20, "expenses:bad_debt")                                                          \
    X(CHARGEBACKS, 21, "expenses:chargebacks")

enum fl_account {
    FL_ACCOUNT_NONE = 0,
#define FL_ACCOUNT_ENUM(symbol, number, name) FL_ACCOUNT_##symbol = number,
    FL_ACCOUNTS(FL_ACCOUNT_ENUM)
#undef FL_ACCOUNT_ENUM
        FL_ACCOUNT_FIXED_COUNT = 22,
    /* Statistics kept like accounts, outside the ledger: reports leave them out. */
    FL_ACCOUNT_OPEN_BY_DUE = 48,  /* open amount of invoices, by due day */
    FL_ACCOUNT_SALES_BY_DAY = 49, /* debit: invoiced; credit: credit notes; by document day */
    /* assets:bank:ID of row r is FL_ACCOUNT_BANK_FIRST + r. */
    FL_ACCOUNT_BANK_FIRST = 64,
};

struct fl_posting {
    uint32_t account;
    uint8_t currency;
    int64_t amount_minor; /* debit plus */
    int64_t base_minor;
};

#define FL_ENTRY_POSTINGS_MAX 12

struct fl_entry {
    struct fl_posting postings[FL_ENTRY_POSTINGS_MAX];
    uint32_t count;
    uint16_t date;
    uint8_t currency;
};

/* "assets:receivable:invoices"; "assets:bank" for bank accounts (the id is added by who knows it). */
const char *fl_account_name(uint32_t account);

/* Adds a posting unless both amounts are zero. */
static inline void fl_entry_add(struct fl_entry *entry, uint32_t account, int64_t amount_minor,
                                int64_t base_minor)
{
    if (amount_minor == 0 && base_minor == 0)
        return;
    FL_ASSERT(entry->count < FL_ENTRY_POSTINGS_MAX);
    struct fl_posting *posting = &entry->postings[entry->count++];
    posting->account = account;
    posting->currency = entry->currency;
    posting->amount_minor = amount_minor;
    posting->base_minor = base_minor;
}

#endif
