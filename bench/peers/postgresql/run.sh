#!/usr/bin/env bash
# PostgreSQL 15 doing the full order-to-cash cycle in one durable stored procedure, at its best.
#
# usage: run.sh [--seconds N] [--customers N] [--connections "1 2 4 8 16"] [--dir DIR]
#
# Prints one JSON object on stdout, everything else on stderr. The cluster is its own: a temporary
# directory under DIR (default $TMPDIR or /tmp; it must be on the device that florin is measured
# on), a Unix socket only, stopped and removed at the end whatever happens. Packages are installed
# only where missing, and only by root. Exit 0 done, 3 PostgreSQL unavailable, 2 usage.
set -euo pipefail

seconds=5 customers=50000 connections="1 2 4 8 16" parent=${TMPDIR:-/tmp}
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "run.sh: $1 needs a value" >&2; exit 2; }
    case $1 in
        --seconds) seconds=$2 ;;
        --customers) customers=$2 ;;
        --connections) connections=$2 ;;
        --dir) parent=$2 ;;
        *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
for number in $seconds $customers $connections; do
    case $number in
        *[!0-9]* | 0*) echo "run.sh: not a positive number: $number" >&2; exit 2 ;;
    esac
done
for count in $connections; do   # there are sixteen invoice series, one a connection
    [ "$count" -le 16 ] || { echo "run.sh: at most 16 connections" >&2; exit 2; }
done

here=$(cd "$(dirname "$0")" && pwd)
bin=/usr/lib/postgresql/15/bin

install_if_missing() {
    [ -x $bin/postgres ] && [ -x $bin/pgbench ] && return
    [ "$(id -u)" = 0 ] || { echo "run.sh: postgresql-15 is missing" >&2; exit 3; }
    # Debian would start a cluster of its own at installation; ours is the only one wanted.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-15; } >&2 ||
        { echo "run.sh: postgresql-15 cannot be installed" >&2; exit 3; }
}

# initdb and postgres refuse root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- env -C "$work" PGOPTIONS= "$@"
    else
        env -C "$work" "$@"
    fi
}

clean_up() {
    [ -f "$work/data/postmaster.pid" ] &&
        as_owner $bin/pg_ctl -D "$work/data" -m immediate -w stop >&2
    rm -rf "$work"
}

install_if_missing
work=$(mktemp -d "$parent/florin-postgresql.XXXXXX")
trap 'clean_up || true' EXIT
trap 'exit 130' INT TERM
cp "$here"/*.sql "$work"
chmod 755 "$work"
[ "$(id -u)" = 0 ] && chown -R postgres "$work"

memory_mib=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
buffers_mib=$((memory_mib / 4 < 2048 ? memory_mib / 4 : 2048))
as_owner $bin/initdb -D "$work/data" -A trust -U postgres --no-locale -E UTF8 --no-sync >&2
cat >>"$work/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$work'
fsync = on
synchronous_commit = on
full_page_writes = on
shared_buffers = ${buffers_mib}MB
huge_pages = try
wal_buffers = 64MB
wal_compression = lz4
min_wal_size = 1GB
max_wal_size = 4GB
checkpoint_timeout = 30min
autovacuum_naptime = 10s
jit = off
max_connections = 40
wal_level = minimal
max_wal_senders = 0
CONF
as_owner $bin/pg_ctl -D "$work/data" -l "$work/log" -w start >&2 ||
    { cat "$work/log" >&2; exit 3; }
export PGHOST=$work PGUSER=postgres PGDATABASE=postgres
as_owner $bin/psql -q -v ON_ERROR_STOP=1 -v customers="$customers" -f "$work/schema.sql" >&2

# pgbench -n -M prepared: "tps = 1234.567 (without initial connection time)"
measure() {
    as_owner $bin/pgbench -n -M prepared -D customers="$customers" -f "$work/cycle.sql" \
        -c "$1" -j "$(($1 < 2 ? 1 : 2))" -T "$2" |
        tee -a /dev/stderr | awk '/^tps = / { tps = $3 } /^number of failed/ && $5 != 0 { bad = 1 }
                               END { if (tps == "" || bad) exit 1; print tps }'
}

measure 2 1 >/dev/null # warm: caches filled, WAL segments made
single=$(measure 1 "$seconds")
best=$single best_connections=1
for count in $connections; do
    [ "$count" = 1 ] && continue
    rate=$(measure "$count" "$seconds")
    if awk -v a="$rate" -v b="$best" 'BEGIN { exit !(a > b) }'; then
        best=$rate best_connections=$count
    fi
done

verdict=$(as_owner $bin/psql -qAt -f "$work/audit.sql")
[ "$verdict" = sound ] || { echo "run.sh: the peer's books: $verdict" >&2; exit 1; }
printf '{"cycles_per_s_1":%s,"cycles_per_s_best":%s,"connections_best":%s,"seconds":%s}\n' \
    "$single" "$best" "$best_connections" "$seconds"
