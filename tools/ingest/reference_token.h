/* reference_token.h - from the text of a bank line to the documents it may name (rulings, Matching
 * 1).
 *
 * The text is made NFKC and cut: dates, times, amounts with decimals and IBANs go out; the rest is
 * atoms, runs of letters and runs of digits. A token is a candidate: up to six neighbouring atoms
 * with a digit among them, in the normal form under which documents are found
 * (core/domain/reference.h).
 *
 *   K1  A token crosses only blanks and - . / _ : #, never what was cut out.
 *   K2  It does not begin or end between two digit atoms that those signs join without a blank, nor
 *       inside a run: "201407-323" is one number, and 323 is none.
 *   K3  , ; + & and the words for and, to, minus begin a new item; a bare number there also appears
 * with the last prefix: "RE-5510, 5512" has RE5512, "2024/101, 102" has 2024102. K4  Equal normal
 * forms appear once; tight tokens (their words joined to their numbers) before those that cross a
 * blank beside a word; each by position, the longest first.
 *
 * A token says where it came from, what label stood before it, which check digits hold, and whether
 * it is the far end of a range ("RE-5520 to 5523"); what is in between is told by
 * fl_reference_range, and counts only if all of it is open and one customer's: the caller's to
 * judge.
 *
 * Structured references by shape are tokens as well: RF.. in groups, 27 digits,
 * +++ddd/dddd/ddddd+++. Where the shape is right and the check digits fail the token says so: that
 * is a contradiction.
 *
 * Limits: letters beyond ASCII are not case-folded, as in the core; single-letter words count as
 * "and" or "to" only between numbers of three digits or more.
 *
 * Pure but for the workspace.  Thread: one a workspace.  Memory: the workspace, no allocation.
 */
#ifndef FLORIN_TOOLS_INGEST_REFERENCE_TOKEN_H
#define FLORIN_TOOLS_INGEST_REFERENCE_TOKEN_H

#include <stdint.h>

#include "core/base/bytes.h"
#include "core/base/limits.h"
#include "tools/format/slice.h"
#include "tools/ingest/reference_check.h"

#define FL_TOKEN_ATOMS_MAX 6
#define FL_TOKEN_NORMAL_BYTES_MAX                                                                  \
    64 /* longer ones are nobody's number: ids have at most 64 bytes */
#define FL_TOKENS_MAX FL_REFERENCES_MAX

enum fl_token_label {
    FL_LABEL_NONE,
    FL_LABEL_INVOICE,
    FL_LABEL_CREDIT_NOTE,
    FL_LABEL_ORDER,
    FL_LABEL_OTHER, /* customer, contract, mandate, card: a number, but no document of a sale */
};

enum fl_token_flag {
    FL_TOKEN_PREFIXED = 1 << 0,   /* has letters */
    FL_TOKEN_TAKEN_OVER = 1 << 1, /* prefix of an earlier item (K3) */
    FL_TOKEN_RANGE_END = 1 << 2,  /* its item began with "to" */
    FL_TOKEN_MINUS = 1 << 3,      /* its item began with "minus" */
    FL_TOKEN_STRUCTURED =
        1 << 4, /* the shape of a structured reference, and the check digits hold */
    FL_TOKEN_CHECK_FAILED = 1 << 5, /* the shape of one, and they do not */
    FL_TOKEN_TIGHT = 1 << 6,        /* crosses no blank beside a word */
};

struct fl_reference_token {
    struct fl_slice normal; /* in the workspace, valid until its next use */
    uint32_t from, to;      /* place in workspace->text */
    uint16_t item;          /* 0, 1, ... of the list */
    uint16_t flags;         /* enum fl_token_flag */
    uint8_t label;          /* enum fl_token_label */
    uint8_t atoms;
    uint8_t digits;  /* in the normal form */
    uint8_t schemes; /* enum fl_reference_scheme: check digits that hold, by accident or not */
};

struct fl_token_atom {
    uint16_t from, to;
    uint16_t item;
    uint8_t item_flags; /* FL_TOKEN_RANGE_END, FL_TOKEN_MINUS */
    uint8_t label;
    bool is_digit;
    bool is_word;   /* and, to, minus: in no token */
    bool crossable; /* K1: from the atom before */
    bool joined;    /* and no blank between */
};

#define FL_TOKEN_ATOMS_TEXT_MAX 1024

struct fl_token_workspace {
    char
        text[2 * FL_TEXT_BYTES_MAX]; /* NFKC, upper case in ASCII; \1 where something was cut out */
    size_t text_length;
    struct fl_token_atom atoms[FL_TOKEN_ATOMS_TEXT_MAX];
    uint32_t atoms_count;
    struct fl_reference_token tokens[FL_TOKENS_MAX];
    uint32_t tokens_count;
    bool truncated; /* more candidates than room: the loosest and last are missing */
    uint64_t hashes[FL_TOKENS_MAX];
    char compact[2 * FL_TEXT_BYTES_MAX]; /* letters and digits of all atoms, one behind the other */
    uint16_t
        compact_to[FL_TOKEN_ATOMS_TEXT_MAX + 1]; /* where atom i begins and ends: [i], [i + 1] */
    /* Those that are not as in `compact`; room for one more that is made and found to be there. */
    char normals[(FL_TOKENS_MAX + 1) * FL_TOKEN_NORMAL_BYTES_MAX];
    size_t normals_used;
};

/* What `hashes` has of a normal form. */
static inline uint64_t fl_token_hash(const char *normal, size_t length)
{
    uint64_t hash = length, last = 0;
    for (; length > 8; normal += 8, length -= 8) {
        hash = (hash ^ fl_load_u64(normal)) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    for (size_t i = 0; i < length; i++)
        last |= (uint64_t)(uint8_t)normal[i] << i * 8;
    hash = (hash ^ last) * UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ hash >> 32;
}

/* Fills workspace->tokens. `text` is valid UTF-8; beyond FL_TEXT_BYTES_MAX it is cut. A text that
 * is a bank's filler ("NONREF") has no token. */
void fl_reference_tokens(struct fl_token_workspace *workspace, struct fl_slice text);

/* One more reference, known to be one (structured field, end-to-end id): its normal form and checks
 * are added to the tokens, as the first of all by the caller's reading. Fillers are left out. */
void fl_reference_tokens_add(struct fl_token_workspace *workspace, struct fl_slice reference);

/* The token that a range ending in tokens[end] (FL_TOKEN_RANGE_END) begins with; UINT32_MAX if none
 * fits. */
uint32_t fl_reference_range_start(const struct fl_token_workspace *workspace, uint32_t end);

/* How many numbers lie between two tokens of a range, both ends included: "RE5520" and "RE5523"
 * have 4. 0 if they differ in more than their last run of digits, or run backwards, or over `most`.
 */
uint32_t fl_reference_range(const struct fl_reference_token *first,
                            const struct fl_reference_token *last, uint32_t most);
/* The n-th of them (0 is the first) in normal form; returns its length. */
size_t fl_reference_range_at(const struct fl_reference_token *first, uint32_t n,
                             char out[FL_TOKEN_NORMAL_BYTES_MAX]);

#endif
