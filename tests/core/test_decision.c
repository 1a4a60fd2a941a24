/* Who decided a match, and what a machine may not change of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/domain/decision.h"
#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
                       "\"credit_limit\":null}");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"amount\":{\"net\":\"100\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"60\",\"currency\":\"EUR\","
                       "\"customer\":\"C\",\"date\":\"2025-06-02\"}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(decision, .init = setup, .fini = teardown);

Test(decision, florin_is_the_machine_and_every_other_name_a_person)
{
    static const struct {
        const char *by;
        bool machine;
    } names[] = {{"florin", true},   {"Florin", true},   {"florin match", true},
                 {"florin/5", true}, {"florina", false}, {"florin2", false},
                 {"flori", false},   {"ann", false},     {"florin\xc3\xa9", false},
                 {" florin", false}};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_expect_eq(fl_decision_by_machine(names[i].by, strlen(names[i].by)), names[i].machine,
                     "%s", names[i].by);
}

Test(decision, what_a_person_took_back_no_machine_makes_again_by_whatever_rule)
{
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"match\":{"
                       "\"rule\":5,\"points\":85}}");
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R/1\"}");
    for (int rule = 1; rule <= 10; rule++)
        fl_book_refuses(book, "wrong_state",
                        "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":"
                        "\"1\",\"match\":{\"rule\":%d,\"points\":155}}",
                        rule);
    fl_book_refuses(
        book, "wrong_state",
        "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"by\":\"florin\"}");
    cr_assert_str_eq(fl_book_field(book, "state"), "undone_by_a_person");
    cr_assert_eq(fl_book_open_of(book, "I"), 10000);
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"J\",\"customer\":\"C\",\"date\":\"2025-06-"
                       "01\",\"amount\":{\"net\":\"5\",\"tax\":\"0\"}}");
    fl_book_must(
        book,
        "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"J\",\"by\":\"florin\"}"); /* another
                                                                                                pair
                                                                                              */
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"by\":"
                       "\"ann\",\"amount\":\"10\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 9000);
    fl_book_refuses(
        book, "wrong_state",
        "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"by\":\"florin\"}");
}

Test(decision, what_a_machine_took_back_it_may_make_again)
{
    fl_book_must(
        book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"by\":\"florin\"}");
    fl_book_must(book,
                 "{\"type\":\"application_reverse\",\"application\":\"R/1\",\"by\":\"florin\"}");
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"match\":{"
                       "\"rule\":4,\"points\":70}}");
    cr_assert_eq(fl_book_open_of(book, "I"), 4000);
}

Test(decision, what_a_person_matched_no_machine_takes_back)
{
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"application_reverse\",\"application\":\"R/1\",\"by\":\"florin\"}");
    cr_assert_str_eq(fl_book_field(book, "state"), "decided_by_a_person");
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"R/1\",\"by\":\"bob\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 10000);
}

Test(decision, parked_money_is_applied_by_a_person_only)
{
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"park\":true}");
    cr_assert_str_eq(fl_book_receipt_state(book, "R"), "on_account");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"match\":{"
                    "\"rule\":4,\"points\":120}}");
    fl_book_must(
        book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":\"20\"}");
    cr_assert_str_eq(fl_book_receipt_state(book, "R"), "on_account");
    cr_assert_eq(fl_book_receipt_open(book, "R"), 4000);
}

Test(decision, a_credit_note_s_pair_is_a_pair_too)
{
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"customer\":\"C\",\"date\":\"2025-"
                       "06-02\",\"amount\":{\"net\":\"30\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"application\",\"credit_note\":\"N\",\"invoice\":\"I\","
                       "\"match\":{\"rule\":7,\"points\":70}}");
    fl_book_must(book, "{\"type\":\"application_reverse\",\"application\":\"N/1\",\"by\":\"ann\"}");
    fl_book_refuses(book, "wrong_state",
                    "{\"type\":\"application\",\"credit_note\":\"N\",\"invoice\":\"I\",\"match\":{"
                    "\"rule\":7,\"points\":70}}");
    fl_book_must(
        book, "{\"type\":\"application\",\"credit_note\":\"N\",\"invoice\":\"I\",\"by\":\"ann\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 7000);
}

/* Y4: D4.1 frees and applies the rest again; who had matched it stays. */
Test(decision, what_the_bank_takes_back_is_no_decision)
{
    fl_book_must(book, "{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"match\":{"
                       "\"rule\":5,\"points\":85}}");
    fl_book_must(book, "{\"type\":\"receipt_reverse\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":"
                       "\"25\",\"date\":\"2025-06-10\"}");
    cr_assert_eq(fl_book_open_of(book, "I"), 6500);
    const struct fl_store *store = fl_book_store(book);
    uint32_t again = fl_book_row(book, FL_KIND_OF_APPLICATION, "R/2");
    cr_assert_eq(fl_movement_cold(store, again)->rule, 5);
    cr_assert_eq(fl_movement_cold(store, again)->points, 85);
    cr_assert_eq(fl_movement_row(store, again)->amount_minor, 3500);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"65\",\"currency\":\"EUR\","
                       "\"references\":[\"I\"],\"date\":\"2025-06-11\"}");
    cr_assert_str_eq(fl_book_invoice_state(book, "I"), "paid");
}

Test(decision, the_core_keeps_the_rule_and_points_of_what_it_settles)
{
    static const struct {
        const char *id, *reference, *amount, *customer;
        uint8_t rule, points;
    } cases[] = {
        {"RE-1", "", "50", "", 4, 60 + 30},
        {"RE-2", "", "40", "", 4, 60 + 10},                         /* a part */
        {"RE-3", "", "50", ",\"customer\":\"C\"", 4, 60 + 30 + 30}, /* the payer is known */
        {"1234567", "", "50", "", 4, 55 + 30},
        {"12345", "", "50", "", 4, 45 + 30},
        {"1234", "", "50", "", 4, 35 + 30},
        {"47", "", "50", "", 4, 20 + 30},
        {"RE-4", "RF18 5390 0754 7034", "50", "", 2, 70 + 30}, /* ISO 11649 holds */
        {"RE-5", "RF19 5390 0754 7034", "50", "", 4,
         60 + 30}, /* it does not: a reference in full */
        {"RE-6", "+++090/9337/55493+++", "50", "", 2, 70 + 30},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *named = cases[i].reference[0] ? cases[i].reference : cases[i].id;
        fl_book_must(book,
                     "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"C\",\"date\":\"2025-06-"
                     "01\",\"amount\":{\"net\":\"50\",\"tax\":\"0\"}%s%s%s}",
                     cases[i].id, cases[i].reference[0] ? ",\"reference\":\"" : "",
                     cases[i].reference, cases[i].reference[0] ? "\"" : "");
        fl_book_must(book,
                     "{\"type\":\"receipt\",\"id\":\"P%u\",\"amount\":\"%s\",\"currency\":\"EUR\","
                     "\"references\":[\"%s\"]%s}",
                     i, cases[i].amount, named, cases[i].customer);
        char application[16];
        snprintf(application, sizeof application, "P%u/1", i);
        const struct fl_movement_cold *cold = fl_movement_cold(
            fl_book_store(book), fl_book_row(book, FL_KIND_OF_APPLICATION, application));
        cr_expect_eq(cold->rule, cases[i].rule, "%s: rule %u", named, cold->rule);
        cr_expect_eq(cold->points, cases[i].points, "%s: %u points", named, cold->points);
    }
}

Test(decision, an_own_credit_note_s_application_has_a_number_too)
{
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"N\",\"invoice\":\"I\",\"date\":\"2025-"
                       "06-02\",\"amount\":\"30\"}");
    uint32_t row = fl_book_row(book, FL_KIND_OF_APPLICATION, "N/1");
    cr_assert_eq(fl_movement_row(fl_book_store(book), row)->amount_minor, 3000);
}
