#include "tools/ingest/csv_values.h"

#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/utf8.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- what stands around a number (L2) ------------------------------------------------------- */

static const char *const blanks[] = {" ",           "\t",           "\r",           "\n",
                                     "\xC2\xA0",    "\xE2\x80\xAF", "\xE2\x80\x89", "\xE2\x80\x87",
                                     "\xEF\xBB\xBF"};
static const char *const minuses[] = {"-", "\xE2\x88\x92", "\xE2\x80\x93"};
static const char *const pluses[] = {"+"};
static const char *const round_tails[] = {".--", ",--", ".-", ",-"}; /* "12.-": no cents */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool ends(struct fl_slice text, const char *word)
{
    size_t n = strlen(word);
    return text.length >= n && memcmp(text.at + text.length - n, word, n) == 0;
}

static bool cut_front(struct fl_slice *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!fl_slice_begins(*text, words[i]))
            continue;
        text->at += strlen(words[i]);
        text->length -= strlen(words[i]);
        return true;
    }
    return false;
}

static bool cut_back(struct fl_slice *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!ends(*text, words[i]))
            continue;
        text->length -= strlen(words[i]);
        return true;
    }
    return false;
}

/* ASCII, and no blank. */
static bool is_plain(char c)
{
    return c > ' ' && (unsigned char)c < 0x80;
}

struct fl_slice fl_csv_trim(struct fl_slice cell)
{
    if (cell.length > 0 && is_plain(cell.at[0]) && is_plain(cell.at[cell.length - 1]))
        return cell;
    while (cut_front(&cell, blanks, COUNT(blanks)) || cut_back(&cell, blanks, COUNT(blanks)))
        ;
    return cell;
}

static uint8_t code_at(const char *at)
{
    char upper[3];
    for (int i = 0; i < 3; i++) {
        if (!is_letter(at[i]))
            return FL_CURRENCY_NONE;
        upper[i] = (char)(at[i] & ~0x20);
    }
    return fl_currency_find(upper, 3);
}

static const char *const euros[] = {"\xE2\x82\xAC"};
static const char *const symbols[] = {
    "US$",          "A$",           "C$",           "R$",           "$",           "\xC2\xA3",
    "kr.",          "kr",           "\xC2\xA5",     "\xC2\xA4",     "z\xC5\x82",   "Fr.",
    "\xE0\xB8\xBF", "\xE2\x82\xB9", "\xE2\x82\xBA", "\xE2\x82\xBD", "\xE2\x82\xA9"};

/* Once at each side: a second currency is no currency. */
static bool cut_currency(struct fl_slice *text, bool front, struct fl_csv_number *out)
{
    bool code = text->length >= 3 &&
                code_at(front ? text->at : text->at + text->length - 3) != FL_CURRENCY_NONE;
    if (code) {
        out->currency = code_at(front ? text->at : text->at + text->length - 3);
        text->at += front ? 3 : 0;
        text->length -= 3;
        return true;
    }
    if (front ? cut_front(text, euros, 1) : cut_back(text, euros, 1)) {
        out->currency = FL_CURRENCY_EUR;
        return true;
    }
    bool symbol =
        front ? cut_front(text, symbols, COUNT(symbols)) : cut_back(text, symbols, COUNT(symbols));
    out->symbol |= symbol;
    return symbol;
}

/* The letters of a book-keeper behind the number. */
static bool cut_side(struct fl_slice *text, int *sign)
{
    static const char *const debits[] = {"DR", "Dr", "S", "D"}, *const credits[] = {"CR", "Cr", "H",
                                                                                    "C"};
    if (cut_back(text, debits, COUNT(debits))) {
        *sign = -1;
        return true;
    }
    if (!cut_back(text, credits, COUNT(credits)))
        return false;
    *sign = 1;
    return true;
}

static bool cut_sign(struct fl_slice *text, bool front, int *sign)
{
    if (front ? cut_front(text, minuses, COUNT(minuses)) : cut_back(text, minuses, COUNT(minuses)))
        *sign = -1;
    else if (front ? cut_front(text, pluses, 1) : cut_back(text, pluses, 1))
        *sign = 1;
    else
        return false;
    return true;
}

bool fl_csv_number_open(struct fl_slice cell, struct fl_csv_number *out)
{
    struct fl_slice text = fl_csv_trim(cell);
    int sign = 0, signs = 0, currencies = 0;
    *out = (struct fl_csv_number){.currency = FL_CURRENCY_NONE};
    if (text.length > 1 && text.at[0] == '\'') /* a spreadsheet's way of saying text */
        text = fl_slice_of(text.at + 1, text.length - 1);
    if (text.length > 3 && text.at[text.length - 1] == '-')
        (void)cut_back(&text, round_tails, COUNT(round_tails));
    bool brackets = text.length > 2 && text.at[0] == '(' && ends(text, ")");
    if (brackets)
        text = fl_csv_trim(fl_slice_of(text.at + 1, text.length - 2));
    while (text.length > 0 && !(is_digit(text.at[0]) && is_digit(text.at[text.length - 1]))) {
        if (cut_sign(&text, true, &sign))
            signs++;
        else if (cut_currency(&text, true, out) || cut_currency(&text, false, out))
            currencies++;
        else if (cut_sign(&text, false, &sign) || (text.length > 1 && cut_side(&text, &sign)))
            signs++;
        else
            break;
        text = fl_csv_trim(text);
    }
    out->body = text;
    out->negative = brackets || sign < 0;
    if (text.length == 0)
        return signs + currencies == 0 && !brackets;
    return signs + brackets <= 1 && currencies <= 1;
}

/* ---- the number itself (L1) ----------------------------------------------------------------- */

/* The separator at the text's beginning: its bytes, or 0. */
static size_t separator_at(struct fl_slice text, unsigned form, const char *declared)
{
    static const char *const any[] = {
        " ", "'", "\xE2\x80\x99", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
    if (declared)
        return declared[0] != '\0' && fl_slice_begins(text, declared) ? strlen(declared) : 0;
    if (text.at[0] == (form == FL_CSV_POINT ? ',' : '.'))
        return 1;
    for (size_t i = 0; i < COUNT(any); i++) {
        if (fl_slice_begins(text, any[i]))
            return strlen(any[i]);
    }
    return 0;
}

struct digits {
    int64_t units;
    unsigned count, scale;
    bool overflow;
};

static void digit_add(struct digits *d, char c, bool fraction)
{
    d->count++;
    d->scale += fraction;
    d->overflow |= d->scale > 18 || __builtin_mul_overflow(d->units, INT64_C(10), &d->units) ||
                   __builtin_add_overflow(d->units, (int64_t)(c - '0'), &d->units);
}

/* Groups of the whole part: sizes of the first, of those between and of the last. */
struct groups {
    unsigned count, first, last;
    bool first_is_zero, shape_broken; /* a group between that has neither 2 nor 3 digits */
    bool pairs;
};

static void group_close(struct groups *g, unsigned size)
{
    if (g->count++ == 0) {
        g->first = size;
    } else if (g->count > 2) { /* the one before was between */
        g->shape_broken |= g->last != 3 && g->last != 2;
        g->pairs |= g->last == 2;
    }
    g->last = size;
}

static bool groups_stand(const struct groups *g)
{
    if (g->count <= 1)
        return true;
    unsigned most = g->pairs ? 2 : 3;
    return !g->shape_broken && g->last == 3 && g->first >= 1 && g->first <= most &&
           !g->first_is_zero;
}

enum fl_status fl_csv_number_read(const struct fl_csv_number *number, unsigned form,
                                  const char *thousands, struct fl_decimal *out)
{
    struct fl_slice rest = number->body;
    struct digits d = {0};
    struct groups g = {.first_is_zero = rest.length > 0 && rest.at[0] == '0'};
    struct fl_slice used = {NULL, 0};
    unsigned size = 0;
    char decimal = form == FL_CSV_POINT ? '.' : ',';
    bool fraction = false;
    while (rest.length > 0) {
        size_t separator = 0;
        if (is_digit(rest.at[0])) {
            digit_add(&d, rest.at[0], fraction);
            size++;
        } else if (rest.at[0] == decimal && !fraction) {
            fraction = true;
            group_close(&g, size);
        } else {
            separator = fraction ? 0 : separator_at(rest, form, thousands);
            if (separator == 0 ||
                (used.at && (used.length != separator || memcmp(used.at, rest.at, separator) != 0)))
                return FL_BAD_VALUE;
            used = fl_slice_of(rest.at, separator);
            group_close(&g, size);
            size = 0;
        }
        rest.at += separator ? separator : 1;
        rest.length -= separator ? separator : 1;
    }
    if (!fraction)
        group_close(&g, size);
    if (d.count == 0 || !groups_stand(&g))
        return FL_BAD_VALUE;
    if (d.overflow)
        return FL_OUT_OF_RANGE;
    *out = fl_decimal_of(number->negative ? -d.units : d.units, d.scale);
    return FL_OK;
}

unsigned fl_csv_number_forms(const struct fl_csv_number *number, unsigned forms,
                             const char *thousands, bool *differ_out)
{
    struct fl_decimal point, comma;
    unsigned found = 0;
    if (forms & FL_CSV_POINT &&
        fl_csv_number_read(number, FL_CSV_POINT, thousands, &point) != FL_BAD_VALUE)
        found |= FL_CSV_POINT;
    if (forms & FL_CSV_COMMA &&
        fl_csv_number_read(number, FL_CSV_COMMA, thousands, &comma) != FL_BAD_VALUE)
        found |= FL_CSV_COMMA;
    *differ_out = false;
    if (found == FL_CSV_ANY_NUMBER &&
        fl_csv_number_read(number, FL_CSV_POINT, thousands, &point) == FL_OK &&
        fl_csv_number_read(number, FL_CSV_COMMA, thousands, &comma) == FL_OK)
        *differ_out = point.units != comma.units || point.scale != comma.scale;
    return found;
}

/* ---- days (L3) ------------------------------------------------------------------------------ */

struct part {
    unsigned value, digits;
    bool month_name;
};

/* The month of a name, told by its beginning in the languages banks write; 0: none. */
static unsigned month_of_name(const char *at, size_t length)
{
    static const struct {
        const char *start;
        uint8_t month;
    } names[] = {
        {"marr", 11}, /* marraskuu, before March */
        {"jan", 1},  {"ene", 1},  {"gen", 1},  {"sty", 1},  {"tam", 1},  {"feb", 2},  {"fev", 2},
        {"fév", 2},  {"lut", 2},  {"hel", 2},  {"mar", 3},  {"mär", 3},  {"mrz", 3},  {"mrt", 3},
        {"maa", 3},  {"mae", 3},  {"apr", 4},  {"avr", 4},  {"abr", 4},  {"kwi", 4},  {"huh", 4},
        {"may", 5},  {"mai", 5},  {"maj", 5},  {"mag", 5},  {"mei", 5},  {"tou", 5},  {"jun", 6},
        {"juin", 6}, {"giu", 6},  {"cze", 6},  {"kes", 6},  {"jul", 7},  {"juil", 7}, {"lug", 7},
        {"lip", 7},  {"hei", 7},  {"aug", 8},  {"aou", 8},  {"aoû", 8},  {"ago", 8},  {"sie", 8},
        {"elo", 8},  {"sep", 9},  {"set", 9},  {"wrz", 9},  {"syy", 9},  {"oct", 10}, {"okt", 10},
        {"out", 10}, {"ott", 10}, {"paź", 10}, {"lok", 10}, {"nov", 11}, {"lis", 11},
        {"dec", 12}, {"dez", 12}, {"déc", 12}, {"dic", 12}, {"gru", 12}, {"jou", 12},
    };
    char first = length == 0 ? '\0' : at[0] >= 'A' && at[0] <= 'Z' ? (char)(at[0] | 0x20) : at[0];
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].start[0] != first)
            continue;
        size_t n = strlen(names[i].start), same = 0;
        while (same < n && same < length &&
               (at[same] >= 'A' && at[same] <= 'Z' ? at[same] | 0x20 : at[same]) ==
                   names[i].start[same])
            same++;
        if (same == n)
            return names[i].month;
    }
    return 0;
}

/* Reads one part and what stands behind it; false if there is none. */
static bool part_read(struct fl_slice *text, struct part *out)
{
    size_t n = 0;
    *out = (struct part){0};
    while (n < text->length && n < 9 && is_digit(text->at[n]))
        out->value = out->value * 10 + (unsigned)(text->at[n++] - '0');
    out->digits = (unsigned)n;
    while (n == out->digits && n == 0 && n < text->length &&
           (is_letter(text->at[n]) || (unsigned char)text->at[n] >= 0x80)) {
        while (n < text->length && (is_letter(text->at[n]) || (unsigned char)text->at[n] >= 0x80))
            n++;
        out->value = month_of_name(text->at, n);
        out->month_name = true;
    }
    text->at += n;
    text->length -= n;
    return n > 0 && (out->value > 0 || !out->month_name) && out->digits <= 8;
}

static bool gap_read(struct fl_slice *text)
{
    size_t n = 0;
    while (n < text->length && n < 2 && one_of(text->at[n], ".-/ ,"))
        n++;
    text->at += n;
    text->length -= n;
    return n > 0;
}

static uint16_t day_of(struct part year, struct part month, struct part day)
{
    if (month.digits > 2 || day.digits > 2 || day.month_name || year.month_name)
        return FL_DATE_NONE;
    if (year.digits != 4 && year.digits != 2)
        return FL_DATE_NONE;
    int32_t number = (int32_t)year.value;
    if (year.digits == 2)
        number += number < 70 ? 2000 : 1900;
    return fl_date_from_civil(number, month.value, day.value);
}

static unsigned forms_of(struct part a, struct part b, struct part c, bool short_year_first,
                         uint16_t days[3])
{
    if (a.month_name || b.month_name) { /* a name leaves nothing to be told apart */
        uint16_t day = a.month_name ? day_of(c, a, b) : day_of(c, b, a);
        if (day == FL_DATE_NONE && b.month_name)
            day = day_of(a, b, c);
        days[0] = days[1] = days[2] = day;
        return day == FL_DATE_NONE ? 0 : FL_CSV_ANY_DATE;
    }
    days[0] = day_of(c, b, a);
    days[1] = day_of(c, a, b);
    days[2] = a.digits == 4 || short_year_first ? day_of(a, b, c) : FL_DATE_NONE;
    unsigned forms = 0;
    for (unsigned i = 0; i < FL_CSV_DATE_ORDERS; i++)
        forms |= days[i] == FL_DATE_NONE ? 0 : 1u << i;
    return forms;
}

static struct part digits_of(const char *at, unsigned digits)
{
    struct part part = {.digits = digits};
    for (unsigned i = 0; i < digits; i++)
        part.value = part.value * 10 + (unsigned)(at[i] - '0');
    return part;
}

/* "20240502", "240502", "02052024". */
static unsigned forms_run_together(const char *at, unsigned digits, uint16_t days[3])
{
    unsigned year = digits - 4, forms = 0;
    if (digits != 6 && digits != 8)
        return 0;
    days[0] = day_of(digits_of(at + 4, year), digits_of(at + 2, 2), digits_of(at, 2));
    days[1] = day_of(digits_of(at + 4, year), digits_of(at, 2), digits_of(at + 2, 2));
    days[2] = day_of(digits_of(at, year), digits_of(at + year, 2), digits_of(at + year + 2, 2));
    for (unsigned i = 0; i < FL_CSV_DATE_ORDERS; i++)
        forms |= days[i] == FL_DATE_NONE ? 0 : 1u << i;
    return forms;
}

unsigned fl_csv_date_forms(struct fl_slice cell, unsigned orders,
                           uint16_t days_out[FL_CSV_DATE_ORDERS])
{
    struct fl_slice text = fl_csv_trim(cell);
    const char *start = text.at;
    struct part a, b, c;
    memset(days_out, 0, FL_CSV_DATE_ORDERS * sizeof days_out[0]);
    if (!part_read(&text, &a))
        return 0;
    if (a.digits >= 6)
        return text.length == 0 || one_of(text.at[0], " T,")
                   ? forms_run_together(start, a.digits, days_out) & orders
                   : 0;
    if (!gap_read(&text) || !part_read(&text, &b) || !gap_read(&text) || !part_read(&text, &c))
        return 0;
    bool over = text.length == 0 || (one_of(text.at[0], " T,.") && !c.month_name);
    return over ? forms_of(a, b, c, orders == FL_CSV_YMD, days_out) & orders : 0;
}

unsigned fl_csv_date_order(const char *format)
{
    char order[4] = "";
    size_t n = 0;
    for (; *format && n < 3; format++) {
        char c = (char)(*format | 0x20);
        c = c == 'b' ? 'm' : c; /* %b: the month's name */
        if ((c == 'd' || c == 'm' || c == 'y') && !memchr(order, c, n))
            order[n++] = c;
    }
    return strcmp(order, "dmy") == 0   ? FL_CSV_DMY
           : strcmp(order, "mdy") == 0 ? FL_CSV_MDY
           : strcmp(order, "ymd") == 0 ? FL_CSV_YMD
                                       : 0;
}

#define SHOWN_BYTES_MAX 24

int fl_csv_shown(struct fl_slice cell)
{
    if (cell.length > SHOWN_BYTES_MAX)
        cell.length = fl_utf8_valid_prefix(cell.at, SHOWN_BYTES_MAX);
    return (int)cell.length;
}
