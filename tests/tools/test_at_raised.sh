#!/usr/bin/env bash
# A command that says it became known earlier than the one before it: `at` is raised, its own day stays its date, and
# the log applied again, in another directory or on opening, gives the same state.
set -euo pipefail
florin=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >x.ndjson <<'END'
{"type":"customer","id":"A","name":"A","currency":"EUR","credit_limit":null,"at":"2024-06-01T10:00:00Z"}
{"type":"product","id":"P","name":"P","currency":"EUR","price":"5","at":"2024-06-01T10:00:00Z"}
{"type":"stock","product":"P","quantity":"5","kind":"receive","key":"k1","at":"2024-01-01T10:00:00Z"}
{"type":"order","id":"O","customer":"A","lines":[{"product":"P","quantity":"1"}],"at":"2024-02-01T10:00:00Z"}
{"type":"invoice","order":"O","key":"k2","at":"2024-03-01T10:00:00Z"}
{"type":"receipt","id":"R","amount":"7.25","currency":"EUR","references":["FL-1"],"at":"2024-03-02T10:00:00Z"}
END
"$florin" init a
"$florin" init b
"$florin" apply a x.ndjson >answers
"$florin" log a | "$florin" apply b - --quiet
[ "$("$florin" digest a)" = "$("$florin" digest b)" ] || { echo "digests differ"; exit 1; }
[ "$(grep -c '"at_raised":true' answers)" = 4 ] || { echo "four instants were raised"; cat answers; exit 1; }
"$florin" show a receipt R | grep -q '"date":"2024-03-02"' || { echo "the receipt's day is its own"; exit 1; }
"$florin" apply a x.ndjson >again || true
[ "$(grep -c '"result":"duplicate"' again)" = 6 ] || { echo "sent again it is no duplicate"; cat again; exit 1; }
