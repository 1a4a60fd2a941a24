#!/usr/bin/env bash
# DuckDB answering the same question with every core, in memory and into a file.
#
# usage: run.sh QUESTION [--rows N] [--dir DIR]     QUESTION: match, aging, aging_past
#
# For each line on standard input it answers once and prints {"seconds":…,"file_seconds":…,"rows":…} on standard output; everything
# else goes to standard error. The package comes from PyPI into a temporary directory below DIR, removed at the end
# with everything else. Exit 0 done, 3 DuckDB unavailable, 2 usage.
set -euo pipefail

version=2.0.1 rows=5000000 parent=${TMPDIR:-/tmp}
question=${1:-}
case $question in
    match | aging | aging_past) ;;
    *) echo "run.sh: the first argument is a question: match, aging or aging_past" >&2; exit 2 ;;
esac
shift
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "run.sh: $1 needs a value" >&2; exit 2; }
    case $1 in
        --rows) rows=$2 ;;
        --dir) parent=$2 ;;
        *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
case $rows in *[!0-9]* | 0* | "") echo "run.sh: not a positive number: $rows" >&2; exit 2 ;; esac

here=$(cd "$(dirname "$0")" && pwd)
python=$(command -v python3) || python=
install_if_missing() {
    [ -n "$python" ] && "$python" -m pip --version >/dev/null 2>&1 && return
    [ "$(id -u)" = 0 ] || { echo "run.sh: python3-pip is missing" >&2; exit 3; }
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-pip; } >&2 ||
        { echo "run.sh: python3-pip cannot be installed" >&2; exit 3; }
    python=$(command -v python3)
}

install_if_missing
work=$(mktemp -d "$parent/florin-duckdb.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
"$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --only-binary :all: --target "$work/site" "duckdb==$version" >&2 ||
    { echo "run.sh: duckdb $version cannot be installed" >&2; exit 3; }
PYTHONPATH=$work/site "$python" "$here/$question.py" "$rows" "$work"
