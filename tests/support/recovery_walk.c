#include "tests/support/recovery_walk.h"

const char *fl_recovery_walk(struct fl_disk *disk, uint32_t image, uint64_t seed,
                             const struct fl_recovery_judge *judge)
{
    const char *complaint = NULL;
    bool ended = false;
    for (uint64_t op = 1; !ended && !complaint; op++) {
        struct fl_disk *first = fl_disk_sim_image(disk, image, seed);
        struct fl_disk_sim_faults faults = {.crash_at_op = op};
        fl_disk_sim_set_faults(first, &faults);
        complaint = judge->judge(judge->context, first);
        ended = !fl_disk_sim_is_off(first);
        struct fl_disk *second = fl_disk_sim_image_random(first, seed + op);
        if (!complaint)
            complaint = judge->judge(judge->context, second);
        fl_disk_close(first);
        fl_disk_close(second);
    }
    return complaint;
}
