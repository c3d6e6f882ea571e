#!/usr/bin/env python3
"""How weir top leaves a terminal, and what it sends to one: endings.py WEIR WITH-FLINK

In a pseudo-terminal of its own, for several kinds of terminal: whichever way it ends, the other screen, the cursor, the keypad, the mouse
and the line's settings are given back; it stops and goes on with ^Z; NO_COLOR sends no colour, a locale without UTF-8 no byte above 127.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

WEIR, WITH_FLINK = (os.path.abspath(p) for p in sys.argv[1:3])
RECORDINGS = os.path.join(os.path.dirname(__file__), "../rest/2.3.tsv")
# as ncurses' xterm-direct, which is not everywhere
DIRECT = r"""weir-direct|colours are red, green and blue, RGB, colors#0x1000000, pairs#0x7FFF,
	setaf=\E[%?%p1%{8}%<%t3%p1%d%e38\:2\:\:%p1%{65536}%/%d\:%p1%{256}%/%{255}%&%d\:%p1%{255}%&%d%;m,
	setab=\E[%?%p1%{8}%<%t4%p1%d%e48\:2\:\:%p1%{65536}%/%d\:%p1%{256}%/%{255}%&%d\:%p1%{255}%&%d%;m, use=xterm-256color,
"""
failures = checks = 0


def check(what, good, told=""):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print(f"not so: {what}\n{told!r}")


class Console:
    def __init__(self, *words, shell='echo "($$)"; exec "$@"', **env):
        self.got = b""
        self.fd, line = pty.openpty()
        fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
        self.before = termios.tcgetattr(line)
        self.line = line
        whole = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        whole.update({k: v for k, v in os.environ.items() if k.startswith(("ASAN", "UBSAN"))}, **env)
        self.process = subprocess.Popen([WITH_FLINK, RECORDINGS, "bash", "-c", shell, "bash", WEIR, "top", "--no-history", *words], stdin=line,
                                        stdout=line, stderr=line, env=whole, start_new_session=True,
                                        preexec_fn=self.begin)
        self.pid = int(re.search(rb"\((\d+)\)", self.until(rb"\((\d+)\)"))[1])
        self.until(b"healthy")

    @staticmethod
    def begin():
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job ignores it
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def until(self, sign, seconds=60):
        end = time.monotonic() + seconds
        start = len(self.got)
        while not re.search(sign, self.got[start:]) and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                self.got += os.read(self.fd, 1 << 16)
        return self.got[start:]

    def rest(self, seconds=0.15):
        start = len(self.got)
        while select.select([self.fd], [], [], seconds)[0]:
            self.got += os.read(self.fd, 1 << 16)
        return self.got[start:]

    def end(self, how):
        """Ends it by a signal or by keys; what it sent then."""
        self.rest()
        if isinstance(how, bytes):
            os.write(self.fd, how)
        else:
            os.kill(self.pid, how)
        for _ in range(1200):
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        told = self.rest()
        status = self.process.poll()
        now = termios.tcgetattr(self.line)
        os.close(self.line)
        os.close(self.fd)
        return status, told, now == self.before


def ends():
    crash = 128 + signal.SIGSEGV
    # with-flink is in the same group, so that ^C ends it, too
    ways = [("Q", b"Q", (0,), ("--mouse",)), ("q", b"q", (0,), ()), ("^C", b"\x03", (-signal.SIGINT,), ()),
            ("SIGTERM", signal.SIGTERM, (128 + signal.SIGTERM,), ("--mouse",)), ("SIGHUP", signal.SIGHUP, (128 + signal.SIGHUP,), ()),
            ("a crash", signal.SIGSEGV, (crash, 1), ("--mouse",))]  # 1: AddressSanitizer's
    for name, how, wanted, mouse in ways:
        status, told, same = Console(*mouse).end(how)
        check(f"{name}: ends with {wanted}", status in wanted, status)
        check(f"{name}: the line's settings are back", same)
        for what, sign in (("the screen", b"\x1b[?1049l"), ("the cursor", b"\x1b[?25h"), ("the keypad", b"\x1b[?1l")):
            check(f"{name}: {what} is back", sign in told, told[-200:])
        check(f"{name}: the mouse is back", not mouse or re.search(rb"\x1b\[\?(1006;)?1000l", told), told[-200:])


def terminals():
    for term in ("screen", "tmux-256color", "linux", "vt100", "ansi"):
        _, told, same = Console(TERM=term).end(signal.SIGTERM)
        check(f"{term}: the line's settings are back", same)
        check(f"{term}: no pause is printed", b"$<" not in told, told[-80:])


def colours_and_bytes():
    plain = Console(NO_COLOR="1")
    plain.end(b"Q")
    check("NO_COLOR: no colour", not re.search(rb"\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7])m", plain.got), plain.got[:400])
    light = Console("--theme", "light")
    light.end(b"Q")
    check("a colour of 256", re.search(rb"\x1b\[38;5;\d+m", light.got), light.got[:400])
    few = Console(TERM="xterm")
    few.end(b"Q")
    check("a colour of 8", re.search(rb"\x1b\[3[0-7]m", few.got) and b"38;5" not in few.got, few.got[:400])
    with tempfile.TemporaryDirectory() as known:
        subprocess.run(["tic", "-x", "-o", known, "-"], input=DIRECT, text=True, check=True, capture_output=True)
        direct = Console(TERM="weir-direct", TERMINFO=known)
        direct.end(b"Q")
    check("a colour of 24 bits", re.search(rb"\x1b\[38:2::\d+:\d+:\d+m", direct.got) and b"38;5" not in direct.got, direct.got[:400])
    ascii_only = Console(LC_ALL="C")
    ascii_only.end(b"Q")
    check("LC_ALL=C: ASCII only", all(c < 128 for c in ascii_only.got), ascii_only.got[:400])


def stops():
    """Under a shell with job control: who has no such parent is not stopped."""
    c = Console(shell='set -m; echo "($$)"; "$@"; echo "(stopped $?)"; read -r _; fg >/dev/null; echo "(over $?)"')
    c.rest()
    os.write(c.fd, b"\x1a")
    told = c.until(rb"\(stopped \d+\)")
    check("^Z: it stops", b"(stopped 148)" in told, told[-200:])
    check("^Z: the screen and the cursor are back", b"\x1b[?1049l" in told and b"\x1b[?25h" in told, told[-200:])
    check("^Z: the line's settings are back", termios.tcgetattr(c.line) == c.before)
    os.write(c.fd, b"\n")
    told = c.until(b"healthy")
    check("fg: it paints itself anew", b"\x1b[?1049h" in told and b"healthy" in told, told[:200])
    status, told, same = c.end(b"Q")
    check("fg: and ends as ever", status == 0 and b"(over 0)" in told and same, (status, same, told[-100:]))


for part in (ends, terminals, colours_and_bytes, stops):
    part()
print(f"endings: {checks} checks" + (f", {failures} not so" if failures else ""))
sys.exit(1 if failures else 0)
