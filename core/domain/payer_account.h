/* payer_account.h - bank accounts that paid for a customer: learned, and looked up (rulings,
 * Matching 7).
 *
 *   N1  An account is the customer's once a person confirmed it (an application or an assignment of
 * a receipt that came from it), or a reference with check digits said so twice, or the customer's
 * own `bank_accounts` name it. N2  A confirmation that is taken back by a person counts no more. N3
 * Accounts are equal in their normal form: letters upper-cased, everything but letters and digits
 * left out. N4  One that is learned for several customers says nothing.
 *
 * A row of payer_account is an account and a customer: few, so whoever matches over a snapshot
 * reads them all (fl_payer_account_is_learned, and the hash of the normal form to find them by).
 * The core finds them by FL_INDEX_PAYER_ACCOUNT. The account and its hash are personal data: an
 * erased row is found no more.
 *
 * Thread: the engine's; the pure ones any. Cost: a look-up where money is from a customer yet
 * unknown, or a decision is learned; a receipt that names its invoice pays nothing.
 */
#ifndef FLORIN_CORE_DOMAIN_PAYER_ACCOUNT_H
#define FLORIN_CORE_DOMAIN_PAYER_ACCOUNT_H

#include "core/domain/state.h"

#define FL_PAYER_ACCOUNT_BYTES_MAX 256

/* N3: writes the normal form (FL_PAYER_ACCOUNT_BYTES_MAX bytes), returns its length; longer text is
 * cut. */
size_t fl_payer_account_normal(const char *account, size_t length, char *out);
/* Of the normal form: what payer_account_name.hash is. 0 of an account without letters and digits.
 */
uint64_t fl_payer_account_hash(const char *account, size_t length);

/* N1 */
static inline bool fl_payer_account_is_learned(const struct fl_payer_account_live *live)
{
    return live->confirmed > 0 || live->settled >= 2 || live->declared;
}

/* The one customer that the account is learned for; FL_NO_ROW (N4). */
uint32_t fl_payer_account_customer(const struct fl_state *s, const char *account, size_t length);

/* A decision or settlement said that this receipt's account pays for the customer; or one is taken
 * back. Nothing where the receipt has no account. */
enum fl_payer_lesson {
    FL_PAYER_CONFIRMED,
    FL_PAYER_UNCONFIRMED,
    FL_PAYER_SETTLED,
    FL_PAYER_UNSETTLED
};
void fl_payer_account_learn(struct fl_state *s, uint32_t receipt, uint32_t customer,
                            enum fl_payer_lesson lesson);

/* The customer's own accounts, joined by line feeds, in its version before and in the one that it
 * has now. */
void fl_payer_account_declare(struct fl_state *s, uint32_t customer, struct fl_text_ref before,
                              struct fl_text_ref now);

/* Into the index, when it is rebuilt. */
void fl_payer_account_index(struct fl_state *s, uint32_t row);

#endif
