#!/usr/bin/env bash
# A chargeback that is won and a write-off that is recovered (rulings, D2 rows 16 and 19): in parts, their entries by
# hand, what is shown of them, the bank's lines of them, an equal engine from the log.
# usage: test_won_and_recovered.sh FLORIN [DATA]
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
{"type":"customer","id":"AS","name":"Ash Ltd","currency":"EUR","credit_limit":null,"net_days":14}
{"type":"customer","id":"US","name":"Oak Inc","currency":"USD","credit_limit":null}
{"type":"fx_rate","date":"2025-05-01","from":"USD","to":"EUR","rate":"0.8931"}
{"type":"bank_account","id":"B1","currency":"EUR","opening":"0"}
{"type":"invoice","id":"A-1","customer":"AS","date":"2025-05-02","amount":{"net":"200","tax":"40"}}
{"type":"invoice","id":"A-2","customer":"AS","date":"2025-05-02","amount":{"net":"70","tax":"13.30"}}
{"type":"invoice","id":"U-1","customer":"US","date":"2025-05-20","amount":{"net":"710","tax":"0"}}
{"type":"receipt","id":"R1","amount":"240","currency":"EUR","date":"2025-06-01","references":["A-1"]}
{"type":"receipt","id":"RU","amount":"710","currency":"USD","date":"2025-06-01","references":["U-1"]}
{"type":"refund","id":"F0","receipt":"R1","amount":"40","date":"2025-06-02"}
{"type":"chargeback","id":"CB","receipt":"R1","amount":"230","fee":"15","date":"2025-06-05","account":"B1"}
{"type":"chargeback_reverse","id":"WB","chargeback":"CB","amount":"150","date":"2025-06-09","account":"B1"}
{"type":"chargeback_reverse","id":"WC","chargeback":"CB","fee":"15"}
{"type":"chargeback","id":"CU","receipt":"RU","amount":"710","date":"2025-06-05"}
{"type":"chargeback_reverse","id":"WU","chargeback":"CU","amount":"333.33"}
{"type":"chargeback_reverse","id":"WV","chargeback":"CU"}
{"type":"write_off","id":"W1","invoice":"A-2","amount":"83.30","reason":"gone","tax_relief":true,"date":"2025-06-10"}
{"type":"write_off_reverse","id":"V1","write_off":"W1","amount":"41.11","date":"2025-06-12"}
{"type":"receipt","id":"R2","amount":"41.11","currency":"EUR","date":"2025-06-12","references":["A-2"]}
{"type":"write_off_reverse","id":"V3","write_off":"W1"}
{"type":"statement","id":"S","account":"B1","currency":"EUR","opening":"0","closing":"0","lines":[{"amount":"-245","booking_date":"2025-06-05","end_to_end":"CB","bank_ref":"1"},{"amount":"150","booking_date":"2025-06-09","end_to_end":"WB","bank_ref":"2"},{"amount":"95","booking_date":"2025-06-20","end_to_end":"WC","bank_ref":"3"}]}
END
"$florin" init books >/dev/null
"$florin" apply books commands.ndjson >answers || fail "$(grep -v accepted answers)"
grep -q '"id":"V3","result":"accepted","seq":[0-9]*,"amount":"42.19","amount_minor":4219' answers || fail "what is left"

"$florin" report books journal --format json >journal.json
entries=$(sqlite3 :memory: "select json_extract(e.value,'\$.date')||' '||json_extract(e.value,'\$.ref')||' '||
    group_concat(replace(json_extract(l.value,'\$.account'),'assets:receivable:','')||' '||json_extract(l.value,'\$.base_amount'),', ')
    from json_each(readfile('journal.json'),'\$.entries') e, json_each(e.value,'\$.lines') l
    where json_extract(e.value,'\$.type') like '%\_reverse' escape '\' and json_extract(e.value,'\$.type')<>'application_reverse'
       or json_extract(e.value,'\$.ref') like 'B1/%'
    group by json_extract(e.value,'\$.entry')")
# 41.11 of 83.30 carries 13.30 x 41.11 / 83.30 = 6.56 of tax; 333.33 of 710 is 634.10 x 333.33 / 710 = 297.70.
wanted='2025-06-09 WB unapplied -150.00, assets:bank:B1 150.00
2025-06-20 WC expenses:chargebacks -15.00, expenses:chargebacks -30.00, assets:transit:receipts 45.00
2025-06-20 WC unapplied -50.00, assets:transit:receipts 50.00
2025-06-20 WU unapplied -297.70, assets:transit:receipts 297.70
2025-06-20 WV unapplied -336.40, assets:transit:receipts 336.40
2025-06-12 V1 invoices 41.11, income:recoveries -34.55, liabilities:tax -6.56
2025-06-20 V3 invoices 42.19, income:recoveries -35.45, liabilities:tax -6.74
2025-06-20 B1/3 assets:bank:B1 95.00, assets:transit:receipts -95.00'
[ "$entries" = "$wanted" ] || fail "entries: $entries"

"$florin" show books receipt R1 --format json >shown
grep -q '"state":"unapplied","applied":"0.00","unapplied":"200.00","refunded":"40.00","charged_back":"0.00"' shown || fail "$(cat shown)"
"$florin" show books invoice A-2 --format json >shown
grep -q '"open":"42.19","state":"partial"' shown || fail "$(cat shown)"
"$florin" list books statement_line >shown
grep -q '"status":"chargeback_known","chargeback_reverse":"WB"' shown || fail "$(cat shown)"
grep -q '"status":"chargeback_linked","chargeback_reverse":"WC"' shown || fail "$(cat shown)"
"$florin" list books write_off_reverse >shown
grep -q '{"id":"V1","write_off":"W1","customer":"AS","amount":"41.11"' shown || fail "$(cat shown)"
# As of a day between, and as known before, what came back later is not back.
"$florin" show books receipt R1 --as-of 2025-06-10 --format json >shown
grep -q '"unapplied":"150.00","refunded":"40.00","charged_back":"50.00"' shown || fail "as of: $(cat shown)"
"$florin" show books invoice A-2 --as-of 2025-06-11 --format json >shown
grep -q '"open":"0.00","state":"written_off"' shown || fail "as of: $(cat shown)"

cat >more.ndjson <<'END'
{"type":"chargeback_reverse","id":"WB","chargeback":"CB","amount":"150","date":"2025-06-09","account":"B1"}
{"type":"chargeback_reverse","id":"WB","chargeback":"CB","amount":"151"}
{"type":"chargeback_reverse","id":"WD","chargeback":"CB"}
{"type":"write_off_reverse","id":"V4","write_off":"W1"}
{"type":"write_off","id":"W2","invoice":"A-2","amount":"2","reason":"gone"}
{"type":"write_off_reverse","id":"V5","write_off":"W2","amount":"2.01"}
{"type":"write_off_reverse","id":"V5","write_off":"W2","date":"2025-06-19"}
END
"$florin" apply books more.ndjson >answers && fail "nothing was refused"
codes=$(sed 's/.*"result":"\([a-z]*\)"\(.*"code":"\([a-z_]*\)"\)\{0,1\}.*/\1 \3/' answers | tr '\n' ',')
[ "$codes" = 'duplicate ,refused key_reused,refused wrong_state,refused wrong_state,accepted ,refused exceeds_open,refused date_before_document,' ] ||
    fail "codes: $codes"

"$florin" check books --format json >check.json || fail "$(cat check.json)"
grep -q '"found":0' check.json || fail "$(cat check.json)"
"$florin" log books >log.ndjson
"$florin" init copy >/dev/null
"$florin" apply copy log.ndjson >answers || fail "log: $(grep -v accepted answers)"
[ "$("$florin" digest books)" = "$("$florin" digest copy)" ] || fail "the log makes another engine"
echo "won and recovered: ok"
