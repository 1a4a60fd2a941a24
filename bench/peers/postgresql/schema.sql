-- The order-to-cash cycle as a PostgreSQL engineer would write it: integers for money (minor
-- units), bigint keys, one transaction a cycle, several rows an insert, a unique id on every
-- document, double entry. The balance of the ledger is audited after the run (audit.sql).

CREATE TABLE customer (
    customer_id   integer PRIMARY KEY,
    currency      char(3) NOT NULL DEFAULT 'EUR',
    credit_minor  bigint  NOT NULL,
    open_minor    bigint  NOT NULL DEFAULT 0,   -- invoiced, not settled
    ordered_minor bigint  NOT NULL DEFAULT 0,   -- ordered, not invoiced
    net_days      integer NOT NULL DEFAULT 30
) WITH (fillfactor = 50);

CREATE TABLE product (
    product_id     integer PRIMARY KEY,
    price_minor    bigint  NOT NULL,
    tax_rate_ppm   integer NOT NULL,
    on_hand        bigint  NOT NULL,
    reserved       bigint  NOT NULL DEFAULT 0,
    CHECK (reserved >= 0 AND reserved <= on_hand)
) WITH (fillfactor = 50);

CREATE TABLE sales_order (
    order_id    bigint PRIMARY KEY,
    customer_id integer NOT NULL,
    order_date  date    NOT NULL,
    total_minor bigint  NOT NULL,
    tax_minor   bigint  NOT NULL,
    state       "char"  NOT NULL
);
CREATE INDEX ON sales_order (customer_id);

CREATE TABLE order_line (
    order_id     bigint   NOT NULL,
    line         smallint NOT NULL,
    product_id   integer  NOT NULL,
    quantity     integer  NOT NULL,
    shipped      integer  NOT NULL,
    net_minor    bigint   NOT NULL,
    tax_rate_ppm integer  NOT NULL,
    PRIMARY KEY (order_id, line)
);

CREATE TABLE shipment (
    shipment_id bigint PRIMARY KEY,
    order_id    bigint NOT NULL,
    ship_date   date   NOT NULL
);
CREATE INDEX ON shipment (order_id);

CREATE TABLE shipment_line (
    shipment_id bigint   NOT NULL,
    line        smallint NOT NULL,
    quantity    integer  NOT NULL,
    PRIMARY KEY (shipment_id, line)
);

-- Numbers of an invoice series have no gaps, so the series is a row and not a sequence. One series
-- a shard, as a shop with several tills would have, lets connections run beside one another.
CREATE TABLE invoice_series (
    series      integer PRIMARY KEY,
    next_number bigint NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE invoice (
    invoice_id  bigint  PRIMARY KEY,
    series      integer NOT NULL,
    number      bigint  NOT NULL,
    order_id    bigint  NOT NULL,
    customer_id integer NOT NULL,
    invoice_date date   NOT NULL,
    due_date    date    NOT NULL,
    net_minor   bigint  NOT NULL,
    tax_minor   bigint  NOT NULL,
    total_minor bigint  NOT NULL,
    open_minor  bigint  NOT NULL,
    UNIQUE (series, number)
) WITH (fillfactor = 90);
CREATE INDEX ON invoice (order_id);
CREATE INDEX ON invoice (customer_id) WHERE open_minor <> 0;

CREATE TABLE receipt (
    receipt_id      bigint  PRIMARY KEY,
    customer_id     integer NOT NULL,
    receipt_date    date    NOT NULL,
    amount_minor    bigint  NOT NULL,
    unapplied_minor bigint  NOT NULL
);
CREATE INDEX ON receipt (customer_id) WHERE unapplied_minor <> 0;

CREATE TABLE cash_application (
    receipt_id   bigint NOT NULL,
    invoice_id   bigint NOT NULL,
    amount_minor bigint NOT NULL,
    apply_date   date   NOT NULL,
    PRIMARY KEY (receipt_id, invoice_id)
);
CREATE INDEX ON cash_application (invoice_id);

CREATE TABLE ledger_entry (
    document_kind "char"   NOT NULL,
    document_id   bigint   NOT NULL,
    account       smallint NOT NULL,
    amount_minor  bigint   NOT NULL,           -- debit positive
    entry_date    date     NOT NULL,
    PRIMARY KEY (document_kind, document_id, account)
);

CREATE SEQUENCE cycle_id CACHE 100;

-- One whole cycle in one call and one transaction. `key` is the caller's idempotency key and names
-- every document of the cycle: the same key again answers 0 and books nothing.
-- Documents are written in the state that the cycle leaves them in, because nobody can see the
-- states between inside one transaction; that is the fastest form a good engineer may choose.
-- The stock that is reserved is shipped in the same call, and the credit that is used is paid, so
-- both checks lock their row and the net change is booked.
CREATE FUNCTION full_cycle(key bigint, buyer integer, product_a integer, quantity_a integer,
                           product_b integer, quantity_b integer, shard integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    today      CONSTANT date := current_date;
    price_a    bigint;   rate_a integer;
    price_b    bigint;   rate_b integer;
    net_a      bigint;   net_b  bigint;
    net        bigint;   tax    bigint;   total bigint;
    days       integer;  ordinal bigint;
BEGIN
    -- order: the unique id is the idempotency check (a conflict books nothing)
    SELECT p.price_minor, p.tax_rate_ppm INTO STRICT price_a, rate_a
      FROM product p WHERE p.product_id = product_a;
    SELECT p.price_minor, p.tax_rate_ppm INTO STRICT price_b, rate_b
      FROM product p WHERE p.product_id = product_b;
    net_a := price_a * quantity_a;
    net_b := price_b * quantity_b;
    net   := net_a + net_b;
    IF rate_a = rate_b THEN          -- tax per rate, half up, on the sum of the rate
        tax := (net * rate_a + 500000) / 1000000;
    ELSE
        tax := (net_a * rate_a + 500000) / 1000000 + (net_b * rate_b + 500000) / 1000000;
    END IF;
    total := net + tax;

    INSERT INTO sales_order VALUES (key, buyer, today, total, tax, 'S')
        ON CONFLICT (order_id) DO NOTHING;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    -- credit check: the row lock holds until commit, so two orders cannot share one limit
    SELECT c.net_days INTO days FROM customer c
     WHERE c.customer_id = buyer AND c.open_minor + c.ordered_minor + total <= c.credit_minor
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'credit_limit' USING ERRCODE = 'P0001';
    END IF;

    INSERT INTO order_line VALUES
        (key, 1, product_a, quantity_a, quantity_a, net_a, rate_a),
        (key, 2, product_b, quantity_b, quantity_b, net_b, rate_b);

    -- reservation and shipment: lower product first, so that no two cycles deadlock
    IF product_a = product_b THEN
        UPDATE product SET on_hand = on_hand - quantity_a - quantity_b
         WHERE product_id = product_a AND on_hand - reserved >= quantity_a + quantity_b;
        IF NOT FOUND THEN RAISE EXCEPTION 'stock_short' USING ERRCODE = 'P0001'; END IF;
    ELSE
        UPDATE product SET on_hand = on_hand -
               CASE WHEN product_a < product_b THEN quantity_a ELSE quantity_b END
         WHERE product_id = least(product_a, product_b) AND on_hand - reserved >=
               CASE WHEN product_a < product_b THEN quantity_a ELSE quantity_b END;
        IF NOT FOUND THEN RAISE EXCEPTION 'stock_short' USING ERRCODE = 'P0001'; END IF;
        UPDATE product SET on_hand = on_hand -
               CASE WHEN product_a < product_b THEN quantity_b ELSE quantity_a END
         WHERE product_id = greatest(product_a, product_b) AND on_hand - reserved >=
               CASE WHEN product_a < product_b THEN quantity_b ELSE quantity_a END;
        IF NOT FOUND THEN RAISE EXCEPTION 'stock_short' USING ERRCODE = 'P0001'; END IF;
    END IF;
    INSERT INTO shipment VALUES (key, key, today);
    INSERT INTO shipment_line VALUES (key, 1, quantity_a), (key, 2, quantity_b);

    -- receipt, application; the invoice number last, since its row lock is the hottest
    INSERT INTO receipt VALUES (key, buyer, today, total, 0);
    INSERT INTO cash_application VALUES (key, key, total, today);
    -- accounts: 1 bank, 2 receivables, 3 revenue, 4 tax, 5 unapplied cash
    INSERT INTO ledger_entry VALUES
        ('I', key, 2, total, today), ('I', key, 3, -net, today), ('I', key, 4, -tax, today),
        ('R', key, 1, total, today), ('R', key, 5, -total, today),
        ('A', key, 5, total, today), ('A', key, 2, -total, today);
    UPDATE invoice_series SET next_number = next_number + 1
     WHERE series = shard RETURNING next_number - 1 INTO ordinal;
    INSERT INTO invoice VALUES
        (key, shard, ordinal, key, buyer, today, today + days, net, tax, total, 0);
    RETURN ordinal;
END $$;

INSERT INTO customer (customer_id, credit_minor)
    SELECT n, 1000000000 FROM generate_series(1, :customers) n;
INSERT INTO product (product_id, price_minor, tax_rate_ppm, on_hand)
    SELECT n, 199 + n * 37 % 5000, CASE WHEN n % 4 = 0 THEN 70000 ELSE 190000 END, 1000000000000
      FROM generate_series(1, 10000) n;
INSERT INTO invoice_series SELECT n, 1 FROM generate_series(0, 15) n;
VACUUM ANALYZE;
