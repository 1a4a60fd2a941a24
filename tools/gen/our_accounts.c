#include "tools/gen/our_accounts.h"

#include "core/base/contract.h"
#include "tools/gen/workload_facts.h"

/* Accounts 1000001 to 1000004 of bank 1, with valid check digits. */
static const char *const ibans[FL_GEN_ACCOUNTS] = {
    "DE67999000010001000001", "DE40999000010001000002", "DE13999000010001000003",
    "DE83999000010001000004"};

const char *fl_our_account_iban(uint32_t account)
{
    FL_ASSERT(account < FL_GEN_ACCOUNTS);
    return ibans[account];
}

enum fl_our_format fl_our_account_format(uint32_t account)
{
    static_assert(FL_OUR_CAMT_BATCH + 1 == FL_GEN_ACCOUNTS, "one account a format");
    FL_ASSERT(account < FL_GEN_ACCOUNTS);
    return (enum fl_our_format)account;
}

int64_t fl_our_account_opening_minor(uint32_t account)
{
    return 5000000 + 1234567 * (int64_t)account;
}

bool fl_our_account_is_weekly(uint32_t account)
{
    return fl_our_account_format(account) == FL_OUR_MT940_FREE;
}
