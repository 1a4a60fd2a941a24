/* status.h - the one table of answers: number, name, class.
 *
 * Numbers are durable (they stand in WAL records and client programs): append, never renumber.
 * Within invalid and within refused the order here is the order of precedence: where several
 * answers would be true, the first one is given (rulings, Defaults and codes).
 */
#ifndef FLORIN_CORE_BASE_STATUS_H
#define FLORIN_CORE_BASE_STATUS_H

#include <stdint.h>

enum fl_status_class {
    FL_CLASS_ACCEPTED,    /* done                                        */
    FL_CLASS_DUPLICATE,   /* done before; the first answer again         */
    FL_CLASS_REFUSED,     /* the business says no                        */
    FL_CLASS_INVALID,     /* the command makes no sense                  */
    FL_CLASS_UNAVAILABLE, /* nothing decided: send it again later        */
    FL_CLASS_FAILED,      /* the world failed: storage, input, usage     */
};

/* X(symbol, number, name, class) */
#define FL_STATUS_TABLE(X)                                                                        \
    X(FL_OK, 0, "ok", FL_CLASS_ACCEPTED)                                                          \
    X(FL_DUPLICATE, 1, "duplicate", FL_CLASS_DUPLICATE)                                           \
    X(FL_BAD_JSON, 10, "bad_json", FL_CLASS_INVALID)                                              \
    X(FL_UNKNOWN_TYPE, 11, "unknown_type", FL_CLASS_INVALID)                                      \
    X(FL_UNKNOWN_FIELD, 12, "unknown_field", FL_CLASS_INVALID)                                    \
    X(FL_MISSING_FIELD, 13, "missing_field", FL_CLASS_INVALID)                                    \
    X(FL_BAD_VALUE, 14, "bad_value", FL_CLASS_INVALID)                                            \
    X(FL_TOO_MANY_DECIMALS, 15, "too_many_decimals", FL_CLASS_INVALID)                            \
    X(FL_OUT_OF_RANGE, 16, "out_of_range", FL_CLASS_INVALID)                                      \
    X(FL_NOT_UTF8, 17, "not_utf8", FL_CLASS_INVALID)                                              \
    X(FL_TOO_LONG, 18, "too_long", FL_CLASS_INVALID)                                              \
    X(FL_KEY_REUSED, 40, "key_reused", FL_CLASS_REFUSED)                                          \
    X(FL_NOT_FOUND, 41, "not_found", FL_CLASS_REFUSED)                                            \
    X(FL_EXISTS, 42, "exists", FL_CLASS_REFUSED)                                                  \
    X(FL_CLOCK_BACKWARDS, 43, "clock_backwards", FL_CLASS_REFUSED)                                \
    X(FL_PERIOD_CLOSED, 44, "period_closed", FL_CLASS_REFUSED)                                    \
    X(FL_DATE_BEFORE_DOCUMENT, 45, "date_before_document", FL_CLASS_REFUSED)                      \
    X(FL_CURRENCY_DIFFERS, 46, "currency_differs", FL_CLASS_REFUSED)                              \
    X(FL_NO_RATE, 47, "no_rate", FL_CLASS_REFUSED)                                                \
    X(FL_WRONG_STATE, 48, "wrong_state", FL_CLASS_REFUSED)                                        \
    X(FL_SERIES_RESERVED, 49, "series_reserved", FL_CLASS_REFUSED)                                \
    X(FL_CUSTOMER_HOLD, 50, "customer_hold", FL_CLASS_REFUSED)                                    \
    X(FL_NOTHING_OPEN, 51, "nothing_open", FL_CLASS_REFUSED)                                      \
    X(FL_EXCEEDS_OPEN, 52, "exceeds_open", FL_CLASS_REFUSED)                                      \
    X(FL_EXCEEDS_UNAPPLIED, 53, "exceeds_unapplied", FL_CLASS_REFUSED)                            \
    X(FL_EXCEEDS_CREDITABLE, 54, "exceeds_creditable", FL_CLASS_REFUSED)                          \
    X(FL_EXCEEDS_REFUNDABLE, 55, "exceeds_refundable", FL_CLASS_REFUSED)                          \
    X(FL_UNBALANCED, 56, "unbalanced", FL_CLASS_REFUSED)                                          \
    X(FL_STOCK_SHORT, 57, "stock_short", FL_CLASS_REFUSED)                                        \
    X(FL_CREDIT_LIMIT, 58, "credit_limit", FL_CLASS_REFUSED)                                      \
    X(FL_NO_SPACE, 80, "no_space", FL_CLASS_UNAVAILABLE)                                          \
    X(FL_NO_MEMORY, 81, "no_memory", FL_CLASS_UNAVAILABLE)                                        \
    X(FL_BUSY, 82, "busy", FL_CLASS_UNAVAILABLE)                                                  \
    X(FL_STOPPING, 83, "stopping", FL_CLASS_UNAVAILABLE)                                          \
    X(FL_SNAPSHOT_TOO_OLD, 84, "snapshot_too_old", FL_CLASS_UNAVAILABLE)                          \
    X(FL_IO_ERROR, 100, "io_error", FL_CLASS_FAILED)                                              \
    X(FL_CORRUPT, 101, "corrupt", FL_CLASS_FAILED)                                                \
    X(FL_NEWER_FORMAT, 102, "newer_format", FL_CLASS_FAILED)                                      \
    X(FL_LOCKED, 103, "locked", FL_CLASS_FAILED)                                                  \
    X(FL_UNREADABLE, 104, "unreadable", FL_CLASS_FAILED)                                          \
    X(FL_UNSUPPORTED, 105, "unsupported", FL_CLASS_FAILED)

enum fl_status {
#define FL_STATUS_ENUM(symbol, number, name, class) symbol = number,
    FL_STATUS_TABLE(FL_STATUS_ENUM)
#undef FL_STATUS_ENUM
};

/* The stable name ("stock_short"); never null. */
const char *fl_status_name(enum fl_status status);

enum fl_status_class fl_status_class(enum fl_status status);

/* A message for people beside a status, outside core. Callers that want none pass null. */
struct fl_error {
    enum fl_status status;
    char message[256];
};

/* Fills `error` if it is not null (printf-like, truncated) and returns `status`. */
enum fl_status fl_error_set(struct fl_error *error, enum fl_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
