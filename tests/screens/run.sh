#!/usr/bin/env bash
# Compares what `weir top` shows in a terminal (tmux) and without one with the *.screen files here.
#
#   run.sh WEIR WITH-FLINK [FILE...]     UPDATE=1 writes what is shown now; read the diff
#
# A file is steps, each followed by what is shown then ("> " and the line):
#   @ 80x24 RECORDINGS [VARIABLE=VALUE...] ARGUMENTS   runs weir top in a terminal of that size
#   % WxH ARGUMENTS                                    runs weir with those arguments, without a stand-in for Flink
#   < KEY...                                           sends keys to it, as tmux names them
#   + 60x15                                            gives the terminal another size
#   . SECONDS                                          waits
#   $ RECORDINGS [VARIABLE=VALUE...] ARGUMENTS         runs weir top --once and shows what it prints, then "[STATUS]" unless 0
# RECORDINGS is a file for tests/support/rest_stub.h, or WAY:FILE.
set -euo pipefail

weir=$(realpath "$1")
with_flink=$(realpath "$2")
shift 2
[ -x "$weir" ] && [ -x "$with_flink" ] || exit 2
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- tests/screens/*.screen
socket=weir-screens-$$
work=$(mktemp -d)
trap 'tmux -L "$socket" kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
# the clock of the recordings
export SOURCE_DATE_EPOCH=1795651200 TZ=UTC TERM=xterm-256color LC_ALL=C.UTF-8
unset NO_COLOR COLORFGBG WEIR_URL WEIR_CONTEXT FLINK_CONF_DIR XDG_CONFIG_HOME XDG_STATE_HOME
export HOME=$work

# What differs from run to run.
# How many findings there are depends on how far the looks in the background have come: in a terminal the first line is only its ends.
plain() {
    sed -E 's#http://127\.0\.0\.1:[0-9]{5}#http://127.0.0.1:PORT_#; s/ +✗ lost.*/ ✗ lost/; s/ +$//' |
        sed -E 's/^(weir http:[^ ]+) .* ([●○✗‖■*] )/\1 … \2/' |
        sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

command_line() { # RECORDINGS WORDS: the words of the command that runs weir top on them
    local recordings=$1 way=() assigned=()
    shift
    case $recordings in
    *:*) way=("${recordings%%:*}") recordings=${recordings#*:} ;;
    esac
    while [[ ${1:-} =~ ^[A-Z_]+= ]]; do
        assigned+=("$1")
        shift
    done
    line=("$with_flink" ${way[@]+"${way[@]}"} "$recordings" env ${assigned[@]+"${assigned[@]}"} "$weir" top "$@")
}

screen() { tmux -L "$socket" capture-pane -p -t s 2>/dev/null | plain || true; }

start() { # WxH WORDS
    local size=$1
    shift
    if [ "$what" = % ]; then
        eval "line=(\"$weir\" $*)"
    else
        eval "command_line $*"
    fi
    printf '%q ' "${line[@]}" >"$work/command"
    # without a shell of the user's in between, and with what is left on the screen for a moment
    tmux -L "$socket" kill-session -t s 2>/dev/null || true
    tmux -L "$socket" new-session -d -s s -x "${size%x*}" -y "${size#*x}" \
        "bash $work/command 2>$work/stderr; echo \"[\$?]\"; cat $work/stderr; sleep 60"
}

settled() { # waits until the screen stands still
    local before='' now i same=0
    for ((i = 0; i < 100; i++)); do
        now=$(screen)
        if [ -n "$now" ] && [ "$now" = "$before" ]; then
            same=$((same + 1))
            [ $same -lt 8 ] || break
        else
            same=0
        fi
        before=$now
        sleep 0.1
    done
    printf '%s\n' "$now"
}

reached() { # waits until the screen is what $1 says; prints what it is
    local now='' i
    for ((i = 0; i < 1200; i++)); do
        now=$(screen)
        [ "$now" = "$1" ] && break
        sleep 0.05
    done
    printf '%s\n' "$now"
}

failed=0
steps=0
# the server stays as long as there is a session
tmux -L "$socket" -f /dev/null new-session -d -s keeper "sleep 3600"
check() { # FILE STEP EXPECTED ACTUAL
    [ "$3" = "$4" ] && return
    failed=$((failed + 1))
    printf 'not as in %s after: %s\n' "$1" "$2"
    diff <(printf '%s\n' "$3") <(printf '%s\n' "$4") || true
}

run_step() { # STEP EXPECTED: sets `shown`
    local what=${1%% *} rest=${1#* } size status=0
    steps=$((steps + 1))
    case $what in
    '$')
        eval "command_line $rest"
        shown=$("${line[@]}" --once 2>&1 | plain; exit "${PIPESTATUS[0]}") || status=$?
        [ "$status" -eq 0 ] || shown+=${shown:+$'\n'}"[$status]"
        return
        ;;
    @ | %) size=${rest%% *} && start "$size" "${rest#* }" ;;
    '<') eval "tmux -L $socket send-keys -t s $rest" ;;
    .) sleep "$rest" ;;
    +) tmux -L "$socket" resize-window -t s -x "${rest%x*}" -y "${rest#*x}" ;;
    esac
    if [ -n "${UPDATE:-}" ]; then shown=$(settled); else shown=$(reached "$2"); fi
}

for file in "$@"; do
    step='' expected='' out=$work/new
    : >"$out"
    finish() {
        [ -n "$step" ] || return 0
        run_step "$step" "$expected"
        if [ -n "${UPDATE:-}" ]; then
            while IFS= read -r l; do printf '>%s\n' "${l:+ $l}"; done <<<"$shown" >>"$out"
        else
            check "$file" "$step" "$expected" "$shown"
        fi
        step='' expected=''
    }
    while IFS= read -r text; do
        case $text in
        '@ '* | '% '* | '< '* | '$ '* | '+ '* | '. '*)
            finish
            step=$text
            printf '%s\n' "$text" >>"$out"
            ;;
        '>'*)
            text=${text#>}
            expected+=${expected:+$'\n'}${text# }
            [ -n "$expected" ] || expected=$'\n'
            ;;
        *)
            finish
            printf '%s\n' "$text" >>"$out"
            ;;
        esac
    done <"$file"
    finish
    [ -z "${UPDATE:-}" ] || cp "$out" "$file"
done
printf '%d screens, %d not as expected\n' "$steps" "$failed"
[ "$failed" -eq 0 ]
