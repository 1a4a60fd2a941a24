#!/usr/bin/env bash
# Pages of one statement: in one file, in several, one of them missing, and what the answers say of it. The balances are
# the judge: a page follows where it opens with what the page before closed with.
set -euo pipefail
# shellcheck source=import_steps.sh disable=SC2154
. "$(dirname "$0")/import_steps.sh"

# camt ACCOUNT PAGE LAST OPENING_CODE OPENING CLOSING_CODE CLOSING AMOUNT [SEQUENCE_ELEMENT]
page() {
    echo "<Stmt><Id>S-$1</Id><StmtPgntn><PgNb>$2</PgNb><LastPgInd>$3</LastPgInd></StmtPgntn>"
    echo "<${9:-ElctrncSeqNb}>9</${9:-ElctrncSeqNb}><Acct><Id><Othr><Id>$1</Id></Othr></Id><Ccy>EUR</Ccy></Acct>"
    for balance in "$4:$5" "$6:$7"; do
        echo "<Bal><Tp><CdOrPrtry><Cd>${balance%:*}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">${balance#*:}</Amt>"
        echo "<Dt><Dt>2024-03-05</Dt></Dt></Bal>"
    done
    echo "<Ntry><Amt Ccy=\"EUR\">$8</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2024-03-05</Dt></BookgDt>"
    echo "<AcctSvcrRef>R-$1-$2</AcctSvcrRef></Ntry></Stmt>"
}
camt() {
    echo '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
    echo "${1:-}"
    cat
    echo '</BkToCstmrStmt></Document>'
}
# mt940 ACCOUNT OPENING_LETTER OPENING CLOSING_LETTER CLOSING AMOUNT
mt940() {
    printf ':20:S\n:25:%s\n:28C:9/1\n:60%s:C240305EUR%s,\n:61:2403050305C%s,NTRFX//R%s\n:62%s:C240305EUR%s,\n-\n' \
        "$1" "$2" "$3" "$6" "$3" "$4" "$5"
}
run() { # run CODE WHAT FILE...: the answers go to out.json
    local wanted=$1 what=$2
    shift 2
    code=0
    "$florin" import books "$@" >out.json || code=$?
    [ "$code" = "$wanted" ] || fail "$what: exit $code in place of $wanted: $(cat out.json)"
}
has() { grep -qF -- "$1" out.json || fail "$2: no '$1' in $(cat out.json)"; }
hasnt() { if grep -qF -- "$1" out.json; then fail "$2: '$1' in $(cat out.json)"; fi; }

"$florin" init books >/dev/null

# In one file: one statement, from the first opening to the last closing; by either sequence number.
for element in ElctrncSeqNb LglSeqNb; do
    {
        page "one-$element" 1 false OPBD 10 ITBD 15 5 $element
        page "one-$element" 2 false ITBD 15 ITBD 17 2 $element
        page "one-$element" 3 true ITBD 17 CLBD 20 3 $element
    } | camt >one.xml
    run 0 "pages in one file" one.xml
    has '"opening":"10.00","closing":"20.00","sum":"10.00","lines":3' "pages in one file"
    hasnt '"hint"' "pages in one file"
done
{ mt940 M1 F 10 M 15 5; mt940 M1 M 15 M 17 2; mt940 M1 M 17 F 20 3; } >one.sta
run 0 "pages of an MT940" one.sta
has '"opening":"10.00","closing":"20.00","sum":"10.00","lines":3' "pages of an MT940"

# What the statement says of itself as a whole is kept: pages, note, every balance.
"$florin" show books statement S-one-LglSeqNb >out.json
has '"pages":3,"gap":null,"balances":[{"code":"OPBD","date":"2024-03-05","amount":"10.00"},{"code":"ITBD","date":"2024-03-05","amount":"15.00"}' "balances"
has '{"code":"CLBD","date":"2024-03-05","amount":"20.00"}]' "the last balance"
{ mt940 M9 F 10 F 15 5 | sed '$d'; printf ':64:C240305EUR12,\n:86:the note\n-\n'; } | sed 's/^:20:S$/:20:N9/' >note.sta
run 0 "a note" note.sta
"$florin" show books statement N9 >out.json
has '"pages":1,"gap":null,"note":"the note","balances":[{"code":"OPBD","date":"2024-03-05","amount":"10.00"},{"code":"CLBD","date":"2024-03-05","amount":"15.00"},{"code":"CLAV","date":"2024-03-05","amount":"12.00"}]' "a note"

# One of them missing: by its number, and by the balances.
{ page gap 1 false OPBD 10 ITBD 15 5; page gap 3 true ITBD 15 CLBD 20 5; } | camt >gap.xml
run 1 "a page number is missing" gap.xml
has 'a page of the statement is missing before it' "a page number is missing"
{ page gap2 1 false OPBD 10 ITBD 15 5; page gap2 2 true ITBD 17 CLBD 20 3; } | camt >gap2.xml
run 1 "a page does not follow" gap2.xml
has 'a page does not open with the balance the page before it closed with' "a page does not follow"
{ mt940 M2 F 10 M 15 5; mt940 M2 M 17 F 20 3; } >gap.sta
run 1 "a page of an MT940 does not follow" gap.sta

# In several files, in one run or in two: each is posted, and nothing is missing.
page two 1 false OPBD 10 ITBD 15 5 | camt >two1.xml
page two 2 true ITBD 15 CLBD 20 5 | camt >two2.xml
run 0 "pages in two files" two1.xml two2.xml
hasnt 'is missing' "pages in two files"
has 'its next page is not in this file' "pages in two files"
[ "$(sum_of new out.json)" = 2 ] || fail "pages in two files: $(cat out.json)"
run 0 "the second again" two2.xml
[ "$(sum_of known out.json)" = 1 ] || fail "the second again: $(cat out.json)"
mt940 M3 F 10 M 15 5 >two1.sta
mt940 M3 M 15 F 20 5 >two2.sta
run 0 "the first page of an MT940" two1.sta
run 0 "its second" two2.sta
hasnt 'is missing' "its second"

# The second page alone: the first is missing.
mt940 M4 M 15 F 20 5 >alone.sta
run 1 "a second page alone" alone.sta
has 'a page of this statement is missing' "a second page alone"
page alone 2 true ITBD 15 CLBD 20 5 | camt >alone.xml
run 1 "a second page of camt alone" alone.xml
has 'a page of this statement is missing' "a second page of camt alone"

# The message as a whole goes on in another one: only its last statement does.
{ page m1 1 true OPBD 1 CLBD 2 1; page m2 1 true OPBD 1 ITBD 2 1; } |
    camt '<GrpHdr><MsgId>M</MsgId><MsgPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></MsgPgntn></GrpHdr>' >message.xml
run 0 "a message that goes on" message.xml
[ "$(grep -o 'its next page is not in this file' out.json | wc -l)" = 1 ] || fail "message: $(cat out.json)"
has '"id":"S-m2","currency":"EUR","opening":"1.00","closing":"2.00","sum":"1.00","lines":1,"new":1,"known":0,"not_booked":0,"balanced":true,"difference":"0.00","posted":true,"hint":"its next page' "message"

# What a file is, says its format.
[ "$(field format out.json)" = camt.053 ] || fail "format: $(field format out.json)"
sed 's/BkToCstmrStmt/BkToCstmrAcctRpt/g; s/Stmt>/Rpt>/g' one.xml >report.xml
run 0 "a report" report.xml
[ "$(field format out.json)" = camt.052 ] || fail "format: $(field format out.json)"
[ "$(sum_of new out.json)" = 0 ] || fail "a report is booked"
echo "pages belong together, what is missing is told"
