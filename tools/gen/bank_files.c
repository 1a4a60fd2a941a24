#include "tools/gen/bank_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/date.h"

struct bank_account {
    struct fl_bank_statement statement;
    struct fl_gen_text file; /* fd -1: none is open */
    struct fl_gen_text last; /* hard: the last statement, to be delivered twice */
    uint32_t month;          /* year * 12 + month of the open file */
    uint32_t serial;         /* of lines */
};

struct fl_bank_files {
    const char *directory;
    const struct fl_workload_plan *plan;
    struct fl_bank_files_counts counts;
    struct bank_account accounts[FL_GEN_ACCOUNTS];
};

static const struct fl_bank_format *format_of(uint32_t account)
{
    switch (fl_our_account_format(account)) {
    case FL_OUR_CAMT_SINGLE:
    case FL_OUR_CAMT_BATCH:
        return &fl_bank_format_camt053;
    case FL_OUR_MT940_STRUCTURED:
    case FL_OUR_MT940_FREE:
        break;
    }
    return &fl_bank_format_mt940;
}

static enum fl_status init_account(struct bank_account *account, uint32_t number)
{
    struct fl_bank_statement *statement = &account->statement;
    statement->account = number;
    statement->number = 1;
    statement->opening_minor = statement->balance_minor = fl_our_account_opening_minor(number);
    FL_TRY(fl_gen_text_init(&statement->body, -1));
    FL_TRY(fl_gen_text_init(&statement->batch.details, -1));
    FL_TRY(fl_gen_text_init(&account->last, -1));
    return fl_gen_text_init(&account->file, -1);
}

static void free_all(struct fl_bank_files *files)
{
    for (unsigned i = 0; i < FL_GEN_ACCOUNTS; i++) {
        struct bank_account *account = &files->accounts[i];
        if (account->file.fd >= 0)
            close(account->file.fd);
        fl_gen_text_deinit(&account->file);
        fl_gen_text_deinit(&account->last);
        fl_gen_text_deinit(&account->statement.body);
        fl_gen_text_deinit(&account->statement.batch.details);
    }
    free(files);
}

enum fl_status fl_bank_files_open(const char *directory, const struct fl_workload_plan *plan,
                                  struct fl_bank_files **out, struct fl_error *error)
{
    struct fl_bank_files *files = calloc(1, sizeof *files);
    if (!files)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for bank files");
    for (unsigned i = 0; i < FL_GEN_ACCOUNTS; i++)
        files->accounts[i].file.fd = -1;
    files->directory = directory;
    files->plan = plan;
    for (unsigned i = 0; i < FL_GEN_ACCOUNTS; i++)
        if (init_account(&files->accounts[i], i) != FL_OK) {
            free_all(files);
            return fl_error_set(error, FL_NO_MEMORY, "no memory for bank files");
        }
    *out = files;
    return FL_OK;
}

static enum fl_status close_file(struct bank_account *account, struct fl_error *error)
{
    if (account->file.fd < 0)
        return FL_OK;
    format_of(account->statement.account)->end_file(&account->file);
    enum fl_status status = fl_gen_text_flush(&account->file);
    if (close(account->file.fd) != 0 && status == FL_OK)
        status = FL_IO_ERROR;
    account->file.fd = -1;
    if (status != FL_OK)
        return fl_error_set(error, status, "bank file of %s: %s",
                            fl_our_account_iban(account->statement.account), strerror(errno));
    return FL_OK;
}

/* The file that a statement dated `date_days` goes to; opens the next month's. */
static enum fl_status turn_file(struct fl_bank_files *files, struct bank_account *account,
                                uint16_t date_days, struct fl_error *error)
{
    struct fl_civil civil = fl_date_to_civil(date_days);
    uint32_t number = account->statement.account;
    uint32_t month = (uint32_t)civil.year * 12 + civil.month;
    if (account->file.fd >= 0 && account->month == month)
        return FL_OK;
    FL_TRY(close_file(account, error));
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s-%04d-%02u.%s", files->directory,
                          fl_our_account_iban(number), (int)civil.year, civil.month,
                          format_of(number)->extension);
    if (length < 0 || (size_t)length >= sizeof path)
        return fl_error_set(error, FL_IO_ERROR, "%s: the path is too long", files->directory);
    account->file.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (account->file.fd < 0)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: %s", path, strerror(errno));
    account->month = month;
    files->counts.files++;
    format_of(number)->begin_file(&account->file, number, date_days);
    if (files->plan->hard) /* N2 */
        fl_gen_put(&account->file, account->last.bytes, account->last.used);
    return FL_OK;
}

static enum fl_status close_statement(struct fl_bank_files *files, struct bank_account *account,
                                      uint16_t from_date_days, uint16_t to_date_days,
                                      struct fl_error *error)
{
    struct fl_bank_statement *statement = &account->statement;
    const struct fl_bank_format *format = format_of(statement->account);
    FL_TRY(turn_file(files, account, to_date_days, error));
    statement->from_date_days = from_date_days;
    statement->to_date_days = to_date_days;
    fl_gen_text_clear(&account->last);
    format->put_statement(statement, &account->last);
    fl_gen_put(&account->file, account->last.bytes, account->last.used);
    files->counts.statements++;
    files->counts.bytes += account->last.used;
    enum fl_status status = statement->body.status != FL_OK ? statement->body.status
                                                            : account->file.status;
    if (status != FL_OK)
        return fl_error_set(error, status, "bank file of %s",
                            fl_our_account_iban(statement->account));
    fl_gen_text_clear(&statement->body);
    statement->opening_minor = statement->balance_minor; /* N1 */
    statement->number++;
    statement->line_count = statement->page = statement->page_lines = 0;
    return FL_OK;
}

/* The day before is over: what its banks send. */
static enum fl_status end_day(struct fl_bank_files *files, uint16_t date_days,
                              struct fl_error *error)
{
    unsigned weekday = fl_gen_weekday(date_days);
    for (unsigned i = 0; i < FL_GEN_ACCOUNTS; i++) {
        bool weekly = fl_our_account_is_weekly(i);
        if (date_days < files->plan->start_date || weekday > 4 || (weekly && weekday != 4))
            continue;
        uint16_t from = (uint16_t)(weekly ? date_days - 4 : date_days);
        FL_TRY(close_statement(files, &files->accounts[i], from, date_days, error));
    }
    return FL_OK;
}

/* N3: "240115B0000001". */
static void make_bank_ref(struct bank_account *account, uint16_t date_days,
                          char out[FL_BANK_REF_BYTES])
{
    struct fl_civil civil = fl_date_to_civil(date_days);
    int length = snprintf(out, FL_BANK_REF_BYTES, "%02u%02u%02uB%07u",
                          (unsigned)civil.year % 100u, civil.month % 100u, civil.day % 100u,
                          account->serial++ % 10000000u);
    FL_ASSERT(length == 14);
}

static void put_line(struct fl_bank_files *files, uint32_t account_number,
                     struct fl_bank_line *line, char bank_ref_out[FL_BANK_REF_BYTES])
{
    struct bank_account *account = &files->accounts[account_number];
    make_bank_ref(account, line->booking_date_days, line->bank_ref);
    memcpy(bank_ref_out, line->bank_ref, FL_BANK_REF_BYTES);
    format_of(account_number)->put_line(&account->statement, line);
    account->statement.balance_minor += line->amount_minor;
    account->statement.line_count++;
}

static void payment_line(const struct fl_workload_plan *plan, const struct fl_workload_event *event,
                         struct fl_bank_line *line)
{
    const struct fl_gen_payment *payment = &event->payment;
    line->booking_date_days = event->date_days;
    line->value_date_days = payment->value_date_days;
    line->amount_minor = payment->amount_minor;
    line->fee_minor = payment->fee_minor;
    line->end_to_end[0] = '\0';
    fl_gen_payer_text(plan, payment, line->text);
    fl_gen_payer_of(plan, payment, &line->other);
    if (payment->number % 5 < 2) /* the payer's own number, which tells us nothing */
        snprintf(line->end_to_end, sizeof line->end_to_end, "ZV%u-%u", event->date_days,
                 payment->number * 7919u % 100000u);
}

static void out_line(const struct fl_workload_event *event, struct fl_bank_line *line)
{
    static const char *const texts[] = {"Miete Lager", "Gehalt", "Lieferantenrechnung",
                                        "Kontofuehrung", "Strom", "Umsatzsteuer"};
    uint32_t number = event->bank_out.number;
    line->booking_date_days = line->value_date_days = event->date_days;
    line->amount_minor = -event->bank_out.amount_minor;
    line->fee_minor = 0;
    line->end_to_end[0] = '\0';
    strcpy(line->text, texts[number % 6]);
    fl_gen_person(number, line->other.name);
    fl_gen_iban(30, UINT64_C(7000000000) + number % 1000, line->other.iban);
}

enum fl_status fl_bank_files_put(struct fl_bank_files *files, const struct fl_workload_event *event,
                                 char bank_ref_out[FL_BANK_REF_BYTES], struct fl_error *error)
{
    struct fl_bank_line line;
    bank_ref_out[0] = '\0';
    if (event->kind == FL_EVENT_CLOCK)
        return end_day(files, (uint16_t)(event->date_days - 1), error);
    if (event->kind == FL_EVENT_PAYMENT) {
        payment_line(files->plan, event, &line);
        put_line(files, event->payment.account, &line, bank_ref_out);
        files->counts.lines_in++;
    } else if (event->kind == FL_EVENT_BANK_OUT) {
        out_line(event, &line);
        put_line(files, event->bank_out.account, &line, bank_ref_out);
        files->counts.lines_out++;
    }
    return FL_OK;
}

enum fl_status fl_bank_files_close(struct fl_bank_files *files, struct fl_error *error)
{
    enum fl_status first = FL_OK;
    for (unsigned i = 0; i < FL_GEN_ACCOUNTS; i++) {
        enum fl_status status = close_file(&files->accounts[i], error);
        if (first == FL_OK)
            first = status;
    }
    free_all(files);
    return first;
}

struct fl_bank_files_counts fl_bank_files_counts(const struct fl_bank_files *files)
{
    return files->counts;
}
