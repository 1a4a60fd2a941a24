/* Any bytes as OFX, past the detection. */
#include "tests/fuzz/statement_checks.h"
#include "tools/ingest/statement_ofx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_reading(data, size, fl_statement_ofx_read);
    return 0;
}
