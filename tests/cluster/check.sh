#!/usr/bin/env bash
# weir against real session clusters of two Flinks, or of VERSION..., with jobs that are sick in known ways:
#   tests/cluster/check.sh [VERSION...]      brief:VERSION leaves out what hardly depends on the release and takes long,
#                                            quick:VERSION what waits as well: no commands, fewer views, a walk and the actions
# WEIR is the program (build/weir-san). Nothing of a cluster is left behind; its logs stay in build/cluster until the next one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
weir=${WEIR:-$here/../../build/weir-san}
[ $# -gt 0 ] || set -- 1.20.5 2.3.0

export CLUSTER=check
trap 'exit 130' INT
trap 'exit 143' TERM
failed=

judge() { # WHAT COMMAND...
    local what=$1
    shift
    "$@" || failed+=" $what"
}

# What only looks is looked at once more when something is not so: a cluster goes on while its answers are compared.
look() { # WHAT COMMAND...
    local what=$1
    shift
    "$@" && return
    echo "== $what: once more"
    judge "$what" "$@"
}

jobs=()
# those that end first
for job in finished failed healthy backpressure checkpoint-timeout restarts watermark state wide; do
    jobs+=("$here/jobs/$job.sql")
done

for version; do
    brief='' quick=''
    case $version in
    brief:*) brief=1 version=${version#brief:} ;;
    quick:*) brief=1 quick=1 version=${version#quick:} ;;
    esac
    echo "== Flink $version"
    url=$("$here/cluster.sh" up "$version")
    trap '"$here/cluster.sh" down' EXIT # not before: one that was there already is another run's
    "$here/cluster.sh" sql "${jobs[@]}" >/dev/null
    gateway=''
    case $version in
    1.15.*) ;; # there were none before 1.16
    *) gateway=$("$here/cluster.sh" gateway) || echo "== no gateway of Flink $version to look at" ;;
    esac
    judge "$version-runs" python3 "$here/judge.py" "$weir" "$url" runs
    # takes all slots that are left
    "$here/cluster.sh" sql "$here/jobs/greedy.sql" >/dev/null
    judge "$version-sick" python3 "$here/judge.py" "$weir" "$url" sick
    commands=(causes commands) views=() console=(walk wide killed replay away)
    if [ -n "$quick" ]; then
        commands=(causes) console=(walk)
        views=(jobs graph vertices vertex checkpoints checkpoint exceptions watermarks taskmanagers jobmanager config)
    fi
    look "$version" python3 "$here/judge.py" "$weir" "$url" "${commands[@]}"
    look "$version-fields" env GATEWAY="$gateway" BRIEF="$brief" python3 "$here/fields.py" "$weir" "$url" ${views[@]+"${views[@]}"}
    judge "$version-console" python3 "$here/console.py" "$weir" "$url" "${console[@]}"
    if [ -z "$brief" ]; then
        look "$version-views" python3 "$here/judge.py" "$weir" "$url" views
        judge "$version-watch" python3 "$here/watch.py" "$weir" "$url"
        judge "$version-acts" python3 "$here/judge.py" "$weir" "$url" acts
    fi
    # behind all that looks at jobs, and where there are slots for it
    "$weir" cancel --url "$url" --yes 'greedy: too few slots' >/dev/null 2>&1 || true
    case $version in
    1.1[56].*) ;; # before there was the gateway's V2
    *) judge "$version-submit" python3 "$here/submit.py" "$weir" "$url" "$gateway" ;;
    esac
    "$here/cluster.sh" down
    # by itself the scheduler takes half a minute between two changes
    adaptive=(jobmanager.scheduler=adaptive jobmanager.adaptive-scheduler.scaling-interval.min=0s
        jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling=0s web.adaptive-scheduler.rescale-history.size=20)
    case $version in
    1.1[5-7].*) adaptive=() ;; # no way to rescale
    esac
    url=$(CLUSTER_TMS=1 "$here/cluster.sh" up "$version" ${adaptive[@]+"${adaptive[@]}"})
    "$here/cluster.sh" sql "$here"/jobs/{healthy,state,watermark}.sql >/dev/null
    if [ ${#adaptive[@]} -gt 0 ]; then
        judge "$version-rescale" python3 "$here/judge.py" "$weir" "$url" rescale
        judge "$version-rescale-fields" python3 "$here/fields.py" "$weir" "$url" rescales rescale requirements
        judge "$version-rescale-keys" python3 "$here/console.py" "$weir" "$url" rescale
    fi
    parts=(acts)
    [ -n "$brief" ] || parts+=(restart)
    judge "$version-keys" python3 "$here/console.py" "$weir" "$url" "${parts[@]}"
    "$here/cluster.sh" down
done
[ -z "$failed" ] || {
    echo "failed:$failed"
    exit 1
}
