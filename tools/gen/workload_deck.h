/* workload_deck.h - deals each payment its kind, so that the shares come out as stated.
 *
 *   normal, in hundred payments: clean 66, misquoted 10, several 8, part 7, amount only 4, a little
 *           over 2, other payer 1, nothing to identify 2, not ours 1
 *   hard    (fixed): clean 25, misquoted 25, several 15, part 8, amount only 12, difference 7,
 *           other payer 3, not ours 4, twins 1
 *   and beside the hundred, two invoices that are never paid.
 *
 * Normal: kinds come from a shuffled deck of about a hundred cards, over and over. A kind that does
 * not suit the customer at hand (several invoices at once from one who orders twice a year) is owed
 * and dealt to the next who suits. A part payment is followed by its rest in seven of ten cases,
 * which is a part payment too: so the deck has fewer of those cards than the shares say.
 *
 * Hard: the kind of which least of its share is planned so far, among those that suit; rests are
 * planned payments too. That supplies every kind in its share; that the payments made have the
 * shares exactly is workload_ready.h. Not ours and twins are not dealt: the former need no invoice,
 * the latter come from twin orders.
 *
 * Thread: one.  Memory: 300 bytes.
 */
#ifndef FLORIN_TOOLS_GEN_WORKLOAD_DECK_H
#define FLORIN_TOOLS_GEN_WORKLOAD_DECK_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/gen/gen_random.h"
#include "tools/gen/workload_facts.h"

/* X(symbol, name in the summary) */
#define FL_GEN_PAYMENT_KINDS(X)                                                                   \
    X(CLEAN, "clean reference")                                                                   \
    X(MISQUOTED, "damaged or shortened")                                                          \
    X(SEVERAL, "several documents")                                                               \
    X(PART, "part payment")                                                                       \
    X(AMOUNT_ONLY, "amount and payer only")                                                       \
    X(DIFFERENCE, "discount, fee, tolerance")                                                     \
    X(OTHER_PAYER, "other payer")                                                                 \
    X(STRANGER, "nothing to identify")                                                            \
    X(NOT_OURS, "unmatchable")                                                                    \
    X(TWIN, "undecidable twins")

enum fl_gen_payment_kind {
#define FL_GEN_KIND(symbol, name) FL_GEN_PAY_##symbol,
    FL_GEN_PAYMENT_KINDS(FL_GEN_KIND)
#undef FL_GEN_KIND
        FL_GEN_PAY_KINDS,
    FL_GEN_PAY_NEVER = FL_GEN_PAY_KINDS, /* a card, not a payment */
    FL_GEN_CARD_KINDS
};

#define FL_GEN_DECK_CARDS_MAX 112

struct fl_workload_deck {
    struct fl_gen_random random;
    const uint8_t *counts; /* cards of each kind */
    uint8_t cards[FL_GEN_DECK_CARDS_MAX];
    uint8_t card_count, left;
    uint32_t owed[FL_GEN_CARD_KINDS];
    bool hard;
    uint64_t planned[FL_GEN_CARD_KINDS]; /* hard only */
};

void fl_workload_deck_init(struct fl_workload_deck *deck, const struct fl_workload_plan *plan);

/* The kind of the next payment, for an invoice of this customer. FL_GEN_PAY_NOT_OURS means a line
 * that settles nothing: make it and deal again. */
enum fl_gen_payment_kind fl_workload_deck_deal(struct fl_workload_deck *deck,
                                               const struct fl_gen_customer *customer);

/* Hard: a payment of this kind was planned (1) or given up (-1) without being dealt. */
void fl_workload_deck_plan(struct fl_workload_deck *deck, enum fl_gen_payment_kind kind,
                           int payments);

/* Of a hundred payments of a hard workload. */
unsigned fl_workload_deck_share(enum fl_gen_payment_kind kind);

const char *fl_gen_payment_kind_name(enum fl_gen_payment_kind kind);

#endif
