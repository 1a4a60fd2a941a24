#include "tools/gen/payer_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/date.h"
#include "tools/gen/our_accounts.h"

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(random, list) ((list)[fl_gen_random_below((random), COUNT_OF(list))])

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
    static const char *const ahead[] = {"Anzahlung", "Vorauszahlung laut Angebot", "Vorkasse",
                                        "Advance payment", "Abschlag Neuauftrag"};
    static const char *const back[] = {"Storno Ueberweisung", "Rueckgabe unanbringlich"};
    if (payment->settle_count > 0)
        return append(out, 0, PICK(random, thanks));
    switch ((enum fl_gen_oddity)payment->oddity) {
    case FL_ODD_AHEAD:
        return append(out, 0, PICK(random, ahead));
    case FL_ODD_REVERSED:
        return append(out, 0, PICK(random, back));
    default:
        return append(out, 0, PICK(random, others));
    }
}

/* A number that looks like one of somebody's documents, and is none of ours. */
static size_t no_such_number(struct fl_gen_random *random, char *out)
{
    static const char *const heads[] = {"Rechnung RE-2023-", "Vertrag V", "Beleg B-77",
                                        "Mitglied M-", "Invoice GB"};
    char digits[8];
    for (unsigned i = 0; i < 5; i++)
        digits[i] = (char)('0' + fl_gen_random_below(random, 10));
    digits[5] = '\0';
    return append(out, append(out, 0, PICK(random, heads)), digits);
}

/* The words before and after one number. */
static void frame_of(struct fl_gen_random *random, const struct fl_gen_payment *payment,
                     const char **before, const char **after)
{
    static const char *const befores[] = {"", "", "Rechnung ", "Invoice ", "Re.Nr. ", "Zahlung ",
                                          "RG ", "Rechnungsnr.: "};
    static const char *const labels[] = {"Rechnung ", "Rg.Nr. ", "Re ", "Invoice no. "};
    static const char *const parts[] = {"Teilzahlung ", "Abschlag ", "Rate ", "Part of "};
    static const char *const references[] = {"", "", "Referenz ", "Ref. ", "Zahlungsreferenz "};
    static const char *const afters[] = {"", "", "", "", " Danke", " MfG"};
    bool bare = payment->quote == FL_QUOTE_NO_PREFIX || payment->quote == FL_QUOTE_SHORT;
    bool wrong = payment->difference == FL_DIFFERENCE_OVER ||
                 payment->difference == FL_DIFFERENCE_UNDER;
    *before = bare ? PICK(random, labels) : PICK(random, befores);
    *after = PICK(random, afters);
    if (payment->kind == FL_GEN_PAY_PART && !wrong)
        *before = PICK(random, parts);
    if (payment->quote == FL_QUOTE_REFERENCE || payment->quote == FL_QUOTE_REFERENCE_DAMAGED)
        *before = PICK(random, references);
    if (payment->quote == FL_QUOTE_GLUED)
        *before = "";
    if (payment->difference == FL_DIFFERENCE_DISCOUNT)
        *after = " abzgl. 2% Skonto";
    if (payment->quote == FL_QUOTE_CUT || payment->quote == FL_QUOTE_GLUED)
        *after = "";
}

/* How many documents follow one another by number from the first on; credit notes are none. */
static unsigned run_length(const struct fl_gen_payment *payment)
{
    unsigned n = 1;
    while (n < payment->settle_count && !payment->settles[n].credit &&
           payment->settles[n].invoice == payment->settles[n - 1].invoice + 1)
        n++;
    return n;
}

/* "INV-000123 bis INV-000126", or only the last digits of the second. */
static size_t range_of(struct fl_gen_random *random, const struct fl_gen_payment *payment,
                       unsigned count, char *out, size_t at)
{
    uint32_t draw = fl_gen_random_below(random, 40); /* few write a dash, or the label again */
    const char *joint = draw == 0       ? " - "
                        : draw == 1     ? " bis Nr. "
                        : draw % 2 == 0 ? " bis "
                                        : " to ";
    char number[FL_GEN_QUOTE_BYTES];
    bool bare = fl_gen_random_below(random, 2) == 0;
    fl_gen_quote_text(&payment->settles[0], FL_QUOTE_FULL, random, number);
    at = append(out, append(out, at, number), joint);
    fl_gen_quote_text(&payment->settles[count - 1], bare ? FL_QUOTE_NO_PREFIX : FL_QUOTE_FULL,
                      random, number);
    return append(out, at, number);
}

/* "INV-000123, 000130 und ... ./. CN-000004" in one of some ways. */
static size_t list_of(struct fl_gen_random *random, const struct fl_gen_payment *payment, bool hard,
                      char *out)
{
    static const char *const heads[] = {"", "Rechnungen ", "Invoices ", "RG "};
    static const char *const joints[] = {", ", " ", ",", " und ", " + ", "; ", " & ", "/", ""};
    static const char *const less[] = {" ./. ", " abzgl. ", " minus ", " less ", " abzgl. GS "};
    const char *joint = joints[fl_gen_random_below(random, hard ? COUNT_OF(joints) : 5)];
    bool short_tail = fl_gen_random_permille(random, 300); /* the prefix is written once */
    size_t n = append(out, 0, PICK(random, heads));
    unsigned from = 0, run = run_length(payment);
    if (hard && run >= 3 && !payment->list_cut && fl_gen_random_below(random, 4) > 0) {
        n = range_of(random, payment, run, out, n);
        from = run;
    }
    for (unsigned i = from; i < payment->settle_count; i++) {
        const struct fl_gen_settle *settle = &payment->settles[i];
        char number[FL_GEN_QUOTE_BYTES];
        bool bare = short_tail && i > 0 && joint[0] == ',';
        bool cut = payment->list_cut && i + 1 == payment->settle_count;
        if (settle->credit)
            fl_gen_id(FL_GEN_ID_CREDIT, settle->invoice, number);
        else
            fl_gen_quote_text(settle, cut    ? FL_QUOTE_CUT
                                      : bare ? FL_QUOTE_NO_PREFIX
                                             : payment->quote,
                              random, number);
        if (i > 0)
            n = append(out, n, settle->credit ? PICK(random, less) : joint);
        n = append(out, n, number);
    }
    return n;
}

static size_t append_digits(char *out, size_t at, uint64_t value, unsigned digits)
{
    char number[24];
    snprintf(number, sizeof number, "%0*" PRIu64, (int)digits, value);
    return append(out, at, number);
}

/* What has nothing to do with the number, and looks like one: a day (one in ten), the amount again
 * (one in ten), the customer's own number (one in fifty). */
static size_t append_noise(struct fl_gen_random *random, const struct fl_gen_payment *payment,
                           char *out, size_t at)
{
    char id[FL_GEN_ID_BYTES];
    uint32_t before = 5 + fl_gen_random_below(random, 40);
    struct fl_civil day = fl_date_to_civil((uint16_t)(payment->value_date_days - before));
    uint32_t draw = fl_gen_random_below(random, 50);
    switch (draw / 5) {
    case 0:
        at = append_digits(out, append(out, at, " vom "), day.day, 2);
        at = append_digits(out, append(out, at, "."), day.month, 2);
        return append_digits(out, append(out, at, "."), (uint64_t)day.year, 4);
    case 1:
        at = append_digits(out, append(out, at, " EUR "),
                           (uint64_t)(payment->amount_minor / 100), 1);
        return append_digits(out, append(out, at, ","), (uint64_t)(payment->amount_minor % 100), 2);
    case 2:
        if (draw != 10 || payment->customer == FL_GEN_NOBODY)
            return at;
        fl_gen_id(FL_GEN_ID_CUSTOMER, payment->customer, id);
        return append(out, append(out, at, " Kundennr. "), id);
    default:
        return at;
    }
}

size_t fl_gen_payer_text(const struct fl_workload_plan *plan, const struct fl_gen_payment *payment,
                         char out[FL_GEN_PAYER_TEXT_BYTES])
{
    struct fl_gen_random random =
        fl_gen_random_of(plan->seed, FL_GEN_FOR_TEXT, payment->number);
    if (payment->settle_count == 0 && payment->oddity == FL_ODD_NO_SUCH)
        return no_such_number(&random, out);
    if (payment->quote == FL_QUOTE_NONE)
        return no_reference(&random, payment, out);
    if (payment->quote == FL_QUOTE_STRUCTURED) {
        out[0] = '\0';
        return 0;
    }
    if (payment->settle_count > 1)
        return list_of(&random, payment, plan->hard, out);
    char number[FL_GEN_QUOTE_BYTES];
    const char *before, *after;
    frame_of(&random, payment, &before, &after);
    fl_gen_quote_text(&payment->settles[0], payment->quote, &random, number);
    size_t n = append(out, append(out, append(out, 0, before), number), after);
    bool more = plan->hard && payment->quote != FL_QUOTE_CUT && payment->quote != FL_QUOTE_GLUED;
    return more ? append_noise(&random, payment, out, n) : n;
}

size_t fl_gen_payer_reference(const struct fl_gen_payment *payment,
                              char out[FL_GEN_REFERENCE_BYTES])
{
    out[0] = '\0';
    if (payment->quote != FL_QUOTE_STRUCTURED)
        return 0;
    return fl_gen_reference(payment->settles[0].invoice, out);
}

size_t fl_gen_customer_iban(uint32_t customer, char out[FL_GEN_IBAN_BYTES])
{
    return fl_gen_iban(10 + customer % 7, UINT64_C(2000000000) + customer, out);
}

/* Amount and payer alone: where names are cut the account must tell who pays. */
static bool needs_account(const struct fl_gen_payment *payment)
{
    return payment->quote == FL_QUOTE_NONE && payment->settle_count > 0 &&
           fl_our_account_format(payment->account) == FL_OUR_OFX_SGML;
}

void fl_gen_payer_of(const struct fl_workload_plan *plan, const struct fl_gen_payment *payment,
                     struct fl_gen_payer *out)
{
    struct fl_gen_random random =
        fl_gen_random_of(plan->seed, FL_GEN_FOR_TEXT, UINT64_C(1) << 40 | payment->number);
    uint32_t customer = payment->payer_known ? payment->customer : payment->other;
    if (customer != FL_GEN_NOBODY) {
        fl_gen_company(customer, out->name);
        fl_gen_customer_iban(customer, out->iban);
    } else {
        uint32_t person = fl_gen_random_below(&random, 100000);
        fl_gen_person(person, out->name);
        fl_gen_iban(20 + person % 5, UINT64_C(5000000000) + person, out->iban);
    }
    if (fl_gen_random_permille(&random, 50) && !needs_account(payment)) /* cash, an old bank */
        out->iban[0] = '\0';
}
