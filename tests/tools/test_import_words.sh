#!/usr/bin/env bash
# What import says: of files that are no bank files, of statements that do not balance, of records
# that cannot be read, and where to go on.
# usage: test_import_words.sh FLORIN [DATA]
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

"$florin" init books >/dev/null

# ---- what is no bank file is told by what it is: exit 4
other() # FILE WORDS
{
    [ "$(code "$florin" import books "$1" --format json)" = 4 ] || fail "$1: exit"
    grep -qF "$1: $2" err || fail "$1: $2"
}
: >empty
printf '\n \n' >blank
printf '%%PDF-1.7\n:20:x\n' >a.pdf
printf '\x89PNG\r\n\x1a\n' >a.png
printf '<!doctype html><html></html>' >a.html
printf '<?xml version="1.0"?><!-- x --><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>' >a.xml
printf '<?xml version="1.0"?>\n<rss version="2"/>' >b.xml
printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >a.zip
other empty "an empty file"
other blank "a file of nothing but blanks"
other a.pdf "a PDF"
other a.png "a picture"
other a.html "a web page"
other a.xml 'XML of another kind: "pain.001.001.03"; camt.052, 053, 054 and OFX are read'
other b.xml 'XML of another kind: "rss"'
other a.zip "an archive without files"
if command -v python3 >/dev/null; then
    python3 -c 'import zipfile
z = zipfile.ZipFile("a.xlsx", "w")
for n in ("[Content_Types].xml", "xl/workbook.xml"): z.writestr(n, "<x/>")'
    other a.xlsx "a spreadsheet or document of an Office: save it as CSV"
    [ "$(wc -l <err)" = 1 ] || fail "a spreadsheet is told once"
fi

# ---- a statement that does not balance: by how much, and the likely line
mt940() # CLOSING AMOUNT...
{
    printf ':20:S\n:25:DE02120300000000202051\n:28C:1\n:60F:C240303EUR0,\n'
    local n=1 closing=$1
    shift
    for amount in "$@"; do
        printf ':61:240304%sNTRFNONREF//%d\n' "$amount" $((n++))
    done
    printf ':62F:C240304EUR%s\n-\n' "$closing"
}
hint() # WORDS CLOSING AMOUNT...
{
    local words=$1
    shift
    mt940 "$@" >s.sta
    [ "$(code "$florin" import books s.sta --dry-run --format json)" = 1 ] || fail "$words: exit"
    grep -qF "$words" out || fail "$words"
}
hint 'closing balance, 9.00 is missing: --accept' 30, C20, C1,
hint 'closing balance, 14.00 is too much: --accept-unbalanced posts it all the same; entry 2 of 7.00 at line 6 may have the wrong sign' 30, C37, C7,
hint 'entry 2 of 7.00 at line 6 may be there twice' 30, C30, C7,
hint 'entry 2 of 5.00 at line 6 is as much: one like it may be missing' 30, C20, C5,
hint 'entry 2 of 10.00 at line 6 is a reversal that may be marked the other way' 0, C10, RD10,
hint '0.09 is too much: --accept-unbalanced posts it all the same; entry 2 of 9.10 at line 6 may have two digits changed over' 29,01 C20, C9,10
[ "$(code "$florin" import books s.sta --format table)" = 1 ] || fail "table"
grep -q '^s.sta:1: statement S of DE02120300000000202051: opening' err || fail "the place of a statement"
grep -q '^1 of 1 statements not posted$' out || fail "what is not posted is counted"
grep -q '^Next:' out && fail "nothing to match"

# ---- BAI2: the record as it stands, and which trailers are missing
bai2() # DETAIL DATE
{
    printf '01,B,C,240305,0700,1,80,,2/\n02,C,B,1,%s,,EUR,2/\n03,7,EUR,010,0,,,015,500,,/\n%s\n' "$2" "$1"
    printf '49,1000,3/\n98,1000,1,5/\n99,1000,1,7/\n'
}
refused() # MESSAGE
{
    [ "$(code "$florin" import books s.bai --dry-run --format json)" = 1 ] || fail "$1: exit"
    grep -qF "\"message\":\"$1" out || fail "$1"
}
bai2 '16,905,500,Z,B1,,x' 240304 >s.bai
refused 'detail: the type code is neither a credit'"'"'s nor a debit'"'"'s: \"16,905,500,Z,B1,,x\"'
bai2 '16,165,500,Z,B1,,x' 241304 >s.bai
refused 'group: as-of date \"241304\" is no day'
bai2 '16,165,500,Z,B1,,x' 240304 >whole.bai
head -6 whole.bai >s.bai
refused 'the file is cut off at its end: record 99 is missing'
head -5 whole.bai >s.bai
refused 'the file is cut off within a group: records 98, 99 are missing'
head -4 whole.bai >s.bai
refused 'the file is cut off within account 7: records 49, 98, 99 are missing'

# ---- MT940 and OFX: the entry as it stands
says() # FILE MESSAGE
{
    [ "$(code "$florin" import books "$1" --dry-run --format json)" = 1 ] || fail "$2: exit"
    grep -qF "$2" out || fail "$2"
}
mt940 10, X10, | sed 's/60F:C240303EUR/60F:C240303EUX/' >s.sta
says s.sta '{"line":4,"code":"bad_value","message":"balance: no such currency: \":60F:C240303EUX0,\""}'
says s.sta '"message":"entry: mark C, D, RC or RD expected: \":61:240304X10,NTRFNONREF//1\""}'
printf 'OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>71</BANKACCTFROM>\n' >s.ofx
printf '<BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20240230<TRNAMT>7.10<FITID>F1<NAME>N</STMTTRN></BANKTRANLIST>\n' >>s.ofx
printf '</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n' >>s.ofx
says s.ofx 'DTPOSTED: no such date (DTPOSTED \"20240230\", TRNAMT \"7.10\", FITID \"F1\")'
printf ':20:S\n:25:DE02120300000000202051\n:28C:1\n:60F:C240303EUR0,\n:61:240304Cx1,\n:61:240304C9,\n:62F:C240304EUR18,\n-\n' >s.sta
says s.sta '1 record could not be read: --skip-bad posts the others"}' # and no line is suspected for it

# ---- the table: whose file, and what to do next
[ "$(code "$florin" import books whole.bai --format table)" = 0 ] || fail "whole.bai"
grep -q '^7 .* yes  *whole.bai$' out || fail "the file of a statement"
tail -1 out | grep -q '^Next: florin match books --propose$' || fail "the next step"

# ---- a line that has no text and no value date says so; a statement without lines is reported
"$florin" show books statement_line 7/B1 --format json >out
grep -q '"booking_date":"2024-03-04","value_date":null' out || fail "no value date"
bai2 '16,165,500,Z,B2,,' 240304 >s.bai
sed -i 's/^03,7,EUR,010,0,,,015,500/03,8,EUR,010,0,,,015,500/' s.bai
[ "$(code "$florin" import books s.bai)" = 0 ] || fail "account 8"
"$florin" show books statement_line 8/B2 --format json >out
grep -q '"text":""' out || fail "no text"
printf ':20:E\n:25:DE02120300000000202051\n:28C:2\n:60F:C240410EUR5,\n:62F:C240411EUR5,\n-\n' >e.sta
[ "$(code "$florin" import books e.sta)" = 0 ] || fail "empty statement"
"$florin" report books bank --format json >out
grep -q '"id":"E"' out || fail "an empty statement is reported"

# ---- a day that is none in the order that was declared
printf 'date,text,amount\n2024-03-04,x,1.5\n' >d.csv
echo '{"date":"MM/DD/YYYY","account":"D1","currency":"EUR"}' >d.json
[ "$(code "$florin" import books d.csv --profile d.json --format json)" = 1 ] || fail "declared order: exit"
grep -qF '{"line":2,"code":"bad_value","message":"2024-03-04 is no day in the order of the profile'"'"'s \"date\""}' out ||
    fail "declared order"

# ---- statements in any order: the balance is what the last closed with, the opening that of the first
month() # MONTH OPENING CLOSING AMOUNT
{
    printf ':20:D%s\n:25:O1\n:28C:%s\n:60F:C24%s01EUR%s,\n:61:24%s05C%s,NTRFNONREF//%s\n:62F:C24%s28EUR%s,\n-\n' \
        "$1" "$1" "$1" "$2" "$1" "$4" "$1" "$1" "$3"
}
month 01 2 10 8 >1.sta
month 02 10 15 5 >2.sta
month 03 15 35 20 >3.sta
balance() # BOOK ACCOUNT [OPTION...]
{
    "$florin" report "$1" ledger --format json "${@:3}" | tr '{' '\n' | sed -n "s,^\"account\":\"$2\".*\"balance\":\"\([^\"]*\)\"\,.*,\1,p"
}
for order in "1 2 3" "1 3 2" "2 1 3" "2 3 1" "3 1 2" "3 2 1"; do
    for way in one each; do
        rm -rf order && "$florin" init order >/dev/null
        files=$(sed 's/[0-9]/&.sta/g' <<<"$order")
        if [ $way = one ]; then
            "$florin" import order $files --format json >out 2>err || fail "$order: import"
        else
            for file in $files; do
                "$florin" import order "$file" --format json >out 2>err || fail "$order: import $file"
                if [ "$file" = "${files%% *}" ]; then
                    first=$(balance order assets:bank:O1)
                    seq=$("$florin" digest order --format json | sed 's/.*"seq":\([0-9]*\).*/\1/')
                fi
            done
            [ "$(balance order assets:bank:O1 --known-at "$seq")" = "$first" ] || fail "$order: known before"
        fi
        [ "$(balance order assets:bank:O1)" = 35.00 ] || fail "$order, $way: bank"
        [ "$(balance order equity:opening)" = -2.00 ] || fail "$order, $way: opening"
        [ "$(balance order assets:bank:O1 --as-of 2024-02-10)" = 15.00 ] || fail "$order, $way: in February"
        "$florin" show order bank_account O1 --format json >out
        grep -q '"opening":"2.00","opening_date":"2023-12-31"' out || fail "$order, $way: show"
        "$florin" check order >out || fail "$order, $way: check"
        "$florin" log order >log && rm -rf replayed && "$florin" init replayed >/dev/null
        "$florin" apply replayed log >out || fail "$order, $way: replay"
        [ "$("$florin" digest order)" = "$("$florin" digest replayed)" ] || fail "$order, $way: digest"
    done
done
