/* our_accounts.h - the nine bank accounts of a workload and the format each one's bank sends.
 *
 * | n | format                                        | a statement | names and text          |
 * |---|-----------------------------------------------|-------------|-------------------------|
 * | 0 | camt.053.001.02, one payment an entry         | a day       | UTF-8, Ustrd or Strd    |
 * | 1 | MT940, `?20` subfields, pages of 40 lines     | a day       | capitals, 27 a subfield |
 * | 2 | MT940, free text                              | a week      | capitals, lines of 65   |
 * | 3 | camt.053.001.08, up to five payments an entry | a day       | UTF-8, Ustrd or Strd    |
 * | 4 | BAI2, records of 80, a group a day            | a day       | capitals, all in text   |
 * | 5 | OFX 1.02 (SGML)                               | a month     | windows-1252, 32 a name |
 * | 6 | OFX 2.11 (XML)                                | a month     | UTF-8                   |
 * | 7 | CSV, semicolons, 1.234,56, debit and credit   | a month     | windows-1252, profile   |
 * | 8 | CSV, commas, ISO days, signed, own account    | a month     | UTF-8, proves itself    |
 *
 * camt has the payer's number in EndToEndId, and Chrgs where a bank kept a fee (0 only); 1 has the
 * IBAN in ?31 and the name in ?32 and ?33; 2 and 4 have words, name and IBAN one after the other;
 * OFX has the IBAN in BANKACCTTO. Beside 7 stands ACCOUNT.profile.json.
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
    FL_OUR_BAI2,
    FL_OUR_OFX_SGML,
    FL_OUR_OFX_XML,
    FL_OUR_CSV_PROFILE,
    FL_OUR_CSV_PLAIN,
};

enum fl_our_period { FL_OUR_DAY, FL_OUR_WEEK, FL_OUR_MONTH };

/* Valid for ever. */
const char *fl_our_account_iban(uint32_t account);
enum fl_our_format fl_our_account_format(uint32_t account);
/* What is on it when the year begins. */
int64_t fl_our_account_opening_minor(uint32_t account);
/* How long a statement is: every bank day, a week ending on Friday, or a calendar month. */
enum fl_our_period fl_our_account_period(uint32_t account);

#endif
