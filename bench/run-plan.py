#!/usr/bin/env python3
"""What weir run costs: rows a CPU-second, of plans over one file of NDJSON.

   run-plan.py WEIR [ROWS]

The file has auctions' bids as Nexmark's generator shapes them; the plans are a projection with arithmetic (Nexmark's q1), a filter (q2) and an
aggregation by auction (count, sum, max). CPU is that of the whole process, start and decoding of JSON included. Of three runs the best."""
import json
import os
import random
import sys
import tempfile

COLUMNS = [("auction", "BIGINT"), ("bidder", "BIGINT"), ("price", "BIGINT"), ("channel", "VARCHAR(2147483647)"),
           ("url", "VARCHAR(2147483647)"), ("dateTime", "TIMESTAMP(3)")]


def row(columns):
    return "ROW<" + ", ".join("`%s` %s" % c for c in columns) + ">"


def table(name, columns, options):
    return {"table": {"identifier": "`c`.`d`.`%s`" % name, "resolvedTable": {
        "schema": {"columns": [{"name": n, "dataType": t} for n, t in columns]}, "options": options}}}


def ref(i):
    return {"kind": "INPUT_REF", "inputIndex": i, "type": COLUMNS[i][1]}


def literal(value, type_):
    return {"kind": "LITERAL", "value": value, "type": type_}


def call(name, operands, type_):
    return {"kind": "CALL", "internalName": "$%s$1" % name, "operands": operands, "type": type_}


def plan(path, nodes, out):
    source = {"type": "stream-exec-table-source-scan_2", "outputType": row(COLUMNS),
              "scanTableSource": table("bid", COLUMNS, {"connector": "filesystem", "format": "json", "path": path})}
    sink = {"type": "stream-exec-sink_2", "outputType": row(out), "dynamicTableSink": table("out", out, {"connector": "blackhole"})}
    nodes = [dict(n, id=i, description="") for i, n in enumerate([source] + nodes + [sink], 1)]
    return {"flinkVersion": "2.3", "nodes": nodes, "edges": [{"source": n["id"], "target": n["id"] + 1} for n in nodes[:-1]]}


def calc(projection, out, condition=None):
    return {"type": "stream-exec-calc_1", "projection": projection, "condition": condition, "outputType": row(out)}


def plans(path):
    q1 = [("auction", "BIGINT"), ("bidder", "BIGINT"), ("price", "DOUBLE"), ("dateTime", "TIMESTAMP(3)")]
    dollars = call("*", [literal("0.908", "DOUBLE NOT NULL"), ref(2)], "DOUBLE")
    yield "projection", plan(path, [calc([ref(0), ref(1), dollars, ref(5)], q1)], q1)
    q2 = [("auction", "BIGINT"), ("price", "BIGINT")]
    some = call("=", [call("MOD", [ref(0), literal(123, "INT NOT NULL")], "INT"), literal(0, "INT NOT NULL")], "BOOLEAN")
    yield "filter", plan(path, [calc([ref(0), ref(2)], q2, some)], q2)
    q3 = [("auction", "BIGINT"), ("n", "BIGINT NOT NULL"), ("s", "BIGINT"), ("m", "BIGINT")]
    calls = [{"internalName": "$%s$1" % f, "argList": a, "filterArg": -1, "distinct": False, "type": t}
             for f, a, t in [("COUNT", [], "BIGINT NOT NULL"), ("SUM", [1], "BIGINT"), ("MAX", [1], "BIGINT")]]
    group = {"type": "stream-exec-group-aggregate_1", "grouping": [0], "aggCalls": calls, "outputType": row(q3)}
    yield "group by", plan(path, [calc([ref(0), ref(2)], q2), group], q3)


def bids(path, rows):
    random.seed(1)
    with open(path, "w") as f:
        for i in range(rows):
            f.write('{"auction":%d,"bidder":%d,"price":%d,"channel":"channel-%d","url":"https://www.nexmark.com/item%d.htm?query=1",'
                    '"dateTime":"2024-01-01 %02d:%02d:%02d.%03d"}\n' % (
                        random.randrange(1000, 2000), random.randrange(1000, 11000), random.randrange(100, 10000000),
                        random.randrange(100), random.randrange(100000), i // 3600000 % 24, i // 60000 % 60, i // 1000 % 60, i % 1000))


def measure(weir, path):
    pid = os.spawnv(os.P_NOWAIT, weir, [weir, "run", path])
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit("%s run %s: status %d" % (weir, path, status))
    return usage.ru_utime + usage.ru_stime


def main():
    weir, rows = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, "bids.jsonl")
        bids(path, rows)
        for name, p in plans(path):
            file = os.path.join(where, "plan.json")
            with open(file, "w") as f:
                json.dump(p, f)
            print("%-12s %5.2f million rows a CPU-second" % (name, rows / min(measure(weir, file) for _ in range(3)) / 1e6))


main()
