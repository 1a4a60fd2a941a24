/* aging_kernel.h - one window of invoices by how long they are overdue: the inner loop of aging.
 *
 *   A1  Sums and counts are of the rows with open <> 0 dated by the as-of day; `over[i]` of those
 * among them that are due before limits[i]. A bucket is the difference of two neighbours: no row is
 * looked at twice. A2  Integers alone: every instruction set gives the same bits. A3  64-bit sums
 * hold while no amount has more than 50 bits; `wide` says how many they have, and a caller that
 *       finds more reckons the window by 128 bits (fl_aging_window_exact).
 *
 * Rows of 16 bytes twice (invoice_scan and invoice_money), or 16 and 8 where the open amounts are
 * an array of their own. Cost: 10 million rows are 320 MB; the loop keeps up with the memory
 * (README, Figures). Thread: any. Memory: the caller's.
 */
#ifndef FLORIN_ANALYTICS_AGING_KERNEL_H
#define FLORIN_ANALYTICS_AGING_KERNEL_H

#include "core/base/decimal.h"
#include "core/data/schema.h"

#define FL_AGING_LIMITS_MAX  9
#define FL_AGING_NARROW_BITS 50 /* A3 */

enum fl_aging_instructions {
    FL_AGING_PLAIN,
    FL_AGING_AVX2,
    FL_AGING_AVX512,
    FL_AGING_INSTRUCTIONS
};

/* What one window is asked. */
struct fl_aging_window {
    const struct fl_invoice_scan *scan;
    const int64_t *open; /* of the first row */
    unsigned open_words; /* 2: invoice_money rows; 1: an array */
    uint32_t rows;       /* at most FL_AGING_WINDOW_ROWS */
    uint16_t as_of;
    uint16_t limits[FL_AGING_LIMITS_MAX]; /* falling; a due date before it counts */
    unsigned limit_count;
};
#define FL_AGING_WINDOW_ROWS 4096u

struct fl_aging_sums {
    int64_t all, over[FL_AGING_LIMITS_MAX];
    uint32_t all_count, over_count[FL_AGING_LIMITS_MAX];
    uint64_t wide; /* all bits that some amount has (negative: of its complement) */
};

static inline bool fl_aging_is_narrow(const struct fl_aging_sums *sums)
{
    return sums->wide >> FL_AGING_NARROW_BITS == 0;
}

/* The best this processor has. */
enum fl_aging_instructions fl_aging_best(void);
/* `how` is at most fl_aging_best(). */
void fl_aging_window_scan(const struct fl_aging_window *window, enum fl_aging_instructions how,
                          struct fl_aging_sums *out);
/* The same by 128 bits, for amounts of any width. */
struct fl_aging_exact {
    fl_int128 all, over[FL_AGING_LIMITS_MAX];
};
void fl_aging_window_exact(const struct fl_aging_window *window, struct fl_aging_exact *out);

#endif
