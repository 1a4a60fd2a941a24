/* contract.h - assertions that stay on in release.
 *
 * A broken invariant is a broken program: it aborts and says where. What a caller or the world can get
 * wrong is never an assertion, it is a status (status.h).
 */
#ifndef FLORIN_CORE_BASE_CONTRACT_H
#define FLORIN_CORE_BASE_CONTRACT_H

#include <assert.h>

#define FL_LIKELY(x) __builtin_expect(!!(x), 1)
#define FL_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define FL_MUST_USE __attribute__((warn_unused_result))
#define FL_CACHE_LINE 64

/* Writes "file:line: contract broken: text" to stderr and aborts. */
_Noreturn void fl_contract_broken(const char *text, const char *file, int line);

#define FL_ASSERT(condition)                                                                      \
    do {                                                                                          \
        if (FL_UNLIKELY(!(condition)))                                                            \
            fl_contract_broken(#condition, __FILE__, __LINE__);                                   \
    } while (0)

/* Returns the status of the caller early unless it is FL_OK. */
#define FL_TRY(expression)                                                                        \
    do {                                                                                          \
        enum fl_status fl_try_status_ = (expression);                                             \
        if (FL_UNLIKELY(fl_try_status_ != FL_OK))                                                 \
            return fl_try_status_;                                                                \
    } while (0)

#endif
