/* csv_values.h - amounts and days of a CSV cell, in every form a cell can be read.
 *
 * "1.000" is a thousand or a one, "03/04/2024" lies in March or in April: a cell alone cannot say.
 * So a cell is asked for all its readings; whoever sees the whole file keeps those that fit every
 * row, and takes a value only when one reading is left (semantics 4: they are properties of the
 * file).
 *
 *   L1  A reading is exact or none: thousands stand in groups of three (or 2-2-3, as in India), a
 *       group never begins with a lone zero, one separator does not play both parts.
 *   L2  Signs are read wherever banks put them: in front, behind, brackets, "DR", U+2212. A
 *       currency beside the number is cut off; a code or the euro sign also says which one it is.
 *   L3  A day is the first three parts of the cell; a time behind it means nothing.
 *
 * Thread: any.  Memory: none.
 */
#ifndef FLORIN_TOOLS_INGEST_CSV_VALUES_H
#define FLORIN_TOOLS_INGEST_CSV_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/decimal.h"
#include "tools/format/slice.h"

/* Forms of numbers, as a mask. */
#define FL_CSV_POINT      1u
#define FL_CSV_COMMA      2u
#define FL_CSV_ANY_NUMBER 3u

/* Orders of dates, as a mask, and their number. */
#define FL_CSV_DMY         1u
#define FL_CSV_MDY         2u
#define FL_CSV_YMD         4u
#define FL_CSV_ANY_DATE    7u
#define FL_CSV_DATE_ORDERS 3

struct fl_csv_number {
    struct fl_slice body; /* digits and separators; empty: a blank cell */
    bool negative;
    uint8_t currency; /* named beside it; 0: none */
    bool symbol;      /* one of several currencies: "$" */
};

/* Cuts sign and currency off. False: there is something in the cell that is no number. */
bool fl_csv_number_open(struct fl_slice cell, struct fl_csv_number *out);

/* Reads the body in one form. `thousands`: the separator that was declared, "" for none; null: any
 * (point or comma, whichever is not the decimal sign, blanks, apostrophes). The sign is applied.
 * FL_BAD_VALUE: not a number in this form. FL_OUT_OF_RANGE. */
enum fl_status fl_csv_number_read(const struct fl_csv_number *number, unsigned form,
                                  const char *thousands, struct fl_decimal *out);

/* The forms of `forms` in which the body can be read. `*differ_out`: it reads in two of them, as
 * two numbers. */
unsigned fl_csv_number_forms(const struct fl_csv_number *number, unsigned forms,
                             const char *thousands, bool *differ_out);

/* The orders of `orders` in which the cell is a day; days_out[i] is the day of order 1 << i, or 0.
 * A year of two digits comes first only where no other order is asked for. */
unsigned fl_csv_date_forms(struct fl_slice cell, unsigned orders,
                           uint16_t days_out[FL_CSV_DATE_ORDERS]);

/* The order that a declared format means: "DD.MM.YYYY", "M/D/YY", "%d.%m.%Y", "yyyyMMdd"; 0: none.
 */
unsigned fl_csv_date_order(const char *format);

/* Blanks of every kind gone from both sides, U+00A0 and its kin too. */
struct fl_slice fl_csv_trim(struct fl_slice cell);

/* How much of a cell goes into a message: a few characters, whole ones. */
int fl_csv_shown(struct fl_slice cell);

#endif
