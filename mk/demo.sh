#!/usr/bin/env bash
# What weir does, shown on snapshots of real Flink.
#
#   demo.sh WEIR
set -euo pipefail

weir=$(realpath "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$weir" "$work/bin/weir"
export PATH=$work/bin:$PATH

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
show() { # COMMAND: prints it, runs it; a finding (1) is fine
    local status=0
    printf '%s$ %s%s\n' "$bold" "$1" "$plain"
    bash -o pipefail -c "$1" || status=$?
    case $status in
    0 | 1 | 141) ;;
    *) exit "$status" ;;
    esac
}

native=tests/golden/2.3.0-rocksdb-native-basic/snapshot
types=tests/golden/2.3.0-hashmap-canonical-types/snapshot
changelog=tests/golden/1.20.5-hashmap-checkpoint-basic-changelog/snapshot

say "What is in a savepoint of RocksDB's files, is it whole, what is big?"
show "weir inspect $native"

say "A checkpoint of Flink 1.20 with a changelog: no uids in it, only their hashes, unless you name them"
show "weir inspect --uid states-by-string --uid states-by-long $changelog | sed -n '1,14p'"

say "Down to the last value"
show "weir dump -n 6 -s '*pojo*' $types"
show "weir dump -n 6 -f table $native"

say "The state schema, to be kept in git"
show "weir schema -o states-by-long $native | head -40"

say "Where are the bytes?"
show "weir sizes -n 8 $native"
show "weir sizes --by key -n 5 $native | head -9"

say "One file is gone, another one cut: weir says which, and exits 1"
cp -r "$native" "$work/broken"
chmod -R u+w "$work/broken"
mapfile -t files < <(find "$work/broken" -type f ! -name _metadata | sort)
rm "${files[0]}"
truncate -s -1 "${files[1]}"
show "weir inspect $work/broken | sed -n '/^whole/p; /^Missing/,/^\$/p'"
