#include "tools/ingest/payout_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/date.h"
#include "core/base/utf8.h"
#include "tools/ingest/csv_columns.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *word;
    uint8_t kind;
} kinds[] = {
    {"charge", FL_PAYOUT_PART_CHARGE},
    {"payment", FL_PAYOUT_PART_CHARGE},
    {"sale", FL_PAYOUT_PART_CHARGE},
    {"settled", FL_PAYOUT_PART_CHARGE},
    {"capture", FL_PAYOUT_PART_CHARGE},
    {"refund", FL_PAYOUT_PART_REFUND},
    {"refunded", FL_PAYOUT_PART_REFUND},
    {"paymentrefund", FL_PAYOUT_PART_REFUND},
    {"fee", FL_PAYOUT_PART_FEE},
    {"fees", FL_PAYOUT_PART_FEE},
    {"stripefee", FL_PAYOUT_PART_FEE},
    {"networkcost", FL_PAYOUT_PART_FEE},
    {"tax", FL_PAYOUT_PART_FEE},
    {"chargeback", FL_PAYOUT_PART_CHARGEBACK},
    {"dispute", FL_PAYOUT_PART_CHARGEBACK},
    {"secondchargeback", FL_PAYOUT_PART_CHARGEBACK},
    {"reserve", FL_PAYOUT_PART_RESERVE},
    {"reserved", FL_PAYOUT_PART_RESERVE},
    {"riskreservedfunds", FL_PAYOUT_PART_RESERVE},
    {"reservetransaction", FL_PAYOUT_PART_RESERVE},
    {"depositcorrection", FL_PAYOUT_PART_RESERVE},
    {"balancetransfer", FL_PAYOUT_PART_RESERVE},
    {"adjustment", FL_PAYOUT_PART_ADJUSTMENT},
    {"otheradjustment", FL_PAYOUT_PART_ADJUSTMENT},
    {"disputereversal", FL_PAYOUT_PART_CHARGEBACK},
    {"chargebackreversed", FL_PAYOUT_PART_CHARGEBACK},
    {"refundfailure", FL_PAYOUT_PART_ADJUSTMENT},
    {"refundedreversed", FL_PAYOUT_PART_ADJUSTMENT},
    {"chargefailure", FL_PAYOUT_PART_ADJUSTMENT},
    {"partialcapturereversal", FL_PAYOUT_PART_ADJUSTMENT},
    {"paymentfailurerefund", FL_PAYOUT_PART_ADJUSTMENT},
    {"payoutreversal", FL_PAYOUT_PART_ADJUSTMENT},
    {"payoutfailure", FL_PAYOUT_PART_ADJUSTMENT},
    {"payoutcancel", FL_PAYOUT_PART_ADJUSTMENT},
    {"payoutcancellation", FL_PAYOUT_PART_ADJUSTMENT},
    {"reservedfunds", FL_PAYOUT_PART_RESERVE},
    {"taxfee", FL_PAYOUT_PART_FEE},
    {"topup", FL_PAYOUT_PART_ADJUSTMENT},
    {"transfer", FL_PAYOUT_PART_ADJUSTMENT},
    {"credit", FL_PAYOUT_PART_ADJUSTMENT},
    {"debit", FL_PAYOUT_PART_ADJUSTMENT},
    {"payout", FL_PAYOUT_PART_PAYOUT},
    {"merchantpayout", FL_PAYOUT_PART_PAYOUT},
};

const char *fl_payout_part_kind_name(enum fl_payout_part_kind kind)
{
    static const char *const names[] = {"charge",  "refund",     "fee",    "chargeback",
                                        "reserve", "adjustment", "payout", "unknown"};
    FL_ASSERT(kind < COUNT(names));
    return names[kind];
}

enum fl_payout_part_kind fl_payout_part_kind_of(struct fl_slice word)
{
    char name[FL_CSV_NORMAL_BYTES_MAX];
    (void)fl_csv_normal(word, name);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (strcmp(kinds[i].word, name) == 0)
            return kinds[i].kind;
    }
    return FL_PAYOUT_PART_UNKNOWN;
}

enum fl_status fl_payout_parts_open(struct fl_payout_parts *parts,
                                    const struct fl_payout_sink *sink)
{
    memset(parts, 0, sizeof *parts);
    parts->sink = sink;
    parts->parts = malloc(FL_PAYOUT_PARTS_MAX * sizeof *parts->parts);
    return parts->parts ? FL_OK : FL_NO_MEMORY;
}

void fl_payout_parts_close(struct fl_payout_parts *parts)
{
    free(parts->parts);
    parts->parts = NULL;
}

void fl_payout_id_copy(struct fl_slice text, char out[FL_ID_BYTES_MAX + 1])
{
    size_t length = text.length;
    if (length > FL_ID_BYTES_MAX)
        length = fl_utf8_valid_prefix(text.at, FL_ID_BYTES_MAX);
    memcpy(out, text.at, length);
    out[length] = '\0';
}

void fl_payout_parts_begin(struct fl_payout_parts *parts, uint64_t line, const char *id)
{
    memset(&parts->report, 0, sizeof parts->report);
    parts->report.line = line;
    fl_payout_id_copy(fl_slice_of_text(id), parts->report.id);
    parts->sum = (struct fl_statement_total){0};
    parts->said = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
    parts->count = 0;
    parts->broken = false;
}

void fl_payout_parts_refuse(struct fl_payout_parts *parts, uint64_t line, enum fl_status code,
                            const char *message)
{
    parts->broken = true;
    if (parts->sink->refused)
        parts->sink->refused(parts->sink->context, line, code, message);
}

/* J1. */
static void part_shape(struct fl_payout_report_part *part)
{
    if (part->amount.units == 0) {
        part->kind = FL_PAYOUT_PART_FEE;
        part->amount = fl_decimal_of(-part->fee.units, part->fee.scale);
        part->fee = fl_decimal_of(0, 0);
    } else if ((part->kind == FL_PAYOUT_PART_CHARGE && part->amount.units < 0) ||
               (part->kind == FL_PAYOUT_PART_REFUND && part->amount.units > 0)) {
        part->kind = FL_PAYOUT_PART_ADJUSTMENT;
    }
}

void fl_payout_parts_add(struct fl_payout_parts *parts, const struct fl_payout_report_part *part)
{
    if (parts->count == FL_PAYOUT_PARTS_MAX) {
        fl_payout_parts_refuse(parts, part->line, FL_TOO_LONG,
                               "more than 10,000 parts of one payout");
        return;
    }
    struct fl_payout_report_part *new = &parts->parts[parts->count];
    *new = *part;
    part_shape(new);
    fl_statement_total_add(&parts->sum, new->amount);
    fl_statement_total_subtract(&parts->sum, new->fee);
    parts->count += new->amount.units != 0; /* nothing, at no fee, is no part */
}

/* J2. */
static bool amount_settle(struct fl_payout_parts *p)
{
    char message[200], said[40], sum[40];
    struct fl_decimal total;
    if (fl_statement_total_read(p->sum, &total) != FL_OK) {
        fl_payout_parts_refuse(p, p->report.line, FL_OUT_OF_RANGE, "the parts come to too much");
        return false;
    }
    p->report.amount = total;
    if (p->said.state != FL_DECIMAL_VALUE ||
        (p->said.units == total.units && p->said.scale == total.scale))
        return true;
    fl_decimal_format(p->said.units, p->said.scale, said);
    fl_decimal_format(total.units, total.scale, sum);
    snprintf(message, sizeof message, "payout %.64s is %.40s, its parts come to %.40s",
             p->report.id, said, sum);
    fl_payout_parts_refuse(p, p->report.line, FL_UNBALANCED, message);
    return false;
}

enum fl_status fl_payout_parts_end(struct fl_payout_parts *parts)
{
    struct fl_payout_report *report = &parts->report;
    if (report->id[0] == '\0' && report->date_days != FL_DATE_NONE)
        fl_date_format(report->date_days, report->id);
    if (parts->broken || parts->count == 0 || !amount_settle(parts))
        return FL_OK;
    report->parts = parts->parts;
    report->parts_count = parts->count;
    return parts->sink->payout(parts->sink->context, report);
}
