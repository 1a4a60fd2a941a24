/* The aging by group, by document date, with credits aged or set off, or in the book's currency. */
#include "tools/cli/report_aging.h"

#include <inttypes.h>
#include <string.h>

#include "analytics/kpi_sheet.h"

static const char *const by_names[] = {"currency", "customer", "segment", "country", "product"};
static const char *const by_lists[] = {"currencies", "customers", "segments", "countries",
                                       "products"};
static const char *const basis_names[] = {"due", "document"};
static const char *const credits_names[] = {"own", "aged", "oldest"};

bool fl_report_aging_is_variant(const struct fl_report *r)
{
    const char *by = fl_option_value(r->arguments, "--by");
    bool grouped = by && (strcmp(by, "segment") == 0 || strcmp(by, "country") == 0 ||
                          strcmp(by, "product") == 0 || strcmp(by, "currency") == 0);
    return grouped || r->in_base || fl_option_value(r->arguments, "--basis") ||
           fl_option_value(r->arguments, "--credits");
}

static bool read_word(const struct fl_report *r, const char *option, const char *const *words,
                      unsigned count, unsigned *out)
{
    const char *text = fl_option_value(r->arguments, option);
    *out = 0;
    for (unsigned i = 0; text && i < count; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return true;
        }
    }
    if (!text)
        return true;
    fprintf(stderr, "florin report aging: here %s takes", option);
    for (unsigned i = 0; i < count; i++)
        fprintf(stderr, "%s %s", i ? "," : "", words[i]);
    fprintf(stderr, ", not %s\n", text);
    return false;
}

static void group_begin(const struct fl_report *r, const struct fl_kpi_sheet *sheet, uint32_t i)
{
    char name[160];
    fl_kpi_group_name(&sheet->groups, sheet->row[i].group, name);
    fprintf(r->out, "{\"%s\":", by_names[sheet->query.by]);
    if (sheet->row[i].group == FL_NO_ROW)
        fputs("null", r->out);
    else
        fl_report_string(r, name);
    fputs(",\"currencies\":[", r->out);
}

static void json_print(const struct fl_report *r, const struct fl_kpi_sheet *sheet)
{
    bool grouped = sheet->query.by != FL_BY_CURRENCY;
    putc('{', r->out);
    fl_report_head(r);
    fprintf(r->out, ",\"basis\":\"%s_date\",\"credits\":\"%s\",\"in_base\":%s,\"%s\":[",
            basis_names[sheet->query.basis], credits_names[sheet->query.credits],
            r->in_base ? "true" : "false", by_lists[sheet->query.by]);
    for (uint32_t i = 0; i < sheet->rows; i++) {
        bool first = i == 0 || sheet->row[i - 1].group != sheet->row[i].group;
        bool last = i + 1 == sheet->rows || sheet->row[i + 1].group != sheet->row[i].group;
        fputs(i ? "," : "", r->out);
        if (grouped && first)
            group_begin(r, sheet, i);
        fl_report_aging_object(r, &sheet->row[i].aging, !grouped);
        if (grouped && last)
            fputs("]}", r->out);
    }
    fputs("]}\n", r->out);
}

static void groups_print(const struct fl_report *r, const struct fl_kpi_sheet *sheet)
{
    struct fl_table_writer table;
    char name[160];
    fl_report_title(r, r->by_document_date ? "Aging by document date" : "Aging by due date");
    fl_aging_groups_open(r, by_names[sheet->query.by], &table);
    for (uint32_t i = 0; i < sheet->rows; i++) {
        fl_kpi_group_name(&sheet->groups, sheet->row[i].group, name);
        bool none = sheet->row[i].group == FL_NO_ROW && r->format == FL_FORMAT_TABLE;
        fl_aging_groups_line(r, none ? "-" : name, &sheet->row[i].aging, &table);
    }
    fl_table_print(&table, r->out, r->format == FL_FORMAT_CSV);
}

static void sheet_print(const struct fl_report *r, const struct fl_kpi_sheet *sheet)
{
    if (r->format == FL_FORMAT_JSON) {
        json_print(r, sheet);
        return;
    }
    if (sheet->query.by != FL_BY_CURRENCY) {
        groups_print(r, sheet);
        return;
    }
    for (uint32_t i = 0; i < sheet->rows; i++)
        fl_aging_table(r, &sheet->row[i].aging, r->format == FL_FORMAT_CSV);
    if (sheet->rows == 0)
        fprintf(r->out, "nothing is open as of %s\n", fl_day_text(r->as_of));
}

int fl_report_aging_variant(struct fl_report *r)
{
    struct fl_kpi_sheet sheet;
    unsigned by, basis, credits;
    if (!read_word(r, "--by", by_names, 5, &by) ||
        !read_word(r, "--basis", basis_names, 2, &basis) ||
        !read_word(r, "--credits", credits_names, 3, &credits))
        return FL_EXIT_USAGE;
    if (by == FL_BY_PRODUCT && credits == FL_CREDITS_OLDEST) {
        fprintf(stderr, "florin report aging: money is set off by customer: not --by product\n");
        return FL_EXIT_USAGE;
    }
    r->by_document_date = basis == FL_BASIS_DOCUMENT_DATE;
    struct fl_kpi_query query = {.from = r->as_of,
                                 .to = r->as_of,
                                 .known_seq = r->known_seq,
                                 .by = (enum fl_kpi_by)by,
                                 .currency = r->currency,
                                 .in_base = r->in_base,
                                 .all_sales = true,
                                 .basis = (enum fl_aging_basis)basis,
                                 .credits = (enum fl_aging_credits)credits};
    enum fl_status status = fl_kpi_sheet_make(&r->snapshot, &query, &sheet);
    if (status == FL_OK)
        sheet_print(r, &sheet);
    else
        fprintf(stderr, "florin report aging: no memory\n");
    fl_kpi_sheet_free(&sheet);
    return status == FL_OK ? FL_EXIT_DONE : FL_EXIT_STORAGE;
}
