#!/usr/bin/env bash
# weir migrate (a field more in a POJO, another maximum parallelism) against the same rewrite through Flink's State Processor API, and
# weir diff --data of the same state in two formats against reading both:
#   bench/migrate.sh [NAME...]     default 300m-canonical 300m-native; also tiny-*, 1g-*
# Says CPU seconds, wall seconds and peak memory of each whole process. Fails when the peer and weir do not write as many entries, or
# the diff finds a difference. WEIR is the program; the peer's last figures are kept in build/bench/peer (PEER=again measures anew).
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/../tests/flink/env.sh"
weir=${WEIR:-$root/build/weir}
build=$root/build/bench
[ $# -gt 0 ] || set -- 300m-canonical 300m-native

"$root/bench/make-data.sh"
"${CC:-cc}" -std=c17 -D_GNU_SOURCE -O2 -o "$build/measure" "$root/bench/measure.c"
work=$(mktemp -d -p "$build")
trap 'rm -rf "$work"' EXIT
cat >"$work/script.weir" <<'SCRIPT'
weir migration 1
ALTER STATE profiles.profile ADD FIELD tier STRING DEFAULT 'basic';
SET MAX PARALLELISM 256;
SCRIPT

# measured FILE COMMAND...: figures in FILE
measured() {
    : >"$1"
    "$build/measure" "$@"
}

row() { # LABEL FILE
    awk -v label="$1" '{ printf "  %-34s %9.3f %9.3f %9.3f %9.1f", label, $1, $2, $3, $4 / 1024 }' "$2"
}

# counts SNAPSHOT: entries of each state
counts() {
    "$weir" inspect --json --quiet "$1" |
        python3 -c 'import json, sys
for op in json.load(sys.stdin)["operators"]:
    for s in op.get("states", []):
        if s["entries"]:
            print(s["name"], s["entries"])' | sort
}

failed=0
for name; do
    snapshot=$build/data/$name
    peer=$build/peer/$name.migrate
    backend=hashmap
    case $name in
    *-native) backend=rocksdb ;;
    esac
    mkdir -p "$build/peer"
    if [ ! -s "$peer.counts" ] || [ "${PEER-}" = again ]; then
        flink_java "$build/flink" -XX:+UseSerialGC -Xmx10g BenchMigrate
        # shellcheck disable=SC2154 # of env.sh
        measured "$peer.figures" "${flink_java[@]}" "$snapshot" "$work/peer" "$backend" 256 >/dev/null
        counts "$work/peer" >"$peer.counts"
        rm -rf "$work/peer"
    fi
    printf '%s (%s)\n  %-34s %9s %9s %9s %9s\n' "$name" "$(du -sh "$snapshot" | cut -f1)" '' CPU-s user-s wall-s peak-MiB
    row "State Processor API, $backend" "$peer.figures"
    echo
    measured "$work/figures" "$weir" migrate --quiet "$snapshot" "$work/script.weir" --output "$work/out" >/dev/null
    row 'weir migrate' "$work/figures"
    cat "$peer.figures" "$work/figures" | awk '{ cpu[NR] = $1 } END { printf "   peer/weir %.1f\n", cpu[1] / (cpu[2] > 0.001 ? cpu[2] : 0.001) }'
    if ! diff <(counts "$work/out") "$peer.counts"; then
        echo "  not as many entries as the peer writes"
        failed=1
    fi
    rm -rf "$work/out"
done

for size in $(printf '%s\n' "${@%-*}" | sort -u); do
    printf '%s, canonical and native\n  %-34s %9s %9s %9s %9s\n' "$size" '' CPU-s user-s wall-s peak-MiB
    for form in canonical native; do
        measured "$work/$form" "$weir" inspect --deep --json --quiet "$build/data/$size-$form" >/dev/null
        row "weir inspect --deep, $form" "$work/$form"
        echo
    done
    if ! measured "$work/figures" "$weir" diff --data --quiet "$build/data/$size-canonical" "$build/data/$size-native" >"$work/said"; then
        echo '  the two formats of one state differ:'
        head -5 "$work/said"
        failed=1
    fi
    row 'weir diff --data' "$work/figures"
    cat "$work/canonical" "$work/native" "$work/figures" |
        awk '{ cpu[NR] = $1 } END { printf "   %.0f%% of the speed of reading both\n", 100 * (cpu[1] + cpu[2]) / cpu[3] }'
done
exit $failed
