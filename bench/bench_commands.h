/* bench_commands.h - the commands that the engine's benches send: masters, open invoices, receipts
 * that settle them, and whole cycles. Built outside the timed part, each with its id, as a client
 * would send them. */
#ifndef FLORIN_BENCH_BENCH_COMMANDS_H
#define FLORIN_BENCH_BENCH_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine/command.h"

#define FL_BENCH_COMMAND_BYTES 2048 /* the largest of them fits */

/* A run of commands, one behind the other. */
struct fl_bench_commands {
    char *bytes;
    size_t used, capacity;
    uint64_t count;
};

bool fl_bench_commands_open(struct fl_bench_commands *commands, size_t capacity);
void fl_bench_commands_close(struct fl_bench_commands *commands);
void fl_bench_commands_clear(struct fl_bench_commands *commands);

void fl_bench_add_customer(struct fl_bench_commands *commands, uint32_t number);
void fl_bench_add_product(struct fl_bench_commands *commands, uint32_t number);
/* An open invoice by amount, 119.00. */
void fl_bench_add_invoice(struct fl_bench_commands *commands, uint32_t number, uint32_t customer);
/* A receipt of 119.00 that names it and nothing else. */
void fl_bench_add_receipt(struct fl_bench_commands *commands, uint32_t number, uint32_t invoice);
/* Order of two lines, its shipment, its invoice, and the receipt that settles it: four commands. */
void fl_bench_add_cycle(struct fl_bench_commands *commands, uint32_t number, uint32_t customer,
                        uint32_t products);

/* xorshift, for orders of access that no prefetcher guesses. */
uint64_t fl_bench_random(uint64_t *state);
/* 0 .. count-1 in random order; the caller frees. Null: no memory. */
uint32_t *fl_bench_permutation(uint32_t count, uint64_t seed);
double fl_bench_now_s(void);

#endif
