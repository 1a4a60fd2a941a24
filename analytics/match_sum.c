#include "analytics/match_sum.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/contract.h"
#include "core/base/hash.h"

#define PARTS_MAX 36050 /* sets of 1 to 3 of 60 */
#define SLOTS     65536

struct part {
    int64_t sum;
    uint32_t next; /* + 1, under the same slot */
    uint8_t size, places[3];
};
static_assert((FL_MATCH_SUM_OPEN_MAX * (FL_MATCH_SUM_OPEN_MAX - 1) * (FL_MATCH_SUM_OPEN_MAX - 2)) /
                          6 +
                      (FL_MATCH_SUM_OPEN_MAX * (FL_MATCH_SUM_OPEN_MAX - 1)) / 2 +
                      FL_MATCH_SUM_OPEN_MAX <=
                  PARTS_MAX,
              "all sets of three have room");

struct fl_match_sum_workspace {
    struct part parts[PARTS_MAX];
    uint32_t part_count;
    uint32_t slot_mask;
    uint32_t first[SLOTS]; /* + 1 */
};

struct fl_match_sum_workspace *fl_match_sum_open(void)
{
    return malloc(sizeof(struct fl_match_sum_workspace));
}

void fl_match_sum_close(struct fl_match_sum_workspace *workspace)
{
    free(workspace);
}

static uint32_t slot_of(const struct fl_match_sum_workspace *w, int64_t sum)
{
    return (uint32_t)fl_hash_u64((uint64_t)sum, 0) & w->slot_mask;
}

static void part_add(struct fl_match_sum_workspace *w, int64_t sum, uint8_t size, uint32_t a,
                     uint32_t b, uint32_t c)
{
    FL_ASSERT(w->part_count < PARTS_MAX);
    uint32_t slot = slot_of(w, sum);
    w->parts[w->part_count] = (struct part){.sum = sum,
                                            .next = w->first[slot],
                                            .size = size,
                                            .places = {(uint8_t)a, (uint8_t)b, (uint8_t)c}};
    w->first[slot] = ++w->part_count;
}

static void parts_make(struct fl_match_sum_workspace *w, const int64_t *amounts, uint32_t n)
{
    uint32_t slots = 64;
    uint64_t parts = (uint64_t)n * (n + 1) * (n + 2) / 6;
    while (slots < SLOTS && slots < 2 * parts)
        slots *= 2;
    w->slot_mask = slots - 1;
    w->part_count = 0;
    memset(w->first, 0, slots * sizeof *w->first);
    for (uint32_t a = 0; a < n; a++) {
        part_add(w, amounts[a], 1, a, a, a);
        for (uint32_t b = a + 1; b < n; b++) {
            part_add(w, amounts[a] + amounts[b], 2, a, b, b);
            for (uint32_t c = b + 1; c < n; c++)
                part_add(w, amounts[a] + amounts[b] + amounts[c], 3, a, b, c);
        }
    }
}

static void found_add(struct fl_match_sum *out, const struct part *head, const struct part *tail)
{
    if (out->found < 2)
        out->found++;
    if (out->found > 1)
        return;
    out->count = (uint32_t)head->size + tail->size;
    memcpy(out->places, head->places, head->size);
    memcpy(out->places + head->size, tail->places, tail->size);
}

/* A set of k in order is its first k - k/2 and the k/2 behind them: this head with a tail of its
 * size, or one less. */
static void tails_seek(const struct fl_match_sum_workspace *w, const struct part *head,
                       uint32_t items_max, int64_t target, struct fl_match_sum *out)
{
    int64_t rest = target - head->sum;
    for (uint32_t at = w->first[slot_of(w, rest)]; at != 0; at = w->parts[at - 1].next) {
        const struct part *tail = &w->parts[at - 1];
        bool fits = tail->size == head->size || tail->size + 1 == head->size;
        if (tail->sum == rest && fits && (uint32_t)head->size + tail->size <= items_max &&
            head->places[head->size - 1] < tail->places[0])
            found_add(out, head, tail);
    }
}

static uint64_t choose(uint64_t n, uint64_t k)
{
    uint64_t result = k > n ? 0 : 1;
    for (uint64_t i = 1; i <= k && result > 0; i++)
        result = result * (n - k + i) / i;
    return result;
}

static int amount_order(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

/* The largest sum of up to k of them less the smallest. */
static int64_t spread_of(const int64_t *amounts, uint32_t n, uint32_t k)
{
    int64_t sorted[FL_MATCH_SUM_OPEN_MAX], most = 0, least = 0;
    memcpy(sorted, amounts, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, amount_order);
    for (uint32_t i = 0; i < k && i < n; i++) {
        most += sorted[n - 1 - i] > 0 ? sorted[n - 1 - i] : 0;
        least += sorted[i] < 0 ? sorted[i] : 0;
    }
    return most - least;
}

void fl_match_sum_weigh(const int64_t *amounts, uint32_t n, uint32_t items_max,
                        struct fl_match_sum *out)
{
    FL_ASSERT(n <= FL_MATCH_SUM_OPEN_MAX && items_max <= FL_MATCH_SUM_ITEMS_MAX);
    *out = (struct fl_match_sum){0};
    for (uint32_t k = 2; k <= items_max; k++)
        out->looked += choose(n, k);
    if (n >= 2)
        out->spread_minor = spread_of(amounts, n, items_max);
}

/* Those that a set of this sum can have: with one of the others even all that counts against stays
 * above. */
static uint32_t amounts_keep(const int64_t *amounts, uint32_t n, int64_t target, int64_t *kept,
                             uint8_t *places)
{
    int64_t against = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        against += amounts[i] < 0 ? amounts[i] : 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t least = amounts[i] < 0 ? against : against + amounts[i];
        if (least > target)
            continue;
        kept[count] = amounts[i];
        places[count++] = (uint8_t)i;
    }
    return count;
}

void fl_match_sum_find(struct fl_match_sum_workspace *w, const int64_t *amounts, uint32_t n,
                       uint32_t items_max, int64_t target, struct fl_match_sum *out)
{
    int64_t kept[FL_MATCH_SUM_OPEN_MAX];
    uint8_t places[FL_MATCH_SUM_OPEN_MAX];
    fl_match_sum_weigh(amounts, n, items_max, out);
    uint32_t count = amounts_keep(amounts, n, target, kept, places);
    if (count < 2)
        return;
    parts_make(w, kept, count);
    for (uint32_t i = 0; i < w->part_count && out->found < 2; i++)
        tails_seek(w, &w->parts[i], items_max, target, out);
    for (uint32_t i = 0; i < out->count; i++)
        out->places[i] = places[out->places[i]];
}

uint64_t fl_match_sum_lambda_e6(const struct fl_match_sum *sum)
{
    uint64_t spread = sum->spread_minor > 0 ? (uint64_t)sum->spread_minor : 1;
    return (sum->looked * 1000000 + spread - 1) / spread;
}
