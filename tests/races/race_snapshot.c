/* A writer that never stops, and readers that each see one version whole. A plain program, for the thread sanitizer.
 *
 * The writer moves money between the customers' accounts so that their sum never changes, adding rows as it goes; a
 * reader takes the sum over its snapshot and must find it unchanged and the count as the snapshot says. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/data/snapshot.h"

#define ACCOUNTS 5000u
#define ROUNDS 300u
#define SUM INT64_C(5000000)

static struct fl_store store;
static struct fl_snapshot handed;
static _Atomic uint32_t state; /* 0: none, 1: handed to the reader, 2: the reader is done */
static _Atomic uint32_t stop;
static unsigned wrong, read_count;

static void *reader(void *context)
{
    (void)context;
    while (!atomic_load_explicit(&stop, memory_order_acquire)) {
        if (atomic_load_explicit(&state, memory_order_acquire) != 1)
            continue;
        int64_t sum = 0;
        uint32_t rows = 0;
        for (uint32_t k = 0; k < fl_snapshot_chunk_count(&handed, FL_COLUMN_customer_account); k++) {
            uint32_t n;
            const struct fl_customer_account *accounts =
                (const struct fl_customer_account *)fl_snapshot_chunk(
                    &handed, FL_COLUMN_customer_account, k, &n);
            for (uint32_t i = 0; i < n; i++)
                sum += accounts[i].invoices_minor;
            rows += n;
        }
        wrong += sum != SUM || rows != handed.rows[FL_TABLE_customer];
        read_count++;
        fl_snapshot_release(&handed);
        atomic_store_explicit(&state, 2, memory_order_release);
    }
    return NULL;
}

static void move_money(uint64_t *random, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint32_t from = (uint32_t)(*random >> 33) % store.rows[FL_TABLE_customer];
        uint32_t to = (uint32_t)(*random >> 13) % store.rows[FL_TABLE_customer];
        fl_customer_account_write(&store, from)->invoices_minor -= 1;
        fl_customer_account_write(&store, to)->invoices_minor += 1;
    }
    if (store.rows[FL_TABLE_customer] < store.rows_max) /* a slow reader must not end the table */
        fl_store_add_row(&store, FL_TABLE_customer);
}

int main(void)
{
    struct fl_arena arena = {.count = 0};
    struct fl_store_config config = {.memory_bytes = 64u << 20, .rows_max = 1u << 16};
    uint64_t random = 42;
    pthread_t thread;
    if (fl_store_init(&store, &arena, &config) != FL_OK)
        return 1;
    fl_store_add_rows(&store, FL_TABLE_customer, ACCOUNTS);
    for (uint32_t row = 0; row < ACCOUNTS; row++)
        fl_customer_account_write(&store, row)->invoices_minor = SUM / ACCOUNTS;
    if (pthread_create(&thread, NULL, reader, NULL) != 0)
        return 1;
    for (unsigned round = 0; round < ROUNDS;) {
        move_money(&random, 500);
        if (atomic_load_explicit(&state, memory_order_acquire) == 1)
            continue;
        if (fl_snapshot_take(&store, round, &handed) != FL_OK)
            continue;
        round++;
        atomic_store_explicit(&state, 1, memory_order_release);
    }
    while (atomic_load_explicit(&state, memory_order_acquire) == 1)
        ;
    atomic_store_explicit(&stop, 1, memory_order_release);
    pthread_join(thread, NULL);
    printf("%u snapshots read, %u wrong, %llu chunks copied\n", read_count, wrong,
           (unsigned long long)store.copies);
    fl_arena_close(&arena);
    return wrong == 0 && read_count == ROUNDS && store.copies > 0 ? 0 : 1;
}
