#!/usr/bin/env python3
"""Random queries over random tables (queries.py), run by weir and by real Flink; what comes out is compared as far as Flink fixes it.

    fuzz_sql.py [-v] [-p] [-s SEED] [-n CASES] [-t SECONDS] WEIR FLINK_LIB WORK

Case i of a run has the seed SEED + i, so `-s` that and `-n 1` repeat it. A case that differs is made smaller and stays in WORK/SEED, with script.sql and what both
have shown. With -p, Flink executes weir's plan of each, too. What weir does not have yet is counted by its reason. Exit status 1 when a case differs, or nothing was compared.
"""

import argparse
import collections
import copy
import os
import re
import shutil
import subprocess
import sys
import time

from judge import Judge, final, printed, shown, why
from queries import case_of

# What Flink 2.3.0 gets wrong itself, by the text of its failure: its planner or its generated code ends with an exception of Java's.
FLINK_FAULTS = re.compile(r"CodeGenException|CompileException|InternalCompilerException|NullPointerException|ClassCastException|IndexOutOfBounds|AssertionError|StackOverflow|"
                          r"Unsupported operand|cannot be cast|IllegalStateException|UnsupportedOperationException|is not supported|not support|Invalid time format|implementation method|"
                          r"should be used as the event-time timestamp", re.I)


def compared(mine, flinks, fixed):
    """How two changelogs differ, as far as Flink fixes them."""
    if final(mine) != final(flinks):
        return "another result"
    if fixed != "final" and sorted(map(repr, mine)) != sorted(map(repr, flinks)):
        return "other changes, the same final rows"
    if fixed == "list" and mine != flinks:
        return "the same changes in another order"
    return None


class Fuzz:
    def __init__(self, args):
        self.weir, self.work = args.weir, os.path.abspath(args.work)
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        self.judge = Judge(args.lib, self.work)
        self.refused, self.plans = collections.Counter(), args.p

    def put(self, case, name):
        folder = f"{self.work}/{name}"
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for table in case.tables:
            open(f"{folder}/{table.name}.jsonl", "w", encoding="utf-8").write(table.lines())
        open(f"{folder}/script.sql", "w", encoding="utf-8").write(case.script(folder))
        return folder

    def run(self, folder):
        """weir's changes and None, or None and what it said."""
        try:
            done = subprocess.run([self.weir, "run", "--format", "ndjson", f"{folder}/script.sql"], capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            return None, "no end"
        open(f"{folder}/weir", "wb").write(done.stdout + done.stderr)
        if done.returncode:
            said = [line for line in done.stderr.decode(errors="replace").splitlines() if line.startswith("weir:")] or [f"status {done.returncode}"]
            return None, re.sub(r"^weir: (\S*script.sql:[\d:]* )?", "", said[0])
        return printed(done.stdout.decode().splitlines()), None

    def verdict(self, case, folder, weir, said):
        """None when both agree, or weir does not have it; else how they differ."""
        failed = os.path.exists(f"{folder}/why")
        if said is not None:
            if re.search(r"status -?\d+$|no end|Sanitizer", said):
                return f"weir: {said}"
            if failed:
                return None
            if "not there yet" in said or "does not have" in said or "not possible here" in said:
                self.refused[re.sub(r"\(.*?\)|'[^']*'|\d+", "…", said)[:110]] += 1
                return None
            return f"weir fails: {said[:200]}"
        if failed:
            reason = why(folder)
            return None if FLINK_FAULTS.search(open(f"{folder}/why", encoding="utf-8").read()) else f"Flink fails: {reason}"
        return compared(weir.get("", []), shown(f"{folder}/shown").get("", []), case.fixed)

    def plan(self, folder, case):
        """A directory in which Flink gets weir's plan of the case, with a table of the query's columns behind it; or None and why there is none."""
        columns, there = ", ".join(open(f"{folder}/columns", encoding="utf-8").read().splitlines()), f"{folder}/plan"
        os.makedirs(there)
        tables, query = case.parts(folder)
        open(f"{there}/insert.sql", "w", encoding="utf-8").write(f"{tables}CREATE TABLE result ({columns}) WITH ('connector' = 'print');\nINSERT INTO result {query};\n")
        done = subprocess.run([self.weir, "compile", "-o", f"{there}/plan.json", f"{there}/insert.sql"], capture_output=True, text=True)
        if done.returncode:
            return None, f"weir compiles no plan: {done.stderr.strip().splitlines()[-1]}"
        open(f"{there}/script.sql", "w", encoding="utf-8").write(
            f"{tables}CREATE TABLE result ({columns}) WITH ('connector' = 'shown', 'to' = '{there}', 'table' = '');\n"
            f"SET 'table.plan.restore.catalog-objects' = 'IDENTIFIER';\nEXECUTE PLAN '{there}/plan.json';\n")
        return there, None

    def ask(self, cases):
        """(case, folder, verdict) of each."""
        pending, second, answers = {}, {}, []
        for name, case in cases:
            folder = self.put(case, name)
            self.judge.ask(folder)
            pending[folder] = (case, *self.run(folder))
        for folder in self.judge.answers(len(pending)):
            case, weir, said = pending[folder]
            verdict = self.verdict(case, folder, weir, said)
            if self.plans and not verdict and said is None and os.path.exists(f"{folder}/shown"):
                there, why_not = self.plan(folder, case)
                if there:
                    second[there] = (case, folder)
                    self.judge.ask(there)
                    continue
                verdict = why_not
            answers.append((case, folder, verdict))
        for there in self.judge.answers(len(second)):
            case, folder = second[there]
            failed = f"Flink does not execute it: {why(there)}" if os.path.exists(f"{there}/why") else None
            verdict = failed or compared(shown(f"{there}/shown").get("", []), shown(f"{folder}/shown").get("", []), case.fixed)
            answers.append((case, folder, verdict and f"weir's plan in Flink: {verdict}"))
        return answers

    def shrink(self, case, verdict, name, tries=120):
        """The smallest case of the same kind of difference that is found."""
        kind, left = verdict.split(":")[0], tries
        found = True
        while found and left > 0:
            found = False
            for smaller in shrunk(case):
                if left <= 0:
                    break
                left -= 1
                _, _, other = self.ask([(f"{name}.try", smaller)])[0]
                if other and other.split(":")[0] == kind:
                    case, found = smaller, True
                    break
        shutil.rmtree(f"{self.work}/{name}.try", ignore_errors=True)
        return self.ask([(name, case)])[0]


def shrunk(case):
    """Cases with less in them: fewer rows, fewer columns, simpler expressions."""
    for t, table in enumerate(case.tables):
        for size in (len(table.rows) // 2, len(table.rows) // 4, 1):
            for at in range(0, len(table.rows), size) if size else []:
                other = copy.deepcopy(case)
                del other.tables[t].rows[at:at + size]
                yield other
    for s, stage in enumerate(case.stages):
        for i in range(len(stage.items)):
            if len(stage.items) > 1:
                other = copy.deepcopy(case)
                del other.stages[s].items[i]
                yield other
        for i in range(len(stage.conditions)):
            other = copy.deepcopy(case)
            del other.stages[s].conditions[i]
            yield other
    if len(case.stages) > 1:
        other = copy.deepcopy(case)
        other.stages.pop()
        yield other
    for s, stage in enumerate(case.stages):
        for i, (_, node) in enumerate(stage.items):
            for smaller in node.smaller():
                other = copy.deepcopy(case)
                other.stages[s].items[i] = (stage.items[i][0], smaller)
                yield other
        for i, node in enumerate(stage.conditions):
            for smaller in node.smaller():
                other = copy.deepcopy(case)
                other.stages[s].conditions[i] = smaller
                yield other


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-v", action="store_true")
    args.add_argument("-p", action="store_true")
    args.add_argument("-s", type=int, default=int(time.time()))
    args.add_argument("-n", type=int, default=10 ** 9)
    args.add_argument("-t", type=float, default=10 ** 9)
    args.add_argument("-k")  # a file of seeds that are set apart
    args.add_argument("weir")
    args.add_argument("lib")
    args.add_argument("work")
    args = args.parse_args()
    known = dict(line.rstrip("\n").split(" ", 1) for line in open(args.k, encoding="utf-8") if line[0] != "#") if args.k else {}
    fuzz, end, compared, bad = Fuzz(args), time.time() + args.t, 0, 0
    print(f"seed {args.s}", flush=True)
    while compared < args.n and time.time() < end:
        seeds = range(args.s + compared, args.s + min(compared + 8, args.n))
        for case, folder, verdict in fuzz.ask([(str(seed), case_of(seed)) for seed in seeds]):
            name = os.path.basename(folder)
            if not verdict or name in known:
                shutil.rmtree(folder)
                if verdict:
                    print(f"seed {name}: set apart: {known[name]}", flush=True)
                continue
            bad += 1
            print(f"seed {name}: {verdict}", flush=True)
            _, folder, verdict = fuzz.shrink(case, verdict, name)
            print(f"  made smaller: {verdict}: {folder}\n" + "".join("    " + line for line in open(f"{folder}/script.sql", encoding="utf-8")), flush=True)
        compared += len(seeds)
    fuzz.judge.end()
    missing = sum(fuzz.refused.values())
    for reason, n in fuzz.refused.most_common() if args.v else []:
        print(f"{n:5} {reason}")
    print(f"{compared} random queries: {bad} differ, {missing} not there yet")
    return bad or missing > compared // 2


if __name__ == "__main__":
    sys.exit(bool(main()))
