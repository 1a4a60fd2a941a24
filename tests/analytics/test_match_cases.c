/* O09 to O13 by the matcher, with the points that the rulings give ("Points on the open cases"). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/match_book.h"

static struct fl_test_book *book;
static struct fl_match_book m;

static void setup(void)
{
    book = fl_book_open(
        "\"base_currency\":\"EUR\",\"tolerances\":{\"EUR\":\"0.05\",\"KWD\":\"0.005\"}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(match_cases, .init = setup, .fini = teardown);

static void customer(const char *id, const char *currency)
{
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"%s\",\"name\":\"%s Ltd\",\"currency\":\"%s\","
                 "\"credit_limit\":null,\"bank_accounts\":[\"ACCOUNT-%s\"]}",
                 id, id, currency, id);
}

static void invoice(const char *id, const char *who, const char *total, const char *reference,
                    const char *due)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"%s\",\"date\":\"2025-02-01\","
                 "\"due_date\":\"%s\",\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}%s%s%s}",
                 id, who, due ? due : "2025-03-01", total, reference ? ",\"reference\":\"" : "",
                 reference ? reference : "", reference ? "\"" : "");
}

static void receipt(const char *id, const char *amount, const char *currency, const char *payer,
                    const char *text)
{
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"%s\",\"amount\":\"%s\",\"currency\":\"%s\","
                 "\"date\":\"2025-03-03\"%s%s%s%s%s%s}",
                 id, amount, currency, payer ? ",\"payer\":{\"account\":\"" : "",
                 payer ? payer : "", payer ? "\"}" : "", text ? ",\"text\":\"" : "",
                 text ? text : "", text ? "\"" : "");
}

/* Of that day, from an account. */
static void paid(const char *id, const char *day, const char *amount, const char *payer,
                 const char *text)
{
    fl_book_must(book,
                 "{\"type\":\"receipt\",\"id\":\"%s\",\"amount\":\"%s\",\"currency\":\"EUR\","
                 "\"date\":\"%s\",\"payer\":{\"account\":\"%s\"},\"text\":\"%s\"}",
                 id, amount, day, payer, text);
}

static void outcome(const char *id, const char *wanted)
{
    cr_assert_str_eq(fl_match_book_outcome(&m, id), wanted, "%s: %s", id,
                     fl_match_book_outcome(&m, id));
}

static void expect(const char *id, unsigned verdict, const char *set)
{
    struct fl_match_choice choice;
    fl_match_book_choose(&m, id, &choice);
    cr_assert_gt(choice.count, 0, "%s has no candidate", id);
    cr_assert_str_eq(fl_match_book_set(&m, &choice.sets[0]), set, "%s: %s", id,
                     fl_match_book_set(&m, &choice.sets[0]));
    cr_assert_eq(choice.verdict, verdict, "%s: verdict %u", id, choice.verdict);
}

Test(match_cases, o09_a_number_with_fewer_or_more_zeros_or_blanks)
{
    customer("Alder", "EUR");
    customer("Beech", "EUR");
    customer("Cedar", "EUR");
    invoice("INV-00047", "Alder", "120.00", NULL, NULL);
    invoice("INV-00470", "Beech", "120.00", NULL, NULL);
    invoice("2024-0317", "Cedar", "88.00", "202403176", NULL);
    receipt("T1", "120.00", "EUR", NULL, "payment INV-0047 thanks");
    receipt("T2", "120.00", "EUR", NULL, "inv 47");
    receipt("T3", "120.00", "EUR", NULL, "INV 00 470");
    receipt("T4", "120.00", "EUR", NULL, "INV-000047");
    receipt("T5", "88.00", "EUR", NULL, "2024 0317 6");
    receipt("T6", "88.00", "EUR", NULL, "202403716");
    fl_match_book_open(&m, book, 1);
    expect("T1", FL_MATCH_SETTLES, "INV-00047 (rule 4, 90)");
    expect("T2", FL_MATCH_SETTLES, "INV-00047 (rule 4, 90)");
    expect("T3", FL_MATCH_SETTLES, "INV-00470 (rule 4, 90)");
    expect("T4", FL_MATCH_SETTLES, "INV-00047 (rule 4, 90)");
    expect("T5", FL_MATCH_SETTLES, "2024-0317 (rule 2, 100)");
    struct fl_match_choice choice;
    fl_match_book_choose(&m, "T6", &choice);
    cr_assert_str_eq(fl_match_book_set(&m, &choice.sets[0]), "2024-0317 (rule 5, 30)");
    cr_assert_eq(choice.verdict, FL_MATCH_PROPOSES);
    cr_assert_eq(choice.shortage, FL_MATCH_SHORT_CONTRADICTION);
    fl_match_book_close(&m);
}

Test(match_cases, o10_two_of_one_amount)
{
    struct fl_match_choice choice;
    customer("Larch", "EUR");
    customer("Elm", "EUR");
    customer("Oak", "EUR");
    invoice("INV-2001", "Larch", "250.00", NULL, "2025-03-01");
    invoice("INV-2002", "Larch", "250.00", NULL, "2025-03-15");
    invoice("E-1", "Elm", "99.00", NULL, NULL);
    invoice("O-1", "Oak", "99.00", NULL, NULL);
    receipt("T1", "250.00", "EUR", "ACCOUNT-Larch", "INV-2002");
    receipt("T2", "99.00", "EUR", NULL, NULL);
    receipt("T3", "250.00", "EUR", "ACCOUNT-Larch", "order 900619");
    fl_match_book_open(&m, book, 1);
    expect("T1", FL_MATCH_SETTLES, "INV-2002 (rule 4, 120)");
    fl_match_book_choose(&m, "T1", &choice);
    cr_assert_eq(choice.sets[1].points, 60);
    expect("T2", FL_MATCH_PROPOSES, "E-1 (rule 5, 30)");
    fl_match_book_choose(&m, "T2", &choice);
    cr_assert_eq(choice.count, 2);
    cr_assert_eq(choice.sets[1].points, 30);
    fl_match_book_run(&m);
    cr_assert_str_eq(fl_match_book_outcome(&m, "T1"), "INV-2002 250.00, rule 4, 120");
    cr_assert_str_eq(fl_match_book_outcome(&m, "T2"), "proposed");
    cr_assert_str_eq(fl_match_book_outcome(&m, "T3"), "proposed");
    const struct fl_match_decision *t3 = &m.batch.decisions[fl_match_book_line(&m, "T3")];
    cr_assert_eq(t3->points, 60);
    cr_assert_eq(t3->shortage, FL_MATCH_SHORT_CONTRADICTION);
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    cr_assert_eq(fl_book_open_of(book, "INV-2001"), 25000);
    cr_assert_eq(fl_book_open_of(book, "INV-2002"), 0);
}

Test(match_cases, o11_parts_of_an_invoice_never_settle_more_than_it_owes)
{
    customer("Maple", "EUR");
    invoice("INV-820", "Maple", "90.00", NULL, NULL);
    invoice("INV-821", "Maple", "2700.00", NULL, NULL);
    receipt("P1", "30.00", "EUR", NULL, "INV-820");
    fl_match_book_open(&m, book, 1);
    expect("P1", FL_MATCH_SETTLES, "INV-820 (rule 4, 70)");
    fl_match_book_run(&m);
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    receipt("P2", "45.00", "EUR", NULL, "INV-820");
    receipt("P3", "25.00", "EUR", NULL, "INV-820");
    receipt("P4", "500.00", "EUR", NULL, "INV-821");
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    /* P2 and P3 do not both fit: one of them, by identity, is cut; together they close it. */
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    cr_assert_eq(fl_book_open_of(book, "INV-820"), 0);
    cr_assert_eq(fl_book_receipt_open(book, "P2") + fl_book_receipt_open(book, "P3"), 1000);
    cr_assert_eq(fl_book_open_of(book, "INV-821"), 220000);
}

Test(match_cases, o12_a_cent_too_little_or_too_much)
{
    customer("Pine", "EUR");
    customer("Palm", "KWD");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"KWD\",\"to\":"
                       "\"EUR\",\"rate\":\"3\"}");
    invoice("INV-830", "Pine", "73.30", NULL, NULL);
    invoice("INV-831", "Pine", "73.29", NULL, NULL);
    invoice("INV-832", "Pine", "73.30", NULL, NULL);
    invoice("INV-833", "Pine", "73.30", NULL, NULL);
    invoice("INV-834", "Palm", "21.250", NULL, NULL);
    receipt("A", "73.29", "EUR", NULL, "INV-830");
    receipt("B", "73.30", "EUR", NULL, "INV-831");
    receipt("C", "73.25", "EUR", NULL, "INV-832");
    receipt("D", "73.24", "EUR", NULL, "INV-833");
    receipt("E", "21.200", "KWD", NULL, "INV-834");
    fl_match_book_open(&m, book, 1);
    expect("A", FL_MATCH_SETTLES, "INV-830 (rule 4, 85)");
    expect("B", FL_MATCH_SETTLES, "INV-831 (rule 4, 85)");
    expect("C", FL_MATCH_SETTLES, "INV-832 (rule 4, 85)");
    expect("D", FL_MATCH_SETTLES, "INV-833 (rule 4, 70)");
    expect("E", FL_MATCH_SETTLES, "INV-834 (rule 4, 70)");
    fl_match_book_run(&m);
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    cr_assert_eq(fl_book_open_of(book, "INV-830"), 0);
    cr_assert_eq(fl_book_open_of(book, "INV-831"), 0);
    cr_assert_eq(fl_book_open_of(book, "INV-832"), 0);
    cr_assert_eq(fl_book_open_of(book, "INV-833"), 6);
    cr_assert_eq(fl_book_open_of(book, "INV-834"), 50);
    cr_assert_eq(fl_book_receipt_open(book, "B"), 0, "the cent is a gain, not a credit");
}

Test(match_cases, o13_what_is_too_much_stays_the_customers)
{
    customer("Yew", "EUR");
    invoice("INV-840", "Yew", "64.00", NULL, NULL);
    receipt("A", "71.25", "EUR", NULL, "INV-840");
    fl_match_book_open(&m, book, 1);
    expect("A", FL_MATCH_SETTLES, "INV-840 (rule 4, 70)");
    fl_match_book_run(&m);
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    cr_assert_eq(fl_book_open_of(book, "INV-840"), 0);
    cr_assert_eq(fl_book_receipt_open(book, "A"), 725);
    cr_assert_eq(fl_book_balance(book, "Yew"), -725);
}

Test(match_cases, a_list_that_was_cut_and_a_range_stand_for_all_only_by_the_amount)
{
    customer("Rowan", "EUR");
    invoice("INV-024330", "Rowan", "1180.27", NULL, NULL);
    invoice("INV-024331", "Rowan", "2002.33", NULL, NULL);
    invoice("INV-024332", "Rowan", "73.78", NULL, NULL);
    invoice("INV-024333", "Rowan", "2074.81", NULL, NULL);
    receipt("RANGE", "5331.19", "EUR", "ACCOUNT-Rowan", "Invoices INV-024330 - 024333");
    receipt("BEYOND", "5331.20", "EUR", "ACCOUNT-Rowan", "Invoices INV-024330 - 024333");
    receipt("CUT", "3256.38", "EUR", "ACCOUNT-Rowan", "INV-024330, INV-024331,");
    receipt("ODD", "3200.00", "EUR", "ACCOUNT-Rowan", "INV-024330, INV-024331,");
    fl_match_book_open(&m, book, 1);
    struct fl_match_choice choice;
    fl_match_book_choose(&m, "RANGE", &choice);
    cr_assert_eq(choice.verdict, FL_MATCH_SETTLES);
    cr_assert_eq(choice.sets[0].count, 4);
    fl_match_book_choose(&m, "BEYOND", &choice);
    cr_assert_eq(choice.verdict, FL_MATCH_PROPOSES,
                 "not to the cent: its two ends alone are as near");
    fl_match_book_choose(&m, "CUT", &choice);
    cr_assert_eq(choice.verdict, FL_MATCH_SETTLES);
    cr_assert_eq(choice.sets[0].count, 3);
    fl_match_book_choose(&m, "ODD", &choice);
    cr_assert_eq(choice.verdict, FL_MATCH_PROPOSES, "more than a list owes is a list not whole");
    fl_match_book_close(&m);
}

Test(match_cases, what_is_left_of_a_part_payment_is_a_twin_of_a_damaged_number)
{
    customer("Linden", "EUR");
    customer("Acacia", "EUR");
    invoice("INV-001391", "Linden", "13.95", NULL, NULL);
    invoice("INV-014913", "Linden", "8.79", NULL, NULL);
    invoice("INV-014931", "Acacia", "3342.48", NULL, NULL);
    paid("PART", "2025-03-03", "5.16", "ACCOUNT-Linden", "INV-001391");
    paid("SLIP", "2025-03-10", "8.79", "ACCOUNT-Linden", "INV-014931 Danke");
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    outcome("PART", "INV-001391 5.16, rule 4, 100");
    outcome("SLIP", "proposed");
    fl_match_book_close(&m);
}

Test(match_cases, a_damaged_number_beside_a_twin_by_discount_settles_nothing)
{
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Hazel\",\"name\":\"Hazel Ltd\",\"currency\":"
                 "\"EUR\",\"credit_limit\":null,\"bank_accounts\":[\"ACCOUNT-Hazel\"],"
                 "\"discount\":{\"days\":40,\"percent\":\"2\"}}");
    invoice("INV-551000", "Hazel", "100.00", NULL, NULL);
    invoice("INV-662000", "Hazel", "100.00", NULL, NULL);
    paid("SLIP", "2025-03-03", "98.00", "ACCOUNT-Hazel", "INV-551009");
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    outcome("SLIP", "proposed");
    fl_match_book_close(&m);
}

static void dated(const char *id, const char *who, const char *total, const char *date,
                  const char *due)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"%s\",\"date\":\"%s\","
                 "\"due_date\":\"%s\",\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                 id, who, date, due, total);
}

static const struct fl_match_decision *decision(const char *id)
{
    return &m.batch.decisions[fl_match_book_line(&m, id)];
}

Test(match_cases, one_document_of_exactly_the_amount_is_found_among_any_number)
{
    char id[16], total[16];
    customer("Poplar", "EUR");
    for (unsigned i = 0; i < 90; i++) {
        snprintf(id, sizeof id, "INV-%u", 5000 + i * 13);
        snprintf(total, sizeof total, "%u.%02u", 100 + i * 7, i);
        invoice(id, "Poplar", total, NULL, NULL);
    }
    invoice("INV-9001", "Poplar", "77.77", NULL, NULL);
    invoice("INV-9101", "Poplar", "88.88", NULL, NULL);
    invoice("INV-9201", "Poplar", "88.88", NULL, NULL);
    paid("ONE", "2025-03-03", "77.77", "ACCOUNT-Poplar", "thank you");
    paid("TWINS", "2025-03-03", "88.88", "ACCOUNT-Poplar", "thank you");
    paid("NONE", "2025-03-03", "207.03", "ACCOUNT-Poplar", "thank you"); /* 100.00 + 107.01 + .02 */
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    outcome("ONE", "INV-9001 77.77, rule 5, 75");
    outcome("TWINS", "proposed");
    outcome("NONE", "open");
    fl_match_book_close(&m);
}

Test(match_cases, a_statement_a_term_or_all_that_is_due_is_paid_as_one)
{
    customer("Spruce", "EUR");
    dated("INV-1", "Spruce", "101.10", "2025-01-10", "2025-02-09");
    dated("INV-2", "Spruce", "202.30", "2025-01-20", "2025-02-19");
    dated("INV-3", "Spruce", "307.70", "2025-02-03", "2025-03-05");
    dated("INV-4", "Spruce", "411.90", "2025-02-24", "2025-03-26");
    dated("INV-5", "Spruce", "523.00", "2025-02-27", "2025-03-26");
    paid("JANUARY", "2025-02-02", "303.40", "ACCOUNT-Spruce", "statement of January");
    paid("TERM", "2025-03-20", "934.90", "ACCOUNT-Spruce", "");
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    cr_assert_eq(decision("JANUARY")->turn > 0, true, "%s", fl_match_book_outcome(&m, "JANUARY"));
    outcome("JANUARY", "INV-1 101.10, INV-2 202.30, rule 7, 75");
    outcome("TERM", "INV-4 411.90, INV-5 523.00, rule 7, 75");
    fl_match_book_close(&m);
}

Test(match_cases, all_that_is_open_may_be_more_than_sums_look_at)
{
    char id[16];
    customer("Alder", "EUR");
    for (unsigned i = 0; i < 9; i++) {
        snprintf(id, sizeof id, "INV-%u", 100 + i * 11);
        dated(id, "Alder", i % 2 ? "40.10" : "25.35", "2025-01-10",
              i < 7 ? "2025-02-01" : "2025-04-01");
    }
    paid("PAST", "2025-03-03", "221.70", "ACCOUNT-Alder", "thank you"); /* 4 x 25.35 + 3 x 40.10 */
    fl_match_book_open(&m, book, 1);
    struct fl_match_choice choice;
    fl_match_book_choose(&m, "PAST", &choice);
    cr_assert_eq(choice.sets[0].count, 7);
    cr_assert_eq(choice.sets[0].rule, 7);
    cr_assert_eq(choice.verdict, FL_MATCH_SETTLES);
    fl_match_book_close(&m);
}

Test(match_cases, a_slip_of_the_pen_does_not_hide_what_another_customer_owes)
{
    struct fl_match_choice choice;
    customer("Fir", "EUR");
    customer("Yew", "EUR");
    invoice("INV-100234", "Fir", "70.00", NULL, NULL);
    invoice("INV-100235", "Yew", "80.00", NULL, NULL);
    invoice("INV-7001", "Fir", "11.00", NULL, NULL);
    invoice("INV-300500", "Fir", "33.00", NULL, NULL);
    paid("OTHERS", "2025-03-03", "70.00", "ACCOUNT-Fir", "INV-100235");
    paid("SHORT", "2025-03-03", "11.00", "ACCOUNT-Fir", "INV-7002");
    paid("SLIP", "2025-03-03", "33.00", "ACCOUNT-Fir", "INV-300501");
    paid("FOR", "2025-03-03", "80.00", "ACCOUNT-Fir", "INV-100235");
    fl_match_book_open(&m, book, 1);
    fl_match_book_choose(&m, "OTHERS", &choice);
    cr_assert_eq(choice.shortage, FL_MATCH_SHORT_CONTRADICTION);
    fl_match_book_choose(&m, "SHORT", &choice);
    cr_assert_eq(choice.shortage, FL_MATCH_SHORT_CONTRADICTION);
    expect("SLIP", FL_MATCH_SETTLES, "INV-300500 (rule 4, 125)");
    expect("FOR", FL_MATCH_SETTLES, "INV-100235 (rule 4, 75)");
    fl_match_book_close(&m);
}

/* A bank's line with an advice; its receipt is BANK/`ref`. */
static void advised(const char *ref, const char *amount, const char *name, const char *references,
                    const char *advice)
{
    fl_book_must(
        book,
        "{\"type\":\"statement\",\"id\":\"S-%s\",\"account\":\"BANK\",\"currency\":\"EUR\","
        "\"match\":false,\"lines\":[{\"amount\":\"%s\",\"booking_date\":\"2025-03-03\","
        "\"bank_ref\":\"%s\",\"payer\":{\"name\":\"%s\"},\"references\":[%s],"
        "\"advice\":[%s]}]}",
        ref, amount, ref, name, references, advice);
}

Test(match_cases, an_advice_that_adds_up_says_how_much_each_document_gets)
{
    customer("Oak", "EUR");
    invoice("INV-2001", "Oak", "150.00", NULL, NULL);
    invoice("INV-2002", "Oak", "200.00", NULL, NULL);
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"CN-9\",\"customer\":\"Oak\",\"date\":"
                       "\"2025-02-05\",\"amount\":{\"net\":\"10.00\",\"tax\":\"0\"}}");
    invoice("INV-2003", "Oak", "70.00", NULL, NULL);
    invoice("INV-2004", "Oak", "80.00", NULL, NULL);
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"BANK\",\"currency\":\"EUR\"}");
    advised("GOOD", "290.00", "OAK LTD", "\"INV-2001\",\"INV-2002\"",
            "{\"document\":\"INV-2001\",\"amount\":\"100.00\"},"
            "{\"document\":\"inv 2002\",\"amount\":\"200.00\"},"
            "{\"document\":\"CN-9\",\"amount\":\"-10.00\"}");
    advised("BAD", "140.00", "OAK LTD", "\"INV-2003\",\"INV-2004\"",
            "{\"document\":\"INV-2003\",\"amount\":\"70.00\"},"
            "{\"document\":\"INV-2004\",\"amount\":\"71.00\"}");
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    outcome("BANK/GOOD", "INV-2001 10.00, CN-9 -10.00, INV-2001 90.00, INV-2002 200.00, "
                         "rule 3, 115");
    outcome("BANK/BAD", "proposed");
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    cr_assert_eq(fl_book_open_of(book, "INV-2001"), 5000);
    cr_assert_eq(fl_book_open_of(book, "INV-2002"), 0);
}

Test(match_cases, an_advice_takes_the_discount_that_was_earned_and_no_other)
{
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"Elm\",\"name\":\"Elm Ltd\",\"currency\":"
                       "\"EUR\",\"credit_limit\":null,"
                       "\"discount\":{\"days\":40,\"percent\":\"2\"}}");
    customer("Ash", "EUR");
    invoice("INV-3001", "Elm", "100.00", NULL, NULL);
    invoice("INV-3002", "Elm", "500.00", NULL, NULL);
    invoice("INV-3101", "Ash", "100.00", NULL, NULL);
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"BANK\",\"currency\":\"EUR\"}");
    advised("PAID", "443.00", "ELM LTD", "\"INV-3001\",\"INV-3002\"",
            "{\"document\":\"INV-3001\",\"amount\":\"98.00\",\"discount\":\"2.00\"},"
            "{\"document\":\"INV-3002\",\"amount\":\"345.00\",\"discount\":\"5.00\"}");
    advised("OWED", "98.00", "ASH LTD", "\"INV-3101\"",
            "{\"document\":\"INV-3101\",\"amount\":\"100.00\",\"discount\":\"2.00\"}");
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    outcome("BANK/PAID", "INV-3001 98.00, INV-3002 345.00, rule 3, 115");
    outcome("BANK/OWED", "INV-3101 98.00, rule 3, 115");
    fl_match_book_apply(&m);
    fl_match_book_close(&m);
    cr_assert_eq(fl_book_open_of(book, "INV-3001"), 0, "98 and the discount");
    cr_assert_eq(fl_book_open_of(book, "INV-3002"), 15500, "a part takes no discount");
    cr_assert_eq(fl_book_open_of(book, "INV-3101"), 200, "no discount was agreed");
}

Test(match_cases, a_damaged_number_is_read_among_any_number_of_documents)
{
    char id[16], total[16];
    customer("Birch", "EUR");
    for (unsigned i = 0; i < 600; i++) {
        snprintf(id, sizeof id, "INV-%06u", 10000 + i * 13);
        snprintf(total, sizeof total, "%u.%02u", 100 + i, i % 100);
        invoice(id, "Birch", total, NULL, NULL);
    }
    invoice("INV-003804", "Birch", "4370.13", NULL, NULL);
    paid("LETTERS", "2025-03-03", "4370.13", "ACCOUNT-Birch", "Invoice INV-OO38O4");
    fl_match_book_open(&m, book, 1);
    fl_match_book_run(&m);
    cr_assert_eq(strncmp(fl_match_book_outcome(&m, "LETTERS"), "INV-003804 4370.13, rule 4", 26), 0,
                 "%s", fl_match_book_outcome(&m, "LETTERS"));
    fl_match_book_close(&m);
}

Test(match_cases, a_number_that_is_written_twice_is_one)
{
    customer("Cherry", "EUR");
    invoice("INV-1002", "Cherry", "100.00", NULL, NULL);
    invoice("INV-1003", "Cherry", "55.55", NULL, NULL);
    invoice("INV-1004", "Cherry", "100.00", NULL, NULL);
    invoice("INV-001005", "Cherry", "15.00", NULL, NULL);
    paid("TWICE", "2025-03-03", "100.00", "ACCOUNT-Cherry", "INV-1002, INV-1002");
    paid("BARE", "2025-03-03", "100.00", "ACCOUNT-Cherry", "INV-1002 Rechnung 1002");
    paid("LIST", "2025-03-03", "155.55", "ACCOUNT-Cherry", "INV-1002 INV-1003 INV-1002");
    paid("ZEROS", "2025-03-03", "15.00", "ACCOUNT-Cherry", "INV-001005 INV-1005");
    paid("DIGITS", "2025-03-03", "100.00", "ACCOUNT-Cherry", "1002");
    fl_match_book_open(&m, book, 1);
    expect("TWICE", FL_MATCH_SETTLES, "INV-1002 (rule 4, 120)");
    expect("BARE", FL_MATCH_SETTLES, "INV-1002 (rule 4, 120)");
    expect("LIST", FL_MATCH_SETTLES, "INV-1003+INV-1002 (rule 4, 120)");
    expect("ZEROS", FL_MATCH_SETTLES, "INV-001005 (rule 4, 135)");
    expect("DIGITS", FL_MATCH_SETTLES, "INV-1002 (rule 4, 95)");
    fl_match_book_close(&m);
}

Test(match_cases, a_name_that_two_customers_have_only_proposes)
{
    for (unsigned i = 0; i < 2; i++)
        fl_book_must(
            book,
            "{\"type\":\"customer\",\"id\":\"U%u\",\"name\":\"Union Mills Ltd\",\"currency\":"
            "\"EUR\",\"credit_limit\":null}",
            i);
    invoice("INV-2001", "U0", "300.00", NULL, NULL);
    invoice("INV-2002", "U1", "310.00", NULL, NULL);
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"300.00\",\"currency\":"
                       "\"EUR\",\"date\":\"2025-03-03\",\"payer\":{\"name\":\"UNION MILLS LTD\"}}");
    fl_match_book_open(&m, book, 1);
    expect("R", FL_MATCH_PROPOSES, "INV-2001 (rule 5, 55)");
    fl_match_book_close(&m);
}

Test(match_cases, a_number_is_never_a_piece_of_a_longer_one_and_a_slip_wants_its_payer)
{
    struct fl_match_choice choice;
    customer("Alder", "EUR");
    invoice("INV-00047", "Alder", "120.00", NULL, NULL);
    invoice("INV-30551", "Alder", "140.00", NULL, NULL);
    invoice("RE-5520", "Alder", "20.00", NULL, NULL);
    invoice("RE-5521", "Alder", "21.00", NULL, NULL);
    paid("PIECE", "2025-03-03", "120.00", "ACCOUNT-Alder", "INV-000471");
    receipt("NOBODY", "140.00", "EUR", NULL, "INV-30557");
    paid("SLIP", "2025-03-03", "140.00", "ACCOUNT-Alder", "INV-30557");
    paid("PART", "2025-03-03", "20.00", "ACCOUNT-Alder", "RE-5521");
    fl_match_book_open(&m, book, 1);
    fl_match_book_choose(&m, "PIECE", &choice);
    cr_assert_eq(choice.verdict, FL_MATCH_PROPOSES);
    cr_assert_eq(choice.shortage, FL_MATCH_SHORT_CONTRADICTION);
    fl_match_book_choose(&m, "NOBODY", &choice);
    cr_assert_eq(choice.verdict, FL_MATCH_PROPOSES);
    expect("SLIP", FL_MATCH_SETTLES, "INV-30551 (rule 4, 110)");
    expect("PART", FL_MATCH_SETTLES, "RE-5521 (rule 4, 100)");
    fl_match_book_close(&m);
}

Test(match_cases, a_label_is_of_the_number_behind_it_and_a_number_may_be_cut_by_a_blank)
{
    struct fl_match_choice choice;
    customer("Rowan", "EUR");
    invoice("10530", "Rowan", "10.50", NULL, NULL);
    invoice("173787046000009", "Rowan", "88.10", NULL, NULL);
    paid("BEHIND", "2025-03-03", "10.50", "ACCOUNT-Rowan",
         "0045623157461347 FACTUUR 10530 000848KLAOC");
    paid("CUT", "2025-03-03", "88.10", "ACCOUNT-Rowan",
         "BETALINGSKENM. 173787046000009 FACTUUR * 173787046 000009 ZIE REKENING");
    paid("LIST", "2025-03-03", "10.50", "ACCOUNT-Rowan", "FACTUUR 10530, 400848");
    fl_match_book_open(&m, book, 1);
    expect("BEHIND", FL_MATCH_SETTLES, "10530 (rule 4, 140)");
    expect("CUT", FL_MATCH_SETTLES, "173787046000009 (rule 4, 150)");
    fl_match_book_choose(&m, "LIST", &choice);
    cr_assert_eq(choice.shortage, FL_MATCH_SHORT_CONTRADICTION, "a list names two");
    fl_match_book_close(&m);
}

Test(match_cases, what_is_named_in_another_currency_is_said)
{
    struct fl_match_choice choice;
    customer("Palm", "KWD");
    customer("Olive", "EUR");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"KWD\",\"to\":"
                       "\"EUR\",\"rate\":\"3\"}");
    invoice("INV-9001", "Palm", "500.000", NULL, NULL);
    invoice("INV-77", "Olive", "500.00", NULL, NULL);
    paid("R", "2025-03-03", "500.00", "ACCOUNT-Palm", "INV-9001");
    paid("S", "2025-03-03", "500.00", "ACCOUNT-Olive", "INV-9001");
    fl_match_book_open(&m, book, 1);
    fl_match_book_choose(&m, "R", &choice);
    cr_assert_eq(choice.count, 0);
    cr_assert(choice.other_currency);
    cr_assert_not(choice.paid_named);
    fl_match_book_choose(&m, "S", &choice);
    cr_assert_eq(choice.shortage, FL_MATCH_SHORT_CONTRADICTION, "the text names something else");
    fl_match_book_close(&m);
}

Test(match_cases, of_several_sums_one_is_shown_and_none_settles)
{
    customer("Larch", "EUR");
    invoice("INV-1001", "Larch", "100.00", NULL, NULL);
    invoice("INV-1002", "Larch", "200.00", NULL, NULL);
    invoice("INV-1003", "Larch", "300.00", NULL, NULL);
    fl_book_must(book, "{\"type\":\"credit_note\",\"id\":\"CN-5\",\"customer\":\"Larch\",\"date\":"
                       "\"2025-02-05\",\"amount\":{\"net\":\"30.00\",\"tax\":\"0\"}}");
    paid("R", "2025-03-03", "270.00", "ACCOUNT-Larch", "thank you");
    fl_match_book_open(&m, book, 1);
    struct fl_match_choice choice;
    fl_match_book_choose(&m, "R", &choice);
    cr_assert_eq(choice.verdict, FL_MATCH_PROPOSES);
    cr_assert_eq(choice.sets[0].points, 60, "nothing is the only one");
    cr_assert_eq(choice.sets[0].assumed, FL_MATCH_ASSUMED_SEVERAL);
    fl_match_book_run(&m);
    outcome("R", "proposed");
    fl_match_book_close(&m);
}
