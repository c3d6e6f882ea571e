#!/usr/bin/env python3
"""Compares a dump of weir with what Flink holds: compare.py EXPECTED ACTUAL, both NDJSON.

Rows may stand in any order, and so may the pairs of a map. Says what differs, then one line of figures; exits 1 on
differences."""
import json
import struct
import sys

SHOWN = 8


opaque = 0


def undescribed(weir):
    """No snapshot tells how a POJO's subclass looks that Flink was not told of."""
    return isinstance(weir, dict) and weir.get("why") == "a subclass that the snapshot does not describe"


def same_items(flink, weir):
    """Lists. In a heap stream what follows an undescribed value cannot be told from it: weir may have fewer."""
    swallowed = any(map(undescribed, weir))
    return (len(flink) == len(weir) or swallowed and len(weir) < len(flink)) and all(map(same, flink, weir))


def same_pairs(flink, weir):
    swallowed = any(undescribed(value) for _, value in weir)
    flink = {text(key): value for key, value in flink}
    return (len(flink) == len(weir) or swallowed and len(weir) < len(flink)) and all(
        text(key) in flink and same(flink[text(key)], value) for key, value in weir)


def same(flink, weir):
    global opaque
    if undescribed(weir):
        opaque += 1
        return isinstance(flink, dict) and flink.get("$class") == weir.get("$opaque")
    if isinstance(flink, list) and isinstance(weir, list):
        return same_items(flink, weir)
    if not isinstance(flink, dict) or not isinstance(weir, dict):
        return text(flink) == text(weir) or same_float(flink, weir)
    if "$string" in flink:  # a class without a plain form: here no bytes of it are known
        weir = {k: v for k, v in weir.items() if k != "$hex"}
    return flink.keys() == weir.keys() and all(
        same_pairs(flink[k], weir[k]) if k in ("$map", "map") else same(flink[k], weir[k]) for k in flink)


def same_float(flink, weir):
    """Java before 19 prints some floats with a digit too many: the same float all the same."""
    if not isinstance(flink, float) or not isinstance(weir, float):
        return False
    try:
        return struct.pack("f", flink) == struct.pack("f", weir)
    except OverflowError:
        return False


def text(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def rows(path):
    """The rows by what they are of."""
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            row.pop("continued", None)
            content = {k: row.pop(k) for k in ("value", "list", "map", "keyGroup") if k in row}
            of = found.setdefault(text(row), content)
            if of is not content:  # a row goes on
                for part in ("list", "map"):
                    if part in content:
                        of[part] += content[part]
    # a list state that has no elements may have a row or none
    return {of: content for of, content in found.items() if content.get("list") != []}


def main():
    expected, actual = rows(sys.argv[1]), rows(sys.argv[2])
    wrong = []
    for of, content in expected.items():
        if of not in actual:
            wrong.append(f"missing: {of}")
        elif not same(content, actual[of]):
            wrong.append(f"differs: {of}\n  flink {text(content)}\n  weir  {text(actual[of])}")
    wrong += [f"not in Flink: {of}" for of in actual if of not in expected]
    for what in wrong[:SHOWN]:
        print(what[:2000])
    if len(wrong) > SHOWN:
        print(f"and {len(wrong) - SHOWN} more")
    print(f"{len(expected)} rows expected, {len(actual)} found, {len(wrong)} wrong, {opaque} values of undescribed classes")
    return 1 if wrong or not expected else 0


sys.exit(main())
