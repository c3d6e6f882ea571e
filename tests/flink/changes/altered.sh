#!/usr/bin/env bash
# Every change of a job's classes (changes.txt) once more: what the side before has written is written anew with the states and types of
# the side after, as a migration would, and real Flink must then take it as it is, also where it refuses the change itself:
#   tests/flink/changes/altered.sh VERSION...
# ANEW in the environment is the program. Snapshots of both sides are those that verdicts.sh has made.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/../env.sh"
flink_tmp
least=100 # not all can be altered: of some classes only Java knows how Kryo writes them

for version; do
    dir=$root/build/flink/changes/$version
    [ -f "$dir/tried/verdicts.tsv" ] || { echo "$version: tests/flink/changes/verdicts.sh must have run" >&2 && exit 2; }
    rm -rf "$dir/altered" "$dir/after-altered"
    names=() kept=()
    for change in "$dir"/tried/*/; do
        name=$(basename "$change")
        if [ ! -d "$change/before" ] || [ ! -d "$change/next" ]; then continue; fi
        mkdir -p "$dir/altered/$name"
        if said=$("$ANEW" -n "$change/next" "$change/before" "$dir/altered/$name/before" 2>&1); then
            names+=("$name")
        else
            kept+=("$name")
            case $said in # what does not fit, or what weir does not know
            *"must be"* | *"could not be decoded"* | *"cannot write"* | *"has no"* | *"no keyed state"* | *"does not say of what class"*) ;;
            *) echo "FAIL $name: $said" && exit 1 ;;
            esac
        fi
    done
    flink_java "$dir" changes.Changes "$dir/sides/before-classes" "$dir/sides/after-classes" "$dir/after-altered" "$dir/altered"
    "${flink_java[@]}" "${names[@]}"
    grep -vP '\trestored\t(as-is|reconfigured)\t' "$dir/after-altered/verdicts.tsv" | sed 's/^/FAIL /' && exit 1
    echo "$version: ${#names[@]} changes restored as they were altered, ${#kept[@]} not altered"
    [ "${#names[@]}" -ge "$least" ]
done
