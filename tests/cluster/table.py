"""The table of the console's fields: by view what its rows are made of, and by field what it is and how it is shown."""

from itertools import permutations

from common import rest
from reading import (NONE, Root, attempts, collected, deviation, given, growth, jobs, kind, late, met, newest, number, of_all, root_of_job, root_of_vertex, slowest,
                     spread, stored, times)
from shown import count, rate, share, size, span, text, unshown

LOAD = {
    "busy": (lambda j, v: j.shares(v["id"])[0], share),
    "backpressured": (lambda j, v: j.shares(v["id"])[1], share),
    "idle": (lambda j, v: j.shares(v["id"])[2], share),
}
RATES = {
    "recordsInPerSecond": (lambda j, v: j.rates(v["id"])[0], rate),
    "recordsOutPerSecond": (lambda j, v: j.rates(v["id"])[1], rate),
}
def without(j, v, marks):
    """How many subtasks have none; of a source only whether it is none or all of them."""
    missing = sum(t == NONE for t in marks.values())
    if not marks or not j.alive:
        return None
    if j.inputs.get(v["id"]) or not missing:
        return missing
    return v["parallelism"] if missing == len(marks) else Root(None, *range(1, v["parallelism"]))


def of_skew(figure):
    return lambda j, v, subtasks: figure([s["metrics"][of_all(j, v)] for s in subtasks])


said_at = 0  # when weir looked
VIEWS = {
    "jobs": (lambda: [(j, j.row) for j in jobs()], {
        "name": (lambda j, r: r["name"], text),
        "state": (lambda j, r: r["state"], text),
        "backpressureRoot": (lambda j, r: root_of_job(j), text),
        "lastCheckpointMs": (lambda j, r: newest(j, lambda c: c["trigger_timestamp"]), unshown),
        "lastCheckpointSize": (lambda j, r: newest(j, stored), size),
        "tasksTotal": (lambda j, r: r["tasks"]["total"], count),
        "tasksRunning": (lambda j, r: r["tasks"]["running"], count),
        "tasksFailed": (lambda j, r: r["tasks"]["failed"], count),
        "durationMs": (lambda j, r: r["duration"], span),
        "startedMs": (lambda j, r: r["start-time"], unshown),
        "changedMs": (lambda j, r: r["last-modification"], unshown),
        "id": (lambda j, r: r["jid"], text),
    }),
    "vertices": (lambda j: [(j, v) for v in j.detail["vertices"]], {
        "name": (lambda j, v: v["name"], text),
        "root": (root_of_vertex, text),
        **LOAD, **RATES,
        "parallelism": (lambda j, v: v["parallelism"], count),
        "state": (lambda j, v: v["status"], text),
        "recordsIn": (lambda j, v: v["metrics"]["read-records"], count),
        "recordsOut": (lambda j, v: v["metrics"]["write-records"], count),
        "bytesIn": (lambda j, v: v["metrics"]["read-bytes"], size),
        "bytesOut": (lambda j, v: v["metrics"]["write-bytes"], size),
        "durationMs": (lambda j, v: number(v["duration"]), span),
        "id": (lambda j, v: v["id"], text),
    }),
    "vertex": (lambda j, vertex: [(j, vertex, s) for s in j.vertex(vertex)["subtasks"]], {
        "subtask": (lambda j, v, s: s["subtask"], count),
        "state": (lambda j, v, s: s["status"], text),
        "busy": (lambda j, v, s: of_subtask(j, v, s, "busyRatio"), share),
        "backpressured": (lambda j, v, s: of_subtask(j, v, s, "ratio"), share),
        "idle": (lambda j, v, s: of_subtask(j, v, s, "idleRatio"), share),
        "recordsIn": (lambda j, v, s: s["metrics"]["read-records"], count),
        "recordsOut": (lambda j, v, s: s["metrics"]["write-records"], count),
        "bytesIn": (lambda j, v, s: s["metrics"]["read-bytes"], size),
        "bytesOut": (lambda j, v, s: s["metrics"]["write-bytes"], size),
        "watermarkLagMs": (lambda j, v, s: lag_of_subtask(j, v, s), span),
        "attempt": (lambda j, v, s: s["attempt"], count),
        "durationMs": (lambda j, v, s: number(s["duration"]), span),
        "endpoint": (lambda j, v, s: s.get("endpoint", s.get("host")), text),
        "taskManager": (lambda j, v, s: s["taskmanager-id"], text),
    }),
    "checkpoints": (lambda j: [(j, c) for c in j.checkpoints()["history"]], {
        "id": (lambda j, c: c["id"], str),
        "status": (lambda j, c: c["status"], text),
        "kind": (lambda j, c: kind(c), text),
        "triggeredMs": (lambda j, c: c["trigger_timestamp"], unshown),
        "durationMs": (lambda j, c: number(c["end_to_end_duration"]), span),
        "size": (lambda j, c: stored(c), size),
        "fullSize": (lambda j, c: c["state_size"], size),
        "growth": (lambda j, c: growth(j, c), unshown),
        "processedBytes": (lambda j, c: c["processed_data"], size),
        "persistedBytes": (lambda j, c: c["persisted_data"], size),
        "acknowledged": (lambda j, c: c["num_acknowledged_subtasks"], lambda n: f"{n}/"),
        "failure": (lambda j, c: c.get("failure_message", "").split("\n")[0], text),
    }),
    "checkpoint": (lambda j, c: [(j, c, v, c["tasks"][v]) for v in j.vertices if v in c["tasks"]], {
        "name": (lambda j, c, v, t: j.vertices[v]["name"], text),
        "acknowledged": (lambda j, c, v, t: t["num_acknowledged_subtasks"], count),
        "subtasks": (lambda j, c, v, t: t["num_subtasks"], count),
        "lastAckAfterMs": (lambda j, c, v, t: t["latest_ack_timestamp"] - c["trigger_timestamp"] if number(t["latest_ack_timestamp"]) else None,
                           span),
        "durationMs": (lambda j, c, v, t: number(t["end_to_end_duration"]), span),
        "size": (lambda j, c, v, t: stored(t), size),
        "fullSize": (lambda j, c, v, t: t["state_size"], size),
        "share": (lambda j, c, v, t: stored(t) / stored(c) if stored(c) else None, share),
        "processedBytes": (lambda j, c, v, t: t["processed_data"], size),
        "persistedBytes": (lambda j, c, v, t: t["persisted_data"], size),
    }),
    "barriers": (lambda j, c, vertex: [(s,) for s in j.of(f"/checkpoints/details/{c['id']}/subtasks/{vertex}")["subtasks"]], {
        "subtask": (lambda s: s["index"], count),
        "status": (lambda s: "completed" if s["status"] == "completed" else "pending or failed", text),
        "durationMs": (lambda s: s["end_to_end_duration"], span),
        "startDelayMs": (lambda s: s["start_delay"], span),
        "alignmentMs": (lambda s: s["alignment"]["duration"], span),
        "syncMs": (lambda s: s["checkpoint"]["sync"], span),
        "asyncMs": (lambda s: s["checkpoint"]["async"], span),
        "size": (lambda s: stored(s), size),
        "fullSize": (lambda s: s["state_size"], size),
        "processedBytes": (lambda s: s["alignment"]["processed"], size),
        "persistedBytes": (lambda s: s["alignment"]["persisted"], size),
        "unaligned": (lambda s: "unaligned" if s.get("unaligned_checkpoint") else "aborted" if s.get("aborted") else "", text),
    }),
    "exceptions": (lambda j: [(group,) for group in j.failures().values()], {
        "times": (lambda g: len(g), count),
        "lastMs": (lambda g: max(x["timestamp"] for x, _ in g), unshown),
        "firstMs": (lambda g: min(x["timestamp"] for x, _ in g), unshown),
        "cause": (lambda g: g[0][1], text),
        "task": (lambda g: latest(g).get("taskName") or "the whole job", text),
        "endpoint": (lambda g: latest(g).get("endpoint", latest(g).get("location")), text),
        "taskManager": (lambda g: latest(g).get("taskManagerId"), text),
    }),
    "trace": (lambda j, group: [(line,) for line in latest(group)["stacktrace"].rstrip("\n").split("\n")], {
        "line": (lambda line: line.replace("\t", " " * 4), lambda line: line.strip()),
    }),
    "watermarks": (lambda j: [(j, v, given(j, v["id"])) for v in j.detail["vertices"]], {
        "name": (lambda j, v, m: v["name"], text),
        "side": (lambda j, v, m: "in" if j.inputs.get(v["id"]) else "out", text),
        "lagMs": (lambda j, v, m: late(j, v, m), span),
        "lowMs": (lambda j, v, m: min((t for t in m.values() if t not in (NONE, 2**63 - 1)), default=None), unshown),
        "spreadMs": (lambda j, v, m: spread(m), span),
        "slowestSubtask": (lambda j, v, m: slowest(m) if j.inputs.get(v["id"]) else None, count),
        "subtasksWithout": (lambda j, v, m: without(j, v, m), str),
        "subtasks": (lambda j, v, m: v["parallelism"] if not j.inputs.get(v["id"]) else len(m) if j.alive else Root(None, 0), count),
    }),
    "skew": (lambda j: sorted(((j, v, j.vertex(v["id"])["subtasks"]) for v in j.detail["vertices"]), key=lambda row: -round(deviation([s["metrics"][of_all(j, row[1])] for s in row[2]]) or 0, 9)), {
        "name": (lambda j, v, s: v["name"], text),
        "skewPercent": (of_skew(lambda n: min((deviation(n) or 0) * 100, 100)), unshown),
        "coefficientOfVariation": (of_skew(lambda n: deviation(n, 2) or 0), unshown),
        "mostOverMean": (of_skew(lambda n: max(n) * len(n) / sum(n) if sum(n) else None), unshown),
        "min": (of_skew(min), count),
        "avg": (of_skew(lambda n: sum(n) / len(n)), unshown),
        "max": (of_skew(max), count),
        "mostIn": (of_skew(lambda n: n.index(max(n)) if sum(n) else None), count),
        "sum": (of_skew(sum), count),
        "of": (lambda j, v, s: of_all(j, v).replace("read-records", "records-in").replace("write-records", "records-out"), text),
        "subtasks": (lambda j, v, s: len(s), count),
    }),
    "attempts": (lambda j, vertex: attempts(j, vertex), {
        "subtask": (lambda s: s["subtask"], count),
        "attempt": (lambda s: s["attempt"], count),
        "state": (lambda s: s["status"], text),
        "startMs": (lambda s: number(s["start-time"]), unshown),
        "endMs": (lambda s: number(s["end-time"]), unshown),
        "durationMs": (lambda s: number(s["duration"]), span),
        "recordsIn": (lambda s: s["metrics"]["read-records"], count),
        "recordsOut": (lambda s: s["metrics"]["write-records"], count),
        "bytesIn": (lambda s: s["metrics"]["read-bytes"], size),
        "bytesOut": (lambda s: s["metrics"]["write-bytes"], size),
        "endpoint": (lambda s: s.get("endpoint", s.get("host")), text),
        "taskManager": (lambda s: s["taskmanager-id"], text),
        "cause": (None, None),
    }),
    "hosts": (lambda j, vertex: [(t,) for t in j.vertex(vertex, "/taskmanagers")["taskmanagers"]], {
        "host": (lambda t: t.get("endpoint", t.get("host")), text),
        "taskManager": (lambda t: t["taskmanager-id"], text),
        "state": (lambda t: t["status"], text),
        "tasks": (lambda t: sum(t["status-counts"].values()), count),
        "taskStates": (lambda t: Root(*map(", ".join, permutations(f"{n} {state}" for state, n in t["status-counts"].items() if n))), text),
        "recordsIn": (lambda t: t["metrics"]["read-records"], count),
        "recordsOut": (lambda t: t["metrics"]["write-records"], count),
        "bytesIn": (lambda t: t["metrics"]["read-bytes"], size),
        "bytesOut": (lambda t: t["metrics"]["write-bytes"], size),
        "busyMs": (lambda t: number(t["metrics"].get("accumulated-busy-time")), unshown),
        "backpressuredMs": (lambda t: number(t["metrics"].get("accumulated-backpressured-time")), unshown),
        "startMs": (lambda t: number(t["start-time"]), unshown),
        "durationMs": (lambda t: number(t["duration"]), span),
    }),
    "timeline": (lambda j, vertex: [(j, vertex, s) for s in j.vertex(vertex, "/subtasktimes")["subtasks"]], {
        "name": (lambda j, v, s: f"subtask {s['subtask']}", text),
        # two answers, of two moments
        "state": (lambda j, v, s: Root(next(t["status"] for t in j.vertex(v)["subtasks"] if t["subtask"] == s["subtask"]), met(s)[-1][0]), text),
        "startMs": (lambda j, v, s: min(t for t in s["timestamps"].values() if t > 0), unshown),
        "waitedMs": (lambda j, v, s: times(s, "SCHEDULED", j.vertex(v, "/subtasktimes")["now"]), span),
        "deployingMs": (lambda j, v, s: times(s, "DEPLOYING", j.vertex(v, "/subtasktimes")["now"]), span),
        "initializingMs": (lambda j, v, s: times(s, "INITIALIZING", j.vertex(v, "/subtasktimes")["now"]), span),
        "runningMs": (None, None),
        "endMs": (lambda j, v, s: max((s["timestamps"][t] for t in ("FINISHED", "CANCELED", "FAILED") if s["timestamps"].get(t)), default=None), unshown),
        "endpoint": (lambda j, v, s: s.get("endpoint", s.get("host")), text),
    }),
    "summary": (lambda j: [(j.checkpoints()["summary"].get(key) if j.checkpoints()["counts"]["completed"] else None, name) for key, name in (
            ("end_to_end_duration", "duration"), ("checkpointed_size", "size"), ("state_size", "full size"), ("processed_data", "processed in flight"),
            ("persisted_data", "stored in flight"))], {
        "figure": (lambda s, name: name, text),
        **{name: (lambda s, _, name=name: number(s.get(name)) if s else None, unshown) for name in ("min", "avg", "p50", "p90", "p95", "p99", "p999", "max")},
    }),
    "taskmanagers": (lambda: [(t, rest(f"/taskmanagers/{t['id']}")) for t in rest("/taskmanagers")["taskmanagers"]], {
        "id": (lambda t, one: t["id"], text),
        "slotsFree": (lambda t, one: t["freeSlots"], count),
        "slots": (lambda t, one: t["slotsNumber"], count),
        "heartbeatAgeMs": (lambda t, one: said_at - t["timeSinceLastHeartbeat"], unshown),
        "heapUsed": (lambda t, one: one["metrics"]["heapUsed"], size),
        "heapMax": (lambda t, one: one["metrics"]["heapMax"], size),
        "gcMs": (lambda t, one: collected(one), span),
        "shuffleUsed": (lambda t, one: one["metrics"]["nettyShuffleMemoryUsed"], size),
        "managed": (lambda t, one: t["memoryConfiguration"]["managedMemory"], size),
        "processMemory": (lambda t, one: t["memoryConfiguration"]["totalProcessMemory"], size),
        "machineCores": (lambda t, one: t["hardware"]["cpuCores"], count),
        "path": (lambda t, one: t["path"], text),
    }),
}


def of_subtask(j, vertex, s, figure):
    return next((number(p[figure]) for p in j.pressure(vertex) if p["subtask"] == s["subtask"]), None)


def lag_of_subtask(j, vertex, s):
    mark = j.marks(vertex).get(s["subtask"], NONE)
    return None if mark in (NONE, 2**63 - 1) else j.vertex(vertex)["now"] - mark


def latest(group):
    return max((x for x, _ in group), key=lambda x: x["timestamp"])


# --- views that show pairs of name and value: group and name, and what has to stand there ---


def yes(v):
    return None if v is None else "yes" if v else "no"


def pairs_config(j):
    config, checkpoints = j.of("/config"), rest(f"/jobs/{j.id}/checkpoints/config")
    execution = config["execution-config"]
    told = {
        ("job", "id"): j.id,
        ("job", "type"): j.detail.get("job-type"),
        ("job", "scheduler"): j.detail.get("schedulerType"),
        ("execution", "mode"): execution.get("execution-mode"),
        ("execution", "restart strategy"): execution["restart-strategy"],
        ("execution", "parallelism"): count(execution["job-parallelism"]),
        ("execution", "objects are reused"): yes(execution["object-reuse-mode"]),
        ("checkpoints", "mode"): checkpoints["mode"],
        ("checkpoints", "interval"): span(checkpoints["interval"]) if checkpoints["interval"] < 2**60 else "none: no periodic checkpoints",
        ("checkpoints", "timeout"): span(checkpoints["timeout"]),
        ("checkpoints", "pause at least"): span(checkpoints["min_pause"]),
        ("checkpoints", "at the same time, at most"): count(checkpoints["max_concurrent"]),
        ("checkpoints", "failures tolerated"): count(checkpoints["tolerable_failed_checkpoints"]),
        ("checkpoints", "unaligned"): yes(checkpoints["unaligned_checkpoints"]),
        ("checkpoints", "aligned for at most"): span(checkpoints["aligned_checkpoint_timeout"]),
        ("checkpoints", "after tasks have finished"): yes(checkpoints.get("checkpoints_after_tasks_finish")),
        ("checkpoints", "state backend"): checkpoints["state_backend"],
        ("checkpoints", "storage"): checkpoints["checkpoint_storage"],
        ("checkpoints", "kept when the job ends"): yes(checkpoints["externalization"]["enabled"]),
        ("checkpoints", "deleted when it is cancelled"): yes(checkpoints["externalization"]["delete_on_cancellation"]),
        ("checkpoints", "changelog"): yes(checkpoints.get("state_changelog_enabled")),
    }
    if j.detail.get("maxParallelism", -1) != -1:
        told["job", "max parallelism"] = count(j.detail["maxParallelism"])
    told.update({("parameters", k): v for k, v in execution["user-config"].items()})
    return {k: v for k, v in told.items() if v is not None}, {("execution", "mode")}


def pairs_taskmanager():
    t = rest("/taskmanagers/tm-1:weir")
    m, memory = t["metrics"], t["memoryConfiguration"]
    names = {j.id: j.row["name"] for j in jobs()}
    told = {
        ("process", "path"): t["path"], ("process", "data port"): str(t["dataPort"]),
        ("process", "slots"): count(t["slotsNumber"]), ("process", "free slots"): count(t["freeSlots"]),
        ("in use", "heap"): size(m["heapUsed"]), ("in use", "heap, committed"): size(m["heapCommitted"]),
        ("in use", "heap, at most"): size(m["heapMax"]), ("in use", "outside the heap"): size(m["nonHeapUsed"]),
        ("in use", "direct buffers"): size(m["directUsed"]), ("in use", "mapped files"): size(m["mappedUsed"]),
        ("in use", "shuffle"): size(m["nettyShuffleMemoryUsed"]), ("in use", "shuffle, of"): size(m["nettyShuffleMemoryTotal"]),
        ("in use", "shuffle segments free"): count(m["nettyShuffleMemorySegmentsAvailable"]),
        ("configured", "framework heap"): size(memory["frameworkHeap"]), ("configured", "task heap"): size(memory["taskHeap"]),
        ("configured", "framework off-heap"): size(memory["frameworkOffHeap"]),
        ("configured", "task off-heap"): size(memory["taskOffHeap"]), ("configured", "network"): size(memory["networkMemory"]),
        ("configured", "managed"): size(memory["managedMemory"]), ("configured", "metaspace"): size(memory["jvmMetaspace"]),
        ("configured", "JVM overhead"): size(memory["jvmOverhead"]),
        ("configured", "total of Flink"): size(memory["totalFlinkMemory"]),
        ("configured", "total of the process"): size(memory["totalProcessMemory"]),
        ("machine", "cores"): count(t["hardware"]["cpuCores"]), ("machine", "memory"): size(t["hardware"]["physicalMemory"]),
    }
    for c in m["garbageCollectors"]:
        told["garbage collector", c["name"]] = f"{span(c['time'])} in {count(c['count'])} runs"
    for i, slot in enumerate(t.get("allocatedSlots") or []):
        told["slots", f"slot {i + 1}"] = names.get(slot["jobId"], slot["jobId"])
    return told, set()


def pairs_jobmanager():
    told = {("configuration", p["key"]): "******" if "secret" in p["key"] else p["value"] for p in rest("/jobmanager/config")}
    try:
        environment = rest("/jobmanager/environment")
    except OSError:  # not before 1.16
        return told, set()
    told["JVM", "version"] = environment["jvm"]["version"]
    told["JVM", "architecture"] = environment["jvm"]["arch"]
    for i, option in enumerate(environment["jvm"]["options"]):
        told["JVM", f"option {i + 1}"] = option
    for i, path in enumerate(environment["classpath"]):
        told["class path", str(i + 1)] = path
    return told, set()
