#!/usr/bin/env python3
"""State goes from weir to Flink: weir works off the rows before, is stopped with a savepoint, and real Flink continues from that.

    continue.py [--ttl TIME [--wait SECONDS]] WEIR FLINK_LIB WORK DIR...

With --ttl the state of the plans expires, when so much time has gone by behind the savepoint: Flink has to show what weir shows, which goes on from
the same one. A DIR is a program as tests/sql/restore.py takes them; its plan is Flink's, and so is what is expected of the rows behind. One JVM runs all of them
(Continue.java). Exit status 1 when one shows anything else.
"""

import argparse
import glob
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("restore", f"{HERE}/../sql/restore.py")
restore = importlib.util.module_from_spec(spec)
spec.loader.exec_module(restore)


def tables_of(folder, work, flink):
    sql = restore.tables_of(f"{folder}/pipeline.sql").replace("${DIR}", work)
    if not flink:
        return re.sub(r"('path' = '[^']*/input/)", r"'source.monitor-interval' = '20 ms', \1", sql)
    return re.sub(r"(?s)(CREATE (?:TEMPORARY )?TABLE `?(\w+)`? \([^;]*?\) WITH \()[^;]*?/output/[^;]*?\);", r"\1'connector' = 'print', 'print-identifier' = '\2');", sql)


def put_rows(folder, program, work, before):
    shutil.rmtree(f"{work}/input", ignore_errors=True)
    os.makedirs(f"{work}/input")
    for table in program["setup"]:
        if table["kind"].startswith("SOURCE"):
            rows = f"{folder}/input/{table['name']}.jsonl"
            lines = open(rows).readlines() if os.path.exists(rows) else []
            n = len(table["producedBeforeRestore"])
            open(f"{work}/input/{table['name']}.jsonl", "w").writelines(lines[:n] if before else lines[n:])


def save(weir, folder, program, plan, work, settings):
    """A savepoint behind the rows before; or why there is none."""
    put_rows(folder, program, work, True)
    open(f"{work}/begin.sql", "w").write(settings + tables_of(folder, work, False) + f"\nEXECUTE PLAN '{plan}';\n")
    job = subprocess.Popen([weir, "run", "--format", "ndjson", "--on-signal", "stop", "--set", f"execution.checkpointing.savepoint-dir={work}/saved",
                            f"{work}/begin.sql"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    job.send_signal(signal.SIGTERM)
    _, said = job.communicate(timeout=30)
    made = glob.glob(f"{work}/saved/savepoint-*")
    if job.returncode or not made:
        return said.strip().splitlines()[-1] if said.strip() else f"status {job.returncode}"
    os.rename(made[0], f"{work}/savepoint")
    put_rows(folder, program, work, False)
    open(f"{work}/continue.sql", "w").write(settings + tables_of(folder, work, True) + f"\nEXECUTE PLAN '{plan}';\n")
    return None


def shown_by(work, program):
    """Per sink: rows as Flink's print connector has them."""
    sinks = [t["name"] for t in program["setup"] if t["kind"].startswith("SINK")]
    shown = {name: [] for name in sinks}
    for line in open(f"{work}/shown").read().splitlines():
        name, _, row = line.partition("> ") if "> " in line else (sinks[0], "", line)
        shown.setdefault(re.sub(r":\d+$", "", name), []).append(row)
    return shown


def wanted_of(args, work, folder, program, sink, settings):
    """What is to come out, and whether it is final rows."""
    wanted = json.load(open(f"{folder}/expected.json"))["sinks"][sink["name"]]
    if not args.ttl:
        return wanted["changelogAfterRestore"], "mini-batch" in folder or not wanted.get("testChangelogData", True)
    shown, why = restore.run(args.weir, folder, program, work, "savepoint", 0, settings)
    return [why] if why else restore.changes(shown, sink), "mini-batch" in folder


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--ttl")
    args.add_argument("--wait", type=float, default=0)
    args.add_argument("weir")
    args.add_argument("lib")
    args.add_argument("below")
    args.add_argument("dirs", nargs="+")
    args = args.parse_args()
    weir, lib, below = args.weir, args.lib, args.below
    settings = f"SET 'table.exec.state.ttl' = '{args.ttl}';\n" if args.ttl else ""
    shutil.rmtree(below, ignore_errors=True)
    works, bad, refused, place = [], 0, 0, 0
    for folder in args.dirs:
        for plan in sorted(glob.glob(f"{folder}/restore/stream-exec-*/flink-plan.json")):
            if "@" in plan or not os.path.exists(f"{folder}/pipeline.sql"):
                continue
            text = open(plan).read()
            if args.ttl and not re.search('"ttl"|over-aggregate', text):
                continue
            program = json.load(open(f"{folder}/program.json"))
            if "changelog-json" in re.split("/output/", open(f"{folder}/pipeline.sql").read())[0]:
                print(f"{os.path.basename(folder)}: left out: its source is of format changelog-json, which Flink does not have")
                continue
            if re.search(r'"timeAttributeIndex" : \d+,\s*"isRowtime" : false', text) or re.search(r'"timeField"[^]]*?"kind" ?: ?"PROCTIME"', text):
                print(f"{os.path.basename(folder)}: left out: its windows are of processing time, which is another one each time")
                continue
            place += 1
            work = os.path.abspath(f"{below}/{place}")
            os.makedirs(work)
            open(f"{work}/flink-plan.json", "w").write(text.replace('"ttl" : "0 ms"', f'"ttl" : "{args.ttl}"') if args.ttl else text)
            why = save(weir, folder, program, f"{work}/flink-plan.json", work, settings)
            if why == "status 0":
                print(f"{os.path.basename(folder)}: left out: it ends before anybody can stop it")
                continue
            if why:
                refused += 1
                print(f"{os.path.basename(folder)}: weir makes no savepoint: {why[-200:]}")
                continue
            works.append((work, folder, program))
    jars = ":".join(glob.glob(f"{lib}/*.jar"))
    os.makedirs(f"{below}/classes")
    subprocess.run(["javac", "-nowarn", "-d", f"{below}/classes", "-cp", jars, f"{HERE}/Continue.java"], check=True)
    time.sleep(args.wait)
    opens = [f"--add-opens=java.base/java.{p}=ALL-UNNAMED" for p in ("lang", "util", "time", "util.concurrent", "math", "net", "io", "nio", "lang.invoke")]
    subprocess.run(["java", "-Xmx1g", *opens, "-cp", f"{below}/classes:{jars}", "Continue", *(w for w, _, _ in works)], check=True, stdout=subprocess.DEVNULL, stderr=open(f"{below}/log", "w"))
    for work, folder, program in works:
        name = os.path.basename(folder.rstrip("/"))
        if os.path.exists(f"{work}/why"):
            bad += 1
            print(f"{name}: Flink says no: {open(f'{work}/why').read().strip().splitlines()[-1][:300]}")
            continue
        shown = shown_by(work, program)
        for sink in (t for t in program["setup"] if t["kind"].startswith("SINK")):
            got = shown.get(sink["name"], [])
            want, only_final = wanted_of(args, work, folder, program, sink, settings)
            if only_final:
                key = restore.key_of(sink)
                got, want = restore.final(got, key), restore.final(want, key)
            if sorted(got) != sorted(want):
                bad += 1
                print(f"{name}: not as it should be\n  got:  {got}\n  want: {want}")
                break
    print(f"continued by Flink: {len(works) - bad} of {len(works) + refused}")
    return bad or refused


if __name__ == "__main__":
    sys.exit(bool(main()))
