#include "core/base/contract.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* write(2) rather than stdio: the broken state may be stdio's own. */
static void put(const char *text)
{
    ssize_t ignored = write(2, text, strlen(text));
    (void)ignored;
}

_Noreturn void fl_contract_broken(const char *text, const char *file, int line)
{
    char digits[12];
    int at = (int)sizeof digits;
    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + line % 10);
        line /= 10;
    } while (line > 0);
    put(file);
    put(":");
    put(digits + at);
    put(": contract broken: ");
    put(text);
    put("\n");
    abort();
}
