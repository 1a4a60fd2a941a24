#!/usr/bin/env bash
# `florin load --map ar-ledger` on three real ledgers: receivables, receipts and aging are those that awk reckons
# from the files in cents; rows without a rate are counted; the same file again changes nothing.
set -euo pipefail
florin=$1
ledgers=${2:-}/ar
if ! [ -f "$ledgers/ibm_late_payment_histories.csv" ]; then
    echo "SKIPPED: no ledgers in $ledgers"
    exit 77
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
fail() { echo "FAILED: $1"; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: $2, expected $3"; }
number() { grep -o "\"$2\":[0-9]*" <<<"$1" | head -1 | cut -d: -f2; }
account() { # account JSON NAME CURRENCY FIELD
    grep -o "{\"account\":\"$2\",\"currency\":\"$3\"[^}]*}" <<<"$1" | grep -o "\"$4\":\"[^\"]*\"" | cut -d'"' -f4
}
load() { # load EXPECTED_EXIT BOOK FILE OPTION...: the answer in $answer
    local status=0
    answer=$("$florin" load "$directory/$2" "$ledgers/$3" --map ar-ledger --format json "${@:4}" 2>"$directory/said") ||
        status=$?
    expect "exit of load $3" "$status" "$1"
    expect "$3: loaded + refused" "$(($(number "$answer" loaded) + $(number "$answer" refused_rows)))" \
        "$(number "$answer" rows)"
}
init() { "$florin" init "$directory/$1" --book /dev/stdin <<<'{"base_currency":"USD"}' >/dev/null; }
refused() { grep -o '"refused":{[^}]*}' <<<"$answer" | head -1; }
again() { # again BOOK FILE OPTION...: only duplicates
    local before
    before=$("$florin" digest "$directory/$1")
    load "$again_exit" "$@"
    expect "$2 again: known" "$(number "$answer" known)" "$(number "$answer" loaded)"
    expect "$2 again: digest" "$("$florin" digest "$directory/$1")" "$before"
    "$florin" check "$directory/$1" >"$directory/check" || fail "check: $(cat "$directory/check")"
}

# days(y, m, d) and cents(text), half up; shared by the reckonings.
cat >"$directory/lib.awk" <<'AWK'
function days(y, m, d) {
    if (m <= 2) { y--; m += 12 }
    return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d
}
function cents(text,   part, fraction) {
    split(text, part, ".")
    fraction = substr(part[2] "000", 1, 3)
    return part[1] * 100 + int((fraction + 5) / 10)
}
function bucket(late) { return late <= 0 ? 0 : late <= 30 ? 1 : late <= 60 ? 2 : late <= 90 ? 3 : 4 }
{ sub(/\r$/, "") }
FNR == 1 { next }
AWK
# The aging report's line of one currency as "not_due b1 b2 b3 b4".
aging() { # aging BOOK DAY CURRENCY
    "$florin" report "$directory/$1" aging --as-of "$2" --format json | grep -o "{\"currency\":\"$3\",.*" |
        awk '{ sub(/\],"unapplied".*/, ""); n = 0; line = ""
               while (match($0, /"(not_due|amount)":"[^"]*"/)) {
                   item = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
                   sub(/.*:"/, "", item); sub(/"/, "", item); line = line (n++ ? " " : "") item }
               print line }'
}

# 1. M/D/YYYY, no currency: each row an invoice and the receipt that pays it.
ibm=ibm_late_payment_histories.csv
cat "$directory/lib.awk" - >"$directory/ibm.awk" <<'AWK'
{
    split($5, d, "/"); split($9, p, "/"); amount = cents($7)
    rows++; total += amount
    if (days(d[3], d[1], d[2]) <= days(2013, 6, 30)) {
        half += amount
        if (days(p[3], p[1], p[2]) > days(2013, 6, 30)) open += amount
    }
}
END { printf "%d %.2f %.2f %.2f\n", rows, total / 100, half / 100, open / 100 }
AWK
read -r rows total half open <<<"$(awk -F, -f "$directory/ibm.awk" "$ledgers/$ibm")"
init ibm
load 0 ibm "$ibm"
expect "$ibm: rows" "$(number "$answer" rows)" "$rows"
expect "$ibm: paid" "$(number "$answer" paid)" 2466
ledger=$("$florin" report "$directory/ibm" ledger --format json)
expect "$ibm: revenue" "$(account "$ledger" income:revenue USD balance)" "-$total"
expect "$ibm: receivable" "$(account "$ledger" assets:receivable:invoices USD balance)" 0.00
expect "$ibm: unapplied" "$(account "$ledger" assets:receivable:unapplied USD balance)" 0.00
ledger=$("$florin" report "$directory/ibm" ledger --as-of 2013-06-30 --format json)
expect "$ibm: revenue until June" "$(account "$ledger" income:revenue USD balance)" "-$half"
expect "$ibm: receivable at the end of June" "$(account "$ledger" assets:receivable:invoices USD balance)" "$open"
again_exit=0 again ibm "$ibm"

# 2. YYYY-MM-DD, USD and CAD; first without a rate for CAD, then with one.
hrc=hrc_open_items.csv
cat "$directory/lib.awk" - >"$directory/hrc.awk" <<'AWK'
{
    rows[$11]++; amount = cents($14); total[$11] += amount
    split($7, p, "-"); split($10, d, "-")
    posted = days(p[1], p[2], p[3]); due = days(d[1], d[2], d[3])
    if (due < posted) { raised++; due = posted }
    age[$11, bucket(days(2020, 5, 22) - due)] += amount
}
END {
    printf "%d %d %d", rows["USD"], rows["CAD"], raised
    for (i = 1; i <= 2; i++) {
        c = i == 1 ? "USD" : "CAD"
        printf " %.2f", total[c] / 100
        for (b = 0; b <= 4; b++) printf " %.2f", age[c, b] / 100
    }
    print ""
}
AWK
read -r usd_rows cad_rows raised usd u0 u1 u2 u3 u4 cad c0 c1 c2 c3 c4 \
    <<<"$(awk -F, -f "$directory/hrc.awk" "$ledgers/$hrc")"
init no_rate
load 1 no_rate "$hrc"
expect "$hrc: refused" "$(refused)" "\"refused\":{\"no_rate\":$cad_rows}"
expect "$hrc: loaded" "$(number "$answer" loaded)" "$usd_rows"
expect "$hrc: due dates raised" "$(number "$answer" due_raised)" "$raised"
ledger=$("$florin" report "$directory/no_rate" ledger --format json)
expect "$hrc: USD" "$(account "$ledger" assets:receivable:invoices USD balance)" "$usd"
init rate
"$florin" apply "$directory/rate" - >/dev/null \
    <<<'{"type":"fx_rate","from":"CAD","to":"USD","rate":"0.75","date":"2020-01-01","at":"2020-01-01T00:00:00Z"}'
load 0 rate "$hrc" --as opening
ledger=$("$florin" report "$directory/rate" ledger --format json)
expect "$hrc: opening USD" "$(account "$ledger" equity:opening USD balance)" "-$usd"
expect "$hrc: opening CAD" "$(account "$ledger" equity:opening CAD balance)" "-$cad"
expect "$hrc: no revenue" "$(account "$ledger" income:revenue USD balance)" ""
expect "$hrc: aging USD" "$(aging rate 2020-05-22 USD | cut -d' ' -f1-5)" "$u0 $u1 $u2 $u3 $u4"
expect "$hrc: aging CAD" "$(aging rate 2020-05-22 CAD | cut -d' ' -f1-5)" "$c0 $c1 $c2 $c3 $c4"
again_exit=0 again rate "$hrc" --as opening

# 3. DD-MM-YYYY, converted to USD: rounded to the cent.
dmy=hrc_open_items_usd_dmy.csv
cat "$directory/lib.awk" - >"$directory/dmy.awk" <<'AWK'
{
    n = NF; amount = cents($n); total += amount
    split($(n - 4), p, "-"); split($(n - 3), d, "-")
    posted = days(p[3], p[2], p[1]); due = days(d[3], d[2], d[1])
    if (due < posted) due = posted
    age[bucket(days(2020, 5, 22) - due)] += amount
}
END {
    printf "%.2f", total / 100
    for (b = 0; b <= 4; b++) printf " %.2f", age[b] / 100
    print ""
}
AWK
read -r total buckets <<<"$(awk -F, -f "$directory/dmy.awk" "$ledgers/$dmy")"
init dmy
load 0 dmy "$dmy"
ledger=$("$florin" report "$directory/dmy" ledger --format json)
expect "$dmy: receivable" "$(account "$ledger" assets:receivable:invoices USD balance)" "$total"
expect "$dmy: aging" "$(aging dmy 2020-05-22 USD | cut -d' ' -f1-5)" "$buckets"
again_exit=0 again dmy "$dmy"

# 4. Small ones: two currencies of one customer, rows that cannot be read, a heading of no kind.
cat >"$directory/small.csv" <<'CSV'
cust_number,invoice_id,posting_date,due_in_date,total_open_amount,invoice_currency
7,A-1,2020-02-01,2020-03-01,10.00,USD
7,A-2,2020-02-02,2020-03-01,20.00,CAD
7,A-3,2020-02-30,2020-03-01,30.00,USD
7,A-4,2020-02-03,2020-03-01,,USD
7,A-5,2020-02-03,2020-03-01,1.005,USD
"7,A-6,2020-02-03
8,A-7,2020-02-04,,5.00,CAD
CSV
ledgers=$directory
init small
"$florin" apply "$directory/small" - >/dev/null \
    <<<'{"type":"fx_rate","from":"CAD","to":"USD","rate":"0.75","date":"2020-01-01","at":"2020-01-01T00:00:00Z"}'
load 1 small small.csv
expect "small: rows" "$(number "$answer" rows)" 7
expect "small: loaded" "$(number "$answer" loaded)" 3
expect "small: customers" "$(grep -o '"customer":{"accepted":[0-9]*' <<<"$answer" | grep -o '[0-9]*$')" 3
expect "small: refused" "$(refused)" '"refused":{"bad_value":2,"missing_field":1,"too_many_decimals":1}'
"$florin" log "$directory/small" | grep -q '"customer":"7-CAD"' || fail "small: no customer 7-CAD"
again_exit=1 again small small.csv
printf 'a,b\n1,2\n' >"$directory/other.csv"
status=0
"$florin" load "$directory/small" "$directory/other.csv" --map ar-ledger >/dev/null 2>&1 || status=$?
expect "exit for another heading" "$status" 4
echo "ok"
