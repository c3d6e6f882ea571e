#!/usr/bin/env python3
"""weir submit against a real SQL gateway: a pipeline that runs, goes on from its savepoint, statements that Flink refuses, and the demo's
pipeline, which has to give there what it gives in weir run.

    submit.py WEIR URL GATEWAY
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

weir, url, gateway = sys.argv[1:]
SCRIPT = """SET 'pipeline.name' = 'submitted by weir';
CREATE TABLE s (a INT, b BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '50', 'fields.a.min' = '0', 'fields.a.max' = '4',
  'fields.b.min' = '1', 'fields.b.max' = '9');
CREATE TABLE t (a INT, n BIGINT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'print');
CREATE TABLE u (b BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO t SELECT a, COUNT(*) FROM s GROUP BY a;
INSERT INTO u SELECT b FROM s WHERE b > 3;
"""
failed = 0


def run(*words, text=None):
    return subprocess.run([weir, *words], input=text, capture_output=True, text=True, timeout=180)


def submit(text, *more):
    return run("submit", "-", "--gateway", gateway, *more, text=text)


def ask(path):
    with urllib.request.urlopen(url + path) as answer:
        return json.load(answer)


def check(what, good, said):
    global failed
    if not good:
        failed += 1
        print(f"not so: {what}: {said}")


first = submit(SCRIPT)
job = first.stdout.strip()
check("it runs", first.returncode == 0 and ask(f"/jobs/{job}")["state"] == "RUNNING", first)
check("by its name", ask(f"/jobs/{job}")["name"] == "submitted by weir", job)
check("as one job", ask(f"/jobs/{job}/plan")["plan"]["nodes"] and len([j for j in ask("/jobs/overview")["jobs"] if j["name"] == "submitted by weir"]) == 1, "")


def until(so, seconds=60):
    end = time.time() + seconds
    while not so() and time.time() < end:
        time.sleep(0.2)
    return so()


# a job is RUNNING before its tasks are
check("its tasks run", until(lambda: all(v["status"] == "RUNNING" for v in ask(f"/jobs/{job}")["vertices"])), job)
with tempfile.TemporaryDirectory() as directory:
    stopped = run("stop", "--url", url, "--yes", "--dir", f"file://{directory}", job)
    savepoint = stopped.stdout.strip()
    check("it stops", stopped.returncode == 0, stopped)
    rows = run("query", "-f", "ndjson", savepoint.removeprefix("file:"), "SHOW TABLES; SELECT 1")
    check("its state is a table", rows.returncode == 0, rows)
    second = submit(SCRIPT, "--from", savepoint)
    job = second.stdout.strip()
    restored = ask(f"/jobs/{job}/checkpoints")["latest"]["restored"] if second.returncode == 0 else None
    check("it goes on from its savepoint", restored and restored["external_path"].removeprefix("file:") == savepoint.removeprefix("file:"),
          (second, restored))
    run("cancel", "--url", url, "--yes", job)

refused = submit(SCRIPT.replace("INTO u", "INTO nowhere"))
check("a table that is not there, of the statements that are one job", refused.returncode == 1 and "nowhere" in refused.stderr and "-:6:1: " in refused.stderr, refused)
refused = submit(SCRIPT, "--from", "file:///nowhere")
check("a savepoint that is not there", refused.returncode == 1 and "/nowhere" in refused.stderr, refused)


def printed(lines):
    """What the print connector's changes leave, by the first column."""
    rows = {}
    for op, row in re.findall(r"^(?:\d+> )?([+-][IUD])\[([^\]\n]*)\]$", lines, re.M):
        rows[row.split(",")[0]] = None if op == "-D" else row
    return rows


def out_of_task_managers():
    texts = []
    for manager in ask("/taskmanagers")["taskmanagers"]:
        with urllib.request.urlopen(f"{url}/taskmanagers/{manager['id']}/stdout") as answer:
            texts.append(answer.read().decode())
    return "".join(texts)


def hours(directory):
    return sorted(line for part in glob.glob(f"{directory}/part-*") for line in open(part))


def demo(directory):
    """The demo's pipeline in a directory, reading all that there is: what it is here, and there."""
    examples = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/demo")
    text = open(f"{examples}/pipeline.sql").read().replace(", 'source.monitor-interval' = '200 ms'", "")
    os.mkdir(f"{directory}/in")
    with open(f"{directory}/in/changes.jsonl", "wb") as one:  # of several files Flink takes any one first, and rows come late
        for file in sorted(glob.glob(f"{examples}/*.jsonl")):
            shutil.copyfileobj(open(file, "rb"), one)
    script = lambda to: text.replace("'path' = 'in'", f"'path' = '{directory}/in'").replace("'path' = 'hours'", f"'path' = '{directory}/{to}'")
    here = run("run", "-", text=script("here"))
    there = submit(script("there"))
    good = here.returncode == 0 and there.returncode == 0
    check("the demo runs in both", good and until(lambda: ask(f"/jobs/{there.stdout.strip()}")["state"] == "FINISHED"), (here, there))
    mine, flinks = printed(here.stdout), printed(out_of_task_managers())
    check("its areas are the same", mine and all(flinks.get(area) == row for area, row in mine.items()), (mine, flinks))
    check("its hours are the same", hours(f"{directory}/here") and hours(f"{directory}/here") == hours(f"{directory}/there"),
          (hours(f"{directory}/here")[:3], hours(f"{directory}/there")[:3]))


with tempfile.TemporaryDirectory() as directory:
    demo(directory)
print(f"weir submit: {'as it should be' if not failed else f'{failed} things are not so'}")
sys.exit(failed > 0)
