#include "tools/gen/payer_habit.h"

#include <stddef.h>

struct share {
    uint8_t percent, quote;
};

static const struct share clean[] = {{75, FL_QUOTE_FULL},
                                     {4, FL_QUOTE_ORDER},
                                     {12, FL_QUOTE_REFERENCE},
                                     {9, FL_QUOTE_STRUCTURED}};
static const struct share damaged[] = {
    {16, FL_QUOTE_ZEROS},    {16, FL_QUOTE_SEPARATOR}, {14, FL_QUOTE_NO_PREFIX},
    {14, FL_QUOTE_GLUED},    {10, FL_QUOTE_SPACED},    {9, FL_QUOTE_MISSPELT},
    {6, FL_QUOTE_SHORT},     {4, FL_QUOTE_LETTERS},    {7, FL_QUOTE_REFERENCE_DAMAGED},
    {2, FL_QUOTE_SWAPPED},   {2, FL_QUOTE_CUT}};
static const struct share part[] = {
    {60, FL_QUOTE_FULL}, {25, FL_QUOTE_ZEROS}, {15, FL_QUOTE_REFERENCE}};
static const struct share other[] = {
    {60, FL_QUOTE_FULL}, {20, FL_QUOTE_ZEROS}, {20, FL_QUOTE_REFERENCE}};
static const struct share difference[] = {
    {70, FL_QUOTE_FULL}, {15, FL_QUOTE_ZEROS}, {15, FL_QUOTE_REFERENCE}};
static const struct share normal_misquoted[] = {
    {40, FL_QUOTE_ZEROS}, {40, FL_QUOTE_SEPARATOR}, {20, FL_QUOTE_SWAPPED}};

/* The shares of a table are a hundred together. */
static enum fl_gen_quote draw(struct fl_gen_random *random, const struct share *shares)
{
    uint32_t left = fl_gen_random_below(random, 100);
    while (left >= shares->percent) {
        left -= shares->percent;
        shares++;
    }
    return shares->quote;
}

static enum fl_gen_quote hard_habit(struct fl_gen_random *random, enum fl_gen_payment_kind kind)
{
    switch (kind) {
    case FL_GEN_PAY_CLEAN:
        return draw(random, clean);
    case FL_GEN_PAY_MISQUOTED:
        return draw(random, damaged);
    case FL_GEN_PAY_PART:
        return draw(random, part);
    case FL_GEN_PAY_OTHER_PAYER:
        return draw(random, other);
    case FL_GEN_PAY_DIFFERENCE:
        return draw(random, difference);
    case FL_GEN_PAY_SEVERAL:
        return FL_QUOTE_FULL;
    default:
        return FL_QUOTE_NONE;
    }
}

static enum fl_gen_quote normal_habit(struct fl_gen_random *random, enum fl_gen_payment_kind kind)
{
    switch (kind) {
    case FL_GEN_PAY_CLEAN:
        return fl_gen_random_permille(random, 30) ? FL_QUOTE_ORDER : FL_QUOTE_FULL;
    case FL_GEN_PAY_MISQUOTED:
        return draw(random, normal_misquoted);
    case FL_GEN_PAY_PART:
    case FL_GEN_PAY_OTHER_PAYER:
        return fl_gen_random_permille(random, 250) ? FL_QUOTE_ZEROS : FL_QUOTE_FULL;
    case FL_GEN_PAY_SEVERAL:
    case FL_GEN_PAY_DIFFERENCE:
        return FL_QUOTE_FULL;
    default:
        return FL_QUOTE_NONE;
    }
}

enum fl_gen_quote fl_payer_habit(const struct fl_workload_plan *plan, struct fl_gen_random *random,
                                 enum fl_gen_payment_kind kind, const struct fl_gen_order *order)
{
    enum fl_gen_quote quote =
        plan->hard ? hard_habit(random, kind) : normal_habit(random, kind);
    /* An order of two invoices does not say which one is meant. */
    return quote == FL_QUOTE_ORDER && order->split ? FL_QUOTE_FULL : quote;
}

bool fl_payer_habit_needs_amount(enum fl_gen_quote quote)
{
    return quote == FL_QUOTE_NONE || quote == FL_QUOTE_SHORT || quote == FL_QUOTE_SWAPPED ||
           quote == FL_QUOTE_CUT;
}
