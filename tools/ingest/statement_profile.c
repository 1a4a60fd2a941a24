#include "tools/ingest/statement_profile.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "tools/format/byte_source.h"
#include "tools/format/json_simd.h"
#include "tools/ingest/csv_values.h"

static bool key_is(const struct fl_json_node *node, const char *key)
{
    return fl_slice_equals(fl_slice_of(node->key, node->key_length), key);
}

static enum fl_status bad(struct fl_error *error, const struct fl_json_node *node,
                          const char *wanted)
{
    return fl_error_set(error, FL_BAD_VALUE, "profile: \"%.*s\" %s", (int)node->key_length,
                        node->key, wanted);
}

/* A string of `least` to `most` bytes, NUL-terminated in `out`. */
static bool text_copy(const struct fl_json_node *node, size_t least, size_t most, char *out)
{
    if (node->kind != FL_JSON_STRING || node->text_length < least || node->text_length > most ||
        memchr(node->text, '\0', node->text_length))
        return false;
    memcpy(out, node->text, node->text_length);
    out[node->text_length] = '\0';
    return true;
}

static bool number_read(const struct fl_json_node *node, uint32_t most, uint32_t *out)
{
    uint32_t value = 0;
    if (node->kind != FL_JSON_NUMBER || node->text_length > 7)
        return false;
    for (uint32_t i = 0; i < node->text_length; i++) {
        if (node->text[i] < '0' || node->text[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(node->text[i] - '0');
    }
    *out = value;
    return value <= most;
}

/* ---- columns -------------------------------------------------------------------------------- */

static bool column_read(const struct fl_json_node *node, struct fl_profile_column *out)
{
    *out = (struct fl_profile_column){.given = true};
    if (node->kind == FL_JSON_NUMBER)
        return number_read(node, FL_CSV_FIELDS_MAX, &out->number) && out->number > 0;
    return text_copy(node, 1, FL_PROFILE_NAME_BYTES_MAX, out->name);
}

static enum fl_status texts_read(const struct fl_json_node *nodes, uint32_t at,
                                 struct fl_statement_profile *out, struct fl_error *error)
{
    const struct fl_json_node *node = &nodes[at];
    bool list = node->kind == FL_JSON_ARRAY;
    for (uint32_t i = list ? at + 1 : at; i < node->end; i = nodes[i].end) {
        if (out->texts_count == FL_CSV_TEXTS_MAX)
            return bad(error, node, "has more than 32 columns");
        if (!column_read(&nodes[i], &out->texts[out->texts_count++]))
            return bad(error, node, "is a heading, a number from 1, or a list of them");
    }
    return FL_OK;
}

static enum fl_status columns_read(const struct fl_json_node *nodes, uint32_t at,
                                   struct fl_statement_profile *out, struct fl_error *error)
{
    static const struct {
        const char *key;
        enum fl_csv_role role;
    } roles[] = {
        {"date", FL_CSV_DATE},
        {"value_date", FL_CSV_VALUE_DATE},
        {"amount", FL_CSV_AMOUNT},
        {"debit", FL_CSV_DEBIT},
        {"credit", FL_CSV_CREDIT},
        {"sign", FL_CSV_SIGN},
        {"currency", FL_CSV_CURRENCY},
        {"text", FL_CSV_TEXT},
        {"name", FL_CSV_NAME},
        {"account", FL_CSV_ACCOUNT},
        {"bank_ref", FL_CSV_BANK_REF},
        {"balance", FL_CSV_BALANCE},
        {"customer_ref", FL_CSV_CUSTOMER_REF},
        {"end_to_end", FL_CSV_END_TO_END},
        {"reference", FL_CSV_REFERENCE},
        {"status", FL_CSV_STATUS},
    };
    if (nodes[at].kind != FL_JSON_OBJECT)
        return bad(error, &nodes[at], "is an object of column names");
    out->columns_given = true;
    for (uint32_t i = at + 1; i < nodes[at].end; i = nodes[i].end) {
        size_t r = 0;
        while (r < sizeof roles / sizeof roles[0] && !key_is(&nodes[i], roles[r].key))
            r++;
        if (r == sizeof roles / sizeof roles[0])
            return bad(error, &nodes[i], "is no column that is known");
        if (roles[r].role == FL_CSV_TEXT)
            FL_TRY(texts_read(nodes, i, out, error));
        else if (nodes[i].kind != FL_JSON_NULL &&
                 !column_read(&nodes[i], &out->columns[roles[r].role]))
            return bad(error, &nodes[i], "is a heading or a number from 1");
    }
    bool money = out->columns[FL_CSV_AMOUNT].given || out->columns[FL_CSV_DEBIT].given ||
                 out->columns[FL_CSV_CREDIT].given;
    if (!out->columns[FL_CSV_DATE].given || !money)
        return fl_error_set(error, FL_MISSING_FIELD,
                            "profile: \"columns\" needs \"date\" and \"amount\" (or \"debit\" and "
                            "\"credit\")");
    return FL_OK;
}

/* ---- fields --------------------------------------------------------------------------------- */

static enum fl_status format_read(const struct fl_json_node *node, struct fl_statement_profile *out,
                                  struct fl_error *error)
{
    static const char *const formats[] = {"csv",  "payout",   "mt940", "mt942",
                                          "camt", "camt.053", "bai2",  "ofx"};
    if (!text_copy(node, 1, sizeof out->format - 1, out->format))
        return bad(error, node, "is the name of a format");
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(out->format, formats[i]) == 0)
            return FL_OK;
    }
    return bad(error, node, "is csv, payout, mt940, camt, bai2 or ofx");
}

static enum fl_status separator_read(const struct fl_json_node *node,
                                     struct fl_statement_profile *out, struct fl_error *error)
{
    char text[4];
    if (!text_copy(node, 1, 3, text))
        return bad(error, node, "is one character");
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
        strcpy(text, "\t");
    if (text[1] != '\0' || text[0] == '"' || text[0] == '\n' || text[0] == '\r' ||
        (unsigned char)text[0] >= 0x80)
        return bad(error, node, "is one character of ASCII");
    out->separator = text[0];
    return FL_OK;
}

static enum fl_status number_form_read(const struct fl_json_node *node,
                                       struct fl_statement_profile *out, struct fl_error *error)
{
    char text[8];
    if (key_is(node, "decimal")) {
        if (!text_copy(node, 1, 1, text) || (text[0] != '.' && text[0] != ','))
            return bad(error, node, "is \".\" or \",\"");
        out->decimal = text[0];
        return FL_OK;
    }
    if (!text_copy(node, 0, 4, text) || (text[0] >= '0' && text[0] <= '9'))
        return bad(error, node, "is one character, or \"\" for none");
    out->thousands_given = true;
    memcpy(out->thousands, text, sizeof text);
    return FL_OK;
}

static enum fl_status date_read(const struct fl_json_node *node, struct fl_statement_profile *out,
                                struct fl_error *error)
{
    char text[33];
    if (text_copy(node, 1, 32, text))
        out->date_order = fl_csv_date_order(text);
    return out->date_order ? FL_OK : bad(error, node, "is a format like \"DD.MM.YYYY\"");
}

static enum fl_status currency_read(const struct fl_json_node *node,
                                    struct fl_statement_profile *out, struct fl_error *error)
{
    if (node->kind == FL_JSON_STRING)
        out->currency = fl_currency_find(node->text, node->text_length);
    return out->currency ? FL_OK : bad(error, node, "is no currency");
}

static enum fl_status field_read(const struct fl_json_node *nodes, uint32_t at,
                                 struct fl_statement_profile *out, struct fl_error *error)
{
    const struct fl_json_node *node = &nodes[at];
    if (key_is(node, "format"))
        return format_read(node, out, error);
    if (key_is(node, "charset"))
        return text_copy(node, 1, sizeof out->charset - 1, out->charset)
                   ? FL_OK
                   : bad(error, node, "is the name of an encoding");
    if (key_is(node, "separator"))
        return separator_read(node, out, error);
    if (key_is(node, "decimal") || key_is(node, "thousands"))
        return number_form_read(node, out, error);
    if (key_is(node, "date"))
        return date_read(node, out, error);
    if (key_is(node, "skip"))
        return number_read(node, 100000, &out->skip_lines)
                   ? FL_OK
                   : bad(error, node, "is a count of lines");
    if (key_is(node, "columns"))
        return columns_read(nodes, at, out, error);
    if (key_is(node, "account"))
        return text_copy(node, 1, FL_ID_BYTES_MAX, out->account)
                   ? FL_OK
                   : bad(error, node, "is an id of 1 to 64 bytes");
    if (key_is(node, "currency"))
        return currency_read(node, out, error);
    if (!key_is(node, "reversal_flips"))
        return bad(error, node, "is no field of a profile");
    if (node->kind != FL_JSON_TRUE && node->kind != FL_JSON_FALSE)
        return bad(error, node, "is true or false");
    out->reversal_flips = node->kind == FL_JSON_TRUE ? FL_PROFILE_YES : FL_PROFILE_NO;
    return FL_OK;
}

static enum fl_status object_read(struct fl_json *json, const char *text, size_t length,
                                  struct fl_statement_profile *out, struct fl_error *error)
{
    const struct fl_json_node *nodes;
    uint32_t count;
    if (fl_json_parse(json, text, length, &nodes, &count) != FL_JSON_OK)
        return fl_error_set(error, FL_BAD_JSON, "profile: no JSON from byte %zu on",
                            fl_json_position(json));
    if (nodes[0].kind != FL_JSON_OBJECT)
        return fl_error_set(error, FL_BAD_VALUE, "profile: not an object");
    const struct fl_json_node *twice = fl_json_equal_keys(json);
    if (twice)
        return bad(error, twice, "stands there twice");
    for (uint32_t i = 1; i < nodes[0].end; i = nodes[i].end) {
        if (nodes[i].kind != FL_JSON_NULL)
            FL_TRY(field_read(nodes, i, out, error));
    }
    if (out->decimal && out->thousands_given && out->thousands[0] == out->decimal)
        return fl_error_set(error, FL_BAD_VALUE,
                            "profile: \"decimal\" and \"thousands\" are the same");
    return FL_OK;
}

enum fl_status fl_statement_profile_read(const char *text, size_t length,
                                         struct fl_statement_profile *out, struct fl_error *error)
{
    struct fl_json *json = fl_json_create();
    char *padded = calloc(1, length + FL_JSON_PADDING);
    memset(out, 0, sizeof *out);
    enum fl_status status = FL_NO_MEMORY;
    if (json && padded) {
        memcpy(padded, text, length);
        status = object_read(json, padded, length, out, error);
    } else {
        (void)fl_error_set(error, status, "profile: no memory");
    }
    free(padded);
    fl_json_destroy(json);
    return status;
}

enum fl_status fl_statement_profile_open(const char *path, struct fl_statement_profile *out,
                                         struct fl_error *error)
{
    struct fl_file_source file;
    struct fl_byte_source source;
    size_t length = 0;
    memset(out, 0, sizeof *out);
    FL_TRY(fl_file_source_open(&file, path, &source, error));
    char *text = malloc(FL_PROFILE_FILE_BYTES_MAX);
    enum fl_status status =
        text ? fl_byte_source_fill(source, text, FL_PROFILE_FILE_BYTES_MAX, &length, error)
             : fl_error_set(error, FL_NO_MEMORY, "%s: no memory", path);
    if (status == FL_OK && length == FL_PROFILE_FILE_BYTES_MAX)
        status = fl_error_set(error, FL_UNREADABLE, "%s: too long for a profile", path);
    if (status == FL_OK) {
        struct fl_error reason = {.status = FL_OK};
        status = fl_statement_profile_read(text, length, out, &reason);
        if (status != FL_OK)
            status = fl_error_set(error, FL_UNREADABLE, "%s: %s", path, reason.message);
    }
    free(text);
    fl_file_source_close(&file);
    return status;
}
