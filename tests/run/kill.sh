#!/usr/bin/env bash
# Kills weir run in the middle of its work and starts it again, until each row has gone through: each must come out exactly once.
#
#   kill.sh WEIR KILLS [SEED]      at least KILLS kills; the same seed waits as long before each
set -euo pipefail

weir=$(realpath "$1")
kills=$2
RANDOM=${3:-1}
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in"
for file in 0 1 2 3 4; do
    seq $((file * 40000)) $((file * 40000 + 39999)) | sed 's/$/,row/' >"$work/in/$file.csv"
done

run() { # PARALLELISM
    exec "$weir" run --parallelism "$1" --checkpoint-dir "$work/chk" --set execution.checkpointing.interval='5 ms' "$work/plan.json"
}

python3 tests/run/plan.py csv "$work/in" json "$work/out" >"$work/plan.json"
from=$(date +%s%N)
(run 1)
whole=$((($(date +%s%N) - from) / 1000000)) # milliseconds of a run that nobody disturbs

killed=0
round=0
while [ "$killed" -lt "$kills" ]; do
    round=$((round + 1))
    rm -rf "$work/out" "$work/chk"
    over=
    here=0
    while [ -z "$over" ]; do
        parallelism=$((RANDOM % 3 + 1)) # another one each time
        run "$parallelism" 2>>"$work/said" &
        pid=$!
        if [ "$here" -lt 8 ] && [ "$killed" -lt "$kills" ]; then # the last one goes to its end
            sleep "$(printf '%d.%03d' 0 $((RANDOM % whole * 8 / 10 % 999)))"
            kill -KILL "$pid" 2>/dev/null || true
        fi
        status=0
        { wait "$pid" || status=$?; } 2>/dev/null
        case $status in
        0) over=1 ;;
        137) killed=$((killed + 1)) here=$((here + 1)) ;;
        *)
            tail -n 3 "$work/said"
            exit 1
            ;;
        esac
    done
    sed 's/.*"a":\([0-9]*\).*/\1/' "$work"/out/part-* | sort -n >"$work/got"
    seq 0 199999 >"$work/want"
    if ! cmp -s "$work/want" "$work/got"; then
        echo "kill.sh: after $killed kills (seed ${3:-1}) the output differs:"
        diff "$work/want" "$work/got" | head
        exit 1
    fi
done
echo "kill.sh: $killed kills in $round runs; $(grep -c 'going on from checkpoint' "$work/said" || true) times it went on from a checkpoint"
grep -q 'going on from checkpoint' "$work/said" || {
    echo "kill.sh: it has never gone on from a checkpoint"
    exit 1
}
