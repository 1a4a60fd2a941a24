#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/format/csv_reader.h"

/* A naive reader of well-formed CSV with LF or CRLF, whole text in memory: it always tells the
 * truth, slowly. Fields are joined by \x1f, records by \x1e. */
static size_t model(const char *text, size_t length, char separator, char *out)
{
    size_t n = 0, record_start = 0;
    bool quoted = false, any = false, field_start = true;
    for (size_t i = 0; i <= length; i++) {
        char c = i < length ? text[i] : '\n';
        if (quoted) {
            if (c == '"' && i + 1 < length && text[i + 1] == '"')
                out[n++] = text[i++];
            else if (c == '"')
                quoted = false;
            else
                out[n++] = c;
        } else if (c == '"' && field_start) {
            quoted = any = true;
            field_start = false;
        } else if (c == separator) {
            out[n++] = '\x1f';
            any = field_start = true;
        } else if (c == '\n') {
            if (i > 0 && i < length && text[i - 1] == '\r')
                n--;
            if (any || n > record_start)
                out[n++] = '\x1e';
            record_start = n;
            any = false;
            field_start = true;
        } else {
            out[n++] = c;
            field_start = false;
        }
    }
    return n;
}

static size_t read_all(const char *text, size_t length, size_t step, char separator, char *out)
{
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, text, length, "t.csv");
    memory.step = step;
    struct fl_csv_options options = {.separator = separator};
    struct fl_csv_reader *reader;
    struct fl_error error = {0};
    cr_assert_eq(fl_csv_reader_open(source, &options, &reader, &error), FL_OK, "%s", error.message);
    size_t n = 0;
    for (;;) {
        struct fl_csv_record record;
        enum fl_status status = fl_csv_reader_next(reader, &record, &error);
        cr_assert_eq(status, FL_OK, "%s", error.message);
        if (record.count == 0)
            break;
        for (size_t i = 0; i < record.count; i++) {
            if (i > 0)
                out[n++] = '\x1f';
            if (record.fields[i].length > 0)
                memcpy(out + n, record.fields[i].at, record.fields[i].length);
            n += record.fields[i].length;
        }
        out[n++] = '\x1e';
    }
    fl_csv_reader_close(reader);
    return n;
}

static size_t random_field(char *out, unsigned *seed)
{
    static const char alphabet[] = "ab1 ,;\"\n\r";
    size_t length = (size_t)rand_r(seed) % 9, n = 0;
    bool quoted = rand_r(seed) % 2;
    if (quoted)
        out[n++] = '"';
    for (size_t i = 0; i < length; i++) {
        char c = alphabet[(size_t)rand_r(seed) % (quoted ? 8 : 4)];
        if (c == '"')
            out[n++] = '"';
        out[n++] = c;
    }
    if (quoted)
        out[n++] = '"';
    return n;
}

Test(csv_reader, agrees_with_a_naive_reader_however_the_bytes_arrive)
{
    for (unsigned round = 0; round < 400; round++) {
        unsigned seed = round * 7919 + 1;
        char text[8192], expected[8192], got[8192];
        size_t n = 0;
        bool crlf = rand_r(&seed) % 2;
        for (int r = 0; r < 20; r++) {
            for (int f = 0, fields = 1 + rand_r(&seed) % 6; f < fields; f++) {
                if (f > 0)
                    text[n++] = ';';
                n += random_field(text + n, &seed);
            }
            if (r < 19 || rand_r(&seed) % 2) {
                if (crlf)
                    text[n++] = '\r';
                text[n++] = '\n';
            }
        }
        size_t e = model(text, n, ';', expected);
        size_t g = read_all(text, n, (size_t)rand_r(&seed) % 4, ';', got);
        cr_assert_eq(g, e, "round %u: %zu bytes, model %zu", round, g, e);
        cr_assert_arr_eq(got, expected, e, "round %u", round);
    }
}

static struct fl_csv_reader *open_text(struct fl_memory_source *memory, const char *text,
                                       const struct fl_csv_options *options)
{
    struct fl_csv_reader *reader = NULL;
    struct fl_byte_source source = fl_memory_source_init(memory, text, strlen(text), "t.csv");
    struct fl_error error = {0};
    cr_assert_eq(fl_csv_reader_open(source, options, &reader, &error), FL_OK, "%s", error.message);
    return reader;
}

Test(csv_reader, v1_a_damaged_record_costs_its_line_and_names_it)
{
    struct fl_memory_source memory;
    struct fl_csv_reader *reader =
        open_text(&memory, "a,b\n1,\"x\ny\"\n2,\"q\"z\n3,c\n4,\"open\n5,d\n", NULL);
    struct fl_csv_record record;
    struct fl_error error;
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert_eq(record.line, 2);
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_BAD_VALUE);
    cr_assert_str_eq(error.message, "t.csv: line 4: text after a closing quote");
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert_eq(record.line, 5);
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_BAD_VALUE);
    cr_assert_str_eq(error.message, "t.csv: line 6: a quote is not closed");
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert_eq(record.line, 7);
    cr_assert(fl_slice_equals(record.fields[0], "5"));
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert_eq(record.count, 0);
    fl_csv_reader_close(reader);
}

Test(csv_reader, v2_an_unclosed_quote_is_refused_within_a_mebibyte)
{
    size_t length = 8u << 20;
    char *text = malloc(length);
    memset(text, 'x', length);
    for (size_t i = 99; i < length; i += 100)
        text[i] = '\n';
    text[200] = '"';
    struct fl_memory_source memory;
    struct fl_byte_source source = fl_memory_source_init(&memory, text, length, "big.csv");
    struct fl_csv_options options = {.separator = ','};
    struct fl_csv_reader *reader;
    struct fl_csv_record record;
    struct fl_error error;
    cr_assert_eq(fl_csv_reader_open(source, &options, &reader, &error), FL_OK);
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_TOO_LONG);
    cr_assert(strstr(error.message, "big.csv: line 3:") != NULL, "%s", error.message);
    cr_assert_lt(memory.at, 4u << 20, "read %zu bytes to find out", memory.at);
    size_t records = 2;
    while (fl_csv_reader_next(reader, &record, &error) == FL_OK && record.count > 0)
        records++;
    cr_assert_eq(records, (length + 99) / 100 - 1);
    fl_csv_reader_close(reader);
    free(text);
}

Test(csv_reader, the_separator_is_found_or_refused)
{
    static const struct {
        const char *text;
        char separator;
    } cases[] = {
        {"a;b;c\n1;2,5;3\n", ';'},
        {"a,b\n1,2\n", ','},
        {"2025-01-01;1,50;x\n2025-01-02;2,50;y\n", ';'},
        {"a\tb\n1,0\t2\n", '\t'},
        {"a|b|c\n1|2|3", '|'},
        {"one\ncolumn\n", ','},
        {"a,\"x;y;z\",b\n1,\"p;q\",2\n", ','},
        {"\"a\nb\";c\n\n1;2\n", ';'},
        {"", ','},
        {"a,b,c\nd;e\nf;g;h;i\nj,k\nl\nm\nn\no\n", '\0'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(fl_csv_separator_find(cases[i].text, strlen(cases[i].text)),
                     cases[i].separator, "%s", cases[i].text);
}

Test(csv_reader, mark_hint_preamble_blank_lines_and_charset)
{
    struct fl_memory_source memory;
    struct fl_csv_record record;
    struct fl_csv_options options = {.skip_lines = 2};
    struct fl_csv_reader *reader =
        open_text(&memory,
                  "\xEF\xBB\xBF"
                  "Bank \"X\nKonto 1\nsep=;\r\n\r\nM\xFCller;1 \x80\r\nM\xC3\xBCller;2\r\n",
                  &options);
    cr_assert_eq(fl_csv_reader_separator(reader), ';');
    cr_assert_eq(fl_csv_reader_next(reader, &record, NULL), FL_OK);
    cr_assert_eq(record.line, 5);
    cr_assert(fl_slice_equals(record.fields[0], "M\xC3\xBCller"));
    cr_assert(fl_slice_equals(record.fields[1], "1 \xE2\x82\xAC"));
    cr_assert_eq(fl_csv_reader_next(reader, &record, NULL), FL_OK);
    cr_assert(fl_slice_equals(record.fields[0], "M\xC3\xBCller"));
    fl_csv_reader_close(reader);
    reader = open_text(&memory, "a,b\r1,\"x\ry\"\r", NULL);
    cr_assert_eq(fl_csv_reader_next(reader, &record, NULL), FL_OK);
    cr_assert_eq(fl_csv_reader_next(reader, &record, NULL), FL_OK);
    cr_assert_eq(record.line, 2);
    cr_assert(fl_slice_equals(record.fields[1], "x\ry"));
    fl_csv_reader_close(reader);
}

struct retail_counts {
    unsigned sales, no_customer, price_zero, negative, cancelled, adjusted;
};

static void count_retail_file(const char *path, struct retail_counts *counts)
{
    struct fl_file_source file;
    struct fl_byte_source source;
    struct fl_csv_reader *reader;
    struct fl_csv_record record;
    struct fl_error error = {0};
    cr_assert_eq(fl_file_source_open(&file, path, &source, &error), FL_OK, "%s", error.message);
    cr_assert_eq(fl_csv_reader_open(source, NULL, &reader, &error), FL_OK, "%s", error.message);
    cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK);
    cr_assert(fl_slice_equals(record.fields[0], "InvoiceNo"));
    for (;;) {
        cr_assert_eq(fl_csv_reader_next(reader, &record, &error), FL_OK, "%s", error.message);
        if (record.count == 0)
            break;
        cr_assert_eq(record.count, 8, "%s line %llu", path, (unsigned long long)record.line);
        bool minus = record.fields[3].at[0] == '-';
        double price = strtod(record.fields[5].at, NULL);
        if (record.fields[0].at[0] == 'C') {
            counts->cancelled++;
        } else if (record.fields[0].at[0] == 'A') {
            counts->adjusted++;
        } else if (minus) {
            counts->negative++;
        } else {
            counts->sales += price != 0;
            counts->price_zero += price == 0;
            counts->no_customer += price != 0 && record.fields[6].length == 0;
        }
    }
    fl_csv_reader_close(reader);
    fl_file_source_close(&file);
}

Test(csv_reader, the_retail_days_hold_the_lines_that_were_counted_by_hand)
{
    const char *folder = FLORIN_SHARED_DATA "/orders/uci_online_retail";
    DIR *dir = opendir(folder);
    if (!dir)
        cr_skip_test("skipped: no sample files at %s", folder);
    struct retail_counts counts = {0};
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[1024];
        if (!strstr(entry->d_name, ".csv"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count_retail_file(path, &counts);
    }
    closedir(dir);
    cr_expect_eq(counts.sales, 139801, "%u", counts.sales);
    cr_expect_eq(counts.no_customer, 44612, "%u", counts.no_customer);
    cr_expect_eq(counts.price_zero, 443, "%u", counts.price_zero);
    cr_expect_eq(counts.negative, 349, "%u", counts.negative);
    cr_expect_eq(counts.cancelled, 2609, "%u", counts.cancelled);
    cr_expect_eq(counts.adjusted, 3, "%u", counts.adjusted);
}
