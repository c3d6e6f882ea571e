#!/usr/bin/env bash
# Runs commands beside `weir run`, which answers on a port of its own: what they find there.
#
#   beside.sh RECORDS COMMANDS -- ARGUMENTS of weir run       standard input: the job's, which stays open until the commands have ended
#
# COMMANDS are bash, run when all subtasks together have taken in and given out RECORDS records, with WEIR_URL and JOB_PID set; `seen N` there waits for
# more of them. What the job prints goes to $TMP/job.out and $TMP/job.err. Its exit status is told in the last line when it is not 0.
set -euo pipefail

records=$1 commands=$2
shift 3
pipe=$(mktemp -u)
mkfifo "$pipe"
env --default-signal=INT weir run --rest 0 "$@" <"$pipe" >"$TMP/job.out" 2>"$TMP/job.err" &
export JOB_PID=$!
exec 3>"$pipe"
rm "$pipe"
cat >&3

now() { curl -sf "$WEIR_URL/metrics" | awk '/^flink_taskmanager_job_task_numRecords(In|Out)\{/ { n += $NF } END { print n + 0 }'; }
seen() { # RECORDS
    for _ in $(seq 600); do
        WEIR_URL=$(sed -n 's/^weir: answers at //p' "$TMP/job.err")
        export WEIR_URL
        if [ -n "$WEIR_URL" ] && [ "$(now)" -ge "$1" ]; then
            break
        fi
        kill -0 "$JOB_PID" 2>/dev/null || break
        sleep 0.05
    done
}
export -f now seen
seen "$records"
exec 4>&2 2>/dev/null # bash would tell how the job has been killed
bash -c "$commands" 2>&4 || echo "the commands: exit status $?"
exec 3>&-
for _ in $(seq 600); do
    kill -0 "$JOB_PID" 2>/dev/null || break
    sleep 0.1
done
kill -9 "$JOB_PID" 2>/dev/null || true # nothing has ended it
wait "$JOB_PID" || echo "weir run: exit status $?"
