#!/usr/bin/env python3
"""Labelled traces of checkpoint sizes: KIND, TRACE, TIME (ms since 1970), BYTES, EVENT (0: none, else its number), with tabs.

    anomaly-traces.py [SEED]        the figures that are published are of seed 1; thresholds were chosen on seeds from 100 on

What is normal differs by kind; events are what a person would want to be told of: sizes that jump or collapse, a level that shifts
(its first checkpoint), a nightly batch that is missing or comes at noon. The first day and a half has none, for the detector to begin with."""
import math
import random
import sys

START = 1_790_000_000_000 // 86_400_000 * 86_400_000
MINUTE, DAY = 60_000, 86_400_000


def steady(r, t, n):
    return 2e8 * r.lognormvariate(0, 0.05)


def noisy(r, t, n):
    return 5e7 * r.lognormvariate(0, 0.35)


def growing(r, t, n):
    return 1e7 * (1 + n * 0.05) * r.lognormvariate(0, 0.04)


def incremental(r, t, n):
    """RocksDB: what is uploaded is small, and now and then a compaction."""
    return (4e7 if r.random() < 0.15 else 5e6) * r.lognormvariate(0, 0.15)


def daily(r, t, n):
    hour = t % DAY / 3_600_000
    return 1e9 * 2 ** (1.2 * math.sin(2 * math.pi * (hour - 9) / 24)) * r.lognormvariate(0, 0.08)


def weekly(r, t, n):
    weekend = t // DAY % 7 in (2, 3)
    return daily(r, t, n) * (0.5 if weekend else 1)


def nightly(r, t, n):
    hour = t % DAY / 3_600_000
    return 3e8 * (6 if 2 <= hour < 3 else 1) * r.lognormvariate(0, 0.07)


KINDS = [(steady, MINUTE, 4), (noisy, MINUTE, 4), (growing, MINUTE, 4), (incremental, MINUTE, 4), (daily, 10 * MINUTE, 21),
         (weekly, 10 * MINUTE, 28), (nightly, 10 * MINUTE, 21)]
TRACES = 8


def trace(r, normal, step, days, out):
    steps = days * DAY // step
    quiet = max(1.5 * DAY, 0.35 * days * DAY) // step
    spread = {"noisy": 8, "incremental": 30}.get(normal.__name__, 3)  # times; what is scattered anyway must jump further
    at = {}
    for number in range(1, 9):
        n = r.randrange(int(quiet), steps - 100)
        kind = r.choice(["spike", "drop", "burst", "shift"])
        if normal is nightly and number % 2:
            kind = r.choice(["missing", "noon"])
        at[n] = (number, kind, spread * r.uniform(1, 3))
    level, event, left, times = 1.0, 0, 0, 1.0
    for n in range(steps):
        t = START + n * step
        size, label = normal(r, t, n) * level, 0
        if n in at and not left:
            event, kind, factor = at[n]
            times = {"spike": factor, "drop": 1 / factor, "burst": factor, "shift": 1, "missing": 1, "noon": 1}[kind]
            left = {"spike": 1, "drop": 1, "burst": r.randrange(2, 6)}.get(kind, 0)
            if kind == "shift":
                level *= factor if level < 1.5 else 1 / factor
                size, label = normal(r, t, n) * level, event
            elif kind == "noon":
                left, times = 3, 6.0
            elif kind == "missing":
                left, times = -int(DAY // step), 1.0
        hour = t % DAY / 3_600_000
        if left > 0:
            left -= 1
            size, label = size * times, event
        elif left < 0:  # for a day there is no nightly batch
            left += 1
            if normal is nightly and 2 <= hour < 3:
                size, label = size / 6, event
        out.append((t, size, label))


def main():
    r = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    for normal, step, days in KINDS:
        for k in range(TRACES):
            out = []
            trace(r, normal, step, days, out)
            for t, size, label in out:
                print(normal.__name__, k, t, int(size), label, sep="\t")


main()
