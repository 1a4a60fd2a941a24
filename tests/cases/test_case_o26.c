/* O26: a batch is all or nothing and known by its key: an answer that was lost can be asked for
 * again, a member that is wrong takes the others along and is named. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain/ledger.h"
#include "tests/support/book.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book, "{\"type\":\"customer\",\"id\":\"Hazel\",\"name\":\"H\",\"currency\":"
                       "\"EUR\",\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o26, .init = setup, .fini = teardown);

/* A thousand receipts of one euro; `bad` (-1: none) gets another body. To be freed. */
static char *receipts(const char *key, int bad, const char *body)
{
    size_t room = 1000 * 128 + 256, at = 0;
    char *text = malloc(room);
    at += (size_t)snprintf(text, room, "{\"type\":\"batch\",\"key\":\"%s\",\"commands\":[", key);
    for (int i = 0; i < 1000; i++)
        at += (size_t)snprintf(
            text + at, room - at, "%s{\"type\":\"receipt\",\"id\":\"R%d\",%s}", i ? "," : "", i,
            i == bad ? body : "\"amount\":\"1.00\",\"currency\":\"EUR\",\"customer\":\"Hazel\"");
    snprintf(text + at, room - at, "]}");
    return text;
}

Test(case_o26, a_thousand_receipts_once_however_often_they_are_sent)
{
    char *batch = receipts("k-77", -1, NULL);
    fl_book_must(book, "%s", batch);
    cr_assert_str_eq(fl_book_field(book, "applied"), "1000");
    uint64_t digest = fl_book_digest(book), seq = fl_book_seq(book);
    cr_assert_eq(fl_book_unapplied(book, "Hazel"), 100000);
    cr_assert_eq(fl_book_account(book, FL_ACCOUNT_UNAPPLIED, "EUR", 0), -100000);
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_receipt], 1000);
    for (unsigned i = 0; i < 3; i++) {
        fl_book_again(book, "%s", batch);
        cr_assert_str_eq(fl_book_field(book, "applied"), "1000");
        cr_assert_eq((uint64_t)atoll(fl_book_field(book, "seq")), seq);
    }
    cr_assert_eq(fl_book_digest(book), digest);
    free(batch);
    batch = receipts("k-77", 5, "\"amount\":\"2.00\",\"currency\":\"EUR\",\"customer\":\"Hazel\"");
    fl_book_refuses(book, "key_reused", "%s", batch);
    free(batch);
}

Test(case_o26, member_seven_hundred_is_named_and_nothing_is_stored)
{
    static const struct {
        const char *body, *code;
    } bad[] = {
        {"\"amount\":\"1.001\",\"currency\":\"EUR\"", "too_many_decimals"},
        {"\"amount\":\"0\",\"currency\":\"EUR\"", "bad_value"},
        {"\"amount\":\"1\",\"currency\":\"EUR\",\"customer\":\"nobody\"", "not_found"},
        {"\"amount\":\"1\",\"currency\":\"USD\"", "no_rate"},
        {"\"amount\":\"1\",\"currency\":\"EUR\",\"colour\":\"red\"", "unknown_field"},
        {"\"currency\":\"EUR\"", "missing_field"},
        {"\"amount\":\"one\",\"currency\":\"EUR\"", "bad_value"},
    };
    uint64_t digest = fl_book_digest(book);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *batch = receipts("k-77", 700, bad[i].body);
        fl_book_refuses(book, bad[i].code, "%s", batch);
        cr_assert_str_eq(fl_book_field(book, "index"), "700", "%s", bad[i].code);
        cr_assert_str_eq(fl_book_field(book, "applied"), "0");
        cr_assert_eq(fl_book_digest(book), digest);
        cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_receipt], 0);
        free(batch);
    }
    char *batch = receipts("k-77", -1, NULL); /* the key was not used */
    fl_book_must(book, "%s", batch);
    free(batch);
}

Test(case_o26, half_a_body_is_nothing)
{
    char *batch = receipts("k-77", -1, NULL);
    size_t length = strlen(batch);
    for (size_t cut = 1; cut < length; cut += length / 37) {
        char *part = strndup(batch, cut);
        fl_book_refuses(book, "bad_json", "%s", part);
        free(part);
    }
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_receipt], 0);
    fl_book_must(book, "%s", batch);
    free(batch);
}

/* One of each kind of change, then a member that fails: whatever tables, indexes, series and totals
 * they touched. */
static const char *const members[] = {
    "{\"type\":\"customer\",\"id\":\"New\",\"name\":\"N\",\"currency\":\"EUR\",\"credit_limit\":"
    "\"10\"}",
    "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"2\","
    "\"stock_control\":true}",
    "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"receive\",\"quantity\":\"9\",\"key\":\"s\"}",
    "{\"type\":\"order\",\"id\":\"O\",\"customer\":\"Hazel\",\"lines\":[{\"product\":\"P\","
    "\"quantity\":\"3\"}]}",
    "{\"type\":\"shipment\",\"id\":\"S\",\"order\":\"O\",\"lines\":[{\"line\":1,\"quantity\":\"1\"}"
    "]}",
    "{\"type\":\"order_cancel\",\"order\":\"O\",\"lines\":[{\"line\":1,\"quantity\":\"1\"}]}",
    "{\"type\":\"invoice\",\"order\":\"O\"}",
    "{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"Hazel\",\"amount\":{\"net\":\"10\",\"tax\":"
    "\"1.90\"}}",
    "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"12\",\"currency\":\"EUR\",\"references\":["
    "\"I\"]}",
    "{\"type\":\"application\",\"id\":\"A\",\"receipt\":\"R\",\"invoice\":\"FL-00000001\","
    "\"amount\":\"0.05\"}",
    "{\"type\":\"application_reverse\",\"application\":\"A\"}",
    "{\"type\":\"refund\",\"id\":\"F\",\"receipt\":\"R\",\"amount\":\"5\"}",
    "{\"type\":\"credit_note\",\"invoice\":\"I\",\"amount\":\"5\"}",
    "{\"type\":\"chargeback\",\"id\":\"X\",\"receipt\":\"R\",\"amount\":\"3\",\"fee\":\"1\"}",
    "{\"type\":\"write_off\",\"id\":\"W\",\"invoice\":\"I\",\"amount\":\"1\",\"reason\":\"old\"}",
    "{\"type\":\"bank_account\",\"id\":\"B\",\"currency\":\"EUR\",\"opening\":\"100\"}",
    "{\"type\":\"fx_rate\",\"date\":\"2025-06-01\",\"from\":\"USD\",\"to\":\"EUR\",\"rate\":\"0."
    "9\"}",
    "{\"type\":\"period_close\",\"through\":\"2025-05-31\"}",
    "{\"type\":\"book\",\"net_days\":14,\"tolerances\":{\"EUR\":\"0.05\"}}",
};
#define MEMBERS (sizeof members / sizeof members[0])

static char *mixed(unsigned count, const char *last)
{
    char *text = malloc(8192);
    size_t at = (size_t)sprintf(text, "{\"type\":\"batch\",\"key\":\"mixed\",\"commands\":[");
    for (unsigned i = 0; i < count; i++)
        at += (size_t)sprintf(text + at, "%s,", members[i]);
    sprintf(text + at, "%s]}", last);
    return text;
}

Test(case_o26, a_batch_that_fails_after_any_member_leaves_no_trace)
{
    for (unsigned n = 1; n <= MEMBERS; n++) {
        char *batch = mixed(n, "{\"type\":\"shipment\",\"id\":\"none\",\"order\":\"none\"}");
        char index[8];
        snprintf(index, sizeof index, "%u", n);
        fl_book_refuses(book, "not_found", "%s", batch); /* the digest is compared there */
        cr_assert_str_eq(fl_book_field(book, "index"), index);
        free(batch);
    }
    char *batch = mixed(MEMBERS - 1, members[MEMBERS - 1]);
    fl_book_must(book, "%s", batch);
    free(batch);
}

Test(case_o26, a_batch_is_what_its_members_are_one_by_one)
{
    struct fl_test_book *single = fl_book_open(NULL);
    fl_book_must(single, "{\"type\":\"customer\",\"id\":\"Hazel\",\"name\":\"H\",\"currency\":"
                         "\"EUR\",\"credit_limit\":null}");
    for (unsigned i = 0; i < MEMBERS; i++)
        fl_book_must(single, "%s", members[i]);
    char *batch = mixed(MEMBERS - 1, members[MEMBERS - 1]);
    fl_book_must(book, "%s", batch);
    free(batch);
    cr_assert_eq(fl_book_balance(book, "Hazel"), fl_book_balance(single, "Hazel"));
    cr_assert_eq(fl_book_exposure(book, "Hazel"), fl_book_exposure(single, "Hazel"));
    cr_assert_eq(fl_book_on_hand(book, "P"), fl_book_on_hand(single, "P"));
    for (uint32_t account = 1; account < FL_ACCOUNT_BANK_FIRST + 1; account++)
        cr_assert_eq(fl_book_account(book, account, "EUR", 0),
                     fl_book_account(single, account, "EUR", 0));
    fl_book_close(single);
}

/* The members' answers, every "accepted" written as "duplicate". To be freed. */
static char *answers_as_duplicates(void)
{
    const char *from = strstr(fl_book_answer(book), "\"results\":[");
    cr_assert_not_null(from, "%s", fl_book_answer(book));
    char *text = malloc(2 * strlen(from) + 1), *at = text;
    while (*from) {
        bool accepted = strncmp(from, "\"accepted\"", 10) == 0;
        at += sprintf(at, "%.*s", accepted ? 11 : 1, accepted ? "\"duplicate\"" : from);
        from += accepted ? 10 : 1;
    }
    return text;
}

/* What became of the documents since is no part of the first answer. */
static const char *const later[] = {
    "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"count\",\"quantity\":\"2\"}",
    "{\"type\":\"customer\",\"id\":\"New\",\"name\":\"M\",\"currency\":\"EUR\"}",
    "{\"type\":\"receipt\",\"id\":\"R2\",\"amount\":\"3\",\"currency\":\"EUR\",\"references\":["
    "\"I\"]}",
    "{\"type\":\"receipt_reverse\",\"id\":\"RR\",\"receipt\":\"R\"}",
    "{\"type\":\"period_close\",\"through\":\"2025-06-01\"}",
};

Test(case_o26, a_batch_sent_again_answers_every_member_as_the_first_time)
{
    fl_book_must(book, "%s", members[7]); /* one that is known before the batch */
    fl_book_must(book, "{\"type\":\"invoice\",\"customer\":\"Hazel\",\"amount\":{\"net\":\"1\","
                       "\"tax\":\"0\"}}");
    char *batch = mixed(MEMBERS - 1, members[MEMBERS - 1]);
    for (char *at = batch; (at = strstr(at, "FL-00000001")) != NULL;)
        at[10] = '2';
    fl_book_must(book, "%s", batch);
    char *first = answers_as_duplicates(), seq[24];
    snprintf(seq, sizeof seq, "%s", fl_book_field(book, "seq"));
    cr_assert(strstr(first, "\"on_hand\":\"9\",\"available\":\"9\""), "%s", first);
    cr_assert(strstr(first, "\"id\":\"FL-00000002\""), "%s", first);
    for (unsigned i = 0; i <= sizeof later / sizeof later[0]; i++) {
        fl_book_again(book, "%s", batch);
        char *again = answers_as_duplicates();
        cr_assert_str_eq(again, first);
        cr_assert_str_eq(fl_book_field(book, "seq"), seq);
        free(again);
        if (i < sizeof later / sizeof later[0])
            fl_book_must(book, "%s", later[i]);
    }
    free(first);
    free(batch);
    batch = mixed(MEMBERS - 2, members[MEMBERS - 1]);
    fl_book_refuses(book, "key_reused", "%s", batch);
    cr_assert_null(strstr(fl_book_answer(book), "results"));
    free(batch);
}

/* Alone too: what later members of its batch took from a receipt is not its answer, and not within
 * the batch. */
Test(case_o26, a_member_sent_alone_answers_as_in_its_batch)
{
    static const char receipt[] =
        "{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"12\",\"currency\":"
        "\"EUR\",\"references\":[\"I\"]}";
    fl_book_must(
        book,
        "{\"type\":\"batch\",\"key\":\"k\",\"commands\":[%s,%s,{\"type\":\"refund\",\"id\":"
        "\"F\",\"receipt\":\"R\",\"amount\":\"7\"},%s]}",
        members[7], receipt, receipt);
    char *first = answers_as_duplicates();
    cr_assert_str_eq(strrchr(first, '{'),
                     "{\"type\":\"receipt\",\"id\":\"R\",\"result\":\"duplicate\","
                     "\"seq\":2,\"applied\":\"11.90\",\"unapplied\":\"0.10\"}]}\n");
    fl_book_again(book, "%s", receipt);
    cr_assert_str_eq(fl_book_field(book, "applied"), "11.90");
    cr_assert_str_eq(fl_book_field(book, "unapplied"), "0.10");
    cr_assert_eq(fl_book_receipt_open(book, "R"), 0);
    free(first);
}

/* Counts of a statement stand in no row. */
Test(case_o26, a_statement_in_a_batch_sent_again_says_what_was_new_then)
{
    static const char statement[] =
        "{\"type\":\"batch\",\"key\":\"s\",\"commands\":[{\"type\":\"statement\",\"id\":\"1\","
        "\"account\":\"B\",\"currency\":\"EUR\",\"opening\":\"0\",\"closing\":\"5\",\"lines\":["
        "{\"amount\":\"2\",\"booking_date\":\"2025-06-01\"},{\"amount\":\"3\","
        "\"booking_date\":\"2025-06-01\"}]}]}";
    fl_book_must(book, "%s", statement);
    char *first = answers_as_duplicates();
    cr_assert(strstr(first, "\"new\":2,\"known\":0,\"matched\":0"), "%s", first);
    fl_book_again(book, "%s", statement);
    char *again = answers_as_duplicates();
    cr_assert_str_eq(again, first);
    free(first);
    free(again);
}

Test(case_o26, a_batch_needs_a_key_and_holds_no_batch)
{
    fl_book_refuses(book, "missing_field", "{\"type\":\"batch\",\"commands\":[%s]}", members[0]);
    fl_book_send(book,
                 "{\"type\":\"batch\",\"key\":\"k\",\"commands\":[{\"type\":\"batch\",\"key\":"
                 "\"l\",\"commands\":[%s]}]}",
                 members[0]);
    cr_assert_str_eq(fl_book_field(book, "result"), "invalid");
}

Test(case_o26, a_member_that_is_known_already_is_no_failure)
{
    fl_book_must(book, "%s", members[7]);
    fl_book_must(book, "{\"type\":\"batch\",\"key\":\"k\",\"commands\":[%s,%s]}", members[7],
                 members[0]);
    cr_assert_str_eq(fl_book_field(book, "applied"), "2");
    cr_assert_eq(fl_book_store(book)->rows[FL_TABLE_invoice], 1);
}
