/* gen_names.h - what things are called in a workload: ids, companies, IBANs.
 *
 * A name is a function of a number: nothing is kept. Ids are a prefix and at least six digits, from
 * 1 ("INV-000001"); the prefix of invoices is not the book's series, so that the engine accepts ids
 * that the bank files already name. Companies are put together from own lists, with umlauts and
 * ampersands, and differ for every number below FL_GEN_COMPANIES. IBANs have valid check digits and
 * bank codes that no bank has.
 *
 * Thread: any.  Memory: none.
 */
#ifndef FLORIN_TOOLS_GEN_GEN_NAMES_H
#define FLORIN_TOOLS_GEN_GEN_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum fl_gen_id_kind {
    FL_GEN_ID_CUSTOMER, /* C- */
    FL_GEN_ID_PRODUCT,  /* P- */
    FL_GEN_ID_ORDER,    /* SO- */
    FL_GEN_ID_SHIPMENT, /* SH- */
    FL_GEN_ID_INVOICE,  /* INV- */
    FL_GEN_ID_RECEIPT,  /* R- */
    FL_GEN_ID_STOCK,    /* ST- */
    FL_GEN_ID_CREDIT,   /* CN- */
};

#define FL_GEN_ID_BYTES 24      /* with the NUL */
#define FL_GEN_NAME_BYTES 96    /* with the NUL */
#define FL_GEN_IBAN_BYTES 23    /* with the NUL */
#define FL_GEN_COMPANIES 884736 /* 48 x 48 x 48 x 8 */

/* Numbers count from 0, names from 1. Writes a NUL; returns the length. */
size_t fl_gen_id(enum fl_gen_id_kind kind, uint32_t number, char out[FL_GEN_ID_BYTES]);

/* "Nordwind Möbel GmbH, Altheim". Beyond FL_GEN_COMPANIES a number is appended. */
size_t fl_gen_company(uint32_t number, char out[FL_GEN_NAME_BYTES]);
/* What the product is called. */
size_t fl_gen_product(uint32_t number, char out[FL_GEN_NAME_BYTES]);
/* A person who is no customer: "Anna Berger". */
size_t fl_gen_person(uint32_t number, char out[FL_GEN_NAME_BYTES]);

/* The IBAN of account `number` at bank `bank` (0..99). Returns 22. */
size_t fl_gen_iban(uint32_t bank, uint64_t number, char out[FL_GEN_IBAN_BYTES]);

/* Letters that old bank formats do not have: "Müller" -> "Mueller", and upper case. In place; the
 * text never grows, since each such letter takes two bytes already. */
size_t fl_gen_plain(char *text, size_t length);

#endif
