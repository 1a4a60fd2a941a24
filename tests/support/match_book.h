/* match_book.h - matching over a test book: the batch, what it decided in words, and what one receipt would choose.
 *
 * Outcomes are texts, so that a test compares what a person would read: "INV-1 100.00 (rule 4, 120)", documents by
 * their number, credits negative, "proposed ..." or "open" where nothing is settled.
 */
#ifndef FLORIN_TESTS_SUPPORT_MATCH_BOOK_H
#define FLORIN_TESTS_SUPPORT_MATCH_BOOK_H

#include "analytics/match_batch.h"
#include "tests/support/book.h"

struct fl_match_book {
    struct fl_test_book *book;
    struct fl_snapshot snapshot;
    struct fl_match_index index;
    struct fl_match_batch batch;
    struct fl_match_sum_workspace *sums;
};

/* Snapshot and index; nothing decided. */
void fl_match_book_open(struct fl_match_book *m, struct fl_test_book *book, unsigned threads);
void fl_match_book_close(struct fl_match_book *m);
void fl_match_book_run(struct fl_match_book *m);

/* Place in the batch; the test fails if the receipt is not in it. */
uint32_t fl_match_book_line(const struct fl_match_book *m, const char *receipt);
/* What it chooses by itself, against what is open before the run. */
void fl_match_book_choose(struct fl_match_book *m, const char *receipt,
                          struct fl_match_choice *out);
/* After the run, in words; valid until the eighth call after it. */
const char *fl_match_book_outcome(const struct fl_match_book *m, const char *receipt);
/* A set in words. */
const char *fl_match_book_set(const struct fl_match_book *m, const struct fl_match_set *set);
/* Sends what was decided to the book, as a run does; every one must be accepted. */
void fl_match_book_apply(struct fl_match_book *m);

#endif
