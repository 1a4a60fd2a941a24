#include "analytics/match_group.h"

#include <stdlib.h>

#include "core/base/contract.h"
#include "core/base/date.h"

struct finder {
    const struct fl_match_member *members;
    uint32_t keys[FL_MATCH_GROUP_ITEMS_MAX]; /* day << 16 | place */
    uint32_t count;
    int64_t target_minor;
    struct fl_match_group *out;
    uint32_t most, found;
};

static int key_order(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static void sort_by(struct finder *f, bool by_due_date)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const struct fl_match_member *member = &f->members[i];
        f->keys[i] = (uint32_t)(by_due_date ? member->due_date : member->date) << 16 | i;
    }
    qsort(f->keys, f->count, sizeof *f->keys, key_order);
}

static uint16_t day_of(const struct finder *f, uint32_t at)
{
    return (uint16_t)(f->keys[at] >> 16);
}

/* Those in order from `first` to before `end`. */
static void group_try(struct finder *f, bool by_due_date, uint32_t first, uint32_t end, int64_t sum)
{
    if (sum != f->target_minor || end - first < 2)
        return;
    if (f->found < f->most)
        f->out[f->found] = (struct fl_match_group){.by_due_date = by_due_date,
                                                   .from = day_of(f, first),
                                                   .to = day_of(f, end - 1),
                                                   .count = end - first};
    f->found++;
}

static void by_due_date(struct finder *f, uint16_t day)
{
    int64_t all = 0;
    sort_by(f, true);
    for (uint32_t at = 0, end; at < f->count; at = end) {
        int64_t term = 0;
        uint16_t due = day_of(f, at);
        for (end = at; end < f->count && day_of(f, end) == due; end++)
            term += f->members[f->keys[end] & 0xFFFF].worth_minor;
        all += term;
        uint16_t next = end < f->count ? day_of(f, end) : UINT16_MAX;
        bool past = due < day && next >= day, by_day = due <= day && next > day;
        bool all_due = past || by_day || end == f->count;
        if (all_due)
            group_try(f, true, 0, end, all);
        if (!all_due || at > 0)
            group_try(f, true, at, end, term);
    }
}

static uint16_t month_end(uint16_t day)
{
    struct fl_civil civil = fl_date_to_civil(day);
    bool december = civil.month == 12;
    return (uint16_t)(fl_date_from_civil(civil.year + december, december ? 1 : civil.month + 1, 1) -
                      1);
}

static void by_statement(struct finder *f)
{
    int64_t all = 0;
    sort_by(f, false);
    for (uint32_t at = 0, end; at < f->count; at = end) {
        int64_t month = 0;
        uint16_t last = month_end(day_of(f, at));
        for (end = at; end < f->count && day_of(f, end) <= last; end++)
            month += f->members[f->keys[end] & 0xFFFF].worth_minor;
        all += month;
        group_try(f, false, 0, end, all);
        if (at > 0)
            group_try(f, false, at, end, month);
    }
}

uint32_t fl_match_groups(const struct fl_match_member *members, uint32_t count,
                         int64_t target_minor, uint16_t day, struct fl_match_group *out,
                         uint32_t most)
{
    struct finder f = {
        .members = members, .count = count, .target_minor = target_minor, .out = out, .most = most};
    FL_ASSERT(count <= FL_MATCH_GROUP_ITEMS_MAX);
    by_due_date(&f, day);
    by_statement(&f);
    return f.found;
}
