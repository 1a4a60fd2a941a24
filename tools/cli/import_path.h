/* import_path.h - a path of the command line as the files in it: itself, or the members of an
 * archive.
 *
 * What comes from a pipe is kept in a temporary file without a name: a file is read more than once.
 *
 * Thread: one.  Memory: an archive's.
 */
#ifndef FLORIN_TOOLS_CLI_IMPORT_PATH_H
#define FLORIN_TOOLS_CLI_IMPORT_PATH_H

#include "tools/format/archive_source.h"

struct fl_import_path {
    struct fl_file_source file;
    struct fl_byte_source whole;
    struct fl_archive *archive; /* null: a plain file */
    bool given;
};

/* "-": standard input. Close it whatever happens. FL_UNREADABLE: there is none, or a damaged
 * archive. */
enum fl_status fl_import_path_open(struct fl_import_path *path, const char *name,
                                   struct fl_error *error) FL_MUST_USE;
/* As fl_archive_next: `out->read` is null at the end. */
enum fl_status fl_import_path_next(struct fl_import_path *path, struct fl_byte_source *out,
                                   struct fl_error *error) FL_MUST_USE;
void fl_import_path_close(struct fl_import_path *path);

#endif
