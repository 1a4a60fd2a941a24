#include "tools/cli/predict_segment.h"

#include <stdlib.h>
#include <string.h>

#include "core/domain/state.h"
#include "core/engine/engine.h"
#include "core/engine/record.h"

struct fl_segment_version {
    uint64_t seq;
    uint64_t offset;
    uint32_t customer;
    uint32_t length;
};

static bool version_grow(struct fl_segment_history *h, size_t bytes)
{
    if (h->count == h->capacity) {
        uint32_t capacity = h->capacity ? 2 * h->capacity : 1024;
        struct fl_segment_version *more = realloc(h->versions, capacity * sizeof *more);
        if (!more)
            return false;
        h->versions = more;
        h->capacity = capacity;
    }
    if (bytes > h->text_capacity - h->text_used) {
        size_t capacity = 2 * (h->text_capacity + bytes) + 4096;
        char *more = realloc(h->text, capacity);
        if (!more)
            return false;
        h->text = more;
        h->text_capacity = capacity;
    }
    return true;
}

static void version_add(struct fl_segment_history *h, const struct fl_command *command,
                        uint64_t seq)
{
    const struct fl_command_customer *body = fl_command_body(command);
    uint32_t customer = fl_engine_find(h->engine, FL_KIND_OF_CUSTOMER,
                                       fl_command_text(command, command->id), command->id.length);
    if (customer == FL_NO_ROW || seq > h->snapshot->seq)
        return;
    if (!version_grow(h, body->segment.length)) {
        h->failed = true;
        return;
    }
    memcpy(h->text + h->text_used, fl_command_text(command, body->segment), body->segment.length);
    h->versions[h->count++] =
        (struct fl_segment_version){seq, h->text_used, customer, body->segment.length};
    h->text_used += body->segment.length;
}

static void command_read(struct fl_segment_history *h, const struct fl_command *command,
                         uint64_t seq)
{
    if (command->type == FL_COMMAND_CUSTOMER)
        version_add(h, command, seq);
    if (command->type != FL_COMMAND_BATCH)
        return;
    const struct fl_command_batch *batch = fl_command_body(command);
    const char *at = (const char *)command + batch->commands.offset;
    for (uint32_t i = 0; i < batch->commands.count; i++) {
        const struct fl_command *member = (const struct fl_command *)at;
        if (member->type == FL_COMMAND_CUSTOMER)
            version_add(h, member, seq);
        at += member->bytes;
    }
}

static enum fl_status record_read(void *context, const struct fl_record *record, const char *file,
                                  uint64_t offset)
{
    struct fl_segment_history *h = context;
    (void)file;
    (void)offset;
    command_read(h, (const struct fl_command *)(record + 1), record->seq);
    return h->failed ? FL_NO_MEMORY : FL_OK;
}

static int version_order(const void *a, const void *b)
{
    const struct fl_segment_version *x = a, *y = b;
    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset); /* two in one batch */
}

static bool some_changed(const struct fl_snapshot *s)
{
    for (uint32_t row = 0; row < s->rows[FL_TABLE_customer]; row++) {
        if (fl_at_customer_profile(s, row)->version_seq != fl_at_customer_card(s, row)->seq)
            return true;
    }
    return false;
}

enum fl_status fl_segment_history_open(struct fl_segment_history *h, const struct fl_report *report,
                                       const char *directory, struct fl_error *error)
{
    *h = (struct fl_segment_history){.snapshot = &report->snapshot, .engine = report->engine};
    if (!some_changed(h->snapshot))
        return FL_OK;
    enum fl_status status = fl_host_log(directory, 0, record_read, h, error);
    if (h->failed)
        return fl_error_set(error, FL_NO_MEMORY, "no memory for the history of segments");
    h->walked = status == FL_OK; /* else the log does not reach back: the last version has to do */
    if (h->count > 0)
        qsort(h->versions, h->count, sizeof *h->versions, version_order);
    return FL_OK;
}

void fl_segment_history_close(struct fl_segment_history *h)
{
    free(h->versions);
    free(h->text);
    *h = (struct fl_segment_history){.count = 0};
}

/* The last version at or before the invoice. */
static const char *walked_at(const struct fl_segment_history *h, uint32_t customer, uint64_t seq,
                             size_t *length)
{
    uint32_t low = 0, high = h->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct fl_segment_version *v = &h->versions[middle];
        if (v->customer < customer || (v->customer == customer && v->seq <= seq))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || h->versions[low - 1].customer != customer)
        return NULL;
    *length = h->versions[low - 1].length;
    return h->text + h->versions[low - 1].offset;
}

const char *fl_segment_at_issue(void *context, uint32_t invoice, size_t *length_out)
{
    const struct fl_segment_history *h = context;
    const struct fl_invoice_card *card = fl_at_invoice_card(h->snapshot, invoice);
    const struct fl_customer_profile *profile = fl_at_customer_profile(h->snapshot, card->customer);
    *length_out = 0;
    if (h->walked)
        return walked_at(h, card->customer, card->seq, length_out);
    if (card->seq < profile->version_seq)
        return NULL;
    *length_out = profile->segment.length;
    return profile->segment.length > 0
               ? fl_text_get(h->snapshot->store, FL_TABLE_text, profile->segment)
               : NULL;
}
