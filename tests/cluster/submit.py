#!/usr/bin/env python3
"""weir submit against a real SQL gateway: a pipeline that runs, goes on from its savepoint, and statements that Flink refuses.

    submit.py WEIR URL GATEWAY
"""
import json
import subprocess
import sys
import tempfile
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
check("a table that is not there", refused.returncode == 1 and "nowhere" in refused.stderr and "-:7:1: " in refused.stderr, refused)
refused = submit(SCRIPT, "--from", "file:///nowhere")
check("a savepoint that is not there", refused.returncode == 1 and "/nowhere" in refused.stderr, refused)
print(f"weir submit: {'as it should be' if not failed else f'{failed} things are not so'}")
sys.exit(failed > 0)
