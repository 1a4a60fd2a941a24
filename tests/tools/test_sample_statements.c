/* Every sample of a bank's file, read and compared with what its raw bytes come to
 * (statement_scan.h): statements, accounts, lines, what is not booked, sums, balances, differences.
 * What is damaged on purpose, and what does not add up as its authors left it, stands in a table
 * with the reason; a file that is not there must do neither. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/statement_recorder.h"
#include "tests/support/statement_scan.h"

/* What of a file is refused, by a part of the reason. */
struct exception {
    const char *file;
    unsigned refused; /* records; 0: the file as a whole */
    const char *reason;
    bool reckoned; /* what is left is compared all the same */
};

static const struct exception damaged[] = {
    /* on purpose: a message without a statement is no statement */
    {"genkgo_camt053.v2.wrong.xml", 0, "no statement in it", false},
    /* on purpose: both balances have a dot too many */
    {"hbci4java_camt052-00108-invalid-saldo.xml", 2, "has more decimals than EUR has",
     false},
    /* a template: letters stand where dates and amounts go */
    {"cmxl_mt940-headers.sta", 2, "no such", false},
    /* a lone field 86, a fragment of a message */
    {"myflow_duplicate_spaces.sta", 0, "no statement in it", false},
    /* fragments of messages, with an opening balance and no more */
    {"wolph_betterplace_amount_formats.sta", 6, "cut off", true},
    {"wolph_gv_codes.sta", 1, "cut off", true},
    {"myflow_sepa_snippet_broken_3.sta", 1, "cut off", true},
    /* its bank wrote ":65F:Dnullnull7414,3" in place of a closing balance */
    {"jejik_K4262927_20200905-080000-952.sta", 1, "cut off", true},
};

/* Statements that do not add up in the raw file: their authors changed amounts, left entries out or
 * made balances up. The differences themselves are reckoned. */
struct unbalanced {
    const char *file;
    unsigned statements;
};

static const struct unbalanced unbalanced[] = {
    {"genkgo_camt053.v2.all-balance-types.xml", 1}, /* 1.01, 2.02, ... for balances */
    {"genkgo_camt053.v2.five.decimals.xml", 1},
    {"oca_test-camt053.xml", 1}, /* an entry was added to a real file */
    {"postfinance_camt052.xml", 1},
    {"postfinance_camt053.xml", 1},
    {"cmxl_mt940-with-detailed-end-balance.sta", 1},
    {"jejik_commerzbank.sta", 1}, /* the same balance on both sides */
    {"jejik_deutschebank.sta", 1},
    {"jejik_ing-dos.sta", 1}, /* entries without their opening balance */
    {"jejik_oldenburgischelandesbank.sta", 1},
    {"jejik_sparkasse2.sta", 1},
    {"mt940js_abn-amro-1.sta", 1}, /* one entry of many */
    {"myflow_message_separator_in_text.sta", 1},
    {"phpmt940_Hsbc_sample.sta", 1},
    {"phpmt940_Ing_sample.sta", 1},
    {"phpmt940_Knab_sample.sta", 1},
    {"phpmt940_Rabo_sample.sta", 29}, /* balances and entries of different accounts */
    {"phpmt940_Rabo_sample3.sta", 2},
    {"svenstaro_issue-51.sta", 1},
    {"wolph_betterplace_sepa_snippet.sta", 1},
    {"wolph_details_60-63.sta", 1}, /* one entry, balances of another file; so the next two */
    {"wolph_overly_long_details.sta", 1},
    {"wolph_whitespace.sta", 1},
    {"wolph_jejik_abnamro.sta", 2},
    {"wolph_jejik_ing.sta", 1},
    {"wolph_jejik_postfinance.sta", 1},
    {"wolph_jejik_rabobank.sta", 2},
    {"wolph_jejik_triodos.sta", 1},
    {"zilverline_14aug2014.sta", 1},
    {"zilverline_abn_abn_sepa_incasso_doorlopend.sta", 1}, /* 10000 + 10.50 = 10010 */
    {"zilverline_abn_abn_structured_sepa_acceptgiro.sta", 1},
    {"zilverline_abn_abn_structured_sepa_ideal.sta", 1},
    {"zilverline_abn_abn_structured_sepa_overboeking.sta", 1},
    {"zilverline_abn_abnamro_structured.sta", 2},
    {"zilverline_deutsche_bank.sta", 1},
    {"zilverline_import-16-06-2014.sta", 1},
    {"zilverline_ing.sta", 1},
    {"zilverline_ing_eu_incasso_foreign_transaction.sta", 1},
    {"zilverline_ing_structured.sta", 1},
};

static unsigned unbalanced_of(const char *file)
{
    for (size_t i = 0; i < sizeof unbalanced / sizeof unbalanced[0]; i++) {
        if (strcmp(unbalanced[i].file, file) == 0)
            return unbalanced[i].statements;
    }
    return 0;
}

static const struct exception *exception_of(const char *file)
{
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        if (strcmp(damaged[i].file, file) == 0)
            return &damaged[i];
    }
    return NULL;
}

struct tally {
    unsigned files, statements, lines, not_booked, refused, unbalanced;
};

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    char *text = calloc(1, 1 << 21);
    size_t length = fread(text, 1, (1 << 21) - 1, file);
    fclose(file);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0')
            text[i] = ' ';
    }
    return text;
}

static long long millionths(const char *amount)
{
    return statement_scan_amount(amount, amount + strlen(amount));
}

static void compare_amount(const char *file, size_t n, const char *what, const char *read,
                           bool given, long long scanned)
{
    if (!given)
        cr_expect_str_eq(read, "-", "%s %zu: %s is %s, the scan sees none", file, n, what, read);
    else
        cr_expect_eq(millionths(read), scanned, "%s %zu: %s is %s, the scan says %lld", file, n,
                     what, read, scanned);
}

/* One statement; returns whether it has a difference. */
static bool compare_statement(const char *file, size_t n, const struct recorded_statement *s,
                              const struct scanned_statement *scan)
{
    long long difference = scan->closing - scan->opening - scan->sum;
    bool checked = scan->has_opening && scan->has_closing;
    cr_expect(s->ended, "%s %zu", file, n);
    cr_expect_eq(s->lines, scan->lines, "%s %zu: %u lines, the scan counts %u", file, n, s->lines,
                 scan->lines);
    cr_expect_eq(s->not_booked, scan->not_booked, "%s %zu: %u not booked, the scan counts %u", file,
                 n, s->not_booked, scan->not_booked);
    compare_amount(file, n, "sum", s->sum, true, scan->sum);
    compare_amount(file, n, "opening", s->opening, scan->has_opening, scan->opening);
    compare_amount(file, n, "closing", s->closing, scan->has_closing, scan->closing);
    compare_amount(file, n, "difference", s->difference, checked, difference);
    cr_expect_eq(s->balanced, checked && difference == 0, "%s %zu", file, n);
    if (scan->currency[0])
        cr_expect_str_eq(s->currency, scan->currency, "%s %zu", file, n);
    if (s->account[0]) /* a currency behind the number is cut off */
        cr_expect(strncmp(scan->account, s->account, strlen(s->account)) == 0, "%s %zu: %s, %s",
                  file, n, s->account, scan->account);
    return checked && difference != 0;
}

static void compare_scan(const char *file, const struct statement_recorder *r,
                         const struct statement_scan *scan, struct tally *tally)
{
    unsigned different = 0;
    cr_assert_eq(r->statements_count, scan->count, "%s: %zu statements, the scan sees %zu", file,
                 r->statements_count, scan->count);
    for (size_t i = 0; i < scan->count; i++) {
        different += compare_statement(file, i, &r->statements[i], &scan->list[i]);
        tally->statements++;
        tally->lines += r->statements[i].lines;
        tally->not_booked += r->statements[i].not_booked;
    }
    cr_expect_eq(different, unbalanced_of(file), "%s: %u statements do not add up", file,
                 different);
    tally->unbalanced += different;
}

static void expect_exception(const struct exception *e, const struct statement_recorder *r)
{
    bool whole = e->refused == 0;
    const char *said = whole ? r->error.message : r->refused[0].message;
    cr_expect_eq(r->status, whole ? FL_UNREADABLE : FL_OK, "%s: %s", e->file, r->error.message);
    cr_expect_eq(r->refused_count, e->refused, "%s", e->file);
    cr_expect(strstr(said, e->reason), "%s: %s", e->file, said);
}

static void compare_file(const char *path, bool mt940, struct tally *tally)
{
    const char *file = strrchr(path, '/') + 1;
    const struct exception *exception = exception_of(file);
    struct statement_recorder *r = recorder_read_file(path, 0);
    tally->files++;
    if (exception) {
        expect_exception(exception, r);
        tally->refused++;
    } else {
        cr_expect_eq(r->status, FL_OK, "%s: %s", file, r->error.message);
        cr_expect_eq(r->refused_count, 0, "%s: line %llu: %s", file,
                     (unsigned long long)r->refused[0].line, r->refused[0].message);
    }
    if (!exception || exception->reckoned) {
        char *text = read_whole(path);
        struct statement_scan scan = mt940 ? statement_scan_mt940(text) : statement_scan_camt(text);
        compare_scan(file, r, &scan, tally);
        statement_scan_free(&scan);
        free(text);
    }
    recorder_free(r);
}

static void compare_folder(const char *folder, bool mt940, struct tally *tally)
{
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[1100];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        bool visible = names[i]->d_name[0] != '.' && stat(path, &info) == 0;
        if (visible && S_ISDIR(info.st_mode))
            compare_folder(path, mt940, tally);
        else if (visible)
            compare_file(path, mt940, tally);
        free(names[i]);
    }
    free(names);
}

static void compare_all(const char *kind, bool mt940, struct tally *tally)
{
    char folder[600];
    struct stat info;
    snprintf(folder, sizeof folder, "%s/%s", FLORIN_SHARED_DATA, kind);
    if (stat(folder, &info) != 0)
        cr_skip_test("skipped: no sample files at %s", folder);
    compare_folder(folder, mt940, tally);
    printf(
        "%s: %u files (%u refused), %u statements (%u do not add up), %u lines (%u not booked)\n",
        kind, tally->files, tally->refused, tally->statements, tally->unbalanced, tally->lines,
        tally->not_booked);
}

Test(sample_statements, every_mt940_and_mt942_file_is_what_its_lines_come_to)
{
    struct tally tally = {0};
    compare_all("mt940", true, &tally);
    cr_expect_eq(tally.files, 106);
}

Test(sample_statements, every_camt_file_is_what_its_entries_come_to)
{
    struct tally tally = {0};
    compare_all("camt", false, &tally);
    cr_expect_eq(tally.files, 226);
}
