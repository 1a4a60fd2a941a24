#include "tools/cli/import_path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A pipe cannot be read twice: what comes out of it goes through a temporary file without a name.
 * */
static enum fl_status pipe_keep(struct fl_file_source *file, const char *name,
                                struct fl_error *error)
{
    char block[65536];
    FILE *kept = tmpfile();
    ssize_t got = -1;
    while (kept && (got = read(file->fd, block, sizeof block)) > 0) {
        if (fwrite(block, 1, (size_t)got, kept) != (size_t)got)
            break;
    }
    int fd = kept && got == 0 && fflush(kept) == 0 ? dup(fileno(kept)) : -1;
    if (kept)
        fclose(kept);
    if (fd < 0)
        return fl_error_set(error, FL_UNREADABLE, "%s cannot be kept for a second reading", name);
    fl_file_source_close(file);
    file->fd = fd;
    return FL_OK;
}

static bool is_rewound(const struct fl_file_source *file)
{
    return lseek(file->fd, 0, SEEK_SET) == 0;
}

static enum fl_status bytes_open(const char *path, struct fl_file_source *file,
                                 struct fl_byte_source *source, struct fl_error *error)
{
    FL_TRY(fl_file_source_open(file, path, source, error));
    if (is_rewound(file))
        return FL_OK;
    const char *name = source->name;
    FL_TRY(pipe_keep(file, name, error));
    *source = fl_file_source_of(file, name);
    return is_rewound(file) ? FL_OK : fl_error_set(error, FL_UNREADABLE, "%s", name);
}

static bool is_archive(const struct fl_file_source *file)
{
    char start[FL_ARCHIVE_DETECT_BYTES];
    ssize_t got = pread(file->fd, start, sizeof start, 0);
    return got > 0 && fl_archive_is(start, (size_t)got);
}

enum fl_status fl_import_path_open(struct fl_import_path *path, const char *name,
                                   struct fl_error *error)
{
    *path = (struct fl_import_path){.file = {.fd = -1}};
    FL_TRY(bytes_open(name, &path->file, &path->whole, error));
    if (!is_archive(&path->file))
        return FL_OK;
    return fl_archive_open(path->file.fd, path->whole.name, &path->archive, error);
}

enum fl_status fl_import_path_next(struct fl_import_path *path, struct fl_byte_source *out,
                                   struct fl_error *error)
{
    if (path->archive)
        return fl_archive_next(path->archive, out, error);
    *out = path->given ? (struct fl_byte_source){.name = path->whole.name} : path->whole;
    path->given = true;
    return FL_OK;
}

void fl_import_path_close(struct fl_import_path *path)
{
    fl_archive_close(path->archive);
    fl_file_source_close(&path->file);
}
