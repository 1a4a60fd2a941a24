#include "tools/gen/workload_deck.h"

#include "core/base/contract.h"

/* clean, misquoted, several, part, amount only, difference, other payer, stranger, not ours, twin,
 * never */
static const uint8_t normal_counts[FL_GEN_CARD_KINDS] = {66, 10, 8, 4, 4, 2, 1, 2, 1, 0, 2};
static const uint8_t hard_counts[FL_GEN_CARD_KINDS] = {25, 25, 15, 5, 12, 7, 3, 0, 4, 0, 2};

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
    deck->counts = plan->hard ? hard_counts : normal_counts;
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

enum fl_gen_payment_kind fl_workload_deck_deal(struct fl_workload_deck *deck,
                                               const struct fl_gen_customer *customer)
{
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
