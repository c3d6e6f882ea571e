#!/usr/bin/env python3
"""weir run --top: a job and the console on it in one process, in a pseudo-terminal: run_top.py WEIR"""
import fcntl
import glob
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

WEIR = os.path.abspath(sys.argv[1])
SCREEN_BACK = b"\x1b[?1049l"
failures = checks = 0


def check(what, good, told=""):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print(f"not so: {what}\n{told!r}")


class Run:
    def __init__(self, folder, sql, *words):
        self.got = b""
        with open(f"{folder}/job.sql", "w", encoding="utf-8") as script:
            script.write(sql)
        self.fd, line = pty.openpty()
        fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        env = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        env.update({k: v for k, v in os.environ.items() if k.startswith(("ASAN", "UBSAN"))})
        self.process = subprocess.Popen([WEIR, "run", "--top", *words, f"{folder}/job.sql"], stdin=line, stdout=line, stderr=line, env=env,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(line)

    def more(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            got = os.read(self.fd, 1 << 16)
        except OSError:  # the other side is closed
            return False
        self.got += got
        return bool(got)

    def until(self, sign, seconds=30):
        end = time.monotonic() + seconds
        while not re.search(sign, self.got) and time.monotonic() < end and self.process.poll() is None:
            self.more(0.1)
        return re.search(sign, self.got) is not None

    def keys(self, keys):
        os.write(self.fd, keys)

    def end(self, seconds=30):
        """The exit status, and what came behind the screen."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.more(0.1)
        while self.more(0.2):
            pass
        if self.process.poll() is None:
            self.process.kill()
        os.close(self.fd)
        return self.process.wait(), self.got.rpartition(SCREEN_BACK)[2] if SCREEN_BACK in self.got else b""


ENDLESS = "CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000');\n"


def main():
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder, "CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '3', 'fields.a.kind' = 'sequence', "
                          "'fields.a.start' = '7', 'fields.a.end' = '9');\nSELECT a * 100 FROM t;\n")
        check("the console stays when the job has ended", run.until(b"FINISHED"), run.got[-400:])
        check("no row is on its screen", b"+I[" not in run.got)
        run.keys(b"Q")
        status, behind = run.end()
        check("then 0", status == 0, (status, behind))
        check("rows are printed behind the console", re.findall(rb"\+I\[(\d+)\]", behind) == [b"700", b"800", b"900"], behind)

        run = Run(folder, ENDLESS + "CREATE TABLE b (a INT) WITH ('connector' = 'blackhole');\nINSERT INTO b SELECT a FROM t;\n", "--checkpoint-dir",
                  f"{folder}/chk")
        check("a job that runs", run.until(b"RUNNING"), run.got[-400:])
        run.keys(b"Q")
        status, behind = run.end()
        check("who leaves stops it: 0", status == 0 and b"weir: stopping" in behind, (status, behind))
        check("with a checkpoint", glob.glob(f"{folder}/chk/chk-*/_metadata"))

        run = Run(folder, ENDLESS + "CREATE TABLE b (a INT) WITH ('connector' = 'blackhole');\nINSERT INTO b SELECT a / (a - a) FROM t;\n")
        check("a job that fails", run.until(b"FAILED"), run.got[-400:])
        run.keys(b"Q")
        status, behind = run.end()
        check("says why behind the console: 1", status == 1 and b"by zero" in behind, (status, behind))

        run = Run(folder, ENDLESS + "SELECT a FROM t;\n")
        check("a job without checkpoints", run.until(b"RUNNING"), run.got[-400:])
        run.keys(b"Q")
        status, behind = run.end()
        check("is cancelled: 0", status == 0 and b"+I[" in behind, (status, behind[-300:]))
    print(f"weir run --top: {checks} checks, {failures} not so")
    return failures


if __name__ == "__main__":
    sys.exit(bool(main()))
