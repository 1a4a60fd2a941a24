/* bank_words.h - words of a line as formats of capitals have them, and text broken between words.
 *
 * Thread: any.  Memory: the caller's.
 */
#ifndef FLORIN_TOOLS_GEN_BANK_WORDS_H
#define FLORIN_TOOLS_GEN_BANK_WORDS_H

#include "tools/gen/bank_statement_text.h"

#define FL_BANK_WORDS_BYTES 640

/* The name in ASCII capitals, with + for &. Returns its length. */
size_t fl_bank_words_name(const struct fl_bank_line *line, char out[FL_GEN_NAME_BYTES]);

/* Text, name and account one after the other. Returns the length; no NUL. */
size_t fl_bank_words_all(const struct fl_bank_line *line, char out[FL_BANK_WORDS_BYTES]);

/* How much of `length` bytes goes on a line of `room`: to a blank if there is one, else all that
 * fits. `skip_out` is 1 where the blank itself is left out. */
size_t fl_bank_words_cut(const char *words, size_t length, size_t room, size_t *skip_out);

/* UTF-8 of the Latin letters to windows-1252, in place. Returns the new length. */
size_t fl_bank_words_latin(char *words, size_t length);

#endif
