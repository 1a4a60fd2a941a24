#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/currency.h"
#include "core/base/date.h"
#include "tools/ingest/payout_csv.h"

struct seen {
    char text[8192]; /* what was given, a line a payout and a part */
    size_t length;
    unsigned payouts, parts, refused;
    uint64_t refused_line;
    char message[200];
    long long cents[8]; /* by kind; the fees in the last */
    char sum[40];
};

static const char *decimal(struct fl_decimal value, char out[40])
{
    fl_decimal_format(value.units, value.scale, out);
    return out;
}

static long long cents(struct fl_decimal value)
{
    int64_t minor = 0;
    cr_assert_eq(fl_decimal_scale(value, 2, &minor), FL_OK);
    return minor;
}

static enum fl_status on_payout(void *context, const struct fl_payout_report *p)
{
    struct seen *seen = context;
    char amount[40], fee[40], day[11];
    fl_date_format(p->date_days, day);
    seen->payouts++;
    seen->parts += p->parts_count;
    decimal(p->amount, seen->sum);
    seen->length += (size_t)snprintf(seen->text + seen->length, sizeof seen->text - seen->length,
                                     "%s %s %s %s\n", p->id, day, fl_currency_code(p->currency),
                                     decimal(p->amount, amount));
    for (uint32_t i = 0; i < p->parts_count; i++) {
        const struct fl_payout_report_part *part = &p->parts[i];
        seen->cents[part->kind] += cents(part->amount);
        seen->cents[7] += cents(part->fee);
        if (p->parts_count < 20)
            seen->length +=
                (size_t)snprintf(seen->text + seen->length, sizeof seen->text - seen->length,
                                 " %s %s %s %s\n", fl_payout_part_kind_name(part->kind), part->ref,
                                 decimal(part->amount, amount), decimal(part->fee, fee));
    }
    return FL_OK;
}

static void on_refused(void *context, uint64_t line, enum fl_status code, const char *message)
{
    struct seen *seen = context;
    cr_assert_neq(code, FL_OK);
    seen->refused++;
    seen->refused_line = line;
    snprintf(seen->message, sizeof seen->message, "%s", message);
}

static struct seen read_source(struct fl_byte_source source, bool *is_out)
{
    struct seen seen = {0};
    const struct fl_statement_profile profile = {.charset = ""};
    const struct fl_payout_sink sink = {&seen, on_payout, on_refused};
    struct fl_error error = {.status = FL_OK};
    *is_out = fl_payout_csv_is(source, &profile);
    cr_assert_eq(fl_payout_csv_read(source, &profile, &sink, &error), FL_OK, "%s", error.message);
    return seen;
}

static struct seen read_text(const char *text)
{
    struct fl_memory_source memory;
    bool is;
    struct seen seen =
        read_source(fl_memory_source_init(&memory, text, strlen(text), "p.csv"), &is);
    return seen;
}

Test(payout_csv, the_generic_form)
{
    struct seen seen = read_text("payout,date,currency,kind,ref,amount,fee\n"
                                 "PO-1,2025-06-10,EUR,charge,INV-1,100.00,2.90\n"
                                 "PO-1,2025-06-10,EUR,chargeback,INV-0,-20.00,15.00\n"
                                 "PO-1,2025-06-10,EUR,fee,,-1.00,\n"
                                 "PO-1,2025-06-10,EUR,reserve,,-5.00,\n"
                                 "PO-2,2025-06-11,EUR,refund,INV-1,-10.00,0.00\n");
    cr_expect_eq(seen.refused, 0, "%s", seen.message);
    cr_expect_str_eq(seen.text, "PO-1 2025-06-10 EUR 56.1\n charge INV-1 100 2.9\n"
                                " chargeback INV-0 -20 15\n fee  -1 0\n reserve  -5 0\n"
                                "PO-2 2025-06-11 EUR -10\n refund INV-1 -10 0\n");
}

Test(payout_csv, stripes_itemised_report)
{
    static const char *const text =
        "\"automatic_payout_id\",\"automatic_payout_effective_at\",\"balance_transaction_id\","
        "\"created_utc\",\"currency\",\"gross\",\"fee\",\"net\",\"reporting_category\",\"source_"
        "id\","
        "\"payment_metadata[order_id]\"\n"
        "po_1,2020-01-27 00:00:00,txn_1,2020-01-23 08:26:29,usd,12.00,0.65,11.35,charge,ch_1,SO-7\n"
        "po_1,2020-01-27 00:00:00,txn_2,2020-01-23 08:26:31,usd,-0.77,0.00,-0.77,refund,re_1,\n"
        "po_1,2020-01-27 00:00:00,txn_3,2020-01-24 "
        "08:26:31,usd,0.77,0.00,0.77,refund_failure,re_1,\n"
        "po_1,2020-01-27 00:00:00,txn_4,2020-01-24 "
        "08:26:31,usd,20.00,-15.00,35.00,dispute_reversal,ch_0,\n";
    struct fl_memory_source memory;
    bool is;
    struct seen seen =
        read_source(fl_memory_source_init(&memory, text, strlen(text), "stripe.csv"), &is);
    cr_expect(is);
    cr_expect_eq(seen.refused, 0, "%s", seen.message);
    cr_expect_str_eq(seen.text, "po_1 2020-01-27 USD 46.35\n charge SO-7 12 0.65\n"
                                " refund re_1 -0.77 0\n adjustment re_1 0.77 0\n"
                                " chargeback ch_0 20 -15\n");
}

Test(payout_csv, j1_fees_below_zero_are_turned_round)
{
    struct seen seen = read_text("Payout ID;Payout Date;Type;Order;Amount;Fee;Currency\n"
                                 "9;13.06.2025;charge;#1001;1.100,00;-3,20;EUR\n"
                                 "9;13.06.2025;refund;#1000;-10,00;0,30;EUR\n");
    cr_expect_str_eq(seen.text, "9 2025-06-13 EUR 1087.1\n charge #1001 1100 3.2\n"
                                " refund #1000 -10 -0.3\n");
}

Test(payout_csv, j2_a_payout_that_its_parts_do_not_come_to_is_refused_with_both_figures)
{
    struct seen seen = read_text("payout,date,currency,kind,ref,amount,fee,payout amount\n"
                                 "PO-1,2025-06-10,EUR,charge,INV-1,100.00,2.90,97.20\n"
                                 "PO-2,2025-06-10,EUR,charge,INV-2,10.00,0.00,10.00\n");
    cr_expect_eq(seen.payouts, 1);
    cr_expect_eq(seen.refused, 1);
    cr_expect(strstr(seen.message, "PO-1 is 97.2, its parts come to 97.1"), "%s", seen.message);
}

Test(payout_csv, j3_a_payout_that_comes_again_or_ends_by_its_row)
{
    struct seen seen =
        read_text("payout,date,currency,kind,ref,amount,fee\n"
                  "A,2025-06-10,EUR,charge,1,1.00,0\nB,2025-06-10,EUR,charge,2,1.00,0\n"
                  "A,2025-06-10,EUR,charge,3,1.00,0\n");
    cr_expect_eq(seen.payouts, 2);
    cr_expect_eq(seen.refused_line, 4);
    seen = read_text(
        "balance_transaction_id,created,currency,gross,fee,net,reporting_category\n"
        "t1,2025-06-10,EUR,5.00,1.00,4.00,charge\nt2,2025-06-11,EUR,-4.00,0,-4.00,payout\n"
        "t3,2025-06-12,EUR,7.00,1.00,6.00,charge\n");
    cr_expect_str_eq(seen.text, "t2 2025-06-11 EUR 4\n charge  5 1\n2025-06-12 2025-06-12 EUR 6\n"
                                " charge  7 1\n");
}

Test(payout_csv, j4_a_bad_row_costs_its_payout_and_is_named)
{
    struct seen seen =
        read_text("payout,date,currency,kind,ref,amount,fee\n"
                  "A,2025-06-10,EUR,charge,1,1.00,0\nA,2025-06-10,EUR,dance,2,1.00,0\n"
                  "B,2025-06-10,EUR,charge,3,1.234,0\n"
                  "C,2025-06-10,EUR,charge,3,1.25,0\n");
    cr_expect_eq(seen.refused, 2);
    cr_expect_str_eq(seen.text, "C 2025-06-10 EUR 1.25\n charge 3 1.25 0\n");
}

/* Adyen's batch: its own last row says what was paid out. Reckoned again from the raw columns. */
Test(payout_csv, adyens_settlement_comes_to_its_payout)
{
    char path[500], line[2000];
    snprintf(path, sizeof path, "%s/csv/adyen_settlement_batch_380.csv", FLORIN_SHARED_DATA);
    FILE *file = fopen(path, "rb");
    if (!file)
        cr_skip_test("no sample files");
    double net = 0, gross = 0, said = 0;
    while (fgets(line, sizeof line, file)) {
        char *rest = strstr(line, "\"TX"), *cell[16], *at = line;
        if (rest) /* the one quoted cell has a comma */
            memset(rest, '_', (size_t)(strchr(rest + 1, '"') + 1 - rest));
        for (int i = 0; i < 16; i++)
            cell[i] = strsep(&at, ",");
        if (strcmp(cell[7], "MerchantPayout") == 0)
            said = atof(cell[14]);
        else if (strcmp(cell[7], "Type") != 0)
            net += atof(cell[15]) - atof(cell[14]);
        gross += strcmp(cell[7], "Settled") == 0 ? atof(cell[11]) : 0;
    }
    fclose(file);
    struct fl_file_source bytes;
    struct fl_byte_source source;
    bool is;
    cr_assert_eq(fl_file_source_open(&bytes, path, &source, NULL), FL_OK);
    struct seen seen = read_source(source, &is);
    fl_file_source_close(&bytes);
    cr_expect_not(is); /* a batch is not called a payout: the profile says so */
    cr_expect_eq(seen.refused, 0, "%s", seen.message);
    cr_assert_eq(seen.payouts, 1);
    cr_expect_eq(seen.parts, 227);
    cr_expect_float_eq(said, net, 0.001);
    cr_expect_float_eq(atof(seen.sum), said, 0.001);
    cr_expect_float_eq((double)seen.cents[FL_PAYOUT_PART_CHARGE] / 100, gross, 0.001);
    cr_expect_eq(seen.cents[FL_PAYOUT_PART_FEE], -3810);
}
