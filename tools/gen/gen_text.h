/* gen_text.h - text by hand, fast: a byte buffer that goes to a file descriptor or stays in memory.
 *
 * Numbers, dates and amounts are written without printf and without a locale. A failed write is
 * kept in `status` and everything after it is swallowed, so callers check once, at the end.
 *
 *   G1  With a descriptor the buffer never grows beyond its size; without one it grows as needed.
 *
 * Thread: one.  Memory: the buffer, FL_GEN_TEXT_BYTES to begin with.  Cost: a copy a piece.
 */
#ifndef FLORIN_TOOLS_GEN_GEN_TEXT_H
#define FLORIN_TOOLS_GEN_GEN_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"

#define FL_GEN_TEXT_BYTES (1u << 18) /* a quarter MiB a write: the system call no longer shows */

struct fl_gen_text {
    char *bytes;
    size_t used, capacity;
    int fd; /* -1: memory */
    enum fl_status status;
};

/* `fd` is borrowed; -1 keeps the text in memory. FL_NO_MEMORY. */
enum fl_status fl_gen_text_init(struct fl_gen_text *text, int fd) FL_MUST_USE;
void fl_gen_text_deinit(struct fl_gen_text *text);

/* Writes out what is buffered (nothing to do in memory) and returns the first failure so far. */
enum fl_status fl_gen_text_flush(struct fl_gen_text *text) FL_MUST_USE;

/* The text of a memory buffer is dropped, the buffer kept. */
void fl_gen_text_clear(struct fl_gen_text *text);

void fl_gen_put(struct fl_gen_text *text, const char *bytes, size_t length);
void fl_gen_puts(struct fl_gen_text *text, const char *string);
static inline void fl_gen_putc(struct fl_gen_text *text, char c)
{
    fl_gen_put(text, &c, 1);
}

/* At least `digits` digits, with leading zeros. */
void fl_gen_put_number(struct fl_gen_text *text, uint64_t value, unsigned digits);
/* Minor units of a currency with two decimals: "12.05"; `point` is '.' or ','. Not negative. */
void fl_gen_put_minor(struct fl_gen_text *text, int64_t amount_minor, char point);
/* "2024-01-31" and "240131". */
void fl_gen_put_date(struct fl_gen_text *text, uint16_t date_days);
void fl_gen_put_yymmdd(struct fl_gen_text *text, uint16_t date_days);
/* "2024-01-31T08:00:00Z", with ".123" where there are milliseconds. */
void fl_gen_put_instant(struct fl_gen_text *text, int64_t at_us);
/* As the text of an XML element: & < > are written as entities. */
void fl_gen_put_xml(struct fl_gen_text *text, const char *bytes, size_t length);

#endif
