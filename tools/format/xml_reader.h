/* xml_reader.h - XML as a stream of events, for files that come from outside.
 *
 *   X1  Memory is bounded whatever the file holds: depth at most FL_XML_DEPTH_MAX, one chunk in
 *       hand.
 *   X2  No document type with declarations in it, so no entities of the file's own and no expansion
 *       bomb; nothing outside the file is ever fetched.
 *   X3  A byte that is wrong in the declared encoding costs one character (charset.h), and so does
 *       a control character: the file is still read. But a NUL byte is in no text: it is refused.
 *   X4  Blank lines before the document are passed over.
 *   X5  Names are local: "ns2:Ntry" and "Ntry" are one.
 *
 * Expat is behind this file and nowhere else. A name longer than a chunk, or an attribute, is held
 * by expat until it ends; FL_XML_TOKEN_BYTES_MAX ends such a file.
 *
 * Thread: one.  Memory: two chunks, expat's own, none an event.
 */
#ifndef FLORIN_TOOLS_FORMAT_XML_READER_H
#define FLORIN_TOOLS_FORMAT_XML_READER_H

#include <stdint.h>

#include "core/base/contract.h"
#include "core/base/status.h"
#include "tools/format/byte_source.h"
#include "tools/format/slice.h"

#define FL_XML_DEPTH_MAX       64
#define FL_XML_TOKEN_BYTES_MAX (4u << 20)

struct fl_xml_reader;

struct fl_xml_attributes {
    const char *const *pairs; /* name, value, ..., null */
};

/* Names and texts are valid until the handler returns. A status but FL_OK stops the reading and
 * comes back from fl_xml_read. Any handler may be null. */
struct fl_xml_handler {
    void *context;
    enum fl_status (*open)(void *context, const struct fl_xml_reader *reader, struct fl_slice name,
                           struct fl_xml_attributes attributes);
    /* One text may come in several pieces. */
    enum fl_status (*text)(void *context, const struct fl_xml_reader *reader, struct fl_slice text);
    enum fl_status (*close)(void *context, const struct fl_xml_reader *reader);
};

/* The name of the element that closes; to be asked in `close` only. Who walks a tree knows it. */
struct fl_slice fl_xml_closing_name(const struct fl_xml_reader *reader);

/* Reads the source to its end. FL_UNREADABLE: the source fails or the XML is damaged, with file,
 * line and reason; what was handed out until then stands. `bytes_out` may be null. */
enum fl_status fl_xml_read(struct fl_byte_source source, const struct fl_xml_handler *handler,
                           uint64_t *bytes_out, struct fl_error *error) FL_MUST_USE;

/* The line of the event in hand; 1 is the first. */
uint64_t fl_xml_line(const struct fl_xml_reader *reader);

/* The value of an attribute by its local name; null if there is none. */
const char *fl_xml_attribute(struct fl_xml_attributes attributes, const char *name);

#endif
