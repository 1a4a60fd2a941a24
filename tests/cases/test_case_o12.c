/* O12: a cent too little, a cent too much; the tolerance is per currency, inclusive, and what it
 * closes is booked. */
#include <criterion/criterion.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"

static const struct {
    const char *id, *currency, *amount, *received;
    int64_t open_minor, difference_minor; /* difference: booked, debit plus */
    uint8_t points;
} cases[] = {
    {"INV-830", "EUR", "73.30", "73.29", 0, 1, 85},
    {"INV-831", "EUR", "73.29", "73.30", 0, -1, 85},
    {"INV-832", "EUR", "73.30", "73.25", 0, 5, 85},
    {"INV-833", "EUR", "73.30", "73.24", 6, 0, 70},
    {"INV-834", "KWD", "21.250", "21.200", 50, 0, 70},
    {"INV-835", "KWD", "21.250", "21.245", 0, 5, 85},
    {"INV-836", "KWD", "21.250", "21.255", 0, -5, 85},
    {"INV-837", "JPY", "1000", "999", 1, 0, 70},
};

Test(case_o12, a_small_difference_is_closed_and_booked_and_a_larger_one_stays)
{
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fl_test_book *book =
            fl_book_open("\"tolerances\":{\"EUR\":\"0.05\",\"KWD\":\"0.005\"}");
        fl_book_must(book,
                     "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"%s\",\"to\":\"EUR\","
                     "\"rate\":\"1\"}",
                     cases[i].currency[0] == 'E' ? "USD" : cases[i].currency);
        fl_book_must(book,
                     "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"%s\","
                     "\"credit_limit\":null}",
                     cases[i].currency);
        fl_book_must(book,
                     "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"C\",\"date\":\"2025-06-"
                     "01\",\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                     cases[i].id, cases[i].amount);
        fl_book_must(book,
                     "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"%s\","
                     "\"lines\":[{\"amount\":\"%s\",\"bank_ref\":\"L\",\"booking_date\":\"2025-06-"
                     "05\",\"references\":[\"%s\"]}]}",
                     cases[i].currency, cases[i].received, cases[i].id);
        cr_expect_eq(fl_book_open_of(book, cases[i].id), cases[i].open_minor, "%s", cases[i].id);
        cr_expect_str_eq(fl_book_invoice_state(book, cases[i].id),
                         cases[i].open_minor ? "partial" : "paid");
        cr_expect_eq(fl_book_account(book, FL_ACCOUNT_SMALL_DIFFERENCES, cases[i].currency, 0),
                     cases[i].difference_minor, "%s", cases[i].id);
        cr_expect_eq(fl_book_account(book, FL_ACCOUNT_INVOICES, cases[i].currency, 0),
                     cases[i].open_minor, "%s", cases[i].id);
        cr_expect_eq(fl_book_account(book, FL_ACCOUNT_UNAPPLIED, cases[i].currency, 0), 0, "%s",
                     cases[i].id);
        cr_expect_eq(fl_book_account(book, FL_ACCOUNT_FX, cases[i].currency, 0), 0, "%s",
                     cases[i].id);
        cr_expect_eq(fl_movement_cold(fl_book_store(book),
                                      fl_book_row(book, FL_KIND_OF_APPLICATION, "B/L/1"))
                         ->points,
                     cases[i].points, "%s", cases[i].id);
        fl_book_close(book);
    }
}
