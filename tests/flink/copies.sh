#!/usr/bin/env bash
# Copies snapshots through weir's writer, has the same Flink restore each copy, and compares what it then holds with what it held:
#   tests/flink/copies.sh VERSION OUT
# OUT is what golden.sh has made, with the same SEED. COPY in the environment is the program (default build/copy).
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
copy=${COPY:-$root/build/copy}
version=$1 out=$2

flink_golden "$version"
for entry in "$out"/*/; do
    rm -rf "${entry}copies"
    mkdir "${entry}copies"
    make_copy() { # NAME OPTION...: the name ends in the backend that is to restore it
        "$copy" -k "$root/tests/flink/golden.classes" "${@:2}" "${entry}snapshot" "${entry}copies/$1"
    }
    make_copy canonical-rocksdb -f canonical
    make_copy packed-hashmap -f canonical -c on
    make_copy heap-hashmap -f heap
    make_copy heap_packed-hashmap -f heap -c on
done
flink_java "$root/build/flink/$version" -Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 golden.Golden
"${flink_java[@]}" --copies "$out" "${SEED:-1}"

passed=0 failed=0
for held in "$out"/*/copies/*.ndjson; do
    if figures=$("$root/tests/flink/compare.py" "${held%/copies/*}/expected.ndjson" "$held"); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $held: $figures"
    fi
done
echo "$version: $passed copies hold the same, $failed do not"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
