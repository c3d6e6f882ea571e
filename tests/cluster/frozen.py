"""A door in front of Flink that gives the same answer to the same question for ever: whoever asks through it sees one moment, and
what is read twice can be compared to the last digit. Only answers with which Flink says that it has just begun to look pass unkept."""

import http.server
import json
import threading
import urllib.error
import urllib.request


def unsettled(body):
    try:
        told = json.loads(body)
    except ValueError:
        return False
    if isinstance(told, dict):
        return told.get("status") == "deprecated" or (told.get("endTimestamp") or 0) < 0
    return told == []


class Frozen:
    def __init__(self, url):
        self.url, self.kept, self.lock = url, {}, threading.Lock()
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                status, kind, body = door.get(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.door = f"http://127.0.0.1:{self.server.server_address[1]}"

    def get(self, path):
        with self.lock:
            if path not in self.kept:
                try:
                    with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                        got = answer.status, answer.headers["Content-Type"], answer.read()
                except urllib.error.HTTPError as refused:
                    got = refused.code, refused.headers["Content-Type"] or "text/plain", refused.read()
                if unsettled(got[2]):
                    return got
                self.kept[path] = got
            return self.kept[path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
