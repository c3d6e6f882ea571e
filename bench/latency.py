#!/usr/bin/env python3
"""How long weir takes from an event to its row, with checkpoints on.

   latency.py WEIR [--rate N] [--seconds N] [--every MS] [--fifo] [QUERY...]

Events come through standard input, N a second, rows go out through a pipe (bench/latency.c says what is measured). --every: milliseconds
between checkpoints, 0 for none. --fifo gives weir and whoever measures it a real-time priority, for machines on which others work.
"""
import argparse
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__)) + "/latency"
# A query, what is set for it, and what is said of it.
ROWS = [
    ("projection", [], "projection"),
    ("deduplication", [], "deduplication"),
    ("hop", [], "hopping window, behind its last event"),
    ("hop", ["--set", "pipeline.auto-watermark-interval=1 ms"], "the same, a watermark each millisecond"),
]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("weir")
    p.add_argument("--rate", type=int, default=100000)
    p.add_argument("--seconds", type=int, default=20)
    p.add_argument("--every", type=int, default=1000)
    p.add_argument("--fifo", action="store_true")
    p.add_argument("queries", nargs="*", default=[])
    a = p.parse_intermixed_args()
    first = ["chrt", "-f", "1"] if a.fifo else []
    with tempfile.TemporaryDirectory() as work:
        measure, n = f"{work}/latency", 0
        subprocess.run([os.environ.get("CC", "cc").split()[-1], "-std=c17", "-D_GNU_SOURCE", "-O2", "-pthread", "-o", measure, f"{HERE}.c"],
                       check=True)
        print(f"{a.rate} events a second, a checkpoint every {a.every} ms; milliseconds")
        print(f"{'':40}{'rows':>9}{'p50':>9}{'p99':>9}{'p99.9':>9}{'most':>9}   events were late by")
        for query, options, title in ROWS:
            if a.queries and query not in a.queries:
                continue
            n += 1
            open(f"{work}/{n}.sql", "w").write(open(f"{HERE}/events.sql").read() + open(f"{HERE}/{query}.sql").read())
            keep = ["--checkpoint-dir", f"{work}/{n}", "--set", f"execution.checkpointing.interval={a.every} ms"] if a.every else []
            out = subprocess.run([*first, measure, str(a.rate), str(a.seconds), a.weir, "run", *keep, *options, f"{work}/{n}.sql"],
                                 stdout=subprocess.PIPE, text=True, check=True).stdout.split()
            print(f"{title:40}" + "".join(f"{x:>9}" for x in out[:5]) + f"{out[5]:>9}", flush=True)
        if not a.queries:
            out = subprocess.run([*first, measure, "-f", "100", a.weir, "run", "-e", "SELECT 1 AS x"], stdout=subprocess.PIPE, text=True, check=True)
            print(f"{'first result of run -e':40}" + "".join(f"{x:>9}" for x in out.stdout.split()[:5]))


if __name__ == "__main__":
    main()
