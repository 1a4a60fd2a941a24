#include "tools/format/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_file(void *context, void *buffer, size_t capacity)
{
    const struct fl_file_source *file = context;
    return read(file->fd, buffer, capacity);
}

static bool rewind_file(void *context)
{
    const struct fl_file_source *file = context;
    return lseek(file->fd, 0, SEEK_SET) == 0;
}

static bool rewind_memory(void *context)
{
    struct fl_memory_source *memory = context;
    memory->at = 0;
    return true;
}

static ssize_t read_memory(void *context, void *buffer, size_t capacity)
{
    struct fl_memory_source *memory = context;
    size_t rest = memory->length - memory->at;
    size_t take = rest < capacity ? rest : capacity;
    if (memory->step > 0 && take > memory->step)
        take = memory->step;
    if (take > 0)
        memcpy(buffer, memory->bytes + memory->at, take);
    memory->at += take;
    return (ssize_t)take;
}

struct fl_byte_source fl_file_source_of(struct fl_file_source *file, const char *name)
{
    return (struct fl_byte_source){.read = read_file,
                                   .context = file,
                                   .name = name,
                                   .rewind =
                                       lseek(file->fd, 0, SEEK_CUR) >= 0 ? rewind_file : NULL};
}

enum fl_status fl_file_source_open(struct fl_file_source *file, const char *path,
                                   struct fl_byte_source *source_out, struct fl_error *error)
{
    bool standard_input = strcmp(path, "-") == 0;
    file->fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0)
        return fl_error_set(error, FL_UNREADABLE, "%s: %s", path, strerror(errno));
    if (!standard_input)
        (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice; may be refused */
    *source_out = fl_file_source_of(file, standard_input ? "standard input" : path);
    return FL_OK;
}

void fl_file_source_close(struct fl_file_source *file)
{
    if (file->fd > STDIN_FILENO)
        close(file->fd);
    file->fd = -1;
}

struct fl_byte_source fl_memory_source_init(struct fl_memory_source *memory, const void *bytes,
                                            size_t length, const char *name)
{
    *memory = (struct fl_memory_source){.bytes = bytes, .length = length};
    return (struct fl_byte_source){
        .read = read_memory, .context = memory, .name = name, .rewind = rewind_memory};
}

enum fl_status fl_byte_source_fill(struct fl_byte_source source, void *buffer, size_t capacity,
                                   size_t *got_out, struct fl_error *error)
{
    size_t got = 0;
    while (got < capacity) {
        ssize_t n = source.read(source.context, (char *)buffer + got, capacity - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fl_error_set(error, FL_UNREADABLE, "%s: %s", source.name,
                                source.why ? source.why(source.context) : strerror(errno));
        if (n == 0)
            break;
        FL_ASSERT((size_t)n <= capacity - got);
        got += (size_t)n;
    }
    *got_out = got;
    return FL_OK;
}
