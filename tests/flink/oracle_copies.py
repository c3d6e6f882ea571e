#!/usr/bin/env python3
"""Copies of a collection of snapshots, judged by real Flink (oracle_copies.sh).

oracle_copies.py make WEIR SAVEPOINTS OUT VERSION   rewrites each snapshot of that Flink in each form, unless that was done
oracle_copies.py next OUT N                         prints up to N copies that Flink has not said anything of; exit 1: there are none
oracle_copies.py judge OUT COMPARE                  what Flink holds against the truth"""
import json
import os
import shutil
import subprocess
import sys

FORMS = {"same": "", "canonical": "SET FORMAT CANONICAL;", "hashmap": "SET FORMAT HASHMAP;", "rocksdb": "SET FORMAT ROCKSDB;"}


def properties(path):
    with open(path, encoding="utf-8") as lines:
        return dict(line.strip().split("=", 1) for line in lines if "=" in line)


def backends(form, own):
    if form == "same":
        return [own]
    return ["hashmap", "rocksdb"] if form == "canonical" else [form]


def table(out):
    with open(out + "/table.json", encoding="utf-8") as file:
        return json.load(file)


def make(weir, savepoints, out, version):
    os.makedirs(out, exist_ok=True)
    for form, statement in FORMS.items():
        with open(f"{out}/{form}.weir", "w", encoding="utf-8") as file:
            file.write(f"weir migration 1\n{statement}\n")
    rows = []
    for entry in sorted(os.listdir(savepoints)):
        directory = f"{savepoints}/{entry}"
        if entry.startswith("evo") or not os.path.exists(directory + "/expected.json"):
            continue
        params = properties(directory + "/params.properties")
        if params["flink"] != version:
            continue
        for form in FORMS:
            copy = f"{out}/{entry}.{form}"
            # what was killed has no metadata
            if not os.path.exists(copy + "/_metadata"):
                shutil.rmtree(copy, ignore_errors=True)
                snapshot = f"{directory}/{params.get('snapshot', 'snapshot')}"
                subprocess.run([weir, "migrate", "-q", snapshot, f"{out}/{form}.weir", "--output", copy], check=True)
            rows += [[copy, directory, backend, f"{copy}.{backend}.json"] for backend in backends(form, params["backend"])]
    with open(out + "/table.json", "w", encoding="utf-8") as file:
        json.dump(rows, file)


def following(out, n):
    rows = [row for row in table(out) if not any(os.path.exists(row[3] + end) for end in ("", ".refused"))]
    for copy, entry, backend, answer in rows[:int(n)]:
        print(copy, entry + "/params.properties", backend, answer, sep="\t")
    return 0 if rows else 1


def compared(compare, truth, answer):
    """What the oracle's comparison says when they differ; and whether the truth was unable to tell timers, so that none are compared."""
    with open(truth, encoding="utf-8") as file:
        bare = "timers_note" in json.load(file)
    if bare:
        with open(answer, encoding="utf-8") as file:
            held = json.load(file)
        for operator in held["operators"]:
            operator.pop("timers", None)
        answer += ".bare"
        with open(answer, "w", encoding="utf-8") as file:
            json.dump(held, file)
    run = subprocess.run([sys.executable, compare, truth, answer], capture_output=True, text=True, check=False)
    return "; ".join(run.stdout.splitlines()[-2:]) or run.stderr if run.returncode else None, bare


def judge(out, compare):
    same, bare, failed = 0, set(), []
    for _, entry, _, answer in table(out):
        if os.path.exists(answer + ".refused"):
            with open(answer + ".refused", encoding="utf-8") as text:
                why = ([line for line in text if "Caused by" in line] or ["?"])[-1].strip()
        else:
            why, without = compared(compare, entry + "/expected.json", answer)
            bare |= {os.path.basename(entry)} if without else set()
        if why:
            failed.append((answer, why))
        else:
            same += 1
    for answer, why in failed:
        print(f"FAIL {os.path.basename(answer)}: {why}")
    print(f"{same} copies hold the same, {len(failed)} do not" + "".join(f"; no timers compared of {name}, whose truth has none" for name in sorted(bare)))
    return 1 if failed or not same else 0


if sys.argv[1] == "make":
    make(*sys.argv[2:])
else:
    sys.exit({"next": following, "judge": judge}[sys.argv[1]](*sys.argv[2:]))
