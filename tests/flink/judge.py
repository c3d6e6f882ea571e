"""Real Flink as a judge of SQL: one JVM with a mini cluster for many scripts (judge/Judge.java), and how changelogs are compared."""

import collections
import glob
import json
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
OPENS = ("lang", "util", "time", "util.concurrent", "math", "net", "io", "nio", "lang.invoke")


def jars_of(lib):
    return ":".join(sorted(glob.glob(f"{lib}/*.jar")))


def java(classpath, work, *words):
    """The command of a JVM with Flink in it: most of what it does is done once, so the quick compiler is enough. What it leaves behind is left in WORK."""
    os.makedirs(f"{work}/tmp", exist_ok=True)
    return ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m", f"-Djava.io.tmpdir={work}/tmp",
            *(f"--add-opens=java.base/java.{p}=ALL-UNNAMED" for p in OPENS), "-cp", classpath, *words]


def has_fallen(log):
    """What a JVM said before it ended too early."""
    return SystemExit(f"the JVM has ended: {log}\n{''.join(open(log, encoding='utf-8', errors='replace').readlines()[-20:])}")


class Judge:
    """lib: the jars of a Flink 2.3; work: for classes and the log. At most `threads` scripts run at a time, `seconds` each."""

    def __init__(self, lib, work, threads=2, seconds=120):
        classes, jars, self.log = f"{work}/classes", jars_of(lib), f"{work}/log"
        shutil.rmtree(classes, ignore_errors=True)
        shutil.copytree(f"{HERE}/judge/META-INF", f"{classes}/META-INF")
        subprocess.run(["javac", "-nowarn", "-d", classes, "-cp", jars, *glob.glob(f"{HERE}/judge/*.java")], check=True)
        self.asked = set()
        self.jvm = subprocess.Popen(java(f"{classes}:{jars}", work, "Judge", str(threads), str(seconds)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=open(self.log, "w"), text=True)

    def ask(self, directory):
        """Later there is DIRECTORY/shown, or DIRECTORY/why."""
        self.asked.add(directory)
        self.jvm.stdin.write(directory + "\n")
        self.jvm.stdin.flush()

    def answers(self, n):
        """The next n directories that are done. A JVM prints warnings of its own between them."""
        while n:
            line = self.jvm.stdout.readline()
            if not line:
                raise has_fallen(self.log)
            directory = line.rstrip("\n")
            if directory in self.asked:
                self.asked.remove(directory)
                n -= 1
                yield directory

    def end(self):
        self.jvm.stdin.close()
        self.jvm.wait()


def tupled(value):
    """JSON as what can be compared and sorted; an object is its names and values in order, and pairs, as of a map, are sorted."""
    if not isinstance(value, list):
        return value
    items = tuple(map(tupled, value))
    pairs = items and all(isinstance(x, tuple) and len(x) == 2 for x in items)
    return tuple(sorted(items, key=repr)) if pairs else items


def parse(line):
    return json.loads(line, parse_float=str, parse_int=str, object_pairs_hook=lambda pairs: dict(pairs) if {"op", "row"} <= {k for k, _ in pairs} else [list(p) for p in pairs])


def shown(path):
    """Per table: (op, values) of each change, as Judge writes them."""
    tables = collections.defaultdict(list)
    for line in map(parse, open(path, encoding="utf-8")):
        tables[line["sink"]].append((line["op"], tupled(line["row"])))
    return tables


def printed(lines):
    """The same of what weir run --format ndjson prints."""
    tables = collections.defaultdict(list)
    for line in map(parse, lines):
        if "op" in line:
            tables[line.get("sink", "").split(".")[-1].strip("`")].append((line["op"], tuple(tupled(v) for _, v in line["row"])))
    return tables


def final(changes, key=()):
    """What is left when all changes are applied: rows and how often; `key` are the places of the primary key."""
    rows, keyed = collections.Counter(), {}
    for op, row in changes:
        if not key:
            rows[row] += 1 if op[0] == "+" else -1
        elif op[0] == "+":
            keyed[tuple(row[i] for i in key)] = row
        elif op == "-D":
            keyed.pop(tuple(row[i] for i in key), None)
    rows.update(keyed.values())
    return {row: n for row, n in rows.items() if n}


def why(directory):
    """The last, innermost reason."""
    return open(f"{directory}/why", encoding="utf-8").read().strip().splitlines()[-1][:300]
