"""A terminal of tmux, driven by keys: what has to be on the screen is waited for."""

import os
import shlex
import subprocess
import time

from common import URL, WEIR, check

SOCKET = f"weir-cluster-{os.getpid()}"


def tmux(*words):
    return subprocess.run(["tmux", "-L", SOCKET, "-f", "/dev/null", *words], capture_output=True, text=True, timeout=30).stdout


def screen():
    return tmux("capture-pane", "-p", "-t", "s")


def sees(what, *words, without=(), limit=60):
    """Until the screen has all words, and none of those without."""
    end = time.monotonic() + limit
    while True:
        shown = screen()
        if all(w in shown for w in words) and not any(w in shown for w in without):
            return check(True, what)
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    check(False, what, [w for w in words if w not in shown] + ["not: " + w for w in without if w in shown])
    print(shown, flush=True)
    return False


def keys(*names):
    tmux("send-keys", "-t", "s", *names)


def types(text):
    tmux("send-keys", "-t", "s", "-l", text)


def begin(width, height, command, **env):
    """A shell that runs it; variables are its environment."""
    tmux("kill-session", "-t", "s")
    assigned = " ".join(f"{k}={shlex.quote(v)}" for k, v in env.items())
    tmux("new-session", "-d", "-s", "s", "-x", str(width), "-y", str(height),
         f"env PS1='ready> ' TERM=screen-256color LC_ALL=C.UTF-8 {assigned} bash --norc --noprofile -i")
    sees("the shell is there", "ready>")
    keys(command, "Enter")


def top(*words):
    return " ".join([shlex.quote(WEIR), "top", *map(shlex.quote, words)] + ([] if "--replay" in words else ["--url", URL]))


def leave(what):
    keys("Q")
    sees(f"{what}: the shell again", "ready>", without=(" jobs ",))


class Terminal:
    def __enter__(self):
        tmux("new-session", "-d", "-s", "keeper", "sleep 3600")

    def __exit__(self, *_):
        tmux("kill-server")
