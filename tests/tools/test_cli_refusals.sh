#!/usr/bin/env bash
# What florin refuses, in which words and with which exit code, and that a refusal changes nothing; a
# torn tail and a full disk, which it outlives. usage: test_cli_refusals.sh FLORIN [DATA]
set -euo pipefail
florin=$1
dir=$(mktemp -d)
mounted=
trap 'exec 3>&- || true; [ -z "$mounted" ] || umount "$mounted" || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 .

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# expect CODE WORDS command...: runs it with stdout in `out`, stderr in `err`, which holds WORDS.
expect()
{
    local wanted=$1 words=$2 code=0
    shift 2
    "$@" >out 2>err || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, wanted $wanted: $* ($(tail -c 300 err))"
    [ -z "$words" ] || grep -q -- "$words" err || fail "no word of \"$words\": $* ($(tail -c 300 err))"
}

# Every file of a directory, by name and content.
print_of()
{
    (cd "$1" && find . -type f -exec md5sum {} + | sort -k 2)
}

unchanged()
{
    print_of "$1" | cmp -s - "$2" || fail "$1 was changed: $3"
}

event()
{
    echo "{\"type\":\"customer\",\"id\":\"E$1\",\"name\":\"event $1\",\"currency\":\"EUR\",\"at\":\"2025-01-01T00:00:00Z\"}"
}

# apply_and_kill DIR N...: each event is answered, then the process is killed.
apply_and_kill()
{
    local name=$1 n line
    shift
    rm -f fifo answers
    mkfifo fifo answers
    "$florin" apply "$name" - <fifo >answers 2>err &
    local pid=$!
    exec 3>fifo 4<answers
    for n in "$@"; do
        event "$n" >&3
        read -r -t 60 line <&4 || fail "no answer to event $n: $(cat err)"
        [[ $line == *'"accepted"'* ]] || fail "event $n: $line"
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    exec 3>&- 4<&-
}

ids()
{
    "$florin" log "$1" | sed 's/.*"id":"\([^"]*\)".*/\1/' | tr '\n' ' '
}

for n in 1 2 3 4 5 6 7 8; do event $n; done >eight.ndjson
event 1 >one.ndjson
event 2 >two.ndjson
"$florin" init a
"$florin" apply a --quiet one.ndjson
"$florin" apply a --quiet two.ndjson

# ---- usage and input ---------------------------------------------------------------------------------
expect 2 'florin VERB' "$florin"
expect 2 'did you mean apply' "$florin" aply
expect 2 'there is no verb' "$florin" zzz
for verb in init apply import load show list report log check digest; do
    expect 2 . "$florin" "$verb"
    expect 2 'no option --nonsense' "$florin" "$verb" a --nonsense
done
expect 2 . "$florin" gen --nonsense
expect 2 'uring, threads' "$florin" apply a --io floppy
expect 2 'a size' "$florin" apply a --memory lots
expect 2 'a size' "$florin" apply a --checkpoint 0
expect 2 'needs a value' "$florin" apply a --io
expect 2 'sequence number' "$florin" log a --from start
expect 2 'no report' "$florin" report a nosuch
expect 2 'no kind' "$florin" show a nosuch E1
expect 4 'cannot be read' "$florin" apply a missing.ndjson
expect 4 'stopped before' "$florin" apply a "$dir"
expect 4 . "$florin" import a missing.sta
expect 1 'lives here' "$florin" init a

# ---- directories that are none ---------------------------------------------------------------------------
touch file
for verb in "apply missing one.ndjson" "digest missing" "check missing" "log missing" \
    "list missing customer" "apply file one.ndjson" "digest file" "log file"; do
    # shellcheck disable=SC2086
    expect 3 'is no florin directory' "$florin" $verb
done
[ ! -e missing ] && [ ! -s file ] || fail "a refusal made something"

# ---- a second process -----------------------------------------------------------------------------------
mkfifo hold
"$florin" apply a - <hold >held.out 2>&1 &
holder=$!
exec 3>hold
event 2 >&3
for _ in $(seq 200); do
    [ -s held.out ] && break
    sleep 0.02
done
[ -s held.out ] || fail "the first process does not answer"
until print_of a >before && sleep 0.3 && print_of a | cmp -s - before; do
    : # the first process still prepares its log
done
expect 3 'a: another process has it open' "$florin" apply a one.ndjson
unchanged a before "a second process"
expect 0 '' "$florin" digest a
exec 3>&-
wait "$holder" || fail "the first process was harmed"

# ---- a damaged or newer identity, byte by byte ------------------------------------------------------------
for at in 0 8 16 40 63; do
    cp -r a b
    was=$(od -An -t u1 -j "$at" -N 1 b/florin.dir | tr -d ' ') # the id and the hash are random: flip, do not set
    printf "\\x$(printf %02x $((was ^ 165)))" | dd of=b/florin.dir bs=1 seek=$at conv=notrunc status=none
    print_of b >before
    expect 3 'b/florin.dir: ' "$florin" apply b one.ndjson
    expect 3 'b/florin.dir: ' "$florin" digest b
    unchanged b before "florin.dir, byte $at"
    rm -r b
done

# ---- a directory that may only be read --------------------------------------------------------------------
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
if [ "$(id -u)" = 0 ] && $nobody "$florin" --version >out 2>&1; then
    cp -r a b
    chmod -R a+rX b
    print_of b >before
    expect 3 'ermission denied' $nobody "$florin" apply b one.ndjson
    expect 0 '' $nobody "$florin" digest b
    chmod 700 b
    expect 3 'cannot be opened' $nobody "$florin" digest b
    unchanged b before "no right to write"
    rm -r b
else
    echo "SKIPPED: a directory without the right to write (needs root and setpriv)"
fi

# ---- a flipped byte in the middle of the log ----------------------------------------------------------------
mapfile -t at < <("$florin" log a --offsets | sed 's/.*"offset":\([0-9]*\),"length":\([0-9]*\)}/\1 \2/')
read -r offset length <<<"${at[0]}"
read -r second second_length <<<"${at[1]}"
wal=wal/0000000001.wal
for flip in $((offset - 136)) $((offset - 40)) $((offset + length / 2)) $((offset + 3000)) \
    $((second + 20)); do
    cp -r a b
    old=$(od -An -t u1 -j "$flip" -N 1 b/$wal | tr -d ' ')
    printf "\\x$(printf %02x $((old ^ 16)))" | dd of=b/$wal bs=1 seek="$flip" conv=notrunc status=none
    print_of b >before
    for verb in "apply b one.ndjson" "digest b" "log b" "check b"; do
        # shellcheck disable=SC2086
        expect 3 "$wal at [0-9]*: damaged" "$florin" $verb
    done
    said=$(sed -n "s|.*$wal at \([0-9]*\):.*|\1|p" err)
    [ "$said" -le "$flip" ] && [ $((said + 4096)) -gt "$flip" ] || fail "byte $flip said to be at $said"
    unchanged b before "a flipped byte at $flip"
    rm -r b
done

# ---- a torn tail (two kills) ----------------------------------------------------------------------------------
# The state a crash inside the write of event 2 leaves: its block in part, zeros behind it. What tells that
# event 2 was durable was written later and goes too.
end=$(stat -c %s a/$wal)
torn()
{
    dd if=/dev/zero of=b/$wal iflag=count_bytes oflag=seek_bytes bs=64K seek="$1" count=$((65536 - $1)) \
        conv=notrunc status=none
}
cmp -s <(tail -c +65537 a/$wal) <(head -c $((end - 65536)) /dev/zero) || fail "the log is longer than thought"
last=$((second + 8))
for cut in $((second - 135)) $((second - 8)) $((second + 1)) \
    $((second + second_length / 2)) stray; do
    cp -r a b
    if [ "$cut" = stray ]; then
        torn $((second - 136))
        printf '\x55' | dd of=b/$wal bs=1 seek=$((second - 136)) conv=notrunc status=none
    else
        torn "$cut"
    fi
    print_of b >before
    [ "$(ids b)" = "E1 " ] || fail "cut at $cut: the log reads $(ids b)"
    expect 0 '' "$florin" check b
    unchanged b before "reading a torn log"
    apply_and_kill b 3 4
    grep -q '[1-9][0-9]* bytes of an unfinished write were dropped' err || fail "cut at $cut: $(cat err)"
    expect 0 '' "$florin" apply b --quiet /dev/null
    [ "$(ids b)" = "E1 E3 E4 " ] || fail "cut at $cut: $(ids b)"
    expect 0 '' "$florin" check b
    event 2 | "$florin" apply b - | grep -q accepted || fail "cut at $cut: event 2 is not gone"
    rm -r b
done
# A whole log is left as it was, byte for byte, by whoever starts.
cp -r a b
head -c "$last" b/$wal >before
expect 0 '' "$florin" apply b --quiet --facts /dev/null
grep -q '"dropped_bytes":0' err || fail "a clean log was cut: $(cat err)"
! grep -q 'were dropped' err || fail "words of dropping: $(cat err)"
head -c "$last" b/$wal | cmp - before || fail "a clean log was written over"
rm -r b

# ---- a full disk ------------------------------------------------------------------------------------------------
mkdir disk
truncate -s 420M image
if [ "$(id -u)" = 0 ] && command -v mkfs.ext4 >/dev/null && mkfs.ext4 -q -m 0 image &&
    mount -o loop image disk 2>err; then
    mounted=$dir/disk
    # Room for one segment of the log and not for two.
    fallocate -l $(($(df --output=avail -B1 disk | tail -1) - (90 << 20))) disk/ballast
    "$florin" init disk/a
    "$florin" gen --orders 60000 >file.ndjson 2>/dev/null
    # The process that met the full disk goes on when space is back.
    {
        cat file.ndjson
        until grep -q '"unavailable"' live.out 2>/dev/null; do sleep 0.05; done
        mv disk/ballast disk/ballast.old && : >disk/ballast.old
        for n in $(seq 50); do
            event "L$n"
            sleep 0.05
        done
    } | "$florin" apply disk/a - >live.out 2>live.err || [ $? = 3 ] || fail "$(cat live.err)"
    grep -q '"id":"EL50","result":"accepted"' live.out || fail "live: $(tail -1 live.out) $(cat live.err)"
    "$florin" check disk/a --format json >out || fail "live: $(tail -c 300 out)"
    # And so does the next one.
    rm -r disk/a disk/ballast.old
    fallocate -l $(($(df --output=avail -B1 disk | tail -1) - (90 << 20))) disk/ballast
    "$florin" init disk/a
    code=0
    "$florin" apply disk/a file.ndjson >full.out 2>full.err || code=$?
    echo "full disk: exit $code, $(grep -c '"accepted"' full.out) accepted," \
        "$(grep -c '"unavailable"' full.out) unavailable; $(tail -c 200 full.err)"
    [ $code = 3 ] || fail "a full disk: exit $code"
    grep -q '"result":"unavailable","code":"no_space"' full.out || fail "no word of no_space"
    "$florin" check disk/a --format json >out || fail "a full disk did harm: $(tail -c 300 out)"
    rm disk/ballast
    code=0
    "$florin" apply disk/a file.ndjson >again.out 2>again.err || code=$?
    [ $code -le 1 ] || fail "space is back: exit $code, $(tail -c 300 again.err)"
    grep -q '"unavailable"' again.out && fail "space is back, and still none"
    accepted()
    {
        awk '/"result":"accepted"/ { sub(/^{"line":/, ""); sub(/,.*/, ""); print }' "$1"
    }
    awk 'NR == FNR { if (/"duplicate"/) { sub(/^{"line":/, ""); sub(/,.*/, ""); there[$0] } next }
         !($1 in there) { print; exit 1 }' again.out <(accepted full.out) || fail "an accepted line is gone"
    "$florin" check disk/a --format json >out || fail "afterwards: $(tail -c 300 out)"
    umount disk
    mounted=
else
    echo "SKIPPED: a full disk (needs root, mkfs.ext4 and the right to mount)"
fi
echo "cli refusals: ok"
