"""Random values, literals and expressions of Flink SQL, by kind: bool, int, dec (DECIMAL), dbl (FLOAT, DOUBLE), str, ts, ltz, date, time, bytes, arr, map."""

import os
import random

KINDS = ("bool", "int", "dec", "dbl", "str", "ts", "ltz", "date", "time", "bytes", "arr", "map")
TYPES = {
    "bool": ["BOOLEAN"], "int": ["TINYINT", "SMALLINT", "INT", "BIGINT"], "dec": ["DECIMAL(5, 2)", "DECIMAL(10, 0)", "DECIMAL(18, 6)", "DECIMAL(38, 10)"],
    "dbl": ["DOUBLE", "FLOAT"], "str": ["STRING", "VARCHAR(8)", "CHAR(4)"], "ts": ["TIMESTAMP(3)", "TIMESTAMP(0)", "TIMESTAMP(6)", "TIMESTAMP(9)"],
    "ltz": ["TIMESTAMP_LTZ(3)", "TIMESTAMP_LTZ(6)"], "date": ["DATE"], "time": ["TIME"], "bytes": ["BYTES"], "arr": ["ARRAY<INT>"], "map": ["MAP<STRING, INT>"],
}
LIMITS = {"TINYINT": 7, "SMALLINT": 15, "INT": 31, "BIGINT": 63}
STRINGS = ["", " ", "a", "b", "ab", "Ab c", "  x ", "12", "-7", "1e3", "1.50", "true", "NaN", "é", "漢字", "😀b", "Straße", "a,b,c", "%_", "\\", "'", '"', "\t", "2024-02-29",
           "2024-03-31 01:30:00", "12:34:56", "{\"a\":1}", "a1b22", "x.y", "null"]


def forms():
    """Per kind: (text, kinds of its parts)."""
    table = {}
    for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "forms.tsv"), encoding="utf-8"):
        if line[0] != "#":
            kinds, form, parts = line.rstrip("\n").split("\t")
            for kind in kinds.split(","):
                table.setdefault(kind, []).append((form, *parts.split()))
    return table


FORMS = forms()


class Node:
    """An expression: the text of a form and the nodes in its gaps."""

    def __init__(self, form, kind, parts=()):
        self.form, self.kind, self.parts = form, kind, list(parts)

    def __str__(self):
        return self.form.format(*map(str, self.parts)) if self.parts else self.form

    def smaller(self):
        """Expressions of the same kind that are simpler."""
        for part in self.parts:
            if part.kind == self.kind:
                yield part
        for i, part in enumerate(self.parts):
            for other in part.smaller():
                yield Node(self.form, self.kind, self.parts[:i] + [other] + self.parts[i + 1:])


class Random:
    """Makes them of a seed."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def number(self, bits):
        r = self.r
        if r.random() < 0.7:
            return r.randint(-9, 20)
        return r.choice([-(1 << bits), (1 << bits) - 1, r.randint(-(1 << bits), (1 << bits) - 1)])

    def decimal(self, type_):
        precision, scale = map(int, type_[8:-1].split(","))
        digits = self.r.choice([1, 2, precision, precision - 1]) if self.r.random() < 0.5 else min(3, precision)
        unscaled = self.r.randint(0, 10 ** digits - 1)
        text = str(unscaled).rjust(scale + 1, "0")
        return f"#{self.r.choice(['', '-'])}{text[:len(text) - scale]}{'.' + text[len(text) - scale:] if scale else ''}#"

    def day(self):
        r = self.r
        return r.choice(["1970-01-01", "1969-12-31", "2024-02-29", "2024-03-31", "0001-01-01", "9999-12-31", "1582-10-15", f"20{r.randint(10, 30)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"])

    def clock(self, digits):
        r = self.r
        text = r.choice(["00:00:00", "23:59:59", f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}"])
        return text + ("." + "".join(r.choice("0123456789") for _ in range(digits)) if digits and r.random() < 0.7 else "")

    def value(self, kind, type_, nulls=0.15):
        r = self.r
        if r.random() < nulls:
            return None
        digits = int(type_[type_.index("(") + 1:-1]) if kind in ("ts", "ltz") else 0
        return {
            "bool": lambda: r.random() < 0.5, "int": lambda: self.number(LIMITS[type_]), "dec": lambda: self.decimal(type_),
            "dbl": lambda: r.choice([0.0, -0.0, 1.5, -2.25, 0.1, 1e10, 3.3, 123456.789] + ([1e300, 5e-324, 1e-7] if type_ == "DOUBLE" else [3.4e38, 1.4e-45])),
            "str": lambda: r.choice(STRINGS[:16]) if type_ == "STRING" and r.random() < 0.5 else r.choice(STRINGS),
            "ts": lambda: f"{self.day()} {self.clock(digits)}", "ltz": lambda: f"{self.day()} {self.clock(digits)}Z", "date": self.day, "time": lambda: self.clock(0),
            "bytes": lambda: r.choice(["", "YQ==", "AP8=", "w6k=", "aGVsbG8="]), "arr": lambda: [self.value("int", "INT") for _ in range(r.randint(0, 4))],
            "map": lambda: {k: self.value("int", "INT") for k in r.sample(["a", "b", "é", ""], r.randint(0, 3))},
        }[kind]()

    def literal(self, kind):
        r = self.r
        if r.random() < 0.06 and kind not in ("arr", "map", "bytes", "small", "text"):
            return f"CAST(NULL AS {r.choice(TYPES[kind])})"
        return {
            "bool": lambda: r.choice(["TRUE", "FALSE"]), "int": lambda: r.choice(["0", "1", "7", "-3", "100", "2147483647", "3000000000", "CAST(5 AS TINYINT)"]), "small": lambda: r.choice(["0", "1", "2", "5"]),
            "dec": lambda: r.choice(["0.5", "1.25", "-10.00", "99999.999", "0.001"]), "dbl": lambda: r.choice(["CAST(0.5 AS DOUBLE)", "1.5E0", "-2E3", "CAST(0.1 AS FLOAT)"]),
            "str": lambda: "'" + r.choice(STRINGS).replace("'", "''") + "'", "text": lambda: r.choice(["'a'", "'k'"]), "ts": lambda: f"TIMESTAMP '{self.day()} {self.clock(r.choice([0, 3]))}'",
            "ltz": lambda: "TO_TIMESTAMP_LTZ(1711846800000, 3)", "date": lambda: f"DATE '{self.day()}'", "time": lambda: f"TIME '{self.clock(0)}'", "bytes": lambda: "X'00FF41'",
            "arr": lambda: "ARRAY[1, 2, 2]", "map": lambda: "MAP['a', 1]",
        }[kind]()

    def expr(self, kind, columns, depth=3):
        r = self.r
        if kind == "any":
            kind = r.choice([c.kind for c in columns if c.kind in FORMS] or ["int"])
        fitting = [c for c in columns if c.kind == kind]
        if fitting and (depth <= 0 or r.random() < 0.35):
            return Node(r.choice(fitting).name, kind)
        if depth <= 0 or r.random() < 0.1:
            return Node(self.literal(kind), kind)
        form, *parts = r.choice(FORMS[kind])
        return Node(form, kind, [self.expr(kind if part == "same" else part, columns, depth - 1) for part in parts])
