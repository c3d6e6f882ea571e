#!/usr/bin/env bash
# Every operation of weir migrate on golden snapshots, restored by real Flink, which must then hold what the operation says:
#   tests/flink/operations.sh [VERSION...]
# The table is in operations.py. WEIR is the program (default build/weir).
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
flink_tmp
weir=${WEIR:-$root/build/weir}
[ $# -gt 0 ] || set -- 1.20.5 2.3.0

status=0
for version; do
    out=$root/build/flink/$version/operations
    flink_golden "$version"
    "$root/tests/flink/operations.py" make "$weir" "$root/tests/golden" "$out" "$version"
    flink_java "$root/build/flink/$version" -Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 golden.Golden
    "${flink_java[@]}" --copies "$out" "${SEED:-1}"
    printf '%s: ' "$version"
    "$root/tests/flink/operations.py" judge "$out" || status=1
done
exit "$status"
