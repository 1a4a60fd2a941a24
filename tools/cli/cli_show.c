/* show and list. */
#include "tools/cli/cli_show.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "core/domain/state.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/show_as_of.h"
#include "tools/cli/show_table.h"

#define EVENT_COLUMNS "id receipt credit_note customer invoice date currency >amount >fee reason"

static const struct kind {
    const char *name;
    enum fl_kind kind;
    enum fl_table_id table;
    void (*show)(const struct fl_show *show, uint32_t row);
    uint8_t event;       /* of cash_event; 0: the whole table */
    const char *columns; /* of a list as a table or CSV */
} kinds[] = {
    {"customer", FL_KIND_OF_CUSTOMER, FL_TABLE_customer, fl_show_customer, 0,
     "id name currency >balance >open >unapplied >credits >exposure >credit_limit"},
    {"product", FL_KIND_OF_PRODUCT, FL_TABLE_product, fl_show_product, 0,
     "id name currency >price >tax_rate >on_hand >reserved >available"},
    {"bank_account", FL_KIND_OF_BANK_ACCOUNT, FL_TABLE_bank_account, fl_show_bank_account, 0,
     "id currency kind >opening opening_date"},
    {"order", FL_KIND_OF_ORDER, FL_TABLE_order, fl_show_order, 0,
     "id customer date currency state credit >total >tax"},
    {"shipment", FL_KIND_OF_SHIPMENT, FL_TABLE_shipment, fl_show_shipment, 0,
     "id order date stage carrier tracking"},
    {"invoice", FL_KIND_OF_INVOICE, FL_TABLE_invoice, fl_show_invoice, 0,
     "id customer date due_date currency >total >open state >days_overdue"},
    {"credit_note", FL_KIND_OF_CREDIT_NOTE, FL_TABLE_credit_note, fl_show_credit_note, 0,
     "id customer invoice date currency >total >open reason"},
    {"receipt", FL_KIND_OF_RECEIPT, FL_TABLE_receipt, fl_show_receipt, 0,
     "id customer date currency >amount >applied >unapplied state open_reason"},
    {"application", FL_KIND_OF_APPLICATION, FL_TABLE_movement, fl_show_application, 0,
     "id receipt credit_note invoice date >amount >discount >difference reversed"},
    {"refund", FL_KIND_OF_REFUND, FL_TABLE_cash_event, fl_show_cash_event, FL_EVENT_REFUND,
     EVENT_COLUMNS},
    {"chargeback", FL_KIND_OF_CHARGEBACK, FL_TABLE_cash_event, fl_show_cash_event,
     FL_EVENT_CHARGEBACK, EVENT_COLUMNS},
    {"write_off", FL_KIND_OF_WRITE_OFF, FL_TABLE_cash_event, fl_show_cash_event, FL_EVENT_WRITE_OFF,
     EVENT_COLUMNS},
    {"receipt_reverse", FL_KIND_OF_RETURN, FL_TABLE_cash_event, fl_show_cash_event, FL_EVENT_RETURN,
     EVENT_COLUMNS},
    {"chargeback_reverse", FL_KIND_OF_CHARGEBACK_REVERSE, FL_TABLE_cash_event, fl_show_cash_event,
     FL_EVENT_CHARGEBACK_REVERSE, "id chargeback customer date currency >amount >fee reason"},
    {"write_off_reverse", FL_KIND_OF_WRITE_OFF_REVERSE, FL_TABLE_cash_event, fl_show_cash_event,
     FL_EVENT_WRITE_OFF_REVERSE, "id write_off customer date currency >amount reason"},
    {"statement", FL_KIND_OF_STATEMENT, FL_TABLE_statement, fl_show_statement, 0,
     "account id currency from to >opening >sum >closing >lines balanced"},
    {"statement_line", FL_KIND_OF_STATEMENT_LINE, FL_TABLE_statement_line, fl_show_statement_line,
     0, "id booking_date currency >amount status receipt assigned text"},
    {"payout", FL_KIND_OF_PAYOUT, FL_TABLE_payout, fl_show_payout, 0,
     "id date currency processor >amount >matched account line"},
    {"dispute", FL_KIND_OF_DISPUTE, FL_TABLE_dispute, fl_show_dispute, 0,
     "id invoice customer date currency >amount state outcome credit reason"},
    {"promise", FL_KIND_OF_PROMISE, FL_TABLE_promise, fl_show_promise, 0,
     "id customer invoice date currency >amount >paid state"},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static const struct kind *kind_find(const char *verb, const char *name)
{
    for (unsigned i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    fprintf(stderr, "florin %s: there is no kind %s; there are:", verb, name);
    for (unsigned i = 0; i < KINDS; i++)
        fprintf(stderr, " %s", kinds[i].name);
    fprintf(stderr, "\n");
    return NULL;
}

static bool row_counts(const struct fl_snapshot *s, const struct kind *kind, uint32_t row)
{
    if (kind->event != 0)
        return fl_at_cash_event_card(s, row)->kind == kind->event;
    if (kind->table != FL_TABLE_movement)
        return true;
    const struct fl_movement_row *m = fl_at_movement_row(s, row);
    return (m->kind == FL_MOVE_APPLY_RECEIPT || m->kind == FL_MOVE_APPLY_CREDIT) &&
           fl_at_movement_cold(s, row)->reverses == FL_NO_ROW;
}

struct printing {
    enum fl_format format;
    const char *where; /* nullable */
    struct fl_show_table table;
};

/* A row's JSON in memory, to be looked into; null if memory is refused. The caller frees it. */
static char *row_text(const struct fl_show *show, const struct kind *kind, uint32_t row,
                      size_t *length_out)
{
    char *text = NULL;
    struct fl_show one = *show;
    one.out = open_memstream(&text, length_out);
    if (!one.out)
        return NULL;
    kind->show(&one, row);
    fclose(one.out);
    return text;
}

static void list_row(const struct fl_show *show, const struct kind *kind, uint32_t row,
                     struct printing *printing)
{
    size_t length;
    if (printing->format == FL_FORMAT_JSON && !printing->where) {
        kind->show(show, row);
        putc('\n', show->out);
        return;
    }
    char *text = row_text(show, kind, row, &length);
    bool wanted = text && (!printing->where ||
                           fl_show_table_holds(&printing->table, text, length, printing->where));
    if (wanted && printing->format == FL_FORMAT_JSON)
        fprintf(show->out, "%s\n", text);
    else if (wanted)
        fl_show_table_row(&printing->table, text, length);
    free(text);
}

static void list_rows(const struct fl_show *show, const struct kind *kind,
                      struct printing *printing)
{
    for (uint32_t row = 0; row < show->s->rows[kind->table]; row++) {
        if (row_counts(show->s, kind, row) && fl_as_of_has(show, kind->table, row))
            list_row(show, kind, row, printing);
    }
}

static int show_one(const struct fl_show *show, struct fl_engine *engine, const struct kind *kind,
                    const char *id, struct printing *printing)
{
    size_t length;
    uint32_t row = fl_engine_find(engine, kind->kind, id, strlen(id));
    if (row == FL_NO_ROW || !fl_as_of_has(show, kind->table, row)) {
        fprintf(stderr, "florin show: there is no %s %s\n", kind->name, id);
        return FL_EXIT_REFUSED;
    }
    char *text = row_text(show, kind, row, &length);
    if (!text)
        return FL_EXIT_STORAGE;
    if (printing->format == FL_FORMAT_JSON)
        fprintf(show->out, "%s\n", text);
    else if (printing->format == FL_FORMAT_CSV)
        fl_show_table_row(&printing->table, text, length);
    else
        fl_show_table_one(&printing->table, show->out, text, length);
    free(text);
    return FL_EXIT_DONE;
}

static int print_all(const struct fl_show *show, struct fl_engine *engine, const struct kind *kind,
                     const struct fl_arguments *arguments, bool list)
{
    struct printing printing = {.where = fl_option_value(arguments, "--where")};
    int exit = FL_EXIT_DONE;
    if (!fl_format_read(arguments, &printing.format))
        return FL_EXIT_USAGE;
    bool rows = printing.format == FL_FORMAT_CSV || (list && printing.format == FL_FORMAT_TABLE);
    if (!fl_show_table_open(&printing.table, rows ? kind->columns : ""))
        return FL_EXIT_STORAGE;
    if (list)
        list_rows(show, kind, &printing);
    else
        exit = show_one(show, engine, kind, arguments->words[2], &printing);
    fl_show_table_close(&printing.table, show->out, printing.format == FL_FORMAT_CSV);
    return exit;
}

/* Live, or as of the day and sequence that were asked for. */
static int run_at(const struct fl_arguments *arguments, struct fl_engine *engine,
                  const struct kind *kind, bool list)
{
    struct fl_report report = {.arguments = arguments};
    struct fl_open_items items;
    bool past = fl_option_value(arguments, "--as-of") || fl_option_value(arguments, "--known-at");
    int exit = FL_EXIT_DONE;
    enum fl_status status =
        fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &report.snapshot);
    FL_ASSERT(status == FL_OK);
    if (!fl_report_read_times(&report, arguments->words[0])) {
        exit = FL_EXIT_USAGE;
    } else if (past && fl_open_items_make(&report.snapshot, report.as_of, report.known_seq,
                                          &items) != FL_OK) {
        exit = FL_EXIT_STORAGE;
    } else {
        struct fl_show show = {.s = &report.snapshot,
                               .out = stdout,
                               .as_of = report.as_of,
                               .items = past ? &items : NULL};
        exit = print_all(&show, engine, kind, arguments, list);
        if (past)
            fl_open_items_free(&items);
    }
    fl_snapshot_release(&report.snapshot);
    return exit;
}

static int run(int argc, char **argv, bool list)
{
    struct fl_option options[] = {{"--where", true, NULL},    {"--as-of", true, NULL},
                                  {"--known-at", true, NULL}, {"--io", true, NULL},
                                  {"--memory", true, NULL},   {"--format", true, NULL}};
    static struct fl_arguments arguments;
    struct fl_error error;
    int exit;
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!fl_arguments_read(&arguments, argc, argv))
        return FL_EXIT_USAGE;
    const char *where = fl_option_value(&arguments, "--where");
    if (arguments.word_count != (list ? 2u : 3u) || (where && (!list || !strchr(where, '=')))) {
        fprintf(stderr, list ? "usage: florin list DIR KIND [--where field=value] [--as-of DAY]\n"
                             : "usage: florin show DIR KIND ID [--as-of DAY]\n");
        return FL_EXIT_USAGE;
    }
    const struct kind *kind = kind_find(arguments.verb, arguments.words[1]);
    if (!kind)
        return FL_EXIT_USAGE;
    struct fl_host *host = fl_cli_open_reading(&arguments, arguments.words[0], &exit);
    if (!host)
        return exit;
    exit = run_at(&arguments, fl_host_engine(host), kind, list);
    (void)fl_host_close(host, &error);
    return exit;
}

int fl_cli_show(int argc, char **argv)
{
    return run(argc, argv, false);
}

int fl_cli_list(int argc, char **argv)
{
    return run(argc, argv, true);
}
