/* import_account.h - one bank account, however its number is written.
 *
 * "DE02 1203 0000 0000 2020 51", "de02120300000000202051" and "/DE02120300000000202051" are one
 * account: as two, the same file would be booked twice.
 *
 *   V1  An account that is known by exactly this id is that one.
 *   V2  Else its normal form (account_number.h), if an account is known by that.
 *   V3  Else one that is known by an id of the same normal form; the oldest, if several.
 *
 * Thread: one.  Memory: none.  Cost: a look-up; one over all accounts for a number not known.
 */
#ifndef FLORIN_TOOLS_CLI_IMPORT_ACCOUNT_H
#define FLORIN_TOOLS_CLI_IMPORT_ACCOUNT_H

#include "core/base/limits.h"
#include "core/engine/engine.h"

/* The id of the account, in place; the normal form of one that is not known. */
void fl_import_account_settle(struct fl_engine *engine, char account[FL_ID_BYTES_MAX + 1]);

#endif
