package golden;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.reflect.ReflectData;
import org.apache.flink.api.java.tuple.Tuple;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.windowing.windows.GlobalWindow;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.types.Either;
import org.apache.flink.types.Row;
import org.apache.flink.types.Value;

/** Values as JSON text, in the encoding that weir documents for its dump. */
final class Json {
    private Json() {}

    static String of(Object v) {
        if (v == null || v instanceof Boolean || v instanceof Integer || v instanceof Long || v instanceof Short
                || v instanceof Byte) {
            return String.valueOf(v);
        }
        if (v instanceof Double || v instanceof Float) {
            double d = ((Number) v).doubleValue();
            return Double.isNaN(d) || Double.isInfinite(d) ? quote(v.toString())
                    : v instanceof Float ? shortest((Float) v) : v.toString();
        }
        if (v instanceof byte[]) {
            return quote("hex:" + hex((byte[]) v));
        }
        if (v instanceof ByteBuffer) {
            byte[] bytes = new byte[((ByteBuffer) v).remaining()];
            ((ByteBuffer) v).duplicate().get(bytes);
            return of(bytes);
        }
        if (v instanceof GenericFixed && !(v instanceof IndexedRecord)) {
            return of(((GenericFixed) v).bytes());
        }
        if (v instanceof java.sql.Timestamp) {
            return quote("ts:" + ((java.sql.Timestamp) v).getTime() + ":" + ((java.sql.Timestamp) v).getNanos());
        }
        if (v instanceof java.util.Date) {
            return quote("ms:" + ((java.util.Date) v).getTime());
        }
        if (v instanceof Enum) {
            return quote(((Enum<?>) v).name());
        }
        if (v instanceof CharSequence || v instanceof Character || v instanceof BigDecimal || v instanceof BigInteger
                || v instanceof Temporal || v instanceof UUID || v instanceof GlobalWindow
                || v instanceof org.apache.avro.generic.GenericEnumSymbol) {
            return quote(v.toString());
        }
        if (v instanceof TimeWindow) {
            return "{\"start\":" + ((TimeWindow) v).getStart() + ",\"end\":" + ((TimeWindow) v).getEnd() + "}";
        }
        if (v instanceof IndexedRecord) {
            return avro((IndexedRecord) v);
        }
        if (v instanceof Reflected) {
            return reflected((Reflected) v);
        }
        String plain = boxed(v);
        return plain != null ? plain : composite(v);
    }

    /** The shortest decimal that is this float, which Java prints only since 19. */
    private static String shortest(float f) {
        if (f == 0) {
            return Float.toString(f);
        }
        for (int digits = 1;; digits++) {
            BigDecimal rounded = new BigDecimal(f).round(new MathContext(digits));
            if (rounded.floatValue() == f) {
                return Double.toString(rounded.doubleValue());
            }
        }
    }

    /** Flink's own Value types as what they hold. */
    private static String boxed(Object v) {
        if (!v.getClass().getName().startsWith("org.apache.flink.types.") || !v.getClass().getName().endsWith("Value")) {
            return null;
        }
        try {
            return of(v.getClass().getMethod("getValue").invoke(v));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private static String composite(Object v) {
        if (v instanceof Tuple) {
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < ((Tuple) v).getArity(); i++) {
                fields.add(of(((Tuple) v).getField(i)));
            }
            return array(fields);
        }
        if (v instanceof Row) {
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < ((Row) v).getArity(); i++) {
                fields.add(of(((Row) v).getField(i)));
            }
            return "{\"$row\":\"" + ((Row) v).getKind().shortString() + "\",\"fields\":" + array(fields) + "}";
        }
        if (v instanceof Either) {
            return ((Either<?, ?>) v).isLeft()
                    ? "{\"left\":" + of(((Either<?, ?>) v).left()) + "}"
                    : "{\"right\":" + of(((Either<?, ?>) v).right()) + "}";
        }
        if (v instanceof Map) {
            return "{\"$map\":" + pairs(((Map<?, ?>) v).entrySet()) + "}";
        }
        if (v instanceof Collection) {
            List<String> items = new ArrayList<>();
            ((Collection<?>) v).forEach(item -> items.add(of(item)));
            return v instanceof Set ? sorted(items) : array(items);
        }
        if (v.getClass().isArray()) {
            List<String> items = new ArrayList<>();
            for (int i = 0; i < Array.getLength(v); i++) {
                items.add(of(Array.get(v, i)));
            }
            return array(items);
        }
        if (v.getClass().getSimpleName().equals("TtlValue")) {
            return "{\"$ttl\":" + Reflect.get(v, "lastAccessTimestamp") + ",\"value\":" + of(Reflect.get(v, "userValue")) + "}";
        }
        if (v.getClass().getName().endsWith("TwoPhaseCommitSinkFunction$State")) {
            return "{\"pending\":" + transaction(Reflect.get(v, "pendingTransaction")) + ",\"committing\":"
                    + array(((List<?>) Reflect.get(v, "pendingCommitTransactions")).stream()
                            .map(Json::transaction).collect(Collectors.toList()))
                    + ",\"context\":" + of(((Optional<?>) Reflect.get(v, "context")).orElse(null)) + "}";
        }
        if (v.getClass().getName().startsWith("golden.")) {
            return object(v);
        }
        return "{\"$class\":" + quote(v.getClass().getName()) + ",\"$string\":" + quote(v.toString()) + "}";
    }

    private static String transaction(Object holder) {
        return holder == null ? "null"
                : "{\"handle\":" + of(Reflect.get(holder, "handle")) + ",\"started\":"
                        + Reflect.get(holder, "transactionStartTime") + "}";
    }

    static String pairs(Iterable<? extends Map.Entry<?, ?>> entries) {
        List<String> pairs = new ArrayList<>();
        for (Map.Entry<?, ?> e : entries) {
            pairs.add("[" + of(e.getKey()) + "," + of(e.getValue()) + "]");
        }
        return sorted(pairs);
    }

    private static String object(Object v) {
        TreeMap<String, String> fields = new TreeMap<>();
        for (Class<?> c = v.getClass(); c != Object.class && c != Record.class; c = c.getSuperclass()) {
            for (Field f : c.getDeclaredFields()) {
                if (!Modifier.isStatic(f.getModifiers())) {
                    fields.put(f.getName(), of(Reflect.get(v, f.getName())));
                }
            }
        }
        List<String> members = new ArrayList<>();
        if (!(v instanceof Value)) {
            members.add("\"$class\":" + quote(v.getClass().getName()));
        }
        fields.forEach((name, value) -> members.add(quote(name) + ":" + value));
        return "{" + String.join(",", members) + "}";
    }

    private static String avro(IndexedRecord r) {
        StringBuilder s = new StringBuilder("{\"$avro\":" + quote(r.getSchema().getFullName()));
        for (Schema.Field f : r.getSchema().getFields()) {
            s.append(',').append(quote(f.name())).append(':').append(of(r.get(f.pos())));
        }
        return s.append('}').toString();
    }

    private static String reflected(Reflected r) {
        StringBuilder s = new StringBuilder("{\"$avro\":" + quote(Reflected.class.getName()));
        for (Schema.Field f : ReflectData.get().getSchema(Reflected.class).getFields()) {
            s.append(',').append(quote(f.name())).append(':').append(of(Reflect.get(r, f.name())));
        }
        return s.append('}').toString();
    }

    private static String hex(byte[] bytes) {
        StringBuilder s = new StringBuilder();
        for (byte b : bytes) {
            s.append(String.format("%02x", b & 0xff));
        }
        return s.toString();
    }

    static String quote(String text) {
        StringBuilder s = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            int named = "\"\\\n\r\t\b\f".indexOf(c);
            boolean loneSurrogate = c < 0x10000 && Character.isSurrogate((char) c);
            if (named >= 0) {
                s.append('\\').append("\"\\nrtbf".charAt(named));
            } else if (Character.isISOControl(c) || loneSurrogate) {
                s.append(String.format("\\u%04x", c));
            } else {
                s.appendCodePoint(c);
            }
        });
        return s.append('"').toString();
    }

    static String array(Collection<String> items) {
        return "[" + String.join(",", items) + "]";
    }

    /** In the order of their bytes. */
    private static String sorted(List<String> items) {
        items.sort((a, b) -> Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
        return array(items);
    }

    /** The one that stands for no namespace. */
    static boolean isVoid(Object namespace) {
        return namespace instanceof VoidNamespace;
    }
}
