/* bank_bai2.c - statements as BAI2: a group a day, records of at most 80 characters.
 *
 *     01,sender,receiver,date,time,number,80,,2/         file
 *     02,receiver,sender,1,date,time,EUR,2/              group: one day
 *     03,account,EUR,010,opening,,,015,closing,,/        account
 *     16,type,amount,funds,bank reference,customer reference,text
 *     88,more text
 *     49,control total,records/                          account
 *     98,control total,accounts,records/                 group
 *     99,control total,groups,records/                   file
 *
 * Amounts have no point. Those of 16 have no sign: types below 400 are money in. A control total is
 * the sum of all amounts of 03 and 16 as they are written; a count of records has the trailer in
 * it. Text is the last field, goes to the end of the record, and has no '/' behind it. */
#include "tools/gen/bank_words.h"

#include <string.h>

#define RECORD_CHARACTERS 80
#define TYPE_TRANSFER_IN "195"
#define TYPE_CREDIT_REVERSED "595"
#define TYPE_TRANSFER_OUT "495"
#define TYPE_DEBIT_REVERSED "395"

static void put_field(struct fl_gen_text *text, const char *word)
{
    fl_gen_putc(text, ',');
    fl_gen_puts(text, word);
}

static void put_amount(struct fl_gen_text *text, int64_t amount_minor)
{
    fl_gen_putc(text, ',');
    if (amount_minor < 0)
        fl_gen_putc(text, '-');
    fl_gen_put_number(text, (uint64_t)(amount_minor < 0 ? -amount_minor : amount_minor), 1);
}

static void put_count(struct fl_gen_text *text, uint64_t count)
{
    fl_gen_putc(text, ',');
    fl_gen_put_number(text, count, 1);
}

static void put_day(struct fl_gen_text *text, uint16_t date_days)
{
    fl_gen_putc(text, ',');
    fl_gen_put_yymmdd(text, date_days);
}

static void begin_file(struct fl_gen_text *file, uint32_t account, uint16_t date_days)
{
    (void)account;
    fl_gen_puts(file, "01,99900001,FLORIN");
    put_day(file, date_days);
    fl_gen_puts(file, ",2330,1,80,,2/\n");
}

static void put_totals(const struct fl_bank_statement *statement, struct fl_gen_text *file)
{
    fl_gen_puts(file, "99");
    put_amount(file, statement->file.control_minor);
    put_count(file, statement->file.groups);
    put_count(file, statement->file.records + 2);
    fl_gen_puts(file, "/\n");
}

static void end_file(struct fl_gen_text *file)
{
    (void)file; /* the totals are its foot */
}

static const char *type_of(const struct fl_bank_line *line)
{
    if (line->amount_minor < 0)
        return line->reversal ? TYPE_CREDIT_REVERSED : TYPE_TRANSFER_OUT;
    return line->reversal ? TYPE_DEBIT_REVERSED : TYPE_TRANSFER_IN;
}

/* The text behind the last comma of a 16, the rest of it on 88s. Returns the records of it. */
static uint32_t put_words(struct fl_gen_text *body, const char *words, size_t length, size_t room)
{
    size_t at = 0, skip;
    for (uint32_t records = 1;; records++) {
        size_t cut = fl_bank_words_cut(words + at, length - at, room, &skip);
        fl_gen_put(body, words + at, cut);
        fl_gen_putc(body, '\n');
        at += cut + skip;
        if (at >= length)
            return records;
        fl_gen_puts(body, "88,");
        room = RECORD_CHARACTERS - 3;
    }
}

static void put_line(struct fl_bank_statement *statement, const struct fl_bank_line *line)
{
    struct fl_gen_text *body = &statement->body;
    char words[FL_BANK_WORDS_BYTES];
    int64_t amount = line->amount_minor < 0 ? -line->amount_minor : line->amount_minor;
    size_t begin = body->used;
    fl_gen_puts(body, "16");
    put_field(body, type_of(line));
    put_amount(body, amount);
    if (line->value_date_days != line->booking_date_days) {
        fl_gen_puts(body, ",V");
        put_day(body, line->value_date_days);
        fl_gen_putc(body, ',');
    } else {
        fl_gen_puts(body, ",Z");
    }
    put_field(body, line->bank_ref);
    put_field(body, strlen(line->end_to_end) <= 16 ? line->end_to_end : "");
    fl_gen_putc(body, ',');
    size_t used = body->used - begin, length = fl_bank_words_all(line, words);
    FL_ASSERT(used < RECORD_CHARACTERS);
    statement->page_lines += put_words(body, words, length, RECORD_CHARACTERS - used);
    statement->batch.sum_minor += amount;
}

static void put_balance(struct fl_gen_text *file, const char *type, int64_t amount_minor)
{
    put_field(file, type);
    put_amount(file, amount_minor);
    fl_gen_puts(file, ",,");
}

/* page_lines counts the records of the body, batch.sum_minor adds their amounts up. */
static void put_statement(struct fl_bank_statement *statement, struct fl_gen_text *file)
{
    int64_t control = statement->opening_minor + statement->balance_minor +
                      statement->batch.sum_minor;
    uint64_t records = statement->page_lines + 2u; /* 03 and 49 */
    fl_gen_puts(file, "02,FLORIN,99900001,1");
    put_day(file, statement->to_date_days);
    fl_gen_puts(file, ",2330,EUR,2/\n03");
    put_field(file, fl_our_account_iban(statement->account));
    fl_gen_puts(file, ",EUR");
    put_balance(file, "010", statement->opening_minor);
    put_balance(file, "015", statement->balance_minor);
    fl_gen_puts(file, "/\n");
    fl_gen_put(file, statement->body.bytes, statement->body.used);
    fl_gen_puts(file, "49");
    put_amount(file, control);
    put_count(file, records);
    fl_gen_puts(file, "/\n98");
    put_amount(file, control);
    put_count(file, 1);
    put_count(file, records + 2); /* 02 and 98 */
    fl_gen_puts(file, "/\n");
    statement->batch.sum_minor = 0;
    statement->last = (struct fl_bank_totals){control, records + 2, 1};
}

const struct fl_bank_format fl_bank_format_bai2 = {
    "bai", begin_file, end_file, put_line, put_statement, put_totals, NULL};
