/* statement_scan.h - bank files reckoned from their raw bytes, beside the parsers and apart from
 * them: lines that begin with a tag, blocks between an opening and a closing element, amounts in
 * millionths. It knows nothing of texts, charsets or damage; where it and a parser differ one of
 * them is wrong.
 */
#ifndef FLORIN_TESTS_SUPPORT_STATEMENT_SCAN_H
#define FLORIN_TESTS_SUPPORT_STATEMENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct scanned_statement {
    char account[64], currency[4];
    long long opening, closing, sum; /* millionths; the sum is of the booked */
    bool has_opening, has_closing;
    unsigned entries, lines, not_booked; /* lines: entries with their details */
};

struct statement_scan {
    struct scanned_statement *list;
    size_t count;
};

/* `text` is the whole file, NUL-terminated, and is written to. Free with statement_scan_free. */
struct statement_scan statement_scan_mt940(char *text);
struct statement_scan statement_scan_camt(char *text);
void statement_scan_free(struct statement_scan *scan);

/* "-12.3" in millionths; '.' or ',' is the decimal sign. */
long long statement_scan_amount(const char *from, const char *to);

#endif
