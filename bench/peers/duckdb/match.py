"""Receipts against open invoices by exact number: the bare join, materialised.

As many receipts as invoices, in random order, each naming its invoice. Nothing is posted, logged or settled: this is
what a query engine does at least to say which payment belongs to which invoice. Both tables lie in memory; the join is
materialised there ("seconds"), and into a database file, where it is durable when the statement is done ("file_seconds").
"""
import os
import sys
import time

import duckdb

rows = int(sys.argv[1])
directory = sys.argv[2]
db = duckdb.connect(":memory:")
db.execute(
    f"""CREATE TABLE invoice AS
        SELECT 'INV-' || lpad(i::VARCHAR, 8, '0') AS id, 'C-' || lpad((hash(i) % 1000000)::VARCHAR, 8, '0') AS customer,
               1000 + (hash(i) % 100000)::BIGINT AS open_minor
        FROM range({rows}) t(i)"""
)
db.execute(
    f"""CREATE TABLE receipt AS
        SELECT 'R-' || lpad(i::VARCHAR, 8, '0') AS id, 'INV-' || lpad(i::VARCHAR, 8, '0') AS reference,
               1000 + (hash(i) % 100000)::BIGINT AS amount_minor
        FROM range({rows}) t(i) ORDER BY hash(i + 7)"""
)
db.execute(f"ATTACH '{os.path.join(directory, 'matched.db')}' AS file")


def materialise(place):
    start = time.perf_counter()
    db.execute(
        f"""CREATE OR REPLACE TABLE {place}.matched AS
            SELECT r.id AS receipt, i.id AS invoice, i.customer, r.amount_minor,
                   i.open_minor - r.amount_minor AS left_minor
            FROM receipt r JOIN invoice i ON r.reference = i.id"""
    )
    seconds = time.perf_counter() - start
    found = db.execute(f"SELECT count(*) FROM {place}.matched WHERE left_minor = 0").fetchone()[0]
    if found != rows:
        sys.exit(f"match.py: {found} of {rows} rows")
    return seconds


for _ in sys.stdin:
    in_memory, in_file = materialise("memory"), materialise("file")
    print('{"seconds":%.6f,"file_seconds":%.6f,"rows":%d}' % (in_memory, in_file, rows), flush=True)
