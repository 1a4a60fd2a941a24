/* order.h - what an order line is worth, in each state; shared by orders, shipments and invoices.
 *
 *   X1  The exposure of a line depends only on its quantities, never on the way there, and its pieces lie in a
 *       row: invoiced, shipped and not invoiced (S), not yet either (O), cancelled. With
 *       T(x) = round(gross x x / ordered), O = T(not cancelled) - T(gone), S = T(gone) - T(invoiced), so that the
 *       states add up to the line whatever the rounding (D6), and what is kept can be recomputed (I5).
 *   X2  What a reservation's end closed follows from a flag of the order: all that is neither shipped nor invoiced.
 *       It stays so, since neither can grow past the other's edge any more; the quantities are kept.
 */
#ifndef FLORIN_CORE_DOMAIN_ORDER_H
#define FLORIN_CORE_DOMAIN_ORDER_H

#include "core/domain/state.h"

struct fl_line_exposure {
    int64_t ordered_minor, shipped_minor;
};

struct fl_line_exposure fl_order_line_exposure(const struct fl_store *store, uint32_t line,
                                               enum fl_rounding rounding);
/* Open: ordered - shipped - cancelled - closed (I4). */
int64_t fl_order_line_open(const struct fl_store *store, uint32_t line);
/* What may still be invoiced: ordered - cancelled - closed - invoiced. */
int64_t fl_order_line_billable(const struct fl_store *store, uint32_t line);

/* Closes what of an order is neither shipped nor invoiced, if its reservation still stands: gives back the stock
 * and the exposure (rulings D7, reservation expires). */
void fl_order_expire(struct fl_state *s, uint32_t order);

/* Changes a line's quantities by the given amounts and carries the difference in exposure to the order
 * and the customer. */
void fl_order_line_change(struct fl_state *s, uint32_t line, int64_t shipped, int64_t cancelled,
                          int64_t invoiced);

/* exposure = ordered + shipped + receivable (rulings D7). */
int64_t fl_customer_exposure(const struct fl_customer_account *account);
/* The limit that counts: own, or the nearest parent's; none anywhere: 0. False: unlimited. */
bool fl_customer_limit(const struct fl_store *store, uint32_t customer, int64_t *limit_out);

/* So much of one order line. */
struct fl_part_line {
    uint32_t line; /* row of order_line */
    uint32_t zeros;
    int64_t quantity;
};
/* The parts that a command names, or all that `available` leaves; at most FL_LINES_MAX in `out`.
 * FL_NOTHING_OPEN, FL_EXCEEDS_OPEN, FL_BAD_VALUE with the line named. */
enum fl_status fl_order_parts(struct fl_context *c, uint32_t order, struct fl_list lines,
                              int64_t (*available)(const struct fl_store *store, uint32_t line),
                              struct fl_part_line *out, uint32_t *count_out);

/* State after its lines changed. */
void fl_order_settle_state(struct fl_state *s, uint32_t order);

#endif
