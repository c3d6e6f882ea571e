"""Screens of the console for the README, as SVG, of what a real cluster has answered (tests/rest/2.3.tsv):

    pictures.py WEIR WITH-FLINK DIRECTORY
"""

import os
import shlex
import subprocess
import sys
import time

from svg import svg

WEIR, WITH_FLINK, OUT = (os.path.abspath(path) for path in sys.argv[1:4])
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SOCKET = f"weir-pictures-{os.getpid()}"
# name, size, what weir top is asked for, keys, and what has to be there then
PICTURES = [
    ("jobs", (118, 12), [], [], "HELD UP BY"),
    ("graph", (118, 14), ["-v", "graph", "backpressure"], ["b"], "ROOT of backpressure"),
    ("vertex", (118, 15), ["-v", "vertex", "--vertex", "GroupAggregate", "backpressure"], [], "most / mean"),
    ("checkpoints", (118, 22), ["-v", "checkpoints", "state"], [], "COMPLETED"),
    ("exceptions", (118, 8), ["-v", "exceptions", "restarts"], [], "/ by zero"),
]


def tmux(*words):
    return subprocess.run(["tmux", "-L", SOCKET, "-f", "/dev/null", *words], capture_output=True, text=True, timeout=30).stdout


def take(name, size, words, keys, sign):
    # the clock of the recordings
    command = ["env", "SOURCE_DATE_EPOCH=1795650455", "TERM=screen-256color", "LC_ALL=C.UTF-8", WITH_FLINK, "tests/rest/2.3.tsv",
               WEIR, "top", "--no-history", *words]
    tmux("new-session", "-d", "-s", name, "-x", str(size[0]), "-y", str(size[1]), f"cd {shlex.quote(TOP)} && {shlex.join(command)}")
    end = time.monotonic() + 20
    while sign not in tmux("capture-pane", "-p", "-t", name):
        if time.monotonic() > end:
            sys.exit(f"{name}: no {sign}:\n" + tmux("capture-pane", "-p", "-t", name))
        time.sleep(0.1)
    if keys:
        tmux("send-keys", "-t", name, *keys)
    time.sleep(3)  # all answers
    with open(os.path.join(OUT, name + ".svg"), "w", encoding="utf-8") as f:
        f.write(svg(tmux("capture-pane", "-e", "-p", "-t", name)))


os.makedirs(OUT, exist_ok=True)
try:
    for picture in PICTURES:
        take(*picture)
finally:
    tmux("kill-server")
