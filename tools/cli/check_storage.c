#include "tools/cli/check_storage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/engine/record.h"
#include "storage/host.h"
#include "tools/format/json_text.h"

#define LOOKS 3

/* ---- checkpoints ----------------------------------------------------------------------------- */

static void checkpoint_seen(void *context, const struct fl_host_checkpoint_report *report)
{
    struct fl_check_storage *check = context;
    FL_ASSERT(check->checkpoint_count < FL_CHECK_CHECKPOINTS_MAX);
    struct fl_check_checkpoint *seen = &check->checkpoints[check->checkpoint_count++];
    *seen = (struct fl_check_checkpoint){
        .status = report->status, .seq = report->seq, .chunks = report->chunks};
    snprintf(seen->name, sizeof seen->name, "%s", report->name);
    if (report->status != FL_OK)
        snprintf(seen->message, sizeof seen->message, "%s", report->message);
}

void fl_check_storage_checkpoints(const char *directory, struct fl_check_storage *check)
{
    struct fl_error error;
    enum fl_status status = FL_CORRUPT;
    for (int look = 0; look < LOOKS && status == FL_CORRUPT; look++) {
        check->checkpoint_count = 0;
        status = fl_host_verify_checkpoints(directory, checkpoint_seen, check, &error);
    }
}

static void checkpoints_print(const struct fl_check_storage *check, bool table)
{
    for (uint32_t i = 0; i < check->checkpoint_count; i++) {
        const struct fl_check_checkpoint *c = &check->checkpoints[i];
        const char *state = c->status == FL_OK             ? "good"
                            : c->status == FL_NEWER_FORMAT ? "newer"
                                                           : "damaged";
        if (table && c->status == FL_OK)
            printf("%s  sequence %" PRIu64 ", %" PRIu64 " chunks\n", c->name, c->seq, c->chunks);
        if (table)
            continue;
        printf("%s{\"name\":\"%s\",\"state\":\"%s\"", i ? "," : "", c->name, state);
        if (c->status == FL_OK) {
            printf(",\"seq\":%" PRIu64 ",\"chunks\":%" PRIu64 "}", c->seq, c->chunks);
            continue;
        }
        fputs(",\"message\":", stdout);
        fl_json_write_string(stdout, c->message, strlen(c->message));
        fputs("}", stdout);
    }
}

/* ---- the log --------------------------------------------------------------------------------- */

struct wal_file {
    char name[64];
    uint64_t first_seq, last_seq;
};

struct wal_files {
    struct wal_file *file;
    size_t count, capacity;
};

static enum fl_status wal_record(void *context, const struct fl_record *record, const char *file,
                                 uint64_t offset)
{
    struct wal_files *files = context;
    (void)offset;
    struct wal_file *last = files->count ? &files->file[files->count - 1] : NULL;
    if (!last || strcmp(last->name, file) != 0) {
        if (files->count == files->capacity) {
            files->capacity = files->capacity ? files->capacity * 2 : 16;
            struct wal_file *moved = realloc(files->file, files->capacity * sizeof *moved);
            if (!moved)
                return FL_NO_MEMORY;
            files->file = moved;
        }
        last = &files->file[files->count++];
        *last = (struct wal_file){.first_seq = record->seq};
        snprintf(last->name, sizeof last->name, "%s", file);
    }
    last->last_seq = record->seq;
    return FL_OK;
}

static uint64_t file_bytes(const char *directory, const char *name)
{
    char path[4096];
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &about) == 0 ? (uint64_t)about.st_size : 0;
}

static void wal_print(const char *directory, const struct wal_files *files, bool table)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct wal_file *f = &files->file[i];
        uint64_t bytes = file_bytes(directory, f->name);
        if (table)
            printf("%s  %" PRIu64 " bytes, sequence %" PRIu64 " to %" PRIu64 "\n", f->name, bytes,
                   f->first_seq, f->last_seq);
        else
            printf("%s{\"file\":\"%s\",\"bytes\":%" PRIu64 ",\"first_seq\":%" PRIu64
                   ",\"last_seq\":%" PRIu64 "}",
                   i ? "," : "", f->name, bytes, f->first_seq, f->last_seq);
    }
}

void fl_check_storage_print(const char *directory, struct fl_check_storage *check, bool table,
                            uint64_t dropped_bytes)
{
    struct wal_files files = {.file = NULL};
    struct fl_error error = {.status = FL_OK};
    if (!table)
        fputs("\"wal\":[", stdout);
    if (fl_host_log(directory, 0, wal_record, &files, &error) != FL_OK)
        snprintf(check->log_message, sizeof check->log_message, "%s",
                 error.message[0] ? error.message : "the log does not hold");
    wal_print(directory, &files, table);
    free(files.file);
    if (!table)
        printf("],\"dropped_bytes\":%" PRIu64 ",\"checkpoints\":[", dropped_bytes);
    else if (dropped_bytes > 0)
        printf("%" PRIu64 " bytes of an unfinished write stand at the end\n", dropped_bytes);
    checkpoints_print(check, table);
    if (!table)
        fputs("]", stdout);
}

uint64_t fl_check_storage_say(const struct fl_check_storage *check,
                              void (*say)(void *context, const char *sentence), void *context)
{
    uint64_t said = 0;
    if (check->log_message[0]) {
        say(context, check->log_message);
        said++;
    }
    for (uint32_t i = 0; i < check->checkpoint_count; i++) {
        if (check->checkpoints[i].status == FL_OK)
            continue;
        say(context, check->checkpoints[i].message);
        said++;
    }
    return said;
}
