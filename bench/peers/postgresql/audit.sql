-- Prints one word, "sound", if every cycle left balanced books; anything else names the fault.
SELECT CASE
    WHEN (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entry) <> 0 THEN 'unbalanced'
    WHEN (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entry WHERE account = 2)
         <> (SELECT coalesce(sum(open_minor), 0) FROM invoice) THEN 'receivables differ'
    WHEN (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entry WHERE account = 4)
         <> -(SELECT coalesce(sum(tax_minor), 0) FROM sales_order) THEN 'tax differs'
    WHEN (SELECT count(*) FROM invoice) <> (SELECT sum(next_number - 1) FROM invoice_series)
         THEN 'series has gaps'
    WHEN (SELECT count(*) FROM invoice) <> (SELECT count(*) FROM sales_order) THEN 'orders differ'
    WHEN (SELECT count(*) FROM invoice) < 1 THEN 'empty'
    WHEN (SELECT sum(1000000000000 - on_hand) FROM product)
         <> (SELECT sum(quantity) FROM shipment_line) THEN 'stock differs'
    WHEN (SELECT full_cycle(max(order_id), 1, 1, 1, 2, 1, 0) FROM sales_order) <> 0
         THEN 'a key booked twice'
    ELSE 'sound' END;
