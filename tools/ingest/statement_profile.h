/* statement_profile.h - what a person declares of a bank's files, where they do not say it
 * themselves.
 *
 *     {"format":"csv","charset":"windows-1252","separator":";","decimal":",","thousands":".",
 *      "date":"DD.MM.YYYY","skip":11,
 *      "columns":{"date":"Buchungstag","value_date":"Valuta","amount":"Umsatz","sign":"S/H",
 *                 "currency":"Waehrung","text":["Vorgang","Notiz"],"name":"Empfaenger",
 *                 "account":"IBAN","bank_ref":"Id","balance":"Saldo"},
 *      "account":"DE89370400440532013000","currency":"EUR","reversal_flips":false}
 *
 * "format" is csv, payout (payout_csv.h), mt940, camt, bai2 or ofx. Every field is optional. A column is a heading, or its number from 1. With "debit" and "credit"
 * instead of "amount" money out and in stand in columns of their own, both as positive numbers;
 * "sign" says the direction of an amount without one. "text" is one column or several. Beyond
 * those: "customer_ref", "end_to_end", "reference" (the creditor's, with check digits), "status".
 *
 *   Q1  Where "columns" is given it is the whole truth: no other column is read. If all of them
 *       are numbers, the file has no headings. Else the headings tell (csv_columns.h).
 *   Q2  What is declared is not proved: a row that contradicts it is refused.
 *   Q3  "reversal_flips": whether a mark of reversal turns the direction that stands beside it. It
 *       does in MT940 (RC takes money out) and CSV, it does not in camt, where CdtDbtInd says what
 *       the bank did; banks that do otherwise are told by it.
 *   Q4  "account" and "currency" hold for what the file leaves open, in every format.
 *
 * Thread: any, once read.  Memory: the struct; nothing else is kept.
 */
#ifndef FLORIN_TOOLS_INGEST_STATEMENT_PROFILE_H
#define FLORIN_TOOLS_INGEST_STATEMENT_PROFILE_H

#include "core/base/limits.h"
#include "tools/ingest/csv_columns.h"

#define FL_PROFILE_NAME_BYTES_MAX 128 /* of a heading */
#define FL_PROFILE_FILE_BYTES_MAX (1u << 20)

struct fl_profile_column {
    bool given;
    uint32_t number; /* from 1; 0: by its name */
    char name[FL_PROFILE_NAME_BYTES_MAX + 1];
};

enum fl_profile_choice { FL_PROFILE_UNSAID, FL_PROFILE_YES, FL_PROFILE_NO };

/* All zero: nothing is declared. */
struct fl_statement_profile {
    char format[16];  /* "csv", "mt940", "camt", ...; "": told by the content */
    char charset[32]; /* "": none declared */
    char separator;   /* 0: found */
    char decimal;     /* '.' or ','; 0: proved by the rows */
    bool thousands_given;
    char thousands[8];
    unsigned date_order; /* FL_CSV_DMY and its kin; 0: proved by the rows */
    uint32_t skip_lines;
    bool columns_given;
    struct fl_profile_column columns[FL_CSV_ROLES];
    struct fl_profile_column texts[FL_CSV_TEXTS_MAX];
    uint32_t texts_count;
    char account[FL_ID_BYTES_MAX + 1];
    uint8_t currency;
    uint8_t currency_default; /* not of the profile: the book's, where a CSV leaves it open */
    enum fl_profile_choice reversal_flips;
};

/* Reads one from JSON. FL_BAD_VALUE and its kin: the message names the field. */
enum fl_status fl_statement_profile_read(const char *json, size_t length,
                                         struct fl_statement_profile *out,
                                         struct fl_error *error) FL_MUST_USE;
/* The same from a file. FL_UNREADABLE: there is none, or it is no profile. */
enum fl_status fl_statement_profile_open(const char *path, struct fl_statement_profile *out,
                                         struct fl_error *error) FL_MUST_USE;

#endif
