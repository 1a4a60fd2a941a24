/* ring.h - a bounded byte ring between one producer and one consumer, without a lock.
 *
 *     | length, tag | message, 8-byte aligned | length, tag | message | pad to the end | ...
 *
 *   G1  A message never wraps: what is left at the end is skipped by a pad message.
 *   G2  The consumer sees a message whole or not at all: the tail is published with release after the bytes,
 *       and read with acquire before them; the head likewise the other way round, so that a producer never
 *       writes over what is still read.
 *   G3  Each side keeps a copy of the other's index and reads the shared one only when the copy says full
 *       or empty: a line moves between the cores once a group, not once a message.
 *
 * Memory: the caller's, a power of two. No system call: who waits, waits outside.
 */
#ifndef FLORIN_CORE_DATA_RING_H
#define FLORIN_CORE_DATA_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/contract.h"

struct fl_ring_message {
    uint32_t bytes; /* of the payload, multiple of 8; FL_RING_PAD: skip to the end */
    uint32_t pad;
    uint64_t tag;
};

#define FL_RING_PAD UINT32_MAX

struct fl_ring {
    uint8_t *buffer;
    uint64_t mask;
    /* Producer's line. */
    _Alignas(FL_CACHE_LINE) _Atomic uint64_t tail; /* published */
    uint64_t tail_open;                            /* written, not yet published */
    uint64_t head_seen;
    /* Consumer's line. */
    _Alignas(FL_CACHE_LINE) _Atomic uint64_t head;
    uint64_t head_open; /* read, not yet given back */
    uint64_t tail_seen;
};

/* `bytes` is a power of two, at least 4 KiB; `buffer` is 8-byte aligned and outlives the ring. */
void fl_ring_init(struct fl_ring *ring, void *buffer, uint64_t bytes);

/* Producer: room for a payload of `bytes` (multiple of 8), or null while the ring is full. The largest
 * message is a quarter of the ring. Then publish, or reserve again: several messages may go out with one
 * publish. */
void *fl_ring_reserve(struct fl_ring *ring, uint32_t bytes, uint64_t tag);
void fl_ring_publish(struct fl_ring *ring);
/* Publishes only up to `position`, which was `tail_open` after some message: results go out when they are
 * durable, not when they are written. */
void fl_ring_publish_to(struct fl_ring *ring, uint64_t position);

/* Consumer: the next message, or null while there is none. It stays valid until fl_ring_release, which
 * gives back all messages read so far. */
const struct fl_ring_message *fl_ring_next(struct fl_ring *ring);
void fl_ring_release(struct fl_ring *ring);

/* Any thread: true if something is published and not yet read (a hint, but never false for long). */
static inline bool fl_ring_has_messages(const struct fl_ring *ring)
{
    return atomic_load_explicit(&ring->tail, memory_order_acquire) !=
           atomic_load_explicit(&ring->head, memory_order_relaxed);
}

#endif
