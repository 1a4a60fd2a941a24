#!/usr/bin/env bash
# predict --evaluate on the two public ledgers: figures reckoned again by awk from the single answers, within their
# bounds and under their ceilings; what is dated after an origin changes nothing that was said at it.
# usage: test_predict.sh FLORIN DATA
set -euo pipefail
florin=$(realpath "$1")
ledgers=$(realpath -m "$2/ar")
if ! [ -f "$ledgers/ibm_late_payment_histories.csv" ]; then
    echo "SKIPPED: no $ledgers/ibm_late_payment_histories.csv"
    exit 77
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# figure LIST MODEL NAME <json
figure()
{
    sed -E "s/.*\"$1\":\[([^]]*)\].*/\1/; s/\},\{/\n/g" | grep "\"model\":\"$2\"," |
        sed -E "s/.*\"$3\":([-0-9.a-z]+).*/\1/"
}

# within WHAT VALUE FROM TO
within()
{
    awk -v v="$2" -v from="$3" -v to="$4" 'BEGIN { exit !(v != "null" && v + 0 >= from && v + 0 <= to) }' ||
        fail "$1 is $2, wanted $3 to $4"
}

# AUC by counting pairs, the others as defined; the model's lines of --tests on stdin.
cat >reckon.awk <<'AWK'
{
    late = $8 > 0; n++
    right += ($10 > 0.5) == late
    brier += ($10 - late) ^ 2
    error += $11 > $8 ? $11 - $8 : $8 - $11
    if ($12 != "") { intervals++; inside += $8 >= $12 && $8 <= $13 }
    if (late) hits[++h] = $10; else misses[++m] = $10
}
END {
    for (i = 1; i <= h; i++)
        for (j = 1; j <= m; j++) above += hits[i] > misses[j] ? 1 : hits[i] == misses[j] ? 0.5 : 0
    printf "auc %.4f\naccuracy %.4f\nbrier %.4f\nmae_days %.2f\ntests %d\n", above / (h * m), right / n, brier / n, error / n, n
    if (intervals) printf "coverage_80 %.4f\n", inside / intervals
}
AWK

# reckoned JSON TESTS MODEL...: the printed figures are those of the single answers, to the last digit but one.
reckoned()
{
    for model in "${@:3}"; do
        grep "^$model," "$2" | awk -F, -f reckon.awk >again
        while read -r name value; do
            printed=$(figure models "$model" "$name" <"$1")
            awk -v a="$printed" -v b="$value" -v n="$name" \
                'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d <= (n == "mae_days" ? 0.011 : 0.00011)) }' ||
                fail "$1: $model $name is printed $printed, reckoned $value"
        done <again
    done
}

# 1. The IBM set, through the book.
"$florin" init ibm >/dev/null
"$florin" load ibm "$ledgers/ibm_late_payment_histories.csv" --map ar-ledger >answer
grep -q '"dispute":{"accepted":561,' answer || fail "disputes: $(cat answer)"
"$florin" predict ibm --evaluate --format json >ibm.json
"$florin" predict ibm --evaluate --tests >ibm.tests
reckoned ibm.json ibm.tests majority due_date customer_rate customer_median additive additive_dispute
[ "$(figure models additive tests <ibm.json)" = 1189 ] || fail "tests: $(cat ibm.json)"
within "majority's accuracy" "$(figure models majority accuracy <ibm.json)" 0.682 0.6825
within "AUC" "$(figure models additive auc <ibm.json)" 0.88 0.906
within "Brier" "$(figure models additive brier <ibm.json)" 0.05 0.130
within "MAE" "$(figure models additive mae_days <ibm.json)" 3 6.0
within "coverage" "$(figure models additive coverage_80 <ibm.json)" 0.78 0.84
within "AUC with disputes" "$(figure models additive_dispute auc <ibm.json)" 0.94 0.949
within "Brier with disputes" "$(figure models additive_dispute brier <ibm.json)" 0.05 0.092
within "MAE with disputes" "$(figure models additive_dispute mae_days <ibm.json)" 2 4.3
within "coverage with disputes" "$(figure models additive_dispute coverage_80 <ibm.json)" 0.78 0.84
within "AUC on Mondays" "$(figure within_7_days additive auc <ibm.json)" 0.85 0.906
within "WAPE" "$(figure within_7_days additive wape <ibm.json)" 0.02 0.14
grep -q '"mondays":52,' ibm.json || fail "Mondays"

# 2. Nothing dated from July on changes what was said at the origins up to July: all those payments on other days, the
# disputes of invoices issued since turned around.
awk -F, -v OFS=, '
function number(y, m, d)
{
    y -= m <= 2; m = (m + 9) % 12
    return 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * m + 2) / 5) + d - 1
}
function text(n,   y, m, d)
{
    for (y = int(n / 365.2425) - 1; number(y + 1, 1, 1) <= n; y++);
    for (m = 1; m < 12 && number(y, m + 1, 1) <= n; m++);
    return m "/" (n - number(y, m, 1) + 1) "/" y
}
NR == 1 { print; next }
{
    split($5, i, "/"); split($9, p, "/"); july = number(2013, 7, 1)
    issued = number(i[3], i[1], i[2])
    if (number(p[3], p[1], p[2]) >= july)
        $9 = text((issued > july ? issued : july) + NR * 7919 % 90)
    if (issued >= july) { $8 = $8 == "Yes" ? "No" : "Yes"; $7 = NR + 0.5 }
    print
}' <(tr -d '\r' <"$ledgers/ibm_late_payment_histories.csv") >later.csv
"$florin" init later >/dev/null
"$florin" load later later.csv --map ar-ledger >/dev/null
"$florin" predict later --evaluate --tests --as-of 2014-06-30 >later.tests
"$florin" predict ibm --evaluate --tests --as-of 2014-06-30 >same.tests
# Row numbers and amounts of what was issued in July are others too: by customer and day, those before July in full.
for file in same later; do
    awk -F, -v OFS=, '$4 <= "2013-06-01" { print $1, $3, $4, $5, $10, $11, $12, $13 }' $file.tests |
        sort >$file.said
done
[ "$(wc -l <same.said)" -gt 2000 ] || fail "too few answers"
cmp -s same.said later.said || fail "the future changed what was said: $(diff same.said later.said | head -4)"
cmp -s <(cut -d, -f8 same.tests | sort) <(cut -d, -f8 later.tests | sort) && fail "the future was not changed"
awk -F, -v OFS=, '$4 == "2013-07-01" && $1 ~ /majority|customer/ { print $1, $3, $5, $10, $11 }' same.tests | sort >same.july
awk -F, -v OFS=, '$4 == "2013-07-01" && $1 ~ /majority|customer/ { print $1, $3, $5, $10, $11 }' later.tests | sort >later.july
cmp -s same.july later.july || fail "the future changed the naive rules of July"

# The same of the open invoices: all that is said at the end of June.
for book in ibm later; do
    "$florin" predict $book --as-of 2013-06-30 --format json | sed -E 's/"seq":[0-9]+,//' >$book.open
done
cmp -s ibm.open later.open || fail "the future changed what was said of the open invoices"

# 3. The open invoices: those of the aging, to the cent; each in order; the reasons add up to the days.
"$florin" predict ibm --as-of 2013-06-30 --format csv | awk -F, 'NR > 1 { print $1 "," $2 "," $3 }' | sort >listed
"$florin" report ibm aging --as-of 2013-06-30 --by invoice --format csv | awk -F, 'NR > 1 { print $1 "," $2 "," $7 }' | sort >aged
[ -s listed ] && cmp -s listed aged || fail "open invoices: $(diff listed aged | head -4)"
"$florin" predict ibm --as-of 2013-06-30 --format csv | awk -F, '
    NR > 1 {
        if (!($9 <= $10 && $10 <= $11 && $11 <= 1 && $8 >= 0 && $8 <= 1)) { print "probabilities: " $0; exit 1 }
        if (!($13 <= $12 && $12 <= $14 && $13 > "2013-06-30")) { print "days: " $0; exit 1 }
        if ($5 <= "2013-06-30" && $8 != 1) { print "overdue and not late: " $0; exit 1 }
    }' || fail "a line of the list"
sed 's/{"invoice":/\n&/g' ibm.open | awk '
    /^{"invoice"/ {
        match($0, /"days":-?[0-9.]+,"base_days"/); days = substr($0, RSTART + 7, RLENGTH - 19) + 0
        match($0, /"base_days":-?[0-9.]+/); sum = substr($0, RSTART + 12, RLENGTH - 12) + 0
        rest = substr($0, index($0, "\"reasons\":["))
        while (match(rest, /"days":-?[0-9.]+/)) { sum += substr(rest, RSTART + 7, RLENGTH - 7); rest = substr(rest, RSTART + RLENGTH) }
        n++
        if (sum - days > 0.06 || days - sum > 0.06) { print "days " days ", reasons " sum ": " $0; exit 1 }
    }
    END { exit n < 50 }' || fail "reasons do not add up"
# Of what was said to be paid within 7, 14 and 30 days about so much was.
"$florin" predict ibm --as-of 2013-06-30 --format csv >said.csv
tr -d '\r' <"$ledgers/ibm_late_payment_histories.csv" | awk -F, '
    NR == FNR { if (FNR > 1) { seven[$1] = $9; thirty[$1] = $11 } next }
    $4 in seven {
        split($9, p, "/"); day = sprintf("%04d-%02d-%02d", p[3], p[1], p[2])
        n++; s += seven[$4]; t += thirty[$4]; a += day <= "2013-07-07"; b += day <= "2013-07-30"
    }
    END { if ((s - a) ^ 2 > n || (t - b) ^ 2 > n) { print n, s, a, t, b; exit 1 } }' said.csv - || fail "expected and paid lie apart"

# 4. A file without issue dates; the rows with a number are the tests.
"$florin" predict "$ledgers/hrc_closed_40000_recovered.csv" --evaluate --format json >hrc.json
"$florin" predict "$ledgers/hrc_closed_40000_recovered.csv" --evaluate --tests >hrc.tests
grep -q '"issue_date_assumed":true' hrc.json || fail "the output does not say that issue dates are assumed"
[ "$(figure models additive tests <hrc.json)" = "$(awk -F, 'NR > 1 && $7 != ""' "$ledgers/hrc_closed_40000_recovered.csv" | wc -l)" ] ||
    fail "tests of the file: $(cat hrc.json)"
within "MAE of the file" "$(figure models additive mae_days <hrc.json)" 2 3.16
within "MAE of the due date" "$(figure models due_date mae_days <hrc.json)" 4.2 4.4
for model in due_date customer_rate additive; do
    grep "^$model," hrc.tests | awk -F, '
        { late = $8 > 0; b += ($10 - late) ^ 2; e += $11 > $8 ? $11 - $8 : $8 - $11; n++ }
        END { printf "%.4f %.2f\n", b / n, e / n }' >again
    [ "$(cat again)" = "$(figure models $model brier <hrc.json) $(figure models $model mae_days <hrc.json)" ] ||
        fail "$model of the file: $(cat again)"
done

"$florin" predict ibm --evaluate --format table | awk 'length > 80 { exit 1 }' || fail "the table is too wide"
echo ok
