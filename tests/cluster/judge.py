"""Judges weir by a real cluster that runs tests/cluster/jobs: what each command and view says, against Flink's own answers.

    judge.py WEIR URL PART...      runs, sick (wait), commands, views, causes; acts, after which healthy, state and watermark have ended; rescale

What moves is asked for before and after, and weir has to be between. Says what is wrong, a line each; exit status 1 then.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

from common import URL, WEIR, between, check, finish, nothing_lost, of, overview, rest, wait, weir, weir_json


def runs():
    """Until all that need slots have them."""
    for name in ("healthy", "backpressure", "checkpoint-timeout", "watermark", "state", "wide"):
        wait(f"{name}: runs", lambda: overview()[name]["tasks"]["running"] == overview()[name]["tasks"]["total"] > 0)


def sick():
    """Until every job shows what it was made for."""
    wait("ten jobs are there", lambda: len(overview()) >= 10)
    jobs = overview()

    def counts(name):
        return of(jobs[name], "/checkpoints")["counts"]

    wait("failed: FAILED", lambda: overview()["failed"]["state"] == "FAILED")
    wait("finished: FINISHED", lambda: overview()["finished"]["state"] == "FINISHED")
    wait("healthy: four checkpoints", lambda: counts("healthy")["completed"] >= 4)
    wait("state: eight checkpoints", lambda: counts("state")["completed"] >= 8)
    wait("checkpoint-timeout: four failures", lambda: counts("checkpoint-timeout")["failed"] >= 4)
    wait("restarts: four failures", lambda: len(of(jobs["restarts"], "/exceptions")["exceptionHistory"]["entries"]) >= 4)
    wait("watermark: three checkpoints", lambda: counts("watermark")["completed"] >= 3)
    wait("greedy: waits for slots", lambda: overview()["greedy"]["tasks"]["scheduled"] > 0)

    def held_up():
        for v in of(jobs["backpressure"])["vertices"]:
            if v["name"].startswith("Source"):
                return of(jobs["backpressure"], f"/vertices/{v['id']}/backpressure").get("backpressureLevel") in ("high", "low")

    wait("backpressure: the source is held up", held_up)


# --- what each command says ---


def command_jobs():
    before, said, after = overview(), weir_json("jobs"), overview()
    rows = {row["name"].split(":")[0]: row for row in said["jobs"]}
    check(set(rows) == set(before), "weir jobs: all jobs", sorted(rows))
    for name, row in rows.items():
        check(row["id"] == before[name]["jid"] and row["name"] == before[name]["name"], f"weir jobs: id and name of {name}")
        check(row["startMs"] == before[name]["start-time"], f"weir jobs: start of {name}")
        if name != "restarts":
            check(row["state"] in (before[name]["state"], after[name]["state"]), f"weir jobs: state of {name}", row["state"])
            check(sum(row["tasks"].values()) == before[name]["tasks"]["total"], f"weir jobs: tasks of {name}", row["tasks"])
    text = weir("jobs")
    for row in before.values():
        check(row["jid"][:8] in text and row["name"] in text, f"weir jobs: has {row['name']}", text)
    text = weir("jobs", "--running")
    check("finished:" not in text and "failed:" not in text and "healthy:" in text, "weir jobs --running: none that has ended", text)


def command_job(name, job):
    before, said, after = of(job), weir_json("job", job["jid"]), of(job)
    line = f"weir job ({name})"
    # the descriptions are HTML for Flink's own pages
    nothing_lost(line, before, said, after, r"description$" if name != "restarts" else r".")
    was = {v["id"]: v for v in before["vertices"]}
    now = {v["id"]: v for v in after["vertices"]}
    check([v["id"] for v in said["job"]["vertices"]] == list(was), f"{line}: the vertices in Flink's order")
    for v in said["job"]["vertices"]:
        a, b = was[v["id"]], now[v["id"]]
        check(v["name"] == a["name"] and v["parallelism"] == a["parallelism"], f"{line}: name and parallelism of {a['name']}")
        if name != "restarts":
            for ours, flinks in (("readRecords", "read-records"), ("writeRecords", "write-records"), ("writeBytes", "write-bytes")):
                check(between(a["metrics"][flinks], v["io"].get(ours), b["metrics"][flinks]), f"{line}: {ours} of {a['name']}", v["io"])
    text = weir("job", name)
    check(job["jid"] in text and job["name"] in text, f"{line}: id and name", text)
    for v in was.values():
        check(v["id"][:8] in text, f"{line}: has vertex {v['name']}", text)


def command_graph(name, job):
    line, detail = f"weir graph ({name})", of(job)
    nodes = {node["id"]: node for node in detail["plan"]["nodes"]}
    edges = {(i["id"], node["id"], i["ship_strategy"]) for node in nodes.values() for i in node.get("inputs", [])}
    said = weir_json("graph", job["jid"])
    check({v["id"] for v in said["vertices"]} == set(nodes), f"{line}: vertices")
    check({(e["from"], e["to"], e.get("shipStrategy")) for e in said["edges"]} == edges, f"{line}: edges", said["edges"][:3])
    dot, mermaid, text = (weir("graph", job["jid"], *how) for how in (["--dot"], ["--mermaid"], []))
    check(dot.count("->") - sum(v["name"][:80].count("->") for v in said["vertices"]) == len(edges), f"{line} --dot: edges", dot)
    check(len(re.findall(r"^  v\d+ -- ", mermaid, re.M)) == len(edges), f"{line} --mermaid: edges", mermaid)
    check(len(re.findall(r"─>", text)) == len(edges), f"{line}: an arrow for each edge", text)
    for v in said["vertices"]:
        check(f"({v['id'][:8]}, parallelism {v['parallelism']}" in text, f"{line}: has {v['name']}", text)


def command_backpressure(name, job):
    line, said = f"weir backpressure ({name})", weir_json("backpressure", job["jid"])
    check([v["id"] for v in said["vertices"]] == [v["id"] for v in of(job)["vertices"]], f"{line}: vertices")
    for v in said["vertices"]:
        flinks = of(job, f"/vertices/{v['id']}/backpressure")
        # some releases go on with what they knew of a job that has ended
        if flinks["status"] == "ok" and name != "restarts" and of(job)["state"] not in ("FAILED", "FINISHED", "CANCELED"):
            check(v.get("status") == "ok", f"{line}: {v['name']} is measured", v)
            check([s["index"] for s in v["subtasks"]] == sorted(s["subtask"] for s in flinks["subtasks"]), f"{line}: subtasks of {v['name']}")
    check("holds up" in weir("backpressure", name) or name not in ("backpressure", "checkpoint-timeout"), f"{line}: names the root")
    if name in ("backpressure", "checkpoint-timeout"):
        roots = [v["name"] for v in said["vertices"] if v["root"]]
        check(len(roots) == 1 and roots[0].startswith("GroupAggregate"), f"{line}: the root is the aggregate", roots)
        check(said["vertices"][0]["level"] != "ok", f"{line}: the source is held up", said["vertices"][0])
    else:
        held = [v["name"] for v in said["vertices"] if v.get("level", "ok") != "ok"]
        check(held or not any(v["root"] for v in said["vertices"]), f"{line}: no root where nothing is held up", said["vertices"])


def command_watermarks(name, job):
    line = f"weir watermarks ({name})"

    def ask(vertex):
        return {int(w["id"].split(".")[0]): int(w["value"]) for w in of(job, f"/vertices/{vertex['id']}/watermarks")}

    vertices = of(job)["vertices"]
    before, said, after = [ask(v) for v in vertices], weir_json("watermarks", job["jid"]), [ask(v) for v in vertices]
    check([v["id"] for v in said["vertices"]] == [v["id"] for v in vertices], f"{line}: vertices")
    for v, a, b in zip(said["vertices"], before, after):
        if set(a) != set(b) or not a or name == "restarts":
            continue
        got = {w["subtask"]: w.get("ms") for w in v["watermarks"] or []}
        check(set(got) == set(a), f"{line}: subtasks of {v['name']}", got)
        for subtask, ms in got.items():
            if a[subtask] == -(2**63):
                check(ms == "none", f"{line}: none yet at {v['name']}", ms)
            else:
                check(between(a[subtask], ms, b[subtask]), f"{line}: watermark of {v['name']}", a[subtask], ms, b[subtask])
    text = weir("watermarks", name)
    if name == "watermark":
        check("no watermark in subtask 0, 1" in text, f"{line}: says where there is none", text)


def command_checkpoints(name, job):
    line = f"weir checkpoints ({name})"
    before, said, after = of(job, "/checkpoints"), weir_json("checkpoints", job["jid"]), of(job, "/checkpoints")
    for ours, flinks in (("completed", "completed"), ("failed", "failed"), ("total", "total"), ("restored", "restored")):
        check(between(before["counts"][flinks], said["counts"][ours], after["counts"][flinks]), f"{line}: {ours}", said["counts"])
    nothing_lost(line, before, said, after)
    known = {c["id"]: c for c in before["history"] + after["history"]}
    for c in said.get("history", []):
        flinks = known.get(c["id"])
        if not flinks or c["status"] != flinks["status"] or c["status"] == "IN_PROGRESS":
            continue
        check(c["stateSize"] == flinks["state_size"] and c["durationMs"] == flinks["end_to_end_duration"], f"{line}: {c['id']}", c)
    config = of(job, "/checkpoints/config") if before["counts"]["total"] else None
    if config:
        nothing_lost(f"{line}, configuration", config, said, config, r"interval$|pause$|timeout$" if config["interval"] > 2**53 else r"$^")
    text = weir("checkpoints", name, "--history")
    for c in before["history"]:
        if c in after["history"] and c["status"] == "COMPLETED":
            check(re.search(rf"^\s*{c['id']}\b", text, re.M), f"{line} --history: has {c['id']}", text)
            detail = weir_json("checkpoints", job["jid"], "--id", str(c["id"]))
            flinks = of(job, f"/checkpoints/details/{c['id']}")
            nothing_lost(f"{line} --id {c['id']}", flinks, detail, of(job, f"/checkpoints/details/{c['id']}"))
            break


def command_exceptions(name, job):
    line = f"weir exceptions ({name})"
    before = of(job, "/exceptions?maxExceptions=20")["exceptionHistory"]["entries"]
    said = weir_json("exceptions", job["jid"])["exceptions"].get("list", [])
    check(len(said) >= len(before), f"{line}: as many as Flink has", len(said), len(before))
    at = {x["atMs"]: x for x in said}
    for x in before[: 20 - 4]:  # newer ones may have pushed out the oldest
        mine = at.get(x["timestamp"], {})
        check(mine.get("name") == x["exceptionName"] and mine.get("stack") == x["stacktrace"], f"{line}: {x['timestamp']}", mine)
        check(mine.get("task") == x.get("taskName") and mine.get("taskmanager") == x.get("taskManagerId"), f"{line}: its task", mine, x)
        check(mine.get("endpoint") in (x.get("endpoint"), x.get("host"), x.get("location")), f"{line}: its endpoint", mine, x)
    text = weir("exceptions", name)
    if name in ("restarts", "failed"):
        check("/ by zero" in text, f"{line}: the root cause", text)
        check("at org.apache.flink" in weir("exceptions", name, "--stack"), f"{line} --stack: the stack")


def command_taskmanagers():
    before = rest("/taskmanagers")["taskmanagers"]
    said, text = weir_json("taskmanagers"), weir("taskmanagers")
    check({t["id"] for t in said["taskManagers"]} == {t["id"] for t in before}, "weir taskmanagers: ids")
    moves = r"heartbeat|Heartbeat|free|Free|metrics"
    nothing_lost("weir taskmanagers", sorted(before, key=lambda t: t["id"]), said, sorted(before, key=lambda t: t["id"]), moves)
    for t in before:
        mine = next(m for m in said["taskManagers"] if m["id"] == t["id"])
        check(mine["slots"] == t["slotsNumber"] and mine["jvm"]["heapMax"] > 2**28, f"weir taskmanagers: slots and heap of {t['id']}", mine)
        check(t["id"] in text, f"weir taskmanagers: has {t['id']}", text)


def command_logs():
    for who, path in (("tm-1", "/taskmanagers/tm-1:weir"), ("jobmanager", "/jobmanager")):
        names = {f["name"] for f in rest(f"{path}/logs")["logs"]}
        said = {f["name"] for f in weir_json("logs", "--list", who)["list"]}
        check(names & said and not {n for n in names ^ said if "LOG" not in n}, f"weir logs --list {who}: files", names ^ said)
        whole = weir("logs", who)
        check(rest(f"{path}/log").startswith(whole[:20000]), f"weir logs {who}: begins as the log does", whole[:200])
        tail = weir("logs", who, "-n", "3")
        check(tail.count("\n") == 3, f"weir logs {who} -n 3: three lines", tail)
        check(weir("logs", who, "taskmanager-2.log")[:9] == rest(f"{path}/logs/taskmanager-2.log")[:9], f"weir logs {who} FILE")
    weir("logs", "tm-7", status=2)


def command_metrics(jobs):
    state = jobs["state"]
    vertex = next(v for v in of(state)["vertices"] if v["name"].startswith("GroupAggregate"))
    path = f"/vertices/{vertex['id']}/subtasks/metrics"
    wait("metrics are known", lambda: len(of(state, path)) > 10)
    for words, where in (
        ([], "/jobmanager/metrics"),
        (["--job", "state"], f"/jobs/{state['jid']}/metrics"),
        (["--job", "state", "--vertex", "GroupAggregate"], f"/jobs/{state['jid']}{path}"),
        (["--taskmanager", "tm-1"], "/taskmanagers/tm-1:weir/metrics"),
        (["--taskmanagers"], "/taskmanagers/metrics"),
    ):
        names = {m["id"] for m in rest(where)}
        said = {m["id"] for m in weir_json("metrics", *words)["metrics"]}
        check(names and said == names, f"weir metrics {' '.join(words)}: names", sorted(said ^ names)[:10])
    query = "?get=numRecordsIn"
    before, said, after = of(state, path + query), weir_json("metrics", "-j", "state", "-v", vertex["id"], "numRecordsIn"), of(state, path + query)
    for figure in ("min", "max", "avg", "sum"):
        check(between(before[0][figure], said["metrics"][0].get(figure), after[0][figure]), f"weir metrics numRecordsIn: {figure}", said)
    one = weir_json("metrics", "-j", "state", "-v", vertex["id"], "-s", "1", "numRecordsIn")["metrics"][0]
    check(one["id"] == "numRecordsIn" and int(one["text"]) > 0, "weir metrics -s 1: value", one)
    check("numRecordsInPerSecond" in weir("metrics", "-j", "state", "-v", vertex["id"], "*PerSecond"), "weir metrics: a pattern")
    restarts = int(weir_json("metrics", "-j", "restarts", "numRestarts", "fullRestarts")["metrics"][0]["text"])
    check(restarts >= 3, "weir metrics: restarts", restarts)


def commands():
    jobs = overview()
    command_jobs()
    command_taskmanagers()
    command_logs()
    command_metrics(jobs)
    for name, job in jobs.items():
        for command in (command_job, command_graph, command_backpressure, command_watermarks, command_checkpoints, command_exceptions):
            command(name, job)
    for command in ("job", "graph", "backpressure", "watermarks", "checkpoints", "exceptions"):
        weir(command, "no-such-job", status=2)
        weir(command, status=64)
    away = subprocess.run([WEIR, "jobs", "--url", "http://127.0.0.1:1"], capture_output=True, timeout=60)
    check(away.returncode == 4 and away.stderr, "weir jobs: 4 when the cluster is away", away.returncode)


# --- what each view draws ---


def view(name, job=None, *more):
    """The rows as JSON, and the text as wide as it takes."""
    words = ["top", *([job["jid"]] if job else []), "--once", "--view", name, *more]
    said = weir_json(*words)
    check(said.get("view") == name and said.get("cluster") == URL, f"weir {' '.join(words)}: view and cluster", said)
    if job:
        check(said.get("job") == job["jid"], f"weir {' '.join(words)}: job", said)
    if not job or job["name"].startswith(("wide", "backpressure")):
        narrow = weir(*words, "--width", "80", "--height", "24")
        check(0 < len(narrow.splitlines()) <= 24, f"weir {' '.join(words)}: 24 lines at most", len(narrow.splitlines()))
        check(all(len(line) <= 80 for line in narrow.splitlines()), f"weir {' '.join(words)}: 80 columns at most", narrow)
    return said, weir(*words, "--width", "300")


def has(text, line, *words):
    for word in words:
        check(str(word) in text, f"{line}: has {word}", text)


def views_of_cluster(jobs):
    said, text = view("jobs")
    check({row["id"] for row in said["rows"]} == {job["jid"] for job in jobs.values()}, "view jobs: all jobs")
    rows = {row["name"].split(":")[0]: row for row in said["rows"]}
    for name, row in rows.items():
        check(row["tasksTotal"] == jobs[name]["tasks"]["total"], f"view jobs: tasks of {name}", row)
        has(text, "view jobs", row["name"])
    check(rows["backpressure"]["backpressureRoot"].startswith("GroupAggregate"), "view jobs: what holds up", rows["backpressure"])
    check(not rows["healthy"]["backpressureRoot"], "view jobs: nothing holds up the healthy job", rows["healthy"])
    check(rows["checkpoint-timeout"]["lastCheckpointMs"] is None, "view jobs: no checkpoint has completed", rows["checkpoint-timeout"])
    check(between(0, time.time() * 1000 - (rows["healthy"]["lastCheckpointMs"] or 0), 60000), "view jobs: the last checkpoint")

    said, text = view("taskmanagers")
    check({row["id"] for row in said["rows"]} == {t["id"] for t in rest("/taskmanagers")["taskmanagers"]}, "view taskmanagers: all")
    check(all(row["heapUsed"] > 0 and row["slots"] == 8 for row in said["rows"]), "view taskmanagers: heap and slots", said)
    said, text = view("taskmanager", None, "--item", "tm-1:weir")
    check(len(said["rows"]) > 10, "view taskmanager: rows", said)
    said, text = view("jobmanager")
    config = {pair["key"]: pair["value"] for pair in rest("/jobmanager/config")}
    shown = {row["name"]: row["value"] for row in said["rows"] if row["group"] == "configuration"}
    check(set(shown) == set(config), "view jobmanager: configuration", set(shown) ^ set(config))
    check("not-to-be-seen" not in text and "not-to-be-seen" not in json.dumps(said), "view jobmanager: secrets are masked")
    has(text, "view jobmanager", "rest.port", "jobmanager.rpc.address")
    view("help")


def views_of_job(name, job):
    detail = of(job)
    vertices = {v["id"]: v for v in detail["vertices"]}
    said, text = view("graph", job)
    edges = sum(len(node.get("inputs", [])) for node in detail["plan"]["nodes"])
    check({v["id"] for v in said["vertices"]} == set(vertices), f"view graph ({name}): vertices")
    check(len(said["edges"]) == edges, f"view graph ({name}): edges", len(said["edges"]), edges)
    has(text, f"view graph ({name})", *{v["name"].removeprefix("Source: ")[:6] for v in vertices.values()})
    if name in ("backpressure", "checkpoint-timeout"):
        roots = [v["name"] for v in said["vertices"] if v["root"]]
        check(roots and roots[0].startswith("GroupAggregate"), f"view graph ({name}): the root", said["vertices"])

    said, text = view("vertices", job)
    check({v["id"] for v in said["rows"]} == set(vertices), f"view vertices ({name}): vertices")
    for row in said["rows"]:
        check(row["name"] == vertices[row["id"]]["name"] and row["parallelism"] == vertices[row["id"]]["parallelism"],
              f"view vertices ({name}): {row['name']}", row)
        has(text, f"view vertices ({name})", row["name"][:20])

    last = detail["vertices"][-1]
    said, text = view("vertex", job, "--vertex", last["id"])
    check([row["subtask"] for row in said["rows"]] == list(range(last["parallelism"])), f"view vertex ({name}): subtasks", said)

    before, (said, text), after = of(job, "/checkpoints"), view("checkpoints", job), of(job, "/checkpoints")
    check(between(before["counts"]["completed"], said["counts"]["completed"], after["counts"]["completed"]), f"view checkpoints ({name})")
    done = [c for c in after["history"] if c["status"] == "COMPLETED"]
    rows = {row["id"]: row for row in said["rows"]}
    check(len(rows) >= len(before["history"]) - 1, f"view checkpoints ({name}): the history", len(rows))
    for c in done:
        if c["id"] in rows and rows[c["id"]]["status"] == "COMPLETED":
            row = rows[c["id"]]
            check(row["fullSize"] == c["state_size"] and row["durationMs"] == c["end_to_end_duration"], f"view checkpoints ({name})", row, c)
    if done:
        # the newest stays known for the longest
        said, text = view("checkpoint", job, "--item", str(done[0]["id"]))
        check(len(said["rows"]) == len(vertices), f"view checkpoint ({name}): a row for each vertex", said)
        said, text = view("barriers", job, "--item", str(done[0]["id"]), "--vertex", last["id"])
        check(len(said["rows"]) == last["parallelism"], f"view barriers ({name}): a row for each subtask", said)

    said, text = view("exceptions", job)
    flinks = of(job, "/exceptions?maxExceptions=100")["exceptionHistory"]["entries"]
    check(bool(said["rows"]) == bool(flinks), f"view exceptions ({name}): as many as there are", said)
    if name in ("restarts", "failed"):
        has(text, f"view exceptions ({name})", "/ by zero")
        check(len(said["rows"]) == 1, f"view exceptions ({name}): one group", said)
    said, text = view("watermarks", job)
    check(sorted(row["name"] for row in said["rows"]) == sorted(v["name"] for v in detail["vertices"]), f"view watermarks ({name})")
    if name == "healthy":
        lags = [row["lagMs"] for row in said["rows"] if row["subtasks"]]
        check(lags and all(0 <= lag < 60000 for lag in lags), "view watermarks (healthy): lags", lags)
    if name == "watermark":
        check(any(row["subtasksWithout"] == 2 for row in said["rows"]), "view watermarks (watermark): none has come", said)
    said, text = view("config", job)
    check({"group": "job", "name": "id", "value": job["jid"]} in said["rows"], f"view config ({name}): the id", said["rows"][:3])


def views():
    jobs = overview()
    views_of_cluster(jobs)
    for name, job in jobs.items():
        views_of_job(name, job)


# --- what `weir diagnose` finds ---

# by job: the findings that have to be there, with words of their evidence; none: there must be no finding at all
CAUSES = {
    "healthy": {},
    "finished": {},
    "wide": {},
    "backpressure": {"backpressure": "holds up Source: clicks", "skew": "subtask"},
    "checkpoint-timeout": {"checkpoint-timeout": "none has ever completed", "backpressure": "holds up Source: clicks"},
    "restarts": {"crash-loop": "/ by zero"},
    "failed": {"job-failed": "/ by zero"},
    "watermark": {"watermark-none": "Source: mute"},
    "state": {"checkpoint-growing": ""},
    "greedy": {"": "slots"},
}


def causes():
    jobs = overview()
    for name, found in CAUSES.items():
        said = weir_json("diagnose", jobs[name]["jid"], status=1 if found else 0)
        text = json.dumps(said, indent=1)
        findings = [f for job in said["jobs"] for f in job["findings"]]
        ids = [f["finding"] for f in findings]
        check(bool(findings) == bool(found), f"weir diagnose ({name}): findings", text)
        for what, evidence in found.items():
            check(not what or what in ids, f"weir diagnose ({name}): {what}", text)
            check(evidence in text, f"weir diagnose ({name}): {evidence}", text)
    text = weir("diagnose", status=1)
    for name, found in CAUSES.items():
        check(not found or jobs[name]["name"] in text, f"weir diagnose: has {name}", text)


# --- what changes a job ---


def acts():
    job = overview()["healthy"]
    state = overview()["state"]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(WEIR))) as target:

        def taken(line, text):
            """The savepoint that it says: is it there, and does weir read it?"""
            path = next((w for w in text.split() if "savepoint-" in w), "").removeprefix("file:").replace("//", "/")
            if check(os.path.exists(os.path.join(path, "_metadata")), f"{line}: says where it is", text, os.listdir(target)):
                run = subprocess.run([WEIR, "inspect", path], capture_output=True, text=True, timeout=120)
                check(run.returncode == 0 and run.stdout, f"{line}: weir inspect reads it", run.stdout, run.stderr)
            return path

        first = taken("weir savepoint", weir("savepoint", "healthy", "--dir", f"file://{target}", "--format", "canonical"))
        taken("weir savepoint --format native", weir("savepoint", "state", "--dir", f"file://{target}", "--format", "native"))
        said = weir_json("savepoint", "healthy", "--dir", f"file://{target}")
        check("savepoint-" in json.dumps(said), "weir savepoint --json: says where it is", said)
        done = of(job, "/checkpoints")["counts"]["completed"]
        flink = rest("/config")["flink-version"]
        if not flink.startswith(("1.15", "1.16")):
            weir("checkpoint", "healthy")
            wait("weir checkpoint: one more has completed", lambda: of(job, "/checkpoints")["counts"]["completed"] > done, 5)
        weir("savepoint", "--dispose", f"file://{first}", "--yes")
        check(not os.path.exists(first), "weir savepoint --dispose: it is gone", first)
        weir("savepoint", "healthy", "--dir", "file:///proc/no-such-place", status=1)
        weir("savepoint", "failed", "--dir", f"file://{target}", status=2)
        # nobody is there to be asked
        run = subprocess.run([WEIR, "cancel", "healthy", "--url", URL], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        check(run.returncode != 0 and of(job)["state"] == "RUNNING", "weir cancel without --yes: does nothing", run.stdout, run.stderr)
        taken("weir stop", weir("stop", "healthy", "--dir", f"file://{target}", "--yes"))
        # Flink's answers are up to a second old
        wait("weir stop: FINISHED", lambda: of(job)["state"] == "FINISHED", 5)
        taken("weir stop --drain", weir("stop", "state", "--drain", "--dir", f"file://{target}", "--yes"))
        wait("weir stop --drain: FINISHED", lambda: of(state)["state"] == "FINISHED", 5)
    job = overview()["watermark"]
    check("CANCELED" in weir("cancel", "watermark", "--yes"), "weir cancel: says CANCELED")
    wait("weir cancel: CANCELED", lambda: of(job)["state"] == "CANCELED", 5)


def rescale():
    """Of a cluster of its own, with the adaptive scheduler, on which only the healthy job runs."""
    wait("healthy: runs", lambda: overview()["healthy"]["tasks"]["running"] == 4)
    job = overview()["healthy"]

    def parallelism():
        return [v["parallelism"] for v in of(job)["vertices"]]

    weir("rescale", "healthy", "3", "--yes")
    wait("weir rescale 3: all vertices", lambda: parallelism() == [3, 3], 30)
    weir("rescale", "healthy", "GlobalWindowAggregate=1", "--yes")
    wait("weir rescale VERTEX=1: that vertex", lambda: parallelism() == [3, 1], 30)
    weir("rescale", "healthy", "no-such-vertex=1", "--yes", status=2)
    check(parallelism() == [3, 1], "weir rescale: an unknown vertex changes nothing", parallelism())


PARTS = {"runs": runs, "sick": sick, "commands": commands, "views": views, "causes": causes, "acts": acts, "rescale": rescale}

finish(PARTS, sys.argv[3:])
