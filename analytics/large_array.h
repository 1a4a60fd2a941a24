/* large_array.h - memory of what is read or written at random: from 2 MiB on in large pages.
 *
 * A look-up in a large array is a miss; in small pages it is a second one for the page's place, and
 * a first touch is a fault each 4 KiB. Thread: any. free() gives it back.
 */
#ifndef FLORIN_ANALYTICS_LARGE_ARRAY_H
#define FLORIN_ANALYTICS_LARGE_ARRAY_H

#include <stddef.h>

/* Not cleared; null: there is no such memory. */
void *fl_large_array(size_t bytes);

#endif
