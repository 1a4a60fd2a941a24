/* Any name: folded within its room, valid UTF-8, words between single blanks; likeness within its range, both ways. */
#include <stdint.h>
#include <string.h>

#include "analytics/match_name.h"
#include "core/base/contract.h"
#include "tools/format/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char one[300], other[300];
    const char *text = (const char *)data;
    if (!fl_utf8_is_valid(text, size))
        return 0;
    size_t room = size % 2 ? sizeof one : 1 + size % 40;
    size_t n = fl_utf8_fold_name(text, size, one, room);
    FL_ASSERT(n <= room && fl_utf8_is_valid(one, n));
    FL_ASSERT(n == 0 || (one[0] != ' ' && one[n - 1] != ' '));
    for (size_t i = 1; i < n; i++)
        FL_ASSERT(one[i] != ' ' || one[i - 1] != ' ');
    size_t half = fl_utf8_valid_prefix(text, size / 2);
    size_t m = fl_utf8_fold_name(text, half, other, sizeof other);
    FL_ASSERT(fl_match_name_likeness(one, n, other, m) <= 100);
    return 0;
}
