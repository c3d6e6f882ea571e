#!/usr/bin/env python3
"""How weir gets into a cluster: doors.py WEIR

A server of this program's own stands behind each kind of door (basic, bearer, netrc, TLS with a certificate authority made here, mutual
TLS, a proxy, a Unix socket, gzip, a redirect) and says what came through. Which address counts when several are named, too. Ends with 1
when something is not as it should be. Needs openssl.
"""
import base64
import gzip
import http.server
import json
import os
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading

WEIR = os.path.abspath(sys.argv[1])
WORK = tempfile.TemporaryDirectory()
PASSWORD, TOKEN = "open sesame", "t0ken"
ANSWERS = {
    "/config": {"refresh-interval": 3000, "flink-version": "2.3.0", "features": {"web-submit": True}},
    "/jobs/overview": {"jobs": [{"jid": "a" * 32, "name": "orders", "start-time": 1, "end-time": -1, "duration": 5, "state": "RUNNING",
                                 "last-modification": 1, "tasks": {"total": 1, "running": 1}}]},
}
failures = checks = 0


def check(what, good, told=""):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print(f"not so: {what}\n{told}")


class Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "here"

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        server.came.append((self.path, dict(self.headers)))
        path = self.path.removeprefix("http://flink.invalid:8081")
        if server.leads_to:
            return self.give(302, b"", Location=server.leads_to + path)
        if server.wants and self.headers.get("Authorization") != server.wants:
            return self.give(401, b"", **{"WWW-Authenticate": 'Basic realm="x"'})
        if path not in ANSWERS:
            return self.give(404, b'{"errors":["Not found"]}')
        body = json.dumps(ANSWERS[path]).encode()
        if server.packs and "gzip" in self.headers.get("Accept-Encoding", ""):
            return self.give(200, gzip.compress(body), **{"Content-Encoding": "gzip"})
        return self.give(200, body)

    def give(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a handshake that is broken off is what some of them want to see


class Local(Server):
    address_family = 1  # AF_UNIX

    def server_bind(self):
        self.socket.bind(self.server_address)


def serve(kind=Server, at=("127.0.0.1", 0), wants=None, packs=False, leads_to=None, tls=None):
    server = kind(at, Door)
    server.came, server.wants, server.packs, server.leads_to = [], wants, packs, leads_to
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if kind is Server:
        server.url = f"{'https' if tls else 'http'}://localhost:{server.server_address[1]}"
    return server


def file(name, text):
    path = os.path.join(WORK.name, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def weir(*words, config="", **env):
    """Status, what it printed, what it complained of. The context file holds `config`."""
    file("config/weir/config", config)
    whole = {"PATH": os.environ["PATH"], "HOME": WORK.name, "XDG_CONFIG_HOME": f"{WORK.name}/config", "LC_ALL": "C.UTF-8", "no_proxy": "*"}
    whole.update({k: v for k, v in os.environ.items() if k.startswith("ASAN") or k.startswith("UBSAN")}, **env)
    done = subprocess.run([WEIR, *(words or ("jobs",)), "--timeout", "5"], env={k: v for k, v in whole.items() if v is not None},
                          capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def gets_in(what, answer):
    check(f"{what}: gets in", answer[0] == 0 and "orders" in answer[1], answer)


def stays_out(what, answer, *words):
    check(f"{what}: stays out, with 4", answer[0] == 4, answer)
    check(f"{what}: says {' and '.join(words)}, and no secret",
          all(w in answer[2] for w in words) and PASSWORD not in answer[2] and TOKEN not in answer[2], answer)


def sent(server, header="Authorization"):
    return {headers.get(header) for _, headers in server.came}


def passwords():
    basic = "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    server = serve(wants=basic)
    password = file("password", PASSWORD + "\n")
    gets_in("basic, by the environment", weir("jobs", "--url", server.url, WEIR_USER="ada", WEIR_PASSWORD=PASSWORD))
    gets_in("basic, by a file", weir(config=f"current = c\n[c]\nurl = {server.url}\nuser = ada\npassword-file = {password}\n"))
    gets_in("basic, the password by the environment", weir(config=f"current=c\n[c]\nurl={server.url}\nuser=ada\n", WEIR_PASSWORD=PASSWORD))
    check("nothing else was sent", sent(server) == {basic}, sent(server))
    stays_out("no password", weir("jobs", "--url", server.url), "401")
    stays_out("a wrong password", weir("jobs", "--url", server.url, WEIR_USER="ada", WEIR_PASSWORD=PASSWORD + "!"), "401")
    empty = file("empty", "\n")
    answer = weir(config=f"current = c\n[c]\nurl = {server.url}\nuser = ada\npassword-file = {empty}\n")
    check("an empty password's file is trouble", answer[0] == 2 and "empty" in answer[2], answer)
    answer = weir("jobs", "--url", server.url.replace("//", f"//ada:{PASSWORD.split()[0]}@"))
    check("a password in an address is refused, and not said again", answer[0] == 64 and PASSWORD.split()[0] not in answer[2], answer)
    host = server.url.removeprefix("http://").split(":")[0]
    # netrc has no blanks in a password but between quotes
    netrc = file("netrc", f'machine elsewhere login eve password x\nmachine {host} login ada password "{PASSWORD}"\n')
    gets_in("netrc", weir(config=f"current = c\n[c]\nurl = {server.url}\nnetrc = {netrc}\n"))
    netrc = file("netrc2", "machine elsewhere login eve password x\n")
    stays_out("a netrc without the host", weir(config=f"current = c\n[c]\nurl = {server.url}\nnetrc = {netrc}\n"), "401")


def tokens():
    server = serve(wants=f"Bearer {TOKEN}")
    token = file("token", TOKEN + "\n")
    gets_in("a token, by the environment", weir("jobs", "--url", server.url, WEIR_TOKEN=TOKEN))
    gets_in("a token, by a file", weir(config=f"current = c\n[c]\nurl = {server.url}\ntoken-file = {token}\n"))
    gets_in("a context's token before that of the environment",
            weir(config=f"current = c\n[c]\nurl = {server.url}\ntoken-file = {token}\n", WEIR_TOKEN="another"))
    stays_out("another token", weir("jobs", "--url", server.url, WEIR_TOKEN="another"), "401")
    other = serve()
    weir("jobs", "--url", serve(leads_to=other.url).url, WEIR_TOKEN=TOKEN)
    check("a redirect elsewhere does not take the token along", other.came and sent(other) == {None}, sent(other))


def openssl(*words):
    subprocess.run(["openssl", *words], cwd=WORK.name, check=True, capture_output=True)


def certificates():
    """An authority, and what it has signed: a server's, a client's. And another authority."""
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                "-subj", f"/CN={name}", "-days", "2")
    file("names", "subjectAltName=DNS:localhost\n")
    for name in ("server", "client"):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", f"{name}.pem", "-days", "2", "-extfile", "names")
    return [f"{WORK.name}/{name}" for name in ("ca.pem", "other.pem", "server.pem", "server.key", "client.pem", "client.key")]


def tls():
    ca, other, cert, key, client, client_key = certificates()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = serve(tls=context)
    stays_out("a server that nobody knows", weir("jobs", "--url", server.url), "certificate")
    stays_out("another authority", weir("jobs", "--url", server.url, "--ca-cert", other), "certificate")
    gets_in("--ca-cert", weir("jobs", "--url", server.url, "--ca-cert", ca))
    gets_in("top --ca-cert", weir("top", "--once", "--url", server.url, "--ca-cert", ca))
    gets_in("a context's ca-cert", weir(config=f"current = c\n[c]\nurl = {server.url}\nca-cert = {ca}\n"))
    gets_in("--ca-cert before the context's", weir("jobs", "--ca-cert", ca, config=f"current = c\n[c]\nurl = {server.url}\nca-cert = {other}\n"))
    gets_in("insecure", weir(config=f"current = c\n[c]\nurl = {server.url}\ninsecure = yes\n"))
    stays_out("another name than the certificate's", weir("jobs", "--url", server.url.replace("localhost", "127.0.0.1"), "--ca-cert", ca),
              "certificate")
    answer = weir("jobs", "--url", server.url, "--ca-cert", f"{WORK.name}/nowhere.pem")
    check("a CA certificate that is not there is trouble", answer[0] == 2 and "nowhere.pem" in answer[2], answer)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    server = serve(tls=context)
    stays_out("no client's certificate", weir("jobs", "--url", server.url, "--ca-cert", ca), server.url)
    gets_in("mutual TLS",
            weir(config=f"current = c\n[c]\nurl = {server.url}\nca-cert = {ca}\nclient-cert = {client}\nclient-key = {client_key}\n"))


def ways():
    server = serve(packs=True)
    gets_in("gzip", weir("jobs", "--url", server.url))
    check("gzip is offered", all("gzip" in offered for offered in sent(server, "Accept-Encoding")), server.came)
    there = "http://flink.invalid:8081"
    gets_in("a context's proxy", weir(config=f"current = c\n[c]\nurl = {there}\nproxy = {server.url}\n", no_proxy=None))
    gets_in("http_proxy", weir("jobs", "--url", there, no_proxy=None, http_proxy=server.url))
    check("the proxy was asked for the whole address", any(path.startswith(there) for path, _ in server.came), server.came)
    local = serve(Local, f"{WORK.name}/socket")
    gets_in("a Unix socket", weir(config=f"current = c\n[c]\nunix-socket = {WORK.name}/socket\n"))
    check("the socket was used", local.came, local.came)
    answer = weir(config=f"current = c\n[c]\nunix-socket = {WORK.name}/nobody\n")
    check("a socket that nobody listens to: away", answer[0] == 4, answer)


def precedence():
    """Each address leads nowhere but says who it is: what cannot be reached is named in the complaint."""
    file("flink/config.yaml", "rest:\n  address: by-flink.invalid\n  port: 8085\n")
    contexts = "current = c\n" + "".join(f"[{n}]\nurl = http://by-{w}.invalid\n" for n, w in (("c", "current"), ("o", "option"), ("e", "context-env")))
    steps = [  # each is stronger than those before
        ("by-flink.invalid:8085", (), "", {"FLINK_CONF_DIR": f"{WORK.name}/flink"}),
        ("by-current.invalid", (), contexts, {}),
        ("by-context-env.invalid", (), contexts, {"WEIR_CONTEXT": "e"}),
        ("by-url-env.invalid", (), contexts, {"WEIR_URL": "http://by-url-env.invalid"}),
        ("by-option.invalid", ("--context", "o"), contexts, {}),
    ]
    env = {}
    for wanted, words, config, more in steps:
        env.update(more)
        answer = weir("jobs", *words, config=config, **env)
        check(f"{wanted} counts", answer[0] == 4 and wanted in answer[2], answer)
    answer = weir("jobs", "--url", "http://by-url.invalid", config=contexts, **env)
    check("--url counts", answer[0] == 4 and "by-url.invalid" in answer[2], answer)
    answer = weir("jobs", "--url", "http://x", "--context", "o", config=contexts)
    check("both are too much", answer[0] == 64, answer)


for part in (passwords, tokens, tls, ways, precedence):
    part()
print(f"doors: {checks} checks" + (f", {failures} not so" if failures else ""))
sys.exit(1 if failures else 0)
