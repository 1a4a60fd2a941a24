#define _GNU_SOURCE /* memfd_create */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/format/archive_source.h"

/* --- archives made by hand -------------------------------------------------------------------- */

struct bytes {
    unsigned char *at;
    size_t length;
};

/* What the test at hand made: given back when it is over. */
static unsigned char *made[200];
static size_t made_count;

static void made_free(void)
{
    while (made_count > 0)
        free(made[--made_count]);
}

static struct bytes keep(struct bytes b)
{
    cr_assert_lt(made_count, sizeof made / sizeof made[0]);
    made[made_count++] = b.at;
    return b;
}

TestSuite(archive_source, .fini = made_free);

static void put(struct bytes *b, const void *from, size_t length)
{
    b->at = realloc(b->at, b->length + length + 1);
    memcpy(b->at + b->length, from, length);
    b->length += length;
}

static void put_little(struct bytes *b, uint64_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        put(b, &(unsigned char){(unsigned char)value}, 1);
}

static uint32_t crc(const unsigned char *at, size_t length)
{
    static uint32_t table[256];
    uint32_t c = ~0u;
    for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
        table[i] = i;
        for (int k = 0; k < 8; k++)
            table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xEDB88320u : table[i] >> 1;
    }
    while (length-- > 0)
        c = c >> 8 ^ table[(c ^ *at++) & 0xFF];
    return ~c;
}

/* What gzip makes of it. */
static struct bytes gzipped(const void *from, size_t length)
{
    char path[] = "/tmp/florin-archive-XXXXXX", command[100];
    struct bytes out = {0};
    char block[65536];
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, from, length) == (ssize_t)length);
    close(fd);
    snprintf(command, sizeof command, "gzip -n -c %s", path);
    FILE *pipe = popen(command, "r");
    for (size_t got; (got = fread(block, 1, sizeof block, pipe)) > 0;)
        put(&out, block, got);
    cr_assert_eq(pclose(pipe), 0);
    unlink(path);
    return out;
}

struct member {
    const char *name;
    const void *bytes;
    size_t length;
    unsigned method; /* 0 or 8; anything else is only said */
    unsigned flags, attributes;
};

/* The fields that a local header and the directory share. */
static void put_head(struct bytes *b, const struct member *m, size_t packed)
{
    put_little(b, 20, 2);
    put_little(b, m->flags, 2);
    put_little(b, m->method, 2);
    put_little(b, 0x58000000, 4);
    put_little(b, crc(m->bytes, m->length), 4);
    put_little(b, packed, 4);
    put_little(b, m->length, 4);
    put_little(b, strlen(m->name), 2);
    put_little(b, 0, 2);
}

static struct bytes zipped(const struct member *members, size_t count)
{
    struct bytes zip = {0}, directory = {0};
    for (size_t i = 0; i < count; i++) {
        const struct member *m = &members[i];
        struct bytes packed = {0};
        if (m->method == 8) { /* a gzip without its head and its end is deflate */
            struct bytes gzip = gzipped(m->bytes, m->length);
            put(&packed, gzip.at + 10, gzip.length - 18);
            free(gzip.at);
        } else {
            put(&packed, m->bytes, m->length);
        }
        put(&directory, "PK\1\2\24\3", 6);
        put_head(&directory, m, packed.length);
        put_little(&directory, 0, 6);
        put_little(&directory, m->attributes ? m->attributes : 0x81A40000u, 4);
        put_little(&directory, zip.length, 4);
        put(&directory, m->name, strlen(m->name));
        put(&zip, "PK\3\4", 4);
        put_head(&zip, m, packed.length);
        put(&zip, m->name, strlen(m->name));
        put(&zip, packed.at, packed.length);
        free(packed.at);
    }
    size_t at = zip.length;
    put(&zip, directory.at, directory.length);
    put(&zip, "PK\5\6\0\0\0\0", 8);
    put_little(&zip, count, 2);
    put_little(&zip, count, 2);
    put_little(&zip, directory.length, 4);
    put_little(&zip, at, 4);
    put_little(&zip, 0, 2);
    free(directory.at);
    return zip;
}

/* --- what comes out --------------------------------------------------------------------------- */

#define SEEN_MAX 8

struct seen {
    unsigned members, failures;
    uint64_t given;
    uint64_t sum[SEEN_MAX];
    char name[SEEN_MAX][FL_ARCHIVE_NAME_MAX + 1];
    char why[256];
};

static bool member_read(struct fl_byte_source source, struct seen *seen, uint64_t *sum_out)
{
    static unsigned char block[1u << 16];
    size_t step = 1 + seen->given % 4000;
    uint64_t sum = 0xcbf29ce484222325u;
    ssize_t got;
    while ((got = source.read(source.context, block,
                              seen->given > 1u << 20 ? sizeof block : step)) > 0) {
        for (ssize_t i = 0; i < got; i++)
            sum = (sum ^ block[i]) * 0x100000001b3u;
        seen->given += (uint64_t)got;
    }
    *sum_out = sum;
    if (got < 0)
        snprintf(seen->why, sizeof seen->why, "%s", source.why(source.context));
    return got == 0;
}

static struct seen walk(struct bytes file, bool twice)
{
    struct seen seen = {0};
    struct fl_error error = {.status = FL_OK};
    struct fl_archive *archive = NULL;
    int fd = memfd_create("archive", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, file.at, file.length) == (ssize_t)file.length);
    if (fl_archive_open(fd, "a", &archive, &error) != FL_OK) {
        seen.failures = 1;
        snprintf(seen.why, sizeof seen.why, "%s", error.message);
    }
    while (archive) {
        struct fl_byte_source member;
        uint64_t sum = 0, again;
        enum fl_status status = fl_archive_next(archive, &member, &error);
        if (status == FL_OK && !member.read)
            break;
        bool good = status == FL_OK && member_read(member, &seen, &sum);
        if (good && twice) {
            cr_assert(member.rewind(member.context));
            cr_assert(member_read(member, &seen, &again));
            cr_assert_eq(sum, again);
        }
        if (status != FL_OK)
            snprintf(seen.why, sizeof seen.why, "%s", error.message);
        seen.failures += !good;
        if (good && seen.members < SEEN_MAX) {
            snprintf(seen.name[seen.members], sizeof seen.name[0], "%s", member.name);
            seen.sum[seen.members++] = sum;
        }
    }
    fl_archive_close(archive);
    close(fd);
    return seen;
}

static uint64_t sum_of(const void *at, size_t length)
{
    struct seen seen = {0};
    struct fl_memory_source memory;
    uint64_t sum;
    cr_assert(member_read(fl_memory_source_init(&memory, at, length, "m"), &seen, &sum));
    return sum;
}

static struct bytes text_of(size_t lines)
{
    struct bytes text = {0};
    char line[80];
    for (size_t i = 0; i < lines; i++)
        put(&text, line,
            (size_t)snprintf(line, sizeof line, "2024-05-%02zu;%zu,50;line %zu of a statement\n",
                             1 + i % 30, i * 7919 % 100000, i));
    return text;
}

Test(archive_source, members_come_in_order_whole_and_again_after_a_rewind)
{
    struct bytes a = keep(text_of(9000)), b = keep(text_of(3)), zip;
    struct member members[] = {{"one.csv", a.at, a.length, 8, 0, 0},
                               {"folder/", "", 0, 0, 0, 0x41ED0010u},
                               {"folder/two.csv", b.at, b.length, 0, 0, 0},
                               {"empty", "", 0, 0, 0, 0},
                               {"three\n\x1b.csv", a.at, a.length, 8, 0, 0}};
    zip = keep(zipped(members, 5));
    struct seen seen = walk(zip, true);
    cr_assert_eq(seen.failures, 0, "%s", seen.why);
    cr_assert_eq(seen.members, 4);
    cr_expect_str_eq(seen.name[0], "a:one.csv");
    cr_expect_str_eq(seen.name[1], "a:folder/two.csv");
    cr_expect_str_eq(seen.name[3], "a:three??.csv");
    cr_expect_eq(seen.sum[0], sum_of(a.at, a.length));
    cr_expect_eq(seen.sum[1], sum_of(b.at, b.length));
    cr_expect_eq(seen.sum[2], sum_of("", 0));
    cr_expect_eq(seen.sum[3], seen.sum[0]);
    struct bytes gzip = keep(gzipped(a.at, a.length));
    seen = walk(gzip, true);
    cr_assert_eq(seen.failures, 0, "%s", seen.why);
    cr_assert_eq(seen.members, 1);
    cr_expect_eq(seen.sum[0], sum_of(a.at, a.length));
}

Test(archive_source, gzips_behind_each_other_are_one_and_only_zeros_may_follow)
{
    struct bytes a = keep(text_of(900)), both = gzipped(a.at, a.length), whole = {0};
    put(&whole, a.at, a.length);
    put(&whole, a.at, a.length);
    struct bytes second = keep(gzipped(a.at, a.length));
    put(&both, second.at, second.length);
    struct seen seen = walk(both, true);
    cr_assert_eq(seen.failures, 0, "%s", seen.why);
    cr_expect_eq(seen.sum[0], sum_of(whole.at, whole.length));
    put(&both, "\0\0\0\0\0", 5);
    seen = walk(both, true);
    cr_assert_eq(seen.failures, 0, "%s", seen.why);
    put(&both, "junk", 4);
    seen = walk(both, false);
    cr_expect_eq(seen.failures, 1);
    (void)keep(both);
    (void)keep(whole);
}

Test(archive_source, g1_a_file_cut_anywhere_never_reads_as_whole)
{
    struct bytes a = keep(text_of(40)), b = keep(text_of(5));
    struct member members[] = {{"one", a.at, a.length, 8, 0, 0}, {"two", b.at, b.length, 0, 0, 0}};
    struct bytes files[] = {keep(zipped(members, 2)), keep(gzipped(a.at, a.length))};
    for (int k = 0; k < 2; k++) {
        for (size_t n = FL_ARCHIVE_DETECT_BYTES; n < files[k].length; n++) {
            struct seen seen = walk((struct bytes){files[k].at, n}, false);
            cr_assert_gt(seen.failures, 0, "%d cut at %zu", k, n);
        }
    }
}

Test(archive_source, g1_a_bit_that_flipped_is_noticed_or_changes_no_byte_of_a_member)
{
    struct bytes a = keep(text_of(20)), b = keep(text_of(5));
    struct member members[] = {{"one", a.at, a.length, 8, 0, 0}, {"two", b.at, b.length, 0, 0, 0}};
    struct bytes files[] = {keep(zipped(members, 2)), keep(gzipped(a.at, a.length))};
    for (int k = 0; k < 2; k++) {
        for (size_t bit = 0; bit < 8 * files[k].length; bit++) {
            files[k].at[bit / 8] ^= (unsigned char)(1u << bit % 8);
            if (fl_archive_is((const char *)files[k].at, files[k].length)) {
                struct seen seen = walk(files[k], false);
                bool whole = seen.members == (k == 0 ? 2u : 1u) &&
                             seen.sum[0] == sum_of(a.at, a.length) &&
                             (k == 1 || seen.sum[1] == sum_of(b.at, b.length));
                cr_expect(seen.failures > 0 || whole, "%d bit %zu: %u members", k, bit,
                          seen.members);
            }
            files[k].at[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
    }
}

Test(archive_source, g2_bombs_are_refused_on_the_way)
{
    size_t length = 110u << 20;
    struct bytes zeros = keep((struct bytes){calloc(1, length), length});
    struct bytes gzip = keep(gzipped(zeros.at, length));
    struct member member = {"bomb", zeros.at, length, 8, 0, 0};
    struct bytes files[] = {gzip, keep(zipped(&member, 1))};
    for (int k = 0; k < 2; k++) {
        struct seen seen = walk(files[k], false);
        cr_expect_eq(seen.failures, 1);
        cr_expect_lt(seen.given, 105u << 20);
        cr_expect(strstr(seen.why, "bomb"), "%s", seen.why);
    }
    struct bytes lie = files[1]; /* the directory promises less than comes out */
    for (size_t i = lie.length - 100; i + 4 < lie.length; i++) {
        if (memcmp(lie.at + i, "PK\1\2", 4) == 0)
            memcpy(lie.at + i + 24, "\1\0\0\0", 4);
    }
    struct seen seen = walk(lie, false);
    cr_expect_eq(seen.failures, 1);
    cr_expect_lt(seen.given, 1u << 20);
}

Test(archive_source, g3_what_is_not_opened_is_named_and_the_rest_goes_on)
{
    struct bytes a = keep(text_of(9)), gzip = keep(gzipped(a.at, a.length));
    struct member members[] = {
        {"inner.zip", "PK\3\4 and more", 13, 0, 0, 0}, {"inner.gz", gzip.at, gzip.length, 8, 0, 0},
        {"secret", a.at, a.length, 0, 1, 0},           {"strange", a.at, a.length, 14, 0, 0},
        {"link", a.at, a.length, 0, 0, 0xA1FF0000u},   {"good", a.at, a.length, 0, 0, 0}};
    struct bytes zip = keep(zipped(members, 6));
    struct seen seen = walk(zip, false);
    cr_expect_eq(seen.failures, 5);
    cr_assert_eq(seen.members, 1);
    cr_expect_str_eq(seen.name[0], "a:good");
    for (int i = 0; i < 5; i++) {
        seen = walk(keep(zipped(&members[i], 1)), false);
        cr_expect_eq(seen.failures, 1);
        cr_expect(strstr(seen.why, members[i].name), "%s", seen.why);
    }
}

Test(archive_source, a_name_beyond_ascii_is_kept_in_any_locale)
{
    struct member member = {"M\xC3\xBCller/Auszug.csv", "x", 1, 0, 1u << 11, 0};
    struct bytes zip = keep(zipped(&member, 1));
    struct seen seen = walk(zip, false);
    cr_assert_eq(seen.members, 1, "%s", seen.why);
    cr_expect_str_eq(seen.name[0], "a:M\xC3\xBCller/Auszug.csv");
}

Test(archive_source, only_the_first_bytes_say_what_it_is)
{
    cr_expect(fl_archive_is("PK\3\4", 4));
    cr_expect(fl_archive_is("\x1F\x8B\x08\0", 4));
    cr_expect_not(fl_archive_is("PK", 2));
    cr_expect_not(fl_archive_is("PK: a text", 10));
}
