#include "tools/gen/payer_text.h"

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

size_t fl_gen_quote_text(const struct fl_gen_settle *settle, enum fl_gen_quote quote,
                         struct fl_gen_random *random, char out[FL_GEN_ID_BYTES + 2])
{
    size_t length = fl_gen_id(FL_GEN_ID_INVOICE, settle->invoice, out);
    size_t first = first_significant(out, length);
    switch (quote) {
    case FL_QUOTE_FULL:
        return length;
    case FL_QUOTE_ORDER:
        return fl_gen_id(FL_GEN_ID_ORDER, settle->order, out);
    case FL_QUOTE_ZEROS:
        memmove(out + PREFIX_BYTES, out + first, length - first + 1);
        return length - (first - PREFIX_BYTES);
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
    case FL_QUOTE_NONE:
        break;
    }
    out[0] = '\0';
    return 0;
}

static size_t append(char *out, size_t at, const char *word)
{
    size_t length = strlen(word);
    FL_ASSERT(at + length < FL_GEN_PAYER_TEXT_BYTES);
    memcpy(out + at, word, length + 1);
    return at + length;
}

static size_t no_reference(struct fl_gen_random *random, const struct fl_gen_payment *payment,
                           char *out)
{
    static const char *const thanks[] = {"", "Zahlung", "Ueberweisung", "Vielen Dank", "Payment",
                                         "Ihre Lieferung", "offene Rechnung", "NONREF"};
    static const char *const others[] = {
        "Habenzinsen", "Rueckerstattung Versicherung", "Miete Stellplatz", "Steuererstattung",
        "Eigenuebertrag", "Kaution", "Mitgliedsbeitrag", "Gutschrift Strom"};
    return append(out, 0, payment->customer == FL_GEN_NOBODY ? PICK(random, others)
                                                              : PICK(random, thanks));
}

/* The words before and after one number. */
static void frame_of(struct fl_gen_random *random, const struct fl_gen_payment *payment,
                     const char **before, const char **after)
{
    static const char *const befores[] = {"", "", "Rechnung ", "Invoice ", "Re.Nr. ", "Zahlung ",
                                          "RG ", "Rechnungsnr.: "};
    static const char *const labels[] = {"Rechnung ", "Rg.Nr. ", "Re ", "Invoice no. "};
    static const char *const parts[] = {"Teilzahlung ", "Abschlag ", "Rate ", "Part of "};
    static const char *const afters[] = {"", "", "", "", " Danke", " MfG"};
    bool bare = payment->quote == FL_QUOTE_NO_PREFIX || payment->quote == FL_QUOTE_SHORT;
    *before = bare ? PICK(random, labels) : PICK(random, befores);
    *after = PICK(random, afters);
    if (payment->kind == FL_GEN_PAY_PART)
        *before = PICK(random, parts);
    if (payment->difference == FL_DIFFERENCE_DISCOUNT)
        *after = " abzgl. 2% Skonto";
}

/* "INV-000123, 000130 und ..." in one of some ways. */
static size_t list_of(struct fl_gen_random *random, const struct fl_gen_payment *payment, char *out)
{
    static const char *const heads[] = {"", "Rechnungen ", "Invoices ", "RG "};
    static const char *const joints[] = {", ", " ", ",", " und ", " + "};
    const char *joint = PICK(random, joints);
    bool short_tail = fl_gen_random_permille(random, 300); /* the prefix is written once */
    size_t n = append(out, 0, PICK(random, heads));
    for (unsigned i = 0; i < payment->settle_count; i++) {
        char number[FL_GEN_ID_BYTES + 2];
        bool bare = short_tail && i > 0 && joint[0] == ',';
        fl_gen_quote_text(&payment->settles[i], bare ? FL_QUOTE_NO_PREFIX : payment->quote, random,
                          number);
        n = append(out, i > 0 ? append(out, n, joint) : n, number);
    }
    return n;
}

size_t fl_gen_payer_text(const struct fl_workload_plan *plan, const struct fl_gen_payment *payment,
                         char out[FL_GEN_PAYER_TEXT_BYTES])
{
    struct fl_gen_random random =
        fl_gen_random_of(plan->seed, FL_GEN_FOR_TEXT, payment->number);
    if (payment->quote == FL_QUOTE_NONE)
        return no_reference(&random, payment, out);
    if (payment->settle_count > 1)
        return list_of(&random, payment, out);
    char number[FL_GEN_ID_BYTES + 2];
    const char *before, *after;
    frame_of(&random, payment, &before, &after);
    fl_gen_quote_text(&payment->settles[0], payment->quote, &random, number);
    return append(out, append(out, append(out, 0, before), number), after);
}

size_t fl_gen_customer_iban(uint32_t customer, char out[FL_GEN_IBAN_BYTES])
{
    return fl_gen_iban(10 + customer % 7, UINT64_C(2000000000) + customer, out);
}

void fl_gen_payer_of(const struct fl_workload_plan *plan, const struct fl_gen_payment *payment,
                     struct fl_gen_payer *out)
{
    struct fl_gen_random random =
        fl_gen_random_of(plan->seed, FL_GEN_FOR_TEXT, UINT64_C(1) << 40 | payment->number);
    if (payment->payer_known) {
        fl_gen_company(payment->customer, out->name);
        fl_gen_customer_iban(payment->customer, out->iban);
    } else {
        uint32_t person = fl_gen_random_below(&random, 100000);
        fl_gen_person(person, out->name);
        fl_gen_iban(20 + person % 5, UINT64_C(5000000000) + person, out->iban);
    }
    if (fl_gen_random_permille(&random, 50)) /* cash, cheque, an old bank */
        out->iban[0] = '\0';
}
