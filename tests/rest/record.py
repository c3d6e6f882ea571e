#!/usr/bin/env python3
"""Records what a running cluster answers, in the form that tests/support/rest_stub.h plays.

    record.py URL [--hide DIR] [NAME-OF-A-JOB...] >FILE      without names: all jobs; DIR becomes /var/flink

Every route that the commands ask is asked here, with the queries that they use. Run it while the jobs run."""
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


hidden = None


def fetch(url, path):
    request = urllib.request.Request(url + path, headers={"Accept": "*/*"})
    try:
        with urllib.request.urlopen(request, timeout=60) as r:
            return r.status, r.headers.get_content_type(), r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers.get_content_type(), e.read()


def settled(url, path):
    """What is only begun by the first question, as it is a little later."""
    for _ in range(5):
        status, kind, body = fetch(url, path)
        if body not in (b"[]", b'{"status":"deprecated"}'):
            break
        time.sleep(0.3)
    return status, kind, body


def record(url, path):
    status, kind, body = settled(url, path)
    try:
        value = json.loads(body)
        text, kind = json.dumps(value, separators=(",", ":")), "application/json"
    except ValueError:
        value = None
        text, kind = json.dumps(body.decode(errors="replace")[-20000:]), "text/plain"
    if hidden:
        text = text.replace(hidden, "/var/flink").replace(hidden.strip("/").replace("/", "_"), "var_flink")
    print("GET", path, status, kind, text, sep="\t")
    return value if status == 200 else None


def record_metrics(url, path, wanted):
    names = {m["id"] for m in record(url, path) or []}
    for group in wanted:
        there = sorted(n for n in group if n in names)
        if there:
            record(url, path + "?get=" + ",".join(there))


def record_outputs(url, path):
    """What each operator of a vertex sends on, as live/facts_given.c asks for it."""
    names = sorted(m["id"] for m in json.loads(settled(url, path)[2]) if m["id"].endswith(".currentOutputWatermark"))
    if names:
        record(url, path + "?get=" + ",".join(urllib.parse.quote(n, safe="") for n in names[:24]) + "&agg=min,max")


def record_job(url, job):
    base = "/jobs/" + job
    detail = record(url, base)
    for path in ("/plan", "/config", "/exceptions", "/exceptions?maxExceptions=10", "/exceptions?maxExceptions=20", "/checkpoints/config", "/resource-requirements"):
        record(url, base + path)
    record_metrics(url, base + "/metrics", [["numRestarts"], ["numRestarts", "uptime"]])
    checkpoints = record(url, base + "/checkpoints")
    for checkpoint in checkpoints["history"][:2] if checkpoints else []:
        at = f"{base}/checkpoints/details/{checkpoint['id']}"
        record(url, at)
        for vertex in detail["vertices"]:
            record(url, f"{at}/subtasks/{vertex['id']}")
    for vertex in detail["vertices"]:
        at = f"{base}/vertices/{vertex['id']}"
        for path in ("", "/backpressure", "/watermarks", "/taskmanagers", "/subtasktimes"):
            record(url, at + path)
        record_metrics(url, at + "/subtasks/metrics", [["numRecordsIn", "numRecordsOut"]])
        record_outputs(url, at + "/subtasks/metrics")


def main():
    global hidden
    url, names = sys.argv[1].rstrip("/"), sys.argv[2:]
    if names[:1] == ["--hide"]:
        hidden, names = names[1], names[2:]
    for path in ("/config", "/overview"):
        record(url, path)
    jobs = [j for j in record(url, "/jobs/overview")["jobs"] if not names or j["name"] in names]
    for job in jobs:
        record_job(url, job["jid"])
    for manager in record(url, "/taskmanagers")["taskmanagers"]:
        at = "/taskmanagers/" + urllib.parse.quote(manager["id"], safe=":")
        for path in ("", "/logs"):
            record(url, at + path)
    record(url, "/jobmanager/config")
    logs = record(url, "/jobmanager/logs")
    for log in logs["logs"] if logs else []:
        if log["name"] == "jobmanager.log":
            record(url, "/jobmanager/logs/" + log["name"])
    record_metrics(url, "/jobmanager/metrics", [["numRegisteredTaskManagers"]])


main()
