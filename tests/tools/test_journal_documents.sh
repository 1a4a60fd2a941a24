#!/usr/bin/env bash
# The journal's lines say whose they are: summed by document they are what is open of each invoice, receipt and credit
# note; summed by customer they are the balance, where one pays for another too; each entry's ref is its own command's.
# usage: test_journal_documents.sh FLORIN [DATA]
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

cat >commands.ndjson <<'END'
{"type":"book","tolerances":{"EUR":"0.03"}}
{"type":"clock","date":"2025-06-20"}
{"type":"customer","id":"AS","name":"Ash Ltd","currency":"EUR","credit_limit":null,"net_days":14}
{"type":"customer","id":"BE","name":"Beech Ltd","currency":"EUR","credit_limit":null,"net_days":30,"discount":{"days":10,"percent":"3"}}
{"type":"customer","id":"US","name":"Oak Inc","currency":"USD","credit_limit":null}
{"type":"fx_rate","date":"2025-05-01","from":"USD","to":"EUR","rate":"0.8931"}
{"type":"fx_rate","date":"2025-06-02","from":"USD","to":"EUR","rate":"0.9117"}
{"type":"invoice","id":"A-1","customer":"AS","date":"2025-05-02","amount":{"net":"200","tax":"40"}}
{"type":"invoice","id":"A-2","customer":"BE","date":"2025-05-20","amount":{"net":"30","tax":"6"}}
{"type":"invoice","id":"A-3","customer":"BE","date":"2025-06-01","amount":{"net":"100","tax":"20"}}
{"type":"invoice","id":"A-4","customer":"AS","date":"2025-05-02","amount":{"net":"51.17","tax":"0"}}
{"type":"invoice","id":"U-1","customer":"US","date":"2025-05-20","amount":{"net":"710","tax":"0"}}
{"type":"receipt","id":"R1","amount":"340","currency":"EUR","date":"2025-06-01","customer":"AS"}
{"type":"application","receipt":"R1","invoice":"A-1","amount":"240"}
{"type":"application","receipt":"R1","invoice":"A-2","amount":"36","by":"eve","id":"FOR-BEECH"}
{"type":"receipt","id":"R2","amount":"116.40","currency":"EUR","date":"2025-06-03","references":["A-3"]}
{"type":"receipt","id":"R3","amount":"51.19","currency":"EUR","date":"2025-06-03","references":["A-4"]}
{"type":"receipt","id":"R4","amount":"333.33","currency":"USD","date":"2025-06-03","references":["U-1"]}
{"type":"receipt","id":"R5","amount":"7.77","currency":"EUR","date":"2025-06-04"}
{"type":"receipt","id":"R6","amount":"8.88","currency":"EUR","date":"2025-06-04"}
{"type":"receipt_assign","receipt":"R6","customer":"BE"}
{"type":"credit_note","id":"N1","customer":"AS","date":"2025-06-05","amount":{"net":"20","tax":"4"}}
{"type":"refund","id":"F1","receipt":"R1","amount":"70","date":"2025-06-06"}
{"type":"refund","id":"F2","credit_note":"N1","amount":"14","date":"2025-06-06"}
{"type":"chargeback","id":"C1","receipt":"R2","amount":"16.40","fee":"5","date":"2025-06-07"}
{"type":"receipt_reverse","id":"V1","receipt":"R6","amount":"8","fee":"3.50","date":"2025-06-08"}
{"type":"write_off","id":"W1","invoice":"A-3","amount":"1.25","reason":"small","date":"2025-06-20"}
{"type":"statement","id":"S","account":"BK","currency":"EUR","opening":"0","closing":"-3","lines":[{"amount":"-3","booking_date":"2025-06-10","bank_ref":"L4"}]}
{"type":"assign","line":"BK/L4","account":"expenses:bank_charges"}
END
"$florin" init books >/dev/null
"$florin" apply books commands.ndjson >answers || fail "$(grep -v accepted answers)"

for kind in invoice receipt credit_note customer; do
    "$florin" list books "$kind" --format json >"$kind.ndjson"
done
"$florin" report books journal --format json >journal.json
for customer in AS BE US; do
    "$florin" report books account "$customer" --format json >"account-$customer.json"
done

# What sqlite3 makes of them: each row is a difference.
cat >compare.sql <<'END'
create table line as
select json_extract(e.value,'$.type') type, json_extract(e.value,'$.ref') ref, json_extract(l.value,'$.account') account,
       cast(round(100*json_extract(l.value,'$.amount')) as integer) cents,
       json_extract(l.value,'$.customer') customer, json_extract(l.value,'$.document') document
from json_each(readfile('journal.json'),'$.entries') e, json_each(e.value,'$.lines') l;
create table shown as
select 'assets:receivable:invoices' account, json_extract(value,'$.id') id, cast(round(100*json_extract(value,'$.open')) as integer) cents
from json_each('['||rtrim(replace(readfile('invoice.ndjson'),char(10),','),',')||']')
union all select case when json_extract(value,'$.customer') is null then 'liabilities:unidentified' else 'assets:receivable:unapplied' end,
       json_extract(value,'$.id'), -cast(round(100*json_extract(value,'$.unapplied')) as integer)
from json_each('['||rtrim(replace(readfile('receipt.ndjson'),char(10),','),',')||']')
union all select 'assets:receivable:credits', json_extract(value,'$.id'), -cast(round(100*json_extract(value,'$.open')) as integer)
from json_each('['||rtrim(replace(readfile('credit_note.ndjson'),char(10),','),',')||']');
select 'document', s.account, s.id, s.cents, coalesce(sum(l.cents),0) from shown s
left join line l on l.account=s.account and l.document=s.id group by s.account,s.id having s.cents<>coalesce(sum(l.cents),0);
select 'customer', json_extract(c.value,'$.id'), json_extract(c.value,'$.balance'), sum(l.cents)
from json_each('['||rtrim(replace(readfile('customer.ndjson'),char(10),','),',')||']') c
join line l on l.customer=json_extract(c.value,'$.id') and l.account like 'assets:receivable:%'
group by 1,2 having cast(round(100*json_extract(c.value,'$.balance')) as integer)<>sum(l.cents);
select 'statement of account', json_extract(c.value,'$.id'), json_extract(c.value,'$.balance')
from json_each('['||rtrim(replace(readfile('customer.ndjson'),char(10),','),',')||']') c
where json_extract(c.value,'$.balance')<>json_extract(readfile('account-'||json_extract(c.value,'$.id')||'.json'),'$.balance');
select 'not one''s own', * from line where account like 'assets:receivable:%' and (customer is null or document is null);
END
differences=$(sqlite3 :memory: <compare.sql)
[ -z "$differences" ] || fail "$differences"
[ "$(sqlite3 :memory: "select count(*) from json_each(readfile('journal.json'),'\$.entries')")" -gt 25 ] || fail "few entries"

refs=$(sqlite3 :memory: "select distinct json_extract(value,'\$.type')||' '||json_extract(value,'\$.ref')
    from json_each(readfile('journal.json'),'\$.entries') where json_extract(value,'\$.type') not in ('invoice','receipt','credit_note')
    order by 1" | tr '\n' ',')
wanted='application FOR-BEECH,application R1/1,application R1/3,application R2/1,application R2/2,application R3/1,application R4/1,'
wanted+='application_reverse FOR-BEECH,application_reverse R2/1,assign BK/L4,chargeback C1,receipt_assign R6,receipt_reverse V1,'
wanted+='refund F1,refund F2,statement BK/L4,write_off W1,'
[ "$refs" = "$wanted" ] || fail "refs: $refs"
echo "journal by document and customer: ok"
