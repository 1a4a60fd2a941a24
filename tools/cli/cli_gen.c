/* cli_gen.c - florin gen [--orders N] [--seed S] [--hard] [--out PATH]
 *
 * Without --out every command goes to stdout, receipts included. With it PATH gets commands.ndjson
 * (everything but the cash), a file a month of each bank account (and the profile of the CSV that
 * has one), answers.ndjson, the key, and summary.txt. The summary of what was made goes to stderr
 * too. Subscriptions are not generated yet: --subscriptions is refused. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/cli/cli_gen.h"
#include "tools/gen/bank_files.h"
#include "tools/gen/workload_ndjson.h"

enum { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_STORAGE = 3 };

struct gen_options {
    struct fl_workload_options workload;
    const char *out; /* null: stdout */
};

/* Where the events of a run go. */
struct gen_outputs {
    struct fl_gen_text commands, answers;
    struct fl_bank_files *bank; /* null without --out */
    struct fl_bank_files_counts bank_counts;
};

static int usage(const char *complaint, const char *word)
{
    fprintf(stderr, "florin gen: %s%s\n", complaint, word);
    fprintf(stderr, "usage: florin gen [--orders N] [--seed S] [--hard] [--out PATH]\n"
                    "  --orders N  1 to %u (default 10000)\n"
                    "  --seed S    a whole number (default 1); same seed, same bytes\n"
                    "  --hard      the noisy shares of payments, for judging a matcher\n"
                    "  --out PATH  a directory for commands.ndjson, bank files, answers.ndjson;\n"
                    "              without it commands go to stdout, receipts included\n",
            FL_GEN_ORDERS_MAX);
    return EXIT_USAGE;
}

static bool parse_number(const char *word, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(word, &end, 10);
    return word[0] >= '0' && word[0] <= '9' && *end == '\0' && errno == 0 && *out <= most;
}

/* EXIT_DONE, or EXIT_USAGE after a complaint. */
static int parse(int argc, char **argv, struct gen_options *options)
{
    uint64_t orders = 10000;
    *options = (struct gen_options){.workload = {.seed = 1}};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--hard") == 0) {
            options->workload.hard = true;
            continue;
        }
        if (strcmp(argv[i], "--subscriptions") == 0)
            return usage("subscriptions are not generated yet: ", argv[i]);
        bool known = strcmp(argv[i], "--orders") == 0 || strcmp(argv[i], "--seed") == 0 ||
                     strcmp(argv[i], "--out") == 0;
        if (!known)
            return usage("unknown option: ", argv[i]);
        if (!value)
            return usage("a value is missing after ", argv[i]);
        if (strcmp(argv[i], "--out") == 0)
            options->out = value;
        else if (strcmp(argv[i], "--seed") == 0) {
            if (!parse_number(value, UINT64_MAX, &options->workload.seed))
                return usage("not a whole number: ", value);
        } else if (!parse_number(value, FL_GEN_ORDERS_MAX, &orders) || orders == 0)
            return usage("not a number of orders: ", value);
        i++;
    }
    options->workload.orders = (uint32_t)orders;
    return EXIT_DONE;
}

static enum fl_status open_text(const char *directory, const char *name, struct fl_gen_text *text,
                                struct fl_error *error)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: the path is too long", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: %s", path, strerror(errno));
    enum fl_status status = fl_gen_text_init(text, fd);
    if (status == FL_OK)
        return FL_OK;
    close(fd);
    return fl_error_set(error, status, "no memory");
}

static enum fl_status open_outputs(const struct gen_options *options,
                                   const struct fl_workload_plan *plan, struct gen_outputs *out,
                                   struct fl_error *error)
{
    if (!options->out)
        return fl_gen_text_init(&out->commands, STDOUT_FILENO);
    if (mkdir(options->out, 0777) != 0 && errno != EEXIST)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: %s", options->out, strerror(errno));
    FL_TRY(open_text(options->out, "commands.ndjson", &out->commands, error));
    FL_TRY(open_text(options->out, "answers.ndjson", &out->answers, error));
    return fl_bank_files_open(options->out, plan, &out->bank, error);
}

static enum fl_status close_text(struct fl_gen_text *text, const char *name, struct fl_error *error)
{
    if (!text->bytes)
        return FL_OK;
    enum fl_status status = fl_gen_text_flush(text);
    if (text->fd != STDOUT_FILENO && close(text->fd) != 0 && status == FL_OK)
        status = FL_IO_ERROR;
    fl_gen_text_deinit(text);
    return status == FL_OK ? FL_OK : fl_error_set(error, status, "%s: not written whole", name);
}

/* Closes everything; the first failure counts. */
static enum fl_status close_outputs(struct gen_outputs *out, struct fl_error *error)
{
    enum fl_status status = close_text(&out->commands, "commands", error);
    enum fl_status answers = close_text(&out->answers, "answers", error);
    enum fl_status bank = FL_OK;
    if (out->bank) {
        out->bank_counts = fl_bank_files_counts(out->bank);
        bank = fl_bank_files_close(out->bank, error);
    }
    return status != FL_OK ? status : answers != FL_OK ? answers : bank;
}

static enum fl_status put_event(const struct fl_workload_plan *plan,
                                const struct fl_workload_event *event, struct gen_outputs *out,
                                struct fl_error *error)
{
    char bank_ref[FL_BANK_REF_BYTES];
    if (!out->bank) {
        fl_workload_ndjson_put(plan, event, &out->commands);
        return out->commands.status;
    }
    FL_TRY(fl_bank_files_put(out->bank, event, bank_ref, error));
    if (event->kind == FL_EVENT_PAYMENT)
        fl_workload_answer_put(&event->payment, fl_our_account_iban(event->payment.account),
                               bank_ref, &out->answers);
    else
        fl_workload_ndjson_put(plan, event, &out->commands);
    return out->commands.status != FL_OK ? out->commands.status : out->answers.status;
}

static enum fl_status write_all(struct fl_workload *workload, struct gen_outputs *out,
                                struct fl_error *error)
{
    struct fl_workload_event event;
    const struct fl_workload_plan *plan = fl_workload_plan(workload);
    do {
        FL_TRY(fl_workload_next(workload, &event));
        FL_TRY(put_event(plan, &event, out, error));
    } while (event.kind != FL_EVENT_END);
    return FL_OK;
}

static double percent(uint64_t part, uint64_t all)
{
    return all > 0 ? 100.0 * (double)part / (double)all : 0.0;
}

static void print_share(FILE *to, const char *name, uint64_t part, uint64_t all)
{
    fprintf(to, "  %-24s %10" PRIu64 "  %5.1f %%\n", name, part, percent(part, all));
}

/* Hard: what is within the kinds. */
static void print_within(FILE *to, const struct fl_workload_counts *counts)
{
    static const char *const quotes[FL_GEN_QUOTES] = {
        [FL_QUOTE_FULL] = "number in full",
        [FL_QUOTE_ORDER] = "number of the order",
        [FL_QUOTE_ZEROS] = "without zeros",
        [FL_QUOTE_SEPARATOR] = "other separator",
        [FL_QUOTE_SWAPPED] = "digits swapped",
        [FL_QUOTE_NO_PREFIX] = "without prefix",
        [FL_QUOTE_SHORT] = "last four digits",
        [FL_QUOTE_LETTERS] = "O for 0",
        [FL_QUOTE_SPACED] = "blank inside",
        [FL_QUOTE_MISSPELT] = "prefix misspelt",
        [FL_QUOTE_GLUED] = "run together",
        [FL_QUOTE_CUT] = "cut by the line",
        [FL_QUOTE_REFERENCE] = "reference printed",
        [FL_QUOTE_STRUCTURED] = "reference structured",
        [FL_QUOTE_REFERENCE_DAMAGED] = "reference damaged",
        [FL_QUOTE_NONE] = "nothing quoted"};
    static const char *const differences[FL_GEN_DIFFERENCES] = {
        [FL_DIFFERENCE_TOLERANCE] = "a few cents off",
        [FL_DIFFERENCE_OVER] = "too much",
        [FL_DIFFERENCE_DISCOUNT] = "discount taken",
        [FL_DIFFERENCE_FEE] = "fee kept on the way",
        [FL_DIFFERENCE_UNDER] = "too little"};
    static const char *const oddities[FL_GEN_ODDITIES] = {
        [FL_ODD_STRANGER] = "from a stranger",
        [FL_ODD_NO_SUCH] = "a number of nobody's",
        [FL_ODD_AGAIN] = "paid before",
        [FL_ODD_AHEAD] = "ahead of any bill",
        [FL_ODD_REVERSED] = "a debit reversed"};
    uint64_t all = counts->events[FL_EVENT_PAYMENT];
    fprintf(to, "within them, of one document:\n");
    for (unsigned i = 0; i < FL_GEN_QUOTES; i++)
        print_share(to, quotes[i], counts->quotes[i], all);
    fprintf(to, "of several: %" PRIu64 " less a credit note, %" PRIu64 " lists cut\n",
            counts->several_credit, counts->several_cut);
    fprintf(to, "amounts:\n");
    for (unsigned i = FL_DIFFERENCE_NONE + 1; i < FL_GEN_DIFFERENCES; i++)
        print_share(to, differences[i], counts->differences[i], all);
    fprintf(to, "settling nothing (%" PRIu64 " go back):\n", counts->returned);
    for (unsigned i = 0; i < FL_GEN_ODDITIES; i++)
        print_share(to, oddities[i], counts->oddities[i], all);
    fprintf(to, "paid by another customer: %" PRIu64 "\n", counts->other_customer);
}

static void print_payments(FILE *to, const struct fl_workload_counts *counts)
{
    uint64_t payments = counts->events[FL_EVENT_PAYMENT];
    fprintf(to, "payments by kind (of %" PRIu64 "):\n", payments);
    for (unsigned kind = 0; kind < FL_GEN_PAY_KINDS; kind++)
        if (counts->payments[kind] > 0)
            print_share(to, fl_gen_payment_kind_name(kind), counts->payments[kind], payments);
    print_share(to, "(of all: undecidable)", counts->undecidable, payments);
}

static void print_invoices(FILE *to, const struct fl_workload_counts *counts)
{
    uint64_t invoices = counts->events[FL_EVENT_INVOICE];
    fprintf(to, "invoices (of %" PRIu64 "):\n", invoices);
    fprintf(to, "  paid on time           %10" PRIu64 "  %5.1f %%\n", counts->settled_on_time,
            percent(counts->settled_on_time, invoices));
    fprintf(to, "  paid late              %10" PRIu64 "  %5.1f %%, at most %u days\n",
            counts->settled_late, percent(counts->settled_late, invoices), counts->days_late_max);
    fprintf(to, "  open, not yet due      %10" PRIu64 "  %5.1f %%\n", counts->open_not_due,
            percent(counts->open_not_due, invoices));
    fprintf(to,
            "  open, overdue          %10" PRIu64 "  %5.1f %%, %" PRIu64 " never to be paid\n",
            counts->open_overdue, percent(counts->open_overdue, invoices), counts->never);
}

static void print_summary(FILE *to, const struct gen_options *options,
                          const struct gen_outputs *out, const struct fl_workload_counts *counts)
{
    fprintf(to, "seed %" PRIu64 "%s: %" PRIu64 " customers, %" PRIu64 " products, %" PRIu64
                    " orders, %" PRIu64 " shipments\n",
            options->workload.seed, options->workload.hard ? ", hard" : "",
            counts->events[FL_EVENT_CUSTOMER], counts->events[FL_EVENT_PRODUCT],
            counts->events[FL_EVENT_ORDER], counts->events[FL_EVENT_SHIPMENT]);
    print_invoices(to, counts);
    print_payments(to, counts);
    if (options->workload.hard)
        print_within(to, counts);
    fprintf(to,
            "EUR: invoiced %" PRId64 ".%02d, paid in %" PRId64 ".%02d, open %" PRId64 ".%02d\n",
            counts->invoiced_minor / 100, (int)(counts->invoiced_minor % 100),
            counts->paid_minor / 100, (int)(counts->paid_minor % 100), counts->open_minor / 100,
            (int)(counts->open_minor % 100));
    if (options->out)
        fprintf(to, "bank: %" PRIu64 " files, %" PRIu64 " statements, %" PRIu64
                        " lines in, %" PRIu64 " lines out\n",
                out->bank_counts.files, out->bank_counts.statements, out->bank_counts.lines_in,
                out->bank_counts.lines_out);
    if (out->bank_counts.lines_again > 0)
        fprintf(to, "planted: %" PRIu64 " files there twice, %" PRIu64
                        " lines delivered again\n",
                out->bank_counts.files_again, out->bank_counts.lines_again);
}

/* The summary beside the key. */
static enum fl_status write_summary(const struct gen_options *options,
                                    const struct gen_outputs *out,
                                    const struct fl_workload_counts *counts,
                                    struct fl_error *error)
{
    char path[4096];
    if (!options->out)
        return FL_OK;
    int length = snprintf(path, sizeof path, "%s/summary.txt", options->out);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "w") : NULL;
    if (!file)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: %s", path, strerror(errno));
    print_summary(file, options, out, counts);
    if (fclose(file) != 0)
        return fl_error_set(error, FL_IO_ERROR, "%.180s: %s", path, strerror(errno));
    return FL_OK;
}

int fl_cli_gen(int argc, char **argv)
{
    struct gen_options options;
    struct gen_outputs out = {0};
    struct fl_workload *workload;
    struct fl_error error = {.message = "out of memory or space"};
    int bad = parse(argc, argv, &options);
    if (bad != EXIT_DONE)
        return bad;
    if (fl_workload_open(&options.workload, &workload, &error) != FL_OK) {
        fprintf(stderr, "florin gen: %s\n", error.message);
        return EXIT_STORAGE;
    }
    enum fl_status status = open_outputs(&options, fl_workload_plan(workload), &out, &error);
    if (status == FL_OK)
        status = write_all(workload, &out, &error);
    enum fl_status closed = close_outputs(&out, &error);
    if (status == FL_OK)
        status = closed;
    if (status == FL_OK)
        status = write_summary(&options, &out, fl_workload_counts(workload), &error);
    if (status == FL_OK)
        print_summary(stderr, &options, &out, fl_workload_counts(workload));
    else
        fprintf(stderr, "florin gen: %s\n", error.message);
    fl_workload_close(workload);
    return status == FL_OK ? EXIT_DONE : EXIT_STORAGE;
}
