"""Judges weir watch by a real cluster: rules that come true and rules that do not, on stdout, by command and by webhook.

    watch.py WEIR URL      the sick jobs run
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from common import URL, WEIR, between, check, finish, of, overview

# many watches at a time, each as long as it takes
WATCHES = [
    # job, options, what has to be told, how it ends
    ("backpressure", ["-r", "backpressure(Source) > 80% for 2s", "--once", "--for", "60s"], ["fires"], 1),
    ("backpressure", ["-r", "backpressure(GroupAggregate) > 50%", "-r", "restarts > 0", "--for", "6s"], [], 0),
    ("checkpoint-timeout", ["-r", "checkpoint.failures >= 3 and checkpoint.completed == 0", "--once", "--for", "60s"], ["fires"], 1),
    ("checkpoint-timeout", ["-r", "checkpoint.age > 10s", "--once", "--for", "60s"], ["fires"], 1),
    ("restarts", ["-r", "restarts > 2", "--once", "--for", "60s"], ["fires"], 1),
    ("restarts", ["-r", "uptime < 1s", "--for", "25s"], ["fires", "ends"], 1),
    ("state", ["-r", "checkpoint.full_size > 102% * min(3)", "--once", "--for", "60s"], ["fires"], 1),
    ("state", ["-r", "rate(checkpoint.completed, 6s) > 0.1", "--once", "--for", "60s"], ["fires"], 1),
    ("healthy", ["-r", "checkpoint.age < 1500ms", "--for", "25s"], ["fires", "ends"], 1),
    ("healthy", ["-r", "restarts > 0", "-r", "checkpoint.failures > 0", "-r", "watermark.lag > 2m", "-r", "backpressure > 50%",
                 "-r", "running == 0", "-r", "checkpoint.age > 2m", "-r", "checkpoint.full_size > 100MB", "--for", "10s"], [], 0),
    ("healthy", ["--until", "increase(checkpoint.completed, 60s) >= 2", "--for", "60s"], ["holds"], 0),
    ("healthy", ["--until", "ended == 1", "--for", "3s"], [], 1),
    ("watermark", ["-r", "watermark.lag > 1m", "--for", "3s"], None, 1),  # no time has come: it cannot be assessed
    ("wide", ["-r", "records.read(Join) > 10", "--once", "--for", "60s"], ["fires"], 1),
    ("greedy", ["-r", "running == 0 for 3s", "--once", "--for", "60s"], ["fires"], 1),
    ("greedy", ["-r", "slots.free < 1", "-r", "taskmanagers == 2", "--for", "3s"], ["fires", "fires"], 1),
    ("finished", ["-r", "restarts > 5"], ["over"], None),
    ("failed", ["--until", "ended == 1"], ["holds"], 0),
]


def start(words, **more):
    return subprocess.Popen([WEIR, "watch", *words, "--url", URL], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, **more)


def judge(job, line, events, expected, status, run, out, errors):
    check(status is None or run.returncode == status, f"{line}: ends with {status}", run.returncode, out, errors)
    told = [e["event"] for e in events]
    if expected is None:
        check(not told and "could never be assessed" in errors, f"{line}: says that it cannot tell", out, errors)
        return
    check(told[: len(expected)] == expected and set(told) == set(expected), f"{line}: tells {expected}", told, errors)
    check(not errors or told == ["over"], f"{line}: nothing else is said", errors)
    for e in events:
        check((e["job"], e["jobName"], e["cluster"]) == (job["jid"], job["name"], URL), f"{line}: of which job", e)
        if e["event"] == "fires" and "value" in e:
            words = e["rule"].split()
            holds = {">": e["value"] > e["limit"], "<": e["value"] < e["limit"], ">=": e["value"] >= e["limit"],
                     "==": e["value"] == e["limit"]}
            check(holds[next(w for w in words if w in holds)], f"{line}: its figures are as the rule says", e)


def rules():
    jobs = overview()
    runs = [(w, start([jobs[w[0]]["jid"], "--every", "1", "--json", *w[1]])) for w in WATCHES]
    for (name, words, expected, status), run in runs:
        out, errors = run.communicate(timeout=180)
        events = [json.loads(line) for line in out.splitlines()]
        judge(jobs[name], f"weir watch {name} {' '.join(words)}", events, expected, status, run, out, errors)


def figures():
    """What is told with an alarm is what Flink says."""
    jobs = overview()
    completed = [of(jobs["healthy"], "/checkpoints")["counts"]["completed"]]
    run = start(["healthy", "--json", "--once", "-r", "checkpoint.completed >= 1"])
    out, errors = run.communicate(timeout=60)
    completed.append(of(jobs["healthy"], "/checkpoints")["counts"]["completed"])
    event = json.loads(out) if out else {}
    check(between(completed[0], event.get("value"), completed[1]), "weir watch: the figure is Flink's", completed, event, errors)
    check(between(time.time() * 1000 - 20000, event.get("timeMs", 0), time.time() * 1000 + 1000), "weir watch: the time", event)


def command():
    """A command has the event in its environment."""
    job = overview()["restarts"]
    with tempfile.TemporaryDirectory() as place:
        told = os.path.join(place, "told")
        program = os.path.join(place, "tell")
        with open(program, "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nenv | grep ^WEIR_ >{told}; echo "$@" >>{told}\n')
        os.chmod(program, 0o755)
        run = start(["restarts", "--once", "-r", "restarts > 2", "--exec", f"{program} page 'oncall'", "--for", "60s"])
        out, errors = run.communicate(timeout=120)
        check(run.returncode == 1 and "fires" in out, "weir watch --exec: fires", run.returncode, out, errors)
        lines = open(told, encoding="utf-8").read().splitlines() if os.path.exists(told) else []
        env = dict(line.split("=", 1) for line in lines if line.startswith("WEIR_"))
        for name, value in (("EVENT", "fires"), ("RULE", "restarts > 2"), ("JOB", job["jid"]), ("JOB_NAME", job["name"]), ("URL", URL), ("LIMIT", "2")):
            check(env.get(f"WEIR_{name}") == value, f"weir watch --exec: WEIR_{name}", lines)
        check(float(env.get("WEIR_VALUE", 0)) > 2 and lines[-1:] == ["page 'oncall'"], "weir watch --exec: value and arguments", lines)


def webhook():
    """Posted as JSON, the address from a file."""
    got = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.headers["Content-Type"], json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.NamedTemporaryFile("w", suffix=".url") as address:
        address.write(f"http://127.0.0.1:{server.server_address[1]}/hook?token=1\n")
        address.flush()
        run = start(["healthy", "-r", "checkpoint.age < 1500ms", "--every", "1", "--for", "20s", "--json", "--webhook", f"@{address.name}"],
                    env={**os.environ, "no_proxy": "127.0.0.1"})
        out, errors = run.communicate(timeout=120)
    server.shutdown()
    printed = [json.loads(line) for line in out.splitlines()]
    check([body for _, _, body in got] == printed and len(got) >= 2, "weir watch --webhook: each event, as printed", got, printed, errors)
    check(all(path == "/hook?token=1" and "json" in kind for path, kind, _ in got), "weir watch --webhook: address and type", got)


def away():
    run = subprocess.run([WEIR, "watch", "healthy", "-r", "running == 0", "--url", "http://127.0.0.1:1"], capture_output=True, text=True, timeout=60)
    check(run.returncode == 4 and run.stderr, "weir watch: 4 when the cluster is away", run.returncode, run.stderr)


PARTS = {"rules": rules, "figures": figures, "command": command, "webhook": webhook, "away": away}
finish(PARTS, sys.argv[3:] or PARTS)
