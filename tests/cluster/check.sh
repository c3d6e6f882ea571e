#!/usr/bin/env bash
# weir against real session clusters of two Flinks, or of VERSION..., with jobs that are sick in known ways:
#   tests/cluster/check.sh [VERSION...]
# WEIR is the program (build/weir-san). Nothing of a cluster is left behind; its logs stay in build/cluster until the next one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
weir=${WEIR:-$here/../../build/weir-san}
[ $# -gt 0 ] || set -- 1.20.5 2.3.0

export CLUSTER=check
trap '"$here/cluster.sh" down' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
failed=

judge() { # WHAT COMMAND...
    local what=$1
    shift
    "$@" || failed+=" $what"
}

jobs=()
# those that end first, the one that takes all slots last
for job in finished failed healthy backpressure checkpoint-timeout restarts watermark state wide greedy; do
    jobs+=("$here/jobs/$job.sql")
done

for version; do
    echo "== Flink $version"
    url=$("$here/cluster.sh" up "$version")
    "$here/cluster.sh" sql "${jobs[@]}" >/dev/null
    judge "$version" python3 "$here/judge.py" "$weir" "$url" sick causes commands views
    judge "$version-console" python3 "$here/console.py" "$weir" "$url" "$here/../../build/cluster/$CLUSTER/pids/jobmanager"
    judge "$version-acts" python3 "$here/judge.py" "$weir" "$url" acts
    "$here/cluster.sh" down
    case $version in
    1.1[5-7].*) continue ;; # no way to rescale
    esac
    # by itself the scheduler takes half a minute between two changes
    url=$(CLUSTER_TMS=1 "$here/cluster.sh" up "$version" jobmanager.scheduler=adaptive \
        jobmanager.adaptive-scheduler.scaling-interval.min=0s \
        jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling=0s)
    "$here/cluster.sh" sql "$here/jobs/healthy.sql" >/dev/null
    judge "$version-rescale" python3 "$here/judge.py" "$weir" "$url" rescale
    "$here/cluster.sh" down
done
[ -z "$failed" ] || {
    echo "failed:$failed"
    exit 1
}
