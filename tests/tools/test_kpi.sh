#!/usr/bin/env bash
# report kpi over a generated year with a second currency: the figures agree with report dso and report aging, groups
# and products come to the whole (awk), a series is the single reports, csv says what json says, and what was known at
# a close never changes.
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
field() { grep -o "\"$1\":\"\?[-0-9.a-z]*" | head -1 | sed 's/.*:"\?//'; } # the first
# sum FIGURE CURRENCY: of all rows of a csv on stdin, in minor units of two decimals
sum() { awk -F, -v f="$1" -v c="$2" '$5 == f && $4 == c {gsub(/\./, "", $6); s += $6} END {printf "%d\n", s}'; }
kpi() { "$florin" report books kpi "$@"; }

"$florin" gen --orders 900 --seed 12 2>/dev/null >year.ndjson
"$florin" init books >/dev/null
"$florin" apply books year.ndjson >results || true
cat >more.ndjson <<'JSON'
{"type":"fx_rate","from":"USD","to":"EUR","rate":"0.9","date":"2024-01-01"}
{"type":"fx_rate","from":"USD","to":"EUR","rate":"0.8","date":"2024-05-01"}
{"type":"customer","id":"US-1","name":"One, Inc.","currency":"USD","credit_limit":null,"segment":"trade","country":"US"}
{"type":"customer","id":"US-2","name":"Two \"2\" Inc.","currency":"USD","credit_limit":null,"segment":"retail","country":"CA"}
{"type":"product","id":"W","name":"W","currency":"USD","price":"3.33"}
{"type":"product","id":"X","name":"X","currency":"USD","price":"7.77"}
{"type":"invoice","id":"U1","customer":"US-1","date":"2024-03-05","due_date":"2024-04-04","lines":[{"product":"W","quantity":"7"},{"product":"X","quantity":"3"},{"product":"W","quantity":"1"}]}
{"type":"invoice","id":"U2","customer":"US-2","date":"2024-04-05","due_date":"2024-05-05","amount":{"net":"100.01","tax":"10.00"}}
{"type":"invoice","id":"U3","customer":"US-1","date":"2024-05-06","amount":{"net":"90.00","tax":"0"},"instalments":[{"due_date":"2024-05-20","amount":"30.01"},{"due_date":"2024-07-20","amount":"59.99"}]}
{"type":"receipt","id":"P1","amount":"13.37","currency":"USD","customer":"US-1","date":"2024-05-10","references":["U1"]}
{"type":"receipt","id":"P2","amount":"50.00","currency":"USD","customer":"US-2","date":"2024-05-11","references":["U2"]}
{"type":"receipt","id":"P3","amount":"5.55","currency":"USD","customer":"US-2","date":"2024-05-12"}
{"type":"credit_note","id":"K1","invoice":"U1","date":"2024-05-15","amount":"5.01"}
{"type":"credit_note","id":"K2","customer":"US-2","date":"2024-05-16","amount":{"net":"3.00","tax":"0.33"}}
{"type":"write_off","id":"O1","invoice":"U1","amount":"2.22","date":"2024-06-20","reason":"r"}
JSON
"$florin" apply books more.ndjson >more.results || fail "$(grep -v accepted more.results)"

for day in 2024-04-15 2024-06-30 2024-12-31; do
    kpi --as-of $day --format json >kpi.json
    # The same figures from the reports that had them before.
    "$florin" report books dso --as-of $day --format json >dso.json
    "$florin" report books aging --as-of $day --format json >aging.json
    for figure in dso count_back count_back_at_least best_possible average_days_delinquent true_dso sales; do
        expect "$(grep -o "\"$figure\":[^,}]*" dso.json | tr '\n' ' ')" \
            "$(sed 's/"\(before\|trend\)":{[^}]*}//g' kpi.json | grep -o "\"$figure\":[^,}]*" | tr '\n' ' ')" \
            "$figure on $day"
    done
    expect "$(grep -o '{"currency":"[A-Z]*","not_due".*' aging.json | tr '{' '\n' | grep -o '"ledger":"[-0-9.]*"')" \
        "$(grep -o '"ledger":"[-0-9.]*"' kpi.json)" "ledger on $day"
    # csv says what json says.
    kpi --as-of $day --format csv >kpi.csv
    for figure in receivable cei percent_current time_to_close bad_debt; do
        expect "$(sed 's/"trend":{[^}]*}//g' kpi.json | grep -o "\"$figure\":[^,}]*" | tr -d '"' |
            sed 's/.*://; s/null//' | tr -s '\n' ' ')" \
            "$(awk -F, -v f=$figure '$5 == f {print $6; print $7}' kpi.csv | tr -s '\n' ' ')" "csv of $figure on $day"
    done
    # Groups come to the whole, to the cent; so do products, with what has none.
    for by in customer segment country product; do
        kpi --as-of $day --by $by --format csv >by.csv
        for figure in receivable receivable_opening sales overdue not_due unapplied_cash open_credits write_offs \
            overdue_from_1 overdue_from_91; do
            for currency in EUR USD; do
                expect "$(sum $figure $currency <kpi.csv)" "$(sum $figure $currency <by.csv)" \
                    "$figure by $by on $day in $currency"
            done
        done
        [ $by = product ] || for figure in closed closed_by_credit not_due_count overdue_from_31_count; do
            expect "$(sum $figure USD <kpi.csv)" "$(sum $figure USD <by.csv)" "$figure by $by on $day"
        done
        kpi --as-of $day --by $by --currency USD --format csv | grep -v EUR >/dev/null || fail "no USD by $by"
        kpi --as-of $day --by $by --currency USD --format csv | grep -q ,EUR, && fail "EUR among USD by $by"
    done
    # In the book's currency it is the ledger's base column.
    kpi --as-of $day --currency BASE --format json >base.json
    control=$("$florin" report books ledger --as-of $day --format json | grep -o '{"account":"assets:receivable[^}]*}' |
        grep -o '"base_balance":"[^"]*"' | awk -F'"' '{gsub(/\./, "", $4); s += $4} END {printf "%d", s}')
    expect "$control" "$(field receivable <base.json | tr -d .)" "receivable in base on $day"
    expect "$control" "$(field ledger <base.json | tr -d .)" "ledger in base on $day"
    "$florin" report books dso --as-of $day --currency BASE --format json >dso.json
    for figure in receivable sales dso count_back true_dso best_possible; do
        expect "$(field $figure <base.json)" "$(field $figure <dso.json)" "$figure in base on $day"
    done
    kpi --as-of $day --currency BASE --by customer --format csv >by.csv
    expect "$control" "$(sum receivable EUR <by.csv)" "receivable by customer in base on $day"
done

# By hand: 110.01 + 90.00 - 5.01 - 3.33 sold in the quarter; open 36.58 - 2.22 - 5.01 of U1, 60.01, 90.00, less 5.55, 3.33.
kpi --as-of 2024-06-30 --currency USD --format json >usd.json
expect 191.67 "$(field sales <usd.json)" "sales of the quarter"
expect 170.48 "$(field receivable <usd.json)" "receivable"
expect 80.9 "$(field dso <usd.json)" "DSO: 170.48 / 191.67 x 91"
expect 2.22 "$(field write_offs <usd.json)" "write-offs"
expect 1.16 "$(field bad_debt <usd.json)" "bad debt: 2.22 / 191.67"
expect 59.99 "$(field not_due <usd.json)" "not due: the second instalment"

# Collection effectiveness from its own sums, reckoned again: (o + s/n - r) / (o + s/n - c).
for options in "" "--by customer" "--months 1" "--currency BASE" "--from 2024-05-10"; do
    # shellcheck disable=SC2086
    months=$("$florin" report books cei --as-of 2024-06-30 $options --format json | field months)
    # shellcheck disable=SC2086
    "$florin" report books cei --as-of 2024-06-30 $options --format csv | awk -F, -v n="$months" 'NR > 1 {
        d = $3 + $4 / n - $6
        e = d > 0.000001 ? ($3 + $4 / n - $5) / d * 100 : ""
        if ((e == "") != ($7 == "") || (e != "" && (e - $7 > 0.0051 || $7 - e > 0.0051))) {print $0 ": " e; exit 1}
    }' || fail "cei $options"
done
expect "$(kpi --as-of 2024-06-30 --currency USD --format json | field cei)" \
    "$("$florin" report books cei --as-of 2024-06-30 --currency USD --format json | field cei)" "cei of both reports"

# The aging by anything comes to the aging, and however it is aged to the ledger.
for by in segment country product; do
    "$florin" report books aging --by $by --as-of 2024-06-30 --format csv >by.csv
    expect "$("$florin" report books aging --as-of 2024-06-30 --currency USD --format csv |
        awk -F, '{gsub(/\./, "", $3)} NR > 1 {printf "%s ", $3}')" \
        "$(awk -F, '$2 == "USD" {for (i = 3; i <= NF; i++) {gsub(/\./, "", $i); s[i] += $i}}
            END {for (i = 3; i <= 10; i++) printf (s[i] < 0 ? "%04d " : "%03d "), s[i]}' by.csv)" "aging by $by"
done
for options in "--credits aged" "--credits oldest" "--basis document" "--basis document --credits oldest" "--currency BASE"; do
    # shellcheck disable=SC2086
    "$florin" report books aging --as-of 2024-06-30 $options >variant.json
    expect "$(grep -o '"total":"[^"]*"' variant.json | sed 's/total/ledger/')" "$(grep -o '"ledger":"[^"]*"' variant.json)" \
        "aging $options"
done
refused 2 report books aging --by product --credits oldest
refused 2 report books aging --credits gone

# A series is the single reports.
kpi --every month --from 2024-02-10 --to 2024-05-15 --format csv >series.csv
for day in 2024-02-29 2024-03-31 2024-04-30 2024-05-15; do
    kpi --as-of $day --format csv | grep -v ',top_overdue\|,cohort_' | cut -d, -f1-6 >one.csv
    { head -1 series.csv; grep "^$day" series.csv; } | cut -d, -f1-6 >point.csv
    cmp one.csv point.csv || fail "the point of $day is not the report of that day"
done
expect 4 "$(kpi --every month --from 2024-02-10 --to 2024-05-15 --format json | grep -o '"days":' | wc -l)" "points"
expect 2 "$(kpi --every quarter --from 2024-02-10 --to 2024-05-15 --format json | grep -o '"days":' | wc -l)" "quarters"
expect 14 "$(kpi --every week --from 2024-02-12 --to 2024-05-15 --format json | grep -o '"days":' | wc -l)" "weeks"
expect 2024-02-18 "$(kpi --every week --from 2024-02-12 --to 2024-05-15 --format json |
    grep -o '"to":"[-0-9]*"' | sed -n 1p | cut -d'"' -f4)" "a week ends on Sunday"
kpi --every month --months 1 --from 2024-04-01 --to 2024-04-30 --format json | grep -q '"from":"2024-04-01"' ||
    fail "a point of one month does not begin with it"

# As reported at the close: never another, whatever comes.
echo '{"type":"period_close","through":"2024-05-31"}' | "$florin" apply books - >/dev/null
kpi --as-of 2024-05-31 --known-at close --format csv >closed.csv
kpi --every month --from 2024-01-01 --to 2024-05-31 --known-at close --format csv >closed_series.csv
echo '{"type":"receipt","id":"P9","amount":"30.01","currency":"USD","customer":"US-1","references":["U3"]}
{"type":"application_reverse","application":"P1/1"}' | "$florin" apply books - >late.results || fail "$(cat late.results)"
kpi --as-of 2024-05-31 --known-at close --format csv | cmp - closed.csv || fail "what was reported changed"
kpi --every month --from 2024-01-01 --to 2024-05-31 --known-at close --format csv | cmp - closed_series.csv ||
    fail "the series that was reported changed"
"$florin" report books restatements --as-of 2024-05-31 --format json >late.json
expect 0.00 "$(sed 's/.*"difference"//' late.json | field receivable)" "a closed month is not restated"
expect '"concerns":"2024-05-10"' \
    "$(grep -o '"concerns":"[^"]*"' late.json | sort | tr '\n' ' ' | sed 's/ $//')" "what came later, and was pushed"
grep -q '"restates":true' late.json && fail "a closed day was restated"
expect 1 "$("$florin" report books restatements --as-of 2024-05-31 --format csv | grep -c ,false)" "csv of what came later"
"$florin" report books restatements --as-of 2024-06-30 --known-at 20 --format json >back.json
expect "$(grep -o '"difference":{"receivable":"[^"]*"' back.json | cut -d'"' -f6 | tr -d . | awk '{s += $1} END {print s + 0}')" \
    "$(grep -o '"effect":{"receivable":"[^"]*"[^}]*},"restates":true' back.json | cut -d'"' -f6 | tr -d . |
        awk '{s += $1} END {print s + 0}')" "what restates comes to the difference"
"$florin" report books restatements --as-of 2024-05-31 --format table | grep -q 'as reported' || fail "table of restatements"
refused 2 report books restatements --as-of 2024-06-30
refused 2 report books kpi --as-of 2024-06-30 --known-at close
refused 2 report books kpi --every month --from 2024-05-01 --to 2024-06-30 --known-at close

# Read at a glance: 80 columns, whatever is asked.
for options in "" "--by customer" "--by product" "--every month" "--every month --by country" "--currency BASE"; do
    # shellcheck disable=SC2086
    kpi --format table $options >table.txt
    widest=$(LC_ALL=C.UTF-8 wc -L <table.txt)
    [ "$widest" -le 80 ] || fail "kpi $options is $widest wide"
    grep -q sequence table.txt || fail "kpi $options does not name its sequence"
done

refused 2 report books kpi --by colour
refused 2 report books kpi --every fortnight
refused 2 report books kpi --months 0
refused 2 report books kpi --from 2025-01-01 --to 2024-12-31
refused 2 report books ledger --currency BASE
echo "kpi: all as reckoned"
