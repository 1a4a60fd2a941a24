// The only C++ file: simdjson's on-demand parser, flattened into the nodes of json_simd.h.
#include "tools/format/json_simd.h"

#include <new>
#include <simdjson.h>
#include <vector>

using namespace simdjson;

struct fl_json {
    ondemand::parser parser;
    std::vector<fl_json_node> nodes;
    unsigned depth;
};

static bool flatten(fl_json *json, ondemand::value value, const char *key, uint32_t key_length);

static uint32_t node_add(fl_json *json, uint32_t kind, const char *key, uint32_t key_length,
                         const char *text, size_t length)
{
    uint32_t at = (uint32_t)json->nodes.size();
    json->nodes.push_back({kind, at + 1, key, text, key_length, (uint32_t)length});
    return at;
}

static bool flatten_object(fl_json *json, ondemand::object object, uint32_t at)
{
    for (auto field : object) {
        std::string_view key;
        ondemand::value value;
        if (field.unescaped_key().get(key) || field.value().get(value) ||
            !flatten(json, value, key.data(), (uint32_t)key.size()))
            return false;
    }
    json->nodes[at].end = (uint32_t)json->nodes.size();
    return true;
}

static bool flatten_array(fl_json *json, ondemand::array array, uint32_t at)
{
    for (auto element : array) {
        ondemand::value value;
        if (element.get(value) || !flatten(json, value, nullptr, 0))
            return false;
    }
    json->nodes[at].end = (uint32_t)json->nodes.size();
    return true;
}

// A number's token may carry the white space behind it.
static bool flatten_number(fl_json *json, ondemand::value value, const char *key,
                           uint32_t key_length)
{
    std::string_view raw = value.raw_json_token();
    double checked;
    if (value.get_double().get(checked))
        return false; // not a JSON number ("01", "1.", "+1")
    size_t length = raw.size();
    while (length > 0 && (raw[length - 1] == ' ' || raw[length - 1] == '\t' ||
                          raw[length - 1] == '\r' || raw[length - 1] == '\n'))
        length--;
    node_add(json, FL_JSON_NUMBER, key, key_length, raw.data(), length);
    return true;
}

static bool flatten_scalar(fl_json *json, ondemand::value value, ondemand::json_type type,
                           const char *key, uint32_t key_length)
{
    if (type == ondemand::json_type::string) {
        std::string_view text;
        if (value.get_string().get(text))
            return false;
        node_add(json, FL_JSON_STRING, key, key_length, text.data(), text.size());
        return true;
    }
    if (type == ondemand::json_type::number)
        return flatten_number(json, value, key, key_length);
    if (type == ondemand::json_type::boolean) {
        bool yes;
        if (value.get_bool().get(yes))
            return false;
        node_add(json, yes ? FL_JSON_TRUE : FL_JSON_FALSE, key, key_length, "", 0);
        return true;
    }
    bool null;
    if (value.is_null().get(null) || !null)
        return false;
    node_add(json, FL_JSON_NULL, key, key_length, "", 0);
    return true;
}

static bool flatten(fl_json *json, ondemand::value value, const char *key, uint32_t key_length)
{
    ondemand::json_type type;
    if (value.type().get(type))
        return false;
    if (type != ondemand::json_type::object && type != ondemand::json_type::array)
        return flatten_scalar(json, value, type, key, key_length);
    if (++json->depth > FL_JSON_DEPTH_MAX)
        return false;
    bool good;
    if (type == ondemand::json_type::object) {
        uint32_t at = node_add(json, FL_JSON_OBJECT, key, key_length, "", 0);
        ondemand::object object;
        good = !value.get_object().get(object) && flatten_object(json, object, at);
    } else {
        uint32_t at = node_add(json, FL_JSON_ARRAY, key, key_length, "", 0);
        ondemand::array array;
        good = !value.get_array().get(array) && flatten_array(json, array, at);
    }
    if (good)
        json->depth--;
    return good;
}

static fl_json_error parse(fl_json *json, const char *text, size_t length)
{
    ondemand::document document;
    json->nodes.clear();
    json->depth = 0;
    padded_string_view view(text, length, length + FL_JSON_PADDING);
    error_code error = json->parser.iterate(view).get(document);
    if (error)
        return error == UTF8_ERROR ? FL_JSON_NOT_UTF8
               : error == CAPACITY ? FL_JSON_TOO_LARGE
                                   : FL_JSON_SYNTAX;
    ondemand::object object;
    if (document.get_object().get(object))
        return FL_JSON_SYNTAX;
    uint32_t at = node_add(json, FL_JSON_OBJECT, nullptr, 0, "", 0);
    if (!flatten_object(json, object, at))
        return json->depth > FL_JSON_DEPTH_MAX ? FL_JSON_TOO_DEEP : FL_JSON_SYNTAX;
    const char *rest; // no location left: nothing follows the object
    return document.current_location().get(rest) ? FL_JSON_OK : FL_JSON_SYNTAX;
}

extern "C" struct fl_json *fl_json_create(void)
{
    return new (std::nothrow) fl_json;
}

extern "C" void fl_json_destroy(struct fl_json *json)
{
    delete json;
}

extern "C" enum fl_json_error fl_json_parse(struct fl_json *json, const char *text, size_t length,
                                            const struct fl_json_node **nodes_out,
                                            uint32_t *count_out)
{
    try {
        if (!validate_utf8(text, length))
            return FL_JSON_NOT_UTF8;
        fl_json_error error = parse(json, text, length);
        *nodes_out = json->nodes.data();
        *count_out = (uint32_t)json->nodes.size();
        return error;
    } catch (...) {
        return FL_JSON_TOO_LARGE; // memory
    }
}
