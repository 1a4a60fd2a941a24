#include "core/engine/command_builder.h"

#include <string.h>

#include "core/engine/command_schema.h"

/* `bytes` more, or null and full. */
static char *take(struct fl_command_builder *builder, uint64_t bytes)
{
    if (builder->full || bytes > builder->capacity - builder->bytes) {
        builder->full = true;
        return NULL;
    }
    char *at = builder->buffer + builder->bytes;
    builder->bytes += (uint32_t)bytes;
    return at;
}

uint32_t fl_builder_align(struct fl_command_builder *builder)
{
    uint32_t pad = (8 - (builder->bytes & 7)) & 7;
    char *at = take(builder, pad);
    if (at)
        memset(at, 0, pad);
    return builder->bytes;
}

void *fl_builder_begin(struct fl_command_builder *builder, void *buffer, uint32_t capacity,
                       unsigned type)
{
    const struct fl_command_shape *shape = fl_command_shape(type);
    FL_ASSERT(shape != NULL && ((uintptr_t)buffer & 7) == 0);
    *builder = (struct fl_command_builder){.buffer = buffer, .capacity = capacity};
    char *at = take(builder, sizeof(struct fl_command) + shape->shape.bytes);
    if (!at)
        return NULL;
    memset(at, 0, sizeof(struct fl_command) + shape->shape.bytes);
    struct fl_command *command = fl_builder_header(builder);
    command->type = (uint16_t)type;
    command->version = FL_COMMAND_VERSION;
    return command + 1;
}

struct fl_text fl_builder_text(struct fl_command_builder *builder, const char *text, size_t length)
{
    struct fl_text placed = {builder->bytes, (uint32_t)length};
    if (length == 0)
        return (struct fl_text){0, 0};
    char *at = take(builder, length);
    if (!at)
        return (struct fl_text){0, 0};
    memcpy(at, text, length);
    return placed;
}

struct fl_list fl_builder_list(struct fl_command_builder *builder, uint32_t element_bytes,
                               uint32_t count, void **elements_out)
{
    *elements_out = NULL;
    if (count == 0)
        return (struct fl_list){0, 0};
    uint32_t offset = fl_builder_align(builder);
    char *at = take(builder, (uint64_t)element_bytes * count);
    if (!at)
        return (struct fl_list){0, 0};
    memset(at, 0, (size_t)element_bytes * count);
    *elements_out = at;
    return (struct fl_list){offset, count};
}

bool fl_builder_member(struct fl_command_builder *builder, const struct fl_command *member)
{
    FL_ASSERT((member->bytes & 7) == 0 && (builder->bytes & 7) == 0);
    char *at = take(builder, member->bytes);
    if (at)
        memcpy(at, member, member->bytes);
    return at != NULL;
}

void *fl_builder_member_begin(struct fl_command_builder *builder, struct fl_command_builder *member,
                              unsigned type)
{
    FL_ASSERT((builder->bytes & 7) == 0);
    uint32_t room = builder->full ? 0 : builder->capacity - builder->bytes;
    return fl_builder_begin(member, builder->buffer + builder->bytes, room, type);
}

bool fl_builder_member_end(struct fl_command_builder *builder, const struct fl_command *member)
{
    if (member) {
        FL_ASSERT((const char *)member == builder->buffer + builder->bytes);
        builder->bytes += member->bytes;
    } else {
        builder->full = true;
    }
    return member != NULL;
}

struct fl_command *fl_builder_finish(struct fl_command_builder *builder, const char *id,
                                     size_t id_length, const char *key, size_t key_length)
{
    uint32_t content = fl_builder_align(builder);
    struct fl_command *command = fl_builder_header(builder);
    const struct fl_command_shape *shape = fl_command_shape(command->type);
    if (id_length == 0 && shape->header & FL_HEADER_SERIES) {
        char *room = take(builder, FL_ID_BYTES_MAX);
        if (room)
            memset(room, 0, FL_ID_BYTES_MAX);
        command->id = (struct fl_text){content, 0};
    } else {
        command->id = fl_builder_text(builder, id, id_length);
    }
    command->key = fl_builder_text(builder, key, key_length);
    fl_builder_align(builder);
    command->content_bytes = content;
    command->bytes = builder->bytes;
    return builder->full ? NULL : command;
}
