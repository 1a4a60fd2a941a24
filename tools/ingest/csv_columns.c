#define _GNU_SOURCE /* memmem */
#include "tools/ingest/csv_columns.h"

#include <string.h>

#include "core/base/currency.h"
#include "tools/ingest/csv_values.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- the normal form ------------------------------------------------------------------------ */

/* Letters of Latin-1 and Latin Extended-A without their marks, from U+00C0 on. */
static const char folded[] = "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
                             "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                             "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static size_t sequence_length(unsigned char first)
{
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* A character beyond ASCII: what it becomes, up to 4 bytes. */
static size_t fold(const char *at, size_t n, char out[4])
{
    unsigned code = n == 2 ? ((unsigned)(at[0] & 0x1F) << 6) | (unsigned)(at[1] & 0x3F) : 0;
    if (code >= 0xC0 && code - 0xC0 < sizeof folded - 1) {
        char c = folded[code - 0xC0];
        out[0] = c;
        return c >= 'a' && c <= 'z';
    }
    if (code >= 0x80 && code < 0xC0) /* blanks and marks: U+00A0, the degree sign */
        return 0;
    if (code >= 0x410 && code <= 0x42F) /* Cyrillic capitals */
        code += 0x20;
    memcpy(out, at, n);
    if (n == 2) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
    }
    return n;
}

size_t fl_csv_normal(struct fl_slice text, char out[FL_CSV_NORMAL_BYTES_MAX])
{
    size_t used = 0;
    for (size_t i = 0; i < text.length && used + 5 < FL_CSV_NORMAL_BYTES_MAX;) {
        unsigned char c = (unsigned char)text.at[i];
        size_t n = sequence_length(c);
        if (n > 1 && i + n <= text.length)
            used += fold(text.at + i, n, out + used);
        else if (c >= 'A' && c <= 'Z')
            out[used++] = (char)(c | 0x20);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[used++] = (char)c;
        i += n;
    }
    out[used] = '\0';
    return used;
}

/* ---- headings ------------------------------------------------------------------------------- */

struct heading {
    const char *name;
    uint8_t role, rank; /* of one role the lowest rank wins, then the leftmost column */
};

static const struct heading headings[] = {
    /* Booking date. */
    {"bookingdate", FL_CSV_DATE, 1},
    {"bookedat", FL_CSV_DATE, 1},
    {"datedeloperation", FL_CSV_DATE, 1},
    {"bookeddate", FL_CSV_DATE, 1},
    {"bookedon", FL_CSV_DATE, 1},
    {"postingdate", FL_CSV_DATE, 1},
    {"postdate", FL_CSV_DATE, 1},
    {"posteddate", FL_CSV_DATE, 1},
    {"entrydate", FL_CSV_DATE, 1},
    {"buchungstag", FL_CSV_DATE, 1},
    {"buchungsdatum", FL_CSV_DATE, 1},
    {"buchung", FL_CSV_DATE, 1},
    {"datecomptable", FL_CSV_DATE, 1},
    {"datedecomptabilisation", FL_CSV_DATE, 1},
    {"dateoperation", FL_CSV_DATE, 1},
    {"datedoperation", FL_CSV_DATE, 1},
    {"fechaoperacion", FL_CSV_DATE, 1},
    {"fechacontable", FL_CSV_DATE, 1},
    {"foperacion", FL_CSV_DATE, 1},
    {"foper", FL_CSV_DATE, 1},
    {"dataoperazione", FL_CSV_DATE, 1},
    {"datacontabile", FL_CSV_DATE, 1},
    {"dataregistrazione", FL_CSV_DATE, 1},
    {"datamovimento", FL_CSV_DATE, 1},
    {"datalancamento", FL_CSV_DATE, 1},
    {"datadelancamento", FL_CSV_DATE, 1},
    {"dataoperacji", FL_CSV_DATE, 1},
    {"dataksiegowania", FL_CSV_DATE, 1},
    {"boekdatum", FL_CSV_DATE, 1},
    {"boekingsdatum", FL_CSV_DATE, 1},
    {"bokforingsdag", FL_CSV_DATE, 1},
    {"bokforingsdatum", FL_CSV_DATE, 1},
    {"bokfordato", FL_CSV_DATE, 1},
    {"bogfrtdato", FL_CSV_DATE, 1},
    {"bogfort", FL_CSV_DATE, 1},
    {"bogforingsdato", FL_CSV_DATE, 1},
    {"kirjauspaiva", FL_CSV_DATE, 1},
    {"datumzauctovani", FL_CSV_DATE, 1},
    {"konyvelesdatuma", FL_CSV_DATE, 1},
    {"datecreated", FL_CSV_DATE, 3},
    {"date", FL_CSV_DATE, 2},
    {"datum", FL_CSV_DATE, 2},
    {"fecha", FL_CSV_DATE, 2},
    {"data", FL_CSV_DATE, 2},
    {"dato", FL_CSV_DATE, 2},
    {"pvm", FL_CSV_DATE, 2},
    {"paivamaara", FL_CSV_DATE, 2},
    {"kuupaev", FL_CSV_DATE, 2},
    {"tarih", FL_CSV_DATE, 2},
    {"дата", FL_CSV_DATE, 2},
    {"ημερομηνια", FL_CSV_DATE, 2},
    {"日付", FL_CSV_DATE, 2},
    {"取引日", FL_CSV_DATE, 1},
    {"交易日期", FL_CSV_DATE, 1},
    {"日期", FL_CSV_DATE, 2},
    {"วันที่", FL_CSV_DATE, 2},
    {"transactiondate", FL_CSV_DATE, 3},
    {"transdate", FL_CSV_DATE, 3},
    {"transaktionsdatum", FL_CSV_DATE, 3},
    {"transactiedatum", FL_CSV_DATE, 3},
    {"datumzeit", FL_CSV_DATE, 4},
    {"datetime", FL_CSV_DATE, 4},
    {"creationdate", FL_CSV_DATE, 4},
    {"createdutc", FL_CSV_DATE, 4},
    {"created", FL_CSV_DATE, 5},
    {"completeddate", FL_CSV_DATE, 3},
    {"starteddate", FL_CSV_DATE, 6},
    /* Value date. */
    {"valuedate", FL_CSV_VALUE_DATE, 1},
    {"valuta", FL_CSV_VALUE_DATE, 2},
    {"valuedt", FL_CSV_VALUE_DATE, 1},
    {"valutadate", FL_CSV_VALUE_DATE, 1},
    {"valutadatum", FL_CSV_VALUE_DATE, 1},
    {"wertstellung", FL_CSV_VALUE_DATE, 1},
    {"wertstellungstag", FL_CSV_VALUE_DATE, 1},
    {"wert", FL_CSV_VALUE_DATE, 3},
    {"datevaleur", FL_CSV_VALUE_DATE, 1},
    {"datedevaleur", FL_CSV_VALUE_DATE, 1},
    {"fechavalor", FL_CSV_VALUE_DATE, 1},
    {"fvalor", FL_CSV_VALUE_DATE, 1},
    {"datavaluta", FL_CSV_VALUE_DATE, 1},
    {"datavalor", FL_CSV_VALUE_DATE, 1},
    {"datawaluty", FL_CSV_VALUE_DATE, 1},
    {"rentedatum", FL_CSV_VALUE_DATE, 1},
    {"rentedato", FL_CSV_VALUE_DATE, 1},
    {"arvopaiva", FL_CSV_VALUE_DATE, 1},
    {"availableonutc", FL_CSV_VALUE_DATE, 2},
    {"availableon", FL_CSV_VALUE_DATE, 2},
    /* Money. */
    {"net", FL_CSV_AMOUNT, 1},
    {"netto", FL_CSV_AMOUNT, 1},
    {"neto", FL_CSV_AMOUNT, 1},
    {"netamount", FL_CSV_AMOUNT, 1},
    {"amount", FL_CSV_AMOUNT, 2},
    {"creditdebitamount", FL_CSV_AMOUNT, 2},
    {"montanteuros", FL_CSV_AMOUNT, 2},
    {"transactionamount", FL_CSV_AMOUNT, 2},
    {"betrag", FL_CSV_AMOUNT, 2},
    {"betragineur", FL_CSV_AMOUNT, 2},
    {"umsatz", FL_CSV_AMOUNT, 2},
    {"umsatzineur", FL_CSV_AMOUNT, 2},
    {"montant", FL_CSV_AMOUNT, 2},
    {"importe", FL_CSV_AMOUNT, 2},
    {"importo", FL_CSV_AMOUNT, 2},
    {"montante", FL_CSV_AMOUNT, 2},
    {"valor", FL_CSV_AMOUNT, 3},
    {"value", FL_CSV_AMOUNT, 3},
    {"kwota", FL_CSV_AMOUNT, 2},
    {"kwotaoperacji", FL_CSV_AMOUNT, 2},
    {"bedrag", FL_CSV_AMOUNT, 2},
    {"belopp", FL_CSV_AMOUNT, 2},
    {"belop", FL_CSV_AMOUNT, 2},
    {"belob", FL_CSV_AMOUNT, 2},
    {"maara", FL_CSV_AMOUNT, 2},
    {"summa", FL_CSV_AMOUNT, 2},
    {"castka", FL_CSV_AMOUNT, 2},
    {"objem", FL_CSV_AMOUNT, 2},
    {"osszeg", FL_CSV_AMOUNT, 2},
    {"tutar", FL_CSV_AMOUNT, 2},
    {"suma", FL_CSV_AMOUNT, 2},
    {"сумма", FL_CSV_AMOUNT, 2},
    {"ποσο", FL_CSV_AMOUNT, 2},
    {"金額", FL_CSV_AMOUNT, 2},
    {"金额", FL_CSV_AMOUNT, 2},
    {"จำนวนเงิน", FL_CSV_AMOUNT, 2},
    {"gross", FL_CSV_GROSS, 1},
    {"brutto", FL_CSV_GROSS, 1},
    {"bruto", FL_CSV_GROSS, 1},
    {"brut", FL_CSV_GROSS, 1},
    {"lordo", FL_CSV_GROSS, 1},
    {"debit", FL_CSV_DEBIT, 1},
    {"debits", FL_CSV_DEBIT, 1},
    {"debitamount", FL_CSV_DEBIT, 1},
    {"debiteuros", FL_CSV_DEBIT, 1},
    {"netdebitnc", FL_CSV_DEBIT, 1},
    {"withdrawal", FL_CSV_DEBIT, 2},
    {"withdrawals", FL_CSV_DEBIT, 2},
    {"withdrawalamt", FL_CSV_DEBIT, 2},
    {"moneyout", FL_CSV_DEBIT, 2},
    {"paidout", FL_CSV_DEBIT, 2},
    {"soll", FL_CSV_DEBIT, 1},
    {"belastung", FL_CSV_DEBIT, 1},
    {"lastschrift", FL_CSV_DEBIT, 2},
    {"cargo", FL_CSV_DEBIT, 1},
    {"debe", FL_CSV_DEBIT, 1},
    {"debito", FL_CSV_DEBIT, 1},
    {"dare", FL_CSV_DEBIT, 1},
    {"addebiti", FL_CSV_DEBIT, 1},
    {"uscite", FL_CSV_DEBIT, 2},
    {"af", FL_CSV_DEBIT, 2},
    {"obciazenia", FL_CSV_DEBIT, 1},
    {"credit", FL_CSV_CREDIT, 1},
    {"credits", FL_CSV_CREDIT, 1},
    {"creditamount", FL_CSV_CREDIT, 1},
    {"crediteuros", FL_CSV_CREDIT, 1},
    {"netcreditnc", FL_CSV_CREDIT, 1},
    {"deposit", FL_CSV_CREDIT, 2},
    {"deposits", FL_CSV_CREDIT, 2},
    {"depositamt", FL_CSV_CREDIT, 2},
    {"moneyin", FL_CSV_CREDIT, 2},
    {"paidin", FL_CSV_CREDIT, 2},
    {"haben", FL_CSV_CREDIT, 1},
    {"gutschrift", FL_CSV_CREDIT, 1},
    {"abono", FL_CSV_CREDIT, 1},
    {"haber", FL_CSV_CREDIT, 1},
    {"credito", FL_CSV_CREDIT, 1},
    {"avere", FL_CSV_CREDIT, 1},
    {"accrediti", FL_CSV_CREDIT, 1},
    {"entrate", FL_CSV_CREDIT, 2},
    {"bij", FL_CSV_CREDIT, 2},
    {"uznania", FL_CSV_CREDIT, 1},
    {"dc", FL_CSV_SIGN, 1},
    {"cd", FL_CSV_SIGN, 1},
    {"drcr", FL_CSV_SIGN, 1},
    {"crdr", FL_CSV_SIGN, 1},
    {"debitcredit", FL_CSV_SIGN, 1},
    {"creditdebit", FL_CSV_SIGN, 1},
    {"creditdebitindicator", FL_CSV_SIGN, 1},
    {"debitcreditindicator", FL_CSV_SIGN, 1},
    {"cdtdbtind", FL_CSV_SIGN, 1},
    {"afbij", FL_CSV_SIGN, 1},
    {"bijaf", FL_CSV_SIGN, 1},
    {"sh", FL_CSV_SIGN, 1},
    {"sens", FL_CSV_SIGN, 1},
    {"segno", FL_CSV_SIGN, 1},
    {"signo", FL_CSV_SIGN, 1},
    {"sollhaben", FL_CSV_SIGN_OR_AMOUNT, 1},
    {"sollhabenkennzeichen", FL_CSV_SIGN, 1},
    {"debehaber", FL_CSV_SIGN_OR_AMOUNT, 1},
    {"dareavere", FL_CSV_SIGN_OR_AMOUNT, 1},
    {"currency", FL_CSV_CURRENCY, 2},
    {"netcurrency", FL_CSV_CURRENCY, 1},
    {"currencycode", FL_CSV_CURRENCY, 1},
    {"accountcurrency", FL_CSV_CURRENCY, 1},
    {"ccy", FL_CSV_CURRENCY, 2},
    {"curr", FL_CSV_CURRENCY, 3},
    {"wahrung", FL_CSV_CURRENCY, 2},
    {"waehrung", FL_CSV_CURRENCY, 2},
    {"devise", FL_CSV_CURRENCY, 2},
    {"monnaie", FL_CSV_CURRENCY, 2},
    {"moneda", FL_CSV_CURRENCY, 2},
    {"divisa", FL_CSV_CURRENCY, 2},
    {"moeda", FL_CSV_CURRENCY, 2},
    {"munt", FL_CSV_CURRENCY, 2},
    {"muntsoort", FL_CSV_CURRENCY, 2},
    {"waluta", FL_CSV_CURRENCY, 2},
    {"mena", FL_CSV_CURRENCY, 2},
    {"devizanem", FL_CSV_CURRENCY, 2},
    {"valuutta", FL_CSV_CURRENCY, 2},
    {"valuuta", FL_CSV_CURRENCY, 2},
    {"валюта", FL_CSV_CURRENCY, 2},
    {"通貨", FL_CSV_CURRENCY, 2},
    {"balance", FL_CSV_BALANCE, 1},
    {"runningbal", FL_CSV_BALANCE, 1},
    {"runningbalance", FL_CSV_BALANCE, 1},
    {"currentbalance", FL_CSV_BALANCE, 1},
    {"accountbalance", FL_CSV_BALANCE, 1},
    {"balanceafter", FL_CSV_BALANCE, 1},
    {"saldo", FL_CSV_BALANCE, 1},
    {"saldonachbuchung", FL_CSV_BALANCE, 1},
    {"kontostand", FL_CSV_BALANCE, 1},
    {"solde", FL_CSV_BALANCE, 1},
    {"saldonatrn", FL_CSV_BALANCE, 1},
    {"saldonamutatie", FL_CSV_BALANCE, 1},
    {"saldopooperacji", FL_CSV_BALANCE, 1},
    {"zustatek", FL_CSV_BALANCE, 1},
    {"bakiye", FL_CSV_BALANCE, 1},
    {"баланс", FL_CSV_BALANCE, 1},
    {"остаток", FL_CSV_BALANCE, 1},
    {"υπολοιπο", FL_CSV_BALANCE, 1},
    {"残高", FL_CSV_BALANCE, 1},
    {"余额", FL_CSV_BALANCE, 1},
    {"ยอดคงเหลือ", FL_CSV_BALANCE, 1},
    {"initialbalance", FL_CSV_OPENING, 1},
    {"openingbalance", FL_CSV_OPENING, 1},
    {"startsaldo", FL_CSV_OPENING, 1},
    {"beginsaldo", FL_CSV_OPENING, 1},
    {"anfangssaldo", FL_CSV_OPENING, 1},
    {"finalbalance", FL_CSV_CLOSING, 1},
    {"closingbalance", FL_CSV_CLOSING, 1},
    {"eindsaldo", FL_CSV_CLOSING, 1},
    {"endsaldo", FL_CSV_CLOSING, 1},
    /* Words of the payment, each a piece of the text. */
    {"text", FL_CSV_TEXT, 1},
    {"label", FL_CSV_TEXT, 1},
    {"description", FL_CSV_TEXT, 1},
    {"transactiondescription", FL_CSV_TEXT, 1},
    {"details", FL_CSV_TEXT, 1},
    {"detail", FL_CSV_TEXT, 1},
    {"memo", FL_CSV_TEXT, 1},
    {"note", FL_CSV_TEXT, 1},
    {"notes", FL_CSV_TEXT, 1},
    {"narrative", FL_CSV_TEXT, 1},
    {"narration", FL_CSV_TEXT, 1},
    {"particulars", FL_CSV_TEXT, 1},
    {"remarks", FL_CSV_TEXT, 1},
    {"paymentreference", FL_CSV_TEXT, 1},
    {"subject", FL_CSV_TEXT, 1},
    {"purpose", FL_CSV_TEXT, 1},
    {"message", FL_CSV_TEXT, 1},
    {"remittanceinformation", FL_CSV_TEXT, 1},
    {"paymentdetails", FL_CSV_TEXT, 1},
    {"invoiceid", FL_CSV_TEXT, 1},
    {"invoicenumber", FL_CSV_TEXT, 1},
    {"iddefactura", FL_CSV_TEXT, 1},
    {"rechnungsnummer", FL_CSV_TEXT, 1},
    {"verwendungszweck", FL_CSV_TEXT, 1},
    {"vorgangverwendungszweck", FL_CSV_TEXT, 1},
    {"buchungstext", FL_CSV_TEXT, 1},
    {"buchungsdetails", FL_CSV_TEXT, 1},
    {"avisierungstext", FL_CSV_TEXT, 1},
    {"mitteilung", FL_CSV_TEXT, 1},
    {"zahlungszweck", FL_CSV_TEXT, 1},
    {"betreff", FL_CSV_TEXT, 1},
    {"libelle", FL_CSV_TEXT, 1},
    {"libelleoperation", FL_CSV_TEXT, 1},
    {"communication", FL_CSV_TEXT, 1},
    {"communications", FL_CSV_TEXT, 1},
    {"motif", FL_CSV_TEXT, 1},
    {"concepto", FL_CSV_TEXT, 1},
    {"descripcion", FL_CSV_TEXT, 1},
    {"observaciones", FL_CSV_TEXT, 1},
    {"masdatos", FL_CSV_TEXT, 1},
    {"descrizione", FL_CSV_TEXT, 1},
    {"causale", FL_CSV_TEXT, 1},
    {"descricao", FL_CSV_TEXT, 1},
    {"historico", FL_CSV_TEXT, 1},
    {"omschrijving", FL_CSV_TEXT, 1},
    {"mededeling", FL_CSV_TEXT, 1},
    {"mededelingen", FL_CSV_TEXT, 1},
    {"naamomschrijving", FL_CSV_NAME, 1},
    {"beskrivelse", FL_CSV_TEXT, 1},
    {"beskrivning", FL_CSV_TEXT, 1},
    {"tekst", FL_CSV_TEXT, 1},
    {"meddelande", FL_CSV_TEXT, 1},
    {"viesti", FL_CSV_TEXT, 1},
    {"selite", FL_CSV_TEXT, 1},
    {"selgitus", FL_CSV_TEXT, 1},
    {"tytul", FL_CSV_TEXT, 1},
    {"tytuloperacji", FL_CSV_TEXT, 1},
    {"opisoperacji", FL_CSV_TEXT, 1},
    {"opis", FL_CSV_TEXT, 1},
    {"popis", FL_CSV_TEXT, 1},
    {"zpravaproprijemce", FL_CSV_TEXT, 1},
    {"kozlemeny", FL_CSV_TEXT, 1},
    {"aciklama", FL_CSV_TEXT, 1},
    {"назначение", FL_CSV_TEXT, 1},
    {"назначениеплатежа", FL_CSV_TEXT, 1},
    {"описание", FL_CSV_TEXT, 1},
    {"αιτιολογια", FL_CSV_TEXT, 1},
    {"摘要", FL_CSV_TEXT, 1},
    {"รายละเอียด", FL_CSV_TEXT, 1},
    {"item1", FL_CSV_TEXT, 1},
    {"item2", FL_CSV_TEXT, 1},
    /* The other side. */
    {"name", FL_CSV_NAME, 3},
    {"begunstigterauftraggeber", FL_CSV_NAME, 1},
    {"partnername", FL_CSV_NAME, 1},
    {"counterparty", FL_CSV_NAME, 2},
    {"counterpartyname", FL_CSV_NAME, 1},
    {"beneficiaryname", FL_CSV_CREDITOR_NAME, 1},
    {"merchantname", FL_CSV_NAME, 2},
    {"merchant", FL_CSV_NAME, 3},
    {"payee", FL_CSV_CREDITOR_NAME, 1},
    {"payer", FL_CSV_DEBTOR_NAME, 1},
    {"payername", FL_CSV_DEBTOR_NAME, 1},
    {"payeename", FL_CSV_CREDITOR_NAME, 1},
    {"debtorname", FL_CSV_DEBTOR_NAME, 1},
    {"creditorname", FL_CSV_CREDITOR_NAME, 1},
    {"empfangerauftraggebername", FL_CSV_NAME, 1},
    {"empfangerzahlungspflichtiger", FL_CSV_NAME, 1},
    {"begunstigterzahlungspflichtiger", FL_CSV_NAME, 1},
    {"beguenstigterzahlungspflichtiger", FL_CSV_NAME, 1},
    {"auftraggeberbegunstigter", FL_CSV_NAME, 1},
    {"auftraggeberempfanger", FL_CSV_NAME, 1},
    {"namezahlungsbeteiligter", FL_CSV_NAME, 1},
    {"auftraggeberzahlungsempfanger", FL_CSV_NAME, 4},
    {"zahlungspflichtiger", FL_CSV_DEBTOR_NAME, 1},
    {"zahlungspflichtigerin", FL_CSV_DEBTOR_NAME, 1},
    {"zahlungsempfanger", FL_CSV_CREDITOR_NAME, 1},
    {"zahlungsempfangerin", FL_CSV_CREDITOR_NAME, 1},
    {"contrepartie", FL_CSV_NAME, 1},
    {"nomcontrepartie", FL_CSV_NAME, 1},
    {"nom", FL_CSV_NAME, 3},
    {"nombre", FL_CSV_NAME, 3},
    {"contraparte", FL_CSV_NAME, 1},
    {"naamtegenpartij", FL_CSV_NAME, 1},
    {"tegenpartij", FL_CSV_NAME, 2},
    {"naam", FL_CSV_NAME, 3},
    {"navn", FL_CSV_NAME, 3},
    {"nazwakontrahenta", FL_CSV_NAME, 1},
    {"kontrahent", FL_CSV_NAME, 2},
    {"nazevprotiuctu", FL_CSV_NAME, 1},
    {"saajamaksaja", FL_CSV_NAME, 1},
    {"nimi", FL_CSV_NAME, 3},
    {"контрагент", FL_CSV_NAME, 1},
    {"counterpartyaccount", FL_CSV_ACCOUNT, 1},
    {"counterpartyiban", FL_CSV_ACCOUNT, 1},
    {"partneraccount", FL_CSV_ACCOUNT, 1},
    {"partneriban", FL_CSV_ACCOUNT, 1},
    {"empfangerauftraggeberiban", FL_CSV_ACCOUNT, 1},
    {"ibanzahlungsbeteiligter", FL_CSV_ACCOUNT, 1},
    {"kontonummeriban", FL_CSV_ACCOUNT, 2},
    {"gegenkonto", FL_CSV_ACCOUNT, 1},
    {"comptecontrepartie", FL_CSV_ACCOUNT, 1},
    {"tegenrekening", FL_CSV_ACCOUNT, 1},
    {"ibantegenpartij", FL_CSV_ACCOUNT, 1},
    {"tegenrekeningibanbban", FL_CSV_ACCOUNT, 1},
    {"rachunekkontrahenta", FL_CSV_ACCOUNT, 1},
    {"numerrachunkukontrahenta", FL_CSV_ACCOUNT, 1},
    {"protiucet", FL_CSV_ACCOUNT, 1},
    {"debtoraccount", FL_CSV_DEBTOR_ACCOUNT, 1},
    {"debtoriban", FL_CSV_DEBTOR_ACCOUNT, 1},
    {"payeraccount", FL_CSV_DEBTOR_ACCOUNT, 1},
    {"creditoraccount", FL_CSV_CREDITOR_ACCOUNT, 1},
    {"creditoriban", FL_CSV_CREDITOR_ACCOUNT, 1},
    {"payeeaccount", FL_CSV_CREDITOR_ACCOUNT, 1},
    {"bankaccount", FL_CSV_ACCOUNT, 3},
    {"cuentabancaria", FL_CSV_ACCOUNT, 3},
    /* Ours. */
    {"ownaccount", FL_CSV_OWN_ACCOUNT, 1},
    {"owniban", FL_CSV_OWN_ACCOUNT, 1},
    {"accountid", FL_CSV_OWN_ACCOUNT, 2},
    {"auftragskonto", FL_CSV_OWN_ACCOUNT, 1},
    {"ibanauftragskonto", FL_CSV_OWN_ACCOUNT, 1},
    {"kontonummer", FL_CSV_OWN_ACCOUNT, 2},
    {"rekening", FL_CSV_OWN_ACCOUNT, 2},
    {"rekeningnummer", FL_CSV_OWN_ACCOUNT, 2},
    {"ibanbban", FL_CSV_OWN_ACCOUNT, 1},
    {"merchantaccount", FL_CSV_OWN_ACCOUNT, 3},
    {"iban", FL_CSV_ANY_ACCOUNT, 1},
    {"account", FL_CSV_ANY_ACCOUNT, 2},
    {"accountnumber", FL_CSV_ANY_ACCOUNT, 1},
    {"accountno", FL_CSV_ANY_ACCOUNT, 1},
    {"konto", FL_CSV_ANY_ACCOUNT, 2},
    {"kontonr", FL_CSV_ANY_ACCOUNT, 3},
    {"compte", FL_CSV_ANY_ACCOUNT, 1},
    {"numerodecompte", FL_CSV_ANY_ACCOUNT, 1},
    {"cuenta", FL_CSV_ANY_ACCOUNT, 1},
    {"numerodecuenta", FL_CSV_ANY_ACCOUNT, 1},
    {"conto", FL_CSV_ANY_ACCOUNT, 1},
    {"conta", FL_CSV_ANY_ACCOUNT, 1},
    {"rachunek", FL_CSV_ANY_ACCOUNT, 1},
    {"numerrachunku", FL_CSV_ANY_ACCOUNT, 1},
    {"cislouctu", FL_CSV_ANY_ACCOUNT, 1},
    /* References. */
    {"transactionid", FL_CSV_BANK_REF, 1},
    {"transactionreference", FL_CSV_BANK_REF, 1},
    {"balancetransactionid", FL_CSV_BANK_REF, 1},
    {"transaktionsnr", FL_CSV_BANK_REF, 1},
    {"bankreference", FL_CSV_BANK_REF, 1},
    {"bankref", FL_CSV_BANK_REF, 1},
    {"pspreference", FL_CSV_BANK_REF, 1},
    {"fitid", FL_CSV_BANK_REF, 1},
    {"id", FL_CSV_BANK_REF, 2},
    {"iddetransaccion", FL_CSV_BANK_REF, 1},
    {"transaktionscode", FL_CSV_BANK_REF, 2},
    {"transaktionsid", FL_CSV_BANK_REF, 1},
    {"arkistointitunnus", FL_CSV_BANK_REF, 1},
    {"arkiveringsreferanse", FL_CSV_BANK_REF, 1},
    {"volgnr", FL_CSV_BANK_REF, 1},
    {"reference", FL_CSV_CUSTOMER_REF, 2},
    {"ref", FL_CSV_CUSTOMER_REF, 2},
    {"chqrefno", FL_CSV_CUSTOMER_REF, 2},
    {"refno", FL_CSV_CUSTOMER_REF, 2},
    {"referencenumber", FL_CSV_CUSTOMER_REF, 2},
    {"customerreference", FL_CSV_CUSTOMER_REF, 1},
    {"customerref", FL_CSV_CUSTOMER_REF, 1},
    {"merchantreference", FL_CSV_CUSTOMER_REF, 1},
    {"kundenreferenz", FL_CSV_CUSTOMER_REF, 1},
    {"kundenreferenzendtoend", FL_CSV_END_TO_END, 1},
    {"referenz", FL_CSV_CUSTOMER_REF, 2},
    {"referencia", FL_CSV_CUSTOMER_REF, 2},
    {"riferimento", FL_CSV_CUSTOMER_REF, 2},
    {"kenmerk", FL_CSV_CUSTOMER_REF, 2},
    {"betalingskenmerk", FL_CSV_REFERENCE, 1},
    {"reference1", FL_CSV_CUSTOMER_REF, 2},
    {"variabilnisymbol", FL_CSV_CUSTOMER_REF, 1},
    {"endtoend", FL_CSV_END_TO_END, 1},
    {"endtoendid", FL_CSV_END_TO_END, 1},
    {"endtoendreference", FL_CSV_END_TO_END, 1},
    {"endtoendreferenz", FL_CSV_END_TO_END, 1},
    {"endtoendidentifikation", FL_CSV_END_TO_END, 1},
    {"endtoendidentification", FL_CSV_END_TO_END, 1},
    {"creditorreference", FL_CSV_REFERENCE, 1},
    {"structuredcommunication", FL_CSV_REFERENCE, 1},
    {"communicationstructuree", FL_CSV_REFERENCE, 1},
    {"gestructureerdemededeling", FL_CSV_REFERENCE, 1},
    {"qrreferenz", FL_CSV_REFERENCE, 1},
    {"esrreferenz", FL_CSV_REFERENCE, 1},
    {"viitenumero", FL_CSV_REFERENCE, 1},
    {"viite", FL_CSV_REFERENCE, 2},
    {"kid", FL_CSV_REFERENCE, 1},
    {"ocr", FL_CSV_REFERENCE, 1},
    {"mandate", FL_CSV_MANDATE, 1},
    {"mandateid", FL_CSV_MANDATE, 1},
    {"mandatereference", FL_CSV_MANDATE, 1},
    {"mandatsreferenz", FL_CSV_MANDATE, 1},
    {"machtigingskenmerk", FL_CSV_MANDATE, 1},
    {"type", FL_CSV_CODE, 2},
    {"transactiontype", FL_CSV_CODE, 1},
    {"reportingcategory", FL_CSV_CODE, 1},
    {"transactioncode", FL_CSV_CODE, 1},
    {"buchungsart", FL_CSV_CODE, 1},
    {"umsatzart", FL_CSV_CODE, 1},
    {"status", FL_CSV_STATUS, 1},
    {"state", FL_CSV_STATUS, 2},
    {"statetype", FL_CSV_STATUS, 1},
    {"info", FL_CSV_STATUS, 3},
    {"umsatzstatus", FL_CSV_STATUS, 1},
    {"estado", FL_CSV_STATUS, 1},
    {"etat", FL_CSV_STATUS, 1},
};

/* Headings that are numbered: "Vwz.0", "Verwendungszweck 2", "Description-1". */
static const char *const numbered[] = {"vwz",          "verwendungszweck", "description",
                                       "omschrijving", "libelle",          "concepto",
                                       "zahlungsgrund"};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_numbered_text(const char *name, size_t length)
{
    while (length > 0 && name[length - 1] >= '0' && name[length - 1] <= '9')
        length--;
    for (size_t i = 0; i < COUNT(numbered); i++) {
        if (strlen(numbered[i]) == length && memcmp(numbered[i], name, length) == 0)
            return true;
    }
    return false;
}

static const struct heading *name_find(const char *name, size_t length)
{
    for (size_t i = 0; length > 0 && i < COUNT(headings); i++) {
        const char *known = headings[i].name;
        if (known[0] == name[0] && strncmp(known, name, length) == 0 && known[length] == '\0')
            return &headings[i];
    }
    return NULL;
}

uint8_t fl_csv_heading_currency(struct fl_slice heading)
{
    char code[3];
    size_t end = heading.length, n = 0;
    if (heading.length > 3 && memmem(heading.at, heading.length, "\xE2\x82\xAC", 3))
        return FL_CURRENCY_EUR;
    while (end > 0 && !is_letter(heading.at[end - 1]))
        end--;
    while (n < 3 && n < end && is_letter(heading.at[end - 1 - n])) {
        code[2 - n] = (char)(heading.at[end - 1 - n] & ~0x20);
        n++;
    }
    bool apart = n == 3 && end > 3 && !is_letter(heading.at[end - 4]);
    return apart ? fl_currency_find(code, 3) : FL_CURRENCY_NONE;
}

static const struct heading *heading_find(struct fl_slice text)
{
    static const struct heading numbered_text = {"", FL_CSV_TEXT, 1};
    char name[FL_CSV_NORMAL_BYTES_MAX];
    size_t length = fl_csv_normal(text, name);
    const struct heading *found = name_find(name, length);
    if (!found && length > 5 && fl_csv_heading_currency(text) != FL_CURRENCY_NONE) {
        bool sign =
            memcmp(name + length - 2, "in", 2) == 0; /* "Umsatz in": the euro sign is gone */
        length -= sign ? 0 : 3;
        found = name_find(name, length);
        if (!found && length > 2 && memcmp(name + length - 2, "in", 2) == 0)
            found = name_find(name, length - 2);
    }
    return !found && is_numbered_text(name, length) ? &numbered_text : found;
}

void fl_csv_columns_clear(struct fl_csv_columns *columns)
{
    *columns = (struct fl_csv_columns){0};
    for (unsigned i = 0; i < FL_CSV_ROLES; i++)
        columns->of[i] = FL_CSV_NO_COLUMN;
    columns->twice = FL_CSV_NO_COLUMN;
}

/* Whether the heading of that column stands in one before it, letter for letter. */
static bool heading_is_twice(const struct fl_csv_record *record, size_t column)
{
    char name[FL_CSV_NORMAL_BYTES_MAX], before[FL_CSV_NORMAL_BYTES_MAX];
    fl_csv_normal(record->fields[column], name);
    for (size_t i = 0; i < column; i++) {
        if (fl_csv_normal(record->fields[i], before) > 0 && strcmp(name, before) == 0)
            return true;
    }
    return false;
}

void fl_csv_columns_set(struct fl_csv_columns *columns, enum fl_csv_role role, uint32_t column)
{
    FL_ASSERT(role < FL_CSV_ROLES && column < FL_CSV_FIELDS_MAX);
    if (role == FL_CSV_TEXT) {
        if (columns->texts_count < FL_CSV_TEXTS_MAX)
            columns->texts[columns->texts_count++] = (uint16_t)column;
        return;
    }
    columns->of[role] = (int32_t)column;
    bool money_or_day = role == FL_CSV_DATE || role == FL_CSV_AMOUNT || role == FL_CSV_SIGN;
    if (money_or_day && column + 1 > columns->least)
        columns->least = column + 1;
}

bool fl_csv_columns_suffice(const struct fl_csv_columns *columns)
{
    const int32_t *of = columns->of;
    return of[FL_CSV_DATE] >= 0 &&
           (of[FL_CSV_AMOUNT] >= 0 || of[FL_CSV_DEBIT] >= 0 || of[FL_CSV_CREDIT] >= 0);
}

/* Two roles that need each other: gross is the amount where there is no net, an unsure sign column
 * is one where there is an amount. */
static void columns_settle(struct fl_csv_columns *columns, uint8_t ranks[FL_CSV_ROLES])
{
    int32_t *of = columns->of;
    if (of[FL_CSV_AMOUNT] < 0 && of[FL_CSV_GROSS] >= 0) {
        fl_csv_columns_set(columns, FL_CSV_AMOUNT, (uint32_t)of[FL_CSV_GROSS]);
        of[FL_CSV_GROSS] = FL_CSV_NO_COLUMN;
    }
    if (ranks[FL_CSV_AMOUNT] != 1)
        of[FL_CSV_GROSS] = FL_CSV_NO_COLUMN;
    int32_t unsure = of[FL_CSV_SIGN_OR_AMOUNT];
    if (unsure >= 0 && of[FL_CSV_AMOUNT] >= 0 && of[FL_CSV_SIGN] < 0)
        fl_csv_columns_set(columns, FL_CSV_SIGN, (uint32_t)unsure);
    else if (unsure >= 0 && of[FL_CSV_AMOUNT] < 0)
        fl_csv_columns_set(columns, FL_CSV_AMOUNT, (uint32_t)unsure);
    bool running = of[FL_CSV_CLOSING] >= 0 && of[FL_CSV_OPENING] < 0;
    if (of[FL_CSV_BALANCE] < 0 && running) { /* closing what the row did */
        of[FL_CSV_BALANCE] = of[FL_CSV_CLOSING];
        of[FL_CSV_CLOSING] = FL_CSV_NO_COLUMN;
    }
    /* The only name there is stands for the other side of both directions. */
    if (of[FL_CSV_NAME] < 0 && of[FL_CSV_DEBTOR_NAME] < 0)
        of[FL_CSV_NAME] = of[FL_CSV_CREDITOR_NAME];
}

bool fl_csv_columns_find(const struct fl_csv_record *record, struct fl_csv_columns *out)
{
    uint8_t ranks[FL_CSV_ROLES];
    memset(ranks, UINT8_MAX, sizeof ranks);
    fl_csv_columns_clear(out);
    for (size_t i = 0; i < record->count; i++) {
        const struct heading *heading = heading_find(record->fields[i]);
        bool counts = heading && (heading->role == FL_CSV_AMOUNT || heading->role == FL_CSV_DATE ||
                                  heading->role == FL_CSV_DEBIT || heading->role == FL_CSV_CREDIT);
        if (counts && heading->rank == ranks[heading->role] && heading_is_twice(record, i))
            out->twice = (int32_t)i;
        if (!heading || (heading->role != FL_CSV_TEXT && heading->rank >= ranks[heading->role]))
            continue;
        ranks[heading->role] = heading->rank;
        out->of[heading->role] = heading->role == FL_CSV_TEXT ? FL_CSV_NO_COLUMN : (int32_t)i;
        if (heading->role == FL_CSV_TEXT)
            fl_csv_columns_set(out, FL_CSV_TEXT, (uint32_t)i);
    }
    for (unsigned role = 0; role < FL_CSV_ROLES; role++) {
        if (role != FL_CSV_TEXT && out->of[role] >= 0)
            fl_csv_columns_set(out, role, (uint32_t)out->of[role]);
    }
    columns_settle(out, ranks);
    return fl_csv_columns_suffice(out);
}

enum fl_csv_role fl_csv_label_role(struct fl_slice label)
{
    const struct heading *heading = heading_find(label);
    if (!heading)
        return FL_CSV_ROLES;
    bool ours = heading->role == FL_CSV_ANY_ACCOUNT || heading->role == FL_CSV_OWN_ACCOUNT;
    return ours ? FL_CSV_OWN_ACCOUNT : (enum fl_csv_role)heading->role;
}

/* ---- words in cells ------------------------------------------------------------------------- */

static bool is_word(struct fl_slice cell, const char *const *words, size_t count)
{
    char name[FL_CSV_NORMAL_BYTES_MAX];
    if (fl_csv_normal(cell, name) == 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], name) == 0)
            return true;
    }
    return false;
}
#define IS_WORD(cell, words) is_word(cell, words, COUNT(words))

enum fl_csv_side fl_csv_side_of(struct fl_slice cell, bool *reversal_out)
{
    static const char *const in[] = {
        "c", "cr",     "h",     "haben", "credit", "crdt",       "credito", "bij",     "in",
        "k", "kredit", "avere", "haber", "abono",  "gutschrift", "eingang", "deposit", "rd"};
    static const char *const out[] = {"d",       "dr",         "s",     "soll",      "debit",
                                      "dbit",    "debito",     "af",    "out",       "debet",
                                      "dare",    "debe",       "cargo", "belastung", "lastschrift",
                                      "ausgang", "withdrawal", "rc"};
    struct fl_slice word = fl_csv_trim(cell);
    *reversal_out = fl_slice_equals(word, "RC") || fl_slice_equals(word, "RD");
    if (fl_slice_equals(word, "+"))
        return FL_CSV_SIDE_IN;
    if (fl_slice_equals(word, "-"))
        return FL_CSV_SIDE_OUT;
    return IS_WORD(word, in)    ? FL_CSV_SIDE_IN
           : IS_WORD(word, out) ? FL_CSV_SIDE_OUT
                                : FL_CSV_SIDE_UNKNOWN;
}

bool fl_csv_is_not_booked(struct fl_slice status)
{
    static const char *const words[] = {
        "pending",          "pdng",      "authorized", "authorised", "vorgemerkt", "ausstehend",
        "umsatzvorgemerkt", "declined",  "denied",     "failed",     "canceled",   "cancelled",
        "expired",          "rejected",  "enattente",  "pendiente",  "insospeso",  "gereserveerd",
        "reserverad",       "reservert", "odottaa"};
    return IS_WORD(status, words);
}

enum fl_csv_role fl_csv_balance_row(struct fl_slice cell)
{
    static const char *const opening[] = {
        "anfangssaldo",  "altersaldo",   "openingbalance", "balanceforward", "broughtforward",
        "saldoinicial",  "soldeinitial", "beginsaldo",     "saldoiniziale",  "saldopoczatkowe",
        "ingaendesaldo", "alkusaldo",    "soldeprecedent", "saldoanterior"};
    static const char *const closing[] = {
        "endsaldo",      "neuersaldo", "closingbalance", "endingbalance", "carriedforward",
        "saldofinal",    "soldefinal", "eindsaldo",      "saldofinale",   "saldokoncowe",
        "utgaendesaldo", "loppusaldo", "nouveausolde",   "finalbalance"};
    cell = fl_csv_trim(cell);
    /* Nearly every cell of a file is asked this: most are told by their first letter. */
    char first = cell.length >= 7 && cell.length <= 40 ? (char)(cell.at[0] | 0x20) : ' ';
    if (!strchr("abcefilnosu", first))
        return FL_CSV_ROLES;
    return IS_WORD(cell, opening)   ? FL_CSV_OPENING
           : IS_WORD(cell, closing) ? FL_CSV_CLOSING
                                    : FL_CSV_ROLES;
}
