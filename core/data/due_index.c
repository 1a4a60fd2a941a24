#include "core/data/due_index.h"

#include "core/base/contract.h"

#define CHILDREN 4
#define LEVELS_MAX 24

enum fl_status fl_due_index_init(struct fl_due_index *index, struct fl_arena *arena,
                                 uint64_t entries_max)
{
    index->keys = fl_arena_take(arena, entries_max * sizeof *index->keys);
    index->count = index->count_ever = 0;
    index->capacity = entries_max;
    return index->keys ? FL_OK : FL_NO_MEMORY;
}

void fl_due_index_add(struct fl_due_index *index, uint64_t key)
{
    FL_ASSERT(index->count < index->capacity && key != FL_DUE_NOTHING);
    uint64_t at = index->count++;
    if (index->count > index->count_ever)
        index->count_ever = index->count;
    while (at > 0) {
        uint64_t parent = (at - 1) / CHILDREN;
        FL_ASSERT(index->keys[parent] != key); /* D1 */
        if (index->keys[parent] < key)
            break;
        index->keys[at] = index->keys[parent];
        at = parent;
    }
    index->keys[at] = key;
}

/* The key went up from the last place on the way to the top, and those above it one step down. */
void fl_due_index_undo_add(struct fl_due_index *index, uint64_t key)
{
    uint64_t way[LEVELS_MAX];
    unsigned depth = 0;
    FL_ASSERT(index->count > 0);
    uint64_t at = index->count - 1;
    while (index->keys[at] != key) {
        FL_ASSERT(at > 0 && depth < LEVELS_MAX);
        way[depth++] = at;
        at = (at - 1) / CHILDREN;
    }
    while (depth > 0) {
        uint64_t below = way[--depth];
        index->keys[at] = index->keys[below];
        at = below;
    }
    index->count--;
}

static uint64_t least_child(const struct fl_due_index *index, uint64_t at)
{
    uint64_t first = at * CHILDREN + 1, least = first;
    for (uint64_t child = first + 1; child < first + CHILDREN && child < index->count; child++) {
        if (index->keys[child] < index->keys[least])
            least = child;
    }
    return least;
}

uint64_t fl_due_index_take(struct fl_due_index *index)
{
    FL_ASSERT(index->count > 0);
    uint64_t taken = index->keys[0], last = index->keys[--index->count], at = 0;
    while (at * CHILDREN + 1 < index->count) {
        uint64_t child = least_child(index, at);
        if (index->keys[child] > last)
            break;
        index->keys[at] = index->keys[child];
        at = child;
    }
    index->keys[at] = last;
    return taken;
}
