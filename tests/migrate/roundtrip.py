#!/usr/bin/env python3
"""Migrates snapshots there and back: roundtrip.py WEIR TIMES SNAPSHOT...

Changes that lose nothing are drawn at random, with their inverses in the opposite order; what comes back must hold what was there
(weir diff --data), and be whole (weir validate --deep). The same changes each time, unless SEED says others ("random": by chance)."""
import json
import os
import random
import subprocess
import sys
import tempfile

WIDER = {"Byte": ("TINYINT", ["SMALLINT", "INT", "BIGINT", "STRING"]), "Short": ("SMALLINT", ["INT", "BIGINT", "STRING"]),
         "Integer": ("INT", ["BIGINT", "DOUBLE", "DECIMAL", "STRING"]), "Long": ("BIGINT", ["DECIMAL", "STRING"]),
         "Boolean": ("BOOLEAN", ["INT", "STRING"]), "LocalDate": ("DATE", ["STRING"]), "Instant": ("INSTANT", ["STRING"]),
         "LocalDateTime": ("TIMESTAMP", ["STRING"])}
DEFAULTS = {"INT": "7", "STRING": "'some'", "BIGINT": "8", "DOUBLE": "0.5", "BOOLEAN": "TRUE", "LIST<STRING>": "NULL"}


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def run(weir, *args):
    return subprocess.run([weir, *args], capture_output=True, text=True, check=False)


class Draw:
    """Statements and their inverses, for what a schema document has."""

    def __init__(self, chance, schema):
        self.chance, self.there, self.back, self.used = chance, [], [], set()
        self.ops = schema["operators"]

    def add(self, there, back):
        self.there.append(there)
        self.back.insert(0, back)

    def state(self):
        op = self.chance.choice(self.ops)
        state = self.chance.choice(op["states"] or [None])
        name = f"{quote(op.get('uid') or op['id'])}.{quote(state['name'])}" if state else None
        if not state or name in self.used:
            return None, None
        self.used.add(name)
        return name, state

    def rename(self, name):
        new = f"renamed {len(self.used)}"
        self.add(f"ALTER STATE {name} RENAME TO {quote(new)};",
                 f"ALTER STATE {name.rsplit(chr(39) + '.', 1)[0]}'.{quote(new)} RENAME TO {quote(name.rsplit('.' + chr(39), 1)[1][:-1].replace(chr(39) * 2, chr(39)))};")

    def ttl(self, name, state):
        if state["ttl"] or state["kind"] not in ("VALUE", "LIST", "MAP", "REDUCING", "AGGREGATING"):
            return
        self.add(f"ALTER STATE {name} SET TTL AT 5;", f"ALTER STATE {name} DROP TTL;")

    def field(self, name):
        kind = self.chance.choice(list(DEFAULTS))
        self.add(f"ALTER STATE {name} ADD FIELD added {kind} DEFAULT {DEFAULTS[kind]};", f"ALTER STATE {name} DROP FIELD added;")

    def pojo(self, name, value):
        what = self.chance.randrange(4)
        field = self.chance.choice(value["fields"])
        if what == 0:
            self.field(name)
        elif what == 1:
            self.add(f"ALTER STATE {name} RENAME FIELD {quote_name(field['name'])} TO other_name;",
                     f"ALTER STATE {name} RENAME FIELD other_name TO {quote_name(field['name'])};")
        elif what == 2:
            self.add(f"RENAME CLASS {quote(value['class'])} TO 'other.Name' IN {name};",
                     f"RENAME CLASS 'other.Name' TO {quote(value['class'])} IN {name};")
        else:
            self.widen(name, f"FIELD {quote_name(field['name'])}", field["serializer"]["type"])

    def tuple(self, name, value):
        n = len(value["nested"])
        if self.chance.random() < 0.5 and n < 25:
            at = self.chance.randrange(n)
            self.add(f"ALTER STATE {name} ADD FIELD added INT DEFAULT key_hash FIRST;".replace("key_hash", "3") if not at else
                     f"ALTER STATE {name} ADD FIELD added INT DEFAULT 3 AFTER f{at - 1};",
                     f"ALTER STATE {name} DROP FIELD f{at};")
        else:
            at = self.chance.randrange(n)
            self.add(f"ALTER STATE {name} MOVE FIELD f{at} FIRST;",
                     f"ALTER STATE {name} MOVE FIELD f0 {'AFTER f' + str(at) if at else 'FIRST'};")

    def widen(self, name, what, kind):
        if kind in WIDER:
            own, others = WIDER[kind]
            self.add(f"ALTER STATE {name} ALTER {what} TYPE {self.chance.choice(others)};",
                     f"ALTER STATE {name} ALTER {what} TYPE {own};")

    def one(self):
        name, state = self.state()
        if not name:
            return
        value = element(state)
        what = self.chance.random()
        if state["kind"] == "TIMERS" or what < 0.15:
            self.rename(name)
        elif what < 0.25:
            self.ttl(name, state)
        elif value["type"] in WIDER:
            self.widen(name, "VALUE", value["type"])
        elif value["snapshot"].endswith("PojoSerializerSnapshot") and value.get("fields"):
            self.pojo(name, value)
        elif value["snapshot"].endswith("TupleSerializerSnapshot") and value.get("nested"):
            self.tuple(name, value)
        elif value["snapshot"].endswith("AvroSerializerSnapshot"):
            self.field(name)

    def whole(self, tree):
        par = {op["maxParallelism"] for op in self.ops}
        if len(par) == 1 and self.chance.random() < 0.5:
            self.add(f"SET MAX PARALLELISM {self.chance.choice([100, 128, 256, 1000])};", f"SET MAX PARALLELISM {par.pop()};")
        for op in tree["operators"]:
            if self.chance.random() < 0.3:
                name = quote(op.get("uid") or op["id"])
                self.add(f"ALTER OPERATOR {name} SET PARALLELISM {self.chance.randint(1, 5)};",
                         f"ALTER OPERATOR {name} SET PARALLELISM {op['parallelism']};")
        self.there.append(f"SET COMPRESSION {self.chance.choice(['ON', 'OFF'])};")
        form = self.chance.choice(["CANONICAL", "HASHMAP", "ROCKSDB"])
        self.there.append(f"SET FORMAT {form};")


def quote_name(text):
    return '"' + text.replace('"', '""') + '"'


def element(state):
    value = state["value"]
    if state["kind"] in ("LIST", "MAP") and "nested" in value:
        value = value["nested"][-1]
    return value["nested"][1] if state["ttl"] and value["type"].startswith("Ttl") else value


UNDOABLE = ("cannot be told", "cannot be framed", "Kryo", "is code of the job", "raw operator state", "data in flight",
            "keeps its timers", "hash of its keys", "could not be decoded")


def once(weir, chance, snapshot, count):
    schema = json.loads(run(weir, "schema", snapshot).stdout)
    tree = json.loads(run(weir, "inspect", "--json", snapshot).stdout)
    draw = Draw(chance, schema)
    for _ in range(chance.randint(1, 12)):
        draw.one()
    draw.whole(tree)
    with tempfile.TemporaryDirectory() as work:
        for name, lines in (("there", draw.there), ("back", draw.back)):
            with open(f"{work}/{name}.weir", "w", encoding="utf-8") as file:
                file.write("weir migration 1\n" + "\n".join(lines) + "\n")
        jobs = str(chance.randint(1, 4))
        for source, name in ((snapshot, "there"), (f"{work}/there", "back")):
            done = run(weir, "migrate", "-q", "-j", jobs, source, f"{work}/{name}.weir", "--output", f"{work}/{name}")
            if done.returncode and any(word in done.stderr for word in UNDOABLE):
                count["refused"] += 1
                return
            assert not done.returncode, f"{done.stderr}\n" + open(f"{work}/{name}.weir", encoding="utf-8").read()
        diff = run(weir, "diff", "--data", "-q", snapshot, f"{work}/back")
        assert not diff.returncode, f"{diff.stdout}{diff.stderr}\n" + "\n".join(draw.there + ["--"] + draw.back)
        whole = json.loads(run(weir, "validate", "--deep", "--json", f"{work}/back").stdout)
        assert not [f for f in whole["findings"] if f["severity"] == "error"], whole
        count["same"] += 1


def main():
    weir, times, *snapshots = sys.argv[1:]
    seed = os.environ.get("SEED", "2007")
    seed = random.randrange(1 << 30) if seed == "random" else int(seed)
    print(f"seed {seed}")
    chance, count = random.Random(seed), {"same": 0, "refused": 0}
    for i in range(int(times)):
        once(weir, chance, snapshots[i % len(snapshots)], count)
    print(f"{count['same']} came back as they were, {count['refused']} were refused with a reason")
    assert count["same"]


main()
