/* rebuild.h - what a state opened from a checkpoint needs before it can go on: its indexes, and the state
 * digest that proves two states equal. */
#ifndef FLORIN_CORE_ENGINE_REBUILD_H
#define FLORIN_CORE_ENGINE_REBUILD_H

#include "core/domain/state.h"

/* Every index from the columns; they must be empty. */
void fl_state_rebuild(struct fl_state *s);

#endif
