#include "storage/directory.h"

#include <stdio.h>
#include <string.h>

#include "core/base/hash.h"

#define LOCK_TRIES    20
#define LOCK_PAUSE_NS 50000000u

struct identity {
    char magic[8];
    uint32_t version;
    uint32_t zero;
    uint8_t id[16];
    uint64_t created_s;
    uint64_t zeros[2];
    uint64_t hash;
};
static_assert(sizeof(struct identity) == 64, "drawn in the header");

static const char magic_bytes[8] = {'f', 'l', 'o', 'r', 'i', 'n', '\r', '\n'};
static const char *const folders[] = {"wal", "archive", "checkpoint-a", "checkpoint-b"};
#define FOLDERS (sizeof folders / sizeof folders[0])

static uint64_t identity_hash(const struct identity *identity)
{
    return fl_hash64(identity, offsetof(struct identity, hash), 0);
}

void fl_directory_path(const struct fl_directory *directory, const char *folder, const char *name,
                       char out[FL_DISK_PATH_BYTES_MAX])
{
    int n = snprintf(out, FL_DISK_PATH_BYTES_MAX, "%s/%s%s%s", directory->path, folder,
                     name ? "/" : "", name ? name : "");
    FL_ASSERT(n > 0 && n < FL_DISK_PATH_BYTES_MAX);
}

static enum fl_status start(struct fl_disk *disk, const char *path, struct fl_directory *out,
                            struct fl_error *error)
{
    *out = (struct fl_directory){.disk = disk, .lock = FL_FILE_NONE};
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0 || length >= sizeof out->path)
        return fl_error_set(error, FL_UNREADABLE, "the directory's name is empty or too long");
    memcpy(out->path, path, length);
    out->path[length] = '\0';
    return FL_OK;
}

/* Reads florin.dir. FL_UNREADABLE: there is none. */
static enum fl_status read_identity(struct fl_directory *directory, struct fl_error *error)
{
    char path[FL_DISK_PATH_BYTES_MAX];
    fl_directory_path(directory, "florin.dir", NULL, path);
    struct fl_file file;
    enum fl_status status = fl_disk_open_file(directory->disk, path, 0, &file, error);
    if (status == FL_UNREADABLE)
        return fl_error_set(error, status,
                            "%s is no florin directory (florin.dir cannot be opened); "
                            "`florin init` makes one",
                            directory->path);
    FL_TRY(status);
    struct identity identity = {.version = 0};
    size_t bytes = 0;
    status = fl_disk_read(directory->disk, &file, &identity, sizeof identity, 0, &bytes, error);
    fl_disk_close_file(directory->disk, &file);
    FL_TRY(status);
    if (bytes < sizeof identity || memcmp(identity.magic, magic_bytes, sizeof magic_bytes) != 0)
        return fl_error_set(error, FL_CORRUPT, "%s: not what florin writes", path);
    if (identity.hash != identity_hash(&identity))
        return fl_error_set(error, FL_CORRUPT, "%s: wrong checksum at 56", path);
    if (identity.version > FL_DIRECTORY_VERSION)
        return fl_error_set(error, FL_NEWER_FORMAT, "%s: format %u, this florin knows up to %u",
                            path, identity.version, FL_DIRECTORY_VERSION);
    memcpy(directory->id, identity.id, sizeof directory->id);
    directory->version = identity.version;
    directory->created_s = identity.created_s;
    return FL_OK;
}

static enum fl_status make_folder(struct fl_disk *disk, const char *path, struct fl_error *error)
{
    enum fl_status status = fl_disk_make_dir(disk, path, error);
    return status == FL_EXISTS ? FL_OK : status;
}

static enum fl_status write_file(struct fl_disk *disk, const char *path, const void *data,
                                 size_t bytes, struct fl_error *error)
{
    struct fl_file file;
    FL_TRY(fl_disk_open_file(disk, path, FL_DISK_WRITE | FL_DISK_CREATE, &file, error));
    enum fl_status status = bytes ? fl_disk_write(disk, &file, data, bytes, 0, error) : FL_OK;
    if (status == FL_OK)
        status = fl_disk_sync(disk, &file, error);
    fl_disk_close_file(disk, &file);
    return status;
}

static enum fl_status write_identity(struct fl_directory *directory, struct fl_error *error)
{
    struct fl_disk *disk = directory->disk;
    struct identity identity = {.version = FL_DIRECTORY_VERSION, .created_s = fl_disk_wall_s(disk)};
    memcpy(identity.magic, magic_bytes, sizeof magic_bytes);
    FL_TRY(fl_disk_entropy(disk, identity.id, sizeof identity.id, error));
    identity.hash = identity_hash(&identity);
    char aside[FL_DISK_PATH_BYTES_MAX], path[FL_DISK_PATH_BYTES_MAX];
    fl_directory_path(directory, "florin.dir.new", NULL, aside);
    fl_directory_path(directory, "florin.dir", NULL, path);
    FL_TRY(write_file(disk, aside, &identity, sizeof identity, error));
    FL_TRY(fl_disk_rename(disk, aside, path, error)); /* F1 */
    return fl_disk_sync_dir(disk, directory->path, error);
}

/* The folder that holds the engine's: its entry is what makes a new directory findable. */
static enum fl_status sync_parent(struct fl_directory *directory, struct fl_error *error)
{
    char parent[FL_DISK_PATH_BYTES_MAX];
    snprintf(parent, sizeof parent, "%s", directory->path);
    char *slash = strrchr(parent, '/');
    if (!slash)
        snprintf(parent, sizeof parent, ".");
    else if (slash == parent)
        slash[1] = '\0';
    else
        *slash = '\0';
    return fl_disk_sync_dir(directory->disk, parent, error);
}

enum fl_status fl_directory_create(struct fl_disk *disk, const char *path, struct fl_error *error)
{
    struct fl_directory directory;
    FL_TRY(start(disk, path, &directory, error));
    FL_TRY(make_folder(disk, directory.path, error));
    enum fl_status there = read_identity(&directory, NULL);
    if (there != FL_UNREADABLE)
        return fl_error_set(error, there == FL_OK ? FL_EXISTS : there, "%s: an engine lives here",
                            directory.path);
    char inner[FL_DISK_PATH_BYTES_MAX];
    for (size_t i = 0; i < FOLDERS; i++) {
        fl_directory_path(&directory, folders[i], NULL, inner);
        FL_TRY(make_folder(disk, inner, error));
        FL_TRY(fl_disk_sync_dir(disk, inner, error));
    }
    fl_directory_path(&directory, "lock", NULL, inner);
    FL_TRY(write_file(disk, inner, NULL, 0, error));
    FL_TRY(fl_disk_sync_dir(disk, directory.path, error));
    FL_TRY(sync_parent(&directory, error));
    return write_identity(&directory, error);
}

static enum fl_status take_lock(struct fl_directory *directory, struct fl_error *error)
{
    struct fl_disk *disk = directory->disk;
    char path[FL_DISK_PATH_BYTES_MAX];
    fl_directory_path(directory, "lock", NULL, path);
    FL_TRY(fl_disk_open_file(disk, path, FL_DISK_WRITE | FL_DISK_CREATE, &directory->lock, error));
    enum fl_status status = FL_LOCKED;
    for (int tries = 0; tries < LOCK_TRIES && status == FL_LOCKED; tries++) {
        if (tries > 0)
            fl_disk_sleep_ns(disk, LOCK_PAUSE_NS);
        status = fl_disk_lock(disk, &directory->lock, false, error);
    }
    if (status == FL_LOCKED)
        return fl_error_set(error, status, "%s: another process has it open", directory->path);
    return status;
}

static enum fl_status sync_folders(struct fl_directory *directory, struct fl_error *error)
{
    char path[FL_DISK_PATH_BYTES_MAX];
    for (size_t i = 0; i < FOLDERS; i++) {
        fl_directory_path(directory, folders[i], NULL, path);
        FL_TRY(make_folder(directory->disk, path, error));
        FL_TRY(fl_disk_sync_dir(directory->disk, path, error));
    }
    return fl_disk_sync_dir(directory->disk, directory->path, error);
}

enum fl_status fl_directory_open(struct fl_disk *disk, const char *path,
                                 enum fl_directory_mode mode, struct fl_directory *out,
                                 struct fl_error *error)
{
    FL_TRY(start(disk, path, out, error));
    out->mode = mode;
    FL_TRY(read_identity(out, error));
    if (mode == FL_DIRECTORY_READ)
        return FL_OK; /* F2 */
    enum fl_status status = take_lock(out, error);
    if (status == FL_OK)
        status = sync_folders(out, error);
    if (status != FL_OK)
        fl_directory_close(out);
    return status;
}

void fl_directory_close(struct fl_directory *directory)
{
    fl_disk_close_file(directory->disk, &directory->lock);
}

bool fl_directory_is_held(struct fl_directory *directory)
{
    FL_ASSERT(directory->mode == FL_DIRECTORY_READ);
    char path[FL_DISK_PATH_BYTES_MAX];
    fl_directory_path(directory, "lock", NULL, path);
    struct fl_file file;
    if (fl_disk_open_file(directory->disk, path, 0, &file, NULL) != FL_OK)
        return false;
    bool held = fl_disk_lock(directory->disk, &file, true, NULL) == FL_LOCKED;
    fl_disk_close_file(directory->disk, &file);
    return held;
}
