#!/usr/bin/env bash
# The bank files of `florin gen`, read by awk alone: every line of every format as "account reference cents charges".
# Balances and control totals must hold, statements must chain, every incoming line must stand in the key once, and
# what the key settles must add up to the amount of its line.
set -euo pipefail
florin=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

fail() { echo "FAILED: $*"; exit 1; }

camt() { # one account a file; an entry, or each of its details, is a line
    awk 'BEGIN { RS = "<" }
    function text() { return substr($0, index($0, ">") + 1) }
    function cents(amount) { sub(/\./, "", amount); return amount + 0 }
    /^IBAN>/ && !account { account = text() }
    /^Stmt>/ { account = "" }
    /^OPBD|^Cd>OPBD/ { bal = "o" }
    /^Cd>CLBD/ { bal = "c" }
    /^Ntry>/ { entry = 1; sum = 0; n = 0; charges = 0; ref = ""; sign = 0 }
    /^TxDtls>/ { details = 1; own = 0 }
    /^Chrgs>/ { inside = 1 }
    /^\/Chrgs>/ { inside = 0 }
    /^Btch>/ { batch = 1 }
    /^\/Btch>/ { batch = 0 }
    /^Amt / {
        if (inside) charges = cents(text())
        else if (details) own = cents(text())
        else if (entry) amount = cents(text())
        else balance = cents(text())
    }
    /^CdtDbtInd>/ && !inside && !batch {
        s = text() == "DBIT" ? -1 : 1
        if (!entry) { if (bal == "o") opening = s * balance; else closing = s * balance; bal = "" }
        else if (details) own *= s
        else sign = s
    }
    /^AcctSvcrRef>/ { ref = text() }
    /^\/TxDtls>/ {
        details = 0; n++
        if (own) { sum += own; total += own; print account, ref, own, charges }
        else { sum += sign * amount; total += sign * amount; print account, ref, sign * amount, charges }
    }
    /^\/Ntry>/ { entry = 0; if (sum != sign * amount) { print "details do not add up" > "/dev/stderr"; exit 1 } }
    /^\/Stmt>/ {
        if (opening + total != closing) { print "statement of " account " does not balance" > "/dev/stderr"; exit 1 }
        total = 0
    }' "$1"
}
mt940() {
    awk 'function cents(amount) { sub(/,/, "", amount); return amount + 0 }
    { sub(/\r$/, "") }
    sub(/^:25:/, "") { account = $0 }
    /^:60[FM]:/ { s = substr($0, 6, 1) == "D" ? -1 : 1; opening = s * cents(substr($0, 16)); total = 0 }
    /^:61:/ {
        sign = substr($0, 15) ~ /^(D|RC)/ ? -1 : 1
        rest = substr($0, 15); sub(/^R?[CD]/, "", rest)
        amount = sign * cents(substr(rest, 1, index(rest, "N") - 1)); total += amount
        print account, substr($0, index($0, "//") + 2), amount, 0
    }
    /^:62[FM]:/ {
        s = substr($0, 6, 1) == "D" ? -1 : 1
        if (opening + total != s * cents(substr($0, 16))) { print "page of " account > "/dev/stderr"; exit 1 }
    }' "$1"
}
bai2() {
    awk -F, 'function fail(text) { print FILENAME ":" NR ": " text > "/dev/stderr"; failed = 1; exit 1 }
    { raw = $0; sub(/\/$/, ""); file_records++; group_records++; account_records++ }
    length(raw) > 80 { fail("longer than 80") }
    $1 == "01" { file_records = 1 }
    $1 == "02" { group_records = 1; group_sum = 0; accounts = 0; groups++ }
    $1 == "03" { account_records = 1; account = $2; opening = $5; closing = $9; sum = $5 + $9; total = 0; accounts++ }
    $1 == "16" {
        amount = $2 < 400 ? $3 : -$3; total += amount; sum += $3
        print account, $4 == "Z" ? $5 : $7, amount, 0
    }
    $1 == "49" {
        if (opening + total != closing) fail("does not balance")
        if ($2 != sum || $3 != account_records) fail("account total")
        group_sum += sum
    }
    $1 == "98" {
        if ($2 != group_sum || $3 != accounts || $4 != group_records) fail("group total")
        file_sum += group_sum
    }
    $1 == "99" { if ($2 != file_sum || $3 != groups || $4 != file_records) fail("file total"); ended = 1 }
    END { if (!failed && !ended) fail("no end") }' "$1"
}
ofx() {
    awk 'function value() { sub(/^<[A-Z]*>/, ""); sub(/<.*/, ""); return $0 }
    function cents(amount) { sub(/\./, "", amount); return amount + 0 }
    { sub(/\r$/, "") }
    /^<ACCTID>/ && !to { account = value() }
    /^<BANKACCTTO>/ { to = 1 }
    /^<\/BANKACCTTO>/ { to = 0 }
    /^<TRNAMT>/ { amount = cents(value()) }
    /^<FITID>/ { print account, value(), amount, 0 }' "$1"
}
csv_profile() {
    LC_ALL=C awk -F'";"' 'function cents(amount) { gsub(/[.,"]/, "", amount); return amount + 0 }
    NR > 5 {
        sub(/\r$/, ""); gsub(/"/, "", $12)
        amount = cents($9) - cents($8)
        if (NR > 6 && last + amount != cents($12)) { print FILENAME ":" NR ": balance" > "/dev/stderr"; exit 1 }
        last = cents($12)
        print account, $11, amount, 0
    }' account="$2" "$1"
}
csv_plain() {
    LC_ALL=C awk 'function cents(amount) { sub(/\./, "", amount); return amount + 0 }
    NR > 1 {
        rest = $0
        gsub(/"[^"]*"/, "\"\"", rest)
        split(rest, f, ",")
        if (NR > 2 && last + cents(f[4]) != cents(f[10])) { print FILENAME ":" NR ": balance" > "/dev/stderr"; exit 1 }
        last = cents(f[10])
        print f[1], f[9], cents(f[4]), 0
    }' "$1"
}
lines_of() { # lines_of FILE
    case $1 in
    *.xml) camt "$1" ;;
    *.sta) mt940 "$1" ;;
    *.bai) bai2 "$1" ;;
    *.ofx) ofx "$1" ;;
    *) if [ -e "$(dirname "$1")/$(basename "$1" | cut -c1-22).profile.json" ]; then
           csv_profile "$1" "$(basename "$1" | cut -c1-22)"
       else
           csv_plain "$1"
       fi ;;
    esac
}

# Every ledger balance of OFX is the one before and the lines that are new since.
ofx_chain() { # ofx_chain OPENING FILE...
    local opening=$1
    shift
    awk 'function value() { sub(/^<[A-Z]*>/, ""); sub(/<.*/, ""); return $0 }
    function cents(amount) { sub(/\./, "", amount); return amount + 0 }
    { sub(/\r$/, "") }
    /^<TRNAMT>/ { amount = cents(value()) }
    /^<FITID>/ { id = value(); if (!(id in seen)) balance += amount; seen[id] = 1 }
    /^<BALAMT>/ { if (cents(value()) != balance) { print FILENAME ": ledger balance, not " balance > "/dev/stderr"; exit 1 } }
    ' balance="$opening" "$@"
}

check() { # check NAME OPTION...
    local name=$1
    shift
    "$florin" gen --orders 4000 --seed 21 "$@" --out "$name" 2>"$name.summary"
    for file in "$name"/*.xml "$name"/*.sta "$name"/*.bai "$name"/*.ofx "$name"/*.csv; do
        lines_of "$file" >one || fail "$file"
        sed "s|\$| $(basename "$file")|" one
    done >"$name.lines"
    for account in DE29999000010001000006 DE02999000010001000007; do
        opening=$(grep "\"id\":\"$account\"" "$name/commands.ndjson" | sed 's/.*"opening":"\([0-9]*\)\.\([0-9]*\)".*/\1\2/')
        # shellcheck disable=SC2046
        ofx_chain "$opening" $(ls "$name/$account"-*.ofx | grep -v again) || fail "chain of $account"
    done
    sort -u -k1,4 "$name.lines" >"$name.unique"
    awk '{ key = $1 "/" $2 } key in seen { print "two lines are " key; exit 1 } { seen[key] = 1 }' "$name.unique" ||
        fail "a reference is there twice"
    # The key: every incoming line once, no other; settles + what is left = amount + charges.
    awk '
    FILENAME ~ /unique$/ { if ($3 > 0) { amount[$1 "/" $2] = $3 + $4; incoming++ } next }
    {
        match($0, /"line":"[^"]*"/)
        line = substr($0, RSTART + 8, RLENGTH - 9)
        if (!(line in amount)) { print "no such line: " line; exit 1 }
        if (line in keyed) { print "twice in the key: " line; exit 1 }
        keyed[line] = 1; rows++
        rest = $0; settled = 0; parts = 0
        while (match(rest, /\{"(invoice|credit_note)":"[^"]*","amount":"-?[0-9.]*"\}/)) {
            part = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
            cents = part; sub(/.*"amount":"/, "", cents); gsub(/[."}]/, "", cents)
            if ((part ~ /credit_note/) != (cents < 0)) { print "sign: " $0; exit 1 }
            settled += cents; parts++
        }
        if (settled > amount[line]) { print "settles more than it has: " $0 ", " amount[line]; exit 1 }
        if (parts == 0) empty++
        else if (settled == amount[line]) exact++
        else over++
    }
    END {
        if (rows != incoming) { print rows " rows for " incoming " lines"; exit 1 }
        if (exact < 0.85 * (rows - empty)) { print "hardly a line is settled to the cent: " exact " of " rows; exit 1 }
        print rows, empty + 0, exact, over + 0
    }' "$name.unique" "$name/answers.ndjson" >"$name.key" || fail "key of $name: $(cat "$name.key")"
    echo "$name: rows, empty, exact, over: $(cat "$name.key")"
}

# florin reads of every format just those lines, once, and every statement balances.
import() { # import NAME
    local name=$1 profile account code
    profile=$(ls "$name"/*.profile.json)
    account=$(basename "$profile" .profile.json)
    "$florin" init "$name.books" >/dev/null
    "$florin" apply "$name.books" "$name/commands.ndjson" --quiet
    # shellcheck disable=SC2046
    "$florin" import "$name.books" $(ls "$name"/*.xml "$name"/*.sta "$name"/*.bai "$name"/*.ofx "$name"/*.csv |
        grep -v "$account") --no-match --format json >"$name.import" || fail "import of $name: $?"
    "$florin" import "$name.books" "$name/$account"-*.csv --profile "$profile" --no-match --format json \
        >>"$name.import" || fail "import of $name with its profile: $?"
    if grep -q '"balanced":false\|"posted":false\|"code":' "$name.import"; then
        fail "$name: a statement is flagged, or a line refused"
    fi
    "$florin" list "$name.books" statement_line --format json |
        sed 's|^{"id":"\([^"/]*\)/\([^"]*\)".*"amount":"\(-\{0,1\}\)\([0-9]*\)\.\([0-9]*\)".*|\1 \2 \3\4\5|' |
        awk '{ print $1, $2, $3 + 0 }' | sort >"$name.read"
    cut -d' ' -f1-3 "$name.unique" | sort >"$name.wanted"
    cmp -s "$name.read" "$name.wanted" ||
        fail "$name: read otherwise: $(diff "$name.read" "$name.wanted" | head -n 5)"
    "$florin" check "$name.books" >/dev/null || fail "the book of $name does not hold"
}

check plain
[ "$(wc -l <plain.lines)" -eq "$(wc -l <plain.unique)" ] || fail "a line is in two files"
check hard --hard
[ "$(wc -l <hard.lines)" -gt "$(wc -l <hard.unique)" ] || fail "no duplicate was planted"
for copy in hard/*-again.*; do
    cmp "$copy" "${copy/-again/}" || fail "$copy is no copy"
done
again=$(sed -n 's/^planted: .* \([0-9]*\) lines delivered again$/\1/p' hard.summary)
copies=$(cat hard.lines | awk '$5 ~ /-again/' | wc -l)
[ "$(wc -l <hard.lines)" -eq $(($(wc -l <hard.unique) + again + copies)) ] || fail "planted: $again stated"
import plain
import hard
echo "every line is where it should be"
