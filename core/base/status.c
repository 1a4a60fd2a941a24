#include "core/base/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *fl_status_name(enum fl_status status)
{
    switch (status) {
#define FL_STATUS_CASE(symbol, number, name, class)                                               \
    case symbol:                                                                                  \
        return name;
        FL_STATUS_TABLE(FL_STATUS_CASE)
#undef FL_STATUS_CASE
    }
    return "unknown";
}

enum fl_status_class fl_status_class(enum fl_status status)
{
    switch (status) {
#define FL_STATUS_CASE(symbol, number, name, class)                                               \
    case symbol:                                                                                  \
        return class;
        FL_STATUS_TABLE(FL_STATUS_CASE)
#undef FL_STATUS_CASE
    }
    return FL_CLASS_FAILED;
}

enum fl_status fl_error_set(struct fl_error *error, enum fl_status status, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}
