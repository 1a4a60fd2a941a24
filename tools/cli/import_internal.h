/* import_internal.h - what import_file.c shares with the import of payouts. */
#ifndef FLORIN_TOOLS_CLI_IMPORT_INTERNAL_H
#define FLORIN_TOOLS_CLI_IMPORT_INTERNAL_H

#include "tools/cli/import_file.h"

/* FL_OK: a warning; anything else: a record that is refused. */
void fl_import_note_add(struct fl_import_file *file, uint64_t line, enum fl_status code,
                        const char *message);
/* One more, all zero; valid until the next. */
struct fl_import_statement *fl_import_statement_add(struct fl_import_file *file);
/* --account, else the profile's; null: neither. */
const char *fl_import_account(const struct fl_import *import);
/* A command of the statement import->at - 1; its answer goes to that one's facts. */
enum fl_status fl_import_send(struct fl_import *import, const struct fl_json_text *json);
/* Takes the answers that are there, or (`all`) every one that is to come. */
void fl_import_drain(struct fl_import *import, bool all);

#endif
