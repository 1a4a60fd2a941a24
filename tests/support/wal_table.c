#include "tests/support/wal_table.h"

#include <stddef.h>
#include <string.h>

/* Columns: read failed, newer, stop (C chained, Z zeros, O older, G gap, W wrong, B bad), proof
 * beyond, segment missing, behind (n nothing, o older, i intact, b bad). '*' anything, '!' anything
 * but chained, 'q' Z or O, 'c' n or o, 'x' i or b. */
static const struct {
    const char *pattern;
    int line;
} table[] = {
    {"1*****", 0}, {"01****", 1}, {"00C***", 2}, {"00!1**", 3}, {"00!01*", 4},
    {"00q00c", 5}, {"00q00x", 6}, {"00B00*", 6}, {"00G00*", 6}, {"00W00*", 7},
};

static bool fits(char pattern, char fact)
{
    switch (pattern) {
    case '*':
        return true;
    case '!':
        return fact != 'C';
    case 'q':
        return fact == 'Z' || fact == 'O';
    case 'c':
        return fact == 'n' || fact == 'o';
    case 'x':
        return fact == 'i' || fact == 'b';
    default:
        return pattern == fact;
    }
}

int fl_wal_table_case(const struct fl_wal_facts *facts)
{
    char row[7] = {facts->read_failed ? '1' : '0',
                   facts->newer_format ? '1' : '0',
                   "CZOGWB"[facts->stop],
                   facts -> proof_beyond ? '1' : '0',
                   facts->segment_missing ? '1' : '0',
                   "noib"[facts->later],
                   '\0'};
    int line = -1, met = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool all = true;
        for (size_t column = 0; column < strlen(row); column++)
            all = all && fits(table[i].pattern[column], row[column]);
        if (all) {
            line = table[i].line;
            met++;
        }
    }
    return met > 1 ? -2 : line;
}

bool fl_wal_table_combination(int index, struct fl_wal_facts *out)
{
    if (index < 0 || index >= 2 * 2 * 6 * 4 * 2 * 2)
        return false;
    out->read_failed = index & 1;
    out->newer_format = index >> 1 & 1;
    out->proof_beyond = index >> 2 & 1;
    out->segment_missing = index >> 3 & 1;
    out->later = (enum fl_wal_later)(index >> 4 & 3);
    out->stop = (enum fl_wal_stop)(index >> 6);
    return true;
}
