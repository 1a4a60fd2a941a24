\set buyer random(1, :customers)
\set product_a random(1, 10000)
\set product_b random(1, 10000)
\set quantity_a random(1, 9)
\set quantity_b random(1, 9)
SELECT full_cycle(nextval('cycle_id'), :buyer, :product_a, :quantity_a,
                  :product_b, :quantity_b, :client_id);
