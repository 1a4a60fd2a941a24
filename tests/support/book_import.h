/* book_import.h - a bank's file booked in a test's book: read by the parser that its content asks
 * for, sent as the statement commands that an import sends.
 *
 * As in `florin import`, only booked statements are sent (camt.053, MT940, ...), each whole, and
 * nothing of a file of which a record was refused; unlike it, a statement that does not add up is
 * sent too, for the engine to refuse.
 */
#ifndef FLORIN_TESTS_SUPPORT_BOOK_IMPORT_H
#define FLORIN_TESTS_SUPPORT_BOOK_IMPORT_H

#include "tests/support/book.h"

struct book_imported {
    unsigned statements, added, known, matched;
    unsigned refused;    /* records that the parser could not read; then nothing was sent */
    enum fl_status code; /* of the first of them, or of the file */
};

/* `text` is the whole file. Every statement must be accepted or a duplicate. */
struct book_imported book_import(struct fl_test_book *book, const char *text);

/* Line n (from 0) of all that are stored, in the order of storing: its amount in minor units, days
 * as "2024-03-05". */
int64_t book_line_amount(const struct fl_test_book *book, uint32_t n);
const char *book_line_booking(const struct fl_test_book *book, uint32_t n);
const char *book_line_value(const struct fl_test_book *book, uint32_t n);
uint32_t book_line_count(const struct fl_test_book *book);
/* The ledger's balance of assets:bank:ID. */
int64_t book_bank_balance(const struct fl_test_book *book, const char *account,
                          const char *currency);

#endif
