/* our_accounts.h - the four bank accounts of a workload and the format each one's bank sends.
 *
 * | n | format                                      | a statement |
 * |---|---------------------------------------------|-------------|
 * | 0 | camt.053.001.02, one payment an entry       | a day       |
 * | 1 | MT940, `?20` subfields, pages of 40 lines   | a day       |
 * | 2 | MT940, free text                            | a week      |
 * | 3 | camt.053.001.08, up to five payments an entry | a day     |
 *
 * camt has the text in Ustrd, the payer's number in EndToEndId, and Chrgs where a bank kept a fee
 * (0 only); 1 has 27 characters a subfield, the IBAN in ?31 and the name in ?32 and ?33; 2 has
 * words, name and IBAN in lines of 65.
 */
#ifndef FLORIN_TOOLS_GEN_OUR_ACCOUNTS_H
#define FLORIN_TOOLS_GEN_OUR_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

enum fl_our_format {
    FL_OUR_CAMT_SINGLE,
    FL_OUR_MT940_STRUCTURED,
    FL_OUR_MT940_FREE,
    FL_OUR_CAMT_BATCH,
};

/* Valid for ever. */
const char *fl_our_account_iban(uint32_t account);
enum fl_our_format fl_our_account_format(uint32_t account);
/* What is on it when the year begins. */
int64_t fl_our_account_opening_minor(uint32_t account);
/* A statement a week, ending on Friday; else one every bank day. */
bool fl_our_account_is_weekly(uint32_t account);

#endif
