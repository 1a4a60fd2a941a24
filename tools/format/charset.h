/* charset.h - text of unknown or wrongly declared encoding, as UTF-8.
 *
 * What is valid UTF-8 stays as it is, whatever the file says of itself: text in another encoding is
 * hardly ever valid by accident. What is not valid is read in the declared encoding, and without
 * one (or where UTF-8 itself was declared) as Windows-1252, of which Latin-1 is a part. The
 * decision is taken sequence by sequence for single-byte encodings, so that one bad byte costs one
 * character.
 *
 *   C1  The output is always valid UTF-8.
 *   C2  Valid UTF-8 goes through unchanged.
 *
 * Limits: a multi-byte declaration (Shift_JIS, GB18030, ...) is decided a slice at a time. The 7-bit
 * national variants (DIN 66003) are ASCII here: what they have in place of its brackets stays one.
 * Thread: a charset is one thread's.  Memory: one object; none a call.  Cost: 16 bytes a step
 * through ASCII.  ICU is behind this file and asked only for declared encodings beyond
 * Windows-1252.
 */
#ifndef FLORIN_TOOLS_FORMAT_CHARSET_H
#define FLORIN_TOOLS_FORMAT_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/contract.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "tools/format/slice.h"

struct fl_charset;

/* Bytes of output an input byte may become. */
#define FL_CHARSET_GROWTH 3

/* Unicode normal form NFKC of valid UTF-8: full-width digits become digits, ligatures letters.
 * Writes at most `capacity` bytes and returns the length; what does not fit, or fails, is the text
 * as it is, cut at a character. ASCII is copied. */
size_t fl_utf8_nfkc(const char *text, size_t length, char *out, size_t capacity);

/* A name as upper-case words between single blanks, the same for all the ways in which banks write it: signs are
 * blanks, accents are gone, "ae" "oe" "ue" are as their letters without the dots ("Löwen & Söhne", "LOEWEN + SOEHNE":
 * "LOWEN SOHNE"), the word for "and" is left out. Other scripts keep their letters and vowel signs, NFKC case-folded.
 * Writes at most `capacity` bytes, whole characters; returns the length. ICU is asked beyond Latin-1 only. */
size_t fl_utf8_fold_name(const char *text, size_t length, char *out, size_t capacity);

/* `declared`: an IANA name or alias; null or "" for none. FL_UNSUPPORTED: no such encoding.
 * Close with fl_charset_close. */
enum fl_status fl_charset_open(const char *declared, struct fl_charset **out,
                               struct fl_error *error) FL_MUST_USE;
void fl_charset_close(struct fl_charset *charset);

/* Writes `text` as UTF-8 to `out` (FL_CHARSET_GROWTH x length bytes of room); returns the length.
 */
size_t fl_charset_decode(struct fl_charset *charset, const char *text, size_t length, char *out);

#endif
