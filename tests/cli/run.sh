#!/usr/bin/env bash
# Runs the command-line cases: each *.case beside this script is a transcript.
#
#   run.sh WEIR [CASE...]        UPDATE=1: write what happens into the cases instead
#                                WITH_FLINK: the command with-flink (tests/rest/with_flink.c)
#
#   $ command       a line of bash, run in the top directory; `weir` is WEIR
#   > text          a line that it prints on standard output
#   ! text          … on standard error
#   [N]             its exit status, when it is not 0
# All other lines are remarks. $TMP is a directory, empty when a case begins. A case holds when running its commands gives the file itself.
set -euo pipefail

weir=$(realpath "$1")
[ -x "$weir" ] || { echo "$1: no program" >&2 && exit 2; }
with_flink=$(realpath "${WITH_FLINK:-/dev/null}")
shift
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- tests/cli/*.case

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/tmp"
ln -s "$weir" "$work/bin/weir"
ln -s "$with_flink" "$work/bin/with-flink"
export PATH=$work/bin:$PATH TMP=$work/tmp
unset NO_COLOR COLUMNS WEIR_URL WEIR_CONTEXT WEIR_TOKEN WEIR_USER WEIR_PASSWORD FLINK_CONF_DIR XDG_STATE_HOME
export TERM=dumb LC_ALL=C.UTF-8 HOME=$work/tmp XDG_CONFIG_HOME=$work/tmp/config

prefixed() { # MARK FILE: its lines behind the mark; a last line without an end is told apart
    sed -e "s/^/$1 /" -e "s/ \$//" "$2"
    if [ -s "$2" ] && [ -n "$(tail -c 1 "$2")" ]; then
        printf '\n(no line end)\n'
    fi
}

play() { # CASE: the transcript as it is now
    local line status
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '$ '*)
            status=0
            bash -c "${line#'$ '}" >"$work/out" 2>"$work/err" </dev/null || status=$?
            printf '%s\n' "$line"
            prefixed '>' "$work/out"
            prefixed '!' "$work/err"
            [ "$status" -eq 0 ] || printf '[%d]\n' "$status"
            ;;
        '>'* | '!'* | '['*']' | '(no line end)') ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$1"
}

failed=0
for case in "$@"; do
    rm -rf "$work/tmp"
    mkdir "$work/tmp"
    play "$case" >"$work/now"
    if [ -n "${UPDATE:-}" ]; then
        cmp -s "$work/now" "$case" || cp "$work/now" "$case"
    elif diff -u "$case" "$work/now" >"$work/diff"; then
        echo "ok      $case"
    else
        echo "FAILED  $case"
        cat "$work/diff"
        failed=$((failed + 1))
    fi
done
if [ "$failed" -gt 0 ]; then
    echo "$failed of $# cases failed"
    exit 1
fi
