#!/usr/bin/env bash
# The log is the state: whoever applies it has the same. usage: test_cli_log.sh FLORIN [DATA]
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

"$florin" gen --orders 3000 --seed 7 >file.ndjson 2>/dev/null
"$florin" init a
"$florin" apply a file.ndjson >out || [ $? = 1 ] || fail "apply"
accepted=$(grep -c '"result":"accepted"' out)
state=$(digest a)

# As lines and as bytes: an equal state, and the copy's log is the log.
"$florin" init b
"$florin" log a | "$florin" apply b - >out || fail "log | apply: $(grep -v accepted out | head -1)"
[ "$(digest b)" = "$state" ] || fail "log | apply: another state"
"$florin" init c
"$florin" log a --binary | "$florin" apply c --binary - >out || fail "log --binary | apply --binary"
[ "$(digest c)" = "$state" ] || fail "log --binary | apply --binary: another state"
"$florin" log a >a.log
"$florin" log b | cmp - a.log || fail "the logs of lines differ"
"$florin" log c | cmp - a.log || fail "the logs of bytes differ"
[ "$(wc -l <a.log)" = "$accepted" ] || fail "$(wc -l <a.log) in the log, $accepted accepted"

# --from: the same lines, from there on; in pieces they make the same state.
for from in 1 2 $((accepted / 2)) "$accepted"; do
    "$florin" log a --from "$from" >part
    tail -n "+$from" a.log | cmp - part || fail "--from $from"
done
[ -z "$("$florin" log a --from $((accepted + 1)))" ] || fail "--from behind the end"
half=$((accepted / 2))
"$florin" init d
head -n "$half" a.log | "$florin" apply d - >/dev/null || fail "the first half"
"$florin" log a --from $((half + 1)) | "$florin" apply d - >/dev/null || fail "the second half"
[ "$(digest d)" = "$state" ] || fail "two halves: another state"

# --offsets: the record with that length and sequence stands there, behind its frame.
"$florin" log a --offsets >offsets
[ "$(wc -l <offsets)" = "$accepted" ] || fail "as many offsets as commands"
sed 's/^{"seq":\([0-9]*\),"file":"\([^"]*\)","offset":\([0-9]*\),"length":\([0-9]*\)}$/\1 \2 \3 \4/' \
    offsets >places
awk '{ if ($1 != NR || NF != 4) exit 1 }' places || fail "sequences rise by one"
word()
{
    od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}
for n in 1 2 3 $half $((half + 1)) $((accepted - 1)) "$accepted"; do
    read -r seq file offset length < <(sed -n "${n}p" places)
    [ "$(word "a/$file" $((offset - 8)) 4)" = "$length" ] || fail "record $seq: length in the frame"
    [ "$(word "a/$file" $((offset - 4)) 4)" = "$seq" ] || fail "record $seq: sequence in the frame"
    [ "$(word "a/$file" "$offset" 4)" = "$length" ] || fail "record $seq: its own length"
    id=$(sed -n "${n}p" a.log | sed -n 's/^{"type":"[a-z_]*","id":"\([^"\\]*\)".*/\1/p')
    dd if="a/$file" of=record iflag=skip_bytes,count_bytes skip="$offset" count="$length" status=none
    [ -z "$id" ] || grep -aqF "$id" record || fail "record $seq does not hold $id"
done
# No record reaches into the next.
awk '$2 == file && $3 < end { exit 1 } { file = $2; end = $3 + $4 }' places || fail "records overlap"
echo "cli log: ok ($accepted commands)"
