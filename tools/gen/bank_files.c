#include "tools/gen/bank_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/date.h"

#define PATH_BYTES 4096

#define OVERLAP_DAYS 3
#define AGAIN_MONTH 3 /* whose file is there twice ... */
#define AGAIN_EVERY 3 /* ... for every third account */

struct bank_account {
    struct fl_bank_statement statement;
    struct fl_gen_text file; /* fd -1: none is open */
    struct fl_gen_text last; /* hard: what is delivered twice: the last statement, or days of it */
    uint32_t last_lines;
    uint32_t month;          /* year * 12 + month of the open file */
    uint32_t serial;         /* of lines */
    struct {
        size_t used; /* of the body, when the day began */
        uint32_t line_count;
    } days[OVERLAP_DAYS]; /* of a statement that is a month: its last ones, the oldest first */
    char path[PATH_BYTES];
};

struct fl_bank_files {
    const char *directory;
    const struct fl_workload_plan *plan;
    struct fl_bank_files_counts counts;
    struct bank_account accounts[FL_GEN_ACCOUNTS];
};

static const struct fl_bank_format *format_of(uint32_t account)
{
    static const struct fl_bank_format *const formats[FL_GEN_ACCOUNTS] = {
        [FL_OUR_CAMT_SINGLE] = &fl_bank_format_camt053,
        [FL_OUR_MT940_STRUCTURED] = &fl_bank_format_mt940,
        [FL_OUR_MT940_FREE] = &fl_bank_format_mt940,
        [FL_OUR_CAMT_BATCH] = &fl_bank_format_camt053,
        [FL_OUR_BAI2] = &fl_bank_format_bai2,
        [FL_OUR_OFX_SGML] = &fl_bank_format_ofx,
        [FL_OUR_OFX_XML] = &fl_bank_format_ofx,
        [FL_OUR_CSV_PROFILE] = &fl_bank_format_csv_profile,
        [FL_OUR_CSV_PLAIN] = &fl_bank_format_csv_plain};
    return formats[fl_our_account_format(account)];
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

static enum fl_status put_profile(const struct fl_bank_files *files, uint32_t account,
                                  struct fl_error *error)
{
    struct fl_gen_text text;
    char path[PATH_BYTES];
    if (!format_of(account)->put_profile)
        return FL_OK;
    int length = snprintf(path, sizeof path, "%s/%s.profile.json", files->directory,
                          fl_our_account_iban(account));
    if (length < 0 || (size_t)length >= sizeof path)
        return fl_error_set(error, FL_IO_ERROR, "%s: the path is too long", files->directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: %s", path, strerror(errno));
    enum fl_status status = fl_gen_text_init(&text, fd);
    if (status == FL_OK) {
        format_of(account)->put_profile(&text, account);
        status = fl_gen_text_flush(&text);
        fl_gen_text_deinit(&text);
    }
    if (close(fd) != 0 && status == FL_OK)
        status = FL_IO_ERROR;
    return status == FL_OK ? FL_OK : fl_error_set(error, status, "%.180s", path);
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
    enum fl_status status = FL_OK;
    for (unsigned i = 0; status == FL_OK && i < FL_GEN_ACCOUNTS; i++) {
        if (init_account(&files->accounts[i], i) != FL_OK)
            status = fl_error_set(error, FL_NO_MEMORY, "no memory for bank files");
        else
            status = put_profile(files, i, error);
    }
    if (status != FL_OK) {
        free_all(files);
        return status;
    }
    *out = files;
    return FL_OK;
}

static enum fl_status copy_bytes(int from, int to)
{
    char buffer[1 << 16];
    ssize_t got;
    while ((got = read(from, buffer, sizeof buffer)) > 0)
        for (ssize_t at = 0; at < got;) {
            ssize_t put = write(to, buffer + at, (size_t)(got - at));
            if (put < 0)
                return FL_IO_ERROR;
            at += put;
        }
    return got == 0 ? FL_OK : FL_IO_ERROR;
}

/* The same file under another name (N2). */
static enum fl_status copy_file(struct fl_bank_files *files, const struct bank_account *account,
                                struct fl_error *error)
{
    char path[PATH_BYTES + 8];
    const char *point = strrchr(account->path, '.');
    snprintf(path, sizeof path, "%.*s-again%s", (int)(point - account->path), account->path, point);
    int from = open(account->path, O_RDONLY | O_CLOEXEC);
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    enum fl_status status = from >= 0 && to >= 0 ? copy_bytes(from, to) : FL_IO_ERROR;
    if (from >= 0)
        close(from);
    if (to >= 0 && close(to) != 0)
        status = FL_IO_ERROR;
    files->counts.files_again++;
    return status == FL_OK
               ? FL_OK
               : fl_error_set(error, status, "%.180s: %s", path, strerror(errno));
}

static enum fl_status close_file(struct fl_bank_files *files, struct bank_account *account,
                                 struct fl_error *error)
{
    const struct fl_bank_format *format = format_of(account->statement.account);
    if (account->file.fd < 0)
        return FL_OK;
    if (format->put_totals)
        format->put_totals(&account->statement, &account->file);
    format->end_file(&account->file);
    enum fl_status status = fl_gen_text_flush(&account->file);
    if (close(account->file.fd) != 0 && status == FL_OK)
        status = FL_IO_ERROR;
    account->file.fd = -1;
    if (status != FL_OK)
        return fl_error_set(error, status, "bank file of %s: %s",
                            fl_our_account_iban(account->statement.account), strerror(errno));
    bool twice = files->plan->hard && account->month % 12 == AGAIN_MONTH % 12 &&
                 account->statement.account % AGAIN_EVERY == 1;
    return twice ? copy_file(files, account, error) : FL_OK;
}

static void add_totals(struct fl_bank_statement *statement)
{
    statement->file.control_minor += statement->last.control_minor;
    statement->file.records += statement->last.records;
    statement->file.groups += statement->last.groups;
}

static bool is_monthly(const struct bank_account *account)
{
    return fl_our_account_period(account->statement.account) == FL_OUR_MONTH;
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
    FL_TRY(close_file(files, account, error));
    int length = snprintf(account->path, sizeof account->path, "%s/%s-%04d-%02u.%s",
                          files->directory, fl_our_account_iban(number), (int)civil.year,
                          civil.month, format_of(number)->extension);
    if (length < 0 || (size_t)length >= sizeof account->path)
        return fl_error_set(error, FL_IO_ERROR, "%s: the path is too long", files->directory);
    account->file.fd = open(account->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (account->file.fd < 0)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: %s", account->path, strerror(errno));
    account->month = month;
    files->counts.files++;
    account->statement.file = (struct fl_bank_totals){0};
    format_of(number)->begin_file(&account->file, number, date_days);
    if (files->plan->hard && !is_monthly(account) && account->last.used > 0) { /* N2 */
        fl_gen_put(&account->file, account->last.bytes, account->last.used);
        add_totals(&account->statement);
        files->counts.lines_again += account->last_lines;
    }
    return FL_OK;
}

/* A month's last days begin the next month's statement too (N2). */
static void keep_overlap(const struct fl_bank_files *files, struct bank_account *account)
{
    struct fl_gen_text *body = &account->statement.body;
    size_t from = account->days[0].used;
    uint32_t lines = account->statement.line_count - account->days[0].line_count;
    fl_gen_text_clear(&account->last);
    if (files->plan->hard)
        fl_gen_put(&account->last, body->bytes + from, body->used - from);
    fl_gen_text_clear(body);
    account->statement.line_count = 0;
    fl_gen_put(body, account->last.bytes, account->last.used);
    account->last_lines = files->plan->hard ? lines : 0;
    for (unsigned i = 0; i < OVERLAP_DAYS; i++) {
        account->days[i].used = body->used;
        account->days[i].line_count = 0;
    }
}

/* The finished statement, into the file; what may come again is kept. */
static void put_statement(struct fl_bank_files *files, struct bank_account *account)
{
    struct fl_bank_statement *statement = &account->statement;
    const struct fl_bank_format *format = format_of(statement->account);
    if (is_monthly(account)) {
        format->put_statement(statement, &account->file);
        files->counts.bytes += statement->body.used;
        files->counts.lines_again += account->last_lines; /* those it began with */
        keep_overlap(files, account);
        return;
    }
    fl_gen_text_clear(&account->last);
    format->put_statement(statement, &account->last);
    fl_gen_put(&account->file, account->last.bytes, account->last.used);
    add_totals(statement);
    files->counts.bytes += account->last.used;
    account->last_lines = statement->line_count;
    fl_gen_text_clear(&statement->body);
    statement->line_count = 0;
}

static enum fl_status close_statement(struct fl_bank_files *files, struct bank_account *account,
                                      uint16_t from_date_days, uint16_t to_date_days,
                                      struct fl_error *error)
{
    struct fl_bank_statement *statement = &account->statement;
    FL_TRY(turn_file(files, account, to_date_days, error));
    statement->from_date_days = from_date_days;
    statement->to_date_days = to_date_days;
    enum fl_status status = statement->body.status;
    put_statement(files, account);
    files->counts.statements++;
    if (status == FL_OK)
        status = account->file.status != FL_OK ? account->file.status : account->last.status;
    if (status != FL_OK)
        return fl_error_set(error, status, "bank file of %s",
                            fl_our_account_iban(statement->account));
    statement->opening_minor = statement->balance_minor; /* N1 */
    statement->number++;
    statement->page = statement->page_lines = 0;
    return FL_OK;
}

/* The last bank day of its month, or of all. */
static bool is_last_of_month(const struct fl_workload_plan *plan, uint16_t date_days)
{
    uint16_t next = (uint16_t)(date_days + (fl_gen_weekday(date_days) == 4 ? 3 : 1));
    return fl_date_to_civil(next).month != fl_date_to_civil(date_days).month ||
           next >= plan->start_date + plan->days;
}

/* The first day of the statement that ends with the bank day `date_days`; 0 if it goes on. */
static uint16_t statement_begin(const struct fl_workload_plan *plan, uint32_t account,
                                uint16_t date_days)
{
    struct fl_civil civil = fl_date_to_civil(date_days);
    switch (fl_our_account_period(account)) {
    case FL_OUR_DAY:
        return date_days;
    case FL_OUR_WEEK:
        return fl_gen_weekday(date_days) == 4 ? (uint16_t)(date_days - 4) : 0;
    case FL_OUR_MONTH:
        break;
    }
    return is_last_of_month(plan, date_days) ? (uint16_t)(date_days - civil.day + 1) : 0;
}

/* The day before is over: what its banks send. */
static enum fl_status end_day(struct fl_bank_files *files, uint16_t date_days,
                              struct fl_error *error)
{
    if (date_days < files->plan->start_date || fl_gen_weekday(date_days) > 4)
        return FL_OK;
    for (unsigned i = 0; i < FL_GEN_ACCOUNTS; i++) {
        struct bank_account *account = &files->accounts[i];
        uint16_t from = statement_begin(files->plan, i, date_days);
        if (from > 0)
            FL_TRY(close_statement(files, account, from, date_days, error));
        else if (is_monthly(account)) {
            memmove(account->days, account->days + 1,
                    (OVERLAP_DAYS - 1) * sizeof account->days[0]);
            account->days[OVERLAP_DAYS - 1].used = account->statement.body.used;
            account->days[OVERLAP_DAYS - 1].line_count = account->statement.line_count;
        }
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
    line->reversal = payment->reversal;
    fl_gen_payer_text(plan, payment, line->text);
    fl_gen_payer_reference(payment, line->reference);
    fl_gen_payer_of(plan, payment, &line->other);
    if (payment->number % 5 < 2) /* the payer's own number, which tells us nothing */
        snprintf(line->end_to_end, sizeof line->end_to_end, "ZV%u-%u", event->date_days,
                 payment->number * 7919u % 100000u);
}

/* What went out, or a payment that goes back to whoever sent it. */
static void out_line(const struct fl_workload_plan *plan, const struct fl_workload_event *event,
                     struct fl_bank_line *line)
{
    static const char *const texts[] = {"Miete Lager", "Gehalt", "Lieferantenrechnung",
                                        "Kontofuehrung", "Strom", "Umsatzsteuer"};
    uint32_t number = event->bank_out.number;
    line->booking_date_days = line->value_date_days = event->date_days;
    line->amount_minor = -event->bank_out.amount_minor;
    line->fee_minor = 0;
    line->end_to_end[0] = line->reference[0] = '\0';
    line->reversal = event->bank_out.reversal;
    if (event->bank_out.back) {
        struct fl_gen_payment payment = {.number = number,
                                         .customer = FL_GEN_NOBODY,
                                         .other = FL_GEN_NOBODY,
                                         .quote = FL_QUOTE_NONE};
        strcpy(line->text, line->reversal ? "Storno Gutschrift" : "Rueckueberweisung");
        fl_gen_payer_of(plan, &payment, &line->other);
        return;
    }
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
        out_line(files->plan, event, &line);
        put_line(files, event->bank_out.account, &line, bank_ref_out);
        files->counts.lines_out++;
    }
    return FL_OK;
}

enum fl_status fl_bank_files_close(struct fl_bank_files *files, struct fl_error *error)
{
    enum fl_status first = FL_OK;
    for (unsigned i = 0; i < FL_GEN_ACCOUNTS; i++) {
        enum fl_status status = close_file(files, &files->accounts[i], error);
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
