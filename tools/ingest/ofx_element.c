#include "tools/ingest/ofx_element.h"

#include "core/base/contract.h"

static const struct {
    const char *name;
    uint8_t element;
} names[] = {
    {"ACCTID", FL_OFX_ACCTID},
    {"AVAILBAL", FL_OFX_AVAILABLE},
    {"BAL", FL_OFX_BALANCE},
    {"BALAMT", FL_OFX_BALAMT},
    {"BALLIST", FL_OFX_BALANCE_LIST},
    {"BANKACCTFROM", FL_OFX_ACCOUNT},
    {"BANKACCTTO", FL_OFX_OTHER_ACCOUNT},
    {"BANKMSGSRSV1", FL_OFX_MESSAGE_SET},
    {"BANKTRANLIST", FL_OFX_LIST},
    {"BANKTRANLISTP", FL_OFX_PENDING_LIST},
    {"CCACCTFROM", FL_OFX_ACCOUNT},
    {"CCACCTTO", FL_OFX_OTHER_ACCOUNT},
    {"CCSTMTRS", FL_OFX_STATEMENT},
    {"CCSTMTTRNRS", FL_OFX_ANSWER},
    {"CHECKNUM", FL_OFX_CHECKNUM},
    {"CODE", FL_OFX_CODE},
    {"CORRECTACTION", FL_OFX_CORRECTACTION},
    {"CORRECTFITID", FL_OFX_CORRECTFITID},
    {"CREDITCARDMSGSRSV1", FL_OFX_MESSAGE_SET},
    {"CURDEF", FL_OFX_CURDEF},
    {"CURRATE", FL_OFX_CURRATE},
    {"CURRENCY", FL_OFX_CURRENCY},
    {"CURSYM", FL_OFX_CURSYM},
    {"DTASOF", FL_OFX_DTASOF},
    {"DTAVAIL", FL_OFX_DTAVAIL},
    {"DTEND", FL_OFX_DTEND},
    {"DTPOSTED", FL_OFX_DTPOSTED},
    {"DTSTART", FL_OFX_DTSTART},
    {"DTTRAN", FL_OFX_DTTRAN},
    {"EXTDNAME", FL_OFX_EXTDNAME},
    {"FITID", FL_OFX_FITID},
    {"INVSTMTMSGSRSV1", FL_OFX_MESSAGE_SET},
    {"INVSTMTRS", FL_OFX_NOT_READ},
    {"INVSTMTTRNRS", FL_OFX_ANSWER},
    {"LEDGERBAL", FL_OFX_LEDGER},
    {"LOANSTMTMSGSRSV1", FL_OFX_MESSAGE_SET},
    {"LOANSTMTRS", FL_OFX_NOT_READ},
    {"LOANSTMTTRNRS", FL_OFX_ANSWER},
    {"MEMO", FL_OFX_MEMO},
    {"MESSAGE", FL_OFX_MESSAGE},
    {"NAME", FL_OFX_PARTY},
    {"OFX", FL_OFX_OFX},
    {"ORIGCURRENCY", FL_OFX_ORIGIN},
    {"PAYEE", FL_OFX_PAYEE},
    {"REFNUM", FL_OFX_REFNUM},
    {"SEVERITY", FL_OFX_SEVERITY},
    {"SIGNONMSGSRSV1", FL_OFX_MESSAGE_SET},
    {"SONRS", FL_OFX_ANSWER},
    {"STATUS", FL_OFX_STATUS},
    {"STMTRS", FL_OFX_STATEMENT},
    {"STMTTRN", FL_OFX_TRANSACTION},
    {"STMTTRNP", FL_OFX_PENDING},
    {"STMTTRNRS", FL_OFX_ANSWER},
    {"TRNAMT", FL_OFX_TRNAMT},
    {"TRNTYPE", FL_OFX_TRNTYPE},
    {"VALUEDATE", FL_OFX_VALUEDATE},
};
#define NAMES (sizeof names / sizeof names[0])
static_assert(NAMES < 128, "the slots stay sparse");

const uint8_t fl_ofx_level[FL_OFX_AGGREGATES] = {
    [FL_OFX_OFX] = 0,          [FL_OFX_MESSAGE_SET] = 1, [FL_OFX_ANSWER] = 2,
    [FL_OFX_STATEMENT] = 3,    [FL_OFX_NOT_READ] = 3,    [FL_OFX_STATUS] = 3,
    [FL_OFX_ACCOUNT] = 4,      [FL_OFX_LIST] = 4,        [FL_OFX_PENDING_LIST] = 4,
    [FL_OFX_LEDGER] = 4,       [FL_OFX_AVAILABLE] = 4,   [FL_OFX_BALANCE_LIST] = 4,
    [FL_OFX_TRANSACTION] = 5,  [FL_OFX_PENDING] = 5,     [FL_OFX_BALANCE] = 5,
    [FL_OFX_PAYEE] = 6,        [FL_OFX_CURRENCY] = 6,    [FL_OFX_ORIGIN] = 6,
    [FL_OFX_OTHER_ACCOUNT] = 6};

/* Names differ in these three places and their length, nearly all of them. */
static uint8_t slot_of(struct fl_slice name)
{
    unsigned first = (unsigned char)name.at[0], last = (unsigned char)name.at[name.length - 1];
    unsigned middle = (unsigned char)name.at[name.length / 2];
    return (uint8_t)(first * 7 + middle * 31 + last * 13 + (unsigned)name.length * 17);
}

void fl_ofx_words_init(struct fl_ofx_words *words)
{
    memset(words, 0, sizeof *words);
    for (size_t i = 0; i < NAMES; i++) {
        uint8_t slot = slot_of(fl_slice_of_text(names[i].name));
        while (words->slot[slot] != 0)
            slot++;
        words->slot[slot] = (uint8_t)(i + 1);
    }
}

enum fl_ofx_element fl_ofx_element_find(const struct fl_ofx_words *words, struct fl_slice name)
{
    FL_ASSERT(name.length > 0);
    for (uint8_t slot = slot_of(name); words->slot[slot] != 0; slot++) {
        size_t i = words->slot[slot] - 1u;
        if (fl_slice_equals(name, names[i].name))
            return names[i].element;
    }
    return FL_OFX_NONE;
}
