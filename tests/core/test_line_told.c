/* Entries of two days, told by statements once and by reports and notices any number of times, in
 * any order and written in other ways: whatever comes first, the bank's account must come to the
 * last closing balance. */
#include "core/domain/line_told.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

#define ENTRIES 14
#define FILES   10
#define OPENING 10000

struct entry {
    int cents;
    unsigned day, text, parts; /* parts: 0, or a batch of so many */
    bool end_to_end;
};

/* A file to be sent: which entries, and how they are written. */
struct file {
    bool interim;
    int opening;
    unsigned count, entries[ENTRIES];
    unsigned style; /* of references: 0 as they are, 1 with strokes, 2 others altogether */
    bool in_parts;
};

static struct fl_test_book *book;
static struct entry entries[ENTRIES];
static struct file files[FILES];
static unsigned file_count, sent;
static int closing;

static void entries_make(struct fl_random *dice)
{
    static const int amounts[] = {300, -300, 500, 900};
    closing = OPENING;
    for (unsigned i = 0; i < ENTRIES; i++) {
        struct entry *e = &entries[i];
        *e = (struct entry){.cents = amounts[fl_random_below(dice, 4)],
                            .day = 1 + i / (ENTRIES / 2),
                            .text = (unsigned)fl_random_below(dice, 2),
                            .end_to_end = fl_random_below(dice, 3) == 0};
        if (e->cents > 0 && fl_random_below(dice, 4) == 0)
            e->parts = 2 + (unsigned)fl_random_below(dice, 2);
        closing += e->cents;
    }
}

/* The two days in one to four statements, which chain. */
static void statements_make(struct fl_random *dice)
{
    int balance = OPENING;
    for (unsigned from = 0; from < ENTRIES;) {
        unsigned day_end = from < ENTRIES / 2 ? ENTRIES / 2 : ENTRIES;
        unsigned n = fl_random_below(dice, 2) ? day_end - from
                                              : 1 + (unsigned)fl_random_below(dice, day_end - from);
        if (file_count == 4)
            n = day_end - from;
        struct file *f = &files[file_count++];
        *f = (struct file){.opening = balance,
                           .style = (unsigned)fl_random_below(dice, 3),
                           .in_parts = fl_random_below(dice, 2)};
        for (unsigned i = from; i < from + n; i++) {
            f->entries[f->count++] = i;
            balance += entries[i].cents;
        }
        from += n;
    }
}

static void reports_make(struct fl_random *dice)
{
    for (unsigned n = (unsigned)fl_random_below(dice, 5); n > 0 && file_count < FILES; n--) {
        struct file *f = &files[file_count++];
        *f = (struct file){.interim = true,
                           .style = (unsigned)fl_random_below(dice, 2),
                           .in_parts = fl_random_below(dice, 2)};
        for (unsigned i = 0; i < ENTRIES; i++) {
            if (fl_random_below(dice, 2))
                f->entries[f->count++] = i;
        }
    }
}

static void files_shuffle(struct fl_random *dice)
{
    for (unsigned i = file_count; i > 1; i--) {
        unsigned other = (unsigned)fl_random_below(dice, i);
        struct file kept = files[i - 1];
        files[i - 1] = files[other];
        files[other] = kept;
    }
}

static const char *euros(int value, char out[24])
{
    snprintf(out, 24, "%s%d.%02d", value < 0 ? "-" : "", abs(value) / 100, abs(value) % 100);
    return out;
}

static size_t line_put(char *text, size_t room, const struct file *f, unsigned i, unsigned part)
{
    static const char *const styles[] = {"R%u", "r-%u", "X/%u/Y"};
    const struct entry *e = &entries[i];
    bool batch = e->parts > 0 && f->in_parts;
    int cents = e->cents;
    char amount[24], ref[24];
    if (batch)
        cents = part + 1 < e->parts ? 100 : e->cents - 100 * (int)(e->parts - 1);
    snprintf(ref, sizeof ref, styles[f->style], i);
    size_t at = (size_t)snprintf(
        text, room,
        "{\"amount\":\"%s\",\"booking_date\":\"2025-06-%02u\",\"bank_ref\":\"%s\",\"text\":\"%s\"",
        euros(cents, amount), e->day, ref, e->text ? "coffee" : "Coffee, and tea");
    if (e->end_to_end && !batch)
        at += (size_t)snprintf(text + at, room - at, ",\"end_to_end\":\"E2E-%u\"", i);
    if (batch)
        at += (size_t)snprintf(text + at, room - at, ",\"batch\":%u", part + 1);
    return at + (size_t)snprintf(text + at, room - at, "}");
}

static void file_send(const struct file *f, unsigned id)
{
    static char text[1 << 15];
    char opens[24], closes[24];
    int balance = f->opening;
    if (f->count == 0)
        return; /* of no name, day or balance: nothing would tell it again */
    size_t at = (size_t)snprintf(
        text, sizeof text,
        "{\"type\":\"statement\",\"id\":\"S%u\",\"account\":\"B\",\"currency\":\"EUR\"", id);
    for (unsigned i = 0; i < f->count; i++)
        balance += entries[f->entries[i]].cents;
    at += f->interim ? (size_t)snprintf(text + at, sizeof text - at, ",\"interim\":true")
                     : (size_t)snprintf(text + at, sizeof text - at,
                                        ",\"opening\":\"%s\",\"closing\":\"%s\"",
                                        euros(f->opening, opens), euros(balance, closes));
    at += (size_t)snprintf(text + at, sizeof text - at, ",\"lines\":[");
    bool first = true;
    for (unsigned i = 0; i < f->count; i++) {
        const struct entry *e = &entries[f->entries[i]];
        for (unsigned part = 0; part < (f->in_parts && e->parts ? e->parts : 1); part++) {
            text[at] = ',';
            at += !first;
            first = false;
            at += line_put(text + at, sizeof text - at, f, f->entries[i], part);
        }
    }
    snprintf(text + at, sizeof text - at, "]}");
    fl_book_send(book, "%s", text);
    const char *result = fl_book_field(book, "result");
    cr_assert(strcmp(result, "accepted") == 0 || strcmp(result, "duplicate") == 0, "%s\n%s", text,
              fl_book_answer(book));
}

static int at_the_bank(void)
{
    return (int)fl_book_account(book, FL_ACCOUNT_BANK_FIRST, "EUR", 0);
}

Test(line_told, u1_u2_u5_the_account_comes_to_the_closing_balance_in_any_order)
{
    struct fl_random all = fl_random_start("line_told");
    for (unsigned round = 0; round < 400; round++) {
        struct fl_random dice = fl_random_branch(&all);
        book = fl_book_open(NULL);
        fl_book_checks(book, round % 40 == 0);
        fl_book_must(
            book,
            "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\",\"opening\":\"100.00\"}");
        file_count = 0;
        entries_make(&dice);
        statements_make(&dice);
        reports_make(&dice);
        files_shuffle(&dice);
        for (unsigned i = 0; i < file_count; i++)
            file_send(&files[i], sent++);
        cr_assert_eq(at_the_bank(), closing, "round %u: %d instead of %d", round, at_the_bank(),
                     closing);
        uint64_t digest = fl_book_digest(book);
        for (unsigned i = 0; i < file_count; i++)
            file_send(&files[i], sent++);
        cr_assert_eq(fl_book_digest(book), digest, "round %u: sent again", round);
        fl_book_close(book);
    }
}

/* A report and a statement of 900 entries of one day and amount: each has its own. */
Test(line_told, u3_references_tell_equal_amounts_apart)
{
    static char text[1 << 21];
    book = fl_book_open(NULL);
    fl_book_checks(book, false);
    for (unsigned interim = 0; interim < 2; interim++) {
        size_t at = (size_t)snprintf(text, sizeof text,
                                     "{\"type\":\"statement\",\"id\":\"S%u\",\"account\":\"B\","
                                     "\"currency\":\"EUR\"%s,\"lines\":[",
                                     interim, interim ? "" : ",\"interim\":true");
        for (unsigned i = 0; i < 900; i++) {
            unsigned n = interim ? 899 - i : i;
            at += (size_t)snprintf(
                text + at, sizeof text - at,
                "%s{\"amount\":\"1.00\",\"booking_date\":\"2025-06-01\",\"bank_ref\":\"%s%u\"}",
                i ? "," : "", interim ? "ref " : "REF-", n);
        }
        snprintf(text + at, sizeof text - at, "]}");
        fl_book_must(book, "%s", text);
    }
    cr_expect_str_eq(fl_book_field(book, "new"), "0");
    cr_expect_str_eq(fl_book_field(book, "told"), "900");
    const struct fl_store *store = fl_book_store(book);
    for (uint32_t row = 0; row < 900; row++)
        cr_assert_eq(fl_statement_line_live(store, 900 + row)->target, 899 - row);
    fl_book_close(book);
}
