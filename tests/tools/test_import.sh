#!/usr/bin/env bash
# `florin import`: bank files that `florin gen` made, reckoned again with awk from the files themselves (sum of the
# MT940 lines, number of lines), and small files for each thing that keeps a statement from being posted.
set -euo pipefail
# shellcheck source=import_steps.sh disable=SC2154
. "$(dirname "$0")/import_steps.sh"

# A whole year: every line of every file is booked once, and the bank accounts of the ledger are the sums of the
# files' lines; again it does nothing; a dry run says the same and keeps nothing.
"$florin" gen --orders 1500 --seed 4 --out year 2>/dev/null
"$florin" init books >/dev/null
"$florin" apply books year/commands.ndjson --quiet
before=$("$florin" digest books)
"$florin" import books year/*.sta year/*.xml --dry-run >dry.json
expect "$before" "$("$florin" digest books)" "a dry run changes the book"
"$florin" import books year/*.sta year/*.xml >first.json
cmp dry.json first.json || fail "a dry run tells other numbers than the run"
lines=$(cat year/*.sta | grep -c '^:61:' || true)
# An entry is as many lines as it has details, at least one.
entries=$(cat year/*.xml | awk 'BEGIN {RS = "<Ntry>"} NR > 1 {n = gsub(/<TxDtls>/, ""); s += n ? n : 1} END {print s + 0}')
expect "$((lines + entries))" "$(sum_of lines first.json)" "lines read"
expect "$((lines + entries))" "$(($(sum_of new first.json) + $(sum_of known first.json)))" "lines new or known"
matched=$(field matched first.json)
[ "$matched" -gt 0 ] || fail "nothing was matched"
expect "$(sum_of new first.json)" "$((matched + $(field proposed first.json) + $(field open first.json)))" "matched, proposed and open"
after=$("$florin" digest books)
"$florin" import books year/*.sta year/*.xml >second.json
expect 0 "$(sum_of new second.json)" "new lines of files that are known"
expect "$after" "$("$florin" digest books)" "known files change the book"
"$florin" check books >check.json || fail "the book does not hold: $(cat check.json)"

# The sums of the MT940 lines by account, in cents: against the ledger's accounts less what they opened with.
for file in year/*.sta; do
    awk '
    sub(/^:25:/, "") { sub(/\r$/, ""); account = $0 }
    /^:61:/ {
        line = substr($0, 5)
        sub(/^[0-9]{6}([0-9]{4})?/, "", line)
        sign = 1
        if (line ~ /^R?D/) sign = -1
        if (line ~ /^RC/) sign = -1
        if (line ~ /^RD/) sign = 1
        sub(/^R?[CD][A-Z]?/, "", line)
        match(line, /^[0-9]+,[0-9]*/)
        amount = substr(line, 1, RLENGTH)
        split(amount, part, ",")
        cents = part[1] * 100 + substr(part[2] "00", 1, 2)
        print account, sign * cents
    }' "$file"
done | awk '{sum[$1] += $2} END {for (a in sum) printf "%s %d\n", a, sum[a]}' | sort >awk.sums
[ -s awk.sums ] || fail "awk found no line"
"$florin" report books bank --format json | grep -o '{"account":[^}]*}' |
    sed 's/.*"account":"\([^"]*\)".*"sum":"\([^"]*\)".*/\1 \2/' |
    awk '{gsub(/\./, "", $2); sum[$1] += $2} END {for (a in sum) printf "%s %d\n", a, sum[a]}' |
    sort >florin.sums
while read -r account cents; do
    grep -q "^$account $cents\$" florin.sums ||
        fail "account $account: awk says $cents, florin $(grep "^$account " florin.sums || echo none)"
done <awk.sums

# Standard input, twice read.
"$florin" init piped >/dev/null
first=$(ls year/*.sta | head -1)
"$florin" import piped - <"$first" >piped.json
expect "$(grep -c '^:61:' "$first")" "$(sum_of new piped.json)" "lines from standard input"

# What does not balance is not posted, unless asked for; either way a person is told (exit 1).
"$florin" init small >/dev/null
printf ':20:S1\n:25:ACC1\n:28C:1\n:60F:C240101EUR100,00\n:61:2401020102C25,00NTRFNONREF//B1\n:86:INV-1\n:62F:C240102EUR130,00\n-\n' >unbalanced.sta
code=0; "$florin" import small unbalanced.sta >u.json || code=$?
expect 1 "$code" "exit of an unbalanced statement"
expect false "$(field posted u.json)" "an unbalanced statement is posted"
expect 0 "$(sum_of new u.json)" "lines of an unbalanced statement"
expect 5.00 "$(field difference u.json)" "difference"
code=0; "$florin" import small unbalanced.sta --accept-unbalanced >u.json || code=$?
expect 1 "$code" "exit of an unbalanced statement that was asked for"
expect 1 "$(sum_of new u.json)" "lines of an unbalanced statement that was asked for"

# Two equal lines are two, and stay two when the file comes again.
printf ':20:S2\n:25:ACC2\n:28C:1\n:60F:C240101EUR100,00\n:61:2401020102D4,50NMSCNONREF\n:86:COFFEE\n:61:2401020102D4,50NMSCNONREF\n:86:COFFEE\n:62F:C240102EUR91,00\n-\n' >coffee.sta
"$florin" import small coffee.sta >c.json
expect 2 "$(sum_of new c.json)" "equal lines"
"$florin" import small coffee.sta >c.json
expect "0 2" "$(sum_of new c.json) $(sum_of known c.json)" "equal lines again"

# A statement without lines is known again, also where the bank gives every statement one name.
{ cat coffee.sta; printf ':20:S2\n:25:ACC2\n:28C:2\n:60F:C240102EUR91,00\n:62F:C240103EUR91,00\n-\n'; } >empty.sta
"$florin" import small empty.sta >e.json
before=$("$florin" digest small)
"$florin" import small empty.sta >e.json
expect "$before" "$("$florin" digest small)" "an empty statement again"

# A gap between statements of an account is reported, in a file and between files; none is seen where there is none.
statement() { # statement ID DAY OPENING CLOSING AMOUNT
    printf ':20:%s\n:25:ACC5\n:28C:1\n:60F:C2401%02dEUR%s\n:61:2401%02d01%02dC%s,00NTRFNONREF//%s\n:86:x\n:62F:C2401%02dEUR%s\n-\n' \
        "$1" "$2" "$3" "$2" "$2" "$5" "$1" "$2" "$4"
}
statement G1 2 0,00 5,00 5 >gap1.sta
{ statement G2 3 5,00 9,00 4; statement G3 4 10,00 12,00 2; } >gap2.sta
statement G4 5 12,00 13,00 1 >gap4.sta
statement G5 8 20,00 21,00 1 >gap5.sta
for gap in 1:0 2:1 4:0 5:1 1:0; do
    "$florin" import small "gap${gap%:*}.sta" >g.json
    expect "${gap#*:}" "$(grep -o 'a statement is missing' g.json | wc -l)" "gaps before gap${gap%:*}.sta"
done

# A damaged record keeps its file out, --skip-bad lets the others in; a file of no format is exit 4.
printf ':20:S3\n:25:ACC3\n:28C:1\n:60F:C240101EUR100,00\n:61:24XX020102C25,00NTRFNONREF//B2\n:86:x\n:61:2401020102C5,00NTRFNONREF//B3\n:86:y\n:62F:C240102EUR105,00\n-\n' >bad.sta
code=0; "$florin" import small bad.sta >b.json || code=$?
expect "1 0" "$code $(sum_of new b.json)" "a file with a damaged record"
code=0; "$florin" import small bad.sta --skip-bad >b.json || code=$?
expect "1 1" "$code $(sum_of new b.json)" "the same with --skip-bad"
echo 'no statement' >text.txt
code=0; "$florin" import small text.txt >t.json 2>/dev/null || code=$?
expect 4 "$code" "exit of a file of no format"

# A reference settles, a range what it passes over, an open line makes --strict say so.
"$florin" init refs >/dev/null
{
    echo '{"type":"customer","id":"C","name":"C","currency":"EUR","credit_limit":null}'
    for n in 5520 5521 5522 5523 5530; do
        echo "{\"type\":\"invoice\",\"id\":\"RE-$n\",\"customer\":\"C\",\"amount\":{\"net\":\"10.00\",\"tax\":\"0\"}}"
    done
} | "$florin" apply refs - >/dev/null
printf ':20:S4\n:25:ACC4\n:28C:1\n:60F:C240101EUR0,00\n:61:2401020102C40,00NTRFNONREF//R1\n:86:RE-5520 to 5523\n:61:2401020102C10,00NTRFNONREF//R2\n:86:invoice RE 5530\n:61:2401020102C7,00NTRFNONREF//R3\n:86:thank you\n:62F:C240102EUR57,00\n-\n' >refs.sta
code=0; "$florin" import refs refs.sta --strict >r.json || code=$?
expect "1 2 1" "$code $(field matched r.json) $(field open r.json)" "matched and open by --strict"
for n in 5520 5521 5522 5523 5530; do
    "$florin" show refs invoice "RE-$n" | grep -q '"state":"paid"' || fail "RE-$n is not paid"
done
"$florin" init unmatched >/dev/null
"$florin" log refs | grep -v '"type":"statement"\|"type":"application"' | "$florin" apply unmatched - >/dev/null
"$florin" import unmatched refs.sta --no-match >n.json
expect 0 "$(field matched n.json)" "matched with --no-match"
echo "import: all as reckoned"
