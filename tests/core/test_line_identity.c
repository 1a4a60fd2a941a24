/* Statements cut out of one history of an account, where few contents come again and again, against
 * the places of the history that were covered: the slow model knows which line is which. */
#include "core/domain/line_identity.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/book.h"
#include "tests/support/random.h"

#define HISTORY 40
#define KINDS   6

static struct fl_test_book *book;
static unsigned sent;

/* The history: which kind each line is, its day, and the balance before it, in cents. */
static const struct {
    const char *text, *ref;
} kinds[KINDS] = {{"coffee", ""}, {"coffee", "R"}, {"tea", ""},
                  {"tea", "R"},   {"cake", ""},    {"coffee", ""}};
static unsigned kind_of[HISTORY], day_of[HISTORY];
static int cents[KINDS];
static int before[HISTORY + 1];
static bool stored[HISTORY];

static void history_make(struct fl_random *dice, bool signs)
{
    unsigned used = 2 + (unsigned)fl_random_below(dice, KINDS - 1);
    for (unsigned k = 0; k < KINDS; k++)
        cents[k] = (int)(100 * (1 + fl_random_below(dice, 3))) * (signs && k % 2 ? -1 : 1);
    before[0] = 10000;
    for (unsigned i = 0; i < HISTORY; i++) {
        kind_of[i] = (unsigned)fl_random_below(dice, used);
        day_of[i] = 1 + i / 15;
        before[i + 1] = before[i] + cents[kind_of[i]];
    }
    memset(stored, 0, sizeof stored);
}

static const char *euros(int value, char out[24])
{
    snprintf(out, 24, "%s%d.%02d", value < 0 ? "-" : "", abs(value) / 100, abs(value) % 100);
    return out;
}

/* Sends the places order[0..n) as a statement that opens and closes as the history does; returns
 * how many lines were new. */
static unsigned import_order(const unsigned *order, unsigned n, int opening, int closing)
{
    static char text[1 << 15];
    char amount[24], closes[24];
    size_t at = (size_t)snprintf(text, sizeof text,
                                 "{\"type\":\"statement\",\"id\":\"S%u\",\"account\":\"B\","
                                 "\"currency\":\"EUR\",\"opening\":\"%s\",\"closing\":\"%s\","
                                 "\"lines\":[",
                                 sent++ % 3, euros(opening, amount), euros(closing, closes));
    for (unsigned i = 0; i < n; i++) {
        unsigned kind = kind_of[order[i]];
        at += (size_t)snprintf(
            text + at, sizeof text - at,
            "%s{\"amount\":\"%s\",\"booking_date\":\"2025-06-%02u\",\"text\":\"%s\"%s%s%s}",
            i ? "," : "", euros(cents[kind], amount), day_of[order[i]], kinds[kind].text,
            kinds[kind].ref[0] ? ",\"bank_ref\":\"" : "", kinds[kind].ref,
            kinds[kind].ref[0] ? "\"" : "");
    }
    snprintf(text + at, sizeof text - at, "]}");
    fl_book_send(book, "%s", text);
    const char *result = fl_book_field(book, "result");
    cr_assert(strcmp(result, "accepted") == 0 || strcmp(result, "duplicate") == 0, "%s",
              fl_book_answer(book));
    return (unsigned)atoi(fl_book_field(book, "new"));
}

static unsigned import(unsigned from, unsigned to)
{
    unsigned order[HISTORY];
    for (unsigned i = from; i < to; i++)
        order[i - from] = i;
    return import_order(order, to - from, before[from], before[to]);
}

static unsigned cover(unsigned from, unsigned to)
{
    unsigned added = 0;
    for (unsigned i = from; i < to; i++) {
        added += !stored[i];
        stored[i] = true;
    }
    return added;
}

/* Of each content and day, how many lines: stored by the engine less covered in the model; the
 * least and the most of them. */
static void compare(int *least, int *most)
{
    const struct fl_store *store = fl_book_store(book);
    *least = *most = 0;
    for (unsigned i = 0; i < HISTORY; i++) {
        int difference = 0;
        for (unsigned k = 0; k < HISTORY; k++)
            difference -= stored[k] && day_of[k] == day_of[i] &&
                          strcmp(kinds[kind_of[k]].text, kinds[kind_of[i]].text) == 0 &&
                          strcmp(kinds[kind_of[k]].ref, kinds[kind_of[i]].ref) == 0 &&
                          cents[kind_of[k]] == cents[kind_of[i]];
        for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++) {
            const struct fl_statement_line_card *card = fl_statement_line_card(store, row);
            struct fl_text_ref text = fl_statement_line_cold(store, row)->text;
            const char *bytes = fl_text_get(store, FL_TABLE_personal, text);
            difference += card->amount_minor == cents[kind_of[i]] &&
                          card->booking_date == 20240 + day_of[i] &&
                          card->bank_ref.length == strlen(kinds[kind_of[i]].ref) &&
                          text.length == strlen(kinds[kind_of[i]].text) &&
                          memcmp(bytes, kinds[kind_of[i]].text, text.length) == 0;
        }
        *least = difference < *least ? difference : *least;
        *most = difference > *most ? difference : *most;
    }
}

static void must_agree(const char *what)
{
    int least, most;
    compare(&least, &most);
    cr_assert_eq(least, 0, "%s: %d lines of a content are missing", what, -least);
    cr_assert_eq(most, 0, "%s: %d lines of a content are booked twice", what, most);
}

static void begin(struct fl_random *dice, bool signs)
{
    book = fl_book_open(NULL);
    fl_book_checks(book, false);
    history_make(dice, signs);
}

/* Balances that only rise: every statement that touches what is there is placed exactly. */
Test(line_identity, statements_that_touch_or_overlap_are_told_line_by_line)
{
    struct fl_random dice = fl_random_start("line_identity");
    for (unsigned run = 0; run < 120; run++) {
        begin(&dice, false);
        unsigned low = (unsigned)fl_random_below(&dice, HISTORY), high = low;
        for (unsigned n = 0; n < 12; n++) {
            unsigned from = low + (unsigned)fl_random_below(&dice, high - low + 1);
            unsigned to = from + 1 + (unsigned)fl_random_below(&dice, 7);
            if (fl_random_below(&dice, 2)) { /* ends in it */
                to = from;
                from -= (unsigned)fl_random_below(&dice, 7) % (to + 1);
            }
            to = to > HISTORY ? HISTORY : to;
            if (from >= to)
                continue;
            unsigned expected = cover(from, to);
            cr_assert_eq(import(from, to), expected, "run %u: [%u, %u) of [%u, %u): %s", run, from,
                         to, low, high, fl_book_answer(book));
            low = from < low ? from : low;
            high = to > high ? to : high;
            must_agree("touching");
        }
        fl_book_close(book);
    }
}

/* Gaps prove nothing: meanwhile lines may be missing, never twice; the whole sets it right. */
Test(line_identity, with_gaps_no_line_is_booked_twice_and_the_whole_history_completes_it)
{
    struct fl_random dice = fl_random_start("line_identity");
    for (unsigned run = 0; run < 120; run++) {
        int least, most;
        begin(&dice, run % 2 == 1);
        for (unsigned n = 0; n < 10; n++) {
            unsigned from = (unsigned)fl_random_below(&dice, HISTORY);
            unsigned to = from + 1 + (unsigned)fl_random_below(&dice, HISTORY - from);
            cover(from, to);
            import(from, to);
            compare(&least, &most);
            cr_assert_leq(most, 0, "run %u: %d booked twice", run, most);
        }
        cover(0, HISTORY);
        import(0, HISTORY);
        import(0, HISTORY);
        must_agree("the whole");
        cr_assert_eq(import(0, HISTORY), 0);
        fl_book_close(book);
    }
}

/* The bank sorts the days otherwise in its next file: nothing is new in it. */
Test(line_identity, the_same_lines_in_another_order_are_known)
{
    struct fl_random dice = fl_random_start("line_identity");
    for (unsigned run = 0; run < 120; run++) {
        unsigned order[HISTORY];
        begin(&dice, run % 2 == 1);
        unsigned from = (unsigned)fl_random_below(&dice, HISTORY - 1);
        unsigned n = 1 + (unsigned)fl_random_below(&dice, HISTORY - from);
        cr_assert_eq(import(from, from + n), n);
        for (unsigned i = 0; i < n; i++) {
            unsigned k = (unsigned)fl_random_below(&dice, i + 1);
            order[i] = order[k];
            order[k] = from + i;
        }
        cr_assert_eq(import_order(order, n, before[from], before[from + n]), 0, "run %u", run);
        fl_book_close(book);
    }
}

/* ---- by hand
 * ---------------------------------------------------------------------------------------- */

#define COFFEE "{\"amount\":\"-3.00\",\"booking_date\":\"2025-06-02\",\"text\":\"COFFEE\"}"

static void statement(const char *id, const char *balances, const char *lines, const char *news)
{
    fl_book_send(book,
                 "{\"type\":\"statement\",\"id\":\"%s\",\"account\":\"B\",\"currency\":\"EUR\"%s,"
                 "\"lines\":[%s]}",
                 id, balances, lines);
    cr_assert_str_eq(fl_book_field(book, "new"), news, "%s", fl_book_answer(book));
}

#define BALANCES(opening, closing) ",\"opening\":\"" opening "\",\"closing\":\"" closing "\""

Test(line_identity, an_equal_coffee_in_the_next_statement_is_another_one)
{
    book = fl_book_open(NULL);
    statement("1", BALANCES("100.00", "97.00"), COFFEE, "1");
    statement("2", BALANCES("97.00", "94.00"), COFFEE, "1");
    statement("3", BALANCES("94.00", "88.00"), COFFEE "," COFFEE, "2");
    statement("2", BALANCES("97.00", "94.00"), COFFEE, "0");
    statement("1", BALANCES("100.00", "97.00"), COFFEE, "0");
    statement("3", BALANCES("94.00", "88.00"), COFFEE "," COFFEE, "0");
    statement("all", BALANCES("100.00", "88.00"), COFFEE "," COFFEE "," COFFEE "," COFFEE, "0");
    statement("more", BALANCES("91.00", "85.00"), COFFEE "," COFFEE, "1");
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_statement_line], 5);
    fl_book_close(book);
}

/* One balance and the lines make the other. */
Test(line_identity, a_closing_balance_alone_proves_it_too)
{
    book = fl_book_open(NULL);
    statement("1", ",\"closing\":\"97.00\"", COFFEE, "1");
    statement("2", ",\"closing\":\"94.00\"", COFFEE, "1");
    statement("2", ",\"closing\":\"94.00\"", COFFEE, "0");
    fl_book_close(book);
}

/* Without balances they are counted, as the reader says or in the statement. */
Test(line_identity, without_balances_as_many_equal_lines_as_are_stored_are_known)
{
    book = fl_book_open(NULL);
    statement("1", "", COFFEE, "1");
    statement("2", "", COFFEE, "0");
    statement("3", "", COFFEE "," COFFEE, "1");
    statement("4", "",
              "{\"amount\":\"-3.00\",\"booking_date\":\"2025-06-02\",\"text\":\"COFFEE\","
              "\"occurrence\":3}",
              "1");
    statement("5", BALANCES("50.00", "47.00"), COFFEE, "0");
    fl_book_close(book);
}

/* Imported backwards: what comes before is as distinct as what comes after. */
Test(line_identity, statements_imported_backwards_are_told_apart)
{
    book = fl_book_open(NULL);
    statement("3", BALANCES("94.00", "91.00"), COFFEE, "1");
    statement("2", BALANCES("97.00", "94.00"), COFFEE, "1");
    statement("1", BALANCES("100.00", "97.00"), COFFEE, "1");
    statement("2", BALANCES("97.00", "94.00"), COFFEE, "0");
    fl_book_close(book);
}

/* A statement of more lines than a part holds: the parts chain, and come again cut otherwise. */
Test(line_identity, parts_of_a_statement_are_its_lines_however_it_is_cut)
{
    book = fl_book_open(NULL);
    fl_book_checks(book, false);
    statement("P", BALANCES("100.00", "97.00") ",\"part\":1", COFFEE, "1");
    statement("P", BALANCES("97.00", "91.00") ",\"part\":2", COFFEE "," COFFEE, "2");
    statement("P", BALANCES("100.00", "94.00") ",\"part\":1", COFFEE "," COFFEE, "0");
    statement("P", BALANCES("94.00", "91.00") ",\"part\":2", COFFEE, "0");
    fl_book_close(book);
}
