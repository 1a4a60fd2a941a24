/* Statements in parts, and long ones: stored, then posted line by line in slices. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/job.h"
#include "core/domain/ledger.h"
#include "tests/support/book.h"

#define INVOICES 60

static struct fl_test_book *book;

static struct {
    struct fl_command *commands[64];
    unsigned count;
} kept;

static void keep(const struct fl_command *command)
{
    struct fl_command *copy = malloc(command->bytes);
    memcpy(copy, command, command->bytes);
    cr_assert_lt(kept.count, 64);
    kept.commands[kept.count++] = copy;
}

static void slice_seen(void *context, const struct fl_command *command,
                       const struct fl_result *result)
{
    const struct fl_command_slice *slice = fl_command_body(command);
    (void)context;
    cr_assert_eq(result->status, FL_OK);
    cr_assert_gt(slice->n, 0);
    cr_assert_leq(slice->n, FL_SLICE_ITEMS); /* B2 */
    keep(command);
}

static struct fl_test_book *open_book(void)
{
    struct fl_test_book *made = fl_book_open("\"tolerances\":{\"EUR\":\"0.02\"}");
    fl_book_checks(made, false);
    fl_book_must(made, "{\"type\":\"customer\",\"id\":\"C1\",\"name\":\"Nordwind\",\"currency\":"
                       "\"EUR\",\"credit_limit\":null}");
    for (unsigned i = 0; i < INVOICES; i++)
        fl_book_must(made, "{\"type\":\"invoice\",\"id\":\"IN-%04u\",\"customer\":\"C1\",\"date\":"
                           "\"2025-01-02\",\"amount\":{\"net\":\"%u.00\",\"tax\":\"0\"}}", i, 10 + i);
    fl_book_checks(made, true);
    return made;
}

static void begin(void)
{
    const struct fl_slice_sink sink = {slice_seen, NULL};
    book = open_book();
    fl_book_jobs(book, true, &sink);
}

static void end(void)
{
    for (unsigned i = 0; i < kept.count; i++)
        free(kept.commands[i]);
    kept.count = 0;
    fl_book_close(book);
}

/* Line i of the statement: pays an invoice, pays it again, says nothing, or goes out. */
static int64_t line_put(char **at, unsigned i, bool first)
{
    int64_t amount = 10 + i % INVOICES;
    if (i % 7 == 6)
        amount = -3;
    *at += sprintf(*at, "%s{\"amount\":\"%ld.00\",\"booking_date\":\"2025-03-%02u\",\"bank_ref\":"
                        "\"L%u\",\"text\":\"payment %u\"", first ? "" : ",", amount, 1 + i % 20, i, i);
    if (i % 7 < 5 && amount > 0)
        *at += sprintf(*at, ",\"references\":[\"IN-%04u\"]", i % INVOICES);
    *at += sprintf(*at, "}");
    return amount;
}

static char text[4 << 20];

/* Lines [from, to) as a statement with the other fields given; returns their sum. */
static int64_t lines_text(unsigned from, unsigned to)
{
    char *at = text;
    int64_t sum = 0;
    text[0] = '\0';
    for (unsigned i = from; i < to; i++)
        sum += line_put(&at, i, i == from);
    return sum;
}

static void send(const char *fields, unsigned from, unsigned to)
{
    lines_text(from, to);
    fl_book_send(book, "{\"type\":\"statement\",\"id\":\"ST\",\"account\":\"B1\",\"currency\":\"EUR\","
                       "%s,\"lines\":[%s]}", fields, text);
}

static void must(const char *fields, unsigned from, unsigned to)
{
    send(fields, from, to);
    cr_assert_eq(fl_book_status(book), FL_OK, "%s", fl_book_answer(book));
}

static unsigned lines_with(enum fl_line_status status)
{
    const struct fl_store *store = fl_book_store(book);
    unsigned count = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_statement_line]; row++)
        count += fl_statement_line_live(store, row)->status == status;
    return count;
}

static uint32_t rows(enum fl_table_id table)
{
    return fl_book_store(book)->rows[table];
}

/* What the ledger, the invoices and the receipts say; sequences and row numbers left out. */
static uint64_t outcome(void)
{
    const struct fl_store *store = fl_book_store(book);
    uint64_t sum = 0;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_account_day]; row++) {
        const struct fl_account_day_key *key = fl_account_day_key(store, row);
        const struct fl_account_day_total *total = fl_account_day_total(store, row);
        sum += ((uint64_t)key->account * 1000003 + key->date) * 31 *
               (uint64_t)(total->debit_minor * 7 + total->credit_minor);
    }
    for (uint32_t row = 0; row < store->rows[FL_TABLE_invoice]; row++)
        sum += (row + 1) * UINT64_C(0x9E3779B97F4A7C15) *
               (uint64_t)fl_invoice_money(store, row)->open_minor;
    for (uint32_t row = 0; row < store->rows[FL_TABLE_receipt]; row++) {
        const struct fl_receipt_status *status = fl_receipt_status(store, row);
        sum += (row + 1) * UINT64_C(0xC2B2AE3D27D4EB4F) *
               ((uint64_t)fl_receipt_money(store, row)->open_minor * 16 + status->state * 4u +
                status->reason);
    }
    return sum;
}

/* ---- what is posted, and when ---------------------------------------------------------------------- */

Test(statement_job, parts_come_to_what_one_statement_comes_to)
{
    begin();
    must("\"opening\":\"0\"", 0, 100);
    cr_assert_eq(rows(FL_TABLE_job), 0, "a short one is posted at once");
    uint64_t whole = outcome();
    int matched = atoi(fl_book_field(book, "matched"));
    cr_assert_gt(matched, 20);
    end();
    begin();
    must("\"opening\":\"0\",\"part\":1", 0, 40);
    cr_assert_eq(lines_with(FL_LINE_STORED), 40);
    cr_assert_eq(rows(FL_TABLE_receipt), 0);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_FIRST, "EUR", 0), 0);
    must("\"part\":2", 40, 70);
    cr_assert_eq(lines_with(FL_LINE_STORED), 70);
    must("\"part\":3,\"parts\":3", 70, 100);
    cr_assert_eq(lines_with(FL_LINE_STORED), 0);
    cr_assert_eq(outcome(), whole);
    cr_assert_eq(atoi(fl_book_field(book, "matched")), matched, "told with the last part");
    cr_assert_eq(rows(FL_TABLE_job), 1);
    cr_assert_eq(fl_job_live(fl_book_store(book), 0)->items, 100);
    end();
}

Test(statement_job, a_long_statement_is_posted_in_slices_and_answered_when_that_is_done)
{
    begin();
    must("\"opening\":\"100\"", 0, 1000);
    cr_assert_eq(lines_with(FL_LINE_STORED), 0);
    cr_assert_eq(kept.count, 8);
    cr_assert_str_eq(fl_book_field(book, "new"), "1000");
    int matched = atoi(fl_book_field(book, "matched")), seq = atoi(fl_book_field(book, "seq"));
    cr_assert_gt(matched, 30);
    int64_t sum = 10000 + lines_text(0, 1000) * 100;
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_FIRST, "EUR", 0), sum, "opening and lines");
    send("\"opening\":\"100\"", 0, 1000);
    cr_assert_eq(fl_book_status(book), FL_DUPLICATE);
    cr_assert_eq(atoi(fl_book_field(book, "seq")), seq, "the answer names the first one's sequence");
    end();
}

Test(statement_job, m2_without_its_last_part_nothing_is_posted_ever)
{
    begin();
    uint64_t before = outcome();
    must("\"opening\":\"50\",\"part\":1,\"parts\":3", 0, 200);
    must("\"part\":2", 200, 400);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2026-01-01\"}");
    cr_assert_eq(outcome(), before);
    cr_assert_eq(lines_with(FL_LINE_STORED), 400);
    cr_assert_not(fl_engine_has_slice(fl_book_engine(book)));
    must("\"part\":3,\"parts\":3", 400, 410);
    cr_assert_eq(lines_with(FL_LINE_STORED), 0);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_BANK_FIRST, "EUR", 0),
                 5000 + lines_text(0, 410) * 100);
    end();
}

Test(statement_job, m1_parts_come_in_their_order_and_once)
{
    begin();
    send("\"part\":2", 10, 20);
    cr_assert_eq(fl_book_status(book), FL_WRONG_STATE);
    must("\"opening\":\"0\",\"part\":1", 0, 10);
    int seq = atoi(fl_book_field(book, "seq"));
    send("\"part\":3", 20, 30);
    cr_assert_eq(fl_book_status(book), FL_WRONG_STATE);
    send("\"opening\":\"0\",\"part\":1", 0, 10);
    cr_assert_eq(fl_book_status(book), FL_DUPLICATE);
    cr_assert_gt(seq, 0);
    cr_assert_eq(atoi(fl_book_field(book, "seq")), seq, "the answer names the first one's sequence");
    must("\"part\":2", 10, 20);
    send("\"part\":2", 10, 20);
    cr_assert_eq(fl_book_status(book), FL_DUPLICATE);
    send("\"part\":0", 20, 30);
    cr_assert_eq(fl_book_status(book), FL_BAD_VALUE);
    send("\"part\":3,\"parts\":2", 20, 30);
    cr_assert_eq(fl_book_status(book), FL_BAD_VALUE);
    must("\"part\":3,\"parts\":3", 20, 30);
    uint64_t done = fl_book_digest(book);
    for (unsigned part = 1; part <= 3; part++) {
        char fields[64];
        snprintf(fields, sizeof fields, "\"part\":%u,\"parts\":3", part);
        send(fields, 10 * (part - 1), 10 * part);
        cr_assert_eq(fl_book_status(book), FL_DUPLICATE, "part %u: %s", part, fl_book_answer(book));
    }
    cr_assert_eq(fl_book_digest(book), done);
    end();
}

Test(statement_job, m1_parts_chain_by_their_balances_and_what_does_not_balance_is_not_posted)
{
    begin();
    uint64_t before = outcome();
    char fields[96];
    int64_t closing = lines_text(0, 10);
    snprintf(fields, sizeof fields, "\"opening\":\"0\",\"closing\":\"%ld\",\"part\":1", closing);
    must(fields, 0, 10);
    snprintf(fields, sizeof fields, "\"opening\":\"%ld\",\"part\":2", closing + 1);
    send(fields, 10, 20);
    cr_assert_eq(fl_book_status(book), FL_UNBALANCED, "it opens elsewhere");
    closing += lines_text(10, 20);
    snprintf(fields, sizeof fields, "\"closing\":\"%ld\",\"part\":2,\"parts\":2", closing + 1);
    send(fields, 10, 20);
    cr_assert_eq(fl_book_status(book), FL_UNBALANCED, "it closes elsewhere");
    cr_assert_eq(outcome(), before);
    snprintf(fields, sizeof fields, "\"closing\":\"%ld\",\"part\":2,\"parts\":2", closing);
    must(fields, 10, 20);
    cr_assert_eq(lines_with(FL_LINE_STORED), 0);
    end();
}

Test(statement_job, a_part_of_known_lines_alone_counts)
{
    begin();
    fl_book_must(book, "{\"type\":\"bank_account\",\"id\":\"B1\",\"currency\":\"EUR\"}");
    lines_text(10, 20);
    fl_book_must(book, "{\"type\":\"statement\",\"id\":\"OTHER\",\"account\":\"B1\",\"currency\":"
                       "\"EUR\",\"lines\":[%s]}", text);
    must("\"part\":1", 0, 10);
    must("\"part\":2", 10, 20);
    cr_assert_str_eq(fl_book_field(book, "known"), "10");
    must("\"part\":3", 20, 30);
    must("\"part\":4,\"parts\":4", 10, 15);
    cr_assert_eq(lines_with(FL_LINE_STORED), 0);
    cr_assert_eq(rows(FL_TABLE_statement_line), 30);
    end();
}

Test(statement_job, lines_without_a_rate_wait_in_parts_too)
{
    begin();
    for (unsigned part = 1; part <= 2; part++)
        fl_book_must(book, "{\"type\":\"statement\",\"id\":\"US\",\"account\":\"B2\",\"currency\":"
                           "\"USD\",\"part\":%u%s,\"lines\":[{\"amount\":\"10\",\"booking_date\":"
                           "\"2025-03-0%u\",\"bank_ref\":\"U%u\"}]}", part,
                     part == 2 ? ",\"parts\":2" : "", part, part);
    cr_assert_eq(lines_with(FL_LINE_NO_RATE), 2);
    cr_assert_str_eq(fl_book_field(book, "no_rate"), "2");
    fl_book_must(book, "{\"type\":\"fx_rate\",\"date\":\"2025-01-01\",\"from\":\"USD\",\"to\":\"EUR\","
                       "\"rate\":\"0.9\"}");
    cr_assert_eq(lines_with(FL_LINE_NO_RATE), 0);
    cr_assert_eq(lines_with(FL_LINE_RECEIPT), 2);
    end();
}

Test(statement_job, in_a_batch_it_is_posted_at_once_and_has_no_parts)
{
    begin();
    lines_text(0, 300);
    fl_book_must(book, "{\"type\":\"batch\",\"key\":\"b\",\"commands\":[{\"type\":\"statement\",\"id\":"
                       "\"ST\",\"account\":\"B1\",\"currency\":\"EUR\",\"lines\":[%s]}]}", text);
    cr_assert_eq(lines_with(FL_LINE_STORED), 0);
    cr_assert_eq(rows(FL_TABLE_job), 0);
    fl_book_refuses(book, "bad_value", "{\"type\":\"batch\",\"key\":\"c\",\"commands\":[{\"type\":"
                                       "\"statement\",\"id\":\"S2\",\"account\":\"B1\",\"currency\":"
                                       "\"EUR\",\"part\":1,\"lines\":[]}]}");
    end();
}

/* ---- between other commands -------------------------------------------------------------------------- */

static void slice_next(void)
{
    _Alignas(64) char bytes[FL_SLICE_BYTES + FL_COMMAND_SLACK] = "";
    fl_engine_next_slice(fl_book_engine(book), bytes);
    cr_assert_eq(fl_book_apply(book, (struct fl_command *)bytes), FL_OK);
}

Test(statement_job, between_slices_others_go_on_and_each_line_meets_what_is_there)
{
    begin();
    fl_book_jobs(book, false, NULL);
    must("\"opening\":\"0\"", 0, 300);
    cr_assert_eq(lines_with(FL_LINE_STORED), 300);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-07-01\"}"); /* has no work: is not held up */
    slice_next();
    cr_assert_eq(lines_with(FL_LINE_STORED), 300 - 128);
    cr_assert_eq(fl_book_open_of(book, "IN-0007"), 0, "line 7 paid it");
    fl_book_must(book, "{\"type\":\"invoice\",\"id\":\"LATE\",\"customer\":\"C1\",\"date\":\"2025-01-02\","
                       "\"amount\":{\"net\":\"5\",\"tax\":\"0\"}}");
    fl_book_must(book, "{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"LATE\",\"amount\":\"5\","
                       "\"reason\":\"r\"}");
    slice_next();
    slice_next();
    cr_assert_eq(lines_with(FL_LINE_STORED), 0);
    cr_assert_not(fl_engine_has_slice(fl_book_engine(book)));
    end();
}

Test(statement_job, b1_jobs_are_done_one_after_the_other)
{
    begin();
    fl_book_must(book, "{\"type\":\"book\",\"key_days\":1}");
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-07-01\",\"key\":\"k\"}");
    fl_book_jobs(book, false, NULL);
    must("\"opening\":\"0\"", 0, 150);
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-07-05\"}");
    cr_assert_eq(rows(FL_TABLE_job), 2);
    slice_next();
    slice_next();
    cr_assert_eq(lines_with(FL_LINE_STORED), 0, "the statement first");
    cr_assert(fl_engine_has_slice(fl_book_engine(book)));
    slice_next();
    cr_assert_not(fl_engine_has_slice(fl_book_engine(book)));
    end();
}

Test(statement_job, i8_the_log_with_its_slices_gives_the_same_digest)
{
    begin();
    fl_book_must(book, "{\"type\":\"clock\",\"date\":\"2025-06-01\"}");
    keep(fl_book_command(book));
    static const struct {
        const char *fields;
        unsigned from, to;
    } parts[] = {{"\"opening\":\"7\",\"part\":1", 0, 250},
                 {"\"part\":2", 250, 260},
                 {"\"part\":3,\"parts\":3", 260, 600}};
    for (unsigned i = 0; i < 3; i++) {
        unsigned before = kept.count;
        must(parts[i].fields, parts[i].from, parts[i].to);
        unsigned slices = kept.count - before;
        keep(fl_book_command(book));
        struct fl_command *own = kept.commands[kept.count - 1]; /* before its slices */
        memmove(&kept.commands[before + 1], &kept.commands[before], slices * sizeof own);
        kept.commands[before] = own;
        cr_assert_eq((own->flags & FL_FLAG_SLICED) != 0, i == 2);
    }
    cr_assert_eq(kept.count, 4 + 2 + 1 + 3);
    struct fl_test_book *first = book;
    book = open_book();
    fl_book_jobs(book, false, NULL);
    for (unsigned i = 0; i < kept.count; i++)
        cr_assert_eq(fl_book_apply(book, kept.commands[i]), FL_OK, "%u", i);
    cr_assert_eq(fl_book_digest(book), fl_book_digest(first));
    fl_book_close(first);
    end();
}

Test(statement_job, known_by_its_key_it_is_answered_as_in_the_end)
{
    begin();
    must("\"key\":\"k\",\"opening\":\"0\"", 0, 300);
    char matched[16];
    snprintf(matched, sizeof matched, "%s", fl_book_field(book, "matched"));
    cr_assert_gt(atoi(matched), 10);
    send("\"key\":\"k\",\"opening\":\"0\"", 0, 300);
    cr_assert_eq(fl_book_status(book), FL_DUPLICATE);
    cr_assert_str_eq(fl_book_field(book, "matched"), matched);
    end();
}
