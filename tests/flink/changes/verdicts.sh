#!/usr/bin/env bash
# Changes of a job's classes (changes.txt), tried in real Flink and judged by weir:
#   tests/flink/changes/verdicts.sh [VERSION...]
# WEIR is the program (default build/weir). What real Flink said is kept in build/flink/changes/ as long as nothing of it changes.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/../env.sh"
flink_tmp
here=$root/tests/flink/changes
weir=${WEIR:-$root/build/weir}
[ $# -gt 0 ] || set -- 1.20.5 2.3.0

# try_changes VERSION OUT WRITTEN: real Flink's verdicts
try_changes() {
    local version=$1 out=$2 written=$3 avro=$1 table=$1 harness=flink-streaming-java scala=flink-scala_2.12 dir=$root/build/flink/changes/$1 flink_java sources
    case $version in
    1.20.[45]) avro=1.20.3 table=1.20.4 ;;
    2.*) harness=flink-runtime scala=flink-core ;;
    esac
    [ ! "$here/pom.xml" -nt "$dir/classpath" ] || rm -f "$dir/classpath"
    flink_resolve "$dir" "$here/pom.xml" "-Dflink.version=$version" "-Dflink.avro.version=$avro" "-Dflink.harness=$harness" \
        "-Dflink.scala=$scala" "-Dflink.table.version=$table"
    sources=("$here/src")
    [ ! -d "$here/flink${version%%.*}" ] || sources+=("$here/flink${version%%.*}")
    flink_compile "$dir" "${sources[@]}"
    if [ ! -f "$out/verdicts.tsv" ] ||
        [ -n "$(find "$here/changes.txt" "$here/make.py" "$dir/classes/.done" -newer "$out/verdicts.tsv")" ]; then
        rm -rf "$dir/sides" "$out"
        python3 "$here/make.py" "$here/changes.txt" "$dir/sides" "${version%%.*}" >"$dir/names"
        for side in before after; do
            mkdir -p "$dir/sides/$side-classes"
            find "$dir/sides/$side" -name '*.java' >"$dir/sides/$side.list"
            javac -nowarn -proc:none -Xlint:none -XDsuppressNotes -encoding UTF-8 -d "$dir/sides/$side-classes" \
                -cp "$dir/classes:$(cat "$dir/classpath")" "@$dir/sides/$side.list"
        done
        flink_java "$dir" changes.Changes "$dir/sides/before-classes" "$dir/sides/after-classes" "$out" "$written"
        mapfile -t names < <(cut -d' ' -f1 "$dir/names")
        "${flink_java[@]}" "${names[@]}" || broken=$out
    fi
}

status=0
last=
broken= # what Flink could not be asked
for version; do
    dir=$root/build/flink/changes/$version
    try_changes "$version" "$dir/tried" -
    python3 "$here/verdicts.py" "$weir" "$version" "$dir/tried" "$dir/tried" "$dir/sides/after-classes" "$dir/names" || status=1
    # and what the version before has written
    if [ -n "$last" ]; then
        try_changes "$version" "$dir/from-$last" "$root/build/flink/changes/$last/tried"
        python3 "$here/verdicts.py" "$weir" "$version" "$dir/from-$last" "$root/build/flink/changes/$last/tried" \
            "$dir/sides/after-classes" "$dir/names" || status=1
    fi
    last=$version
done
[ -z "$broken" ] || {
    rm -f "$broken/verdicts.tsv"
    status=1
}
exit "$status"
