#!/usr/bin/env bash
# Fresh snapshots of three Flinks, or of VERSION..., with content that no run had before, read by weir, and copied by it:
#   tests/flink/check.sh [VERSION...]
# WEIR is the program (default build/weir). With COPY, the program that copies, the Flinks also judge copies; with
# ANEW, what is made anew, also by one Flink for the other. SEED repeats a run.
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
export SEED=${SEED:-$RANDOM$RANDOM}
[ $# -gt 0 ] || set -- 1.18.1 1.20.5 2.3.0

echo "seed $SEED"
for version; do
    "$root/tests/flink/golden.sh" "$version" "$root/build/flink/$version/fresh"
done
fresh=("${@/#/$root/build/flink/}")
"$root/tests/flink/compare.sh" "${fresh[@]/%//fresh}"
[ -n "${COPY-}" ] || exit 0
for version; do
    "$root/tests/flink/copies.sh" "$version" "$root/build/flink/$version/fresh"
done
[ -n "${ANEW-}" ] || exit 0
for pair in '1.20.5 2.3.0' '2.3.0 1.20.5'; do
    read -r from to <<<"$pair"
    case " $* " in *" $from "*) ;; *) continue ;; esac
    case " $* " in *" $to "*) "$root/tests/flink/cross.sh" "$from" "$to" ;; esac
done
