#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/data/ring.h"
#include "tests/support/random.h"

#define RING_BYTES 4096u

/* A message is known by its number: its length and every byte follow from it. */
static uint32_t length_of(uint64_t number)
{
    return (uint32_t)(number * UINT64_C(0x9E3779B97F4A7C15) >> 40) % (RING_BYTES / 4 / 8 + 1) * 8;
}

static void fill(void *out, uint64_t number)
{
    uint32_t words = length_of(number) / 8;
    for (uint32_t i = 0; i < words; i++)
        ((uint64_t *)out)[i] = number * 31 + i;
}

static bool is_message(const struct fl_ring_message *message, uint64_t number)
{
    const uint64_t *words = (const uint64_t *)(message + 1);
    if (message->tag != number || message->bytes != length_of(number))
        return false;
    for (uint32_t i = 0; i < message->bytes / 8; i++) {
        if (words[i] != number * 31 + i)
            return false;
    }
    return true;
}

struct fixture {
    struct fl_ring ring;
    _Alignas(8) uint8_t bytes[RING_BYTES + 64];
};

static void fixture_open(struct fixture *f)
{
    fl_ring_init(&f->ring, f->bytes, RING_BYTES);
    memset(f->bytes + RING_BYTES, 0x5a, 64);
}

static void check_fence(const struct fixture *f)
{
    for (unsigned i = 0; i < 64; i++)
        cr_assert_eq(f->bytes[RING_BYTES + i], 0x5a, "written beyond the end");
}

/* The model counts: numbers reserved, published, read and given back. */
Test(ring, g1_g2_messages_come_whole_in_order_and_only_when_published)
{
    static struct fixture f;
    struct fl_random random = fl_random_start("ring");
    uint64_t reserved = 0, published = 0, read = 0, refused = 0, wrapped = 0;
    fixture_open(&f);
    for (unsigned step = 0; step < 400000; step++) {
        uint64_t at = f.ring.tail_open & f.ring.mask;
        switch (fl_random_below(&random, 4)) {
        case 0: {
            void *out = fl_ring_reserve(&f.ring, length_of(reserved), reserved);
            if (out)
                fill(out, reserved++);
            refused += out == NULL;
            wrapped += out != NULL && (f.ring.tail_open & f.ring.mask) < at;
            break;
        }
        case 1:
            fl_ring_publish(&f.ring);
            published = reserved;
            break;
        case 2: {
            const struct fl_ring_message *message = fl_ring_next(&f.ring);
            cr_assert_eq(message == NULL, read == published);
            cr_assert(!message || is_message(message, read));
            read += message != NULL;
            break;
        }
        default:
            fl_ring_release(&f.ring);
            cr_assert_eq(fl_ring_has_messages(&f.ring), read != published);
        }
    }
    check_fence(&f);
    cr_assert(refused > 100 && wrapped > 100, "neither full nor wrapped: the test tests nothing");
}

Test(ring, publishing_up_to_a_position_lets_out_what_lies_before_it_and_no_more)
{
    static struct fixture f;
    uint64_t positions[6];
    fixture_open(&f);
    for (uint64_t i = 0; i < 6; i++) {
        fill(fl_ring_reserve(&f.ring, length_of(i), i), i);
        positions[i] = f.ring.tail_open;
    }
    cr_assert_null(fl_ring_next(&f.ring));
    fl_ring_publish_to(&f.ring, positions[2]);
    for (uint64_t i = 0; i < 3; i++)
        cr_assert(is_message(fl_ring_next(&f.ring), i));
    cr_assert_null(fl_ring_next(&f.ring));
    fl_ring_publish(&f.ring);
    for (uint64_t i = 3; i < 6; i++)
        cr_assert(is_message(fl_ring_next(&f.ring), i));
    cr_assert_null(fl_ring_next(&f.ring));
}

Test(ring, the_largest_message_fits_an_empty_ring_wherever_it_stands)
{
    static struct fixture f;
    fixture_open(&f);
    for (unsigned i = 0; i < 5000; i++) {
        cr_assert_not_null(fl_ring_reserve(&f.ring, i % 7 * 8, i));
        fl_ring_publish(&f.ring);
        cr_assert_eq(fl_ring_next(&f.ring)->tag, i);
        fl_ring_release(&f.ring);
        void *out = fl_ring_reserve(&f.ring, RING_BYTES / 4, 1);
        cr_assert_not_null(out);
        memset(out, 0xff, RING_BYTES / 4); /* looks like a pad message wherever it is misread */
        fl_ring_publish(&f.ring);
        cr_assert_eq(fl_ring_next(&f.ring)->bytes, RING_BYTES / 4);
        fl_ring_release(&f.ring);
        cr_assert_null(fl_ring_next(&f.ring));
    }
    check_fence(&f);
}

Test(ring, a_message_above_a_quarter_is_a_broken_program, .signal = SIGABRT)
{
    static struct fixture f;
    fixture_open(&f);
    fl_ring_reserve(&f.ring, RING_BYTES / 4 + 8, 0);
}

/* ---- threads: more producers than cores, each with its ring, one consumer taking them in turn
 * ---------- */

#define PRODUCERS 8
#define MESSAGES  20000u

struct producer {
    struct fixture f;
    pthread_t thread;
    uint64_t read;
};

static void *produce(void *argument)
{
    struct producer *p = argument;
    for (uint64_t number = 0; number < MESSAGES;) {
        void *out = fl_ring_reserve(&p->f.ring, length_of(number), number);
        if (out)
            fill(out, number++);
        if (!out || number % 3 == 0)
            fl_ring_publish(&p->f.ring);
        if (!out)
            sched_yield();
    }
    fl_ring_publish(&p->f.ring);
    return NULL;
}

static uint64_t take_some(struct producer *p)
{
    const struct fl_ring_message *message;
    uint64_t taken = 0;
    while (taken < 16 && (message = fl_ring_next(&p->f.ring)) != NULL) {
        cr_assert(is_message(message, p->read), "message %lu", (unsigned long)p->read);
        p->read++;
        taken++;
    }
    fl_ring_release(&p->f.ring);
    return taken;
}

Test(ring, g2_nothing_is_lost_torn_or_out_of_order_under_more_producers_than_cores)
{
    static struct producer producers[PRODUCERS];
    for (unsigned i = 0; i < PRODUCERS; i++) {
        fixture_open(&producers[i].f);
        pthread_create(&producers[i].thread, NULL, produce, &producers[i]);
    }
    for (uint64_t left = (uint64_t)PRODUCERS * MESSAGES; left > 0;) {
        uint64_t taken = 0;
        for (unsigned i = 0; i < PRODUCERS; i++)
            taken += take_some(&producers[i]);
        left -= taken;
        if (taken == 0)
            sched_yield();
    }
    for (unsigned i = 0; i < PRODUCERS; i++) {
        pthread_join(producers[i].thread, NULL);
        cr_assert_eq(producers[i].read, MESSAGES);
        cr_assert(!fl_ring_has_messages(&producers[i].f.ring));
        check_fence(&producers[i].f);
    }
}
