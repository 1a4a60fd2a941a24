#!/usr/bin/env bash
# check verifies what lies in the files: every log block, both checkpoints; what is wrong is named by file and place.
# usage: test_cli_check.sh FLORIN [DATA]
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

print_of()
{
    (cd "$1" && find . -type f -exec md5sum {} + | sort -k 2)
}

# flip FILE OFFSET: one bit of the byte there.
flip()
{
    local byte
    byte=$(od -An -t u1 -j "$2" -N 1 "$1" | tr -d ' ')
    printf "\\$(printf %03o $((byte ^ 4)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

"$florin" gen --orders 400 --seed 5 >all.ndjson 2>/dev/null
half=$(($(wc -l <all.ndjson) / 2))
head -n $half all.ndjson >one.ndjson
tail -n +$((half + 1)) all.ndjson >two.ndjson
"$florin" init a
"$florin" apply a one.ndjson --checkpoint 64K >/dev/null || [ $? = 1 ] || fail apply
"$florin" apply a two.ndjson --checkpoint 64K >out || [ $? = 1 ] || fail apply
accepted=$("$florin" log a | wc -l)
first_id=$(sed -n 's/^{"type":"customer","id":"\([^"]*\)".*/\1/p' all.ndjson | head -1)
[ -n "$first_id" ] || fail "a workload without customers"

# ---- a good directory: each file and checkpoint, and the log reaches from 1 to the end --------------------
print_of a >before
"$florin" check a --format json >check.json || fail "a good directory: $(cat check.json)"
print_of a | cmp -s - before || fail "check changed something"
grep -q '"dropped_bytes":0,' check.json || fail "dropped_bytes"
grep -q '"found":0}' check.json || fail "found"
for side in a b; do
    grep -q "{\"name\":\"checkpoint-$side\",\"state\":\"good\",\"seq\":[1-9][0-9]*,\"chunks\":[1-9]" check.json ||
        fail "checkpoint-$side: $(cat check.json)"
done
tr '{' '\n' <check.json |
    sed -n 's/^"file":"\([^"]*\)","bytes":\([0-9]*\),"first_seq":\([0-9]*\),"last_seq":\([0-9]*\)}.*/\1 \2 \3 \4/p' >files
next=1
while read -r file bytes first last; do
    [ "$(stat -c %s "a/$file")" = "$bytes" ] || fail "$file: bytes"
    [ "$first" = "$next" ] && [ "$last" -ge "$first" ] || fail "$file: $first to $last after $next"
    next=$((last + 1))
done <files
[ "$next" = $((accepted + 1)) ] || fail "the files reach to $((next - 1)), the log to $accepted"
# the offsets of the log are in the same files
"$florin" log a --offsets | sed 's/.*"file":"\([^"]*\)".*/\1/' | uniq | cmp - <(cut -d' ' -f1 files) || fail "file names"

# ---- one damaged checkpoint: named with its place, exit 3; the engine still opens from the other ----------
digest=$("$florin" digest a --format json)
for side in a b; do
    cp -r a bad
    # the first customer's id, wherever it stands: pages that are no longer in force keep their bytes
    grep -abo "$first_id" "bad/checkpoint-$side/data.mdb" | cut -d: -f1 >places
    [ -s places ] || fail "checkpoint-$side does not hold $first_id"
    while read -r at; do
        flip "bad/checkpoint-$side/data.mdb" "$at"
    done <places
    print_of bad >before
    code=0
    "$florin" check bad --format json >check.json 2>err || code=$?
    [ $code = 3 ] || fail "checkpoint-$side flipped: exit $code: $(cat check.json err)"
    grep -q "{\"name\":\"checkpoint-$side\",\"state\":\"damaged\",\"message\":\".*checkpoint-$side: column [0-9]*, chunk [0-9]*" \
        check.json || fail "checkpoint-$side: its place is not told: $(cat check.json)"
    grep -q '"differences":\[".*checkpoint-'$side check.json || fail "checkpoint-$side: no difference: $(cat check.json)"
    code=0
    "$florin" check bad --format table >check.txt || code=$?
    [ $code = 3 ] && grep -q "checkpoint-$side: column" check.txt || fail "as a table: $(cat check.txt)"
    print_of bad | cmp -s - before || fail "check changed something"
    [ "$("$florin" digest bad --format json)" = "$digest" ] || fail "the other checkpoint gives another state"
    rm -rf bad
done

# A file cut short, and one of noise: the reader's child meets a signal, check goes on.
for how in cut noise; do
    cp -r a bad
    if [ $how = cut ]; then
        truncate -s 20480 bad/checkpoint-a/data.mdb
    else
        head -c 65536 /dev/urandom >bad/checkpoint-a/data.mdb
    fi
    code=0
    "$florin" check bad --format json >check.json 2>err || code=$?
    [ $code = 3 ] || fail "$how: exit $code"
    grep -q '"name":"checkpoint-a","state":"damaged"' check.json || fail "$how: $(cat check.json err)"
    grep -q '"name":"checkpoint-b","state":"good"' check.json || fail "$how: the other one: $(cat check.json)"
    rm -rf bad
done

# ---- a damaged log: refused by file and offset ------------------------------------------------------------------
cp -r a bad
read -r file _ < <(head -1 files)
flip "bad/$file" 4200
code=0
"$florin" check bad --format json >check.json 2>err || code=$?
[ $code = 3 ] || fail "a damaged block: exit $code: $(cat check.json)"
cat check.json err | grep -q "$file.*\(offset \|at \)\?[0-9]" || fail "a damaged block is not named: $(cat check.json err)"
echo "cli check: ok ($accepted commands, $(wc -l <files) log files)"
