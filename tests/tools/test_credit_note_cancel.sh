#!/usr/bin/env bash
# A credit note is taken back whole while nothing of it is used: the mirror of its entry, its invoice's lines can be
# credited again, sales of both days; used in whole or in part, or twice, it is refused.
# usage: test_credit_note_cancel.sh FLORIN [DATA]
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

# entries REF: account and amount of each entry of that reference.
entries()
{
    "$florin" report books journal --format json >journal.json
    sqlite3 :memory: "select json_extract(e.value,'\$.date')||' '||json_extract(e.value,'\$.type')||': '||
        group_concat(json_extract(l.value,'\$.account')||' '||json_extract(l.value,'\$.base_amount'),', ')
        from json_each(readfile('journal.json'),'\$.entries') e, json_each(e.value,'\$.lines') l
        where json_extract(e.value,'\$.ref')='$1' group by json_extract(e.value,'\$.entry')"
}

cat >commands.ndjson <<'END'
{"type":"clock","date":"2025-06-20"}
{"type":"customer","id":"AS","name":"Ash Ltd","currency":"EUR","credit_limit":null}
{"type":"customer","id":"US","name":"Oak Inc","currency":"USD","credit_limit":null}
{"type":"fx_rate","date":"2025-01-01","from":"USD","to":"EUR","rate":"0.8931"}
{"type":"invoice","id":"I1","customer":"AS","date":"2025-05-01","lines":[{"text":"a","quantity":"3","price":"10.01","tax_rate":"19"},{"text":"b","quantity":"7","price":"3.33","tax_rate":"7"}]}
{"type":"receipt","id":"R1","customer":"AS","amount":"60.68","currency":"EUR","date":"2025-05-02","references":["I1"]}
{"type":"credit_note","id":"N1","invoice":"I1","date":"2025-05-10","lines":[{"line":2,"quantity":"5"},{"line":1,"amount":"1.23"}]}
{"type":"credit_note","id":"N2","customer":"US","date":"2025-05-10","amount":{"net":"333.33","tax":"0"}}
{"type":"credit_note","id":"N3","customer":"AS","date":"2025-05-10","amount":{"net":"5","tax":"0"}}
{"type":"refund","id":"F3","credit_note":"N3","amount":"1"}
{"type":"invoice","id":"I4","customer":"AS","date":"2025-05-01","amount":{"net":"9","tax":"0"}}
{"type":"credit_note","id":"N4","invoice":"I4","date":"2025-05-11","amount":"4"}
END
"$florin" init books >/dev/null
"$florin" apply books commands.ndjson >answers || fail "$(grep -v accepted answers)"

cat >cancel.ndjson <<'END'
{"type":"credit_note_cancel","credit_note":"N1","date":"2025-05-09","key":"a"}
{"type":"credit_note_cancel","credit_note":"N1","date":"2025-06-15","reason":"slip","key":"b"}
{"type":"credit_note_cancel","credit_note":"N1","date":"2025-06-15","reason":"slip","key":"b"}
{"type":"credit_note_cancel","credit_note":"N1"}
{"type":"credit_note_cancel","credit_note":"N2","date":"2025-06-16"}
{"type":"credit_note_cancel","credit_note":"N3"}
{"type":"credit_note_cancel","credit_note":"N4"}
{"type":"application","credit_note":"N1","invoice":"I4","amount":"1"}
END
"$florin" apply books cancel.ndjson >answers && fail "nothing was refused"
codes=$(sed 's/.*"result":"\([a-z]*\)"\(.*"code":"\([a-z_]*\)"\)\{0,1\}.*/\1 \3/' answers | tr '\n' ',')
[ "$codes" = 'refused date_before_document,accepted ,duplicate ,refused wrong_state,accepted ,refused wrong_state,refused wrong_state,refused exceeds_unapplied,' ] ||
    fail "codes: $codes $(cat answers)"
grep -q '"result":"accepted","seq":13,"credit_note":"N1","amount":"19.28"' answers || fail "$(cat answers)"

# 5 x 3.33 and 1.23 net, 7 % and 19 % on them: 1.17 + 0.23.
[ "$(entries N1)" = '2025-05-10 credit_note: income:revenue 17.88, liabilities:tax 1.40, assets:receivable:credits -19.28
2025-06-15 credit_note_cancel: income:revenue -17.88, liabilities:tax -1.40, assets:receivable:credits 19.28' ] || fail "$(entries N1)"
[ "$(entries N2 | tail -1)" = '2025-06-16 credit_note_cancel: income:revenue -297.70, assets:receivable:credits 297.70' ] || fail "$(entries N2)"

"$florin" show books credit_note N1 --format json >shown
grep -q '"open":"0.00".*"cancelled":true' shown || fail "$(cat shown)"
"$florin" show books credit_note N1 --as-of 2025-06-14 --format json >shown
grep -q '"open":"19.28".*"cancelled":false' shown || fail "as of: $(cat shown)"
"$florin" show books customer AS --format json | grep -q '"credits":"4.00"' || fail "customer"

# A sale again on that day, in every report of sales.
"$florin" report books dso --from 2025-06-01 --to 2025-06-30 --currency EUR --format json >dso
grep -q '"sales":"19.28"' dso || fail "$(cat dso)"
"$florin" report books kpi --from 2025-06-01 --to 2025-06-30 --currency EUR --format json >kpi
grep -q '"sales":"19.28"' kpi || fail "$(cat kpi)"

# All of both lines can be credited again.
echo '{"type":"credit_note","id":"N5","invoice":"I1","date":"2025-06-18","lines":[{"line":1,"quantity":"3"},{"line":2,"quantity":"7"}]}' |
    "$florin" apply books - >answers || fail "again: $(cat answers)"
grep -q '"total":"60.68"' answers || fail "again: $(cat answers)"

"$florin" check books --format json >check.json || fail "$(cat check.json)"
grep -q '"found":0' check.json || fail "$(cat check.json)"
"$florin" log books >log.ndjson
"$florin" init copy >/dev/null
"$florin" apply copy log.ndjson >answers || fail "log: $(grep -v accepted answers)"
[ "$("$florin" digest books)" = "$("$florin" digest copy)" ] || fail "the log makes another engine"
echo "credit notes taken back: ok"
