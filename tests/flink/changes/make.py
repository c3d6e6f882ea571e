#!/usr/bin/env python3
"""Java of the table of changes: make.py TABLE DIR MAJOR makes DIR/before and DIR/after for that Flink, prints each change's name and how it is
tried.

A change's classes are in the package c.NAME, so that all of a side compile at once. Code is the job as somebody would write it with Flink's
interfaces, which is never run: it is what a jar tells of states."""
import json
import os
import re
import sys
import zlib

IMPORTS = """import changes.*;
import java.math.*;
import java.util.*;
import org.apache.flink.api.common.typeinfo.*;
import org.apache.flink.api.java.tuple.*;
import org.apache.flink.table.types.logical.*;
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


CODE = """import org.apache.flink.api.common.functions.*;
import org.apache.flink.api.common.state.*;
import org.apache.flink.runtime.state.*;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.*;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
@SuppressWarnings({"unchecked", "rawtypes"})
public class Code extends KeyedProcessFunction<Object, Long, Long> implements CheckpointedFunction {
%(members)s    @Override public void open(OpenContext context) { %(keyed)s }
    @Override public void initializeState(FunctionInitializationContext context) throws Exception { %(own)s }
    @Override public void snapshotState(FunctionSnapshotContext context) {}
    @Override public void processElement(Long value, Context context, Collector<Long> out) {}
    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        KeyedStream keyed = env.fromSequence(1, 9).keyBy(x -> null, (TypeInformation) %(key)s);
        keyed.process(new Code()).name("kept").uid("change");
        env.execute();
    }
}
"""
TTL = "d.enableTimeToLive(StateTtlConfig.newBuilder(java.time.Duration.ofHours(1)).build()); "
STATES = {"value": ("keyed", "ValueStateDescriptor", 1, "getRuntimeContext().getState"),
          "list": ("keyed", "ListStateDescriptor", 1, "getRuntimeContext().getListState"),
          "map": ("keyed", "MapStateDescriptor", 2, "getRuntimeContext().getMapState"),
          "operatorList": ("own", "ListStateDescriptor", 1, "context.getOperatorStateStore().getListState"),
          "union": ("own", "ListStateDescriptor", 1, "context.getOperatorStateStore().getUnionListState"),
          "broadcast": ("own", "MapStateDescriptor", 2, "context.getOperatorStateStore().getBroadcastState")}


def pieces(text, mark):
    """What stands between marks that are in no brackets and no text."""
    depth, quoted, piece, out = 0, False, "", []
    for c in text:
        quoted ^= c == '"'
        depth += 0 if quoted else (c in "([{") - (c in ")]}")
        if c == mark and not depth and not quoted:
            out.append(piece.strip())
            piece = ""
        else:
            piece += c
    return [p for p in out + [piece.strip()] if p]


def code(change, declared):
    said = {"keyed": "", "own": "", "members": "", "key": "Types.LONG"}
    style = zlib.crc32(change.encode()) % 3  # descriptors in variables, in fields; types by methods
    name, calls = "s", [re.fullmatch(r"(\w+)\((.*)\)", call, re.S) for call in pieces(" ".join(declared), ";")]
    calls = [call for call in calls if call]
    ttl = TTL if any(call.group(1) == "ttl" for call in calls) else ""
    for call in calls:
        word, args = call.group(1), pieces(re.sub(r"(?<![\w.])of\(", "TypeInformation.of(", call.group(2)), ",")
        if word == "name":
            name = args[0].strip('"')
        elif word == "key":
            said["key"] = args[0]
        elif word in STATES:
            where, descriptor, n, get = STATES[word]
            types = ["(TypeInformation) " + t for t in args[:n]]
            if style == 0 and n == 1:
                types = [re.sub(r"^TypeInformation\.of\((\w+\.class)\)$", r"\1", t) for t in args[:n]]
            elif style == 1:
                for i, t in enumerate(types):
                    said["members"] += "    private static TypeInformation %s%d() { return %s; }\n" % (name, i, t)
                types = ["%s%d()" % (name, i) for i in range(n)]
            made = 'new %s("%s", %s)' % (descriptor, name, ", ".join(types))
            if style == 2:
                said["members"] += "    private final %s %s = %s;\n" % (descriptor, name, made)
            said[where] += "{ %s d = %s; %s%s(d); } " % (
                descriptor, name if style == 2 else made, ttl if where == "keyed" else "", get)
    return CODE % said


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
    classes["Code"] = code(name, declared)
    for cls, text in classes.items():
        with open(os.path.join(package, cls + ".java"), "w", encoding="utf-8") as out:
            out.write(head + text + "\n")


def main():
    table, folder, major = sys.argv[1:]
    for name, flags, parts in changes(table):
        only = [flag for flag in flags if flag.endswith(".")]
        if only and major + "." not in only:
            continue
        for which in ("before", "after"):
            # a class of a side stands for one of that name of both
            own = parts[which]
            named = {CLASS.match(line).group(1) for line in own if CLASS.match(line)}
            both = [line for line in parts["both"] if not (CLASS.match(line) and CLASS.match(line).group(1) in named)]
            side(name, both + own, os.path.join(folder, which))
        print(name, *flags)


if __name__ == "__main__":
    main()
