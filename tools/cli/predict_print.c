#include "tools/cli/predict_print.h"

#include <inttypes.h>
#include <math.h>

#define XGBOOST "xgboost"

static const char *const rule_names[FL_RULE_COUNT] = {
#define RULE_NAME(symbol, name) name,
    FL_PREDICT_RULES(RULE_NAME)
#undef RULE_NAME
};

/* ---- JSON -------------------------------------------------------------------------------------
 */

static void number_json(FILE *out, const char *name, double value, int digits)
{
    if (isnan(value))
        fprintf(out, "\"%s\":null", name);
    else
        fprintf(out, "\"%s\":%.*f", name, digits, value);
}

static void figures_json(FILE *out, const char *name, const struct fl_predict_figures *f)
{
    fprintf(out, "{\"model\":\"%s\",", name);
    number_json(out, "auc", f->auc, 4);
    putc(',', out);
    number_json(out, "accuracy", f->accuracy, 4);
    putc(',', out);
    number_json(out, "brier", f->brier, 4);
    putc(',', out);
    number_json(out, "mae_days", f->mae_days, 2);
    putc(',', out);
    number_json(out, "coverage_80", f->coverage_80, 4);
    fprintf(out, ",\"tests\":%" PRIu32 ",\"paid\":%" PRIu32 "}", f->tests, f->paid);
}

static void models_json(FILE *out, const char *name, const struct fl_predict_figures *figures)
{
    static const struct fl_predict_figures none = {NAN, NAN, NAN, NAN, NAN, 0, 0};
    fprintf(out, "\"%s\":[", name);
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++) {
        figures_json(out, rule_names[rule], &figures[rule]);
        putc(',', out);
    }
    figures_json(out, XGBOOST, &none);
    putc(']', out);
}

static void weeks_json(FILE *out, const struct fl_predict_evaluation *e)
{
    fprintf(out, "\"mondays\":%u,\"within_7_days\":[", e->mondays);
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++) {
        fprintf(out, "%s{\"model\":\"%s\",", rule ? "," : "", rule_names[rule]);
        number_json(out, "auc", e->week[rule].auc, 4);
        putc(',', out);
        number_json(out, "wape", e->week[rule].wape, 4);
        fprintf(out, ",\"tests\":%" PRIu32 "}", e->week[rule].tests);
    }
    putc(']', out);
}

static void evaluation_json(const struct fl_report *r, const struct fl_predict_evaluation *e,
                            const struct fl_predict_source *source)
{
    putc('{', r->out);
    models_json(r->out, "models", e->figures);
    putc(',', r->out);
    models_json(r->out, "new_customers", e->new_figures);
    putc(',', r->out);
    weeks_json(r->out, e);
    fprintf(r->out, ",\"wape_currency\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"origins\":%u",
            e->currency ? fl_currency_code(e->currency) : "", fl_day_text(e->from_days),
            fl_day_text(e->to_days), e->origins);
    fprintf(r->out, ",\"left_out\":%" PRIu32 ",\"issue_date_assumed\":%s,\"refused_rows\":%" PRIu32,
            e->left_out, source->issue_assumed ? "true" : "false", source->refused);
    fprintf(r->out, ",\"not_built\":[\"" XGBOOST "\"],\"as_of\":\"%s\",\"seq\":%" PRIu64 "}\n",
            fl_day_text(r->as_of), r->snapshot.seq);
}

/* ---- table ------------------------------------------------------------------------------------
 */

static void number_cell(struct fl_table_writer *table, double value, double factor, int digits)
{
    if (isnan(value))
        fl_table_cell(table, "-");
    else
        fl_table_cell(table, "%.*f", digits, factor * value);
}

static void rule_row(struct fl_table_writer *table, const struct fl_predict_evaluation *e,
                     unsigned rule)
{
    const struct fl_predict_figures *f = &e->figures[rule];
    fl_table_cell(table, "%s", rule_names[rule]);
    number_cell(table, f->auc, 1, 3);
    number_cell(table, f->accuracy, 100, 1);
    number_cell(table, f->brier, 1, 3);
    number_cell(table, f->mae_days, 1, 2);
    number_cell(table, f->coverage_80, 100, 1);
    number_cell(table, e->week[rule].auc, 1, 3);
    number_cell(table, e->week[rule].wape, 100, 1);
}

static void figures_table(const struct fl_report *r, const struct fl_predict_evaluation *e)
{
    static const char *const names[] = {"model",     ">AUC",     ">right %",  ">Brier",
                                        ">MAE days", ">in 80 %", ">week AUC", ">WAPE %"};
    struct fl_table_writer table;
    fl_table_open(&table, names, 8);
    for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++)
        rule_row(&table, e, rule);
    fl_table_cell(&table, XGBOOST);
    for (unsigned i = 1; i < 8; i++)
        fl_table_cell(&table, "-");
    fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
}

static void evaluation_words(const struct fl_report *r, const struct fl_predict_evaluation *e,
                             const struct fl_predict_source *source)
{
    const struct fl_predict_figures *new = &e->new_figures[FL_RULE_ADDITIVE];
    const struct fl_predict_figures *naive = &e->new_figures[FL_RULE_MAJORITY];
    fprintf(r->out,
            "\n%" PRIu32 " invoices as at their issue, %u origins; %" PRIu32
            " left out: not due.\nWeek: %" PRIu32
            " times open on %u Mondays, paid within 7 days; WAPE: of cash expected.\n",
            e->figures[0].tests, e->origins, e->left_out, e->week[0].tests, e->mondays);
    if (new->tests > 0)
        fprintf(r->out,
                "New customers: %" PRIu32 " invoices, Brier %.3f (majority %.3f), MAE %.2f "
                "days (%.2f).\n",
                new->tests, new->brier, naive->brier, new->mae_days, naive->mae_days);
    fprintf(r->out,
            "additive_dispute is told of a dispute at once: true from the day one is known.\n");
    if (source->issue_assumed)
        fprintf(r->out, "The file has no issue dates: due date less 14 days stands in for them.\n");
    if (source->refused > 0)
        fprintf(r->out, "%" PRIu32 " rows could not be read.\n", source->refused);
    fprintf(r->out, XGBOOST " is not built in.\n");
}

void fl_predict_print_figures(const struct fl_report *r, const struct fl_predict_evaluation *e,
                              const struct fl_predict_source *source)
{
    if (r->format == FL_FORMAT_JSON) {
        evaluation_json(r, e, source);
        return;
    }
    if (r->format == FL_FORMAT_TABLE)
        fprintf(r->out, "Who pays late: issued %s to %s, known by %s\n\n",
                fl_day_text(e->from_days), fl_day_text(e->to_days), fl_day_text(r->as_of));
    figures_table(r, e);
    if (r->format == FL_FORMAT_TABLE)
        evaluation_words(r, e, source);
}

/* ---- test by test -----------------------------------------------------------------------------
 */

static void days_csv(FILE *out, double days)
{
    if (isnan(days))
        fprintf(out, ",");
    else
        fprintf(out, ",%.9g", days);
}

void fl_predict_print_tests(const struct fl_report *r, const struct fl_predict_set *set,
                            const struct fl_predict_evaluation *e)
{
    fprintf(r->out, "model,row,customer,origin,date,due_date,paid,days_late,new_customer,p_late,"
                    "days,low,high\n");
    for (uint32_t i = 0; i < e->count; i++) {
        const struct fl_predict_test *test = &e->tests[i];
        const struct fl_predict_row *row = &set->rows[test->row];
        for (unsigned rule = 0; rule < FL_RULE_COUNT; rule++) {
            const struct fl_predict_answer *a = &test->answer[rule];
            fprintf(r->out, "%s,%" PRIu32 ",%" PRIu32 ",%s,%s,%s,", rule_names[rule], row->invoice,
                    row->customer, fl_day_text(test->origin_days), fl_day_text(row->issue_days),
                    fl_day_text(row->due_days));
            if (test->open)
                fputc(',', r->out);
            else
                fprintf(r->out, "%s,%d", fl_day_text(row->end_days),
                        (int)row->end_days - (int)row->due_days);
            fprintf(r->out, ",%d,%.17g", test->new_customer, a->p_late);
            days_csv(r->out, (double)a->days);
            days_csv(r->out, (double)a->days_low);
            days_csv(r->out, (double)a->days_high);
            putc('\n', r->out);
        }
    }
}
