/* record.h - what one accepted command is in the WAL: the command with everything resolved, its result,
 * and a check over the state it left. Replay applies the command again and compares both (I6, I8).
 *
 *     +----------------+---------------------+-----------------+
 *     | header 32      | command             | packed result   |
 *     +----------------+---------------------+-----------------+
 */
#ifndef FLORIN_CORE_ENGINE_RECORD_H
#define FLORIN_CORE_ENGINE_RECORD_H

#include <stdint.h>

#include "core/base/contract.h"

enum fl_record_kind { FL_RECORD_COMMAND = 1 };

struct fl_record {
    uint32_t bytes; /* all, multiple of 8 */
    uint16_t kind;
    uint16_t semantics_version;
    uint64_t seq;
    uint32_t command_bytes;
    uint32_t result_bytes;
    uint32_t state_check; /* fl_engine_state_check after it */
    uint32_t zeros;
};
static_assert(sizeof(struct fl_record) == 32, "the command behind it is 8-byte aligned");

#endif
