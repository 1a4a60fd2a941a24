/* workload_facts.h - who buys what: every fact of a workload as a function of (seed, index).
 *
 * Nothing is kept: an order, a customer's habits, an invoice's total are made anew from their
 * number whenever they are needed, so ten million orders cost no memory here.
 *
 *   A1  Amounts are EUR cents. Quantities and prices are such that every product is exact but for a
 *       line discount and the tax, each rounded half up once, as the engine does (tax per rate).
 *   A2  A limited customer's orders stay far below the limit: nothing of a workload is refused.
 *
 * Thread: any.  Memory: none.  Cost: about 100 ns an order.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_FACTS_H
#define FLORIN_TOOLS_GEN_WORKLOAD_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#define FL_GEN_LINES_MAX 4
#define FL_GEN_ACCOUNTS 9
#define FL_GEN_LINE_QUANTITY_MAX 60
#define FL_GEN_BURST 4
#define FL_GEN_LIMIT_MINOR INT64_C(500000000)

struct fl_workload_plan {
    uint64_t seed;
    uint32_t orders, customers, products;
    uint16_t start_date, days; /* start_date is a Monday */
    bool hard;
};

struct fl_gen_customer {
    uint16_t net_days;
    uint16_t late_permille;  /* how often late */
    uint16_t late_days;      /* how late, roughly */
    uint8_t account;         /* which of our accounts is paid to */
    uint8_t segment;         /* 0 retail, 1 wholesale, 2 public */
    uint8_t discount_percent; /* 0: no early-payment terms; else within 14 days */
    bool limited, account_known;
    bool frequent;           /* orders often enough to pay several invoices at once */
};

struct fl_gen_line {
    uint32_t product, quantity;
    int64_t price_minor;
    uint8_t tax_percent, discount_percent;
    bool price_given; /* an agreed price; otherwise the product's */
};

struct fl_gen_order {
    uint32_t customer;
    uint8_t line_count;
    bool split; /* two shipments, two invoices; then no freight and no line discount */
    bool twin;  /* equal to its neighbour in everything but the number */
    bool burst; /* one of FL_GEN_BURST of one customer, shipped together: their invoices follow */
    uint8_t ship_delay_days, second_delay_days;
    int64_t freight_minor; /* net, 19 % */
    struct fl_gen_line lines[FL_GEN_LINES_MAX];
};

struct fl_gen_total {
    int64_t net_minor, tax_minor, total_minor; /* freight in */
};

struct fl_gen_customer fl_gen_customer_facts(const struct fl_workload_plan *plan,
                                             uint32_t customer);

/* "retail", "wholesale", "public". */
const char *fl_gen_segment_name(unsigned segment);

/* 1.00 .. 600.00; and 7 or 19 percent. */
int64_t fl_gen_product_price(const struct fl_workload_plan *plan, uint32_t product);
uint8_t fl_gen_product_tax(const struct fl_workload_plan *plan, uint32_t product);

/* Customers there when order `order` is placed: four fifths from the start, then some a day. */
uint32_t fl_gen_customers_open(const struct fl_workload_plan *plan, uint32_t order);

/* Orders placed before day `day` (0 ..= days); fewer at week ends. */
uint32_t fl_gen_orders_before(const struct fl_workload_plan *plan, uint32_t day);

void fl_gen_order_facts(const struct fl_workload_plan *plan, uint32_t order,
                        struct fl_gen_order *out);

/* How much of a line goes with shipment `part` (0 or 1). */
uint32_t fl_gen_part_quantity(const struct fl_gen_order *order, unsigned line, unsigned part);

/* The invoice of shipment `part` (A1). */
struct fl_gen_total fl_gen_invoice_total(const struct fl_gen_order *order, unsigned part);

/* 0 is Monday. */
static inline unsigned fl_gen_weekday(uint16_t date_days)
{
    return (date_days + 2u) % 7;
}

#endif
