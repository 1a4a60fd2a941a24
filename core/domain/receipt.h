/* receipt.h - money that came in: booked, identified, settled (cash application in the core).
 *
 * The core settles what names its documents: references given by the caller, and candidate references
 * that were taken from a bank line's text outside. What needs search comes back as an application.
 */
#ifndef FLORIN_CORE_DOMAIN_RECEIPT_H
#define FLORIN_CORE_DOMAIN_RECEIPT_H

#include "core/domain/state.h"

struct fl_receipt_draft {
    const char *id;
    uint64_t id_hash; /* fl_key_hash of it, FL_INDEX_RECEIPT */
    size_t id_length;
    int64_t amount_minor, fee_minor, base_minor;
    uint32_t customer; /* FL_NO_ROW: unidentified */
    uint32_t account;  /* bank_account; FL_NO_ROW: transit */
    uint32_t statement_line;
    uint16_t date;
    uint8_t currency;
    uint64_t content_hash;
    struct fl_text text, payer_name, payer_account, method; /* of the command */
};

/* Adds the row and books it (posting rows 8, 9). */
uint32_t fl_receipt_add(struct fl_context *c, const struct fl_receipt_draft *draft);

/* Base amount at the day's rate or `given`; FL_NO_RATE. */
enum fl_status fl_receipt_rate(struct fl_context *c, uint8_t currency, uint16_t date,
                               const struct fl_decimal *given, int64_t amount_minor,
                               int64_t *base_out);

/* The invoices that a list of references names, once each, into s->scratch; `*count_out` of them, all
 * resolved ones, open or not. `why` says what kept the rest. */
struct fl_named_list {
    uint32_t count;
    uint32_t customer;   /* of the first open one; FL_NO_ROW */
    bool unknown, several; /* some reference named nothing, or several documents */
    bool by_reference;     /* some invoice's `reference` is what named it */
    bool with_fee;         /* a fee that is known is in the amount */
    bool is_ours;          /* whoever quotes it was given it by us: rule 1 */
    uint8_t payer_points;  /* what is known of the payer, set by the caller */
};
void fl_receipt_name(struct fl_context *c, struct fl_list references, uint8_t currency,
                     struct fl_named_list *named);

/* How well a set of documents fits, and by which rule (rulings, Matching 3). The core knows rule 2, a reference with
 * check digits, and rule 4, a number; of the text the best counts, and a label that stood before it is not known here. */
struct fl_grade {
    uint8_t rule, points;
    uint16_t flags; /* FL_MOVE_FLAG_PERSON */
};
enum fl_fit { FL_FIT_EQUAL = 30, FL_FIT_NEARLY = 25 /* discount, tolerance, known fee */, FL_FIT_PART = 10 };
#define FL_POINTS_PAYER_KNOWN 30 /* the account, or the caller says who it is */
#define FL_POINTS_PAYER_NAMED 25
struct fl_grade fl_receipt_grade(const struct fl_state *s, const struct fl_named_list *named,
                                 enum fl_fit fit);

/* Settles the receipt against the named invoices of s->scratch: those of its customer and currency that
 * are open, in the order given, with discount and tolerance. Sets the reason for what stays open. */
void fl_receipt_settle(struct fl_context *c, uint32_t receipt, const struct fl_named_list *named);

/* One application of cash a, discount d and difference on one invoice. Returns its first movement. */
uint32_t fl_receipt_apply(struct fl_state *s, uint32_t receipt, uint32_t invoice, int64_t cash_minor,
                          int64_t discount_minor, int64_t short_minor, uint16_t given_date,
                          struct fl_grade by);

/* The early-payment discount this receipt's day would earn on the invoice; 0 if none (D5). */
int64_t fl_receipt_discount(const struct fl_state *s, uint32_t receipt, uint32_t invoice);
/* The same of money that comes on that day. */
int64_t fl_receipt_discount_on(const struct fl_state *s, uint16_t date, uint32_t invoice);

/* Whose the money is by the account that it came from, if that is learned for one customer and no document that the
 * text names (in s->scratch) is another's; FL_NO_ROW. */
uint32_t fl_receipt_payer_by_account(const struct fl_context *c, struct fl_text account,
                                     const struct fl_named_list *named, uint8_t currency);

/* Makes an unidentified receipt the customer's (posting row 10). */
void fl_receipt_identify(struct fl_state *s, uint32_t receipt, uint32_t customer);

#endif
