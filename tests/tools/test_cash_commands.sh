#!/usr/bin/env bash
# Disputes, promises, instalments, assignments, payouts and decisions through the program: what is answered, shown and
# listed; the log of it makes an equal engine.
# usage: test_cash_commands.sh FLORIN [DATA]
set -euo pipefail
florin=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# shows KIND ID TEXT...: what is shown has each text in it.
shows()
{
    "$florin" show books "$1" "$2" --format json >shown || fail "show $1 $2"
    for text in "${@:3}"; do
        grep -qF -- "$text" shown || fail "show $1 $2: no $text in $(cat shown)"
    done
}

cat >commands.ndjson <<'END'
{"type":"book","auto_match":{"auto":70,"propose":30,"lambda":"0.001","oldest_first":false},"tolerances":{"EUR":"0.05"}}
{"type":"clock","date":"2025-03-01"}
{"type":"customer","id":"C","name":"Larch Ltd","currency":"EUR","credit_limit":null,"bank_accounts":["DE02 1203 0000 0000 2020 51"]}
{"type":"invoice","id":"INV-1","customer":"C","date":"2025-02-01","amount":{"net":"100","tax":"19"}}
{"type":"invoice","id":"INV-821","customer":"C","date":"2025-02-01","amount":{"net":"2700","tax":"0"},"instalments":[{"due_date":"2025-02-15","amount":"900"},{"due_date":"2025-04-01","amount":"900"},{"due_date":"2025-05-01","amount":"900"}]}
{"type":"receipt","id":"R1","amount":"500","currency":"EUR","references":["INV-821"],"date":"2025-02-15"}
{"type":"receipt","id":"R2","amount":"119","currency":"EUR","customer":"C","date":"2025-02-15"}
{"type":"application","receipt":"R2","invoice":"INV-1","match":{"rule":5,"points":85,"reason":"payer and amount","runner_up":{"rule":5,"points":40,"documents":[{"id":"INV-821","amount":"119"}],"missing":"needs 70"},"candidates":[{"rule":7,"points":30,"documents":[{"id":"INV-821","amount":"119.00"}],"missing":"m"}]}}
{"type":"dispute","id":"D1","invoice":"INV-821","amount":"300","reason":"damaged"}
{"type":"promise","id":"P1","invoice":"INV-821","date":"2025-03-10","amount":"100"}
{"type":"receipt","id":"R3","amount":"100","currency":"EUR","references":["INV-821"],"date":"2025-03-05"}
{"type":"clock","date":"2025-03-11"}
{"type":"statement","id":"S1","account":"BANK","currency":"EUR","opening":"0","closing":"941","pages":2,"note":"hello","balances":[{"code":"CLAV","date":"2025-03-01","amount":"10"}],"lines":[{"amount":"-9","booking_date":"2025-03-01","bank_ref":"F1","text":"fee"},{"amount":"50","booking_date":"2025-03-01","bank_ref":"I1"},{"amount":"900","booking_date":"2025-03-01","bank_ref":"X9","payer":{"account":"DE02120300000000202051"}}]}
{"type":"assign","line":"BANK/F1","account":"expenses:bank_charges"}
{"type":"payout","id":"PO-1","date":"2025-03-11","currency":"EUR","processor":"STRIPE","amount":"91.10","parts":[{"kind":"charge","ref":"INV-821","amount":"100","fee":"2.90"},{"kind":"fee","amount":"-1"},{"kind":"reserve","amount":"-5.00"}]}
{"type":"statement","id":"S2","account":"BANK","currency":"EUR","opening":"950","closing":"1041.10","lines":[{"amount":"91.10","booking_date":"2025-03-12","bank_ref":"X","end_to_end":"PO-1"}]}
END
"$florin" init books >/dev/null
"$florin" apply books commands.ndjson >answers || fail "apply: $(grep -v accepted answers)"
grep -q '"type":"payout","id":"PO-1","result":"accepted".*"amount":"91.10","count":3,"matched":1' answers || fail "payout's answer"

shows receipt R2 '"match":{"rule":5,"points":85,"by":"florin","reason":"payer and amount"' \
    '"runner_up":{"rule":5,"points":40,"documents":[{"id":"INV-821","amount":"119.00"}],"missing":"needs 70"}' \
    '"candidates":[{"rule":7,"points":30,"documents":[{"id":"INV-821","amount":"119.00"}],"missing":"m"}]'
shows receipt R3 '"match":{"rule":4,"points":70,"by":"florin","reason":' '"id":"R3/1"'
shows receipt BANK/X9 '"customer":"C"' '"state":"unapplied"' '"match":{"rule":null'
shows invoice INV-821 '"disputed":true,"disputed_amount":"300.00"' '"open":"2000.00"' '"days_overdue":24' \
    '"instalments":[{"n":1,"due_date":"2025-02-15","amount":"900.00","open":"200.00"},{"n":2,"due_date":"2025-04-01","amount":"900.00","open":"900.00"}'
shows dispute D1 '"invoice":"INV-821"' '"amount":"300.00"' '"reason":"damaged"' '"state":"open"'
shows promise P1 '"state":"kept"' '"paid":"100.00"' '"date":"2025-03-10"'
shows statement S1 '"pages":2' '"note":"hello"' '"gap":null' '"balances":[{"code":"CLAV","date":"2025-03-01","amount":"10.00"}]'
shows statement S2 '"gap":"9.00"' '"balances":[]'
shows statement_line BANK/F1 '"status":"assigned","assigned":"expenses:bank_charges"'
shows statement_line BANK/X '"status":"payout_linked","payout":"PO-1"'
shows payout PO-1 '"processor":"STRIPE"' '"line":"BANK/X"' '"kind":"charge","ref":"INV-821","amount":"100.00","fee":"2.90","receipt":"PO-1/1"'

# Each part ages on its own day, and all of them are the whole.
"$florin" report books aging --by invoice --format json >rows
grep -qF '"due_date":"2025-02-15","days_overdue":24,"currency":"EUR","open":"200.00","bucket":"1-30"' rows || fail "aging by invoice: $(cat rows)"
grep -qF '"due_date":"2025-05-01","days_overdue":0,"currency":"EUR","open":"900.00","bucket":"not_due"' rows || fail "aging by invoice: $(cat rows)"
"$florin" report books aging --format json >aging
grep -q '"not_due":"1800.00".*"from":1,"to":30,"amount":"200.00","count":1.*"total":"1100.00","ledger":"1100.00"' aging || fail "aging: $(cat aging)"

# What a person decided stays; the sentence says so.
cat >more.ndjson <<'END'
{"type":"application_reverse","application":"R2/1","by":"ann"}
{"type":"application","receipt":"R2","invoice":"INV-1","match":{"rule":5,"points":85}}
{"type":"dispute_close","dispute":"D1","outcome":"upheld","credit":"CN-1"}
{"type":"payout","id":"PO-2","currency":"EUR","processor":"STRIPE","amount":"1","parts":[{"kind":"charge","amount":"2"}]}
END
"$florin" apply books more.ndjson >answers && fail "a machine's match was accepted again"
grep -q '"code":"wrong_state","message":"invoice INV-1 is undone by a person: what a person decided no machine changes"' answers || fail "$(cat answers)"
grep -q '"code":"unbalanced","message":"the payout is of 1.00, its parts come to 2.00: 1.00 apart (EUR)"' answers || fail "$(cat answers)"
shows dispute D1 '"state":"closed","outcome":"upheld"' '"credit":"CN-1"'
shows invoice INV-821 '"disputed":false' '"open":"1700.00"'
shows invoice INV-1 '"open":"119.00"'
[ "$("$florin" list books promise | wc -l)" = 1 ] || fail "list promise"
[ "$("$florin" list books dispute --where state=closed | wc -l)" = 1 ] || fail "list dispute"

"$florin" check books --format json >check.json || fail "check: $(cat check.json)"
grep -q '"found":0' check.json || fail "check: $(cat check.json)"
"$florin" log books >log.ndjson
"$florin" init copy >/dev/null
"$florin" apply copy log.ndjson >answers || fail "log: $(grep -v accepted answers)"
[ "$("$florin" digest books)" = "$("$florin" digest copy)" ] || fail "the log makes another engine"
echo "cash commands: ok"
