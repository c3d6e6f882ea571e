#!/usr/bin/env python3
"""Java of the table of changes: make.py TABLE DIR makes DIR/before and DIR/after, prints each change's name and how it is tried.

A change's classes are in the package c.NAME, so that all of a side compile at once."""
import json
import os
import re
import sys

IMPORTS = """import java.math.*;
import java.util.*;
import org.apache.flink.api.common.typeinfo.*;
import org.apache.flink.api.java.tuple.*;
import org.apache.flink.types.Either;
import org.apache.flink.types.Row;
"""
CLASS = re.compile(r"(?:@\S+ )?(?:public )?(?:abstract )?(?:class|enum|record|interface) (\w+)")
AVRO = """public class {name} extends org.apache.avro.specific.SpecificRecordBase implements org.apache.avro.specific.SpecificRecord {{
    private static final long serialVersionUID = 1;
    public static final org.apache.avro.Schema SCHEMA$ = new org.apache.avro.Schema.Parser().parse({schema});
    public static org.apache.avro.Schema getClassSchema() {{ return SCHEMA$; }}
{fields}
    public {name}() {{}}
    @Override public org.apache.avro.Schema getSchema() {{ return SCHEMA$; }}
    @Override public Object get(int i) {{ switch (i) {{ {gets} default: throw new IndexOutOfBoundsException(); }} }}
    @Override public void put(int i, Object o) {{ switch (i) {{ {puts} default: throw new IndexOutOfBoundsException(); }} }}
}}
"""
# of a type in the schema: Java's type, its wrapper, a value
AVRO_TYPES = {"int": ("int", "Integer", "7"), "long": ("long", "Long", "7L"),
              "string": ("CharSequence", "CharSequence", '"x"'), "['null', 'int']": ("Integer", "Integer", "null")}


def changes(table):
    name, flags, part, parts = None, [], None, {}
    with open(table, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("= "):
                if name:
                    yield name, flags, parts
                name, *flags = line[2:].split()
                part, parts = "both", {"both": [], "before": [], "after": []}
            elif line.startswith("-- "):
                part = line[3:].strip()
            elif line and not line.startswith("#"):
                parts[part].append(line)
    yield name, flags, parts


def avro(line):
    _, name, schema = line.split(" ", 2)
    fields = [(f["name"], AVRO_TYPES[str(f["type"])]) for f in json.loads(schema)["fields"]]
    # in two pieces, as for schemas that do not fit into one constant
    pieces = [schema[: len(schema) // 2], schema[len(schema) // 2 :]]
    return name, AVRO.format(
        name=name, schema=", ".join(json.dumps(p, ensure_ascii=True) for p in pieces),
        fields="\n".join("    public %s %s = %s;" % (t[0], field, t[2]) for field, t in fields),
        gets=" ".join("case %d: return %s;" % (i, field) for i, (field, _) in enumerate(fields)),
        puts=" ".join("case %d: %s = (%s) o; return;" % (i, field, t[1]) for i, (field, t) in enumerate(fields)))


def side(name, lines, folder):
    package = os.path.join(folder, "c", name)
    os.makedirs(package, exist_ok=True)
    head = "package c." + name + ";\n" + IMPORTS
    declared = [line[2:] for line in lines if line.startswith("@ ")]
    classes = dict(avro(line) if line.startswith("avro ") else (CLASS.match(line).group(1), line)
                   for line in lines if not line.startswith("@ "))
    if not declared:
        declared = ["value(of(T.class), new T());"]
    classes["Job"] = "public class Job extends changes.Side { public void declare() { " + " ".join(declared) + " } }"
    for cls, text in classes.items():
        with open(os.path.join(package, cls + ".java"), "w", encoding="utf-8") as out:
            out.write(head + text + "\n")


def main():
    table, folder = sys.argv[1:]
    for name, flags, parts in changes(table):
        for which in ("before", "after"):
            # a class of a side stands for one of that name of both
            own = parts[which]
            named = {CLASS.match(line).group(1) for line in own if CLASS.match(line)}
            both = [line for line in parts["both"] if not (CLASS.match(line) and CLASS.match(line).group(1) in named)]
            side(name, both + own, os.path.join(folder, which))
        print(name, *flags)


if __name__ == "__main__":
    main()
