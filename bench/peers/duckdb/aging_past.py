"""Invoices by bucket as of a past day, what was paid by then taken from a table of applications, in memory.

As many invoices as asked for, half as many applications, each to some invoice. One statement a question, every core.
"""
import sys
import time

import duckdb

rows = int(sys.argv[1])
db = duckdb.connect(":memory:")
db.execute(
    f"""CREATE TABLE invoice AS
        SELECT i::INTEGER AS id, DATE '2024-01-01' + (hash(i) % 300)::INTEGER AS date,
               DATE '2024-01-31' + (hash(i) % 300)::INTEGER AS due,
               100000 + (hash(i + 1) % 100000)::BIGINT AS total_minor, 'EUR' AS currency
        FROM range({rows}) t(i)"""
)
db.execute(
    f"""CREATE TABLE application AS
        SELECT (hash(i) % {rows})::INTEGER AS invoice, DATE '2024-01-01' + (hash(i + 9) % 300)::INTEGER AS date,
               1 + (hash(i + 5) % 900)::BIGINT AS amount_minor
        FROM range({rows} // 2) t(i)"""
)
for _ in sys.stdin:
    start = time.perf_counter()
    buckets = db.execute(
        """SELECT currency, CASE WHEN days <= 0 THEN 0 WHEN days <= 30 THEN 1 WHEN days <= 60 THEN 2
                                 WHEN days <= 90 THEN 3 ELSE 4 END AS bucket,
                  sum(open_minor), count(*)
           FROM (SELECT currency, total_minor - coalesce(paid_minor, 0) AS open_minor, DATE '2024-12-31' - due AS days
                 FROM invoice LEFT JOIN (SELECT invoice, sum(amount_minor) AS paid_minor FROM application
                                         WHERE date <= DATE '2024-12-31' GROUP BY 1) paid ON invoice.id = paid.invoice
                 WHERE date <= DATE '2024-12-31')
           GROUP BY 1, 2"""
    ).fetchall()
    seconds = time.perf_counter() - start
    found = sum(bucket[3] for bucket in buckets)
    if found != rows:
        sys.exit(f"aging_past.py: {found} of {rows} rows")
    print('{"seconds":%.6f,"rows":%d}' % (seconds, found), flush=True)
