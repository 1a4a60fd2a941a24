#define _GNU_SOURCE /* affinity */

#include "bench/probe_handover.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "bench/bench_commands.h"

#define ROUNDS 20000
#define ENDED  (-1L)

/* Even: the first thread's turn; odd: the second's. */
struct table_tennis {
    _Alignas(2 * FL_CACHE_LINE) _Atomic long ball;
    int core;
};

static void stay_on(int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    (void)pthread_setaffinity_np(pthread_self(), sizeof cores,
                                 &cores); /* elsewhere it still measures */
}

static void *answer(void *context)
{
    struct table_tennis *table = context;
    long ball;
    stay_on(table->core);
    while ((ball = atomic_load(&table->ball)) != ENDED) {
        if (ball & 1)
            atomic_store(&table->ball, ball + 1);
    }
    return NULL;
}

static double play(struct table_tennis *table, int rounds)
{
    double start = fl_bench_now_s();
    for (int i = 0; i < rounds; i++) {
        long ball = atomic_load(&table->ball);
        atomic_store(&table->ball, ball + 1);
        while (atomic_load(&table->ball) != ball + 2)
            ;
    }
    return (fl_bench_now_s() - start) / (2.0 * rounds);
}

double fl_probe_handover(void)
{
    struct table_tennis table = {.ball = 0};
    cpu_set_t allowed;
    pthread_t second;
    int cores[2], count = 0;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2)
        return 0;
    for (int i = 0; i < CPU_SETSIZE && count < 2; i++) {
        if (CPU_ISSET(i, &allowed))
            cores[count++] = i;
    }
    table.core = cores[1];
    if (pthread_create(&second, NULL, answer, &table) != 0)
        return 0;
    stay_on(cores[0]);
    (void)play(&table, ROUNDS / 10); /* both run now */
    double seconds = play(&table, ROUNDS);
    atomic_store(&table.ball, ENDED);
    pthread_join(second, NULL);
    (void)pthread_setaffinity_np(pthread_self(), sizeof allowed, &allowed);
    FL_ASSERT(seconds > 0);
    return seconds;
}
