/* bank_ofx.c - statements as OFX: 1.02 in SGML (leaves have no end tag), 2.11 in XML.
 *
 * Element order as in the specification. A name has 32 characters; 2.11 has EXTDNAME for the rest.
 * Days are written as days, with an hour and a zone behind them in 2.11: a day is as written. */
#include "tools/gen/bank_words.h"

#include <string.h>

#include "core/base/date.h"

#define NAME_CHARACTERS 32

static bool is_xml(uint32_t account)
{
    return fl_our_account_format(account) == FL_OUR_OFX_XML;
}

static void put_leaf(struct fl_gen_text *text, bool xml, const char *name, const char *value,
                     size_t length)
{
    fl_gen_putc(text, '<');
    fl_gen_puts(text, name);
    fl_gen_putc(text, '>');
    fl_gen_put_xml(text, value, length);
    if (xml) {
        fl_gen_puts(text, "</");
        fl_gen_puts(text, name);
        fl_gen_putc(text, '>');
    }
    fl_gen_putc(text, '\n');
}

static void put_word(struct fl_gen_text *text, bool xml, const char *name, const char *value)
{
    put_leaf(text, xml, name, value, strlen(value));
}

static void put_day(struct fl_gen_text *text, bool xml, const char *name, uint16_t date_days)
{
    char day[11], out[40];
    fl_date_format(date_days, day);
    memcpy(out, day, 4);
    memcpy(out + 4, day + 5, 2);
    memcpy(out + 6, day + 8, 2);
    strcpy(out + 8, xml ? "233000.000[+1:CET]" : "");
    put_word(text, xml, name, out);
}

static void put_amount(struct fl_gen_text *text, bool xml, const char *name, int64_t amount_minor)
{
    fl_gen_putc(text, '<');
    fl_gen_puts(text, name);
    fl_gen_puts(text, amount_minor < 0 ? ">-" : ">");
    fl_gen_put_minor(text, amount_minor < 0 ? -amount_minor : amount_minor, '.');
    if (xml) {
        fl_gen_puts(text, "</");
        fl_gen_puts(text, name);
        fl_gen_putc(text, '>');
    }
    fl_gen_putc(text, '\n');
}

static void put_success(struct fl_gen_text *file, bool xml)
{
    fl_gen_puts(file, "<STATUS>\n");
    put_word(file, xml, "CODE", "0");
    put_word(file, xml, "SEVERITY", "INFO");
    fl_gen_puts(file, "</STATUS>\n");
}

static void begin_file(struct fl_gen_text *file, uint32_t account, uint16_t date_days)
{
    bool xml = is_xml(account);
    if (xml)
        fl_gen_puts(file, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
                          "<?OFX OFXHEADER=\"200\" VERSION=\"211\" SECURITY=\"NONE\" "
                          "OLDFILEUID=\"NONE\" NEWFILEUID=\"NONE\"?>\n");
    else
        fl_gen_puts(file, "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\n"
                          "ENCODING:USASCII\r\nCHARSET:1252\r\nCOMPRESSION:NONE\r\n"
                          "OLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n");
    fl_gen_puts(file, "<OFX>\n<SIGNONMSGSRSV1>\n<SONRS>\n");
    put_success(file, xml);
    put_day(file, xml, "DTSERVER", date_days);
    put_word(file, xml, "LANGUAGE", "GER");
    fl_gen_puts(file, "</SONRS>\n</SIGNONMSGSRSV1>\n<BANKMSGSRSV1>\n");
}

static void end_file(struct fl_gen_text *file)
{
    fl_gen_puts(file, "</BANKMSGSRSV1>\n</OFX>\n");
}

/* In the charset of the file. */
static size_t in_charset(bool xml, const char *words, char *out)
{
    size_t length = strlen(words);
    memcpy(out, words, length + 1);
    return xml ? length : fl_bank_words_latin(out, length);
}

/* The longest beginning of whole characters. */
static size_t cut_name(bool xml, const char *name, size_t length)
{
    size_t at = 0, characters = 0;
    while (at < length && characters < NAME_CHARACTERS) {
        at++;
        while (xml && at < length && ((unsigned char)name[at] & 0xc0) == 0x80)
            at++;
        characters++;
    }
    return at;
}

static void put_names(struct fl_gen_text *body, bool xml, const struct fl_bank_line *line)
{
    char name[FL_GEN_NAME_BYTES];
    size_t length = in_charset(xml, line->other.name, name);
    put_leaf(body, xml, "NAME", name, cut_name(xml, name, length));
    if (xml && cut_name(xml, name, length) < length)
        put_leaf(body, xml, "EXTDNAME", name, length);
    if (line->other.iban[0] == '\0')
        return;
    fl_gen_puts(body, "<BANKACCTTO>\n");
    put_leaf(body, xml, "BANKID", line->other.iban + 4, 8);
    put_word(body, xml, "ACCTID", line->other.iban);
    put_word(body, xml, "ACCTTYPE", "CHECKING");
    fl_gen_puts(body, "</BANKACCTTO>\n");
}

static void put_memo(struct fl_gen_text *body, bool xml, const struct fl_bank_line *line)
{
    char memo[FL_BANK_WORDS_BYTES];
    size_t length = in_charset(xml, line->text, memo);
    if (line->reference[0] != '\0') {
        if (length > 0)
            memo[length++] = ' ';
        length += in_charset(xml, line->reference, memo + length);
    }
    if (length > 0)
        put_leaf(body, xml, "MEMO", memo, length);
}

static void put_line(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    struct fl_gen_text *body = &statement->body;
    bool xml = is_xml(statement->account);
    fl_gen_puts(body, "<STMTTRN>\n");
    put_word(body, xml, "TRNTYPE", line->amount_minor < 0 ? "DEBIT" : "CREDIT");
    put_day(body, xml, "DTPOSTED", line->booking_date_days);
    if (line->value_date_days != line->booking_date_days)
        put_day(body, xml, "DTAVAIL", line->value_date_days);
    put_amount(body, xml, "TRNAMT", line->amount_minor);
    put_word(body, xml, "FITID", line->bank_ref);
    if (line->end_to_end[0] != '\0')
        put_word(body, xml, "REFNUM", line->end_to_end);
    put_names(body, xml, line);
    put_memo(body, xml, line);
    fl_gen_puts(body, "</STMTTRN>\n");
}

static void put_statement(struct fl_bank_statement *statement, struct fl_gen_text *file)
{
    bool xml = is_xml(statement->account);
    const char *iban = fl_our_account_iban(statement->account);
    fl_gen_puts(file, "<STMTTRNRS>\n");
    put_word(file, xml, "TRNUID", "0");
    put_success(file, xml);
    fl_gen_puts(file, "<STMTRS>\n");
    put_word(file, xml, "CURDEF", "EUR");
    fl_gen_puts(file, "<BANKACCTFROM>\n");
    put_leaf(file, xml, "BANKID", iban + 4, 8);
    put_word(file, xml, "ACCTID", iban);
    put_word(file, xml, "ACCTTYPE", "CHECKING");
    fl_gen_puts(file, "</BANKACCTFROM>\n<BANKTRANLIST>\n");
    put_day(file, xml, "DTSTART", statement->from_date_days);
    put_day(file, xml, "DTEND", statement->to_date_days);
    fl_gen_put(file, statement->body.bytes, statement->body.used);
    fl_gen_puts(file, "</BANKTRANLIST>\n<LEDGERBAL>\n");
    put_amount(file, xml, "BALAMT", statement->balance_minor);
    put_day(file, xml, "DTASOF", statement->to_date_days);
    fl_gen_puts(file, "</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n");
}

const struct fl_bank_format fl_bank_format_ofx = {
    "ofx", begin_file, end_file, put_line, put_statement, NULL, NULL};
