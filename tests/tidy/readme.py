#!/usr/bin/env python3
"""Does README.md show what its commands say now? Those on snapshots that are in the repository, on the demo's pipeline, and on a broken copy, are run.

    readme.py WEIR      exit status 1 when one says anything else
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.abspath(f"{os.path.dirname(os.path.abspath(__file__))}/../..")
NATIVE = f"{TOP}/tests/golden/2.3.0-rocksdb-native-basic/snapshot"
NOW = re.compile(r"^written .*", re.M)  # the time of the file


def prepare(place):
    """`broken`, `pipeline.sql` and `tests/` are there."""
    shutil.copytree(NATIVE, f"{place}/broken")
    files = sorted(name for name in os.listdir(f"{place}/broken") if name != "_metadata")
    for name in files:
        os.chmod(f"{place}/broken/{name}", 0o644)
    os.remove(f"{place}/broken/{files[0]}")
    os.truncate(f"{place}/broken/{files[1]}", os.path.getsize(f"{place}/broken/{files[1]}") // 2)
    shutil.copy(f"{TOP}/examples/demo/pipeline.sql", place)
    os.symlink(f"{TOP}/tests", f"{place}/tests")


def main():
    text, bad, tried = open(f"{TOP}/README.md", encoding="utf-8").read(), 0, 0
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(f"{place}/bin")
        os.symlink(os.path.abspath(sys.argv[1]), f"{place}/bin/weir")
        env = {**os.environ, "PATH": f"{place}/bin:{os.environ['PATH']}"}
        prepare(place)
        shown = [command.partition("\n") for block in re.findall(r"```console\n(.*?)```", text, re.S) for command in re.split(r"(?m)^\$ ", block)[1:]]
        for command, _, says in shown:
            if not re.search(r"tests/golden|inspect broken|explain --plain pipeline.sql", command):
                continue
            tried += 1
            run = subprocess.run(["bash", "-c", command], cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
            if NOW.sub("", run.stdout.strip()) != NOW.sub("", says.strip()):
                bad += 1
                print(f"README.md: `{command}` says now:\n{run.stdout}")
        plan = subprocess.run(["weir", "explain", "--json", "pipeline.sql"], cwd=place, env=env, capture_output=True, encoding="utf-8", check=True).stdout
        nodes = {f"{number}_{kind}" for number, kind in re.findall(r'"id": (\d+),\s*"type": "stream-exec-([\w-]+)"', plan)}
        for name in set(re.findall(r"\b\d+_[a-z]+-[a-z-]+", text)) - nodes:
            bad += 1
            print(f"README.md: the demo's pipeline has no {name}: {', '.join(sorted(nodes))}")
    print(f"README.md: {tried - bad} of {tried} commands say what it shows")
    return bool(bad or not tried)


if __name__ == "__main__":
    sys.exit(main())
