#include "core/domain/ledger.h"

#include "core/base/contract.h"

const char *fl_account_name(uint32_t account)
{
    switch (account) {
#define FL_ACCOUNT_CASE(symbol, number, name)                                                     \
    case number:                                                                                  \
        return name;
        FL_ACCOUNTS(FL_ACCOUNT_CASE)
#undef FL_ACCOUNT_CASE
    }
    return account >= FL_ACCOUNT_BANK_FIRST ? "assets:bank" : "statistics";
}

void fl_entry_add(struct fl_entry *entry, uint32_t account, int64_t amount_minor,
                  int64_t base_minor)
{
    if (amount_minor == 0 && base_minor == 0)
        return;
    FL_ASSERT(entry->count < FL_ENTRY_POSTINGS_MAX);
    entry->postings[entry->count++] = (struct fl_posting){.account = account,
                                                          .currency = entry->currency,
                                                          .amount_minor = amount_minor,
                                                          .base_minor = base_minor};
}
