package golden;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.ValueTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.StringValue;

/** The jobs whose snapshots are taken. */
final class Jobs {
    /** Keys of one type. */
    private static final class Keys {
        final String name;
        final TypeInformation<Object> type;
        final Function<Rnd, Object> value;

        @SuppressWarnings("unchecked")
        <T> Keys(String name, TypeInformation<T> type, Function<Rnd, T> value) {
            this.name = name;
            this.type = (TypeInformation<Object>) type;
            this.value = (Function<Rnd, Object>) value;
        }
    }

    private static final List<Keys> KEYS = Arrays.asList(
            new Keys("string", Types.STRING, Rnd::text),
            new Keys("long", Types.LONG, Rnd::whole),
            new Keys("int", Types.INT, r -> (int) r.whole()),
            new Keys("short", Types.SHORT, r -> (short) r.whole()),
            new Keys("byte", Types.BYTE, r -> (byte) r.whole()),
            new Keys("boolean", Types.BOOLEAN, Rnd::nextBoolean),
            new Keys("char", Types.CHAR, r -> r.pick('a', '語')),
            new Keys("float", Types.FLOAT, r -> r.nextInt(100) / 8f),
            new Keys("double", Types.DOUBLE, r -> r.nextInt() / 8.0),
            new Keys("date", Types.LOCAL_DATE, r -> LocalDate.ofEpochDay(r.nextInt(20_000))),
            new Keys("instant", Types.INSTANT, r -> Instant.ofEpochSecond(r.nextInt(), r.nextInt(1000))),
            new Keys("decimal", Types.BIG_DEC, r -> new BigDecimal(r.nextInt()).movePointLeft(3)),
            new Keys("tuple", Types.TUPLE(Types.STRING, Types.LONG), r -> Tuple2.of(r.text(), r.whole())),
            new Keys("tuple_fixed", Types.TUPLE(Types.INT, Types.LONG), r -> Tuple2.of(r.nextInt(), r.whole())),
            new Keys("pojo", Types.POJO(Model.Address.class), Cases::address),
            new Keys("row", Types.ROW(Types.STRING, Types.INT), r -> Row.of(r.text(), r.orNull(r.nextInt(9)))),
            new Keys("string_value", ValueTypeInfo.STRING_VALUE_TYPE_INFO, r -> new StringValue(r.text())),
            new Keys("uuid", Types.GENERIC(UUID.class), r -> new UUID(r.nextLong(), r.nextLong())));

    private static final int DISTINCT_KEYS = 5;

    private Jobs() {}

    static final class ByKeys implements KeySelector<Long, Object> {
        private static final long serialVersionUID = 1;
        private final int keys;
        private final long seed;

        ByKeys(int keys, long seed) {
            this.keys = keys;
            this.seed = seed;
        }

        @Override
        public Object getKey(Long n) {
            return KEYS.get(keys).value.apply(new Rnd(seed, KEYS.get(keys).name, n % DISTINCT_KEYS));
        }
    }

    /** The states of an operator, by the name of their set. */
    static List<Slot> slots(String set) {
        List<Slot> slots = new ArrayList<>();
        if (set.equals("types")) {
            List<Case<?>> cases = Cases.all();
            for (int i = 0; i < cases.size(); i++) {
                slots.add(new Slot(Slot.Kind.VALUE, cases.get(i)));
                if (i % 3 != 0) {
                    slots.add(new Slot(i % 3 == 1 ? Slot.Kind.LIST : Slot.Kind.MAP, cases.get(i)));
                }
            }
            return slots;
        }
        slots.add(new Slot(Slot.Kind.VALUE, Cases.STRING));
        slots.add(new Slot(Slot.Kind.LIST, Cases.LONG));
        slots.add(new Slot(Slot.Kind.MAP, Cases.STRING));
        slots.add(new Slot(Slot.Kind.REDUCING, Cases.LONG));
        slots.add(new Slot(Slot.Kind.AGGREGATING, Cases.LONG));
        for (Slot.Kind kind : Arrays.asList(Slot.Kind.VALUE, Slot.Kind.LIST, Slot.Kind.MAP)) {
            slots.add(new Slot("ttl-" + kind, kind, Cases.STRING, Slot.Space.VOID, true));
            slots.add(new Slot("named-" + kind, kind, Cases.STRING, Slot.Space.TEXT, false));
        }
        slots.add(new Slot("window-contents", Slot.Kind.LIST, Cases.LONG, Slot.Space.TIME, false));
        slots.add(new Slot("window-map", Slot.Kind.MAP, Cases.INT, Slot.Space.TIME, false));
        slots.add(new Slot("global", Slot.Kind.AGGREGATING, Cases.LONG, Slot.Space.GLOBAL, false));
        return slots;
    }

    private static void keyed(DataStream<Long> numbers, int keys, String set, long seed, int maxParallelism) {
        String uid = set + "-by-" + KEYS.get(keys).name;
        numbers.keyBy(new ByKeys(keys, seed), KEYS.get(keys).type)
                .transform(uid, Types.LONG, new StateOperator(uid, set, seed, maxParallelism))
                .uid(uid);
    }

    static void build(StreamExecutionEnvironment env, String job, long seed) {
        DataStream<Long> numbers = env.fromSource(new Numbers(), WatermarkStrategy.noWatermarks(), "numbers")
                .setParallelism(1).uid("numbers");
        int maxParallelism = env.getMaxParallelism();
        switch (job) {
            case "types":
                keyed(numbers, 0, "types", seed, maxParallelism);
                break;
            case "keys":
                for (int i = 0; i < KEYS.size(); i++) {
                    keyed(numbers, i, "states", seed, maxParallelism);
                }
                break;
            case "basic":
                keyed(numbers, 0, "states", seed, maxParallelism);
                keyed(numbers, 1, "states", seed, maxParallelism);
                break;
            case "lists":
                DataStream<Long> spread = numbers.rebalance()
                        .transform("lists", Types.LONG, new ListOperator(seed)).uid("lists");
                Shim.addSinks(spread);
                break;
            default:
                throw new IllegalArgumentException("no job " + job);
        }
    }
}
