"""What the judges of tests/cluster have in common: how they ask Flink, run weir, wait, and count what is not so.

Each is run as SCRIPT WEIR URL ...; a line for each thing that is wrong, and exit status 1 then.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

WEIR, URL = os.path.abspath(sys.argv[1]), sys.argv[2]
checks = 0
faults = []


def rest(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if answer.headers.get_content_type() == "application/json" else text.decode(errors="replace")


def check(holds, what, *more):
    global checks
    checks += 1
    if not holds:
        faults.append(what)
        print("not so:", what, *[repr(m)[:600] for m in more], sep="\n    ", flush=True)
    return bool(holds)


def weir(*words, status=0):
    """What it prints. Anything on stderr of a run that ends well is a fault too."""
    run = subprocess.run([WEIR, *words, "--url", URL], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    line = "weir " + " ".join(words)
    check(run.returncode == status, f"{line}: ends with {status}", run.returncode, run.stderr, run.stdout)
    check(status == 1 or bool(run.stderr) == (status != 0), f"{line}: speaks on stderr when it fails, and only then", run.stderr)
    return run.stdout


def weir_json(*words, status=0):
    text = weir(*words, "--json", status=status)
    try:
        said = json.loads(text)
    except ValueError:
        check(False, f"weir {' '.join(words)} --json: is JSON", text)
        return {}
    check(said.get("formatVersion") == 1, f"weir {' '.join(words)} --json: has formatVersion")
    return said


def leaves(tree, path=""):
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(tree, list):
        for i, value in enumerate(tree):
            yield from leaves(value, f"{path}[{i}]")
    else:
        yield path, tree


def plain(value):
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def nothing_lost(line, before, said, after, but=r"$^"):
    """What stands in both answers of Flink stands in weir's. Numbers below 2 prove nothing, as they are everywhere; epochs of 0 and
    sizes of -1 are how Flink says that there is none."""
    still = dict(leaves(after))
    has = {plain(v) for _, v in leaves(said)}
    lost = [
        (path, value)
        for path, value in leaves(before)
        if still.get(path) == value and not isinstance(value, bool) and value not in (None, "", "NaN", "undefined")
        and not (isinstance(value, (int, float)) and value < 2) and plain(value) not in has and not re.search(but, path)
    ]
    check(not lost, f"{line}: keeps all that Flink says", lost[:8])


def between(low, said, high):
    return said is not None and low is not None and min(low, high) <= said <= max(low, high)


def wait(what, holds, limit=120):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            if holds():
                return True
        except (OSError, LookupError, TypeError, ValueError):  # not yet there
            pass
        time.sleep(0.5)
    return check(False, f"within {limit} s: {what}")


def overview():
    """Jobs by the word before the colon of their names, the newest of each."""
    rows = sorted(rest("/jobs/overview")["jobs"], key=lambda row: row["start-time"])
    return {row["name"].split(":")[0]: row for row in rows}


def of(job, path=""):
    return rest(f"/jobs/{job['jid']}{path}")


def finish(parts, wanted):
    """Runs those parts, and ends."""
    for part in wanted:
        began = time.monotonic()
        parts[part]()
        print(f"{part}: {checks} checks so far, {len(faults)} not so, {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(1 if faults else 0)
