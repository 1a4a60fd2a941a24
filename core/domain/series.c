/* Number series: gapless, taken in the same step as the document (O15). */
#include "core/domain/invoice.h"

struct series {
    const char *prefix;
    unsigned prefix_length, digits;
    int64_t next;
    uint16_t year;
};

static struct series series_of(const struct fl_state *s, enum fl_series_kind kind)
{
    const struct fl_book_settings *book = fl_book(s);
    const struct fl_book_counters *counters = fl_book_counters(&s->store, 0);
    if (kind == FL_SERIES_INVOICE)
        return (struct series){book->invoice_prefix, book->invoice_prefix_length,
                               book->invoice_digits, counters->invoice_next,
                               counters->invoice_year};
    return (struct series){book->credit_prefix, book->credit_prefix_length, book->credit_digits,
                           counters->credit_next, counters->credit_year};
}

/* Where "{year}" stands in the prefix, or the length if nowhere. */
static unsigned year_place(const struct series *series)
{
    for (unsigned i = 0; i + 6 <= series->prefix_length; i++) {
        if (memcmp(series->prefix + i, "{year}", 6) == 0)
            return i;
    }
    return series->prefix_length;
}

static size_t put_number(char *out, uint64_t number, unsigned digits)
{
    char reversed[24];
    size_t n = 0;
    do {
        reversed[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0 || n < digits);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return n;
}

static size_t put_prefix(const struct series *series, unsigned year, char *out)
{
    unsigned at = year_place(series);
    memcpy(out, series->prefix, at);
    size_t length = at;
    if (at < series->prefix_length) {
        length += put_number(out + length, year, 4);
        memcpy(out + length, series->prefix + at + 6, series->prefix_length - at - 6);
        length += series->prefix_length - at - 6;
    }
    return length;
}

/* The id that a number of a year has; returns its length. */
static size_t put_id(const struct series *series, unsigned year, int64_t number,
                     char out[FL_ID_BYTES_MAX])
{
    size_t length = put_prefix(series, year, out);
    return length + put_number(out + length, (uint64_t)number, series->digits);
}

/* Days come in runs, so the last one's year is kept. */
static unsigned year_of(struct fl_state *s, uint16_t date_days)
{
    if (s->year_date != date_days || s->year == 0) {
        s->year = (uint16_t)fl_date_to_civil(date_days).year;
        s->year_date = date_days;
    }
    return s->year;
}

static bool is_id_taken(const struct fl_state *s, enum fl_series_kind kind, const char *id,
                        size_t length, uint64_t *hash_out)
{
    uint32_t row = kind == FL_SERIES_INVOICE ? fl_find_invoice_hash(s, id, length, hash_out)
                                             : fl_find_credit_note(s, id, length);
    return row != FL_NO_ROW;
}

static bool is_taken(const struct fl_state *s, enum fl_series_kind kind,
                     const struct series *series, unsigned year, int64_t number)
{
    char id[FL_ID_BYTES_MAX];
    uint64_t hash;
    return is_id_taken(s, kind, id, put_id(series, year, number, id), &hash);
}

static bool by_year(const struct series *series)
{
    return year_place(series) < series->prefix_length;
}

/* The counter is that of the latest year. */
static int64_t counter_of(const struct series *series, unsigned year)
{
    bool other = by_year(series) && series->year != 0 && year != series->year;
    return other ? 1 : series->next;
}

/* A document dated back into an earlier year goes on behind the last number of that year, and a counter that a book
 * set back behind the numbers given: they stand without gaps, so their end is found by doubling and halving. In the
 * usual case that is one look. */
static int64_t next_of(const struct fl_state *s, enum fl_series_kind kind,
                       const struct series *series, unsigned year)
{
    int64_t taken = counter_of(series, year) - 1, step = 1;
    while (is_taken(s, kind, series, year, taken + step)) {
        taken += step;
        step *= 2;
    }
    int64_t free = taken + step;
    while (free - taken > 1) {
        int64_t middle = taken + (free - taken) / 2;
        if (is_taken(s, kind, series, year, middle))
            taken = middle;
        else
            free = middle;
    }
    return free;
}

size_t fl_series_next(struct fl_state *s, enum fl_series_kind kind, uint16_t date_days,
                      char out[FL_ID_BYTES_MAX], uint64_t *hash_out)
{
    struct series series = series_of(s, kind);
    unsigned year = year_of(s, date_days);
    size_t length = put_id(&series, year, counter_of(&series, year), out);
    if (FL_LIKELY(!is_id_taken(s, kind, out, length, hash_out)))
        return length;
    length = put_id(&series, year, next_of(s, kind, &series, year), out);
    bool taken = is_id_taken(s, kind, out, length, hash_out);
    FL_ASSERT(!taken); /* O15 */
    return length;
}

/* No look here: a counter that is behind is found out when the next number is asked for. */
void fl_series_advance(struct fl_state *s, enum fl_series_kind kind, uint16_t date_days)
{
    struct series series = series_of(s, kind);
    unsigned year = year_of(s, date_days);
    bool other = by_year(&series) && series.year != 0 && year != series.year;
    if (other && year < series.year)
        return;
    int64_t next = counter_of(&series, year) + 1;
    struct fl_book_counters *counters = fl_book_counters_write(&s->store, 0);
    if (kind == FL_SERIES_INVOICE) {
        counters->invoice_next = next;
        counters->invoice_year = (uint16_t)year;
    } else {
        counters->credit_next = next;
        counters->credit_year = (uint16_t)year;
    }
}

/* The year that an id of this series carries; 0 if it is none of the series'. */
static unsigned year_of_id(const struct series *series, unsigned year, const char *id,
                           size_t length)
{
    size_t at = year_place(series);
    if (at == series->prefix_length)
        return year;
    unsigned found = 0;
    for (size_t i = at; i < at + 4; i++) {
        if (i >= length || id[i] < '0' || id[i] > '9')
            return 0;
        found = found * 10 + (unsigned)(id[i] - '0');
    }
    return found;
}

/* True if the series gives this id now or later: its prefix, then the number as it would write it. */
static bool is_reserved(struct fl_state *s, enum fl_series_kind kind, uint16_t date_days,
                        const char *id, size_t length)
{
    char prefix[FL_ID_BYTES_MAX], again[24];
    struct series series = series_of(s, kind);
    unsigned year = year_of_id(&series, year_of(s, date_days), id, length);
    size_t n = put_prefix(&series, year, prefix);
    if (year == 0 || length <= n || length - n > 18 || memcmp(id, prefix, n) != 0)
        return false;
    uint64_t number = 0;
    for (size_t i = n; i < length; i++) {
        if (id[i] < '0' || id[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(id[i] - '0');
    }
    size_t digits = put_number(again, number, series.digits);
    return digits == length - n && memcmp(again, id + n, digits) == 0 &&
           (int64_t)number >= next_of(s, kind, &series, year);
}

/* The id goes where the builder left room, or behind the command (FL_COMMAND_SLACK). */
static void id_write(struct fl_command *command, const char *id, size_t length)
{
    if (command->id.offset == 0) {
        command->id.offset = command->bytes;
        memset((char *)command + command->bytes, 0, FL_ID_BYTES_MAX);
        command->bytes += FL_ID_BYTES_MAX;
    }
    command->id.length = (uint32_t)length;
    memcpy((char *)command + command->id.offset, id, length);
    command->flags |= FL_FLAG_SERIES;
}

enum fl_status fl_series_resolve(struct fl_context *c, enum fl_series_kind kind,
                                 bool *from_series_out, uint64_t *hash_out)
{
    struct fl_command *command = c->command;
    const char *id = fl_command_text(command, command->id);
    *from_series_out = command->id.length == 0 || command->flags & FL_FLAG_SERIES;
    if (!*from_series_out)
        return is_reserved(c->s, kind, command->date, id, command->id.length)
                   ? fl_refuse_text(c, FL_SERIES_RESERVED, "id", command->id)
                   : FL_OK;
    char next[FL_ID_BYTES_MAX];
    uint64_t hash = 0;
    size_t length = fl_series_next(c->s, kind, command->date, next, &hash);
    if (command->id.length == 0) {
        id_write(command, next, length);
        *hash_out = hash;
        return FL_OK;
    }
    bool is_next = command->id.length == length && memcmp(id, next, length) == 0;
    return is_next ? FL_OK : fl_refuse_text(c, FL_SERIES_RESERVED, "id", command->id);
}
