"""Drives weir top in a terminal of tmux, watching a real cluster that runs tests/cluster/jobs.

    console.py WEIR URL PIDFILE      PIDFILE: of the JobManager, which is stopped for a while

Keys go in, and what has to be on the screen is waited for. Says what is wrong, a line each; exit status 1 then.
"""

import os
import shlex
import signal
import subprocess
import sys
import time

WEIR, URL, PIDFILE = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
SOCKET = f"weir-cluster-{os.getpid()}"
steps = 0
faults = 0


def tmux(*words):
    return subprocess.run(["tmux", "-L", SOCKET, "-f", "/dev/null", *words], capture_output=True, text=True, timeout=30).stdout


def screen():
    return tmux("capture-pane", "-p", "-t", "s")


def sees(what, *words, without=(), limit=20):
    """Until the screen has all words, and none of those without."""
    global steps, faults
    steps += 1
    end = time.monotonic() + limit
    while True:
        shown = screen()
        if all(w in shown for w in words) and not any(w in shown for w in without):
            return True
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    faults += 1
    missing = [w for w in words if w not in shown] + ["not: " + w for w in without if w in shown]
    print(f"not so: {what}: {missing}\n{shown}", flush=True)
    return False


def keys(*names):
    tmux("send-keys", "-t", "s", *names)


def begin(width, height, command):
    tmux("kill-session", "-t", "s")
    tmux("new-session", "-d", "-s", "s", "-x", str(width), "-y", str(height),
         "env PS1='ready> ' TERM=screen-256color LC_ALL=C.UTF-8 bash --norc --noprofile -i")
    sees("the shell is there", "ready>")
    keys(command, "Enter")


def restored(what, status):
    """The terminal is as a shell wants it."""
    keys("s=$?; clear; echo status is $s; stty -a | grep -ow -e '-*icanon' -e '-*echo' | xargs", "Enter")
    if sees(f"{what}: its status, echo and line mode", f"status is {status}", "icanon echo", without=("-icanon", "-echo")):
        modes = tmux("display-message", "-p", "-t", "s", "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{pane_dead}")
        global faults
        if modes.split() != ["0", "1", "0", "0", "0"]:
            faults += 1
            print(f"not so: {what}: alternate screen, cursor, mouse, keypad, dead: {modes}", flush=True)


def walk(width, height):
    at = f"{width}x{height}"
    begin(width, height, f"{shlex.quote(WEIR)} top --url {URL}")
    sees(f"{at}: jobs", "healthy: windows", "failed: no restart", "Flink", "running")
    keys("/")
    keys("-l", "backp")
    keys("Enter")
    sees(f"{at}: a filter", "backpressure: one", without=("healthy: windows",))
    keys("Enter")
    sees(f"{at}: the graph", "GroupAggr", "clicks", "HASH", "2 vertices")
    keys("b", "Enter")
    sees(f"{at}: the vertex at the root", "SUBTASK", "GroupAggregate")
    keys("Escape")
    sees(f"{at}: back", "2 vertices")
    keys("2")
    sees(f"{at}: vertices", "VERTEX", "clicks", "GroupAgg", "BUSY")
    keys("3")
    sees(f"{at}: checkpoints", "completed", "every 5.0 s", "TRIGGERED")
    keys("5")
    sees(f"{at}: watermarks", "LAG", "source", "none yet")
    keys("6")
    sees(f"{at}: configuration", "interval", "5.0 s", "exactly_once")
    for key in ("q", "q", "q", "q", "q", "q"):
        keys(key)
        time.sleep(0.2)
        if "JOB " in screen():
            break
    sees(f"{at}: back to the jobs", "JOB ", "STATE")
    keys("/", "C-u")
    keys("-l", "restarts")
    keys("Enter")
    sees(f"{at}: another filter", "restarts: divides", without=("healthy: windows",))
    keys("Enter")
    keys("4")
    sees(f"{at}: exceptions", "/ by zero")
    keys("Enter")
    sees(f"{at}: the stack", "at org.apache.flink")
    keys("8")
    sees(f"{at}: task managers", "tm-1:weir", "tm-2:weir", "HEAP")
    keys("Enter")
    sees(f"{at}: one task manager", "tm-")
    keys("9")
    sees(f"{at}: the JobManager", "OF", "VALUE", "configuration", without=("not-to-be-seen",))
    keys("?")
    sees(f"{at}: help", "KEY", "leave" if height > 30 else "WHAT IT DOES")
    keys("Escape")
    keys(":")
    keys("-l", "jobs")
    keys("Enter")
    sees(f"{at}: the palette", "JOB ", "STATE")
    tmux("resize-window", "-t", "s", "-x", "60", "-y", "15")
    sees(f"{at}: 60x15", "restarts")
    tmux("resize-window", "-t", "s", "-x", str(width), "-y", str(height))
    sees(f"{at}: as large as before", "restarts", "STATE")
    keys("Q")
    sees(f"{at}: the shell again", "ready>", without=("JOB ",))
    restored(f"{at}, after Q", 0)


def wide():
    begin(120, 40, f"{shlex.quote(WEIR)} top --url {URL} -v graph 'wide: joins, unions, six sinks'")
    sees("wide: the graph", "50 vertices")
    for name in ("l", "l", "j", "+", "-", "Enter"):
        keys(name)
    sees("wide: a vertex", "SUBTASK")
    keys("2")
    sees("wide: the table", "VERTEX", "Join")
    keys("C-z")
    sees("wide: stopped by ^Z", "Stopped", "ready>")
    restored("after ^Z", 148)
    keys("fg", "Enter")
    sees("wide: in front again", "VERTEX", "Join")
    keys("C-c")
    sees("wide: ^C", "ready>", without=("VERTEX",))
    restored("after ^C", 130)


def killed():
    for name in ("TERM", "HUP"):
        begin(80, 24, f"{shlex.quote(WEIR)} top --url {URL} & sleep 0.1; fg")
        sees(f"SIG{name}: runs", "healthy: windows")
        pid = tmux("display-message", "-p", "-t", "s", "#{pane_pid}").strip()
        for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
            os.kill(int(child), getattr(signal, f"SIG{name}"))
        sees(f"SIG{name}: the shell again", "ready>", without=("healthy: windows",))
        restored(f"after SIG{name}", 128 + getattr(signal, f"SIG{name}"))


def away():
    """The console outlives a cluster that does not answer, says so, and goes on when it is there again."""
    group = int(open(PIDFILE).read())
    begin(120, 40, f"{shlex.quote(WEIR)} top --url {URL} --timeout 2")
    sees("away: runs", "healthy: windows", without=("lost",))
    os.killpg(group, signal.SIGSTOP)
    try:
        sees("away: lost is said, with what was known", "lost", "healthy: windows")
        keys("8")
        sees("away: keys are heard all the same", "TASK MANAGER")
        keys("0")
    finally:
        os.killpg(group, signal.SIGCONT)
    sees("away: recovered", "healthy: windows", without=("lost",), limit=40)
    keys("Q")
    sees("away: the shell again", "ready>", without=("healthy: windows",))


try:
    tmux("new-session", "-d", "-s", "keeper", "sleep 3600")
    walk(80, 24)
    walk(120, 40)
    wide()
    killed()
    away()
finally:
    tmux("kill-server")
print(f"console: {steps} steps, {faults} not so")
sys.exit(1 if faults else 0)
