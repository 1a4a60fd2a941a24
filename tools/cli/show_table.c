#include "tools/cli/show_table.h"

#include <string.h>

bool fl_show_table_open(struct fl_show_table *show, const char *columns)
{
    const char *names[FL_TABLE_COLUMNS_MAX];
    memset(show, 0, sizeof *show);
    while (*columns && show->columns < FL_TABLE_COLUMNS_MAX) {
        size_t length = strcspn(columns, " ");
        snprintf(show->names[show->columns], sizeof show->names[0], "%.*s", (int)length, columns);
        names[show->columns] = show->names[show->columns];
        show->columns++;
        columns += length;
        columns += strspn(columns, " ");
    }
    fl_table_open(&show->table, names, show->columns);
    show->json = fl_json_create();
    return show->json != NULL;
}

/* The nodes of an object; null if it is none. */
static const struct fl_json_node *parsed(struct fl_show_table *show, const char *json,
                                         size_t length)
{
    const struct fl_json_node *nodes;
    uint32_t count;
    fl_json_text_clear(&show->text);
    fl_json_put(&show->text, json, length);
    if (!fl_json_text_grow(&show->text, FL_JSON_PADDING) ||
        fl_json_parse(show->json, show->text.bytes, length, &nodes, &count) != FL_JSON_OK)
        return NULL;
    return nodes;
}

static bool is_scalar(const struct fl_json_node *node)
{
    return node->kind != FL_JSON_OBJECT && node->kind != FL_JSON_ARRAY;
}

/* The words as a person writes them. */
static const char *value_text(const struct fl_json_node *node, int *length_out)
{
    static const char *const words[] = {
        [FL_JSON_TRUE] = "yes", [FL_JSON_FALSE] = "no", [FL_JSON_NULL] = "-"};
    if (node->kind == FL_JSON_STRING || node->kind == FL_JSON_NUMBER) {
        *length_out = (int)node->text_length;
        return node->text;
    }
    *length_out = (int)strlen(words[node->kind]);
    return words[node->kind];
}

static const struct fl_json_node *member(const struct fl_json_node *nodes, uint32_t object,
                                         const char *name)
{
    size_t length = strlen(name);
    for (uint32_t at = object + 1; at < nodes[object].end; at = nodes[at].end) {
        if (nodes[at].key_length == length && memcmp(nodes[at].key, name, length) == 0)
            return &nodes[at];
    }
    return NULL;
}

bool fl_show_table_holds(struct fl_show_table *show, const char *json, size_t length,
                         const char *where)
{
    static const char *const words[] = {
        [FL_JSON_TRUE] = "true", [FL_JSON_FALSE] = "false", [FL_JSON_NULL] = "null"};
    const struct fl_json_node *nodes = parsed(show, json, length);
    const char *equals = strchr(where, '=');
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(equals - where), where);
    const struct fl_json_node *node = nodes ? member(nodes, 0, name) : NULL;
    if (!node || !is_scalar(node))
        return false;
    bool text = node->kind == FL_JSON_STRING || node->kind == FL_JSON_NUMBER;
    if (!text)
        return strcmp(words[node->kind], equals + 1) == 0;
    return node->text_length == strlen(equals + 1) &&
           memcmp(node->text, equals + 1, node->text_length) == 0;
}

static void row_add(struct fl_table_writer *table, const struct fl_json_node *nodes,
                    uint32_t object, char (*names)[32], unsigned columns)
{
    for (unsigned i = 0; i < columns; i++) {
        const char *name = names[i][0] == '>' ? names[i] + 1 : names[i];
        const struct fl_json_node *node = member(nodes, object, name);
        int length = 0;
        const char *text = node && is_scalar(node) ? value_text(node, &length) : "";
        fl_table_cell(table, "%.*s", length, text);
    }
}

void fl_show_table_row(struct fl_show_table *show, const char *json, size_t length)
{
    const struct fl_json_node *nodes = parsed(show, json, length);
    if (nodes)
        row_add(&show->table, nodes, 0, show->names, show->columns);
}

/* ---- one thing
 * ----------------------------------------------------------------------------------- */

static void pair_print(FILE *out, int indent, const struct fl_json_node *node)
{
    int length;
    const char *text = value_text(node, &length);
    fprintf(out, "%*s%-*.*s  ", indent, "", 22 - indent, (int)node->key_length, node->key);
    fl_table_put_text(out, text, (size_t)length);
    putc('\n', out);
}

/* Zero in every row: left out, so that what is said fits the terminal. */
static bool says_nothing(const struct fl_json_node *nodes, uint32_t list, const char *name)
{
    for (uint32_t at = list + 1; at < nodes[list].end; at = nodes[at].end) {
        const struct fl_json_node *node = member(nodes, at, name);
        bool zero = !node || node->kind == FL_JSON_FALSE ||
                    (node->text_length > 0 && strspn(node->text, "0.") >= node->text_length);
        if (!zero)
            return false;
    }
    return true;
}

/* A list of objects as a table of the fields its first one has; numbers to the right. */
static void list_print(FILE *out, const struct fl_json_node *nodes, uint32_t list)
{
    struct fl_table_writer table;
    char names[FL_TABLE_COLUMNS_MAX][32];
    const char *heads[FL_TABLE_COLUMNS_MAX] = {0};
    unsigned columns = 0;
    uint32_t first = list + 1;
    for (uint32_t at = first + 1; at < nodes[first].end && columns < FL_TABLE_COLUMNS_MAX;
         at = nodes[at].end) {
        if (!is_scalar(&nodes[at]))
            continue;
        bool number = nodes[at].text_length > 0 &&
                      strspn(nodes[at].text, "-0123456789.") >= nodes[at].text_length;
        snprintf(names[columns], sizeof names[0], "%s%.*s", number ? ">" : "",
                 (int)nodes[at].key_length, nodes[at].key);
        heads[columns] = names[columns];
        columns += !says_nothing(nodes, list, names[columns] + number);
    }
    fl_table_open(&table, heads, columns);
    for (uint32_t at = first; at < nodes[list].end; at = nodes[at].end)
        row_add(&table, nodes, at, names, columns);
    fprintf(out, "\n%.*s\n", (int)nodes[list].key_length, nodes[list].key);
    fl_table_print(&table, out, false);
}

/* A list of texts on one line: "references  INV-1, INV-2". */
static void texts_print(FILE *out, const struct fl_json_node *nodes, uint32_t list)
{
    fprintf(out, "%-22.*s  ", (int)nodes[list].key_length, nodes[list].key);
    for (uint32_t at = list + 1; at < nodes[list].end; at = nodes[at].end) {
        int length;
        const char *text = value_text(&nodes[at], &length);
        fputs(at > list + 1 ? ", " : "", out);
        fl_table_put_text(out, text, (size_t)length);
    }
    putc('\n', out);
}

void fl_show_table_one(struct fl_show_table *show, FILE *out, const char *json, size_t length)
{
    const struct fl_json_node *nodes = parsed(show, json, length);
    for (uint32_t at = 1; nodes && at < nodes[0].end; at = nodes[at].end) {
        if (is_scalar(&nodes[at]))
            pair_print(out, 0, &nodes[at]);
        if (nodes[at].kind == FL_JSON_ARRAY && at + 1 < nodes[at].end && is_scalar(&nodes[at + 1]))
            texts_print(out, nodes, at);
        for (uint32_t in = at + 1; nodes[at].kind == FL_JSON_OBJECT && in < nodes[at].end;
             in = nodes[in].end) {
            if (in == at + 1)
                fprintf(out, "%.*s\n", (int)nodes[at].key_length, nodes[at].key);
            if (is_scalar(&nodes[in]))
                pair_print(out, 2, &nodes[in]);
        }
    }
    for (uint32_t at = 1; nodes && at < nodes[0].end; at = nodes[at].end) {
        bool has_rows = nodes[at].kind == FL_JSON_ARRAY && at + 1 < nodes[at].end;
        if (has_rows && nodes[at + 1].kind == FL_JSON_OBJECT)
            list_print(out, nodes, at);
    }
}

void fl_show_table_close(struct fl_show_table *show, FILE *out, bool csv)
{
    if (show->columns > 0)
        fl_table_print(&show->table, out, csv);
    fl_json_text_free(&show->text);
    fl_json_destroy(show->json);
}
