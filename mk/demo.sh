#!/usr/bin/env bash
# What weir does: a pipeline over real data in one process, the console on it, its state; then snapshots of real Flink.
#
#   demo.sh WEIR        WEIR_DEMO_CONSOLE=no prints the console's views also where there is a terminal
set -euo pipefail

weir=$(realpath "$1")
cd "$(dirname "$0")/.."
top=$PWD work=$(mktemp -d) job=
stop() {
    [ -z "$job" ] || kill "$job" 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT
mkdir "$work/bin"
ln -s "$weir" "$work/bin/weir"
export PATH=$work/bin:$PATH

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
show() { # COMMAND: prints it, runs it; a finding (1) is fine
    local status=0
    printf '%s$ %s%s\n' "$bold" "$1" "$plain"
    bash -o pipefail -c "$1" || status=$?
    case $status in
    0 | 1 | 141) ;;
    *) exit "$status" ;;
    esac
}

# --- a pipeline ---

# run ARGUMENT...: weir run in the background; sets job and WEIR_URL
run() {
    printf '%s$ weir run %s%s\n' "$bold" "$*" "$plain"
    weir run --rest 0 --rest-token token "$@" >>areas 2>said &
    job=$!
    until WEIR_URL=$(sed -n 's/.*answers at //p' said) && [ -n "$WEIR_URL" ]; do
        kill -0 "$job" 2>/dev/null || { cat said >&2 && exit 1; }
        sleep 0.1
    done
    export WEIR_URL
}

# Until nothing more comes out.
worked_off() {
    local before now=0 i
    for ((i = 0; i < 100; i++)); do
        before=$now
        sleep 0.3
        now=$(stat -c %s areas)
        [ "$now" -eq 0 ] || [ "$now" != "$before" ] || return 0
    done
}

# uid_of KIND: what Flink calls the operator of that kind of node
uid_of() { weir explain --json pipeline.sql | sed -n "/\"id\": /h; /\"stream-exec-\(global-\)\?$1\"/{H;g;s/.*: \([0-9]*\),.*stream-exec-\(.*\)\",/\1_\2/p}" | tr -d '\n'; }

say "A pipeline over the history of weir itself (examples/demo): what will it do?"
mkdir "$work/pipeline" "$work/pipeline/in"
cd "$work/pipeline"
printf 'demo\n' >token
export WEIR_TOKEN=demo
cp "$top/examples/demo/pipeline.sql" .
areas=$(uid_of group-aggregate) hours=$(uid_of window-aggregate)
show "weir explain --plain pipeline.sql"

say "It runs in one process, and waits for more"
cp "$top/examples/demo/changes-1.jsonl" in/
run --parallelism 2 --checkpoint-dir checkpoints --set execution.checkpointing.interval=1s pipeline.sql
worked_off
show "tail -n 3 areas"
sleep 1.5 # a checkpoint

if [ -t 0 ] && [ -t 1 ] && [ "${WEIR_DEMO_CONSOLE:-}" != no ]; then
    say "The console on it; q goes on"
    weir top
else
    say "The console on it"
    show "weir top --once"
    show "weir top 'work on weir' --once --view graph"
    show "weir top 'work on weir' --once --view checkpoints | head -8"
fi

say "A savepoint, in Flink's format; the pipeline ends with it"
show "weir stop --yes --dir \$PWD/savepoints 'work on weir' | tee savepoint"
wait "$job"
job=
savepoint=savepoints/$(basename "$(cat savepoint)")
show "weir inspect -u $areas -u $hours $savepoint | sed -n '/^contents/,/aggregate, keyed/p'"

say "Its state is a table"
show "weir query -u $areas $savepoint 'SELECT \`key\`.f0 AS area, accState.f0 AS commits, accState.f1 AS lines_added
    FROM \`$areas\` ORDER BY commits DESC LIMIT 5'"

say "More has come: the pipeline goes on from the savepoint, at another parallelism, and is drained"
cp "$top/examples/demo/changes-2.jsonl" in/
: >areas
run --from "$savepoint" --on-signal drain pipeline.sql
worked_off
kill "$job"
wait "$job"
job=
show "tail -n 3 areas"
show "cat hours/* | sort | tail -n 3"

say "Nothing was lost or counted twice: the same in one go"
sed "s/, 'source.monitor-interval' = '200 ms'//; s/'hours'/'hours-again'/" pipeline.sql >again.sql
show "weir run again.sql >/dev/null && cmp <(cat hours/* | sort) <(cat hours-again/* | sort) && echo equal"
cd "$top"

# --- snapshots ---

native=tests/golden/2.3.0-rocksdb-native-basic/snapshot
types=tests/golden/2.3.0-hashmap-canonical-types/snapshot
changelog=tests/golden/1.20.5-hashmap-checkpoint-basic-changelog/snapshot

say "What is in a savepoint of RocksDB's files, is it whole, what is big?"
show "weir inspect $native"

say "A checkpoint of Flink 1.20 with a changelog: no uids in it, only their hashes, unless you name them"
show "weir inspect --uid states-by-string --uid states-by-long $changelog | sed -n '1,14p'"

say "Down to the last value"
show "weir dump -n 6 -s '*pojo*' $types"
show "weir dump -n 6 -f table $native"

say "The state schema, to be kept in git"
show "weir schema -o states-by-long $native | head -40"

say "Where are the bytes?"
show "weir sizes -n 8 $native"
show "weir sizes --by key -n 5 $native | head -9"

say "One file is gone, another one cut: weir says which, and exits 1"
cp -r "$native" "$work/broken"
chmod -R u+w "$work/broken"
mapfile -t files < <(find "$work/broken" -type f ! -name _metadata | sort)
rm "${files[0]}"
truncate -s -1 "${files[1]}"
show "weir inspect $work/broken | sed -n '/^whole/p; /^Missing/,/^\$/p'"
