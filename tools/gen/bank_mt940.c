/* bank_mt940.c - statements as MT940: `?20` subfields on pages of 40 lines, or free text on one
 * page.
 *
 * A line of :86: has at most 65 characters. Subfields are cut wherever 27 characters end, in the
 * middle of a number too, as banks do; free text is broken between words. */
#include "tools/gen/bank_words.h"

#include <string.h>

#include "core/base/date.h"

#define PAGE_LINES_MAX 40
#define LINE_CHARACTERS 65
#define SUBFIELD_CHARACTERS 27
#define INFO_BYTES 640

static bool is_structured(uint32_t account)
{
    return fl_our_account_format(account) == FL_OUR_MT940_STRUCTURED;
}

static void begin_file(struct fl_gen_text *file, uint32_t account, uint16_t date_days)
{
    (void)file, (void)account, (void)date_days; /* an MT940 file is its messages */
}

static void end_file(struct fl_gen_text *file)
{
    (void)file;
}

/* ":60F:C240115EUR50000,00" */
static void put_balance(struct fl_gen_text *text, const char *tag, int64_t amount_minor,
                        uint16_t date_days)
{
    fl_gen_puts(text, tag);
    fl_gen_puts(text, amount_minor < 0 ? "D" : "C");
    fl_gen_put_yymmdd(text, date_days);
    fl_gen_puts(text, "EUR");
    fl_gen_put_minor(text, amount_minor < 0 ? -amount_minor : amount_minor, ',');
    fl_gen_puts(text, "\r\n");
}

static void put_head(struct fl_gen_text *text, const struct fl_bank_statement *statement,
                     uint32_t page)
{
    fl_gen_puts(text, ":20:STMT");
    fl_gen_put_number(text, statement->number, 6);
    fl_gen_puts(text, "\r\n:25:");
    fl_gen_puts(text, fl_our_account_iban(statement->account));
    fl_gen_puts(text, "\r\n:28C:");
    fl_gen_put_number(text, statement->number, 1);
    fl_gen_putc(text, '/');
    fl_gen_put_number(text, page, 1);
    fl_gen_puts(text, "\r\n");
}

/* Not before what a reader could take for a field, nor beside a blank, which many readers drop. */
static bool may_cut(const char *info, size_t cut)
{
    return info[cut] != ':' && info[cut] != '-' && info[cut] != ' ' && info[cut - 1] != ' ';
}

/* The bytes of `info` in lines of 65. */
static void put_wrapped(struct fl_gen_text *text, const char *info, size_t length)
{
    size_t room = LINE_CHARACTERS - 4; /* ":86:" */
    while (length > room) {
        size_t cut = room;
        while (cut > 1 && !may_cut(info, cut))
            cut--;
        fl_gen_put(text, info, cut);
        fl_gen_puts(text, "\r\n");
        info += cut;
        length -= cut;
        room = LINE_CHARACTERS;
    }
    fl_gen_put(text, info, length);
    fl_gen_puts(text, "\r\n");
}

static size_t append(char *out, size_t at, const char *bytes, size_t length)
{
    FL_ASSERT(at + length < INFO_BYTES);
    memcpy(out + at, bytes, length);
    return at + length;
}

/* Subfields ?NN, ?NN+1 ... of 27 characters each. */
static size_t put_subfields(char *info, size_t at, unsigned first, unsigned last, const char *bytes,
                            size_t length)
{
    for (unsigned field = first; length > 0 && field <= last; field++) {
        char tag[3] = {'?', (char)('0' + field / 10), (char)('0' + field % 10)};
        size_t piece = length < SUBFIELD_CHARACTERS ? length : SUBFIELD_CHARACTERS;
        at = append(info, append(info, at, tag, 3), bytes, piece);
        bytes += piece;
        length -= piece;
    }
    return at;
}

static void put_structured(struct fl_gen_text *text, const struct fl_bank_line *line)
{
    char info[INFO_BYTES], name[FL_GEN_NAME_BYTES], words[INFO_BYTES] = "SVWZ+";
    bool out = line->amount_minor < 0;
    size_t name_length = fl_bank_words_name(line, name);
    strcat(words, line->text);
    if (line->reference[0] != '\0')
        strcat(strcat(words, line->text[0] != '\0' ? " " : ""), line->reference);
    size_t n = append(info, 0, out ? "116?00UEBERWEISUNG" : "166?00GUTSCHRIFT", out ? 18 : 16);
    n = append(info, n, "?109310?20EREF+", 15);
    if (line->end_to_end[0] != '\0')
        n = append(info, n, line->end_to_end, strlen(line->end_to_end));
    else
        n = append(info, n, "NOTPROVIDED", 11);
    n = put_subfields(info, n, 21, 29, words, strlen(words));
    if (line->other.iban[0] != '\0') {
        n = append(info, n, "?30FLORDEFFXXX?31", 17);
        n = append(info, n, line->other.iban, strlen(line->other.iban));
    }
    n = put_subfields(info, n, 32, 33, name, name_length);
    put_wrapped(text, info, n);
}

/* Words in lines of at most 65 characters. */
static void put_free(struct fl_gen_text *text, const struct fl_bank_line *line)
{
    char words[FL_BANK_WORDS_BYTES];
    size_t length = fl_bank_words_all(line, words), at = 0, skip, room = LINE_CHARACTERS - 4;
    do {
        size_t cut = fl_bank_words_cut(words + at, length - at, room, &skip);
        fl_gen_put(text, words + at, cut);
        fl_gen_puts(text, "\r\n");
        at += cut + skip;
        room = LINE_CHARACTERS;
    } while (at < length);
}

static void put_line(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    struct fl_gen_text *body = &statement->body;
    bool structured = is_structured(statement->account);
    if (structured && statement->page_lines == PAGE_LINES_MAX) {
        put_balance(body, ":62M:", statement->balance_minor, line->booking_date_days);
        fl_gen_puts(body, "-\r\n");
        put_head(body, statement, ++statement->page + 1);
        put_balance(body, ":60M:", statement->balance_minor, line->booking_date_days);
        statement->page_lines = 0;
    }
    statement->page_lines++;
    char entry_date[11];
    fl_date_format(line->booking_date_days, entry_date);
    fl_gen_puts(body, ":61:");
    fl_gen_put_yymmdd(body, line->value_date_days);
    fl_gen_put(body, entry_date + 5, 2);
    fl_gen_put(body, entry_date + 8, 2);
    bool out = line->amount_minor < 0; /* a reversal of a credit is money out */
    fl_gen_puts(body, line->reversal ? out ? "RC" : "RD" : out ? "D" : "C");
    fl_gen_put_minor(body, line->amount_minor < 0 ? -line->amount_minor : line->amount_minor, ',');
    fl_gen_puts(body, "NTRFNONREF//");
    fl_gen_puts(body, line->bank_ref);
    fl_gen_puts(body, "\r\n:86:");
    if (structured)
        put_structured(body, line);
    else
        put_free(body, line);
}

static void put_statement(struct fl_bank_statement *statement, struct fl_gen_text *file)
{
    put_head(file, statement, 1);
    put_balance(file, ":60F:", statement->opening_minor, statement->from_date_days);
    fl_gen_put(file, statement->body.bytes, statement->body.used);
    put_balance(file, ":62F:", statement->balance_minor, statement->to_date_days);
    fl_gen_puts(file, "-\r\n");
}

const struct fl_bank_format fl_bank_format_mt940 = {
    "sta", begin_file, end_file, put_line, put_statement, NULL, NULL};
