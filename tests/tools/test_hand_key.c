/* A second judge of matching: a key made by hand, with the real texts of the sample statements.
 *
 * Each row of hand_key.ndjson names a file of the shared data and its n-th entry, and says what
 * documents our books have and what the entry settles: numbers, customers and amounts are made up
 * to fit what the text shows. The texts themselves are not in the project: they are read here, with
 * the payer's name and account, and put into one statement (camt.053, EUR, a reference for each
 * line). An entry that pays out in its file pays in here; what matters is how people write.
 *
 *   file, entry   which one; `amount` must be what it has there
 *   customer      who pays, in our books; the name is the payer's of the first such entry
 *   account       whether the books know the account that pays
 *   settles       what the entry takes off each document; `total`: what the document amounts to, if
 *                 that is not it; `reference`: the document has the entry's structured reference
 *   others        further open documents of the customer
 *   discount      the customer's percent within 14 days
 *   why           what tells it, for people
 *
 * Everything runs through the program: init, apply, import, report match-quality. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/decimal.h"
#include "tests/support/statement_recorder.h"

#define ROWS 200
#define CUSTOMERS_MAX 400
#define ACCOUNT "DE89370400440532013000"

static char directory[64];

/* The text of a field, without quotes; empty if there is none. */
static const char *field(const char *object, const char *name, char *out, size_t room)
{
    char wanted[40];
    snprintf(wanted, sizeof wanted, "\"%s\":", name);
    const char *at = strstr(object, wanted);
    out[0] = '\0';
    if (!at)
        return out;
    at += strlen(wanted);
    char end = *at == '"' ? '"' : ',';
    at += *at == '"';
    size_t n = 0;
    while (at[n] != '\0' && at[n] != end && at[n] != '}' && n + 1 < room)
        n++;
    memcpy(out, at, n);
    out[n] = '\0';
    return out;
}

static bool is_true(const char *object, const char *name)
{
    char value[16];
    return strcmp(field(object, name, value, sizeof value), "true") == 0;
}

static int64_t cents_of(const char *amount)
{
    struct fl_decimal value;
    int64_t minor;
    cr_assert_eq(fl_decimal_parse(amount, strlen(amount), &value), FL_OK, "%s", amount);
    cr_assert_eq(fl_decimal_scale(value, 2, &minor), FL_OK, "%s", amount);
    return minor;
}

static FILE *create(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    cr_assert(file);
    return file;
}

/* Text for XML or JSON; signs that neither allows are left out, and half a character at the end. */
static void put_escaped(FILE *file, const char *text, bool json)
{
    size_t length = strlen(text), cut = length;
    while (cut > 0 && ((unsigned char)text[cut - 1] & 0xc0) == 0x80)
        cut--;
    if (length > 390 && cut > 0 && (unsigned char)text[cut - 1] >= 0xc0)
        length = cut - 1;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (json && (c == '"' || c == '\\'))
            fprintf(file, "\\%c", c);
        else if (!json && (c == '&' || c == '<' || c == '>'))
            fprintf(file, "%s", c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;");
        else if (c >= 0x20)
            fputc(c, file);
    }
}

struct outputs {
    FILE *commands, *statement, *key;
    char customers[CUSTOMERS_MAX][16];
    size_t customer_count;
    int64_t sum_minor;
    struct statement_recorder *recorder; /* of the file read last */
    char file[256];
    char lines[ROWS][1200]; /* of the key, to be looked at */
    size_t rows;
};

/* The entry that a row means; the file before is mostly the same. */
static const struct recorded_line *entry_of(struct outputs *out, const char *row)
{
    char file[256], entry[16], amount[32];
    field(row, "file", file, sizeof file);
    if (strcmp(file, out->file) != 0) {
        char path[1024];
        if (out->recorder)
            recorder_free(out->recorder);
        snprintf(path, sizeof path, "%s/%s", FLORIN_SHARED_DATA, file);
        out->recorder = recorder_read_file(path, 0);
        strcpy(out->file, file);
    }
    size_t n = strtoul(field(row, "entry", entry, sizeof entry), NULL, 10);
    cr_assert(n > 0 && n <= out->recorder->lines_count, "%s has no entry %zu", file, n);
    const struct recorded_line *line = &out->recorder->lines[n - 1];
    int64_t minor = cents_of(line->amount);
    cr_assert_eq(minor < 0 ? -minor : minor, cents_of(field(row, "amount", amount, sizeof amount)),
                 "%s, entry %zu: %s, not %s", file, n, line->amount, amount);
    return line;
}

static bool is_known(const struct outputs *out, const char *customer)
{
    for (size_t i = 0; i < out->customer_count; i++)
        if (strcmp(out->customers[i], customer) == 0)
            return true;
    return false;
}

static void put_customer(struct outputs *out, const char *row, const char *customer,
                         const struct recorded_line *line)
{
    char percent[8];
    if (customer[0] == '\0' || is_known(out, customer))
        return;
    cr_assert_lt(out->customer_count, CUSTOMERS_MAX);
    strcpy(out->customers[out->customer_count++], customer);
    fprintf(out->commands, "{\"type\":\"customer\",\"id\":\"%s\",\"name\":\"", customer);
    if (line->name[0] != '\0')
        put_escaped(out->commands, line->name, true);
    else
        fprintf(out->commands, "Kunde %s", customer);
    fprintf(out->commands, "\",\"currency\":\"EUR\",\"credit_limit\":null,\"net_days\":30");
    if (is_true(row, "account") && line->account[0] != '\0') {
        fprintf(out->commands, ",\"bank_accounts\":[\"");
        put_escaped(out->commands, line->account, true);
        fprintf(out->commands, "\"]");
    }
    if (field(row, "discount", percent, sizeof percent)[0] != '\0')
        fprintf(out->commands, ",\"discount\":{\"days\":14,\"percent\":\"%s\"}", percent);
    fprintf(out->commands, ",\"at\":\"2025-03-01T08:00:00Z\"}\n");
}

static void put_invoice(struct outputs *out, const char *customer, const char *document,
                        const struct recorded_line *line)
{
    char id[80], amount[32], total[32];
    field(document, "invoice", id, sizeof id);
    field(document, "amount", amount, sizeof amount);
    field(document, "total", total, sizeof total);
    fprintf(out->commands,
            "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"%s\",\"amount\":{\"net\":\"%s\","
            "\"tax\":\"0.00\"},\"date\":\"2025-03-10\",\"due_date\":\"2025-04-09\"",
            id, customer, total[0] != '\0' ? total : amount);
    if (is_true(document, "reference"))
        fprintf(out->commands, ",\"reference\":\"%s\"", line->references[0]);
    fprintf(out->commands, ",\"at\":\"2025-03-10T08:00:00Z\"}\n");
}

/* Every object of the list `name`. */
static void put_documents(struct outputs *out, const char *row, const char *name,
                          const char *customer, const struct recorded_line *line)
{
    char wanted[40], document[300];
    snprintf(wanted, sizeof wanted, "\"%s\":[", name);
    const char *at = strstr(row, wanted);
    const char *end = at ? strchr(at, ']') : NULL;
    while (at && (at = strchr(at, '{')) != NULL && at < end) {
        const char *close = strchr(at, '}');
        size_t length = (size_t)(close - at) + 1;
        cr_assert_lt(length, sizeof document);
        memcpy(document, at, length);
        document[length] = '\0';
        put_invoice(out, customer, document, line);
        at = close;
    }
}

static void put_entry(struct outputs *out, size_t n, const char *row,
                      const struct recorded_line *line)
{
    char amount[32];
    FILE *file = out->statement;
    field(row, "amount", amount, sizeof amount);
    out->sum_minor += cents_of(amount);
    fprintf(file,
            "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>"
            "2025-03-20</Dt></BookgDt><ValDt><Dt>2025-03-20</Dt></ValDt><AcctSvcrRef>H%03zu"
            "</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>",
            amount, n);
    put_escaped(file, line->end_to_end[0] != '\0' ? line->end_to_end : "NOTPROVIDED", false);
    fprintf(file, "</EndToEndId></Refs><RltdPties>");
    if (line->name[0] != '\0') {
        fprintf(file, "<Dbtr><Nm>");
        put_escaped(file, line->name, false);
        fprintf(file, "</Nm></Dbtr>");
    }
    if (line->account[0] != '\0') {
        fprintf(file, "<DbtrAcct><Id><Othr><Id>");
        put_escaped(file, line->account, false);
        fprintf(file, "</Id></Othr></Id></DbtrAcct>");
    }
    fprintf(file, "</RltdPties><RmtInf><Ustrd>");
    put_escaped(file, line->text, false);
    fprintf(file, "</Ustrd>");
    for (uint32_t i = 0; i < line->references_count && i < 4; i++) {
        fprintf(file, "<Strd><CdtrRefInf><Ref>");
        put_escaped(file, line->references[i], false);
        fprintf(file, "</Ref></CdtrRefInf></Strd>");
    }
    fprintf(file, "</RmtInf></TxDtls></NtryDtls></Ntry>\n");
}

/* The row of the key: what the row has of it, and the line it is now. */
static void put_key(struct outputs *out, size_t n, const char *row)
{
    const char *settles = strstr(row, "\"settles\":");
    const char *end = strstr(settles, "]");
    snprintf(out->lines[n - 1], sizeof out->lines[n - 1],
             "{\"line\":\"" ACCOUNT "/H%03zu\",%.*s],\"decidable\":%s}", n, (int)(end - settles),
             settles, is_true(row, "decidable") ? "true" : "false");
    fprintf(out->key, "%s\n", out->lines[n - 1]);
}

static void put_row(struct outputs *out, const char *row)
{
    char customer[16];
    size_t n = ++out->rows;
    const struct recorded_line *line = entry_of(out, row);
    field(row, "customer", customer, sizeof customer);
    put_customer(out, row, customer, line);
    put_documents(out, row, "settles", customer, line);
    put_documents(out, row, "others", customer, line);
    put_entry(out, n, row, line);
    put_key(out, n, row);
}

static void begin(struct outputs *out)
{
    out->commands = create("commands.ndjson");
    out->statement = create("statement.xml");
    out->key = create("key.ndjson");
    fprintf(out->commands,
            "{\"type\":\"book\",\"base_currency\":\"EUR\",\"time_zone\":\"UTC\",\"tolerances\":"
            "{\"EUR\":\"0.05\"},\"at\":\"2025-03-01T00:00:00Z\"}\n"
            "{\"type\":\"bank_account\",\"id\":\"" ACCOUNT "\",\"currency\":\"EUR\",\"opening\":"
            "\"0.00\",\"at\":\"2025-03-01T00:00:00Z\"}\n");
}

/* The balances come last in the story and first in the file: they are put before the entries. */
static void finish(struct outputs *out)
{
    FILE *whole = create("statement.camt.xml");
    char path[512], buffer[4096];
    size_t got;
    fclose(out->statement);
    snprintf(path, sizeof path, "%s/statement.xml", directory);
    FILE *entries = fopen(path, "r");
    fprintf(whole,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:"
            "tech:xsd:camt.053.001.02\"><BkToCstmrStmt><GrpHdr><MsgId>HAND</MsgId><CreDtTm>"
            "2025-03-20T20:00:00</CreDtTm></GrpHdr><Stmt><Id>HAND-1</Id><CreDtTm>"
            "2025-03-20T20:00:00</CreDtTm><Acct><Id><IBAN>" ACCOUNT "</IBAN></Id><Ccy>EUR</Ccy>"
            "</Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">0.00</Amt>"
            "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2025-03-20</Dt></Dt></Bal><Bal><Tp><CdOrPrtry>"
            "<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">%lld.%02d</Amt><CdtDbtInd>CRDT"
            "</CdtDbtInd><Dt><Dt>2025-03-20</Dt></Dt></Bal>\n",
            (long long)(out->sum_minor / 100), (int)(out->sum_minor % 100));
    while ((got = fread(buffer, 1, sizeof buffer, entries)) > 0)
        cr_assert_eq(fwrite(buffer, 1, got, whole), got);
    fprintf(whole, "</Stmt></BkToCstmrStmt></Document>\n");
    fclose(entries);
    fclose(whole);
    fclose(out->commands);
    fclose(out->key);
    recorder_free(out->recorder);
}

/* Runs the program in the directory; its output goes to `output`. */
static int run(const char *arguments, const char *output)
{
    char command[1024];
    snprintf(command, sizeof command, "cd %s && " FLORIN_BINARY " %s >%s 2>errors", directory,
             arguments, output);
    int status = system(command);
    return status == -1 ? -1 : WEXITSTATUS(status);
}

static char *content(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    cr_assert(file, "%s", name);
    char *text = calloc(1, 4u << 20);
    cr_assert_lt(fread(text, 1, (4u << 20) - 1, file), (4u << 20) - 1);
    fclose(file);
    return text;
}

static double rate(const char *report, const char *name)
{
    const char *at = strstr(report, "\"by_payment\":");
    char value[32];
    cr_assert(at, "%s", report);
    return strtod(field(at, name, value, sizeof value), NULL);
}

static void remove_directory(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    cr_assert_eq(system(command), 0);
}

static void build(struct outputs *out)
{
    char path[512], *row = NULL;
    size_t capacity = 0;
    snprintf(path, sizeof path, "%s/tests/tools/hand_key.ndjson", FLORIN_SOURCE_DIR);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    begin(out);
    while (getline(&row, &capacity, file) > 0)
        put_row(out, row);
    cr_assert_eq(out->rows, ROWS);
    free(row);
    fclose(file);
    finish(out);
}

Test(hand_key, real_texts_settle_what_a_person_says)
{
    DIR *data = opendir(FLORIN_SHARED_DATA "/mt940");
    if (!data)
        cr_skip_test("no shared data at " FLORIN_SHARED_DATA);
    closedir(data);
    strcpy(directory, "/tmp/florin_hand_XXXXXX");
    cr_assert(mkdtemp(directory));
    struct outputs *out = calloc(1, sizeof *out);
    build(out);
    cr_assert_eq(run("init books", "init.out"), 0);
    cr_assert_eq(run("apply books commands.ndjson", "apply.out"), 0, "%s", content("apply.out"));
    cr_assert_eq(run("import books statement.camt.xml --format json", "import.out"), 0, "%s",
                 content("import.out"));
    cr_assert_eq(run("report books match-quality --key key.ndjson --format json", "quality.out"),
                 0);
    char *report = content("quality.out");
    cr_log_info("%s", report);
    cr_expect_geq(rate(report, "coverage"), 0.95, "%s", report);
    cr_expect_geq(rate(report, "precision"), 0.999, "%s", report);
    free(report);
    free(out);
    remove_directory();
}
