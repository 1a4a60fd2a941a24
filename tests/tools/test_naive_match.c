/* How far naive matching comes on the hardest workload: a document's number as it is written in the
 * text, and its amount. Reckoned from the files that gen writes and its key; what invoices amount
 * to is known from the events. Formats that nothing reads without a profile are left out. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/decimal.h"
#include "tests/support/statement_recorder.h"
#include "tools/cli/cli_gen.h"
#include "tools/gen/gen_names.h"
#include "tools/gen/gen_reference.h"
#include "tools/gen/our_accounts.h"
#include "tools/gen/workload.h"

#define ORDERS 6000
#define SEED 31

struct row {
    char line[64];
    uint32_t invoice; /* of the only one that is settled; UINT32_MAX: none or several */
    bool empty, decidable, seen;
};

struct key {
    struct row *rows;
    size_t count;
};

/* What invoices amount to, and what a payer could write of them. */
struct books {
    int64_t total_minor[2 * ORDERS];
    uint32_t count;
};

static void read_books(struct books *books)
{
    struct fl_workload_options options = {.orders = ORDERS, .seed = SEED, .hard = true};
    struct fl_workload *workload;
    struct fl_workload_event event;
    cr_assert_eq(fl_workload_open(&options, &workload, NULL), FL_OK);
    do {
        cr_assert_eq(fl_workload_next(workload, &event), FL_OK);
        if (event.kind == FL_EVENT_INVOICE)
            books->total_minor[books->count++] = event.invoice.total.total_minor;
    } while (event.kind != FL_EVENT_END);
    fl_workload_close(workload);
}

static int by_line(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->line, ((const struct row *)b)->line);
}

static void read_key(const char *directory, struct key *key)
{
    char path[512], *text = NULL;
    size_t capacity = 0;
    snprintf(path, sizeof path, "%s/answers.ndjson", directory);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    while (getline(&text, &capacity, file) > 0) {
        struct row *row = &key->rows[key->count++];
        const char *first = strstr(text, "{\"invoice\":\"INV-");
        const char *second = first ? strstr(first + 1, "{\"") : NULL;
        cr_assert_eq(sscanf(text, "{\"line\":\"%63[^\"]\"", row->line), 1);
        row->empty = first == NULL;
        row->invoice = first && !second ? (uint32_t)strtoul(first + 16, NULL, 10) - 1 : UINT32_MAX;
        row->decidable = strstr(text, "\"decidable\":true") != NULL;
    }
    free(text);
    fclose(file);
    qsort(key->rows, key->count, sizeof key->rows[0], by_line);
}

/* The invoice whose number stands in the text and whose amount it is. */
static uint32_t naive(const struct books *books, const char *text, int64_t amount_minor)
{
    for (const char *at = text; (at = strstr(at, "INV-")) != NULL; at += 4) {
        uint32_t number = (uint32_t)strtoul(at + 4, NULL, 10);
        char id[FL_GEN_ID_BYTES];
        if (number == 0 || number > books->count)
            continue;
        size_t length = fl_gen_id(FL_GEN_ID_INVOICE, number - 1, id);
        if (strncmp(at, id, length) == 0 && books->total_minor[number - 1] == amount_minor)
            return number - 1;
    }
    return UINT32_MAX;
}

struct score {
    size_t lines, decidable, right, wrong;
};

/* A line that comes again (planted) counts once. */
static void judge(const struct books *books, struct key *key,
                  const struct statement_recorder *recorder, struct score *score)
{
    for (size_t i = 0; i < recorder->lines_count; i++) {
        const struct recorded_line *line = &recorder->lines[i];
        struct row wanted;
        struct fl_decimal amount;
        int64_t amount_minor;
        snprintf(wanted.line, sizeof wanted.line, "%.22s/%.32s",
                 recorder->statements[line->statement].account, line->bank_ref);
        struct row *row = bsearch(&wanted, key->rows, key->count, sizeof *key->rows, by_line);
        if (!row) {
            cr_assert_eq(line->amount[0], '-', "%s is not in the key", wanted.line);
            continue;
        }
        if (row->seen)
            continue;
        row->seen = true;
        cr_assert_eq(fl_decimal_parse(line->amount, strlen(line->amount), &amount), FL_OK);
        cr_assert_eq(fl_decimal_scale(amount, 2, &amount_minor), FL_OK);
        uint32_t invoice = naive(books, line->text, amount_minor);
        score->lines++;
        score->decidable += row->decidable && !row->empty;
        score->right += invoice != UINT32_MAX && invoice == row->invoice && row->decidable;
        score->wrong += invoice != UINT32_MAX && invoice != row->invoice;
    }
}

/* Each month's file, but not the copies; accounts whose format may ask for a profile are left
 * out. */
static void judge_account(const char *directory, uint32_t account, const struct books *books,
                          struct key *key, struct score *score)
{
    static const char *const extensions[] = {"xml", "sta", "sta", "xml", "bai", "ofx", "ofx"};
    for (int month = 1; account < sizeof extensions / sizeof *extensions && month <= 12; month++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s-2024-%02d.%s", directory, fl_our_account_iban(account),
                 month, extensions[account]);
        struct statement_recorder *recorder = recorder_read_file(path, 0);
        if (recorder->status != FL_OK)
            cr_assert(account > 4, "%s: %s", path, recorder->error.message);
        else
            judge(books, key, recorder, score);
        recorder_free(recorder);
    }
}

static void remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(path);
}

Test(naive_match, hardest_workload_leaves_it_below_sixty_percent)
{
    char directory[] = "/tmp/florin_naive_XXXXXX";
    cr_assert(mkdtemp(directory));
    char *argv[] = {"gen", "--orders", "6000", "--seed", "31", "--out", directory, "--hard"};
    cr_assert_eq(fl_cli_gen(8, argv), 0);
    struct books *books = calloc(1, sizeof *books);
    struct key key = {.rows = calloc(2 * ORDERS, sizeof *key.rows)};
    struct score score = {0};
    read_books(books);
    read_key(directory, &key);
    for (uint32_t account = 0; account < FL_GEN_ACCOUNTS; account++)
        judge_account(directory, account, books, &key, &score);
    double coverage = (double)score.right / (double)score.decidable;
    cr_log_info("naive: %zu lines, %zu of them decidable, %zu right, %zu wrong", score.lines,
                score.decidable, score.right, score.wrong);
    cr_expect_gt(score.lines, key.count / 2);
    cr_expect_lt(coverage, 0.6, "%.3f", coverage);
    cr_expect_gt(coverage, 0.15, "%.3f", coverage); /* and it is no nonsense */
    cr_expect_gt(score.wrong, 0, "nothing misleads it");
    free(key.rows);
    free(books);
    remove_directory(directory);
}
