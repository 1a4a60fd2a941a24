/* match_name.h - which customer a misspelt name is (rules 8: it only proposes).
 *
 * Names are compared as sets of words in folded form: each word of one goes to the most alike word of the other, and
 * what agrees is counted against the shorter name, so that an address behind it does not matter. A hundred is equal.
 * One customer is meant where it has 90 and no other more than 80.
 *
 * Candidates share the beginning or the end of at least two words with the name (a slip is in one of them); of scripts
 * without blanks a name is one word, and both its ends count. Pieces that many customers have are not looked at: a name
 * made of nothing but such is not found.
 *
 * Pure.  Cost: some microseconds; asked only where nothing else tells the payer.
 */
#ifndef FLORIN_ANALYTICS_MATCH_NAME_H
#define FLORIN_ANALYTICS_MATCH_NAME_H

#include "analytics/match_index.h"

#define FL_MATCH_PIECE_MAX 24 /* customers of one piece: with so many it is left out */

/* 0 to 100. Folded names. */
unsigned fl_match_name_likeness(const char *a, size_t a_length, const char *b, size_t b_length);

/* The pieces of a folded name under which it is found; at most `most`. */
uint32_t fl_match_name_pieces(const char *folded, size_t length, uint64_t *keys, uint32_t most);

/* The customer that is meant; FL_MATCH_NONE. */
uint32_t fl_match_name_find(const struct fl_match_index *index, const char *folded, size_t length);

#endif
