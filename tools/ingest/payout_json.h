/* payout_json.h - a processor's payouts out of the JSON its interface gives: balance transactions.
 *
 * Read are Stripe's list ({"object":"list","data":[{"object":"balance_transaction",...}]}, or the
 * array alone) of the transactions of one payout, and Shopify's ({"transactions":[{"payout_id":...,
 * ...}]}) of any number of them.
 *
 *   J1, J2  payout_parts.h. What the list says of the amount is its transaction of type payout. The
 *       fee of a transaction is what is between amount and net.
 *   J5  Stripe's amounts are whole numbers of its smallest unit, which is not everywhere that of ISO
 *       4217 (ISK, UGX, MGA). A list has one payout, whose name is the source of its transaction of
 *       type payout; one that goes on (has_more) is refused, since a part would be missing.
 *   J6  Shopify's transactions name their payout, and need not stand together. Those in none yet, and
 *       those of tests, are passed over.
 *   J7  What a part was for is told by the source, where it is expanded: the order or invoice among
 *       its metadata, its invoice, its charge; else by the name of the source. Of Shopify the order.
 *   J8  A day is that of the transaction of type payout (when it becomes available), else the last
 *       one of its parts, in UTC, as these interfaces count days.
 *
 * Thread: one.  Memory: the file, FL_PAYOUT_JSON_BYTES_MAX at most, and its nodes (json_simd.h).
 */
#ifndef FLORIN_TOOLS_INGEST_PAYOUT_JSON_H
#define FLORIN_TOOLS_INGEST_PAYOUT_JSON_H

#include "tools/format/byte_source.h"
#include "tools/ingest/payout_parts.h"

#define FL_PAYOUT_JSON_BYTES_MAX (64u << 20) /* of 10,000 parts, expanded: a tenth of it */

/* Whether a file that begins so is such a list. */
bool fl_payout_json_is(const char *start, size_t length);

/* FL_UNREADABLE: no JSON, or not such a list, said where. Else as the sink says. */
enum fl_status fl_payout_json_read(struct fl_byte_source source, const struct fl_payout_sink *sink,
                                   struct fl_error *error) FL_MUST_USE;

#endif
