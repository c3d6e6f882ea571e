#!/usr/bin/env python3
"""A cluster that goes away and comes back while weir top looks at it: away.py WEIR

In a terminal of tmux, before a server that plays a recording and can be switched off: the data stays, with its age; keys work; and
when the server is back it goes on. Beside it, one that is there but does not tell what is shown any more: what was known gets stale.
"""
import http.server
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

WEIR = os.path.abspath(sys.argv[1])
RECORDINGS = os.path.join(os.path.dirname(__file__), "../rest/2.3.tsv")
TMUX = ["tmux", "-L", f"weir-away-{os.getpid()}", "-f", "/dev/null"]
failures = checks = 0
answers = {}
with open(RECORDINGS, encoding="utf-8") as f:
    for row in f:
        method, path, status, kind, body = row.rstrip("\n").split("\t", 4)
        answers.setdefault(path, (int(status), kind, body.encode()))


class Cluster:
    """The same port again after each switch."""

    def __init__(self):
        self.port, self.open, self.server = 0, set(), None
        self.broken = False  # it fails when it is asked for jobs
        self.on()

    def on(self):
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                cluster.open.add(self.connection)

            def do_GET(self):
                status, kind, body = 500, "application/json", b'{"errors":["Internal server error."]}'
                if not cluster.broken or not self.path.startswith("/jobs/"):
                    status, kind, body = answers.get(self.path, (404, "application/json", b'{"errors":["Unable to load requested file."]}'))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def off(self):
        self.server.shutdown()
        self.server.server_close()
        for c in self.open:
            try:
                c.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open.clear()


def check(what, good, told=""):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print(f"not so: {what}\n{told}")


def tmux(*words):
    return subprocess.run([*TMUX, *words], capture_output=True, text=True).stdout


def shows(what, *patterns, seconds=60, session="s"):
    """Waits for a screen that has them all."""
    end, screen = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        screen = tmux("capture-pane", "-p", "-t", session)
        if all(re.search(p, screen, re.M) for p in patterns):
            break
        time.sleep(0.1)
    check(what, all(re.search(p, screen, re.M) for p in patterns), screen)


def keys(*names):
    tmux("send-keys", "-t", "s", *names)


with tempfile.TemporaryDirectory() as home:
    cluster, dumb = Cluster(), Cluster()
    env = {**os.environ, "HOME": home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1"}
    for name in ("WEIR_URL", "WEIR_CONTEXT", "SOURCE_DATE_EPOCH", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "NO_COLOR", "FLINK_CONF_DIR"):
        env.pop(name, None)
    for session, of in (("stale", dumb), ("s", cluster)):
        subprocess.run([*TMUX, "new-session", "-d", "-s", session, "-x", "90", "-y", "24",
                        f"{WEIR} top --no-history --url http://127.0.0.1:{of.port}; echo \"[$?]\"; sleep 60"], env=env, check=True)
    try:
        shows("there is data of the other one, too", r"● live, \d+ s old", "healthy: orders per", session="stale")
        dumb.broken = True
        shows("there is data, with its age", r"● live, \d+ s old", "healthy: orders per")
        cluster.off()
        shows("it says that the cluster is lost, for how long, and when it tries again", r"✗ lost \d+ s, again in \d+ s")
        shows("what was known stays", "healthy: orders per")
        keys("?")
        shows("keys work meanwhile", "KEY +WHAT IT DOES", "✗ lost")
        keys("Escape")
        shows("and lead back", "healthy: orders per", "✗ lost")
        shows("it tries again, ever more seldom", r"✗ lost \d+ s, again in [2-9] s")
        cluster.on()
        keys("r")
        shows("it is back, and so is what it tells", r"● live, \d+ s old", "healthy: orders per")
        keys("Q")
        shows("it has not ended but by a key", r"^\[0\]")
        shows("what is old is called stale", r"○ stale, 3\d s old", "healthy: orders per", seconds=45, session="stale")
        dumb.broken = False
        shows("and is not when it is new", r"● live, \d+ s old", "healthy: orders per", session="stale")
    finally:
        tmux("kill-server")
        cluster.off()
        dumb.off()
print(f"away: {checks} checks" + (f", {failures} not so" if failures else ""))
sys.exit(1 if failures else 0)
