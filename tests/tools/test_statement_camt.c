#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/statement_recorder.h"

#define HEAD                                                                                       \
    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>"           \
    "<GrpHdr><MsgId>M31</MsgId><CreDtTm>2024-03-06T06:00:00</CreDtTm></GrpHdr>\n"
#define TAIL "</BkToCstmrStmt></Document>"

static const char o03[] = HEAD
    "<Stmt><Id>S31</Id><CreDtTm>2024-03-06T06:00:00</CreDtTm>"
    "<Acct><Id><IBAN>NL88TEST0123456700</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">100.00</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">531.80</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>\n"
    "<Ntry><Amt Ccy=\"EUR\">412.30</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
    "<BookgDt><Dt>2024-03-05</Dt></BookgDt><AcctSvcrRef>BATCH9</AcctSvcrRef><BkTxCd/>"
    "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>"
    "<TxDtls><Refs><EndToEndId>INV-801</EndToEndId></Refs>"
    "<AmtDtls><TxAmt><Amt Ccy=\"EUR\">300.05</Amt></TxAmt></AmtDtls></TxDtls>"
    "<TxDtls><Refs><EndToEndId>INV-802</EndToEndId></Refs>"
    "<AmtDtls><TxAmt><Amt Ccy=\"EUR\">112.25</Amt></TxAmt></AmtDtls></TxDtls>"
    "</NtryDtls></Ntry>\n"
    "<Ntry><Amt Ccy=\"EUR\">19.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
    "<BookgDt><Dt>2024-03-05</Dt></BookgDt><AcctSvcrRef>SINGLE1</AcctSvcrRef><BkTxCd/>"
    "<NtryDtls><TxDtls><Refs><EndToEndId>INV-803</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
    "</Stmt>" TAIL;

Test(statement_camt, o03_a_batch_is_its_payments_each_with_its_own_amount_and_identity)
{
    struct statement_recorder *r = recorder_read_text(o03, 0);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    cr_assert_eq(r->lines_count, 3);
    static const char *const ids[] = {"INV-801", "INV-802", "INV-803"};
    static const char *const amounts[] = {"300.05", "112.25", "19.5"};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(r->lines[i].end_to_end, ids[i]);
        cr_expect_str_eq(r->lines[i].amount, amounts[i]);
        cr_expect_str_eq(r->lines[i].booking, "2024-03-05");
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(r->lines[i].identity, r->lines[j].identity);
    }
    cr_expect_str_eq(r->statements[0].sum, "431.8");
    cr_expect(r->statements[0].balanced);
    struct statement_recorder *again = recorder_read_text(o03, 1);
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(r->lines[i].identity, again->lines[i].identity);
    recorder_free(again);
    recorder_free(r);
}

#define O04_STATEMENT(account, currency, code, sign, opening, closing)                             \
    "<Stmt><Id>1</Id><CreDtTm>2024-03-06T06:00:00</CreDtTm>"                                       \
    "<Acct><Id><IBAN>" account "</IBAN></Id><Ccy>" currency "</Ccy></Acct>"                        \
    "<Bal><Tp><CdOrPrtry><Cd>" code "</Cd></CdOrPrtry></Tp><Amt Ccy=\"" currency "\">" opening     \
    "</Amt><CdtDbtInd>" sign "</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"                      \
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"" currency "\">" closing         \
    "</Amt><CdtDbtInd>" sign "</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"                      \
    "<Ntry><NtryRef>0001</NtryRef><Amt Ccy=\"" currency "\">25.00</Amt>"                           \
    "<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-03-05</Dt></BookgDt><BkTxCd/>"    \
    "</Ntry></Stmt>\n"

Test(statement_camt, o04_account_and_currency_belong_to_the_statement)
{
    struct statement_recorder *r = recorder_read_text(
        HEAD O04_STATEMENT("NL88TEST0123456700", "EUR", "PRCD", "CRDT", "10.00", "35.00")
            O04_STATEMENT("CH0900000000000000777", "CHF", "OPBD", "DBIT", "40.00", "15.00") TAIL,
        0);
    cr_assert_eq(r->statements_count, 2);
    cr_assert_eq(r->lines_count, 2);
    cr_expect_str_eq(r->statements[0].account, "NL88TEST0123456700");
    cr_expect_str_eq(r->statements[0].opening, "10");
    cr_expect_str_eq(r->statements[0].closing, "35");
    cr_expect_str_eq(r->statements[1].account, "CH0900000000000000777");
    cr_expect_str_eq(r->statements[1].currency, "CHF");
    cr_expect_str_eq(r->statements[1].opening, "-40");
    cr_expect_str_eq(r->statements[1].closing, "-15");
    cr_expect_str_eq(r->lines[1].amount, "25");
    cr_expect_str_eq(r->lines[1].currency, "CHF");
    cr_expect(r->statements[0].balanced && r->statements[1].balanced);
    cr_expect_neq(r->lines[0].identity, r->lines[1].identity);
    recorder_free(r);
}

/* One statement with one entry, all of it given. */
static struct statement_recorder *read_entry(const char *root, const char *account,
                                             const char *entry)
{
    char *text = malloc(strlen(entry) + strlen(account) + 512);
    const char *block = strcmp(root, "BkToCstmrStmt") == 0      ? "Stmt"
                        : strcmp(root, "BkToCstmrAcctRpt") == 0 ? "Rpt"
                                                                : "Ntfctn";
    sprintf(text,
            "<?xml version=\"1.0\"?>\n<n:Document "
            "xmlns:n=\"x\"><n:%s><n:%s>%s%s</n:%s></n:%s></n:Document>",
            root, block, account, entry, block, root);
    struct statement_recorder *r = recorder_read_text(text, 0);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    free(text);
    return r;
}

#define JPY_ACCOUNT "<Acct><Id><Othr><Id>7</Id></Othr></Id><Ccy>JPY</Ccy></Acct>"
#define EUR_ACCOUNT                                                                                \
    "<CreDtTm>2024-03-06T23:59:59+02:00</CreDtTm>"                                                 \
    "<Acct><Id><IBAN>NL88TEST0123456700</IBAN></Id><Ccy>EUR</Ccy></Acct>"

Test(statement_camt, o18c_decimals_are_those_of_the_currency)
{
    struct statement_recorder *r =
        read_entry("BkToCstmrStmt", JPY_ACCOUNT,
                   "<Ntry><Amt Ccy=\"JPY\">5481</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"
                   "<Ntry><Amt Ccy=\"JPY\">10.5</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"
                   "<Ntry><Amt Ccy=\"JPY\">10.00000</Amt><CdtDbtInd>DBIT</CdtDbtInd></Ntry>"
                   "<Ntry><Amt Ccy=\"JPYY\">10</Amt><CdtDbtInd>DBIT</CdtDbtInd></Ntry>"
                   "<Ntry><CdtDbtInd>DBIT</CdtDbtInd></Ntry>");
    cr_assert_eq(r->lines_count, 2);
    cr_expect_str_eq(r->lines[0].amount, "5481");
    cr_expect_str_eq(r->lines[1].amount, "-10");
    cr_assert_eq(r->refused_count, 3);
    cr_expect_eq(r->refused[0].code, FL_TOO_MANY_DECIMALS);
    cr_expect_eq(r->refused[0].line, 2);
    cr_expect_eq(r->refused[1].code, FL_BAD_VALUE);
    cr_expect_eq(r->refused[2].code, FL_MISSING_FIELD);
    recorder_free(r);
}

Test(statement_camt, a2_no_status_is_booked_in_053_only_and_both_shapes_are_read)
{
#define ENTRIES                                                                                    \
    "<Ntry><Amt Ccy=\"EUR\">1</Amt></Ntry><Ntry><Amt Ccy=\"EUR\">2</Amt><Sts>BOOK</Sts></Ntry>"    \
    "<Ntry><Amt Ccy=\"EUR\">4</Amt><Sts>\n <Cd>BOOK</Cd>\n </Sts></Ntry>"                          \
    "<Ntry><Amt Ccy=\"EUR\">8</Amt><Sts>PDNG</Sts></Ntry>"                                         \
    "<Ntry><Amt Ccy=\"EUR\">16</Amt><Sts><Cd>INFO</Cd></Sts></Ntry>"
    static const char *const roots[] = {"BkToCstmrStmt", "BkToCstmrAcctRpt",
                                        "BkToCstmrDbtCdtNtfctn"};
    static const char *const sums[] = {"7", "6", "6"};
    for (size_t i = 0; i < 3; i++) {
        struct statement_recorder *r = read_entry(roots[i], EUR_ACCOUNT, ENTRIES);
        cr_expect_eq(r->lines_count, 5);
        cr_expect_eq(r->statements[0].kind, (int)i);
        cr_expect_str_eq(r->statements[0].sum, sums[i]);
        cr_expect_str_eq(r->lines[0].booking, "2024-03-06", "no booking date: the statement's");
        recorder_free(r);
    }
}

Test(statement_camt, a1_details_add_up_with_their_signs_net_of_charges_or_are_one_line)
{
#define PART(sign, amount, more)                                                                   \
    "<TxDtls><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" sign "</CdtDbtInd>" more "</TxDtls>"
#define NTRY(amount, details)                                                                      \
    "<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>CRDT</CdtDbtInd><NtryDtls>" details         \
    "</NtryDtls></Ntry>"
    struct statement_recorder *r = read_entry(
        "BkToCstmrStmt", EUR_ACCOUNT,
        NTRY("70", PART("CRDT", "100", "") PART("DBIT", "30", "")) NTRY(
            "148.50", PART("CRDT", "100",
                           "<Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">1.50</TtlChrgsAndTaxAmt></Chrgs>")
                          PART("CRDT", "50", ""))
            NTRY("99", PART("CRDT", "50", "") PART("CRDT", "50", "")) NTRY(
                "98", PART("CRDT", "100", "<Chrgs><Rcrd><Amt Ccy=\"EUR\">2</Amt></Rcrd></Chrgs>")));
    static const char *const amounts[] = {"100", "-30", "98.5", "50", "99", "98"};
    cr_assert_eq(r->lines_count, 6);
    for (size_t i = 0; i < 6; i++)
        cr_expect_str_eq(r->lines[i].amount, amounts[i]);
    cr_expect_eq(r->lines[0].batch_parts, 2);
    cr_expect_str_eq(r->lines[2].charges, "1.5");
    cr_expect_str_eq(r->lines[5].charges, "2");
    cr_expect_eq(r->warnings_count, 1, "%s", r->last_warning);
    cr_expect_str_eq(r->statements[0].sum, "415.5");
    recorder_free(r);
}

Test(statement_camt, texts_payers_and_references_of_a_detail)
{
    struct statement_recorder *r = read_entry(
        "BkToCstmrStmt", EUR_ACCOUNT,
        "<Ntry><Amt Ccy=\"EUR\">70</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd>"
        "<BookgDt><DtTm>2024-12-31T23:30:00-05:00</DtTm></BookgDt><ValDt><Dt>2025-01-02</Dt></"
        "ValDt>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
        "<Prtry><Cd>ET</Cd></Prtry></BkTxCd><NtryDtls><TxDtls>"
        "<Refs><EndToEndId>NOTPROVIDED</EndToEndId><MndtId>M1</MndtId></Refs><RltdPties>"
        "<Dbtr><Pty><Nm>Kunde &amp; S\xC3\xB6hne</Nm></Pty></Dbtr>"
        "<DbtrAcct><Id><IBAN>DE1</IBAN></Id></DbtrAcct><Cdtr><Nm>We</Nm></Cdtr>"
        "<CdtrAcct><Id><IBAN>NL88TEST0123456700</IBAN></Id></CdtrAcct></RltdPties>"
        "<RmtInf><Ustrd>RE-5510,</Ustrd><Ustrd> 5512\n  thanks</Ustrd><Strd>"
        "<RfrdDocInf><Tp><CdOrPrtry><Cd>CREN</Cd></CdOrPrtry></Tp><Nb>G7</Nb></RfrdDocInf>"
        "<RfrdDocAmt><CdtNoteAmt Ccy=\"EUR\">5</CdtNoteAmt></RfrdDocAmt>"
        "<CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
        "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>"
        "<Ntry><Amt Ccy=\"EUR\">70</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls><TxDtls><RltdPties>"
        "<Dbtr><Nm>We</Nm></Dbtr><Cdtr><Nm>Supplier</Nm></Cdtr></RltdPties></TxDtls></NtryDtls>"
        "<AddtlNtryInf>fee</AddtlNtryInf></Ntry>");
    const struct recorded_line *l = &r->lines[0];
    cr_expect_str_eq(l->text, "RE-5510, 5512 thanks");
    cr_expect_str_eq(l->name, "Kunde & S\xC3\xB6hne");
    cr_expect_str_eq(l->account, "DE1");
    cr_expect_str_eq(l->code, "PMNT.RCDT.ESCT");
    cr_expect_str_eq(l->booking, "2024-12-31", "the day as written");
    cr_expect_str_eq(l->value, "2025-01-02");
    cr_expect_str_eq(l->end_to_end, "");
    cr_expect_str_eq(l->return_reason, "AC04");
    cr_expect(l->reversal);
    cr_assert_eq(l->references_count, 3);
    cr_expect_str_eq(l->references[0], "RF18539007547034");
    cr_expect_str_eq(l->references[1], "G7");
    cr_expect_str_eq(l->reference_amounts[1], "5");
    cr_expect_str_eq(l->references[2], "M1");
    cr_expect_str_eq(r->lines[1].name, "Supplier");
    cr_expect_str_eq(r->lines[1].text, "fee");
    recorder_free(r);
}

Test(statement_camt, a5_pages_of_one_statement_belong_together)
{
#define PAGE(last, balances, amount)                                                               \
    "<Stmt><Id>p</Id><StmtPgntn><PgNb>1</PgNb><LastPgInd>" last "</LastPgInd></StmtPgntn>"         \
    "<ElctrncSeqNb>9</ElctrncSeqNb>" EUR_ACCOUNT balances "<Ntry><Amt Ccy=\"EUR\">" amount         \
    "</Amt></Ntry></Stmt>"
#define BAL(code, amount)                                                                          \
    "<Bal><Tp><CdOrPrtry><Cd>" code "</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">" amount "</Amt></"    \
    "Bal>"
    struct statement_recorder *r =
        recorder_read_text(HEAD PAGE("false", BAL("OPBD", "10") BAL("ITBD", "15"), "5")
                               PAGE("true", BAL("ITBD", "15") BAL("CLBD", "17"), "2")
                                   PAGE("false", BAL("OPBD", "17") BAL("ITBD", "20"), "3") TAIL,
                           0);
    cr_assert_eq(r->statements_count, 2);
    cr_expect_eq(r->statements[0].pages, 2);
    cr_expect_str_eq(r->statements[0].opening, "10");
    cr_expect_str_eq(r->statements[0].closing, "17");
    cr_expect(r->statements[0].balanced && !r->statements[0].page_missing);
    cr_expect(r->statements[1].page_missing);
    recorder_free(r);
}

Test(statement_camt, damage_is_named_with_file_line_and_reason)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {HEAD "<Stmt><Id>1</Id>\n</Stm>", "t.sta: line 3: mismatched tag"},
        {HEAD "<Stmt><Id>1</Id>\n", "t.sta: line 3: the file ends before the document does"},
        {"<!DOCTYPE d [<!ENTITY a \"b\">]>\n<Document><BkToCstmrStmt/></Document>",
         "t.sta: line 1: a document type with declarations of its own is not read"},
        {"<Document>camt.053 xsd:camt.053</Document>", "t.sta: no camt.052, 053 or 054 in it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct statement_recorder *r = recorder_read_text(cases[i].text, i % 2 ? 3 : 0);
        cr_expect_eq(r->status, FL_UNREADABLE);
        cr_expect_str_eq(r->error.message, cases[i].message);
        recorder_free(r);
    }
}

Test(statement_camt, a_bad_byte_costs_one_character)
{
    struct statement_recorder *r = recorder_read_text(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" HEAD "<Stmt><Ntry><Amt Ccy=\"EUR\">5</Amt>"
        "<AddtlNtryInf>M\xFCller \x01 \xC3\xB6</AddtlNtryInf></Ntry></Stmt>" TAIL,
        0);
    cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
    cr_expect_str_eq(r->lines[0].text, "M\xC3\xBCller \xC3\xB6");
    recorder_free(r);
}

Test(statement_camt, a8_an_entry_in_another_currency_is_not_booked_as_if_it_were)
{
    struct statement_recorder *r =
        read_entry("BkToCstmrStmt", EUR_ACCOUNT,
                   "<Ntry><Amt Ccy=\"EUR\">1</Amt></Ntry><Ntry><Amt Ccy=\"USD\">2</Amt></Ntry>");
    cr_expect_eq(r->lines_count, 1);
    cr_assert_eq(r->refused_count, 1);
    cr_expect_eq(r->refused[0].code, FL_CURRENCY_DIFFERS);
    recorder_free(r);
}

/* A total goes before its records, credits take off, an older version has one block for each. */
Test(statement_camt, v3_charges_are_what_was_kept)
{
#define CHARGED(charges)                                                                           \
    "<Ntry><Amt Ccy=\"EUR\">9</Amt><NtryDtls><TxDtls>" charges "</TxDtls></NtryDtls></Ntry>"
#define RCRD(amount, sign)                                                                         \
    "<Rcrd><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" sign "</CdtDbtInd></Rcrd>"
    struct statement_recorder *r = read_entry(
        "BkToCstmrStmt", EUR_ACCOUNT,
        CHARGED(
            "<Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">3.00</TtlChrgsAndTaxAmt>" RCRD("1.00", "DBIT")
                RCRD("2.00", "DBIT") "</Chrgs>") CHARGED("<Chrgs>" RCRD("1.00", "DBIT")
                                                             RCRD("2.00", "DBIT")
                                                                 RCRD("0.50", "CRDT") "</Chrgs>")
            CHARGED("<Chrgs><Amt Ccy=\"EUR\">1.00</Amt></Chrgs><Chrgs><Amt Ccy=\"EUR\">0.25</Amt>"
                    "<CdtDbtInd>DBIT</CdtDbtInd></Chrgs>")
                CHARGED("<Chrgs>" RCRD("1.00", "DBIT") "<Rcrd><Amt "
                                                       "Ccy=\"USD\">"
                                                       "5</Amt></"
                                                       "Rcrd></"
                                                       "Chrgs>")
                    CHARGED(
                        "<Chrgs><Rcrd><Amt Ccy=\"USD\">5</Amt></Rcrd></Chrgs>") "<Ntry><Amt "
                                                                                "Ccy=\"EUR\">9</"
                                                                                "Amt><Chrgs>" RCRD(
                                                                                    "0.75",
                                                                                    "DBIT") "</"
                                                                                            "Chrgs>"
                                                                                            "</"
                                                                                            "Ntry"
                                                                                            ">");
    static const char *const charges[] = {"3", "2.5", "1.25", "1", "-", "0.75"};
    cr_assert_eq(r->lines_count, 6);
    for (size_t i = 0; i < 6; i++)
        cr_expect_str_eq(r->lines[i].charges, charges[i], "%zu: %s", i, r->lines[i].charges);
    recorder_free(r);
}

/* The amounts of an advice in both shapes: an element for each, and one with a code (version 11 and
 * later). */
Test(statement_camt, amounts_of_an_advice_in_both_shapes)
{
#define ADVICE(document, amounts)                                                                  \
    "<Strd><RfrdDocInf><Nb>" document "</Nb></RfrdDocInf><RfrdDocAmt>" amounts                     \
    "</RfrdDocAmt></Strd>"
#define CODED(code, amount)                                                                        \
    "<RmtAmtAndTp><Tp><Cd>" code "</Cd></Tp><Amt Ccy=\"EUR\">" amount "</Amt></RmtAmtAndTp>"
    struct statement_recorder *r = read_entry(
        "BkToCstmrStmt", EUR_ACCOUNT,
        "<Ntry><Amt Ccy=\"EUR\">9</Amt><NtryDtls><TxDtls><RmtInf>" ADVICE(
            "A1", "<DuePyblAmt Ccy=\"EUR\">10</DuePyblAmt><RmtdAmt Ccy=\"EUR\">8</RmtdAmt>")
            ADVICE("A2", CODED("DUPA", "10") CODED("DISC", "2") CODED("RMTD", "8"))
                ADVICE("A3", CODED("DUPA", "10") CODED("TAXA", "1"))
                    ADVICE("A4", CODED("CREN", "4")) "</RmtInf></TxDtls></NtryDtls></Ntry>");
    static const char *const amounts[] = {"8", "8", "10", "4"};
    cr_assert_eq(r->lines[0].references_count, 4);
    for (size_t i = 0; i < 4; i++)
        cr_expect_str_eq(r->lines[0].reference_amounts[i], amounts[i], "A%zu", i + 1);
    recorder_free(r);
}

/* Names in the shapes of old and new versions; without one, for whom the party acts. */
Test(statement_camt, payers_in_every_shape)
{
#define PAYER(parties)                                                                             \
    "<Ntry><Amt Ccy=\"EUR\">1</Amt><NtryDtls><TxDtls><RltdPties>" parties                          \
    "</RltdPties></TxDtls></NtryDtls></Ntry>"
    struct statement_recorder *r = read_entry(
        "BkToCstmrStmt", EUR_ACCOUNT,
        PAYER("<Dbtr><Nm>Old</Nm></Dbtr>") PAYER("<Dbtr><Pty><Nm>New</Nm></Pty></Dbtr>")
            PAYER("<Dbtr><Agt><FinInstnId><Nm>Bank</Nm></FinInstnId></Agt></Dbtr>")
                PAYER("<Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr><UltmtDbtr><Pty><Nm>Other</Nm></Pty></"
                      "UltmtDbtr>")
                    PAYER("<UltmtDbtr><Nm>Behind</Nm></UltmtDbtr><DbtrAcct><Id><IBAN>DE1</IBAN></"
                          "Id></DbtrAcct>")
                        PAYER("<Cdtr><Nm>Us</Nm></Cdtr><CdtrAcct><Id><IBAN>NL88TEST0123456700</"
                              "IBAN></Id></CdtrAcct>"));
    static const char *const names[] = {"Old", "New", "Bank", "Payer", "Behind", ""};
    cr_assert_eq(r->lines_count, 6);
    for (size_t i = 0; i < 6; i++)
        cr_expect_str_eq(r->lines[i].name, names[i], "%zu: %s", i, r->lines[i].name);
    recorder_free(r);
}

/* A code that begins like a currency is none, and the currency behind it is one all the same. */
Test(statement_camt, an_unknown_currency_does_not_spoil_the_next)
{
    struct statement_recorder *r =
        read_entry("BkToCstmrStmt", EUR_ACCOUNT,
                   "<Ntry><Amt Ccy=\"EURO\">1</Amt></Ntry><Ntry><Amt Ccy=\"EUR\">2</Amt></Ntry>"
                   "<Ntry><Amt Ccy=\"EU\">3</Amt></Ntry><Ntry><Amt Ccy=\"EUR\">4</Amt></Ntry>");
    cr_expect_eq(r->refused_count, 2);
    cr_expect_str_eq(r->statements[0].sum, "6");
    recorder_free(r);
}

/* One statement in the shapes of old versions and of new ones: what they have in common says the
 * same. */
static const char old_shape[] =
    "<Stmt><Id>S</Id><ElctrncSeqNb>7</ElctrncSeqNb><CreDtTm>2024-03-06T06:00:00</CreDtTm>"
    "<Acct><Id><IBAN>NL88TEST0123456700</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">10</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">30</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"
    "<Ntry><Amt Ccy=\"EUR\">20</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
    "<BookgDt><Dt>2024-03-05</Dt></BookgDt><ValDt><Dt>2024-03-05</Dt></ValDt>"
    "<AcctSvcrRef>R</AcctSvcrRef><NtryDtls>"
    "<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><AmtDtls><TxAmt><Amt "
    "Ccy=\"EUR\">25</Amt></TxAmt>"
    "</AmtDtls><CdtDbtInd>CRDT</CdtDbtInd><Chrgs><Amt Ccy=\"EUR\">1</Amt></Chrgs>"
    "<RltdPties><Dbtr><Nm>Kunde</Nm></Dbtr><DbtrAcct><Id><IBAN>DE1</IBAN></Id></DbtrAcct></"
    "RltdPties>"
    "<RmtInf><Ustrd>RE 1</Ustrd><Strd><RfrdDocInf><Nb>RE 1</Nb></RfrdDocInf><RfrdDocAmt>"
    "<RmtdAmt Ccy=\"EUR\">25</RmtdAmt></RfrdDocAmt></Strd></RmtInf></TxDtls>"
    "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">5</Amt></TxAmt></AmtDtls><CdtDbtInd>DBIT</CdtDbtInd>"
    "<RltdPties><Cdtr><Nm>Bank</Nm></Cdtr></RltdPties><RmtInf><Ustrd>back</Ustrd></RmtInf></TxDtls>"
    "</NtryDtls></Ntry></Stmt>";
static const char new_shape[] =
    "<Stmt><Id>S</Id><StmtPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>"
    "<ElctrncSeqNb>7</ElctrncSeqNb><LglSeqNb>3</LglSeqNb><CreDtTm>2024-03-06T06:00:00.000+01:00</"
    "CreDtTm>"
    "<Acct><Id><Othr><Id>NL88TEST0123456700</Id></Othr></Id><Ccy>EUR</Ccy></Acct>"
    "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">10.00</Amt>"
    "<Dt><DtTm>2024-03-05T23:59:59-10:00</DtTm></Dt></Bal>"
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><CdtLine><Incl>false</Incl><Amt "
    "Ccy=\"EUR\">99</Amt>"
    "</CdtLine><Amt Ccy=\"EUR\">30.0</Amt><Dt><DtTm>2024-03-05T00:00:00Z</DtTm></Dt></Bal>"
    "<Ntry><Amt Ccy=\"EUR\">20.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
    "<BookgDt><DtTm>2024-03-05T23:30:00-08:00</DtTm></"
    "BookgDt><ValDt><DtTm>2024-03-05T00:10:00+14:00</DtTm>"
    "</ValDt><AcctSvcrRef>R</AcctSvcrRef><NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>"
    "<TxDtls><Refs><EndToEndId>E1</EndToEndId><UETR>u</UETR></Refs><Amt Ccy=\"EUR\">25.00</Amt>"
    "<CdtDbtInd>CRDT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy=\"USD\">27</Amt></InstdAmt></AmtDtls>"
    "<Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">1.00</TtlChrgsAndTaxAmt><Rcrd><Amt "
    "Ccy=\"EUR\">1.00</Amt></Rcrd>"
    "</Chrgs><RltdPties><Dbtr><Pty><Nm>Kunde</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>DE1</Id></"
    "Othr></Id>"
    "</DbtrAcct></RltdPties><RmtInf><Ustrd>RE 1</Ustrd><Strd><RfrdDocInf><Nb>RE 1</Nb></RfrdDocInf>"
    "<RfrdDocAmt><RmtAmtAndTp><Tp><Cd>RMTD</Cd></Tp><Amt "
    "Ccy=\"EUR\">25</Amt></RmtAmtAndTp></RfrdDocAmt>"
    "</Strd></RmtInf></TxDtls></NtryDtls><NtryDtls>"
    "<TxDtls><Amt "
    "Ccy=\"EUR\">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RltdPties><Cdtr><Agt><FinInstnId>"
    "<Nm>Bank</Nm></FinInstnId></Agt></Cdtr></RltdPties><RmtInf><Ustrd>back</Ustrd></RmtInf></"
    "TxDtls>"
    "</NtryDtls></Ntry></Stmt>";

/* The text with every "Stmt>" made `block`. */
static void put_block(char *out, const char *text, const char *block)
{
    for (const char *at; (at = strstr(text, "Stmt>")); text = at + 5)
        out += sprintf(out, "%.*s%s>", (int)(at - text), text, block);
    strcpy(out, text);
}

Test(statement_camt, every_message_and_version_reads_alike_in_old_and_new_shapes)
{
    static const struct {
        const char *number, *root, *block;
    } kinds[] = {{"052", "BkToCstmrAcctRpt", "Rpt"},
                 {"053", "BkToCstmrStmt", "Stmt"},
                 {"054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"}};
    static char block[8192], text[16384];
    char *wanted = NULL;
    for (unsigned n = 0; n < 3 * 12 * 2; n++) {
        unsigned kind = n / 24;
        put_block(block, n % 2 ? new_shape : old_shape, kinds[kind].block);
        snprintf(text, sizeof text,
                 "<Document "
                 "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.%s.001.%02u\"><%s>%s</%s></Document>",
                 kinds[kind].number, 2 + n / 2 % 12, kinds[kind].root, block, kinds[kind].root);
        struct statement_recorder *r = recorder_read_text(text, 0);
        cr_assert_eq(r->status, FL_OK, "%s", r->error.message);
        cr_expect(r->statements[0].balanced, "%s", text);
        cr_expect_eq(r->lines_count, 2);
        char *got = recorder_transcript(r);
        if (n % 24 == 0) {
            free(wanted);
            wanted = got;
        } else {
            cr_expect_str_eq(got, wanted, "%s", text);
            free(got);
        }
        recorder_free(r);
    }
    free(wanted);
}
