/* Names: folded to one form whatever the bank makes of them; misspelt ones are known where one customer is meant. */
#include <criterion/criterion.h>
#include <string.h>

#include "analytics/match_name.h"
#include "tests/support/match_book.h"
#include "tools/format/charset.h"

static const char *folded(const char *text)
{
    static char out[4][256];
    static unsigned next;
    char *at = out[next++ % 4];
    at[fl_utf8_fold_name(text, strlen(text), at, 255)] = '\0';
    return at;
}

Test(match_name, one_form_for_all_spellings)
{
    cr_assert_str_eq(folded("Löwen & Söhne GmbH, Plön"), "LOWEN SOHNE GMBH PLON");
    cr_assert_str_eq(folded("LOEWEN + SOEHNE GMBH, PLOEN"), "LOWEN SOHNE GMBH PLON");
    cr_assert_str_eq(folded("Lowen und Sohne GmbH Plon"), "LOWEN SOHNE GMBH PLON");
    cr_assert_str_eq(folded("Weiß e.K."), "WEISS E K");
    cr_assert_str_eq(folded("Société Générale"), "SOCIETE GENERALE");
    cr_assert_str_eq(folded("Łódź Ørsted"), "LODZ ORSTED");
    cr_assert_str_eq(folded("ＡＣＭＥ　Ｌｔｄ"), "ACME LTD", "full-width letters");
    cr_assert_str_eq(folded("ΣΊΣΥΦΟΣ"), folded("Σίσυφος"), "Greek without accents, both sigmas");
    cr_assert_str_eq(folded("ООО Ромашка"), folded("ооо РОМАШКА"));
    cr_assert_str_eq(folded("บริษัท ไทย"), "บริษัท ไทย", "Thai keeps its vowel signs");
    cr_assert_str_eq(folded("株式会社ﾃｽﾄ"), folded("株式会社テスト"), "half-width kana");
    cr_assert_str_eq(folded(" ,.- "), "");
}

static unsigned likeness(const char *a, const char *b)
{
    char left[256], right[256];
    size_t n = fl_utf8_fold_name(a, strlen(a), left, sizeof left);
    size_t m = fl_utf8_fold_name(b, strlen(b), right, sizeof right);
    unsigned one = fl_match_name_likeness(left, n, right, m);
    cr_assert_eq(one, fl_match_name_likeness(right, m, left, n), "%s, %s: both ways", a, b);
    return one;
}

Test(match_name, likeness_is_of_sets_of_words)
{
    cr_assert_eq(likeness("Nordwind Möbel GmbH", "GmbH Moebel Nordwind"), 100, "order");
    cr_assert_eq(likeness("Nordwind Möbel GmbH", "NORDWIND MOEBEL GMBH, ALTHEIM"), 100,
                 "an address");
    cr_assert_geq(likeness("Nordwnd Möbel GmbH", "Nordwind Moebel GmbH"), 90, "a letter missing");
    cr_assert_lt(likeness("Nordwind Möbel GmbH", "Südwind Möbel GmbH"), 90, "another firm");
    cr_assert_leq(likeness("Alpen Glas AG", "Harz Glas AG"), 80);
    cr_assert_eq(likeness("AG", "AG"), 0, "too short to mean anybody");
}

static void customer(struct fl_test_book *book, const char *id, const char *name)
{
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"%s\",\"name\":\"%s\",\"currency\":\"EUR\","
                 "\"credit_limit\":null}",
                 id, name);
    fl_book_must(
        book,
        "{\"type\":\"invoice\",\"id\":\"INV-%s\",\"customer\":\"%s\",\"date\":\"2025-01-05\","
        "\"amount\":{\"net\":\"81.50\",\"tax\":\"0\"}}",
        id, id);
}

static void pays(struct fl_test_book *book, const char *id, const char *name)
{
    fl_book_must(
        book,
        "{\"type\":\"receipt\",\"id\":\"%s\",\"amount\":\"81.50\",\"currency\":\"EUR\",\"date\":"
        "\"2025-02-03\",\"payer\":{\"name\":\"%s\"}}",
        id, name);
}

/* Points of the payer and how known, of the best set. */
static void expect(struct fl_match_book *m, const char *receipt, const char *set, unsigned by)
{
    struct fl_match_choice choice;
    fl_match_book_choose(m, receipt, &choice);
    cr_assert_gt(choice.count, 0, "%s", receipt);
    cr_assert_str_eq(fl_match_book_set(m, &choice.sets[0]), set);
    cr_assert_eq(choice.sets[0].payer_by, by, "%s by %u", receipt, choice.sets[0].payer_by);
    if (by == FL_MATCH_BY_FUZZY_NAME)
        cr_assert_eq(choice.verdict, FL_MATCH_PROPOSES, "a fuzzy name only proposes");
}

Test(match_name, a_misspelt_name_proposes_its_customer_and_two_alike_nobody)
{
    struct fl_test_book *book = fl_book_open(NULL);
    struct fl_match_book m;
    customer(book, "1001", "Nordwind Möbel GmbH, Altheim");
    customer(book, "1002", "บริษัท ไทยประกันชีวิต จำกัด");
    customer(book, "1003", "Falken Reederei Berlin");
    customer(book, "1004", "Falken Reederei Bergen");
    pays(book, "EXACT", "NORDWIND MOEBEL GMBH, ALTHEIM");
    pays(book, "SLIP", "Nordwnid Möbel GmbH Altheim");
    pays(book, "THAI", "บริษัท ไทยประกนชีวิต จำกัด");
    pays(book, "TWO", "Falken Rederei Berge");
    fl_match_book_open(&m, book, 1);
    expect(&m, "EXACT", "INV-1001 (rule 5, 70)", FL_MATCH_BY_NAME);
    expect(&m, "SLIP", "INV-1001 (rule 5, 55)", FL_MATCH_BY_FUZZY_NAME);
    expect(&m, "THAI", "INV-1002 (rule 5, 55)", FL_MATCH_BY_FUZZY_NAME);
    expect(&m, "TWO", "INV-1001 (rule 5, 30)", FL_MATCH_BY_NOTHING);
    fl_match_book_close(&m);
    fl_book_close(book);
}
