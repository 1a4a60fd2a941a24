/* Any bytes as a list of balance transactions: no crash, and every payout is the sum of its parts less the fees.
 */
#include <stdint.h>
#include <string.h>

#include "core/base/utf8.h"
#include "tools/ingest/payout_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum fl_status on_payout(void *context, const struct fl_payout_report *payout)
{
    struct fl_statement_total sum = {0};
    struct fl_decimal amount;
    (void)context;
    FL_ASSERT(payout->parts_count > 0 && payout->parts_count <= FL_PAYOUT_PARTS_MAX);
    FL_ASSERT(payout->currency != 0 && payout->date_days != 0 && payout->id[0] != '\0');
    FL_ASSERT(fl_utf8_is_valid(payout->id, strlen(payout->id)));
    for (uint32_t i = 0; i < payout->parts_count; i++) {
        FL_ASSERT(payout->parts[i].kind < FL_PAYOUT_PART_PAYOUT);
        FL_ASSERT(fl_utf8_is_valid(payout->parts[i].ref, strlen(payout->parts[i].ref)));
        fl_statement_total_add(&sum, payout->parts[i].amount);
        fl_statement_total_subtract(&sum, payout->parts[i].fee);
    }
    FL_ASSERT(fl_statement_total_read(sum, &amount) == FL_OK);
    FL_ASSERT(amount.units == payout->amount.units && amount.scale == payout->amount.scale);
    return FL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, data, size, "fuzz");
    const struct fl_payout_sink sink = {.payout = on_payout};
    memory.step = size % 5;
    (void)fl_payout_json_is((const char *)data, size);
    (void)!fl_payout_json_read(source, &sink, NULL);
    return 0;
}
