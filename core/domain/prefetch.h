/* prefetch.h - the pass before apply: see prefetch.c. */
#ifndef FLORIN_CORE_DOMAIN_PREFETCH_H
#define FLORIN_CORE_DOMAIN_PREFETCH_H

#include "core/domain/state.h"

#define FL_PREFETCH_MAX 32

void fl_state_prefetch(const struct fl_state *s, const struct fl_command *const *commands,
                       uint32_t count);

#endif
