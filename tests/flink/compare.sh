#!/usr/bin/env bash
# Compares what weir reads out of goldens with what Flink held: tests/flink/compare.sh DIR...
# Each DIR has snapshot/ and expected.ndjson, or directories that do. WEIR in the environment is the program.
set -euo pipefail
here=$(dirname "$0")
weir=${WEIR:-$here/../../build/weir}
dumped=$(mktemp)
trap 'rm -f "$dumped"' EXIT

passed=0 failed=0
while read -r expected; do
    dir=$(dirname "$expected")
    if "$weir" dump --quiet --format ndjson --classes "$here/golden.classes" "$dir/snapshot" > "$dumped" &&
        figures=$("$here/compare.py" "$expected" "$dumped"); then
        passed=$((passed + 1))
        echo "ok   $dir: $figures"
    else
        failed=$((failed + 1))
        echo "FAIL $dir: ${figures-weir failed}"
    fi
    unset figures
done < <(find "$@" -name expected.ndjson | sort)

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
