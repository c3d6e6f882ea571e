#!/usr/bin/env bash
# Makes the benchmark's snapshots with real Flink, unless they are there:
#   bench/make-data.sh [DIR]      default build/bench/data
# DIR/{tiny,300m,1g}-{canonical,native}: one job's state, each time in both savepoint formats.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/../tests/flink/env.sh"
data=${1:-$root/build/bench/data}

flink_resolve "$root/build/bench/flink" "$root/bench/pom.xml"
flink_compile "$root/build/bench/flink" "$root/bench/src"
flink_java "$root/build/bench/flink" -Xmx3g BenchWrite
mkdir -p "$data"
while read -r name keys; do
    if [ ! -e "$data/$name-native/_metadata" ]; then
        echo "making $data/$name-*" >&2
        rm -rf "$data/$name"-* "$data/$name.tmp"
        "${flink_java[@]}" "$keys" "$data/$name"
    fi
done << SIZES
tiny 3
300m 750000
1g 2500000
SIZES
