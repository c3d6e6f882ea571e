#!/usr/bin/env python3
"""weir run with state in RocksDB: how long it takes from a checkpoint of much state to the first row, and what a checkpoint costs when little has changed.

    state.py WEIR [--keys N] [--changed SHARE] [--work DIR]

A GROUP BY of so many keys (9 million are more than a gigabyte of keys and values), of which an incremental checkpoint is taken. Then it goes on from that
with one row, five times: wall time to the row on standard output, and CPU of the whole process; and with a row for one key in a hundred, with a
checkpoint behind them and without: what differs is the checkpoint's CPU.
"""
import argparse
import glob
import os
import random
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

SCRIPT = """CREATE TABLE s (v BIGINT) WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '{work}/in');
CREATE TABLE o (v BIGINT, n BIGINT, m STRING) WITH ('connector' = '{sink}');
INSERT INTO o SELECT v, COUNT(*), MAX(MD5(CAST(v AS STRING)) || MD5(CAST(v + 1 AS STRING))) FROM s GROUP BY v;
"""


def run(weir, work, sink, *options):
    """Seconds to the first line of output, CPU-seconds of all."""
    script = f"{work}/{sink}.sql"
    open(script, "w").write(SCRIPT.format(work=work, sink=sink))
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with subprocess.Popen([weir, "run", "--state", "rocksdb", *options, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as job:
        job.stdout.readline()
        first = time.monotonic() - began
        job.stdout.read()
    if job.returncode:
        raise SystemExit(f"weir run: status {job.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return first, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def files(folder):
    return {path: os.path.getsize(path) for path in glob.glob(f"{folder}/**/*", recursive=True) if os.path.isfile(path)}


def put(work, name, keys):
    open(f"{work}/{name}", "w").writelines(f"{k}\n" for k in keys)
    os.rename(f"{work}/{name}", f"{work}/in/{name}")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("weir")
    args.add_argument("--keys", type=int, default=9000000)
    args.add_argument("--changed", type=float, default=0.01)
    args.add_argument("--work")
    args = args.parse_args()
    work = tempfile.mkdtemp(dir=args.work)
    try:
        os.mkdir(f"{work}/in")
        put(work, "a.csv", range(args.keys))
        keep = ["--checkpoint-dir", f"{work}/chk", "--set", "execution.checkpointing.interval=1 h", "--set", "execution.checkpointing.incremental=true"]
        _, cpu = run(args.weir, work, "blackhole", *keep)
        whole = files(f"{work}/chk")
        chk = glob.glob(f"{work}/chk/chk-*")[0]
        print(f"{args.keys} keys: {cpu:.1f} s of CPU; the checkpoint has {sum(whole.values()) / 1e6:.0f} MB in {len(whole)} files")
        put(work, "b.csv", [7])
        times = [run(args.weir, work, "print", "--from", chk) for _ in range(5)]
        print(f"from there to the first row: {statistics.median(t for t, _ in times):.3f} s (median of 5), {statistics.median(c for _, c in times):.3f} s of CPU")
        random.seed(1)
        put(work, "b.csv", random.sample(range(args.keys), int(args.keys * args.changed)))
        _, without = run(args.weir, work, "blackhole", "--from", chk)
        _, cpu = run(args.weir, work, "blackhole", *keep)
        new = {path: size for path, size in files(f"{work}/chk").items() if path not in whole}
        print(f"a checkpoint after {100 * args.changed:g} % have changed: {sum(new.values()) / 1e6:.2f} MB in {len(new)} files, {cpu - without:.2f} s of CPU "
              f"(the rows: {without:.2f} s)")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
