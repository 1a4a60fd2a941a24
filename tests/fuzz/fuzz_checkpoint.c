/* A checkpoint whose keys, values and root are bent: whatever is taken is what was written, byte
 * for byte; everything else is one of the reader's answers, and the parent lives.
 *
 * The seed is made in code: a whole checkpoint of three tables, with a superseded version and the
 * leftovers of one that did not end. The input is a list of 8-byte sentences that bend it; the
 * empty input is the checkpoint as written, and must be taken. Keys are sorted after the bending
 * and given once each, as LMDB would give them. Both halves of the reader run here in turn, without
 * the fork: what LMDB itself makes of a damaged file is for the tests with files.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "storage/checkpoint_reader.c"

#define ENTRIES_MAX 512
#define SENTENCES   64
#define ROOT_ID     9u /* of the checkpoint; others are older ones and leftovers */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct entry {
    struct fl_checkpoint_key key;
    uint32_t bytes;
    uint8_t value[FL_CHECKPOINT_PIECE_BYTES];
};

static const uint8_t directory_id[16] = "sixteen bytes id";
static struct entry seed[ENTRIES_MAX], entries[ENTRIES_MAX];
static uint32_t seed_count;
static struct fl_checkpoint_root seed_root, root;
static bool root_resealed;
static struct fl_store store;
static struct fl_arena arena;
static struct ring *ring;
static uint8_t *scratch;

/* ---- the seed -------------------------------------------------------------------------------- */

/* What stands at a place of a column: any value will do that another place has not. */
static uint8_t cell_byte(unsigned column, uint32_t chunk, uint32_t at)
{
    uint32_t x = (column * 131 + chunk) * 65537 + at;
    return (uint8_t)((x * 2654435761u) >> 13);
}

static struct entry *seed_add(unsigned column, uint32_t chunk, uint64_t id, uint16_t piece)
{
    FL_ASSERT(seed_count < ENTRIES_MAX);
    struct entry *e = &seed[seed_count++];
    e->key = (struct fl_checkpoint_key){
        .column = (uint16_t)column, .piece = piece, .chunk = chunk, .checkpoint_id = id};
    return e;
}

/* As checkpoint.c writes it. Returns the entry of the manifest. */
static struct fl_checkpoint_entry seed_chunk(unsigned column, uint32_t k, uint64_t id, uint8_t salt)
{
    static uint8_t bytes[FL_CHUNK_BYTES];
    struct fl_checkpoint_chunk chunk = {
        .checkpoint_id = id,
        .seq = 100 + id,
        .bytes = fl_checkpoint_chunk_bytes(column, k, seed_root.rows),
        .chunk = k,
        .column = (uint16_t)column,
        .format = FL_CHECKPOINT_FORMAT,
    };
    for (uint32_t i = 0; i < chunk.bytes; i++)
        bytes[i] = cell_byte(column, k, i) ^ salt;
    chunk.checksum = fl_checkpoint_chunk_checksum(&chunk, bytes, directory_id);
    uint32_t at = 0, piece;
    for (uint16_t n = 0; (piece = fl_checkpoint_piece(chunk.bytes - at)) > 0; n++) {
        struct entry *e = seed_add(column, k, id, n);
        memcpy(e->value, bytes + at, piece);
        e->bytes = piece;
        at += piece;
    }
    struct entry *tail = seed_add(column, k, id, FL_CHECKPOINT_TAIL);
    memcpy(tail->value, &chunk, sizeof chunk);
    memcpy(tail->value + sizeof chunk, bytes + at, chunk.bytes - at);
    tail->bytes = (uint32_t)sizeof chunk + chunk.bytes - at;
    return (struct fl_checkpoint_entry){id, chunk.checksum};
}

static void seed_make(void)
{
    seed_root = (struct fl_checkpoint_root){
        .magic = FL_CHECKPOINT_MAGIC,
        .format = FL_CHECKPOINT_FORMAT,
        .schema_version = FL_SCHEMA_VERSION,
        .checkpoint_id = ROOT_ID,
        .seq = 100 + ROOT_ID,
        .layout_hash = fl_checkpoint_layout_hash(),
        .table_count = FL_TABLE_COUNT,
        .column_count = FL_COLUMN_COUNT,
    };
    memcpy(seed_root.directory_id, directory_id, 16);
    seed_root.rows[FL_TABLE_text] = 1000;
    seed_root.rows[FL_TABLE_customer] = 3;
    seed_root.rows[FL_TABLE_invoice] = 1100; /* its cards fill more than a chunk */
    for (unsigned column = 0; column < FL_COLUMN_COUNT; column++) {
        uint32_t chunks = fl_checkpoint_chunks(column, seed_root.rows);
        for (uint32_t k = 0; k < chunks; k++) {
            if (column % 3 == 0)
                seed_chunk(column, k, ROOT_ID - 2, 1); /* superseded */
            struct fl_checkpoint_entry entry = seed_chunk(column, k, ROOT_ID - column % 2, 0);
            if (column % 5 == 0)
                seed_chunk(column, k, ROOT_ID + 1, 2); /* of one that did not end */
            seed_root.manifest_hash =
                fl_checkpoint_manifest_add(seed_root.manifest_hash, column, k, &entry);
            seed_root.chunk_count++;
        }
    }
    seed_root.checksum = fl_checkpoint_root_checksum(&seed_root);
}

static void once(void)
{
    if (ring)
        return;
    struct fl_store_config config = {.memory_bytes = 64u << 20, .rows_max = 1u << 16};
    FL_ASSERT(fl_store_init(&store, &arena, &config) == FL_OK);
    ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    scratch = malloc(FL_CHUNK_BYTES);
    FL_ASSERT(ring != MAP_FAILED && scratch != NULL);
    seed_make();
}

/* ---- bending --------------------------------------------------------------------------------- */

static void bend_key(struct fl_checkpoint_key *key, const uint8_t *s)
{
    int delta = (int8_t)s[4];
    key->column = (uint16_t)(key->column + (s[3] & 1 ? delta : 0));
    key->chunk += (uint32_t)(s[3] & 2 ? delta : 0);
    key->checkpoint_id += (uint64_t)(int64_t)(s[3] & 4 ? delta : 0);
    key->piece = (uint16_t)(key->piece + (s[3] & 8 ? delta : 0));
}

/* A header that is right in itself, of another place, size or time. */
static void bend_chunk(struct entry *e, const uint8_t *s)
{
    struct fl_checkpoint_chunk chunk;
    if (e->key.piece != FL_CHECKPOINT_TAIL || e->bytes < sizeof chunk)
        return;
    memcpy(&chunk, e->value, sizeof chunk);
    uint32_t rest = e->bytes - (uint32_t)sizeof chunk;
    chunk.bytes += (uint32_t)(s[3] & 1 ? (int8_t)s[4] : 0);
    chunk.chunk += (uint32_t)(s[3] & 2 ? (int8_t)s[4] : 0);
    chunk.column = (uint16_t)(chunk.column + (s[3] & 4 ? (int8_t)s[4] : 0));
    chunk.checkpoint_id += (uint64_t)(int64_t)(s[3] & 8 ? (int8_t)s[4] : 0);
    if (chunk.bytes <= rest) /* whole in the tail: it can be sealed */
        chunk.checksum =
            fl_checkpoint_chunk_checksum(&chunk, e->value + sizeof chunk, directory_id);
    memcpy(e->value, &chunk, sizeof chunk);
}

static void bend_root(const uint8_t *s)
{
    uint32_t at = (uint32_t)(s[1] << 8 | s[2]) % sizeof root;
    if (s[3] & 1) { /* as a whole field, sealed again */
        root.seq += s[4];
        root.checkpoint_id += (uint64_t)(int64_t)(int8_t)s[5];
        root.chunk_count += s[6];
        root.rows[s[7] % FL_TABLE_COUNT] += s[6];
        root_resealed = true;
    } else {
        ((uint8_t *)&root)[at] ^= s[4];
    }
}

static void bend(const uint8_t *s, uint32_t *count)
{
    uint32_t i = (uint32_t)(s[1] << 8 | s[2]) % *count;
    struct entry *e = &entries[i];
    switch (s[0] % 6) {
    case 0:
        if (e->bytes > 0)
            e->value[(uint32_t)(s[3] << 8 | s[4]) % e->bytes] ^= s[5];
        break;
    case 1:
        e->bytes = (uint32_t)(s[3] << 8 | s[4]) % (FL_CHECKPOINT_PIECE_BYTES + 1);
        break;
    case 2:
        if (*count > 1)
            *e = entries[--*count];
        break;
    case 3:
        bend_key(&e->key, s);
        break;
    case 4:
        bend_chunk(e, s);
        break;
    default:
        bend_root(s);
    }
}

static int by_key(const void *left, const void *right)
{
    uint8_t a[FL_CHECKPOINT_KEY_BYTES], b[FL_CHECKPOINT_KEY_BYTES];
    struct fl_checkpoint_key again;
    fl_checkpoint_key_pack(&((const struct entry *)left)->key, a);
    fl_checkpoint_key_pack(&((const struct entry *)right)->key, b);
    fl_checkpoint_key_unpack(a, &again);
    FL_ASSERT(memcmp(&again, &((const struct entry *)left)->key, sizeof again) == 0);
    return memcmp(a, b, sizeof a);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What the child has handed over so far, taken by the parent. */
static enum fl_status drain(struct parent *parent)
{
    while (atomic_load(&ring->head) != atomic_load(&ring->tail)) {
        FL_TRY(take_chunk(parent, next_slot(parent)));
        publish(ring, &ring->tail);
    }
    return FL_OK;
}

static enum fl_status walk(struct child *child, struct parent *parent, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && by_key(&entries[i - 1], &entries[i]) == 0)
            continue;
        FL_TRY(child_visit(child, &entries[i].key, entries[i].value, entries[i].bytes));
        FL_TRY(drain(parent));
    }
    FL_TRY(child_flush(child));
    return drain(parent);
}

static enum fl_status read_all(struct child *child, struct parent *parent, uint32_t count,
                               struct fl_checkpoint_proved *proved)
{
    memcpy(&child_slot(child)->root, &root, sizeof root);
    child_hand_over(child, SLOT_ROOT);
    FL_TRY(take_root(parent));
    child->root = parent->root;
    child->id_max = child->root.checkpoint_id;
    FL_TRY(make_room(parent));
    FL_TRY(walk(child, parent, count));
    struct slot end = {.kind = SLOT_END, .id_max = child->id_max, .leftovers = child->leftovers};
    return take_end(parent, &end, proved);
}

/* The rows of the root may be fewer than the seed's only if nothing was lost by it. */
static void check_content(const struct fl_checkpoint_root *taken)
{
    for (unsigned column = 0; column < FL_COLUMN_COUNT; column++) {
        uint32_t chunks = fl_checkpoint_chunks(column, taken->rows);
        FL_ASSERT(chunks == fl_checkpoint_chunks(column, seed_root.rows));
        for (uint32_t k = 0; k < chunks; k++) {
            uint32_t bytes = fl_checkpoint_chunk_bytes(column, k, taken->rows);
            const uint8_t *place = fl_store_load_place(&store, (enum fl_column_id)column, k);
            for (uint32_t i = 0; i < bytes; i++)
                FL_ASSERT(place[i] == cell_byte(column, k, i));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    once();
    if (size > SENTENCES * 8)
        return 0;
    uint32_t count = seed_count;
    memcpy(entries, seed, seed_count * sizeof *seed);
    root = seed_root;
    root_resealed = false;
    for (size_t at = 0; at + 8 <= size; at += 8)
        bend(data + at, &count);
    if (root_resealed)
        root.checksum = fl_checkpoint_root_checksum(&root);
    qsort(entries, count, sizeof *entries, by_key);

    memset(ring, 0, sizeof *ring);
    struct child child = {.ring = ring};
    struct fl_error error = {.status = FL_OK};
    struct parent parent = {.ring = ring,
                            .directory_id = directory_id,
                            .store = &store,
                            .scratch = scratch,
                            .path = "checkpoint-a",
                            .error = &error};
    struct fl_checkpoint_proved proved = {.leftovers = false};
    enum fl_status status = read_all(&child, &parent, count, &proved);
    FL_ASSERT(status == FL_OK || status == FL_CORRUPT || status == FL_NEWER_FORMAT ||
              status == FL_NO_MEMORY);
    if (size < 8)
        FL_ASSERT(status == FL_OK && proved.leftovers && proved.id_max == ROOT_ID + 1);
    if (status == FL_OK)
        check_content(&proved.root);
    fl_checkpoint_manifest_free(&parent.manifest);
    fl_checkpoint_manifest_free(&proved.manifest);
    return 0;
}
