#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain/reference.h"
#include "tools/ingest/reference_token.h"

static struct fl_token_workspace workspace;

static void read_text(const char *text)
{
    fl_reference_tokens(&workspace, fl_slice_of_text(text));
}

static const struct fl_reference_token *find(const char *normal)
{
    for (uint32_t i = 0; i < workspace.tokens_count; i++) {
        if (fl_slice_equals(workspace.tokens[i].normal, normal))
            return &workspace.tokens[i];
    }
    return NULL;
}

static void expect(const char *text, const char *const *present, const char *const *absent)
{
    read_text(text);
    for (; *present; present++)
        cr_expect(find(*present) != NULL, "%s: %s is not found", text, *present);
    for (; *absent; absent++)
        cr_expect(find(*absent) == NULL, "%s: %s is found", text, *absent);
}
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NONE      ((const char *const[]){NULL})

Test(reference_token, o09_a_number_is_found_however_it_is_written)
{
    expect("payment INV-0047 thanks", LIST("INV47", "47"), NONE);
    expect("inv 47", LIST("INV47"), NONE);
    expect("INV 00 470", LIST("INV470"), NONE);
    expect("INV-000047", LIST("INV47"), NONE);
    expect("2024 0317 6", LIST("20240317", "202403176"), NONE);
    expect("202403716", LIST("202403716"), LIST("20240317", "202403176"));
    /* full-width digits and a non-breaking hyphen */
    expect("INV\xE2\x80\x91\xEF\xBC\x94\xEF\xBC\x97", LIST("INV47"), NONE);
}

Test(reference_token, k2_a_number_is_not_parted_at_its_signs)
{
    expect("NR.201303-111", LIST("NR201303111", "201303111"), LIST("111", "201303"));
    expect("961.24-5 17", LIST("961245", "96124517", "17"), LIST("5", "961"));
    expect("12420/20001512 201303-088", LIST("1242020001512", "201303088"), LIST("88"));
    expect("FAKTUUR 605670-009", LIST("605670009", "FAKTUUR605670009"), LIST("9"));
    expect("AB12CD", LIST("AB12CD", "12CD", "AB12", "12"), LIST("2", "1"));
}

Test(reference_token, k3_lists_take_the_prefix_over)
{
    expect("RE-5510, 5512", LIST("RE5510", "5510", "RE5512", "5512"), LIST("RE55105512"));
    cr_expect(find("RE5512")->flags & FL_TOKEN_TAKEN_OVER);
    cr_expect_eq(find("RE5512")->item, 1);
    expect("RE-2024-5510 und 5512", LIST("RE20245510", "RE20245512", "RE5512"), NONE);
    expect("201407-323/201407-322, 324", LIST("201407323201407322"), LIST("323"));
    expect("2024/101, 102 + 103", LIST("2024101", "2024102", "2024103"), LIST("101"));
    expect("INV 7 & 9", LIST("INV7", "INV9", "9"), LIST("79"));
    expect("RE-5510, GU-12", LIST("RE5510", "GU12"), LIST("RE12"));
    expect("5510 5512", LIST("5510", "5512", "55105512"), NONE);
    expect("RE-5510,12", LIST("RE5510", "RE12", "12"), NONE);
}

Test(reference_token, ranges_say_where_they_begin_and_what_lies_between)
{
    static const char *const texts[] = {"RE-5520 to 5523", "RE-5520 bis RE-5523", "RE5520 t/m 5523",
                                        "RE 5520 a 5523"};
    for (size_t i = 0; i < 4; i++) {
        read_text(texts[i]);
        uint32_t end = (uint32_t)(find("RE5523") - workspace.tokens);
        cr_assert(find("RE5523") != NULL, "%s", texts[i]);
        cr_expect(workspace.tokens[end].flags & FL_TOKEN_RANGE_END, "%s", texts[i]);
        uint32_t start = fl_reference_range_start(&workspace, end);
        cr_assert_neq(start, UINT32_MAX, "%s", texts[i]);
        cr_expect(fl_slice_equals(workspace.tokens[start].normal, "RE5520"), "%s", texts[i]);
        cr_expect_eq(fl_reference_range(&workspace.tokens[start], &workspace.tokens[end], 100), 4);
        char out[FL_TOKEN_NORMAL_BYTES_MAX];
        cr_expect_eq(fl_reference_range_at(&workspace.tokens[start], 3, out), 6);
        cr_expect_arr_eq(out, "RE5523", 6);
    }
    read_text("RE-5520 minus GU-7");
    cr_expect(find("GU7")->flags & FL_TOKEN_MINUS);
    read_text("RE-5520 to 5519");
    cr_expect_eq(
        fl_reference_range_start(&workspace, (uint32_t)(find("RE5519") - workspace.tokens)),
        UINT32_MAX);
}

Test(reference_token, dates_times_amounts_and_accounts_are_cut_out)
{
    expect("Rechnung 4711 vom 12.03.2024 ueber 119,00 EUR", LIST("4711", "RECHNUNG4711"),
           LIST("12", "2024", "12032024", "119", "11900"));
    expect("11-09-2015 12:00 0045623157461347 FACTUUR 10530", LIST("45623157461347", "10530"),
           LIST("11", "2015", "1200", "12"));
    expect("NR.201303-111/11.3.2013", LIST("201303111"), LIST("2013", "20130311111"));
    expect("RE-2024-03-05", LIST("RE20240305"), LIST("5"));
    expect("Period 01-01-2014 - 31-12-2014, 2014-05-06T10:11:12", NONE,
           LIST("2014", "1", "31", "10"));
    expect("RECHNUNGSNUMMER: 2010-07-31-02.07.28.302475", NONE, LIST("302475", "2"));
    expect("IBAN DE89 3704 0044 0532 0130 00 RE 17", LIST("RE17", "17"),
           LIST("89", "3704", "13000"));
    expect("NL91ABNA0417164300 98", LIST("98"), LIST("417164300"));
    expect("EUR11,85 EUR 1.234,56 1,234.56 12", LIST("12"), LIST("11", "85", "1234", "234", "56"));
    expect("KLANT 3691/ FAKTUUR 49459 2%", LIST("3691", "49459"), NONE);
    expect("NONREF", NONE, LIST("NONREF"));
    expect("000000", NONE, LIST("0"));
}

Test(reference_token, labels_say_what_kind_of_number_it_is)
{
    read_text("Rechnung Nr. 4711, 4712 Kundennr. 815");
    cr_expect_eq(find("4711")->label, FL_LABEL_INVOICE);
    cr_expect_eq(find("4712")->label, FL_LABEL_INVOICE);
    cr_expect_eq(find("815")->label, FL_LABEL_OTHER);
    read_text("Gutschrift 12 Auftrag 13 miete 14");
    cr_expect_eq(find("12")->label, FL_LABEL_CREDIT_NOTE);
    cr_expect_eq(find("13")->label, FL_LABEL_ORDER);
    cr_expect_eq(find("14")->label, FL_LABEL_NONE);
}

Test(reference_token, structured_references_by_shape)
{
    read_text("Zahlung RF18 5390 0754 7034 danke");
    cr_assert(find("RF18539007547034"));
    cr_expect(find("RF18539007547034")->flags & FL_TOKEN_STRUCTURED);
    cr_expect(find("5390") == NULL);
    read_text("RF19539007547034");
    cr_expect(find("RF19539007547034")->flags & FL_TOKEN_CHECK_FAILED);
    read_text("+++090/9337/55493+++");
    cr_expect(find("90933755493")->flags & FL_TOKEN_STRUCTURED);
    read_text("***090/9337/55494***");
    cr_expect(find("90933755494")->flags & FL_TOKEN_CHECK_FAILED);
    read_text("21 00000 00003 13947 14300 09017");
    cr_expect(find("210000000003139471430009017")->flags & FL_TOKEN_STRUCTURED);
    read_text("210000000003139471430009018");
    cr_expect(find("210000000003139471430009018")->flags & FL_TOKEN_CHECK_FAILED);
    fl_reference_tokens_add(&workspace, fl_slice_of_text("rf18 5390 0754 7034"));
    cr_expect(find("RF18539007547034")->flags & FL_TOKEN_STRUCTURED);
    uint32_t count = workspace.tokens_count;
    fl_reference_tokens_add(&workspace, fl_slice_of_text("NOTPROVIDED"));
    cr_expect_eq(workspace.tokens_count, count);
}

Test(reference_token, a_long_text_keeps_the_tight_ones)
{
    char text[4096];
    size_t n = 0;
    for (unsigned i = 0; n < 3900; i++)
        n += (size_t)sprintf(text + n, "payment RE-%u for, ", 1000 + i);
    fl_reference_tokens(&workspace, fl_slice_of(text, n));
    cr_expect(workspace.truncated);
    cr_expect_eq(workspace.tokens_count, FL_TOKENS_MAX);
    cr_expect(find("RE1000") && find("RE1050"));
}

/* --- a naive judge: every substring, by the letter of the rule ----------------------------------
 */

static bool word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether position p of the text is inside a run, or between two digit atoms that signs join. */
static bool forbidden_border(const char *text, size_t length, size_t p)
{
    if (p == 0 || p == length)
        return false;
    if (word(text[p - 1]) && word(text[p]))
        return digit(text[p - 1]) == digit(text[p]);
    size_t left = p, right = p;
    while (left > 0 && strchr("-./_:#", text[left - 1]))
        left--;
    while (right < length && strchr("-./_:#", text[right]))
        right++;
    return left > 0 && right < length && digit(text[left - 1]) && digit(text[right]);
}

static bool allowed(const char *text, size_t length, size_t from, size_t to)
{
    unsigned atoms = 0;
    bool has_digit = false;
    if (!word(text[from]) || !word(text[to - 1]) || forbidden_border(text, length, from) ||
        forbidden_border(text, length, to))
        return false;
    for (size_t i = from; i < to; i++) {
        if (!word(text[i]) && !strchr(" -./_:#", text[i]))
            return false;
        has_digit = has_digit || digit(text[i]);
        bool starts = word(text[i]) &&
                      (i == from || !word(text[i - 1]) || digit(text[i - 1]) != digit(text[i]));
        atoms += starts;
    }
    return has_digit && atoms <= 6;
}

Test(reference_token, agrees_with_every_substring_by_the_letter_of_the_rule)
{
    static const char alphabet[] = "BC77 -/.(,";
    for (unsigned round = 0; round < 4000; round++) {
        unsigned seed = round * 31 + 7;
        char text[32];
        size_t n = 4 + (size_t)rand_r(&seed) % 20;
        for (size_t i = 0; i < n;
             i++) /* seven sevens at most in a row: no date, no amount ends so */
            text[i] = alphabet[(size_t)rand_r(&seed) % 10];
        text[n] = '\0';
        bool maybe_cut = false; /* amounts look like 7,77 or 7.77, dates like 7.7.77 */
        for (size_t i = 1; i + 2 < n; i++)
            maybe_cut =
                maybe_cut || (strchr(",./-", text[i]) && digit(text[i - 1]) && digit(text[i + 1]));
        if (maybe_cut)
            continue;
        read_text(text);
        unsigned found = 0;
        for (size_t from = 0; from < n; from++) {
            for (size_t to = from + 1; to <= n; to++) {
                if (!allowed(text, n, from, to))
                    continue;
                char normal[FL_REFERENCE_BYTES_MAX + 1];
                normal[fl_reference_normal(text + from, to - from, normal)] = '\0';
                cr_expect(find(normal) != NULL, "\"%s\": %s is missing", text, normal);
                found++;
            }
        }
        for (uint32_t i = 0; i < workspace.tokens_count; i++) {
            const struct fl_reference_token *t = &workspace.tokens[i];
            if (!(t->flags & FL_TOKEN_TAKEN_OVER))
                cr_expect(allowed(text, n, t->from, t->to), "\"%s\": %.*s", text,
                          (int)t->normal.length, t->normal.at);
        }
        cr_expect(found >= workspace.tokens_count || strchr(text, ','), "%s", text);
    }
}
