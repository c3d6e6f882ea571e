#!/usr/bin/env python3
"""Kills weir's writer at random moments, and looks at what is left: kill.py COPY WEIR TIMES SNAPSHOT...

A snapshot is copied again and again and the copying killed (SIGKILL, SIGTERM), sooner or later. Whatever the moment, nothing with a
_metadata is left but a whole savepoint at the target, after SIGTERM nothing else either, and the input is what it was. Then the same on
a file system that is too small, where a user may make one. SEED draws others, "random" any."""
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def digest(directory):
    found = {}
    for path, _, files in os.walk(directory):
        for name in files:
            with open(os.path.join(path, name), "rb") as file:
                found[os.path.join(path, name)] = hashlib.sha256(file.read()).hexdigest()
    return found


def held(weir, snapshot):
    dump = subprocess.run([weir, "dump", "-q", "--format", "ndjson", snapshot], capture_output=True, check=True)
    return sorted(dump.stdout.splitlines())


def metadata_below(directory):
    return [path for path, _, files in os.walk(directory) if "_metadata" in files]


class Trial:
    def __init__(self, copy, weir, snapshot):
        self.copy, self.weir, self.snapshot = copy, weir, snapshot
        self.before = digest(snapshot)
        with tempfile.TemporaryDirectory() as work:
            subprocess.run([copy, snapshot, work + "/first"], check=True)  # which may wait for the disk
            start = time.monotonic()
            subprocess.run([copy, snapshot, work + "/whole"], check=True)
            self.seconds = time.monotonic() - start
            self.expected = held(weir, work + "/whole")

    def check(self, work, target):
        """Whether a savepoint is there."""
        savepoints = metadata_below(work)
        assert savepoints in ([], [target]), f"left behind: {savepoints}"
        assert digest(self.snapshot) == self.before, "the input has changed"
        if savepoints:
            assert held(self.weir, target) == self.expected, "half a savepoint"
        return bool(savepoints)

    def kill(self, chance):
        """'killed' before the end, 'done' before the kill, or 'late': killed when everything was in its place."""
        with tempfile.TemporaryDirectory() as work:
            target = work + "/savepoint"
            running = subprocess.Popen([self.copy, self.snapshot, target], stderr=subprocess.PIPE)
            time.sleep(chance.random() * self.seconds * 1.2)
            gently = chance.random() < 0.3
            running.send_signal(signal.SIGTERM if gently else signal.SIGKILL)
            said = running.communicate()[1]
            status = running.returncode
            assert said in (b"", b"weir: ended by SIGTERM; what was begun has been removed\n"), f"it says {said}"
            there = self.check(work, target)
            assert not gently or os.listdir(work) == ["savepoint"] * there, f"left by SIGTERM: {os.listdir(work)}"
            assert there or status, "it says that it has written what is not there"
            return "done" if not status else "late" if there else "killed"

    def full(self, work, room):
        """On a file system with so much room: an error, and nothing is left."""
        target = work + "/savepoint"
        run = subprocess.run([self.copy, self.snapshot, target], capture_output=True, check=False)
        there = self.check(work, target)
        assert run.returncode == (0 if there else 2), f"{run.returncode} with {room} bytes: {run.stderr}"
        assert there or not os.listdir(work), f"left on the full disk: {os.listdir(work)}"
        shutil.rmtree(target, ignore_errors=True)
        return there


def small_disks(trials, copy, weir):
    """Calls this program again in a name space where it may mount."""
    inside = [sys.executable, __file__, "--small", copy, weir] + [t.snapshot for t in trials]
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode:
        print("no small file systems: unshare(1) is not allowed here")
        return
    subprocess.run(["unshare", "-Urm"] + inside, check=True)


def on_small_disks(copy, weir, snapshots):
    failed = 0
    for trial in [Trial(copy, weir, snapshot) for snapshot in snapshots]:
        for pages in range(2, 400, 7):
            with tempfile.TemporaryDirectory() as work:
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={pages * 4096}", "none", work], check=True)
                there = trial.full(work, pages * 4096)
                subprocess.run(["umount", work], check=True)
            if there:
                break
            failed += 1
    print(f"{failed} full disks: nothing left")
    assert failed


def main():
    if sys.argv[1] == "--small":
        on_small_disks(sys.argv[2], sys.argv[3], sys.argv[4:])
        return
    copy, weir, times, *snapshots = sys.argv[1:]
    seed = os.environ.get("SEED") or "1"
    seed = random.randrange(1 << 30) if seed == "random" else int(seed)
    chance = random.Random(seed)
    trials = [Trial(copy, weir, snapshot) for snapshot in snapshots]
    counts = {"killed": 0, "late": 0, "done": 0}
    print(f"seed {seed}")
    for _ in range(int(times)):
        counts[chance.choice(trials).kill(chance)] += 1
    print(", ".join(f"{n} {what}" for what, n in counts.items()) + ": the input whole, no half savepoint")
    assert counts["killed"], "none was killed in time"
    small_disks(trials, copy, weir)


main()
