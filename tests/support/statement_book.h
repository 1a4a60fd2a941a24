/* statement_book.h - a statement file into a book in memory, by the rules of `import`: read once to
 * see that every record is good, then once more to post.
 */
#ifndef FLORIN_TESTS_SUPPORT_STATEMENT_BOOK_H
#define FLORIN_TESTS_SUPPORT_STATEMENT_BOOK_H

#include "tests/support/book.h"
#include "tools/ingest/statement_reader.h"

struct statement_import {
    unsigned statements, lines, added, known, matched, refused;
    bool balanced;    /* every statement of which both balances are known */
    char reason[256]; /* of the first refusal */
    enum fl_status status;
};

/* Nothing is posted where a record was refused or a statement does not balance. */
struct statement_import statement_book_import(struct fl_test_book *book, const char *text);

/* The stored line of an account by its bank reference and place among equal ones (from 0): its
 * amount in minor units and its booking day; the test fails if there is none. */
int64_t statement_book_line(const struct fl_test_book *book, const char *account,
                            const char *bank_ref, unsigned which, uint16_t *booking_out);
/* How many lines an account has. */
unsigned statement_book_lines(const struct fl_test_book *book, const char *account);

#endif
