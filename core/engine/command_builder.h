/* command_builder.h - makes a command in the caller's buffer, in its canonical form (K1).
 *
 * Texts and lists are appended in the order of the schema's fields; the struct is filled in place;
 * id and key come last, behind the content. For a type that may take its id from a series, an
 * absent id leaves zeroed room for it, so that the engine can write it there. No allocation; a full
 * buffer is told by finish.
 *
 *     struct fl_command_builder b;
 *     struct fl_command_receipt *r = fl_builder_begin(&b, buffer, sizeof buffer,
 * FL_COMMAND_RECEIPT); r->customer = fl_builder_text(&b, "C-1", 3); r->amount =
 * fl_decimal_of(11900, 2); struct fl_command *command = fl_builder_finish(&b, "R-1", 3, NULL, 0);
 */
#ifndef FLORIN_CORE_ENGINE_COMMAND_BUILDER_H
#define FLORIN_CORE_ENGINE_COMMAND_BUILDER_H

#include <stdbool.h>

#include "core/engine/command.h"

struct fl_command_builder {
    char *buffer; /* 8-byte aligned */
    uint32_t capacity, bytes;
    bool full;
};

/* Begins a command; returns its zeroed body, or null if not even that fits. */
void *fl_builder_begin(struct fl_command_builder *builder, void *buffer, uint32_t capacity,
                       unsigned type);
struct fl_text fl_builder_text(struct fl_command_builder *builder, const char *text, size_t length);
/* `count` zeroed elements; `*elements_out` is valid until finish. Null elements if full. */
struct fl_list fl_builder_list(struct fl_command_builder *builder, uint32_t element_bytes,
                               uint32_t count, void **elements_out);
/* Copies a finished command into a batch being built; returns false if full. */
bool fl_builder_member(struct fl_command_builder *builder, const struct fl_command *member);
/* Where members begin: call before the first member. */
uint32_t fl_builder_align(struct fl_command_builder *builder);
/* A member built in place, without the copy: begin it, fill it, finish it as any command, then add
 * what it took. Null body if the batch's buffer is full. */
void *fl_builder_member_begin(struct fl_command_builder *builder, struct fl_command_builder *member,
                              unsigned type);
bool fl_builder_member_end(struct fl_command_builder *builder, const struct fl_command *member);

/* Sets id and key (nullable), returns the command, or null if the buffer was too small. */
struct fl_command *fl_builder_finish(struct fl_command_builder *builder, const char *id,
                                     size_t id_length, const char *key, size_t key_length);

static inline struct fl_command *fl_builder_header(struct fl_command_builder *builder)
{
    return (struct fl_command *)builder->buffer;
}

#endif
