#!/usr/bin/env bash
# Directories that earlier florins have written are read, give what they gave, and can be written on.
# usage: test_kept_formats.sh FLORIN [DATA]
set -euo pipefail
florin=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    echo "A format that a release has had is read for ever; one that none has had is kept anew by" >&2
    echo "tests/formats/keep.sh FLORIN NAME" >&2
    exit 1
}

# gives DIR EXPECT: the state and the report of it.
gives()
{
    {
        "$florin" digest "$1" --format json
        "$florin" report "$1" aging --as-of 2024-12-31 --format json
    } >got || return 1
    cmp -s got "$2"
}

for kept in "$here"/format-*.tar.gz; do
    name=$(basename "$kept" .tar.gz)
    expect=$here/$name.expect
    [ -f "$kept" ] && [ -f "$expect" ] || fail "no kept directory"
    tar -xzf "$kept"
    "$florin" check kept --format json >check.json || fail "$name: check: $(cat check.json)"
    grep -q '"name":"checkpoint-a","state":"good".*"name":"checkpoint-b","state":"good"' check.json ||
        fail "$name: its checkpoints: $(cat check.json)"
    gives kept "$expect" || fail "$name: another state"
    # Without its checkpoints the log alone gives the same; and so does one checkpoint with the log.
    cp -r --sparse=always kept alone
    rm -f alone/checkpoint-a/data.mdb
    gives alone "$expect" || fail "$name: from checkpoint-b"
    rm -f alone/checkpoint-b/data.mdb
    gives alone "$expect" || fail "$name: from the log"
    # It goes on.
    echo '{"type":"customer","id":"LATER","name":"Later","currency":"EUR","credit_limit":null}' |
        "$florin" apply kept - --checkpoint 1K >out || fail "$name: apply: $(cat out)"
    "$florin" check kept --format json >check.json || fail "$name: afterwards: $(cat check.json)"
    rm -rf kept alone
done
echo "kept formats: ok"
