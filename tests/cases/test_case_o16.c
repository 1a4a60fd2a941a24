/* O16: the same notice of a payment comes again, the same moment, after a restart, a day later.
 * What counts is the event's own id, never amount and invoice: a repeat changes nothing and is told
 * the first answer, another event with equal content is another payment. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/support/book.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Birch\",\"name\":\"Birch\",\"currency\":\"EUR\","
                 "\"credit_limit\":\"500\"}");
    fl_book_must(
        book,
        "{\"type\":\"invoice\",\"id\":\"INV-3001\",\"customer\":\"Birch\",\"date\":\"2025-06-02\","
        "\"amount\":{\"net\":\"120\",\"tax\":\"0\"}}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o16, .init = setup, .fini = teardown);

#define EVENT(id)                                                                                  \
    "{\"type\":\"receipt\",\"id\":\"" id "\",\"amount\":\"120.00\",\"currency\":\"EUR\","          \
    "\"date\":\"2025-06-10\",\"references\":[\"INV-3001\"]}"

Test(case_o16, a_repeated_notice_is_one_payment_and_another_event_is_a_second_one)
{
    char first[1024];
    strcpy(first, fl_book_must(book, EVENT("evt-501")));
    uint64_t digest = fl_book_digest(book);
    for (unsigned i = 0; i < 2; i++) {
        fl_book_again(book, EVENT("evt-501"));
        char *at = strstr(first, "\"seq\"");
        cr_assert(at && strstr(fl_book_again(book, EVENT("evt-501")), at),
                  "the first answer again");
    }
    cr_assert_eq(fl_book_digest(book), digest);
    cr_assert_eq(fl_book_open_of(book, "INV-3001"), 0);
    cr_assert_eq(fl_book_balance(book, "Birch"), 0);
    fl_book_must(book, EVENT("evt-502"));
    cr_assert_str_eq(fl_book_field(book, "unapplied"), "120.00");
    cr_assert_eq(fl_book_unapplied(book, "Birch"), 12000);
    cr_assert_eq(fl_book_balance(book, "Birch"), -12000);
    fl_book_again(book, EVENT("evt-501"));
}

/* Commands that make a document of each type; what the second of a pair changes is content. */
static const char *const pairs[][2] = {
    {"{\"type\":\"order\",\"id\":\"SO-1\",\"customer\":\"Birch\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":\"2\"}]}",
     "{\"type\":\"order\",\"id\":\"SO-1\",\"customer\":\"Birch\",\"lines\":[{\"product\":\"P\","
     "\"quantity\":\"3\"}]}"},
    {"{\"type\":\"shipment\",\"id\":\"SH-1\",\"order\":\"SO-1\",\"lines\":[{\"line\":1,"
     "\"quantity\":\"1\"}]}",
     "{\"type\":\"shipment\",\"id\":\"SH-1\",\"order\":\"SO-1\"}"},
    {"{\"type\":\"invoice\",\"id\":\"INV-9\",\"order\":\"SO-1\"}",
     "{\"type\":\"invoice\",\"id\":\"INV-9\",\"order\":\"SO-1\",\"date\":\"2025-06-14\"}"},
    {"{\"type\":\"credit_note\",\"id\":\"CN-1\",\"invoice\":\"INV-9\",\"amount\":\"1\"}",
     "{\"type\":\"credit_note\",\"id\":\"CN-1\",\"invoice\":\"INV-9\",\"amount\":\"1.01\"}"},
    {"{\"type\":\"receipt\",\"id\":\"R-1\",\"amount\":\"50\",\"currency\":\"EUR\",\"customer\":"
     "\"Birch\"}",
     "{\"type\":\"receipt\",\"id\":\"R-1\",\"amount\":\"50\",\"currency\":\"EUR\",\"customer\":"
     "\"Birch\",\"text\":\"x\"}"},
    {"{\"type\":\"application\",\"id\":\"AP-1\",\"receipt\":\"R-1\",\"invoice\":\"INV-3001\","
     "\"amount\":\"20\"}",
     "{\"type\":\"application\",\"id\":\"AP-1\",\"receipt\":\"R-1\",\"invoice\":\"INV-3001\","
     "\"amount\":\"21\"}"},
    {"{\"type\":\"refund\",\"id\":\"F-1\",\"receipt\":\"R-1\",\"amount\":\"5\"}",
     "{\"type\":\"refund\",\"id\":\"F-1\",\"receipt\":\"R-1\",\"amount\":\"6\"}"},
    {"{\"type\":\"chargeback\",\"id\":\"X-1\",\"receipt\":\"R-1\",\"amount\":\"5\"}",
     "{\"type\":\"chargeback\",\"id\":\"X-1\",\"receipt\":\"R-1\",\"amount\":\"5\",\"fee\":\"1\"}"},
    {"{\"type\":\"receipt_reverse\",\"id\":\"B-1\",\"receipt\":\"R-1\",\"amount\":\"5\"}",
     "{\"type\":\"receipt_reverse\",\"id\":\"B-1\",\"receipt\":\"R-1\",\"amount\":\"5\",\"reason\":"
     "\"x\"}"},
    {"{\"type\":\"write_off\",\"id\":\"W-1\",\"invoice\":\"INV-3001\",\"amount\":\"5\",\"reason\":"
     "\"old\"}",
     "{\"type\":\"write_off\",\"id\":\"W-1\",\"invoice\":\"INV-3001\",\"amount\":\"5.5\","
     "\"reason\":\"old\"}"},
};

Test(case_o16, an_id_used_with_other_content_is_refused_for_every_document)
{
    fl_book_must(
        book,
        "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"10\"}");
    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char first[1024];
        strcpy(first, strstr(fl_book_must(book, "%s", pairs[i][0]), "\"seq\""));
        for (unsigned j = 0; j <= i; j++) {
            const char *again = fl_book_again(book, "%s", pairs[j][0]);
            cr_assert(j < i || strstr(again, first), "%s\n%s", again, first);
            fl_book_refuses(book, "key_reused", "%s", pairs[j][1]);
        }
    }
}

Test(case_o16, the_same_decimals_and_fields_in_another_order_are_the_same_content)
{
    fl_book_must(book, EVENT("evt-501"));
    fl_book_again(
        book,
        "{\"references\":[\"INV-3001\"],\"currency\":\"EUR\",\"amount\":120,\"id\":\"evt-501\","
        "\"type\":\"receipt\"}");
    fl_book_again(
        book,
        "{\"references\":[\"INV-3001\"],\"currency\":\"EUR\",\"amount\":\"120.000\",\"key\":\"k\","
        "\"id\":\"evt-501\",\"type\":\"receipt\",\"at\":\"2025-06-12T08:00:00Z\"}");
}

#define RECEIVE(quantity)                                                                          \
    "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"receive\",\"quantity\":\"" quantity          \
    "\",\"key\":\"k-1\"}"

Test(case_o16, a_command_without_an_id_is_known_by_its_key)
{
    fl_book_refuses(book, "not_found", RECEIVE("4")); /* a refused command does not use its key */
    fl_book_must(
        book,
        "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"currency\":\"EUR\",\"price\":\"10\","
        "\"stock_control\":true}");
    fl_book_must(book, RECEIVE("4"));
    fl_book_must(book,
                 "{\"type\":\"stock\",\"product\":\"P\",\"kind\":\"adjust\",\"quantity\":\"-1\"}");
    fl_book_again(book, RECEIVE("4"));
    cr_assert_str_eq(fl_book_field(book, "on_hand"), "4", "the first answer, whatever came since");
    fl_book_refuses(book, "key_reused", RECEIVE("5"));
    cr_assert_eq(fl_book_on_hand(book, "P"), 3);
}

/* With an id and a key, either of them makes it known; the key alone, for another id, is refused.
 */
Test(case_o16, a_key_belongs_to_one_command)
{
    fl_book_must(book, "{\"type\":\"receipt\",\"id\":\"a\",\"key\":\"k-1\",\"amount\":\"1\","
                       "\"currency\":\"EUR\"}");
    fl_book_again(book, "{\"type\":\"receipt\",\"id\":\"a\",\"key\":\"k-1\",\"amount\":\"1\","
                        "\"currency\":\"EUR\"}");
    fl_book_again(book, "{\"type\":\"receipt\",\"id\":\"a\",\"key\":\"k-2\",\"amount\":\"1\","
                        "\"currency\":\"EUR\"}");
    fl_book_refuses(book, "key_reused",
                    "{\"type\":\"receipt\",\"id\":\"b\",\"key\":\"k-1\",\"amount\":\"2\","
                    "\"currency\":\"EUR\"}");
    fl_book_refuses(book, "key_reused",
                    "{\"type\":\"receipt\",\"id\":\"b\",\"key\":\"k-1\",\"amount\":\"1\","
                    "\"currency\":\"EUR\"}");
}
