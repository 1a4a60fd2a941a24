#!/usr/bin/env bash
# Sent again, a command is a duplicate with the fields and the sequence of its first answer: masters, documents, and
# what has a key only.
# usage: test_duplicate_seq.sh FLORIN [DATA]
set -euo pipefail
florin=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >commands.ndjson <<'END'
{"type":"customer","id":"AS","name":"Ash Ltd","currency":"EUR","credit_limit":null}
{"type":"bank_account","id":"B1","currency":"EUR","opening":"1"}
{"type":"fx_rate","date":"2025-01-01","from":"USD","to":"EUR","rate":"0.9"}
{"type":"invoice","id":"I1","customer":"AS","date":"2025-06-01","amount":{"net":"100","tax":"19"}}
{"type":"dispute","id":"D1","invoice":"I1","amount":"10","reason":"price","date":"2025-06-02"}
{"type":"dispute_close","dispute":"D1","outcome":"upheld","credit":"N1","key":"k1"}
{"type":"receipt","id":"R1","amount":"119","currency":"EUR","customer":"AS","date":"2025-06-03","fee":"1"}
{"type":"application","receipt":"R1","invoice":"I1","key":"k2","amount":"50"}
{"type":"application","receipt":"R1","invoice":"I1","id":"A2","amount":"9"}
{"type":"application_reverse","application":"R1/1","key":"k3"}
{"type":"receipt","id":"R2","amount":"8","currency":"EUR","date":"2025-06-03"}
{"type":"receipt_assign","receipt":"R2","customer":"AS","key":"k4"}
{"type":"refund","id":"F1","receipt":"R1","amount":"7"}
{"type":"chargeback","id":"C1","receipt":"R1","amount":"6","fee":"2"}
{"type":"chargeback_reverse","id":"C2","chargeback":"C1","amount":"5"}
{"type":"receipt_reverse","id":"V1","receipt":"R2","amount":"4"}
{"type":"write_off","id":"W1","invoice":"I1","amount":"3","reason":"x"}
{"type":"write_off_reverse","id":"W2","write_off":"W1","amount":"2"}
{"type":"credit_note","id":"N2","customer":"AS","amount":{"net":"5","tax":"1"}}
{"type":"statement","id":"S","account":"B1","currency":"EUR","opening":"1","closing":"-2","lines":[{"amount":"-3","booking_date":"2025-06-05","bank_ref":"L"}]}
{"type":"assign","line":"B1/L","account":"expenses:bank_charges","key":"k5"}
{"type":"payout","id":"O1","date":"2025-06-15","currency":"EUR","processor":"PP","amount":"1","parts":[{"kind":"charge","ref":"I1","amount":"1"}]}
END
# An instant of its own: the default day is the same on both.
sed -i 's/}$/,"at":"2025-06-20T10:00:00Z"}/' commands.ndjson
"$florin" init books >/dev/null
"$florin" apply books commands.ndjson >first || { echo "FAILED: $(grep -v accepted first)" >&2 && exit 1; }
"$florin" apply books commands.ndjson >second || { echo "FAILED: $(grep -v duplicate second)" >&2 && exit 1; }
# A statement tells of its lines instead: none is new, all are known.
grep -q '"type":"statement","id":"S","result":"duplicate","seq":20,"new":0,"known":1,"matched":0' second || { echo "FAILED: $(cat second)" >&2 && exit 1; }
for file in first second; do
    grep -v '"type":"statement"' $file | sed 's/"result":"[a-z]*"/"result":"-"/;s/,"at_raised":true//' >$file.plain
done
diff first.plain second.plain || { echo "FAILED: a duplicate is answered otherwise" >&2 && exit 1; }
echo "duplicates: as first answered"
