"""How a view of the console is compared with what it has to show."""

import math

import table
from common import check, weir, weir_json
from reading import Root


def same(expected, said):
    if isinstance(expected, Root):
        return expected == said
    if isinstance(expected, float) and isinstance(said, (int, float)):
        return math.isclose(expected, said, rel_tol=1e-3, abs_tol=1e-3)
    return expected == said


def near(value):
    """JSON has less digits than what is shown is made of: 3.15 may be 3.1 or 3.2 there."""
    return (value, value * (1 - 1e-6), value * (1 + 1e-6)) if isinstance(value, float) else (value,)


def look(view, job, *more):
    words = ["top", *([job.id] if job else []), "--once", "--view", view, "--no-history", *more]
    return weir_json(*words), weir(*words, "--width", "900")


def told(read, what):
    """What the answer says; None where it does not, as of a subtask that is not done. A misspelt member is not so, then: weir has it."""
    try:
        return read(*what)
    except (KeyError, TypeError):
        return None


def judge_rows(fields, line, said, shown, rows):
    """`fields`: by name how it is read off what a row is made of, and how it is shown; None: neither."""
    table.said_at = said.get("atMs")
    mine = said.get("rows", [])
    check(len(mine) == len(rows), f"{line}: so many rows", len(mine), len(rows))
    # rows stand below their titles; above them may be charts
    lines = shown.rstrip().splitlines()[-len(mine):] if mine else []
    for row, what, drawn in zip(mine, rows, lines):
        check(set(row) == set(fields), f"{line}: its fields are in the table", set(row) ^ set(fields))
        for field, (read, show) in fields.items():
            if not read:
                continue
            expected = told(read, what)
            if not check(same(expected, row.get(field)), f"{line}: {field}", expected, row.get(field), row):
                continue
            if row.get(field) is not None:
                check(any(show(v) in drawn for v in near(row[field])), f"{line}: shows {field}", show(row[field]), drawn)


def judge_pairs(line, said, shown, told, may):
    mine = {(row["group"], row["name"]): row["value"] for row in said.get("rows", [])}
    check(set(mine) - may == set(told) - may, f"{line}: its names", sorted(set(mine) ^ set(told), key=str)[:8])
    for key, value in told.items():
        check(mine.get(key) == value, f"{line}: {key}", value, mine.get(key))
        check(str(value).split("\n")[0] in shown, f"{line}: shows {key}", value)
