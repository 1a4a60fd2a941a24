#!/usr/bin/env bash
# cash-forecast and worklist: they add up to the aging, what came is what the file says was paid, the value of a call is
# reckoned again from predict; what is disputed, promised or refunded is not called about.
# usage: test_predict_reports.sh FLORIN DATA
set -euo pipefail
florin=$(realpath "$1")
ledger=$(realpath -m "$2/ar/ibm_late_payment_histories.csv")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# 1. A book by hand: one customer pays on the day, the other twenty days late, over a year.
awk 'function day(n,   m) { m = int(n / 28); return sprintf("2025-%02d-%02d", m + 1, n % 28 + 1) }
BEGIN {
    print "{\"type\":\"customer\",\"id\":\"GOOD\",\"name\":\"G\",\"currency\":\"EUR\",\"credit_limit\":null,\"segment\":\"shop\"}"
    print "{\"type\":\"customer\",\"id\":\"SLOW\",\"name\":\"S\",\"currency\":\"EUR\",\"credit_limit\":null,\"segment\":\"shop\"}"
    print "{\"type\":\"customer\",\"id\":\"NEW\",\"name\":\"N\",\"currency\":\"EUR\",\"credit_limit\":null,\"segment\":\"shop\"}"
    for (i = 0; i < 60; i++) {
        who = i % 2 ? "GOOD" : "SLOW"
        printf "{\"type\":\"invoice\",\"id\":\"I%d\",\"customer\":\"%s\",\"date\":\"%s\",\"due_date\":\"%s\",\"amount\":{\"net\":\"100\"}}\n", i, who, day(4 * i), day(4 * i + 14)
        printf "{\"type\":\"receipt\",\"id\":\"P%d\",\"customer\":\"%s\",\"amount\":\"100\",\"currency\":\"EUR\",\"references\":[\"I%d\"],\"date\":\"%s\"}\n", i, who, i, day(4 * i + (i % 2 ? 14 : 34))
    }
}' >hand.ndjson
cat >>hand.ndjson <<'END'
{"type":"clock","date":"2025-12-10"}
{"type":"invoice","id":"G-OPEN","customer":"GOOD","date":"2025-11-20","due_date":"2025-12-12","amount":{"net":"300"}}
{"type":"invoice","id":"S-OPEN","customer":"SLOW","date":"2025-11-20","due_date":"2025-12-08","amount":{"net":"300"}}
{"type":"invoice","id":"S-DISP","customer":"SLOW","date":"2025-11-20","due_date":"2025-12-08","amount":{"net":"40"}}
{"type":"dispute","id":"D1","invoice":"S-DISP","amount":"40","reason":"damaged","date":"2025-12-09"}
{"type":"invoice","id":"N-PROM","customer":"NEW","date":"2025-11-20","due_date":"2025-12-05","amount":{"net":"77"}}
{"type":"promise","id":"PR1","invoice":"N-PROM","amount":"77","date":"2025-12-15"}
{"type":"receipt","id":"P-BACK","customer":"GOOD","amount":"55","currency":"EUR","references":["G-BACK"],"date":"2025-12-02"}
{"type":"invoice","id":"G-BACK","customer":"GOOD","date":"2025-11-20","due_date":"2025-12-01","amount":{"net":"55"}}
{"type":"application","receipt":"P-BACK","invoice":"G-BACK","amount":"55"}
{"type":"refund","id":"RF","receipt":"P-BACK","amount":"55"}
END
"$florin" init hand >/dev/null
"$florin" apply hand hand.ndjson >answers || fail "$(grep -v accepted answers)"
"$florin" report hand worklist --format json >list
grep -q '"rank":1,"customer":"SLOW"' list || fail "who is slow comes first: $(cat list)"
grep -q '"invoice":"S-DISP"[^}]*"value":"0.00","state":"disputed"' list || fail "disputed: $(cat list)"
grep -q '"invoice":"N-PROM"[^}]*"value":"0.00","state":"promised"' list || fail "promised: $(cat list)"
grep -q '"invoice":"G-BACK"[^}]*"value":"0.00","state":"refunded, not credited"' list || fail "refunded: $(cat list)"
"$florin" predict hand --format csv >said
awk -F, '$1 == "S-OPEN" { s = $9 } $1 == "G-OPEN" { g = $9 } END { exit !(g > 0.6 && s < 0.4) }' said ||
    fail "within 7 days: $(cat said)"
grep -q '^N-PROM,NEW,.*' said || fail "the new customer is not in the list"
"$florin" predict hand --format json | sed 's/{"invoice":/\n&/g' | grep N-PROM | grep -q '"new_customer":true' || fail "new customer"
"$florin" report hand worklist --known-at 3 2>said && fail "known-at was taken"
"$florin" init empty >/dev/null
head -3 hand.ndjson | "$florin" apply empty - >/dev/null
"$florin" report empty cash-forecast 2>said && fail "nothing to learn from"
grep -q 'nothing to learn from' said || fail "$(cat said)"

# What is unknown today is no reason: all above as of a day before the dispute.
"$florin" predict hand --as-of 2025-12-08 --format csv | grep -q '^S-DISP,.*,false,' || fail "the dispute of tomorrow is known"

if ! [ -f "$ledger" ]; then
    echo "SKIPPED: no $ledger"
    exit 77
fi

# 2. The IBM set as of the end of June 2013.
"$florin" init ibm >/dev/null
"$florin" load ibm "$ledger" --map ar-ledger >/dev/null
day=2013-06-30
"$florin" report ibm cash-forecast --as-of $day --format json >cash.json
"$florin" report ibm cash-forecast --as-of $day --format csv >cash.csv
open=$("$florin" report ibm aging --as-of $day --by invoice --format csv | awk -F, 'NR > 1 { s += $7 } END { printf "%.2f", s }')
grep -q "\"open\":\"$open\"" cash.json || fail "open: $(cat cash.json), aging $open"
[ "$(awk -F, 'NR > 1 { s += $3 } END { printf "%.2f", s }' cash.csv)" = "$open" ] || fail "weeks and later are not all that is open"
awk -F, 'NR > 1 && $2 != "later" && !($4 <= $3 && $3 <= $5 && $4 >= 0) { print; exit 1 }' cash.csv || fail "interval"
# What came, out of the file itself.
tr -d '\r' <"$ledger" | awk -F, '
function iso(t,   d) { split(t, d, "/"); return sprintf("%04d-%02d-%02d", d[3], d[1], d[2]) }
NR == FNR { if (FNR > 1 && $2 != "later") { split($0, c, ","); from[++n] = c[2]; said[n] = c[3]; came[n] = c[7] } next }
FNR > 1 {
    if (iso($5) > "2013-06-30" || iso($9) <= "2013-06-30") next
    for (k = n; k > 0 && iso($9) < from[k]; k--);
    paid[k] += $7
}
END {
    for (k = 1; k <= n; k++) {
        if (sprintf("%.2f", paid[k]) != sprintf("%.2f", came[k])) { print from[k], paid[k], came[k]; exit 1 }
        apart += said[k] > paid[k] ? said[k] - paid[k] : paid[k] - said[k]; all += paid[k]
    }
    printf "%.4f\n", apart / all
}' cash.csv - >wape || fail "what came: $(cat wape)"
grep -q "\"weeks_over\":13,\"wape\":$(cat wape)}" cash.json || fail "wape $(cat wape): $(cat cash.json)"
# 80 % of the intervals hold, over a year; the first weeks are within the goal.
for from in 01-06 02-03 03-03 03-31 04-28 05-26 06-23 07-21 08-18 09-15 10-13 11-10; do
    "$florin" report ibm cash-forecast --as-of 2013-$from --format csv | awk 'NR > 1 && NR < 7'
done | awk -F, '
    { n++; held += $7 >= $4 && $7 <= $5 }
    NR % 5 == 1 { apart += $3 > $7 ? $3 - $7 : $7 - $3; came += $7 }
    END { if (held / n < 0.72 || held / n > 0.95 || apart / came > 0.18) { print held / n, apart / came; exit 1 } }' ||
    fail "the intervals do not hold what they say"

# The value of a call, from what predict says.
"$florin" report ibm worklist --as-of $day --format csv | awk -F, 'NR > 1 { print $1 "," $3 }' | sort >listed
"$florin" predict ibm --as-of $day --format csv | awk -F, '
    NR > 1 && $5 <= "2013-07-07" { v = $7 == "true" ? 0 : int(30 * $3 * (1 - $9) + 0.5); sum[$2] += v }
    END { for (c in sum) printf "%s,%.2f\n", c, sum[c] / 100 }' | sort >reckoned
join -t, listed reckoned | awk -F, '{ d = $2 - $3; if (d > 0.03 || d < -0.03) { print; exit 1 } n++ } END { exit n < 15 }' ||
    fail "the value of a call"
[ "$(wc -l <listed)" = "$(wc -l <reckoned)" ] || fail "customers of the list: $(diff listed reckoned)"
for report in cash-forecast worklist; do
    "$florin" report ibm $report --as-of $day --format table | sed 's/█/x/g' | awk 'length > 80 { print; exit 1 }' || fail "$report is too wide"
done
echo ok
