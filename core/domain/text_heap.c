/* Texts in heaps of 8-byte units, and ids with their inline part (schema.h). */
#include "core/base/bytes.h"
#include "core/domain/state.h"

static_assert(FL_ID_BYTES_MAX <= UINT8_MAX, "an id's length is a byte");

#define ID_INLINE 23
#define ID_PREFIX 19

struct fl_text_ref fl_text_put_some(struct fl_state *s, enum fl_table_id heap, const char *text,
                                    size_t length)
{
    FL_ASSERT(heap == FL_TABLE_text || heap == FL_TABLE_personal);
    FL_ASSERT(length <= FL_TEXT_BYTES_MAX * 2);
    uint32_t unit = fl_store_add_rows(&s->store, heap, (uint32_t)((length + 7) / 8));
    enum fl_column_id column =
        heap == FL_TABLE_text ? FL_COLUMN_text_heap : FL_COLUMN_personal_heap;
    fl_bytes_copy((char *)fl_store_fixed(&s->store, column, unit), text, length);
    return (struct fl_text_ref){unit, (uint32_t)length};
}

const char *fl_text_get(const struct fl_store *store, enum fl_table_id heap, struct fl_text_ref ref)
{
    if (ref.length == 0)
        return "";
    return heap == FL_TABLE_text ? fl_text_heap(store, ref.unit)->bytes
                                 : fl_personal_heap(store, ref.unit)->bytes;
}

void fl_id_set(struct fl_state *s, struct fl_id *id, const char *text, size_t length)
{
    FL_ASSERT(length > 0 && length <= FL_ID_BYTES_MAX);
    memset(id, 0, sizeof *id);
    id->length = (uint8_t)length;
    if (length <= ID_INLINE) {
        fl_bytes_copy(id->bytes, text, length);
        return;
    }
    struct fl_text_ref ref = fl_text_put(s, FL_TABLE_text, text, length);
    memcpy(id->bytes, &ref.unit, 4);
    memcpy(id->bytes + 4, text, ID_PREFIX);
}

const char *fl_id_get(const struct fl_store *store, const struct fl_id *id, size_t *length_out)
{
    *length_out = id->length;
    if (id->length <= ID_INLINE)
        return id->bytes;
    uint32_t unit;
    memcpy(&unit, id->bytes, 4);
    return fl_text_heap(store, unit)->bytes;
}

bool fl_id_equals(const struct fl_store *store, const struct fl_id *id, const char *text,
                  size_t length)
{
    if (id->length != length)
        return false;
    if (length <= ID_INLINE)
        return fl_bytes_equal(id->bytes, text, length);
    if (memcmp(id->bytes + 4, text, ID_PREFIX) != 0)
        return false;
    size_t stored;
    return memcmp(fl_id_get(store, id, &stored), text, length) == 0;
}
