#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/large_array.h"

Test(large_array, every_byte_is_there_and_large_ones_begin_a_large_page)
{
    static const size_t sizes[] = {1, 4096, (2u << 20) - 1, 2u << 20, (2u << 20) + 1, 5000001};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *array = fl_large_array(sizes[i]);
        cr_assert(array);
        memset(array, 0x5a, sizes[i]);
        cr_assert(array[0] == 0x5a && array[sizes[i] - 1] == 0x5a);
        if (sizes[i] >= 2u << 20)
            cr_assert_eq((uintptr_t)array % (2u << 20), 0, "%zu bytes", sizes[i]);
        free(array);
    }
}
