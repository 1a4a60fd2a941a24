#define _GNU_SOURCE /* newlocale */
#include "tools/format/archive_source.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK_BYTES         (64u << 10)
#define ZIP_END_BYTES_MAX   ((64u << 10) + 22 + 20) /* with a comment as long as it can be */
#define DIRECTORY_BYTES_MAX (8u << 20)

struct fl_archive {
    int fd;
    const char *file_name;
    uint64_t file_bytes;
    bool gzip;
    /* A zip. */
    struct archive *zip;
    locale_t utf8;         /* null: this system has none */
    int64_t entry_bytes;   /* as the directory says; -1: it does not */
    uint64_t entries_said; /* in its end; UINT16_MAX: too many to be said there */
    int64_t begins_at;     /* where in the file the member begins, about */
    /* A gzip. */
    z_stream inflate;
    bool inflating, stream_over;
    uint64_t streams_in; /* compressed bytes of the streams before */
    unsigned char block[BLOCK_BYTES];
    /* The member in hand. */
    uint32_t index; /* of entries walked; the member's is index - 1 */
    uint64_t given_before, given;
    char start[FL_ARCHIVE_DETECT_BYTES];
    size_t start_length, start_at;
    bool at_end, over; /* of the member; of the archive */
    char reason[256];
    char name[FL_ARCHIVE_NAME_MAX + 1];
};

bool fl_archive_is(const char *start, size_t length)
{
    return length >= 4 &&
           (memcmp(start, "\x1F\x8B\x08", 3) == 0 || memcmp(start, "PK\x03\x04", 4) == 0 ||
            memcmp(start, "PK\x05\x06", 4) == 0); /* one without members */
}

/* G4. */
static void name_set(struct fl_archive *archive, const char *member)
{
    int used = snprintf(archive->name, sizeof archive->name, "%s:%s", archive->file_name, member);
    for (int i = 0; i < used && i < FL_ARCHIVE_NAME_MAX; i++) {
        if ((unsigned char)archive->name[i] < ' ' || archive->name[i] == 0x7F)
            archive->name[i] = '?';
    }
}

static ssize_t fail(struct fl_archive *archive, const char *reason)
{
    if (archive->reason[0] == '\0')
        snprintf(archive->reason, sizeof archive->reason, "%s", reason);
    errno = EBADMSG;
    return -1;
}

static const char *member_why(void *context)
{
    const struct fl_archive *archive = context;
    return archive->reason;
}

/* Compressed bytes the member has taken so far, some read ahead. */
static uint64_t consumed(const struct fl_archive *archive)
{
    if (archive->gzip)
        return archive->inflate.total_in + archive->streams_in;
    int64_t at = archive_filter_bytes(archive->zip, -1);
    return at > archive->begins_at ? (uint64_t)(at - archive->begins_at) : 0;
}

/* G2: of the member by what it has taken, of all by what there is, since members may overlap. */
static ssize_t count(struct fl_archive *archive, size_t bytes)
{
    archive->given += bytes;
    if (archive->given >
            FL_ARCHIVE_FREE_BYTES + (consumed(archive) + BLOCK_BYTES) * FL_ARCHIVE_RATIO_MAX ||
        archive->given_before + archive->given >
            FL_ARCHIVE_FREE_BYTES + archive->file_bytes * FL_ARCHIVE_RATIO_MAX)
        return fail(archive, "unpacks to more than 200 times its size: a bomb is not opened");
    if (!archive->gzip && archive->entry_bytes >= 0 &&
        archive->given > (uint64_t)archive->entry_bytes)
        return fail(archive, "unpacks to more than its directory says");
    return (ssize_t)bytes;
}

/* ---- gzip ----------------------------------------------------------------------------------- */

static ssize_t gzip_fill(struct fl_archive *archive)
{
    ssize_t got;
    do
        got = read(archive->fd, archive->block, sizeof archive->block);
    while (got < 0 && errno == EINTR);
    archive->inflate.next_in = archive->block;
    archive->inflate.avail_in = got > 0 ? (unsigned)got : 0;
    return got;
}

/* Behind a stream: another one (they are read as one), padding of zeros, or the end. */
static ssize_t gzip_go_on(struct fl_archive *archive)
{
    z_stream *z = &archive->inflate;
    for (;;) {
        if (z->avail_in == 0) {
            ssize_t got = gzip_fill(archive);
            archive->at_end = got == 0;
            if (got <= 0)
                return got;
        }
        if (*z->next_in != 0)
            break;
        z->next_in++;
        z->avail_in--;
    }
    if (*z->next_in != 0x1F)
        return fail(archive, "there is something else behind the compressed data");
    archive->streams_in += z->total_in;
    archive->stream_over = false;
    return inflateReset(z) == Z_OK ? 0 : fail(archive, "cannot go on");
}

static ssize_t gzip_read(struct fl_archive *archive, void *buffer, size_t capacity)
{
    z_stream *z = &archive->inflate;
    z->next_out = buffer;
    z->avail_out = capacity < INT32_MAX ? (unsigned)capacity : INT32_MAX;
    unsigned room = z->avail_out;
    while (!archive->at_end && z->avail_out == room) {
        if (archive->stream_over) {
            if (gzip_go_on(archive) < 0)
                return -1;
            continue;
        }
        if (z->avail_in == 0 && gzip_fill(archive) <= 0)
            return fail(archive, "the compressed data is cut off");
        int status = inflate(z, Z_NO_FLUSH);
        archive->stream_over = status == Z_STREAM_END;
        if (status != Z_STREAM_END && status != Z_OK && status != Z_BUF_ERROR)
            return fail(archive, z->msg ? z->msg : "the compressed data is damaged");
    }
    return count(archive, room - z->avail_out);
}

static bool gzip_begin(struct fl_archive *archive)
{
    if (archive->inflating)
        (void)inflateEnd(&archive->inflate);
    memset(&archive->inflate, 0, sizeof archive->inflate);
    archive->stream_over = false;
    archive->streams_in = 0;
    archive->inflating = inflateInit2(&archive->inflate, 15 + 16) == Z_OK;
    return archive->inflating && lseek(archive->fd, 0, SEEK_SET) == 0;
}

/* ---- zip ------------------------------------------------------------------------------------ */

static enum fl_status zip_fail(struct fl_archive *archive, struct fl_error *error)
{
    archive->over = true;
    const char *why = archive->zip ? archive_error_string(archive->zip) : NULL;
    return fl_error_set(error, FL_UNREADABLE, "%s: a damaged zip, or its end is missing%s%s",
                        archive->file_name, why ? ": " : "", why ? why : "");
}

static uint64_t little(const unsigned char *at, unsigned bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | at[bytes];
    return value;
}

/* Bytes of the directory, which libarchive reads whole: as its end says (PK 5 6), or the longer end
 * that one may have (PK 6 6, found through PK 6 7). UINT64_MAX: there is no end. */
static uint64_t directory_bytes(int fd, uint64_t file_bytes, uint64_t *entries_out)
{
    unsigned char tail[ZIP_END_BYTES_MAX], longer[56];
    uint64_t at = file_bytes > sizeof tail ? file_bytes - sizeof tail : 0;
    ssize_t got = pread(fd, tail, sizeof tail, (off_t)at);
    for (ssize_t i = got - 22; i >= 0; i--) {
        if (memcmp(tail + i, "PK\x05\x06", 4) != 0)
            continue;
        uint64_t bytes = little(tail + i + 12, 4);
        *entries_out = little(tail + i + 10, 2);
        if (i < 20 || memcmp(tail + i - 20, "PK\x06\x07", 4) != 0)
            return bytes;
        uint64_t where = little(tail + i - 12, 8);
        if (where > file_bytes || pread(fd, longer, sizeof longer, (off_t)where) != sizeof longer)
            return UINT64_MAX;
        uint64_t more = little(longer + 40, 8);
        return more > bytes || bytes == UINT32_MAX ? more : bytes;
    }
    return UINT64_MAX;
}

/* The directory at the end is what is walked; a zip without one is cut off. */
static enum fl_status zip_begin(struct fl_archive *archive, struct fl_error *error)
{
    if (archive->zip)
        archive_read_free(archive->zip);
    archive->zip = archive_read_new();
    if (!archive->zip || lseek(archive->fd, 0, SEEK_SET) != 0 ||
        archive_read_support_format_zip_seekable(archive->zip) != ARCHIVE_OK ||
        archive_read_open_fd(archive->zip, archive->fd, BLOCK_BYTES) != ARCHIVE_OK)
        return zip_fail(archive, error);
    archive->index = 0;
    return FL_OK;
}

/* To the next entry; `*entry_out` is null at the end. */
static enum fl_status zip_step(struct fl_archive *archive, struct archive_entry **entry_out,
                               struct fl_error *error)
{
    int status = archive_read_next_header(archive->zip, entry_out);
    if (status == ARCHIVE_EOF) {
        *entry_out = NULL;
        if (archive->index != archive->entries_said && archive->entries_said != UINT16_MAX)
            return zip_fail(archive, error);
    } else if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
        return zip_fail(archive, error);
    }
    archive->over = !*entry_out || archive->index == FL_ARCHIVE_MEMBERS_MAX;
    if (*entry_out && ++archive->index > FL_ARCHIVE_MEMBERS_MAX)
        return fl_error_set(error, FL_UNREADABLE, "%s: more than %d members", archive->file_name,
                            FL_ARCHIVE_MEMBERS_MAX);
    return FL_OK;
}

static ssize_t zip_read(struct fl_archive *archive, void *buffer, size_t capacity)
{
    ssize_t got = archive_read_data(archive->zip, buffer, capacity);
    if (got < 0) {
        const char *why = archive_error_string(archive->zip);
        return fail(archive, why ? why : "the compressed data is damaged");
    }
    if (got == 0 && archive->entry_bytes >= 0 && archive->given < (uint64_t)archive->entry_bytes)
        return fail(archive, "unpacks to less than its directory says");
    return count(archive, (size_t)got);
}

/* Walks to the entry of that number again. */
static bool zip_rewind(struct fl_archive *archive)
{
    struct archive_entry *entry = NULL;
    uint32_t wanted = archive->index;
    struct fl_error error = {.status = FL_OK};
    enum fl_status status = zip_begin(archive, &error);
    while (status == FL_OK && archive->index < wanted) {
        status = zip_step(archive, &entry, &error);
        if (!entry)
            break;
    }
    archive->over = false; /* the walk goes on from here */
    archive->begins_at = status == FL_OK ? archive_filter_bytes(archive->zip, -1) : 0;
    if (status != FL_OK)
        (void)fail(archive, error.message);
    return status == FL_OK && archive->index == wanted;
}

/* ---- a member ------------------------------------------------------------------------------- */

static ssize_t raw_read(struct fl_archive *archive, void *buffer, size_t capacity)
{
    if (archive->reason[0] != '\0')
        return fail(archive, "");
    return archive->gzip ? gzip_read(archive, buffer, capacity)
                         : zip_read(archive, buffer, capacity);
}

static ssize_t member_read(void *context, void *buffer, size_t capacity)
{
    struct fl_archive *archive = context;
    size_t left = archive->start_length - archive->start_at;
    if (left == 0)
        return raw_read(archive, buffer, capacity);
    size_t take = left < capacity ? left : capacity;
    memcpy(buffer, archive->start + archive->start_at, take);
    archive->start_at += take;
    return (ssize_t)take;
}

static bool member_rewind(void *context)
{
    struct fl_archive *archive = context;
    archive->given = 0;
    archive->at_end = false;
    archive->start_length = archive->start_at = 0;
    archive->reason[0] = '\0';
    return archive->gzip ? gzip_begin(archive) : zip_rewind(archive);
}

/* Looks at the first bytes, for G3. */
static enum fl_status member_begin(struct fl_archive *archive, struct fl_byte_source *out,
                                   struct fl_error *error)
{
    archive->given_before += archive->given;
    archive->given = 0;
    archive->at_end = false;
    archive->start_length = archive->start_at = 0;
    archive->reason[0] = '\0';
    while (archive->start_length < sizeof archive->start) {
        ssize_t got = raw_read(archive, archive->start + archive->start_length,
                               sizeof archive->start - archive->start_length);
        if (got < 0)
            return fl_error_set(error, FL_UNREADABLE, "%s: %s", archive->name, archive->reason);
        if (got == 0)
            break;
        archive->start_length += (size_t)got;
    }
    if (fl_archive_is(archive->start, archive->start_length))
        return fl_error_set(error, FL_UNSUPPORTED, "%s: an archive within an archive is not opened",
                            archive->name);
    *out = (struct fl_byte_source){.read = member_read,
                                   .context = archive,
                                   .name = archive->name,
                                   .rewind = member_rewind,
                                   .why = member_why};
    return FL_OK;
}

/* "dir/x.sta.gz" holds "x.sta". */
static enum fl_status gzip_next(struct fl_archive *archive, struct fl_byte_source *out,
                                struct fl_error *error)
{
    char member[FL_ARCHIVE_NAME_MAX + 1];
    const char *slash = strrchr(archive->file_name, '/');
    archive->over = true;
    snprintf(member, sizeof member, "%s", slash ? slash + 1 : archive->file_name);
    size_t length = strlen(member);
    if (length > 3 && strcmp(member + length - 3, ".gz") == 0)
        member[length - 3] = '\0';
    name_set(archive, member);
    if (!gzip_begin(archive))
        return fl_error_set(error, FL_UNREADABLE, "%s: cannot be unpacked", archive->file_name);
    return member_begin(archive, out, error);
}

static enum fl_status zip_entry(struct fl_archive *archive, struct fl_byte_source *out,
                                struct fl_error *error);

/* libarchive turns names into the locale's charset, and loses those that do not fit: they are read
 * in one where all do, which is this thread's and for so long only. */
static enum fl_status zip_next(struct fl_archive *archive, struct fl_byte_source *out,
                               struct fl_error *error)
{
    locale_t before = archive->utf8 ? uselocale(archive->utf8) : (locale_t)0;
    enum fl_status status = zip_entry(archive, out, error);
    if (before)
        (void)uselocale(before);
    return status;
}

/* Spreadsheets and documents are zips too; none of their members is a bank file. */
static bool is_office(const char *path)
{
    return path && (strcmp(path, "[Content_Types].xml") == 0 || strcmp(path, "mimetype") == 0);
}

static enum fl_status zip_entry(struct fl_archive *archive, struct fl_byte_source *out,
                                struct fl_error *error)
{
    struct archive_entry *entry;
    for (;;) {
        FL_TRY(zip_step(archive, &entry, error));
        if (!entry)
            return FL_OK;
        bool folder = archive_entry_filetype(entry) == AE_IFDIR && archive_entry_size(entry) == 0;
        if (!folder)
            break;
    }
    const char *path = archive_entry_pathname_utf8(entry); /* whatever the locale */
    if (!path)
        path = archive_entry_pathname(entry);
    if (is_office(path)) {
        archive->over = true;
        return fl_error_set(error, FL_UNSUPPORTED,
                            "%s: a spreadsheet or document of an Office: save it as CSV",
                            archive->file_name);
    }
    char number[32];
    snprintf(number, sizeof number, "#%" PRIu32, archive->index);
    name_set(archive, path ? path : number);
    archive->entry_bytes = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
    archive->begins_at = archive_filter_bytes(archive->zip, -1);
    const char *warning = archive_error_string(archive->zip);
    if (warning && strstr(warning, "nconsistent")) /* others are about names only */
        return fl_error_set(error, FL_UNREADABLE, "%s: %s", archive->name, warning);
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0)
        return fl_error_set(error, FL_UNSUPPORTED, "%s: not a file", archive->name);
    if (archive_entry_is_encrypted(entry))
        return fl_error_set(error, FL_UNSUPPORTED, "%s: has a password", archive->name);
    const char *method = archive_format_name(archive->zip);
    if (!method || (!strstr(method, "(deflation)") && !strstr(method, "(uncompressed)")))
        return fl_error_set(error, FL_UNSUPPORTED, "%s: packed by a method that is not read",
                            archive->name);
    return member_begin(archive, out, error);
}

enum fl_status fl_archive_next(struct fl_archive *archive, struct fl_byte_source *member_out,
                               struct fl_error *error)
{
    snprintf(archive->name, sizeof archive->name, "%s", archive->file_name);
    *member_out = (struct fl_byte_source){.name = archive->name};
    if (archive->over)
        return FL_OK;
    return archive->gzip ? gzip_next(archive, member_out, error)
                         : zip_next(archive, member_out, error);
}

/* ---- the file ------------------------------------------------------------------------------- */

enum fl_status fl_archive_open(int fd, const char *name, struct fl_archive **out,
                               struct fl_error *error)
{
    char start[FL_ARCHIVE_DETECT_BYTES];
    off_t bytes = lseek(fd, 0, SEEK_END);
    if (bytes < 0 || lseek(fd, 0, SEEK_SET) != 0 ||
        read(fd, start, sizeof start) != (ssize_t)sizeof start)
        return fl_error_set(error, FL_UNREADABLE, "%s: cannot be read", name);
    struct fl_archive *archive = calloc(1, sizeof *archive);
    if (!archive)
        return fl_error_set(error, FL_NO_MEMORY, "%s: no memory", name);
    archive->fd = fd;
    archive->file_name = name;
    archive->file_bytes = (uint64_t)bytes;
    archive->gzip = start[0] == 0x1F;
    archive->entry_bytes = -1;
    archive->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    enum fl_status status = FL_OK;
    if (!archive->gzip &&
        directory_bytes(fd, archive->file_bytes, &archive->entries_said) > DIRECTORY_BYTES_MAX)
        status = fl_error_set(error, FL_UNREADABLE,
                              "%s: a zip without its end (it is cut off), or with too many members",
                              name);
    else if (!archive->gzip && memcmp(start, "PK\x05\x06", 4) == 0)
        archive->over = true; /* a directory of no members, and no more */
    else if (!archive->gzip)
        status = zip_begin(archive, error);
    if (status != FL_OK) {
        fl_archive_close(archive);
        return status;
    }
    *out = archive;
    return FL_OK;
}

void fl_archive_close(struct fl_archive *archive)
{
    if (!archive)
        return;
    if (archive->zip)
        archive_read_free(archive->zip);
    if (archive->utf8)
        freelocale(archive->utf8);
    if (archive->inflating)
        (void)inflateEnd(&archive->inflate);
    free(archive);
}
