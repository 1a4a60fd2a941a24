#define _GNU_SOURCE /* strchrnul */
#include "tests/support/statement_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DECIMALS 6

long long statement_scan_amount(const char *from, const char *to)
{
    long long value = 0;
    int decimals = -1;
    bool minus = from < to && *from == '-';
    for (; from < to; from++) {
        if (*from == ',' || *from == '.')
            decimals = 0;
        else if (isdigit((unsigned char)*from) && decimals < DECIMALS) {
            value = value * 10 + (*from - '0');
            decimals += decimals >= 0;
        }
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < DECIMALS; decimals++)
        value *= 10;
    return minus ? -value : value;
}

static struct scanned_statement *add_statement(struct statement_scan *scan)
{
    scan->list = realloc(scan->list, (scan->count + 1) * sizeof *scan->list);
    struct scanned_statement *s = &scan->list[scan->count++];
    memset(s, 0, sizeof *s);
    return s;
}

void statement_scan_free(struct statement_scan *scan)
{
    free(scan->list);
    *scan = (struct statement_scan){0};
}

/* --- MT940, MT942: a line at a time ---------------------------------------------------------- */

struct mt940 {
    struct statement_scan *scan;
    char account[64];
    bool begun;    /* this message has a statement */
    bool interim;  /* the last one closed with 62M */
    bool intraday; /* 34F, 13D or 90 was seen */
};

static struct scanned_statement *mt940_statement(struct mt940 *m)
{
    if (!m->begun) {
        struct scanned_statement *s = add_statement(m->scan);
        strcpy(s->account, m->account);
        m->begun = true;
        m->interim = false;
    }
    return &m->scan->list[m->scan->count - 1];
}

static bool digits(const char *at, unsigned n)
{
    while (n > 0 && isdigit((unsigned char)*at))
        at++, n--;
    return n == 0;
}

static long long mt940_amount(const char *at)
{
    const char *to = at;
    while (isdigit((unsigned char)*to) || *to == ',' || *to == '.')
        to++;
    return statement_scan_amount(at, to);
}

/* ":61:2501021231RC125,50NTRF...": a mark that is reversed turns the sign. */
static void mt940_entry(struct mt940 *m, const char *at)
{
    struct scanned_statement *s = mt940_statement(m);
    if (!digits(at, 6))
        return;
    at += digits(at, 10) ? 10 : 6;
    while (*at == ' ')
        at++;
    bool reversed = *at == 'R' && (at[1] == 'C' || at[1] == 'D');
    bool expected = *at == 'E' && (at[1] == 'C' || at[1] == 'D');
    at += reversed || expected;
    bool minus = (*at++ == 'D') != reversed;
    if (isupper((unsigned char)*at))
        at++;
    while (*at == ' ')
        at++;
    long long amount = mt940_amount(at);
    s->entries++;
    s->lines++;
    if (m->intraday || expected)
        s->not_booked++;
    else
        s->sum += minus ? -amount : amount;
}

/* "F:C240311EUR500,00" behind ":60" or ":62". */
static void mt940_balance(struct mt940 *m, bool opening, const char *at)
{
    bool interim = *at == 'M';
    const char *rest = at + 2;
    bool goes_on = opening && interim && m->interim && m->scan->count > 0 &&
                   strcmp(m->scan->list[m->scan->count - 1].account, m->account) == 0;
    if (opening)
        m->begun = goes_on;
    struct scanned_statement *s = mt940_statement(m);
    m->interim = !opening && interim;
    while (*rest == ' ')
        rest++;
    bool readable = (*rest == 'C' || *rest == 'D') && digits(rest + 1, 6);
    const char *amount = rest + 7;
    if (!readable)
        return;
    if (isupper((unsigned char)*amount)) {
        if (s->currency[0] == '\0')
            memcpy(s->currency, amount, 3);
        amount += 3;
    }
    while (*amount == ' ')
        amount++;
    long long value = *rest == 'D' ? -mt940_amount(amount) : mt940_amount(amount);
    if (!opening) {
        s->closing = value;
        s->has_closing = true;
    } else if (!goes_on) {
        s->opening = value;
        s->has_opening = true;
    }
}

static void mt940_line(struct mt940 *m, char *line)
{
    if (strncmp(line, ":20:", 4) == 0) {
        m->begun = m->intraday = false;
        m->account[0] = '\0';
    } else if (strncmp(line, ":25:", 4) == 0) {
        size_t n = 0;
        for (const char *at = line + 4; *at && n < sizeof m->account - 1; at++) {
            if (!isspace((unsigned char)*at))
                m->account[n++] = *at;
        }
        m->account[n] = '\0';
    } else if (strncmp(line, ":34", 3) == 0 || strncmp(line, ":13", 3) == 0) {
        m->intraday = true;
    } else if (strncmp(line, ":90", 3) == 0 || strncmp(line, ":64:", 4) == 0 ||
               strncmp(line, ":65:", 4) == 0) {
        mt940_statement(m);
    } else if (strncmp(line, ":60", 3) == 0) {
        mt940_balance(m, true, line + 3);
    } else if (strncmp(line, ":62", 3) == 0) {
        mt940_balance(m, false, line + 3);
    } else if (strncmp(line, ":61:", 4) == 0) {
        mt940_entry(m, line + 4);
    }
}

struct statement_scan statement_scan_mt940(char *text)
{
    struct statement_scan scan = {0};
    struct mt940 m = {.scan = &scan};
    while (*text) {
        char *end = strchrnul(text, '\n'), *next = *end ? end + 1 : end;
        /* An entry whose first line cannot hold an amount was broken over. */
        if (strncmp(text, ":61:", 4) == 0 && end - text < 18 && *end)
            memmove(end, end + 1, strlen(end));
        else
            *end = '\0';
        if (*end) {
            end = strchrnul(text, '\n');
            next = *end ? end + 1 : end;
            *end = '\0';
        }
        mt940_line(&m, text);
        text = next;
    }
    return scan;
}

/* --- camt: blocks between two elements ------------------------------------------------------- */

/* Comments become blanks, and "<ns2:Ntry" becomes "<Ntry". */
static void camt_plain(char *text)
{
    for (char *start; (start = strstr(text, "<!--"));) {
        char *end = strstr(start, "-->");
        memset(start, ' ', end ? (size_t)(end + 3 - start) : strlen(start));
    }
    char *to = text;
    for (char *at = text; *at;) {
        bool tag = *at == '<' && at[1] != '?' && at[1] != '!';
        *to++ = *at++;
        if (!tag)
            continue;
        if (*at == '/')
            *to++ = *at++;
        size_t n = strcspn(at, " \t\r\n/>:");
        if (at[n] == ':')
            at += n + 1;
    }
    *to = '\0';
}

/* The next <name ...>...</name> from `*at` on, cut out at its end; null if there is none. `*at`
 * goes behind it. */
static char *block(char **at, const char *name)
{
    char close[40] = "</";
    size_t n = strlen(name);
    strcat(strcat(close, name), ">");
    for (char *open = *at; (open = strchr(open, '<')); open++) {
        if (strncmp(open + 1, name, n) != 0 || !strchr(" >\t\r\n", open[n + 1]))
            continue;
        char *end = strstr(open, close);
        if (!end)
            return NULL;
        *end = '\0';
        *at = end + 1;
        return strchr(open, '>') + 1;
    }
    return NULL;
}

/* A copy of the text without the blocks of that name. */
static void blank_blocks(char *text, const char *name)
{
    char *at = text, *found;
    while ((found = block(&at, name))) {
        char *start = found;
        while (*start != '<' || strncmp(start + 1, name, strlen(name)) != 0)
            start--;
        char *end = at - 1;
        memset(start, ' ', (size_t)(end - start));
        *end = ' ';
        while (*end != '>')
            *end++ = ' ';
        *end = ' ';
        at = end;
    }
}

static bool text_is(const char *at, const char *word)
{
    while (isspace((unsigned char)*at))
        at++;
    return strncmp(at, word, strlen(word)) == 0;
}

/* Whether the first CdtDbtInd of the text says money out; -1 without one. */
static int is_debit(const char *text)
{
    const char *at = strstr(text, "<CdtDbtInd>");
    return at ? text_is(at + strlen("<CdtDbtInd>"), "DBIT") : -1;
}

/* The first <Amt Ccy="..."> of the text; false if there is none, or not in that currency. */
static bool first_amount(const char *text, const char *currency, long long *out, char found[4])
{
    const char *at = strstr(text, "<Amt");
    while (at && at[4] != ' ' && at[4] != '>')
        at = strstr(at + 1, "<Amt");
    if (!at)
        return false;
    const char *open = strchr(at, '>'), *code = strstr(at, "Ccy=\"");
    if (code && code < open && found)
        memcpy(found, code + 5, 3), found[3] = '\0';
    if (currency && currency[0] && code && code < open && memcmp(code + 5, currency, 3) != 0)
        return false;
    *out = statement_scan_amount(open + 1, strchrnul(open, '<'));
    return true;
}

/* `closed`: a closing balance was there already, which an interim one does not replace. */
static void camt_balance(struct scanned_statement *s, char *text, bool *closed)
{
    char code[8] = "", currency[4] = "";
    char *at = strstr(text, "<Cd>");
    long long amount;
    if (at)
        memcpy(code, at + 4, 4);
    blank_blocks(text, "CdtLine");
    if (!first_amount(text, NULL, &amount, currency))
        return;
    amount = is_debit(text) == 1 ? -amount : amount;
    bool closes = strcmp(code, "CLBD") == 0 || (strcmp(code, "ITBD") == 0 && !*closed);
    bool opens = strcmp(code, "OPBD") == 0 ||
                 ((strcmp(code, "PRCD") == 0 || strcmp(code, "ITBD") == 0) && !s->has_opening);
    if ((opens || closes) && s->currency[0] == '\0')
        strcpy(s->currency, currency);
    bool other = strcmp(s->currency, currency) != 0;
    if (opens) {
        s->opening = amount;
        s->has_opening = !other;
    } else if (closes) {
        s->closing = amount;
        s->has_closing = !other;
        *closed = strcmp(code, "CLBD") == 0;
    }
}

/* A detail's amount in the entry's currency: its own, else the first of those in AmtDtls. */
static bool detail_amount(const char *detail, const char *currency, long long *out)
{
    static const char *const kinds[] = {"TxAmt", "CntrValAmt", "InstdAmt"};
    static const char *const inside[] = {"AmtDtls", "Chrgs", "RmtInf", "Avlbty"};
    char *plain = strdup(detail);
    for (size_t i = 0; i < 4; i++)
        blank_blocks(plain, inside[i]);
    bool found = first_amount(plain, currency, out, NULL);
    free(plain);
    for (size_t i = 0; !found && i < 3; i++) {
        char *copy = strdup(detail), *at = copy, *kind = block(&at, kinds[i]);
        found = kind && first_amount(kind, currency, out, NULL);
        free(copy);
    }
    return found;
}

/* What the details come to, each with its sign; false if one has no amount. */
static bool details_sum(char *entry, const char *currency, int entry_debit, unsigned *count,
                        long long *sum)
{
    bool all = true;
    *count = 0;
    *sum = 0;
    for (char *at = entry, *detail; (detail = block(&at, "TxDtls"));) {
        long long amount = 0;
        char *plain = strdup(detail);
        blank_blocks(plain, "Chrgs");
        int debit = is_debit(plain);
        free(plain);
        all &= detail_amount(detail, currency, &amount);
        *sum += (debit < 0 ? entry_debit == 1 : debit) ? -amount : amount;
        (*count)++;
    }
    return all;
}

static void camt_entry(struct scanned_statement *s, char *entry, bool booked_without_status)
{
    long long amount = 0, sum;
    unsigned details;
    char currency[4] = "";
    char *own = strdup(entry);
    char *nested = strstr(own, "<NtryDtls");
    if (nested)
        *nested = '\0';
    first_amount(own, NULL, &amount, currency);
    int debit = is_debit(own);
    amount = debit == 1 ? -amount : amount;
    char *status = strstr(own, "<Sts>");
    bool booked = booked_without_status;
    if (status) {
        const char *code = status + 5;
        while (isspace((unsigned char)*code))
            code++;
        booked = text_is(code[0] == '<' ? strchr(code, '>') + 1 : code, "BOOK");
    }
    free(own);
    bool all = details_sum(entry, currency, debit, &details, &sum);
    unsigned lines = details > 1 && all && sum == amount ? details : 1;
    s->entries++;
    s->lines += lines;
    if (!booked)
        s->not_booked += lines;
    else if (s->currency[0] == '\0' || strcmp(s->currency, currency) == 0)
        s->sum += amount;
    if (s->currency[0] == '\0')
        strcpy(s->currency, currency);
}

static void camt_account(struct scanned_statement *s, char *text)
{
    static const char *const numbers[] = {"<IBAN>", "<BBAN>", "<Id>"};
    char *at = text, *account = block(&at, "Acct");
    char *currency = account ? strstr(account, "<Ccy>") : NULL;
    if (currency)
        memcpy(s->currency, currency + 5, 3);
    for (size_t i = 0; account && i < 3 && s->account[0] == '\0'; i++) {
        char *from = strstr(account, numbers[i]);
        if (!from)
            continue;
        from += strlen(numbers[i]);
        while (isspace((unsigned char)*from) || *from == '<') /* Id/Othr/Id */
            from = *from == '<' ? strchr(from, '>') + 1 : from + 1;
        memcpy(s->account, from, strcspn(from, "<"));
    }
}

/* Every kind of block is looked for in a copy of its own, since looking cuts. */
static void camt_statement(struct scanned_statement *s, const char *text,
                           bool booked_without_status)
{
    char *copy = strdup(text), *found;
    bool closed = false;
    camt_account(s, copy);
    free(copy);
    copy = strdup(text);
    for (char *at = copy; (found = block(&at, "Bal"));)
        camt_balance(s, found, &closed);
    free(copy);
    copy = strdup(text);
    for (char *at = copy; (found = block(&at, "Ntry"));)
        camt_entry(s, found, booked_without_status);
    free(copy);
}

struct statement_scan statement_scan_camt(char *text)
{
    static const char *const kinds[] = {"Stmt", "Rpt", "Ntfctn"};
    struct statement_scan scan = {0};
    camt_plain(text);
    for (size_t i = 0; i < 3; i++) {
        for (char *at = text, *statement; (statement = block(&at, kinds[i]));)
            camt_statement(add_statement(&scan), statement, i == 0);
    }
    return scan;
}
