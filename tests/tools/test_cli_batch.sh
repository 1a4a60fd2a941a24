#!/usr/bin/env bash
# A batch through the program: sent again, in the same run, in a later one and to a book made from the log, it answers
# what it answered first, every accepted member as a duplicate. Compared as text.
set -euo pipefail
florin=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

fail() { echo "FAILED: $*"; exit 1; }
expect() { [ "$1" = "$2" ] || fail "$3: wanted
$1
got
$2"; }

# 300 members: documents with ids and without, masters, stock, a statement.
{
    printf '{"type":"batch","key":"night","commands":['
    printf '{"type":"customer","id":"C","name":"Cedar","currency":"EUR","credit_limit":null},'
    printf '{"type":"product","id":"P","name":"P","currency":"EUR","price":"2","stock_control":true},'
    for i in $(seq 1 98); do
        printf '{"type":"stock","product":"P","kind":"receive","quantity":"%d"},' "$i"
        printf '{"type":"invoice","customer":"C","amount":{"net":"%d","tax":"0"}},' "$i"
        printf '{"type":"receipt","id":"R%d","customer":"C","amount":"%d","currency":"EUR","references":["FL-%08d"]},' \
            "$i" "$((i + 1))" "$i"
    done
    printf '{"type":"refund","id":"F","receipt":"R7","amount":"3"},'
    printf '{"type":"statement","id":"S","account":"B","currency":"EUR","lines":[{"amount":"5"},{"amount":"5"}]}]}\n'
} >batch.ndjson

"$florin" init books >/dev/null
"$florin" apply books batch.ndjson >first.json
members=$(grep -o '"type":"[a-z]*"' first.json | sed 1d | wc -l)
expect 298 "$members" "members answered"
wanted=$(sed 's/"accepted"/"duplicate"/g' first.json)
expect "$wanted" "$("$florin" apply books batch.ndjson)" "in a later run"
cat >more.ndjson <<'J'
{"type":"stock","product":"P","kind":"count","quantity":"1"}
{"type":"receipt_reverse","id":"RR","receipt":"R9"}
{"type":"customer","id":"C","name":"Cypress","currency":"EUR","credit_limit":null}
J
cat more.ndjson batch.ndjson batch.ndjson | "$florin" apply books - | tail -2 | sed 's/"line":[0-9]*/"line":1/' >again.json
expect "$wanted
$wanted" "$(cat again.json)" "twice in one run, after what came later"
"$florin" init copy >/dev/null
"$florin" log books | "$florin" apply copy - --quiet
expect "$wanted" "$("$florin" apply copy batch.ndjson)" "to a book made from the log"
expect "$("$florin" digest books)" "$("$florin" digest copy)" "the book and its copy"
sed 's/"quantity":"98"/"quantity":"99"/' batch.ndjson | "$florin" apply books - >reused.json || true
grep -q '"code":"key_reused","message":"key night was used before for another command' reused.json ||
    fail "other content: $(cat reused.json)"
"$florin" check books >check.json || fail "the book does not hold: $(cat check.json)"
echo "a batch of $members members, answered four times alike"
