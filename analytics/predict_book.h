/* predict_book.h - the rows that prediction reads, out of a snapshot.
 *
 *   K1  Every invoice is a row, by its day of issue. It is paid if cash (or credit of another
 *       document) closed it, on the day it reached 0 last; credited or written off it left unpaid.
 *   K2  The parts are those of the customer's segment at issue, separated by "/", two at most, and
 *       its country.
 *   K3  It is disputed from the day of its first dispute, whatever became of it.
 *
 * An invoice in instalments counts once, by its own due date. Numbers given by the caller who knows
 * the history of the masters; the snapshot has their last version alone.
 *
 * Thread: any. Memory: malloc, 48 bytes an invoice. Cost: one pass and a sort.
 */
#ifndef FLORIN_ANALYTICS_PREDICT_BOOK_H
#define FLORIN_ANALYTICS_PREDICT_BOOK_H

#include <stddef.h>

#include "analytics/predict_model.h"
#include "core/data/snapshot.h"

/* The segment that the customer of an invoice had when it was issued; null or length 0: none. Valid
 * until the next call. */
struct fl_predict_segments {
    const char *(*at_issue)(void *context, uint32_t invoice, size_t *length_out);
    void *context;
};

struct fl_predict_name {
    char *text;
    size_t length;
};

/* Parts of segments, numbered as they are met. */
struct fl_predict_names {
    struct fl_predict_name *names;
    uint32_t count, capacity;
    uint32_t *slots; /* number + 1 by hash */
    uint32_t slot_count;
};

struct fl_predict_book {
    struct fl_predict_set set;
    struct fl_predict_names parts;
};

/* FL_NO_MEMORY. `segments` null: none are known. fl_predict_book_free afterwards. */
enum fl_status fl_predict_book_make(const struct fl_snapshot *snapshot,
                                    const struct fl_predict_segments *segments,
                                    struct fl_predict_book *out);
void fl_predict_book_free(struct fl_predict_book *book);

/* By day of issue; rows of a day stay as they were. False: no memory. */
bool fl_predict_set_sort(struct fl_predict_set *set);

/* The number of a name, given now if it is new; FL_PREDICT_NO_PART if memory is refused. */
uint32_t fl_predict_name_at(struct fl_predict_names *names, const char *text, size_t length);
void fl_predict_names_free(struct fl_predict_names *names);

#endif
