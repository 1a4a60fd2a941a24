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
