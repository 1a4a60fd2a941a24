#include "tools/ingest/camt_paths.h"

#include "core/base/contract.h"

#define DETAIL     "Ntry/NtryDtls/TxDtls/"
#define STRUCTURED DETAIL "RmtInf/Strd/"

/* Names are C literals: a node borrows its name from the path it was first seen in. */
static const struct {
    const char *path;
    enum camt_element element;
} elements[] = {
    {"Id", CAMT_ID},
    {"ElctrncSeqNb", CAMT_SEQUENCE},
    {"LglSeqNb", CAMT_LEGAL_SEQUENCE},
    {"CreDtTm", CAMT_CREATED},
    {"FrToDt/FrDtTm", CAMT_FROM},
    {"FrToDt/ToDtTm", CAMT_TO},
    {"StmtPgntn/PgNb", CAMT_PAGE},
    {"StmtPgntn/LastPgInd", CAMT_LAST_PAGE},
    {"RptPgntn/PgNb", CAMT_PAGE},
    {"RptPgntn/LastPgInd", CAMT_LAST_PAGE},
    {"NtfctnPgntn/PgNb", CAMT_PAGE},
    {"NtfctnPgntn/LastPgInd", CAMT_LAST_PAGE},
    {"Acct/Id/IBAN", CAMT_ACCOUNT},
    {"Acct/Id/BBAN", CAMT_ACCOUNT},
    {"Acct/Id/Othr/Id", CAMT_ACCOUNT},
    {"Acct/Id/PrtryAcct/Id", CAMT_ACCOUNT},
    {"Acct/Ccy", CAMT_CURRENCY},
    {"AddtlStmtInf", CAMT_NOTE},
    {"AddtlRptInf", CAMT_NOTE},
    {"AddtlNtfctnInf", CAMT_NOTE},
    {"Bal", CAMT_BALANCE},
    {"Bal/Tp/CdOrPrtry/Cd", CAMT_BALANCE_CODE},
    {"Bal/Tp/CdOrPrtry/Prtry", CAMT_BALANCE_CODE},
    {"Bal/Tp/Cd", CAMT_BALANCE_CODE},
    {"Bal/Amt", CAMT_BALANCE_AMOUNT},
    {"Bal/CdtDbtInd", CAMT_BALANCE_SIGN},
    {"Bal/Dt/Dt", CAMT_BALANCE_DATE},
    {"Bal/Dt/DtTm", CAMT_BALANCE_DATE},
    {"Ntry", CAMT_ENTRY},
    {"Ntry/Amt", CAMT_ENTRY_AMOUNT},
    {"Ntry/CdtDbtInd", CAMT_ENTRY_SIGN},
    {"Ntry/RvslInd", CAMT_ENTRY_REVERSAL},
    {"Ntry/Sts", CAMT_ENTRY_STATUS},
    {"Ntry/Sts/Cd", CAMT_ENTRY_STATUS},
    {"Ntry/Sts/Prtry", CAMT_ENTRY_STATUS},
    {"Ntry/BookgDt/Dt", CAMT_ENTRY_BOOKED},
    {"Ntry/BookgDt/DtTm", CAMT_ENTRY_BOOKED},
    {"Ntry/ValDt/Dt", CAMT_ENTRY_VALUE},
    {"Ntry/ValDt/DtTm", CAMT_ENTRY_VALUE},
    {"Ntry/NtryRef", CAMT_ENTRY_REF},
    {"Ntry/AcctSvcrRef", CAMT_ENTRY_BANK_REF},
    {"Ntry/BkTxCd/Domn/Cd", CAMT_ENTRY_CODE},
    {"Ntry/BkTxCd/Domn/Fmly/Cd", CAMT_ENTRY_CODE},
    {"Ntry/BkTxCd/Domn/Fmly/SubFmlyCd", CAMT_ENTRY_CODE},
    {"Ntry/BkTxCd/Prtry/Cd", CAMT_ENTRY_CODE},
    {"Ntry/Chrgs", CAMT_ENTRY_CHARGES},
    {"Ntry/Chrgs/TtlChrgsAndTaxAmt", CAMT_ENTRY_CHARGES_TOTAL},
    {"Ntry/Chrgs/Amt", CAMT_ENTRY_CHARGES_AMOUNT},
    {"Ntry/Chrgs/CdtDbtInd", CAMT_ENTRY_CHARGES_SIGN},
    {"Ntry/Chrgs/Rcrd", CAMT_ENTRY_CHARGES},
    {"Ntry/Chrgs/Rcrd/Amt", CAMT_ENTRY_CHARGES_AMOUNT},
    {"Ntry/Chrgs/Rcrd/CdtDbtInd", CAMT_ENTRY_CHARGES_SIGN},
    {"Ntry/Avlbty/Dt/NbOfDays", CAMT_ENTRY_AVAILABLE_DAYS},
    {"Ntry/Avlbty/Dt/ActlDt", CAMT_ENTRY_AVAILABLE_DATE},
    {"Ntry/Avlbty/Amt", CAMT_ENTRY_AVAILABLE_AMOUNT},
    {"Ntry/Avlbty/CdtDbtInd", CAMT_ENTRY_AVAILABLE_SIGN},
    {"Ntry/AddtlNtryInf", CAMT_ENTRY_TEXT},
    {"Ntry/NtryDtls/Btch/PmtInfId", CAMT_BATCH_REF},
    {"Ntry/NtryDtls/TxDtls", CAMT_DETAIL},
    {DETAIL "Refs/AcctSvcrRef", CAMT_DETAIL_BANK_REF},
    {DETAIL "Refs/EndToEndId", CAMT_DETAIL_END_TO_END},
    {DETAIL "Refs/InstrId", CAMT_DETAIL_INSTRUCTION},
    {DETAIL "Refs/TxId", CAMT_DETAIL_TX_ID},
    {DETAIL "Refs/MndtId", CAMT_DETAIL_MANDATE},
    {DETAIL "Amt", CAMT_DETAIL_AMOUNT},
    {DETAIL "CdtDbtInd", CAMT_DETAIL_SIGN},
    {DETAIL "AmtDtls/TxAmt/Amt", CAMT_DETAIL_TX_AMOUNT},
    {DETAIL "AmtDtls/CntrValAmt/Amt", CAMT_DETAIL_COUNTER_AMOUNT},
    {DETAIL "AmtDtls/InstdAmt/Amt", CAMT_DETAIL_INSTRUCTED},
    {DETAIL "Chrgs", CAMT_DETAIL_CHARGES},
    {DETAIL "Chrgs/TtlChrgsAndTaxAmt", CAMT_DETAIL_CHARGES_TOTAL},
    {DETAIL "Chrgs/Amt", CAMT_DETAIL_CHARGES_AMOUNT},
    {DETAIL "Chrgs/CdtDbtInd", CAMT_DETAIL_CHARGES_SIGN},
    {DETAIL "Chrgs/Rcrd", CAMT_DETAIL_CHARGES},
    {DETAIL "Chrgs/Rcrd/Amt", CAMT_DETAIL_CHARGES_AMOUNT},
    {DETAIL "Chrgs/Rcrd/CdtDbtInd", CAMT_DETAIL_CHARGES_SIGN},
    {DETAIL "BkTxCd/Domn/Cd", CAMT_DETAIL_CODE},
    {DETAIL "BkTxCd/Domn/Fmly/Cd", CAMT_DETAIL_CODE},
    {DETAIL "BkTxCd/Domn/Fmly/SubFmlyCd", CAMT_DETAIL_CODE},
    {DETAIL "BkTxCd/Prtry/Cd", CAMT_DETAIL_CODE},
    {DETAIL "RltdPties/Dbtr/Nm", CAMT_DEBTOR_NAME},
    {DETAIL "RltdPties/Dbtr/Pty/Nm", CAMT_DEBTOR_NAME},
    {DETAIL "RltdPties/Dbtr/Agt/FinInstnId/Nm", CAMT_DEBTOR_NAME},
    {DETAIL "RltdPties/DbtrAcct/Id/IBAN", CAMT_DEBTOR_ACCOUNT},
    {DETAIL "RltdPties/DbtrAcct/Id/Othr/Id", CAMT_DEBTOR_ACCOUNT},
    {DETAIL "RltdPties/DbtrAcct/Id/BBAN", CAMT_DEBTOR_ACCOUNT},
    {DETAIL "RltdPties/DbtrAcct/Id/PrtryAcct/Id", CAMT_DEBTOR_ACCOUNT},
    {DETAIL "RltdPties/UltmtDbtr/Nm", CAMT_DEBTOR_BEHIND},
    {DETAIL "RltdPties/UltmtDbtr/Pty/Nm", CAMT_DEBTOR_BEHIND},
    {DETAIL "RltdPties/Cdtr/Nm", CAMT_CREDITOR_NAME},
    {DETAIL "RltdPties/Cdtr/Pty/Nm", CAMT_CREDITOR_NAME},
    {DETAIL "RltdPties/Cdtr/Agt/FinInstnId/Nm", CAMT_CREDITOR_NAME},
    {DETAIL "RltdPties/CdtrAcct/Id/IBAN", CAMT_CREDITOR_ACCOUNT},
    {DETAIL "RltdPties/CdtrAcct/Id/Othr/Id", CAMT_CREDITOR_ACCOUNT},
    {DETAIL "RltdPties/CdtrAcct/Id/BBAN", CAMT_CREDITOR_ACCOUNT},
    {DETAIL "RltdPties/CdtrAcct/Id/PrtryAcct/Id", CAMT_CREDITOR_ACCOUNT},
    {DETAIL "RltdPties/UltmtCdtr/Nm", CAMT_CREDITOR_BEHIND},
    {DETAIL "RltdPties/UltmtCdtr/Pty/Nm", CAMT_CREDITOR_BEHIND},
    {DETAIL "RmtInf/Ustrd", CAMT_DETAIL_UNSTRUCTURED},
    {DETAIL "RtrInf/Rsn/Cd", CAMT_DETAIL_RETURN},
    {DETAIL "RtrInf/Rsn/Prtry", CAMT_DETAIL_RETURN},
    {DETAIL "AddtlTxInf", CAMT_DETAIL_TEXT},
    {DETAIL "RmtInf/Strd", CAMT_STRUCTURED},
    {STRUCTURED "CdtrRefInf/Ref", CAMT_STRUCTURED_REF},
    {STRUCTURED "CdtrRefInf/CdtrRef", CAMT_STRUCTURED_REF},
    {STRUCTURED "RfrdDocInf/Nb", CAMT_STRUCTURED_DOCUMENT},
    {STRUCTURED "RfrdDocInf/RfrdDocNb", CAMT_STRUCTURED_DOCUMENT},
    {STRUCTURED "RfrdDocInf/Tp/CdOrPrtry/Cd", CAMT_STRUCTURED_KIND},
    {STRUCTURED "RfrdDocInf/Tp/Cd", CAMT_STRUCTURED_KIND},
    {STRUCTURED "RfrdDocAmt/RmtdAmt", CAMT_STRUCTURED_PAID},
    {STRUCTURED "RfrdDocAmt/DuePyblAmt", CAMT_STRUCTURED_DUE},
    {STRUCTURED "RfrdDocAmt/CdtNoteAmt", CAMT_STRUCTURED_CREDIT},
    {STRUCTURED "RfrdDocAmt/DscntApldAmt", CAMT_STRUCTURED_DISCOUNT},
    {STRUCTURED "RfrdDocAmt/DscntApldAmt/Amt", CAMT_STRUCTURED_DISCOUNT},
    {STRUCTURED "RfrdDocAmt/RmtAmtAndTp", CAMT_STRUCTURED_AMOUNT},
    {STRUCTURED "RfrdDocAmt/RmtAmtAndTp/Tp/Cd", CAMT_STRUCTURED_AMOUNT_CODE},
    {STRUCTURED "RfrdDocAmt/RmtAmtAndTp/Tp/Prtry", CAMT_STRUCTURED_AMOUNT_CODE},
    {STRUCTURED "RfrdDocAmt/RmtAmtAndTp/Amt", CAMT_STRUCTURED_AMOUNT_VALUE},
    {STRUCTURED "AddtlRmtInf", CAMT_STRUCTURED_TEXT},
};

static uint16_t add_node(struct camt_paths *paths, struct fl_slice name)
{
    FL_ASSERT(paths->count < CAMT_NODES_MAX);
    paths->nodes[paths->count] = (struct camt_node){.name = name.at,
                                                    .name_length = (uint16_t)name.length,
                                                    .first_child = CAMT_PATH_NONE,
                                                    .recent_child = CAMT_PATH_NONE,
                                                    .next_sibling = CAMT_PATH_NONE};
    return paths->count++;
}

static uint16_t step(struct camt_paths *paths, uint16_t node, struct fl_slice name)
{
    uint16_t child = fl_camt_paths_child(paths, node, name);
    if (child != CAMT_PATH_NONE)
        return child;
    child = add_node(paths, name);
    uint16_t *link = &paths->nodes[node].first_child;
    while (*link != CAMT_PATH_NONE)
        link = &paths->nodes[*link].next_sibling;
    *link = child;
    return child;
}

static void add_path(struct camt_paths *paths, uint16_t node, const char *path,
                     enum camt_element element)
{
    while (*path) {
        size_t n = strcspn(path, "/");
        node = step(paths, node, fl_slice_of(path, n));
        path += n + (path[n] == '/');
    }
    paths->nodes[node].element = (uint8_t)element;
}

void fl_camt_paths_init(struct camt_paths *paths)
{
    paths->count = 0;
    add_node(paths, (struct fl_slice){0});
    add_node(paths, (struct fl_slice){0});
    add_path(paths, CAMT_PATH_HEADER, "MsgPgntn/LastPgInd", CAMT_MESSAGE_LAST_PAGE);
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        add_path(paths, CAMT_PATH_ROOT, elements[i].path, elements[i].element);
}
