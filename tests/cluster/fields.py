"""Judges every field of every view of the console: a table of view and field, each with our own reading of Flink's answer.

    fields.py WEIR URL [VIEW...]      all views of tui/views.def

weir and the judge look through a door that keeps each answer (frozen.py), so values have to be the same, not just near. A field or a
view that the table does not have is a fault, and so is a value that the text does not show as it should.
"""

import json
import math
import os
import re
import sys

import common
import places
from common import check, finish, rest, wait
from frozen import Frozen
from judging import judge_pairs, judge_rows, look, same
from reading import jobs, root_of_vertex
from shown import rate, size, span
from table import LOAD, RATES, VIEWS, pairs_config, pairs_jobmanager, pairs_taskmanager

HERE = os.path.dirname(os.path.abspath(__file__))


def of_cluster(view):
    said, shown = look(view, None)
    judge_rows(VIEWS[view][1], f"view {view}", said, shown, VIEWS[view][0]())


def of_job(view):
    for j in jobs():
        said, shown = look(view, j)
        judge_rows(VIEWS[view][1], f"view {view} ({j.name})", said, shown, VIEWS[view][0](j))


def view_graph():
    for j in jobs():
        line = f"view graph ({j.name})"
        said, shown = look("graph", j)
        got = sorted((e["from"], e["to"], e["strategy"]) for e in said["edges"])
        check(got == j.edges, f"{line}: edges with their ship strategies", got, j.edges)
        check([v["id"] for v in said["vertices"]] == list(j.vertices), f"{line}: vertices")
        for v in said["vertices"]:
            mine = j.vertices[v["id"]]
            expected = {"id": v["id"], "name": mine["name"], "state": mine["status"], "parallelism": mine["parallelism"]}
            expected.update({k: read(j, mine) for k, (read, _) in {**LOAD, **RATES}.items()})
            check(set(v) == {*expected, "root"}, f"{line}: its fields are in the table", set(v) ^ set(expected))
            for field, value in expected.items():
                check(same(value, v.get(field)), f"{line}: {field} of {mine['name']}", value, v.get(field))
            check(root_of_vertex(j, mine) == ("ROOT" if v["root"] else "held" if j.held(v["id"]) else ""), f"{line}: root", v)
            if len(j.vertices) < 10:
                check(f"×{mine['parallelism']}" in shown, f"{line}: shows parallelism", shown)
                for figure in (expected["recordsInPerSecond"], expected["recordsOutPerSecond"]):
                    check(figure is None or rate(figure) in shown, f"{line}: shows rates of {mine['name']}", figure, shown)
                check(mine["name"].split(" -> ")[0] in shown, f"{line}: shows {mine['name']}", shown)
        strategies = {s for _, _, s in j.edges}
        if len(j.vertices) < 10:
            check(all(s in shown for s in strategies), f"{line}: shows ship strategies", strategies, shown)


def view_vertex():
    for j in jobs():
        for vertex in list(j.vertices)[:4]:
            said, shown = look("vertex", j, "--vertex", vertex)
            judge_rows(VIEWS["vertex"][1], f"view vertex ({j.name}, {j.vertices[vertex]['name']})", said, shown, VIEWS["vertex"][0](j, vertex))


def view_checkpoints():
    for j in jobs():
        line, counts = f"view checkpoints ({j.name})", j.checkpoints()["counts"]
        said, shown = look("checkpoints", j)
        judge_rows(VIEWS["checkpoints"][1], line, said, shown, VIEWS["checkpoints"][0](j))
        expected = {"completed": counts["completed"], "failed": counts["failed"], "inProgress": counts["in_progress"],
                    "restored": counts["restored"]}
        check(said["counts"] == expected, f"{line}: counts", said["counts"], expected)
        if counts["total"]:
            check(f"{counts['completed']} completed, {counts['failed']} failed" in shown, f"{line}: shows counts", shown)
            config = j.of("/checkpoints/config")
            for word in (config["mode"], config["state_backend"], config["checkpoint_storage"], span(config["timeout"])):
                check(word in shown, f"{line}: shows the configuration", word, shown)


def view_checkpoint():
    for j in jobs():
        for c in j.details:
            line = f"view checkpoint ({j.name}, {c['id']})"
            said, shown = look("checkpoint", j, "--item", str(c["id"]))
            judge_rows(VIEWS["checkpoint"][1], line, said, shown, VIEWS["checkpoint"][0](j, c))
            check(c["status"] in shown and size(c["state_size"]) in shown, f"{line}: shows status and size", shown)
            for told in ("failure_message", "external_path"):
                check(not c.get(told) or c[told].split("\n")[0] in shown, f"{line}: shows {told}", c.get(told), shown)


def view_barriers():
    for j in jobs():
        for c in j.details:
            for vertex in j.some_vertices(c):
                line = f"view barriers ({j.name}, {c['id']}, {j.vertices[vertex]['name']})"
                said, shown = look("barriers", j, "--item", str(c["id"]), "--vertex", vertex)
                rows = VIEWS["barriers"][0](j, c, vertex)
                rows = [r for r in rows if r[0]["status"] == "completed"] if c["status"] == "FAILED" else rows
                said["rows"] = [r for r in said["rows"] if r["status"] == "completed"] if c["status"] == "FAILED" else said["rows"]
                judge_rows(VIEWS["barriers"][1], line, said, shown if c["status"] != "FAILED" else "", rows)


def view_trace():
    for j in jobs():
        for group in j.failures().values():
            said, shown = look("trace", j, "--item", re.sub(r"\d+", "0", group[0][1]))
            judge_rows(VIEWS["trace"][1], f"view trace ({j.name})", said, shown, VIEWS["trace"][0](j, group))


def view_config():
    for j in jobs():
        said, shown = look("config", j)
        judge_pairs(f"view config ({j.name})", said, shown, *pairs_config(j))


def view_taskmanager():
    said, shown = look("taskmanager", None, "--item", "tm-1:weir")
    judge_pairs("view taskmanager", said, shown, *pairs_taskmanager())


def view_jobmanager():
    said, shown = look("jobmanager", None)
    judge_pairs("view jobmanager", said, shown, *pairs_jobmanager())
    check("not-to-be-seen" not in shown + json.dumps(said), "view jobmanager: secrets are masked")


def view_timeline():
    """Of each subtask the attempt that is current; earlier ones stand above it where the job has restarted."""
    for j in jobs():
        for vertex in list(j.vertices)[:3]:
            said, shown = look("timeline", j, "--vertex", vertex)
            lines = shown.rstrip().splitlines()[-len(said["rows"]):] if said["rows"] else []
            current = [(row, line) for row, line in zip(said["rows"], lines) if ", attempt " not in row["name"]]
            said["rows"] = [row for row, _ in current]
            judge_rows(VIEWS["timeline"][1], f"view timeline ({j.name}, {j.vertices[vertex]['name']})", said, "\n".join(line for _, line in current),
                       VIEWS["timeline"][0](j, vertex))


def kept_before(j, vertex, subtask, attempt):
    """Whether Flink still has the attempt before that one: it keeps sixteen, and goes on while we read."""
    try:
        return attempt > 0 and bool(rest(f"/jobs/{j.id}/vertices/{vertex}/subtasks/{subtask}/attempts/{attempt - 1}"))
    except OSError:
        return False


def view_hosts():
    """Where several task managers are of one host, a row above them adds them up."""
    for j in jobs():
        for vertex in list(j.vertices)[:3]:
            line = f"view hosts ({j.name}, {j.vertices[vertex]['name']})"
            said, shown = look("hosts", j, "--vertex", vertex)
            lines = shown.rstrip().splitlines()[-len(said["rows"]):] if said["rows"] else []
            one = [(row, drawn) for row, drawn in zip(said["rows"], lines) if not row["taskManager"].endswith(" task managers")]
            for row in said["rows"]:
                if row["taskManager"].endswith(" task managers"):
                    of = [r for r, _ in one if r["host"].rsplit(":", 1)[0] == row["host"]]
                    check(row["taskManager"] == f"{len(of)} task managers", f"{line}: so many of {row['host']}", row, of)
                    for field in ("tasks", "recordsIn", "recordsOut", "bytesIn", "bytesOut"):
                        check(row[field] == sum(r[field] for r in of), f"{line}: {field} of {row['host']}", row, of)
            said["rows"] = [row for row, _ in one]
            judge_rows(VIEWS["hosts"][1], line, said, "\n".join(drawn for _, drawn in one), VIEWS["hosts"][0](j, vertex))


def view_attempts():
    """Of the current attempt of each subtask everything; earlier ones come with restarts."""
    for j in jobs():
        vertex = list(j.vertices)[-1]
        said, shown = look("attempts", j, "--vertex", vertex)
        current = {(s["subtask"], s["attempt"]) for (s,) in VIEWS["attempts"][0](j, vertex)}
        before = [row for row in said["rows"] if (row["subtask"], row["attempt"]) not in current]
        check(all(row["attempt"] >= 0 and row["state"] for row in before), f"view attempts ({j.name}): earlier ones", before)
        check(before or not any(kept_before(j, vertex, *s) for s in current), f"view attempts ({j.name}): there are earlier ones", said["rows"])
        lines = [line for line, row in zip(shown.splitlines()[-len(said["rows"]):], said["rows"]) if row not in before]
        said["rows"] = [row for row in said["rows"] if row not in before]
        judge_rows(VIEWS["attempts"][1], f"view attempts ({j.name})", said, "\n".join(lines), sorted(VIEWS["attempts"][0](j, vertex), key=lambda r: r[0]["subtask"]))


def view_flame():
    """The stacks are a tree: what is below a frame adds up to it, and all of it is Flink's."""
    # stacks are taken for three seconds
    for j in jobs()[:3 if os.environ.get("BRIEF") else None]:
        # between two attempts there is nobody whose stacks could be taken
        if not j.alive or j.detail["timestamps"]["RESTARTING"]:
            continue
        vertex = list(j.vertices)[-1]
        line, (said, _) = f"view flame ({j.name})", look("flame", j, "--vertex", vertex)
        told = next((json.loads(body) for path, (_, _, body) in door.kept.items() if f"{vertex}/flamegraph" in path and j.id in path), None)
        if not check(told and told.get("data"), f"{line}: Flink has an answer", told):
            continue

        def frames(node):
            return 1 + sum(frames(child) for child in node.get("children") or [])

        mine = [f for f in said["frames"] if f["depth"] >= 0]
        check(len(mine) in (frames(told["data"]), frames(told["data"]) - 1), f"{line}: all frames", len(mine), frames(told["data"]))
        check(said["sampledMs"] == told["endTimestamp"], f"{line}: when", said["sampledMs"], told["endTimestamp"])
        top = sum(f["samples"] for f in mine if f["depth"] == 0)
        check(top == told["data"]["value"], f"{line}: samples", top, told["data"]["value"])
        check(sum(row["self"] for row in said["rows"]) == top, f"{line}: methods add up to it", said["rows"][:3])


def view_metrics():
    """Their names; values are asked for those that are charted."""
    for j in jobs():
        if not j.alive:
            continue
        vertex = list(j.vertices)[-1]
        said, _ = look("metrics", j, "--vertex", vertex)
        names = {m["id"] for m in rest(f"/jobs/{j.id}/vertices/{vertex}/subtasks/metrics")}
        check({row["metric"] for row in said["rows"]} == names, f"view metrics ({j.name}): names", said["rows"][:3])


def view_metric():
    j = next(j for j in jobs() if j.name == "backpressure")
    vertex = list(j.vertices)[-1]
    said, _ = look("metric", j, "--vertex", vertex, "--item", "numRecordsIn")
    subtasks = j.vertex(vertex)["subtasks"]
    for row, s in zip(said["rows"], subtasks):
        check((row["subtask"], row["endpoint"], row["taskManager"]) == (s["subtask"], s.get("endpoint", s.get("host")), s["taskmanager-id"]),
              "view metric: where", row, s)
        check(row["value"] >= s["metrics"]["read-records"] * 0.5, "view metric: value", row, s["metrics"])
    middle = sum(row["value"] for row in said["rows"]) / len(subtasks)
    check(all(math.isclose(row["ofMean"], row["value"] / middle, rel_tol=0.01) for row in said["rows"]), "view metric: share of the mean", said["rows"])


def view_accumulators():
    """None of these jobs has any of its own."""
    for j in jobs()[:2]:
        said, _ = look("accumulators", j)
        check(said["rows"] == [], f"view accumulators ({j.name})", said["rows"])


def view_operations():
    """console.py acts and looks at it; nothing has been asked of the cluster here."""
    said, _ = look("operations", None)
    check(said["rows"] == [], "view operations: nothing", said)


def view_help():
    said, shown = look("help", None)
    for key in re.findall(r'^KEY\(\w+, .*, "((?:[^"\\]|\\.)*)"\)$', open(f"{HERE}/../../tui/keys.def", encoding="utf-8").read(), re.M):
        check(key in shown, "view help: has each key", key)


JUDGES = {
    "jobs": lambda: of_cluster("jobs"),
    "vertices": lambda: of_job("vertices"),
    "exceptions": lambda: of_job("exceptions"),
    "watermarks": lambda: of_job("watermarks"),
    "skew": lambda: of_job("skew"),
    "summary": lambda: of_job("summary"),
    "taskmanagers": lambda: of_cluster("taskmanagers"),
    **{name.removeprefix("view_"): judge for name, judge in [*globals().items(), *vars(places).items()] if name.startswith("view_")},
}


door = None


def main():
    global door
    wait("task managers tell their memory", lambda: rest("/taskmanagers/tm-1:weir")["metrics"]["heapMax"] > 0)
    places.prepare()
    door = Frozen(common.URL)
    common.URL = door.door
    names = re.findall(r'^VIEW\(\w+, "([^"]+)"', open(f"{HERE}/../../tui/views.def", encoding="utf-8").read(), re.M)
    finish(JUDGES, sys.argv[3:] or names)


main()
