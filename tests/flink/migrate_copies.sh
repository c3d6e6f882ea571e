#!/usr/bin/env bash
# Golden snapshots migrated away and back, so that all of them has been made anew by weir, restored by the Flink that wrote them:
#   tests/flink/migrate_copies.sh [VERSION...]
# So is a checkpoint with timers on the heap beside RocksDB, which Flink makes for it.
# What Flink then holds must be what it held. WEIR is the program (default build/weir).
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
flink_tmp
weir=${WEIR:-$root/build/weir}
[ $# -gt 0 ] || set -- 2.3.0

# trip SNAPSHOT TARGET THERE BACK: two scripts, whose statements are given
trip() {
    local work
    work=$(mktemp -d)
    printf 'weir migration 1\n%s\n' "$3" >"$work/there.weir"
    printf 'weir migration 1\n%s\n' "$4" >"$work/back.weir"
    if ! "$weir" migrate -q --classes "$root/tests/flink/golden.classes" "$1" "$work/there.weir" --output "$work/there" ||
        ! "$weir" migrate -q --classes "$root/tests/flink/golden.classes" "$work/there" "$work/back.weir" --output "$2"; then
        echo "not tried: $2"
    fi
    rm -rf "$work"
}

status=0
for version; do
    flink_golden "$version"
    out=$root/build/flink/$version/migrated
    rm -rf "$out"
    flink_java "$root/build/flink/$version" -Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 golden.Golden
    # timers on the heap beside RocksDB: a checkpoint, made here, which stays one of RocksDB
    heap=rocksdb-incremental-basic-heaptimers
    "${flink_java[@]}" "$out" "${SEED:-1}" "$heap" >"$out.made"
    mkdir "$out/$heap/copies"
    trip "$(echo "$out/$heap"/snapshot/chk-*)" "$out/$heap/copies/groups-rocksdb" \
        "SET MAX PARALLELISM 1000; SET PARALLELISM 5;" "SET MAX PARALLELISM 128; SET PARALLELISM 2;"
    for entry in "$root/tests/golden/$version"-*; do
        name=${entry##*/"$version"-}
        mkdir -p "$out/$name/copies"
        cp "$entry/expected.ndjson" "$out/$name"
        # other key groups and subtasks, then those of the job; operator state is told by subtask
        subtasks='SET PARALLELISM 4;' again='SET PARALLELISM 2;'
        case $name in
        *lists*) subtasks='' again='' ;;
        esac
        trip "$entry/snapshot" "$out/$name/copies/groups-hashmap" \
            "SET MAX PARALLELISM 1000; $subtasks SET FORMAT CANONICAL; SET COMPRESSION ON;" \
            "SET MAX PARALLELISM 128; $again SET FORMAT HASHMAP; SET COMPRESSION OFF;"
        trip "$entry/snapshot" "$out/$name/copies/groups-rocksdb" \
            "SET MAX PARALLELISM 100; $subtasks SET FORMAT CANONICAL;" "SET MAX PARALLELISM 128; $again"
    done
    "${flink_java[@]}" --copies "$out" "${SEED:-1}"
    for held in "$out"/*/copies/*.ndjson; do
        if figures=$("$root/tests/flink/compare.py" "${held%/copies/*}/expected.ndjson" "$held"); then
            echo "$version: the same ${held#"$out"/}"
        else
            echo "FAIL $held: $figures"
            status=1
        fi
    done
done
exit "$status"
