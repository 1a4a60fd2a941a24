#include "tools/format/field_table.h"

#include <stdlib.h>
#include <string.h>

#define SHAPES_MAX 96

struct fl_field_tables {
    struct fl_field_table shapes[SHAPES_MAX];
    unsigned count;
    const struct fl_field_table *commands[FL_COMMAND_TYPE_MAX + 1];
    struct fl_name_table types;
    uint8_t type_of_entry[FL_FIELDS_MAX];
};

static uint64_t name_word(const char *name, size_t length)
{
    uint64_t word;
    memcpy(&word, name, sizeof word);
    if (length < 8)
        word &= (UINT64_C(1) << 8 * length) - 1;
    return word ^ (uint64_t)length << 56;
}

static unsigned slot_of(uint64_t word, uint64_t multiplier)
{
    return (unsigned)((word * multiplier) >> 57);
}

unsigned fl_name_table_find(const struct fl_name_table *table, const char *name, size_t length)
{
    unsigned entry = table->slots[slot_of(name_word(name, length), table->multiplier)];
    if (entry == 0 || table->lengths[entry - 1] != length ||
        memcmp(table->names[entry - 1], name, length) != 0)
        return FL_ENTRY_NONE;
    return entry - 1;
}

static bool try_multiplier(struct fl_name_table *table, uint64_t multiplier)
{
    memset(table->slots, 0, sizeof table->slots);
    table->multiplier = multiplier;
    for (unsigned i = 0; i < table->count; i++) {
        if (!table->names[i])
            continue;
        char padded[72] = {0};
        memcpy(padded, table->names[i], table->lengths[i]);
        unsigned slot = slot_of(name_word(padded, table->lengths[i]), multiplier);
        if (table->slots[slot] != 0)
            return false;
        table->slots[slot] = (uint8_t)(i + 1);
    }
    return true;
}

/* Words of different names differ (two of one length and one beginning would meet under every
 * multiplier: the schema has none, and making the tables would not end, which a test shows). */
static void table_finish(struct fl_name_table *table)
{
    uint64_t multiplier = UINT64_C(0x9E3779B97F4A7C15);
    while (!try_multiplier(table, multiplier | 1))
        multiplier = multiplier * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
}

static void table_add(struct fl_name_table *table, const char *name)
{
    FL_ASSERT(table->count < FL_FIELDS_MAX);
    size_t length = name ? strlen(name) : 0;
    FL_ASSERT(length <= 64);
    table->names[table->count] = name;
    table->lengths[table->count++] = (uint8_t)length;
}

static const struct fl_field_table *shape_table(struct fl_field_tables *tables,
                                                const struct fl_shape *shape)
{
    for (unsigned i = 0; i < tables->count; i++) {
        if (tables->shapes[i].shape == shape)
            return &tables->shapes[i];
    }
    FL_ASSERT(tables->count < SHAPES_MAX);
    struct fl_field_table *table = &tables->shapes[tables->count++];
    table->shape = shape;
    for (unsigned i = 0; i < shape->field_count; i++)
        table_add(&table->names, shape->fields[i].name);
    table_finish(&table->names);
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (shape->fields[i].shape)
            table->children[i] = shape_table(tables, shape->fields[i].shape);
    }
    return table;
}

static const struct fl_field_table *command_table(struct fl_field_tables *tables,
                                                  const struct fl_command_shape *command)
{
    FL_ASSERT(tables->count < SHAPES_MAX);
    struct fl_field_table *table = &tables->shapes[tables->count++];
    const struct fl_shape *shape = &command->shape;
    unsigned header = command->header;
    table->shape = shape;
    table->base = FL_ENTRY_BODY;
    table_add(&table->names, "type");
    table_add(&table->names,
              header & (FL_HEADER_ID_REQUIRED | FL_HEADER_ID_OPTIONAL) ? "id" : NULL);
    table_add(&table->names, "key");
    table_add(&table->names, "at");
    table_add(&table->names, header & (FL_HEADER_DATE | FL_HEADER_DATE_REQUIRED) ? "date" : NULL);
    table_add(&table->names, header & FL_HEADER_DUE_DATE ? "due_date" : NULL);
    table_add(&table->names, header & FL_HEADER_SERIES   ? "series"
                             : header & FL_HEADER_SLICED ? "sliced"
                                                         : NULL);
    for (unsigned i = 0; i < shape->field_count; i++)
        table_add(&table->names, shape->fields[i].name);
    table_finish(&table->names);
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (shape->fields[i].shape)
            table->children[i] = shape_table(tables, shape->fields[i].shape);
    }
    return table;
}

enum fl_status fl_field_tables_open(struct fl_field_tables **out)
{
    struct fl_field_tables *tables = calloc(1, sizeof *tables);
    if (!tables)
        return FL_NO_MEMORY;
    for (unsigned type = 1; type <= FL_COMMAND_TYPE_MAX; type++) {
        const struct fl_command_shape *shape = fl_command_shape(type);
        if (!shape)
            continue;
        tables->type_of_entry[tables->types.count] = (uint8_t)type;
        table_add(&tables->types, shape->shape.name);
        tables->commands[type] = command_table(tables, shape);
    }
    table_finish(&tables->types);
    *out = tables;
    return FL_OK;
}

void fl_field_tables_close(struct fl_field_tables *tables)
{
    free(tables);
}

const struct fl_field_table *fl_field_table_of(const struct fl_field_tables *tables, unsigned type)
{
    FL_ASSERT(type <= FL_COMMAND_TYPE_MAX && tables->commands[type] != NULL);
    return tables->commands[type];
}

unsigned fl_field_tables_type(const struct fl_field_tables *tables, const char *name, size_t length)
{
    unsigned entry = fl_name_table_find(&tables->types, name, length);
    return entry == FL_ENTRY_NONE ? FL_COMMAND_NONE : tables->type_of_entry[entry];
}
