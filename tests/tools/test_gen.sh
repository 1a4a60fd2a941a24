#!/usr/bin/env bash
# The commands of `florin gen`, reckoned again with awk: every shipment's order exists and is shipped once,
# every invoice's shipment exists and is invoiced once, every reference of a receipt is an invoice issued
# before, and the totals are those of the summary.
set -euo pipefail
florin=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
if ! "$florin" gen --orders 1 >/dev/null 2>&1; then
    echo "SKIPPED: this florin has no verb gen"
    exit 77
fi

check() { # check EXTRA_OPTION...
    "$florin" gen --orders 4000 --seed 9 "$@" >"$directory/all.ndjson" 2>"$directory/summary"
    awk '
    function field(name,   at) {
        at = match($0, "\"" name "\":\"[^\"]*\"")
        return at ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : ""
    }
    function fail(text) { print "line " NR ": " text ": " $0; failed = 1; exit 1 }
    function cents(amount) { gsub(/\./, "", amount); return amount + 0 }
    function half_up(x) { return int(x + 0.5 + 1e-7) }
    # Reads the lines of an order: product, quantity, agreed price, discount.
    function read_order(id,   rest, n, item, product) {
        rest = $0
        sub(/.*"lines":\[/, "", rest)
        while (match(rest, /^,?\{[^}]*\}/)) {
            item = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RLENGTH + 1)
            n++
            match(item, /"product":"[^"]*"/); product = substr(item, RSTART + 11, RLENGTH - 12)
            if (!(product in price)) fail("no such product")
            match(item, /"quantity":"[^"]*"/)
            quantity[id, n] = open[id, n] = substr(item, RSTART + 12, RLENGTH - 13)
            unit[id, n] = match(item, /"price":"[^"]*"/) \
                ? cents(substr(item, RSTART + 9, RLENGTH - 10)) : price[product]
            discount[id, n] = match(item, /"discount_percent":"[^"]*"/) \
                ? substr(item, RSTART + 20, RLENGTH - 21) : 0
            rate[id, n] = tax[product]
        }
        lines[id] = n
        freight[id] = match($0, /"shipping":\{"amount":"[^"]*"/) \
            ? cents(substr($0, RSTART + 22, RLENGTH - 23)) : 0
    }
    function ship(id, order,   i, rest, some) {
        rest = $0
        for (i = 1; i <= lines[order]; i++) {
            if (match($0, "\"line\":" i ",\"quantity\":\"[0-9]*\""))
                shipped[id, i] = substr($0, RSTART + 20 + length(i), RLENGTH - 21 - length(i))
            else
                shipped[id, i] = $0 ~ /"lines"/ ? 0 : open[order, i]
            open[order, i] -= shipped[id, i]
            if (open[order, i] < 0) fail("more shipped than ordered")
            some += shipped[id, i]
        }
        if (!some) fail("nothing shipped")
    }
    function total(shipment,   order, i, net, r, sum) {
        order = order_of[shipment]
        net[7] = 0; net[19] = freight[order]; freight[order] = 0
        for (i = 1; i <= lines[order]; i++)
            net[rate[order, i]] += half_up(unit[order, i] * shipped[shipment, i] * (100 - discount[order, i]) / 100)
        for (r in net) sum += net[r] + half_up(net[r] * r / 100)
        return sum
    }
    { type = field("type"); at = field("at"); id = field("id") }
    at == "" || at < last { if (substr(at, 1, 19) < substr(last, 1, 19)) fail("time goes back") }
    { last = at; count[type]++ }
    NR == 1 && type != "book" { fail("the book comes first") }
    id != "" && (type, id) in known { fail("twice") }
    { known[type, id] = 1 }
    type ~ /^(order|shipment|invoice|receipt|stock)$/ && field("date") != substr(at, 1, 10) { fail("date") }
    type == "product" { price[id] = cents(field("price")); tax[id] = field("tax_rate") }
    type == "order" {
        if (!(("customer", field("customer")) in known)) fail("no such customer")
        read_order(id)
    }
    type == "shipment" {
        order = field("order")
        if (!(("order", order) in known)) fail("no such order")
        order_of[id] = order
        ship(id, order)
    }
    type == "invoice" {
        shipment = field("shipment")
        if (!(shipment in order_of)) fail("no such shipment")
        if (shipment in invoiced) fail("invoiced before")
        invoiced[shipment] = 1
        sum_invoiced += total(shipment)
    }
    type == "receipt" {
        sum_paid += cents(field("amount")) - cents(field("fee"))
        if (match($0, /"references":\[[^]]*\]/)) {
            n = split(substr($0, RSTART + 15, RLENGTH - 17), references, /[",]+/)
            for (i = 1; i <= n; i++) {
                if (!(("invoice", references[i]) in known)) fail("no such invoice: " references[i])
                referenced[references[i]] = 1
            }
        } else unreferenced++
    }
    END {
        if (failed) exit 1
        if (count["shipment"] != count["invoice"]) { print "a shipment without invoice"; exit 1 }
        for (i in referenced) paid++
        if (paid < count["invoice"] / 2) { print "hardly an invoice is paid: " paid; exit 1 }
        if (!unreferenced || count["clock"] != 364) { print "receipts or clocks missing"; exit 1 }
        printf "EUR: invoiced %d.%02d, paid in %d.%02d\n", sum_invoiced / 100, sum_invoiced % 100,
            sum_paid / 100, sum_paid % 100
    }' "$directory/all.ndjson" >"$directory/reckoned" || { cat "$directory/reckoned"; exit 1; }
    stated=$(sed -n 's/^\(EUR: invoiced .*\), open .*/\1/p' "$directory/summary")
    if [ "$stated" != "$(cat "$directory/reckoned")" ]; then
        echo "stated:   $stated"
        echo "reckoned: $(cat "$directory/reckoned")"
        exit 1
    fi
}

# The fixed shares of a hard workload, rounded up or down, as the summary says and as the key has them: rows that
# settle nothing are the unmatchable, those of several documents the lists, those that cannot be decided the twins.
shares() { # shares ORDERS SEED
    "$florin" gen --hard --orders "$1" --seed "$2" --out "$directory/hard" 2>"$directory/summary"
    cmp "$directory/summary" "$directory/hard/summary.txt"
    awk '
    function is_share(count, percent, what) {
        if (count * 100 <= all * percent - 100 || count * 100 >= all * percent + 100) {
            print what ": " count " of " all ", not " percent " %"; exit 1
        }
    }
    BEGIN {
        percent["clean reference"] = percent["damaged or shortened"] = 25; percent["several documents"] = 15
        percent["part payment"] = 8; percent["amount and payer only"] = 12
        percent["discount, fee, tolerance"] = 7; percent["other payer"] = 3; percent["unmatchable"] = 4
        percent["undecidable twins"] = 1
    }
    FILENAME ~ /summary/ && /^payments by kind/ { all = $NF; sub(/of /, "", all); gsub(/[^0-9]/, "", all) }
    FILENAME ~ /summary/ {
        name = substr($0, 3, 24); sub(/ +$/, "", name)
        if (name in percent && !(name in seen)) { seen[name] = 1; kinds++; total += $(NF - 2); is_share($(NF - 2), percent[name], name) }
        next
    }
    { rows++ }
    /"settles":\[\]/ { empty++ }
    /\},\{/ { several++ }
    /"decidable":false/ { undecidable++ }
    END {
        if (kinds < 8) { print "only " kinds + 0 " kinds"; exit 1 }
        if (rows != all || total != all) { print rows " rows, " total " in kinds, " all " payments"; exit 1 }
        is_share(empty, 4, "rows that settle nothing"); is_share(several, 15, "rows of several")
        is_share(undecidable, 1, "undecidable rows")
    }' "$directory/summary" "$directory/hard/answers.ndjson" || exit 1
    rm -rf "$directory/hard"
}

check
check --hard
shares 150 3
shares 1111 4
shares 20000 5
"$florin" gen --orders 500 --out "$directory/out" 2>/dev/null
if grep -q '"type":"receipt"' "$directory/out/commands.ndjson"; then
    echo "cash among the commands"
    exit 1
fi
for kind in xml sta; do
    ls "$directory"/out/*."$kind" >/dev/null
done

# Same seed, same bytes, in every file.
for copy in a b; do
    "$florin" gen --hard --orders 700 --seed 6 --out "$directory/same.$copy" 2>/dev/null
done
diff -r "$directory/same.a" "$directory/same.b"

# The whole year into an engine: nothing is refused, and the same again does nothing.
"$florin" init "$directory/engine"
"$florin" gen --orders 3000 --hard 2>/dev/null >"$directory/all.ndjson"
for result in accepted duplicate; do
    "$florin" apply "$directory/engine" "$directory/all.ndjson" >"$directory/results"
    others=$(grep -vc "\"result\":\"$result\"" "$directory/results" || true)
    if [ "$others" -ne 0 ] || [ "$(wc -l <"$directory/results")" -ne "$(wc -l <"$directory/all.ndjson")" ]; then
        echo "$others results are not $result:"
        grep -v "\"result\":\"$result\"" "$directory/results" | head -n 3
        exit 1
    fi
done
echo "totals agree"
