#!/usr/bin/env bash
# What one Flink has written by Kryo, written anew as another Flink's Kryo writes it, and restored by that one:
#   tests/flink/cross.sh FROM TO
# FROM's snapshot is what golden.sh has made below build/flink/FROM/fresh. ANEW in the environment is the program.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
flink_tmp
from=$1 to=$2
entry=hashmap-canonical-types word=-kryo_
out=$root/build/flink/$to/cross-$from

rm -rf "$out"
mkdir -p "$out/$entry/copies"
"$ANEW" -k "$root/tests/flink/golden.classes" -s "$word" "-${to%%.*}" "$root/build/flink/$from/fresh/$entry/snapshot" \
    "$out/$entry/copies/cross-hashmap"
flink_golden "$to"
flink_java "$root/build/flink/$to" -Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 golden.Golden
"${flink_java[@]}" --copies "$out" "${SEED:-1}"
for ndjson in "$root/build/flink/$from/fresh/$entry/expected.ndjson" "$out/$entry/copies/cross-hashmap.ndjson"; do
    sed -nE "/\"state\":\"[^\"]*$word/s/\"operator\":\"[^\"]*\"/\"operator\":\"\"/p" "$ndjson" >"$out/${ndjson##*/}" # Flink 1 knows no uid
done
[ -s "$out/expected.ndjson" ]
"$root/tests/flink/compare.py" "$out/expected.ndjson" "$out/cross-hashmap.ndjson"
