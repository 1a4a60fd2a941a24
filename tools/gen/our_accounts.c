#include "tools/gen/our_accounts.h"

#include "core/base/contract.h"
#include "tools/gen/workload_facts.h"

/* Accounts 1000001 to 1000009 of bank 1, with valid check digits. */
static const char *const ibans[FL_GEN_ACCOUNTS] = {
    "DE67999000010001000001", "DE40999000010001000002", "DE13999000010001000003",
    "DE83999000010001000004", "DE56999000010001000005", "DE29999000010001000006",
    "DE02999000010001000007", "DE72999000010001000008", "DE45999000010001000009"};

const char *fl_our_account_iban(uint32_t account)
{
    FL_ASSERT(account < FL_GEN_ACCOUNTS);
    return ibans[account];
}

enum fl_our_format fl_our_account_format(uint32_t account)
{
    static_assert(FL_OUR_CSV_PLAIN + 1 == FL_GEN_ACCOUNTS, "one account a format");
    FL_ASSERT(account < FL_GEN_ACCOUNTS);
    return (enum fl_our_format)account;
}

int64_t fl_our_account_opening_minor(uint32_t account)
{
    return 5000000 + 1234567 * (int64_t)account;
}

enum fl_our_period fl_our_account_period(uint32_t account)
{
    switch (fl_our_account_format(account)) {
    case FL_OUR_MT940_FREE:
        return FL_OUR_WEEK;
    case FL_OUR_OFX_SGML:
    case FL_OUR_OFX_XML:
    case FL_OUR_CSV_PROFILE:
    case FL_OUR_CSV_PLAIN:
        return FL_OUR_MONTH;
    default:
        return FL_OUR_DAY;
    }
}
