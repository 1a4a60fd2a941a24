#!/usr/bin/env bash
# Lines of bank files as the program shows them: equal ones told apart by their balances, in MT940 and camt.053; what a
# command carried of a line comes back from show, list and log; a currency without a rate; charges kept on the way. The
# numbers are counted from the files, or reckoned by hand.
set -euo pipefail
# shellcheck source=import_steps.sh disable=SC2154
. "$(dirname "$0")/import_steps.sh"

has() { grep -qF -- "$1" "$2" || fail "$3: no $1 in $(cat "$2")"; }

# ---- equal lines -----------------------------------------------------------------------------------------------

# mt940 NUMBER OPENING CLOSING CENTS...: money out of one day, without reference, all with one text. Every statement of
# the account has the same :20:, as some banks' have.
mt940() {
    local number=$1 opening=$2 closing=$3
    shift 3
    printf ':20:STARTUMS\r\n:25:DE77\r\n:28C:%s/1\r\n:60F:C240305EUR%s\r\n' "$number" "$opening"
    for cents in "$@"; do
        printf ':61:2403050305D%d,%02dNMSCNONREF\r\n:86:COFFEE\r\n' $((cents / 100)) $((cents % 100))
    done
    printf ':62F:C240305EUR%s\r\n-\r\n' "$closing"
}

camt() {
    local number=$1 opening=$2 closing=$3
    shift 3
    echo '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
    echo "<GrpHdr><MsgId>M</MsgId><CreDtTm>2024-03-06T06:00:00</CreDtTm></GrpHdr><Stmt><Id>STMT</Id>"
    echo "<ElctrncSeqNb>$number</ElctrncSeqNb><Acct><Id><IBAN>DE77</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    for balance in OPBD:${opening/,/.} CLBD:${closing/,/.}; do
        echo "<Bal><Tp><CdOrPrtry><Cd>${balance%:*}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">${balance#*:}</Amt>"
        echo "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-03-05</Dt></Dt></Bal>"
    done
    for cents in "$@"; do
        printf '<Ntry><Amt Ccy="EUR">%d.%02d</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>' \
            $((cents / 100)) $((cents % 100))
        echo '2024-03-05</Dt></BookgDt><BkTxCd/><NtryDtls><TxDtls><RmtInf><Ustrd>COFFEE</Ustrd></RmtInf></TxDtls>'
        echo '</NtryDtls></Ntry>'
    done
    echo '</Stmt></BkToCstmrStmt></Document>'
}

for format in mt940 camt; do
    "$florin" init "$format.d" >/dev/null
    new() { # new WANTED WHAT OPENING CLOSING CENTS...
        local wanted=$1 what=$2
        shift 2
        $format "$((++number))" "$@" >"$format.file"
        "$florin" import "$format.d" "$format.file" >"$format.json" || fail "$format: $what: $(cat "$format.json")"
        expect "$wanted" "$(sum_of new "$format.json")" "$format: $what"
    }
    number=0
    new 2 "two equal coffees in one statement" 100,00 94,00 300 300
    new 0 "the same file again" 100,00 94,00 300 300
    new 1 "an equal coffee in the next statement" 94,00 91,00 300
    new 0 "that statement again" 94,00 91,00 300
    new 0 "the first again, after the next" 100,00 94,00 300 300
    new 0 "both in one" 100,00 91,00 300 300 300
    new 2 "one that overlaps and goes on" 94,00 86,50 300 150 300
    new 1 "one that overlaps the end, and a further coffee" 89,50 83,50 300 300
    expect 6 "$("$florin" list "$format.d" statement_line | wc -l)" "$format: lines stored"
    "$florin" report "$format.d" ledger --format json >ledger.json
    has '"account":"assets:bank:DE77","currency":"EUR","debit":"100.00","credit":"16.50","balance":"83.50"' \
        ledger.json "$format: what is booked is what the bank says"
    "$florin" report "$format.d" journal --format json | grep -o '"type":"statement","ref":"[^"]*' | cut -d'"' -f8 >refs
    expect "DE77 DE77/#1 DE77/#2 DE77/#3 DE77/#4 DE77/#5 DE77/#6" "$(xargs <refs)" "$format: what the entries are about"
    "$florin" check "$format.d" >check.json || fail "$format: the book does not hold: $(cat check.json)"
done

# ---- what a line carries (A1) -----------------------------------------------------------------------------------

"$florin" init shape >/dev/null
cat >shape.ndjson <<'J'
{"type":"statement","id":"S","account":"B","currency":"EUR","lines":[{"amount":"1500.75","booking_date":"2024-03-04","value_date":"2024-03-05","text":"salary","bank_ref":"REF8841","customer_ref":"INV-2231","end_to_end":"E2E","references":["INV-2231","x y"],"payer":{"name":"N","account":"A"},"charges":"1.50","availability":[{"days":0,"amount":"1000"},{"days":1,"amount":"500.75"}]},{"amount":"-2","booking_date":"2024-03-04","reversal":true}]}
J
"$florin" apply shape shape.ndjson >/dev/null
whole='{"id":"B/REF8841","account":"B","statement":"S","n":1,"booking_date":"2024-03-04","value_date":"2024-03-05","amount":"1500.75","currency":"EUR","text":"salary","bank_ref":"REF8841","customer_ref":"INV-2231","end_to_end":"E2E","references":["INV-2231","x y"],"payer":{"name":"N","account":"A"},"charges":"1.50","availability":[{"days":0,"amount":"1000.00"},{"days":1,"amount":"500.75"}],"reversal":false,"status":"receipt","receipt":"B/REF8841"}'
bare='{"id":"B/#2","account":"B","statement":"S","n":2,"booking_date":"2024-03-04","value_date":null,"amount":"-2.00","currency":"EUR","text":"","bank_ref":null,"customer_ref":null,"end_to_end":null,"references":[],"payer":{"name":null,"account":null},"charges":"0.00","availability":[],"reversal":true,"status":"suspense"}'
expect "$whole" "$("$florin" show shape statement_line B/REF8841)" "a line shown"
expect "$bare" "$("$florin" show shape statement_line 'B/#2')" "a line without reference shown"
expect "$whole
$bare" "$("$florin" list shape statement_line)" "lines listed"
"$florin" show shape statement_line B/REF8841 --format table >line.txt
grep -q '^references  *INV-2231, x y$' line.txt || fail "references in the table: $(cat line.txt)"
grep -q '^ *1  *500.75$' line.txt || fail "availability in the table: $(cat line.txt)"
"$florin" log shape >log.ndjson
for field in '"references":["INV-2231","x y"]' '"availability":[{"days":0,"amount":"1000"},{"days":1,"amount":"500.75"}]' \
    '"charges":"1.5"' '"reversal":true' '"end_to_end":"E2E"'; do
    has "$field" log.ndjson "log"
done
"$florin" init again >/dev/null
"$florin" apply again log.ndjson >/dev/null
expect "$("$florin" digest shape)" "$("$florin" digest again)" "the log applied again"

# Availability as camt writes it: in days, or by its day (counted from the value date), each with its sign; one in another
# currency is not the line's.
part() { # part DATE CURRENCY AMOUNT SIGN
    echo "<Avlbty><Dt>$1</Dt><Amt Ccy=\"$2\">$3</Amt><CdtDbtInd>$4</CdtDbtInd></Avlbty>"
}
{
    camt 1 0,00 1500,75 | sed '$d'
    echo '<Ntry><Amt Ccy="EUR">1500.75</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-03-05</Dt>'
    echo '</BookgDt><ValDt><Dt>2024-03-06</Dt></ValDt><AcctSvcrRef>AV</AcctSvcrRef>'
    part '<NbOfDays>0</NbOfDays>' EUR 1600.00 CRDT
    part '<NbOfDays>1</NbOfDays>' USD 7.00 DBIT
    part '<ActlDt>2024-03-09</ActlDt>' EUR 99.25 DBIT
    part '<ActlDt>2024-03-01</ActlDt>' EUR 0.00 CRDT
    echo '<BkTxCd/></Ntry></Stmt></BkToCstmrStmt></Document>'
} >available.xml
"$florin" import shape available.xml >available.json || fail "availability: $(cat available.json)"
"$florin" show shape statement_line DE77/AV >line.json
has '"availability":[{"days":0,"amount":"1600.00"},{"days":3,"amount":"-99.25"},{"days":0,"amount":"0.00"}]' line.json \
    "availability of camt"

# ---- a currency without a rate ------------------------------------------------------------------------------------

"$florin" init foreign >/dev/null
sed 's/EUR/USD/; s/EUR/USD/g' <<<"$(mt940 1 100,00 94,00 300 300)" | sed 's/EUR/USD/g' >usd.sta
"$florin" import foreign usd.sta >usd.json || fail "a statement without a rate is no failure: $(cat usd.json)"
has '"new":2,' usd.json "both lines are stored"
has '"posted":false,"hint":"2 lines wait for a rate of USD: fx_rate posts them"' usd.json "what is told of it"
"$florin" import foreign usd.sta >again.json || fail "the same again: $(cat again.json)"
has '"new":0,"known":2,' again.json "both lines are known"
has '"posted":false,"hint":"2 lines wait for a rate of USD: fx_rate posts them"' again.json "and still wait"
before=$("$florin" log foreign | wc -l)
expect no_rate "$("$florin" show foreign statement_line 'DE77/#1' | grep -o '"status":"[a-z_]*' | cut -d'"' -f4)" "status"
"$florin" report foreign bank --format json >bank.json
has '"opening":"100.00","closing":"94.00","difference":"0.00","gap":null,"lines":2,"no_rate":2,"balanced":true' bank.json "report bank"
"$florin" report foreign ledger --format json >ledger.json
if grep -q 'assets:bank' ledger.json; then fail "posted without a rate"; fi
"$florin" check foreign >check.json || fail "the book does not hold: $(cat check.json)"
echo '{"type":"fx_rate","date":"2024-03-05","from":"USD","to":"EUR","rate":"0.9"}' | "$florin" apply foreign - >rate.json
has '"posted":2' rate.json "the rate posts them"
"$florin" report foreign ledger --format json >ledger.json
has '"account":"assets:bank:DE77","currency":"USD","debit":"100.00","credit":"6.00","balance":"94.00","base_balance":"84.60"' \
    ledger.json "posted at the rate"
expect 0 "$("$florin" list foreign statement_line --where status=no_rate | wc -l)" "lines that still wait"
expect 2 "$("$florin" list foreign statement_line --known-at "$before" --where status=no_rate | wc -l)" "as known before"
"$florin" report foreign ledger --known-at "$before" --format json >ledger.json
if grep -q 'assets:bank' ledger.json; then fail "posted before the rate was known"; fi
"$florin" check foreign >check.json || fail "the book does not hold: $(cat check.json)"

# ---- charges kept on the way (camt Chrgs) --------------------------------------------------------------------------

# charged ENTRY CHARGE TEXT: a credit entry that names an invoice.
charged() {
    camt 1 0,00 "$1" | sed '$d'
    printf '<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-03-05</Dt>' "$1"
    printf '</BookgDt><AcctSvcrRef>%s</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls>' "$3"
    printf '<Chrgs><Rcrd><Amt Ccy="EUR">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>' "$2"
    printf '<RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>\n' "$3"
}
"$florin" init charged >/dev/null
cat >invoices.ndjson <<'J'
{"type":"customer","id":"C","name":"Cedar","currency":"EUR","credit_limit":null}
{"type":"invoice","id":"INV-20001","customer":"C","date":"2024-03-01","amount":{"net":"100","tax":"0"}}
{"type":"invoice","id":"INV-20002","customer":"C","date":"2024-03-01","amount":{"net":"100","tax":"0"}}
J
"$florin" apply charged invoices.ndjson --quiet
for case in 98.50:1.50:INV-20001:100.00:1.50:0.00 90.00:1.50:INV-20002:90.00:0.00:10.00; do
    IFS=: read -r entry charge invoice amount fee open <<<"$case"
    charged "$entry" "$charge" "$invoice" >charged.xml
    "$florin" import charged charged.xml >charged.json || fail "charges: $(cat charged.json)"
    "$florin" show charged statement_line "DE77/$invoice" >line.json
    has "\"amount\":\"$entry\"" line.json "the line has the entry"
    has "\"charges\":\"$charge\"" line.json "and the charges"
    "$florin" show charged receipt "DE77/$invoice" >receipt.json
    has "\"amount\":\"$amount\"" receipt.json "receipt of $entry with $charge kept"
    has "\"fee\":\"$fee\"" receipt.json "fee of $entry with $charge kept"
    "$florin" show charged invoice "$invoice" >invoice.json
    has "\"open\":\"$open\"" invoice.json "$invoice"
done
"$florin" report charged ledger --format json >ledger.json
has '"account":"expenses:bank_charges","currency":"EUR","debit":"1.50"' ledger.json "charges are booked once"
has '"account":"assets:bank:DE77","currency":"EUR","debit":"188.50"' ledger.json "the bank has the entries"
"$florin" check charged >check.json || fail "the book does not hold: $(cat check.json)"
echo "lines of bank files: equal ones, their shape, without a rate, with charges"
