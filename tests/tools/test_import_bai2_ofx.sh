#!/usr/bin/env bash
# `florin import` of BAI2 and OFX: every sample twice, by the whole program, with the number of lines counted by awk
# from the files; what is refused keeps its file out of the book; control figures are named; no zone of the machine
# moves a day.
set -euo pipefail
# shellcheck source=import_steps.sh disable=SC2154
. "$(dirname "$0")/import_steps.sh"
[ -d "$data/bai2" ] && [ -d "$data/ofx" ] || { echo "skipped: no sample files at $data"; exit 77; }

rates() {
    for currency in USD CAD AUD BRL; do
        echo "{\"type\":\"fx_rate\",\"date\":\"1990-01-01\",\"from\":\"$currency\",\"to\":\"EUR\",\"rate\":\"0.5\"}"
    done | "$florin" apply "$1" - --quiet
}

# A file by itself, twice: the exit, and as many lines new as awk counts; the second time none.
"$florin" init books >/dev/null
rates books
count() { # lines of the statements of one file
    case $1 in
    *bai2) awk '{ gsub(/\/ +16,/, "/\n16,"); n += gsub(/(^|\n)16,/, "") } END { print n + 0 }' "$1" ;;
    *) awk '{ n += gsub(/<STMTTRN>/, "") } END { print n + 0 }' "$1" ;;
    esac
}
once() { # once EXIT FILE...: of each, what is new the first time and the second
    local wanted=$1
    shift
    for file; do
        lines=$(count "$file")
        [ "$wanted" = 0 ] || lines=0
        for new in "$lines" 0; do
            before=$("$florin" digest books)
            code=0
            "$florin" import books "$file" --format json >one.json 2>one.err || code=$?
            expect "$wanted" "$code" "exit of $file: $(cat one.json)"
            expect "$new" "$(sum_of new one.json)" "new lines of $file"
            [ "$wanted" = 0 ] && [ "$new" = "$lines" ] || expect "$before" "$("$florin" digest books)" "the book after $file"
        done
    done
}
once 4 "$data"/bai2/moov_errors_sample-parseError.bai2
once 1 "$data"/bai2/moov_sample5-issue113.bai2 "$data"/bai2/venturehacks_invalid_checksum_eod.bai2 \
    "$data"/ofx/ofxparse_error_message.ofx "$data"/ofx/ofxparse_fail_nice_decimal_error.ofx \
    "$data"/ofx/ofxparse_fidelity-savings.ofx
grep -q '8325983' <("$florin" import books "$data"/bai2/venturehacks_invalid_checksum_eod.bai2 --format json || true) ||
    fail "the written control total is not named"
grep -q '8325982' <("$florin" import books "$data"/bai2/venturehacks_invalid_checksum_eod.bai2 --format json || true) ||
    fail "the reckoned control total is not named"
mapfile -t good < <(find -L "$data/bai2" "$data/ofx" -type f | sort |
    grep -v -e parseError -e issue113 -e invalid_checksum -e error_message -e decimal_error -e fidelity)
# One statement stands in two of the BAI2 samples, with and without slashes in its text: two lines that differ.
once 0 "${good[@]}"

# All in one run, and again.
"$florin" init whole >/dev/null
rates whole
"$florin" import whole "${good[@]}" --format json >first.json
"$florin" import whole "${good[@]}" --format json >second.json
total=0
for file in "${good[@]}"; do total=$((total + $(count "$file"))); done
expect "$total" "$(sum_of new first.json)" "new lines of all"
expect 0 "$(sum_of new second.json)" "new lines of all the second time"
expect "$total" "$(sum_of known second.json)" "known lines the second time"
expect "$total" "$("$florin" list whole statement_line | wc -l)" "lines stored"
"$florin" check whole >check.json || fail "the book does not hold: $(cat check.json)"

# The days that the bank wrote, whatever zone the process has.
printf '<OFX><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>71</BANKACCTFROM><BANKTRANLIST>' >days.ofx
for day in 20240301 '20240302000000[-3:BRT]' 20240311 '20240229235959.000[-5:EST]' 20240401120000; do
    printf '<STMTTRN><DTPOSTED>%s<TRNAMT>1<FITID>%s</STMTTRN>\n' "$day" "${day:0:8}" >>days.ofx
done
printf '</BANKTRANLIST></STMTRS></OFX>\n' >>days.ofx
for zone in UTC America/Sao_Paulo America/New_York Pacific/Auckland; do
    rm -rf zone
    "$florin" init zone >/dev/null
    TZ=$zone "$florin" import zone days.ofx >/dev/null
    TZ=$zone "$florin" list zone statement_line |
        sed 's/.*"booking_date":"\([^"]*\)".*"bank_ref":"\([^"]*\)".*/\1 \2/' | tr -d - >days.txt
    expect 5 "$(wc -l <days.txt)" "lines in $zone"
    while read -r booked written; do expect "$written" "$booked" "a day in $zone"; done <days.txt
done
# O08 as people see it: the three balances, the references, what may be spent when.
o08() { # o08 CONTROL-TOTAL of the account
    printf '%s\r\n' 01,BANKX,CUST1,240305,0700,1,80,,2/ 02,CUST1,BANKX,1,240304,,USD,2/ \
        03,55501234,USD,010,100000,,,015,250075,,,045/ 88,240075,,/ \
        16,165,150075,S,100000,50075,0,REF8841,INV-2231,/ "49,$1,4/" 98,740225,1,6/ 99,740225,1,8/ >o08.bai
}
"$florin" init o08 >/dev/null
rates o08
o08 740226
code=0; "$florin" import o08 o08.bai --format json >o08.json || code=$?
expect 1 "$code" "exit of a wrong control total"
for word in '"line":6' 740226 740225 '"posted":false'; do
    grep -qF "$word" o08.json || fail "a wrong control total without $word: $(cat o08.json)"
done
expect 0 "$("$florin" list o08 statement_line | wc -l)" "lines of a refused file"
o08 740225
"$florin" import o08 o08.bai --format json >o08.json || fail "O08: $(cat o08.json)"
{ "$florin" list o08 statement; "$florin" list o08 statement_line; } >shown.json
for part in '{"code":"OPBD","date":"2024-03-04","amount":"1000.00"}' '{"code":"CLBD","date":"2024-03-04","amount":"2500.75"}' \
    '{"code":"CLAV","date":"2024-03-04","amount":"2400.75"}' '"bank_ref":"REF8841","customer_ref":"INV-2231"' \
    '"availability":[{"days":0,"amount":"1000.00"},{"days":1,"amount":"500.75"}]' '"amount":"1500.75"'; do
    grep -qF "$part" shown.json || fail "O08 shows no $part: $(cat shown.json)"
done
echo "${#good[@]} sample files imported twice: $total lines, none the second time"
