/* match_evidence.h - what one payment says: the documents it names, and who may have sent it.
 *
 * Evidence is taken once from the text and the payer (a text is cut into tokens outside, where languages are known);
 * amounts come later (match_choice.h), as they change while a batch settles. A mention is one place of the text that
 * names documents; it may be read in several ways.
 *
 *   V1  Reading: a longer token that names a document hides the shorter ones within it.
 *   V2  A number that names nothing open of the payer is read again as a damaged one (a digit wrong, two swapped,
 *       one missing or too much, letters for digits, cut at either end), among the payer's open items, or, where the
 *       payer is unknown, among the open items of exactly that amount. A reference with check digits is never read so:
 *       that its digits fail is a contradiction.
 *   V3  A number that its label or its letters make one of ours, and that is nobody's by V1 and V2, is a
 *       contradiction (FL_MATCH_SAYS_NOBODY).
 *
 * Pure but for the output.  Thread: any, each with its own output.
 */
#ifndef FLORIN_ANALYTICS_MATCH_EVIDENCE_H
#define FLORIN_ANALYTICS_MATCH_EVIDENCE_H

#include "analytics/match_index.h"

enum fl_match_token_flag {
    FL_MATCH_TOKEN_INVOICE = 1 << 0, /* behind a label of invoices or credit notes */
    FL_MATCH_TOKEN_ORDER = 1 << 1,
    FL_MATCH_TOKEN_OTHER = 1 << 2, /* a label of something else */
    FL_MATCH_TOKEN_LETTERS = 1 << 3,
    FL_MATCH_TOKEN_CHECK_FAILED = 1 << 4,
    FL_MATCH_TOKEN_FIELD = 1 << 5, /* a field of its own, not the text */
    FL_MATCH_TOKEN_MINUS = 1 << 6,
    FL_MATCH_TOKEN_OURS = 1 << 7,     /* digits: behind letters that numbers of ours begin with */
    FL_MATCH_TOKEN_GLUED = 1 << 8,   /* a letter stands right before or behind it */
    FL_MATCH_TOKEN_FOREIGN = 1 << 9, /* the end of a number that is none of ours */
};

struct fl_match_token {
    const char *normal;
    uint32_t from, to; /* in the text; equal for a field */
    uint16_t flags;
    uint8_t length;
    uint8_t digits;  /* as written, zeros in */
    uint8_t schemes; /* check digits that hold */
};

/* A run of digits as written, for reading it as a damaged number. */
struct fl_match_digits {
    uint32_t from, to;
    uint16_t flags;
    uint8_t length;
    char digits[FL_MATCH_TAIL_MAX];
};

struct fl_match_text {
    const struct fl_match_token *tokens;
    const struct fl_match_digits *digits;
    const uint64_t *name_words, *text_words; /* hashes of folded words */
    const uint64_t *accounts;                /* hashes; the payer's own field first */
    const char *name;                        /* the payer's, folded */
    size_t name_length;
    uint32_t token_count, digits_count, name_count, text_count, account_count;
};

#define FL_MATCH_PAYERS_MAX   4
#define FL_MATCH_NAMED_MAX    48
#define FL_MATCH_MENTIONS_MAX 24

enum fl_match_payer_by {
    FL_MATCH_BY_NOTHING,
    FL_MATCH_BY_FUZZY_NAME,
    FL_MATCH_BY_NAME_START, /* a name that was cut */
    FL_MATCH_BY_NAME,
    FL_MATCH_BY_ACCOUNT,
    FL_MATCH_BY_CUSTOMER, /* the receipt is the customer's already */
};

struct fl_match_payer {
    uint32_t customer;
    uint8_t points;
    uint8_t by; /* enum fl_match_payer_by */
};

enum fl_match_named_flag {
    FL_MATCH_NAMED_CLOSED = 1 << 0,
    FL_MATCH_NAMED_DAMAGED = 1 << 1,
    FL_MATCH_NAMED_CHECKED = 1 << 2, /* a reference whose check digits hold */
    FL_MATCH_NAMED_WEAK = 1 << 3,    /* a few digits without label: nobody is contradicted by it */
    FL_MATCH_NAMED_ORDER = 1 << 4,
    FL_MATCH_NAMED_SHORT = 1 << 5, /* a bare number of less than five digits as written */
    FL_MATCH_NAMED_GUESSED = 1 << 6, /* damaged, and less than five digits */
};

struct fl_match_named {
    uint32_t item; /* FL_MATCH_NONE: closed */
    uint32_t row, customer;
    uint8_t kind;
    uint8_t points;
    uint8_t mention;
    uint8_t flags;
};

enum fl_match_says {
    FL_MATCH_SAYS_NOBODY = 1 << 0,       /* V3 */
    FL_MATCH_SAYS_CHECK_FAILED = 1 << 1, /* V2 */
    FL_MATCH_SAYS_NAME = 1 << 2,         /* a payer is named, or has an account */
};

struct fl_match_evidence {
    struct fl_match_payer payers[FL_MATCH_PAYERS_MAX];
    struct fl_match_named named[FL_MATCH_NAMED_MAX];
    uint32_t payer_count, named_count, mention_count;
    uint32_t says; /* enum fl_match_says */
};

/* `customer`: whose the money is known to be; FL_MATCH_NONE. */
void fl_match_evidence_read(const struct fl_match_index *index, const struct fl_match_text *text,
                            uint32_t customer, uint8_t currency, int64_t amount_minor,
                            struct fl_match_evidence *out);

/* Points of digits `t` read as a damaged form of a number with the digits `d`; 0: too far from it. `whole_out`: all
 * digits are there and right, only letters stood for some, or signs were lost. */
unsigned fl_match_damage_points(const char *t, uint32_t t_length, const char *d, uint32_t d_length,
                                unsigned flags, bool *whole_out);

#endif
