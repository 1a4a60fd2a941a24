#!/usr/bin/env bash
# --dry-run, --accept-unbalanced and --skip-bad mean the same in every format of a bank.
# usage: test_import_flags.sh FLORIN [DATA]
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

code()
{
    local exit=0
    "$@" >out 2>err || exit=$?
    echo "$exit"
}

# NAME CLOSING AMOUNT: a statement that opens with 1000.00 and has two lines, 500.75 and AMOUNT.
mt940()
{
    printf ':20:S\n:25:%s\n:28C:1\n:60F:C240303EUR1000,00\n' "$1"
    printf ':61:2403040304C500,75NTRFA//1\n:61:2403040304C%s,NTRFB//2\n' "${3%.00}"
    printf ':62F:C240304EUR%s\n-\n' "${2/./,}"
}

entry()
{
    printf '<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>' "$1"
    printf '<BookgDt><Dt>2024-03-04</Dt></BookgDt></Ntry>\n'
}

balance()
{
    printf '<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%s</Amt>' "$1" "$2"
    printf '<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-03-04</Dt></Dt></Bal>\n'
}

camt()
{
    printf '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
    printf '<Id>S</Id><Acct><Id><Othr><Id>%s</Id></Othr></Id><Ccy>EUR</Ccy></Acct>\n' "$1"
    balance OPBD 1000.00
    balance CLBD "$2"
    entry 500.75
    entry "$3"
    printf '</Stmt></BkToCstmrStmt></Document>\n'
}

bai2()
{
    local closing=${2/./} amount=${3/./}
    local total=$((100000 + closing + 50075 + 10#0${amount//[!0-9]/}))
    printf '01,B,C,240305,0700,1,80,,2/\n02,C,B,1,240304,,EUR,2/\n'
    printf '03,%s,EUR,010,100000,,,015,%s,,/\n' "$1" "$closing"
    printf '16,165,50075,0,1,A,/\n16,165,%s,0,2,B,/\n' "$amount"
    printf '49,%s,4/\n98,%s,1,6/\n99,%s,1,8/\n' "$total" "$total" "$total"
}

csv()
{
    printf 'date;amount;currency;own account;text\n2024-03-04;1000,00;EUR;%s;Opening balance\n' "$1"
    printf '2024-03-04;500,75;EUR;%s;a\n2024-03-04;%s;EUR;%s;b\n' "$1" "${3/./,}" "$1"
    printf '2024-03-04;%s;EUR;%s;Closing balance\n' "${2/./,}" "$1"
}

"$florin" init d
for format in mt940 camt bai2 csv; do
    # The closing is 5.00 too high: flagged with the difference, nothing posted.
    $format "U-$format" 1515.75 10.00 >u.txt
    [ "$(code "$florin" import d u.txt --format json)" = 1 ] || fail "$format unbalanced: exit, $(cat out)"
    grep -q '"balanced":false,"difference":"5.00","posted":false,"hint":"[^"]*--accept-unbalanced' out ||
        fail "$format unbalanced: $(cat out)"
    grep -q "\"format\":\"$format" out || fail "$format: $(cat out)"

    # Told to, a dry run says what the real one then does, and does nothing itself.
    before=$("$florin" digest d)
    [ "$(code "$florin" import d u.txt --accept-unbalanced --dry-run --format json)" = 1 ] ||
        fail "$format dry: exit"
    mv out dry
    [ "$("$florin" digest d)" = "$before" ] || fail "$format: a dry run changed something"
    [ "$(code "$florin" import d u.txt --accept-unbalanced --format json)" = 1 ] || fail "$format: exit"
    cmp -s dry out || fail "$format: the dry run said other things: $(cat dry out)"
    grep -q '"lines":2,"new":2,"known":0,.*"posted":true' out || fail "$format accepted: $(cat out)"

    # One record cannot be read: it is named, nothing is posted; --skip-bad posts the other.
    $format "B-$format" 1500.75 "#" >b.txt
    exit=$(code "$florin" import d b.txt --format json)
    grep -q '"refused":\[{"line":[1-9]' out || fail "$format bad: $(cat out)"
    [ "$exit" = 1 ] || fail "$format bad: exit $exit"
    ! grep -q '"posted":true' out || fail "$format bad: posted, $(cat out)"
    [ "$(code "$florin" import d b.txt --skip-bad --accept-unbalanced --format json)" = 1 ] ||
        fail "$format --skip-bad: exit"
    grep -q '"new":1,.*"posted":true' out || fail "$format --skip-bad: $(cat out)"
done
"$florin" check d >/dev/null || fail "check"
echo "flags mean the same in mt940, camt, bai2 and csv"
