#include "tests/support/command_maker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct making {
    struct made *out;
    enum fault fault;
    unsigned at, next;
    bool reversed, sparse;
    char path[128];
};

static void put(struct making *m, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = MAKER_ROOM - m->out->length;
    int n = vsnprintf(m->out->json + m->out->length, room, format, arguments);
    m->out->length += (size_t)n < room ? (size_t)n : 0;
    va_end(arguments);
}

static void put_fill(struct making *m, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(m, "x");
}

static size_t text_max(const struct fl_field *field)
{
    if (field->kind == FL_KIND_ID)
        return FL_ID_BYTES_MAX;
    if (field->kind == FL_KIND_TEXT)
        return field->max ? field->max : FL_TEXT_BYTES_MAX;
    return 0;
}

static bool is_decimal(unsigned kind)
{
    return kind == FL_KIND_DECIMAL || kind == FL_KIND_DECIMAL_NULL || kind == FL_KIND_AMOUNT;
}

static bool is_whole(unsigned kind)
{
    return kind == FL_KIND_NUMBER || kind == FL_KIND_COUNT;
}

/* What must be said of a fault in a field of this kind; FL_OK: it is none. */
static enum fl_status expected_of(const struct fl_field *field, enum fault fault, bool *applies)
{
    bool clock = field->kind == FL_KIND_DAY_OR_INSTANT; /* `at` stands beside it: never missing */
    bool required = field->flags & FL_FIELD_REQUIRED;
    *applies = true;
    switch (fault) {
    case FAULT_OMITTED:
        return required && !clock ? FL_MISSING_FIELD : FL_OK;
    case FAULT_TWICE:
        return FL_BAD_JSON;
    case FAULT_MISTYPED:
        return FL_BAD_VALUE;
    case FAULT_UNKNOWN_BESIDE:
        return FL_UNKNOWN_FIELD;
    case FAULT_BAD_VALUE:
        *applies = field->kind != FL_KIND_TEXT;
        return FL_BAD_VALUE;
    case FAULT_OUT_OF_RANGE:
        *applies = is_decimal(field->kind) || is_whole(field->kind);
        return FL_OUT_OF_RANGE;
    case FAULT_TOO_MANY_DECIMALS:
        *applies = is_decimal(field->kind);
        return FL_TOO_MANY_DECIMALS;
    case FAULT_NOT_UTF8:
        *applies = text_max(field) > 0;
        return FL_NOT_UTF8;
    case FAULT_TOO_LONG:
        *applies = text_max(field) > 0;
        return FL_TOO_LONG;
    default:
        return FL_OK;
    }
}

static void put_object(struct making *m, const struct fl_shape *shape);

static void put_list(struct making *m, const struct fl_field *field)
{
    size_t length = strlen(m->path);
    strcat(m->path, "[0]");
    put(m, "[");
    put_object(m, field->shape);
    put(m, "]");
    m->path[length] = '\0';
}

static void put_good(struct making *m, const struct fl_field *field)
{
    switch ((enum fl_field_kind)field->kind) {
    case FL_KIND_ID:
        put(m, "\"Ä-%s\"", field->name);
        break;
    case FL_KIND_TEXT:
        put(m, strcmp(field->name, "time_zone") == 0 ? "\"Europe/Berlin\"" : "\"t\\n\\\"\\u00e4\"");
        break;
    case FL_KIND_CHARS2:
        put(m, "\"de\"");
        break;
    case FL_KIND_DECIMAL:
        put(m, "\"-12.50\"");
        break;
    case FL_KIND_DECIMAL_NULL:
        put(m, "null");
        break;
    case FL_KIND_DATE:
    case FL_KIND_DAY_OR_INSTANT:
        put(m, "\"2025-03-31\"");
        break;
    case FL_KIND_CHOICE:
        put(m, "false");
        break;
    case FL_KIND_ENUM:
        put(m, "\"%s\"", field->names[1]);
        break;
    case FL_KIND_NUMBER:
    case FL_KIND_COUNT:
        put(m, "3");
        break;
    case FL_KIND_CURRENCY:
        put(m, "\"EUR\"");
        break;
    case FL_KIND_OBJECT:
        put_object(m, field->shape);
        break;
    case FL_KIND_AMOUNT:
        put(m, "{\"net\":\"100\",\"tax\":19.00}");
        break;
    case FL_KIND_LIST:
        put_list(m, field);
        break;
    case FL_KIND_TEXT_LIST:
        put(m, "[\"a\",\"bb\"]");
        break;
    case FL_KIND_BUCKETS:
        put(m, "[30,60]");
        break;
    case FL_KIND_CURRENCY_MAP:
        put(m, m->reversed ? "{\"USD\":\"1\",\"EUR\":\"0.05\"}"
                           : "{\"EUR\":\"0.05\",\"USD\":\"1.0\"}");
        break;
    case FL_KIND_COMMANDS:
        put(m, "[{\"type\":\"invoice\",\"order\":\"O\"},{\"type\":\"order_confirm\",\"order\":"
               "\"O\"}]");
        break;
    }
}

static void put_bad(struct making *m, const struct fl_field *field)
{
    switch (m->fault) {
    case FAULT_MISTYPED:
        put(m, field->kind == FL_KIND_CHOICE ? "\"true\"" : "true");
        break;
    case FAULT_BAD_VALUE:
        put(m, field->kind == FL_KIND_ID ? "\"a\\u0007\"" : "\"30 February\"");
        break;
    case FAULT_OUT_OF_RANGE:
        put(m, is_whole(field->kind) ? "4294967296" : "\"9223372036854775808\"");
        break;
    case FAULT_TOO_MANY_DECIMALS:
        put(m, "0.1234567890123456789");
        break;
    case FAULT_NOT_UTF8:
        put(m, "\"a\xFF\"");
        break;
    case FAULT_TOO_LONG:
        put(m, "\"");
        put_fill(m, text_max(field) + 1);
        put(m, "\"");
        break;
    default:
        put_good(m, field);
        break;
    }
}

static void put_pair(struct making *m, const char *name, const struct fl_field *field, bool bad)
{
    put(m, "\"%s\":", name);
    if (bad)
        put_bad(m, field);
    else
        put_good(m, field);
}

/* Fields inside a container number on; the fault notes its path when it is met. */
static void put_field(struct making *m, const struct fl_field *field, bool *first)
{
    unsigned number = m->next++;
    bool here = number == m->at && m->fault != FAULT_NONE;
    size_t length = strlen(m->path), begin = m->out->length;
    bool omitted =
        (here && m->fault == FAULT_OMITTED) || (m->sparse && !(field->flags & FL_FIELD_REQUIRED));
    snprintf(m->path + length, sizeof m->path - length, "%s%s", length ? "." : "", field->name);
    if (here) {
        bool beside = m->fault == FAULT_UNKNOWN_BESIDE;
        m->out->expected = expected_of(field, m->fault, &m->out->applies);
        snprintf(m->out->path, sizeof m->out->path, "%s", m->path);
        if (beside)
            snprintf(m->out->path, sizeof m->out->path, "%.*s%sno_such", (int)length, m->path,
                     length ? "." : "");
    }
    put(m, *first ? "" : ",");
    if (here && m->fault == FAULT_UNKNOWN_BESIDE)
        put(m, "\"no_such\":[1],");
    put_pair(m, field->name, field, here);
    if (here && m->fault == FAULT_TWICE) {
        unsigned next = m->next;
        put(m, ",");
        put_pair(m, field->name, field, true);
        m->next = next;
    }
    if (omitted)
        m->out->length = begin;
    *first = *first && omitted;
    m->out->json[m->out->length] = '\0';
    m->path[length] = '\0';
}

static void put_fields(struct making *m, const struct fl_shape *shape, bool first)
{
    for (unsigned i = 0; i < shape->field_count; i++) {
        unsigned k = m->reversed ? shape->field_count - 1 - i : i;
        put_field(m, &shape->fields[k], &first);
    }
}

static void put_object(struct making *m, const struct fl_shape *shape)
{
    put(m, "{");
    put_fields(m, shape, true);
    put(m, "}");
}

static void put_header(struct making *m, const struct fl_command_shape *shape)
{
    unsigned header = shape->header;
    if (header & (FL_HEADER_ID_REQUIRED | FL_HEADER_ID_OPTIONAL))
        put(m, "\"id\":\"ID-1\",");
    put(m, "\"key\":\"k1\",\"at\":\"2025-03-30T23:30:00.5Z\",");
    if (header & (FL_HEADER_DATE | FL_HEADER_DATE_REQUIRED))
        put(m, "\"date\":\"2025-04-01\",");
    if (header & FL_HEADER_DUE_DATE)
        put(m, "\"due_date\":\"2025-05-01\",");
}

void make_command(unsigned type, enum fault fault, unsigned at, bool reversed, bool sparse,
                  struct made *out)
{
    const struct fl_command_shape *shape = fl_command_shape(type);
    struct making m = {
        .out = out, .fault = fault, .at = at, .reversed = reversed, .sparse = sparse};
    memset(out, 0, sizeof *out);
    put(&m, "{");
    put_header(&m, shape);
    if (reversed) {
        put_fields(&m, &shape->shape, true);
        put(&m, m.out->json[m.out->length - 1] == ',' ? "" : ",");
        put(&m, "\"type\":\"%s\"}", shape->shape.name);
    } else {
        put(&m, "\"type\":\"%s\"", shape->shape.name);
        put_fields(&m, &shape->shape, false);
        put(&m, "}");
    }
    out->field_count = m.next;
}
