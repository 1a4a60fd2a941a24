#include "core/domain/invoice.h"
#include "core/domain/order.h"
#include "core/domain/posting_rules.h"
#include "core/domain/pricing.h"

/* Goods must be there, back-order or not: what leaves the shelf was on it. */
static enum fl_status shelf_check(struct fl_context *c, const struct fl_part_line *parts,
                                  uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t product = fl_order_line_card(&c->s->store, parts[i].line)->product;
        const struct fl_product_stock *stock = fl_product_stock(&c->s->store, product);
        if (!stock->stock_control)
            continue;
        fl_int128 wanted = 0;
        for (uint32_t j = 0; j <= i; j++) {
            if (fl_order_line_card(&c->s->store, parts[j].line)->product == product)
                wanted += parts[j].quantity;
        }
        if (wanted > stock->on_hand) {
            size_t length;
            const char *id =
                fl_id_get(&c->s->store, &fl_product_card(&c->s->store, product)->id, &length);
            fl_result_text(c->result, FL_RESULT_PRODUCT, id, length);
            fl_result_quantity(c->result, FL_RESULT_WANTED, (int64_t)wanted);
            fl_result_quantity(c->result, FL_RESULT_AVAILABLE, stock->on_hand);
            return FL_STOCK_SHORT;
        }
    }
    return FL_OK;
}

/* Revenue of goods billed before, in the document's and the book's currency. */
struct recognised {
    int64_t minor, base_minor;
};

/* A part of an invoice's net in the book's currency, at the invoice's own rate (D9): what was deferred at one rate is
 * not revenue at another. Cumulative, so that the parts of a line add up. */
static int64_t base_of(const struct fl_state *s, uint32_t invoice, int64_t minor)
{
    int64_t total = fl_invoice_card(&s->store, invoice)->total_minor;
    int64_t base = fl_invoice_cold(&s->store, invoice)->base_total_minor;
    return total == base || total == 0 ? minor : (int64_t)((fl_int128)minor * base / total);
}

/* Posting row 3 for one invoice line: revenue for `pieces` of it delivered now. */
static void recognise_pieces(struct fl_state *s, uint32_t invoice_line, int64_t pieces,
                             struct recognised *sum)
{
    const struct fl_invoice_line_card *card = fl_invoice_line_card(&s->store, invoice_line);
    struct fl_invoice_line_live *live = fl_invoice_line_live_write(&s->store, invoice_line);
    int64_t before = live->recognised_minor;
    live->delivered += pieces;
    FL_ASSERT(live->delivered <= card->quantity);
    int64_t due = fl_price_share(card->net_minor, live->delivered, card->quantity,
                                 fl_policy_rounding(s)) -
                  before;
    int64_t deferred = fl_max_i64(card->net_minor - before - live->credited_net_minor, 0);
    int64_t n = card->net_minor < 0 ? due : fl_min_i64(due, deferred);
    live->recognised_minor += n;
    sum->minor += n;
    sum->base_minor += base_of(s, card->invoice, before + n) - base_of(s, card->invoice, before);
}

/* The invoice lines of an order line, oldest first, take the pieces that they had billed ahead. */
static void recognise_line(struct fl_state *s, uint32_t order_line, int64_t pieces,
                           struct recognised *sum)
{
    uint32_t count = 0;
    for (uint32_t row = fl_order_line_link(&s->store, order_line)->last_invoice_line;
         row != FL_NO_ROW && count < FL_SCRATCH_ROWS;
         row = fl_invoice_line_card(&s->store, row)->prev_of_order_line)
        s->scratch[count++] = row;
    while (count > 0 && pieces > 0) {
        uint32_t row = s->scratch[--count];
        int64_t ahead = fl_invoice_line_card(&s->store, row)->quantity -
                        fl_invoice_line_live(&s->store, row)->delivered;
        int64_t take = fl_min_i64(ahead, pieces);
        if (take > 0)
            recognise_pieces(s, row, take, sum);
        pieces -= take;
    }
}

static struct recognised ship_line(struct fl_state *s, const struct fl_part_line *part)
{
    const struct fl_order_line_live *before = fl_order_line_live(&s->store, part->line);
    int64_t ahead = fl_max_i64(before->invoiced - before->shipped, 0);
    struct recognised sum = {0, 0};
    if (ahead > 0)
        recognise_line(s, part->line, fl_min_i64(ahead, part->quantity), &sum);
    fl_order_line_change(s, part->line, part->quantity, 0, 0);
    uint32_t product = fl_order_line_card(&s->store, part->line)->product;
    struct fl_product_stock *stock = fl_product_stock_write(&s->store, product);
    stock->reserved -= part->quantity;
    stock->on_hand -= part->quantity;
    FL_ASSERT(stock->reserved >= 0); /* I4 */
    fl_fold(s, (uint64_t)stock->on_hand);
    return sum;
}

static struct recognised shipment_lines_add(struct fl_context *c, uint32_t shipment,
                                            uint32_t first, const struct fl_part_line *parts,
                                            uint32_t count)
{
    struct recognised recognised = {0, 0};
    for (uint32_t i = 0; i < count; i++) {
        struct recognised n = ship_line(c->s, &parts[i]);
        recognised.minor += n.minor;
        recognised.base_minor += n.base_minor;
        *fl_shipment_line_card_new(&c->s->store, first + i) =
            (struct fl_shipment_line_card){.quantity = parts[i].quantity,
                                           .recognised_minor = n.minor,
                                           .order_line = parts[i].line,
                                           .shipment = shipment};
    }
    return recognised;
}

static uint32_t shipment_add(struct fl_context *c, uint32_t order,
                             const struct fl_part_line *parts, uint32_t count)
{
    const struct fl_command_shipment *b = fl_command_body(c->command);
    const char *id = fl_command_text(c->command, c->command->id);
    struct fl_store *store = &c->s->store;
    uint32_t row = fl_store_add_row(store, FL_TABLE_shipment);
    uint32_t first = fl_store_add_rows(store, FL_TABLE_shipment_line, count);
    struct fl_shipment_card *card = fl_shipment_card_new(store, row);
    fl_id_set(c->s, &card->id, id, c->command->id.length);
    card->seq = c->s->seq;
    card->order = order;
    card->line_first = first;
    card->line_count = (uint16_t)count;
    card->date = c->command->date;
    struct recognised recognised = shipment_lines_add(c, row, first, parts, count);
    card->recognised_minor = recognised.minor;
    card->recognised_base_minor = recognised.base_minor;
    struct fl_order_live *live = fl_order_live_write(store, order);
    card->prev_of_order = live->last_shipment;
    live->last_shipment = row;
    *fl_shipment_cold_new(store, row) = (struct fl_shipment_cold){
        .content_hash = fl_content_hash(c->command),
        .carrier = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, b->carrier),
                               b->carrier.length),
        .tracking = fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, b->tracking),
                                b->tracking.length)};
    fl_shipment_live_write(store, row)->stage = b->stage ? b->stage : 1;
    fl_index_put(c->s, FL_INDEX_SHIPMENT, fl_own_hash(c, FL_INDEX_SHIPMENT), row);
    return row;
}

enum fl_status fl_apply_shipment(struct fl_context *c)
{
    const struct fl_command_shipment *b = fl_command_body(c->command);
    uint32_t row = fl_find_own_shipment(c);
    if (row != FL_NO_ROW) {
        c->made_row = row;
        bool same =
            fl_shipment_cold(&c->s->store, row)->content_hash == fl_content_hash(c->command);
        return same ? FL_DUPLICATE : FL_KEY_REUSED;
    }
    uint32_t count, order =
                        fl_find_order(c->s, fl_command_text(c->command, b->order), b->order.length);
    if (order == FL_NO_ROW)
        return fl_refuse_text(c, FL_NOT_FOUND, "order", b->order);
    FL_TRY(fl_policy_date(c));
    const struct fl_order_live *live = fl_order_live(&c->s->store, order);
    bool open = live->state == FL_ORDER_OPEN || live->state == FL_ORDER_PART_SHIPPED;
    bool done = live->state == FL_ORDER_SHIPPED || live->state == FL_ORDER_CANCELLED;
    if ((!open && !done) || (open && !live->confirmed))
        return fl_refuse_state(c, "order", b->order,
                               open ? "unconfirmed" : fl_order_state_word(live->state));
    enum fl_status status = fl_order_parts(c, order, b->lines, fl_order_line_open,
                                           c->s->draft_parts, &count);
    if (status == FL_NOTHING_OPEN)
        return fl_refuse_text(c, FL_NOTHING_OPEN, "order", b->order);
    FL_TRY(status);
    FL_TRY(shelf_check(c, c->s->draft_parts, count));
    c->made_row = shipment_add(c, order, c->s->draft_parts, count);
    struct fl_entry entry;
    fl_posting_shipment(&c->s->store, c->made_row, &entry);
    fl_post_entry(c->s, &entry);
    fl_order_settle_state(c->s, order);
    if (fl_book(c->s)->invoice_on == FL_INVOICE_ON_SHIP) {
        uint32_t invoice;
        status = fl_invoice_issue(c, order, c->made_row, c->command->date, &invoice);
        return status == FL_NOTHING_OPEN ? FL_OK : status;
    }
    return FL_OK;
}
