#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "core/domain/state.h"
#include "core/domain/pricing.h"
#include "tests/support/random.h"

#define ROUNDS    20000
#define LINES_MAX 7

/* The nearest whole of n / d by trying both neighbours: no remainder, no shortcut. d > 0. */
static fl_int128 model_round(fl_int128 n, fl_int128 d, enum fl_rounding rounding)
{
    fl_int128 low = n / d;
    while (low * d > n)
        low--;
    fl_int128 below = n - low * d, above = (low + 1) * d - n;
    if (below != above)
        return below < above ? low : low + 1;
    if (rounding == FL_ROUND_HALF_EVEN)
        return low % 2 == 0 ? low : low + 1;
    return n < 0 ? low : low + 1; /* away from zero */
}

static int64_t amount_of(struct fl_random *random)
{
    static const uint64_t sizes[] = {1, 3, 200, 100000, 10000000000, FL_AMOUNT_MAX};
    uint64_t size = sizes[fl_random_below(random, sizeof sizes / sizeof sizes[0])];
    int64_t amount = (int64_t)fl_random_below(random, size);
    return fl_random_below(random, 4) == 0 ? -amount : amount;
}

static enum fl_rounding rounding_of(struct fl_random *random)
{
    return fl_random_below(random, 2) ? FL_ROUND_HALF_UP : FL_ROUND_HALF_EVEN;
}

Test(pricing, a_share_is_the_product_rounded_once_and_the_whole_is_the_amount)
{
    struct fl_random random = fl_random_start("pricing share");
    for (unsigned i = 0; i < ROUNDS; i++) {
        enum fl_rounding rounding = rounding_of(&random);
        int64_t amount = amount_of(&random);
        int64_t whole = 1 + (int64_t)fl_random_below(&random, i % 2 ? 12 : FL_AMOUNT_MAX);
        int64_t part = (int64_t)fl_random_below(&random, (uint64_t)whole + 1);
        int64_t share = fl_price_share(amount, part, whole, rounding);
        cr_assert_eq(share, (int64_t)model_round((fl_int128)amount * part, whole, rounding),
                     "%" PRId64 " x %" PRId64 " / %" PRId64, amount, part, whole);
        cr_assert_eq(fl_price_share(amount, whole, whole, rounding), amount);
        cr_assert_eq(fl_price_share(amount, 0, whole, rounding), 0);
    }
}

/* Every rate's lines together, in a table of all rates that occur. */
static int64_t model_tax(const struct fl_taxed *lines, uint32_t count, enum fl_tax_mode mode,
                         enum fl_rounding rounding)
{
    const fl_int128 hundred = (fl_int128)100 * 10000000000;
    fl_int128 sum = 0, all = 0;
    bool done[LINES_MAX] = {false};
    for (uint32_t i = 0; i < count; i++) {
        fl_int128 net = 0;
        all += (fl_int128)lines[i].net_minor * lines[i].tax_rate;
        if (mode == FL_TAX_BY_LINE)
            sum += model_round((fl_int128)lines[i].net_minor * lines[i].tax_rate, hundred, rounding);
        if (mode != FL_TAX_BY_RATE || done[i])
            continue;
        for (uint32_t j = i; j < count; j++) {
            if (lines[j].tax_rate != lines[i].tax_rate)
                continue;
            done[j] = true;
            net += lines[j].net_minor;
        }
        sum += model_round(net * lines[i].tax_rate, hundred, rounding);
    }
    return (int64_t)(mode == FL_TAX_BY_DOCUMENT ? model_round(all, hundred, rounding) : sum);
}

Test(pricing, tax_is_rounded_once_a_line_a_rate_or_a_document)
{
    static const int64_t rates[] = {0, 70000000000, 190000000000, 255000000000, 5500000001};
    struct fl_random random = fl_random_start("pricing tax");
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct fl_taxed lines[LINES_MAX];
        uint32_t count = 1 + (uint32_t)fl_random_below(&random, LINES_MAX), kinds;
        kinds = 1 + (uint32_t)fl_random_below(&random, sizeof rates / sizeof rates[0]);
        for (uint32_t k = 0; k < count; k++) {
            lines[k].net_minor = fl_random_below(&random, 3) == 0 ? 0 : amount_of(&random) / 100;
            lines[k].tax_rate = rates[fl_random_below(&random, kinds)];
        }
        enum fl_rounding rounding = rounding_of(&random);
        for (enum fl_tax_mode mode = FL_TAX_BY_RATE; mode <= FL_TAX_BY_DOCUMENT; mode++) {
            int64_t tax = 0;
            cr_assert_eq(fl_price_tax(lines, count, mode, rounding, &tax), FL_OK);
            cr_assert_eq(tax, model_tax(lines, count, mode, rounding), "mode %d, %u lines", mode,
                         count);
        }
    }
}

/* Largest remainder by sorting nothing: the next cent goes where most is missing, the first of equals. */
static void model_allocate(int64_t amount, const int64_t *weights, uint32_t count, int64_t *out)
{
    fl_int128 sum = 0, size = amount < 0 ? -(fl_int128)amount : amount;
    int64_t given = 0;
    bool raised[LINES_MAX] = {false};
    for (uint32_t i = 0; i < count; i++)
        sum += weights[i];
    for (uint32_t i = 0; i < count; i++) {
        out[i] = sum == 0 ? (i == 0 ? (int64_t)size : 0) : (int64_t)(size * weights[i] / sum);
        given += out[i];
    }
    for (; given < (int64_t)size; given++) {
        uint32_t best = LINES_MAX;
        for (uint32_t i = 0; i < count; i++) {
            if (!raised[i] && (best == LINES_MAX || size * weights[i] % sum > size * weights[best] % sum))
                best = i;
        }
        raised[best] = true;
        out[best]++;
    }
    for (uint32_t i = 0; amount < 0 && i < count; i++)
        out[i] = -out[i];
}

Test(pricing, what_is_shared_out_adds_up_and_goes_by_the_largest_remainder)
{
    struct fl_random random = fl_random_start("pricing allocate");
    for (unsigned i = 0; i < ROUNDS; i++) {
        int64_t weights[LINES_MAX], shares[LINES_MAX], expected[LINES_MAX], sum = 0;
        uint32_t count = 1 + (uint32_t)fl_random_below(&random, LINES_MAX);
        int64_t amount = i % 5 == 0 ? 0 : amount_of(&random);
        for (uint32_t k = 0; k < count; k++) {
            int64_t weight = amount_of(&random);
            weights[k] = i % 7 == 0 ? 0 : weight < 0 ? -weight : weight;
        }
        memset(shares, 0x5a, sizeof shares);
        fl_price_allocate(amount, weights, count, shares);
        model_allocate(amount, weights, count, expected);
        for (uint32_t k = 0; k < count; k++) {
            sum += shares[k];
            cr_assert_eq(shares[k], expected[k], "share %u of %" PRId64, k, amount);
        }
        cr_assert_eq(sum, amount);
    }
}
