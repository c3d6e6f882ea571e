#!/usr/bin/env python3
"""The Nexmark queries by weir, by Flink and by clink, from the same files of JSON lines.

   nexmark.py WEIR [--events N] [--flink LIB] [--clink PYTHON] [--runs N] [--results] [QUERY...]

LIB is a directory with Flink's jars, PYTHON one that has pyclink; without them weir runs beside a plain loop of C's alone (bare.c), which knows
three of the queries. Each engine is a process of its own at parallelism 1, from its start to the end of the file; CPU is that of the whole
process, memory its peak. All run --runs times (3) and their quickest run counts, but Flink runs once. What Flink and weir print of a tenth of the events has to be the same, updates folded into the rows
that are there in the end, and so the rows that clink writes of windows; exit status 1 when they are not. A query that clink does not know, or not
in this form, says so; w5, w7 and w11 are windows in the form that it knows, over times in milliseconds, which all three read.
"""
import argparse
import collections
import glob
import json
import math
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__)) + "/nexmark"
FIELDS = {
    "person": "id name emailAddress creditCard city state dateTime extra",
    "auction": "id itemName description initialBid reserve dateTime expires seller category extra",
    "bid": "auction bidder price channel url dateTime extra",
}
MILLISECONDS = ("CAST(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', bid.`dateTime`) AS BIGINT) * 1000"
                " + MOD(EXTRACT(MILLISECOND FROM bid.`dateTime`), 1000)")
BARE = ["q0", "q2", "q17"]  # that bare.c knows
OPENS = [f"--add-opens=java.base/java.{p}=ALL-UNNAMED" for p in ("lang", "util", "time", "util.concurrent", "math", "net", "io", "nio", "lang.invoke")]


def read(name):
    return open(f"{HERE}/{name}").read()


def make_events(weir, events, to):
    os.makedirs(to)
    for kind, (table, fields) in [*enumerate(FIELDS.items()), (2, ("bid_ms", FIELDS["bid"]))]:
        columns = ", ".join(f"{table}.`{f}`" for f in fields.split()).replace("bid_ms.", "bid.")
        if table == "bid_ms":
            columns = columns.replace("bid.`dateTime`", MILLISECONDS)
        script = read("events.sql").replace("@EVENTS@", str(events)) + f"INSERT INTO {table} SELECT {columns} FROM nexmark WHERE event_type = {kind};\n"
        open(f"{to}/events.sql", "w").write(script)
        subprocess.run([weir, "run", f"{to}/events.sql"], stdout=open(f"{to}/{table}.json", "w"), check=True)


def flink_script(query, data, sink):
    return read("tables.sql").replace("@DATA@", data) + read(query + ".sql").replace("@SINK@", f"'connector' = '{sink}'")


def clink_script(query, data, sink="blackhole"):
    """Names in double quotes, options without quotes, times of events as an option, sizes of windows before their steps."""
    text = re.sub(r"HOP\((\S+), (INTERVAL '\d+' SECOND), (INTERVAL '\d+' SECOND)\)", r"HOP(\1, \3, \2)", flink_script(query, data, sink))
    text = re.sub(r"(?m)^--.*$", "", text).replace("STRING", "VARCHAR").replace("'filesystem'", "'file'")
    text = text.replace("moment AS TO_TIMESTAMP_LTZ(`dateTime`, 3), ", "").replace("moment", "`dateTime`")
    text = re.sub(r",\s*WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND\)\s*WITH \(", ") WITH (event_time_column='dateTime', watermark_delay_ms='4000', ", text)
    text = re.sub(r"'(connector|path|format)' =", r"\1 =", text).replace("`", '"')
    return re.sub(r"MOD\((\w+), (\d+)\)", r"\1 % \2", text)


def run(measure, command, out=subprocess.DEVNULL):
    """CPU-seconds, MiB; None: it failed, with its last line."""
    with tempfile.NamedTemporaryFile("r") as figures:
        done = subprocess.run([measure, figures.name, *command], stdout=out, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
            return None, ([line for line in lines if line.startswith("Caused by")] or lines)[-1]
        cpu, _, _, kib = figures.read().split()
        return float(cpu), int(kib) / 1024


def best(runs, measure, command):
    return min((run(measure, command) for _ in range(runs)), key=lambda r: (r[0] is None, r[0]))


def folded(lines):
    rows = collections.Counter()
    for line in lines:
        if re.match(r"[+-][IUD]\[", line):
            rows[line[2:]] += 1 if line[0] == "+" else -1
    return {row: n for row, n in rows.items() if n}


def differing(queries, measure, java, weir, data, work):
    """The queries whose rows are not Flink's. One JVM for all."""
    scripts = {query: f"{work}/{query}-print.sql" for query in queries}
    for query, script in scripts.items():
        open(script, "w").write(flink_script(query, data, "print"))
    cpu, why = run(measure, [*java, *scripts.values()], open(f"{work}/flink", "w"))
    if cpu is None:
        print(f"Flink: {why}")
    flink = dict(part.split("\n", 1) for part in open(f"{work}/flink", errors="replace").read().split("== ")[1:])
    different = []
    for query, script in scripts.items():
        cpu, why = run(measure, [weir, "run", "--set", "table.local-time-zone=UTC", script], open(f"{work}/weir", "w"))
        its, mine = folded(flink[script].splitlines()), folded(open(f"{work}/weir", errors="replace"))
        its, mine = ({row.rstrip("\n"): n for row, n in rows.items()} for rows in (its, mine))
        if cpu is None or its != mine:
            print(f"{query}: Flink has {len(its)} rows, weir {why if cpu is None else len(mine)}")
            for row in [f"Flink: {r} {n}" for r, n in its.items() - mine.items()][:2] + [f"weir:  {r} {n}" for r, n in mine.items() - its.items()][:2]:
                print(f"  {row}")
            different.append(query)
    return different


def as_json(lines):
    return collections.Counter(json.dumps(json.loads(line), sort_keys=True) for line in lines if line.startswith("{"))


def differing_from_clink(queries, measure, python, weir, data, work):
    """Those of the queries whose rows clink writes otherwise: windows alone, which write each row once."""
    different = []
    for query in [q for q in queries if q[0] == "w"]:
        sink = f"file', 'path' = '{work}/{query}.rows', 'format' = 'json"
        for name, script in ("clink", clink_script(query, data, sink)), ("weir", flink_script(query, data, "stdout', 'format' = 'json")):
            open(f"{work}/{query}-{name}.sql", "w").write(script)
        run(measure, [python, f"{HERE}/clink.py", f"{work}/{query}-clink.sql"])
        run(measure, [weir, "run", f"{work}/{query}-weir.sql"], open(f"{work}/weir", "w"))
        its, mine = (as_json(open(f"{work}/{name}")) if os.path.exists(f"{work}/{name}") else {} for name in (f"{query}.rows", "weir"))
        if its != mine:
            print(f"{query}: clink has {sum(its.values())} rows, weir {sum(mine.values())}, {sum((its & mine).values()) if its else 0} of them the same")
            different.append(query)
    return different


def mean(ratios):
    return f"{math.exp(sum(map(math.log, ratios)) / len(ratios)):.1f}" if ratios else "-"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("weir")
    p.add_argument("--events", type=int, default=2000000)
    p.add_argument("--flink")
    p.add_argument("--clink")
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--results", action="store_true", help="compares results with Flink's, and measures nothing")
    p.add_argument("queries", nargs="*")
    a = p.parse_intermixed_args()
    known = sorted((os.path.basename(f)[:-4] for f in glob.glob(f"{HERE}/[qw][0-9]*.sql")), key=lambda q: (q[0], int(q[1:])))
    with tempfile.TemporaryDirectory() as work:
        make_events(a.weir, a.events, f"{work}/all")
        java, different, measure, bare = None, [], f"{work}/measure", f"{work}/bare"
        for program in measure, bare:
            source = f"{HERE}/../{os.path.basename(program)}.c"
            subprocess.run([os.environ.get("CC", "cc").split()[-1], "-std=c17", "-D_GNU_SOURCE", "-O2", "-o", program, source], check=True)
        if a.flink:
            make_events(a.weir, a.events // 10, f"{work}/some")
            jars = ":".join(sorted(glob.glob(f"{a.flink}/*.jar")))
            subprocess.run(["javac", "-nowarn", "-d", f"{work}/classes", "-cp", jars, f"{HERE}/RunScript.java"], check=True)
            java = ["java", "-Xmx4g", *OPENS, "-cp", f"{work}/classes:{jars}", "RunScript"]
        print(f"{a.events} events; thousands of events a CPU-second, MiB at most; how many times the CPU that weir takes")
        print(f"{'':5}{'weir':>8}{'MiB':>7}{'Flink':>9}{'MiB':>7}{'times':>7}{'clink':>9}{'MiB':>7}{'times':>7}{'C':>9}{'MiB':>7}{'times':>7}")
        times = {"flink": [], "clink": [], "C": []}
        for query in (a.queries or known) if not a.results else []:
            script = f"{work}/{query}.sql"
            open(script, "w").write(flink_script(query, f"{work}/all", "blackhole"))
            cpu, size = best(a.runs, measure, [a.weir, "run", script])
            if cpu is None:
                print(f"{query}: weir: {size}")
                different.append(query)
                continue
            line, notes = f"{query:5}{a.events / cpu / 1000:8.0f}{size:7.0f}", ""
            peers = {"flink": (java and [*java, script], 1), "clink": (None, 0)}
            if a.clink:
                open(script + ".clink", "w").write(clink_script(query, f"{work}/all"))
                peers["clink"] = ([a.clink, f"{HERE}/clink.py", script + ".clink"], a.runs)
            peers["C"] = ([bare, query, f"{work}/all/bid.json"] if query in BARE else None, a.runs)
            for name, (command, runs) in peers.items():
                its, size = best(runs, measure, command) if command else (None, "")
                if its is None:
                    line += f"{'-':>9}{'-':>7}{'-':>7}"
                    notes += f"  {name}: {size[:100]}" if size else ""
                else:
                    times[name].append(its / cpu)
                    line += f"{a.events / its / 1000:9.0f}{size:7.0f}{its / cpu:7.{2 if name == 'C' else 1}f}"
            print(line + notes, flush=True)
        print(f"geometric means: Flink takes {mean(times['flink'])} times weir's CPU ({len(times['flink'])} queries), clink {mean(times['clink'])} ({len(times['clink'])})")
        if java:
            different += differing(a.queries or known, measure, java, a.weir, f"{work}/some", work)
            print("results are the same as Flink's" if not different else "results differ: " + " ".join(different))
        if a.clink:
            if not java:
                make_events(a.weir, a.events // 10, f"{work}/some")
            its = differing_from_clink(a.queries or known, measure, a.clink, a.weir, f"{work}/some", work)
            print("clink's rows of windows are the same" if not its else "clink's rows differ: " + " ".join(its))
        sys.exit(bool(different))


if __name__ == "__main__":
    main()
