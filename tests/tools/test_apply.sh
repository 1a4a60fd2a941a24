#!/usr/bin/env bash
# apply and log as a user meets them. usage: test_apply.sh FLORIN
set -euo pipefail
florin=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# expect CODE command...: runs it with stdout in `out`, stderr in `err`.
expect()
{
    local wanted=$1 code=0
    shift
    "$@" >out 2>err || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, wanted $wanted: $* ($(tail -c 300 err))"
}

digest()
{
    "$florin" digest "$1" --format json
}

masters()
{
    cat <<'END'
{"type":"book","base_currency":"EUR","time_zone":"Europe/Berlin","at":"2025-01-01T00:00:00Z"}
{"type":"customer","id":"C1","name":"Ä \"q\" \\ \t","currency":"EUR","credit_limit":null,"at":"2025-01-01T00:00:00Z"}
{"type":"product","id":"P1","name":"x","currency":"EUR","price":10,"tax_rate":"19","at":"2025-01-01T00:00:00Z"}
END
}

order()
{
    echo "{\"type\":\"order\",\"id\":\"$1\",\"customer\":\"C1\",\"lines\":[{\"product\":\"P1\",\"quantity\":$2}],\"at\":\"2025-03-31T22:30:00Z\"}"
}

# Results stand in the order of the lines, whoever answers; blank lines have none.
"$florin" init a
{
    masters
    for i in $(seq 1 400); do
        order "O$i" 1
        echo '{"type":"order","id":"X","customer":"C1","lines":[],"surprise":1}'
        order "O$i" 1
        echo
        order "N$i" '"x"'
        echo 'rubbish'
    done
} >mixed.ndjson
expect 1 "$florin" apply a mixed.ndjson
awk 'NF { print NR }' mixed.ndjson >wanted
sed 's/^{"line":\([0-9]*\),.*/\1/' out >got
cmp wanted got || fail "results out of order"
[ "$(grep -c '"result":"accepted"' out)" = 403 ] || fail "accepted"
[ "$(grep -c '"result":"duplicate"' out)" = 400 ] || fail "duplicates"
[ "$(grep -c '"code":"unknown_field"' out)" = 400 ] || fail "unknown fields"
[ "$(grep -c '"code":"bad_value".*"field":"lines\[0\].quantity"' out)" = 400 ] || fail "bad values"
[ "$(grep -c '"code":"bad_json"' out)" = 400 ] || fail "bad json"

# All of it again: nothing but duplicates and the same refusals; nothing changes.
before=$(digest a)
expect 1 "$florin" apply a mixed.ndjson
grep -q '"result":"accepted"' out && fail "applied twice"
[ "$(digest a)" = "$before" ] || fail "a second run changed the state"

# The log makes an equal engine, as lines and as bytes; half past midnight in Berlin is the next day.
expect 0 "$florin" log a
cp out log.ndjson
grep -q '"id":"O1","at":"2025-03-31T22:30:00Z","date":"2025-04-01"' log.ndjson || fail "day of the zone"
"$florin" init b
expect 0 "$florin" apply b log.ndjson
[ "$(digest b)" = "$before" ] || fail "log | apply is not equal"
"$florin" log a --binary >log.bin
"$florin" init c
expect 0 "$florin" apply c --binary log.bin
[ "$(digest c)" = "$before" ] || fail "log --binary | apply --binary is not equal"
"$florin" log c | cmp - log.ndjson || fail "the logs differ"
[ "$("$florin" log a --from 400 | wc -l)" = $((403 - 399)) ] || fail "--from"

# A binary stream that is cut, or rubbish, is input that cannot be read.
head -c 1000 log.bin >cut.bin
expect 4 "$florin" apply c --binary cut.bin
head -c 5000 /dev/urandom >rubbish.bin
"$florin" apply c --binary rubbish.bin >out 2>err && fail "rubbish taken for commands"
[ "$(digest c)" = "$before" ] || fail "rubbish changed the state"

# Line ends of all kinds, a byte order mark, no last line feed, bytes that are no text.
"$florin" init e
{
    printf '\xEF\xBB\xBF'
    masters | sed 's/$/\r/'
    printf '   \t\r\n\n'
    printf '{"type":"customer","id":"C2","name":"\xFF","currency":"EUR"}\n'
    printf '\x00\x01\x02\n'
    printf '%s' "$(order O1 1)"
} >ends.ndjson
expect 1 "$florin" apply e ends.ndjson
[ "$(grep -c '"accepted"' out)" = 4 ] || fail "line ends: $(cat out)"
grep -q '^{"line":6,.*"code":"not_utf8".*"field":"name"' out || fail "not_utf8: $(cat out)"
grep -q '^{"line":7,.*"code":"bad_json"' out || fail "control characters"

# A line far beyond the limit is refused by its number and not held.
{
    printf '{"type":"customer","id":"'
    head -c 100000000 /dev/zero | tr '\0' 'x'
    printf '"}\n'
    order O2 1
} | { code=0; "$florin" apply e - >out 2>err || code=$?; [ $code = 1 ]; } || fail "a long line"
grep -q '^{"line":1,"result":"invalid","code":"too_long"' out || fail "too_long: $(head -c 300 out)"
grep -q '^{"line":2,.*"accepted"' out || fail "the line behind it"

# A pipe that waits for its answer gets it.
coproc pipe { "$florin" apply e -; }
for i in 1 2 3; do
    order "I$i" 1 >&"${pipe[1]}"
    read -r -t 60 line <&"${pipe[0]}" || fail "no answer before the next line"
    case $line in
    "{\"line\":$i,"*'"accepted"'*) ;;
    *) fail "answer $i: $line" ;;
    esac
done
pid=$pipe_PID
eval "exec ${pipe[1]}>&-"
wait "$pid" || fail "the pipe's end"

# A zone that the engine refuses does not count; one that it takes does, from the next line on.
expect 1 "$florin" apply e - <<END
{"type":"invoice","id":"R1","customer":"C1","amount":{"net":"1","tax":"0"},"at":"2025-04-01T00:00:00Z"}
{"type":"book","time_zone":"America/New_York","at":"2025-04-01T00:00:00Z"}
{"type":"invoice","id":"R2","customer":"C1","amount":{"net":"1","tax":"0"},"at":"2025-04-01T00:00:00Z"}
END
grep -q '"code":"wrong_state"' out || fail "a book's zone after an entry: $(cat out)"
"$florin" log e | grep -q '"id":"R2".*"date":"2025-04-01"' || fail "a refused zone counted"
"$florin" init f
expect 0 "$florin" apply f - <<END
$(masters)
{"type":"book","time_zone":"America/New_York","at":"2025-04-01T00:00:00Z"}
{"type":"invoice","id":"R1","customer":"C1","amount":{"net":"1","tax":"0"},"at":"2025-04-01T00:00:00Z"}
END
"$florin" log f | grep -q '"id":"R1".*"date":"2025-03-31"' || fail "an accepted zone did not count"

# A batch: one line, all or nothing, the failed member named.
expect 1 "$florin" apply f - <<'END'
{"type":"batch","key":"k1","commands":[{"type":"receipt","id":"Q1","amount":"5","currency":"EUR","customer":"C1"},{"type":"receipt","id":"Q2","amount":"5","currency":"EUR","customer":"C9"}]}
{"type":"batch","key":"k2","commands":[{"type":"receipt","id":"Q1","amount":"5","currency":"EUR","customer":"C1"},{"type":"invoice","customer":"C1","amount":{"net":"1","tax":"0"}},{"type":"invoice","customer":"C1","amount":{"net":"2","tax":"0"}}]}
{"type":"batch","key":"k3","commands":[{"type":"receipt","id":"Q3","amount":"5,0","currency":"EUR"}]}
END
sed -n 1p out | grep -q '"result":"refused","code":"not_found".*"applied":0,"failed":{"index":1,"id":"Q2","code":"not_found"' || fail "batch 1: $(sed -n 1p out)"
sed -n 2p out | grep -q '"result":"accepted".*"applied":3,"results":\[{.*"id":"FL-00000001".*"id":"FL-00000002"' || fail "batch 2: $(sed -n 2p out)"
sed -n 3p out | grep -q '"result":"invalid","code":"bad_value".*"failed":{"index":0' || fail "batch 3: $(sed -n 3p out)"
before=$(digest f)
"$florin" init g
"$florin" log f | "$florin" apply g - >out || fail "log of batches"
[ "$(digest g)" = "$before" ] || fail "log of batches is not equal"

# Exit codes.
expect 2 "$florin" apply
expect 2 "$florin" apply a --nonsense
expect 4 "$florin" apply a missing.ndjson
expect 0 "$florin" apply a /dev/null
echo "apply: ok"
