/* match_index.h - what a payment could be for, and who could have sent it, as of one snapshot.
 *
 * Built once from a snapshot, then read by any number of threads. Two halves:
 *
 *   Documents. Every invoice and credit note is found by its number in normal form, by the number without the
 *   letters it begins with, and by its reference; invoices also by the number of their order. Closed ones are in it
 *   too: a text that names one is a contradiction (rulings, Matching 2). What is open is an item, and so is what was
 *   open on or after the day of the oldest payment to be matched (`since`): it shows what could have been meant then.
 *   The items of a customer stand together, by amount.
 *
 *   Payers. Customers are found by account number, by the words of their name, and by the words it begins with (a
 *   bank cuts long names). Accounts are those that the core learned (payer_account.h).
 *
 *   X1  Values found are candidates: the map keeps 32 bits of a key. A document is verified by its normal form, a
 *       name by the hash of all its words (64 bits).
 *   X2  Nothing in it changes; what a batch settles is kept by the batch (match_batch.h).
 *
 * Thread: built by one, then any.  Memory: malloc; about 60 bytes an invoice, 40 an item, 150 a customer.
 */
#ifndef FLORIN_ANALYTICS_MATCH_INDEX_H
#define FLORIN_ANALYTICS_MATCH_INDEX_H

#include <stddef.h>

#include "analytics/match_map.h"
#include "core/data/snapshot.h"

enum fl_match_kind { FL_MATCH_INVOICE, FL_MATCH_CREDIT_NOTE };

/* How a number names a document. */
enum fl_match_form {
    FL_MATCH_FORM_NUMBER,    /* whole, with its letters */
    FL_MATCH_FORM_BARE,      /* without them */
    FL_MATCH_FORM_REFERENCE, /* the invoice's reference, in full */
    FL_MATCH_FORM_ORDER,     /* the number of its order */
};

#define FL_MATCH_TAIL_MAX 15

/* An open document. */
struct fl_match_item {
    int64_t open_minor; /* > 0, before what came since `since`; a credit note's counts against */
    int64_t now_minor;  /* open as of the snapshot; 0: closed since */
    int64_t discount_minor; /* early payment, until `discount_until`; 0: none */
    uint32_t row;
    uint32_t customer;
    uint16_t date, due_date, discount_until;
    uint8_t kind; /* enum fl_match_kind */
    uint8_t currency;
    uint8_t tail_length;
    char tail[FL_MATCH_TAIL_MAX]; /* the last digits of its number as written, zeros in */
};

#define FL_MATCH_PREFIXES_MAX     32
#define FL_MATCH_PREFIX_BYTES_MAX 12

#define FL_MATCH_STARTS_MAX 64

/* The letters that numbers of ours begin with. */
struct fl_match_prefix {
    char bytes[FL_MATCH_PREFIX_BYTES_MAX];
    uint8_t length;
    uint8_t tail_length; /* digits that most numbers with it have; 0: they differ */
    uint32_t count;
};

#define FL_MATCH_REFERENCE_MAX 32

#define FL_MATCH_SAME_MAX                                                                          \
    8 /* customers of one name, documents of one bare number: more tell nothing */

struct fl_match_index {
    const struct fl_snapshot *s;
    struct fl_match_item *items; /* by customer, then currency, amount, due day, row */
    uint32_t item_count;
    uint16_t since;
    uint32_t *items_of;    /* of customer c: items_of[c] .. items_of[c + 1] */
    uint8_t *has_discount; /* of customer: some item may be paid with a discount */
    uint32_t *item_of_invoice, *item_of_note; /* FL_MATCH_NONE: not open */
    struct fl_match_map numbers;              /* by normal form: kind << 31 | row */
    struct fl_match_map orders;             /* by normal form of the order's number: row of order */
    uint32_t *by_amount;                    /* items by currency, amount, row */
    struct fl_match_map accounts;           /* row of payer_account, by the hash of the account */
    struct fl_match_map names, name_starts; /* customer */
    struct fl_match_map name_pieces;        /* customer, by pieces of words (match_name.h) */
    const struct fl_match_letters *letters;
    uint64_t *name_hash; /* of customer: of all its words */
    uint8_t *name_words;
    struct fl_match_prefix prefixes[FL_MATCH_PREFIXES_MAX];
    uint32_t prefix_count;
    size_t number_bytes_max;    /* of a normal form */
    uint64_t reference_lengths; /* of normal forms of references: bit n, 63: that or more */
    bool letters_behind;     /* some number does not end with a digit */
    bool starts_all;         /* `starts` has the letters of all numbers, references and orders */
    uint32_t start_count;
    uint64_t starts[FL_MATCH_STARTS_MAX]; /* hashes of the letters that they begin with */
    int64_t tolerance_minor[256];         /* by currency */
    uint32_t references[FL_MATCH_REFERENCE_MAX + 1];  /* of digits alone, by length, zeros in */
    uint8_t schemes_hold[FL_MATCH_REFERENCE_MAX + 1]; /* schemes that hold for all of them */
};

/* What knows languages and schemes stands outside analytics. */
struct fl_match_letters {
    /* A name as upper-case words between single blanks, equal for all the ways a bank writes it: at most `capacity`
     * bytes; returns the length. */
    size_t (*fold)(const char *text, size_t length, char *out, size_t capacity);
    /* The check-digit schemes that hold for a reference, as a set. */
    unsigned (*schemes)(const char *reference, size_t length);
};

/* FL_NO_MEMORY. The snapshot must outlive it. */
enum fl_status fl_match_index_init(struct fl_match_index *index, const struct fl_snapshot *snapshot,
                                   const struct fl_match_letters *letters) FL_MUST_USE;
void fl_match_index_deinit(struct fl_match_index *index);

/* False: nothing of ours begins with the letters that this normal form begins with. */
bool fl_match_may_begin(const struct fl_match_index *index, const char *normal, size_t length);

/* Asks for the lines that finding it will read first; then, some lines of text later, for those behind them. */
uint64_t fl_match_ask_number(const struct fl_match_index *index, const char *normal, size_t length);
void fl_match_ask_document(const struct fl_match_index *index, uint64_t asked);
/* What a number in normal form names. Returns how many were written to `out`, at most `most`. */
struct fl_match_found {
    uint32_t row;
    uint8_t kind; /* enum fl_match_kind */
    uint8_t form; /* enum fl_match_form; an order's is its row of `order` */
};
uint32_t fl_match_find_number(const struct fl_match_index *index, const char *normal, size_t length,
                              struct fl_match_found *out, uint32_t most);

/* The hash of a folded word; of a run of them, the hash of each given. */
/* The one customer that an account (fl_payer_account_hash) is learned for; FL_MATCH_NONE. */
uint32_t fl_match_account_customer(const struct fl_match_index *index, uint64_t hash);

uint64_t fl_match_word_hash(const char *word, size_t length);
static inline uint64_t fl_match_words_add(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}
/* The words of a folded text: their hashes, at most `most`. */
uint32_t fl_match_words(const char *folded, size_t length, uint64_t *hashes, uint32_t most);

/* The customer's first item with this currency and at least this amount (open_minor); the next customer's first. */
uint32_t fl_match_item_place(const struct fl_match_index *index, uint32_t customer,
                             uint8_t currency, int64_t amount_minor);
/* The first place in by_amount that is not below; item_count if none. */
uint32_t fl_match_amount_place(const struct fl_match_index *index, uint8_t currency,
                               int64_t amount_minor);

/* The check-digit schemes that all references as long as this invoice's hold. */
uint8_t fl_match_reference_schemes(const struct fl_match_index *index, uint32_t invoice);

/* Whether a movement takes something off an invoice and stands. */
bool fl_match_takes(const struct fl_snapshot *snapshot, uint32_t movement);

/* The item's id; valid as long as the snapshot. */
const char *fl_match_item_id(const struct fl_match_index *index, uint32_t item, size_t *length_out);

#endif
