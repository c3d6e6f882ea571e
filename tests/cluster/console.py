"""Drives weir top in a terminal of tmux, watching a real cluster that runs tests/cluster/jobs.

    console.py WEIR URL PART...      walk, wide, killed, away, replay: the sick jobs run
                                     acts, rescale, restart: healthy, state and watermark run, and end
    CLUSTER names the cluster, as for cluster.sh

Keys go in, and what has to be on the screen is waited for. Says what is wrong, a line each; exit status 1 then.
"""

import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from common import URL, WEIR, check, finish, of, overview, rest, wait, weir_json
from terminal import Terminal, begin, keys, leave, screen, sees, tmux, top, types

HERE = os.path.dirname(os.path.abspath(__file__))
RUN = os.path.abspath(os.path.join(HERE, "../../build/cluster", os.environ.get("CLUSTER", "run")))


def restored(what, status):
    """The terminal is as a shell wants it."""
    keys("s=$?; clear; echo status is $s; stty -a | grep -ow -e '-*icanon' -e '-*echo' | xargs", "Enter")
    if sees(f"{what}: its status, echo and line mode", f"status is {status}", "icanon echo", without=("-icanon", "-echo")):
        modes = tmux("display-message", "-p", "-t", "s", "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{pane_dead}")
        check(modes.split() == ["0", "1", "0", "0", "0"], f"{what}: alternate screen, cursor, mouse, keypad, dead", modes)


def walk(width, height):
    at = f"{width}x{height}"
    begin(width, height, top())
    sees(f"{at}: jobs", "healthy: windows", "failed: no restart", "Flink", "running")
    keys("/")
    types("backp")
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
    sees(f"{at}: watermarks", "LAG", "Source: ", "none yet")
    keys("6")
    sees(f"{at}: configuration", "interval", "5.0 s", "exactly_once")
    for key in ("q", "q", "q", "q", "q", "q"):
        keys(key)
        end = time.monotonic() + 1.5
        while "JOB " not in screen() and time.monotonic() < end:
            time.sleep(0.1)
        if "JOB " in screen():
            break
    sees(f"{at}: back to the jobs", "JOB ", "STATE")
    keys("/", "C-u")
    types("restarts")
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
    sees(f"{at}: help", "KEY", "WHAT IT DOES")
    keys("Escape")
    keys(":")
    types("jobs")
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
    begin(120, 40, top("-v", "graph", "wide: joins, unions, six sinks"))
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
        begin(80, 24, top() + " & sleep 0.1; fg")
        sees(f"SIG{name}: runs", "healthy: windows")
        pid = tmux("display-message", "-p", "-t", "s", "#{pane_pid}").strip()
        for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
            os.kill(int(child), getattr(signal, f"SIG{name}"))
        sees(f"SIG{name}: the shell again", "ready>", without=("healthy: windows",))
        restored(f"after SIG{name}", 128 + getattr(signal, f"SIG{name}"))


def away():
    """The console outlives a cluster that does not answer, says so, and goes on when it is there again."""
    group = int(open(f"{RUN}/pids/jobmanager", encoding="utf-8").read())
    begin(120, 40, top("--timeout", "2"))
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


# --- what changes the cluster, by keys ---


def choose(name):
    """The cursor on the only job of that name that is shown, among the jobs."""
    keys("/", "C-u")
    types(name)
    keys("Enter")
    sees(f"choose {name}: it alone is shown", name + ":", "JOB ")


def path_of(text):
    return text.removeprefix("file:").replace("//", "/")


def whole(what, path):
    """Is the savepoint there, and does weir read it?"""
    run = subprocess.run([WEIR, "inspect", path], capture_output=True, text=True, timeout=120)
    check(os.path.exists(os.path.join(path, "_metadata")) and run.returncode == 0, f"{what}: a savepoint that weir reads", path, run.stderr)


def newest_savepoint(job):
    return next((c for c in of(job, "/checkpoints")["history"] if c["is_savepoint"] and c["status"] == "COMPLETED"), None)


def act(key, name, what, typed=None, *after):
    """Asks for it, is asked back with the job's name, says yes; what has been typed first goes in place of what is proposed."""
    choose(name)
    keys(key)
    if typed is not None:
        sees(f"{what}: asks where to or how", ": ")
        keys("C-u")
        types(typed)
        keys("Enter")
    sees(f"{what}: is confirmed by its target", f"{name}:", "y yes", URL)
    for more in after:
        keys(more)
    keys("y")
    return sees(f"{what}: is told to its end", f"{what} of {name}", "done", limit=60)


def rescale():
    """Of a cluster with the adaptive scheduler."""
    with Terminal():
        job = overview()["healthy"]

        def parallelism():
            return [v["parallelism"] for v in of(job)["vertices"]]

        begin(120, 30, top("--no-history"))
        sees("rescale: jobs", "healthy: windows")
        act("R", "healthy", "rescale", "2")
        wait("rescale by keys: all vertices have 2", lambda: parallelism() == [2, 2], 40)
        leave("rescale")


def acts():
    release = tuple(int(n) for n in rest("/config")["flink-version"].split(".")[:2])
    jobs = overview()
    with Terminal(), tempfile.TemporaryDirectory(dir=RUN) as place:
        begin(120, 30, top("--no-history"))
        sees("acts: jobs", "healthy: windows", "state: grows", "watermark: one")
        if release >= (1, 17):
            before = of(jobs["healthy"], "/checkpoints")["counts"]["completed"]
            act("K", "healthy", "checkpoint")
            wait("checkpoint by keys: one more has completed", lambda: of(jobs["healthy"], "/checkpoints")["counts"]["completed"] > before, 5)
        act("V", "healthy", "savepoint", f"file://{place}/a")
        wait("savepoint by keys: Flink knows it", lambda: newest_savepoint(jobs["healthy"]), 10)
        first = newest_savepoint(jobs["healthy"])
        path = path_of(first["external_path"])
        check(path.startswith(f"{place}/a/"), "savepoint by keys: where it was told to go", path)
        whole("savepoint by keys", path)
        act("V", "state", "savepoint", f"file://{place}/b", "f")
        made = glob.glob(f"{place}/b/savepoint-*")
        check(len(made) == 1, "savepoint by keys, native: is there", made)
        for path_b in made:
            said = subprocess.run([WEIR, "inspect", path_b], capture_output=True, text=True, timeout=120).stdout
            # metadata says it from version 4 on
            check("NATIVE" in said or "judged by its handles" in said, "savepoint by keys, native: is native", said[:300])
        # the path is proposed: it is the job's latest
        choose("healthy")
        keys("Enter")
        sees("dispose: the graph", "healthy: windows", "graph")
        keys("3")
        sees("dispose: checkpoints", "savepoint", "COMPLETED")
        keys("P")
        sees("dispose: the path is proposed", os.path.basename(path))
        keys("Enter")
        sees("dispose: is confirmed by the path, which may take lines", "To delete the savepoint", path[-4:], "y yes")
        keys("y")
        sees("dispose: done", "dispose of", "done", limit=30)
        check(not os.path.exists(path), "dispose by keys: it is gone", path)
        keys("0")
        sees("acts: the jobs again", "JOB ", "STATE")
        # thought over
        choose("watermark")
        keys("X")
        sees("cancel: is confirmed", "watermark:", "y yes")
        keys("n")
        sees("cancel: nothing was done", "nothing was done")
        check(of(jobs["watermark"])["state"] == "RUNNING", "cancel by keys: not without yes")
        act("X", "watermark", "cancel")
        wait("cancel by keys: CANCELED", lambda: of(jobs["watermark"])["state"] == "CANCELED", 10)
        act("T", "healthy", "stop", f"file://{place}/c")
        wait("stop by keys: FINISHED", lambda: of(jobs["healthy"])["state"] == "FINISHED", 10)
        act("D", "state", "drain", f"file://{place}/d")
        wait("drain by keys: FINISHED", lambda: of(jobs["state"])["state"] == "FINISHED", 10)
        for what, made in (("stop", glob.glob(f"{place}/c/savepoint-*")), ("drain", glob.glob(f"{place}/d/savepoint-*"))):
            check(len(made) == 1, f"{what} by keys: a savepoint", made)
            for path in made:
                whole(f"{what} by keys", path)
        keys("7")
        sees("operations: all of them", "savepoint", "dispose", "cancel", "stop", "drain", "done", "file:")
        leave("acts")
        begin(120, 30, top("--no-history", "--read-only"))
        sees("read-only: jobs", "JOB ", "healthy: windows")
        keys("X")
        sees("read-only: says so", "read-only")
        leave("read-only")


# --- a JobManager that dies ---

JOB = "0123456789abcdef0123456789abcdef"


def cluster(*words):
    run = subprocess.run([f"{HERE}/cluster.sh", *words], capture_output=True, text=True, timeout=300)
    check(run.returncode == 0, f"cluster.sh {' '.join(words)}", run.stderr)


def submit(restore=None):
    """healthy, always with the same id, as a job has that a high-availability store brings back."""
    lines = [f"SET $internal.pipeline.job-id = {JOB};", "SET execution.checkpointing.externalized-checkpoint-retention = RETAIN_ON_CANCELLATION;"]
    for option in ("execution.savepoint.path", "execution.state-recovery.path"):
        lines += [f"SET {option} = {restore};"] if restore else []
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as f:
        f.write("\n".join(lines) + "\n" + open(f"{HERE}/jobs/healthy.sql", encoding="utf-8").read())
        f.flush()
        cluster("sql", f.name)


def checkpoints():
    return [c["id"] for c in rest(f"/jobs/{JOB}/checkpoints")["history"] if c["status"] == "COMPLETED"]


def shown_ids():
    return [int(m) for m in re.findall(r"^ *(\d+) COMPLETED", screen(), re.M)]


def restart():
    """The console goes on through it: what was known stays, with its age; then it is there again, and its history is one."""
    wait("restart: there are slots", lambda: rest("/overview")["slots-available"] >= 2, 30)
    submit()
    wait("restart: checkpoints", lambda: len(checkpoints()) >= 4)
    with Terminal(), tempfile.TemporaryDirectory() as state:
        begin(120, 50, top("-v", "checkpoints", "--timeout", "2", JOB), XDG_STATE_HOME=state)
        sees("restart: checkpoints are shown", "healthy: windows", "COMPLETED", "live")
        wait("restart: those that Flink knows", lambda: set(checkpoints()[1:]) <= set(shown_ids()), 20)
        cluster("kill", "jobmanager")
        before = shown_ids()
        check(len(before) >= 4, "restart: checkpoints on the screen", before)
        sees("restart: lost is said, with what was known", "lost", "healthy: windows", "COMPLETED")
        check(set(before) <= set(shown_ids()), "restart: what was known stays", before, shown_ids())
        keys("2")
        sees("restart: keys are heard all the same", "VERTEX")
        keys("3")
        cluster("start", "jobmanager")
        sees("restart: the connection is there again", without=("lost",), limit=60)
        wait("restart: task managers are there again", lambda: rest("/overview")["taskmanagers"] >= 1, 60)
        last = max(before)
        submit(max(glob.glob(f"{RUN}/checkpoints/{JOB}/chk-*"), key=lambda p: int(p.rpartition("-")[2])))
        wait("restart: new checkpoints", lambda: min(checkpoints()) > last and len(checkpoints()) >= 2)
        now = checkpoints()
        wait("restart: the console shows old and new ones", lambda: set(before) | set(now) <= set(shown_ids()), 30)
        check(set(before) | set(now) <= set(shown_ids()), "restart: old and new checkpoints", before, now, shown_ids())
        check(not set(before) & set(checkpoints()), "restart: Flink itself knows none of the old ones", before, checkpoints())
        leave("restart")
        os.environ["XDG_STATE_HOME"] = state
        said = weir_json("checkpoints", JOB, "--history")
        history = [c["id"] for c in said["history"] + said["older"] if c["status"] == "COMPLETED"]
        check(set(before) | set(now) <= set(history), "restart: weir checkpoints --history has all of them", before, now, history)


# --- recordings ---


def without_ages(said):
    """What depends on when it is looked at."""
    if isinstance(said, dict):
        return {k: without_ages(v) for k, v in said.items() if k not in ("atMs", "cluster", "recording", "heartbeatAgeMs")}
    return [without_ages(v) for v in said] if isinstance(said, list) else said


def looks():
    """A view of each kind, with what it is of."""
    jobs = overview()
    for name in ("backpressure", "restarts", "state", "checkpoint-timeout"):
        job = jobs[name]
        vertex = of(job)["vertices"][-1]["id"]
        for view in ("graph", "vertices", "checkpoints", "exceptions", "watermarks", "config"):
            yield [job["jid"], "--view", view]
        yield [job["jid"], "--view", "vertex", "--vertex", vertex]
        done = [c["id"] for c in of(job, "/checkpoints")["history"] if c["status"] == "COMPLETED"]
        if done:
            yield [job["jid"], "--view", "checkpoint", "--item", str(done[0])]
            yield [job["jid"], "--view", "barriers", "--item", str(done[0]), "--vertex", vertex]
    yield ["--view", "jobs"]
    yield ["--view", "taskmanagers"]
    yield ["--view", "taskmanager", "--item", "tm-1:weir"]
    yield ["--view", "jobmanager"]


def once(*words):
    run = subprocess.run([WEIR, "top", "--once", *words], capture_output=True, text=True, timeout=60)
    check(run.returncode == 0 and not run.stderr, f"weir top {' '.join(words)}", run.returncode, run.stderr)
    return run.stdout


def replay():
    """What was recorded is shown again: the same figures in every view, and in the console the same rows."""
    with tempfile.TemporaryDirectory() as place:
        for i, words in enumerate(looks()):
            line, file = f"replay of {' '.join(words[1:])}", f"{place}/{i}"
            live = once(*words, "--json", "--no-history", "--url", URL, "--record", file)
            again = once(*words, "--json", "--replay", file)
            check(without_ages(json.loads(live)) == without_ages(json.loads(again)), f"{line}: the same figures", live, again)
        file = f"{place}/walk"
        with Terminal():
            begin(120, 40, top("--record", file, "--no-history"))
            sees("record: jobs", "healthy: windows", "live")
            seen = {}
            for job, view, sign in (("backpressure", "3", "TRIGGERED"), ("restarts", "4", "ROOT CAUSE"), ("state", "3", "TRIGGERED")):
                keys("0")
                sees(f"record: jobs before {job}", "JOB ", "STATE")
                choose(job)
                keys("Enter")
                sees(f"record: graph of {job}", f"{job}:", "graph")
                keys(view)
                sees(f"record: {job}", sign, "IN_PROGRESS" if job == "backpressure" else "COMPLETED" if view == "3" else "/ by zero")
                keys("p")
                time.sleep(0.5)
                seen[job, view] = time.time(), rows(screen(), sign)
                keys("p")
            leave("record")
            begin(120, 40, top("--replay", file))
            sees("replay: jobs", "replay", "healthy: windows")
            keys("p")
            for (job, view), (at, before) in seen.items():
                keys("0", ":")
                types("seek " + time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at + 1)))
                keys("Enter")
                choose(job)
                keys("Enter")
                sees(f"replay: graph of {job}", f"{job}:", "graph", "replay")
                keys(view)
                wait(f"replay: the rows of {job} as they were", lambda: known_at_once(rows(screen(), before[0].split()[0])) == known_at_once(before), 20) or print(before, screen())
            leave("replay")


def known_at_once(lines):
    """Rows of a table without what a second question has to tell: of checkpoints what stands behind the time that they took."""
    if not lines or "TRIGGERED" not in lines[0]:
        return lines
    return [re.split(r"!| \S+ m?s | -  |\d+m\d\ds", line, maxsplit=1)[0].split() for line in lines[1:]]


def rows(shown, sign):
    """From the titles to the end."""
    lines = shown.splitlines()
    start = next((i for i, line in enumerate(lines) if sign in line), len(lines))
    return [line.rstrip() for line in lines[start:-1] if line.strip()]


def in_terminal(part):
    def run():
        with Terminal():
            part()

    return run


PARTS = {"walk": in_terminal(lambda: (walk(80, 24), walk(120, 40))), "wide": in_terminal(wide), "killed": in_terminal(killed),
         "away": in_terminal(away), "replay": replay, "acts": acts, "rescale": rescale, "restart": restart}
finish(PARTS, sys.argv[3:])
