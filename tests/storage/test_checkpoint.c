#define _GNU_SOURCE /* memmem */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/checkpoint_lmdb.h"
#include "tests/support/store_fixture.h"

static char *data_file(struct fl_store_fixture *place, enum fl_checkpoint_side side)
{
    static char file[512];
    char path[400];
    fl_checkpoint_path(place->path, side, false, path, sizeof path);
    snprintf(file, sizeof file, "%s/data.mdb", path);
    return file;
}

Test(checkpoint, what_was_written_is_loaded)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 30000);
    struct fl_store_copy copy = fl_store_copy_take(&place.store);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK, "%s",
                 place.error.message);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_B, NULL, NULL), FL_NOT_FOUND);
    struct fl_checkpoint_root root;
    cr_assert_eq(fl_checkpoint_read_root(place.path, FL_CHECKPOINT_A, place.config.directory_id,
                                         &root, NULL),
                 FL_OK);
    cr_assert_eq(root.seq, place.seq);
    fl_store_copy_free(&copy);
    fl_store_fixture_end(&place);
}

Test(checkpoint, an_empty_store_is_a_checkpoint_too)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    struct fl_store_copy copy = fl_store_copy_take(&place.store);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK, "%s",
                 place.error.message);
    fl_store_copy_free(&copy);
    fl_store_fixture_end(&place);
}

Test(checkpoint, environments_take_turns_and_only_changed_chunks_are_written)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 60000);
    struct fl_store_copy copies[8];
    for (unsigned turn = 0; turn < 8; turn++) {
        if (turn > 0) {
            fl_store_fixture_grow(&place, 10);
            fl_store_fixture_change(&place, 5);
        }
        copies[turn] = fl_store_copy_take(&place.store);
        cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
        struct fl_checkpoint_facts facts;
        fl_checkpoint_facts(place.checkpoint, &facts);
        cr_assert_eq(facts.side, turn % 2);
        if (turn >= 2)
            cr_assert_eq(facts.chunks_written,
                         fl_store_copy_windows(&copies[turn - 2], &copies[turn]));
        cr_assert_eq(fl_store_fixture_load(&place, turn % 2, &copies[turn], NULL), FL_OK, "%s",
                     place.error.message);
        if (turn > 0)
            cr_assert_eq(fl_store_fixture_load(&place, 1 - turn % 2, &copies[turn - 1], NULL),
                         FL_OK);
    }
    for (unsigned turn = 0; turn < 8; turn++)
        fl_store_copy_free(&copies[turn]);
    fl_store_fixture_end(&place);
}

Test(checkpoint, the_snapshot_is_written_however_far_the_writer_has_gone)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 20000);
    struct fl_store_copy copy = fl_store_copy_take(&place.store);
    struct fl_snapshot snapshot;
    cr_assert_eq(fl_snapshot_take(&place.store, place.seq, &snapshot), FL_OK);
    fl_store_fixture_grow(&place, 5000);
    fl_store_fixture_change(&place, 5000);
    cr_assert_eq(fl_checkpoint_write(place.checkpoint, &snapshot, &place.error), FL_OK);
    fl_snapshot_release(&snapshot);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK);
    fl_store_copy_free(&copy);
    fl_store_fixture_end(&place);
}

Test(checkpoint, a_successor_that_a_crash_left_is_removed)
{
    struct fl_store_fixture place;
    char path[400], file[512];
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 100);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    fl_store_fixture_restart(&place, FL_CHECKPOINT_A);
    for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
        fl_checkpoint_path(place.path, (enum fl_checkpoint_side)side, true, path, sizeof path);
        snprintf(file, sizeof file, "%s/data.mdb", path);
        cr_assert_eq(mkdir(path, 0700), 0);
        int fd = open(file, O_CREAT | O_WRONLY, 0600);
        cr_assert_eq(ftruncate(fd, 100 << 20), 0);
        close(fd);
    }
    for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
        fl_store_fixture_change(&place, 3);
        cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
    }
    for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
        fl_checkpoint_path(place.path, (enum fl_checkpoint_side)side, true, path, sizeof path);
        cr_assert_neq(access(path, F_OK), 0, "%s is still there", path);
    }
    fl_store_fixture_end(&place);
}

Test(checkpoint, after_a_restart_the_loaded_side_is_written_in_place_and_the_other_whole)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 30000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    fl_store_fixture_grow(&place, 10);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    struct fl_store_copy loaded = fl_store_copy_take(&place.store);
    fl_store_fixture_restart(&place, FL_CHECKPOINT_B);
    cr_assert_eq(fl_checkpoint_kept_seq(place.checkpoint), 0, "one side is not proved");
    for (unsigned turn = 0; turn < 4; turn++) {
        fl_store_fixture_change(&place, 3);
        struct fl_store_copy copy = fl_store_copy_take(&place.store);
        cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
        struct fl_checkpoint_facts facts;
        fl_checkpoint_facts(place.checkpoint, &facts);
        cr_assert_eq(facts.side, turn % 2);
        cr_assert_eq(facts.chunks_kept == 0, turn == 0);
        if (turn == 1)
            cr_assert_eq(facts.chunks_written, fl_store_copy_windows(&loaded, &copy));
        cr_assert_eq(fl_store_fixture_load(&place, turn % 2, &copy, NULL), FL_OK, "%s",
                     place.error.message);
        cr_assert(fl_checkpoint_kept_seq(place.checkpoint) > 0);
        fl_store_copy_free(&copy);
    }
    fl_store_copy_free(&loaded);
    fl_store_fixture_end(&place);
}

/* Two generations, then one damage at a time in the newer: the load says no, or gives exactly what
 * was written (the damage met a page that nothing refers to), and the older one stays good. */
Test(checkpoint, c1_no_damage_kills_or_deceives, .timeout = 300)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 12000);
    struct fl_store_copy older = fl_store_copy_take(&place.store);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    fl_store_fixture_change(&place, 50);
    struct fl_store_copy newer = fl_store_copy_take(&place.store);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    const char *file = data_file(&place, FL_CHECKPOINT_B);
    struct stat st;
    cr_assert_eq(stat(file, &st), 0);
    uint64_t size = (uint64_t)st.st_size, refused = 0;
    uint8_t *good = malloc(size), *bad = malloc(size);
    int fd = open(file, O_RDWR);
    cr_assert_eq(pread(fd, good, size, 0), (ssize_t)size);
    for (unsigned round = 0; round < 120; round++) {
        uint64_t page = fl_store_fixture_random(&place) % (size / 4096) * 4096;
        uint64_t kept = size;
        memcpy(bad, good, size);
        if (round % 4 == 0)
            memset(bad + page, 0, 4096);
        else if (round % 4 == 1)
            kept = page + fl_store_fixture_random(&place) % 4096;
        else if (round % 4 == 2)
            bad[page + fl_store_fixture_random(&place) % 4096] ^= (uint8_t)(1u << round % 8);
        else /* the heads of pages, where LMDB's own links stand */
            bad[page + fl_store_fixture_random(&place) % 64] ^=
                (uint8_t)(1 + fl_store_fixture_random(&place) % 255);
        cr_assert_eq(ftruncate(fd, 0), 0);
        cr_assert_eq(pwrite(fd, bad, kept, 0), (ssize_t)kept);
        enum fl_status status = fl_store_fixture_load(&place, FL_CHECKPOINT_B, &newer, NULL);
        cr_assert(status == FL_OK || status == FL_CORRUPT || status == FL_NOT_FOUND, "round %u: %s",
                  round, place.error.message);
        if (round % 4 == 1 && kept + 8192 < size)
            cr_assert_neq(status, FL_OK, "round %u: cut to %lu of %lu", round, kept, size);
        refused += status != FL_OK;
        if (round % 10 == 0)
            cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, &older, NULL), FL_OK);
    }
    cr_assert_gt(refused, 60);
    close(fd);
    free(good);
    free(bad);
    fl_store_copy_free(&older);
    fl_store_copy_free(&newer);
    fl_store_fixture_end(&place);
}

/* Every byte of the pieces is covered: a flip in the middle of any chunk's page is found. */
Test(checkpoint, f2_a_flipped_bit_in_any_chunk_is_found)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 3000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    const uint8_t *needle = fl_store_fixed(&place.store, FL_COLUMN_invoice_cold, 100);
    const char *file = data_file(&place, FL_CHECKPOINT_A);
    int fd = open(file, O_RDWR);
    struct stat st;
    fstat(fd, &st);
    uint8_t *bytes = malloc((size_t)st.st_size);
    cr_assert_eq(pread(fd, bytes, (size_t)st.st_size, 0), st.st_size);
    uint8_t *at = memmem(bytes, (size_t)st.st_size, needle, 16);
    cr_assert_not_null(at);
    *at ^= 4;
    cr_assert_eq(pwrite(fd, at, 1, at - bytes), 1);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    cr_assert(strstr(place.error.message, "checksum"), "%s", place.error.message);
    close(fd);
    free(bytes);
    fl_store_fixture_end(&place);
}

Test(checkpoint, another_directorys_checkpoint_is_refused)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 100);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    place.config.directory_id[3] ^= 1;
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    fl_store_fixture_end(&place);
}

static void rewrite_root(struct fl_store_fixture *place,
                         void (*edit)(struct fl_checkpoint_root *root))
{
    char path[400];
    struct fl_lmdb *lmdb;
    struct fl_checkpoint_root root;
    struct fl_checkpoint_key key = {.column = FL_CHECKPOINT_ROOT_COLUMN};
    cr_assert_eq(fl_checkpoint_read_root(place->path, FL_CHECKPOINT_A, place->config.directory_id,
                                         &root, NULL),
                 FL_OK);
    edit(&root);
    fl_checkpoint_path(place->path, FL_CHECKPOINT_A, false, path, sizeof path);
    cr_assert_eq(fl_lmdb_open_writing(path, 1u << 30, &lmdb, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_put(lmdb, &key, &root, sizeof root, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_commit(lmdb, NULL), FL_OK);
    fl_lmdb_close(lmdb);
}

static void edit_format(struct fl_checkpoint_root *root)
{
    root->format++;
    root->checksum = fl_checkpoint_root_checksum(root);
}

static void edit_manifest(struct fl_checkpoint_root *root)
{
    root->manifest_hash++;
    root->checksum = fl_checkpoint_root_checksum(root);
}

static void edit_rows(struct fl_checkpoint_root *root)
{
    root->rows[FL_TABLE_invoice]--;
    root->checksum = fl_checkpoint_root_checksum(root);
}

static void edit_seq(struct fl_checkpoint_root *root)
{
    root->seq++;
}

Test(checkpoint, f3_f4_a_root_that_does_not_fit_is_refused)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 3000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    fl_checkpoint_close(place.checkpoint);
    place.checkpoint = NULL;
    rewrite_root(&place, edit_manifest);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    rewrite_root(&place, edit_rows);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    rewrite_root(&place, edit_format);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_NEWER_FORMAT);
    fl_store_fixture_end(&place);
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 3000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    fl_checkpoint_close(place.checkpoint);
    place.checkpoint = NULL;
    rewrite_root(&place, edit_seq);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, NULL, NULL), FL_CORRUPT);
    fl_store_fixture_end(&place);
}

/* Puts keys that are not in force; a crash between the chunks and the root leaves such. */
static void put_leftovers(struct fl_store_fixture *place, uint64_t id, uint16_t piece)
{
    char path[400];
    struct fl_lmdb *lmdb;
    fl_checkpoint_path(place->path, FL_CHECKPOINT_A, false, path, sizeof path);
    cr_assert_eq(fl_lmdb_open_writing(path, 1u << 30, &lmdb, NULL), FL_OK);
    struct fl_checkpoint_key key = {
        .column = FL_COLUMN_invoice_money, .checkpoint_id = id, .piece = piece};
    cr_assert_eq(fl_lmdb_put(lmdb, &key, "leftover", 8, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_commit(lmdb, NULL), FL_OK);
    fl_lmdb_close(lmdb);
}

Test(checkpoint, f1_leftovers_are_passed_over_and_swept_by_the_next_turn)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 3000);
    for (int i = 0; i < 3; i++) {
        fl_store_fixture_change(&place, 200);
        cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    }
    struct fl_store_copy copy = fl_store_copy_take(&place.store); /* checkpoint 3, in A */
    fl_checkpoint_close(place.checkpoint);
    place.checkpoint = NULL;
    put_leftovers(&place, 1, FL_CHECKPOINT_TAIL); /* superseded, half deleted */
    put_leftovers(&place, 9, 0);                  /* of a checkpoint that did not end */
    struct fl_checkpoint_proved proved;
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, &copy, &proved), FL_OK, "%s",
                 place.error.message);
    cr_assert(proved.leftovers);
    cr_assert_eq(proved.id_max, 9);
    fl_checkpoint_manifest_free(&proved.manifest);
    fl_store_copy_free(&copy);
    cr_assert_eq(fl_checkpoint_open(place.path, &place.config, &place.checkpoint, NULL), FL_OK);
    fl_store_fixture_restart(&place, FL_CHECKPOINT_A);
    for (int i = 0; i < 2; i++) {
        fl_store_fixture_change(&place, 200);
        cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
    }
    copy = fl_store_copy_take(&place.store);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, &copy, &proved), FL_OK, "%s",
                 place.error.message);
    cr_assert_not(proved.leftovers);
    cr_assert_gt(proved.root.checkpoint_id, 9);
    fl_checkpoint_manifest_free(&proved.manifest);
    fl_store_copy_free(&copy);
    fl_store_fixture_end(&place);
}

Test(checkpoint, p3_a_full_map_fails_one_checkpoint_and_nothing_else)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_checkpoint_close(place.checkpoint);
    place.config.map_bytes = 4u << 20;
    cr_assert_eq(fl_checkpoint_open(place.path, &place.config, &place.checkpoint, NULL), FL_OK);
    fl_store_fixture_grow(&place, 10000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
    struct fl_store_copy copy = fl_store_copy_take(&place.store);
    fl_store_fixture_grow(&place, 80000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_NO_SPACE, "%s", place.error.message);
    cr_assert_eq(fl_store_fixture_write(&place), FL_NO_SPACE);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_A, &copy, NULL), FL_OK, "%s",
                 place.error.message);
    cr_assert_eq(fl_store_fixture_load(&place, FL_CHECKPOINT_B, &copy, NULL), FL_OK);
    place.config.map_bytes = 1u << 30;
    fl_store_fixture_restart(&place, FL_CHECKPOINT_B);
    fl_store_fixture_grow(&place, 40000);
    fl_store_copy_free(&copy);
    copy = fl_store_copy_take(&place.store);
    struct fl_checkpoint_proved proved;
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(fl_store_fixture_write(&place), FL_OK, "%s", place.error.message);
        cr_assert_eq(fl_store_fixture_load(&place, (enum fl_checkpoint_side)i, &copy, &proved),
                     FL_OK);
        cr_assert_not(proved.leftovers);
        fl_checkpoint_manifest_free(&proved.manifest);
    }
    fl_store_copy_free(&copy);
    fl_store_fixture_end(&place);
}

Test(checkpoint, a_state_larger_than_the_store_is_refused_by_name)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 60000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    struct fl_arena arena = {0};
    struct fl_store small;
    struct fl_store_config config = {.memory_bytes = 64 << 10, .rows_max = 1000};
    cr_assert_eq(fl_store_init(&small, &arena, &config), FL_OK);
    cr_assert_eq(fl_checkpoint_load(place.path, FL_CHECKPOINT_A, place.config.directory_id, &small,
                                    NULL, NULL, NULL, &place.error),
                 FL_NO_MEMORY);
    fl_arena_close(&arena);
    fl_store_fixture_end(&place);
}

Test(checkpoint, verifying_alone_needs_no_store)
{
    struct fl_store_fixture place;
    fl_store_fixture_begin(&place);
    fl_store_fixture_grow(&place, 5000);
    cr_assert_eq(fl_store_fixture_write(&place), FL_OK);
    cr_assert_eq(fl_checkpoint_load(place.path, FL_CHECKPOINT_A, place.config.directory_id, NULL,
                                    NULL, NULL, NULL, &place.error),
                 FL_OK);
    fl_store_fixture_end(&place);
}
