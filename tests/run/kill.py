#!/usr/bin/env python3
"""Kills weir run in the middle of its work and starts it again, until all has gone through: what comes out must be there exactly once.

   kill.py WEIR KILLS [SEED]      at least KILLS kills, the pipelines in turn; the same seed waits as long before each

A kill comes at any moment: while the program starts, restores, works or writes a checkpoint. Each life has another parallelism, and keeps
its state in memory or in databases with incremental or whole checkpoints. What it tells at the end: what the kills hit, and how long a life that goes on
from a checkpoint takes until it writes its first row."""
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

FILES, LIVES, KEYS, LENGTH = 20, 12, 1009, 400  # LIVES: kills between two looks at all of the output; LENGTH: seconds of a window
INTERVAL = "5 ms"
DATABASES = ["--state", "rocksdb", "--set", "weir.state.entries=100"]
STATES = [[], DATABASES, DATABASES + ["--set", "execution.checkpointing.incremental=true"]]
START = 1704067200  # 2024-01-01 00:00:00

TABLES = """SET 'table.local-time-zone' = 'UTC';
CREATE TABLE t (a BIGINT, b STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '{0}/in');
CREATE TABLE o ({1}) WITH ('connector' = 'filesystem', 'format' = 'changelog-json', 'path' = '{0}/out');
INSERT INTO o {2};
"""


def moment(second):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(START + second))


def groups(rows):
    for k in range(KEYS):
        of = range(k, rows, KEYS)
        yield '{"k":%d,"n":%d,"s":%d}' % (k, len(of), sum(of))


def windows(rows):
    for begin in range(0, rows, LENGTH):
        for k in range(7):
            of = [a for a in range(begin, min(begin + LENGTH, rows)) if a % 7 == k]
            if of:
                yield '{"k":%d,"w":"%s","n":%d,"s":%d}' % (k, moment(begin), len(of), sum(of))


# name: rows; columns; query; the rows that are left when all changes have been applied
PIPELINES = {
    "rows": (1000000, "a BIGINT, b STRING", "SELECT a, b FROM t", lambda n: ('{"a":%d,"b":"row"}' % a for a in range(n))),
    "groups": (200000, "k BIGINT, n BIGINT, s BIGINT", "SELECT MOD(a, %d), COUNT(*), SUM(a) FROM t GROUP BY MOD(a, %d)" % (KEYS, KEYS), groups),
    "windows": (1000000, "k BIGINT, w TIMESTAMP(3), n BIGINT, s BIGINT",
                "SELECT MOD(a, 7), window_start, COUNT(*), SUM(a) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '%d' SECOND)) "
                "GROUP BY MOD(a, 7), window_start, window_end" % LENGTH, windows),
    "join": (100000, "a BIGINT, x BIGINT", "SELECT l.a, r.a FROM t l JOIN t r ON l.a = r.a * 2 + 1",
             lambda n: ('{"a":%d,"x":%d}' % (x * 2 + 1, x) for x in range(n // 2))),
}


def names(path):
    try:
        return set(os.listdir(path))
    except FileNotFoundError:
        return set()


class Job:
    def __init__(self, weir, name, work, chance, scale):
        self.weir, self.name, self.work, self.random = weir, name, work, chance
        rows, columns, query, left = PIPELINES[name]
        self.rows = int(rows * scale)
        self.expected = set(left(self.rows))
        self.kills = self.rounds = self.in_checkpoint = self.before_any = self.restored = 0
        self.first_rows = []  # milliseconds
        os.makedirs(self.at("in"))
        for f in range(FILES):
            with open(self.at("in/%02d.csv" % f), "w") as out:
                out.writelines("%d,row,%s\n" % (a, moment(a)) for a in range(f * self.rows // FILES, (f + 1) * self.rows // FILES))
        with open(self.at("job.sql"), "w") as out:
            out.write(TABLES.format(work, columns, query))

    def at(self, name):
        return os.path.join(self.work, name)

    def start(self, parallelism, state=()):
        return subprocess.Popen([self.weir, "run", "--parallelism", str(parallelism), "--checkpoint-dir", self.at("chk"), *state, "--set",
                                 "execution.checkpointing.interval=" + INTERVAL, self.at("job.sql")], stderr=subprocess.PIPE)

    def fail(self, what):
        sys.exit("kill.py: %s: after %d kills %s" % (self.name, self.kills, what))

    def whole(self):
        """Seconds of a run that nobody disturbs."""
        began = time.monotonic()
        process = self.start(1)
        said = process.stderr.read().decode()
        if process.wait() != 0:
            self.fail("the run that nobody disturbs fails: " + said[-500:])
        took = time.monotonic() - began
        self.check()
        return took

    def watch(self, process, until, had):
        """To the moment, or the end if that is earlier; how long it took until it wrote a row."""
        began, first = time.monotonic(), None
        while time.monotonic() - began < until and process.poll() is None:
            if first is None and names(self.at("out")) - had:
                first = time.monotonic() - began
            time.sleep(0.0002)
        return first

    def life(self, longest):
        """One start; longest None: to its end. True: the job is done."""
        had = names(self.at("out"))
        process = self.start(self.random.randint(1, 3), self.random.choice(STATES))
        first = self.watch(process, 600 if longest is None else self.random.uniform(0, longest), had)
        if longest is not None:
            process.kill()
        status, said = process.wait(), process.stderr.read().decode()
        if "going on from checkpoint" in said:
            self.restored += 1
            if first is not None:
                self.first_rows.append(first * 1000)
        if status not in (0, -signal.SIGKILL):
            self.fail("weir run ends with %d: %s" % (status, said[-500:]))
        if status:
            self.kills += 1
            chk = {c for c in names(self.at("chk")) if c != "shared" and not c.startswith(".state.")}
            self.in_checkpoint += any(not os.path.exists(self.at("chk/%s/_metadata" % c)) for c in chk)
            self.before_any += not chk
        return status == 0

    def check(self):
        left = collections.Counter()
        for name in names(self.at("out")):
            if name.startswith("part-"):
                for line in open(self.at("out/" + name)):
                    row, _, op = line[len('{"data":'):].rpartition(',"op":"')
                    left[row] += 1 if op[0] == "+" else -1
        wrong = {row: left[row] for row in left if left[row] != (row in self.expected)}
        wrong.update({row: 0 for row in self.expected if row not in left})
        if wrong:
            self.fail("%d rows are not there once: %s" % (len(wrong), ", ".join("%s %d times" % w for w in list(wrong.items())[:8])))

    def round(self, wanted, whole):
        self.rounds += 1
        for path in ("out", "chk"):
            shutil.rmtree(self.at(path), ignore_errors=True)
        for _ in range(LIVES):
            if self.kills >= wanted:
                break
            if self.life(whole / 3):
                self.check()
                return
        self.life(None)
        self.check()

    def told(self):
        first = sorted(self.first_rows) or [0]
        print("kill.py: %s: %d kills in %d runs of %d rows, all once; %d starts went on from a checkpoint, %d kills hit one that was being "
              "written, %d came before the first; first row after a restart: median %.0f ms, at most %.0f ms" %
              (self.name, self.kills, self.rounds, self.rows, self.restored, self.in_checkpoint, self.before_any, first[len(first) // 2], first[-1]),
              flush=True)


def main():
    weir, wanted = os.path.realpath(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    chance = random.Random(seed)
    kills = restored = 0
    for i, name in enumerate(PIPELINES):
        with tempfile.TemporaryDirectory() as work:
            job = Job(weir, name, work, chance, 1 if wanted >= 40 else 0.2)
            mine, whole = wanted * (i + 1) // len(PIPELINES) - kills, job.whole()
            while job.kills < mine:
                job.round(mine, whole)
            job.told()
            kills, restored = kills + job.kills, restored + job.restored
    if not restored:
        sys.exit("kill.py: it has never gone on from a checkpoint")
    print("kill.py: %d kills (seed %d)" % (kills, seed))


if __name__ == "__main__":
    main()
