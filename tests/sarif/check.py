#!/usr/bin/env python3
"""What weir validate --format sarif writes, held against the schema of SARIF 2.1.0: check.py WEIR"""
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "golden")


def main():
    weir = os.path.abspath(sys.argv[1])
    with open(os.path.join(HERE, "sarif-schema-2.1.0.json"), encoding="utf-8") as f:
        schema = jsonschema.Draft4Validator(json.load(f), format_checker=jsonschema.FormatChecker())
    failed = 0

    def faults(document):
        return [e.message[:200] + " at " + "/".join(map(str, e.absolute_path)) for e in schema.iter_errors(document)]

    with tempfile.TemporaryDirectory() as tmp:
        odd = os.path.join(tmp, "a b%41\u00fc\u2028'\"")
        shutil.copytree(os.path.join(GOLDEN, "2.3.0-rocksdb-native-basic", "snapshot"), odd)
        with open(os.path.join(odd, "left over"), "w", encoding="utf-8"):
            pass
        types = os.path.join(GOLDEN, "1.20.5-hashmap-canonical-types", "snapshot")
        plain = os.path.join(GOLDEN, "2.3.0-rocksdb-native-basic", "snapshot")
        jar = os.path.join(GOLDEN, "model.jar")
        # the command, and how many results there are at least
        cases = [([plain], 0), ([odd], 1), ([types], 20), ([types, "--jar", jar, "--flink", "2.3"], 25), ([types, "--against", plain], 2),
                 ([types, "--jar", os.path.join(HERE, "..", "fuzz", "corpus", "jar", "model"), "--backend", "rocksdb"], 20)]
        for options, least in cases:
            run = subprocess.run([weir, "validate", "-q", "--format", "sarif", *options], capture_output=True, text=True, check=False)
            name = " ".join(os.path.basename(o) for o in options)
            if run.returncode not in (0, 1):
                print("FAILED %s: exit %d: %s" % (name, run.returncode, run.stderr.strip()))
                failed += 1
                continue
            document = json.loads(run.stdout)
            results = document["runs"][0]["results"]
            wrong = faults(document)
            if len(results) < least:
                wrong.append("%d results, not %d" % (len(results), least))
            rules = document["runs"][0]["tool"]["driver"]["rules"]
            wrong += ["rule %s stands elsewhere" % r["ruleId"] for r in results if rules[r["ruleIndex"]]["id"] != r["ruleId"]]
            failed += bool(wrong)
            print("%s %s: %d results" % ("FAILED" if wrong else "ok    ", name, len(results)))
            for fault in wrong[:5]:
                print("    " + fault)
        # the schema itself must bite
        for change in (lambda d: d.pop("runs"), lambda d: d["runs"][0]["results"][0].update(level="fatal"),
                       lambda d: d["runs"][0]["results"][0].pop("message")):
            broken = copy.deepcopy(document)
            change(broken)
            if not faults(broken):
                print("FAILED: the schema takes a document that is none")
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
