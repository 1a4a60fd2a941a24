#!/usr/bin/env bash
# The clock's work through the program: slices in the log, the log applied elsewhere, in pieces and again.
# usage: test_cli_clock.sh FLORIN [DATA]
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

digest()
{
    "$florin" digest "$1" --format json
}

# An order a day and forty keys a day, for twenty days; then a jump.
{
    echo '{"type":"book","reservation_days":4,"key_days":9}'
    echo '{"type":"clock","date":"2025-03-01"}'
    echo '{"type":"customer","id":"C1","name":"c","currency":"EUR","credit_limit":null}'
    echo '{"type":"product","id":"P1","name":"p","currency":"EUR","price":"10","stock_control":true}'
    echo '{"type":"stock","product":"P1","kind":"receive","quantity":"1000"}'
    for day in $(seq 2 21); do
        printf '{"type":"clock","date":"2025-03-%02d","key":"day %d"}\n' "$day" "$day"
        printf '{"type":"order","id":"O%d","customer":"C1","lines":[{"product":"P1","quantity":"3"}]}\n' "$day"
        for n in $(seq 40); do
            printf '{"type":"stock","product":"P1","kind":"receive","quantity":"1","key":"k%d-%d"}\n' "$day" "$n"
        done
    done
    echo '{"type":"shipment","id":"S1","order":"O21","lines":[{"line":1,"quantity":"1"}]}'
    echo '{"type":"clock","date":"2025-05-01"}'
    echo '{"type":"stock","product":"P1","kind":"receive","quantity":"1","key":"k21-40"}'
} >file.ndjson
"$florin" init a
"$florin" apply a file.ndjson >out || fail "apply: $(grep -v accepted out | head -1)"
state=$(digest a)
"$florin" log a >a.log
slices=$(grep -c '"type":"slice"' a.log)
[ "$slices" -ge 30 ] || fail "$slices slices"
grep '"type":"clock"' a.log | tail -1 | grep -q '"sliced":true' || fail "the last clock had work"
[ "$(wc -l <a.log)" = "$(($(wc -l <out) + slices))" ] || fail "a record is neither a command nor a slice"
"$florin" show a order O20 --format json | grep -q '"state":"expired"' || fail "O20 has not expired"
"$florin" show a product P1 --format json | grep -q '"reserved":"0"' || fail "something is reserved"
"$florin" check a >/dev/null || fail "check"

# log | apply: the same records, the same state.
"$florin" init b
"$florin" apply b a.log >out || fail "log | apply: $(grep -v accepted out | head -1)"
[ "$(digest b)" = "$state" ] || fail "log | apply: another state"
"$florin" log b | cmp - a.log || fail "the logs differ"
"$florin" init c
"$florin" log a --binary | "$florin" apply c --binary - >/dev/null || fail "log --binary | apply --binary"
[ "$(digest c)" = "$state" ] || fail "log --binary | apply --binary: another state"

# Cut between two slices of the last day: the copy stands there as the log does, and goes on at its next opening
# as the original did; what of the log comes again is known.
cut=$(grep -n '"type":"slice"' a.log | tail -2 | head -1 | cut -d: -f1)
"$florin" init d
head -n "$cut" a.log | "$florin" apply d - >/dev/null || fail "the first part"
[ "$(digest d | sed 's/.*"seq"://; s/}//')" = "$cut" ] || fail "the copy did not stand still at $cut: $(digest d)"
tail -n "+$((cut + 1))" a.log | "$florin" apply d - >out || fail "the second part"
! grep -qv '"result":"accepted"\|"result":"duplicate"' out || fail "$(grep -v accepted out | head -1)"
[ "$(digest d)" = "$state" ] || fail "in two parts: another state"

# A key that ran out is a new command; one that is known is answered again.
grep -q '"key":"k21-40"' <(tail -1 a.log) || fail "the last key was not taken as new"
echo '{"type":"stock","product":"P1","kind":"receive","quantity":"1","key":"k21-40"}' |
    "$florin" apply a - | grep -q duplicate || fail "its second life"

# A bank statement in parts: nothing is posted, and show says so, before the last part is there.
part()
{
    printf '{"type":"statement","id":"S1","account":"B1","currency":"EUR","part":%d%s,"lines":[' "$1" "$2"
    for n in $(seq 150); do
        [ "$n" = 1 ] || printf ','
        printf '{"amount":"1.00","booking_date":"2025-05-02","bank_ref":"%d-%d"}' "$1" "$n"
    done
    echo ']}'
}
part 1 ',"opening":"10.00"' | "$florin" apply a - >out || fail "part 1: $(cat out)"
"$florin" show a statement S1 >shown
grep -q '"part":1,"parts_here":1,"state":"parts_missing","posted":false' shown || fail "one part: $(cat shown)"
[ "$("$florin" list a receipt | wc -l)" = 0 ] || fail "a part was posted alone"
part 2 ',"closing":"310.00","parts":2' | "$florin" apply a - >out || fail "part 2: $(cat out)"
"$florin" show a statement S1 | grep -q '"parts_here":2,.*"state":"posted","posted":true' || fail "two parts: $("$florin" show a statement S1)"
[ "$("$florin" list a receipt | wc -l)" = 300 ] || fail "$("$florin" list a receipt | wc -l) receipts"
"$florin" check a >/dev/null || fail "check after the statement"
"$florin" init e
"$florin" log a | "$florin" apply e - >/dev/null || fail "the log with a statement in parts"
[ "$(digest e)" = "$(digest a)" ] || fail "the log with a statement in parts: another state"

# Alone, or not at all.
echo '{"type":"batch","key":"b","commands":[{"type":"clock","date":"2025-06-01"}]}' |
    "$florin" apply a - >out && fail "a clock in a batch"
grep -q '"result":"invalid"' out || fail "a clock in a batch: $(cat out)"
echo "cli clock: ok ($slices slices)"
