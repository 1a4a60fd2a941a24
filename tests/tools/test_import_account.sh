#!/usr/bin/env bash
# An account is one however its number is written, and an entry that cannot be read says what stands there.
# usage: test_import_account.sh FLORIN [DATA]
set -euo pipefail
florin=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
    echo "FAILED: $*" >&2
    cat out err >&2 || true
    exit 1
}

code()
{
    local exit=0
    "$@" >out 2>err || exit=$?
    echo "$exit"
}

# ACCOUNT ENTRY...: a statement of 0.00 to 9.01.
camt()
{
    printf '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>\n'
    printf '<Acct><Id>%s</Id><Ccy>EUR</Ccy></Acct>\n' "$1"
    printf '<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0</Amt><Dt><Dt>2024-03-04</Dt></Dt></Bal>\n'
    printf '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">9.01</Amt><Dt><Dt>2024-03-05</Dt></Dt></Bal>\n'
    shift
    printf '%s\n' "$@"
    printf '</Stmt></BkToCstmrStmt></Document>\n'
}

# AMOUNT SIGN DAY REST
entry()
{
    printf '<Ntry><Amt Ccy="EUR">%s</Amt>%s<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt>' "$1" "$2" "$3"
    printf '<AcctSvcrRef>R1</AcctSvcrRef><BkTxCd/>%s</Ntry>' "${4:-}"
}

in='<CdtDbtInd>CRDT</CdtDbtInd>'
good=$(entry 9.01 "$in" 2024-03-05)
iban=DE02120300000000202051

# ---- the same file for one account, written in every manner: booked once
"$florin" init books >/dev/null
camt "<IBAN>$iban</IBAN>" "$good" >s.xml
[ "$(code "$florin" import books s.xml --format json)" = 0 ] || fail "first"
for id in '<IBAN>DE02 1203 0000 0000 2020 51</IBAN>' "<IBAN>${iban,,}</IBAN>" "<Othr><Id>IBAN: $iban</Id></Othr>" \
    '<IBAN>DE02-1203-0000-0000-2020-51</IBAN>'; do
    camt "$id" "$good" >s.xml
    [ "$(code "$florin" import books s.xml --format json)" = 0 ] || fail "$id"
    grep -q "\"account\":\"$iban\".*\"new\":0,\"known\":1" out || fail "$id is the same account"
done
for id in "/$iban" "${iban}EUR" 'de02 1203 0000 0000 2020 51'; do
    printf ':20:S\n:25:%s\n:28C:1\n:60F:C240304EUR0,\n:61:2403050305C9,01NTRFNONREF//R1\n:62F:C240305EUR9,01\n-\n' "$id" >s.sta
    [ "$(code "$florin" import books s.sta --format json)" = 0 ] || fail "$id"
    grep -q "\"account\":\"$iban\".*\"new\":0,\"known\":1" out || fail "$id is the same account"
done
printf 'date;amount\n2024-03-13;1,50\n' >s.csv
[ "$(code "$florin" import books s.csv --account 'de02 1203 0000 0000 2020 51' --format json)" = 0 ] || fail "csv"
[ "$("$florin" list books bank_account --format json | wc -l)" = 1 ] || fail "one account"

# ---- an account that a person wrote with blanks keeps its id
"$florin" init blanks >/dev/null
echo '{"type":"bank_account","id":"DE02 1203 0000 0000 2020 51","currency":"EUR"}' | "$florin" apply blanks - >/dev/null
camt "<IBAN>$iban</IBAN>" "$good" >s.xml
[ "$(code "$florin" import blanks s.xml --format json)" = 0 ] || fail "blanks"
grep -q '"account":"DE02 1203 0000 0000 2020 51"' out || fail "the id that is known"
[ "$("$florin" list blanks bank_account --format json | wc -l)" = 1 ] || fail "one account with blanks"

# ---- the payer's account in its normal form
camt "<IBAN>NL88TEST0123456700</IBAN>" "$(entry 9.01 "$in" 2024-03-05 '<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Z</Nm></Dbtr><DbtrAcct><Id><IBAN>de89 3704 0044 0532 0130 00</IBAN></Id></DbtrAcct></RltdPties></TxDtls></NtryDtls>')" >s.xml
[ "$(code "$florin" import books s.xml --format json)" = 0 ] || fail "payer"
"$florin" show books statement_line NL88TEST0123456700/R1 --format json >out
grep -q '"account":"DE89370400440532013000"' out || fail "the payer's account"

# ---- what cannot be read is named as it stands
refused() # WHAT CODE MESSAGE ENTRY
{
    camt "<IBAN>$iban</IBAN>" "$4" >s.xml
    [ "$(code "$florin" import books s.xml --dry-run --format json)" = 1 ] || fail "$1: exit"
    grep -qF "{\"line\":5,\"code\":\"$2\",\"message\":\"$3" out || fail "$1"
}
refused "a day that is none" bad_value 'entry: BookgDt \"2024-02-30\" is not a day' "$(entry 9.01 "$in" 2024-02-30)"
refused "a comma" bad_value 'entry: \"9,01\" is no amount' "$(entry 9,01 "$in" 2024-03-05)"
refused "decimals" too_many_decimals 'entry: 9.015 has more decimals than EUR has' "$(entry 9.015 "$in" 2024-03-05)"
refused "a direction that is none" bad_value 'entry: CdtDbtInd \"CR\" is not CRDT or DBIT' \
    "$(entry 9.01 '<CdtDbtInd>CR</CdtDbtInd>' 2024-03-05)"
camt "<IBAN>$iban</IBAN>" "$(entry 9.01 '' 2024-03-05)" >s.xml
[ "$(code "$florin" import books s.xml --dry-run --format json)" = 0 ] || fail "no direction"
grep -q '"warnings":\[{"line":5,"message":"entry: no CdtDbtInd' out || fail "no direction is said"
camt "<IBAN>$iban</IBAN>" "$(entry 9.01 "$in" 2024-03-05 '<ValDt><Dt>2024-02-30</Dt></ValDt>')" >s.xml
[ "$(code "$florin" import books s.xml --dry-run --format json)" = 0 ] || fail "no value date"
grep -q '"warnings":\[{"line":5,"message":"entry: ValDt \\"2024-02-30\\" is no day' out || fail "the value date"
detail='<TxDtls><Amt Ccy="EUR">4.00</Amt></TxDtls>'
camt "<IBAN>$iban</IBAN>" "$(entry 9.01 "$in" 2024-03-05 "<NtryDtls>$detail$detail</NtryDtls>")" >s.xml
[ "$(code "$florin" import books s.xml --dry-run --format json)" = 0 ] || fail "details"
grep -q 'the details come to 8.00, the entry is 9.01' out || fail "both figures of the details"

# ---- reversals as the account says that its bank marks them
camt_reversal='<RvslInd>true</RvslInd>'
reversed()
{
    camt '<Othr><Id>R1</Id></Othr>' "$(entry 12.00 "$in" 2024-03-05)" \
        "$(entry 2.99 "$in$camt_reversal" 2024-03-06)" >r.xml
    printf ':20:M\n:25:R2\n:28C:1\n:60F:C240304EUR10,\n:61:2403050305C12,NTRFNONREF//M1\n' >r.sta
    printf ':61:2403060306RC2,99NTRFNONREF//M2\n:62F:C240306EUR24,99\n-\n' >>r.sta
}
reversed
for file in r.xml r.sta; do
    [ "$(code "$florin" import books $file --dry-run --format json)" = 1 ] || fail "$file: as marked"
    grep -q 'entry 2 of .*2.99 at line 6 is a reversal that may be marked the other way' out || fail "$file: hint"
done
printf '%s\n' '{"type":"bank_account","id":"R1","currency":"EUR","reversal_flips":true}' \
    '{"type":"bank_account","id":"R2","currency":"EUR","reversal_flips":false}' | "$florin" apply books - >/dev/null
for file in r.xml r.sta; do
    [ "$(code "$florin" import books $file --format json)" = 0 ] || fail "$file: as the account says"
    grep -q '"balanced":true,"difference":"0.00","posted":true' out || fail "$file balances"
    [ "$(code "$florin" import books $file --format json)" = 0 ] || fail "$file again"
    grep -q '"new":0,"known":2' out || fail "$file is known"
done
"$florin" list books statement_line --where account=R1 --format json | grep -q '"amount":"-2.99".*"reversal":true' || fail "camt reversal"
"$florin" list books statement_line --where account=R2 --format json | grep -q '"amount":"2.99".*"reversal":true' || fail "MT940 reversal"
"$florin" show books bank_account R2 --format json | grep -q '"reversal_flips":false' || fail "the account shows it"
echo '{"reversal_flips":true}' >p.json
[ "$(code "$florin" import books r.sta --profile p.json --dry-run --format json)" = 1 ] || fail "a profile goes before"

# ---- --account beside what the file says is told
mt_of() { printf ':20:%s\n:25:%s\n:28C:1\n:60F:C240304EUR0,\n:62F:C240305EUR0,\n-\n' "$1" "$2"; }
mt_of A G1 >one.sta
[ "$(code "$florin" import books one.sta --account ZZ --format json)" = 0 ] || fail "--account"
grep -q '"account":"ZZ".*"the file says account G1: ZZ is taken, as was told"' out || fail "--account is told"
{ mt_of A G1; mt_of B G2; } >two.sta
[ "$(code "$florin" import books two.sta --account ZZ --format json)" = 0 ] || fail "--account, several"
grep -q '"account":"G1".*"account":"G2".*"the file names several accounts: ZZ is taken for none of them"' out ||
    fail "--account that is not taken is told"
[ "$(code "$florin" import books one.sta --account g1 --dry-run --format json)" = 0 ] || fail "--account g1"
grep -q '"account":"g1"' out || fail "what has no shape of an IBAN keeps its letters"

# ---- without an opening balance closing and lines make it: a gap is seen all the same
closing() # ID DAY CLOSING
{
    printf '<Stmt><Id>%s</Id><Acct><Id><Othr><Id>K1</Id></Othr></Id><Ccy>EUR</Ccy></Acct><Bal><Tp><CdOrPrtry>' "$1"
    printf '<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%s</Amt><Dt><Dt>%s</Dt></Dt></Bal>' "$3" "$2"
    printf '%s</Stmt>\n' "$(entry 1.00 "$in" "$2")"
}
for last in 6.00:0 7.00:1; do
    {
        printf '\n \n<?xml version="1.0"?>\n<Document><BkToCstmrStmt>'
        closing S1 2024-04-01 5.00
        closing S2 2024-04-02 "${last%:*}"
        printf '</BkToCstmrStmt></Document>'
    } >k.xml
    [ "$(code "$florin" import books k.xml --dry-run --format json)" = 0 ] || fail "closing balances only"
    [ "$(grep -c '"line":5,"message":"opens with 6.00, S1 closed with 5.00: a statement is missing"' out)" = "${last#*:}" ] ||
        fail "a gap before ${last%:*}"
done
