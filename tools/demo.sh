#!/usr/bin/env bash
# A year of a business in two minutes: set-up, Release build, then orders, shipments and invoices into an
# engine, a year of bank statements against them, and what is owed afterwards.
#
#   tools/demo.sh [--orders N] [--seed S] [--hard] [--keep]
#
# --keep leaves the temporary directory, to go on from where the demo ends.
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$self")/.."
orders=20000
seed=1
keep=
hard=()
while [ $# -gt 0 ]; do
    case $1 in
    --orders) orders=${2:?--orders wants a number}; shift ;;
    --seed) seed=${2:?--seed wants a number}; shift ;;
    --hard) hard=(--hard) ;;
    --keep) keep=1 ;;
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$self" >&2; exit 2 ;;
    esac
    shift
done

bash tools/setup.sh
cmake --preset release >/dev/null
cmake --build --preset release --target florin
florin=$PWD/build/release/florin

work=$(mktemp -d "${TMPDIR:-/tmp}/florin_demo.XXXXXX")
[ -n "$keep" ] || trap 'rm -rf "$work"' EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
timed() { # timed COMMAND...: how long it took, on stderr
    local begin end code=0
    begin=$(date +%s%N)
    "$@" || code=$?
    end=$(date +%s%N)
    printf '  (%d.%03d s)\n' $(((end - begin) / 1000000000)) $(((end - begin) / 1000000 % 1000)) >&2
    return $code
}
# Exit code 1 says that some commands were refused or some statements flagged: the demo shows it and goes on.
tolerant() {
    local code=0
    "$@" || code=$?
    [ "$code" -le 1 ] || { echo "demo: $* failed with $code" >&2; exit "$code"; }
}

say "A year of $orders orders, and what the bank and the answer key say of it"
timed "$florin" gen --orders "$orders" --seed "$seed" "${hard[@]}" --out "$work/year"

say "Into an engine: customers, products, orders, shipments, invoices"
"$florin" init "$work/engine"
timed tolerant "$florin" apply "$work/engine" "$work/year/commands.ndjson" >"$work/results.ndjson"
awk '{ match($0, /"result":"[a-z]*"/); count[substr($0, RSTART + 10, RLENGTH - 11)]++ }
     END { for (result in count) printf "  %s %d\n", result, count[result] }' "$work/results.ndjson"

say "The bank statements: camt.053, MT940, BAI2, OFX, CSV, booked and matched"
# One bank's CSV proves nothing by itself: its profile says how it is to be read.
profile=$(ls "$work"/year/*.profile.json)
declared=$(basename "$profile" .profile.json)
mapfile -t plain < <(ls "$work"/year/*.{xml,sta,bai,ofx,csv} | grep -v "$declared")
timed tolerant "$florin" import "$work/engine" "${plain[@]}" --format json >"$work/import.json"
timed tolerant "$florin" import "$work/engine" "$work/year/$declared"-*.csv --profile "$profile" \
    --format json >>"$work/import.json"
grep -o '"matched":[0-9]*,"proposed":[0-9]*,"open":[0-9]*' "$work/import.json" |
    sed 's/"//g; s/^/  /; s/,/, /g' || true

say "What is owed, and how old it is"
"$florin" report "$work/engine" aging --format table
say "Days sales outstanding"
"$florin" report "$work/engine" dso --format table

# Settled right, settled wrong, part of it, open: the applications against the key, line by line.
judge() {
    "$florin" list "$work/engine" statement_line --format json >"$work/lines.ndjson"
    "$florin" list "$work/engine" application --format json >"$work/applications.ndjson"
    awk '
    function field(text, name) {
        return match(text, "\"" name "\":\"[^\"]*\"") \
            ? substr(text, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : ""
    }
    FILENAME ~ /lines/ { receipt[field($0, "id")] = field($0, "receipt"); next }
    FILENAME ~ /applications/ {
        if ($0 !~ /"reversed":true/ && field($0, "receipt") != "")
            applied[field($0, "receipt")] = applied[field($0, "receipt")] field($0, "invoice") "=" field($0, "amount") ";"
        next
    }
    {
        line = field($0, "line")
        decidable = $0 ~ /"decidable":true/
        rest = $0
        delete truth
        wanted = 0
        while (match(rest, /\{"invoice":"[^}]*\}/)) {
            pair = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
            truth[field(pair, "invoice") "=" field(pair, "amount")] = 1
            wanted++
        }
        matchable += wanted > 0 && decidable
        made = split(applied[receipt[line]], pairs, ";") - 1
        if (made <= 0) { open += wanted > 0 && decidable; next }
        wrong_pairs = 0
        for (i = 1; i <= made; i++) wrong_pairs += !(pairs[i] in truth)
        if (wrong_pairs > 0 || !decidable) wrong++
        else if (made < wanted) partial++
        else right++
    }
    END {
        printf "  lines that can be decided %d: right %d, part of it %d, wrong %d, open %d\n",
            matchable, right, partial, wrong, open
        printf "  coverage %.2f %%, precision %.2f %%\n", 100 * right / (matchable ? matchable : 1),
            100 * right / (right + wrong + partial ? right + wrong + partial : 1)
    }' "$work/lines.ndjson" "$work/applications.ndjson" "$work/year/answers.ndjson"
}

say "How well the cash found its invoices, judged by the key"
"$florin" report "$work/engine" match-quality --key "$work/year/answers.ndjson" --format table \
    2>/dev/null || judge

say "Go on from here"
if [ -n "$keep" ]; then
    where=$work
    echo "  rm -rf $work                               # when done"
else
    where=DIR
    echo "  tools/demo.sh --keep                       # the same, and DIR stays"
fi
cat <<NEXT
  alias florin=$florin
  florin show $where/engine invoice INV-000001
  florin list $where/engine receipt --format csv | head
  florin report $where/engine aging --by customer
  florin report $where/engine account C-000001
  florin log $where/engine | head -n 3
  florin check $where/engine
  florin gen --hard --orders 1000000 | head -n 3
NEXT
