#include "core/domain/match.h"

enum fl_status fl_match_check(struct fl_context *c, const struct fl_match *match)
{
    const struct fl_match_candidate *items = fl_command_list(c->command, match->candidates);
    bool fits = match->rule <= UINT8_MAX + 1u && match->points <= UINT8_MAX + 1u &&
                match->runner_up.rule <= UINT8_MAX + 1u &&
                match->runner_up.points <= UINT8_MAX + 1u;
    for (uint32_t i = 0; i < match->candidates.count; i++)
        fits &= items[i].rule <= UINT8_MAX + 1u && items[i].points <= UINT8_MAX + 1u;
    return fits ? FL_OK : fl_refuse(c, FL_OUT_OF_RANGE, "match", NULL, 0);
}

static uint8_t number(uint32_t optional)
{
    return (uint8_t)(optional ? optional - 1 : 0);
}

/* With the currency's decimals, if it has none too many. */
static size_t amount_text(struct fl_decimal amount, uint8_t currency, char *out)
{
    unsigned decimals = fl_currency_exponent(currency);
    int64_t minor;
    if (fl_decimal_scale(amount, decimals, &minor) == FL_OK)
        return fl_decimal_format(minor, decimals, out);
    return fl_decimal_format(amount.units, amount.scale, out);
}

/* Texts have no zero bytes: one behind each divides them. */
static struct fl_text_ref documents_put(struct fl_context *c, struct fl_list documents,
                                        uint8_t currency)
{
    const struct fl_match_document *items = fl_command_list(c->command, documents);
    uint32_t bytes = 0;
    char amount[48];
    for (uint32_t i = 0; i < documents.count; i++)
        bytes += items[i].id.length + 2 + (uint32_t)amount_text(items[i].amount, currency, amount);
    if (bytes == 0)
        return (struct fl_text_ref){0, 0};
    uint32_t unit = fl_store_add_rows(&c->s->store, FL_TABLE_text, (bytes + 7) / 8);
    char *at = fl_text_heap_new(&c->s->store, unit)->bytes;
    for (uint32_t i = 0; i < documents.count; i++) {
        memcpy(at, fl_command_text(c->command, items[i].id), items[i].id.length);
        at += items[i].id.length;
        *at++ = '\0';
        size_t n = amount_text(items[i].amount, currency, amount);
        memcpy(at, amount, n);
        at += n;
        *at++ = '\0';
    }
    return (struct fl_text_ref){unit, bytes};
}

static void candidate_add(struct fl_context *c, uint32_t match,
                          const struct fl_match_candidate *item, uint8_t currency)
{
    struct fl_text_ref documents = documents_put(c, item->documents, currency);
    struct fl_text_ref missing = fl_text_put(
        c->s, FL_TABLE_text, fl_command_text(c->command, item->missing), item->missing.length);
    uint32_t row = fl_store_add_row(&c->s->store, FL_TABLE_match_candidate);
    *fl_match_candidate_row_new(&c->s->store, row) =
        (struct fl_match_candidate_row){.documents = documents,
                                        .missing = missing,
                                        .match = match,
                                        .rule = number(item->rule),
                                        .points = number(item->points)};
}

static bool is_given(const struct fl_match_candidate *item)
{
    return item->rule || item->points || item->missing.length > 0 || item->documents.count > 0;
}

void fl_match_add(struct fl_context *c, uint32_t movement, struct fl_text by,
                  const struct fl_match *match, uint8_t currency)
{
    struct fl_store *store = &c->s->store;
    const struct fl_match_candidate *items = fl_command_list(c->command, match->candidates);
    bool runner_up = is_given(&match->runner_up);
    if (by.length == 0 && match->reason.length == 0 && !runner_up && match->candidates.count == 0)
        return;
    uint32_t first = store->rows[FL_TABLE_match_candidate], row = store->rows[FL_TABLE_match];
    if (runner_up)
        candidate_add(c, row, &match->runner_up, currency);
    for (uint32_t i = 0; i < match->candidates.count; i++)
        candidate_add(c, row, &items[i], currency);
    struct fl_text_ref who =
        fl_text_put(c->s, FL_TABLE_text, fl_command_text(c->command, by), by.length);
    struct fl_text_ref reason = fl_text_put(
        c->s, FL_TABLE_text, fl_command_text(c->command, match->reason), match->reason.length);
    uint32_t added = fl_store_add_row(store, FL_TABLE_match);
    FL_ASSERT(added == row);
    *fl_match_row_new(store, row) =
        (struct fl_match_row){.by = who,
                              .reason = reason,
                              .movement = movement,
                              .candidate_first = first,
                              .candidate_count = (uint16_t)(match->candidates.count + runner_up),
                              .has_runner_up = runner_up};
}

uint32_t fl_match_find(const struct fl_store *store, uint32_t rows, uint32_t movement)
{
    uint32_t low = 0, high = rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (fl_match_row(store, middle)->movement < movement)
            low = middle + 1;
        else
            high = middle;
    }
    return low < rows && fl_match_row(store, low)->movement == movement ? low : FL_NO_ROW;
}

const char *fl_match_document_next(const struct fl_store *store, uint32_t candidate, uint32_t *at,
                                   const char **amount_out)
{
    struct fl_text_ref ref = fl_match_candidate_row(store, candidate)->documents;
    if (*at >= ref.length)
        return NULL;
    const char *id = fl_text_get(store, FL_TABLE_text, ref) + *at;
    *amount_out = id + strlen(id) + 1;
    *at = (uint32_t)(*amount_out + strlen(*amount_out) + 1 - (id - *at));
    return id;
}
