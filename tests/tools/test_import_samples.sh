#!/usr/bin/env bash
# `florin import` of every sample of a bank's file, twice: the second time nothing is new and the book stays the same to
# the bit. What is damaged or does not add up is named the same way both times. Then small statements that are wrong in
# one line: the hint names the line.
set -euo pipefail
# shellcheck source=import_steps.sh disable=SC2154
. "$(dirname "$0")/import_steps.sh"
[ -d "$data/camt" ] || { echo "skipped: no sample files at $data"; exit 77; }

"$florin" init books >/dev/null
for currency in SEK USD DEM PLN DKK CHF JPY HKD MKD TRY GBP CAD NOK; do
    echo "{\"type\":\"fx_rate\",\"date\":\"1990-01-01\",\"from\":\"$currency\",\"to\":\"EUR\",\"rate\":\"0.5\"}"
done | "$florin" apply books - --quiet
mapfile -t files < <(find -L "$data/camt" "$data/mt940" -type f | sort)
code=0; "$florin" import books "${files[@]}" --format json >first.json 2>first.err || code=$?
expect 4 "$code" "exit of an import with files that are no statement"
expect "${#files[@]}" "$(grep -o '"file":' first.json | wc -l)" "files answered for"
[ "$(sum_of new first.json)" -gt 1800 ] || fail "only $(sum_of new first.json) lines are new"
before=$("$florin" digest books)
code=0; "$florin" import books "${files[@]}" --format json >second.json 2>second.err || code=$?
expect 4 "$code" "exit of the same import again"
expect 0 "$(sum_of new second.json)" "lines that are new the second time"
expect "$(($(sum_of new first.json) + $(sum_of known first.json)))" "$(sum_of known second.json)" \
    "lines known the second time"
expect "$before" "$("$florin" digest books)" "the book after the second import"
cmp first.err second.err || fail "other files are no statement the second time"
# Line by line the answers differ in what is new and known, and in nothing else. A gap is seen from what was booked last:
# after all files an early one that comes again lies before it.
plain() { sed 's/,"matched":[0-9]*,"proposed":[0-9]*,"open":[0-9]*}$//; s/"new":[0-9]*,"known":[0-9]*//g; s/{"line":[0-9]*,"message":"[^"]*a statement is missing"},\{0,1\}//g' "$1" |
    tr '{' '\n' | sed 's/,\{0,1\}\]/]/g; s/,$//'; }
diff <(plain first.json) <(plain second.json) >answers.diff || fail "the answers differ: $(head -20 answers.diff)"
"$florin" check books >check.json || fail "the book does not hold: $(cat check.json)"
expect "$("$florin" list books statement_line | grep -vc '"status":"told"')" "$(sum_of new first.json)" "lines stored, but for those told again"

# The daily series of two accounts chains without a break; without one day in which one of them moved, that is told.
"$florin" init series >/dev/null
"$florin" import series "$data"/camt/subite_LT_053/*.xml >series.json || fail "the series: $(cat series.json)"
if grep -q 'is missing' series.json; then fail "a gap where there is none: $(cat series.json)"; fi
"$florin" init broken >/dev/null
mapfile -t days < <(ls "$data"/camt/subite_LT_053/*.xml | grep -v 2024-03-20)
"$florin" import broken "${days[@]}" >broken.json || fail "the broken series: $(cat broken.json)"
expect 1 "$(grep -o 'opens with 19536402.50, [^ ]* closed with 19394788.85: a statement is missing' broken.json | wc -l)" \
    "the day that is left out"
expect 1 "$(grep -o 'is missing' broken.json | wc -l)" "gaps of the broken series"

# Of what a notice or an interim report tells only that is booked which it calls so: a file without BOOK books nothing, of
# the others every line is new or known but for those that are not booked. MT942 calls nothing so.
mapfile -t interim < <(find -L "$data/camt" -type f \( -path '*05[24]*' -o -path '*054-*' \) ! -name '*053*' | sort)
interim+=("$data"/camt/camt053py_business_sample_05[24]* "$data"/mt940/wolph_mBank_mt942.sta)
"$florin" init interim >/dev/null
for currency in SEK CHF PLN; do
    echo "{\"type\":\"fx_rate\",\"date\":\"1990-01-01\",\"from\":\"$currency\",\"to\":\"EUR\",\"rate\":\"0.5\"}"
done | "$florin" apply interim - --quiet
"$florin" import interim "${interim[@]}" >interim.json || true
sed 's/{"file":/\n&/g' interim.json | grep '^{"file":' >interim.files
expect "${#interim[@]}" "$(wc -l <interim.files)" "reports and notices answered for"
books=0
while read -r file; do
    name=$(echo "$file" | sed 's/{"file":"\([^"]*\)".*/\1/')
    case $name in *invalid-saldo*) continue ;; esac # refused for its balance
    echo "$file" | grep -q '"format":"camt.05[24]"\|"format":"mt942"' || fail "$name: $file"
    if grep -q 'BOOK' "$name"; then
        echo "$file" | grep -q '"posted":true' || fail "$name has booked entries: $file"
        echo "$file" >one.json
        expect "$(($(sum_of lines one.json) - $(sum_of not_booked one.json)))" \
            "$(($(sum_of new one.json) + $(sum_of known one.json)))" "$name: booked lines"
        books=$((books + 1))
    else
        echo "$file" | grep -q '"posted":true' && fail "$name has no booked entry: $file"
    fi
done <interim.files
[ "$books" -gt 10 ] || fail "only $books reports and notices have booked entries"

# A line whose amount, or twice its amount, is the difference.
statement() { # statement CLOSING MARK AMOUNT: two right lines and that one
    printf ':20:H\n:25:HINT\n:28C:1\n:60F:C240101EUR100,00\n:61:2401020102C25,00NTRFNONREF//B1\n:86:one\n'
    printf ':61:2401020102%s%sNTRFNONREF//B2\n:86:two\n:61:2401020102D7,00NTRFNONREF//B3\n:86:three\n' "$2" "$3"
    printf ':62F:C240102EUR%s\n-\n' "$1"
}
hint() { # hint WANTED CLOSING MARK AMOUNT
    local wanted=$1
    shift
    statement "$@" >hint.sta
    code=0; "$florin" import books hint.sta >hint.json || code=$?
    expect 1 "$code" "exit of a statement that does not add up"
    grep -qF "$wanted" hint.json || fail "no hint '$wanted': $(cat hint.json)"
    grep -q '"posted":false' hint.json || fail "posted: $(cat hint.json)"
}
hint 'entry 2 of 11.50 at line 7 may have the wrong sign' 106,50 C 11,50
hint 'entry 2 of -11.50 at line 7 may have the wrong sign' 129,50 D 11,50
hint 'entry 2 of -35.00 at line 7 may be there twice' 118,00 D 35,00
hint 'entry 2 of 11.50 at line 7 is as much: one like it may be missing' 141,00 C 11,50
hint 'entry 2 of 40.00 at line 7 is not booked, but the balance counts it' 158,00 EC 40,00
statement 100,01 C 11,50 >hint.sta
"$florin" import books hint.sta >hint.json && fail "a statement that does not add up is no failure"
if grep -q ' entry ' hint.json; then fail "a line is blamed that explains nothing: $(cat hint.json)"; fi
echo "${#files[@]} sample files imported twice: $(sum_of new first.json) lines, none the second time"
