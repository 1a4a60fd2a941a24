/* The content of a command: what makes a second one the same or another (K1). */
#include "core/domain/state.h"

static uint64_t text_hash(const struct fl_command *command, struct fl_text text, uint64_t hash)
{
    return text.length == 0 ? hash
                            : fl_hash64(fl_command_text(command, text), text.length, hash);
}

/* A batch is its members' contents, ids and keys: what the engine resolved in them is left out. */
static uint64_t batch_hash(const struct fl_command *batch)
{
    const struct fl_command_batch *b = fl_command_body(batch);
    uint64_t hash = b->commands.count;
    uint32_t offset = b->commands.offset;
    for (uint32_t i = 0; i < b->commands.count; i++) {
        const struct fl_command *member =
            (const struct fl_command *)((const char *)batch + offset);
        hash = fl_hash_u64(fl_content_hash(member), hash);
        if (!(member->flags & FL_FLAG_SERIES))
            hash = text_hash(member, member->id, hash);
        hash = text_hash(member, member->key, hash);
        offset += member->bytes;
    }
    return hash;
}

uint64_t fl_content_hash(const struct fl_command *command)
{
    if (command->type == FL_COMMAND_BATCH)
        return batch_hash(command);
    return fl_hash64(command + 1, command->content_bytes - sizeof *command, command->type);
}
