#!/usr/bin/env bash
# At full load the apply thread sleeps for nobody: counted in the program and, where strace can be
# used, by the kernel's door. usage: test_no_futex.sh FLORIN [DATA]
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

fact()
{
    sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$2"
}

"$florin" gen --orders 50000 >file.ndjson 2>/dev/null
lines=$(wc -l <file.ndjson)
[ "$lines" -gt 200000 ] || fail "only $lines lines"

# The program's own count: parks of the apply thread, and wakes of it by the sender.
"$florin" init a
"$florin" apply a --quiet --facts file.ndjson 2>facts || [ $? = 1 ] || fail "apply: $(cat facts)"
commands=$(fact commands facts)
[ "$commands" -gt 200000 ] || fail "$commands commands"
echo "$commands commands: apply thread parked $(fact parks facts), was woken $(fact wakes facts)"
echo "a sender that was ahead slept $(fact producer_parks facts) times, woken $(fact producer_wakes facts) times"
[ $(($(fact producer_wakes facts) * 200)) -lt "$commands" ] || fail "a sender was woken too often"
[ $(($(fact parks facts) * 1000)) -lt "$commands" ] || fail "it parked more than once in 1000"
[ $(($(fact wakes facts) * 1000)) -lt "$commands" ] || fail "it was woken more than once in 1000"

# The kernel's count, with wider bounds: strace makes each call of the sender dear, so the load is not full
# and threads wait for each other more than alone.
# FUTEX_WAIT of the apply thread is its own sleep; FUTEX_WAKE wakes a sender that waited for room.
command -v strace >/dev/null || { echo "SKIPPED: no strace"; exit 77; }
strace -o probe true 2>/dev/null || { echo "SKIPPED: strace is refused here"; exit 77; }
"$florin" init b
strace -f -e trace=futex,prctl -o calls "$florin" apply b --quiet file.ndjson 2>/dev/null ||
    [ $? = 1 ] || fail "apply under strace"
thread=$(awk '/PR_SET_NAME, "florin-apply"/ { print $1 }' calls)
[ -n "$thread" ] || fail "no thread of that name"
waits=$(awk -v t="$thread" '$1 == t && /futex\(.*FUTEX_WAIT/ { n++ } END { print n + 0 }' calls)
wakes=$(awk -v t="$thread" '$1 == t && /futex\(.*FUTEX_WAKE/ { n++ } END { print n + 0 }' calls)
echo "under strace: apply thread waited $waits times, woke others $wakes times"
[ $((waits * 100)) -lt "$commands" ] || fail "$waits waits for $commands commands"
[ $((wakes * 100)) -lt "$commands" ] || fail "$wakes wakes for $commands commands"
echo "no futex: ok"
