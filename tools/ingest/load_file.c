#include "tools/ingest/load_file.h"

#include <strings.h>

#include "core/base/date.h"
#include "tools/ingest/load_sink.h"

enum fl_status fl_load_file_open(struct fl_load_file *file, const char *path,
                                 struct fl_error *error)
{
    struct fl_byte_source source;
    *file = (struct fl_load_file){.reader = NULL};
    FL_TRY(fl_file_source_open(&file->source, path, &source, error));
    enum fl_status status = fl_csv_reader_open(source, NULL, &file->reader, error);
    if (status == FL_OK)
        status = fl_csv_reader_next(file->reader, &file->record, error);
    if (status == FL_OK && file->record.count == 0)
        status = fl_error_set(error, FL_UNREADABLE, "%s: nothing in it", path);
    if (status != FL_OK)
        fl_load_file_close(file);
    return status;
}

void fl_load_file_close(struct fl_load_file *file)
{
    if (file->reader)
        fl_csv_reader_close(file->reader);
    file->reader = NULL;
    fl_file_source_close(&file->source);
}

size_t fl_load_file_column(const struct fl_load_file *file, const char *name)
{
    for (size_t i = 0; name && i < file->record.count; i++) {
        struct fl_slice cell = fl_slice_trim(file->record.fields[i]);
        if (cell.length == strlen(name) && strncasecmp(cell.at, name, cell.length) == 0)
            return i;
    }
    return FL_LOAD_COLUMN_NONE;
}

enum fl_status fl_load_file_next(struct fl_load_file *file, struct fl_load_sink *sink,
                                 struct fl_error *error)
{
    for (;;) {
        enum fl_status status = fl_csv_reader_next(file->reader, &file->record, error);
        if (status != FL_BAD_VALUE && status != FL_TOO_LONG) {
            sink->counts.rows += status == FL_OK && file->record.count > 0;
            return status;
        }
        sink->counts.rows++;
        fl_load_refuse(sink, file->record.line, 1, fl_status_name(status));
    }
}

struct fl_slice fl_load_file_cell(const struct fl_load_file *file, size_t column)
{
    if (column >= file->record.count)
        return fl_slice_of(NULL, 0);
    return fl_slice_trim(file->record.fields[column]);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Digits from the front of `text`, at most nine; false if there are none. */
static bool take_number(struct fl_slice *text, unsigned *out, size_t *digits_out)
{
    size_t n = 0;
    *out = 0;
    while (n < text->length && n < 9 && text->at[n] >= '0' && text->at[n] <= '9')
        *out = *out * 10 + (unsigned)(text->at[n++] - '0');
    text->at += n;
    text->length -= n;
    *digits_out = n;
    return n > 0;
}

static bool take_char(struct fl_slice *text, char c)
{
    if (text->length == 0 || text->at[0] != c)
        return false;
    text->at++;
    text->length--;
    return true;
}

static bool time_read(struct fl_slice text, uint32_t *second_out)
{
    unsigned part[3] = {0, 0, 0};
    size_t digits;
    *second_out = 0;
    if (text.length == 0)
        return true;
    if (!take_char(&text, ' ') && !take_char(&text, 'T'))
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (!take_number(&text, &part[i], &digits) || digits > 2)
            return false;
        if (i == 2 || !take_char(&text, ':'))
            break;
    }
    if (text.length > 0 || part[0] > 23 || part[1] > 59 || part[2] > 59)
        return false;
    *second_out = part[0] * 3600 + part[1] * 60 + part[2];
    return true;
}

bool fl_load_day_read(struct fl_slice text, uint16_t *date_days_out, uint32_t *second_out)
{
    unsigned part[3];
    size_t digits[3];
    if (!take_number(&text, &part[0], &digits[0]))
        return false;
    char separator = text.length > 0 ? text.at[0] : '\0';
    if (separator != '-' && separator != '/')
        return false;
    for (unsigned i = 1; i < 3; i++) {
        if (!take_char(&text, separator) || !take_number(&text, &part[i], &digits[i]))
            return false;
    }
    unsigned year = digits[0] == 4 ? 0 : 2;
    unsigned month = year == 0 ? 1 : separator == '/' ? 0 : 1;
    unsigned day = 3 - year - month;
    if (digits[year] != 4 || digits[month] > 2 || digits[day] > 2)
        return false;
    *date_days_out = fl_date_from_civil((int32_t)part[year], part[month], part[day]);
    return *date_days_out != FL_DATE_NONE && time_read(text, second_out);
}

struct fl_slice fl_load_whole_number(struct fl_slice text)
{
    if (text.length < 3 || memcmp(text.at + text.length - 2, ".0", 2) != 0)
        return text;
    for (size_t i = 0; i < text.length - 2; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return text;
    }
    return fl_slice_of(text.at, text.length - 2);
}
