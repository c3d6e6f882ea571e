#!/usr/bin/env python3
"""Compares weir's verdicts over changes of classes with what real Flink did.

verdicts.py WEIR VERSION TRIED WRITTEN CLASSES NAMES: TRIED/verdicts.tsv is Flink's; WRITTEN/NAME/before the old savepoint, TRIED/NAME/next
the new job's own; CLASSES the new job's classes, of which each change has the package c/NAME."""
import json
import os
import subprocess
import sys
import zipfile


def make_jar(classes, name, to, code):
    folder = os.path.join(classes, "c", name)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as jar:
        for file in sorted(os.listdir(folder)):
            if not code and file.startswith("Code"):
                continue
            jar.write(os.path.join(folder, file), "c/" + name + "/" + file)


def validate(weir, before, options):
    run = subprocess.run([weir, "validate", before, "--json", *options], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1) or not run.stdout:
        return None, "exit %d %s" % (run.returncode, run.stderr.strip())
    said = json.loads(run.stdout)
    states = [s for s in said["states"] if s["verdict"] not in ("new", "dropped", "unknown")]
    order = ["as-is", "reconfigured", "after-migration", "incompatible"]
    worst = max((order.index(s["verdict"]) for s in states), default=-1)
    why = "; ".join(s["why"] for s in states) or "; ".join(f["message"] for f in said["findings"] if f["severity"] == "error")
    unknown = any(s["verdict"] == "unknown" for s in said["states"])
    return (said["compatible"], order[worst] if worst >= 0 else "unknown" if unknown else "other-kind"), why


def agrees(flink, says, weir, untold):
    """Flink restored it: then the verdict is that of the serializers. It did not: then it is incompatible, for whatever reason."""
    compatible, verdict = weir
    if untold:
        return flink != "refused" and compatible and verdict == "unknown"
    if flink == "refused":
        return not compatible
    return compatible and (says not in ("as-is", "reconfigured", "after-migration") or verdict == says)


def main():
    weir, version, tried, written, classes, names = sys.argv[1:]
    flags = {}
    with open(names, encoding="utf-8") as lines:
        for line in lines:
            name, *rest = line.split()
            flags[name] = rest
    jars = os.path.join(tried, "jars")
    os.makedirs(jars, exist_ok=True)
    asked = wrong = 0
    with open(os.path.join(tried, "verdicts.tsv"), encoding="utf-8") as lines:
        for line in lines:
            name, backend, flink, says, cause = line.rstrip("\n").split("\t")
            before, after = (os.path.join(d, name, w) for d, w in ((written, "before"), (tried, "next")))
            schema, jar, code = (os.path.join(jars, name + end) for end in (".json", ".jar", ".code.jar"))
            make_jar(classes, name, jar, False)
            make_jar(classes, name, code, True)
            ways = {"jar": ["--jar", jar], "code": ["--jar", code]}
            if os.path.exists(os.path.join(after, "_metadata")):
                with open(schema, "w", encoding="utf-8") as out:
                    subprocess.run([weir, "schema", after], stdout=out, check=True)
                ways.update({"snapshot": ["--against", after], "schema": ["--against", schema]})
            elif flink != "refused":
                wrong += 1
                print("%s: the job after the change has written no savepoint" % name)
            for way, options in ways.items():
                if "!" + way in flags[name]:
                    continue
                asked += 1
                verdict, why = validate(weir, before, options + ["--flink", version, "--backend", backend])
                if verdict is None or not agrees(flink, says, verdict, "?" + way in flags[name]):
                    wrong += 1
                    print("%s on %s, by %s: Flink %s %s: %s %s\n    weir %s: %s" % (
                        name, backend, way, version, flink, says, cause[:300], verdict, why))
    print("%s: %d changes, %d verdicts of weir, %d differ from Flink's" % (version, len(flags), asked, wrong))
    return 1 if wrong or not asked else 0


if __name__ == "__main__":
    sys.exit(main())
