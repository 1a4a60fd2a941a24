#!/usr/bin/env bash
# Everything the machine matched is undone and done again, by the recipes of the README (list, sed, apply). What was
# known before is told in the same bytes after, a closed day is not touched, and what is restated is what sqlite3
# reckons from the documents and applications alone. FLORIN_UNDO_ORDERS says how many orders (30,000: 23,000 matches).
set -euo pipefail
florin=$1
orders=${FLORIN_UNDO_ORDERS:-30000}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

fail() { echo "FAILED: $*"; exit 1; }
seq_of() { "$florin" digest "$1" | sed -E 's/.*"seq":([0-9]+).*/\1/'; }
days="2024-02-29 2024-06-30 2024-10-15 2024-12-31 2025-06-30"

# aging BOOK [KNOWN_AT]: of every day, without the number that it was taken at.
aging() {
    local day
    for day in $days; do
        "$florin" report "$1" aging --as-of "$day" ${2:+--known-at "$2"} --format json
    done | sed -E 's/"seq":[0-9]+,//'
}

# The recipes. undo BOOK [AFTER]: what the machine applied behind that sequence; the same again from the list.
standing() {
    "$florin" list "$1" application --where by=florin |
        sed -nE '/"reversed":false\}$/s/^(.*"seq":([0-9]+),.*)$/\2 \1/p' | awk -v after="${2:-0}" '$1 > after' | cut -d' ' -f2-
}
undo() { sed -nE 's/^\{"id":("([^"\\]|\\.)*").*/{"type":"application_reverse","application":\1}/p'; }
redo() { sed -nE 's/^\{"id":"([^"\\]|\\.)*",(.*),"date":"[0-9-]{10}","by":.*/{"type":"application",\2}/p'; }
everything_applied() { # of a file of answers
    grep -vq '"result":"accepted"' "$1" && fail "$2: $(grep -v '"result":"accepted"' "$1" | head -3)"
    return 0
}

"$florin" gen --orders "$orders" --seed 5 --hard --out year >/dev/null 2>&1
"$florin" init books >/dev/null
"$florin" apply books year/commands.ndjson --quiet
known=$(seq_of books)
"$florin" import books year/*.xml year/*.sta >/dev/null || [ $? = 1 ]
known="$known $(seq_of books)"
"$florin" import books year/*.bai year/*.ofx >/dev/null || [ $? = 1 ]
"$florin" match books --auto >/dev/null
known="$known $(seq_of books)"
read -r first middle last <<<"$known"
for at in $known; do aging books "$at"; done >known-before
aging books >now-before
"$florin" list books invoice | grep -o '^{"id":"[^"]*"\|"open":"[^"]*"' >open-before

# ---- undone
standing books >matched.ndjson
matches=$(wc -l <matched.ndjson)
[ "$matches" -ge $((orders / 2)) ] || fail "only $matches matches"
undo <matched.ndjson >undo.ndjson
[ "$(wc -l <undo.ndjson)" = "$matches" ] || fail "the recipe reads $(wc -l <undo.ndjson) of $matches applications"
"$florin" apply books undo.ndjson >undone.ndjson || fail "undo is refused: $(grep -m1 refused undone.ndjson)"
everything_applied undone.ndjson undo
[ -z "$(standing books)" ] || fail "some match still stands"
for at in $known; do aging books "$at"; done >known-after
cmp known-before known-after || fail "undoing changes what was known before"
aging books >now-undone
cmp -s now-before now-undone && fail "undoing everything changes nothing"

# ---- reckoned: open = total - applications that count by then and are not taken back; by due day
field() { sed -E "s/.*\"$1\":\"?(([^\"\\,]|\\\\.)*)[\",}].*/\\1/"; }
cat >reckon.sql <<'END'
.mode ascii
.separator "\001" "\n"
CREATE TABLE raw_invoice(j); CREATE TABLE raw_note(j); CREATE TABLE raw_receipt(j);
CREATE TABLE raw_application(j); CREATE TABLE raw_undone(j);
.import invoices.ndjson raw_invoice
.import notes.ndjson raw_note
.import receipts.ndjson raw_receipt
.import matched.ndjson raw_application
.import undone.ndjson raw_undone
CREATE TABLE invoice AS SELECT j->>'id' id, j->>'due_date' due, j->>'date' day, cents(j->>'total') total FROM raw_invoice;
END
# Cents are text without its point: sqlite3 has no function of ours, so sed takes the points out of the amounts.
cents() { sed -E 's/"(total|amount|open|discount|difference|spendable|unapplied)":"(-?[0-9]+)\.([0-9]{2})"/"\1":\2\3/g; s/:(-?)0+([0-9])/:\1\2/g'; }
"$florin" list books invoice | sed -E 's/,"applications":.*/}/' | cents >invoices.ndjson
"$florin" list books credit_note | sed -E 's/,"applications":.*/}/' | cents >notes.ndjson
"$florin" list books receipt | sed -E 's/,"(text|match|applications)":.*/}/' | cents >receipts.ndjson
cents <matched.ndjson >applications.ndjson
sed -i -E 's/cents\((j->>[^)]*)\)/\1/; s/matched\.ndjson/applications.ndjson/' reckon.sql
cat >>reckon.sql <<'END'
CREATE TABLE note AS SELECT j->>'id' id, j->>'date' day, j->>'total' total FROM raw_note;
CREATE TABLE receipt AS SELECT j->>'id' id, j->>'date' day, j->>'amount' amount, j->>'customer' customer FROM raw_receipt;
-- The answers of the undoing come in the order of the applications.
CREATE TABLE application AS SELECT a.j->>'receipt' receipt, a.j->>'credit_note' note, a.j->>'invoice' invoice,
    a.j->>'amount' amount, coalesce(a.j->>'discount', 0) discount, coalesce(a.j->>'difference', 0) difference,
    a.j->>'date' day, a.j->>'seq' seq, u.j->>'seq' undone
    FROM raw_application a JOIN raw_undone u ON u.rowid = a.rowid;
CREATE INDEX application_invoice ON application(invoice);
CREATE TABLE day(day); INSERT INTO day VALUES ('2024-02-29'), ('2024-06-30'), ('2024-10-15'), ('2024-12-31'), ('2025-06-30');
CREATE TABLE known(n INTEGER PRIMARY KEY, seq);
END
for at in $known $(seq_of books); do echo "INSERT INTO known(seq) VALUES ($at);"; done >>reckon.sql
cat >>reckon.sql <<'END'
-- Per known, day and invoice what is open; the whole row of the report from it.
CREATE TABLE open AS SELECT k.n n, d.day day, i.due due, i.total - coalesce(sum(a.amount + a.discount + max(a.difference, 0)), 0) open
    FROM known k, day d, invoice i LEFT JOIN application a
        ON a.invoice = i.id AND a.day <= d.day AND a.seq <= k.seq AND a.undone > k.seq
    WHERE i.day <= d.day GROUP BY k.n, d.day, i.id;
CREATE TABLE bucket AS SELECT n, day, open, CASE WHEN due >= day THEN 0 WHEN julianday(day) - julianday(due) <= 30 THEN 1
    WHEN julianday(day) - julianday(due) <= 60 THEN 2 WHEN julianday(day) - julianday(due) <= 90 THEN 3 ELSE 4 END bucket
    FROM open WHERE open > 0;
SELECT k.n || ' ' || d.day || ' ' || b.bucket || ' ' || sum(b.open) || ' ' || count(*)
    FROM known k, day d JOIN bucket b ON b.n = k.n AND b.day = d.day GROUP BY k.n, d.day, b.bucket;
SELECT k.n || ' ' || d.day || ' credits ' || (coalesce((SELECT sum(amount) FROM application a
        WHERE a.note IS NOT NULL AND a.day <= d.day AND a.seq <= k.seq AND a.undone > k.seq), 0)
    - coalesce((SELECT sum(total) FROM note WHERE note.day <= d.day), 0)) FROM known k, day d;
END
sqlite3 :memory: <reckon.sql | sort >reckoned
for at in $known ''; do aging books $at; done |
    awk -v days="$days" 'BEGIN { n = split(days, day, " ") }
    function cents(s) { gsub(/[".]/, "", s); return s + 0 }
    function take(name) { match($0, "\"" name "\":\"[-0-9.]*\""); return cents(substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)) }
    { k = int((NR - 1) / n) + 1; d = day[(NR - 1) % n + 1]
      if (take("not_due")) print k, d, 0, take("not_due")
      rest = $0; b = 0
      while (match(rest, /"amount":"[0-9.]*","count":[0-9]+/)) {
          split(substr(rest, RSTART, RLENGTH), part, /[:,]/); b++
          if (part[4]) print k, d, b, cents(part[2]), part[4]
          rest = substr(rest, RSTART + RLENGTH)
      }
      print k, d, "credits", take("credits") }' | sort >told
# The report counts no documents that are not due.
awk '$3 == "0" { NF = 4 } { print }' reckoned | sort | cmp - told ||
    { awk '$3 == "0" { NF = 4 } { print }' reckoned | sort | diff - told | head; fail "aging is not what sqlite3 reckons"; }

# ---- by a person: no machine makes it again
cp -r books without
"$florin" match without --auto >/dev/null
pairs() { sed -nE 's/.*"(receipt|credit_note)":("([^"\\]|\\.)*"),"invoice":("([^"\\]|\\.)*").*/\2 \4/p' | sort; }
[ -z "$(standing without | pairs | comm -12 - <(pairs <matched.ndjson))" ] || fail "a match that a person undid is made again"
rm -rf without

# ---- done again: everything is as it was
redo <matched.ndjson >redo.ndjson
[ "$(wc -l <redo.ndjson)" = "$matches" ] || fail "the recipe makes $(wc -l <redo.ndjson) of $matches applications"
"$florin" apply books redo.ndjson >redone.ndjson || fail "redo is refused: $(grep -m1 refused redone.ndjson)"
everything_applied redone.ndjson redo
aging books >now-after
cmp now-before now-after || fail "done again, aging is another"
for at in $known; do aging books "$at"; done >known-after
cmp known-before known-after || fail "redoing changes what was known before"
"$florin" list books invoice | grep -o '^{"id":"[^"]*"\|"open":"[^"]*"' >open-after
cmp open-before open-after || fail "done again, some invoice owes another amount"

# ---- one import only, by the machine, in a year whose first half is closed: it may match again, and does
"$florin" init second >/dev/null
"$florin" log books | awk -v last="$last" 'NR <= last' | "$florin" apply second - --quiet
[ "$(seq_of second)" = "$last" ] || fail "a part of the log is not the book of then"
echo '{"type":"clock","date":"2025-01-01"}
{"type":"period_close","through":"2024-06-30"}' | "$florin" apply second - >/dev/null
"$florin" report second aging --as-of 2024-06-30 --format json | sed -E 's/"seq":[0-9]+,//' >closed-before
standing second "$middle" >import.ndjson
undo <import.ndjson | sed 's/}$/,"by":"florin"}/' | "$florin" apply second - --quiet
[ -z "$(standing second "$middle")" ] || fail "the second import is not undone"
[ -n "$(standing second)" ] || fail "the first import is undone too"
"$florin" match second --auto >again.json
"$florin" report second aging --as-of 2024-06-30 --format json | sed -E 's/"seq":[0-9]+,//' >closed-after
cmp closed-before closed-after || fail "a closed day is changed"
"$florin" report second match-quality --key year/answers.ndjson --format json >quality.json
grep -q '"wrong":0,' quality.json || fail "matched again, something is wrong"
[ "$(standing second "$middle" | pairs | comm -12 - <(pairs <import.ndjson) | wc -l)" -ge $(($(wc -l <import.ndjson) * 95 / 100)) ] ||
    fail "the machine does not match again what the machine undid"

# ---- the books hold, and a replay is equal
for book in books second; do
    "$florin" check $book >/dev/null || fail "$book does not hold"
    "$florin" report $book journal --format json | grep -q '"entry"' || fail "no journal"
    "$florin" init "$book-copy" >/dev/null
    "$florin" log $book | "$florin" apply "$book-copy" - --quiet
    [ "$("$florin" digest $book)" = "$("$florin" digest "$book-copy")" ] || fail "$book replayed is another"
done
"$florin" report books journal --format json | tr '{' '\n' | awk '
    /^"entry":/ { if (sum != 0 || base != 0) { print "an entry does not balance"; exit 1 } sum = base = 0; entries++ }
    match($0, /"amount":"[-0-9.]*"/) { s = substr($0, RSTART + 10, RLENGTH - 11); gsub(/\./, "", s); sum += s }
    match($0, /"base_amount":"[-0-9.]*"/) { s = substr($0, RSTART + 15, RLENGTH - 16); gsub(/\./, "", s); base += s }
    END { if (sum != 0 || base != 0 || entries < 100) { print "the journal does not balance: " entries " entries"; exit 1 } }' ||
    fail "the journal"
echo "$matches matches undone and done again"
