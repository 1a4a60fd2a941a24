#!/usr/bin/env bash
# Keeps a small directory of the present format for later releases to read: format-NAME.tar.gz, and
# what it must give in format-NAME.expect. Run it once a release, or when a format that no release has
# had was changed. usage: keep.sh FLORIN NAME
set -euo pipefail
florin=$(realpath "$1")
name=$2
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

"$florin" gen --orders 20 --seed 3 2>/dev/null | grep -v '"type":"clock"' >all.ndjson
half=$(($(wc -l <all.ndjson) / 2))
head -n $half all.ndjson >one.ndjson
tail -n +$((half + 1)) all.ndjson >two.ndjson
"$florin" init kept
for checkpoint in 1K 1K 1G; do # a checkpoint in each environment, and a log that goes on behind them
    [ $checkpoint = 1G ] && file=two.ndjson || file=one.ndjson
    "$florin" apply kept "$file" --checkpoint $checkpoint >/dev/null || [ $? = 1 ]
    head -n 2 two.ndjson >one.ndjson
done
rm -f kept/wal/preparing kept/checkpoint-?/lock.mdb
"$florin" check kept --format json >check.json
grep -q '"name":"checkpoint-a","state":"good".*"name":"checkpoint-b","state":"good"' check.json
{
    "$florin" digest kept --format json
    "$florin" report kept aging --as-of 2024-12-31 --format json
} >"$here/format-$name.expect"
tar --sparse --hole-detection=raw --owner=0 --group=0 --numeric-owner -cf - kept | gzip -9 >"$here/format-$name.tar.gz"
ls -l "$here"/format-"$name".*
