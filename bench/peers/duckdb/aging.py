"""Open invoices by bucket, as of a day, over the columns that are needed, in memory.

As many rows as asked for, all open, due within a year around the day. One statement a question, every core.
"""
import sys
import time

import duckdb

rows = int(sys.argv[1])
db = duckdb.connect(":memory:")
db.execute(
    f"""CREATE TABLE invoice AS
        SELECT DATE '2024-01-01' + (hash(i) % 300)::INTEGER AS date, DATE '2024-01-31' + (hash(i) % 300)::INTEGER AS due,
               1000 + (hash(i + 1) % 100000)::BIGINT AS open_minor, 'EUR' AS currency
        FROM range({rows}) t(i)"""
)
for _ in sys.stdin:
    start = time.perf_counter()
    buckets = db.execute(
        """SELECT currency, CASE WHEN days <= 0 THEN 0 WHEN days <= 30 THEN 1 WHEN days <= 60 THEN 2
                                 WHEN days <= 90 THEN 3 ELSE 4 END AS bucket,
                  sum(open_minor), count(*)
           FROM (SELECT currency, open_minor, DATE '2024-12-31' - due AS days FROM invoice
                 WHERE open_minor <> 0 AND date <= DATE '2024-12-31')
           GROUP BY 1, 2"""
    ).fetchall()
    seconds = time.perf_counter() - start
    found = sum(bucket[3] for bucket in buckets)
    if found != rows:
        sys.exit(f"aging.py: {found} of {rows} rows")
    print('{"seconds":%.6f,"rows":%d}' % (seconds, found), flush=True)
