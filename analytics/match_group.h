/* match_group.h - documents that people pay as one: all, all that is due, one term, one statement
 * of account.
 *
 * Rule 7 looks at these before it looks at sums of a few: there are so few of them that one which
 * comes to the payment to the cent is no accident. The groups of a payer's open documents, credits
 * counted against:
 *
 *   all of them; those past due on the day of the payment; those due by it;
 *   those due on one day (a term);
 *   those dated in one month, and those dated up to a month's end (a statement of account).
 *
 * Pure.  Cost: two sorts of the days.
 */
#ifndef FLORIN_ANALYTICS_MATCH_GROUP_H
#define FLORIN_ANALYTICS_MATCH_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#define FL_MATCH_GROUP_ITEMS_MAX 512

struct fl_match_member {
    int64_t worth_minor; /* what it adds to a payment */
    uint16_t date, due_date;
};

/* The members from one day to another, both in. */
struct fl_match_group {
    bool by_due_date; /* else by date */
    uint16_t from, to;
    uint32_t count;
};

/* Groups of two and more that come to `target_minor`; one may be found in several ways. Writes
 * `most` at most and returns how many were found. */
uint32_t fl_match_groups(const struct fl_match_member *members, uint32_t count,
                         int64_t target_minor, uint16_t day, struct fl_match_group *out,
                         uint32_t most);

static inline bool fl_match_group_has(const struct fl_match_group *group,
                                      const struct fl_match_member *member)
{
    uint16_t day = group->by_due_date ? member->due_date : member->date;
    return day >= group->from && day <= group->to;
}

#endif
