#!/usr/bin/env bash
# apply killed at random moments loses nothing it answered. usage: test_cli_kill.sh FLORIN [DATA] [SEED]
set -euo pipefail
florin=$1
seed=${3:-$(date +%s)}
RANDOM=$((seed % 32768))
dir=$(mktemp -d)
pid=
trap '{ [ -z "$pid" ] || kill -9 "$pid"; } 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
echo "seed $seed"

fail()
{
    echo "FAILED (seed $seed): $*" >&2
    exit 1
}

digest()
{
    "$florin" digest "$1" --format json
}

# The whole file in pieces with pauses, so that a kill falls between, before and into groups.
slowly()
{
    local piece
    for piece in piece.*; do
        cat "$piece"
        sleep 0.01
    done 2>/dev/null
}

# The numbers of the lines answered RESULT in FILE; a line that the kill cut is no answer.
answered()
{
    awk -v wanted="\"result\":\"$1\"" '/}$/ && index($0, wanted) {
        sub(/^{"line":/, ""); sub(/,.*/, ""); print }' "$2"
}

# One start that is killed after a random while; fast starts read the file, slow ones a pipe.
start_and_kill()
{
    local name=$1 round=$2
    shift 2
    if ((round % 2)); then
        "$florin" apply "$name" "$@" file.ndjson >"$name.out" 2>err &
        pid=$!
        sleep "0.0$(printf %02d $((RANDOM % 60)))"
    else
        "$florin" apply "$name" "$@" - >"$name.out" 2>err < <(slowly) &
        pid=$!
        sleep "0.$(printf %03d $((RANDOM % 450)))"
    fi
    kill -9 "$pid" 2>/dev/null && killed=$((killed + 1)) || true
    wait "$pid" 2>/dev/null || true
    pid=
}

# Everything that was accepted before is answered otherwise now, and nothing is accepted twice.
hold_to_answers()
{
    answered accepted "$1.out" >now
    awk 'NR == FNR { before[$1]; next } $1 in before' "$1.before" now >twice
    [ ! -s twice ] || fail "$1: accepted again after a kill: line $(head -1 twice)"
    cat now >>"$1.before"
}

run()
{
    local name=$1 round
    shift
    killed=0
    "$florin" init "$name"
    : >"$name.before"
    for round in 1 2 3 4 5 6; do
        start_and_kill "$name" "$round" "$@"
        hold_to_answers "$name"
    done
    cp "$name.before" "$name.acknowledged"
    "$florin" apply "$name" "$@" file.ndjson >"$name.out" 2>err || [ $? = 1 ] || fail "$(cat err)"
    hold_to_answers "$name"
    answered duplicate "$name.out" >duplicates
    awk 'NR == FNR { there[$1]; next } !($1 in there)' duplicates "$name.acknowledged" >lost
    [ ! -s lost ] || fail "$name: answered before a kill and gone: line $(head -1 lost)"
    [ "$(digest "$name")" = "$whole" ] || fail "$name: another state than without kills"
    "$florin" check "$name" --format json >out || fail "$name: check: $(tail -c 400 out)"
    echo "$name: $killed of 6 starts killed, $(wc -l <"$name.acknowledged") commands answered before"
    rm -rf "$name"
}

"$florin" gen --orders 3000 >file.ndjson 2>/dev/null
split -n l/30 file.ndjson piece.
"$florin" init reference
"$florin" apply reference file.ndjson >reference.out || [ $? = 1 ] || fail "the uninterrupted run"
whole=$(digest reference)
answered accepted reference.out >accepted
[ "$(wc -l <accepted)" -gt 10000 ] || fail "a workload that is mostly refused shows nothing"

run threads --io threads
"$florin" init probe
if "$florin" apply probe --io uring /dev/null 2>err; then
    run uring --io uring
else
    echo "SKIPPED: io_uring is refused here: $(tail -1 err)"
fi

# Checkpoints in quick turn, under kills and without.
run checkpoints --checkpoint 256K
"$florin" init steady
"$florin" apply steady --checkpoint 256K file.ndjson >/dev/null 2>err || [ $? = 1 ] || fail "steady"
"$florin" apply steady --facts /dev/null 2>err || fail "start from a checkpoint: $(cat err)"
grep -q '"checkpoint_seq":[1-9]' err || fail "no checkpoint was written: $(cat err)"
[ "$(digest steady)" = "$whole" ] || fail "checkpoints change the state"
echo "cli kill: ok"
