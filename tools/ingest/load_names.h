/* load_names.h - a set of names, each with a number: the masters already sent, the documents of a file.
 *
 *   N1  Names are compared whole, byte by byte; the hash only finds the place.
 *   N2  A place is valid until the next name is added.
 *
 * Thread: one. Memory: the names once and 24 bytes a slot; doubles at three quarters full. Cost: one hash and about
 * one miss.
 */
#ifndef FLORIN_TOOLS_INGEST_LOAD_NAMES_H
#define FLORIN_TOOLS_INGEST_LOAD_NAMES_H

#include "tools/format/slice.h"

#define FL_LOAD_NAME_NEW UINT32_MAX /* the number of a name that was just added */

struct fl_load_names {
    char *text;
    size_t text_used, text_capacity;
    struct fl_load_name *slots;
    uint32_t slot_count, used; /* slot_count: a power of two, or 0 before the first name */
};

/* All zero is an empty set. */
void fl_load_names_free(struct fl_load_names *names);
/* Forgets the names, keeps the memory. */
void fl_load_names_clear(struct fl_load_names *names);
/* The number of the name, added as FL_LOAD_NAME_NEW if it was not there; null if memory is refused. */
uint32_t *fl_load_names_at(struct fl_load_names *names, struct fl_slice name);

#endif
