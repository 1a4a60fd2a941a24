/* json_simd.h - one JSON text as a flat list of nodes; simdjson behind a C door.
 *
 *   {"a":[1,"x"]}  ->  object(end 4)  a: array(end 4)  number "1"  string "x"
 *
 * Nodes stand in document order; `end` is the index behind the node's subtree, so that a child list is walked by
 * at = node + 1; at < node.end; at = nodes[at].end. Numbers are their digits as written, never a float. Strings
 * are unescaped. Everything is valid until the next parse.
 *
 * Memory: grows with the largest text, up to the limit given; none per text after that. Depth is limited.
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

#define FL_JSON_PADDING 64 /* readable bytes that must follow the text */
#define FL_JSON_DEPTH_MAX 32

enum fl_json_error { FL_JSON_OK, FL_JSON_SYNTAX, FL_JSON_NOT_UTF8, FL_JSON_TOO_DEEP, FL_JSON_TOO_LARGE };

struct fl_json;

/* Null if memory is refused. */
struct fl_json *fl_json_create(void);
void fl_json_destroy(struct fl_json *json);

/* Parses exactly one value. `text` has FL_JSON_PADDING readable bytes behind it. */
enum fl_json_error fl_json_parse(struct fl_json *json, const char *text, size_t length,
                                 const struct fl_json_node **nodes_out, uint32_t *count_out);

#ifdef __cplusplus
}
#endif

#endif
