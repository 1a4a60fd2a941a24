/* recovery_walk.h - crashes a recovery at each of its own operations, whatever it is that recovers.
 *
 * What the power left of that is recovered again, and must be as good. The disk that is given is not changed by it.
 */
#ifndef FLORIN_TESTS_SUPPORT_RECOVERY_WALK_H
#define FLORIN_TESTS_SUPPORT_RECOVERY_WALK_H

#include "storage/disk_sim.h"

/* Recovers from `disk` and says what is wrong with that; null: all is well. The disk stays the caller's. */
struct fl_recovery_judge {
    const char *(*judge)(const void *context, struct fl_disk *disk);
    const void *context;
};

/* From one image of what a crash left on `disk`. */
const char *fl_recovery_walk(struct fl_disk *disk, uint32_t image, uint64_t seed,
                             const struct fl_recovery_judge *judge);

#endif
