/* import_suspect.h - which line may be why a statement does not come to its closing balance.
 *
 * With difference = closing - opening - sum, one line of amount a explains it alone if
 *
 *   U0  twice a is the difference taken negative, and the line is a reversal: its bank marks them
 *       the other way, which a profile or the account says (`reversal_flips`);
 *   U1  twice a is the difference taken negative: its sign is wrong (a reversal read as the first
 *       booking, a mark that was lost);
 *   U2  a is the difference taken negative: it is there twice, or is another statement's;
 *   U3  a is the difference and the line is not booked: the bank counts it all the same;
 *   U4  a is the difference: one like it is missing;
 *   U5  a with two neighbouring digits changed over takes the difference away: 9.10 for 9.01.
 *
 * The first of these that any line meets is told, with the first such line and how many there are.
 * Two faults at once are not found: a guess from two lines would be right by accident.
 *
 * Thread: one.  Memory: none that grows.  Cost: one more reading of a file that has such a
 * statement.
 */
#ifndef FLORIN_TOOLS_CLI_IMPORT_SUSPECT_H
#define FLORIN_TOOLS_CLI_IMPORT_SUSPECT_H

#include "tools/cli/import_file.h"

enum fl_suspicion {
    FL_SUSPECT_REVERSAL,
    FL_SUSPECT_SIGN,
    FL_SUSPECT_TWICE,
    FL_SUSPECT_NOT_BOOKED,
    FL_SUSPECT_LIKE_IT,
    FL_SUSPECT_DIGITS,
    FL_SUSPECT_NONE,
};

enum fl_suspicion fl_import_suspect(const struct fl_statement_line *line,
                                    struct fl_decimal difference);

/* True if a statement of the file has a difference, and no record that could not be read is reason
 * enough for it. */
bool fl_import_suspects_wanted(const struct fl_import_file *file);

/* Reads the source, which is at its beginning again, and adds what it finds to the hints of the
 * file's statements. */
enum fl_status fl_import_suspects_find(struct fl_import_file *file, struct fl_byte_source source,
                                       struct fl_error *error) FL_MUST_USE;

#endif
