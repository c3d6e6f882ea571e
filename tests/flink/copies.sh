#!/usr/bin/env bash
# Copies snapshots through weir's writer, has the same Flink restore each copy, and compares what it then holds with what it held:
#   tests/flink/copies.sh VERSION OUT
# OUT is what golden.sh has made, with the same SEED. COPY in the environment is the program (default build/copy). With ANEW, the program that
# makes everything in a snapshot again, that is judged, too.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
flink_tmp
copy=${COPY:-$root/build/copy}
version=$1 out=$2

# make_copy ENTRY NAME OPTION...: the name ends in the backend that is to restore it. Values of classes that no snapshot describes
# have no end that could be told, so they stay in the form that they have.
make_copy() {
    local said
    said=$("$copy" -k "$root/tests/flink/golden.classes" "${@:3}" "$1/snapshot" "$1/copies/$2" 2>&1) && return
    case $said in
    *"cannot be told"* | *"cannot be framed"*) echo "refused ${1##*/} $2: $said" ;;
    *) echo "FAIL $1 $2: $said" && return 1 ;;
    esac
}

# make_anew ENTRY NAME: every serializer from its tree, every value encoded.
make_anew() {
    local said
    [ -n "${ANEW-}" ] || return 0
    said=$("$ANEW" -k "$root/tests/flink/golden.classes" "$1/snapshot" "$1/copies/$2" 2>&1) && return
    case $said in
    *"cannot be told"* | *"cannot be framed"*) echo "refused ${1##*/} $2: $said" ;;
    *) echo "FAIL $1 $2: $said" && return 1 ;;
    esac
}

flink_golden "$version"
for entry in "$out"/*/; do
    entry=${entry%/}
    rm -rf "$entry/copies"
    mkdir "$entry/copies"
    make_copy "$entry" canonical-rocksdb -f canonical
    make_copy "$entry" packed-hashmap -f canonical -c on
    make_copy "$entry" heap-hashmap -f heap
    make_copy "$entry" heap_packed-hashmap -f heap -c on
    make_copy "$entry" database-rocksdb -f database
    make_anew "$entry" anew-hashmap
    make_anew "$entry" anew-rocksdb
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
