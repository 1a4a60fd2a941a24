#include "analytics/match_name.h"

#include <string.h>

#include "core/base/hash.h"
#include "core/domain/state.h"

#define WORDS_MAX      16
#define WORD_BYTES_MAX 96
#define CANDIDATES_MAX 64
#define PIECES_MAX     (2 * WORDS_MAX)
#define BEGIN_SEED     UINT64_C(0x666C6F72696E6231)
#define END_SEED       UINT64_C(0x666C6F72696E6532)
#define MEANT          90
#define NOT_MEANT      80

struct word {
    const char *at;
    uint32_t length;
};

static uint32_t words_of(const char *text, size_t length, struct word words[WORDS_MAX])
{
    uint32_t count = 0;
    for (size_t at = 0; at < length && count < WORDS_MAX;) {
        size_t end = at;
        while (end < length && text[end] != ' ')
            end++;
        if (end > at)
            words[count++] = (struct word){
                text + at, (uint32_t)(end - at > WORD_BYTES_MAX ? WORD_BYTES_MAX : end - at)};
        at = end + 1;
    }
    return count;
}

/* Levenshtein's, in bytes: the two rows of the table that are needed. */
static uint32_t edits(struct word a, struct word b)
{
    uint32_t row[WORD_BYTES_MAX + 1];
    for (uint32_t j = 0; j <= b.length; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= a.length; i++) {
        uint32_t before = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= b.length; j++) {
            uint32_t swap = before + (a.at[i - 1] != b.at[j - 1]);
            uint32_t drop = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            before = row[j];
            row[j] = swap < drop ? swap : drop;
        }
    }
    return row[b.length];
}

/* Bytes that agree, of the shorter. */
static uint32_t agreeing(struct word a, struct word b)
{
    uint32_t longer = a.length > b.length ? a.length : b.length;
    uint32_t shorter = a.length < b.length ? a.length : b.length;
    uint32_t away = edits(a, b);
    return 2 * away >= longer ? 0 : shorter > away ? shorter - away : 0;
}

unsigned fl_match_name_likeness(const char *a, size_t a_length, const char *b, size_t b_length)
{
    struct word mine[WORDS_MAX], other[WORDS_MAX];
    uint32_t n = words_of(a, a_length, mine), m = words_of(b, b_length, other);
    uint32_t agree = 0, mine_bytes = 0, other_bytes = 0;
    bool used[WORDS_MAX] = {false};
    for (uint32_t j = 0; j < m; j++)
        other_bytes += other[j].length;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t best = 0, at = 0;
        mine_bytes += mine[i].length;
        for (uint32_t j = 0; j < m; j++) {
            uint32_t same = used[j] ? 0 : agreeing(mine[i], other[j]);
            if (same > best) {
                best = same;
                at = j;
            }
        }
        if (best > 0)
            used[at] = true;
        agree += best;
    }
    uint32_t shorter = mine_bytes < other_bytes ? mine_bytes : other_bytes;
    return shorter < 6 ? 0 : agree >= shorter ? 100 : 100 * agree / shorter;
}

uint32_t fl_match_name_pieces(const char *folded, size_t length, uint64_t *keys, uint32_t most)
{
    struct word words[WORDS_MAX];
    uint32_t count = words_of(folded, length, words), n = 0;
    for (uint32_t i = 0; i < count && n + 2 <= most; i++) {
        uint32_t piece = (unsigned char)words[i].at[0] < 0x80 ? 4 : 9;
        if (words[i].length < piece)
            continue;
        keys[n++] = fl_hash64(words[i].at, piece, BEGIN_SEED);
        keys[n++] = fl_hash64(words[i].at + words[i].length - piece, piece, END_SEED);
    }
    return n;
}

static bool is_common(const struct fl_match_index *index, uint64_t key)
{
    struct fl_match_cursor cursor;
    uint32_t count = 0;
    for (uint32_t c = fl_match_map_first(&index->name_pieces, key, &cursor); c != FL_MATCH_NONE;
         c = fl_match_map_next(&index->name_pieces, &cursor))
        count++;
    return count >= FL_MATCH_PIECE_MAX;
}

struct candidate {
    uint32_t customer, pieces;
};

static uint32_t candidates_of(const struct fl_match_index *index, const char *folded, size_t length,
                              struct candidate out[CANDIDATES_MAX])
{
    uint64_t keys[PIECES_MAX];
    uint32_t pieces = fl_match_name_pieces(folded, length, keys, PIECES_MAX), count = 0;
    for (uint32_t i = 0; i < pieces; i++) {
        struct fl_match_cursor cursor;
        if (is_common(index, keys[i]))
            continue;
        for (uint32_t c = fl_match_map_first(&index->name_pieces, keys[i], &cursor);
             c != FL_MATCH_NONE; c = fl_match_map_next(&index->name_pieces, &cursor)) {
            uint32_t at = 0;
            while (at < count && out[at].customer != c)
                at++;
            if (at == count && count < CANDIDATES_MAX)
                out[count++] = (struct candidate){c, 0};
            if (at < count)
                out[at].pieces++;
        }
    }
    return count;
}

uint32_t fl_match_name_find(const struct fl_match_index *index, const char *folded, size_t length)
{
    struct candidate candidates[CANDIDATES_MAX];
    uint32_t count = candidates_of(index, folded, length, candidates);
    unsigned best = 0, second = 0;
    uint32_t meant = FL_MATCH_NONE;
    for (uint32_t i = 0; i < count; i++) {
        char own[512];
        if (candidates[i].pieces < 2)
            continue;
        struct fl_text_ref ref = fl_at_customer_profile(index->s, candidates[i].customer)->name;
        size_t n = index->letters->fold(fl_text_get(index->s->store, FL_TABLE_personal, ref),
                                        ref.length, own, sizeof own);
        unsigned likeness = fl_match_name_likeness(folded, length, own, n);
        if (likeness > best) {
            second = best;
            best = likeness;
            meant = candidates[i].customer;
        } else if (likeness > second) {
            second = likeness;
        }
    }
    return best >= MEANT && second <= NOT_MEANT ? meant : FL_MATCH_NONE;
}
