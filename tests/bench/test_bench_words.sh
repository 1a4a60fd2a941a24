#!/usr/bin/env bash
# The bench says what it was asked for, the machine's limits beside, and refuses what it has not.
# usage: test_bench_words.sh FLORIN [DATA]
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

# Refused at once, with the names that exist.
for word in replays cycle_postgresql --size; do
    "$florin" bench "$word" >out 2>said && fail "$word was taken"
    [ $? = 2 ] || fail "$word: exit"
    [ ! -s out ] || fail "$word: printed figures"
done
"$florin" bench replays 2>said >out || true
grep -q 'there is no replays' said || fail "the word is not named"
grep -q 'snapshot_10m' said || fail "names that exist are not told"

# One figure: itself and the six limits, each with all its fields; nothing is left behind.
"$florin" bench parse_mt940 --size 1000 --runs 1 --dir "$dir" --format json >out 2>said ||
    { grep -q 'no .* bytes for the memory probe\|O_DIRECT\|Invalid' said && exit 77; fail "$(cat said)"; }
tr '{' '\n' <out | sed -n 's/^"name":"\([a-z0-9_]*\)","value":[0-9.e+-]*,"unit":"[^"]*","runs":[0-9]*,"min":[0-9.e+-]*,"max":[0-9.e+-]*}.*/\1/p' |
    sort | tr '\n' ' ' >names
[ "$(cat names)" = "core_handover memory_bandwidth parse_mt940 random_line_reads raw_write_bandwidth raw_write_p50 raw_write_p99 " ] ||
    fail "figures: $(cat names)"
[ "$(ls | sort | tr '\n' ' ')" = "names out said " ] || fail "left behind: $(ls)"
echo "bench words: ok"
