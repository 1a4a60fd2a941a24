#include "tools/gen/payer_quote.h"

#include <string.h>

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(random, list) ((list)[fl_gen_random_below((random), COUNT_OF(list))])
#define PREFIX_BYTES 4 /* "INV-" */

/* The digits of "INV-000123" without leading zeros begin here. */
static size_t first_significant(const char *id, size_t length)
{
    size_t i = PREFIX_BYTES;
    while (i + 1 < length && id[i] == '0')
        i++;
    return i;
}

static size_t change_separator(char *id, size_t length, struct fl_gen_random *random)
{
    static const char separators[] = {' ', '/', '.', '_', '\0'};
    char separator = PICK(random, separators);
    if (separator != '\0') {
        id[PREFIX_BYTES - 1] = separator;
        return length;
    }
    memmove(id + PREFIX_BYTES - 1, id + PREFIX_BYTES, length - PREFIX_BYTES + 1);
    return length - 1;
}

/* Two neighbours change places; where all digits are equal the last is mistyped. */
static size_t swap_digits(char *id, size_t length)
{
    for (size_t i = length - 1; i > first_significant(id, length); i--)
        if (id[i] != id[i - 1]) {
            char digit = id[i];
            id[i] = id[i - 1];
            id[i - 1] = digit;
            return length;
        }
    id[length - 1] = id[length - 1] == '9' ? '8' : (char)(id[length - 1] + 1);
    return length;
}

static size_t letters_for_digits(char *id, size_t length)
{
    for (size_t i = PREFIX_BYTES; i < length; i++)
        if (id[i] == '0')
            id[i] = 'O';
    return length;
}

static size_t cut_front(char *id, size_t length, size_t from)
{
    memmove(id, id + from, length - from + 1);
    return length - from;
}

static size_t insert_blank(char *id, size_t length)
{
    size_t at = length - 3;
    memmove(id + at + 1, id + at, length - at + 1);
    id[at] = ' ';
    return length + 1;
}

/* Another word in place of the prefix; the digits stay. */
static size_t with_prefix(char *id, size_t length, const char *prefix)
{
    size_t digits = length - PREFIX_BYTES, prefix_length = strlen(prefix);
    FL_ASSERT(prefix_length + digits < FL_GEN_QUOTE_BYTES);
    memmove(id + prefix_length, id + PREFIX_BYTES, digits + 1);
    memcpy(id, prefix, prefix_length);
    return prefix_length + digits;
}

static size_t glue(char *id, size_t length, struct fl_gen_random *random)
{
    static const char *const before[] = {"RechnungINV", "RGINV-", "ReNrINV", "InvoiceINV-", "INV"};
    static const char *const after[] = {"vielen Dank", "Danke", "MfG", "Rechnung", "bezahlt"};
    if (fl_gen_random_below(random, 3) > 0)
        return with_prefix(id, length, PICK(random, before));
    const char *word = PICK(random, after);
    FL_ASSERT(length + strlen(word) < FL_GEN_QUOTE_BYTES);
    memcpy(id + length, word, strlen(word) + 1);
    return length + strlen(word);
}

/* In small letters, or without RF and signs, or with the signs that another country has. */
static size_t damage_reference(uint32_t invoice, struct fl_gen_random *random, char *out)
{
    size_t length = fl_gen_reference(invoice, out);
    if (out[0] == 'R' && fl_gen_random_below(random, 2) == 0) {
        memcpy(out, "rf", 2);
        return length;
    }
    length = fl_gen_reference_printed(invoice, out);
    for (size_t i = 0; i < length; i++)
        if (out[i] == ' ' || out[i] == '/' || out[i] == '+')
            out[i] = '-';
    size_t from = 0;
    while (out[from] == '-')
        from++;
    while (length > from && out[length - 1] == '-')
        out[--length] = '\0';
    return cut_front(out, length, from);
}

size_t fl_gen_quote_text(const struct fl_gen_settle *settle, enum fl_gen_quote quote,
                         struct fl_gen_random *random, char out[FL_GEN_QUOTE_BYTES])
{
    static const char *const misspelt[] = {"IVN-", "INC-", "lNV-", "IMV-", "NV-", "INNV-", "1NV-",
                                           "INV.Nr. ", "Inv No "};
    size_t length = fl_gen_id(FL_GEN_ID_INVOICE, settle->invoice, out);
    size_t first = first_significant(out, length);
    switch (quote) {
    case FL_QUOTE_FULL:
        return length;
    case FL_QUOTE_ORDER:
        return fl_gen_id(FL_GEN_ID_ORDER, settle->order, out);
    case FL_QUOTE_ZEROS:
        return cut_front(out + PREFIX_BYTES, length - PREFIX_BYTES, first - PREFIX_BYTES) +
               PREFIX_BYTES;
    case FL_QUOTE_SEPARATOR:
        return change_separator(out, length, random);
    case FL_QUOTE_SWAPPED:
        return swap_digits(out, length);
    case FL_QUOTE_NO_PREFIX:
        return cut_front(out, length, PREFIX_BYTES);
    case FL_QUOTE_SHORT:
        return cut_front(out, length, first + 4 < length ? length - 4 : first);
    case FL_QUOTE_LETTERS:
        return letters_for_digits(out, length);
    case FL_QUOTE_SPACED:
        return insert_blank(out, length);
    case FL_QUOTE_MISSPELT:
        return with_prefix(out, length, PICK(random, misspelt));
    case FL_QUOTE_GLUED:
        return glue(out, length, random);
    case FL_QUOTE_CUT: /* what fits of it; the rest of the text is cut off with it */
        out[length - 2] = '\0';
        return length - 2;
    case FL_QUOTE_REFERENCE:
        return fl_gen_reference_printed(settle->invoice, out);
    case FL_QUOTE_STRUCTURED:
        return fl_gen_reference(settle->invoice, out);
    case FL_QUOTE_REFERENCE_DAMAGED:
        return damage_reference(settle->invoice, random, out);
    case FL_QUOTE_NONE:
    case FL_GEN_QUOTES:
        break;
    }
    out[0] = '\0';
    return 0;
}
