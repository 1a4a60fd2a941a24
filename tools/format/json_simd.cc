// The only C++ file: simdjson's first stage, and the walk over the places it marks.
#include "tools/format/json_simd.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>

using simdjson::internal::dom_parser_implementation;

struct fl_json {
    std::unique_ptr<dom_parser_implementation> stage;
    fl_json_node *nodes;
    uint32_t capacity, count;
    uint32_t *keys; // scratch of fl_json_equal_keys: node numbers
    uint32_t key_capacity;
    char *strings; // unescaped ones
    size_t string_capacity, string_bytes;
    const char *text;
    size_t length, position;
};

namespace
{

constexpr size_t first_bytes = 64 << 10;
constexpr uint32_t first_nodes = 1024;

bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t digits(const char *text, size_t length, size_t at)
{
    while (at < length && is_digit(text[at]))
        at++;
    return at;
}

// The number grammar over the whole token.
bool is_number(const char *text, size_t length)
{
    size_t at = text[0] == '-' ? 1 : 0, first = at;
    at = digits(text, length, at);
    if (at == first || (text[first] == '0' && at > first + 1))
        return false;
    if (at < length && text[at] == '.') {
        first = ++at;
        at = digits(text, length, at);
        if (at == first)
            return false;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < length && (text[at] == '+' || text[at] == '-'))
            at++;
        first = at;
        at = digits(text, length, at);
        if (at == first)
            return false;
    }
    return at == length;
}

// ---- escapes

bool hex4(const char *text, size_t length, uint32_t &code)
{
    if (length < 4)
        return false;
    code = 0;
    for (unsigned i = 0; i < 4; i++) {
        char c = text[i], letter = (char)(c | 0x20);
        if (!is_digit(c) && (letter < 'a' || letter > 'f'))
            return false;
        code = code << 4 | (uint32_t)(is_digit(c) ? c - '0' : letter - 'a' + 10);
    }
    return true;
}

// XXXX behind \u, or a surrogate pair XXXX\uXXXX; half a pair is refused. Moves `at` behind it.
bool unicode_escape(const char *text, size_t length, size_t &at, uint32_t &code)
{
    if (!hex4(text + at, length - at, code))
        return false;
    at += 4;
    if (code < 0xD800 || code > 0xDFFF)
        return true;
    uint32_t low;
    if (code > 0xDBFF || length - at < 6 || text[at] != '\\' || text[at + 1] != 'u' ||
        !hex4(text + at + 2, 4, low) || low < 0xDC00 || low > 0xDFFF)
        return false;
    at += 6;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

bool short_escape(char c, char &out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *found = c ? strchr(names, c) : nullptr;
    if (found)
        out = values[found - names];
    return found != nullptr;
}

size_t put_code(uint32_t code, char *out)
{
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t leads[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(leads[length] | code);
    return length;
}

// Never longer than the text. Returns false if an escape is none.
bool unescape(const char *text, size_t length, char *out, size_t &bytes)
{
    size_t n = 0;
    for (size_t at = 0; at < length;) {
        if (text[at] != '\\') {
            out[n++] = text[at++];
            continue;
        }
        if (++at == length)
            return false;
        char kind = text[at++];
        uint32_t code;
        if (kind == 'u') {
            if (!unicode_escape(text, length, at, code))
                return false;
            n += put_code(code, out + n);
        } else if (!short_escape(kind, out[n++])) {
            return false;
        }
    }
    bytes = n;
    return true;
}

// ---- memory

template <typename T> bool grow(T *&items, uint32_t &capacity, uint32_t wanted)
{
    if (wanted <= capacity)
        return true;
    uint32_t larger = capacity ? capacity : first_nodes;
    while (larger < wanted)
        larger *= 2;
    void *moved = realloc(items, (size_t)larger * sizeof(T));
    if (!moved)
        return false;
    items = (T *)moved;
    capacity = larger;
    return true;
}

// Before the first string of a text is put there: none moves under a node. Padded for J2.
bool grow_strings(fl_json &json)
{
    if (json.string_bytes > 0 || json.string_capacity >= json.length + FL_JSON_PADDING)
        return true;
    size_t larger = json.length * 2 + FL_JSON_PADDING;
    void *moved = realloc(json.strings, larger);
    if (!moved)
        return false;
    json.strings = (char *)moved;
    json.string_capacity = larger;
    return true;
}

bool grow_stage(fl_json &json, size_t length)
{
    size_t larger = json.stage->capacity();
    if (length <= larger)
        return true;
    while (larger < length)
        larger *= 2;
    return json.stage->allocate(larger, FL_JSON_DEPTH_MAX) == simdjson::SUCCESS;
}

// ---- grammar

// One pass over the marked places. What is open stands on a small stack: nesting costs no
// recursion.
class walk
{
  public:
    explicit walk(fl_json &parser)
        : json(parser), text(parser.text), places(parser.stage->structural_indexes.get()),
          place_count(parser.stage->n_structural_indexes)
    {
    }

    fl_json_error run()
    {
        bool good = value();
        while (good && depth > 0)
            good = step();
        if (good && at == place_count)
            return FL_JSON_OK;
        json.position = at < place_count ? places[at] : json.length;
        return good ? FL_JSON_SYNTAX : error;
    }

  private:
    fl_json &json;
    const char *text;
    const uint32_t *places;
    uint32_t place_count;
    uint32_t at = 0;
    unsigned depth = 0;
    uint32_t open[FL_JSON_DEPTH_MAX];
    const char *key = nullptr;
    uint32_t key_length = 0;
    fl_json_error error = FL_JSON_SYNTAX;

    char here() const
    {
        return at < place_count ? text[places[at]] : '\0';
    }

    bool add(fl_json_kind kind, const char *bytes, uint32_t length)
    {
        uint32_t next = json.count + 1;
        json.nodes[json.count] = {(uint32_t)kind, next, key, bytes, key_length, length};
        json.count = next;
        key = nullptr;
        key_length = 0;
        return true;
    }

    // A scalar goes up to the next place, less the blanks.
    uint32_t token_length() const
    {
        uint32_t end = at + 1 < place_count ? places[at + 1] : (uint32_t)json.length;
        while (is_space(text[end - 1]))
            end--;
        return end - places[at];
    }

    bool string(const char *&bytes, uint32_t &length)
    {
        const char *token = text + places[at];
        uint32_t all = token_length();
        if (all < 2 || token[all - 1] != '"')
            return false;
        bytes = token + 1;
        length = all - 2;
        if (memchr(bytes, '\\', length) && !resolve(bytes, length))
            return false;
        at++;
        return true;
    }

    bool resolve(const char *&bytes, uint32_t &length)
    {
        size_t resolved;
        if (!grow_strings(json)) {
            error = FL_JSON_TOO_LARGE;
            return false;
        }
        char *out = json.strings + json.string_bytes;
        if (!unescape(bytes, length, out, resolved))
            return false;
        json.string_bytes += resolved;
        bytes = out;
        length = (uint32_t)resolved;
        return true;
    }

    bool word(const char *word, uint32_t length, fl_json_kind kind)
    {
        if (token_length() != length || memcmp(text + places[at], word, length) != 0)
            return false;
        at++;
        return add(kind, "", 0);
    }

    bool number()
    {
        if (at >= place_count)
            return false;
        uint32_t length = token_length();
        const char *bytes = text + places[at];
        if (!is_number(bytes, length))
            return false;
        at++;
        return add(FL_JSON_NUMBER, bytes, length);
    }

    bool begin(fl_json_kind kind)
    {
        if (depth == FL_JSON_DEPTH_MAX) {
            error = FL_JSON_TOO_DEEP;
            return false;
        }
        open[depth++] = json.count;
        at++;
        return add(kind, "", 0);
    }

    bool value()
    {
        const char *bytes;
        uint32_t length;
        switch (here()) {
        case '"':
            return string(bytes, length) && add(FL_JSON_STRING, bytes, length);
        case '{':
            return begin(FL_JSON_OBJECT);
        case '[':
            return begin(FL_JSON_ARRAY);
        case 't':
            return word("true", 4, FL_JSON_TRUE);
        case 'f':
            return word("false", 5, FL_JSON_FALSE);
        case 'n':
            return word("null", 4, FL_JSON_NULL);
        default:
            return number();
        }
    }

    bool pair()
    {
        if (here() != '"' || !string(key, key_length) || here() != ':')
            return false;
        at++;
        return value();
    }

    // One member with its comma, or the closing bracket, of the innermost open value.
    bool step()
    {
        uint32_t top = open[depth - 1];
        bool object = json.nodes[top].kind == FL_JSON_OBJECT;
        if (here() == (object ? '}' : ']')) {
            json.nodes[top].end = json.count;
            depth--;
            at++;
            return true;
        }
        if (json.count > top + 1) {
            if (here() != ',')
                return false;
            at++;
        }
        return object ? pair() : value();
    }
};

// Where a text goes wrong that has no structure: an open string, a control character in one.
size_t broken_at(const char *text, size_t length, simdjson::error_code code)
{
    bool inside = false;
    size_t opened = 0;
    for (size_t i = 0; i < length; i++) {
        if (inside && (unsigned char)text[i] < 0x20 && code == simdjson::UNESCAPED_CHARS)
            return i;
        if (inside && text[i] == '\\') {
            i++;
        } else if (text[i] == '"') {
            inside = !inside;
            opened = i;
        }
    }
    return inside ? opened : 0;
}

fl_json_error parse(fl_json &json)
{
    if (json.length == 0)
        return FL_JSON_SYNTAX;
    if (json.length > UINT32_MAX / 4 || !grow_stage(json, json.length))
        return FL_JSON_TOO_LARGE;
    simdjson::error_code code =
        json.stage->stage1((const uint8_t *)json.text, json.length, simdjson::stage1_mode::regular);
    if (code == simdjson::UTF8_ERROR)
        return FL_JSON_NOT_UTF8;
    if (code != simdjson::SUCCESS) {
        json.position = broken_at(json.text, json.length, code);
        return simdjson::validate_utf8(json.text, json.length) ? FL_JSON_SYNTAX : FL_JSON_NOT_UTF8;
    }
    uint32_t places = json.stage->n_structural_indexes;
    if (places > FL_JSON_NODES_MAX || !grow(json.nodes, json.capacity, places))
        return FL_JSON_TOO_LARGE;
    return walk(json).run();
}

uint32_t gather_keys(fl_json &json, uint32_t object)
{
    uint32_t n = 0;
    for (uint32_t i = object + 1; i < json.nodes[object].end; i = json.nodes[i].end)
        json.keys[n++] = i;
    return n;
}

const fl_json_node *equal_keys(fl_json &json, uint32_t object)
{
    const fl_json_node *nodes = json.nodes;
    auto before = [nodes](uint32_t a, uint32_t b) {
        if (nodes[a].key_length != nodes[b].key_length)
            return nodes[a].key_length < nodes[b].key_length;
        return memcmp(nodes[a].key, nodes[b].key, nodes[a].key_length) < 0;
    };
    uint32_t n = gather_keys(json, object);
    std::sort(json.keys, json.keys + n, before);
    for (uint32_t i = 1; i < n; i++) {
        if (!before(json.keys[i - 1], json.keys[i]))
            return &nodes[json.keys[i]];
    }
    return nullptr;
}

} // namespace

extern "C" struct fl_json *fl_json_create(void)
{
    fl_json *json = new (std::nothrow) fl_json{};
    if (!json)
        return nullptr;
    simdjson::error_code code =
        simdjson::get_active_implementation()->create_dom_parser_implementation(
            first_bytes, FL_JSON_DEPTH_MAX, json->stage);
    if (code == simdjson::SUCCESS)
        return json;
    delete json;
    return nullptr;
}

extern "C" void fl_json_destroy(struct fl_json *json)
{
    if (!json)
        return;
    free(json->nodes);
    free(json->keys);
    free(json->strings);
    delete json;
}

extern "C" enum fl_json_error fl_json_parse(struct fl_json *json, const char *text, size_t length,
                                            const struct fl_json_node **nodes_out,
                                            uint32_t *count_out)
{
    json->text = text;
    json->length = length;
    json->count = 0;
    json->string_bytes = 0;
    json->position = 0;
    fl_json_error error = parse(*json);
    if (error != FL_JSON_OK)
        json->count = 0;
    *nodes_out = json->nodes;
    *count_out = json->count;
    return error;
}

extern "C" size_t fl_json_position(const struct fl_json *json)
{
    return json->position;
}

extern "C" const struct fl_json_node *fl_json_equal_keys(struct fl_json *json)
{
    if (!grow(json->keys, json->key_capacity, json->count))
        return nullptr; // no memory to look: who asks refuses the text for another reason anyway
    const fl_json_node *found = nullptr;
    for (uint32_t i = 0; i < json->count && !found; i++) {
        if (json->nodes[i].kind == FL_JSON_OBJECT)
            found = equal_keys(*json, i);
    }
    return found;
}
