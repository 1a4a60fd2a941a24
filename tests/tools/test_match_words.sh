#!/usr/bin/env bash
# What match says to people: the queue as a table with who paid and what for, an explanation with the commands that
# decide, which are accepted as they are printed; of what is settled why, and the command that takes it back.
# usage: test_match_words.sh FLORIN [DATA]
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
{"type":"customer","id":"AS","name":"Ashworth Trading Ltd","currency":"EUR","credit_limit":null,"net_days":14,"discount":{"days":30,"percent":"2"}}
{"type":"customer","id":"BE","name":"Beechwood Supplies Ltd","currency":"EUR","credit_limit":null,"net_days":14}
{"type":"invoice","id":"INV-601","customer":"AS","date":"2025-06-02","amount":{"net":"200","tax":"40"}}
{"type":"invoice","id":"INV-602","customer":"AS","date":"2025-06-02","amount":{"net":"61.17","tax":"0"}}
{"type":"invoice","id":"INV-603","customer":"AS","date":"2025-06-02","amount":{"net":"33.19","tax":"0"}}
{"type":"invoice","id":"INV-700","customer":"BE","date":"2025-06-02","amount":{"net":"50","tax":"0"}}
{"type":"credit_note","id":"CN-1","customer":"AS","amount":{"net":"10.10","tax":"0"},"date":"2025-06-05"}
{"type":"statement","id":"S","account":"B1","currency":"EUR","opening":"0","closing":"395.46","lines":[{"amount":"291.07","booking_date":"2025-06-05","bank_ref":"1","payer":{"name":"Ashworth Trading Limited"},"text":"Überweisung für Lieferungen im Mai"},{"amount":"30.39","booking_date":"2025-06-20","bank_ref":"3","payer":{"name":"Ashworth Trading Ltd"}},{"amount":"49","booking_date":"2025-06-20","bank_ref":"4","text":"INV-700","references":["INV-700"]},{"amount":"25","booking_date":"2025-06-20","bank_ref":"5"}]}
{"type":"application","receipt":"B1/5","park":true,"by":"ann"}
{"type":"receipt_assign","receipt":"B1/5","customer":"BE","by":"ann"}
{"type":"application","receipt":"B1/5","park":true,"by":"ann"}
END
"$florin" init books >/dev/null
"$florin" apply books commands.ndjson >answers || true

# The queue: who paid and what for, cut at whole letters; what to do next below.
"$florin" match books --propose --format table >queue
grep -Eq '^B1/1 +2025-06-05 +291\.07 +EUR +Ashworth Trading Limited +Überweisung für Lieferunge\.\. +65 +CN-1, INV-602, INV-601 +needs 70' queue ||
    fail "queue: $(cat queue)"
grep -q '^1 proposed, 1 open$' queue || fail "queue: $(cat queue)"
grep -q 'florin match books --explain RECEIPT' queue || fail "queue: $(cat queue)"
"$florin" match books --propose --format csv >queue.csv
head -1 queue.csv | grep -qx 'receipt,date,amount,cur,payer,text,points,best,missing' || fail "csv: $(cat queue.csv)"
grep -q 'Überweisung für Lieferungen im Mai,65,"CN-1, INV-602, INV-601"' queue.csv || fail "csv: $(cat queue.csv)"

# What is printed is taken as it is.
"$florin" match books --explain B1/1 --format table >explained
grep -q '65     7  sum of several  CN-1 -10.10, INV-602 61.17, INV-601 240.00' explained || fail "$(cat explained)"
sed -n 's/^  \({"type":"application".*\)/\1/p' explained >decided
[ "$(wc -l <decided)" = 3 ] || fail "decisions: $(cat explained)"
grep -q '^  {"type":"receipt_assign","receipt":"B1/1"' explained || fail "$(cat explained)"
"$florin" apply books decided >answers || fail "decisions: $(cat answers)"
"$florin" show books receipt B1/1 --format json | grep -q '"state":"applied","applied":"291.07"' || fail "decided"
"$florin" show books invoice INV-601 --format json | grep -q '"open":"0.00","state":"paid"' || fail "decided"

# A person's decision, and the machine's, and what is not to be decided.
"$florin" match books --explain B1/1 --format table | grep -q 'a person decided so: no machine changes it' || fail "person"
"$florin" match books --explain B1/4 --format table >explained
grep -q '49.00 to INV-700 (application B1/4/1)' explained || fail "$(cat explained)"
grep -q 'by rule 4, number in the text, [0-9]* points' explained || fail "$(cat explained)"
sed -n 's/^  \({"type":"application_reverse".*\)/\1/p' explained >undo
"$florin" apply books undo >answers || fail "undo: $(cat answers)"
"$florin" show books receipt B1/4 --format json | grep -q '"applied":"0.00"' || fail "undone"
"$florin" match books --explain B1/5 --format table | grep -q 'nothing to settle' || fail "parked"
"$florin" match books --explain B1/3 --format table >explained
grep -q '^not settled: nothing that is open has its number or its amount$' explained || fail "$(cat explained)"
grep -q '{"type":"application","receipt":"B1/3","invoice":"INVOICE","amount":"30.39","by":"YOU"}' explained || fail "$(cat explained)"
"$florin" match books --explain B1/3 --format json | grep -q '^{"receipt":"B1/3","rule":null' || fail "json"
echo "match, said to people: ok"
