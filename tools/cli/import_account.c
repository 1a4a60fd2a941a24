#include "tools/cli/import_account.h"

#include <string.h>

#include "core/domain/state.h"
#include "tools/ingest/account_number.h"

static bool is_known(struct fl_engine *engine, const char *account)
{
    return fl_engine_find(engine, FL_KIND_OF_BANK_ACCOUNT, account, strlen(account)) != FL_NO_ROW;
}

/* The account's id in that row. */
static void id_of(const struct fl_store *store, uint32_t row, char out[FL_ID_BYTES_MAX + 1])
{
    size_t length;
    const char *bytes = fl_id_get(store, &fl_bank_account_card(store, row)->id, &length);
    FL_ASSERT(length <= FL_ID_BYTES_MAX);
    memcpy(out, bytes, length);
    out[length] = '\0';
}

void fl_import_account_settle(struct fl_engine *engine, char account[FL_ID_BYTES_MAX + 1])
{
    const struct fl_store *store = fl_engine_store(engine);
    char known[FL_ID_BYTES_MAX + 1];
    if (account[0] == '\0' || is_known(engine, account))
        return;
    fl_account_number_normal(account);
    if (is_known(engine, account))
        return;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_bank_account]; row++) {
        id_of(store, row, known);
        fl_account_number_normal(known);
        if (strcmp(known, account) == 0) {
            id_of(store, row, account);
            return;
        }
    }
}
