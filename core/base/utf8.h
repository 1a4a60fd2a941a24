/* utf8.h - valid UTF-8 or not: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef FLORIN_CORE_BASE_UTF8_H
#define FLORIN_CORE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool fl_utf8_is_valid(const char *text, size_t length);

#endif
