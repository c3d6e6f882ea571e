#!/usr/bin/env python3
"""Kills weir run in the middle of its work and starts it again, until each row has gone through: each must come out exactly once.

   kill.py WEIR KILLS [SEED]      at least KILLS kills; the same seed waits as long before each

A kill comes at any moment: while the program starts, restores, works or writes a checkpoint. Each life has another parallelism. What it tells
at the end: what the kills hit, and how long a life that goes on from a checkpoint takes until it writes its first row."""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS, FILES, LIVES = 1000000, 20, 12  # LIVES: kills between two looks at all of the output
INTERVAL = "5 ms"


def names(path):
    try:
        return set(os.listdir(path))
    except FileNotFoundError:
        return set()


class Job:
    def __init__(self, weir, work, seed):
        self.weir, self.work, self.random = weir, work, random.Random(seed)
        self.kills = self.rounds = self.in_checkpoint = self.before_any = self.restored = 0
        self.first_rows = []  # milliseconds
        os.mkdir(self.at("in"))
        for f in range(FILES):
            with open(self.at("in/%d.csv" % f), "w") as out:
                out.writelines("%d,row\n" % a for a in range(f * ROWS // FILES, (f + 1) * ROWS // FILES))
        with open(self.at("plan.json"), "w") as out:
            subprocess.run([sys.executable, HERE + "/plan.py", "csv", self.at("in"), "json", self.at("out")], stdout=out, check=True)

    def at(self, name):
        return os.path.join(self.work, name)

    def start(self, parallelism):
        return subprocess.Popen([self.weir, "run", "--parallelism", str(parallelism), "--checkpoint-dir", self.at("chk"), "--set",
                                 "execution.checkpointing.interval=" + INTERVAL, self.at("plan.json")], stderr=subprocess.PIPE)

    def whole(self):
        """Seconds of a run that nobody disturbs."""
        began = time.monotonic()
        if self.start(1).wait() != 0:
            sys.exit("kill.py: the run that nobody disturbs fails")
        return time.monotonic() - began

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
        process = self.start(self.random.randint(1, 3))
        first = self.watch(process, 600 if longest is None else self.random.uniform(0, longest), had)
        if longest is not None:
            process.kill()
        status, said = process.wait(), process.stderr.read().decode()
        goes_on = "going on from checkpoint" in said
        if goes_on:
            self.restored += 1
            if first is not None:
                self.first_rows.append(first * 1000)
        if status not in (0, -signal.SIGKILL):
            sys.exit("kill.py: after %d kills weir run ends with %d: %s" % (self.kills, status, said[-500:]))
        if status:
            self.kills += 1
            chk = names(self.at("chk"))
            self.in_checkpoint += any(not os.path.exists(self.at("chk/%s/_metadata" % c)) for c in chk)
            self.before_any += not chk
        return status == 0

    def check(self):
        times = bytearray(ROWS)
        for name in names(self.at("out")):
            if name.startswith("part-"):
                with open(self.at("out/" + name), "rb") as f:
                    for a in re.findall(rb'"a":(\d+)', f.read()):
                        times[int(a)] = min(times[int(a)] + 1, 9)
        wrong = [(a, n) for a, n in enumerate(times) if n != 1]
        if wrong:
            sys.exit("kill.py: after %d kills, %d rows do not come out once: %s" %
                     (self.kills, len(wrong), ", ".join("%d %d times" % w for w in wrong[:8])))

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


def main():
    weir, wanted = os.path.realpath(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as work:
        job = Job(weir, work, seed)
        whole = job.whole()
        while job.kills < wanted:
            job.round(wanted, whole)
    if not job.restored:
        sys.exit("kill.py: it has never gone on from a checkpoint")
    first = sorted(job.first_rows) or [0]
    print("kill.py: %d kills (seed %d) in %d runs of %d rows, each row once; %d starts went on from a checkpoint, %d kills hit one that was "
          "being written, %d came before the first; first row after a restart: median %.0f ms, at most %.0f ms" %
          (job.kills, seed, job.rounds, ROWS, job.restored, job.in_checkpoint, job.before_any, first[len(first) // 2], first[-1]))


if __name__ == "__main__":
    main()
