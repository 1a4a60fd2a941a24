#!/usr/bin/env bash
# References with check digits on invoices (ISO 11649, Swiss, Finnish, KID mod 10 and mod 11, Belgian), quoted as people
# write them: whole, with the last digit wrong, with two digits turned. The payer is known by account and the amount is
# that of one invoice of his: a reference that fails still stands against it, and it is proposed, never settled.
# usage: test_check_digits.sh FLORIN [DATA]
set -euo pipefail
florin=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# scheme REFERENCE TEXT WRONG TURNED: an invoice each of three payers, the first one's with the reference.
scheme()
{
    local n text
    rm -rf books
    "$florin" init books >/dev/null
    echo '{"type":"clock","date":"2025-06-20"}' >commands
    echo '{"type":"bank_account","id":"BK","currency":"EUR","opening":"0"}' >>commands
    echo 'Date,Text,Amount,Name,Account' >lines.csv
    for n in 1 2 3; do
        echo "{\"type\":\"customer\",\"id\":\"C$n\",\"name\":\"Payer $n\",\"currency\":\"EUR\",\"bank_accounts\":[\"NL91ABNA041716430$n\"]}"
        reference=
        [ $n != 1 ] || reference=",\"reference\":\"$1\""
        echo "{\"type\":\"invoice\",\"id\":\"Z$n\",\"customer\":\"C$n\",\"date\":\"2025-06-01\",\"amount\":{\"net\":\"14$n.1$n\",\"tax\":\"0\"}$reference}"
        text=$((n + 1))
        echo "2025-06-10,${!text},14$n.1$n,,NL91ABNA041716430$n" >&3
    done >>commands 3>>lines.csv
    "$florin" apply books commands >answers || fail "$(grep -v accepted answers)"
    "$florin" import books lines.csv --account BK --format json >imported || fail "$(cat imported)"
    "$florin" show books invoice Z1 --format json >shown
    grep -q '"open":"0.00"' shown || fail "$2: not settled"
    grep -q '"match":{"rule":2,' shown || fail "$2: by another rule: $(cat shown)"
    for n in 2 3; do
        text=$((n + 1))
        "$florin" show books invoice Z$n --format json | grep -q '"state":"open"' || fail "${!text}: settled"
        "$florin" match books --explain "BK/#$n" --format json >why
        grep -q "\"documents\":\[{\"id\":\"Z$n\"" why || fail "${!text}: not proposed: $(cat why)"
        grep -q 'the text names something else' why || fail "${!text}: $(cat why)"
    done
}

scheme RF8177AB01 'RF81 77AB 01' 'RF81 77AB 02' 'RF18 77AB 01'
scheme RF8177AB01 'ref. RF8177AB01 thanks' 'ref. RF8177AB02 thanks' 'ref. RF8171AB07 thanks'
scheme 000000000000000047110815006 '00 00000 00000 00004 71108 15006' '00 00000 00000 00004 71108 15007' '00 00000 00000 00004 71180 15006'
scheme 77812344 'viite 77812344' 'viite 77812345' 'viite 78712344'
scheme 735007817 'KID 735007817' 'KID 735007818' 'KID 753007817'
scheme 88123468 'KID: 88123468' 'KID: 88123469' 'KID: 81823468'
scheme +++123/4567/89002+++ '+++123/4567/89002+++' '+++123/4567/89003+++' '+++213/4567/89002+++'
echo "check digits: ok"
