/* Bank accounts that paid for a customer: learned, forgotten, and what they tell. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/domain/payer_account.h"
#include "tests/support/book.h"

static struct fl_test_book *book;
static unsigned made;

static void setup(void)
{
    book = fl_book_open(NULL);
    made = 0;
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"D\",\"name\":\"D\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    for (unsigned i = 1; i <= 4; i++) {
        fl_book_must(book,
                     "{\"type\":\"invoice\",\"id\":\"C-%u\",\"customer\":\"C\",\"date\":\"2025-06-"
                     "01\",\"amount\":{\"net\":\"100\",\"tax\":\"0\"}}",
                     i);
        fl_book_must(book,
                     "{\"type\":\"invoice\",\"id\":\"D-%u\",\"customer\":\"D\",\"date\":\"2025-06-"
                     "01\",\"amount\":{\"net\":\"100\",\"tax\":\"0\"}}",
                     i);
    }
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(payer_account, .init = setup, .fini = teardown);

/* A receipt of 10 from the account; its id. */
static const char *pay(const char *account, const char *more)
{
    static char id[16];
    snprintf(id, sizeof id, "R%u", made++);
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"%s\",\"amount\":\"10\",\"currency\":\"EUR\","
                 "\"payer\":{\"account\":\"%s\"}%s}",
                 id, account, more);
    return id;
}

static const char *customer_of(const char *receipt)
{
    uint32_t row =
        fl_receipt_money(fl_book_store(book), fl_book_row(book, FL_KIND_OF_RECEIPT, receipt))
            ->customer;
    static char id[32];
    if (row == FL_NO_ROW)
        return "";
    size_t length;
    const char *text =
        fl_id_get(fl_book_store(book), &fl_customer_card(fl_book_store(book), row)->id, &length);
    snprintf(id, sizeof id, "%.*s", (int)length, text);
    return id;
}

Test(payer_account, is_learned_when_a_person_applied_its_money_once)
{
    const char *first = pay("DE02 1203 0000 0000 2020 51", "");
    cr_assert_str_eq(customer_of(first), "");
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"C-1\"}", first);
    cr_assert_str_eq(customer_of(pay("de02120300000000202051", "")), "C");
    cr_assert_str_eq(customer_of(pay("DE02120300000000202052", "")), "");
}

Test(payer_account, is_not_learned_from_a_machine_s_match)
{
    const char *first = pay("A1", "");
    fl_book_must(book,
                 "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"C-1\",\"match\":{"
                 "\"rule\":8,\"points\":71}}",
                 first);
    cr_assert_str_eq(customer_of(pay("A1", "")), "");
}

Test(payer_account, is_learned_when_a_person_said_whose_the_receipt_is)
{
    const char *first = pay("A1", "");
    fl_book_must(book, "{\"type\":\"receipt_assign\",\"receipt\":\"%s\",\"customer\":\"D\"}",
                 first);
    cr_assert_str_eq(customer_of(pay("A1", "")), "D");
}

Test(payer_account, is_learned_by_the_second_reference_with_check_digits)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"E\",\"customer\":\"C\",\"date\":\"2025-06-01\","
                 "\"reference\":\"RF18539007547034\",\"amount\":{\"net\":\"100\",\"tax\":\"0\"}}");
    pay("A1", ",\"references\":[\"RF18 5390 0754 7034\"]");
    cr_assert_str_eq(customer_of(pay("A1", "")), "");
    pay("A1", ",\"references\":[\"RF18 5390 0754 7034\"]");
    cr_assert_eq(fl_book_open_of(book, "E"), 8000);
    cr_assert_str_eq(customer_of(pay("A1", "")), "C");
}

Test(payer_account, is_not_learned_from_numbers)
{
    for (int i = 0; i < 3; i++)
        pay("A1", ",\"references\":[\"C-1\"]");
    cr_assert_str_eq(customer_of(pay("A1", "")), "");
}

Test(payer_account, a_confirmation_taken_back_counts_no_more)
{
    const char *first = pay("A1", "");
    fl_book_must(book,
                 "{\"type\":\"application\",\"id\":\"X\",\"receipt\":\"%s\",\"invoice\":\"C-1\"}",
                 first);
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"X\"}");
    cr_assert_str_eq(customer_of(pay("A1", "")), "");
}

Test(payer_account, of_two_customers_says_nothing)
{
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"C-1\"}",
                 pay("A1", ""));
    cr_assert_str_eq(customer_of(pay("A1", "")), "C");
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"D-1\"}",
                 pay("A1", ""));
    cr_assert_str_eq(customer_of(pay("A1", "")), "");
}

Test(payer_account, gives_way_to_what_the_text_names)
{
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"%s\",\"invoice\":\"C-1\"}",
                 pay("A1", ""));
    cr_assert_str_eq(customer_of(pay("A1", ",\"references\":[\"D-1\"]")), "D");
    cr_assert_str_eq(customer_of(pay("A1", ",\"customer\":\"D\"")), "D");
}

Test(payer_account, that_a_customer_declares_is_its_own_until_it_does_no_more)
{
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null,\"bank_accounts\":[\"DE 1\",\"DE 2\"]}");
    cr_assert_str_eq(customer_of(pay("de1", "")), "C");
    cr_assert_str_eq(customer_of(pay("de-2", "")), "C");
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null,\"bank_accounts\":[\"DE 2\"]}");
    cr_assert_str_eq(customer_of(pay("de1", "")), "");
    cr_assert_str_eq(customer_of(pay("de2", "")), "C");
}

Test(payer_account, identifies_a_bank_line_and_raises_its_points)
{
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null,\"bank_accounts\":[\"DE1\"]}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"47\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"amount\":{\"net\":\"12\",\"tax\":\"0\"}}");
    fl_book_must(
        book,
        "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":\"EUR\",\"lines\":[{"
        "\"amount\":\"7\",\"bank_ref\":\"L1\",\"payer\":{\"account\":\"DE1\"}},{\"amount\":\"12\","
        "\"bank_ref\":\"L2\",\"payer\":{\"account\":\"DE1\"},\"references\":[\"47\"]}]}");
    cr_assert_str_eq(customer_of("B/L1"), "C");
    cr_assert_str_eq(fl_book_receipt_state(book, "B/L1"), "unapplied");
    cr_assert_eq(fl_book_open_of(book, "47"),
                 0); /* 20 + 30 + 30: a number of two digits needs the payer */
    uint32_t row = fl_book_row(book, FL_KIND_OF_APPLICATION, "B/L2/1");
    cr_assert_eq(fl_movement_cold(fl_book_store(book), row)->points, 80);
}

Test(payer_account, a_short_bare_number_settles_nothing_without_its_payer)
{
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"47\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"amount\":{\"net\":\"12\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"statement\",\"id\":\"S\",\"account\":\"B\",\"currency\":"
                       "\"EUR\",\"lines\":[{\"amount\":\"12\",\"bank_ref\":\"L2\",\"payer\":{"
                       "\"account\":\"DE1\"},\"references\":[\"47\"]}]}");
    cr_assert_eq(fl_book_open_of(book, "47"), 1200);
}

Test(payer_account, is_equal_in_letters_and_digits)
{
    char normal[FL_PAYER_ACCOUNT_BYTES_MAX];
    size_t n = fl_payer_account_normal(" de 12-34/ab ", 13, normal);
    cr_assert_eq(n, 8);
    cr_assert_eq(memcmp(normal, "DE1234AB", 8), 0);
    cr_assert_eq(fl_payer_account_hash("de 1", 4), fl_payer_account_hash("DE1", 3));
    cr_assert_neq(fl_payer_account_hash("DE1", 3), fl_payer_account_hash("DE2", 3));
    cr_assert_eq(fl_payer_account_hash(" -", 2), 0);
}
