/* A directory that a later florin has written: refused by name by every verb that opens it, exit 3,
 * and not a byte of it is changed. What is newer is bent with its checksums made right again. */
#define _GNU_SOURCE /* nftw */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "storage/checkpoint.h"
#include "storage/checkpoint_lmdb.h"
#include "storage/directory.h"
#include "storage/wal_format.h"

static char work[64], engine[96];

/* ---- the program ----------------------------------------------------------------------------- */

static int run(const char *format, const char *words)
{
    char command[2048];
    snprintf(command, sizeof command, format, words);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void file_write(const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", work, name);
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

/* An engine with two commands; with checkpoints, if asked for, in both environments. */
static void engine_make(bool checkpoints)
{
    snprintf(work, sizeof work, "/tmp/florin-newer-XXXXXX");
    cr_assert(mkdtemp(work));
    snprintf(engine, sizeof engine, "%s/a", work);
    file_write("one", "{\"type\":\"customer\",\"id\":\"C1\",\"name\":\"One\",\"currency\":\"EUR\","
                      "\"credit_limit\":null,\"at\":\"2025-01-01T00:00:00Z\"}\n");
    file_write("two", "{\"type\":\"invoice\",\"id\":\"I1\",\"customer\":\"C1\",\"amount\":"
                      "{\"net\":\"100\",\"tax\":\"19\"},\"at\":\"2025-01-01T00:00:00Z\"}\n");
    file_write("bank", ":20:1\n:25:DE1\n:28C:1\n:60F:C250101EUR0,00\n:62F:C250101EUR0,00\n-\n");
    file_write("orders.csv", "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,"
                             "CustomerID,Country\n");
    const char *often = checkpoints ? "--checkpoint 1K" : "";
    char line[512];
    cr_assert_eq(run(FLORIN_BINARY " init %s", engine), 0);
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof line, "%s %s/%s %s >/dev/null", engine, work, i ? "two" : "one",
                 often);
        cr_assert_eq(run(FLORIN_BINARY " apply %s", line), 0);
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static void engine_remove(void)
{
    if (work[0])
        nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    work[0] = '\0';
}

/* What an assertion left; after a test that removed its engine there is nothing to remove. */
TestSuite(newer_format, .fini = engine_remove);

/* ---- every byte of it ------------------------------------------------------------------------ */

static uint64_t print;

static int print_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)where;
    uint64_t name = fl_hash64(path, strlen(path), (uint64_t)type);
    if (type == FTW_F) {
        char *bytes = malloc((size_t)st->st_size + 1);
        int fd = open(path, O_RDONLY);
        cr_assert(bytes && fd >= 0);
        cr_assert_eq(read(fd, bytes, (size_t)st->st_size), st->st_size);
        name = fl_hash64(bytes, (size_t)st->st_size, name);
        close(fd);
        free(bytes);
    }
    print += name; /* in whatever order */
    return 0;
}

static uint64_t engine_print(void)
{
    print = 0;
    cr_assert_eq(nftw(engine, print_one, 16, FTW_PHYS), 0);
    return print;
}

/* ---- the refusal ----------------------------------------------------------------------------- */

static void said_read(char *said, size_t bytes)
{
    char path[160];
    snprintf(path, sizeof path, "%s/said", work);
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in);
    said[fread(said, 1, bytes - 1, in)] = '\0';
    fclose(in);
}

/* `place`: what the words must name. */
static void every_verb_refuses(const char *place)
{
    static const char *const verbs[] = {
        "apply %s/a %s/one",
        "import %s/a %s/bank",
        "load %s/a %s/orders.csv --map online-retail",
        "show %s/a customer C1",
        "list %s/a customer",
        "report %s/a aging",
        "report %s/a ledger",
        "log %s/a",
        "log %s/a --offsets",
        "check %s/a",
        "digest %s/a",
    };
    char words[512], line[1024], said[2048];
    uint64_t before = engine_print();
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        snprintf(words, sizeof words, verbs[i], work, work);
        snprintf(line, sizeof line, "%s --format json >/dev/null 2>%s/said", words, work);
        cr_expect_eq(run(FLORIN_BINARY " %s", line), 3, "%s: %s", place, words);
        said_read(said, sizeof said);
        cr_expect(strstr(said, place), "%s: %s: it says %s", place, words, said);
        cr_expect(strstr(said, "newer") || strstr(said, "knows up to"), "%s: %s", words, said);
        cr_expect_eq(engine_print(), before, "%s: %s changed something", place, words);
    }
}

/* ---- what is newer --------------------------------------------------------------------------- */

static void bytes_at(const char *name, uint64_t offset, void *bytes, size_t count, bool write_them)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", engine, name);
    int fd = open(path, O_RDWR);
    cr_assert_geq(fd, 0);
    ssize_t n = write_them ? pwrite(fd, bytes, count, (off_t)offset)
                           : pread(fd, bytes, count, (off_t)offset);
    cr_assert_eq(n, (ssize_t)count);
    close(fd);
}

static void directory_id(uint8_t id[16])
{
    bytes_at("florin.dir", 16, id, 16, false);
}

static void root_bend(enum fl_checkpoint_side side, uint32_t format_step, uint32_t schema_step)
{
    char path[200];
    struct fl_lmdb *lmdb;
    struct fl_checkpoint_root root;
    struct fl_checkpoint_key key = {.column = FL_CHECKPOINT_ROOT_COLUMN};
    fl_checkpoint_path(engine, side, false, path, sizeof path);
    cr_assert_eq(fl_lmdb_open_reading(path, &lmdb, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_get(lmdb, &key, &root, sizeof root, NULL), FL_OK);
    fl_lmdb_close(lmdb);
    root.format += format_step;
    root.schema_version += schema_step;
    root.checksum = fl_checkpoint_root_checksum(&root);
    cr_assert_eq(fl_lmdb_open_writing(path, UINT64_C(1) << 30, &lmdb, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_put(lmdb, &key, &root, sizeof root, NULL), FL_OK);
    cr_assert_eq(fl_lmdb_commit(lmdb, NULL), FL_OK);
    fl_lmdb_close(lmdb);
}

/* Offset of the last block that is there, from header to header. */
static uint64_t last_block(struct fl_wal_header *header)
{
    uint64_t at = 0, last = 0;
    struct fl_wal_header next;
    for (;; at += next.block_bytes) {
        bytes_at("wal/0000000001.wal", at, &next, sizeof next, false);
        if (next.magic != FL_WAL_MAGIC)
            return last;
        last = at;
        *header = next;
    }
}

static void block_bend(uint64_t at, struct fl_wal_header *header)
{
    uint8_t id[16];
    directory_id(id);
    uint64_t seed = fl_wal_seed(id);
    header->version = FL_WAL_VERSION + 1;
    header->preamble_check = fl_wal_preamble_check(header, seed);
    header->checksum = fl_wal_checksum(header, seed);
    bytes_at("wal/0000000001.wal", at, header, sizeof *header, true);
}

/* ---- claims ---------------------------------------------------------------------------------- */

Test(newer_format, what_is_not_bent_is_taken)
{
    engine_make(true);
    root_bend(FL_CHECKPOINT_A, 0, 0);
    cr_assert_eq(run(FLORIN_BINARY " check %s >/dev/null", engine), 0);
    engine_remove();
}

Test(newer_format, an_identity_of_a_newer_florin_is_refused)
{
    engine_make(true);
    uint8_t identity[64];
    uint32_t version = FL_DIRECTORY_VERSION + 1;
    bytes_at("florin.dir", 0, identity, 64, false);
    memcpy(identity + 8, &version, 4);
    uint64_t hash = fl_hash64(identity, 56, 0);
    memcpy(identity + 56, &hash, 8);
    bytes_at("florin.dir", 0, identity, 64, true);
    every_verb_refuses("florin.dir");
    engine_remove();
}

Test(newer_format, a_first_block_of_a_newer_florin_is_refused)
{
    engine_make(false);
    struct fl_wal_header header;
    bytes_at("wal/0000000001.wal", 0, &header, sizeof header, false);
    block_bend(0, &header);
    every_verb_refuses("wal/0000000001.wal");
    engine_remove();
}

Test(newer_format, a_last_block_of_a_newer_florin_is_refused_behind_checkpoints_too)
{
    for (int checkpoints = 0; checkpoints < 2; checkpoints++) {
        engine_make(checkpoints);
        struct fl_wal_header header;
        uint64_t at = last_block(&header);
        cr_assert_gt(at, 0);
        block_bend(at, &header);
        every_verb_refuses("wal/0000000001.wal");
        engine_remove();
    }
}

Test(newer_format, a_root_of_a_newer_florin_is_refused_though_the_other_is_good)
{
    for (unsigned side = 0; side < FL_CHECKPOINT_SIDES; side++) {
        engine_make(true);
        root_bend((enum fl_checkpoint_side)side, 1, 0);
        every_verb_refuses(side ? "checkpoint-b" : "checkpoint-a");
        engine_remove();
    }
}

Test(newer_format, a_schema_of_a_newer_florin_is_refused)
{
    engine_make(true);
    root_bend(FL_CHECKPOINT_A, 0, 1);
    every_verb_refuses("checkpoint-a");
    engine_remove();
}
