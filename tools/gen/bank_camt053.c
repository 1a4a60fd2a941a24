/* bank_camt053.c - statements as camt.053: version 02 with an entry a payment, version 08 with
 * payments gathered in entries. Element order as in the schemas. */
#include "tools/gen/bank_statement_text.h"

#include <string.h>

#define BATCH_MAX 5

static bool is_batch(uint32_t account)
{
    return fl_our_account_format(account) == FL_OUR_CAMT_BATCH;
}

static void put_element(struct fl_gen_text *text, const char *name, const char *value)
{
    fl_gen_putc(text, '<');
    fl_gen_puts(text, name);
    fl_gen_putc(text, '>');
    fl_gen_put_xml(text, value, strlen(value));
    fl_gen_puts(text, "</");
    fl_gen_puts(text, name);
    fl_gen_puts(text, ">");
}

static void put_amount(struct fl_gen_text *text, const char *name, int64_t amount_minor)
{
    fl_gen_putc(text, '<');
    fl_gen_puts(text, name);
    fl_gen_puts(text, " Ccy=\"EUR\">");
    fl_gen_put_minor(text, amount_minor < 0 ? -amount_minor : amount_minor, '.');
    fl_gen_puts(text, "</");
    fl_gen_puts(text, name);
    fl_gen_puts(text, ">");
}

static void put_sign(struct fl_gen_text *text, int64_t amount_minor)
{
    fl_gen_puts(text, amount_minor < 0 ? "<CdtDbtInd>DBIT</CdtDbtInd>"
                                       : "<CdtDbtInd>CRDT</CdtDbtInd>");
}

static void put_day(struct fl_gen_text *text, const char *name, uint16_t date_days)
{
    fl_gen_putc(text, '<');
    fl_gen_puts(text, name);
    fl_gen_puts(text, "><Dt>");
    fl_gen_put_date(text, date_days);
    fl_gen_puts(text, "</Dt></");
    fl_gen_puts(text, name);
    fl_gen_puts(text, ">");
}

static void begin_file(struct fl_gen_text *file, uint32_t account, uint16_t date_days)
{
    fl_gen_puts(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                      "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.");
    fl_gen_puts(file, is_batch(account) ? "08" : "02");
    fl_gen_puts(file, "\"><BkToCstmrStmt>\n<GrpHdr><MsgId>M");
    fl_gen_put_yymmdd(file, date_days);
    fl_gen_putc(file, '-');
    fl_gen_put_number(file, account, 1);
    fl_gen_puts(file, "</MsgId><CreDtTm>");
    fl_gen_put_date(file, date_days);
    fl_gen_puts(file, "T21:30:00</CreDtTm></GrpHdr>\n");
}

static void end_file(struct fl_gen_text *file)
{
    fl_gen_puts(file, "</BkToCstmrStmt></Document>\n");
}

/* Up to the bank's reference: what an entry has in either form. */
static void put_entry_head(struct fl_gen_text *text, uint32_t account, int64_t amount_minor,
                           uint16_t booking_date_days, uint16_t value_date_days,
                           const char *bank_ref, bool reversal)
{
    fl_gen_puts(text, "<Ntry>");
    put_amount(text, "Amt", amount_minor);
    put_sign(text, amount_minor);
    if (reversal)
        fl_gen_puts(text, "<RvslInd>true</RvslInd>");
    fl_gen_puts(text, is_batch(account) ? "<Sts><Cd>BOOK</Cd></Sts>" : "<Sts>BOOK</Sts>");
    put_day(text, "BookgDt", booking_date_days);
    put_day(text, "ValDt", value_date_days);
    put_element(text, "AcctSvcrRef", bank_ref);
    fl_gen_puts(text, "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>");
    fl_gen_puts(text, amount_minor < 0 ? "ICDT" : "RCDT");
    fl_gen_puts(text, "</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>");
}

static void put_party(struct fl_gen_text *text, uint32_t account, const struct fl_bank_line *line)
{
    const char *name = line->amount_minor < 0 ? "Cdtr" : "Dbtr";
    fl_gen_puts(text, "<RltdPties><");
    fl_gen_puts(text, name);
    fl_gen_puts(text, is_batch(account) ? "><Pty>" : ">");
    put_element(text, "Nm", line->other.name);
    fl_gen_puts(text, is_batch(account) ? "</Pty></" : "</");
    fl_gen_puts(text, name);
    fl_gen_putc(text, '>');
    if (line->other.iban[0] != '\0') {
        fl_gen_putc(text, '<');
        fl_gen_puts(text, name);
        fl_gen_puts(text, "Acct><Id>");
        put_element(text, "IBAN", line->other.iban);
        fl_gen_puts(text, "</Id></");
        fl_gen_puts(text, name);
        fl_gen_puts(text, "Acct>");
    }
    fl_gen_puts(text, "</RltdPties>");
}

static void put_reference(struct fl_gen_text *text, const char *reference)
{
    fl_gen_puts(text, "<Strd><CdtrRefInf><Tp><CdOrPrtry>");
    if (strncmp(reference, "RF", 2) == 0)
        put_element(text, "Cd", "SCOR");
    else
        put_element(text, "Prtry", strlen(reference) == 27 ? "QRR" : "STRUCTURED");
    fl_gen_puts(text, "</CdOrPrtry></Tp>");
    put_element(text, "Ref", reference);
    fl_gen_puts(text, "</CdtrRefInf></Strd>");
}

static void put_details(struct fl_gen_text *text, uint32_t account, const struct fl_bank_line *line)
{
    fl_gen_puts(text, "<TxDtls><Refs>");
    if (is_batch(account))
        put_element(text, "AcctSvcrRef", line->bank_ref);
    put_element(text, "EndToEndId", line->end_to_end[0] != '\0' ? line->end_to_end : "NOTPROVIDED");
    fl_gen_puts(text, "</Refs>");
    if (is_batch(account)) {
        put_amount(text, "Amt", line->amount_minor);
        put_sign(text, line->amount_minor);
    }
    put_party(text, account, line);
    if (line->text[0] != '\0' || line->reference[0] != '\0') {
        fl_gen_puts(text, "<RmtInf>");
        if (line->text[0] != '\0')
            put_element(text, "Ustrd", line->text);
        if (line->reference[0] != '\0')
            put_reference(text, line->reference);
        fl_gen_puts(text, "</RmtInf>");
    }
    fl_gen_puts(text, "</TxDtls>");
}

/* What was gathered becomes an entry. */
static void flush_batch(struct fl_bank_statement *statement)
{
    struct fl_bank_batch *batch = &statement->batch;
    struct fl_gen_text *body = &statement->body;
    if (batch->count == 0)
        return;
    put_entry_head(body, statement->account, batch->sum_minor, batch->date_days, batch->date_days,
                   batch->bank_ref, batch->reversal);
    fl_gen_puts(body, "<NtryDtls>");
    if (batch->count > 1) {
        fl_gen_puts(body, "<Btch><NbOfTxs>");
        fl_gen_put_number(body, batch->count, 1);
        fl_gen_puts(body, "</NbOfTxs>");
        put_amount(body, "TtlAmt", batch->sum_minor);
        put_sign(body, batch->sum_minor);
        fl_gen_puts(body, "</Btch>");
    }
    fl_gen_put(body, batch->details.bytes, batch->details.used);
    fl_gen_puts(body, "</NtryDtls></Ntry>\n");
    fl_gen_text_clear(&batch->details);
    batch->count = 0;
    batch->sum_minor = 0;
}

static void put_gathered(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    struct fl_bank_batch *batch = &statement->batch;
    bool alone = line->amount_minor < 0 || line->reversal;
    if (alone || batch->date_days != line->booking_date_days)
        flush_batch(statement);
    if (batch->count == 0) {
        batch->date_days = line->booking_date_days;
        batch->reversal = line->reversal;
        batch->count_max = alone ? 1 : 1 + statement->line_count % BATCH_MAX;
        memcpy(batch->bank_ref, line->bank_ref, FL_BANK_REF_BYTES);
        batch->bank_ref[6] = 'S'; /* the sum's own reference */
    }
    put_details(&batch->details, statement->account, line);
    batch->sum_minor += line->amount_minor;
    if (++batch->count >= batch->count_max)
        flush_batch(statement);
}

static void put_single(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    struct fl_gen_text *body = &statement->body;
    put_entry_head(body, statement->account, line->amount_minor, line->booking_date_days,
                   line->value_date_days, line->bank_ref, line->reversal);
    if (line->fee_minor > 0) {
        fl_gen_puts(body, "<Chrgs>");
        put_amount(body, "Amt", line->fee_minor);
        fl_gen_puts(body, "<CdtDbtInd>DBIT</CdtDbtInd></Chrgs>");
    }
    fl_gen_puts(body, "<NtryDtls>");
    put_details(body, statement->account, line);
    fl_gen_puts(body, "</NtryDtls></Ntry>\n");
}

static void put_line(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    if (is_batch(statement->account))
        put_gathered(statement, line);
    else
        put_single(statement, line);
}

static void put_balance(struct fl_gen_text *file, const char *code, int64_t amount_minor,
                        uint16_t date_days)
{
    fl_gen_puts(file, "<Bal><Tp><CdOrPrtry>");
    put_element(file, "Cd", code);
    fl_gen_puts(file, "</CdOrPrtry></Tp>");
    put_amount(file, "Amt", amount_minor);
    put_sign(file, amount_minor);
    put_day(file, "Dt", date_days);
    fl_gen_puts(file, "</Bal>");
}

static void put_statement(struct fl_bank_statement *statement, struct fl_gen_text *file)
{
    flush_batch(statement);
    fl_gen_puts(file, "<Stmt><Id>");
    fl_gen_put_yymmdd(file, statement->to_date_days);
    fl_gen_putc(file, '-');
    fl_gen_put_number(file, statement->number, 5);
    fl_gen_puts(file, "</Id><ElctrncSeqNb>");
    fl_gen_put_number(file, statement->number, 1);
    fl_gen_puts(file, "</ElctrncSeqNb><CreDtTm>");
    fl_gen_put_date(file, statement->to_date_days);
    fl_gen_puts(file, "T21:30:00</CreDtTm><Acct><Id>");
    put_element(file, "IBAN", fl_our_account_iban(statement->account));
    fl_gen_puts(file, "</Id><Ccy>EUR</Ccy></Acct>");
    put_balance(file, "OPBD", statement->opening_minor, statement->from_date_days);
    put_balance(file, "CLBD", statement->balance_minor, statement->to_date_days);
    fl_gen_puts(file, "\n");
    fl_gen_put(file, statement->body.bytes, statement->body.used);
    fl_gen_puts(file, "</Stmt>\n");
}

const struct fl_bank_format fl_bank_format_camt053 = {
    "xml", begin_file, end_file, put_line, put_statement, NULL, NULL};
