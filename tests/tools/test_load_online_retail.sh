#!/usr/bin/env bash
# `florin load --map online-retail` on the real shop data (96 days, 143,205 lines): every row is accounted for, the
# revenue, receivables and credits are those that awk reckons from the files (each line rounded by itself, in cents),
# and the same files again change nothing.
set -euo pipefail
florin=$1
shop=${2:-}/orders/uci_online_retail
if ! ls "$shop"/*.csv >/dev/null 2>&1; then
    echo "SKIPPED: no shop data in $shop"
    exit 77
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
book=$directory/book
fail() { echo "FAILED: $1"; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: $2, expected $3"; }
number() { grep -o "\"$2\":[0-9]*" <<<"$1" | head -1 | cut -d: -f2; }
# account JSON NAME FIELD: of the ledger report
account() { grep -o "{\"account\":\"$2\"[^}]*}" <<<"$1" | grep -o "\"$3\":\"[^\"]*\"" | cut -d'"' -f4; }
load() { # load EXPECTED_EXIT OPTION...: the answer in $answer
    local status=0
    answer=$("$florin" load "$book" "$shop"/*.csv --map online-retail --format json "${@:2}" 2>"$directory/said") ||
        status=$?
    expect "exit of load ${*:2}" "$status" "$1"
}
accepted() { grep -o "\"$1\":{\"accepted\":[0-9]*" <<<"$answer" | grep -o '[0-9]*$' || echo 0; }
duplicate() { grep -o "\"$1\":{\"accepted\":[0-9]*,\"duplicate\":[0-9]*" <<<"$answer" | grep -o '[0-9]*$'; }

# The files once more, without florin: counts by kind and the sums in cents.
awk '
function split_csv(text,   n, field) {
    n = 0
    while (1) {
        if (substr(text, 1, 1) == "\"") {
            match(text, /^"([^"]|"")*"/)
            field = substr(text, 2, RLENGTH - 2)
        } else {
            match(text, /^[^,]*/)
            field = substr(text, 1, RLENGTH)
        }
        f[++n] = field
        text = substr(text, RLENGTH + 1)
        if (text == "") return n
        text = substr(text, 2)
    }
}
function cents(x) { return x < 0 ? -int(-x * 100 + 0.5 + 1e-7) : int(x * 100 + 0.5 + 1e-7) }
{ sub(/\r$/, "") }
FNR == 1 { next }
{
    rows++
    if (split_csv($0) != 8) { print "not eight columns: " $0 > "/dev/stderr"; exit 1 }
    letter = substr(f[1], 1, 1)
    quantity = f[4] + 0; price = f[6] + 0
    if (letter == "A") bad_debt++
    else if (letter == "C") { credit++; credits += cents(quantity * price); notes[f[1]] }
    else if (quantity < 0) stock++
    else {
        if (price == 0) given++
        else { sale++; if (f[7] == "") nobody++ }
        sales += cents(quantity * price); invoices[f[1]]
    }
}
END {
    for (i in notes) note_count++
    for (i in invoices) invoice_count++
    printf "%d %d %d %d %d %d %d ", rows, sale, nobody, given, stock, credit, bad_debt
    printf "%d %d %.2f %.2f %.2f\n", invoice_count, note_count, sales / 100, -credits / 100, (sales + credits) / 100
}' "$shop"/*.csv >"$directory/reckoned"
read -r rows sale nobody given stock credit bad_debt invoices notes sales credits revenue <"$directory/reckoned"
expect "sales lines, sales lines without customer, at price 0, negative, cancelled, bad debt" \
    "$sale $nobody $given $stock $credit $bad_debt" "139801 44612 443 349 2609 3"

"$florin" init "$book" --book /dev/stdin <<<'{"base_currency":"GBP","time_zone":"Europe/London"}' >/dev/null
load 1 --dry-run
expect "rows of a dry run" "$(number "$answer" rows)" "$rows"
expect "sequence after a dry run" "$(number "$("$florin" digest "$book")" seq)" 1
load 1
expect files "$(number "$answer" files)" "$(ls "$shop"/*.csv | wc -l)"
expect rows "$(number "$answer" rows)" "$rows"
expect "loaded + refused" "$(($(number "$answer" loaded) + $(number "$answer" refused_rows)))" "$rows"
expect refused "$(grep -o '"refused":{[^}]*}' <<<"$answer" | head -1)" \
    "\"refused\":{\"bad_debt_without_invoice\":$bad_debt}"
expect "refused rows named" "$(grep -c '\.csv:[0-9]*: bad_debt_without_invoice' "$directory/said")" "$bad_debt"
expect "sale" "$(number "$answer" sale)" "$sale"
expect "sale_without_customer" "$(number "$answer" sale_without_customer)" "$nobody"
expect "given" "$(number "$answer" given)" "$given"
expect "stock" "$(number "$answer" stock)" "$stock"
expect "credit" "$(number "$answer" credit)" "$credit"
for type in order shipment invoice; do
    expect "$type accepted" "$(accepted $type)" "$invoices"
done
expect "credit notes accepted" "$(accepted credit_note)" "$notes"
expect "stock accepted" "$(accepted stock)" "$stock"

ledger=$("$florin" report "$book" ledger --format json)
expect "revenue" "$(account "$ledger" income:revenue balance)" "-$revenue"
expect "invoiced" "$(account "$ledger" income:revenue credit)" "$sales"
expect "credited" "$(account "$ledger" income:revenue debit)" "$credits"
expect "receivable" "$(account "$ledger" assets:receivable:invoices balance)" "$sales"
aging=$("$florin" report "$book" aging --as-of 2011-08-12 --format json)
expect "aging credits" "$(grep -o '"credits":"[^"]*"' <<<"$aging" | head -1 | cut -d'"' -f4)" "-$credits"
"$florin" check "$book" >"$directory/check" || fail "check: $(cat "$directory/check")"

before=$("$florin" digest "$book")
load 1
expect "known the second time" "$(number "$answer" known)" "$((rows - bad_debt))"
for type in order shipment invoice credit_note stock; do
    expect "$type accepted again" "$(accepted $type)" 0
done
expect "orders answered as duplicates" "$(duplicate order)" "$invoices"
expect "digest after the same files" "$("$florin" digest "$book")" "$before"

# A small one in another form: lines of one number apart, in the other date form, a customer that differs, three
# decimals rounded line by line, a number that goes on in a second file.
mkdir "$directory/small"
cat >"$directory/small/one.csv" <<'CSV'
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
11,P1,"A ""pair"", blue",3,12/1/2010 9:30,0.335,17,France
12,P2,,1,12/1/2010 9:00,0,,France
11,P2,Other,3,12/1/2010 9:31,0.335,17.0,France
11,P1,Other,1,12/1/2010 9:31,1.00,18,France
C13,P1,Back,-1,12/1/2010 9:40,0.335,17,France
14,P1,broken,-5,12/1/2010 9:41,0,,France
15,P1,zero,0,12/1/2010 9:42,1.00,17,France
16,P1,no number,x,12/1/2010 9:43,1.00,17,France
CSV
sed -n '1p;2s/^11,P1/11,P3/p' "$directory/small/one.csv" >"$directory/small/two.csv"
shop=$directory/small
book=$directory/small/book
"$florin" init "$book" --book /dev/stdin <<<'{"base_currency":"GBP"}' >/dev/null
load 1
expect "small: rows, loaded, refused" \
    "$(number "$answer" rows) $(number "$answer" loaded) $(number "$answer" refused_rows)" "9 5 4"
expect "small: refused" "$(grep -o '"refused":{[^}]*}' <<<"$answer" | head -1)" \
    '"refused":{"customer_differs":1,"bad_value":2,"key_reused":1}'
ledger=$("$florin" report "$book" ledger --format json)
expect "small: two lines of 1.005 invoiced" "$(account "$ledger" income:revenue credit)" 2.02
expect "small: a line of 0.335 credited" "$(account "$ledger" income:revenue debit)" 0.34
expect "small: stock" "$("$florin" log "$book" | grep -c '"quantity":"-5"')" 1
before=$("$florin" digest "$book")
load 1
expect "small: digest after the same files" "$("$florin" digest "$book")" "$before"

echo "ok: $rows rows, revenue $revenue"
