/* The history of the crash walk is worth walking. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/engine_script.h"

Test(engine_script, has_every_type_of_command_accepted_and_refusals_and_duplicates)
{
    struct fl_engine_script script;
    uint32_t accepted[FL_COMMAND_TYPE_MAX] = {0}, refused = 0, duplicates = 0;
    fl_engine_script_make(&script);
    for (uint32_t i = 0; i < script.count; i++) {
        const struct fl_script_step *step = &script.steps[i];
        if (getenv("FLORIN_SHOW"))
            fprintf(stderr, "%u type %u: %s\n", i, step->command->type,
                    fl_status_name(step->status));
        accepted[step->command->type] += step->status == FL_OK;
        duplicates += step->status == FL_DUPLICATE;
        refused += step->status != FL_OK && step->status != FL_DUPLICATE;
    }
    accepted[FL_COMMAND_SLICE] = script.slices;
#define ACCEPTED(symbol, number, name)                                                             \
    cr_expect_gt(accepted[number], 0, "no %s is accepted: give engine_script.c one", name);
    FL_COMMAND_TYPES(ACCEPTED)
    cr_assert_geq(script.count, 200);
    cr_assert_geq(script.last_seq, 150);
    cr_assert_geq(refused, 40);
    cr_assert_geq(duplicates, 20);
    fprintf(stderr, "%u commands: %lu records, %u refused, %u duplicates\n", script.count,
            script.last_seq, refused, duplicates);
    fl_engine_script_free(&script);
}
