#include "tools/gen/workload_deck.h"

#include "core/base/contract.h"

/* clean, misquoted, several, part, amount only, difference, other payer, stranger, not ours, twin,
 * never */
static const uint8_t normal_counts[FL_GEN_CARD_KINDS] = {66, 10, 8, 4, 4, 2, 1, 2, 1, 0, 2};
static const uint8_t hard_shares[FL_GEN_CARD_KINDS] = {25, 25, 15, 8, 12, 7, 3, 0, 4, 1, 2};

/* Hard: days that a kind is planned ahead of the most hurried, so that the turn of a rare kind, or
 * of one that takes weeks to come together, seldom has to wait. */
static const uint8_t lead_days[FL_GEN_CARD_KINDS] = {0, 0, 0, 2, 3, 3, 8, 0, 0, 0, 0};
#define LEAD_DAYS_MAX 8

static const char *const names[] = {
#define KIND_NAME(symbol, name) name,
    FL_GEN_PAYMENT_KINDS(KIND_NAME)
#undef KIND_NAME
};

const char *fl_gen_payment_kind_name(enum fl_gen_payment_kind kind)
{
    FL_ASSERT(kind < FL_GEN_PAY_KINDS);
    return names[kind];
}

static void shuffle(struct fl_workload_deck *deck)
{
    for (unsigned i = deck->card_count; i > 1; i--) {
        unsigned k = fl_gen_random_below(&deck->random, i);
        uint8_t card = deck->cards[i - 1];
        deck->cards[i - 1] = deck->cards[k];
        deck->cards[k] = card;
    }
    deck->left = deck->card_count;
}

void fl_workload_deck_init(struct fl_workload_deck *deck, const struct fl_workload_plan *plan)
{
    *deck = (struct fl_workload_deck){0};
    deck->random = fl_gen_random_of(plan->seed, FL_GEN_FOR_DECK, 0);
    deck->hard = plan->hard;
    for (unsigned kind = 0; kind < FL_GEN_CARD_KINDS; kind++)
        deck->planned[kind] = (uint64_t)plan->orders * hard_shares[kind] *
                              (LEAD_DAYS_MAX - lead_days[kind]) / (plan->days * UINT64_C(100));
    deck->counts = normal_counts;
    for (uint8_t kind = 0; kind < FL_GEN_CARD_KINDS; kind++)
        for (unsigned i = 0; i < deck->counts[kind]; i++) {
            FL_ASSERT(deck->card_count < FL_GEN_DECK_CARDS_MAX);
            deck->cards[deck->card_count++] = kind;
        }
    shuffle(deck);
}

static bool suits(unsigned kind, const struct fl_gen_customer *customer)
{
    return kind != FL_GEN_PAY_SEVERAL || customer->frequent;
}

/* The kind that is planned least for its share: (planned + 1) / share. */
static enum fl_gen_payment_kind deal_hard(struct fl_workload_deck *deck,
                                          const struct fl_gen_customer *customer)
{
    unsigned best = FL_GEN_CARD_KINDS;
    for (unsigned kind = 0; kind < FL_GEN_CARD_KINDS; kind++) {
        bool dealt = hard_shares[kind] > 0 && kind != FL_GEN_PAY_NOT_OURS &&
                     kind != FL_GEN_PAY_TWIN && suits(kind, customer);
        if (dealt && (best == FL_GEN_CARD_KINDS ||
                      (deck->planned[kind] + 1) * hard_shares[best] <
                          (deck->planned[best] + 1) * hard_shares[kind]))
            best = kind;
    }
    FL_ASSERT(best < FL_GEN_CARD_KINDS);
    deck->planned[best]++;
    return best;
}

enum fl_gen_payment_kind fl_workload_deck_deal(struct fl_workload_deck *deck,
                                               const struct fl_gen_customer *customer)
{
    if (deck->hard)
        return deal_hard(deck, customer);
    for (unsigned kind = 0; kind < FL_GEN_CARD_KINDS; kind++)
        if (deck->owed[kind] > 0 && suits(kind, customer)) {
            deck->owed[kind]--;
            return kind;
        }
    for (;;) { /* ends: most cards suit everyone */
        if (deck->left == 0)
            shuffle(deck);
        unsigned kind = deck->cards[--deck->left];
        if (suits(kind, customer))
            return kind;
        deck->owed[kind]++;
    }
}

void fl_workload_deck_plan(struct fl_workload_deck *deck, enum fl_gen_payment_kind kind,
                           int payments)
{
    FL_ASSERT(payments > 0 || deck->planned[kind] > 0);
    if (payments > 0)
        deck->planned[kind]++;
    else
        deck->planned[kind]--;
}

unsigned fl_workload_deck_share(enum fl_gen_payment_kind kind)
{
    FL_ASSERT(kind < FL_GEN_PAY_KINDS);
    return hard_shares[kind];
}
