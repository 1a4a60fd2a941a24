/* Any text: no crash, tokens within bounds, normal forms unique and at most as long as promised. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/contract.h"
#include "tools/format/charset.h"
#include "tools/ingest/reference_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fl_token_workspace workspace;
    if (!fl_utf8_is_valid((const char *)data, size))
        return 0;
    fl_reference_tokens(&workspace, fl_slice_of((const char *)data, size));
    for (uint32_t i = 0; i < workspace.tokens_count; i++) {
        const struct fl_reference_token *t = &workspace.tokens[i];
        FL_ASSERT(t->normal.length > 0 && t->normal.length <= FL_TOKEN_NORMAL_BYTES_MAX);
        FL_ASSERT(t->from < t->to && t->to <= workspace.text_length);
        FL_ASSERT(t->digits > 0 && t->atoms <= FL_TOKEN_ATOMS_MAX);
        if (t->flags & FL_TOKEN_RANGE_END)
            (void)fl_reference_range_start(&workspace, i);
        for (uint32_t j = 0; j < i; j++)
            FL_ASSERT(t->normal.length != workspace.tokens[j].normal.length ||
                      memcmp(t->normal.at, workspace.tokens[j].normal.at, t->normal.length) != 0);
    }
    fl_reference_tokens_add(&workspace, fl_slice_of((const char *)data, size));
    return 0;
}
