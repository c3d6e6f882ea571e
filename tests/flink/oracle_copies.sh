#!/usr/bin/env bash
# Every snapshot of a collection, rewritten by weir migrate in every form, restored by the Flink that wrote it, which must then hold what it
# held of the snapshot itself:
#   tests/flink/oracle_copies.sh VERSION...
# ORACLE is the program that restores (a directory with src/, conf/ and compare.py), SAVEPOINTS the collection (ENTRY/params.properties,
# ENTRY/expected.json and the snapshot), FLINK_LIB a directory in which VERSION/ holds the jars of that Flink's lib/. WEIR is the program
# (default build/weir). Copies and what Flink said of them are kept below build/flink/oracle, so a run that was ended goes on; FRESH=1 begins
# anew. BEFORE is put before each JVM, of which each restores CHUNK (default 40) copies.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
weir=${WEIR:-$root/build/weir}
: "${ORACLE:?the directory of the oracle of savepoints}" "${SAVEPOINTS:?the directory of snapshots}"
: "${FLINK_LIB:?a directory in which VERSION/ holds the jars of that Flink}"
[ $# -gt 0 ] || set -- 2.3.0

# of the oracle, with what restores many in one JVM
oracle_build() {
    local version=$1 dir=$2 avro=$1 shim=shim1 jar
    [ -d "$FLINK_LIB/$version" ] || { echo "$FLINK_LIB/$version: not there" >&2 && exit 2; }
    case $version in
    1.15.4) avro=1.15.3 ;;
    1.20.[45]) avro=1.20.3 ;;
    2.0.[12]) avro=2.0.0 ;;
    2.1.[23]) avro=2.1.1 ;;
    esac
    case $version in
    2.*) shim=shim2 ;;
    esac
    flink_resolve "$dir" "$root/tests/flink/oracle/pom.xml" "-Dflink.avro.version=$avro"
    if [ ! -s "$dir/whole" ]; then
        for jar in "$FLINK_LIB/$version"/*.jar; do
            case $jar in *log4j-layout*) ;; *) printf '%s:' "$jar" ;; esac
        done >"$dir/flink"
        cat "$dir/flink" "$dir/classpath" >"$dir/whole"
        cp "$dir/whole" "$dir/classpath"
    fi
    flink_compile "$dir" "$ORACLE/src/main" "$ORACLE/src/$shim" "$ORACLE/src/evo/v1" "$root/tests/flink/oracle"
}

status=0
for version; do
    dir=$root/build/flink/oracle/$version
    [ -z "${FRESH-}" ] || rm -rf "$dir/copies"
    mkdir -p "$dir/tmp"
    oracle_build "$version" "$dir"
    "$root/tests/flink/oracle_copies.py" make "$weir" "$SAVEPOINTS" "$dir/copies" "$version"
    while "$root/tests/flink/oracle_copies.py" next "$dir/copies" "${CHUNK:-40}" >"$dir/chunk"; do
        flink_java "$dir" -Xmx1800m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Djava.io.tmpdir=$dir/tmp" \
            "-Dlog4j.configurationFile=$ORACLE/conf/log4j2.properties" \
            --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/sun.net.util=ALL-UNNAMED \
            --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED zoo.Batch "$version" "$dir/chunk"
        # BEFORE is a command with its arguments
        # shellcheck disable=SC2086
        ${BEFORE-} "${flink_java[@]}" >"$dir/said" 2>&1 || { tail -3 "$dir/said" && exit 2; }
    done
    rm -rf "$dir/tmp"
    printf '%s: ' "$version"
    "$root/tests/flink/oracle_copies.py" judge "$dir/copies" "$ORACLE/compare.py" || status=1
done
exit "$status"
