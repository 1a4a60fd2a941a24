#include "core/data/ring.h"

#include <string.h>

#define HEADER sizeof(struct fl_ring_message)
static_assert(HEADER == 16, "messages stay 8-byte aligned");

void fl_ring_init(struct fl_ring *ring, void *buffer, uint64_t bytes)
{
    FL_ASSERT(bytes >= 4096 && (bytes & (bytes - 1)) == 0);
    FL_ASSERT(((uintptr_t)buffer & 7) == 0);
    memset(ring, 0, sizeof *ring);
    ring->buffer = buffer;
    ring->mask = bytes - 1;
}

/* True if [tail_open, tail_open + need) is free. Acquire pairs with the release in fl_ring_release: the
 * consumer is done with the bytes before they are written again. */
static bool has_room(struct fl_ring *ring, uint64_t need)
{
    uint64_t size = ring->mask + 1;
    if (ring->tail_open + need - ring->head_seen <= size)
        return true;
    ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
    return ring->tail_open + need - ring->head_seen <= size;
}

void *fl_ring_reserve(struct fl_ring *ring, uint32_t bytes, uint64_t tag)
{
    FL_ASSERT((bytes & 7) == 0 && bytes <= (ring->mask + 1) / 4);
    uint64_t need = HEADER + bytes;
    uint64_t at = ring->tail_open & ring->mask, to_end = ring->mask + 1 - at;
    if (to_end < need) {
        if (!has_room(ring, to_end + need))
            return NULL;
        if (to_end >= HEADER)
            ((struct fl_ring_message *)(ring->buffer + at))->bytes = FL_RING_PAD;
        ring->tail_open += to_end; /* fewer than HEADER left: the consumer skips them unread */
        at = 0;
    } else if (!has_room(ring, need)) {
        return NULL;
    }
    struct fl_ring_message *message = (struct fl_ring_message *)(ring->buffer + at);
    *message = (struct fl_ring_message){.bytes = bytes, .tag = tag};
    ring->tail_open += need;
    return message + 1;
}

void fl_ring_publish_to(struct fl_ring *ring, uint64_t position)
{
    FL_ASSERT(position <= ring->tail_open);
    /* Release pairs with the acquire in fl_ring_next. */
    atomic_store_explicit(&ring->tail, position, memory_order_release);
}

void fl_ring_publish(struct fl_ring *ring)
{
    fl_ring_publish_to(ring, ring->tail_open);
}

const struct fl_ring_message *fl_ring_next(struct fl_ring *ring)
{
    for (;;) {
        if (ring->head_open == ring->tail_seen) {
            ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
            if (ring->head_open == ring->tail_seen)
                return NULL;
        }
        uint64_t at = ring->head_open & ring->mask, to_end = ring->mask + 1 - at;
        const struct fl_ring_message *message =
            (const struct fl_ring_message *)(ring->buffer + at);
        if (to_end < HEADER || message->bytes == FL_RING_PAD) {
            ring->head_open += to_end;
            continue;
        }
        ring->head_open += HEADER + message->bytes;
        FL_ASSERT(message->bytes <= (ring->mask + 1) / 4);
        return message;
    }
}

void fl_ring_release(struct fl_ring *ring)
{
    /* Release pairs with the acquire in has_room. */
    atomic_store_explicit(&ring->head, ring->head_open, memory_order_release);
}
