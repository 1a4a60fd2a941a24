#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/statement_recorder.h"

/* --- the files of banks and processors, reckoned again with a reader of their own ------------- */

#define FIELDS_MAX 64
#define ROWS_MAX   400
#define GROUPS_MAX 4

/* One table in memory: quotes, doubled quotes, line ends in quotes; nothing else. */
struct table {
    char *text;
    char *cell[ROWS_MAX][FIELDS_MAX];
    int cells[ROWS_MAX], rows;
};

static void table_read(struct table *table, const char *path, char separator)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    table->text = calloc(1, 1 << 17);
    size_t length = fread(table->text, 1, (1 << 17) - 1, file);
    fclose(file);
    char *out = table->text, *at = table->text, *end = at + length;
    while (at < end && table->rows < ROWS_MAX) {
        bool more = true;
        int *cells = &table->cells[table->rows];
        while (more) {
            char *start = out;
            bool quoted = *at == '"';
            at += quoted;
            while (at < end && (quoted ? !(*at == '"' && at[1] != '"')
                                       : *at != separator && *at != '\n' && *at != '\r')) {
                at += quoted && *at == '"';
                *out++ = *at++;
            }
            at += quoted;
            more = at < end && *at == separator;
            at += more;
            char *next = at;
            while (!more && next < end && (*next == '\r' || *next == '\n'))
                next++;
            at = next;
            *out++ = '\0';
            if (*cells < FIELDS_MAX)
                table->cell[table->rows][(*cells)++] = start;
        }
        table->rows++;
    }
}

/* Thousandths; everything that is no digit, no sign and not the decimal character is dropped. */
static long long thousandths(const char *cell, char decimal)
{
    long long value = 0;
    int decimals = -1;
    bool minus = strchr(cell, '-') != NULL;
    for (; *cell; cell++) {
        if (*cell == decimal)
            decimals = 0;
        else if (*cell >= '0' && *cell <= '9' && decimals < 3) {
            value = value * 10 + (*cell - '0');
            decimals += decimals >= 0;
        }
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < 3; decimals++)
        value *= 10;
    return minus ? -value : value;
}

/* What is known of a file by looking at it: column numbers from 0; -1: there is none. */
struct sample {
    const char *file;
    char separator, decimal;
    int first_row, rows; /* of lines; blank lines are no rows */
    int amount, debit, credit, sign, currency, account, balance;
    bool newest_first;
    const char *profile; /* null: read without */
    const char *refused; /* what is said without the profile; null: nothing is refused */
};

static const struct sample samples[] = {
    {"1822direkt.csv", ';', ',', 1, 2, 4, -1, -1, -1, -1, 0, -1, false, NULL, NULL},
    {"adyen_settlement_batch_380.csv", ',', '.', 1, 228, -1, 14, 15, -1, 13, 1, -1, false, NULL,
     NULL},
    {"bsp_csv_european_decimals.csv", ';', ',', 1, 3, 2, -1, -1, -1, 3, 4, -1, false, NULL, NULL},
    {"bsp_csv_french_headers.csv", ';', ',', 1, 3, -1, 2, 3, -1, 4, -1, -1, false, NULL, NULL},
    {"bsp_csv_spanish_headers.csv", ';', ',', 1, 3, 2, -1, -1, -1, 3, 4, -1, false, NULL, NULL},
    {"dcu_checking.csv", ',', '.', 1, 10, 3, -1, -1, -1, -1, -1, 6, true, NULL, NULL},
    {"hledger_csb43.csv", ',', '.', 1, 2, 25, -1, -1, -1, 6, 3, -1, false, NULL, NULL},
    {"oca_debit_credit.csv", ',', '.', 1, 2, 2, -1, -1, 3, -1, -1, 4, false, NULL, NULL},
    {"oca_multi_currency.csv", ',', '.', 1, 2, 3, -1, -1, -1, 2, -1, -1, false, NULL, NULL},
    {"oca_original_currency.csv", ',', '.', 1, 1, 3, -1, -1, -1, 2, -1, -1, false, NULL, NULL},
    {"oca_sample_statement_en.csv", ',', '.', 1, 2, 3, -1, -1, -1, 2, -1, -1, false, NULL, NULL},
    {"paypal_activity_en.csv", ',', '.', 1, 76, 9, -1, -1, -1, 6, -1, 18, false, NULL, NULL},
    {"paypal_statement_en.csv", ',', '.', 1, 19, 7, -1, -1, -1, 4, -1, 8, false, NULL, NULL},
    {"paypal_statement_es.csv", ',', ',', 1, 4, 7, -1, -1, -1, 4, -1, 8, false,
     "{\"date\":\"D/M/YYYY\"}", "\"date\""},
    {"stripe_balance_change.csv", ',', '.', 1, 2, 6, -1, -1, -1, 3, -1, -1, false, NULL, NULL},
    {"viseca.csv", ',', '.', 1, 9, 4, -1, -1, -1, 5, -1, -1, false, "{\"decimal\":\".\"}",
     "\"decimal\""},
    {"vrbank.csv", ';', ',', 9, 5, 11, -1, -1, 12, 10, -1, -1, true, NULL, NULL},
};
#define SAMPLES (sizeof samples / sizeof samples[0])

struct group {
    const char *account, *currency;
    long long sum, opening, closing;
    unsigned lines;
};

static void group_add(struct group *g, const struct sample *s, char **cells, long long amount)
{
    g->sum += amount;
    g->lines++;
    if (s->balance < 0)
        return;
    long long balance = thousandths(cells[s->balance], s->decimal);
    if (g->lines == 1) {
        g->opening = balance - amount;
        g->closing = balance;
    }
    if (s->newest_first)
        g->opening = balance - amount;
    else
        g->closing = balance;
}

static int reckon(const struct sample *s, struct table *table, struct group groups[GROUPS_MAX])
{
    int count = 0;
    for (int row = s->first_row; row < s->first_row + s->rows; row++) {
        char **cells = table->cell[row];
        const char *account = s->account < 0 ? "" : cells[s->account];
        const char *currency = s->currency < 0 ? "" : cells[s->currency];
        long long amount;
        if (s->amount >= 0)
            amount = thousandths(cells[s->amount], s->decimal);
        else
            amount = thousandths(cells[s->credit], s->decimal) -
                     thousandths(cells[s->debit], s->decimal);
        if (s->sign >= 0)
            amount = llabs(amount) * (strchr("SD", cells[s->sign][0]) ? -1 : 1);
        int g = 0;
        while (g < count && (strcmp(groups[g].account, account) != 0 ||
                             strcasecmp(groups[g].currency, currency) != 0))
            g++;
        if (g == count)
            groups[count++] = (struct group){.account = account, .currency = currency};
        group_add(&groups[g], s, cells, amount);
    }
    return count;
}

static struct statement_recorder *sample_read(const char *path, const char *json)
{
    struct fl_statement_profile profile;
    struct fl_error error = {.status = FL_OK};
    struct fl_file_source file;
    struct fl_byte_source source;
    cr_assert_eq(fl_statement_profile_read(json, strlen(json), &profile, &error), FL_OK, "%s",
                 error.message);
    cr_assert_eq(fl_file_source_open(&file, path, &source, &error), FL_OK, "%s", error.message);
    struct statement_recorder *r = recorder_read_profile(source, &profile);
    fl_file_source_close(&file);
    cr_assert_eq(r->status, FL_OK, "%s: %s", path, r->error.message);
    cr_assert_eq(r->format, FL_FORMAT_BANK_CSV, "%s", path);
    return r;
}

static void sample_compare(const struct sample *s, const char *path)
{
    struct table *table = calloc(1, sizeof *table);
    struct group groups[GROUPS_MAX] = {{0}};
    table_read(table, path, s->separator);
    int count = reckon(s, table, groups);
    struct statement_recorder *r = sample_read(path, s->profile ? s->profile : "{}");
    cr_assert_eq(r->refused_count, 0, "%s: %s", path, r->refused[0].message);
    cr_assert_eq((int)r->statements_count, count, "%s", path);
    for (int i = 0; i < count; i++) {
        const struct recorded_statement *got = &r->statements[i];
        if (s->account >= 0)
            cr_expect_str_eq(got->account, groups[i].account, "%s", path);
        cr_expect(strcasecmp(got->currency, groups[i].currency) == 0, "%s: %s", path,
                  got->currency);
        cr_expect_eq(got->lines, groups[i].lines, "%s: %u lines", path, got->lines);
        cr_expect_eq(thousandths(got->sum, '.'), groups[i].sum, "%s: %s", path, got->sum);
        cr_expect_eq(got->not_booked, 0, "%s", path);
        if (s->balance < 0)
            continue;
        cr_expect_eq(thousandths(got->opening, '.'), groups[i].opening, "%s: %s", path,
                     got->opening);
        cr_expect_eq(thousandths(got->closing, '.'), groups[i].closing, "%s: %s", path,
                     got->closing);
        cr_expect(got->balanced, "%s", path);
    }
    recorder_free(r);
    free(table->text);
    free(table);
}

Test(statement_csv, every_sample_comes_to_what_its_own_columns_come_to)
{
    char path[500];
    snprintf(path, sizeof path, "%s/csv/vrbank.csv", FLORIN_SHARED_DATA);
    FILE *there = fopen(path, "rb");
    if (!there)
        cr_skip_test("no sample files");
    fclose(there);
    for (size_t i = 0; i < SAMPLES; i++) {
        snprintf(path, sizeof path, "%s/csv/%s", FLORIN_SHARED_DATA, samples[i].file);
        if (samples[i].refused) {
            struct statement_recorder *r = sample_read(path, "{}");
            cr_assert_eq(r->statements_count, 0, "%s", path);
            cr_assert_eq(r->refused_count, 1, "%s", path);
            cr_expect_eq(r->refused[0].line, 2, "%s", path);
            cr_expect(strstr(r->refused[0].message, samples[i].refused), "%s: %s", path,
                      r->refused[0].message);
            recorder_free(r);
        }
        sample_compare(&samples[i], path);
    }
}

Test(statement_csv, the_samples_say_who_and_what_for)
{
    char path[500];
    snprintf(path, sizeof path, "%s/csv/vrbank.csv", FLORIN_SHARED_DATA);
    FILE *there = fopen(path, "rb");
    if (!there)
        cr_skip_test("no sample files");
    fclose(there);
    struct statement_recorder *r = sample_read(path, "{}");
    cr_expect_str_eq(r->statements[0].account, "12345678");
    cr_expect_str_eq(r->statements[0].opening, "8.93");
    cr_expect_str_eq(r->statements[0].closing, "179.51");
    cr_expect(r->statements[0].balanced);
    /* Newest first in the file, oldest first here. */
    cr_expect_str_eq(r->lines[0].amount, "388");
    cr_expect_str_eq(r->lines[0].name, "Bundesagentur fuer Arbeit -Familienkasse");
    cr_expect_str_eq(r->lines[0].account, "DE63731600000012345678");
    cr_expect_str_eq(r->lines[4].booking, "2019-04-18");
    cr_expect_str_eq(r->lines[4].name, "RAIFFBK SCHWABMÜNCHEN");
    cr_expect(strstr(r->lines[4].text, "1,02 EUR Gebühr wurde von Ihrer"), "%s", r->lines[4].text);
    recorder_free(r);
    snprintf(path, sizeof path, "%s/csv/paypal_activity_en.csv", FLORIN_SHARED_DATA);
    r = sample_read(path, "{}");
    cr_expect_str_eq(r->lines[0].charges, "4.25"); /* 84.00 gross, 79.75 net */
    cr_expect_str_eq(r->lines[0].bank_ref, "TID1");
    recorder_free(r);
}

/* --- small files ------------------------------------------------------------------------------ */

static struct statement_recorder *read_text(const char *text, const char *json)
{
    struct fl_statement_profile profile;
    struct fl_error error = {.status = FL_OK};
    struct fl_memory_source memory;
    cr_assert_eq(fl_statement_profile_read(json, strlen(json), &profile, &error), FL_OK, "%s",
                 error.message);
    struct fl_byte_source source = fl_memory_source_init(&memory, text, strlen(text), "small.csv");
    memory.step = 7;
    return recorder_read_profile(source, &profile);
}

Test(statement_csv, e1_a_row_that_does_not_follow_is_named_though_the_ends_agree)
{
    struct statement_recorder *r = read_text("date,amount,balance,text\n"
                                             "2024-05-01,10.00,110.00,a\n"
                                             "2024-05-02,20.00,131.00,b\n"
                                             "2024-05-03,-5.00,125.00,c\n",
                                             "{}");
    cr_assert_eq(r->statements_count, 1);
    cr_expect_str_eq(r->statements[0].opening, "100");
    cr_expect_str_eq(r->statements[0].closing, "125");
    cr_expect_str_eq(r->statements[0].difference, "0");
    cr_expect_not(r->statements[0].balanced);
    cr_expect_eq(r->warnings_count, 1);
    cr_expect(strstr(r->last_warning, "line 3:"), "%s", r->last_warning);
    recorder_free(r);
}

Test(statement_csv, e2_newest_first_is_turned_round_and_chains_the_same)
{
    const char *up = "date,amount,balance,text\n2024-05-01,10.00,110.00,a\n"
                     "2024-05-01,-4.00,106.00,b\n2024-05-02,20.00,126.00,c\n";
    const char *down = "date,amount,balance,text\n2024-05-02,20.00,126.00,c\n"
                       "2024-05-01,-4.00,106.00,b\n2024-05-01,10.00,110.00,a\n";
    struct statement_recorder *a = read_text(up, "{}"), *b = read_text(down, "{}");
    cr_expect_str_eq(b->statements[0].opening, a->statements[0].opening);
    cr_expect_str_eq(b->statements[0].closing, "126");
    cr_expect(a->statements[0].balanced && b->statements[0].balanced);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(a->lines[i].identity, b->lines[i].identity, "%d", i);
    cr_expect_str_eq(b->lines[0].text, "a");
    cr_expect_eq(b->lines[0].n, 1);
    recorder_free(a);
    recorder_free(b);
}

Test(statement_csv, a_sum_that_misses_the_balances_is_told_with_its_difference)
{
    struct statement_recorder *r = read_text("date;amount;balance\n2024-05-01;100,00;100,00\n"
                                             "2024-05-02;50,00;150,00\n2024-05-03;25,00;170,00\n",
                                             "{}");
    cr_expect_str_eq(r->statements[0].difference, "-5");
    cr_expect_not(r->statements[0].balanced);
    cr_expect(strstr(r->last_warning, "line 4:"), "%s", r->last_warning);
    recorder_free(r);
}

Test(statement_csv, e3_a_bad_row_is_refused_with_its_line_and_the_rest_is_read)
{
    struct statement_recorder *r = read_text("date,text,amount\n"
                                             "2024-05-01,a,1.50\n"
                                             "2024-05-32,b,2.50\n"
                                             "2024-05-03,c,two\n"
                                             "2024-05-04\n"
                                             "2024-05-05,e,\n"
                                             "2024-05-06,f,3.50\n",
                                             "{\"currency\":\"EUR\"}");
    static const uint64_t lines[] = {3, 4, 5, 6};
    cr_assert_eq(r->refused_count, 4);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(r->refused[i].line, lines[i]);
    cr_assert_eq(r->lines_count, 2);
    cr_expect_str_eq(r->statements[0].sum, "5");
    recorder_free(r);
}

Test(statement_csv, a_date_is_proved_by_one_row_or_refused)
{
    struct statement_recorder *r =
        read_text("date,amount\n03/04/2024,1.50\n13/04/2024,2.50\n", "{}");
    cr_expect_str_eq(r->lines[0].booking, "2024-04-03");
    recorder_free(r);
    r = read_text("date,amount\n03/04/2024,1.50\n04/13/2024,2.50\n", "{}");
    cr_expect_str_eq(r->lines[0].booking, "2024-03-04");
    recorder_free(r);
    r = read_text("date,amount\n05/05/2024,1.50\n03/04/2024,1.50\n", "{}");
    cr_assert_eq(r->statements_count, 0);
    cr_expect_eq(r->refused[0].line, 3);
    recorder_free(r);
    r = read_text("date,amount\n05/05/2024,1.50\n", "{}"); /* the same day either way */
    cr_expect_str_eq(r->lines[0].booking, "2024-05-05");
    recorder_free(r);
    r = read_text("date,amount\n13/04/2024,1.50\n04/13/2024,2.50\n", "{}"); /* two orders */
    cr_assert_eq(r->statements_count, 0);
    cr_expect_eq(r->refused[0].line, 3);
    recorder_free(r);
    r = read_text("date,amount\n03/04/2024,1.50\n", "{\"date\":\"MM/DD/YYYY\"}");
    cr_expect_str_eq(r->lines[0].booking, "2024-03-04");
    recorder_free(r);
}

Test(statement_csv, money_in_and_out_by_column_by_word_and_by_sign)
{
    struct statement_recorder *r = read_text("Datum;Soll;Haben\n2024-05-01;1.234,56;\n"
                                             "2024-05-02;;2.000,10\n2024-05-03;0,00;7,00\n",
                                             "{}");
    cr_expect_str_eq(r->lines[0].amount, "-1234.56");
    cr_expect_str_eq(r->lines[1].amount, "2000.1");
    cr_expect_str_eq(r->lines[2].amount, "7");
    recorder_free(r);
    r = read_text("Date,Debit,Credit\n2024-05-01,-12.50,\n2024-05-02,,20.10\n", "{}");
    cr_expect_str_eq(r->lines[0].amount, "-12.5"); /* signed already */
    recorder_free(r);
    r = read_text("Datum,Bedrag (EUR),Af Bij\n20240501,\"12,50\",Af\n20240502,\"3,25\",Bij\n",
                  "{}");
    cr_expect_str_eq(r->lines[0].amount, "-12.5");
    cr_expect_str_eq(r->lines[1].amount, "3.25");
    cr_expect_str_eq(r->lines[0].currency, "EUR");
    recorder_free(r);
    r = read_text("date,amount,d/c\n2024-05-01,12.50,RC\n2024-05-02,3.25,RD\n", "{}");
    cr_expect_str_eq(r->lines[0].amount, "-12.5");
    cr_expect_str_eq(r->lines[1].amount, "3.25");
    cr_expect(r->lines[0].reversal);
    recorder_free(r);
    r = read_text("date,amount,d/c\n2024-05-01,12.50,RC\n2024-05-02,3.25,RD\n",
                  "{\"reversal_flips\":false}");
    cr_expect_str_eq(r->lines[0].amount, "12.5");
    cr_expect_str_eq(r->lines[1].amount, "-3.25");
    recorder_free(r);
}

Test(statement_csv, a_generic_account_column_is_ours_only_where_the_rows_prove_it)
{
    struct statement_recorder *r =
        read_text("date,amount,iban,name\n2024-05-01,1.50,DE1,A\n2024-05-02,2.50,DE1,A\n", "{}");
    cr_expect_str_eq(r->statements[0].account, ""); /* two payments of one customer */
    cr_expect_str_eq(r->lines[0].account, "DE1");
    recorder_free(r);
    r = read_text("date,amount,iban,name\n2024-05-01,1.50,DE1,A\n2024-05-02,-2.50,DE1,B\n", "{}");
    cr_expect_str_eq(r->statements[0].account, "DE1");
    cr_expect_str_eq(r->lines[0].account, "");
    recorder_free(r);
}

Test(statement_csv, q1_columns_by_number_need_no_headings)
{
    struct statement_recorder *r = read_text(
        "junk\n02.05.2024|x|-1.234,50|EUR|Rent\n13.05.2024|y|20,00|EUR|Sale\n",
        "{\"format\":\"csv\",\"separator\":\"|\",\"skip\":1,\"columns\":{\"date\":1,\"amount\":3,"
        "\"currency\":4,\"text\":[5,2]},\"account\":\"A-1\"}");
    cr_assert_eq(r->lines_count, 2, "%s", r->error.message);
    cr_expect_str_eq(r->lines[0].amount, "-1234.5");
    cr_expect_str_eq(r->lines[0].text, "Rent x");
    cr_expect_str_eq(r->lines[1].booking, "2024-05-13");
    recorder_free(r);
}

Test(statement_csv, what_cannot_be_read_says_which_key_would_help)
{
    struct statement_recorder *r = read_text("when,how much\n2024-05-01,1.50\n", "{}");
    cr_expect_eq(r->status, FL_UNSUPPORTED);
    cr_expect(strstr(r->error.message, "\"columns\""), "%s", r->error.message);
    recorder_free(r);
    r = read_text("when,how much\n2024-05-01,1.50\n",
                  "{\"columns\":{\"date\":\"when\",\"amount\":\"sum\"}}");
    cr_expect_eq(r->status, FL_UNSUPPORTED);
    cr_expect(strstr(r->error.message, "\"sum\""), "%s", r->error.message);
    recorder_free(r);
    r = read_text("when,how much\n2024-05-01,1.50\n",
                  "{\"columns\":{\"date\":\"when\",\"amount\":\"how much\"}}");
    cr_expect_str_eq(r->lines[0].amount, "1.5");
    recorder_free(r);
}

Test(statement_csv, charset_valid_utf8_wins_else_the_declared_one)
{
    struct statement_recorder *r = read_text("date;text;amount\n2024-05-01;M\xFC\x6C;1,50\n", "{}");
    cr_expect_str_eq(r->lines[0].text, "Mül");
    recorder_free(r);
    r = read_text("date;text;amount\n2024-05-01;\xB3\xF3\x64\xBC;1,50\n",
                  "{\"charset\":\"ISO-8859-2\"}");
    cr_expect_str_eq(r->lines[0].text, "łódź");
    recorder_free(r);
    r = read_text("\xEF\xBB\xBF"
                  "date;text;amount\n2024-05-01;łódź;1,50\n",
                  "{\"charset\":\"ISO-8859-2\"}");
    cr_expect_str_eq(r->lines[0].text, "łódź");
    recorder_free(r);
}

Test(statement_csv, utf16_with_its_mark_reads_as_the_same_text)
{
    static const char text[] = "date;text;amount\n2024-05-01;M\xC3\xBCller \xF0\x9F\x92\xB6;1,50\n";
    static const uint16_t tail[] = {'M',    0xFC, 'l', 'l', 'e', 'r', ' ', 0xD83D,
                                    0xDCB6, ';',  '1', ',', '5', '0', '\n'};
    const char *start = "date;text;amount\n2024-05-01;";
    for (int big = 0; big < 2; big++) {
        uint16_t units[100] = {0xFEFF};
        unsigned char bytes[200];
        size_t n = 1;
        for (const char *c = start; *c; c++)
            units[n++] = (unsigned char)*c;
        for (size_t i = 0; i < sizeof tail / sizeof tail[0]; i++)
            units[n++] = tail[i];
        for (size_t i = 0; i < n; i++) {
            bytes[2 * i + !big] = (unsigned char)(units[i] >> 8);
            bytes[2 * i + big] = (unsigned char)units[i];
        }
        for (size_t step = 0; step < 4; step++) {
            struct fl_memory_source memory;
            struct fl_byte_source source = fl_memory_source_init(&memory, bytes, 2 * n, "u.csv");
            memory.step = step;
            struct statement_recorder *r = recorder_read(source, NULL);
            struct statement_recorder *plain = read_text(text, "{}");
            cr_assert_eq(r->lines_count, 1, "%s", r->error.message);
            cr_expect_str_eq(r->lines[0].text, plain->lines[0].text);
            cr_expect_str_eq(r->lines[0].amount, "1.5");
            recorder_free(r);
            recorder_free(plain);
        }
    }
}

Test(statement_csv, rows_that_name_a_balance_are_none_of_the_lines)
{
    static const char *const names[][2] = {{"Anfangssaldo", "Endsaldo"},
                                           {"Opening balance", "Closing Balance"},
                                           {"Saldo inicial", "Saldo final"},
                                           {"Solde initial", " Nouveau solde "},
                                           {"Saldo iniziale", "Final balance"},
                                           {"Ing\xC3\xA5"
                                            "ende saldo",
                                            "Utg\xC3\xA5"
                                            "ende saldo"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "date;text;amount\n2024-05-01;%s;10,00\n2024-05-02;a;1,50\n;%s;11,50\n;Total;;\n",
                 names[i][0], names[i][1]);
        struct statement_recorder *r = read_text(text, "{\"currency\":\"EUR\"}");
        cr_assert_eq(r->refused_count, 0, "%s: %s", text, r->refused[0].message);
        cr_assert_eq(r->lines_count, 1, "%s", text);
        cr_expect_str_eq(r->statements[0].opening, "10");
        cr_expect_str_eq(r->statements[0].closing, "11.5");
        cr_expect(r->statements[0].balanced);
        recorder_free(r);
    }
}

/* Headings of banks that are no samples here, one row or two each: the last amount, its date and
 * its balance. */
Test(statement_csv, headings_of_many_banks_are_known)
{
    static const struct {
        const char *text, *amount, *date, *currency, *name, *closing;
    } banks[] = {
        {"Datum;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF;Valuta;Saldo in CHF\n"
         "31.05.2024;MIETE;;-1'250.00;31.05.2024;8'750.00\n",
         "-1250", "2024-05-31", "CHF", "", "8750"},
        {"IBAN;Booked At;Text;Credit/Debit Amount;Balance;Valuta Date\n"
         "CH1;2024-05-31;a;12.5;20.0;2024-05-31\n",
         "12.5", "2024-05-31", "", "", "20"},
        {"Buchungsdatum;Wertstellung;Status;Zahlungspflichtige*r;Zahlungsempf\xC3\xA4nger*in;"
         "Verwendungszweck;Betrag (\xE2\x82\xAC)\n31.05.24;31.05.24;Gebucht;Ann;Wir;x;1.234,50\n",
         "1234.5", "2024-05-31", "EUR", "Ann", "-"},
        {"Auftragskonto;Buchungstag;Verwendungszweck;Beguenstigter/Zahlungspflichtiger;Betrag;"
         "Waehrung;Info\nDE1;31.05.24;x;Bob;-3,00;EUR;Umsatz gebucht\n",
         "-3", "2024-05-31", "EUR", "Bob", "-"},
        {"Buchungstag;Wert;Beg\xC3\xBCnstigter / Auftraggeber;Betrag;Soll;Haben;W\xC3\xA4hrung\n"
         "31.05.2024;31.05.2024;Cid;;;7,10;EUR\n",
         "7.1", "2024-05-31", "EUR", "Cid", "-"},
        {"Date,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n"
         "31/05/24,NEFT,1,31/05/24,,\"1,23,456.50\",\"2,00,000.00\"\n",
         "123456.5", "2024-05-31", "", "", "200000"},
        {"Description,,Summary Amt.\nTotal credits,,\"2.00\"\n\nDate,Description,Amount,Running "
         "Bal.\n"
         "05/30/2024,Beginning balance as of "
         "05/30/2024,,\"8.00\"\n05/31/2024,x,\"2.00\",\"10.00\"\n",
         "2", "2024-05-31", "", "", "10"},
        {"\"Datum\",\"Naam / Omschrijving\",\"Rekening\",\"Tegenrekening\",\"Af Bij\",\"Bedrag "
         "(EUR)\","
         "\"Mededelingen\"\n\"20240531\",\"Dora\",\"NL1\",\"NL2\",\"Bij\",\"12,50\",\"x\"\n",
         "12.5", "2024-05-31", "EUR", "Dora", "-"},
        {"Date,Payee,Account number,Transaction type,Payment reference,Amount (EUR)\n"
         "2024-05-31,Eva,DE5,Income,INV-1,9.99\n",
         "9.99", "2024-05-31", "EUR", "Eva", "-"},
        {"Bokf\xC3\xB6ringsdag;Belopp;Saldo;Meddelande\n2024-05-31;-1 250,00;8 750,00;hyra\n",
         "-1250", "2024-05-31", "", "", "8750"},
        {"\xD0\x94\xD0\xB0\xD1\x82\xD0\xB0;\xD0\xA1\xD1\x83\xD0\xBC\xD0\xBC\xD0\xB0\n31.05.2024;5,"
         "50\n",
         "5.5", "2024-05-31", "", "", "-"},
    };
    for (size_t i = 0; i < sizeof banks / sizeof banks[0]; i++) {
        struct statement_recorder *r = read_text(banks[i].text, "{}");
        cr_assert_eq(r->status, FL_OK, "%zu: %s", i, r->error.message);
        cr_assert_eq(r->refused_count, 0, "%zu: %s", i, r->refused[0].message);
        cr_assert_eq(r->lines_count, 1, "%zu: %zu lines", i, r->lines_count);
        cr_expect_str_eq(r->lines[0].amount, banks[i].amount, "%zu: %s", i, r->lines[0].amount);
        cr_expect_str_eq(r->lines[0].booking, banks[i].date, "%zu", i);
        cr_expect_str_eq(r->lines[0].currency, banks[i].currency, "%zu", i);
        cr_expect_str_eq(r->lines[0].name, banks[i].name, "%zu: %s", i, r->lines[0].name);
        cr_expect_str_eq(r->statements[0].closing, banks[i].closing, "%zu: %s", i,
                         r->statements[0].closing);
        recorder_free(r);
    }
}

Test(statement_csv, pending_rows_move_nothing_unless_the_balance_counts_them)
{
    struct statement_recorder *r =
        read_text("date,amount,status\n2024-05-01,1.50,Completed\n2024-05-02,9.25,Pending\n", "{}");
    cr_expect_eq(r->statements[0].not_booked, 1);
    cr_expect_str_eq(r->statements[0].sum, "1.5");
    recorder_free(r);
    r = read_text("date,amount,status,balance\n2024-05-01,1.50,Completed,1.50\n"
                  "2024-05-02,9.25,Pending,10.75\n",
                  "{}");
    cr_expect_eq(r->statements[0].not_booked, 0);
    cr_expect(r->statements[0].balanced);
    recorder_free(r);
}

Test(statement_csv, q3_reversal_flips_is_the_banks_in_mt940_and_camt_too)
{
    static const char *const mt940 = ":20:A\n:25:DE1\n:28C:1\n:60F:C240301EUR100,00\n"
                                     ":61:2403110311RC10,00NTRFA//1\n:62F:C240331EUR90,00\n-\n";
    static const char *const camt =
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>"
        "<Id>S</Id><Acct><Id><IBAN>DE1</IBAN></Id><Ccy>EUR</Ccy></Acct><Ntry><Amt Ccy=\"EUR\">10.00"
        "</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts><BookgDt>"
        "<Dt>2024-03-11</Dt></BookgDt></Ntry></Stmt></BkToCstmrStmt></Document>";
    struct statement_recorder *r = read_text(mt940, "{}");
    cr_expect_str_eq(r->lines[0].amount, "-10");
    cr_expect(r->statements[0].balanced);
    recorder_free(r);
    r = read_text(mt940, "{\"format\":\"mt940\",\"reversal_flips\":false}");
    cr_expect_str_eq(r->lines[0].amount, "10");
    cr_expect(r->lines[0].reversal);
    recorder_free(r);
    r = read_text(camt, "{}");
    cr_expect_str_eq(r->lines[0].amount, "10");
    recorder_free(r);
    r = read_text(camt, "{\"reversal_flips\":true}");
    cr_expect_str_eq(r->lines[0].amount, "-10");
    cr_expect_str_eq(r->statements[0].sum, "-10");
    recorder_free(r);
}

/* --- profiles --------------------------------------------------------------------------------- */

static void expect_profile(const char *json, const char *message)
{
    struct fl_statement_profile profile;
    struct fl_error error = {.status = FL_OK};
    enum fl_status status = fl_statement_profile_read(json, strlen(json), &profile, &error);
    if (!message)
        cr_expect_eq(status, FL_OK, "%s: %s", json, error.message);
    else
        cr_expect(status != FL_OK && strstr(error.message, message), "%s: %s", json, error.message);
}

Test(statement_csv, a_profile_that_makes_no_sense_names_the_field)
{
    expect_profile("{}", NULL);
    expect_profile("{\"format\":\"csv\",\"charset\":null,\"thousands\":\"\",\"skip\":0}", NULL);
    expect_profile("{\"separator\":\"\\t\",\"date\":\"%d.%m.%Y\",\"reversal_flips\":true}", NULL);
    expect_profile("{\"seperator\":\";\"}", "seperator");
    expect_profile("{\"separator\":\";;\"}", "separator");
    expect_profile("{\"decimal\":\";\"}", "decimal");
    expect_profile("{\"decimal\":\",\",\"thousands\":\",\"}", "same");
    expect_profile("{\"date\":\"DD.MM\"}", "date");
    expect_profile("{\"currency\":\"XQQ\"}", "currency");
    expect_profile("{\"columns\":{\"date\":\"d\"}}", "amount");
    expect_profile("{\"columns\":{\"date\":\"d\",\"amount\":0}}", "amount");
    expect_profile("{\"columns\":{\"date\":\"d\",\"amount\":1,\"colour\":2}}", "colour");
    expect_profile("{\"skip\":-1}", "skip");
    expect_profile("[1]", "object");
    expect_profile("{", "JSON");
    expect_profile("{\"skip\":1,\"skip\":2}", "twice");
}

Test(statement_csv, a_reference_of_several_words_is_text_too_and_one_of_one_word_is_not)
{
    struct statement_recorder *r = read_text("Date,Amount,Name,Reference,Details,Balance\n"
                                             "2026-11-20,38.00,Acme,Rest of INV-1,,1038.00\n"
                                             "2026-11-21,1.00,Acme,INV-2,,1039.00\n"
                                             "2026-11-22,2.00,Acme,for INV-3,thanks,1041.00\n",
                                             "{\"currency\":\"EUR\"}");
    cr_assert_eq(r->lines_count, 3);
    cr_expect_str_eq(r->lines[0].text, "Rest of INV-1");
    cr_expect_str_eq(r->lines[0].customer_ref, "Rest of INV-1");
    cr_expect_str_eq(r->lines[1].text, "");
    cr_expect_str_eq(r->lines[1].customer_ref, "INV-2");
    cr_expect_str_eq(r->lines[2].text, "thanks for INV-3");
    recorder_free(r);
}
