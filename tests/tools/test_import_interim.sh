#!/usr/bin/env bash
# One booked entry that several files tell (camt.052, 053, 054): booked once, whatever file comes first. The account must
# always come to the closing balance of the statement, which the test reckons from the amounts it writes.
set -euo pipefail
# shellcheck source=import_steps.sh disable=SC2154
. "$(dirname "$0")/import_steps.sh"

money() { printf '%d.%02d' $(($1 / 100)) $(($1 % 100)); }
balance_of() { # BOOK: what the ledger has at the bank
    "$florin" report "$1" ledger --format json | grep -o '"account":"assets:bank:[^}]*"balance":"[^"]*"' |
        sed 's/.*"balance":"//; s/"//'
}

# entry STATUS CENTS REF END_TO_END TEXT [DETAILS]: of one day; empty fields are left out; cents below 0 are money out.
day=2024-03-05
entry() {
    local sign=CRDT cents=$2
    [ "$cents" -ge 0 ] || { sign=DBIT; cents=$((-cents)); }
    echo "<Ntry><Amt Ccy=\"EUR\">$(money "$cents")</Amt><CdtDbtInd>$sign</CdtDbtInd>"
    [ -z "$1" ] || echo "<Sts>$1</Sts>"
    echo "<BookgDt><Dt>$day</Dt></BookgDt>"
    [ -z "$3" ] || echo "<AcctSvcrRef>$3</AcctSvcrRef>"
    echo "<NtryDtls>"
    if [ -n "${6:-}" ]; then
        echo "$6"
    elif [ -n "$4$5" ]; then
        echo "<TxDtls>"
        [ -z "$4" ] || echo "<Refs><EndToEndId>$4</EndToEndId></Refs>"
        [ -z "$5" ] || echo "<RmtInf><Ustrd>$5</Ustrd></RmtInf>"
        echo "</TxDtls>"
    fi
    echo "</NtryDtls></Ntry>"
}
part() { # part CENTS REF TEXT
    echo "<TxDtls><Refs><AcctSvcrRef>$2</AcctSvcrRef></Refs><Amt Ccy=\"EUR\">$(money "$1")</Amt>"
    echo "<CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>$3</Ustrd></RmtInf></TxDtls>"
}
message() { # message 052|053|054 ID [BALANCES]: the entries from standard input
    local root=BkToCstmrStmt block=Stmt
    [ "$1" != 052 ] || { root=BkToCstmrAcctRpt; block=Rpt; }
    [ "$1" != 054 ] || { root=BkToCstmrDbtCdtNtfctn; block=Ntfctn; }
    echo "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.$1.001.02\"><$root>"
    echo "<GrpHdr><MsgId>$2</MsgId><CreDtTm>${day}T21:00:00</CreDtTm></GrpHdr><$block><Id>$2</Id>"
    echo "<CreDtTm>${day}T21:00:00</CreDtTm><Acct><Id><IBAN>DE77</IBAN></Id><Ccy>EUR</Ccy></Acct>${3:-}"
    cat
    echo "</$block></$root></Document>"
}
balances() { # balances OPENING CLOSING
    local at
    for at in "OPBD $1" "CLBD $2"; do
        echo "<Bal><Tp><CdOrPrtry><Cd>${at% *}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">$(money "${at#* }")</Amt>"
        echo "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>$day</Dt></Dt></Bal>"
    done
}

# Two coffees; a batch that the statement tells as a sum; references and texts that differ from file to file.
parts="$(part 1000 P1 'RE-5501')$(part 2000 P2 'RE-5502')$(part 3000 P3 'RE-5503')"
one() { entry BOOK 1000 "$1" E1 one; }
coffees() { entry BOOK -300 R2 '' COFFEE; entry "$1" -300 R3 '' COFFEE; }
{ one R-1; coffees PDNG; } | message 052 noon >noon.xml
{ one R1; coffees BOOK; entry BOOK 700 X-5 E5 'seven'; entry BOOK 500 X6 '' 'as told at noon'; entry BOOK 6000 BATCH '' ''; } |
    message 052 evening "$(balances 10000 1)" >evening.xml # its balances are of no account
{ entry BOOK 6000 BATCH '' '' "$parts"; one R_1; entry INFO 99900 I1 '' 'to come'; entry '' 88800 I2 '' 'to come'; } |
    message 054 notice >notice.xml
closing=$((10000 + 1000 - 300 - 300 + 6000 + 700 + 500 + 250))
{ one R1; coffees BOOK; entry BOOK 6000 BATCH '' ''; entry BOOK 700 Y5 E5 'SEVEN.'; entry '' 500 Y6 '' 'otherwise'
    entry BOOK 250 R7 '' 'only here'; } | message 053 statement "$(balances 10000 $closing)" >statement.xml
invoices() {
    echo '{"type":"customer","id":"C","name":"C","currency":"EUR","credit_limit":null}'
    for n in 1 2 3; do
        echo "{\"type\":\"invoice\",\"id\":\"RE-550$n\",\"customer\":\"C\",\"date\":\"2024-02-01\",\"amount\":{\"net\":\"${n}0.00\",\"tax\":\"0\"}}"
    done
}
# Each file comes before and behind each other one, by itself and with the others.
begin() {
    rm -rf book
    "$florin" init book >/dev/null
    invoices | "$florin" apply book - >/dev/null
}
paid() { # paid WHAT: the parts of the batch have settled what they name
    for n in 5501 5502 5503; do
        "$florin" show book invoice RE-$n | grep -q '"state":"paid"' || fail "$1: RE-$n"
    done
}
settled() { # settled WHAT LINES FILE...: booked so many, and nothing more the second time
    local what=$1 lines=$2 before
    shift 2
    expect "$(money $closing)" "$(balance_of book)" "$what: at the bank"
    expect "$lines" "$(sum_of new out.json)" "$what: booked"
    before=$("$florin" digest book)
    "$florin" import book "$@" >again.json
    expect 0 "$(sum_of new again.json)" "$what again"
    expect "$before" "$("$florin" digest book)" "$what again changes the book"
    "$florin" check book >check.json || fail "$what: $(cat check.json)"
}
while read -r order; do
    # shellcheck disable=SC2086 # four words
    set -- $order
    # Together the notice is read first, so that its parts are booked; told in the order that was given.
    begin
    "$florin" import book "${@/%/.xml}" >out.json || fail "$order: $(cat out.json)"
    settled "$order together" 9 "${@/%/.xml}"
    paid "$order together"
    expect "$order" "$(grep -o '"file":"[a-z]*' out.json | sed 's/.*"//' | xargs)" "order of the answer"
    # One by one: parts where the notice was the first to tell of the batch, else its sum.
    begin
    for file in "$@"; do "$florin" import book "$file.xml"; done >out.json
    case "$order" in
    *evening*notice* | *statement*notice*) settled "$order" 7 "${@/%/.xml}" ;;
    *)
        settled "$order" 9 "${@/%/.xml}"
        paid "$order"
        ;;
    esac
done <<'END'
noon evening notice statement
statement notice evening noon
notice noon statement evening
evening statement noon notice
statement evening notice noon
notice statement evening noon
END

# The replay of the log is the same book.
"$florin" init replayed >/dev/null
"$florin" log book | "$florin" apply replayed - >/dev/null
expect "$("$florin" digest book)" "$("$florin" digest replayed)" "the log applied again"

# Reports of earlier days came first: the opening of the first statement has what they told.
day=2024-03-04 entry BOOK 1100 D1 '' 'the day before' | day=2024-03-04 message 052 before >before.xml
"$florin" init later >/dev/null
"$florin" import later before.xml evening.xml statement.xml >out.json
expect "$(money $closing)" "$(balance_of later)" "a report of the day before"

# An entry that is the notice's alone is one line of one receipt; that of another currency is not booked.
sed 's/"EUR">10.00/"USD">10.00/' noon.xml >dollars.xml
"$florin" init dollars >/dev/null
"$florin" import dollars dollars.xml >out.json
expect "1 2" "$(sum_of new out.json) $(sum_of not_booked out.json)" "an entry of a report in another currency"

# A gap behind a statement is seen though reports stand between; told lines are no overlap.
day=2024-03-06
entry BOOK 100 G1 '' gap | message 053 gap "$(balances $((closing + 500)) $((closing + 600)))" >gap.xml
entry BOOK 100 G1 '' gap | message 052 early >early.xml
"$florin" import book early.xml gap.xml >out.json
expect 1 "$(grep -o 'a statement is missing' out.json | wc -l)" "a gap with a report between"
"$florin" show book statement gap | grep -q '"gap":"5.00"' || fail "the gap: $("$florin" show book statement gap)"

# Exports that overlap by days are no gap, neither told nor stored.
line() { printf ':61:2403%02d03%02dC%d,00NTRFNONREF//%s\n:86:%s\n' "$1" "$1" "$2" "$3" "$3"; }
mt940() { # mt940 ID OPENING CLOSING FIRST LAST: a line of 5.00 each day
    printf ':20:%s\n:25:DE88\n:28C:1\n:60F:C2403%02dEUR%d,00\n' "$1" "$4" "$2"
    for d in $(seq "$4" "$5"); do line "$d" 5 LINE; done
    printf ':62F:C2403%02dEUR%d,00\n-\n' "$5" "$3"
}
"$florin" init over >/dev/null
mt940 A 0 50 1 10 >a.sta
mt940 B 35 75 8 15 >b.sta
mt940 C 75 85 16 17 >c.sta
mt940 D 95 100 20 20 >d.sta
for file in a:0 b:0 c:0 d:1; do
    "$florin" import over "${file%:*}.sta" >out.json
    expect "${file#*:}" "$(grep -o 'a statement is missing' out.json | wc -l)" "gaps before $file"
done
"$florin" show over statement B | grep -q '"gap":null' || fail "an overlap is stored as a gap"
"$florin" show over statement C | grep -q '"gap":null' || fail "a gap behind an overlap"
"$florin" show over statement D | grep -q '"gap":"10.00"' || fail "no gap where there is one"
expect 90.00 "$(balance_of over)" "ten, five, two and one lines"

# The three messages of one day that a sample has: what the statement closes with, whatever comes first.
samples=("$data"/camt/camt053py_business_sample_05{2,3,4}.001.04.xml)
[ -e "${samples[0]}" ] || { echo "interim reports: as reckoned; the samples are missing, not looked at"; exit 0; }
for order in "0 1 2" "0 2 1" "1 0 2" "1 2 0" "2 0 1" "2 1 0"; do
    rm -rf sample
    "$florin" init sample >/dev/null
    echo '{"type":"fx_rate","date":"2010-01-01","from":"SEK","to":"EUR","rate":"0.1"}' | "$florin" apply sample - >/dev/null
    for n in $order; do "$florin" import sample "${samples[n]}"; done >out.json
    expect 3 "$(sum_of new out.json)" "booked of the samples in order $order"
    expect 435678.50 "$(balance_of sample)" "the samples in order $order"
done
echo "interim reports: as reckoned"
