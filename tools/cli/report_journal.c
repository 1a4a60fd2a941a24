/* report journal: every entry with its lines (rulings, A7). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/journal.h"
#include "core/base/date.h"
#include "core/domain/state.h"
#include "core/domain/statement_line.h"
#include "core/engine/record.h"
#include "tools/cli/cli_report.h"
#include "tools/cli/cli_show.h"

#define REF_BYTES FL_APPLICATION_ID_BYTES

/* The instants at which commands became known stand in the log alone: by sequence, 0 where it is
 * not there. */
struct instants {
    int64_t *at_us;
    uint64_t count;
};

static enum fl_status instant_note(void *context, const struct fl_record *record, const char *file,
                                   uint64_t offset)
{
    struct instants *instants = context;
    const struct fl_command *command = (const struct fl_command *)(record + 1);
    (void)file;
    (void)offset;
    if (record->seq < instants->count)
        instants->at_us[record->seq] = command->at_us;
    return FL_OK;
}

static void instants_read(const struct fl_report *r, struct instants *out)
{
    struct fl_error error;
    *out = (struct instants){.count = r->snapshot.seq + 1};
    out->at_us = calloc(out->count, sizeof *out->at_us);
    if (!out->at_us)
        out->count = 0;
    else if (fl_host_log(r->arguments->words[0], 0, instant_note, out, &error) != FL_OK)
        fprintf(stderr, "florin report journal: %s\n", error.message);
}

/* The application that movement `row` is part of: discount and difference are of the cash's. */
static uint32_t application_of(const struct fl_snapshot *s, uint32_t row)
{
    const struct fl_movement_row *m = fl_at_movement_row(s, row);
    if (m->kind == FL_MOVE_APPLY_RECEIPT || m->kind == FL_MOVE_APPLY_CREDIT)
        return row;
    uint32_t receipt =
        m->kind == FL_MOVE_OVER ? m->source : fl_at_movement_cold(s, row)->payer;
    uint32_t i = receipt == FL_NO_ROW ? FL_NO_ROW : fl_at_receipt_money(s, receipt)->last_movement;
    while (i != FL_NO_ROW && (fl_at_movement_row(s, i)->kind != FL_MOVE_APPLY_RECEIPT ||
                              fl_at_movement_row(s, i)->application != m->application ||
                              fl_at_movement_cold(s, i)->reverses != FL_NO_ROW))
        i = fl_at_movement_row(s, i)->prev_of_source;
    return i;
}

static void line_ref(const struct fl_snapshot *s, uint32_t line, char out[REF_BYTES])
{
    out[fl_line_id(s->store, line, out)] = '\0';
}

/* The application, the refund or chargeback or write-off, the line assigned; else what it is about. */
static void movement_ref(const struct fl_snapshot *s, const struct fl_journal_entry *e,
                         char out[REF_BYTES])
{
    const struct fl_movement_cold *cold = fl_at_movement_cold(s, e->row);
    uint8_t kind = fl_at_movement_row(s, e->row)->kind;
    uint32_t row = cold->reverses != FL_NO_ROW ? cold->reverses : e->row;
    bool applies = kind == FL_MOVE_APPLY_RECEIPT || kind == FL_MOVE_APPLY_CREDIT ||
                   kind == FL_MOVE_DISCOUNT || kind == FL_MOVE_SHORT || kind == FL_MOVE_OVER;
    uint32_t application = applies ? application_of(s, row) : FL_NO_ROW;
    if (application != FL_NO_ROW)
        fl_show_application_id(s, application, out);
    else if (kind == FL_MOVE_ASSIGN && cold->event != FL_NO_ROW)
        line_ref(s, fl_at_assignment_row(s, cold->event)->line, out);
    else if (!applies && cold->event != FL_NO_ROW)
        snprintf(out, REF_BYTES, "%s", fl_id_text(s, &fl_at_cash_event_card(s, cold->event)->id));
    else
        snprintf(out, REF_BYTES, "%s", fl_id_text(s, &e->document));
}

/* The id of the command's own document; a bank line's is made of its account and reference. */
const char *fl_report_entry_ref(const struct fl_report *r, const struct fl_journal_entry *e)
{
    static char ref[REF_BYTES];
    const struct fl_snapshot *s = &r->snapshot;
    switch (e->kind) {
    case FL_JOURNAL_STATEMENT_LINE:
        line_ref(s, e->row, ref);
        return ref;
    case FL_JOURNAL_LINE_POSTING:
        line_ref(s, fl_at_line_posting_row(s, e->row)->line, ref);
        return ref;
    case FL_JOURNAL_ASSIGNMENT:
        line_ref(s, fl_at_assignment_row(s, e->row)->line, ref);
        return ref;
    case FL_JOURNAL_MOVEMENT:
        movement_ref(s, e, ref);
        return ref;
    default:
        return fl_id_text(s, &e->document);
    }
}

/* An id, or null where there is none. */
static void id_json(const struct fl_report *r, const char *name, const struct fl_id *id)
{
    fprintf(r->out, ",\"%s\":", name);
    if (id)
        fl_report_string(r, fl_id_text(&r->snapshot, id));
    else
        fputs("null", r->out);
}

static void posting_json(const struct fl_report *r, const struct fl_journal_entry *e, uint32_t at)
{
    const struct fl_snapshot *s = &r->snapshot;
    const struct fl_posting *p = &e->entry.postings[at];
    struct fl_journal_party party = fl_journal_party(s, e, at);
    fprintf(r->out, "%s{\"account\":", at ? "," : "");
    fl_report_string(r, fl_report_account_text(r, p->account));
    fprintf(r->out, ",\"currency\":\"%s\",\"amount\":\"%s\",\"base_amount\":\"%s\"",
            fl_currency_code(p->currency), fl_money_text(p->amount_minor, p->currency),
            fl_money_text(p->base_minor, fl_at_book_settings(s, 0)->base_currency));
    id_json(r, "customer",
            party.customer != FL_NO_ROW ? &fl_at_customer_card(s, party.customer)->id : NULL);
    id_json(r, "document", party.document.length > 0 ? &party.document : NULL);
    putc('}', r->out);
}

static void entry_json(const struct fl_report *r, const struct fl_journal_entry *e, int64_t at_us,
                       bool first)
{
    char at[32];
    fprintf(r->out, "%s{\"entry\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"date\":\"%s\",\"at\":",
            first ? "" : ",", e->number, e->seq, fl_day_text(e->entry.date));
    if (at_us > 0 && fl_instant_format(at_us, at) > 0)
        fprintf(r->out, "\"%s\"", at);
    else
        fputs("null", r->out);
    fprintf(r->out, ",\"type\":\"%s\",\"ref\":", e->type);
    fl_report_string(r, fl_report_entry_ref(r, e));
    fputs(",\"lines\":[", r->out);
    for (uint32_t i = 0; i < e->entry.count; i++)
        posting_json(r, e, i);
    fputs("]}", r->out);
}

static bool entry_wanted(const struct fl_report *r, const struct fl_journal_entry *e)
{
    return e->entry.date <= r->as_of && (r->from == 0 || e->entry.date >= r->from) &&
           (r->currency == FL_CURRENCY_NONE || e->entry.currency == r->currency);
}

static void journal_rows(const struct fl_report *r, struct fl_table_writer *table,
                         const struct fl_journal_entry *e)
{
    for (uint32_t i = 0; i < e->entry.count; i++) {
        const struct fl_posting *p = &e->entry.postings[i];
        fl_table_cell(table, "%" PRIu64, e->number);
        fl_table_cell(table, "%s", fl_day_text(e->entry.date));
        fl_table_cell(table, "%s", e->type);
        fl_table_cell(table, "%s", fl_report_entry_ref(r, e));
        fl_table_cell(table, "%s", fl_report_account_text(r, p->account));
        fl_table_cell(table, "%s", fl_money_text(p->amount_minor, p->currency));
        fl_table_cell(table, "%s", fl_currency_code(p->currency));
    }
}

/* For people: an entry is a heading and its lines under it. */
static void entry_text(const struct fl_report *r, const struct fl_journal_entry *e)
{
    fprintf(r->out, "%s  %s %s  (entry %" PRIu64 ", sequence %" PRIu64 ")\n",
            fl_day_text(e->entry.date), e->type, fl_report_entry_ref(r, e), e->number, e->seq);
    for (uint32_t i = 0; i < e->entry.count; i++) {
        const struct fl_posting *p = &e->entry.postings[i];
        fprintf(r->out, "    %-50s %18s %s\n", fl_report_account_text(r, p->account),
                fl_money_text(p->amount_minor, p->currency), fl_currency_code(p->currency));
    }
}

int fl_report_journal(struct fl_report *r)
{
    static const char *const names[] = {"entry",   "date",    "type",    "document",
                                        "account", ">amount", "currency"};
    struct fl_journal journal;
    struct fl_journal_entry entry = {.number = 0};
    struct fl_table_writer table;
    bool json = r->format == FL_FORMAT_JSON, first = true;
    fl_journal_open(&journal, &r->snapshot, r->known_seq);
    fl_table_open(&table, names, 7);
    if (json) {
        putc('{', r->out);
        fl_report_head(r);
        fputs(",\"entries\":[", r->out);
    }
    struct instants instants = {0};
    if (json)
        instants_read(r, &instants);
    fl_report_title(r, "Journal");
    while (fl_journal_next(&journal, &entry)) {
        if (!entry_wanted(r, &entry))
            continue;
        if (json)
            entry_json(r, &entry, entry.seq < instants.count ? instants.at_us[entry.seq] : 0,
                       first);
        else if (r->format == FL_FORMAT_CSV)
            journal_rows(r, &table, &entry);
        else
            entry_text(r, &entry);
        first = false;
    }
    if (json)
        fputs("]}\n", r->out);
    else if (r->format == FL_FORMAT_CSV)
        fl_table_print(&table, r->out, true);
    free(instants.at_us);
    return FL_EXIT_DONE;
}
