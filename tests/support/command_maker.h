/* command_maker.h - JSON commands made from the schema tables, whole or with one thing wrong.
 *
 * Every field of every type has a number, counted in the order of the tables through objects and
 * the one element of each list; a fault is put at one of them. What the reader must say follows
 * from the field's kind alone.
 */
#ifndef FLORIN_TESTS_SUPPORT_COMMAND_MAKER_H
#define FLORIN_TESTS_SUPPORT_COMMAND_MAKER_H

#include "core/engine/command_schema.h"

#define MAKER_ROOM (64u << 10)

enum fault {
    FAULT_NONE,
    FAULT_OMITTED,
    FAULT_TWICE,
    FAULT_MISTYPED,
    FAULT_BAD_VALUE,
    FAULT_OUT_OF_RANGE,
    FAULT_TOO_MANY_DECIMALS,
    FAULT_NOT_UTF8,
    FAULT_TOO_LONG,
    FAULT_UNKNOWN_BESIDE, /* an unknown field in the same object */
    FAULT_COUNT
};

struct made {
    char json[MAKER_ROOM + 64]; /* padded */
    size_t length;
    unsigned field_count; /* of the type */
    char path[128];       /* of the faulty field */
    enum fl_status expected;
    bool applies; /* the fault makes sense for that field */
};

/* `at`: number of the field with the fault. `reversed`: fields in the opposite order, at every
 * level. `sparse`: required fields only. */
void make_command(unsigned type, enum fault fault, unsigned at, bool reversed, bool sparse,
                  struct made *out);

#endif
