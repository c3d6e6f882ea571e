"""Our own reading of Flink's answers: what each figure of the console has to be."""

import math
import re
import time
import urllib.parse

from common import rest

NONE = -(2**63)  # a watermark that has not come

def number(v):
    """Flink's -1, "NaN" and nothing at all: not known."""
    if v is None or v == "NaN" or (isinstance(v, float) and math.isnan(v)) or v == -1:
        return None
    return v


def mean(values):
    values = [number(v) for v in values]
    return None if not values or None in values else sum(values) / len(values)


def settled(path):
    """An answer that Flink needs some seconds for."""
    for _ in range(40):
        told = rest(path)
        if told and not (isinstance(told, dict) and told.get("status") == "deprecated"):
            return told
        time.sleep(0.25)
    return told


class Job:
    def __init__(self, row):
        self.row, self.id, self.name = row, row["jid"], row["name"].split(":")[0]
        self.detail = rest(f"/jobs/{self.id}")
        self.alive = self.detail["state"] not in ("FAILED", "FINISHED", "CANCELED")
        self.vertices = {v["id"]: v for v in self.detail["vertices"]}
        self.inputs = {node["id"]: [i["id"] for i in node.get("inputs", [])] for node in self.detail["plan"]["nodes"]}
        self.feeds = {i for inputs in self.inputs.values() for i in inputs}
        # of the same moment, as far as can be
        for vertex in self.vertices:
            rest(f"/jobs/{self.id}/vertices/{vertex}/watermarks")
        # details go as new checkpoints come; the door keeps those of the vertices that are looked at later
        self.details = [self.of(f"/checkpoints/details/{c['id']}") for c in self.some_checkpoints()]
        for c in self.details:
            for vertex in self.some_vertices(c):
                self.of(f"/checkpoints/details/{c['id']}/subtasks/{vertex}")
        self.edges = sorted((i["id"], node["id"], i["ship_strategy"]) for node in self.detail["plan"]["nodes"] for i in node.get("inputs", []))

    def of(self, path):
        return settled(f"/jobs/{self.id}{path}")

    def vertex(self, vertex, path=""):
        return self.of(f"/vertices/{vertex}{path}")

    def pressure(self, vertex):
        """By subtask, [] where Flink has not looked."""
        # some releases go on with what they knew of a job that has ended: it has no load
        told = self.vertex(vertex, "/backpressure") if self.alive else {}
        return sorted(told.get("subtasks") or [], key=lambda s: s["subtask"]) if told.get("status") == "ok" else []

    def shares(self, vertex):
        """busy, backpressured, idle: what Flink has sampled, else since the start."""
        subtasks = self.pressure(vertex)
        if subtasks:
            return [mean([s[key] for s in subtasks]) for key in ("busyRatio", "ratio", "idleRatio")]
        v = self.vertices[vertex]
        spent = [number(v["metrics"].get(f"accumulated-{key}-time")) for key in ("busy", "backpressured", "idle")]
        if spent[1] is None:
            return [None] * 3
        whole = sum(spent) if None not in spent and sum(spent) > 0 else number(v["duration"]) and v["duration"] * v["parallelism"]
        if not whole:
            return [None] * 3
        return [None if s is None else s / whole if key == 0 else min(s / whole, 1) for key, s in enumerate(spent)]

    def rates(self, vertex):
        """Records in and out each second; of sources and sinks Flink counts only one."""
        v, query = self.vertices[vertex], "?get=numRecordsInPerSecond,numRecordsOutPerSecond&agg=sum"
        told = {m["id"]: number(m["sum"]) for m in rest(f"/jobs/{self.id}/vertices/{vertex}/subtasks/metrics{query}")}
        seconds = v["duration"] / 1000 if v["duration"] > 0 else None
        found = []
        for metric, total, there in (("numRecordsInPerSecond", "read-records", self.inputs.get(vertex)),
                                     ("numRecordsOutPerSecond", "write-records", vertex in self.feeds)):
            value = told.get(metric)
            if value is None and seconds:
                value = v["metrics"][total] / seconds
            found.append(value if there else None)
        return found

    def held(self, vertex):
        pressed = self.shares(vertex)[1]
        return pressed is not None and pressed > 0.1

    def could_be_root(self, vertex):
        return self.alive and any(self.held(i) for i in self.inputs.get(vertex, []))

    def checkpoints(self):
        return self.of("/checkpoints")

    def some_checkpoints(self):
        """The newest that has completed, and one that has failed."""
        history = self.checkpoints()["history"]
        return [c for status in ("COMPLETED", "FAILED") for c in [c for c in history if c["status"] == status][:1]]

    @staticmethod
    def some_vertices(detail):
        return list(detail["tasks"])[:3]

    def completed(self):
        return [c for c in self.checkpoints()["history"] if c["status"] == "COMPLETED"]

    def marks(self, vertex):
        return {int(w["id"].split(".")[0]): int(w["value"]) for w in rest(f"/jobs/{self.id}/vertices/{vertex}/watermarks")}

    def failures(self):
        """Grouped by the first line of the innermost cause, numbers set aside."""
        groups = {}
        for x in self.of("/exceptions?maxExceptions=20")["exceptionHistory"]["entries"]:
            cause = x["stacktrace"].split("\nCaused by: ")[-1].split("\n")[0].strip()
            groups.setdefault(re.sub(r"\d+", "0", cause), []).append((x, cause))
        return groups


def stored(c):
    """What a checkpoint has uploaded; before 1.15 there was only one size."""
    return c.get("checkpointed_size", c["state_size"])


def newest(job, key):
    done = job.completed()
    return key(done[0]) if done else None


def kind(c):
    if c["is_savepoint"]:
        return "savepoint, native" if c.get("savepointFormat") == "NATIVE" else "savepoint"
    return "unaligned" if c.get("checkpoint_type") == "UNALIGNED_CHECKPOINT" else "checkpoint"


def growth(job, c):
    """Against the completed one before it of the same kind."""
    if c["status"] != "COMPLETED":
        return None
    older = [k for k in job.completed() if k["id"] < c["id"] and kind(k) == kind(c) and k["state_size"] > 0]
    return c["state_size"] / older[0]["state_size"] - 1 if older else None


def given(job, vertex):
    """The watermarks of what comes to each subtask; of a source the least and the most of what it sends on."""
    if job.inputs.get(vertex):
        return job.marks(vertex)
    names = sorted(m["id"] for m in rest(f"/jobs/{job.id}/vertices/{vertex}/subtasks/metrics") if m["id"].endswith(".currentOutputWatermark"))
    if not names:
        return {}
    query = ",".join(urllib.parse.quote(n, safe="") for n in names) + "&agg=min,max"
    told = rest(f"/jobs/{job.id}/vertices/{vertex}/subtasks/metrics?get={query}")
    best = max(told, key=lambda m: (m["min"] > -9.2e18, m["max"]), default=None)
    return {0: int(max(best["min"], NONE)), 1: int(max(best["max"], NONE))} if best else {}


def of_all(job, vertex):
    """What skew is of: records that are read; of sources, that are written."""
    return "read-records" if job.inputs.get(vertex["id"]) else "write-records"


def deviation(values, power=1):
    """From the mean, as a share of it: the mean of the absolute ones, or with power 2 the root of that of their squares."""
    middle = sum(values) / len(values) if values else 0
    return (sum(abs(v - middle) ** power for v in values) / len(values)) ** (1 / power) / middle if middle else None


LIFE = ("CREATED", "SCHEDULED", "DEPLOYING", "INITIALIZING", "RUNNING", "FINISHED", "CANCELING", "CANCELED", "FAILED")


def met(s):
    """The states that a task has been in, with the times at which they began."""
    return [(state, s["timestamps"][state]) for state in LIFE if s["timestamps"].get(state, 0) > 0]


def times(s, state, now):
    """How long it was in that state, or has been in it until now."""
    path = met(s)
    for (name, at), after in zip(path, [*path[1:], (None, now)]):
        if name == state:
            return after[1] - at
    return None


def attempts(job, vertex):
    """The current one of each subtask; those before it are judged by their number only."""
    return [(s,) for s in job.vertex(vertex)["subtasks"]]


def late(job, vertex, marks):
    times = [m for m in marks.values() if m not in (NONE, 2**63 - 1)]
    return job.detail["now"] - min(times) if times else None


def spread(marks):
    times = [m for m in marks.values() if m not in (NONE, 2**63 - 1)]
    return max(times) - min(times) if times else None


def slowest(marks):
    times = {k: m for k, m in marks.items() if m not in (NONE, 2**63 - 1)}
    return min(times, key=lambda k: (times[k], k)) if times else None


def collected(manager):
    return sum(c["time"] for c in manager["metrics"]["garbageCollectors"] if c["name"] != "All")


class Root:
    """Whatever may rightly stand there."""

    def __init__(self, *may):
        self.may = may

    def __eq__(self, said):
        return said in self.may

    def __repr__(self):
        return f"one of {self.may}"


def root_of_job(j):
    if not j.alive:
        return Root(None)
    # the rest of the name is cut, and so it is told
    roots = [re.sub(r" -> .*", " →", j.vertices[v]["name"]).removesuffix(" ") for v in j.vertices if j.could_be_root(v)]
    if j.name in ("backpressure", "checkpoint-timeout"):
        return Root(*[r for r in roots if r.startswith("GroupAggregate")])
    return Root("", *roots)


def root_of_vertex(j, v):
    if j.name in ("backpressure", "checkpoint-timeout"):
        return Root("ROOT") if v["name"].startswith("GroupAggregate") else Root("held" if j.held(v["id"]) else "")
    return Root(*(["ROOT"] if j.could_be_root(v["id"]) else []), "held" if j.held(v["id"]) else "")


all_jobs = None


def jobs():
    """Those that run first, the newest first among them, as weir has them."""
    global all_jobs
    if all_jobs is None:
        all_jobs = [Job(row) for row in rest("/jobs/overview")["jobs"]]
        all_jobs.sort(key=lambda j: (not j.alive, -j.row["start-time"], j.id))
    return all_jobs
