#!/usr/bin/env bash
# Makes snapshots with a real Flink, and beside each what that Flink holds after restoring it:
#   tests/flink/golden.sh VERSION OUT [NAME...]
# VERSION: 1.15.4 to the newest 2.x. OUT/NAME/{snapshot/,expected.ndjson}; all entries, or the named ones (Golden.java
# lists them). SEED in the environment changes what they hold. Needs a JDK of 17 or later and Maven.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
version=$1 out=$2
shift 2

flink_golden "$version"
mkdir -p "$out"
flink_java "$root/build/flink/$version" -Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 golden.Golden
"${flink_java[@]}" "$out" "${SEED:-1}" "$@"
