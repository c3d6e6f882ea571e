"""What `weir top` costs, watching a made cluster whose answers this program gives, in a terminal of its own:

    top.py WEIR [SECONDS]      60 for each of the long measurements

A table of CPU and resident memory with a job of 50 vertices, bytes written to the terminal with figures that move and with figures
that stand still, requests per refresh, the time from the first answers to the first paint, and the time from a key to its paint with
1,000 jobs of 100 vertices; each beside its goal. Ends with 1 when a goal is missed that does not depend on the machine: bytes,
memory, and requests. Times and CPU are the machine's too, and that of what else runs there, so a goal of theirs that is missed is only said. Flink's
own default says how often answers are renewed (every 3 s).
"""

import fcntl
import http.server
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import termios
import time
import urllib.parse
import urllib.request

WEIR = sys.argv[1]
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
STATES = "created scheduled deploying reconciling initializing running finished canceling canceled failed".split()


class Cluster:
    """Jobs that all have the same layered graph. `moves`: figures grow with time."""

    def __init__(self, jobs, vertices, moves):
        self.moves = moves
        self.began = int(time.time() * 1000) - 3600000
        self.jobs = {f"{i + 1:032x}": f"orders pipeline {i + 1}" for i in range(jobs)}
        self.vertices = {f"{i + 0xA000:032x}": f"{('Source: readings' if i < 5 else 'Aggregate')}[{i}] -> Calc[{i}]" for i in range(vertices)}

    def turns(self):
        """How often the figures have been renewed: every 3 s, as Flink's cache is."""
        return int(time.time() * 1000 - self.began) // 3000 if self.moves else 1200

    def now(self):
        return int(time.time() * 1000) if self.moves else self.began + 3600000

    def busy(self, i, turns):
        """The shares of all turns so far, added up: another one each turn where figures move, each hundred turns the same again."""
        if not self.moves:
            return turns * (i * 37 % 100) / 100
        return turns // 100 * 49.5 + sum((i * 37 + t * 13) % 100 for t in range(turns % 100)) / 100

    def row(self, job, tasks):
        return {"jid": job, "name": self.jobs[job], "start-time": self.began, "end-time": -1, "duration": self.now() - self.began,
                "state": "RUNNING", "last-modification": self.began, "tasks": {**tasks, "total": len(self.vertices)}}

    def job(self, job):
        turns, all_running = self.turns(), {s.upper(): 0 for s in STATES}
        vertices, nodes, ids = [], [], list(self.vertices)
        for i, (vertex, name) in enumerate(self.vertices.items()):
            ms, busy = turns * 3000 * 2, self.busy(i, turns) * 3000 * 2 * 0.8
            vertices.append({
                "id": vertex, "name": name, "maxParallelism": 128, "parallelism": 2, "status": "RUNNING", "start-time": self.began,
                "end-time": -1, "duration": turns * 3000, "tasks": {**all_running, "RUNNING": 2},
                "metrics": {
                    "read-bytes": turns * (9000 + i * 100), "read-bytes-complete": True, "write-bytes": turns * (8000 + i * 77),
                    "write-bytes-complete": True, "read-records": turns * (300 + i) + turns * turns % 97,
                    "read-records-complete": True, "write-records": turns * (200 + i) + turns * turns % 89,
                    "write-records-complete": True, "accumulated-backpressured-time": int(ms * 0.1),
                    "accumulated-idle-time": int(ms * 0.9 - busy), "accumulated-busy-time": float(int(busy))}})
            inputs = [{"id": ids[k], "num": n, "ship_strategy": "HASH", "exchange": "pipelined_bounded"}
                      for n, k in enumerate(sorted({i - 5, i - 5 - i % 3} - set(range(-10, 0))))]
            node = {"id": vertex, "operator": "", "parallelism": 2, "operator_strategy": "", "description": f"[{i}]:Calc(select=[a, b])<br/>",
                    "optimizer_properties": {}}
            nodes.append({**node, "inputs": inputs} if inputs and i >= 5 else node)
        return {"jid": job, "name": self.jobs[job], "isStoppable": False, "state": "RUNNING", "job-type": "STREAMING",
                "start-time": self.began, "end-time": -1, "duration": self.now() - self.began, "maxParallelism": -1, "now": self.now(),
                "timestamps": {"RUNNING": self.began, "CREATED": self.began}, "vertices": vertices,
                "status-counts": {**all_running, "RUNNING": len(vertices)},
                "plan": {"jid": job, "name": self.jobs[job], "type": "STREAMING", "nodes": nodes[::-1]}}

    def checkpoints(self):
        last = self.turns() // 3
        history = [{"className": "completed", "id": i, "status": "COMPLETED", "is_savepoint": False, "trigger_timestamp": self.began + i * 9000,
                    "latest_ack_timestamp": self.began + i * 9000 + 150, "state_size": 1000000 + i * 1000, "checkpointed_size": 50000 + i,
                    "end_to_end_duration": 150 + i % 50, "alignment_buffered": 0, "processed_data": 0, "persisted_data": 0,
                    "num_subtasks": 100, "num_acknowledged_subtasks": 100, "checkpoint_type": "CHECKPOINT", "tasks": {},
                    "external_path": "file:/c", "discarded": False} for i in range(last, last - 10, -1)]
        return {"counts": {"restored": 0, "total": last, "in_progress": 0, "completed": last, "failed": 0}, "summary": {},
                "latest": {"completed": history[0], "savepoint": None, "failed": None, "restored": None}, "history": history}

    def measures(self, query):
        names = urllib.parse.parse_qs(query).get("get", [""])[0].split(",")
        value = self.turns() % 1000
        return [{"id": name, "min": value / 2, "max": value, "avg": value * 0.75, "sum": value * 1.5} for name in names if name]

    def answer(self, target):
        path, _, query = target.partition("?")
        everything = {
            "/config": {"refresh-interval": 3000, "timezone-name": "UTC", "timezone-offset": 0, "flink-version": "2.3.0",
                        "flink-revision": "made", "features": {"web-submit": True, "web-cancel": True}},
            "/overview": {"taskmanagers": 1, "slots-total": 4, "slots-available": 2, "jobs-running": len(self.jobs), "jobs-finished": 0,
                          "jobs-cancelled": 0, "jobs-failed": 0, "flink-version": "2.3.0", "flink-commit": "made"},
            "/taskmanagers": {"taskmanagers": []},
        }
        if path in everything:
            return everything[path]
        if path == "/jobs/overview":
            tasks = {**{s: 0 for s in STATES}, "running": len(self.vertices)}
            return {"jobs": [self.row(job, tasks) for job in self.jobs]}
        found = re.fullmatch(r"/jobs/([0-9a-f]{32})(/.*)?", path)
        if not found or found[1] not in self.jobs:
            return None
        rest = found[2] or ""
        if not rest:
            return self.job(found[1])
        if rest == "/checkpoints":
            return self.checkpoints()
        if rest.startswith("/exceptions"):
            return {"exceptionHistory": {"entries": [], "truncated": False}}
        if rest.endswith("/metrics"):
            return self.measures(query)
        if rest.endswith("/watermarks"):
            return [{"id": f"{i}.currentInputWatermark", "value": str(self.now() - 1500)} for i in range(2)]
        if rest.endswith("/backpressure"):
            return {"status": "ok", "backpressureLevel": "ok", "end-timestamp": self.now(),
                    "subtasks": [{"subtask": i, "attempt-number": 0, "backpressureLevel": "ok", "ratio": 0.1, "idleRatio": 0.5, "busyRatio": 0.4}
                                 for i in range(2)]}
        return None


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass  # the console leaves when it likes


def serve(cluster):
    """In a process of its own, so that it takes no time from who measures. Returns its URL and its number. /made tells what it was
    asked for: the time and path of each request, when each answer was on its way, and what it does not have."""
    asked, answered, unknown, made = [], [], set(), {}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            if self.path == "/made":
                return self.give(json.dumps({"asked": asked, "answered": answered, "unknown": sorted(unknown)}).encode())
            asked.append((time.monotonic(), self.path))
            key = (self.path, cluster.turns())
            if key not in made:
                told = cluster.answer(self.path)
                made[key] = None if told is None else json.dumps(told, separators=(",", ":")).encode()
            if made[key] is None:
                unknown.add(re.sub(r"[0-9a-f]{32}", "X", self.path))
                return self.give(b'{"errors":["not found"]}', 404)
            answered.append(time.monotonic())
            return self.give(made[key])

        def give(self, body, status=200):
            head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        server.serve_forever()
    server.socket.close()
    return f"http://127.0.0.1:{server.server_address[1]}", pid


class Console:
    """weir top in a pseudo-terminal."""

    def __init__(self, cluster, *words, size=(50, 200)):
        self.url, self.server = serve(cluster)
        self.began = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", no_proxy="127.0.0.1")
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            os.execv(WEIR, [WEIR, "top", "--url", self.url, *words])

    def read(self, seconds, until=None):
        """What comes within that time, or until it has that text: bytes, and when the last of them came."""
        end, got, at = time.monotonic() + seconds, b"", None
        while (left := end - time.monotonic()) > 0 and select.select([self.fd], [], [], left)[0]:
            try:
                more = os.read(self.fd, 1 << 16)
            except OSError:
                break
            at = time.monotonic()
            got += more
            if until and until in got:
                break
        return got, at

    def burst(self, seconds):
        """As read, but ends when nothing more has come for 5 ms."""
        got, at = b"", None
        while select.select([self.fd], [], [], 0.005 if got else seconds)[0]:
            got += os.read(self.fd, 1 << 16)
            at = time.monotonic()
        return got, at

    def made(self):
        with urllib.request.urlopen(self.url + "/made") as answer:
            return json.load(answer)

    def cpu(self):
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        """MB: all that is mapped and there; its share of it, as libraries are mapped by others too; what nobody shares."""
        with open(f"/proc/{self.pid}/smaps_rollup") as f:
            kb = {line.split(":")[0]: int(line.split()[1]) for line in f if line.endswith("kB\n")}
        return kb["Rss"] / 1024, kb["Pss"] / 1024, (kb["Private_Clean"] + kb["Private_Dirty"]) / 1024

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        self.read(0.5)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        os.kill(self.server, signal.SIGTERM)
        os.waitpid(self.server, 0)
        if status != signal.SIGTERM:
            sys.exit(f"weir top ended with {status}")


failed = False


def row(what, value, unit, goal=None):
    global failed
    met = goal is None or value < goal
    failed |= not met and unit in ("MB", "B/s", "req/s")
    print(f"  {what:<58} {value:>9.3g} {unit:<8} {'' if goal is None else f'goal < {goal:g}':<14} {'' if met else 'MISSED'}", flush=True)


def watch(what, moves, goal_bytes):
    """The graph of one job with 50 vertices."""
    cluster = Cluster(1, 50, moves)
    console = Console(cluster, "--view", "graph", cluster.jobs["%032x" % 1])
    console.read(8)  # what stands on the screen first is not what it costs
    cpu, began = console.cpu(), time.monotonic()
    got, _ = console.read(SECONDS)
    took = time.monotonic() - began
    made = console.made()
    asked = [path for at, path in made["asked"] if began < at < began + took]
    row(f"{what}: CPU", 100 * (console.cpu() - cpu) / took, "% a core", 0.5)
    resident, share, own = console.resident()
    row(f"{what}: resident", resident, "MB", 10)
    row(f"{what}: its share of that (libraries are others' too)", share, "MB")
    row(f"{what}: of that its own", own, "MB")
    row(f"{what}: written to the terminal", len(got) / took, "B/s", goal_bytes)
    graphs = sum(re.fullmatch(r"/jobs/[0-9a-f]+", path) is not None for path in asked)
    row(f"{what}: requests per refresh of the graph", len(asked) / max(graphs, 1), "")
    row(f"{what}: requests per second", len(asked) / took, "req/s", 4)  # as weir-top(1) says
    console.close()
    if made["unknown"]:
        print("    asked for, and not there:", *made["unknown"])


def first_paint(what, cluster, words, sign):
    after, whole = [], []
    for _ in range(10):
        console = Console(cluster, *words)
        got, at = console.read(20, sign)
        if sign not in got:
            sys.exit(f"{what}: nothing has been painted within 20 s: {got[-300:]!r}")
        after.append((at - max(t for t in console.made()["answered"] if t < at)) * 1000)
        whole.append((at - console.began) * 1000)
        console.close()
    row(f"{what}: from the answer to the first paint", statistics.median(after), "ms", 30)
    row(f"{what}: from the start, with all answers", statistics.median(whole), "ms")


def keys(what, cluster, words, sign, pressed):
    """From a key to the last byte of what it changes."""
    console = Console(cluster, *words)
    console.read(20, sign)
    console.read(3)
    times = []
    for key in pressed * 10:
        console.burst(0.05)
        sent = time.monotonic()
        os.write(console.fd, key)
        got, at = console.burst(0.5)
        if got:
            times.append((at - sent) * 1000)
    row(f"{what}: a key to its paint, median of {len(times)}", statistics.median(times), "ms", 50)
    row(f"{what}: a key to its paint, nine of ten", sorted(times)[len(times) * 9 // 10], "ms")
    row(f"{what}: resident", console.resident()[0], "MB")
    console.close()


def main():
    print(f"weir top at 200x50; load average {os.getloadavg()[0]:.1f}")
    first_paint("jobs", Cluster(20, 50, True), (), b"orders pipeline")
    first_paint("graph of 50 vertices", Cluster(1, 50, True), ("--view", "graph", "%032x" % 1), b"readings")
    keys("1,000 jobs x 100 vertices", Cluster(1000, 100, True), (), b"orders pipeline", [b"j", b"G", b"k", b"g", b"s", b"S", b"\x06", b"\x02"])
    keys("graph of 100 vertices", Cluster(1000, 100, True), ("--view", "graph", "%032x" % 1), b"readings", [b"l", b"l", b"j", b"+", b"-", b"h"])
    watch("live", True, 2000)
    watch("idle", False, 100)
    sys.exit(1 if failed else 0)


main()
