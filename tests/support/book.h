/* book.h - an engine in memory that is spoken to in JSON, for tests that tell a story.
 *
 * A command goes the way that it goes in `apply`: one line of JSON, read at a fixed arrival
 * (FL_BOOK_NOW_US), checked, applied, answered as one line of JSON. After each of them every kept
 * figure is recomputed (fl_audit), and a command that was not accepted must have left the digest as
 * it was: both fail the test on the spot.
 */
#ifndef FLORIN_TESTS_SUPPORT_BOOK_H
#define FLORIN_TESTS_SUPPORT_BOOK_H

#include <stdbool.h>

#include "core/engine/engine.h"

#define FL_BOOK_NOW_US INT64_C(1750000000000000) /* 2025-06-15 15:06:40 UTC */

struct fl_test_book;

/* `book`: the fields of a book command ("\"base_currency\":\"EUR\""), or null for the defaults. */
struct fl_test_book *fl_book_open(const char *book);
void fl_book_close(struct fl_test_book *book);
/* The checks after each command, on unless this turns them off (for bulk). */
void fl_book_checks(struct fl_test_book *book, bool on);

/* What a command begins is done at once, unless this turns it off; `sink` (null: none) is shown each slice. */
void fl_book_jobs(struct fl_test_book *book, bool at_once, const struct fl_slice_sink *sink);

/* Sends one line (printf-like); the answer is valid until the next command. */
const char *fl_book_send(struct fl_test_book *book, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, and it must be accepted; or a duplicate; or refused or invalid with that code. */
const char *fl_book_must(struct fl_test_book *book, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *fl_book_again(struct fl_test_book *book, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *fl_book_refuses(struct fl_test_book *book, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The last answer. */
const char *fl_book_answer(const struct fl_test_book *book);
/* A field of the last answer, without quotes; "" if it has none. Valid until the fourth call after
 * it. */
const char *fl_book_field(struct fl_test_book *book, const char *name);
/* Of the last command: the resolved bytes, if it reached the engine, else null; and its status. */
const struct fl_command *fl_book_command(const struct fl_test_book *book);
enum fl_status fl_book_status(const struct fl_test_book *book);
/* Applies a command as it stands (it is copied); checks as above. */
enum fl_status fl_book_apply(struct fl_test_book *book, const struct fl_command *command);

struct fl_engine *fl_book_engine(const struct fl_test_book *book);
const struct fl_store *fl_book_store(const struct fl_test_book *book);
uint64_t fl_book_digest(const struct fl_test_book *book);
uint64_t fl_book_seq(const struct fl_test_book *book);

/* Rows by id; the test fails if there is none. */
uint32_t fl_book_row(const struct fl_test_book *book, enum fl_kind kind, const char *id);
bool fl_book_has(const struct fl_test_book *book, enum fl_kind kind, const char *id);

/* Minor units. */
int64_t fl_book_balance(const struct fl_test_book *book, const char *customer);
int64_t fl_book_exposure(const struct fl_test_book *book, const char *customer);
int64_t fl_book_unapplied(const struct fl_test_book *book, const char *customer);
int64_t fl_book_open_of(const struct fl_test_book *book, const char *invoice);
int64_t fl_book_receipt_open(const struct fl_test_book *book, const char *receipt);
int64_t fl_book_note_open(const struct fl_test_book *book, const char *note);
int64_t fl_book_refundable(const struct fl_test_book *book, const char *receipt);
/* Debit less credit of an account in a currency, all days; of a day or earlier with `as_of` != 0.
 */
int64_t fl_book_account(const struct fl_test_book *book, uint32_t account, const char *currency,
                        uint16_t as_of);
/* Whole pieces. */
int64_t fl_book_available(const struct fl_test_book *book, const char *product);
int64_t fl_book_on_hand(const struct fl_test_book *book, const char *product);

/* "order" "SO-1" -> open, held, ...; "invoice" -> open, partial, paid, ...; a receipt's likewise.
 */
const char *fl_book_order_state(const struct fl_test_book *book, const char *order);
const char *fl_book_invoice_state(const struct fl_test_book *book, const char *invoice);
const char *fl_book_receipt_state(const struct fl_test_book *book, const char *receipt);

#endif
