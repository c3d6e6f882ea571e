#!/usr/bin/env python3
"""Records what a program asks of a running cluster, in the form that tests/support/rest_stub.h plays: stands between the two.

    through.py URL PORT FILE [--hide DIR...]     until it is told to end; the DIRs become /var/flink, /opt/flink

Of each question the last answer that says something is kept. views.tsv was made so, with `weir top --once --url http://127.0.0.1:PORT`
of every view, on a cluster of two task managers with the jobs healthy, backpressure, restarts and watermark of tests/cluster/jobs and
one that has accumulators. It also has what `c`, `n` and marks of metrics ask for."""
import http.server
import json
import signal
import sys
import threading
import urllib.error
import urllib.request

url, port, out = sys.argv[1].rstrip("/"), int(sys.argv[2]), sys.argv[3]
hidden = dict(zip(sys.argv[5:], ("/var/flink", "/opt/flink")))
known = {}
lock = threading.Lock()
BEGINNINGS = (b"[]", b'{"status":"deprecated"}', b'{"endTimestamp":-3}')


class Between(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        request = urllib.request.Request(url + self.path, headers={"Accept": "*/*"})
        try:
            with urllib.request.urlopen(request, timeout=60) as r:
                status, kind, body = r.status, r.headers.get_content_type(), r.read()
        except urllib.error.HTTPError as e:
            status, kind, body = e.code, e.headers.get_content_type(), e.read()
        path = self.path[3:] if self.path.startswith("/v1/") else self.path
        with lock:
            if body not in BEGINNINGS or path not in known:
                known[path] = (status, kind, body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def end(*_):
    with lock, open(out, "w", encoding="utf-8") as f:
        for path, (status, kind, body) in known.items():
            try:
                text = json.dumps(json.loads(body), separators=(",", ":"))
            except ValueError:
                text = json.dumps(body.decode("utf-8", "replace"))
            for there, here in hidden.items():
                text = text.replace(there, here)
            f.write("\t".join(("GET", path, str(status), kind, text)) + "\n")
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Between).serve_forever()
