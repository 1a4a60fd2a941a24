#!/usr/bin/env bash
# `florin match` and `report match-quality` through the program: the order of the files changes nothing, what is left is
# listed with what it lacks, a decision is explained, undone, and not made again.
set -euo pipefail
florin=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

fail() { echo "FAILED: $*"; exit 1; }
expect() { # expect WANTED GOT WHAT
    [ "$1" = "$2" ] || fail "$3: wanted $1, got $2"
}
has() { # has FILE TEXT WHAT
    grep -qF -- "$2" "$1" || fail "$3: no $2 in $(cat "$1")"
}

# A hard year, its files in two orders: every invoice ends up the same. Nothing is wrong by the key.
"$florin" gen --orders 1500 --seed 11 --hard --out year >/dev/null 2>&1
for order in '' -r; do
    "$florin" init "books$order" >/dev/null
    "$florin" apply "books$order" year/commands.ndjson --quiet
    ls year/*.sta year/*.xml year/*.bai year/*.ofx | sort $order | tr '\n' '\0' |
        xargs -0 "$florin" import "books$order" --format json >"import$order.json" || [ $? = 1 ]
    "$florin" match "books$order" --auto >/dev/null
    "$florin" list "books$order" invoice |
        grep -o '"id":"[^"]*"\|"open":"[^"]*"' >"open$order"
done
cmp open open-r || fail "the order of the files changes what is open"
"$florin" report books match-quality --key year/answers.ndjson --format json >quality.json
for name in by_payment by_line by_amount by_rule coverage_interval precision_interval unmatchable_share undecidable_share; do
    has quality.json "\"$name\":" "match-quality"
done
has quality.json '"wrong":0,' "hard year"
"$florin" report books match-quality --format json >queue.json
has queue.json '"undone":0' "match-quality without a key"
"$florin" check books >/dev/null || fail "the book does not hold"
before=$("$florin" digest books)
"$florin" match books --auto >again.json
has again.json '"settled":0' "a second run"
expect "$before" "$("$florin" digest books)" "a run that settles nothing"
"$florin" match books --propose --format json >queue.json
has queue.json '"candidates":[' "the queue"
expect "$before" "$("$florin" digest books)" "the queue is only read"

# One of each: settled by number, by payer and amount, and one that lacks something.
"$florin" init small >/dev/null
"$florin" apply small - >/dev/null <<'END'
{"type":"customer","id":"LARCH","name":"Larch Ltd","currency":"EUR","credit_limit":null,"bank_accounts":["DE89370400440532013000"]}
{"type":"invoice","id":"INV-2001","customer":"LARCH","date":"2025-01-02","amount":{"net":"250.00","tax":"0"}}
{"type":"invoice","id":"INV-2002","customer":"LARCH","date":"2025-01-02","amount":{"net":"250.00","tax":"0"}}
{"type":"invoice","id":"INV-2003","customer":"LARCH","date":"2025-01-02","amount":{"net":"71.00","tax":"0"}}
{"type":"receipt","id":"T1","amount":"250.00","currency":"EUR","date":"2025-02-03","payer":{"account":"DE89370400440532013000"},"text":"INV-2002"}
{"type":"receipt","id":"T2","amount":"71.00","currency":"EUR","date":"2025-02-03","payer":{"account":"DE89370400440532013000"}}
{"type":"receipt","id":"T3","amount":"250.00","currency":"EUR","date":"2025-02-03","payer":{"account":"DE89370400440532013000"},"text":"order 900619"}
END
"$florin" match small --explain T2 >why.json
has why.json '"rule":5,"points":75' "an open one explained"
"$florin" match small --auto >auto.json
has auto.json '"settled":2,"proposed":1' "one run"
"$florin" match small --explain T1 >why.json
has why.json '"rule":4,"points":120,"by":"florin"' "a settled one explained"
has why.json '"reason":"the text names it, 60;' "the sentence"
"$florin" show small receipt T1 >shown.json
has shown.json '"match":{"rule":4,"points":120' "show receipt"
"$florin" match small --explain T3 >why.json
has why.json 'the text names something else' "what an open one lacks"
"$florin" match small --propose >queue.json
has queue.json '"receipt":"T3"' "the queue"

# Paid already: the second payment stays the payer's, and says why.
echo '{"type":"receipt","id":"T4","amount":"250.00","currency":"EUR","date":"2025-02-04","payer":{"account":"DE89370400440532013000"},"text":"INV-2002"}' |
    "$florin" apply small - >/dev/null
"$florin" match small --auto >auto.json
has auto.json '"settled":0' "a second payment of one invoice"
"$florin" match small --explain T4 >why.json
has why.json 'already_paid' "why it stays"

# Undone by a person: it stays so; done by a person: it stays so.
echo '{"type":"application_reverse","application":"T2/1"}' | "$florin" apply small - >/dev/null
"$florin" match small --auto >auto.json
has auto.json '"settled":0' "what a person undid"
"$florin" match small --explain T2 >why.json
has why.json 'undone before' "why it is not made again"
"$florin" report small match-quality --format json >queue.json
has queue.json '"undone":1' "undone matches are counted"

# The book's own measure: with 80 points to settle by, 75 propose.
"$florin" init strict --book <(echo '{"base_currency":"EUR","auto_match":{"auto":80}}') >/dev/null
"$florin" log small | grep -v '"type":"application' | "$florin" apply strict - >/dev/null
"$florin" match strict --auto >auto.json
has auto.json '"settled":1,' "80 points to settle by"
code=0; "$florin" match small --explain NONE 2>/dev/null || code=$?
expect 1 "$code" "exit for a receipt that is not there"
code=0; "$florin" match small --auto --propose 2>/dev/null || code=$?
expect 2 "$code" "exit for both at once"
echo "match: as decided"
