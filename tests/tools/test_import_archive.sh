#!/usr/bin/env bash
# Statements in archives: members are booked as the files themselves would be, what is refused is
# named "archive:member". usage: test_import_archive.sh FLORIN [DATA]
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

code()
{
    local exit=0
    "$@" >out 2>err || exit=$?
    echo "$exit"
}

printf 'date,amount,balance,currency\n2024-05-01,10.00,110.00,EUR\n2024-05-13,-4.00,106.00,EUR\n' >a.csv
printf 'date,amount,balance,currency\n2024-05-14,7.00,113.00,EUR\n' >b.csv
gzip -k a.csv b.csv
cat a.csv.gz >both.csv.gz
sed 1d b.csv | gzip >>both.csv.gz

"$florin" init d
[ "$(code "$florin" import d a.csv.gz --account A --format json)" = 0 ] || fail "gz: $(cat out err)"
grep -q '"file":"a.csv.gz:a.csv","format":"csv".*"new":2' out || fail "gz: $(cat out)"
[ "$(code "$florin" import d a.csv --account A --format json)" = 0 ] || fail "plain"
grep -q '"new":0,"known":2' out || fail "the plain file is the packed one: $(cat out)"
[ "$(code "$florin" import d both.csv.gz --account A --format json)" = 0 ] || fail "both: $(cat err)"
grep -q '"new":1,"known":2' out || fail "two streams are one file: $(cat out)"
"$florin" import d - --account A --format json <b.csv.gz >out || fail "a pipe"
grep -q '"new":0,"known":1' out || fail "a pipe: $(cat out)"

# A member that is damaged costs itself; its neighbours on the command line are booked.
head -c 40 b.csv.gz >cut.gz
printf 'date,amount,currency\n2024-06-01,5.00,EUR\n' >c.csv
[ "$(code "$florin" import d cut.gz c.csv --account A --format json)" = 4 ] || fail "cut: exit"
grep -q '"file":"cut.gz:cut".*"code":"unreadable","message":"cut.gz:cut: the compressed data is cut off"' out ||
    fail "cut: $(cat out)"
grep -q '"file":"c.csv".*"new":1' out || fail "the file beside it: $(cat out)"

# A record that is refused is named with its member too.
printf 'date,amount,currency\n2024-06-02,five,EUR\n2024-06-03,1.00,EUR\n' | gzip >bad.gz
[ "$(code "$florin" import d bad.gz --account A --format csv)" = 1 ] || fail "bad: exit"
grep -q '^bad.gz:bad:2: bad_value: five is no number' err || fail "bad: $(cat err)"

# A bomb is refused before it has grown, and nothing of it is booked.
{ printf 'date,amount,currency\n2024-05-02,1.50,EUR\n'; head -c 200000000 /dev/zero; } | gzip >bomb.gz
before=$("$florin" digest d)
[ "$(code "$florin" import d bomb.gz --account A --format json)" != 0 ] || fail "bomb: exit"
grep -q 'bomb.gz:bomb: unpacks to more than 200 times' out || fail "bomb: $(cat out)"
[ "$("$florin" digest d)" = "$before" ] || fail "a bomb left something"

# Nothing but the end of a zip: there are no files in it.
printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >empty.zip
[ "$(code "$florin" import d empty.zip --account A --format json)" = 4 ] || fail "empty: exit"
grep -q '"file":"empty.zip".*"refused":\[{' out || fail "empty: $(cat out)"
