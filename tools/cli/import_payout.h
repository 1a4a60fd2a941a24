/* import_payout.h - a processor's payout report on its way into the book, as `payout` commands.
 *
 * In what an import tells (rulings, A1) a payout stands where a statement would: its processor is
 * the account, its amount the sum, its parts are the lines. As with statements nothing of a file is
 * booked where a record of it could not be read, unless asked (skip_bad).
 *
 * Thread: one.  Memory: the reader's, facts a payout.
 */
#ifndef FLORIN_TOOLS_CLI_IMPORT_PAYOUT_H
#define FLORIN_TOOLS_CLI_IMPORT_PAYOUT_H

#include "tools/cli/import_file.h"

/* By the profile's format, else by the headings. Leaves the source at its beginning. */
bool fl_import_payout_is(const struct fl_import *import, struct fl_byte_source source);
/* Into import->file. */
enum fl_status fl_import_payout_run(struct fl_import *import, struct fl_byte_source source,
                                    struct fl_error *error);

#endif
