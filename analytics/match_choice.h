/* match_choice.h - which open documents a payment settles, by which rule, with how many points; or what is missing.
 *
 * Every set of documents that the evidence or the amount suggests is a candidate with points of text, payer and
 * amount (rulings, Matching 3). The first rule whose best set is unique and sure settles (4, 5):
 *
 *   C1  Unique: every other set under this or an earlier rule has at least `margin` points fewer.
 *   C2  Sure: `auto` points, nothing in the text against it, currencies agree; and the rule may settle.
 *   C3  A set that the text names stands for everything the text names: with a mention it leaves out it may only
 *       be proposed. So does a set by amount beside any mention.
 *       A list whose payment is more than it owes may have been cut by a bank's width, or be a range: with the one
 *       document that the rest pays, or with all numbers between, it is a set; without, it may only be proposed.
 *       A damaged number leaves out what stands there whole, if another customer owes it; and one of few digits is a
 *       guess: both may only be proposed.
 *       An advice with amounts that adds up to the payment says how much each document gets (rule 3); one that does
 *       not add up is a list of numbers that may settle only if the documents come to the payment by what they owe.
 *   C4  Only one set of the payer's open items can give the amount: 15 points, where single items, discounts,
 *       tolerances, groups (match_group.h) and all sums of up to six were looked at. Beyond `sum_open` open items, and
 *       where some sum comes to any amount by accident, sums say nothing: then of a single document, or a group, of
 *       exactly the amount, if no other single one or group gives it.
 *   C5  Documents dated after the payment are never found by amount. What a payment of the same day or later takes was
 *       open on this one's day: it is not chosen, but it keeps an equal from being the only one.
 *
 * Pure but for the workspace.  Thread: any, each with its own.
 */
#ifndef FLORIN_ANALYTICS_MATCH_CHOICE_H
#define FLORIN_ANALYTICS_MATCH_CHOICE_H

#include "analytics/match_evidence.h"
#include "analytics/match_sum.h"

#define FL_MATCH_RULES 10

struct fl_match_settings {
    int auto_points, propose_points, margin;
    uint32_t sum_items, sum_open;
    uint64_t lambda_e6;
    bool oldest_first;
};
/* As `book.auto_match` says. */
struct fl_match_settings fl_match_settings_of(const struct fl_book_settings *book);

/* What payments of the batch took off an item on a day. */
struct fl_match_taking {
    int64_t amount_minor;
    uint32_t next;
    uint16_t date;
};

/* What an advice says is paid of an item; of a credit note how much of it is used. */
struct fl_match_advised {
    uint32_t item; /* FL_MATCH_NONE: nothing open, or it could be several */
    int64_t amount_minor, discount_minor;
};

/* What is open while a batch settles. */
struct fl_match_state {
    const struct fl_match_index *index;
    int64_t *open_minor;     /* of item */
    uint32_t *changed_first; /* of customer: items paid in part meanwhile; FL_MATCH_NONE */
    uint32_t *changed_next;  /* of item */
    uint32_t *touched;       /* of customer: how often something was taken off its items */
    uint32_t *taken;         /* of item: how often */
    struct fl_match_taking *takings;
    uint32_t *taking_first; /* of item: into takings; FL_MATCH_NONE */
    uint32_t taking_count, taking_room;
    const uint32_t *barred; /* items, by line: line->barred_first */
    const struct fl_match_advised *advised; /* by line: line->advised_first */
    struct fl_match_settings settings;
};

/* A payment to be settled. */
struct fl_match_line {
    uint64_t identity; /* decides between equals: hash of the bank's line, or of the receipt */
    int64_t amount_minor;
    int64_t charges_minor;
    uint32_t receipt;
    uint32_t statement_line;             /* FL_MATCH_NONE */
    uint32_t customer;                   /* FL_MATCH_NONE */
    uint32_t barred_first, barred_count; /* pairs a person undid */
    uint32_t advised_first;
    uint16_t advised_count; /* 0: no advice with amounts */
    uint16_t date;
    uint8_t currency;
};

enum fl_match_fit {
    FL_MATCH_FIT_NONE,
    FL_MATCH_FIT_EQUAL,
    FL_MATCH_FIT_DISCOUNT,
    FL_MATCH_FIT_TOLERANCE,
    FL_MATCH_FIT_FEE,
    FL_MATCH_FIT_LESS,
    FL_MATCH_FIT_MORE,
    FL_MATCH_FIT_ADVICE, /* of each document as much as the advice says, and it adds up */
};

/* Why a set may only be proposed, whatever its points. */
enum fl_match_assumed {
    FL_MATCH_ASSUMED_NOT,
    FL_MATCH_ASSUMED_DIGITS, /* few or damaged digits, and the amount does not tell it from others */
    FL_MATCH_ASSUMED_FEE,    /* what the bank kept is booked with the receipt, not after it */
    FL_MATCH_ASSUMED_CUT,    /* a list whose payment is more than it owes */
    FL_MATCH_ASSUMED_ADVICE, /* a list whose advice says other amounts */
    FL_MATCH_ASSUMED_SUM,    /* so many sums were looked at that one proves little */
    FL_MATCH_ASSUMED_PAYER,  /* a sum, and the payer is not known by account */
    FL_MATCH_ASSUMED_SEVERAL, /* the first of several sums */
};

#define FL_MATCH_SET_MAX FL_MATCH_MENTIONS_MAX

struct fl_match_set {
    uint32_t items[FL_MATCH_SET_MAX]; /* rising */
    uint32_t count;
    uint32_t customer;
    int16_t points;
    uint8_t rule;
    uint8_t fit; /* enum fl_match_fit */
    uint8_t text_points, payer_points;
    uint8_t payer_by; /* enum fl_match_payer_by */
    bool other_payer; /* the payer named is another customer */
    bool contradicted;
    bool only_one; /* C4 */
    uint8_t assumed; /* enum fl_match_assumed */
    bool damaged; /* a number was read as a damaged one, or is a few digits */
    bool wrong_digits; /* a number was read as a damaged one */
    bool no_slip; /* a damaged number in it is more likely what it says as it stands */
    bool undone;  /* a person undid it */
    uint64_t lambda_e6; /* of a sum */
};

enum fl_match_verdict { FL_MATCH_OPEN, FL_MATCH_PROPOSES, FL_MATCH_SETTLES };

enum fl_match_short {
    FL_MATCH_SHORT_NOTHING,
    FL_MATCH_SHORT_POINTS,
    FL_MATCH_SHORT_CONTRADICTION,
    FL_MATCH_SHORT_SEVERAL,
    FL_MATCH_SHORT_ASSUMED,
    FL_MATCH_SHORT_UNDONE,
};

#define FL_MATCH_CANDIDATES_MAX 12

struct fl_match_choice {
    struct fl_match_set sets[FL_MATCH_CANDIDATES_MAX]; /* the best first, once chosen */
    uint32_t count;
    uint8_t verdict;  /* enum fl_match_verdict; settles: sets[0] */
    uint8_t shortage; /* enum fl_match_short of sets[0] */
    uint8_t
        runner_up;   /* place of the next best set under the same rule or an earlier one; 0: none */
    bool paid_named;     /* what is named is closed */
    bool other_currency; /* what is named is open, but not in the payment's currency */
};

/* Chooses among the rules 1 to `rule_max`. `full`: all candidates, for a person to see. */
void fl_match_choose(const struct fl_match_state *state, const struct fl_match_line *line,
                     const struct fl_match_evidence *evidence, unsigned rule_max, bool full,
                     struct fl_match_sum_workspace *sums, struct fl_match_choice *out);

/* ---- how a set is paid ------------------------------------------------------------------------ */

struct fl_match_application {
    uint32_t source; /* item of a credit note; FL_MATCH_NONE: the payment */
    uint32_t item;   /* the invoice */
    int64_t amount_minor, discount_minor;
    int64_t difference_minor; /* > 0 short, < 0 over */
};
#define FL_MATCH_APPLICATIONS_MAX (2 * FL_MATCH_SET_MAX)

/* Credits of the set first, then cash, the oldest due first; what is short stays on the last (Matching 6). Returns how
 * many, 0 if nothing can be applied. */
uint32_t fl_match_plan(const struct fl_match_state *state, const struct fl_match_line *line,
                       const struct fl_match_set *set, struct fl_match_application *out);
/* Takes so much off an item, on that day. FL_NO_MEMORY. */
enum fl_status fl_match_take(struct fl_match_state *state, uint32_t item, int64_t minor,
                             uint16_t date) FL_MUST_USE;
/* Takes it off what is open, in `state`. FL_NO_MEMORY. */
enum fl_status fl_match_apply(struct fl_match_state *state, const struct fl_match_line *line,
                              const struct fl_match_application *applications,
                              uint32_t count) FL_MUST_USE;

#endif
