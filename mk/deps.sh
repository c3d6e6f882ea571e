#!/usr/bin/env bash
# Installs the Debian packages that are missing; instant when none is.
#
#   deps.sh PACKAGE...
set -euo pipefail

if ! command -v dpkg-query >/dev/null; then
    echo "deps: not a Debian system; needed are what Debian calls: $*" >&2
    exit 0
fi

missing=()
for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true) == ii* ]] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "deps: missing: ${missing[*]}; install them as root" >&2
        exit 1
    }
    as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" </dev/null >"$log" 2>&1 || {
        tail -20 "$log" >&2
        return 1
    }
}

echo "deps: installing ${missing[*]}" >&2
apt update
apt install --no-install-recommends "${missing[@]}"
