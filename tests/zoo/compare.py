#!/usr/bin/env python3
"""Compares what `weir dump` prints with what Flink itself read out of the same snapshots.

usage: compare.py WEIR DIR...     every DIR below which an expected.json lies (searched two levels deep) is one case

expected.json holds Flink's own reading: operators, keyed states, timers and operator states with their content. Everything must be
equal, except what a snapshot does not contain; each such difference is counted by its reason and printed at the end:
  row-names   RowSerializer's snapshot has no field names: weir prints positions where a live job knew names
  kryo-class  fields of a class that Kryo wrote are in no snapshot: weir prints them as opaque bytes
  no-timers   Flink's dump could not read the timers of that backend, weir did
"""
import json
import os
import re
import subprocess
import sys

text = lambda x: json.dumps(x, sort_keys=True, ensure_ascii=False)


def equal(want, got, why):
    """Deep equality; reasons for allowed differences are added to `why`."""
    if isinstance(got, dict) and "$opaque" in got:
        if isinstance(want, dict) and want.get("$class") == got["$opaque"]:
            why.add("kryo-class")
            return True
        return False
    if isinstance(want, dict) and isinstance(got, dict):
        if "$row" in want and "fields" in got and "fields" not in want:
            why.add("row-names")
            return want["$row"] == got["$row"] and equal([v for k, v in want.items() if k != "$row"], got["fields"], why)
        return want.keys() == got.keys() and all(equal(want[k], got[k], why) for k in want)
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(equal(w, g, why) for w, g in zip(want, got))
    if isinstance(want, float) or isinstance(got, float):
        return type(want) in (int, float) and type(got) in (int, float) and (want == got or float32(want) == float32(got)) and str(want)[0] == str(got)[0]
    return type(want) is type(got) and want == got


def float32(x):
    import struct
    try:
        return struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return x


def expected_items(doc):
    out, no_timers = {}, set()
    for op in doc["operators"]:
        label = op.get("metadata_uid") or op.get("uid")
        ids = {op["operator_id"], label}
        for s in op.get("keyed_states") or []:
            for c in s["content"]:
                body = {k: c[k] for k in ("value", "list", "map") if k in c}
                if s["kind"] == "MAP" and not body.get("map"):
                    continue
                out[(op["operator_id"], s["state"], s["kind"], text(c["key"]), text(c.get("ns")))] = body
        if op.get("keyed_states") and op.get("timers") == []:
            no_timers.add(op["operator_id"])
        for s in op.get("timers") or []:
            for c in s["content"]:
                key = (op["operator_id"], s["state"], "TIMERS", text([c["key"], c.get("ns"), c["timestamp"]]), "")
                out[key] = {}
        for s in op.get("operator_states") or []:
            parts = [p for p in s["subtasks"] if p is not None]
            if s["kind"] == "BROADCAST":
                out[(op["operator_id"], s["state"], "BROADCAST", "", "")] = {"map": parts[0]}
            else:
                out[(op["operator_id"], s["state"], "OPERATOR_LIST", "", "")] = {"list": sorted((x for p in parts for x in p), key=text)}
    return out, no_timers


def dumped_items(lines, uid_to_id):
    out = {}
    for line in lines:
        row = json.loads(line)
        op = uid_to_id.get(row["operator"], row["operator"])
        kind = row["kind"]
        if kind == "TIMERS":
            out[(op, row["state"], kind, text([row["key"], row.get("ns"), row["timestamp"]]), "")] = {}
        elif kind == "OPERATOR_LIST":
            item = out.setdefault((op, row["state"], kind, "", ""), {"list": []})
            item["list"] = sorted(item["list"] + row["list"], key=text)
        elif kind == "BROADCAST":
            out[(op, row["state"], kind, "", "")] = {"map": row["map"]}
        else:
            key = (op, row["state"], kind, text(row["key"]), text(row.get("ns")))
            if key in out:
                raise SystemExit(f"two rows for {key}")
            if kind != "MAP" or row["map"]:  # a heap snapshot may hold an empty map, which Flink's dump leaves out
                out[key] = {k: row[k] for k in ("value", "list", "map") if k in row}
    return out


def newest_metadata(case, params):
    snap = params.get("snapshot")
    return os.path.join(case, snap) if snap else os.path.join(case, "snapshot")


def params_of(case):
    path = os.path.join(case, "params.properties")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        return dict(line.rstrip("\n").split("=", 1) for line in f if "=" in line)


def run_case(weir, case):
    with open(os.path.join(case, "expected.json"), encoding="utf-8") as f:
        doc = json.load(f)
    where = newest_metadata(case, params_of(case))
    r = subprocess.run([weir, "dump", "--quiet", where], capture_output=True)
    lines = r.stdout.decode("utf-8", "surrogatepass").splitlines()
    faults = [] if r.returncode == 0 else [f"exit {r.returncode}: {r.stderr.decode().strip()}"]
    want, no_timers = expected_items(doc)
    uid_to_id = {op.get("metadata_uid") or "": op["operator_id"] for op in doc["operators"]}
    got = dumped_items(lines, uid_to_id)
    why = {}
    for key in want.keys() - got.keys():
        faults.append(f"missing {key}")
    for key in got.keys() - want.keys():
        if key[2] == "TIMERS" and key[0] in no_timers:
            why["no-timers"] = why.get("no-timers", 0) + 1
            continue
        if key[2] in ("OPERATOR_LIST", "BROADCAST") and not any(got[key].values()):
            continue
        faults.append(f"extra {key}")
    for key in want.keys() & got.keys():
        reasons = set()
        if not equal(want[key], got[key], reasons):
            faults.append(f"differs {key}\n     Flink {text(want[key])[:300]}\n     weir  {text(got[key])[:300]}")
        for reason in reasons:
            why[reason] = why.get(reason, 0) + 1
    return len(want), faults, why


def cases(roots):
    for root in roots:
        for path, dirs, files in os.walk(root):
            dirs.sort()
            if "snapshot" in dirs:
                dirs.remove("snapshot")
            if "expected.json" in files:
                yield path


def main():
    if len(sys.argv) < 3:
        print(__doc__.splitlines()[2], file=sys.stderr)
        return 64
    total = bad = items = 0
    reasons = {}
    skipped = []
    for case in cases(sys.argv[2:]):
        if not os.path.exists(newest_metadata(case, params_of(case))):
            skipped.append(case)
            continue
        total += 1
        n, faults, why = run_case(sys.argv[1], case)
        items += n
        for k, v in why.items():
            reasons.setdefault(k, []).append((case, v))
        if faults:
            bad += 1
            print(f"FAIL {case}: {len(faults)} of {n} items")
            for f in faults[:3]:
                print("   " + f)
    if skipped:
        print(f"skipped {len(skipped)} that hold no snapshot, the first of them {skipped[0]}")
    for k, v in sorted(reasons.items()):
        print(f"not in the snapshot ({k}): {sum(x for _, x in v)} items in {len(v)} snapshots")
    print(f"{total} snapshots, {items} items, {total - bad} snapshots equal, {bad} not")
    return 1 if bad or not total else 0


if __name__ == "__main__":
    sys.exit(main())
