#!/usr/bin/env python3
"""Snapshots of weir's in Flink's State Processor API: it has to read from a savepoint and from a checkpoint what weir dump prints of them.

    processor.py WEIR FLINK_LIB SPA_JARS WORK

A pipeline with the state of GROUP BY, DISTINCT, joins with and without unique keys, Top-N and deduplication is run twice: it is stopped with a savepoint, and
it is ended behind a checkpoint. processor/States.java reads all keyed state of both. Exit status 1 when something differs, or is not there.
"""

import collections
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys

from judge import HERE, has_fallen, jars_of, java
from running import Running

PIPELINE = """
CREATE TABLE orders (k STRING, v INT, price DECIMAL(10, 2), big DECIMAL(30, 4), ts TIMESTAMP(3), born DATE, ok BOOLEAN, x DOUBLE, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
    WITH ('connector' = 'filesystem', 'path' = '{work}/orders', 'format' = 'json', 'source.monitor-interval' = '20 ms');
CREATE TABLE names (k STRING, name STRING) WITH ('connector' = 'filesystem', 'path' = '{work}/names', 'format' = 'json', 'source.monitor-interval' = '20 ms');
CREATE TABLE sums (k STRING, n BIGINT, s INT, m DECIMAL(10, 2), b DECIMAL(38, 4), u BIGINT, d DATE, a DOUBLE) WITH ('connector' = 'blackhole');
CREATE TABLE pairs (k STRING, v INT, name STRING) WITH ('connector' = 'blackhole');
CREATE TABLE totals (k STRING, n BIGINT, m BIGINT) WITH ('connector' = 'blackhole');
CREATE TABLE best (k STRING, v INT, price DECIMAL(10, 2)) WITH ('connector' = 'blackhole');
CREATE TABLE last (k STRING, v INT, ok BOOLEAN) WITH ('connector' = 'blackhole');
INSERT INTO sums SELECT k, COUNT(*), SUM(v), MAX(price), SUM(big), COUNT(DISTINCT v), MIN(born), AVG(x) FROM orders GROUP BY k;
INSERT INTO pairs SELECT o.k, o.v, n.name FROM orders AS o LEFT JOIN names AS n ON o.k = n.k;
INSERT INTO totals SELECT a.k, a.n, b.n FROM (SELECT k, COUNT(*) AS n FROM orders GROUP BY k) AS a JOIN (SELECT k, COUNT(*) AS n FROM names GROUP BY k) AS b ON a.k = b.k;
INSERT INTO best SELECT k, v, price FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY price DESC) AS rn FROM orders) WHERE rn <= 2;
INSERT INTO last SELECT k, v, ok FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM orders) WHERE rn = 1;
"""
ORDERS, NAMES = 300, 100  # rows
# what has to be in both, so that nothing is compared with nothing
STATES = {"accState", "distinctAcc_0", "left-records", "right-records", "data-state-with-append", "deduplicate-state"}


def put_rows(work):
    r = random.Random(7)
    keys = ["a", "b", "é漢😀", "", None] + [f"a key that is longer than seven bytes {i}" for i in range(30)]
    for table in ("orders", "names"):
        os.makedirs(f"{work}/{table}")
    with open(f"{work}/orders/1.jsonl", "w", encoding="utf-8") as out:
        for i in range(ORDERS):
            row = {"k": r.choice(keys), "v": r.choice([None, r.randint(-5, 5), 2 ** 31 - 1 - i]), "price": r.randint(-10 ** 6, 10 ** 6) / 100, "big": r.randint(0, 10 ** 15),
                   "ts": f"2024-02-29 00:{i // 60:02}:{i % 60:02}.{r.randint(1, 999):03}", "born": r.choice([None, "1969-12-31", "2024-02-29"]), "ok": r.choice([True, False, None]), "x": r.random()}
            out.write(json.dumps(row) + "\n")
    with open(f"{work}/names/1.jsonl", "w", encoding="utf-8") as out:
        for i in range(NAMES):
            out.write(json.dumps({"k": r.choice(keys), "name": r.choice([None, f"n{i % 9}", "a name that is longer than seven bytes"])}) + "\n")


def snapshot(weir, work, how):
    """Runs the pipeline until it has such a snapshot."""
    open(f"{work}/pipeline.sql", "w", encoding="utf-8").write(PIPELINE.replace("{work}", work))
    options = {"savepoint": ["--on-signal", "stop", "--set", f"execution.checkpointing.savepoint-dir={work}/savepoint"],
               "checkpoint": ["--on-signal", "cancel", "--checkpoint-dir", f"{work}/checkpoint", "--set", "execution.checkpointing.interval=200 ms",
                              "--set", "execution.checkpointing.externalized-checkpoint-retention=RETAIN_ON_CANCELLATION"]}[how]
    job = Running(weir, *options, f"{work}/pipeline.sql")
    job.has_read(ORDERS + NAMES)
    if how == "checkpoint":
        job.has_checkpoints(2)  # one may have begun before the last row
    _, said = job.end(signal.SIGTERM)
    made = sorted(glob.glob(f"{work}/{how}/**/_metadata", recursive=True), key=os.path.getmtime)
    if not made:
        raise SystemExit(f"weir makes no {how}: {said.strip()}")
    return os.path.dirname(made[-1])


def canonical(line):
    """Maps have no order."""
    return json.dumps({**line, "map": sorted(line["map"], key=json.dumps)} if "map" in line else line, sort_keys=True)


def dumped(weir, path):
    """Keyed state without namespaces, as States prints it."""
    said = subprocess.run([weir, "dump", "-q", path], check=True, capture_output=True, text=True).stdout
    lines = (json.loads(line, parse_float=str) for line in said.splitlines())
    return collections.Counter(canonical({k: v for k, v in x.items() if k in ("operator", "state", "key", "value", "list", "map")}) for x in lines
                               if x["kind"] in ("VALUE", "LIST", "MAP") and "namespace" not in x)


def main():
    weir, lib, spa, below = sys.argv[1:]
    work, bad = os.path.abspath(below), False
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(f"{work}/classes")
    put_rows(work)
    jars = f"{jars_of(lib)}:{spa}"
    subprocess.run(["javac", "-nowarn", "-d", f"{work}/classes", "-cp", jars, f"{HERE}/judge/Text.java", f"{HERE}/processor/States.java"], check=True)
    paths = {how: snapshot(weir, work, how) for how in ("savepoint", "checkpoint")}
    asked = (word for how, path in paths.items() for word in (path, f"{work}/{how}.read"))
    if subprocess.run(java(f"{work}/classes:{jars}", work, "States", *asked), stdout=subprocess.DEVNULL, stderr=open(f"{work}/log", "w")).returncode:
        raise has_fallen(f"{work}/log")
    for how, path in paths.items():
        read = collections.Counter(canonical(json.loads(line, parse_float=str)) for line in open(f"{work}/{how}.read", encoding="utf-8"))
        mine = dumped(weir, path)
        for line, n in list((read - mine).items())[:3]:
            print(f"{how}: only Flink reads {n} times {line}")
        for line, n in list((mine - read).items())[:3]:
            print(f"{how}: only weir dumps {n} times {line}")
        states = {json.loads(line)["state"] for line in read}
        if STATES - states:
            print(f"{how}: not there: {', '.join(sorted(STATES - states))}")
        bad = bad or read != mine or bool(STATES - states)
        print(f"{how}: the State Processor API reads {sum(read.values())} values of {len(states)} states")
    return bad


if __name__ == "__main__":
    sys.exit(main())
