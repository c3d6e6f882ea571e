#!/usr/bin/env bash
# Savepoints that Flink refuses, or whose data it would lose, migrated by weir and restored by real Flink, in every backend:
#   tests/flink/migrate.sh [VERSION...]
# Each script in migrations/ is of a change in changes/changes.txt: the job before it wrote the savepoint, the job after it restores
# what weir made of that, and must find the values that it would have written itself. WEIR is the program (default build/weir). changes/verdicts.sh has been run before.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
flink_tmp
weir=${WEIR:-$root/build/weir}
scripts=$root/tests/flink/migrations
[ $# -gt 0 ] || set -- 1.20.5 2.3.0

status=0
for version; do
    dir=$root/build/flink/changes/$version
    rm -rf "$dir/migrated" "$dir/restored"
    names=()
    for script in "$scripts"/*.weir; do
        name=$(basename "$script" .weir)
        case $name in
        *.*) [ "${name##*.}" = "${version%%.*}" ] || continue ;; # NAME.2: for Flink 2 only
        esac
        name=${name%.*}
        [ -d "$dir/tried/$name/before" ] || continue
        mkdir -p "$dir/migrated/$name"
        "$weir" migrate -q --jar "$dir/sides/before-classes" "$dir/tried/$name/before" "$script" --output "$dir/migrated/$name/before"
        names+=("$name")
    done
    flink_java "$dir" -Dsame=true changes.Changes "$dir/sides/before-classes" "$dir/sides/after-classes" "$dir/restored" "$dir/migrated"
    "${flink_java[@]}" "${names[@]}"
    refused=$(awk -F'\t' '$3 != "restored"' "$dir/tried/verdicts.tsv" | cut -f1 | sort -u | grep -cxFf <(printf '%s\n' "${names[@]}") || true)
    bad=$(awk -F'\t' '$3 != "restored"' "$dir/restored/verdicts.tsv")
    echo "$version: ${#names[@]} migrated, of which Flink refused $refused before; restored by each backend:" \
        "$(awk -F'\t' '$3 == "restored"' "$dir/restored/verdicts.tsv" | wc -l) of $(wc -l <"$dir/restored/verdicts.tsv")"
    if [ -n "$bad" ]; then
        printf '%s\n' "$bad"
        status=1
    fi
done
exit "$status"
