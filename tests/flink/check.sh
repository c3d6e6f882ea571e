#!/usr/bin/env bash
# Fresh snapshots of a Flink, with content that no run had before, read by weir, and copied by it:
#   tests/flink/check.sh VERSION
# WEIR is the program (default build/weir). With COPY, the program that copies, that Flink also judges copies; with
# ANEW, what is made anew. SEED repeats a run.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
flink_tmp
export SEED=${SEED:-$RANDOM$RANDOM}
fresh=$root/build/flink/$1/fresh

echo "seed $SEED"
"$root/tests/flink/golden.sh" "$1" "$fresh"
"$root/tests/flink/compare.sh" "$fresh"
[ -z "${COPY-}" ] || "$root/tests/flink/copies.sh" "$1" "$fresh"
