#include <criterion/criterion.h>
#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/statement_recorder.h"

/* --- the scan: what a regular expression sees in the raw file, the parser left aside ------------
 */

#define GROUPS_MAX 64

/* Statements as a scan sees them, in thousandths. */
struct scan {
    struct {
        long long opening, sum, closing;
        bool has_opening, has_closing, interim;
        unsigned entries;
    } group[GROUPS_MAX];
    size_t count;
};

/* "1.234", "1234,5", "12," in thousandths; further digits must not matter. */
static long long thousandths(const char *at, const char *end)
{
    long long value = 0;
    int decimals = -1;
    for (; at < end; at++) {
        if (*at == ',' || *at == '.')
            decimals = 0;
        else if (decimals < 3)
            value = value * 10 + (*at - '0'), decimals += decimals >= 0;
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < 3; decimals++)
        value *= 10;
    return value;
}

static void scan_mt940_line(struct scan *scan, const char *line, regex_t *entry, regex_t *balance)
{
    regmatch_t m[6];
    if (regexec(balance, line, 6, m, 0) == 0) {
        long long amount = thousandths(line + m[4].rm_so, line + m[4].rm_eo);
        if (line[m[3].rm_so] == 'D')
            amount = -amount;
        bool opening = line[m[1].rm_so] == '0', interim = line[m[2].rm_so] == 'M';
        bool goes_on =
            opening && interim && scan->count > 0 && scan->group[scan->count - 1].interim;
        if (opening && !goes_on && scan->count < GROUPS_MAX) {
            memset(&scan->group[scan->count], 0, sizeof scan->group[0]);
            scan->group[scan->count].opening = amount;
            scan->group[scan->count++].has_opening = true;
        } else if (!opening && scan->count > 0) {
            scan->group[scan->count - 1].closing = amount;
            scan->group[scan->count - 1].has_closing = true;
        }
        if (scan->count > 0)
            scan->group[scan->count - 1].interim = !opening && interim;
    } else if (regexec(entry, line, 6, m, 0) == 0 && scan->count > 0) {
        long long amount = thousandths(line + m[4].rm_so, line + m[4].rm_eo);
        bool minus = line[m[3].rm_so] == 'D', reversal = m[2].rm_eo > m[2].rm_so;
        scan->group[scan->count - 1].sum += minus != reversal ? -amount : amount;
        scan->group[scan->count - 1].entries++;
    }
}

static void scan_mt940(struct scan *scan, char *text)
{
    regex_t entry, balance;
    cr_assert_eq(regcomp(&entry, "^:61:[0-9]{6}([0-9]{4})?(R?)([CD])[A-Z]? ?([0-9]*[,.]?[0-9]*)",
                         REG_EXTENDED),
                 0);
    cr_assert_eq(regcomp(&balance, "^:6([02])([FM]):([CD])[0-9]{6}[A-Z]{0,3}([0-9]*[,.]?[0-9]*)",
                         REG_EXTENDED),
                 0);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        scan_mt940_line(scan, line, &entry, &balance);
    regfree(&entry);
    regfree(&balance);
}

/* The amount in the first <Amt from `at`, by the first CdtDbtInd of its block. */
static long long scan_amount(const char *at, const char *block)
{
    const char *sign = strstr(block, "<CdtDbtInd>");
    at = strstr(at, "<Amt");
    const char *end;
    at = strchr(at, '>') + 1;
    end = strchr(at, '<');
    long long amount = thousandths(at, end);
    return sign && strncmp(sign + strlen("<CdtDbtInd>"), "DBIT", 4) == 0 ? -amount : amount;
}

/* The next <NAME>...</NAME> in `*at`, cut out; null if there is none. */
static char *next_block(char **at, const char *open, const char *close)
{
    char *start = strstr(*at, open), *end = start ? strstr(start, close) : NULL;
    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 1;
    return start;
}

static void blank_comments(char *text)
{
    for (char *start; (start = strstr(text, "<!--"));) {
        char *end = strstr(start, "-->");
        size_t n = end ? (size_t)(end + 3 - start) : strlen(start);
        memset(start, ' ', n);
    }
}

static void scan_camt(struct scan *scan, char *text)
{
    blank_comments(text);
    for (char *statement; (statement = next_block(&text, "<Stmt>", "</Stmt>"));) {
        memset(&scan->group[scan->count], 0, sizeof scan->group[0]);
        char *at = statement, *block;
        const char *currency = strstr(statement, "<Ccy>");
        while ((block = next_block(&at, "<Bal>", "</Bal>"))) {
            const char *limit = strstr(block, "</CdtLine>");
            const char *amount = strstr(limit ? limit : block, "<Amt Ccy=\"");
            bool other = currency && memcmp(currency + 5, amount + 10, 3) != 0;
            if (strstr(block, "OPBD") ||
                (strstr(block, "PRCD") && !scan->group[scan->count].has_opening)) {
                scan->group[scan->count].opening = scan_amount(amount, block);
                scan->group[scan->count].has_opening = !other;
            } else if (strstr(block, "CLBD")) {
                scan->group[scan->count].closing = scan_amount(amount, block);
                scan->group[scan->count].has_closing = !other;
            }
            *(block + strlen(block)) = ' ';
        }
        while ((block = next_block(&at, "<Ntry>", "</Ntry>"))) {
            scan->group[scan->count].sum += scan_amount(block, block);
            scan->group[scan->count].entries++;
        }
        scan->count++;
    }
}

/* --- the comparison -----------------------------------------------------------------------------
 */

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = calloc(1, 1 << 20);
    if (fread(text, 1, (1 << 20) - 1, file) == 0)
        text[0] = '\0';
    fclose(file);
    return text;
}

static long long recorded_thousandths(const char *amount)
{
    bool minus = amount[0] == '-';
    long long value = thousandths(amount + minus, amount + strlen(amount));
    return minus ? -value : value;
}

struct tally {
    unsigned files, refused, statements, balanced, unchecked, entries;
};

static void compare_file(const char *path, bool mt940, struct tally *tally)
{
    struct statement_recorder *r = recorder_read_file(path, 0);
    cr_assert(r, "%s", path);
    cr_assert_eq(r->status, FL_OK, "%s: %s", path, r->error.message);
    if (r->refused_count > 0) { /* the scan does not know what is wrong with a record */
        printf("%s: line %llu: %s\n", path, (unsigned long long)r->refused[0].line,
               r->refused[0].message);
        recorder_free(r);
        tally->refused++;
        return;
    }
    char *text = read_whole(path);
    struct scan scan = {0};
    if (mt940)
        scan_mt940(&scan, text);
    else
        scan_camt(&scan, text);
    free(text);
    size_t at = 0;
    for (size_t i = 0; i < scan.count; i++) {
        while (at < r->statements_count && strcmp(r->statements[at].opening, "-") == 0 &&
               scan.group[i].has_opening)
            at++;
        cr_assert_lt(at, r->statements_count, "%s: statement %zu of the scan is not there", path,
                     i);
        const struct recorded_statement *s = &r->statements[at++];
        cr_expect(s->ended, "%s", path);
        cr_expect_eq(recorded_thousandths(s->sum), scan.group[i].sum, "%s %zu: sum %s, scan %lld",
                     path, i, s->sum, scan.group[i].sum);
        tally->statements++;
        tally->entries += scan.group[i].entries;
        if (!scan.group[i].has_opening || !scan.group[i].has_closing) {
            cr_expect_str_eq(s->difference, "-", "%s %zu", path, i);
            tally->unchecked++;
            continue;
        }
        long long difference = scan.group[i].closing - scan.group[i].opening - scan.group[i].sum;
        cr_expect_eq(recorded_thousandths(s->difference), difference, "%s %zu: difference %s", path,
                     i, s->difference);
        cr_expect_eq(s->balanced, difference == 0, "%s %zu", path, i);
        tally->balanced += difference == 0;
        if (difference != 0 && getenv("FLORIN_LIST"))
            printf("%s, statement %zu: %s + %s is not %s\n", path, i + 1, s->opening, s->sum,
                   s->closing);
    }
    recorder_free(r);
    tally->files++;
}

static void compare_folder(const char *folder, const char *prefix, bool mt940, struct tally *tally)
{
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[1100];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        struct stat info;
        bool wanted = stat(path, &info) == 0 && S_ISREG(info.st_mode);
        if (wanted && !mt940) {
            char *text = read_whole(path);
            wanted = strstr(text, "<BkToCstmrStmt>") != NULL && strstr(text, prefix) != NULL;
            free(text);
        }
        if (wanted)
            compare_file(path, mt940, tally);
        free(names[i]);
    }
    free(names);
}

static bool no_samples(void)
{
    struct stat info;
    if (stat(FLORIN_SHARED_DATA "/mt940", &info) == 0)
        return false;
    cr_skip_test("skipped: no sample files at %s", FLORIN_SHARED_DATA);
    return true;
}

Test(statement_reader, every_mt940_sample_sums_as_a_scan_of_the_raw_file_does)
{
    if (no_samples())
        return;
    struct tally tally = {0};
    compare_folder(FLORIN_SHARED_DATA "/mt940", "", true, &tally);
    printf("mt940: %u files, %u statements (%u add up, %u without both balances), %u entries\n",
           tally.files, tally.statements, tally.balanced, tally.unchecked, tally.entries);
    cr_expect_eq(tally.files + tally.refused, 106);
    cr_expect_leq(tally.refused, 2, "two of the samples are damaged on purpose");
    cr_expect_gt(tally.balanced, 150);
}

Test(statement_reader, every_camt053_sample_sums_as_a_scan_of_the_raw_file_does)
{
    if (no_samples())
        return;
    struct tally tally = {0};
    compare_folder(FLORIN_SHARED_DATA "/camt", "", false, &tally);
    unsigned others = tally.balanced;
    compare_folder(FLORIN_SHARED_DATA "/camt/subite_LT_053", "", false, &tally);
    printf("camt.053: %u files, %u statements (%u add up, %u without both balances), %u entries\n",
           tally.files, tally.statements, tally.balanced, tally.unchecked, tally.entries);
    cr_expect_geq(others, 10);
    cr_expect_geq(tally.balanced, others + 100, "each of the Lithuanian series adds up");
}

/* The 3,259 details of the 40 notices: each entry is the signed sum of its own. */
Test(statement_reader, notices_are_read_detail_by_detail_and_book_nothing)
{
    if (no_samples())
        return;
    struct dirent **names;
    int n = scandir(FLORIN_SHARED_DATA "/camt/subite_LT_054", &names, NULL, alphasort);
    size_t lines = 0;
    for (int i = 0; i < n; i++) {
        char path[1100];
        snprintf(path, sizeof path, FLORIN_SHARED_DATA "/camt/subite_LT_054/%s", names[i]->d_name);
        free(names[i]);
        if (!strstr(path, ".xml"))
            continue;
        struct statement_recorder *r = recorder_read_file(path, 0);
        cr_expect_eq(r->status, FL_OK);
        cr_expect_eq(r->warnings_count, 0, "%s: %s", path, r->last_warning);
        cr_expect_eq(r->statements[0].not_booked, r->statements[0].lines);
        cr_expect_str_eq(r->statements[0].sum, "0");
        lines += r->lines_count;
        recorder_free(r);
    }
    free(names);
    cr_expect_eq(lines, 3259, "%zu", lines);
}

/* Byte by byte and in odd steps, every sample gives the same as whole. */
Test(statement_reader, no_border_between_reads_shows)
{
    if (no_samples())
        return;
    static const char *const folders[] = {"/mt940", "/camt"};
    static const size_t steps[] = {1, 7};
    for (size_t f = 0; f < 2; f++) {
        char folder[600];
        snprintf(folder, sizeof folder, "%s%s", FLORIN_SHARED_DATA, folders[f]);
        struct dirent **names;
        int n = scandir(folder, &names, NULL, alphasort);
        for (int i = 0; i < n; i++) {
            char path[1100];
            snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
            free(names[i]);
            struct stat info;
            if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > 100000)
                continue;
            struct statement_recorder *whole = recorder_read_file(path, 0);
            char *expected = recorder_transcript(whole);
            for (size_t s = 0; s < 2; s++) {
                struct statement_recorder *cut = recorder_read_file(path, steps[s]);
                char *got = recorder_transcript(cut);
                cr_expect_str_eq(got, expected, "%s in steps of %zu", path, steps[s]);
                free(got);
                recorder_free(cut);
            }
            free(expected);
            recorder_free(whole);
        }
        free(names);
    }
}

Test(statement_reader, formats_are_told_by_their_content)
{
    static const struct {
        const char *start;
        enum fl_statement_format format;
    } cases[] = {
        {"text before\n\n:20:X\n", FL_FORMAT_MT940},
        {"\xEF\xBB\xBF\n<?xml version=\"1.0\"?><Document "
         "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.13\">",
         FL_FORMAT_CAMT},
        {"<a:Document><a:BkToCstmrAcctRpt>", FL_FORMAT_CAMT},
        {"<Invoice xmlns=\"urn:oasis\">", FL_FORMAT_OTHER_XML},
        {"OFXHEADER:100\nDATA:OFXSGML", FL_FORMAT_OFX},
        {"01,122099999,123456789,040621", FL_FORMAT_BAI2},
        {"date;amount\n", FL_FORMAT_TEXT},
        {"", FL_FORMAT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(fl_statement_format_detect(cases[i].start, strlen(cases[i].start)),
                     cases[i].format, "%s", cases[i].start);
}
