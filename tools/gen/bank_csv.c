/* bank_csv.c - a month's lines as CSV: one that has a profile beside it, one that proves itself.
 *
 * The first is an export as banks make them for spreadsheets: windows-1252, four lines of preamble,
 * semicolons, every field in quotes, 31.01.2024, 1.234,56, debit and credit in columns of their
 * own, the text in two columns of 35 characters and one for the rest. A month of few lines leaves
 * open which of 05.02.2024 is the day; so there is a profile.
 *
 * The second has ISO days, signed amounts with a point, the own account on every row and the
 * balance after it: opening + amount = balance on each row proves how it is to be read. */
#include "tools/gen/bank_words.h"

#include <string.h>

#include "core/base/date.h"

#define TEXT_CHARACTERS 35
#define PREAMBLE_LINES "4"

static void put_quoted(struct fl_gen_text *text, const char *bytes, size_t length)
{
    fl_gen_putc(text, '"');
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"')
            fl_gen_putc(text, '"');
        fl_gen_putc(text, bytes[i]);
    }
    fl_gen_putc(text, '"');
}

/* A field of the windows-1252 file, with the separator behind it. */
static void put_latin(struct fl_gen_text *text, const char *words)
{
    char latin[FL_BANK_WORDS_BYTES];
    size_t length = strlen(words);
    FL_ASSERT(length < sizeof latin);
    memcpy(latin, words, length + 1);
    put_quoted(text, latin, fl_bank_words_latin(latin, length));
    fl_gen_putc(text, ';');
}

/* "31.01.2024"; */
static void put_german_day(struct fl_gen_text *text, uint16_t date_days)
{
    char day[11];
    fl_date_format(date_days, day);
    char german[11] = {day[8], day[9], '.', day[5],  day[6], '.',
                       day[0], day[1], day[2], day[3], '\0'};
    put_latin(text, german);
}

/* "1.234,56" */
static void put_german_amount(struct fl_gen_text *text, int64_t amount_minor)
{
    uint64_t minor = (uint64_t)(amount_minor < 0 ? -amount_minor : amount_minor);
    uint64_t whole = minor / 100, group = 1;
    fl_gen_puts(text, amount_minor < 0 ? "\"-" : "\"");
    while (whole / group >= 1000)
        group *= 1000;
    fl_gen_put_number(text, whole / group, 1);
    for (; group > 1; group /= 1000) {
        fl_gen_putc(text, '.');
        fl_gen_put_number(text, whole % group / (group / 1000), 3);
    }
    fl_gen_putc(text, ',');
    fl_gen_put_number(text, minor % 100, 2);
    fl_gen_puts(text, "\"");
}

static void begin_profile_file(struct fl_gen_text *file, uint32_t account, uint16_t date_days)
{
    fl_gen_puts(file, "\"Umsatzanzeige\"\r\n\"Konto\";\"");
    fl_gen_puts(file, fl_our_account_iban(account));
    fl_gen_puts(file, "\"\r\n\"Erstellt am\";");
    put_german_day(file, date_days);
    fl_gen_puts(file, "\r\n\r\n\"Buchungstag\";\"Valuta\";\"Name\";\"IBAN\";\"Verwendungszweck 1\";"
                      "\"Verwendungszweck 2\";\"Verwendungszweck 3\";\"Soll\";\"Haben\";"
                      "\"W\xe4hrung\";\"Transaktions-ID\";\"Saldo\"\r\n");
}

/* The text in fields of 35 characters, broken between words; the third takes the rest. */
static void put_text_columns(struct fl_gen_text *body, const struct fl_bank_line *line)
{
    char words[FL_BANK_WORDS_BYTES], field[FL_BANK_WORDS_BYTES];
    strcpy(words, line->text);
    if (line->reference[0] != '\0')
        strcat(strcat(words, words[0] != '\0' ? " " : ""), line->reference);
    size_t length = strlen(words), at = 0, skip;
    for (unsigned column = 0; column < 3; column++) {
        size_t room = column < 2 ? TEXT_CHARACTERS : length - at;
        size_t cut = fl_bank_words_cut(words + at, length - at, room, &skip);
        memcpy(field, words + at, cut);
        field[cut] = '\0';
        put_latin(body, field);
        at += cut + skip;
    }
}

static void put_profile_line(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    struct fl_gen_text *body = &statement->body;
    bool out = line->amount_minor < 0;
    put_german_day(body, line->booking_date_days);
    put_german_day(body, line->value_date_days);
    put_latin(body, line->other.name);
    put_latin(body, line->other.iban);
    put_text_columns(body, line);
    if (!out)
        fl_gen_puts(body, "\"\";");
    put_german_amount(body, out ? -line->amount_minor : line->amount_minor);
    fl_gen_puts(body, out ? ";\"\";\"EUR\";" : ";\"EUR\";");
    put_latin(body, line->bank_ref);
    put_german_amount(body, statement->balance_minor + line->amount_minor);
    fl_gen_puts(body, "\r\n");
}

static void put_profile(struct fl_gen_text *file, uint32_t account)
{
    fl_gen_puts(file, "{\"format\":\"csv\",\"charset\":\"windows-1252\",\"separator\":\";\","
                      "\"decimal\":\",\",\"thousands\":\".\",\"date\":\"DD.MM.YYYY\","
                      "\"skip\":" PREAMBLE_LINES ",\n \"columns\":{\"date\":\"Buchungstag\","
                      "\"value_date\":\"Valuta\",\"debit\":\"Soll\",\"credit\":\"Haben\","
                      "\"currency\":\"Währung\",\n  \"text\":[\"Verwendungszweck 1\","
                      "\"Verwendungszweck 2\",\"Verwendungszweck 3\"],\n  \"name\":\"Name\","
                      "\"account\":\"IBAN\",\"bank_ref\":\"Transaktions-ID\","
                      "\"balance\":\"Saldo\"},\n \"account\":\"");
    fl_gen_puts(file, fl_our_account_iban(account));
    fl_gen_puts(file, "\",\"currency\":\"EUR\"}\n");
}

static void begin_plain_file(struct fl_gen_text *file, uint32_t account, uint16_t date_days)
{
    (void)account, (void)date_days;
    fl_gen_puts(file, "Account,Booking date,Value date,Amount,Currency,Counterparty name,"
                      "Counterparty account,Text,Bank reference,Balance\n");
}

static void put_signed(struct fl_gen_text *text, int64_t amount_minor)
{
    if (amount_minor < 0)
        fl_gen_putc(text, '-');
    fl_gen_put_minor(text, amount_minor < 0 ? -amount_minor : amount_minor, '.');
}

static void put_plain_line(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    struct fl_gen_text *body = &statement->body;
    char words[FL_BANK_WORDS_BYTES];
    strcpy(words, line->text);
    if (line->reference[0] != '\0')
        strcat(strcat(words, words[0] != '\0' ? " " : ""), line->reference);
    fl_gen_puts(body, fl_our_account_iban(statement->account));
    fl_gen_putc(body, ',');
    fl_gen_put_date(body, line->booking_date_days);
    fl_gen_putc(body, ',');
    fl_gen_put_date(body, line->value_date_days);
    fl_gen_putc(body, ',');
    put_signed(body, line->amount_minor);
    fl_gen_puts(body, ",EUR,");
    put_quoted(body, line->other.name, strlen(line->other.name));
    fl_gen_putc(body, ',');
    fl_gen_puts(body, line->other.iban);
    fl_gen_putc(body, ',');
    put_quoted(body, words, strlen(words));
    fl_gen_putc(body, ',');
    fl_gen_puts(body, line->bank_ref);
    fl_gen_putc(body, ',');
    put_signed(body, statement->balance_minor + line->amount_minor);
    fl_gen_putc(body, '\n');
}

static void put_rows(struct fl_bank_statement *statement, struct fl_gen_text *file)
{
    fl_gen_put(file, statement->body.bytes, statement->body.used);
}

static void end_file(struct fl_gen_text *file)
{
    (void)file; /* the rows are all there is */
}

const struct fl_bank_format fl_bank_format_csv_profile = {
    "csv", begin_profile_file, end_file, put_profile_line, put_rows, NULL, put_profile};
const struct fl_bank_format fl_bank_format_csv_plain = {
    "csv", begin_plain_file, end_file, put_plain_line, put_rows, NULL, NULL};
