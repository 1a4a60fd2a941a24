#!/usr/bin/env bash
# The reports over a generated year, reckoned again with awk from each other: the aging by invoice and by customer adds
# up to the whole, and to the ledger; the journal's entries balance and add up to the trial balance, live and as known
# before; what was known at a sequence never changes.
set -euo pipefail
florin=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

fail() { echo "FAILED: $*"; exit 1; }
expect() { # expect WANTED GOT WHAT
    [ "$1" = "$2" ] || fail "$3: wanted $1, got $2"
}
refused() { # refused CODE VERB...: the exit code
    local wanted=$1 code=0
    shift
    "$florin" "$@" >out 2>err || code=$?
    expect "$wanted" "$code" "exit of florin $*"
}
cents() { awk '{gsub(/[".]/, ""); s += $1} END {printf "%d\n", s}'; }
values() { grep -o "\"$1\":\"[-0-9.]*\"" | sed 's/.*://' || true; }

"$florin" gen --orders 900 --seed 12 2>/dev/null >year.ndjson
half=$(($(wc -l <year.ndjson) / 2))
"$florin" init books >/dev/null
head -n "$half" year.ndjson | "$florin" apply books - >first.results
known=$("$florin" digest books | grep -o '"seq":[0-9]*' | cut -d: -f2)

check_day() { # check_day DAY [OPTION...]
    local day=$1
    shift
    "$florin" report books aging --as-of "$day" "$@" >aging.json
    total=$(values total <aging.json | cents)
    expect "$total" "$(values ledger <aging.json | cents)" "aging and control account on $day $*"
    "$florin" report books ledger --as-of "$day" "$@" >ledger.json
    control=$(grep -o '{"account":"assets:receivable[^}]*}' ledger.json | values balance | cents)
    expect "$total" "$control" "aging and ledger on $day $*"
    expect 0 "$(sed 's/.*"totals"//' ledger.json | values balance | cents)" "trial balance on $day $*"
    "$florin" report books aging --by invoice --as-of "$day" "$@" >invoices.json
    invoices=$(values open <invoices.json | cents)
    whole=$(sed 's/"unapplied".*//' aging.json | grep -o '"\(not_due\|amount\)":"[-0-9.]*"' | sed 's/.*://' | cents)
    expect "$whole" "$invoices" "aging by invoice on $day $*"
    counts=$(grep -o '"count":[0-9]*' aging.json | awk -F: '{s += $2} END {print s + 0}')
    overdue=$(grep -o '"days_overdue":[0-9]*' invoices.json | awk -F: '$2 > 0' | wc -l)
    expect "$counts" "$overdue" "overdue invoices on $day $*"
    expect "$invoices" "$("$florin" list books invoice --as-of "$day" "$@" | sed 's/"applications".*//' |
        values open | cents)" "list of invoices on $day $*"
    "$florin" list books customer --as-of "$day" "$@" >listed.json
    expect "$total" "$(values balance <listed.json | cents)" "balances of customers on $day $*"
    "$florin" report books aging --by customer --as-of "$day" "$@" >customers.json
    expect "$total" "$(values total <customers.json | cents)" "aging by customer on $day $*"
    "$florin" report books journal --as-of "$day" "$@" --format csv >journal.csv
    awk -F, 'NR > 1 {gsub(/\./, "", $6); entry[$1] += $6; account[$5] += $6}
        END {
            for (e in entry) if (entry[e] != 0) {print "entry " e " does not balance"; exit 1}
            for (a in account) if (account[a] != 0) printf "%s %d\n", a, account[a]
        }' journal.csv | sort >journal.sums || fail "$(cat journal.sums)"
    grep -o '{"account":"[^}]*}' ledger.json |
        sed 's/{"account":"\([^"]*\)".*"balance":"\([^"]*\)".*/\1 \2/' |
        awk '{gsub(/\./, "", $2); if ($2 + 0 != 0) printf "%s %d\n", $1, $2}' | sort >ledger.sums
    cmp journal.sums ledger.sums || fail "journal and trial balance on $day $*"
}

for day in 2024-02-10 2024-04-01 2024-12-31; do
    check_day "$day"
    cp aging.json "before-$day.aging"
    cp journal.csv "before-$day.journal"
done
tail -n +"$((half + 1))" year.ndjson | "$florin" apply books - >second.results
for day in 2024-02-10 2024-04-01 2024-12-31; do
    check_day "$day"
    check_day "$day" --known-at "$known"
    # As it was known then: but for what the report says of itself, the same to the byte.
    for report in aging; do
        sed 's/"known_at":[^,]*,"seq":[0-9]*/X/' "before-$day.$report" >old
        sed 's/"known_at":[^,]*,"seq":[0-9]*/X/' "$report.json" >new
        cmp old new || fail "$report of $day as known at $known is another than it was"
    done
    cmp "before-$day.journal" journal.csv || fail "the journal of $day as known at $known"
done

# An account's last line is its balance; show says the same.
for customer in C-000001 C-000002 C-000003; do
    "$florin" report books account "$customer" --as-of 2099-01-01 >account.json
    balance=$(values balance <account.json | tail -1)
    sum=$(grep -o '"amount":"[-0-9.]*"' account.json | sed 's/.*://' | cents)
    expect "$(echo "$balance" | cents)" "$sum" "lines and balance of $customer"
    "$florin" show books customer "$customer" | grep -q "\"balance\":$balance" || fail "show of $customer: not $balance"
done

# Shown as of a day behind everything is shown live; what is not there yet is not shown.
for kind in product order shipment receipt application credit_note; do
    "$florin" list books "$kind" >live.json
    "$florin" list books "$kind" --as-of 2099-01-01 >late.json
    cmp live.json late.json || fail "list $kind as of 2099"
done
"$florin" list books invoice | sed 's/"days_overdue":[0-9]*//' >live.json
"$florin" list books invoice --as-of 2099-01-01 | sed 's/"days_overdue":[0-9]*//' >late.json
cmp live.json late.json || fail "list invoice as of 2099"
refused 1 show books invoice "$(values invoice <invoices.json | head -1 | tr -d '"')x"
refused 1 show books invoice INV-000001 --as-of 2023-01-01
refused 2 show books invoice INV-000001 --as-of never

# A list has as many rows in every format, and the same values; one thing is shown by name.
for kind in customer product order shipment invoice receipt application bank_account; do
    "$florin" list books "$kind" >rows.json
    expect "$(wc -l <rows.json)" "$("$florin" list books "$kind" --format csv | tail -n +2 | wc -l)" "csv of $kind"
    expect "$(wc -l <rows.json)" "$("$florin" list books "$kind" --format table | tail -n +2 | wc -l)" "table of $kind"
done
expect "$("$florin" list books invoice --where state=paid | wc -l)" \
    "$("$florin" list books invoice --format csv | awk -F, '$8 == "paid"' | wc -l)" "list of paid invoices"
expect 0 "$("$florin" list books invoice --where receipt=R-000001 | wc -l)" "where looks into the thing itself only"
expect "$("$florin" list books invoice | sed 's/"applications".*//' | values open | cents)" \
    "$("$florin" list books invoice --format csv | awk -F, 'NR > 1 {print $7}' | cents)" "open amounts in csv"
"$florin" show books invoice INV-000001 --format table | grep -q '^customer  *C-' || fail "table of an invoice"
printf '{"type":"customer","id":"E","name":"\\u001b[2Jx","currency":"EUR"}\n' | "$florin" apply books - >/dev/null
"$florin" show books customer E --format table | grep -q $'\x1b' && fail "a name can move the cursor"

# Tables fit a terminal, and name the sequence; csv and json are what they say.
for report in ledger journal "account C-000001" stock exposure bank aging; do
    "$florin" report books $report --format table >table.txt
    grep -q sequence table.txt || fail "the table of $report does not name its sequence"
    widest=$(awk 'length > m {m = length} END {print m + 0}' table.txt)
    [ "$widest" -le 100 ] || fail "the table of $report is $widest wide"
    "$florin" report books $report --format json | grep -q '"seq":[0-9]' || fail "json of $report"
done

# What is wrong is named, with its exit code.
refused 2 report books agin
grep -q aging err || fail "an unknown report does not say which there are"
refused 2 report books aging --by colour
refused 2 report books aging --as-of yesterday
refused 2 report books aging --colour red
refused 2 report books stock --as-of 2024-01-01
refused 2 report books aging --known-at close
refused 2 aply books
grep -q 'apply' err || fail "an unknown verb is not guessed"
refused 3 report nowhere aging
refused 0 --help
awk 'length > 90 {exit 1}' out || fail "help is too wide"
refused 0 import --help
refused 0 --version
refused 2
echo "reports: all as reckoned"
