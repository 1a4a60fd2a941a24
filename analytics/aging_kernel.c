#include "analytics/aging_kernel.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f")))
#define INLINE static inline __attribute__((always_inline))
#endif

/* The last eight bytes of an invoice_scan row as one word. */
static_assert(sizeof(struct fl_invoice_scan) == 16 &&
                  offsetof(struct fl_invoice_scan, date) == 12 &&
                  offsetof(struct fl_invoice_scan, due_date) == 14,
              "date in bits 32 to 47 of the second word, due date above");
static_assert(sizeof(struct fl_invoice_money) == 16 &&
                  offsetof(struct fl_invoice_money, open_minor) == 0,
              "every second word is an open amount");
static_assert(FL_AGING_WINDOW_ROWS <= 1u << (62 - FL_AGING_NARROW_BITS), "A3");

static void rows_add(const struct fl_aging_window *w, uint32_t from, struct fl_aging_sums *sums)
{
    for (uint32_t i = from; i < w->rows; i++) {
        int64_t open = w->open[(size_t)i * w->open_words];
        if (open == 0 || w->scan[i].date > w->as_of)
            continue;
        sums->all = (int64_t)((uint64_t)sums->all + (uint64_t)open);
        sums->all_count++;
        sums->wide |= (uint64_t)(open ^ (open >> 63));
        for (unsigned k = 0; k < w->limit_count && w->scan[i].due_date < w->limits[k]; k++) {
            sums->over[k] = (int64_t)((uint64_t)sums->over[k] + (uint64_t)open);
            sums->over_count[k]++;
        }
    }
}

void fl_aging_window_exact(const struct fl_aging_window *w, struct fl_aging_exact *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < w->rows; i++) {
        int64_t open = w->open[(size_t)i * w->open_words];
        if (w->scan[i].date > w->as_of)
            continue;
        out->all += open;
        for (unsigned k = 0; k < w->limit_count && w->scan[i].due_date < w->limits[k]; k++)
            out->over[k] += open;
    }
}

#if defined(__x86_64__)

/* ---- four rows at a time
 * --------------------------------------------------------------------------- */

struct four {
    __m256i all, all_count, wide, over[FL_AGING_LIMITS_MAX], over_count[FL_AGING_LIMITS_MAX];
};

AVX2 INLINE int64_t four_sum(__m256i v)
{
    int64_t lanes[4];
    _mm256_storeu_si256((__m256i *)lanes, v);
    return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

AVX2 INLINE void four_add(const struct fl_aging_window *w, uint32_t i, unsigned words,
                          unsigned limits, struct four *s)
{
    const __m256i *rows = (const __m256i *)(w->scan + i);
    const int64_t *at = w->open + (size_t)i * words;
    __m256i open = _mm256_loadu_si256((const __m256i *)at);
    /* Rows 0 2 1 3: as unpacking leaves them. */
    __m256i dates = _mm256_unpackhi_epi64(_mm256_loadu_si256(rows), _mm256_loadu_si256(rows + 1));
    if (words == 2)
        open = _mm256_unpacklo_epi64(open, _mm256_loadu_si256((const __m256i *)(at + 4)));
    else
        open = _mm256_permute4x64_epi64(open, 0xd8);
    __m256i due = _mm256_srli_epi64(dates, 48);
    __m256i date = _mm256_srli_epi64(_mm256_slli_epi64(dates, 16), 48);
    __m256i zero = _mm256_setzero_si256();
    __m256i none = _mm256_or_si256(_mm256_cmpgt_epi64(date, _mm256_set1_epi64x(w->as_of)),
                                   _mm256_cmpeq_epi64(open, zero));
    open = _mm256_andnot_si256(none, open);
    s->all = _mm256_add_epi64(s->all, open);
    s->all_count = _mm256_add_epi64(s->all_count, _mm256_andnot_si256(none, _mm256_set1_epi64x(1)));
    s->wide = _mm256_or_si256(s->wide, _mm256_xor_si256(open, _mm256_cmpgt_epi64(zero, open)));
    for (unsigned k = 0; k < limits; k++) {
        __m256i over = _mm256_cmpgt_epi64(_mm256_set1_epi64x(w->limits[k]), due);
        over = _mm256_andnot_si256(none, over);
        s->over[k] = _mm256_add_epi64(s->over[k], _mm256_and_si256(over, open));
        s->over_count[k] = _mm256_sub_epi64(s->over_count[k], over);
    }
}

AVX2 INLINE void fours_scan(const struct fl_aging_window *w, unsigned words, unsigned limits,
                            struct fl_aging_sums *out)
{
    struct four s;
    uint32_t i = 0;
    memset(&s, 0, sizeof s);
    for (; i + 4 <= w->rows; i += 4)
        four_add(w, i, words, limits, &s);
    int64_t wide[4];
    _mm256_storeu_si256((__m256i *)wide, s.wide);
    out->wide = (uint64_t)(wide[0] | wide[1] | wide[2] | wide[3]);
    out->all = four_sum(s.all);
    out->all_count = (uint32_t)four_sum(s.all_count);
    for (unsigned k = 0; k < limits; k++) {
        out->over[k] = four_sum(s.over[k]);
        out->over_count[k] = (uint32_t)four_sum(s.over_count[k]);
    }
    rows_add(w, i, out);
}

/* The usual number of limits (30, 60, 90) by registers alone. */
AVX2 static void avx2_scan(const struct fl_aging_window *w, struct fl_aging_sums *out)
{
    if (w->limit_count == 4 && w->open_words == 2)
        fours_scan(w, 2, 4, out);
    else if (w->limit_count == 4)
        fours_scan(w, 1, 4, out);
    else
        fours_scan(w, w->open_words, w->limit_count, out);
}

/* ---- eight rows at a time
 * -------------------------------------------------------------------------- */

struct eight {
    __m512i all, all_count, wide, over[FL_AGING_LIMITS_MAX], over_count[FL_AGING_LIMITS_MAX];
};

AVX512 INLINE void eight_add(const struct fl_aging_window *w, uint32_t i, unsigned words,
                             unsigned limits, struct eight *s)
{
    const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    const __m512i odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
    const __m512i one = _mm512_set1_epi64(1);
    const int64_t *at = w->open + (size_t)i * words;
    __m512i open = _mm512_loadu_si512(at);
    if (words == 2)
        open = _mm512_permutex2var_epi64(open, even, _mm512_loadu_si512(at + 8));
    __m512i dates = _mm512_permutex2var_epi64(_mm512_loadu_si512(w->scan + i), odd,
                                              _mm512_loadu_si512(w->scan + i + 4));
    __m512i due = _mm512_srli_epi64(dates, 48);
    __m512i date = _mm512_srli_epi64(_mm512_slli_epi64(dates, 16), 48);
    __mmask8 some = _mm512_cmple_epu64_mask(date, _mm512_set1_epi64(w->as_of));
    some = _mm512_mask_test_epi64_mask(some, open, open);
    s->all = _mm512_mask_add_epi64(s->all, some, s->all, open);
    s->all_count = _mm512_mask_add_epi64(s->all_count, some, s->all_count, one);
    __m512i bits = _mm512_xor_si512(open, _mm512_srai_epi64(open, 63));
    s->wide = _mm512_mask_or_epi64(s->wide, some, s->wide, bits);
    for (unsigned k = 0; k < limits; k++) {
        __mmask8 over = _mm512_mask_cmplt_epu64_mask(some, due, _mm512_set1_epi64(w->limits[k]));
        s->over[k] = _mm512_mask_add_epi64(s->over[k], over, s->over[k], open);
        s->over_count[k] = _mm512_mask_add_epi64(s->over_count[k], over, s->over_count[k], one);
    }
}

AVX512 INLINE void eights_scan(const struct fl_aging_window *w, unsigned words, unsigned limits,
                               struct fl_aging_sums *out)
{
    struct eight s;
    uint32_t i = 0;
    memset(&s, 0, sizeof s);
    for (; i + 8 <= w->rows; i += 8)
        eight_add(w, i, words, limits, &s);
    out->wide = (uint64_t)_mm512_reduce_or_epi64(s.wide);
    out->all = _mm512_reduce_add_epi64(s.all);
    out->all_count = (uint32_t)_mm512_reduce_add_epi64(s.all_count);
    for (unsigned k = 0; k < limits; k++) {
        out->over[k] = _mm512_reduce_add_epi64(s.over[k]);
        out->over_count[k] = (uint32_t)_mm512_reduce_add_epi64(s.over_count[k]);
    }
    rows_add(w, i, out);
}

AVX512 static void avx512_scan(const struct fl_aging_window *w, struct fl_aging_sums *out)
{
    if (w->limit_count == 4 && w->open_words == 2)
        eights_scan(w, 2, 4, out);
    else if (w->limit_count == 4)
        eights_scan(w, 1, 4, out);
    else
        eights_scan(w, w->open_words, w->limit_count, out);
}

#endif

enum fl_aging_instructions fl_aging_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return FL_AGING_AVX512;
    if (__builtin_cpu_supports("avx2"))
        return FL_AGING_AVX2;
#endif
    return FL_AGING_PLAIN;
}

void fl_aging_window_scan(const struct fl_aging_window *w, enum fl_aging_instructions how,
                          struct fl_aging_sums *out)
{
    FL_ASSERT(w->rows <= FL_AGING_WINDOW_ROWS && w->limit_count <= FL_AGING_LIMITS_MAX);
    FL_ASSERT(w->open_words == 1 || w->open_words == 2);
    memset(out, 0, sizeof *out);
#if defined(__x86_64__)
    if (how == FL_AGING_AVX512)
        avx512_scan(w, out);
    else if (how == FL_AGING_AVX2)
        avx2_scan(w, out);
    else
        rows_add(w, 0, out);
#else
    (void)how;
    rows_add(w, 0, out);
#endif
}
