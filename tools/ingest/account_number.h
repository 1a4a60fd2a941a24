/* account_number.h - the number of a bank account in one form, however it was written.
 *
 *   U1  Blanks go, and a slash before it.
 *   U2  Of what has the shape of an IBAN hyphens and the word IBAN go too, and letters are
 *       upper-cased. Its check digits are not asked: banks invent such numbers for accounts of
 *       their own.
 *
 * Thread: any.  Memory: none.
 */
#ifndef FLORIN_TOOLS_INGEST_ACCOUNT_NUMBER_H
#define FLORIN_TOOLS_INGEST_ACCOUNT_NUMBER_H

#include <stddef.h>

#include "core/base/limits.h"

/* In place: a text of FL_ID_BYTES_MAX bytes at most, and its zero. */
void fl_account_number_normal(char account[FL_ID_BYTES_MAX + 1]);

#endif
