/* archive_source.h - the members of a zip or gzip file, one after another, each as a byte source.
 *
 * Banks send a month of statements in one zip, exports come as .xml.gz. What a file is stands in
 * its first bytes, not in its name. A member is unpacked as it is read; none is unpacked to disk.
 *
 *   G1  A member reads to its end only if it is whole: lengths and checksums agree. A file whose
 *       end is missing is refused before a byte of it is believed (a zip's directory is its end).
 *   G2  All members together give at most FL_ARCHIVE_FREE_BYTES + FL_ARCHIVE_RATIO_MAX times the
 *       bytes of the file, and none gives more than its directory says: a bomb is refused on the
 *       way, in bounded memory and time. At most FL_ARCHIVE_MEMBERS_MAX members.
 *   G3  An archive within an archive is not opened, nor is one with a password.
 *   G4  A member's name is "archive:member", without characters that could break a terminal. It is
 *       never used as a path.
 *
 * Thread: one.  Memory: the libraries' (some 100 KiB, and a zip's directory).  Cost: a member is
 * unpacked again each time it is rewound; in a zip, getting there is a seek.  libarchive (zip) and
 * zlib (gzip, whose checksum libarchive does not check) are behind this file.
 */
#ifndef FLORIN_TOOLS_FORMAT_ARCHIVE_SOURCE_H
#define FLORIN_TOOLS_FORMAT_ARCHIVE_SOURCE_H

#include "tools/format/byte_source.h"

#define FL_ARCHIVE_DETECT_BYTES 4
#define FL_ARCHIVE_FREE_BYTES   (64u << 20)
#define FL_ARCHIVE_RATIO_MAX    200
#define FL_ARCHIVE_MEMBERS_MAX  10000
#define FL_ARCHIVE_NAME_MAX     512 /* bytes of "archive:member" */

struct fl_archive;

/* By the first bytes of a file. */
bool fl_archive_is(const char *start, size_t length);

/* `fd` can be sought in and is borrowed: it must outlive the archive, which moves its position.
 * `name`: of the file, for messages; borrowed. FL_UNREADABLE: damaged, or cut off. */
enum fl_status fl_archive_open(int fd, const char *name, struct fl_archive **out,
                               struct fl_error *error) FL_MUST_USE;
void fl_archive_close(struct fl_archive *archive);

/* The next member that is a file. `*member_out` and its name are valid until the next call;
 * `member_out->read` is null at the end, and after a failure, when the name says of what. Anything
 * but FL_OK is about one member (or the rest): go on until the end comes. FL_UNREADABLE: damaged,
 * the message names it. FL_UNSUPPORTED: G3, or packed by something else than deflate. */
enum fl_status fl_archive_next(struct fl_archive *archive, struct fl_byte_source *member_out,
                               struct fl_error *error) FL_MUST_USE;

#endif
