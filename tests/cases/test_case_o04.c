/* O04: account and currency belong to the statement, not to the file; the same statement id, entry
 * reference, day and figure on two accounts are two lines; a DBIT balance is negative; without an
 * opening balance the previous closing one opens. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "tests/support/book_import.h"

static struct fl_test_book *book;

static void setup(void)
{
    book = fl_book_open(NULL);
    for (unsigned i = 0; i < 5; i++) {
        static const char *const currencies[] = {"CHF", "JPY", "KWD", "CLF", "USD"};
        fl_book_must(book,
                     "{\"type\":\"fx_rate\",\"date\":\"2024-01-01\",\"from\":\"%s\","
                     "\"to\":\"EUR\",\"rate\":\"0.9\"}",
                     currencies[i]);
    }
}

static void teardown(void)
{
    fl_book_close(book);
}

TestSuite(case_o04, .init = setup, .fini = teardown);

/* A statement with one credit entry; balances in the currency's minor units, signed. */
static size_t put_statement(char *out, size_t room, const char *account, const char *currency,
                            const char *opening_code, int64_t opening, int64_t amount)
{
    unsigned decimals = fl_currency_exponent(fl_currency_find(currency, 3));
    char money[3][40];
    const int64_t values[] = {opening, opening + amount, amount};
    for (unsigned i = 0; i < 3; i++)
        money[i][fl_decimal_format(llabs(values[i]), decimals, money[i])] = '\0';
    return (size_t)snprintf(
        out, room,
        "<Stmt><Id>1</Id><CreDtTm>2024-03-06T06:00:00</CreDtTm><Acct><Id><Othr><Id>%s</Id></Othr></"
        "Id>"
        "<Ccy>%s</Ccy></Acct>"
        "<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy=\"%s\">%s</Amt><CdtDbtInd>%s"
        "</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"
        "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"%s\">%s</Amt><CdtDbtInd>%s"
        "</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"
        "<Ntry><NtryRef>0001</NtryRef><Amt Ccy=\"%s\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        "<Sts>BOOK</Sts><BookgDt><Dt>2024-03-05</Dt></BookgDt><BkTxCd/></Ntry></Stmt>\n",
        account, currency, opening_code, currency, money[0], opening < 0 ? "DBIT" : "CRDT",
        currency, money[1], opening + amount < 0 ? "DBIT" : "CRDT", currency, money[2]);
}

static const char head[] = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">"
                           "<BkToCstmrStmt><GrpHdr><MsgId>M32</MsgId></GrpHdr>\n";
static const char tail[] = "</BkToCstmrStmt></Document>";

Test(case_o04, two_accounts_in_one_file)
{
    char text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", head);
    n += put_statement(text + n, sizeof text - n, "NL88TEST0123456700", "EUR", "PRCD", 1000, 2500);
    n += put_statement(text + n, sizeof text - n, "CH0900000000000000777", "CHF", "OPBD", -4000,
                       2500);
    snprintf(text + n, sizeof text - n, "%s", tail);
    struct book_imported done = book_import(book, text);
    cr_assert_eq(done.statements, 2);
    cr_assert_eq(done.added, 2);
    cr_expect_eq(book_line_amount(book, 0), 2500);
    cr_expect_eq(book_line_amount(book, 1), 2500);
    cr_expect_eq(book_bank_balance(book, "NL88TEST0123456700", "EUR"), 3500);
    cr_expect_eq(book_bank_balance(book, "CH0900000000000000777", "CHF"), -1500);
    done = book_import(book, text);
    cr_expect_eq(done.added, 0);
    cr_expect_eq(done.known, 2);
}

/* The kind: many accounts of every number of decimals, all statements with one id, one reference,
 * one day and one figure, in any order; each account ends where its own statement says. */
Test(case_o04, every_account_of_a_file_has_its_own_currency_and_balances)
{
    static const char *const currencies[] = {"EUR", "JPY", "KWD", "CLF", "USD"};
    static const char *const codes[] = {"OPBD", "PRCD", "ITBD"};
    static char text[1 << 17];
    char account[32];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", head);
    fl_book_checks(book, false);
    for (unsigned i = 0; i < 60; i++) {
        snprintf(account, sizeof account, "ACC%u", i * 37 % 60);
        n += put_statement(text + n, sizeof text - n, account, currencies[i * 37 % 60 % 5],
                           codes[i % 3], (int64_t)(i * 37 % 60) * 100 - 3000, 2500);
    }
    snprintf(text + n, sizeof text - n, "%s", tail);
    struct book_imported done = book_import(book, text);
    cr_assert_eq(done.statements, 60);
    cr_assert_eq(done.added, 60);
    for (unsigned i = 0; i < 60; i++) {
        snprintf(account, sizeof account, "ACC%u", i);
        cr_expect_eq(book_bank_balance(book, account, currencies[i % 5]), (int64_t)i * 100 - 500,
                     "%s", account);
    }
    done = book_import(book, text);
    cr_expect_eq(done.added, 0);
    cr_expect_eq(done.known, 60);
}

/* The same for MT940: the account of a message is that of its own field 25. */
Test(case_o04, messages_of_several_accounts_in_one_mt940)
{
    static const char *const currencies[] = {"EUR", "JPY", "KWD", "CLF", "USD"};
    static const char *const amounts[] = {"25,00", "2500,", "2,500", "0,2500", "25"};
    char text[8192], account[32];
    size_t n = 0;
    for (unsigned i = 0; i < 20; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              ":20:ONE\n:25:ACC%u\n:28C:1\n:60F:C240305%s0,\n"
                              ":61:2403050305C%sNTRFNONREF//0001\n:62F:C240305%s%s\n-\n",
                              i, currencies[i % 5], amounts[i % 5], currencies[i % 5],
                              amounts[i % 5]);
    struct book_imported done = book_import(book, text);
    cr_assert_eq(done.statements, 20);
    cr_assert_eq(done.added, 20);
    for (unsigned i = 0; i < 20; i++) {
        snprintf(account, sizeof account, "ACC%u", i);
        cr_expect_eq(book_bank_balance(book, account, currencies[i % 5]), 2500, "%s", account);
    }
}
