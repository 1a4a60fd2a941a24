/* utf8.h - valid UTF-8 or not: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).
 *
 * Cost: 8 bytes a step through ASCII.
 */
#ifndef FLORIN_CORE_BASE_UTF8_H
#define FLORIN_CORE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool fl_ascii_is(const char *text, size_t length);
bool fl_utf8_is_valid(const char *text, size_t length);
/* Length of the longest valid start; a sequence cut off at the end is not part of it. */
size_t fl_utf8_valid_prefix(const char *text, size_t length);
/* Whether the bytes are the proper start of a sequence that more bytes could complete. */
bool fl_utf8_is_cut(const char *text, size_t length);

#endif
