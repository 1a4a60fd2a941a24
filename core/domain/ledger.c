#include "core/domain/ledger.h"

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
