#!/usr/bin/env python3
"""A plan that reads a table of (a BIGINT, b STRING), deals its rows by a, and writes them: plan.py FORMAT PATH FORMAT PATH."""
import json
import sys

COLUMNS = [("a", "BIGINT"), ("b", "VARCHAR(2147483647)")]
ROW = "ROW<" + ", ".join("`%s` %s" % c for c in COLUMNS) + ">"


def table(name, form, path):
    schema = {"columns": [{"name": n, "dataType": t} for n, t in COLUMNS]}
    options = {"connector": "filesystem", "format": form, "path": path}
    return {"table": {"identifier": "`c`.`d`.`%s`" % name, "resolvedTable": {"schema": schema, "options": options}}}


nodes = [{"type": "stream-exec-table-source-scan_2", "scanTableSource": table("t", *sys.argv[1:3])},
         {"type": "stream-exec-exchange_1", "inputProperties": [{"requiredDistribution": {"type": "HASH", "keys": [0]}}]},
         {"type": "stream-exec-sink_2", "dynamicTableSink": table("o", *sys.argv[3:5])}]
nodes = [dict(n, id=i, description="", outputType=ROW) for i, n in enumerate(nodes, 1)]
json.dump({"flinkVersion": "2.3", "nodes": nodes, "edges": [{"source": 1, "target": 2}, {"source": 2, "target": 3}]}, sys.stdout)
