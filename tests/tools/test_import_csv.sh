#!/usr/bin/env bash
# CSV statements from the command line: what the amounts are, what is refused and how it exits, the
# same files again. usage: test_import_csv.sh FLORIN [DATA]
set -euo pipefail
florin=$1
data=${2:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# The exit code of a command whose output goes to the file out.
code()
{
    local exit=0
    "$@" >out 2>err || exit=$?
    echo "$exit"
}

amounts()
{
    "$florin" list "$1" statement_line --format json | sed -n 's/.*"amount":"\([-0-9.]*\)".*/\1/p' | paste -sd' '
}

# O07, from the command line.
"$florin" init a
printf 'date;text;amount\n2024-05-02;a;1.000\n2024-05-02;b;-3.000\n2024-05-02;c;1.234,5\n' >A.csv
printf '2024-05-02;d;0,07\n2024-05-02;e;"12.345.678,90"\n' >>A.csv
echo '{"format":"csv","separator":";","decimal":",","thousands":".","currency":"EUR"}' >A.json
[ "$(code "$florin" import a A.csv --profile A.json --account X)" = 0 ] || fail "A: $(cat err)"
[ ! -s err ] || fail "A: what is no terminal sees no progress: $(cat err)"
[ "$(amounts a)" = "1000.00 -3000.00 1234.50 0.07 12345678.90" ] || fail "A: $(amounts a)"
[ "$(code "$florin" import a A.csv --profile A.json --account X)" = 0 ] || fail "A again"
grep -q '"new":0,"known":5' out || fail "A again: $(cat out)"

"$florin" init b
printf 'date,text,amount\n2024-05-02,f,-110.7\n2024-05-02,g,"1,650.00"\n2024-05-02,h,-8.95000\n' >B.csv
echo '{"format":"csv","separator":",","decimal":".","thousands":",","currency":"EUR",' >B.json
echo ' "columns":{"date":"date","amount":"amount","text":["text"]},"account":"Y"}' >>B.json
[ "$(code "$florin" import b B.csv --profile B.json)" = 0 ] || fail "B: $(cat err)"
[ "$(amounts b)" = "-110.70 1650.00 -8.95" ] || fail "B: $(amounts b)"
sed 's/-8.95000/8.955/' B.csv >B2.csv
[ "$(code "$florin" import b B2.csv --profile B.json --format json)" = 1 ] || fail "8.955: exit"
grep -q '"refused":\[{"line":4,"code":"too_many_decimals"' out || fail "8.955: $(cat out)"
[ "$(code "$florin" import b B2.csv --profile B.json --skip-bad)" = 1 ] || fail "--skip-bad: exit"
grep -q '"new":0,"known":2' out || fail "--skip-bad: $(cat out)"

printf 'date;amount\n2024-05-02;1.000\n' >C.csv
[ "$(code "$florin" import b C.csv --account Z --format json)" = 1 ] || fail "C: exit"
grep -q '"statements":\[\],"refused":\[{"line":2,"code":"bad_value","message":"1.000' out ||
    fail "C: $(cat out)"

# A column of kinds is the direction where all of it are its words, and no amount has a sign.
"$florin" init t
printf 'Date,Description,Amount,Type\n2024-05-13,x,5.00,DR\n2024-05-14,y,7.00,CR\n' >T.csv
[ "$(code "$florin" import t T.csv --account T1 --format json)" = 0 ] || fail "Type: $(cat out err)"
[ "$(amounts t)" = "-5.00 7.00" ] || fail "Type: $(amounts t)"
"$florin" init u
printf 'Date,Description,Amount,Type\n2024-05-13,x,5.00,Debit\n2024-05-14,y,-7.00,Credit\n' >U.csv
[ "$(code "$florin" import u U.csv --account U1 --format json)" = 0 ] || fail "signed: $(cat out err)"
[ "$(amounts u)" = "5.00 -7.00" ] || fail "signed: $(amounts u)"
"$florin" init v
printf 'Date,Description,Amount,Type\n2024-05-13,x,5.00,Debit\n2024-05-14,y,7.00,Fee\n' >V.csv
[ "$(code "$florin" import v V.csv --account V1 --format json)" = 0 ] || fail "kinds: $(cat out err)"
[ "$(amounts v)" = "5.00 7.00" ] || fail "kinds: $(amounts v)"

# Which of two columns of one heading counts is not guessed; a profile says it by number.
printf 'Date,Text,Amount,amount \n2024-05-13,x,5.00,7.00\n' >W.csv
[ "$(code "$florin" import v W.csv --account W1 --format json)" = 4 ] || fail "twice: exit"
grep -q 'line 1: column 4 has the heading of one before it' err || fail "twice: $(cat err)"
echo '{"skip":1,"columns":{"date":1,"text":[2],"amount":4},"currency":"EUR"}' >W.json
[ "$(code "$florin" import v W.csv --account W1 --profile W.json --format json)" = 0 ] || fail "twice: $(cat out err)"
[ "$(amounts v)" = "5.00 7.00 7.00" ] || fail "twice: $(amounts v)"

# Balances that do not agree: flagged, told, posted only when asked.
printf 'date,amount,balance,currency\n2024-05-01,100.00,100.00,EUR\n' >D.csv
printf '2024-05-02,50.00,150.00,EUR\n2024-05-03,25.00,170.00,EUR\n' >>D.csv
[ "$(code "$florin" import b D.csv --account D --format json)" = 1 ] || fail "D: exit"
grep -q '"balanced":false,"difference":"-5.00","posted":false' out || fail "D: $(cat out)"
[ "$(code "$florin" import b D.csv --account D --accept-unbalanced --dry-run --format json)" = 1 ] ||
    fail "D dry: exit"
grep -q '"new":3,.*"posted":true' out || fail "D dry: $(cat out)"
[ "$(code "$florin" show b bank_account D)" != 0 ] || fail "a dry run made an account"
[ "$(code "$florin" import b D.csv --account D --accept-unbalanced --format json)" = 1 ] || fail "D"
grep -q '"new":3,.*"posted":true' out || fail "D: $(cat out)"

echo '{"seperator":";"}' >bad.json
[ "$(code "$florin" import b A.csv --profile bad.json)" = 4 ] || fail "a bad profile: exit"
grep -q seperator err || fail "a bad profile: $(cat err)"
[ "$(code "$florin" import b A.csv --profile none.json)" = 4 ] || fail "no profile: exit"

# A payout report: its charges settle what they name, again it is known, its processor has to be said.
"$florin" init p
"$florin" apply p - >/dev/null <<'BOOK'
{"type":"customer","id":"C1","name":"Alder","currency":"EUR","credit_limit":null}
{"type":"invoice","id":"INV-1","customer":"C1","date":"2025-06-01","amount":{"net":"100.00","tax":"0"}}
BOOK
printf 'payout,date,currency,kind,ref,amount,fee\nPO-1,2025-06-10,EUR,charge,INV-1,100.00,2.90\n' >P.csv
printf 'PO-1,2025-06-10,EUR,fee,,-1.00,\n' >>P.csv
[ "$(code "$florin" import p P.csv --format json)" = 1 ] || fail "whose payout: exit"
[ "$(code "$florin" import p P.csv --account STRIPE --format json)" = 0 ] || fail "payout: $(cat out err)"
grep -q '"format":"payout","statements":\[{"account":"STRIPE","id":"PO-1".*"sum":"96.10","lines":2,"new":2' out ||
    fail "payout: $(cat out)"
"$florin" show p invoice INV-1 --format json | grep -q '"state":"paid"' || fail "the charge's invoice"
"$florin" import p P.csv --account STRIPE --format json | grep -q '"new":0,"known":2' || fail "payout again"
# The same payout out of the processor's own JSON is the one that is known; another one settles its order's invoice.
txn() { # txn TYPE AMOUNT NET SOURCE
    printf '{"object":"balance_transaction","available_on":1749513600,"currency":"eur","type":"%s","amount":%s,"net":%s,"source":%s}' "$@"
}
list() { printf '{"object":"list","data":[%s,%s,%s],"has_more":false}' "$@"; }
list "$(txn payout -9610 -9610 '"PO-1"')" "$(txn charge 10000 9710 '{"id":"ch_1","metadata":{"order_id":"INV-1"}}')" \
    "$(txn stripe_fee -100 -100 null)" >P.json
[ "$(code "$florin" import p P.json --account STRIPE --format json)" = 0 ] || fail "payout in JSON: $(cat out err)"
grep -q '"format":"payout","statements":\[{"account":"STRIPE","id":"PO-1".*"sum":"96.10","lines":2,"new":0,"known":2' out ||
    fail "payout in JSON: $(cat out)"
echo '{"type":"invoice","id":"INV-2","customer":"C1","date":"2025-06-01","amount":{"net":"50.00","tax":"0"}}' | "$florin" apply p - >/dev/null
list "$(txn charge 5000 4870 '{"id":"ch_2","metadata":{"order_id":"INV-2"}}')" "$(txn payout -4770 -4770 '"PO-2"')" \
    "$(txn stripe_fee -100 -100 null)" >P2.json
[ "$(code "$florin" import p P2.json --account STRIPE --format json)" = 0 ] || fail "second payout in JSON: $(cat out err)"
"$florin" show p invoice INV-2 --format json | grep -q '"state":"paid"' || fail "the invoice of a charge in JSON"
sed 's/-4770/-4771/g' P2.json >P3.json
[ "$(code "$florin" import p P3.json --account STRIPE --format json)" = 1 ] || fail "a payout that does not add up: $(cat out)"
grep -q 'payout PO-2 is 47.71, its parts come to 47.7' out || fail "$(cat out)"

# Every sample, twice: the second time nothing is new.
[ -d "$data/csv" ] || exit 0
"$florin" init c
"$florin" apply c - >/dev/null <<'RATES'
{"type":"fx_rate","from":"USD","to":"EUR","date":"2015-01-01","rate":"0.9"}
{"type":"fx_rate","from":"CHF","to":"EUR","date":"2015-01-01","rate":"0.9"}
{"type":"fx_rate","from":"AUD","to":"EUR","date":"2015-01-01","rate":"0.6"}
RATES
echo '{"decimal":".","account":"VISECA"}' >viseca.json
echo '{"date":"D/M/YYYY","account":"PAYPAL-{currency}"}' >paypal_statement_es.json
echo '{"currency":"USD","account":"DCU"}' >dcu_checking.json
for round in new known; do
    for file in "$data"/csv/*.csv; do
        name=$(basename "$file" .csv)
        [ -f "$name.json" ] || printf '{"account":"%s-{currency}"}' "$name" >"$name.json"
        [ "$(code "$florin" import c "$file" --profile "$name.json" --format json)" = 0 ] ||
            fail "$name: $(cat out err)"
        new=$(grep -o '"new":[0-9]*' out | awk -F: '{n += $2} END {print n}')
        if [ $round = new ]; then
            [ "$new" -gt 0 ] || fail "$name: $(cat out)"
        else
            [ "$new" = 0 ] || fail "$name again: $(cat out)"
        fi
    done
done
"$florin" check c >/dev/null || fail "check"

# Without balances there is nothing to compare: null everywhere, and nothing against it.
"$florin" init n
printf 'date;text;amount;currency\n2024-05-13;a;1,50;EUR\n' >N.csv
[ "$(code "$florin" import n N.csv --account N1 --format json)" = 0 ] || fail "no balances: $(cat out err)"
grep -q '"opening":null,"closing":null,"sum":"1.50".*"balanced":true,"difference":null,"posted":true' out ||
    fail "no balances: $(cat out)"
"$florin" list n statement --format json >out
grep -q '"opening":null,"closing":null,"sum":"1.50","balanced":true,"difference":null' out ||
    fail "no balances shown: $(cat out)"
