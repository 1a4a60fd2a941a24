/* byte_source.h - where a reader's bytes come from: a file, standard input, memory.
 *
 * Readers pull through one function pointer, so that none of them loads a file whole and tests can
 * feed them byte by byte. A source is read from front to back; where it can be read again, rewind
 * takes it to its first byte.
 *
 * Thread: the caller's.  Memory: none of its own.
 */
#ifndef FLORIN_TOOLS_FORMAT_BYTE_SOURCE_H
#define FLORIN_TOOLS_FORMAT_BYTE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/contract.h"
#include "core/base/status.h"

struct fl_byte_source {
    /* Up to `capacity` bytes; 0 at the end; -1 on failure with errno set. */
    ssize_t (*read)(void *context, void *buffer, size_t capacity);
    void *context;
    const char *name; /* for messages: the file's name as the user gave it */
    /* Back to the first byte; false if that fails. Null: it can be read once only (a pipe). */
    bool (*rewind)(void *context);
    /* Why the last read failed, in words; null: errno says it. */
    const char *(*why)(void *context);
};

struct fl_file_source {
    int fd;
};

/* Opens `path` for reading ("-": standard input). `file` must outlive the source;
 * fl_file_source_close it. FL_UNREADABLE with the system's reason. */
enum fl_status fl_file_source_open(struct fl_file_source *file, const char *path,
                                   struct fl_byte_source *source_out,
                                   struct fl_error *error) FL_MUST_USE;
/* Of a descriptor that is open. */
struct fl_byte_source fl_file_source_of(struct fl_file_source *file, const char *name);
void fl_file_source_close(struct fl_file_source *file);

struct fl_memory_source {
    const char *bytes;
    size_t length;
    size_t at;
    size_t step; /* at most so many bytes a read; 0: no limit (tests cut at every place) */
};

/* The bytes are borrowed for the life of the source. */
struct fl_byte_source fl_memory_source_init(struct fl_memory_source *memory, const void *bytes,
                                            size_t length, const char *name);

/* Reads until `capacity` bytes are there or the source ends; short reads and EINTR are hidden.
 * `*got_out` < capacity only at the end. FL_UNREADABLE names the source. */
enum fl_status fl_byte_source_fill(struct fl_byte_source source, void *buffer, size_t capacity,
                                   size_t *got_out, struct fl_error *error) FL_MUST_USE;

#endif
