#include "tools/gen/workload_facts.h"

#include "core/base/contract.h"
#include "tools/gen/gen_random.h"
#include "tools/gen/our_accounts.h"

#define WEEK_WEIGHT 30
#define FREIGHT_TAX_PERCENT 19
#define BURST_BLOCKS 32
#define TWIN_PAIRS 120
#define TWIN_EARLY 50 /* the first twenty-fifth of the year's pairs */

struct fl_gen_customer fl_gen_customer_facts(const struct fl_workload_plan *plan, uint32_t customer)
{
    static const uint16_t net_days[] = {14, 30, 30, 60};
    static const uint16_t late_permille[] = {50, 150, 300, 600};
    static const uint16_t late_days[] = {4, 9, 18, 35};
    struct fl_gen_random random = fl_gen_random_of(plan->seed, FL_GEN_FOR_CUSTOMER, customer);
    struct fl_gen_customer facts = {0};
    facts.net_days = net_days[fl_gen_random_below(&random, 4)];
    facts.late_permille = late_permille[fl_gen_random_below(&random, 4)];
    facts.late_days = late_days[fl_gen_random_below(&random, 4)];
    facts.account = (uint8_t)fl_gen_random_below(&random, FL_GEN_ACCOUNTS);
    facts.segment = (uint8_t)(fl_gen_random_below(&random, 10) / 4);
    facts.account_known = fl_gen_random_permille(&random, 700);
    if (plan->hard && facts.account == FL_OUR_OFX_SGML)
        facts.account_known = true; /* its names are cut: the account must tell who pays */
    bool terms = fl_gen_random_permille(&random, 300);
    facts.discount_percent = plan->hard && terms && facts.net_days > 14 ? 2 : 0;
    /* A2: beyond the first tenth a customer has some 30 orders a year at most. */
    facts.limited = fl_gen_random_permille(&random, 400) && customer >= plan->customers / 10;
    facts.frequent = customer < plan->customers / 4 * 3 + 1;
    return facts;
}

const char *fl_gen_segment_name(unsigned segment)
{
    static const char *const names[] = {"retail", "wholesale", "public"};
    FL_ASSERT(segment < sizeof names / sizeof names[0]);
    return names[segment];
}

int64_t fl_gen_product_price(const struct fl_workload_plan *plan, uint32_t product)
{
    struct fl_gen_random random = fl_gen_random_of(plan->seed, FL_GEN_FOR_PRODUCT, product);
    uint32_t band = fl_gen_random_below(&random, 5);
    if (band < 2)
        return 100 + fl_gen_random_below(&random, 1900);
    if (band < 4)
        return 2000 + fl_gen_random_below(&random, 10000);
    return 12000 + fl_gen_random_below(&random, 48000);
}

uint8_t fl_gen_product_tax(const struct fl_workload_plan *plan, uint32_t product)
{
    return fl_gen_mix(plan->seed ^ (product * UINT64_C(0x9e3779b97f4a7c15))) % 5 == 0 ? 7 : 19;
}

uint32_t fl_gen_customers_open(const struct fl_workload_plan *plan, uint32_t order)
{
    uint32_t late = plan->customers / 5;
    return plan->customers - late + (uint32_t)((uint64_t)late * order / plan->orders);
}

uint32_t fl_gen_orders_before(const struct fl_workload_plan *plan, uint32_t day)
{
    static const uint8_t weights_before[7] = {0, 5, 10, 15, 20, 25, 28}; /* Saturday 3, Sunday 2 */
    uint64_t all = plan->days / 7u * WEEK_WEIGHT + weights_before[plan->days % 7];
    uint64_t before = day / 7u * WEEK_WEIGHT + weights_before[day % 7];
    return (uint32_t)(plan->orders * before / all);
}

static uint32_t random_quantity(struct fl_gen_random *random)
{
    uint32_t band = fl_gen_random_below(random, 10);
    if (band < 5)
        return 1 + fl_gen_random_below(random, 3);
    if (band < 9)
        return 3 + fl_gen_random_below(random, 10);
    return 10 + fl_gen_random_below(random, FL_GEN_LINE_QUANTITY_MAX - 10 + 1);
}

static void random_line(const struct fl_workload_plan *plan, struct fl_gen_random *random,
                        struct fl_gen_line *line)
{
    line->product = fl_gen_random_skewed(random, plan->products);
    line->quantity = random_quantity(random);
    line->price_minor = fl_gen_product_price(plan, line->product);
    line->tax_percent = fl_gen_product_tax(plan, line->product);
    line->price_given = fl_gen_random_permille(random, 150);
    if (line->price_given)
        line->price_minor -= line->price_minor * (1 + fl_gen_random_below(random, 8)) / 100;
    line->discount_percent = fl_gen_random_permille(random, 80) ? 5 : 0;
}

/* In hard workloads a pair of neighbours in so many is one order placed twice: enough for one
 * payment in a hundred, the first of them early, so that small workloads have theirs too. */
static bool is_twin_pair(const struct fl_workload_plan *plan, uint32_t pair)
{
    uint32_t first = 10 + (uint32_t)(fl_gen_mix(plan->seed ^ FL_GEN_FOR_TWIN) % 20);
    bool early = pair < plan->orders / TWIN_EARLY; /* so that they need not be waited for */
    return plan->hard && pair * 2 + 1 < plan->orders && pair >= first &&
           (pair - first) % (early ? TWIN_PAIRS / 3 : TWIN_PAIRS) == 0;
}

/* In hard workloads a customer now and then places FL_GEN_BURST orders one after the other. */
static bool is_burst(const struct fl_workload_plan *plan, uint32_t order)
{
    uint32_t block = order / FL_GEN_BURST, pair = block * (FL_GEN_BURST / 2);
    return plan->hard && block % BURST_BLOCKS == BURST_BLOCKS / 2 &&
           (uint64_t)block * FL_GEN_BURST + FL_GEN_BURST <= plan->orders &&
           !is_twin_pair(plan, pair) && !is_twin_pair(plan, pair + 1);
}

static void split_or_freight(struct fl_gen_random *random, struct fl_gen_order *out)
{
    uint32_t pieces = 0;
    for (unsigned i = 0; i < out->line_count; i++)
        pieces += out->lines[i].quantity;
    out->split = !out->twin && !out->burst && pieces >= 6 && fl_gen_random_permille(random, 150);
    if (!out->split) {
        out->freight_minor = fl_gen_random_permille(random, 300) ? 490 : 0;
        return;
    }
    uint32_t later = 0;
    for (unsigned i = 0; i < out->line_count; i++) {
        out->lines[i].discount_percent = 0;
        later += out->lines[i].quantity / 2;
    }
    FL_ASSERT(later > 0); /* six pieces on four lines: one line has two */
}

void fl_gen_order_facts(const struct fl_workload_plan *plan, uint32_t order,
                        struct fl_gen_order *out)
{
    static const uint8_t line_counts[20] = {1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
                                            2, 2, 2, 2, 3, 3, 3, 3, 4, 4};
    bool twin = is_twin_pair(plan, order / 2);
    static_assert(FL_GEN_BURST % 2 == 0, "a burst is whole pairs");
    if (twin)
        order &= ~1u; /* the second is made from the first's numbers */
    struct fl_gen_random random = fl_gen_random_of(plan->seed, FL_GEN_FOR_ORDER, order);
    *out = (struct fl_gen_order){.twin = twin, .burst = is_burst(plan, order)};
    out->customer = fl_gen_random_skewed(&random, fl_gen_customers_open(plan, order));
    out->line_count = line_counts[fl_gen_random_below(&random, 20)];
    out->ship_delay_days = (uint8_t)(1 + fl_gen_random_below(&random, 3));
    uint32_t first = order / FL_GEN_BURST * FL_GEN_BURST;
    if (out->burst && order != first) {
        struct fl_gen_order leader;
        fl_gen_order_facts(plan, first, &leader);
        out->customer = leader.customer;
        out->ship_delay_days = leader.ship_delay_days;
    }
    out->second_delay_days = (uint8_t)(3 + fl_gen_random_below(&random, 10));
    for (unsigned i = 0; i < out->line_count; i++)
        random_line(plan, &random, &out->lines[i]);
    split_or_freight(&random, out);
}

uint32_t fl_gen_part_quantity(const struct fl_gen_order *order, unsigned line, unsigned part)
{
    uint32_t quantity = order->lines[line].quantity;
    FL_ASSERT(line < order->line_count && part <= 1);
    if (!order->split)
        return part == 0 ? quantity : 0;
    return part == 0 ? quantity - quantity / 2 : quantity / 2;
}

/* Half up; the numerators are never negative. */
static int64_t percent_of(int64_t amount_minor, int64_t percent)
{
    return (amount_minor * percent + 50) / 100;
}

struct fl_gen_total fl_gen_invoice_total(const struct fl_gen_order *order, unsigned part)
{
    int64_t net7_minor = 0, net19_minor = part == 0 ? order->freight_minor : 0;
    static_assert(FREIGHT_TAX_PERCENT == 19, "freight is in the sum of its rate");
    for (unsigned i = 0; i < order->line_count; i++) {
        const struct fl_gen_line *line = &order->lines[i];
        int64_t gross = line->price_minor * fl_gen_part_quantity(order, i, part);
        int64_t net_minor = percent_of(gross, 100 - line->discount_percent);
        if (line->tax_percent == 7)
            net7_minor += net_minor;
        else
            net19_minor += net_minor;
    }
    struct fl_gen_total total = {.net_minor = net7_minor + net19_minor,
                                 .tax_minor = percent_of(net7_minor, 7) +
                                              percent_of(net19_minor, 19)};
    total.total_minor = total.net_minor + total.tax_minor;
    FL_ASSERT(total.total_minor > 0);
    return total;
}
