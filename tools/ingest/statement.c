#include "tools/ingest/statement.h"

#include <emmintrin.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "tools/format/charset.h"

#define TOTAL_DECIMALS FL_STATEMENT_DECIMALS_MAX

uint64_t fl_statement_line_identity(struct fl_slice account, const struct fl_statement_line *line,
                                    uint32_t occurrence)
{
    /* Fixed-width words only: no padding, and no two lines that differ in where one text ends. */
    const uint64_t words[8] = {
        fl_hash64(account.at, account.length, 0),
        fl_hash64(line->bank_ref.at, line->bank_ref.length, 0),
        fl_hash64(line->text.at, line->text.length, 0),
        line->booking_days,
        (uint64_t)line->amount.units,
        line->amount.scale,
        line->currency,
        occurrence,
    };
    return fl_hash64(words, sizeof words, 0);
}

enum fl_status fl_statement_amount(struct fl_slice text, struct fl_decimal *out)
{
    int64_t units = 0;
    unsigned digits = 0, scale = 0;
    bool point = false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if ((c == ',' || c == '.') && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return FL_BAD_VALUE;
        digits++;
        scale += point;
        if (scale > 18 || __builtin_mul_overflow(units, INT64_C(10), &units) ||
            __builtin_add_overflow(units, (int64_t)(c - '0'), &units))
            return FL_OUT_OF_RANGE;
    }
    if (digits == 0)
        return FL_BAD_VALUE;
    *out = fl_decimal_of(units, scale);
    return FL_OK;
}

bool fl_statement_amount_is_thousands(struct fl_slice text, char mark, uint8_t currency)
{
    size_t n = text.length;
    if (n < 5 || n > 7 || text.at[n - 4] != mark || text.at[0] == '0')
        return false;
    return currency == FL_CURRENCY_NONE || fl_currency_exponent(currency) != 3;
}

enum fl_status fl_statement_amount_check(struct fl_decimal amount, uint8_t currency)
{
    FL_ASSERT(amount.state == FL_DECIMAL_VALUE);
    if (currency == FL_CURRENCY_NONE)
        return amount.scale > FL_STATEMENT_DECIMALS_MAX ? FL_TOO_MANY_DECIMALS : FL_OK;
    int64_t minor;
    return fl_decimal_scale(amount, fl_currency_exponent(currency), &minor);
}

bool fl_statement_is_filler(struct fl_slice reference)
{
    static const char *const fillers[] = {
        "NONREF", "NOREF",    "NOTPROVIDED", "NOT PROVIDED",    "NOTAVAILABLE", "NONE",
        "NO REF", "NOTGIVEN", "N/A",         "NICHT ANGEGEBEN", "KEINE"};
    struct fl_slice trimmed = fl_slice_trim(reference);
    bool likely = trimmed.length > 0 && (trimmed.at[0] == 'N' || trimmed.at[0] == 'K');
    for (size_t i = 0; likely && i < sizeof fillers / sizeof fillers[0]; i++) {
        if (fl_slice_equals(trimmed, fillers[i]))
            return true;
    }
    for (size_t i = 0; i < trimmed.length; i++) {
        if (trimmed.at[i] != '0' && trimmed.at[i] != '-')
            return false;
    }
    return true;
}

static fl_int128 at_total_scale(struct fl_decimal amount)
{
    FL_ASSERT(amount.state == FL_DECIMAL_VALUE && amount.scale <= TOTAL_DECIMALS);
    fl_int128 units = amount.units;
    for (unsigned i = amount.scale; i < TOTAL_DECIMALS; i++)
        units *= 10;
    return units;
}

void fl_statement_total_add(struct fl_statement_total *total, struct fl_decimal amount)
{
    total->units += at_total_scale(amount);
}

void fl_statement_total_subtract(struct fl_statement_total *total, struct fl_decimal amount)
{
    total->units -= at_total_scale(amount);
}

enum fl_status fl_statement_total_read(struct fl_statement_total total, struct fl_decimal *out)
{
    unsigned scale = TOTAL_DECIMALS;
    while (scale > 0 && total.units % 10 == 0) {
        total.units /= 10;
        scale--;
    }
    if (total.units > INT64_MAX || total.units < INT64_MIN)
        return FL_OUT_OF_RANGE;
    *out = fl_decimal_of((int64_t)total.units, scale);
    return FL_OK;
}

void fl_statement_close(struct fl_statement *statement, struct fl_statement_total sum)
{
    statement->balanced = false;
    statement->difference = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
    if (fl_statement_total_read(sum, &statement->sum) != FL_OK) {
        statement->sum = (struct fl_decimal){.state = FL_DECIMAL_ABSENT};
        return;
    }
    if (statement->opening.amount.state != FL_DECIMAL_VALUE ||
        statement->closing.amount.state != FL_DECIMAL_VALUE)
        return;
    struct fl_statement_total difference = {-sum.units};
    fl_statement_total_add(&difference, statement->closing.amount);
    fl_statement_total_subtract(&difference, statement->opening.amount);
    if (fl_statement_total_read(difference, &statement->difference) == FL_OK)
        statement->balanced = statement->difference.units == 0;
}

static void cut(struct fl_slice *text, size_t most)
{
    if (text->length > most)
        text->length = fl_utf8_valid_prefix(text->at, most);
}

void fl_statement_line_cut(struct fl_statement_line *line)
{
    cut(&line->text, FL_TEXT_BYTES_MAX);
    struct fl_slice *const fields[] = {&line->bank_ref,     &line->customer_ref,  &line->end_to_end,
                                       &line->payer_name,   &line->payer_account, &line->code,
                                       &line->return_reason};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        cut(fields[i], FL_STATEMENT_FIELD_BYTES_MAX);
}

static bool is_blank(unsigned char c)
{
    return c <= ' ' || c == 0x7F;
}

/* How many bytes from the start stay as they are: no control character, no blank behind a blank or
 * in front. Sixteen at a time; a multiple of that. */
static size_t clean_prefix(const char *text, size_t length)
{
    const __m128i space = _mm_set1_epi8(' '), del = _mm_set1_epi8(0x7F);
    unsigned before = 1; /* as if a blank stood before the text */
    size_t at = 0;
    for (; at + 16 <= length; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(v, space), space); /* <= ' ', unsigned */
        __m128i same = _mm_cmpeq_epi8(v, space);
        unsigned blanks = (unsigned)_mm_movemask_epi8(low);
        unsigned others = (unsigned)_mm_movemask_epi8(
            _mm_or_si128(_mm_andnot_si128(same, low), _mm_cmpeq_epi8(v, del)));
        if (others | (blanks & (blanks << 1 | before)))
            break;
        before = blanks >> 15;
    }
    return at;
}

size_t fl_statement_text_clean(char *text, size_t length)
{
    size_t to = clean_prefix(text, length);
    bool blank = to == 0 || text[to - 1] == ' ';
    for (size_t i = to; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool now = is_blank(c);
        if (now && blank)
            continue;
        text[to++] = now ? ' ' : (char)c;
        blank = now;
    }
    if (to > FL_TEXT_BYTES_MAX) {
        to = FL_TEXT_BYTES_MAX;
        while (to > 0 && ((unsigned char)text[to] & 0xC0) == 0x80)
            to--;
    }
    while (to > 0 && text[to - 1] == ' ')
        to--;
    return to;
}
