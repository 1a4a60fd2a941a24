/* O03: an entry of a camt.053 with several payments inside is as many lines, each with its own
 * amount and identity; the entry's amount is a detail's only where there is one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/book_import.h"
#include "tests/support/random.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    fl_book_must(book,
                 "{\"type\":\"customer\",\"id\":\"Elm\",\"name\":\"Elm\",\"currency\":\"EUR\","
                 "\"credit_limit\":null}");
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o03, .init = setup, .fini = teardown);

#define ACCOUNT "NL88TEST0123456700"
#define DOCUMENT(version)                                                                          \
    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001." version "\"><BkToCstmrStmt>"  \
    "<GrpHdr><MsgId>M31</MsgId><CreDtTm>2024-03-06T06:00:00</CreDtTm></GrpHdr><Stmt><Id>S31</Id>"  \
    "<CreDtTm>2024-03-06T06:00:00</CreDtTm><Acct><Id><IBAN>" ACCOUNT "</IBAN></Id><Ccy>EUR</Ccy>"  \
    "</Acct>"
#define BALANCE(code, amount)                                                                      \
    "<Bal><Tp><CdOrPrtry><Cd>" code "</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">" amount "</Amt>"      \
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"
#define ENTRY(amount, ref)                                                                         \
    "<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt>"   \
    "<Dt>2024-03-05</Dt></BookgDt><AcctSvcrRef>" ref "</AcctSvcrRef><BkTxCd/><NtryDtls>"
#define END        "</NtryDtls></Ntry>"
#define TAIL       "</Stmt></BkToCstmrStmt></Document>"
#define E2E(id)    "<Refs><EndToEndId>" id "</EndToEndId></Refs>"
#define TX(amount) "<AmtDtls><TxAmt><Amt Ccy=\"EUR\">" amount "</Amt></TxAmt></AmtDtls>"

static void bill(const char *id, const char *net)
{
    fl_book_must(book,
                 "{\"type\":\"invoice\",\"id\":\"%s\",\"customer\":\"Elm\",\"date\":\"2024-03-01\","
                 "\"amount\":{\"net\":\"%s\",\"tax\":\"0\"}}",
                 id, net);
}

Test(case_o03, a_batch_is_its_payments)
{
    static const char file[] = DOCUMENT("02") BALANCE("OPBD", "100.00") BALANCE("CLBD", "531.80")
        ENTRY("412.30",
              "BATCH9") "<Btch><NbOfTxs>2</NbOfTxs></Btch>"
                        "<TxDtls>" E2E("INV-801") TX(
                            "300.05") "</TxDtls>"
                                      "<TxDtls>" E2E("INV-802") TX("112.25") "</TxDtls>" END ENTRY(
                                          "19.50",
                                          "SINGLE1") "<TxDtls>" E2E("INV-803") "</TxDtls>" END TAIL;
    static const int64_t wanted[] = {30005, 11225, 1950};
    bill("INV-801", "300.05");
    bill("INV-802", "112.25");
    bill("INV-803", "19.50");
    struct book_imported done = book_import(book, file);
    cr_assert_eq(done.added, 3);
    cr_expect_eq(done.matched, 3);
    for (uint32_t n = 0; n < 3; n++)
        cr_expect_eq(book_line_amount(book, n), wanted[n]);
    cr_expect_eq(book_bank_balance(book, ACCOUNT, "EUR"), 53180);
    cr_expect_str_eq(fl_book_invoice_state(book, "INV-801"), "paid");
    cr_expect_str_eq(fl_book_invoice_state(book, "INV-802"), "paid");
    cr_expect_str_eq(fl_book_invoice_state(book, "INV-803"), "paid");
    done = book_import(book, file);
    cr_expect_eq(done.added, 0);
    cr_expect_eq(done.known, 3);
    cr_expect_eq(book_line_count(book), 3);
}

/* --- the kind: batches of any size, in every shape that the versions have -------------------- */

struct batch {
    char text[1 << 17];
    size_t length;
    int64_t sum, amounts[200];
    unsigned count;
};

#define PUT(b, ...)                                                                                \
    (b)->length +=                                                                                 \
        (size_t)snprintf((b)->text + (b)->length, sizeof(b)->text - (b)->length, __VA_ARGS__)

static const char *money(int64_t cents)
{
    static char text[4][32];
    static unsigned next;
    char *out = text[next++ % 4];
    snprintf(out, 32, "%lld.%02lld", (long long)(llabs(cents) / 100),
             (long long)(llabs(cents) % 100));
    return out;
}

/* Shapes of a detail's amount: AmtDtls of version 02, Amt and CdtDbtInd of the later ones, both,
 * and in another currency with what it came to in the account's. */
static void put_amount(struct batch *b, unsigned shape, int64_t cents)
{
    const char *sign = cents < 0 ? "DBIT" : "CRDT";
    if (shape == 0)
        PUT(b,
            "<AmtDtls><TxAmt><Amt Ccy=\"EUR\">%s</Amt></TxAmt></AmtDtls><CdtDbtInd>%s</CdtDbtInd>",
            money(cents), sign);
    else if (shape == 1)
        PUT(b, "<Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>%s</CdtDbtInd>", money(cents), sign);
    else if (shape == 2)
        PUT(b,
            "<Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><AmtDtls><InstdAmt>"
            "<Amt Ccy=\"USD\">1.00</Amt></InstdAmt></AmtDtls>",
            money(cents), sign);
    else
        PUT(b,
            "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">7.77</Amt></InstdAmt><TxAmt><Amt Ccy=\"USD\">"
            "7.77</Amt></TxAmt><CntrValAmt><Amt Ccy=\"EUR\">%s</Amt></CntrValAmt></AmtDtls>"
            "<CdtDbtInd>%s</CdtDbtInd>",
            money(cents), sign);
}

static void put_details(struct batch *b, struct fl_random *random, unsigned count)
{
    b->sum = 0;
    b->count = count;
    for (unsigned i = 0; i < count; i++) {
        bool twin = i > 0 && fl_random_below(random, 4) == 0; /* equal in all: two all the same */
        bool back = !twin && fl_random_below(random, 6) == 0; /* money out within money in */
        int64_t cents = 1 + (int64_t)fl_random_below(random, 100000);
        b->amounts[i] = twin ? b->amounts[i - 1] : back ? -cents : cents;
        b->sum += b->amounts[i];
    }
}

static void make_file(struct batch *b, struct fl_random *random, unsigned version, unsigned shape,
                      unsigned count)
{
    static const char *const statuses[] = {"<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>", ""};
    static const char *const dates[] = {"<Dt>2024-03-05</Dt>",
                                        "<DtTm>2024-03-05T23:59:59-05:00</DtTm>"};
    put_details(b, random, count);
    b->length = 0;
    PUT(b,
        "<p:Document xmlns:p=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.%02u\"><p:BkToCstmrStmt>"
        "<p:Stmt><p:Id>B</p:Id><Acct><Id><IBAN>ACC%u-%u-%u</IBAN></Id><Ccy>EUR</Ccy></Acct>",
        version, version, shape, count);
    PUT(b, BALANCE("OPBD", "1000.00"));
    PUT(b,
        "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>%s"
        "</CdtDbtInd></Bal>",
        money(100000 + b->sum), 100000 + b->sum < 0 ? "DBIT" : "CRDT");
    PUT(b,
        "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>%s</CdtDbtInd>%s<BookgDt>%s</BookgDt>"
        "<AcctSvcrRef>BATCH</AcctSvcrRef>",
        money(b->sum), b->sum < 0 ? "DBIT" : "CRDT", statuses[version % 3], dates[version % 2]);
    for (unsigned i = 0; i < count; i++) {
        PUT(b, "%s<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>",
            i == 0 || i == count / 2 ? "<NtryDtls>" : "");
        put_amount(b, shape, b->amounts[i]);
        PUT(b, "</TxDtls>%s", i == count - 1 || i + 1 == count / 2 ? "</NtryDtls>" : "");
    }
    PUT(b, "</Ntry></p:Stmt></p:BkToCstmrStmt></p:Document>");
}

Test(case_o03, batches_of_any_size_in_every_version_add_up_and_are_known_again)
{
    static struct batch batch;
    static const unsigned sizes[] = {2, 3, 7, 40, 200};
    struct fl_random random = fl_random_start("case_o03");
    fl_book_checks(book, false);
    for (unsigned version = 2; version <= 13; version++) {
        for (unsigned k = 0; k < 4 * 5; k++) {
            uint32_t before = book_line_count(book);
            make_file(&batch, &random, version, k % 4, sizes[k / 4]);
            struct book_imported done = book_import(book, batch.text);
            cr_assert_eq(done.added, batch.count, "version %u shape %u of %u: %.3000s", version,
                         k % 4, batch.count, batch.text);
            for (unsigned i = 0; i < batch.count; i++)
                cr_expect_eq(book_line_amount(book, before + i), batch.amounts[i]);
            done = book_import(book, batch.text);
            cr_assert_eq(done.added, 0, "version %u shape %u", version, k % 4);
            cr_assert_eq(done.known, batch.count);
        }
    }
}

/* Details that do not come to the entry are not booked as they are: the bank moved the entry. */
Test(case_o03, details_that_do_not_add_up_are_one_line_of_the_entry)
{
    struct book_imported done =
        book_import(book, DOCUMENT("08") BALANCE("OPBD", "0.00") BALANCE("CLBD", "100.00")
                              ENTRY("100.00", "B") "<TxDtls>" TX("60.00") "</TxDtls><TxDtls>" TX(
                                  "30.00") "</TxDtls>" END TAIL);
    cr_assert_eq(done.added, 1);
    cr_expect_eq(book_line_amount(book, 0), 10000);
}
