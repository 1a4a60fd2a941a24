/* state.h - the whole state and the context of one command; shared by the domain's files, private to
 * core.
 *
 * Domain files hold the rules of one noun each. What is decided is decided before the first write (E1);
 * writes go through the store, so that an undo mark can take them back.
 */
#ifndef FLORIN_CORE_DOMAIN_STATE_H
#define FLORIN_CORE_DOMAIN_STATE_H

#include "core/base/bytes.h"
#include "core/base/currency.h"
#include "core/base/date.h"
#include "core/base/hash.h"
#include "core/data/due_index.h"
#include "core/data/hash_index.h"
#include "core/data/store.h"
#include "core/domain/ledger.h"
#include "core/engine/command.h"
#include "core/engine/result.h"

/* Amounts up to ten trillion with two decimals; the volume guard keeps every sum within int64. */
#define FL_AMOUNT_MAX INT64_C(1000000000000000)
#define FL_VOLUME_MAX INT64_C(4000000000000000000)

enum fl_index_id {
    FL_INDEX_CUSTOMER,
    FL_INDEX_PRODUCT,
    FL_INDEX_BANK_ACCOUNT,
    FL_INDEX_ORDER,
    FL_INDEX_SHIPMENT,
    FL_INDEX_INVOICE,           /* by the normal form of its id: serves ids and references */
    FL_INDEX_INVOICE_REFERENCE, /* by the normal form of `reference` */
    FL_INDEX_CREDIT_NOTE,       /* by the normal form of its id */
    FL_INDEX_RECEIPT,
    FL_INDEX_CASH_EVENT, /* kind and id */
    FL_INDEX_STATEMENT,
    FL_INDEX_STATEMENT_LINE, /* identity */
    FL_INDEX_APPLICATION_ID,
    FL_INDEX_KEY,
    FL_INDEX_ACCOUNT_DAY,
    FL_INDEX_CREDIT_OF_INVOICE, /* invoice row -> its credit notes */
    FL_INDEX_PAYER_ACCOUNT,     /* hash of the normal form */
    FL_INDEX_DISPUTE,
    FL_INDEX_DISPUTE_OF_INVOICE, /* invoice row -> its disputes */
    FL_INDEX_PROMISE,
    FL_INDEX_PAYOUT,
    FL_INDEX_COUNT
};

/* Rows of the daily totals, by day and currency, then by account: the apply path posts to a few days again and
 * again. A cache only, emptied when days are undone. Bank accounts are beyond it. */
#define FL_DAY_MEMO 512
#define FL_DAY_MEMO_ACCOUNTS 50
struct fl_day_memo {
    uint16_t date;
    uint8_t currency;
    uint32_t row[FL_DAY_MEMO_ACCOUNTS]; /* row + 1; 0 none */
};

struct fl_part_line;
struct fl_taxed;

/* Rows that the prefetch pass found for a name, tried first by apply: the id of the row decides, so a stale one
 * costs a comparison and nothing else. Direct-mapped by the ends of the text. */
#define FL_ROW_MEMO 1024

struct fl_state {
    struct fl_store store;
    struct fl_arena arena;
    struct fl_hash_index index[FL_INDEX_COUNT];
    struct fl_hash_index *index_list[FL_INDEX_COUNT];
    struct fl_due_index due; /* job.h */
    uint64_t secret;
    struct fl_day_memo *day_memo;       /* FL_DAY_MEMO of them */
    uint32_t *row_memo;             /* FL_ROW_MEMO rows; any number */
    uint32_t *scratch;              /* FL_SCRATCH_ROWS row numbers, for one command */
    /* One command's draft, FL_LINES_MAX + 1 each: too large for a stack, never state. */
    struct fl_order_line_card *draft_lines;
    struct fl_invoice_line_card *draft_invoice_lines;
    struct fl_part_line *draft_parts;
    struct fl_taxed *draft_taxed;
    int64_t *draft_weights, *draft_shares;
    uint64_t batch_scratch[256]; /* the failing member's result */
    uint64_t seq;                   /* of the command under way */
    int64_t at_us;          /* raised */
    uint16_t at_day;        /* of it */
    uint16_t business_date; /* as the command under way sees it */
    uint32_t check;         /* folded while it runs */
    int64_t volume_minor;   /* posted by it */
    uint16_t year_date, year; /* the year of the last day that was asked for */
};

#define FL_SCRATCH_ROWS (1u << 20)

struct fl_context {
    struct fl_state *s;
    struct fl_command *command;
    struct fl_result *result;
    uint32_t made_row;  /* row of the document it made: for its key */
    int64_t values[2];  /* of the answer, where no row keeps them */
    bool in_batch;      /* a member of one */
    bool values_given;  /* they are those of the first answer: fl_answer takes them as they are */
    uint64_t own_hash;  /* of the command's own id, once made */
    bool own_hash_made;
};

static inline const struct fl_book_settings *fl_book(const struct fl_state *s)
{
    return fl_book_settings(&s->store, 0);
}

/* ---- texts and ids (text_heap.c) ------------------------------------------------------------- */

struct fl_text_ref fl_text_put_some(struct fl_state *s, enum fl_table_id heap, const char *text,
                                    size_t length);
static inline struct fl_text_ref fl_text_put(struct fl_state *s, enum fl_table_id heap,
                                             const char *text, size_t length)
{
    return length == 0 ? (struct fl_text_ref){0, 0} : fl_text_put_some(s, heap, text, length);
}
const char *fl_text_get(const struct fl_store *store, enum fl_table_id heap, struct fl_text_ref ref);
void fl_id_set(struct fl_state *s, struct fl_id *id, const char *text, size_t length);
/* The bytes of an id, `*length_out` of them. Valid as long as the row. */
const char *fl_id_get(const struct fl_store *store, const struct fl_id *id, size_t *length_out);
bool fl_id_equals(const struct fl_store *store, const struct fl_id *id, const char *text,
                  size_t length);

/* ---- finding rows (find.c) -------------------------------------------------------------------- */

uint64_t fl_key_hash(const struct fl_state *s, enum fl_index_id index, const char *text,
                     size_t length);
/* The normal form of a reference and its hash in the index of invoices; `normal` has FL_REFERENCE_BYTES_MAX. */
uint64_t fl_normal_hash(const struct fl_state *s, const char *text, size_t length, char *normal,
                        size_t *normal_length_out);
/* Of the command's own id, in the index of its kind: made once, to look and to put. */
uint64_t fl_own_hash(struct fl_context *c, enum fl_index_id index);
/* Where in the memo the row of a name stands. */
static inline uint32_t *fl_row_memo(const struct fl_state *s, enum fl_index_id index,
                                    const char *text, size_t length)
{
    uint64_t head = 0, tail = 0;
    if (length >= 8) {
        head = fl_load_u64(text);
        tail = fl_load_u64(text + length - 8);
    } else {
        fl_bytes_copy((char *)&tail, text, length);
    }
    uint64_t h = (head ^ (tail << 7 | tail >> 57) ^ (uint64_t)index << 56 ^ length) *
                 UINT64_C(0x9E3779B97F4A7C15);
    return &s->row_memo[h >> 54];
}
static_assert(FL_ROW_MEMO == 1 << (64 - 54), "the top bits choose the place");
void fl_index_put(struct fl_state *s, enum fl_index_id index, uint64_t hash, uint32_t row);

uint32_t fl_find_customer(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_product(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_bank_account(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_order(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_shipment(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_invoice(const struct fl_state *s, const char *id, size_t length);
/* And the hash under which it stands or will stand, so that it is made once. */
uint32_t fl_find_invoice_hash(const struct fl_state *s, const char *id, size_t length,
                              uint64_t *hash_out);
uint32_t fl_find_credit_note(const struct fl_state *s, const char *id, size_t length);
/* By exact id, else by normal form: the note if it is the only one; FL_NO_ROW. */
uint32_t fl_find_named_credit_note(const struct fl_state *s, const char *text, size_t length);
uint64_t fl_credit_note_hash(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_receipt(const struct fl_state *s, const char *id, size_t length);
/* By the command's own id. */
uint32_t fl_find_own_order(struct fl_context *c);
uint32_t fl_find_own_shipment(struct fl_context *c);
uint32_t fl_find_own_receipt(struct fl_context *c);
uint32_t fl_find_cash_event(const struct fl_state *s, enum fl_cash_event_kind kind, const char *id,
                            size_t length);
uint32_t fl_find_statement(const struct fl_state *s, uint32_t account, const char *id,
                           size_t length);
uint32_t fl_find_statement_line(const struct fl_state *s, uint64_t identity);
/* The first movement of an application, by its id or "RECEIPT/n" (or "CREDITNOTE/n"). */
uint32_t fl_find_application(const struct fl_state *s, const char *id, size_t length);

/* What a reference names. */
enum fl_named { FL_NAMED_NOTHING, FL_NAMED_ONE, FL_NAMED_SEVERAL };
/* By exact id, else by normal form of id or `reference`: the invoice if it is the only one. `*by_reference_out` is set
 * where its `reference` is what named it, and left alone elsewhere. */
enum fl_named fl_find_named_invoice(const struct fl_state *s, const char *text, size_t length,
                                    uint32_t *invoice_out, bool *by_reference_out);
uint32_t fl_find_dispute(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_promise(const struct fl_state *s, const char *id, size_t length);
uint32_t fl_find_payout(const struct fl_state *s, const char *id, size_t length);

/* A bank account in its own currency; master.c. */
uint32_t fl_bank_account_add(struct fl_state *s, const char *id, size_t length, uint8_t currency);

/* ---- the book's policies (policy.c) ----------------------------------------------------------- */

enum fl_rounding fl_policy_rounding(const struct fl_state *s);
int64_t fl_policy_tolerance(const struct fl_state *s, uint8_t currency);
/* D3: the first open day on or after `date`. */
uint16_t fl_policy_push(const struct fl_state *s, uint16_t date_days);
/* Resolves the header's date: given, else the day of a given `at`, else the business date.
 * FL_BAD_VALUE more than ten years away; FL_PERIOD_CLOSED for a closed day that was given. */
enum fl_status fl_policy_date(struct fl_context *c);
/* Rate from `currency` to the book's on a day, x 10^10; 0 if there is none. */
int64_t fl_policy_rate(const struct fl_state *s, uint8_t currency, uint16_t date_days);
/* amount x rate in the base currency's minor units; rate 0: the same currency. */
enum fl_status fl_policy_to_base(const struct fl_state *s, int64_t amount_minor, uint8_t currency,
                                 int64_t rate, int64_t *base_out);

/* A refusal that names its field: fills the result and returns the status. */
enum fl_status fl_refuse(struct fl_context *c, enum fl_status status, const char *field,
                         const char *value, size_t value_length);
enum fl_status fl_refuse_text(struct fl_context *c, enum fl_status status, const char *field,
                              struct fl_text value);
/* The same with what a person needs beside it (refusal.c): the number as written; what was wanted of the document and
 * what there is; the currency that it would have to be; the day without a rate; the earliest day; what the document is
 * now. */
enum fl_status fl_refuse_decimal(struct fl_context *c, enum fl_status status, const char *field,
                                 struct fl_decimal value);
enum fl_status fl_refuse_exceeds(struct fl_context *c, enum fl_status status, const char *field,
                                 const struct fl_id *id, int64_t wanted_minor,
                                 enum fl_result_name name, int64_t have_minor, uint8_t currency);
enum fl_status fl_refuse_currency(struct fl_context *c, const char *field, uint8_t given,
                                  uint8_t right);
enum fl_status fl_refuse_rate(struct fl_context *c, uint8_t currency, uint16_t date_days);
enum fl_status fl_refuse_before(struct fl_context *c, uint16_t earliest);
enum fl_status fl_refuse_state(struct fl_context *c, const char *field, struct fl_text value,
                               const char *state);
void fl_refusal_currency(struct fl_context *c, uint8_t currency);
const char *fl_order_state_word(uint8_t state);
/* A decimal of the command as money: FL_TOO_MANY_DECIMALS, FL_OUT_OF_RANGE, FL_BAD_VALUE if negative, or
 * zero where `positive`; the field is named. */
enum fl_status fl_money(struct fl_context *c, const char *field, struct fl_decimal value,
                        uint8_t currency, bool positive, int64_t *minor_out);
/* The same of an amount that may be negative; absent: 0. */
enum fl_status fl_money_signed(struct fl_context *c, const char *field, struct fl_decimal value,
                               uint8_t currency, int64_t *minor_out);
/* Two amounts that should be equal: FL_UNBALANCED, with what was expected, what is, and how far apart. */
enum fl_status fl_refuse_unbalanced(struct fl_context *c, int64_t expected_minor, int64_t value_minor,
                                    uint8_t currency);

/* ---- postings (posting.c) --------------------------------------------------------------------- */

/* Checks I1, adds to the daily totals, folds the state check. */
void fl_post_entry(struct fl_state *s, const struct fl_entry *entry);
/* Empties the memory of the days: rows of daily totals were taken back, or made by others. */
void fl_post_forget(struct fl_state *s);
uint64_t fl_account_day_hash(const struct fl_state *s, uint32_t account, uint8_t currency,
                             uint16_t date);
/* Adds to a statistic that is kept like an account. */
void fl_post_statistic(struct fl_state *s, uint32_t account, uint8_t currency, uint16_t date,
                       int64_t amount_minor);
#define FL_FOLD_STEP UINT64_C(0x9FB21C651E98DF25) /* odd: no posting of an entry is lost in the next */
static inline void fl_fold(struct fl_state *s, uint64_t value)
{
    s->check = (uint32_t)(fl_hash_u64(value, s->check) >> 16);
}

/* ---- one function a command type; *.c by noun ------------------------------------------------ */

enum fl_status fl_apply_book(struct fl_context *c);
enum fl_status fl_apply_customer(struct fl_context *c);
enum fl_status fl_apply_product(struct fl_context *c);
enum fl_status fl_apply_stock(struct fl_context *c);
enum fl_status fl_apply_bank_account(struct fl_context *c);
enum fl_status fl_apply_fx_rate(struct fl_context *c);
enum fl_status fl_apply_clock(struct fl_context *c);
enum fl_status fl_apply_slice(struct fl_context *c);
enum fl_status fl_apply_period_close(struct fl_context *c);
enum fl_status fl_apply_order(struct fl_context *c);
enum fl_status fl_apply_order_confirm(struct fl_context *c);
enum fl_status fl_apply_order_cancel(struct fl_context *c);
enum fl_status fl_apply_credit_decision(struct fl_context *c);
enum fl_status fl_apply_shipment(struct fl_context *c);
enum fl_status fl_apply_invoice(struct fl_context *c);
enum fl_status fl_apply_credit_note(struct fl_context *c);
enum fl_status fl_apply_credit_note_cancel(struct fl_context *c);
enum fl_status fl_apply_write_off(struct fl_context *c);
enum fl_status fl_apply_write_off_reverse(struct fl_context *c);
enum fl_status fl_apply_receipt(struct fl_context *c);
enum fl_status fl_apply_application(struct fl_context *c);
enum fl_status fl_apply_application_reverse(struct fl_context *c);
enum fl_status fl_apply_receipt_reverse(struct fl_context *c);
enum fl_status fl_apply_receipt_assign(struct fl_context *c);
enum fl_status fl_apply_refund(struct fl_context *c);
enum fl_status fl_apply_chargeback(struct fl_context *c);
enum fl_status fl_apply_chargeback_reverse(struct fl_context *c);
enum fl_status fl_apply_statement(struct fl_context *c);
enum fl_status fl_apply_assign(struct fl_context *c);
enum fl_status fl_apply_payout(struct fl_context *c);
enum fl_status fl_apply_dispute(struct fl_context *c);
enum fl_status fl_apply_dispute_close(struct fl_context *c);
enum fl_status fl_apply_promise(struct fl_context *c);

/* Of the decoded command without key, `at`, date and id of a series (K1). */
uint64_t fl_content_hash(const struct fl_command *command);

/* The first answer again, from the row it made (also used to fill the first one). */
void fl_answer(struct fl_context *c, unsigned type, uint32_t row);

#endif
