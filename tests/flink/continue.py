#!/usr/bin/env python3
"""State goes from weir to Flink: weir works off the rows before, is stopped with a savepoint, and real Flink continues from that.

    continue.py WEIR FLINK_LIB WORK DIR...

A DIR is a program as tests/sql/restore.py takes them; its plan is Flink's, and so is what is expected of the rows behind. Plans with state that can expire come
twice more, with state that has expired meanwhile and with state that might have but has not: Flink has to show what weir shows, which goes on from the same savepoint.
The others come again with their state in RocksDB, and then Flink continues from an incremental checkpoint.
One JVM runs all of them (Continue.java). Exit status 1 when one shows anything else.
"""

import concurrent.futures
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

from judge import HERE, has_fallen, jars_of, java
from running import Running

SECONDS = 20
EXPIRED = f"{SECONDS} s"
TTLS = (EXPIRED, None, "1 d")  # what expires is saved first and goes on last
ENDED = "ended"
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


def save(weir, folder, program, plan, work, settings, state):
    """A savepoint behind the rows before; or why there is none."""
    place = ["--set", f"execution.checkpointing.savepoint-dir={work}/saved"]
    if state == "rocksdb":
        place = ["--checkpoint-dir", f"{work}/saved", "--set", "execution.checkpointing.interval=1 h", "--set", "execution.checkpointing.incremental=true"]
    put_rows(folder, program, work, True)
    open(f"{work}/begin.sql", "w").write(settings + tables_of(folder, work, False) + f"\nEXECUTE PLAN '{plan}';\n")
    job = Running(weir, "--format", "ndjson", "--on-signal", "stop", "--state", state, *place, f"{work}/begin.sql")
    job.has_read(sum(len(table.get("producedBeforeRestore", ())) for table in program["setup"] if table["kind"].startswith("SOURCE")))
    status, said = job.end(signal.SIGTERM)
    made = glob.glob(f"{work}/saved/savepoint-*") + glob.glob(f"{work}/saved/chk-*")
    if not status and not made:
        return ENDED
    if status or not made:
        return said.strip().splitlines()[-1] if said.strip() else f"status {status}"
    os.symlink(made[0], f"{work}/savepoint")
    put_rows(folder, program, work, False)
    open(f"{work}/continue.sql", "w").write(f"SET 'state.backend.type' = '{state}';\n" + settings + tables_of(folder, work, True) + f"\nEXECUTE PLAN '{plan}';\n")
    return None


def shown_by(work, program):
    """Per sink: rows as Flink's print connector has them."""
    sinks = [t["name"] for t in program["setup"] if t["kind"].startswith("SINK")]
    shown = {name: [] for name in sinks}
    for line in open(f"{work}/shown").read().splitlines():
        name, _, row = line.partition("> ") if "> " in line else (sinks[0], "", line)
        shown.setdefault(re.sub(r":\d+$", "", name), []).append(row)
    return shown


def settings_of(ttl):
    return f"SET 'table.exec.state.ttl' = '{ttl}';\n" if ttl else ""


def wanted_of(weir, ttl, work, folder, program, sink):
    """What is to come out, and whether it is final rows."""
    wanted = json.load(open(f"{folder}/expected.json"))["sinks"][sink["name"]]
    if not ttl:
        return wanted["changelogAfterRestore"], "mini-batch" in folder or not wanted.get("testChangelogData", True)
    shown, why = restore.run(weir, folder, program, work, "savepoint", 0, settings_of(ttl))
    return [why] if why else restore.changes(shown, sink), "mini-batch" in folder


def unordered(changes):
    """Changes in any order, whose maps and multisets have their entries in any order, too."""
    return sorted(re.sub(r"\{([^{}]*)\}", lambda m: "{" + ", ".join(sorted(m[1].split(", "))) + "}", c) if isinstance(c, str) else c for c in changes)


def differs(weir, ttl, work, folder, program):
    """How what Flink has shown is not what it should be."""
    if os.path.exists(f"{work}/why"):
        return f"Flink says no: {open(f'{work}/why').read().strip().splitlines()[-1][:300]}"
    shown = shown_by(work, program)
    for sink in (t for t in program["setup"] if t["kind"].startswith("SINK")):
        got = shown.get(sink["name"], [])
        want, only_final = wanted_of(weir, ttl, work, folder, program, sink)
        if only_final:
            key = restore.key_of(sink)
            got, want = restore.final(got, key), restore.final(want, key)
        if unordered(got) != unordered(want):
            return f"not as it should be\n  got:  {got}\n  want: {want}"
    return None


def left_out(folder, text):
    """Why real Flink cannot go on with it."""
    if "changelog-json" in re.split("/output/", open(f"{folder}/pipeline.sql").read())[0]:
        return "its source is of format changelog-json, which Flink does not have"
    if re.search(r'"timeAttributeIndex" : \d+,\s*"isRowtime" : false', text) or re.search(r'"timeField"[^]]*?"kind" ?: ?"PROCTIME"', text):
        return "its windows are of processing time, which is another one each time"
    if '"WatermarkPushDown"' in text:
        return "its plan leaves watermarks to the connector, which Flink's for files does not make"
    return None


def cases(dirs, told):
    """(TTL, where state lies, folder, text of the plan) of all that is tried; `told`: what of the others."""
    for folder in dirs:
        for plan in sorted(glob.glob(f"{folder}/restore/stream-exec-*/flink-plan.json")):
            if "@" in plan or not os.path.exists(f"{folder}/pipeline.sql"):
                continue
            text = open(plan).read()
            why = left_out(folder, text)
            if why:
                told.add(f"{os.path.basename(folder)}: left out: {why}")
            else:
                yield None, "rocksdb", folder, text
                yield from ((ttl, "hashmap", folder, text) for ttl in TTLS if not ttl or re.search('"ttl"|over-aggregate', text))


def main():
    weir, lib, below, *dirs = sys.argv[1:]
    below = os.path.abspath(below)
    shutil.rmtree(below, ignore_errors=True)
    os.makedirs(f"{below}/classes")
    jars = jars_of(lib)
    compiler = subprocess.Popen(["javac", "-nowarn", "-d", f"{below}/classes", "-cp", jars, f"{HERE}/Continue.java"])
    told = set()
    tried = [(ttl, state, f"{below}/{i}", folder, text) for i, (ttl, state, folder, text) in enumerate(sorted(cases(dirs, told), key=lambda case: TTLS.index(case[0])))]

    def begun(case):
        ttl, state, work, folder, text = case
        program = json.load(open(f"{folder}/program.json"))
        os.makedirs(work)
        open(f"{work}/flink-plan.json", "w").write(text.replace('"ttl" : "0 ms"', f'"ttl" : "{ttl}"') if ttl else text)
        return program, save(weir, folder, program, f"{work}/flink-plan.json", work, settings_of(ttl), state), time.time()

    works, bad, refused, last = [], 0, 0, 0
    with concurrent.futures.ThreadPoolExecutor(8) as pool:  # most of the time they wait for rows
        for (ttl, state, work, folder, _), (program, why, at) in zip(tried, pool.map(begun, tried)):
            if why == ENDED:
                told.add(f"{os.path.basename(folder)}: left out: it ends before anybody can stop it")
            elif why:
                refused += 1
                print(f"{os.path.basename(folder)}: weir makes no savepoint: {why[-200:]}")
            else:
                works.append((ttl, state, work, folder, program))
                last = max(last, at) if ttl == EXPIRED else last
    print(*sorted(told), sep="\n", flush=True)
    if compiler.wait():
        return True
    with subprocess.Popen(java(f"{below}/classes:{jars}", below, "Continue"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=open(f"{below}/log", "w"),
                          text=True) as flink:
        flink.stdin.writelines(f"{work}\n" for ttl, _, work, _, _ in works if ttl != EXPIRED)
        flink.stdin.flush()
        time.sleep(max(0, last + SECONDS + 1 - time.time()))
        flink.stdin.writelines(f"{work}\n" for ttl, _, work, _, _ in works if ttl == EXPIRED)
    if flink.returncode:
        raise has_fallen(f"{below}/log")
    for ttl, state, work, folder, program in works:
        why = differs(weir, ttl, work, folder, program)
        if why:
            bad += 1
            print(f"{os.path.basename(folder.rstrip('/'))}{f', TTL {ttl}' if ttl else ''}, {state}: {why}")
    print(f"continued by Flink: {len(works) - bad} of {len(works) + refused}")
    return bad or refused or not works


if __name__ == "__main__":
    sys.exit(bool(main()))
