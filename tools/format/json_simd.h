/* json_simd.h - one JSON text as a flat list of nodes; simdjson behind a C door.
 *
 *   {"a":[1,"x"]}  ->  object(end 4)  a: array(end 4)  number "1"  string "x"
 *
 * Nodes stand in document order; `end` is the index behind the node's subtree, so that a child list
 * is walked by at = node + 1; at < node.end; at = nodes[at].end. simdjson finds quotes, brackets
 * and bad UTF-8, 64 bytes at a time; a walk over what it found checks the grammar (RFC 8259,
 * whole).
 *
 *   J1  Numbers are their digits as written, never a float. Strings are unescaped; those without
 * escapes are the bytes of the text itself, so text and nodes are valid until the next parse. J2  A
 * string's or key's first 8 bytes can be read, however short it is. J3  No exception leaves the
 * file.
 *
 * Equal keys in one object are not looked for while parsing, which would cost a table an object: a
 * reader that knows its fields notices by itself, fl_json_equal_keys tells for the others.
 *
 * Thread: one's own. Memory: grows with the largest text, by doubling; none per text after that.
 * Depth is limited. Cost: about a nanosecond a byte.
 */
#ifndef FLORIN_TOOLS_FORMAT_JSON_SIMD_H
#define FLORIN_TOOLS_FORMAT_JSON_SIMD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum fl_json_kind {
    FL_JSON_OBJECT,
    FL_JSON_ARRAY,
    FL_JSON_STRING,
    FL_JSON_NUMBER,
    FL_JSON_TRUE,
    FL_JSON_FALSE,
    FL_JSON_NULL,
};

struct fl_json_node {
    uint32_t kind; /* enum fl_json_kind */
    uint32_t end;
    const char *key; /* member of an object; null in arrays */
    const char *text;
    uint32_t key_length, text_length;
};

#define FL_JSON_PADDING   64 /* readable bytes that must follow the text */
#define FL_JSON_DEPTH_MAX 32
#define FL_JSON_NODES_MAX (4u << 20) /* 128 MiB of nodes: no command needs a tenth of it */

enum fl_json_error {
    FL_JSON_OK,
    FL_JSON_SYNTAX,
    FL_JSON_NOT_UTF8,
    FL_JSON_TOO_DEEP,
    FL_JSON_TOO_LARGE
};

struct fl_json;

/* Null if memory is refused. */
struct fl_json *fl_json_create(void);
void fl_json_destroy(struct fl_json *json);

/* Parses exactly one value. `text` has FL_JSON_PADDING readable bytes behind it, of any content. */
enum fl_json_error fl_json_parse(struct fl_json *json, const char *text, size_t length,
                                 const struct fl_json_node **nodes_out, uint32_t *count_out);
/* Byte of the text at which the last parse gave up. */
size_t fl_json_position(const struct fl_json *json);

/* A node of the last parse whose object has its key twice; null if there is none. */
const struct fl_json_node *fl_json_equal_keys(struct fl_json *json);

#ifdef __cplusplus
}
#endif

#endif
