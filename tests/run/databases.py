#!/usr/bin/env python3
"""Keyed state in databases is the same as in memory.

    databases.py WEIR DIR...

Runs programs of tests/sql (pipeline.sql in each DIR) to their end, with a checkpoint there: with state in memory, in databases whose checkpoints are
incremental, and in databases whose checkpoints are whole; of databases at most two entries of a state are in memory. Then weir diff looks for what differs
between the checkpoints, but for times, and weir validate at each of them. They are gone on from by three subtasks, and by two. Exit status 1 when anything differs, or fewer than half of the programs could
be compared.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

CLOCK = re.compile(r"\b1[7-9]\d{11}\b")  # milliseconds of these years
DATABASES = ["--state", "rocksdb", "--set", "weir.state.entries=2"]
WAYS = {
    "memory": [],
    "incremental": DATABASES + ["--set", "execution.checkpointing.incremental=true"],
    "whole": DATABASES,
}


def weir(program, *args):
    return subprocess.run([program, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


def checkpoint(program, script, work, way, *more):
    """Where it is, or why there is none."""
    folder = f"{work}/{way}"
    run = weir(program, "run", "--format", "ndjson", "--checkpoint-dir", folder, *WAYS[way], *more, script)
    made = sorted(glob.glob(f"{folder}/chk-*"))
    return (made[-1], None) if made and not run.returncode else (None, run.stdout.strip().splitlines()[-1:])


def same(told):
    """Is nothing told but the clock, and states without entries, which databases have, too?"""
    here, there = set(), set()  # times that are masked may have been one and the same
    for line in told:
        line = CLOCK.sub("NOW", line)
        before, arrow, after = line.partition(" → ")
        if arrow and before.endswith(after) or re.search(r": 0 entries, 0 B$", line):
            continue
        if re.match(r"[-+~] [0-9a-f]{32} / ", line):
            (there if line[0] == "+" else here).add(line[2:] if line[0] != "~" else line)
    return here == there


def compare(program, folder):
    """True: the same; a text: why it was not compared. Raises when it differs."""
    with tempfile.TemporaryDirectory() as work:
        script = f"{work}/pipeline.sql"
        text = open(f"{folder}/pipeline.sql").read().replace("${DIR}", os.path.abspath(folder))
        open(script, "w").write(text)
        before = {way: [] for way in WAYS}
        for subtasks in ("1", "3", "2"):
            made = {}
            os.mkdir(f"{work}/{subtasks}")
            for way in WAYS:
                made[way], why = checkpoint(program, script, f"{work}/{subtasks}", way, "--parallelism", subtasks, *before[way])
                if why and way == "memory" and subtasks == "1":
                    return f"{why}"
                if why is not None:
                    raise AssertionError(f"{way}, {subtasks} subtasks: {why}")
                before[way] = ["--from", made[way]]
            for way in ("incremental", "whole"):
                looked = weir(program, "validate", made[way])
                assert not looked.returncode, looked.stdout
                told = weir(program, "diff", "--data", "--limit", "1000000", made["memory"], made[way]).stdout
                assert same(told.splitlines()), f"{way}, {subtasks} subtasks:\n{told}"
                assert not glob.glob(f"{work}/{subtasks}/{way}/.*"), "the database is still there"
    return True


def main():
    program, same, skipped, wrong = sys.argv[1], 0, [], 0
    for folder in sys.argv[2:]:
        name = os.path.basename(folder.rstrip("/"))
        try:
            told = compare(program, folder)
        except AssertionError as e:
            print(f"{name}: {e}")
            wrong += 1
            continue
        if told is True:
            same += 1
        else:
            skipped.append(f"{name}: {told}")
    print("\n".join(skipped))
    print(f"databases: {same} of {len(sys.argv) - 2} have the same state as in memory; {len(skipped)} not compared")
    return wrong or 2 * same < len(sys.argv) - 2


if __name__ == "__main__":
    sys.exit(bool(main()))
