/* Bank files that mean harm, or were cut: refused with the name of the place, in bounded memory.
 * What would be a gigabyte comes out of a source that repeats a piece; the peak of the process'
 * memory is measured, and every case runs in a process of its own (Criterion's). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tools/ingest/statement_reader.h"

/* `head`, then `piece` until `left` bytes of it are through, then `tail`. */
struct repeater {
    const char *head, *piece, *tail;
    size_t at, left;
    char block[1 << 16]; /* of whole pieces */
    size_t block_length;
};

static size_t take(const char *from, size_t length, size_t *at, char *to, size_t room)
{
    size_t n = length - *at < room ? length - *at : room;
    memcpy(to, from + *at, n);
    *at += n;
    return n;
}

static ssize_t repeat(void *context, void *buffer, size_t capacity)
{
    struct repeater *r = context;
    if (r->head) {
        size_t n = take(r->head, strlen(r->head), &r->at, buffer, capacity);
        if (n > 0)
            return (ssize_t)n;
        r->head = NULL;
        r->at = 0;
    }
    if (r->left > 0) {
        if (r->at == r->block_length)
            r->at = 0;
        size_t n = take(r->block, r->block_length, &r->at, buffer, capacity);
        r->left -= n < r->left ? n : r->left;
        if (r->left == 0)
            r->at = 0;
        return (ssize_t)n;
    }
    return (ssize_t)take(r->tail, strlen(r->tail), &r->at, buffer, capacity);
}

struct outcome {
    enum fl_status status;
    struct fl_error error;
    struct fl_statement_summary summary;
    size_t longest; /* of any text of a line */
};

static enum fl_status on_statement(void *context, const struct fl_statement *statement)
{
    (void)context;
    (void)statement;
    return FL_OK;
}

static enum fl_status on_line(void *context, const struct fl_statement_line *line)
{
    size_t *longest = context;
    *longest = line->text.length > *longest ? line->text.length : *longest;
    return FL_OK;
}

static struct outcome read_from(struct fl_byte_source source)
{
    struct outcome o = {.status = FL_OK};
    struct fl_statement_sink sink = {
        .context = &o.longest, .begin = on_statement, .line = on_line, .end = on_statement};
    o.status = fl_statement_read(source, NULL, &sink, &o.summary, NULL, &o.error);
    return o;
}

static long peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss * 1024;
}

/* Reads head, `bytes` of pieces and tail; the process may grow by `most` bytes. */
static struct outcome read_repeated(const char *head, const char *piece, const char *tail,
                                    size_t bytes, long most)
{
    struct repeater *r = calloc(1, sizeof *r);
    *r = (struct repeater){.head = head, .piece = piece, .tail = tail, .left = bytes};
    size_t n = strlen(piece);
    while (r->block_length + n <= sizeof r->block) {
        memcpy(r->block + r->block_length, piece, n);
        r->block_length += n;
    }
    long before = peak_bytes();
    struct outcome o =
        read_from((struct fl_byte_source){.read = repeat, .context = r, .name = "hostile"});
    long grown = peak_bytes() - before;
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
    cr_expect_lt(grown, most, "%.20s: grown by %ld bytes", piece, grown);
#else
    (void)grown;
    (void)most;
#endif
    free(r);
    return o;
}

#define GIGABYTE ((size_t)1 << 30)
#define MEGABYTE (1l << 20)
#define HEAD                                                                                       \
    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>\n<Stmt>"   \
    "<Id>S</Id><Acct><Id><IBAN>NL88TEST0123456700</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
#define ENTRY  "<Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
#define DETAIL ENTRY "<NtryDtls><TxDtls>"
#define TAIL   "</Stmt></BkToCstmrStmt></Document>"

static void expect_refused(struct outcome o, const char *reason)
{
    cr_expect_eq(o.status, FL_UNREADABLE, "%s: %s", fl_status_name(o.status), o.error.message);
    cr_expect(strstr(o.error.message, reason), "'%s' is not '%s'", o.error.message, reason);
    cr_expect(strncmp(o.error.message, "hostile: line ", 14) == 0, "%s", o.error.message);
}

Test(hostile_statements, entities_are_not_expanded)
{
    static const char *const bombs[] = {
        "<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n" HEAD ENTRY
        "<AddtlNtryInf>&b;</AddtlNtryInf></Ntry>" TAIL,
        "<!DOCTYPE d [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]>\n" HEAD TAIL,
        "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n" HEAD ENTRY
        "<AddtlNtryInf>&x;</AddtlNtryInf></Ntry>" TAIL,
    };
    for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
        struct fl_memory_source memory;
        expect_refused(
            read_from(fl_memory_source_init(&memory, bombs[i], strlen(bombs[i]), "hostile")),
            "declarations of its own");
    }
    static const char undeclared[] = HEAD "<Id>&x;</Id>" TAIL;
    struct fl_memory_source memory;
    expect_refused(
        read_from(fl_memory_source_init(&memory, undeclared, strlen(undeclared), "hostile")),
        "entity");
}

Test(hostile_statements, a_hundred_levels_are_too_deep)
{
    struct outcome o = read_repeated(HEAD, "<a>", "", 300, 4 * MEGABYTE);
    expect_refused(o, "line 3: elements nested too deep");
}

Test(hostile_statements, a_gigabyte_of_one_tag)
{
    static const struct {
        const char *head, *piece, *reason;
    } cases[] = {
        {HEAD, "<Ntry>", "nested too deep"},
        {HEAD "<", "N", "a tag of more than 4 MiB"},
        {HEAD "<Ntry a=\"", "x", "a tag of more than 4 MiB"},
        {HEAD "<Ntry ", "a b c ", "not well-formed"},
        {HEAD "<!-- ", "-", "not well-formed"},
        {HEAD "<!-- ", "comment ", "a tag of more than 4 MiB"},
        {HEAD DETAIL, "</TxDtls><TxDtls>", "line 3: an entry too large to be one"},
        {HEAD DETAIL "<RmtInf>", "<Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd>",
         "line 3: an entry too large to be one"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(read_repeated(cases[i].head, cases[i].piece, "", GIGABYTE, 250 * MEGABYTE),
                       cases[i].reason);
}

/* What is long and harmless is read, and takes no more memory for it. */
Test(hostile_statements, a_long_text_costs_no_memory)
{
    static const struct {
        const char *head, *piece, *tail;
    } cases[] = {
        {HEAD ENTRY "<AddtlNtryInf>", "text ", "</AddtlNtryInf></Ntry>" TAIL},
        {HEAD DETAIL "<RmtInf><Ustrd>a</Ustrd>", "<Ustrd>more</Ustrd>",
         "</RmtInf></TxDtls></NtryDtls></Ntry>" TAIL},
        {HEAD ENTRY "<AddtlNtryInf><![CDATA[", "<![CDATA[", "]]></AddtlNtryInf></Ntry>" TAIL},
        {HEAD ENTRY, "<Unknown><Deep a=\"b\">x</Deep></Unknown>\n", "</Ntry>" TAIL},
        {HEAD, " \n\t ", ENTRY "</Ntry>" TAIL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o =
            read_repeated(cases[i].head, cases[i].piece, cases[i].tail, 100 << 20, 4 * MEGABYTE);
        cr_expect_eq(o.status, FL_OK, "%zu: %s", i, o.error.message);
        cr_expect_eq(o.summary.lines, 1, "%zu", i);
        cr_expect_leq(o.longest, 4096);
    }
}

Test(hostile_statements, millions_of_bad_entries_are_counted_one_by_one)
{
    struct outcome o =
        read_repeated(HEAD, "<Ntry><Amt>x</Amt></Ntry>", TAIL, 25 * 1000000, 4 * MEGABYTE);
    cr_expect_eq(o.status, FL_OK, "%s", o.error.message);
    cr_expect_gt(o.summary.refused, 999000);
}

#define MT940 ":20:X\n:25:A\n:28C:1\n:60F:C240101EUR0,\n"

Test(hostile_statements, mt940_without_end)
{
    struct outcome o = read_repeated(MT940 ":61:", "9", "", GIGABYTE, 4 * MEGABYTE);
    expect_refused(o, "too long for a bank statement");
    o = read_repeated(MT940 ":61:2401020102C1,NTRFX\n:86:", "text\n", "\n:62F:C240102EUR1,\n-\n",
                      100 << 20, 4 * MEGABYTE);
    cr_expect_eq(o.status, FL_OK, "%s", o.error.message);
    cr_expect_eq(o.summary.refused, 1, "the entry that goes on and on");
    o = read_repeated(MT940, ":61:2401020102C1,NTRFX\n", "", 100 << 20, 4 * MEGABYTE);
    cr_expect_eq(o.status, FL_OK, "%s", o.error.message);
    cr_expect_eq(o.summary.refused, 1, "the closing balance that never comes");
}

/* A sample cut at every place: a camt is refused as a whole, of an MT940 the statement without a
 * closing balance is. */
static const char whole_camt[] = HEAD ENTRY "<Sts>BOOK</Sts></Ntry>" TAIL;
static const char whole_mt940[] = MT940 ":61:2401020102C1,NTRFX\n:86:text\n:62F:C240102EUR1,\n-\n";

Test(hostile_statements, what_is_cut_off_is_refused_wherever_it_was_cut)
{
    struct fl_memory_source memory;
    for (size_t length = 60; length + 1 < sizeof whole_camt; length++) {
        struct outcome o = read_from(fl_memory_source_init(&memory, whole_camt, length, "hostile"));
        expect_refused(o, "the file ends before the document does");
    }
    size_t closed = (size_t)(strstr(whole_mt940, "\n:62F:") - whole_mt940);
    for (size_t length = strlen(MT940); length <= closed; length++) {
        struct outcome o =
            read_from(fl_memory_source_init(&memory, whole_mt940, length, "hostile"));
        cr_expect(o.status != FL_OK || o.summary.refused > 0, "cut at %zu", length);
    }
}

Test(hostile_statements, a_nul_byte_is_in_no_text)
{
    static const char *const wholes[] = {whole_camt, whole_mt940};
    struct fl_memory_source memory;
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(wholes[i]);
        char *copy = malloc(length);
        for (size_t at = 60; at < length; at++) {
            unsigned line = 1;
            memcpy(copy, wholes[i], length);
            copy[at] = '\0';
            for (size_t k = 0; k < at; k++)
                line += copy[k] == '\n';
            char reason[40];
            snprintf(reason, sizeof reason, "line %u: a NUL byte", line);
            memory.step = 0;
            struct fl_byte_source source = fl_memory_source_init(&memory, copy, length, "hostile");
            memory.step = at % 50;
            expect_refused(read_from(source), reason);
        }
        free(copy);
    }
}
