#!/usr/bin/env python3
"""The operations of weir migrate, each judged by real Flink: what a job holds that has restored what weir made of a golden snapshot.

operations.py make WEIR GOLDEN OUT VERSION     runs the scripts: OUT/ENTRY/copies/NAME-BACKEND and what Flink must say of them
operations.py judge OUT                        compares that with what Flink said

What Flink must say is worked out here, from what Flink said of the snapshot itself (expected.ndjson) and never by weir. A copy whose
name begins with "refused-" must not be restored: it is what the operation after it mends."""
import glob
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import sys

BASIC = {"1.20.5": "hashmap-checkpoint-basic-changelog", "2.3.0": "rocksdb-native-basic"}
BACKENDS = ("hashmap", "rocksdb")
LISTS = "hashmap-canonical-lists-compressed"
JUDGED_AS = "rocksdb-native-basic"  # the entry of golden.Golden whose job restores them
BY = "'states-by-long'."
MILLIS = 1700000000000
TAKEN = ("value-string", "list-long", "map-string", "window-contents", "window-map", "named-VALUE", "ttl-VALUE", "ttl-LIST", "ttl-MAP",
         "reducing-long")
WINDOWED = ("window-contents", "window-map", "_timer_state/event_window-timers")


def of(state):
    """Rows of a state of the operator whose keys are whole numbers."""
    return lambda row: row["state"] == state and isinstance(row["key"], int)


def by_long(row):
    return isinstance(row.get("key"), int)


def late_window(row):
    """What is of a window that begins in the second minute or later."""
    return by_long(row) and row["state"] in WINDOWED and row["ns"]["start"] >= 1700000060000 and (
        row["state"] == "window-contents" or row["ns"]["end"] > 1700000120000)


def without(which):
    return lambda rows: [row for row in rows if not which(row)]


def unless(state, gone):
    return without(lambda row: of(state)(row) and gone(row))


def pairs(state, kept, new=lambda key, value: value):
    """Of a map's entries those that are kept, with new values; a map without any is gone."""

    def change(rows):
        for row in filter(of(state), rows):
            row["map"] = [[key, new(key, value)] for key, value in row["map"] if kept(key, value)]
        return [row for row in rows if row.get("map") != []]

    return change


def trimmed_window(row):
    if not of("window-map")(row) or row["key"] >= 0:
        return row
    return dict(row, map=[pair for pair in row["map"] if not pair[0].startswith("a")])


def values(state, new):
    def change(rows):
        for row in filter(of(state), rows):
            row["value"] = new(row["value"])
        return rows

    return change


def elements(state, new, kept=lambda element: True):
    def change(rows):
        for row in rows:
            if row["state"] == state and (by_long(row) or "subtask" in row):
                row["list"] = [new(element) for element in row["list"] if kept(element)]
        return rows

    return change


def stamped(state):
    """All last accesses are at one time."""

    def at(value):
        if isinstance(value, list):
            return [at(each) for each in value]
        return {"$ttl": MILLIS, "value": value["value"]} if isinstance(value, dict) else value

    def change(rows):
        for row in filter(of(state), rows):
            for part in ("value", "list", "map"):
                if part in row:
                    row[part] = at(row[part])
        return rows

    return change


def sheet(rows):
    """The same as CSV, a line for each value: texts have quotation marks, and nothing at all is null."""
    windowed, mapped = any(isinstance(row.get("ns"), dict) for row in rows), any("map" in row for row in rows)
    timed = "$ttl" in json.dumps(rows)
    lines = [["key"] + ["namespace.start", "namespace.end"] * windowed + ["user_key"] * mapped + ["last_access"] * timed + ["value"]]
    for row in rows:
        for user_key, value in row.get("map") or [(None, each) for each in row.get("list", [row.get("value")])]:
            cells = [row["key"]] + ([row["ns"]["start"], row["ns"]["end"]] if windowed else []) + [user_key] * mapped
            if timed:
                cells.append(value["$ttl"] if value else None)
                value = value and value["value"]
            lines.append(cells + [value])

    def cell(value):
        return "" if value is None else '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)

    return "".join(",".join(map(cell, line)) + "\r\n" for line in lines)


def upper(text):
    """Letters of ASCII only."""
    return re.sub("[a-z]", lambda letter: letter[0].upper(), text)


def masked(text):
    return "*" * (len(text) - 2) + text[-2:] if len(text) > 2 else text


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def mac(text):
    return hmac.new(b"salt", text.encode(), hashlib.sha256).hexdigest()


def same(rows):
    return rows


# "either": one version's job restores it into this backend, the other's into that one.
# name, scripts (each is run on what the one before has made; TAKEN: the state's rows of Flink, for CREATE STATE), backends, what it does
KEYED = [
    ("refused-uid", ["ALTER OPERATOR 'states-by-long' RENAME TO 'other'"], "hashmap", None),
    ("uid", ["ALTER OPERATOR 'states-by-long' RENAME TO 'other'", "ALTER OPERATOR 'other' RENAME TO 'states-by-long'"], "either", same),
    ("state_renamed", [f"ALTER STATE {BY}'value-string' RENAME TO 'other'"], "either", without(of("value-string"))),
    ("state_renamed_back",
     [f"ALTER STATE {BY}'value-string' RENAME TO 'other'; ALTER STATE {BY}'ttl-MAP' RENAME TO 'mine'",
      f"ALTER STATE {BY}other RENAME TO 'value-string'; ALTER STATE {BY}mine RENAME TO 'ttl-MAP'"], "either", same),
    ("state_dropped", [f"DROP STATE {BY}'list-long'; DROP STATE {BY}'window-map'"], "either",
     lambda rows: without(of("window-map"))(without(of("list-long"))(rows))),
    ("operator_dropped", ["DROP OPERATOR 'states-by-long'"], "either", without(by_long)),
    ("merged", ["DROP OPERATOR 'states-by-long'", "MERGE OPERATOR 'states-by-long' FROM 'ORIGIN'"], "either", same),
    ("merged_as", ["DROP OPERATOR 'states-by-long'", "MERGE OPERATOR 'other' FROM 'RENAMED' AS 'states-by-long'"], "either", same),
    ("merged_whole", ["DROP OPERATOR 'states-by-string'; DROP OPERATOR 'numbers'", "MERGE FROM 'WITHOUT'"], "either", same),
    ("created", [f"DROP STATE {BY}'value-string'; DROP STATE {BY}'list-long'; DROP STATE {BY}'map-string'",
                 f"CREATE STATE {BY}'value-string' VALUE STRING FROM 'TAKEN/value-string';"
                 f"CREATE STATE {BY}'list-long' LIST BIGINT FROM 'TAKEN/list-long';"
                 f"CREATE STATE {BY}'map-string' MAP STRING TO STRING FROM 'TAKEN/map-string'"], "either", same),
    ("created_of_windows", [f"DROP STATE {BY}'window-contents'; DROP STATE {BY}'window-map'; DROP STATE {BY}'named-VALUE';"
                            f"DROP STATE {BY}'ttl-VALUE'; DROP STATE {BY}'ttl-LIST'; DROP STATE {BY}'ttl-MAP'; DROP STATE {BY}'reducing-long'",
                            f"CREATE STATE {BY}'window-contents' LIST BIGINT NAMESPACE WINDOW FROM 'TAKEN/window-contents';"
                            f"CREATE STATE {BY}'window-map' MAP STRING TO INT NAMESPACE WINDOW FROM 'TAKEN/window-map';"
                            f"CREATE STATE {BY}'named-VALUE' VALUE STRING NAMESPACE STRING FROM 'TAKEN/named-VALUE';"
                            f"CREATE STATE {BY}'ttl-VALUE' VALUE STRING TTL FROM 'TAKEN/ttl-VALUE';"
                            f"CREATE STATE {BY}'ttl-LIST' LIST STRING TTL FROM 'TAKEN/ttl-LIST';"
                            f"CREATE STATE {BY}'ttl-MAP' MAP STRING TO STRING TTL FROM 'TAKEN/ttl-MAP';"
                            f"CREATE STATE {BY}'reducing-long' REDUCING BIGINT FROM 'TAKEN/reducing-long'"], "either", same),
    ("created_of_csv", [f"DROP STATE {BY}'value-string'; DROP STATE {BY}'list-long'; DROP STATE {BY}'map-string';"
                        f"DROP STATE {BY}'window-contents'; DROP STATE {BY}'ttl-VALUE'; DROP STATE {BY}'ttl-LIST'; DROP STATE {BY}'ttl-MAP'",
                        f"CREATE STATE {BY}'value-string' VALUE STRING FROM 'TAKEN/value-string.csv';"
                        f"CREATE STATE {BY}'list-long' LIST BIGINT FROM 'TAKEN/list-long.csv';"
                        f"CREATE STATE {BY}'map-string' MAP STRING TO STRING FROM 'TAKEN/map-string.csv' FORMAT CSV;"
                        f"CREATE STATE {BY}'window-contents' LIST BIGINT NAMESPACE WINDOW FROM 'TAKEN/window-contents.csv';"
                        f"CREATE STATE {BY}'ttl-VALUE' VALUE STRING TTL FROM 'TAKEN/ttl-VALUE.csv';"
                        f"CREATE STATE {BY}'ttl-LIST' LIST STRING TTL FROM 'TAKEN/ttl-LIST.csv';"
                        f"CREATE STATE {BY}'ttl-MAP' MAP STRING TO STRING TTL FROM 'TAKEN/ttl-MAP.csv'"], "either", same),
    ("created_and_changed", [f"DROP STATE {BY}'value-string'; DROP STATE {BY}'ttl-LIST'",
                             f"CREATE STATE {BY}fresh VALUE STRING FROM 'TAKEN/value-string';"
                             f"UPDATE {BY}fresh SET value = MASK(value, 2); DELETE FROM {BY}fresh WHERE key < 0;"
                             f"ALTER STATE {BY}fresh RENAME TO 'value-string';"
                             f"CREATE STATE {BY}'ttl-LIST' LIST STRING TTL FROM 'TAKEN/ttl-LIST.csv';"
                             f"ALTER STATE {BY}'ttl-LIST' SET TTL AT {MILLIS}; SET MAX PARALLELISM 200",
                             "SET MAX PARALLELISM 128"], "either",
     lambda rows: stamped("ttl-LIST")(unless("value-string", lambda row: row["key"] < 0)(values("value-string", masked)(rows)))),
    ("deleted_by_key", [f"DELETE FROM {BY}'value-string' WHERE key < 0"], "either", unless("value-string", lambda row: row["key"] < 0)),
    ("deleted_by_value", [f"DELETE FROM {BY}'list-long' WHERE value < 0"], "either",
     lambda rows: elements("list-long", lambda e: e, lambda e: e >= 0)(rows)),
    ("deleted_by_user_key", [f"DELETE FROM {BY}'map-string' WHERE user_key = 'a' OR value IS NULL"], "either",
     pairs("map-string", lambda key, value: key != "a" and value is not None)),
    ("deleted_windows", [f"DELETE FROM {BY}'window-map' WHERE key < 0 AND user_key LIKE 'a%'"], "either",
     lambda rows: [row for row in map(trimmed_window, rows) if row.get("map") != []]),
    ("deleted_timers", [f"DELETE FROM {BY}'_timer_state/event_user-timers' WHERE key > 0"], "either",
     unless("_timer_state/event_user-timers", lambda row: row["key"] > 0)),
    ("deleted_by_window", [f"DELETE FROM {BY}'window-contents' WHERE namespace.start >= 1700000060000;"
                           f"KEEP IN {BY}'window-map' WHERE namespace.end - namespace.start = 60000 AND namespace.end <= 1700000120000;"
                           f"DELETE FROM {BY}'_timer_state/event_window-timers' WHERE namespace.end > 1700000120000"], "either",
     without(late_window)),
    ("kept", [f"KEEP IN {BY}'named-VALUE' WHERE namespace = ''"], "either", unless("named-VALUE", lambda row: row["ns"] != "")),
    ("masked", [f"UPDATE {BY}'value-string' SET value = MASK(value, 2)"], "either", values("value-string", masked)),
    ("hashed", [f"UPDATE {BY}'value-string' SET value = SHA256(value)"], "either", values("value-string", sha)),
    ("tokenised", [f"UPDATE {BY}'map-string' SET value = HMAC_SHA256(value, 'salt') WHERE value IS NOT NULL"], "either",
     pairs("map-string", lambda key, value: True, lambda key, value: value if value is None else mac(value))),
    ("computed", [f"UPDATE {BY}'list-long' SET value = CASE WHEN value < 0 THEN 0 ELSE value - 1 END"], "either",
     elements("list-long", lambda e: 0 if e < 0 else e - 1)),
    ("ttl_off_and_on", [f"ALTER STATE {BY}'ttl-{kind}' DROP TTL; ALTER STATE {BY}'ttl-{kind}' SET TTL AT {MILLIS}"
                        for kind in ("VALUE", "LIST", "MAP")], "either",
     lambda rows: stamped("ttl-MAP")(stamped("ttl-LIST")(stamped("ttl-VALUE")(rows)))),
    ("list_and_back", [f"ALTER STATE {BY}'value-string' CONVERT TO LIST", f"ALTER STATE {BY}'value-string' CONVERT TO VALUE"], "either", same),
    ("parallelism", ["SET PARALLELISM 3"], "either", same),
    ("refused-key_groups", ["SET MAX PARALLELISM 300"], "hashmap", None),
    ("key_groups", ["SET MAX PARALLELISM 300; SET PARALLELISM 5", "SET MAX PARALLELISM 128; SET PARALLELISM 2"], "either", same),
    ("canonical", ["SET FORMAT CANONICAL"], "both", same),
    ("to_heap", ["SET FORMAT HASHMAP"], "hashmap", same),
    ("to_database", ["SET FORMAT ROCKSDB"], "rocksdb", same),
    ("canonical_to_heap", ["SET FORMAT CANONICAL", "SET FORMAT HASHMAP"], "hashmap", same),
    ("canonical_to_database", ["SET FORMAT CANONICAL", "SET FORMAT ROCKSDB"], "rocksdb", same),
    ("heap_to_canonical", ["SET FORMAT HASHMAP", "SET FORMAT CANONICAL"], "both", same),
    ("database_to_canonical", ["SET FORMAT ROCKSDB", "SET FORMAT CANONICAL"], "both", same),
    ("heap_to_database", ["SET FORMAT HASHMAP", "SET FORMAT ROCKSDB"], "rocksdb", same),
    ("database_to_heap", ["SET FORMAT ROCKSDB", "SET FORMAT HASHMAP"], "hashmap", same),
    ("compressed", ["SET FORMAT CANONICAL; SET COMPRESSION ON"], "both", same),
    ("compressed_heap", ["SET FORMAT HASHMAP; SET COMPRESSION ON"], "hashmap", same),
    ("uncompressed", ["SET FORMAT CANONICAL; SET COMPRESSION ON", "SET COMPRESSION OFF"], "both", same),
]
OPERATOR = [
    ("texts", ["UPDATE 'lists'.'texts' SET value = UPPER(value)"], "hashmap", elements("texts", upper)),
    ("some_texts", ["DELETE FROM 'lists'.'texts' WHERE value LIKE '%a%'"], "hashmap",
     elements("texts", lambda e: e, lambda e: "a" not in e)),
    ("rules", ["DELETE FROM 'lists'.'rules' WHERE user_key LIKE '%quote%'"], "hashmap",
     lambda rows: [dict(row, map=[p for p in row["map"] if "quote" not in p[0]]) if row["state"] == "rules" else row for row in rows]),
    ("list_dropped", ["DROP STATE 'lists'.'people'"], "hashmap", without(lambda row: row["state"] == "people")),
]
VERSIONS = {"1.20.5": ["1.18", "1.20"], "2.3.0": ["2.0", "2.3"]}  # whose metadata this Flink reads
OTHER = {"1.20.5": "2.3.0", "2.3.0": "1.20.5"}


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


class Maker:
    def __init__(self, weir, out, turn):
        self.weir, self.out, self.work, self.turn = weir, out, out + "/work", turn
        os.makedirs(self.work)

    def migrate(self, snapshot, script, to):
        path = self.work + "/script.weir"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"weir migration 1\n{script};\n")
        subprocess.run([self.weir, "migrate", "--quiet", snapshot, path, "--output", to], check=True)

    def taken(self, rows, name):
        """The rows as CREATE STATE reads them: key, namespace and content, no more; and as CSV, a line for each value."""
        directory = f"{self.work}/{name}.rows"
        os.makedirs(directory, exist_ok=True)
        for state in TAKEN:
            some = list(filter(of(state), rows))
            write(f"{directory}/{state}", [{k: row[k] for k in ("key", "ns", "value", "list", "map") if k in row} for row in some])
            with open(f"{directory}/{state}.csv", "w", encoding="utf-8", newline="") as file:
                file.write(sheet(some))
        return directory

    def make(self, entry, snapshot, rows, operation):
        name, scripts, backends, change = operation
        copies = f"{self.out}/{entry}/copies"
        os.makedirs(copies, exist_ok=True)
        places = {"ORIGIN": snapshot, "WITHOUT": self.work + "/without", "RENAMED": self.work + "/renamed"}
        for i, script in enumerate(scripts):
            if "TAKEN" in script:
                places["TAKEN"] = self.taken(rows, name)
            for word, place in places.items():
                script = script.replace(word, os.path.abspath(place))
            self.migrate(snapshot, script, f"{self.work}/{name}.{i}")
            snapshot = f"{self.work}/{name}.{i}"
        self.turn += 1
        for backend in {"both": BACKENDS, "either": (BACKENDS[self.turn % 2],)}.get(backends, (backends,)):
            shutil.copytree(snapshot, f"{copies}/{name}-{backend}")
            if change:
                write(f"{copies}/{name}-{backend}.expected", change(json.loads(json.dumps(rows))))

    def moved(self, version, golden):
        """A retained checkpoint that lies elsewhere: Flink does not find its files, until the paths are those of the place."""
        found = glob.glob(f"{golden}/{version}-*-changelog/snapshot/chk-*")[0]
        entry = found.split("/")[-3].removeprefix(version + "-")
        with open(found + "/_metadata", "rb") as metadata:
            place = re.search(rb"file:/tmp/weir-golden-[\w-]+/[0-9a-f]{32}", metadata.read())[0].decode()
        copies = f"{self.out}/{entry}/copies"
        os.makedirs(copies, exist_ok=True)
        backend = entry.split("-")[0]
        shutil.copytree(found, f"{copies}/refused-moved-{backend}")
        script = f"RELOCATE FROM '{place}' TO 'file:{os.path.abspath(os.path.dirname(found))}'"
        self.migrate(found, script, f"{copies}/relocated-{backend}")
        write(f"{copies}/relocated-{backend}.expected", read(os.path.dirname(os.path.dirname(found)) + "/expected.ndjson"))


def named(rows, like):
    """Rows of one Flink under the names that the other gives the operators: Flink 1 tells no uids. What stands in its snapshot has none
    afterwards either; those of keyed state come from the job."""

    def key(row):
        return row["state"], type(row.get("key")).__name__

    uids = {key(row): row["operator"] for row in like}
    return [row if "subtask" in row and re.fullmatch("[0-9a-f]{32}", row["operator"]) else dict(row, operator=uids[key(row)]) for row in rows]


def make(weir, golden, out, version):
    shutil.rmtree(out, ignore_errors=True)
    maker = Maker(weir, out, sorted(BASIC).index(version))
    basic = f"{golden}/{version}-{BASIC[version]}"
    rows = read(basic + "/expected.ndjson")
    maker.migrate(basic + "/snapshot", "DROP OPERATOR 'states-by-long'", maker.work + "/without")
    maker.migrate(basic + "/snapshot", "ALTER OPERATOR 'states-by-long' RENAME TO 'other'", maker.work + "/renamed")
    for name, scripts, backends, change in KEYED:
        # changelogs and databases restore in any backend only as canonical savepoints
        if "FORMAT" not in "".join(scripts):
            scripts = scripts[:-1] + [scripts[-1] + "; SET FORMAT CANONICAL"]
        maker.make(JUDGED_AS, basic + "/snapshot", rows, (name, scripts, backends, change))
    for flink in VERSIONS[version]:
        maker.make(JUDGED_AS, basic + "/snapshot", rows, (f"metadata_{flink}", [f"SET FLINK '{flink}'; SET FORMAT CANONICAL"], "both", same))
    other = f"{golden}/{OTHER[version]}-{BASIC[OTHER[version]]}"
    maker.make(JUDGED_AS, other + "/snapshot", named(read(other + "/expected.ndjson"), rows),
               (f"from_{OTHER[version]}", [f"SET FLINK '{version.rsplit('.', 1)[0]}'; SET FORMAT CANONICAL"], "both", same))
    lists = f"{golden}/{version}-{LISTS}"
    for operation in OPERATOR:
        maker.make(LISTS, lists + "/snapshot", read(lists + "/expected.ndjson"), operation)
    maker.moved(version, golden)
    shutil.rmtree(maker.work)


def judge(out):
    compare = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare.py")
    good, failed = 0, 0
    for copy in sorted(filter(os.path.isdir, glob.glob(out + "/*/copies/*"))):
        name = os.path.basename(copy)
        if name.startswith("refused-"):
            fault = None if os.path.exists(copy + ".refused") else "Flink restores it"
        elif not os.path.exists(copy + ".ndjson"):
            fault = "Flink has not restored it"
        else:
            run = subprocess.run([compare, copy + ".expected", copy + ".ndjson"], capture_output=True, text=True, check=False)
            fault = run.stdout if run.returncode else None
        good, failed = good + (fault is None), failed + (fault is not None)
        if fault:
            print(f"FAIL {name}: {fault}")
    print(f"{good} migrated snapshots are what Flink is to say, {failed} are not")
    return 1 if failed or not good else 0


if sys.argv[1] == "make":
    make(*sys.argv[2:])
else:
    sys.exit(judge(sys.argv[2]))
