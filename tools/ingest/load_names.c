#include "tools/ingest/load_names.h"

#include <stdlib.h>

#include "core/base/contract.h"
#include "core/base/hash.h"

struct fl_load_name {
    uint64_t hash;
    uint64_t offset; /* into text, plus 1; 0: a free slot */
    uint32_t length;
    uint32_t number;
};

void fl_load_names_free(struct fl_load_names *names)
{
    free(names->text);
    free(names->slots);
    *names = (struct fl_load_names){0};
}

void fl_load_names_clear(struct fl_load_names *names)
{
    names->text_used = 0;
    names->used = 0;
    if (names->slot_count > 0)
        memset(names->slots, 0, names->slot_count * sizeof *names->slots);
}

/* The slot of the name, or the free one where it belongs. */
static struct fl_load_name *slot_of(const struct fl_load_names *names, uint64_t hash,
                                    struct fl_slice name)
{
    FL_ASSERT(names->used < names->slot_count);
    for (uint32_t i = (uint32_t)hash & (names->slot_count - 1);;
         i = (i + 1) & (names->slot_count - 1)) {
        struct fl_load_name *slot = &names->slots[i];
        if (slot->offset == 0)
            return slot;
        if (slot->hash == hash && slot->length == name.length &&
            (name.length == 0 || memcmp(names->text + slot->offset - 1, name.at, name.length) == 0))
            return slot;
    }
}

static bool grow(struct fl_load_names *names)
{
    struct fl_load_names bigger = *names;
    bigger.slot_count = names->slot_count ? names->slot_count * 2 : 1024;
    bigger.slots = calloc(bigger.slot_count, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (uint32_t i = 0; i < names->slot_count; i++) {
        const struct fl_load_name *old = &names->slots[i];
        if (old->offset > 0)
            *slot_of(&bigger, old->hash,
                     fl_slice_of(names->text + old->offset - 1, old->length)) = *old;
    }
    free(names->slots);
    *names = bigger;
    return true;
}

static bool text_room(struct fl_load_names *names, size_t bytes)
{
    if (bytes <= names->text_capacity - names->text_used)
        return true;
    size_t capacity = (names->text_used + bytes) * 2 + 4096;
    char *text = realloc(names->text, capacity);
    if (!text)
        return false;
    names->text = text;
    names->text_capacity = capacity;
    return true;
}

uint32_t *fl_load_names_at(struct fl_load_names *names, struct fl_slice name)
{
    uint64_t hash = fl_hash64(name.at ? name.at : "", name.length, 0);
    if (names->used >= names->slot_count / 4 * 3 && !grow(names))
        return NULL;
    struct fl_load_name *slot = slot_of(names, hash, name);
    if (slot->offset > 0)
        return &slot->number;
    if (!text_room(names, name.length))
        return NULL;
    if (name.length > 0)
        memcpy(names->text + names->text_used, name.at, name.length);
    *slot = (struct fl_load_name){.hash = hash,
                                  .offset = names->text_used + 1,
                                  .length = (uint32_t)name.length,
                                  .number = FL_LOAD_NAME_NEW};
    names->text_used += name.length;
    names->used++;
    return &slot->number;
}
