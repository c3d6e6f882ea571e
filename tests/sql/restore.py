#!/usr/bin/env python3
"""Continues from real savepoints of Flink's and compares what comes out with what Flink's own tests expect.

    restore.py [-v] [-g GOAL] [-k KNOWN] [-d ENTRIES] WEIR DIR...

A DIR is a program of Flink's restore tests: program.json (tables, and their rows before and after the savepoint), pipeline.sql (for the tables and
settings), input/TABLE.jsonl (rows), expected.json, and restore/NODE/ with flink-plan.json and savepoints. weir gets a script of the tables, with the
rows behind the savepoint alone, and EXECUTE PLAN. Changelogs are compared in any order, as Flink's tests do; where those expect final rows, or
rows are worked off in bundles (mini-batch), the final rows are. Windows of processing time do not end with the input: those programs run on until they
have shown as much as Flink expects (60 seconds at most). What weir refuses is told with its reason. Exit status 1 when less than GOAL % agree, or one
differs or is refused that KNOWN does not name (ID/NODE and the reason a line); without KNOWN what is refused counts in
GOAL alone. With -d keyed state lies in databases, and at most ENTRIES of each state in memory.
"""

import argparse
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import threading


def moment(text):
    """LocalDateTime#toString, Instant#toString."""
    m = re.match(r"(\d+-\d+-\d+) (\d+:\d+):(\d+)(?:\.(\d+))?(Z?)$", text)
    if not m:
        return text
    day, minute, second, fraction, zone = m.groups()
    nanos = (fraction or "").ljust(9, "0")
    digits = next((n for n in (0, 3, 6) if not nanos[n:].strip("0")), 9)
    shown = f":{second}" if int(second) or digits or zone else ""
    return f"{day}T{minute}{shown}{'.' + nanos[:digits] if digits else ''}{zone}"


def show(value, kind=""):
    """As Flink's Row#toString."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if kind.startswith("TIMESTAMP"):
        return moment(value)
    if kind.startswith(("MAP<", "MULTISET<")):
        return "{" + ", ".join(f"{show(k)}={show(v)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(show(v, kind[6:-1] if kind.startswith("ARRAY<") else "") for v in value) + "]"
    if isinstance(value, dict):
        return "+I[" + ", ".join(map(show, value.values())) + "]"
    return str(value)


def key_of(table):
    """Where the columns of a sink's primary key stand; none: it has none."""
    found = re.search(r"PRIMARY KEY\s*\(([^)]*)\)", " ".join(table["schema"]))
    names = [c["name"] for c in table["columns"]]
    return [names.index(n.strip(" `")) for n in found.group(1).split(",")] if found else []


def final(changes, key):
    rows = {} if key else collections.Counter()
    for change in changes:
        row = change[2:]
        under = tuple(row[1:-1].split(", ")[i] for i in key)
        if not key:
            rows[row] += 1 if change[0] == "+" else -1
        elif change[0] == "-":
            rows.pop(under, None)
        else:
            rows[under] = row
    return sorted(rows.values() if key else rows.elements())


def tables_of(script):
    return re.split(r"(?im)^(?:INSERT|EXECUTE STATEMENT SET|BEGIN STATEMENT SET)", open(script).read())[0]


def run(weir, folder, program, node, savepoint, lines_wanted, settings="", options=()):
    """What each sink shows, or the reason why not."""
    tables = tables_of(f"{folder}/pipeline.sql")
    if lines_wanted:
        tables = re.sub(r"('path' = '[^']*/input/)", r"'source.monitor-interval' = '1 s', \1", tables)
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(f"{work}/input")
        for table in program["setup"]:
            if table["kind"].startswith("SOURCE"):
                rows = f"{folder}/input/{table['name']}.jsonl"
                lines = open(rows).readlines() if os.path.exists(rows) else []
                open(f"{work}/input/{table['name']}.jsonl", "w").writelines(lines[len(table["producedBeforeRestore"]):])
        script = f"{work}/continue.sql"
        open(script, "w").write(settings + tables.replace("${DIR}", work) + f"\nEXECUTE PLAN '{os.path.abspath(node)}/flink-plan.json';\n")
        command = [weir, "run", "--format", "ndjson", "--from", f"{node}/{savepoint}", *options, script]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as job:
            guard = threading.Timer(60 if lines_wanted else 180, job.terminate)
            guard.start()
            lines = []
            for line in job.stdout:
                lines.append(line)
                if len(lines) == lines_wanted:
                    job.terminate()
                    break
            stderr = job.stderr.read()
            guard.cancel()
    if job.returncode and not (lines_wanted and lines):
        said = [line for line in stderr.splitlines() if " is another connector's " not in line]
        return None, re.sub(r".*: node \d+ |.*/savepoint: ", "", said[0] if said else f"status {job.returncode}")
    shown = collections.defaultdict(list)
    for line in map(json.loads, lines):
        shown[line.get("sink", "").split(".")[-1].strip("`")].append(line)
    return shown, None


def changes(shown, sink):
    """What weir shows of a sink, as Flink's Row#toString."""
    kinds = [c["type"] for c in sink["columns"]]
    lines = shown.get(sink["name"], shown.get("", []))
    return [f"{x['op']}[{', '.join(show(v, k) for v, k in zip(x['row'].values(), kinds))}]" for x in lines]


def right(shown, expected, program, batched):
    sinks = {t["name"]: t for t in program["setup"] if t["kind"].startswith("SINK")}
    for name, wanted in expected["sinks"].items():
        got = changes(shown, sinks[name])
        want = wanted["changelogAfterRestore"]
        if batched or not wanted.get("testChangelogData", True):
            key = key_of(sinks[name])
            got, want = final(got, key), final(want, key)
        if sorted(got) != sorted(want):
            return got, want
    return None


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true")
    args.add_argument("-g", type=float, default=100)
    args.add_argument("-k")
    args.add_argument("-d")
    args.add_argument("weir")
    args.add_argument("dirs", nargs="+")
    args = args.parse_args()
    known = {line.split()[0] for line in open(args.k)} if args.k else set()
    options = ["--set", "state.backend.type=rocksdb", "--set", f"weir.state.entries={args.d}"] if args.d else []
    agree, differ, refused = 0, [], collections.defaultdict(list)
    for folder in args.dirs:
        nodes = [n for n in sorted(glob.glob(f"{folder}/restore/stream-exec-*")) if os.path.exists(f"{folder}/pipeline.sql")]
        for node in nodes:
            for savepoint in sorted(os.path.relpath(os.path.dirname(m), node) for m in glob.glob(f"{node}/**/_metadata", recursive=True)):
                program, expected = (json.load(open(f"{folder}/{f}.json")) for f in ("program", "expected"))
                name = f"{os.path.basename(folder.rstrip('/'))}/{os.path.relpath(node, folder)[8:]}"
                after = sum(len(sink["changelogAfterRestore"]) for sink in expected["sinks"].values())
                shown, why = run(args.weir, folder, program, node, savepoint, after if re.search("window.*-proc-time", name) else 0,
                                 options=options)
                wrong = shown is not None and right(shown, expected, program, "mini-batch" in folder)
                if why:
                    refused[why].append(name)
                elif wrong:
                    differ.append(name)
                    print(f"{name}: not as it should be\n  got:  {wrong[0]}\n  want: {wrong[1]}")
                else:
                    agree += 1
    for why, names in sorted(refused.items(), key=lambda x: -len(x[1])):
        print(f"{len(names):5}  {why}  ({names[0]})")
    total = agree + len(differ) + sum(map(len, refused.values()))
    print(f"savepoints: {agree} of {total} continued as in Flink ({100 * agree / max(total, 1):.2f} %)")
    unlisted = sorted((set(differ) | {n for names in refused.values() for n in names}) - known) if args.k else differ
    for name in unlisted:
        print(f"not listed: {name}")
    return bool(not total or 100 * agree < args.g * total or unlisted)


if __name__ == "__main__":
    sys.exit(main())
