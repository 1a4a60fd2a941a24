#!/usr/bin/env bash
# The fields that the contract names are there in every shape, null where there is nothing to say (rulings, A1, A5, A8,
# A16; commands, show); one with everything given and one with as little as can be, of each kind.
# usage: test_show_fields.sh FLORIN [DATA]
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

cat >commands.ndjson <<'END'
{"type":"clock","date":"2025-06-20"}
{"type":"customer","id":"AS","name":"Ash Ltd","currency":"EUR","credit_limit":null}
{"type":"invoice","id":"I1","customer":"AS","date":"2025-06-01","amount":{"net":"100","tax":"19"}}
{"type":"invoice","id":"I2","customer":"AS","date":"2025-06-01","amount":{"net":"50","tax":"0"},"reference":"RF8177AB01","instalments":[{"due_date":"2025-06-10","amount":"20"},{"due_date":"2025-07-10","amount":"30"}]}
{"type":"receipt","id":"R1","amount":"5","currency":"EUR"}
{"type":"receipt","id":"R2","amount":"119","currency":"EUR","references":["I1"],"payer":{"name":"Ash","account":"X1"},"method":"wire","fee":"1","text":"t"}
{"type":"credit_note","id":"N1","customer":"AS","amount":{"net":"9","tax":"0"}}
{"type":"refund","id":"F1","receipt":"R2","amount":"9"}
{"type":"refund","id":"F2","customer":"AS","amount":"9"}
{"type":"chargeback","id":"C1","receipt":"R2","amount":"10"}
{"type":"chargeback_reverse","id":"C2","chargeback":"C1"}
{"type":"write_off","id":"W1","invoice":"I2","amount":"1","reason":"r"}
{"type":"write_off_reverse","id":"W2","write_off":"W1"}
{"type":"dispute","id":"D1","invoice":"I2","amount":"2","reason":"late"}
{"type":"promise","id":"P1","invoice":"I2","date":"2025-06-25","amount":"2"}
{"type":"payout","id":"O1","date":"2025-06-15","currency":"EUR","processor":"PP","amount":"1","parts":[{"kind":"charge","ref":"I2","amount":"1"}]}
{"type":"statement","id":"S","account":"BK","currency":"EUR","opening":"0","closing":"1","lines":[{"amount":"-3"},{"amount":"4","booking_date":"2025-06-10","value_date":"2025-06-10","text":"t","bank_ref":"b","customer_ref":"c","end_to_end":"e","references":["r"],"payer":{"name":"n","account":"a"},"charges":"0.10","availability":[{"days":1,"amount":"4"}]}]}
END
"$florin" init books >/dev/null
"$florin" apply books commands.ndjson >answers || fail "$(grep -v accepted answers)"

# has KIND FIELD...: each that is listed has each field, nested ones by "a.b".
has()
{
    local kind=$1 field absent
    shift
    "$florin" list books "$kind" --format json >rows.ndjson
    [ -s rows.ndjson ] || fail "no $kind"
    for field in "$@"; do
        absent=$(sqlite3 :memory: "select value from json_each('['||rtrim(replace(readfile('rows.ndjson'),char(10),','),',')||']')
            where json_type(value,'\$.$field') is null")
        [ -z "$absent" ] || fail "$kind without $field: $absent"
    done
}

has customer id balance open unapplied exposure credit_limit available score
has invoice id customer date due_date currency total tax open state days_overdue dunning_level disputed applications
has receipt id amount currency applied unapplied customer state refunded charged_back returned refundable fee gain \
    match.rule match.points match.reason match.runner_up match.candidates payer.name payer.account
has application id receipt invoice amount date
has refund id amount currency date fee customer
has chargeback id receipt amount fee date
has chargeback_reverse id chargeback amount fee date
has write_off id invoice amount date reason
has write_off_reverse id write_off amount date
has dispute id invoice amount reason state
has promise id customer date amount state
has payout id date currency processor amount 'parts[0].kind' 'parts[0].ref' 'parts[0].amount' 'parts[0].fee'
has statement id account currency from to opening closing sum balanced difference pages gap balances posted
has statement_line id account statement n booking_date value_date amount currency text bank_ref customer_ref end_to_end \
    references payer.name payer.account charges availability reversal status
"$florin" show books refund F1 --format json >shown
grep -q '"refunded":"9.00","charged_back":"0.00","returned":"0.00","refundable":"110.00"' shown || fail "$(cat shown)"
"$florin" show books receipt R1 --format json >shown
grep -q '"customer":null,"state":"unidentified"' shown || fail "$(cat shown)"
"$florin" report books bank --format json >bank
grep -q '"opening":"0.00","closing":"1.00","difference":"0.00","gap":null' bank || fail "$(cat bank)"
echo "fields: ok"
