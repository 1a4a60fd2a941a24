/* predict: who will pay late, when, and why; and how well that is known. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/date.h"
#include "core/engine/engine.h"
#include "tools/cli/predict_csv.h"
#include "tools/cli/predict_list.h"
#include "tools/cli/predict_print.h"
#include "tools/cli/predict_segment.h"

static int fail(enum fl_status status)
{
    struct fl_error error;
    if (status == FL_NOTHING_OPEN) {
        fprintf(stderr,
                "florin predict: no invoice was paid before: there is nothing to learn from\n");
        return FL_EXIT_REFUSED;
    }
    (void)fl_error_set(&error, status, "%s", fl_status_name(status));
    return fl_cli_fail("predict", &error);
}

static int set_evaluate(const struct fl_report *report, const struct fl_predict_set *set,
                        const struct fl_predict_source *source)
{
    struct fl_predict_evaluation evaluation;
    enum fl_status status = fl_predict_evaluate(set, report->as_of, &evaluation);
    if (status != FL_OK)
        return fail(status);
    if (fl_option_value(report->arguments, "--tests"))
        fl_predict_print_tests(report, set, &evaluation);
    else
        fl_predict_print_figures(report, &evaluation, source);
    fl_predict_evaluation_free(&evaluation);
    return FL_EXIT_DONE;
}

/* ---- a file -----------------------------------------------------------------------------------
 */

static int file_evaluate(struct fl_report *report, const char *path)
{
    struct fl_predict_csv csv;
    struct fl_error error = {.status = FL_OK};
    const char *as_of = fl_option_value(report->arguments, "--as-of");
    enum fl_status status = fl_predict_csv_open(&csv, path, &error);
    int exit;
    report->as_of = csv.last_days;
    if (status != FL_OK) {
        exit = fl_cli_fail("predict", &error);
    } else if (as_of && fl_date_parse(as_of, strlen(as_of), &report->as_of) != FL_OK) {
        fprintf(stderr, "florin predict: --as-of takes a day such as 2025-03-31, not %s\n", as_of);
        exit = FL_EXIT_USAGE;
    } else {
        struct fl_predict_source source = {path, csv.issue_assumed, csv.refused};
        exit = set_evaluate(report, &csv.set, &source);
    }
    fl_predict_csv_close(&csv);
    return exit;
}

/* ---- a book -----------------------------------------------------------------------------------
 */

static int book_evaluate(struct fl_report *report, const char *directory)
{
    struct fl_segment_history history;
    struct fl_predict_book book;
    struct fl_error error = {.status = FL_OK};
    const struct fl_predict_source source = {NULL, false, 0};
    enum fl_status status = fl_segment_history_open(&history, report, directory, &error);
    if (status != FL_OK) {
        fl_segment_history_close(&history);
        return fl_cli_fail("predict", &error);
    }
    const struct fl_predict_segments segments = {fl_segment_at_issue, &history};
    status = fl_predict_book_make(&report->snapshot, &segments, &book);
    int exit = status == FL_OK ? set_evaluate(report, &book.set, &source) : fail(status);
    fl_segment_history_close(&history);
    if (status == FL_OK)
        fl_predict_book_free(&book);
    return exit;
}

static int book_predict(struct fl_report *report, const char *directory)
{
    struct fl_predict_live live;
    if (!fl_report_read_times(report, directory))
        return FL_EXIT_USAGE;
    if (fl_option_value(report->arguments, "--evaluate"))
        return book_evaluate(report, directory);
    int exit = fl_predict_live_open(&live, report);
    if (exit == FL_EXIT_DONE)
        fl_predict_list_print(report, &live);
    fl_predict_live_close(&live);
    return exit;
}

static int directory_predict(struct fl_report *report, const char *directory)
{
    struct fl_error error;
    int exit;
    struct fl_host *host = fl_cli_open_reading(report->arguments, directory, &exit);
    if (!host)
        return exit;
    struct fl_engine *engine = fl_host_engine(host);
    report->engine = engine;
    enum fl_status status =
        fl_snapshot_take(fl_engine_store(engine), fl_engine_seq(engine), &report->snapshot);
    FL_ASSERT(status == FL_OK);
    exit = book_predict(report, directory);
    fl_snapshot_release(&report->snapshot);
    (void)fl_host_close(host, &error);
    return exit;
}

static bool is_file(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

int fl_cli_predict(int argc, char **argv)
{
    struct fl_option options[] = {{"--evaluate", false, NULL}, {"--tests", false, NULL},
                                  {"--as-of", true, NULL},     {"--format", true, NULL},
                                  {"--io", true, NULL},        {"--memory", true, NULL}};
    static struct fl_arguments arguments;
    struct fl_report report = {.name = "predict", .arguments = &arguments, .out = stdout};
    arguments.options = options;
    arguments.option_count = sizeof options / sizeof options[0];
    if (!fl_arguments_read(&arguments, argc, argv) || !fl_format_read(&arguments, &report.format))
        return FL_EXIT_USAGE;
    bool evaluate = fl_option_value(&arguments, "--evaluate") != NULL;
    bool file = arguments.word_count == 1 && is_file(arguments.words[0]);
    if (arguments.word_count != 1 ||
        (!evaluate && (file || fl_option_value(&arguments, "--tests")))) {
        fprintf(stderr, "usage: florin predict DIR [--as-of DAY]\n"
                        "       florin predict DIR|FILE.csv --evaluate [--tests] [--as-of DAY]\n");
        return FL_EXIT_USAGE;
    }
    return file ? file_evaluate(&report, arguments.words[0])
                : directory_predict(&report, arguments.words[0]);
}
