/* Asks memory for what a group of commands will read, in three passes over the group, so that the misses of
 * all overlap: the index groups of the ids they name; then the rows that stand there; then what those
 * rows lead to. Nothing is decided here: a candidate that turns out to be another's costs a line. Of the id that a
 * command gives its own document only the group is wanted: it is new, but for what is sent again. */
#include "core/domain/prefetch.h"

#include "core/domain/reference.h"

/* The names of one command that are looked up: at most this many are followed. */
#define NAMES_MAX 6

struct name {
    uint64_t hash;
    uint32_t *memo; /* where apply looks for the row first */
    uint32_t row;
    uint8_t index; /* enum fl_index_id */
};

struct ahead {
    struct name names[NAMES_MAX];
    uint32_t count;
};

static void name_add(struct ahead *ahead, const struct fl_state *s, enum fl_index_id index,
                     const char *text, size_t length)
{
    if (length == 0 || ahead->count == NAMES_MAX)
        return;
    struct name *name = &ahead->names[ahead->count++];
    name->index = index;
    name->row = FL_NO_ROW;
    if (index == FL_INDEX_INVOICE) {
        char normal[FL_REFERENCE_BYTES_MAX];
        size_t normal_length;
        name->hash = fl_normal_hash(s, text, length, normal, &normal_length);
    } else {
        name->hash = fl_key_hash(s, index, text, length);
    }
    name->memo = fl_row_memo(s, index, text, length);
    fl_hash_index_prefetch(&s->index[index], name->hash);
}

/* The command's own id, in the index that it will go into. */
static void name_own(const struct fl_state *s, enum fl_index_id index,
                     const struct fl_command *command)
{
    const char *text = fl_command_text(command, command->id);
    if (command->id.length > 0)
        fl_hash_index_prefetch(&s->index[index],
                               fl_key_hash(s, index, text, command->id.length));
}

static void name_text(struct ahead *ahead, const struct fl_state *s, enum fl_index_id index,
                      const struct fl_command *command, struct fl_text text)
{
    name_add(ahead, s, index, fl_command_text(command, text), text.length);
}

static void names_of_order(struct ahead *ahead, const struct fl_state *s,
                           const struct fl_command *command)
{
    const struct fl_command_order *b = fl_command_body(command);
    name_own(s, FL_INDEX_ORDER, command);
    name_text(ahead, s, FL_INDEX_CUSTOMER, command, b->customer);
    const struct fl_order_item *items = fl_command_list(command, b->lines);
    for (uint32_t i = 0; i < b->lines.count && i < 4; i++)
        name_text(ahead, s, FL_INDEX_PRODUCT, command, items[i].product);
}

static void names_of_receipt(struct ahead *ahead, const struct fl_state *s,
                             const struct fl_command *command)
{
    const struct fl_command_receipt *b = fl_command_body(command);
    name_own(s, FL_INDEX_RECEIPT, command);
    name_text(ahead, s, FL_INDEX_CUSTOMER, command, b->customer);
    const struct fl_text_item *items = fl_command_list(command, b->references);
    for (uint32_t i = 0; i < b->references.count && i < 4; i++)
        name_text(ahead, s, FL_INDEX_INVOICE, command, items[i].text);
}

static void names_of(struct ahead *ahead, const struct fl_state *s,
                     const struct fl_command *command)
{
    ahead->count = 0;
    if (command->type == FL_COMMAND_RECEIPT) {
        names_of_receipt(ahead, s, command);
    } else if (command->type == FL_COMMAND_ORDER) {
        names_of_order(ahead, s, command);
    } else if (command->type == FL_COMMAND_SHIPMENT) {
        const struct fl_command_shipment *b = fl_command_body(command);
        name_own(s, FL_INDEX_SHIPMENT, command);
        name_text(ahead, s, FL_INDEX_ORDER, command, b->order);
    } else if (command->type == FL_COMMAND_INVOICE) {
        const struct fl_command_invoice *b = fl_command_body(command);
        name_text(ahead, s, FL_INDEX_INVOICE, command, command->id);
        name_text(ahead, s, FL_INDEX_ORDER, command, b->order);
        name_text(ahead, s, FL_INDEX_SHIPMENT, command, b->shipment);
        name_text(ahead, s, FL_INDEX_CUSTOMER, command, b->customer);
    } else if (command->type == FL_COMMAND_APPLICATION) {
        const struct fl_command_application *b = fl_command_body(command);
        name_text(ahead, s, FL_INDEX_RECEIPT, command, b->receipt);
        name_text(ahead, s, FL_INDEX_INVOICE, command, b->invoice);
    }
}

#define WANT_FIXED(s, table, name, row)                                                           \
    __builtin_prefetch(fl_store_fixed(&(s)->store, FL_COLUMN_##table##_##name, row))
#define WANT_LIVE(s, table, name, row)                                                            \
    __builtin_prefetch(fl_store_live(&(s)->store, FL_COLUMN_##table##_##name, row), 1)

/* The rows themselves. */
static void want_row(const struct fl_state *s, struct name *name)
{
    struct fl_index_cursor cursor;
    name->row = fl_hash_index_first(&s->index[name->index], name->hash, &cursor);
    if (name->row == FL_NO_ROW)
        return;
    *name->memo = name->row;
    switch (name->index) {
    case FL_INDEX_CUSTOMER:
        WANT_FIXED(s, customer, card, name->row);
        WANT_LIVE(s, customer, account, name->row);
        break;
    case FL_INDEX_PRODUCT:
        WANT_FIXED(s, product, card, name->row);
        WANT_LIVE(s, product, stock, name->row);
        break;
    case FL_INDEX_ORDER:
        WANT_FIXED(s, order, card, name->row);
        WANT_LIVE(s, order, live, name->row);
        WANT_FIXED(s, order, cold, name->row);
        break;
    case FL_INDEX_SHIPMENT:
        WANT_FIXED(s, shipment, card, name->row);
        break;
    case FL_INDEX_INVOICE:
        WANT_FIXED(s, invoice, card, name->row);
        WANT_LIVE(s, invoice, money, name->row);
        break;
    case FL_INDEX_RECEIPT:
        WANT_FIXED(s, receipt, card, name->row);
        WANT_LIVE(s, receipt, money, name->row);
        break;
    default:
        break;
    }
}

static void want_order_lines(const struct fl_state *s, uint32_t order)
{
    const struct fl_order_card *card = fl_order_card(&s->store, order);
    if (card->line_count == 0)
        return;
    uint32_t last = card->line_first + (card->line_count < 4 ? card->line_count : 4u) - 1;
    for (uint32_t line = card->line_first; line <= last; line++)
        WANT_FIXED(s, order_line, card, line);
    WANT_LIVE(s, order_line, live, card->line_first);
    WANT_LIVE(s, order_line, live, last);
    WANT_LIVE(s, order_line, link, card->line_first);
    WANT_LIVE(s, customer, account, card->customer);
}

/* What the rows lead to. */
static void want_beyond(const struct fl_state *s, const struct name *name)
{
    if (name->row == FL_NO_ROW)
        return;
    if (name->index == FL_INDEX_INVOICE)
        WANT_LIVE(s, customer, account, fl_invoice_card(&s->store, name->row)->customer);
    else if (name->index == FL_INDEX_ORDER)
        want_order_lines(s, name->row);
    else if (name->index == FL_INDEX_SHIPMENT)
        want_order_lines(s, fl_shipment_card(&s->store, name->row)->order);
}

void fl_state_prefetch(const struct fl_state *s, const struct fl_command *const *commands,
                       uint32_t count)
{
    struct ahead ahead[FL_PREFETCH_MAX];
    FL_ASSERT(count <= FL_PREFETCH_MAX);
    for (uint32_t i = 0; i < count; i++)
        names_of(&ahead[i], s, commands[i]);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < ahead[i].count; k++)
            want_row(s, &ahead[i].names[k]);
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < ahead[i].count; k++)
            want_beyond(s, &ahead[i].names[k]);
    }
}
