#!/usr/bin/env bash
# Installs the Debian packages florin needs to build and test, only those that are missing, without a prompt.
set -euo pipefail
packages=(build-essential cmake ninja-build pkg-config git gawk sqlite3 strace
    liburing-dev liblmdb-dev libxxhash-dev libcriterion-dev libsimdjson-dev
    libexpat1-dev libicu-dev libarchive-dev zlib1g-dev)
[ "${1:-}" != "--fuzz" ] || packages+=(clang-14 libclang-rt-14-dev)
missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
