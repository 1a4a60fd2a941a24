/* ofx_reader.h - OFX, of either form, as a stream of elements and values.
 *
 * OFX 1 is SGML whose leaves have no end tags; OFX 2 is XML, but files that say so and go on as
 * SGML are about, and which one it is shows only at the first end tag. So one tolerant tokenizer
 * reads both. Expat would refuse the half of them, in the middle.
 *
 *   V1  A value is the text between a start tag and the next tag of any kind; blank text is none.
 *   V2  "<" that begins no tag is text, and so is "&" that begins no entity of XML's five, nbsp or
 *       a character's number. Nothing else is expanded: no declaration, no entity of the file's
 *       own, nothing outside the file.
 *   V3  Comments, processing instructions and declarations are passed over. CDATA is text; entities
 *       in it are read as elsewhere, since banks escape twice.
 *   V4  Names are upper case and local ("ofx:Memo" is MEMO); attributes are passed over.
 *   V5  Values are valid UTF-8: as declared by the header (CHARSET, ENCODING) or the XML
 *       declaration, in the manner of charset.h. An encoding that nobody knows counts as none.
 *
 * Limits: UTF-16 is not read; a tag is text beyond FL_OFX_TAG_BYTES_MAX.
 *
 * Thread: one.  Memory: a buffer of 256 KiB and a value of FL_OFX_VALUE_BYTES_MAX, whatever the
 * file holds; the rest of a longer value is passed over and it is marked. Depth costs nothing.
 */
#ifndef FLORIN_TOOLS_INGEST_OFX_READER_H
#define FLORIN_TOOLS_INGEST_OFX_READER_H

#include "core/base/contract.h"
#include "core/base/status.h"
#include "tools/format/byte_source.h"
#include "tools/format/slice.h"

#define FL_OFX_TAG_BYTES_MAX   1024
#define FL_OFX_NAME_BYTES_MAX  64
#define FL_OFX_VALUE_BYTES_MAX (64u << 10)

struct fl_ofx_value {
    struct fl_slice name, text; /* the text trimmed, not empty */
    uint64_t line;              /* of its start tag; 1 is the first */
    bool cut;                   /* it was longer than FL_OFX_VALUE_BYTES_MAX */
};

/* What the slices point at is valid until the handler returns. A status but FL_OK stops the reading
 * and comes back from it. A leaf is opened too, and then has its value; it may never be closed. */
struct fl_ofx_handler {
    void *context;
    enum fl_status (*open)(void *context, struct fl_slice name, uint64_t line);
    enum fl_status (*value)(void *context, const struct fl_ofx_value *value);
    enum fl_status (*close)(void *context, struct fl_slice name, uint64_t line);
};

/* Reads the source to its end. `charset` (nullable) goes before what the file declares. `bytes_out`
 * and `line_out` (the last line) are set also when it fails. FL_UNREADABLE: the source fails;
 * FL_UNSUPPORTED: no such `charset`. */
enum fl_status fl_ofx_read(struct fl_byte_source source, const char *charset,
                           const struct fl_ofx_handler *handler, uint64_t *bytes_out,
                           uint64_t *line_out, struct fl_error *error) FL_MUST_USE;

#endif
