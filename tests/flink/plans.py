#!/usr/bin/env python3
"""Plans that weir compiles, executed by real Flink: EXECUTE PLAN has to give what Flink's own plan of the same script gives.

    plans.py [-v] [-k KNOWN]... WEIR FLINK_LIB WORK DIR...

A DIR is a program as tests/sql/programs.c takes them. Tables are read where they are; those that are written become the judge's, which take the same
changes. What is compared is what Flink repeats: the list, the changes in any order, or the final rows. KNOWN names programs (NAME REASON a line) that
weir refuses or that are known to differ. Exit status 1 when another one does.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

from judge import Judge, final, parse, shown, tupled, why

# Nodes that send rows of several keys in the order of Java's hash maps: tests/sql/programs.c says so, too.
UNORDERED = re.compile(r"stream-exec-(window-|global-window-|union_|over-aggregate_|interval-join_|temporal-join_|group-window-|global-group-)")


def sink(match):
    """The options of a table that is written, as the judge's."""
    name, columns, options = match.groups()
    mode = re.search(r"'changelog-json.changelog-mode'\s*=\s*'([^']*)'", options)
    return f"CREATE TABLE {name} ({columns}) WITH ('connector' = 'shown', 'to' = '${{WORK}}', 'table' = '{name.strip('`')}', 'mode' = '{mode[1] if mode else 'I'}');"


def script_of(sql, plan, work):
    """What Flink gets: settings and tables of the script, then the plan."""
    tables = re.split(r"(?im)^(?:INSERT|EXECUTE STATEMENT SET|BEGIN STATEMENT SET)", sql)[0]
    tables = re.sub(r"(?is)CREATE (?:TEMPORARY )?TABLE (`?\w+`?)\s*\(((?:(?!CREATE ).)*?)\)[^;()]*?WITH\s*\(([^;]*?/output/[^;]*?)\);", sink, tables)
    return tables.replace("${WORK}", work) + f"\nSET 'table.plan.restore.catalog-objects' = 'IDENTIFIER';\nEXECUTE PLAN '{plan}';\n"


def compiled(weir, folder, work):
    """Makes the plan, or says why not."""
    sql = open(f"{folder}/pipeline.sql", encoding="utf-8").read().replace("${DIR}", os.path.abspath(folder))
    open(f"{work}/pipeline.sql", "w", encoding="utf-8").write(sql)
    done = subprocess.run([weir, "compile", "-o", f"{work}/plan.json", f"{work}/pipeline.sql"], capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("weir: ")] or [f"status {done.returncode}"]
        return said[0].split("pipeline.sql:")[-1]
    open(f"{work}/script.sql", "w", encoding="utf-8").write(script_of(sql, f"{work}/plan.json", work))
    return None


def expected(folder):
    """Per table: its changes, and the places of its key."""
    tables, keys, name = {}, {}, ""
    for line in open(f"{folder}/flink-output.jsonl", encoding="utf-8"):
        head = json.loads(line)
        name = head.get("sink", name)
        if "schema" in head:
            tables[name] = []
            names = [column["name"] for column in head["schema"]]
            keys[name] = [names.index(column) for column in head["primaryKey"]]
        elif "op" in head:
            change = parse(line)
            tables[name].append((change["op"], tuple(tupled(v) for _, v in change["row"])))
    return tables, keys


def differs(folder, work):
    """How what Flink has shown is not what it should be."""
    run = json.load(open(f"{folder}/expected.json", encoding="utf-8")).get("flinkRun", {})
    if os.path.exists(f"{work}/why"):
        return None if run.get("status") == "error" else f"Flink: {why(work)}"
    wanted, keys = expected(folder)
    got = shown(f"{work}/shown")
    plan = open(f"{folder}/plan.json", encoding="utf-8").read()
    alone = plan.count('"stream-exec-table-source-scan_') < 2  # else rows of several tables come as they will
    changes = alone and (run.get("repeatSameOrder") or run.get("repeatSameChangelog"))
    listed = alone and run.get("repeatSameOrder") and not UNORDERED.search(plan)
    for name, want in wanted.items():
        have = got.get(name, [])
        if final(have, keys[name]) != final(want, keys[name]):
            return f"another result\n  got:  {have}\n  want: {want}"
        if changes and sorted(map(repr, have)) != sorted(map(repr, want)):
            return f"other changes, the same final rows\n  got:  {have}\n  want: {want}"
        if listed and have != want:
            return f"the same changes in another order\n  got:  {have}\n  want: {want}"
    return None


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true")
    args.add_argument("-k", action="append", default=[])
    args.add_argument("weir")
    args.add_argument("lib")
    args.add_argument("work")
    args.add_argument("dirs", nargs="+")
    args = args.parse_args()
    known = {line.split()[0] for path in args.k for line in open(path, encoding="utf-8") if line[0] != "#"}
    work = os.path.abspath(args.work)
    shutil.rmtree(work, ignore_errors=True)
    asked, bad, refused = {}, [], []
    for folder in args.dirs:
        name = os.path.basename(folder.rstrip("/"))
        if not os.path.exists(f"{folder}/flink-output.jsonl") or not os.path.exists(f"{folder}/plan.json") or '"batch-exec-' in open(f"{folder}/plan.json", encoding="utf-8").read():
            continue
        if "stream-exec-window-join" in open(f"{folder}/plan.json", encoding="utf-8").read():
            print(f"{name}: left out: which rows are late depends on which of its tables is read faster")
            continue
        if "$$WELFORD_M2$1$1" in open(f"{folder}/plan.json", encoding="utf-8").read():
            print(f"{name}: left out: Flink 2.3 does not find its own function of variances in a plan, be it Flink's")
            continue
        mine = f"{work}/{len(asked) + len(refused)}-{name}"
        os.makedirs(mine)
        reason = compiled(args.weir, folder, mine)
        if reason and json.load(open(f"{folder}/expected.json", encoding="utf-8")).get("flinkRun", {}).get("status") == "error":
            continue
        if reason:
            refused.append((name, f"weir says no: {reason}"))
        else:
            asked[mine] = (name, folder)
    judge = Judge(args.lib, work)
    for directory in asked:
        judge.ask(directory)
    for directory in judge.answers(len(asked)):
        name, folder = asked[directory]
        reason = differs(folder, directory)
        if reason:
            bad.append((name, reason))
    judge.end()
    for name, reason in sorted(bad + refused):
        if args.v or name not in known:
            print(f"{name}: {reason}")
    right = len(asked) - len(bad)
    print(f"plans of weir that Flink executes with the same result: {right} of {len(asked)}, {len(refused)} not compiled")
    return right == 0 or any(name not in known for name, _ in bad + refused)


if __name__ == "__main__":
    sys.exit(bool(main()))
