"""Random Flink SQL: tables with rows, and queries over them, from a seed.

A Case is tables, stages (views, each over what is before it) and the query on the last one. Expressions are trees (Node), so that a failing case
can be made smaller. Each relation knows how much of its changelog Flink fixes: 'list' the order, 'changes' the changes, 'final' only what is left.
"""

import json

from expressions import FORMS, KINDS, TYPES, Node, Random


class Column:
    def __init__(self, name, kind, time=False):
        self.name, self.kind, self.time = name, kind, time


class Relation:
    """What a view or table gives. fixed: see above; updating: it takes rows back; late: it has rows behind its watermark; last: nothing stands on it,
    since a step of which nobody needs anything would not be there, and would not drop late rows."""

    def __init__(self, name, columns, fixed="list", updating=False, late=False, last=False):
        self.name, self.columns, self.fixed, self.updating, self.late, self.last = name, columns, fixed, updating, late, last

    def of(self, *kinds):
        return [c for c in self.columns if c.kind in kinds]


def folded(rel):
    """How much is fixed of what updates a row for each row of rel. Of columns that nobody needs, Flink computes no changes."""
    return "list" if rel.fixed == "list" and (not rel.updating or rel.name[0] == "t") else "final"


class Table:
    def __init__(self, name, columns, rows, options="", more=""):
        self.name, self.columns, self.rows, self.options, self.more = name, columns, rows, options, more

    def ddl(self, folder):
        columns = ", ".join([f"{name} {type_}" for name, type_ in self.columns] + ([self.more] if self.more else []))
        form = "changelog-json" if self.options else "json"
        return f"CREATE TABLE {self.name} ({columns}) WITH ('connector' = 'filesystem', 'path' = '{folder}/{self.name}.jsonl', 'format' = '{form}'{self.options});\n"

    def lines(self):
        return "".join(json.dumps(row, ensure_ascii=False).replace('"#', "").replace('#"', "") + "\n" for row in self.rows)


class Stage:
    """A view: its text has {items} where the select list goes."""

    def __init__(self, name, text, items, conditions=()):
        self.name, self.text, self.items, self.conditions = name, text, items, list(conditions)

    def query(self):
        items = ", ".join(f"{node} AS {name}" if name else str(node) for name, node in self.items)
        return self.text.replace("{items}", items).replace("{where}", " AND ".join(map(str, self.conditions)) or "TRUE")


class Case:
    def __init__(self, settings, tables, stages, fixed):
        self.settings, self.tables, self.stages, self.fixed = settings, tables, stages, fixed

    def parts(self, folder):
        """What comes before the query, and the query."""
        text = "".join(f"SET '{key}' = '{value}';\n" for key, value in self.settings)
        text += "".join(table.ddl(folder) for table in self.tables)
        return text + "".join(f"CREATE TEMPORARY VIEW {s.name} AS {s.query()};\n" for s in self.stages[:-1]), self.stages[-1].query()

    def script(self, folder):
        return "".join(self.parts(folder)) + ";\n"


class Maker(Random):
    def __init__(self, seed):
        super().__init__(seed)
        self.tables, self.stages, self.settings, self.n = [], [], [], 0

    def name(self, prefix="v"):
        self.n += 1
        return f"{prefix}{self.n}"

    # --- tables

    def table(self, changes=None, late=True):
        """A table of random columns: k0 (few values), ts (event time) and others."""
        r = self.r
        name = self.name("t")
        kinds = ["int", "str"] + [r.choice(KINDS) for _ in range(r.randint(2, 6))]
        columns = [("k0", r.choice(["INT", "STRING", "BIGINT"]))] + [(f"{kind[0]}{i}", r.choice(TYPES[kind])) for i, kind in enumerate(kinds, 1)]
        columns.append(("ts", r.choice(["TIMESTAMP(3)", "TIMESTAMP(3)", "TIMESTAMP_LTZ(3)"])))
        changes = r.random() < 0.25 if changes is None else changes
        ltz = "LTZ" in columns[-1][1]
        keyed = changes and r.random() < 0.5
        upserts = keyed and r.random() < 0.5
        keys, at, rows, live = r.sample(range(1, 9), r.randint(2, 4)), 0, [], []
        few = [str(k) if columns[0][1] == "STRING" else k for k in keys] + ([None] if r.random() < 0.3 else [])
        for n in range(r.randint(5, 40)):
            at += r.choice([0, 1, 1, 2, 5, 17, 60]) * 1000 + r.choice([0, 0, 1, 500])
            moment = max(0, at - (r.choice([0, 0, 0, 3000, 9000, 30000]) if late else r.choice([0, 1000])))
            row = {"id": n} if keyed else {}
            row["k0"] = r.choice(few)
            row.update({c: self.value(kind, t) for kind, (c, t) in zip(kinds, columns[1:])})
            row["ts"] = f"2024-03-31 00:{moment // 60000 % 60:02}:{moment // 1000 % 60:02}.{moment % 1000:03}" + ("Z" if ltz else "")
            rows += self.change(live, row, upserts) if changes else [row]
        out = [Column("k0", "str" if columns[0][1] == "STRING" else "int")] + [Column(c, kind) for kind, (c, _) in zip(kinds, columns[1:])]
        if keyed:
            columns.insert(0, ("id", "INT"))
            out.insert(1, Column("id", "int"))
        options = f", 'changelog-json.changelog-mode' = '{'I,UA,D' if upserts else 'I,UB,UA,D'}'" if changes else ""
        more = "PRIMARY KEY (id) NOT ENFORCED" if keyed else "" if changes else f"WATERMARK FOR ts AS ts - INTERVAL '{r.choice([0, 2, 5]) if late else 5}' SECOND"
        self.tables.append(Table(name, columns, rows, options, more))
        return Relation(name, out + [Column("ts", "ltz" if ltz else "ts", not changes)], "list", changes, late)

    def change(self, live, row, upserts):
        """A row that comes, goes or becomes another one, of the same id if it has one."""
        r = self.r
        if live and r.random() < 0.3:
            return [{"op": "-D", "data": live.pop(r.randrange(len(live)))}]
        if live and r.random() < 0.5:
            at = r.randrange(len(live))
            old, live[at] = live[at], {**row, **{k: v for k, v in live[at].items() if k == "id"}}
            return ([] if upserts else [{"op": "-U", "data": old}]) + [{"op": "+U", "data": live[at]}]
        live.append(row)
        return [{"op": "+I", "data": row}]

    def add(self, text, items, relation, conditions=()):
        self.stages.append(Stage(relation.name, text, items, conditions))
        return relation

    # --- stages; each takes a relation and gives another one, or None when it does not fit

    def project(self, rel):
        r = self.r
        items, columns = [], []
        for c in rel.columns:
            if c.time or r.random() < 0.4:
                items.append((c.name, Node(c.name, c.kind)))
                columns.append(Column(c.name, c.kind, c.time))
        plain = rel.columns
        for _ in range(r.randint(2, 8)):
            kind = r.choice(KINDS)
            name = self.name("e")
            items.append((name, self.expr(kind, plain)))
            columns.append(Column(name, kind))
        where = [self.expr("bool", plain, 2)] if r.random() < 0.6 else []
        return self.add(f"SELECT {{items}} FROM {rel.name} WHERE {{where}}", items, Relation(self.name(), columns, rel.fixed, rel.updating, rel.late), where)

    def aggregate(self, rel, columns, distinct=True):
        """An aggregate call: (node, kind)."""
        r = self.r
        exact = rel.fixed == "list"
        choices = [("COUNT(*)", "int", None), ("COUNT({})", "int", "any"), ("SUM({})", "int", "int"), ("MIN({})", "same", "int"), ("MAX({})", "same", "int"), ("MAX({})", "same", "str"), ("MIN({})", "same", "str"),
                   ("AVG({})", "int", "int"), ("SUM({})", "dec", "dec"), ("AVG({})", "dec", "dec"), ("MAX({})", "same", "dec"), ("MIN({})", "same", "date"), ("MAX({})", "same", "ts"), ("MAX({})", "same", "bool"),
                   ("COUNT({})", "int", "str"), ("MAX({})", "same", "time"), ("MIN({})", "same", "ltz")]
        if exact:
            choices += [("SUM({})", "dbl", "dbl"), ("AVG({})", "dbl", "dbl"), ("MIN({})", "same", "dbl"), ("FIRST_VALUE({})", "same", "str"), ("LAST_VALUE({})", "same", "int"), ("LISTAGG({})", "str", "str"),
                        ("LISTAGG({}, '|')", "str", "str"), ("STDDEV_POP({})", "dbl", "dbl"), ("VAR_SAMP({})", "int", "int"), ("COLLECT({})", "multiset", "int"), ("ARRAY_AGG({})", "other", "int")]
        form, kind, part = r.choice(choices)
        if part is None:
            node = Node(form, kind)
        else:
            fitting = [c for c in columns if c.kind == part or part == "any"]
            inner = Node(r.choice(fitting).name, part) if fitting and r.random() < 0.8 else self.expr(part, columns, 1)
            unique = distinct and form[:5] in ("COUNT", "SUM({", "AVG({", "MAX({") and r.random() < 0.3
            node = Node(form.replace("({", "(DISTINCT {") if unique else form, part if kind == "same" else kind, [inner])
            kind = part if kind == "same" else kind
        if r.random() < 0.15:
            node = Node("{} FILTER (WHERE {})", kind, [node, self.expr("bool", columns, 1)])
        return node, kind

    def aggregates(self, rel, columns, n, distinct=True):
        items, out = [], []
        for _ in range(n):
            node, kind = self.aggregate(rel, columns, distinct)
            name = self.name("a")
            items.append((name, node))
            out.append(Column(name, kind if kind in FORMS else "other"))
        return items, out

    def keys(self, rel, low=0):
        usable = [c for c in rel.columns if c.kind in ("int", "str", "bool", "date", "dec", "small") and not c.time]
        first = [c for c in usable if c.name == "k0"] or usable[:1]
        return (first + self.r.sample(usable, min(len(usable), self.r.choice([0, 0, 1]))))[low and 0:] if self.r.random() < 0.9 else []

    def group(self, rel):
        r = self.r
        keys = list({c.name: c for c in self.keys(rel)}.values())
        items, out = self.aggregates(rel, rel.columns, r.randint(1, 4))
        text = f"SELECT {{items}} FROM {rel.name}" + (f" GROUP BY {', '.join(c.name for c in keys)}" if keys else "")
        if keys and r.random() < 0.3:
            text += f" HAVING {r.choice(['COUNT(*) > 1', 'MAX(' + keys[0].name + ') IS NOT NULL', 'COUNT(*) < 4'])}"
        mine = [(c.name, Node(c.name, c.kind)) for c in keys]
        return self.add(text, mine + items, Relation(self.name(), [Column(c.name, c.kind) for c in keys] + out, folded(rel), True))

    def distinct(self, rel):
        columns = self.r.sample([c for c in rel.columns if c.kind in FORMS and c.kind not in ("arr", "map")], 1) + [c for c in rel.columns if c.name == "k0"]
        columns = list({c.name: c for c in columns}.values())
        items = [(c.name, Node(c.name, c.kind)) for c in columns]
        return self.add(f"SELECT DISTINCT {{items}} FROM {rel.name}", items, Relation(self.name(), [Column(c.name, c.kind) for c in columns], folded(rel), rel.updating))

    def rank(self, rel):
        r = self.r
        if folded(rel) != "list":
            return None  # of equal rows the first one counts
        order = r.sample([c for c in rel.columns if c.kind in ("int", "str", "dec", "date", "ts", "bool", "dbl") and not c.time] or rel.columns[:1], 1)
        keys = [c for c in rel.columns if c.name == "k0"] or rel.columns[:1]
        ways = ", ".join(f"{c.name} {r.choice(['ASC', 'DESC', 'DESC NULLS LAST', 'ASC NULLS FIRST'])}" for c in order)
        name = self.name("n")
        shown = r.random() < 0.6
        columns = [c for c in rel.columns if c.kind in FORMS]
        items = [(c.name, Node(c.name, c.kind)) for c in columns] + ([(name, Node(name, "int"))] if shown else [])
        text = (f"SELECT {{items}} FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {', '.join(c.name for c in keys)} ORDER BY {ways}) AS {name} FROM {rel.name}) "
                f"WHERE {name} <= {r.randint(1, 3)}")
        return self.add(text, items, Relation(self.name(), [Column(c.name, c.kind) for c in columns] + ([Column(name, "int")] if shown else []), "list", True))

    def dedup(self, rel):
        r = self.r
        times = [c for c in rel.columns if c.time]
        if not times or rel.updating or rel.fixed != "list":
            return None
        keys = [c for c in rel.columns if c.name == "k0"] or rel.columns[:1]
        if rel.name[0] == "t" and r.random() < 0.4:
            self.tables[-1].more += ", pt AS PROCTIME()"
            times = [Column("pt", "ltz", True)]
        columns = [c for c in rel.columns if c.kind in FORMS]
        items = [(c.name, Node(c.name, c.kind)) for c in columns]
        way = r.choice(["ASC", "DESC"])
        text = f"SELECT {{items}} FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {keys[0].name} ORDER BY {times[0].name} {way}) AS rn FROM {rel.name}) WHERE rn = 1"
        return self.add(text, items, Relation(self.name(), [Column(c.name, c.kind) for c in columns], "list", True))

    def window(self, rel):
        r = self.r
        times = [c for c in rel.columns if c.time]
        if not times or rel.updating or rel.fixed != "list":
            return None
        keys = [c for c in rel.columns if c.name == "k0"][:r.randint(0, 1)]
        by = f" PARTITION BY {keys[0].name}" if keys else ""
        shape = r.choice([f"TUMBLE(TABLE {rel.name}, DESCRIPTOR(ts), INTERVAL '10' SECOND)", f"TUMBLE(TABLE {rel.name}, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '7' SECOND)",
                          f"HOP(TABLE {rel.name}, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)", f"CUMULATE(TABLE {rel.name}, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '30' SECOND)",
                          f"SESSION(TABLE {rel.name}{by}, DESCRIPTOR(ts), INTERVAL '8' SECOND)"]).replace("DESCRIPTOR(ts)", f"DESCRIPTOR({times[0].name})")
        # named anew, so that there may be a window over this one
        ends = [(Column(self.name("w"), "ts"), "window_start"), (Column(self.name("w"), "ts"), "window_end"), (Column(self.name("w"), times[0].kind, True), "window_time")]
        if r.random() < 0.2 and "SESSION" not in shape:
            columns = [c for c in rel.columns if not c.time]
            items = [(c.name, Node(c.name, c.kind)) for c in columns] + [(c.name, Node(of, c.kind)) for c, of in ends]
            return self.add(f"SELECT {{items}} FROM TABLE({shape})", items,
                            Relation(self.name(), [Column(c.name, c.kind) for c in columns] + [c for c, _ in ends], "list", False, rel.late))
        items, out = self.aggregates(rel, [c for c in rel.columns if not c.time], r.randint(1, 4))
        ends = ends[:2] + (ends[2:] if r.random() < 0.5 else [])
        by = ", ".join([of for _, of in ends] + [c.name for c in keys])
        mine = [(c.name, Node(c.name, c.kind)) for c in keys] + [(c.name, Node(of, c.kind)) for c, of in ends]
        return self.add(f"SELECT {{items}} FROM TABLE({shape}) GROUP BY {by}", mine + items,
                        Relation(self.name(), [Column(c.name, c.kind) for c in keys] + [c for c, _ in ends] + out, "changes"))

    def over(self, rel):
        r = self.r
        times = [c for c in rel.columns if c.time]
        if not times or rel.updating or rel.fixed != "list":
            return None
        keys = [c for c in rel.columns if c.name == "k0"][:r.randint(0, 1)]
        frame = r.choice(["RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
                          "RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW"])
        window = (f"PARTITION BY {keys[0].name} " if keys else "") + f"ORDER BY {times[0].name} {frame}"
        columns = [c for c in rel.columns if c.kind in FORMS]
        items = [(c.name, Node(c.name, c.kind)) for c in columns if r.random() < 0.6 or c.time]
        kept = [c for c in columns if c.name in dict(items)]
        out = []
        for _ in range(r.randint(1, 3)):
            while True:
                node, kind = self.aggregate(rel, [c for c in columns if not c.time], distinct=False)
                if "FILTER" not in node.form:
                    break
            name = self.name("o")
            items.append((name, Node("{} OVER w", kind, [node])))
            out.append(Column(name, kind if kind in FORMS else "other"))
        return self.add(f"SELECT {{items}} FROM {rel.name} WINDOW w AS ({window})", items, Relation(self.name(), [Column(c.name, c.kind) for c in kept] + out, "changes", last=rel.late))

    def join(self, left):
        r = self.r
        right = self.relation(r.randint(0, 1), final=False)
        pairs = [(a, b) for a in left.columns for b in right.columns if a.kind == b.kind and a.kind in ("int", "str", "date", "dec") and not a.time]
        if not pairs:
            return None
        (a, b), how = r.choice(pairs), r.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "IN", "NOT IN", "EXISTS", "NOT EXISTS"])
        same = [p for p in pairs if p[0].name == p[1].name == "k0"]
        a, b = same[0] if same and r.random() < 0.7 else (a, b)
        if how.endswith(("IN", "EXISTS")) and "JOIN" not in how:
            columns = [c for c in left.columns if c.kind in FORMS]
            items = [(c.name, Node(f"l.{c.name}", c.kind)) for c in columns]
            inner = f"l.{a.name} {how} (SELECT {b.name} FROM {right.name})" if how.endswith("IN") else f"{how} (SELECT 1 FROM {right.name} AS r WHERE l.{a.name} = r.{b.name})"
            return self.add(f"SELECT {{items}} FROM {left.name} AS l WHERE {inner}", items, Relation(self.name(), [Column(c.name, c.kind) for c in columns], "final", True))
        sides = [(f"l_{c.name}", Node(f"l.{c.name}", c.kind)) for c in left.columns if c.kind in FORMS] + [(f"r_{c.name}", Node(f"r.{c.name}", c.kind)) for c in right.columns if c.kind in FORMS]
        items = r.sample(sides, min(len(sides), r.randint(3, 9)))
        known = [Column(str(node), node.kind) for _, node in sides]
        on = f"l.{a.name} = r.{b.name}" + (f" AND {self.expr('bool', known, 1)}" if r.random() < 0.35 else "")
        out = [Column(name, node.kind) for name, node in items]
        return self.add(f"SELECT {{items}} FROM {left.name} AS l {how} {right.name} AS r ON {on}", items, Relation(self.name(), out, "final", True))

    def interval(self, left):
        r = self.r
        if not any(c.time for c in left.columns) or left.updating:
            return None
        kind = next(c.kind for c in left.columns if c.time)
        right = self.table(False, late=False)
        if next(c.kind for c in right.columns if c.time) != kind or left.late or left.name[0] != "t":
            return None
        time = next(c.name for c in left.columns if c.time)
        mine, other = next(c for c in left.columns if c.name == "k0"), next(c for c in right.columns if c.name == "k0")
        if mine.kind != other.kind:
            return None
        sides = [(f"l_{c.name}", Node(f"l.{c.name}", c.kind)) for c in left.columns] + [(f"r_{c.name}", Node(f"r.{c.name}", c.kind)) for c in right.columns]
        items = r.sample(sides, min(len(sides), r.randint(3, 9)))
        text = (f"SELECT {{items}} FROM {left.name} AS l {r.choice(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'])} {right.name} AS r ON l.k0 = r.k0 AND "
                f"l.{time} BETWEEN r.ts - INTERVAL '{r.randint(0, 20)}' SECOND AND r.ts + INTERVAL '{r.randint(0, 30)}' SECOND")
        return self.add(text, items, Relation(self.name(), [Column(name, node.kind) for name, node in items], "final"))

    def union(self, left):
        """With itself, projected otherwise: rows of one table, in an order that is not fixed."""
        r = self.r
        columns = [c for c in left.columns if c.kind in FORMS and c.kind not in ("arr", "map")][:4]
        if not columns:
            return None
        second = ", ".join(str(self.expr(c.kind, left.columns, 1)) for c in columns)
        items = [(c.name, Node(c.name, c.kind)) for c in columns]
        every = r.random() < 0.7 or any(c.kind in ("bytes", "time") for c in columns)
        fixed = "changes" if left.fixed != "final" and not left.updating and every else "final"
        return self.add(f"SELECT {{items}} FROM {left.name} UNION {'ALL ' if every else ''}SELECT {second} FROM {left.name}", items,
                        Relation(self.name(), [Column(c.name, c.kind) for c in columns], fixed, left.updating or not every))

    def unnest(self, rel):
        r = self.r
        lists = rel.of("arr")
        if not lists:
            return None
        name, how = self.name("u"), r.choice(["CROSS JOIN UNNEST({})", "LEFT JOIN UNNEST({})"]).format(lists[0].name)
        columns = [c for c in rel.columns if c.kind in FORMS and not c.time]
        items = [(c.name, Node(c.name, c.kind)) for c in columns] + [(name, Node(name, "int"))]
        text = f"SELECT {{items}} FROM {rel.name} {how} AS u ({name})" + (" ON TRUE" if how[0] == "L" else "")
        return self.add(text, items, Relation(self.name(), [Column(c.name, c.kind) for c in columns] + [Column(name, "int")], rel.fixed, rel.updating))

    def minus(self, left):
        """Rows of one half that are, or are not, in the other one."""
        r = self.r
        columns = [c for c in left.columns if c.kind in ("int", "str", "bool", "date", "dec", "ts")][:2]
        if not columns:
            return None
        items = [(c.name, Node(c.name, c.kind)) for c in columns]
        names = ", ".join(c.name for c in columns)
        text = (f"SELECT {{items}} FROM {left.name} WHERE {self.expr('bool', left.columns, 1)} {r.choice(['INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL'])} "
                f"SELECT {names} FROM {left.name} WHERE {self.expr('bool', left.columns, 1)}")
        return self.add(text, items, Relation(self.name(), [Column(c.name, c.kind) for c in columns], "final", True))

    def sets(self, rel):
        r = self.r
        keys = list({c.name: c for c in self.keys(rel) + rel.of("bool")[:1]}.values())
        if len(keys) < 2:
            return None
        names = ", ".join(c.name for c in keys)
        by = r.choice([f"ROLLUP ({names})", f"CUBE ({names})", f"GROUPING SETS (({names}), ({keys[1].name}), ())"])
        items, out = self.aggregates(rel, [c for c in rel.columns if c not in keys], r.randint(1, 3))
        mine = [(c.name, Node(c.name, c.kind)) for c in keys]
        return self.add(f"SELECT {{items}} FROM {rel.name} GROUP BY {by}", mine + items, Relation(self.name(), [Column(c.name, c.kind) for c in keys] + out, folded(rel), True))

    def limit(self, rel):
        if rel.fixed != "list" or rel.updating:
            return None  # of a table with changes Flink would read the first lines alone
        columns = [c for c in rel.columns if c.kind in FORMS]
        items = [(c.name, Node(c.name, c.kind)) for c in columns]
        return self.add(f"SELECT {{items}} FROM {rel.name} LIMIT {self.r.randint(1, 9)}", items, Relation(self.name(), [Column(c.name, c.kind) for c in columns], "list", True))

    def window_rank(self, rel):
        r = self.r
        times = [c for c in rel.columns if c.time]
        order = [c for c in rel.columns if c.kind in ("int", "str", "dec", "date", "bool") and not c.time]
        if not times or not order or rel.updating or rel.fixed != "list":
            return None
        columns = [c for c in rel.columns if c.kind in FORMS and not c.time]
        items = [(c.name, Node(c.name, c.kind)) for c in columns] + [(self.name("w"), Node("window_end", "ts"))]
        by = "window_start, window_end" + (", k0" if r.random() < 0.5 and any(c.name == "k0" for c in columns) else "")
        ways = f"{times[0].name} {r.choice(['ASC', 'DESC'])}" if r.random() < 0.3 else f"{r.choice(order).name} {r.choice(['ASC', 'DESC'])}"
        text = (f"SELECT {{items}} FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY {ways}) AS rn FROM "
                f"TABLE(TUMBLE(TABLE {rel.name}, DESCRIPTOR({times[0].name}), INTERVAL '20' SECOND))) WHERE rn <= {r.randint(1, 2)}")
        return self.add(text, items, Relation(self.name(), [Column(c.name, c.kind) for c in columns] + [Column(items[-1][0], "ts")], "changes"))

    def window_join(self, left):
        r = self.r
        if left.late or left.name[0] != "t" or left.updating:
            return None
        right = self.table(False, late=False)
        mine, other = (next(c for c in x.columns if c.name == "k0") for x in (left, right))
        if mine.kind != other.kind or left.columns[-1].kind != right.columns[-1].kind:
            return None
        shape = r.choice(["TUMBLE(TABLE {}, DESCRIPTOR(ts), INTERVAL '15' SECOND)", "HOP(TABLE {}, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '20' SECOND)"])
        sides = [(f"l_{c.name}", Node(f"l.{c.name}", c.kind)) for c in left.columns[:-1]] + [(f"r_{c.name}", Node(f"r.{c.name}", c.kind)) for c in right.columns[:-1]]
        items = r.sample(sides, min(len(sides), r.randint(2, 6))) + [(self.name("w"), Node("l.window_start", "ts"))]
        text = (f"SELECT {{items}} FROM (SELECT * FROM TABLE({shape.format(left.name)})) AS l {r.choice(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'])} "
                f"(SELECT * FROM TABLE({shape.format(right.name)})) AS r ON l.k0 = r.k0 AND l.window_start = r.window_start AND l.window_end = r.window_end")
        return self.add(text, items, Relation(self.name(), [Column(name, node.kind) for name, node in items], "final"))

    STAGES = ("unnest", "minus", "sets", "limit", "window_rank", "window_join", "project", "project", "group", "group", "group", "distinct", "rank", "rank", "dedup", "window", "window", "window", "over", "over", "join", "join", "join", "interval", "union")

    def relation(self, depth, final=True):
        rel = self.table(late=final and self.r.random() < 0.7)
        for _ in range(depth):
            if rel.last:
                break
            for _ in range(8):
                state = len(self.tables), len(self.stages)
                out = getattr(self, self.r.choice(self.STAGES))(rel)
                if out:
                    rel = out
                    break
                del self.tables[state[0]:], self.stages[state[1]:]
        return rel

    def case(self):
        r = self.r
        self.settings.append(("table.local-time-zone", r.choice(["UTC", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])))
        self.settings.append(("pipeline.auto-watermark-interval", "0 ms"))
        rel = self.relation(r.choice([1, 1, 1, 2, 2, 3]))
        if not self.stages or self.stages[-1].name != rel.name:
            rel = self.project(rel)
        return Case(self.settings, self.tables, self.stages, rel.fixed)


def case_of(seed):
    return Maker(seed).case()
