"""Judges of the views that are of a whole cluster or of one of its processes, and of what hardly any cluster has. fields.py runs them."""

import html
import io
import json
import os
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
import uuid
import zipfile

import common
import table
from common import check, rest, wait
from judging import judge_pairs, judge_rows, look
from reading import Root, jobs, number
from shown import count, size, span, text, unshown


def prepare():
    """What the views are to show that a cluster does not have by itself: a jar, a profile of each kind of process."""
    boundary = uuid.uuid4().hex
    body = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"seen.jar\"\r\n"
            "Content-Type: application/x-java-archive\r\n\r\n").encode() + jar() + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    urllib.request.urlopen(urllib.request.Request(common.URL + "/jars/upload", body, kind), timeout=30).close()
    if not has("/jobmanager/profiler"):
        return
    for process in ("/jobmanager", "/taskmanagers/tm-1:weir"):
        rest(f"{process}/profiler", {"mode": "ITIMER", "duration": 1})
    for process in ("/jobmanager", "/taskmanagers/tm-1:weir"):
        wait(f"{process}: a profile", lambda: rest(f"{process}/profiler")["profilingList"][0]["status"] != "RUNNING")


def jar():
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as z:
        z.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMain-Class: RunSql\n\n")
    return to.getvalue()


def has(path):
    """Releases before 1.19 have no profiler, those before 2.3 no applications."""
    try:
        rest(path)
    except urllib.error.HTTPError as refused:
        if refused.code != 404:
            raise
        return False
    return True


def sequence(view, line, fields, rows, *words, job=None):
    said, shown = look(view, job, *words)
    judge_rows(fields, line, said, shown, rows)
    return said, shown


# --- the cluster ---


def view_clusters():
    overview, tasks = rest("/overview"), rest("/jobs/overview")["jobs"]
    fields = {
        "name": (lambda o: common.URL, text),
        "state": (lambda o: "up", text),
        "flinkVersion": (lambda o: o["flink-version"], text),
        "jobsRunning": (lambda o: o["jobs-running"], count),
        "jobsFailed": (lambda o: sum(j["state"] == "FAILED" for j in tasks), count),
        "slotsFree": (lambda o: o["slots-available"], count),
        "slots": (lambda o: o["slots-total"], count),
        "taskManagers": (lambda o: o["taskmanagers"], count),
        "critical": (None, None),
        "warnings": (None, None),
        "worst": (lambda o: Root(*[f"job-failed: {j['name']}" for j in tasks if j["state"] == "FAILED"]), text),
        "ageMs": (None, None),
        "url": (lambda o: common.URL, text),
    }
    said, shown = sequence("clusters", "view clusters", fields, [(overview,)])
    # findings depend on what was seen before, too: at least those that the jobs were made for
    critical, warnings = said["rows"][0]["critical"], said["rows"][0]["warnings"]
    check(critical >= 3, "view clusters: failed, restarts, checkpoint-timeout are critical", said["rows"])
    check(warnings >= 3, "view clusters: backpressure, watermark, state are warned of", said["rows"])
    check(re.search(r"\d+ critical  \d+ warnings", shown), "view clusters: shows sums", shown)


def view_alerts():
    """What weir diagnose finds, of all and of each, with all that it says."""

    def key(f):
        return f["finding"], f["job"], f["vertex"], f["taskManager"]

    for j in [None, *jobs()]:
        line = f"view alerts ({j.name})" if j else "view alerts"
        said, shown = look("alerts", j)
        run = subprocess.run([common.WEIR, "diagnose", *([j.id] if j else []), "--json", "--url", common.URL], capture_output=True, text=True,
                                    timeout=60)
        found = [{**f, "job": of["id"]} for of in json.loads(run.stdout)["jobs"] for f in of["findings"]]
        mine = {key(f): f for f in said["findings"] if f["assessed"]}
        expected = {}
        for f in found:
            f = {"vertex": None, "taskManager": None, **f}
            where = ("", f["finding"], f["taskManager"]) if f["taskManager"] else key(f)
            expected.setdefault(where, (key(f), f))
        check(set(mine) == {k for k, _ in expected.values()}, f"{line}: the findings of weir diagnose", sorted(mine, key=str), sorted(expected, key=str))
        for k, f in expected.values():
            for name in ("severity", "title", "advice"):
                check(mine.get(k, {}).get(name) == f[name], f"{line}: {name} of {f['finding']}", mine.get(k), f)
                check(f[name] in shown, f"{line}: shows {name} of {f['finding']}", f[name])
            # ages go on between the two
            steady = [e for e in f["evidence"] if not re.search(r"\bago\b|\bfor \d", e)]
            check(all(e in mine.get(k, {}).get("evidence", []) for e in steady), f"{line}: evidence of {f['finding']}", mine.get(k), f)
            check(all(e in shown for e in mine.get(k, {}).get("evidence", [])), f"{line}: shows evidence of {f['finding']}", shown)


def view_applications():
    known = rest("/applications/overview")["applications"] if has("/applications/overview") else []
    _, shown = sequence("applications", "view applications", {
        "name": (lambda a: a["name"], text),
        "status": (lambda a: a["status"], text),
        "jobs": (lambda a: ", ".join(f"{n} {state}" for state, n in a["jobs"].items()), text),
        "durationMs": (lambda a: a["duration"], span),
        "startMs": (lambda a: a["start-time"], unshown),
        "endMs": (lambda a: number(a["end-time"]), unshown),
        "id": (lambda a: a["id"], text),
    }, [(a,) for a in known])
    check(known or "the cluster has no" in shown, "view applications: says that there are none before 2.3", shown)


def view_application():
    if not has("/applications/overview"):
        said, shown = look("application", None, "--item", "0" * 32)
        check(said["rows"] == [] and "the cluster has no" in shown, "view application: says that there are none before 2.3", said, shown)
        return
    for row in rest("/applications/overview")["applications"]:
        one, line = rest(f"/applications/{row['id']}"), f"view application ({row['name']})"
        said, shown = look("application", None, "--item", row["id"])
        told = {("jobs", j["jid"]): f"{j['name']}  {j['state']}" for j in one["jobs"]}
        told |= {("configuration", p["key"]): "******" if "secret" in p["key"] else p["value"]
                 for p in rest(f"/applications/{row['id']}/jobmanager/config")}
        mine = {(r["group"], r["name"]) for r in said["rows"]}
        failures = rest(f"/applications/{row['id']}/exceptions")["exceptionHistory"]["entries"]
        states = {("was", s) for s, t in one["timestamps"].items() if t > 0}
        judge_pairs(line, said, shown, told, states | {k for k in mine if k[0] == "failures"})
        check(states == {k for k in mine if k[0] == "was"}, f"{line}: the states that it was in", said["rows"], states)
        check(sum(k[0] == "failures" for k in mine) == len(failures) and f"{len(failures)} failures" in shown, f"{line}: failures", failures, shown)
        check(f"{row['name']}  {one['status']}  for {span(one['duration'])}" in shown, f"{line}: shows name, status, duration", shown)


def view_jars():
    sequence("jars", "view jars", {
        "name": (lambda f: f["name"], text),
        "uploadedMs": (lambda f: f["uploaded"], unshown),
        "entryClasses": (lambda f: ", ".join(e["name"] for e in f["entry"]) or None, text),
        "id": (lambda f: f["id"], text),
    }, [(f,) for f in rest("/jars")["files"]])


def view_gateway():
    """GATEWAY is the address of one, as cluster.sh gateway prints it; else it is told that none is named."""
    gateway = os.environ.get("GATEWAY")
    if not gateway:
        said, shown = look("gateway", None)
        check(said["rows"] == [] and said["gateway"] is None and "no SQL gateway is named" in shown, "view gateway: says that there is none", said, shown)
        return
    sessions = []
    for properties in ({"table.local-time-zone": "UTC", "parallelism.default": "3"}, {}):
        request = urllib.request.Request(gateway + "/v1/sessions", json.dumps({"properties": properties}).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            sessions.append(json.load(answer)["sessionHandle"])
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(f"{place}/weir")
        with open(f"{place}/weir/config", "w", encoding="utf-8") as f:
            f.write(f"[here]\nurl = {common.URL}\ngateway = {gateway}\ngateway-sessions = {' '.join(sessions)} no-such-session\n")
        words = ["top", "--once", "--context", "here", "--view", "gateway", "--no-history"]
        run = [subprocess.run([common.WEIR, *words, *more], capture_output=True, text=True, timeout=60, env={**os.environ, "XDG_CONFIG_HOME": place})
               for more in (["--json"], ["--width", "900"])]

    def get(path):
        with urllib.request.urlopen(gateway + path, timeout=30) as answer:
            return json.load(answer)

    info = get("/v1/info")
    told = {("gateway", "product"): info["productName"], ("gateway", "version"): info["version"],
            ("gateway", "versions of its interface"): ", ".join(get("/api_versions")["versions"])}
    for handle in sessions:
        told |= {(f"session {handle[:8]}", k): "******" if "secret" in k else v for k, v in get(f"/v1/sessions/{handle}")["properties"].items()}
    said = json.loads(run[0].stdout)
    judge_pairs("view gateway", said, run[1].stdout, told, {("session no-such-", "state")})
    check(any(r["group"] == "session no-such-" and r["value"] for r in said["rows"]), "view gateway: a session that there is not", said)
    check(said["gateway"] == gateway and "answers" in run[1].stdout, "view gateway: it answers", said["gateway"], run[1].stdout)


# --- a job ---


def plan_lines(j, v):
    node = next(n for n in j.detail["plan"]["nodes"] if n["id"] == v["id"])
    lines = [html.unescape(line) for line in node.get("description", "").split("<br/>") if line] or [v["name"]]
    for i in node.get("inputs", []):
        lines.append(f"← {i['ship_strategy']} from {j.vertices[i['id']]['name']}" + (f", {i['exchange']}" if i.get("exchange") else ""))
    return lines


def view_plan():
    for j in jobs():
        sequence("plan", f"view plan ({j.name})", {
            "vertex": (lambda v, _: re.sub(r" -> .*", " →", v["name"]), text),
            "parallelism": (lambda v, _: v["parallelism"], count),
            "maxParallelism": (lambda v, _: number(v.get("maxParallelism")), count),
            "slotSharingGroup": (lambda v, _: v.get("slotSharingGroupId"), lambda group: group[:7]),
            "operator": (lambda _, line: line, text),
        }, [(v, line) for v in j.detail["vertices"] for line in plan_lines(j, v)], job=j)


def view_requirements():
    for j in jobs():
        try:
            asked = {k: b["parallelism"] for k, b in rest(f"/jobs/{j.id}/resource-requirements").items()}
        except urllib.error.HTTPError:  # another scheduler, a job that has ended, a release before 1.18
            asked = {}

        def remark(v):
            want = asked.get(v["id"])
            return "" if not want else "less than it needs" if v["parallelism"] < want["lowerBound"] else (
                "would take more slots" if v["parallelism"] < want["upperBound"] else "")

        _, shown = sequence("requirements", f"view requirements ({j.name})", {
            "name": (lambda v: v["name"], text),
            "lowerBound": (lambda v: asked[v["id"]]["lowerBound"], count),
            "upperBound": (lambda v: asked[v["id"]]["upperBound"], count),
            "parallelism": (lambda v: v["parallelism"], count),
            "running": (lambda v: v["tasks"]["RUNNING"], count),
            "maxParallelism": (lambda v: number(v.get("maxParallelism")), count),
            "slotSharingGroup": (lambda v: v.get("slotSharingGroupId"), text),
            "remark": (remark, text),
        }, [(v,) for v in j.detail["vertices"]], job=j)
        check(asked or re.search("only jobs of the adaptive scheduler tell|the cluster has no", shown), f"view requirements ({j.name}): says why not", shown)


def rescales(j):
    """Newest first; None: this Flink, or its scheduler, keeps none."""
    try:
        return rest(f"/jobs/{j.id}/rescales/history")
    except urllib.error.HTTPError:
        return None


def view_rescales():
    for j in jobs():
        line, known = f"view rescales ({j.name})", rescales(j)
        _, shown = sequence("rescales", line, {
            "startMs": (lambda r: r["startTimestampInMillis"], unshown),
            "tookMs": (lambda r: (number(r.get("endTimestampInMillis")) or table.said_at) - r["startTimestampInMillis"], unshown),
            "state": (lambda r: r.get("terminalState") or "in progress", text),
            "cause": (lambda r: r["triggerCause"], text),
            "reason": (lambda r: r.get("terminatedReason"), text),
            "attempt": (lambda r: r["rescaleAttemptId"], count),
            "requirements": (lambda r: r["resourceRequirementsUuid"], text),
            "id": (lambda r: r["rescaleUuid"], text),
        }, [(r,) for r in known or []], job=j)
        if known is None:
            check("only the adaptive scheduler of 2.3 on keeps a history" in shown, f"{line}: says why not", shown)
            continue
        counts, config = rest(f"/jobs/{j.id}/rescales/overview")["rescalesCounts"], rest(f"/jobs/{j.id}/rescales/config")
        check(f"{counts['completed']} completed, {counts['failed']} failed, {counts['ignored']} ignored, {counts['inProgress']} in progress" in shown,
              f"{line}: shows counts", counts, shown)
        check(f"{config['rescaleHistoryMax']} kept" in shown, f"{line}: shows how many are kept", config, shown)
        done = rest(f"/jobs/{j.id}/rescales/summary")["completedRescalesDurationStatsInMillis"]
        if counts["completed"]:
            check(f"completed ones took {span(done['min'])} to {span(done['max'])}, {span(done['avg'])} on average" in shown, f"{line}: sums up", done, shown)


def view_rescale():
    fields = {
        "group": (lambda r: r[0], text),
        "name": (lambda r: r[1], text),
        **{field: (lambda r, i=i: r[2][i], count) for i, field in enumerate(("before", "after", "least", "wanted"))},
        "enterMs": (lambda r: r[3], unshown),
        "tookMs": (lambda r: r[4], span),
        "remark": (lambda r: r[5], text),
    }
    for j in jobs():
        for known in rescales(j) or []:
            one = rest(f"/jobs/{j.id}/rescales/details/{known['rescaleUuid']}")
            rows = [("vertex", v["jobVertexName"], [v.get(k) for k in ("preRescaleParallelism", "postRescaleParallelism", "sufficientParallelism", "desiredParallelism")],
                     None, None, v["slotSharingGroupName"]) for v in one["vertices"].values()]
            rows += [("slots", s["slotSharingGroupName"], [s.get(k) for k in ("preRescaleSlots", "postRescaleSlots", "minimalRequiredSlots", "desiredSlots")],
                      None, None, Root(None, *[resources(s.get("acquiredResourceProfile"))])) for s in one["slots"].values()]
            rows += [("scheduler", s["state"], [None] * 4, s["enterTimestampInMillis"], number(s.get("durationInMillis")), s.get("stringifiedException"))
                     for s in one["schedulerStates"]]
            line = f"view rescale ({j.name}, {known['rescaleUuid']})"
            _, shown = sequence("rescale", line, fields, [(r,) for r in rows], "--item", known["rescaleUuid"], job=j)
            check(f"{one.get('terminalState') or 'in progress'}, because of {one['triggerCause']}, began " in shown, f"{line}: shows how it went", shown)


def resources(profile):
    cores = (profile or {}).get("cpuCores", -1)
    return cores > 0 and (f"each {cores:.4g} cores, task heap {profile['taskHeapMemory']} MB, managed {profile['managedMemory']} MB, "
                          f"network {profile['networkMemory']} MB")


# --- a process ---

PROCESSES = {"jobmanager": "/jobmanager", "tm-1:weir": "/taskmanagers/tm-1:weir"}


def logs_of(path):
    return sorted(rest(f"{path}/logs")["logs"], key=lambda f: (-f["mtime"], f["name"]))


def view_logs():
    for process, path in PROCESSES.items():
        whole = [{"name": "(main log)"}, {"name": "(standard output)"}]
        sequence("logs", f"view logs ({process})", {
            "file": (lambda f: f["name"], text),
            "bytes": (lambda f: f["size"], size),
            "modifiedMs": (lambda f: f["mtime"], unshown),
            "ageMs": (lambda f: table.said_at - f["mtime"] if f["mtime"] <= table.said_at else None, unshown),
        }, [(f,) for f in whole + logs_of(path)], "--item", process)


LEVELS = {"INFO": "info", "WARN": "warning", "ERROR": "error", "DEBUG": "debug", "TRACE": "trace"}


def view_log():
    """Each line as it is, with the level of the logger's line that it belongs to."""
    for process, path in PROCESSES.items():
        own = process.replace("tm-1:weir", "taskmanager-1")
        for file, at in ((f"{own}.log", f"/logs/{own}.log"), (":log", "/log"), (":stdout", "/stdout")):
            line = f"view log ({process}/{file})"
            said, shown = look("log", None, "--item", f"{process}/{file}")
            body = rest(path + at)
            body = body if isinstance(body, str) else json.dumps(body)
            lines, level = body.encode()[said["bytesBefore"]:].decode(errors="replace").split("\n"), None
            lines = lines[:-1] if lines[-1] == "" else lines
            check(said["bytes"] == len(body.encode()), f"{line}: size", said["bytes"], len(body.encode()))
            if not check(len(said["lines"]) == len(lines), f"{line}: so many lines", len(said["lines"]), len(lines)):
                continue
            check(f"{size(said['bytes'])}, {count(len(lines))} lines" in shown, f"{line}: shows size and lines", shown[:600])
            for mine, raw in zip(said["lines"], lines):
                found = re.match(r"\d{4}-\d\d-\d\d [\d:,]{12} (INFO|WARN|ERROR|DEBUG|TRACE) ", raw)
                level = LEVELS[found[1]] if found else level
                check(mine["text"] == raw, f"{line}: a line", raw, mine)
                if found or raw.startswith(("\t", " ")):
                    check(mine["level"] == level, f"{line}: its level", raw, mine, level)
            # what is drawn is no more than the end
            for raw in lines[-20:]:
                check(raw.replace("\t", "    ")[:800].rstrip() in shown, f"{line}: shows a line", raw)


def groups(path):
    """Threads with the same state and the same frames, in the order of the view; each as its threads' first lines and frames."""
    found = {}
    for t in rest(f"{path}/thread-dump")["threadInfos"]:
        lines = t["stringifiedThreadInfo"].split("\n")
        head = re.match(r'"(?P<name>.*)" Id=\d+ (?P<state>\w+)(?: on (?P<lock>\S+))?(?: owned by "(?P<owner>.*)" Id=\d+)?', lines[0])
        frames = tuple(line for line in lines[1:] if line.startswith("\tat "))
        found.setdefault((head["state"], frames), []).append((t, head))
    order = ["BLOCKED", "RUNNABLE", "WAITING", "TIMED_WAITING"]
    return sorted(((state, frames, threads) for (state, frames), threads in found.items()), key=lambda g: (order.index(g[0]), -len(g[2])))


def call(frame):
    """Without the module or class loader before it."""
    return re.sub(r"^\tat (?:[^(/]*/)*", "", frame)


def view_threads():
    words = {"BLOCKED": "blocked", "RUNNABLE": "running", "WAITING": "waiting", "TIMED_WAITING": "sleeping"}
    for process, path in PROCESSES.items():
        line = f"view threads ({process})"
        known = groups(path)
        _, shown = sequence("threads", line, {
            "threads": (lambda state, frames, threads: len(threads), count),
            "state": (lambda state, frames, threads: words[state], text),
            "frame": (lambda state, frames, threads: Root(*[call(f)[:300] for f in frames] or [None]), lambda frame: frame[:40]),
            "lock": (lambda state, frames, threads: (threads[0][1]["lock"] or "").split("@")[0].rpartition(".")[2] + "@" + threads[0][1]["lock"].split("@")[1]
                     if threads[0][1]["lock"] else None, lambda lock: lock[:8]),
            "owner": (lambda state, frames, threads: threads[0][1]["owner"], lambda owner: owner[:8]),
            "names": (lambda state, frames, threads: ", ".join(t["threadName"] for t, _ in threads), lambda names: names[:12]),
            "key": (None, None),
        }, known, "--item", process)
        check(f"{sum(len(g[2]) for g in known)} threads, {len(known)} different stacks" in shown, f"{line}: shows how many", shown)


def view_stack():
    for process, path in PROCESSES.items():
        said, _ = look("threads", None, "--item", process)
        for row, (_, _, threads) in list(zip(said["rows"], groups(path)))[:6]:
            lines = [("    " + line[1:] if line.startswith("\t") else line)[:903] for line in threads[0][0]["stringifiedThreadInfo"].split("\n") if line]
            line = f"view stack ({row['key']})"
            _, shown = sequence("stack", line, {"line": (lambda at: at, lambda at: at.strip()[:800])}, [(at,) for at in lines], "--item", row["key"])
            check(f"{len(threads)} thread" in shown, f"{line}: shows how many", shown)


def view_profiles():
    for process, path in PROCESSES.items():
        known = rest(f"{path}/profiler")["profilingList"] if has(f"{path}/profiler") else None
        _, shown = sequence("profiles", f"view profiles ({process})", {
            "triggeredMs": (lambda p: p["triggerTime"], unshown),
            "mode": (lambda p: p["mode"], text),
            "status": (lambda p: p["status"], text),
            "durationS": (lambda p: p["duration"], lambda s: span(s * 1000)),
            "finishedMs": (lambda p: number(p["finishedTime"]), unshown),
            "file": (lambda p: p["outputFile"], text),
            "message": (lambda p: p["message"], text),
        }, [(p,) for p in reversed(known or [])], "--item", process)
        check(known or "the cluster has no" in shown, f"view profiles ({process}): says that there are none before 1.19", shown)
