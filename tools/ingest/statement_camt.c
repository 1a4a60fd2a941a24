#include "tools/ingest/statement_camt.h"

#include <stdlib.h>

#include "tools/format/charset.h"
#include "tools/format/xml_reader.h"
#include "tools/ingest/camt_line.h"
#include "tools/ingest/camt_paths.h"

/* Characters of an unstructured remittance: what fills it goes on in the next one without a blank.
 */
#define FULL_PIECE 140

struct reader {
    struct fl_error *error;
    const char *source_name;
    struct camt_paths paths;

    bool in_message, any_message, any_statement;
    uint16_t stack[FL_XML_DEPTH_MAX]; /* path nodes from the statement down; empty outside one */
    uint32_t stack_count, skipped;    /* depth inside a branch that means nothing */

    bool capturing;
    size_t mark; /* where the text in hand begins in the arena */
    struct fl_camt_currency currency;

    struct fl_camt_statement statement;
    struct fl_camt_entry entry;
};

/* --- elements -------------------------------------------------------------------------------- */

static enum fl_status open_element(struct reader *r, const struct fl_xml_reader *xml,
                                   enum camt_element element, struct fl_xml_attributes attributes)
{
    bool wanted = element >= CAMT_MESSAGE_LAST_PAGE;
    r->capturing = false;
    if (element == CAMT_NOTHING)
        return FL_OK;
    if (element == CAMT_BALANCE)
        fl_camt_balances_open(&r->statement.head.balances, fl_xml_line(xml));
    else if (element == CAMT_ENTRY)
        fl_camt_entry_begin(&r->entry, fl_xml_line(xml));
    else if (element < CAMT_MESSAGE_LAST_PAGE || element >= CAMT_ENTRY_REF)
        FL_TRY(fl_camt_entry_open(&r->entry, element, &wanted));
    if (!wanted)
        return FL_OK;
    r->capturing = true;
    r->mark = r->entry.arena.used;
    fl_camt_currency_take(&r->currency, fl_xml_attribute(attributes, "Ccy"));
    return FL_OK;
}

/* The text of the element that closes: the entry keeps it, the others copy it. */
static enum fl_status take_text(struct reader *r, enum camt_element element)
{
    struct fl_camt_arena *arena = &r->entry.arena;
    size_t raw = arena->used - r->mark;
    size_t length = fl_statement_text_clean(arena->bytes + r->mark, raw);
    struct fl_camt_span span = {(uint32_t)r->mark, (uint32_t)length};
    arena->used = r->mark + length;
    if (element >= CAMT_ENTRY_REF)
        return fl_camt_entry_take(&r->entry, element, &r->currency, span, raw >= FULL_PIECE);
    struct fl_slice text = fl_camt_arena_text(arena, span);
    arena->used = r->mark;
    if (length == 0)
        return FL_OK;
    if (element >= CAMT_BALANCE_CODE)
        fl_camt_balances_take(&r->statement.head.balances, element, &r->currency, text);
    else if (element == CAMT_MESSAGE_LAST_PAGE)
        fl_camt_statement_message_page(&r->statement, text);
    else
        fl_camt_statement_take(&r->statement, element, text);
    return FL_OK;
}

static enum fl_status close_element(struct reader *r, enum camt_element element)
{
    if (element == CAMT_NOTHING)
        return FL_OK;
    if (element == CAMT_BALANCE) {
        fl_camt_statement_balance(&r->statement);
        return FL_OK;
    }
    if (element == CAMT_ENTRY)
        return fl_camt_lines_emit(&r->statement, &r->entry);
    if (element < CAMT_MESSAGE_LAST_PAGE)
        return fl_camt_entry_close(&r->entry, element);
    if (!r->capturing)
        return FL_OK; /* the value was in an element inside (Sts/Cd) */
    r->capturing = false;
    return take_text(r, element);
}

/* --- events ---------------------------------------------------------------------------------- */

static void begin_tree(struct reader *r, uint16_t root)
{
    r->stack[0] = root;
    r->stack_count = 1;
    r->skipped = 0;
    r->capturing = false;
    r->entry.arena.used = 0;
}

static void open_outside(struct reader *r, const struct fl_xml_reader *xml, struct fl_slice name)
{
    if (fl_slice_begins(name, "BkToCstmr")) {
        r->in_message = r->any_message = true;
        fl_camt_statement_message(
            &r->statement, fl_slice_equals(name, "BkToCstmrStmt")      ? FL_STATEMENT_BOOKED
                           : fl_slice_equals(name, "BkToCstmrAcctRpt") ? FL_STATEMENT_INTRADAY
                                                                       : FL_STATEMENT_NOTICE);
    } else if (r->in_message && (fl_slice_equals(name, "Stmt") || fl_slice_equals(name, "Rpt") ||
                                 fl_slice_equals(name, "Ntfctn"))) {
        r->any_statement = true;
        fl_camt_statement_open(&r->statement, fl_xml_line(xml));
        begin_tree(r, CAMT_PATH_ROOT);
    } else if (r->in_message && fl_slice_equals(name, "GrpHdr")) {
        begin_tree(r, CAMT_PATH_HEADER);
    }
}

/* A status of the entry's, said with its place. */
static enum fl_status said(struct reader *r, enum fl_status status)
{
    if (status == FL_TOO_LONG)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: line %llu: an entry too large to be one",
                            r->source_name, (unsigned long long)r->entry.line);
    if (status == FL_NO_MEMORY)
        return fl_error_set(r->error, FL_NO_MEMORY, "%s: no memory", r->source_name);
    return status;
}

static enum fl_status on_open(void *context, const struct fl_xml_reader *xml, struct fl_slice name,
                              struct fl_xml_attributes attributes)
{
    struct reader *r = context;
    if (r->stack_count == 0) {
        open_outside(r, xml, name);
        return FL_OK;
    }
    if (r->skipped > 0) {
        r->skipped++;
        return FL_OK;
    }
    uint16_t node = fl_camt_paths_child(&r->paths, r->stack[r->stack_count - 1], name);
    if (node == CAMT_PATH_NONE) {
        r->skipped = 1;
        return FL_OK;
    }
    FL_ASSERT(r->stack_count < FL_XML_DEPTH_MAX);
    r->stack[r->stack_count++] = node;
    return said(r, open_element(r, xml, r->paths.nodes[node].element, attributes));
}

static enum fl_status on_text(void *context, const struct fl_xml_reader *xml, struct fl_slice text)
{
    struct reader *r = context;
    (void)xml;
    if (!r->capturing || r->skipped > 0)
        return FL_OK;
    size_t have = r->entry.arena.used - r->mark;
    if (have + text.length > FL_CAMT_TEXT_BYTES_MAX) /* A7 */
        text.length = fl_utf8_valid_prefix(text.at, FL_CAMT_TEXT_BYTES_MAX - have);
    return said(r, fl_camt_arena_append(&r->entry.arena, text));
}

static enum fl_status on_close(void *context, const struct fl_xml_reader *xml)
{
    struct reader *r = context;
    (void)xml;
    if (r->stack_count == 0)
        return FL_OK;
    if (r->skipped > 0) {
        r->skipped--;
        return FL_OK;
    }
    uint16_t node = r->stack[--r->stack_count];
    if (node == CAMT_PATH_ROOT)
        return fl_camt_statement_close(&r->statement);
    return node == CAMT_PATH_HEADER ? FL_OK
                                    : said(r, close_element(r, r->paths.nodes[node].element));
}

static enum fl_status read_all(struct reader *r, struct fl_byte_source source)
{
    struct fl_xml_handler handler = {
        .context = r, .open = on_open, .text = on_text, .close = on_close};
    uint64_t bytes = 0;
    enum fl_status status = fl_xml_read(source, &handler, &bytes, r->error);
    r->statement.summary->bytes += bytes;
    FL_TRY(status);
    FL_TRY(fl_camt_statement_end(&r->statement));
    if (!r->any_message || !r->any_statement)
        return fl_error_set(r->error, FL_UNREADABLE, "%s: no %s in it", source.name,
                            r->any_message ? "statement" : "camt.052, 053 or 054");
    return FL_OK;
}

enum fl_status fl_statement_camt_read(struct fl_byte_source source, bool reversal_flips,
                                      const struct fl_statement_sink *sink,
                                      struct fl_statement_summary *summary, struct fl_error *error)
{
    struct reader *r = calloc(1, sizeof *r);
    if (!r || fl_camt_entry_init(&r->entry) != FL_OK) {
        free(r);
        return fl_error_set(error, FL_NO_MEMORY, "%s: no memory", source.name);
    }
    r->error = error;
    r->source_name = source.name;
    fl_camt_statement_init(&r->statement, sink, summary);
    r->statement.reversal_flips = reversal_flips;
    fl_camt_paths_init(&r->paths);
    enum fl_status status = read_all(r, source);
    fl_camt_entry_deinit(&r->entry);
    free(r);
    return status;
}
