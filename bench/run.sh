#!/usr/bin/env bash
# weir against Flink's State Processor API over the same snapshots, each command measured as a whole process tree:
#   bench/run.sh [NAME...]        default 300m-canonical 300m-native; also tiny-*, 1g-*
# Says CPU seconds (and how many of them in user space), wall seconds and peak memory, how many times the peer's CPU time
# is weir's (the best of five runs; the peer runs once), and for canonical savepoints what part of the speed of a bare walk (walk.c) weir reaches. Fails when weir and
# the peer do not count and add up the same. WEIR is the program; the peer is slow and its last figures are kept in
# build/bench/peer (PEER=again measures it anew).
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/../tests/flink/env.sh"
weir=${WEIR:-$root/build/weir}
build=$root/build/bench
[ $# -gt 0 ] || set -- 300m-canonical 300m-native

"$root/bench/make-data.sh"
for tool in measure walk; do
    "${CC:-cc}" -std=c17 -D_GNU_SOURCE -O2 -o "$build/$tool" "$root/bench/$tool.c"
done

figures=$(mktemp)
trap 'rm -f "$figures"' EXIT

# measured FILE COMMAND...: its figures in FILE, its output on ours
measured() {
    : > "$1"
    "$build/measure" "$@"
}

# quickest FILE COMMAND...: the run of five that took the least CPU, which is the one that others on the machine disturbed least
quickest() {
    local out=$1
    : > "$out.all"
    for _ in 1 2 3 4 5; do
        measured "$out" "${@:2}"
        cat "$out" >> "$out.all"
    done
    sort -g "$out.all" | head -n 1 > "$out"
    rm "$out.all"
}

# row LABEL FILE: a line of the table
row() {
    awk -v label="$1" '{ printf "  %-30s %9.3f %9.3f %9.3f %9.1f", label, $1, $2, $3, $4 / 1024 }' "$2"
}

# times FILE: how many times as much CPU as weir the peer took
times() {
    awk 'NR == 1 { peer = $1 } NR == 2 { printf "   peer/weir %.1f\n", peer / ($1 > 0.001 ? $1 : 0.001) }' "$peer.figures" "$1"
}

failed=0
for name; do
    snapshot=$build/data/$name
    peer=$build/peer/$name
    # what was found to cost the peer least: one thread, the serial collector, the heap backend wherever it can read the
    # snapshot (a native one it cannot), and no optimising compiler where there is nothing to optimise
    jvm=(-XX:+UseSerialGC -Xmx10g)
    backend=hashmap
    case $name in
    *-native) backend=rocksdb ;;
    esac
    case $name in
    tiny-*) jvm+=(-XX:TieredStopAtLevel=1) ;;
    esac
    mkdir -p "$build/peer"
    if [ ! -s "$peer.json" ] || [ "${PEER-}" = again ]; then
        flink_java "$build/flink" "${jvm[@]}" BenchRead
        measured "$peer.figures" "${flink_java[@]}" "$snapshot" "$backend" > "$peer.new"
        mv "$peer.new" "$peer.json"
    fi

    printf '%s (%s)\n  %-30s %9s %9s %9s %9s\n' "$name" "$(du -sh "$snapshot" | cut -f1)" '' CPU-s user-s wall-s peak-MiB
    row "State Processor API, $backend" "$peer.figures"
    echo

    quickest "$figures" "$weir" inspect --deep --json --quiet "$snapshot" > /dev/null
    "$weir" inspect --deep --json --quiet "$snapshot" > "$build/weir.json"
    row 'weir inspect --deep' "$figures"
    times "$figures"
    deep=$(awk '{ print $1 }' "$figures")

    quickest "$figures" "$weir" sizes --quiet "$snapshot" > /dev/null
    row 'weir sizes' "$figures"
    times "$figures"

    quickest "$figures" "$weir" dump --quiet --format ndjson "$snapshot" > /dev/null
    row 'weir dump > /dev/null' "$figures"
    times "$figures"

    case $name in
    *-canonical)
        quickest "$figures" "$build/walk" "$snapshot" > /dev/null
        row 'bare walk' "$figures"
        awk -v deep="$deep" '{ printf "   weir inspect --deep at %.0f%% of its speed\n", 100 * $1 / deep }' "$figures"
        ;;
    esac

    if "$root/bench/same.py" "$build/weir.json" "$peer.json"; then
        echo '  counts and sums are equal'
    else
        echo '  COUNTS OR SUMS DIFFER'
        failed=1
    fi
done
exit $failed
