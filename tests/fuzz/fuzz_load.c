/* Any bytes as an export, through either map into a dry run: no crash, and every row is accounted for. */
#define _GNU_SOURCE /* memfd_create */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/ingest/load_ar_ledger.h"
#include "tools/ingest/load_online_retail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const headings[] = {
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n",
    "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,SettledDate\n",
    "cust_number,invoice_id,posting_date,due_in_date,total_open_amount,invoice_currency\n",
    "cust_number,doc_id,posting_date,due_in_date,converted_usd\n",
    "",
};

/* The heading is given, so that the fuzzer spends its time on the rows; the last leaves it to the bytes. */
static int file_make(const char *heading, const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", 0);
    FL_ASSERT(fd >= 0);
    FL_ASSERT(write(fd, heading, strlen(heading)) == (ssize_t)strlen(heading));
    FL_ASSERT(write(fd, data, size) == (ssize_t)size);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fl_load_options options = {.dry_run = true, .opening = size > 1 && data[1] & 1};
    struct fl_load_sink sink;
    if (size < 2)
        return 0;
    unsigned which = data[0] % 5;
    int fd = file_make(headings[which], data + 2, size - 2);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    FL_ASSERT(fl_load_sink_open(&sink, NULL, &options, NULL) == FL_OK);
    bool retail = which == 0 || (which == 4 && data[1] & 2);
    enum fl_status status =
        (retail ? fl_load_online_retail : fl_load_ar_ledger)(&sink, path, NULL);
    if (status == FL_OK)
        FL_ASSERT(sink.counts.rows == sink.counts.loaded + sink.counts.refused);
    fl_load_sink_close(&sink);
    close(fd);
    return 0;
}
