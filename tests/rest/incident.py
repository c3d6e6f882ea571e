#!/usr/bin/env python3
"""Makes incident.weir from 2.3.tsv: two minutes of a job, in the middle of which the cluster cannot be reached for half a minute.

    incident.py        (needs the zstd command)
"""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
JOB = "baa3b552ec8afe79b9bf27f269412e3e"
START = 1795650340000  # 2026-11-25 23:45:40


def frame(text):
    return subprocess.run(["zstd", "-q", "--check", "-c"], input=text, capture_output=True, check=True).stdout


def record(at, path, body="", status=200, **more):
    head = {"atMs": START + at * 1000, "tookMs": 7, "method": "GET", "path": path, "status": status, "page": False, "away": False}
    head.update(more, bytes=len(body.encode()))
    return (json.dumps(head, separators=(",", ":")) + "\n" + body + "\n").encode()


def checkpoints_at(answer, seconds):
    """What Flink told then: the ten newest that had ended."""
    then = json.loads(answer)
    until = START + seconds * 1000
    then["history"] = [c for c in then["history"] if c["latest_ack_timestamp"] <= until]
    then["counts"]["completed"] = max((c["id"] for c in then["history"]), default=0)
    return json.dumps(then, separators=(",", ":"))


answers = {}
with open(os.path.join(HERE, "2.3.tsv"), encoding="utf-8") as lines:
    for line in lines:
        method, path, status, kind, body = line.rstrip("\n").split("\t")
        if method == "GET" and status == "200" and path not in answers:
            answers[path] = body

job = f"/jobs/{JOB}"
parts = [frame((json.dumps({"weir": "recording", "formatVersion": 1, "madeBy": "weir", "url": "http://flink.example:8081"},
                           separators=(",", ":")) + "\n").encode())]
for begin in (0, 60):
    text = b""
    for at in range(begin, begin + 60, 5):
        if 50 <= at < 80:
            text += record(at, "/overview", status=0, away=True, error="http://flink.example:8081: Connection refused")
            continue
        if at % 60 == 0:
            text += record(at, "/config", answers["/config"]) + record(at, job + "/checkpoints/config", answers[job + "/checkpoints/config"])
        for path in ("/overview", "/jobs/overview", job):
            text += record(at, path, answers[path])
        text += record(at, job + "/checkpoints", checkpoints_at(answers[job + "/checkpoints"], at))
    parts.append(frame(text))
with open(os.path.join(HERE, "incident.weir"), "wb") as to:
    to.write(b"".join(parts))
