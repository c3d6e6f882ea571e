package golden;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.typeinfo.BasicArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.tuple.Tuple;
import org.apache.flink.api.java.tuple.Tuple0;
import org.apache.flink.api.java.tuple.Tuple1;
import org.apache.flink.api.java.tuple.Tuple10;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple25;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.api.java.typeutils.ObjectArrayTypeInfo;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.api.java.typeutils.ValueTypeInfo;
import org.apache.flink.api.java.typeutils.runtime.NullableSerializer;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;
import org.apache.flink.formats.avro.typeutils.GenericRecordAvroTypeInfo;
import org.apache.flink.types.BooleanValue;
import org.apache.flink.types.ByteValue;
import org.apache.flink.types.CharValue;
import org.apache.flink.types.DoubleValue;
import org.apache.flink.types.Either;
import org.apache.flink.types.FloatValue;
import org.apache.flink.types.IntValue;
import org.apache.flink.types.LongValue;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.types.ShortValue;
import org.apache.flink.types.StringValue;

/** Every type that Flink has a serializer for, with values that reach into its corners. */
final class Cases {
    private static final Schema SAMPLE = new Schema.Parser().parse(
            "{\"type\":\"record\",\"name\":\"Sample\",\"namespace\":\"golden.avro\",\"fields\":["
                    + "{\"name\":\"id\",\"type\":\"int\"},{\"name\":\"big\",\"type\":\"long\"},"
                    + "{\"name\":\"name\",\"type\":[\"null\",\"string\"],\"default\":null},"
                    + "{\"name\":\"ok\",\"type\":\"boolean\"},{\"name\":\"f\",\"type\":\"float\"},"
                    + "{\"name\":\"raw\",\"type\":\"bytes\"},"
                    + "{\"name\":\"sum\",\"type\":{\"type\":\"fixed\",\"name\":\"Sum\",\"size\":4}},"
                    + "{\"name\":\"level\",\"type\":{\"type\":\"enum\",\"name\":\"Lvl\",\"symbols\":[\"LOW\",\"HIGH\"]}},"
                    + "{\"name\":\"flags\",\"type\":{\"type\":\"map\",\"values\":[\"null\",\"long\"]}},"
                    + "{\"name\":\"next\",\"type\":[\"null\",\"Sample\"],\"default\":null}]}");

    private Cases() {}

    static final Case<String> STRING = Case.of("string", Types.STRING, Rnd::text).nullable();
    static final Case<Long> LONG = Case.of("long", Types.LONG, Rnd::whole);
    static final Case<Integer> INT = Case.of("int", Types.INT, r -> (int) r.whole());

    static List<Case<?>> all() {
        List<Case<?>> all = new ArrayList<>(Arrays.asList(STRING, LONG, INT));
        plain(all);
        time(all);
        values(all);
        arrays(all);
        composites(all);
        pojos(all);
        avro(all);
        kryo(all);
        Shim.addCases(all);
        return all;
    }

    private static void plain(List<Case<?>> all) {
        all.add(Case.of("boolean", Types.BOOLEAN, Rnd::nextBoolean));
        all.add(Case.of("byte", Types.BYTE, r -> (byte) r.whole()));
        all.add(Case.of("short", Types.SHORT, r -> (short) r.whole()));
        all.add(Case.of("float", Types.FLOAT, r -> (float) r.real()));
        all.add(Case.of("double", Types.DOUBLE, Rnd::real));
        all.add(Case.of("char", Types.CHAR, r -> r.pick('a', 'ü', '語', '\u0000', '\uffff')));
        all.add(Case.of("bigint", Types.BIG_INT, Cases::bigInt).nullable());
        all.add(Case.of("bigdec", Types.BIG_DEC, Cases::bigDec).nullable());
        all.add(Case.of("enum", Types.ENUM(Model.Level.class), r -> r.pick(Model.Level.values())));
        all.add(Case.of("enum_body", Types.ENUM(Model.Shape.class), r -> r.pick(Model.Shape.values())));
    }

    private static BigInteger bigInt(Rnd r) {
        return r.pick(BigInteger.ZERO, BigInteger.ONE, BigInteger.TEN, new BigInteger("1"), BigInteger.valueOf(-1),
                BigInteger.valueOf(r.whole()), new BigInteger(200, r).negate());
    }

    private static BigDecimal bigDec(Rnd r) {
        return r.pick(BigDecimal.ZERO, BigDecimal.ONE, BigDecimal.TEN, new BigDecimal("0.00"), new BigDecimal("1E+20"),
                new BigDecimal(bigInt(r), r.nextInt(40) - 10));
    }

    private static Instant instant(Rnd r) {
        return r.oneIn(5) ? r.pick(Instant.EPOCH, Instant.MAX, Instant.ofEpochSecond(-1, 999_999_999))
                : Instant.ofEpochSecond(r.nextInt(2_000_000_000), r.nextInt(1_000_000_000));
    }

    private static LocalDate date(Rnd r) {
        return r.oneIn(5) ? r.pick(LocalDate.EPOCH, LocalDate.of(-44, 3, 15), LocalDate.of(12345, 12, 31))
                : LocalDate.ofEpochDay(r.nextInt(40_000));
    }

    private static LocalTime time(Rnd r) {
        return r.oneIn(5) ? r.pick(LocalTime.MIDNIGHT, LocalTime.MAX, LocalTime.of(1, 2))
                : LocalTime.ofNanoOfDay((long) (r.nextDouble() * 86_399e9));
    }

    private static java.sql.Timestamp timestamp(Rnd r) {
        java.sql.Timestamp t = new java.sql.Timestamp(r.nextInt() * 1000L);
        t.setNanos(r.nextInt(1_000_000_000));
        return t;
    }

    private static void time(List<Case<?>> all) {
        all.add(Case.of("instant", Types.INSTANT, Cases::instant).nullable());
        all.add(Case.of("local_date", Types.LOCAL_DATE, Cases::date).nullable());
        all.add(Case.of("local_time", Types.LOCAL_TIME, Cases::time).nullable());
        all.add(Case.of("local_date_time", Types.LOCAL_DATE_TIME, r -> LocalDateTime.of(date(r), time(r))).nullable());
        all.add(Case.of("date", BasicTypeInfo.DATE_TYPE_INFO, r -> new Date(r.nextInt() * 1000L)).nullable());
        all.add(Case.of("sql_date", Types.SQL_DATE, r -> new java.sql.Date(r.nextInt(30_000) * 86_400_000L)).nullable());
        all.add(Case.of("sql_time", Types.SQL_TIME, r -> new java.sql.Time(r.nextInt(86_400) * 1000L)).nullable());
        // not nullable: Flink writes 12 bytes for a null, and reads back 8
        all.add(Case.of("sql_timestamp", Types.SQL_TIMESTAMP, Cases::timestamp));
    }

    private static void values(List<Case<?>> all) {
        all.add(Case.of("boolean_value", ValueTypeInfo.BOOLEAN_VALUE_TYPE_INFO, r -> new BooleanValue(r.nextBoolean())));
        all.add(Case.of("byte_value", ValueTypeInfo.BYTE_VALUE_TYPE_INFO, r -> new ByteValue((byte) r.whole())));
        all.add(Case.of("short_value", ValueTypeInfo.SHORT_VALUE_TYPE_INFO, r -> new ShortValue((short) r.whole())));
        all.add(Case.of("int_value", ValueTypeInfo.INT_VALUE_TYPE_INFO, r -> new IntValue((int) r.whole())));
        all.add(Case.of("long_value", ValueTypeInfo.LONG_VALUE_TYPE_INFO, r -> new LongValue(r.whole())));
        all.add(Case.of("float_value", ValueTypeInfo.FLOAT_VALUE_TYPE_INFO, r -> new FloatValue((float) r.real())));
        all.add(Case.of("double_value", ValueTypeInfo.DOUBLE_VALUE_TYPE_INFO, r -> new DoubleValue(r.real())));
        all.add(Case.of("char_value", ValueTypeInfo.CHAR_VALUE_TYPE_INFO, r -> new CharValue(r.pick('x', 'é', '語'))));
        all.add(Case.of("string_value", ValueTypeInfo.STRING_VALUE_TYPE_INFO, r -> new StringValue(r.text())));
        all.add(Case.of("value", new ValueTypeInfo<>(Model.Point.class), r -> {
            Model.Point p = new Model.Point();
            p.x = r.nextInt();
            p.label = r.text();
            return p;
        }));
        all.add(Case.of("copyable_value", new ValueTypeInfo<>(Model.Span.class), r -> {
            Model.Span s = new Model.Span();
            s.from = r.whole();
            s.to = r.whole();
            return s;
        }));
    }

    private static void arrays(List<Case<?>> all) {
        all.add(Case.of("bytes", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO, Cases::bytes));
        all.add(Case.of("booleans", PrimitiveArrayTypeInfo.BOOLEAN_PRIMITIVE_ARRAY_TYPE_INFO,
                r -> r.pick(new boolean[0], new boolean[] {true, r.nextBoolean(), false})));
        all.add(Case.of("chars", PrimitiveArrayTypeInfo.CHAR_PRIMITIVE_ARRAY_TYPE_INFO, r -> r.text().toCharArray()));
        all.add(Case.of("shorts", PrimitiveArrayTypeInfo.SHORT_PRIMITIVE_ARRAY_TYPE_INFO,
                r -> new short[] {(short) r.whole(), -1}));
        all.add(Case.of("ints", PrimitiveArrayTypeInfo.INT_PRIMITIVE_ARRAY_TYPE_INFO, r -> r.ints(r.nextInt(4)).toArray()));
        all.add(Case.of("longs", PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO, r -> r.longs(r.nextInt(4)).toArray()));
        all.add(Case.of("floats", PrimitiveArrayTypeInfo.FLOAT_PRIMITIVE_ARRAY_TYPE_INFO,
                r -> new float[] {(float) r.real(), 1.5f}));
        all.add(Case.of("doubles", PrimitiveArrayTypeInfo.DOUBLE_PRIMITIVE_ARRAY_TYPE_INFO, r -> new double[] {r.real()}));
        all.add(Case.of("strings", BasicArrayTypeInfo.STRING_ARRAY_TYPE_INFO,
                r -> new String[] {r.orNull(r.text()), null, r.text()}));
        all.add(Case.of("boxed_ints", BasicArrayTypeInfo.INT_ARRAY_TYPE_INFO,
                r -> new Integer[] {r.orNull(r.nextInt()), 7, null}));
        all.add(Case.of("matrix", ObjectArrayTypeInfo.getInfoFor(PrimitiveArrayTypeInfo.INT_PRIMITIVE_ARRAY_TYPE_INFO),
                r -> new int[][] {r.ints(2).toArray(), null, {}}));
        all.add(Case.of("pojo_array", ObjectArrayTypeInfo.getInfoFor(Types.POJO(Model.Address.class)),
                r -> new Model.Address[] {address(r), null, address(r)}));
    }

    static byte[] bytes(Rnd r) {
        byte[] bytes = new byte[r.nextInt(12)];
        r.nextBytes(bytes);
        return bytes;
    }

    private static <T> List<T> list(Rnd r, Supplier<T> item) {
        List<T> list = new ArrayList<>();
        for (int n = r.nextInt(4); n > 0; n--) {
            list.add(item.get());
        }
        return list;
    }

    private static <T> Map<String, T> map(Rnd r, Supplier<T> value) {
        Map<String, T> map = new HashMap<>();
        for (int n = r.nextInt(4); n > 0; n--) {
            map.put(r.text(), value.get());
        }
        return map;
    }

    private static Row row(Rnd r, Object... fields) {
        Row row = Row.of(fields);
        row.setKind(r.pick(RowKind.values()));
        return row;
    }

    private static Either<String, Long> either(Rnd r) {
        return r.nextBoolean() ? Either.Left(r.text()) : Either.Right(r.whole());
    }

    private static Tuple25<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer,
            Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer,
            Integer> wide(Rnd r) {
        Tuple25<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer,
                Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer,
                Integer> tuple = new Tuple25<>();
        for (int i = 0; i < 25; i++) {
            tuple.setField(r.nextInt(1000), i);
        }
        return tuple;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static void composites(List<Case<?>> all) {
        TypeInformation<?>[] ints = new TypeInformation<?>[25];
        Arrays.fill(ints, Types.INT);
        all.add(Case.of("tuple0", new TupleTypeInfo<>(Tuple0.class), r -> Tuple0.INSTANCE));
        all.add(Case.of("tuple1", Types.TUPLE(Types.LONG), r -> Tuple1.of(r.whole())));
        all.add(Case.of("tuple2", Types.TUPLE(Types.STRING, Types.LONG), r -> Tuple2.of(r.orNull(r.text()), r.whole())));
        all.add(Case.of("tuple3", Types.TUPLE(Types.INT, Types.DOUBLE, Types.BOOLEAN),
                r -> Tuple3.of(r.nextInt(), r.real(), r.nextBoolean())));
        all.add(Case.of("tuple4", Types.TUPLE(Types.POJO(Model.Address.class), Types.TUPLE(Types.STRING, Types.INT),
                        Types.LIST(Types.INT), Types.ENUM(Model.Level.class)),
                r -> Tuple4.of(r.orNull(address(r)), Tuple2.of(r.text(), r.nextInt()), list(r, r::nextInt),
                        r.pick(Model.Level.values()))));
        all.add(Case.of("tuple5", Types.TUPLE(Types.BYTE, Types.SHORT, Types.CHAR, Types.FLOAT,
                        Types.EITHER(Types.STRING, Types.LONG)),
                r -> Tuple5.of((byte) r.nextInt(), (short) r.nextInt(), 'c', (float) r.real(), either(r))));
        all.add(Case.of("tuple25", (TypeInformation<Tuple>) (TypeInformation) Types.TUPLE(ints), Cases::wide));
        all.add(Case.of("tuple_of_nulls", Types.TUPLE(Types.STRING, Types.BIG_INT, Types.BIG_DEC, Types.INSTANT,
                        Types.LOCAL_DATE, Types.LOCAL_TIME, Types.LOCAL_DATE_TIME, Types.SQL_DATE, Types.SQL_TIME,
                        BasicTypeInfo.DATE_TYPE_INFO),
                r -> r.nextBoolean() ? new Tuple10<>() : Tuple10.of(r.orNull(r.text()), r.orNull(bigInt(r)),
                        r.orNull(bigDec(r)), r.orNull(instant(r)), r.orNull(date(r)), r.orNull(time(r)),
                        r.orNull(LocalDateTime.of(date(r), time(r))), r.orNull(new java.sql.Date(86_400_000L)),
                        r.orNull(new java.sql.Time(1000)), r.orNull(new Date(r.nextInt())))));
        all.add(Case.of("row", Types.ROW(Types.INT, Types.STRING, Types.DOUBLE),
                r -> row(r, r.orNull(r.nextInt()), r.orNull(r.text()), r.orNull(r.real()))));
        all.add(Case.of("row_nested", Types.ROW(Types.LONG, Types.ROW(Types.STRING, Types.LIST(Types.LONG)),
                        Types.LOCAL_DATE, Types.BOOLEAN, Types.INT, Types.INT, Types.INT, Types.INT, Types.INT),
                r -> row(r, r.whole(), r.orNull(row(r, r.text(), list(r, r::whole))), r.orNull(date(r)),
                        r.orNull(true), 1, null, 3, r.orNull(4), r.orNull(5))));
        all.add(Case.of("either", Types.EITHER(Types.STRING, Types.LONG), Cases::either));
        all.add(Case.of("either_pojo", Types.EITHER(Types.POJO(Model.Address.class), Types.LIST(Types.STRING)),
                r -> r.nextBoolean() ? Either.Left(address(r)) : Either.Right(list(r, r::text))));
        all.add(Case.of("list", Types.LIST(Types.STRING), r -> list(r, () -> r.orNull(r.text()))));
        all.add(Case.of("list_of_lists", Types.LIST(Types.LIST(Types.LONG)), r -> list(r, () -> list(r, r::whole))));
        all.add(Case.of("map", Types.MAP(Types.STRING, Types.LONG), r -> map(r, () -> r.orNull(r.whole()))));
        all.add(Case.of("map_nested", Types.MAP(Types.STRING, Types.MAP(Types.STRING, Types.TUPLE(Types.INT, Types.STRING))),
                r -> map(r, () -> map(r, () -> Tuple2.of(r.nextInt(), r.text())))));
        all.add(Case.of("nullable", new ListSerializer<>(NullableSerializer.wrap(LongSerializer.INSTANCE, true)),
                r -> list(r, () -> r.orNull(r.whole()))));
        all.add(Case.of("nullable_unpadded", new ListSerializer<>(NullableSerializer.wrap(IntSerializer.INSTANCE, false)),
                r -> list(r, () -> r.orNull(r.nextInt()))));
        all.add(Case.of("nullable_string", new ListSerializer<>(NullableSerializer.wrap(StringSerializer.INSTANCE, false)),
                r -> list(r, () -> r.orNull(r.text()))));
    }

    static Model.Address address(Rnd r) {
        Model.Address a = new Model.Address();
        a.city = r.orNull(r.text());
        a.zip = r.nextInt(99_999);
        return a;
    }

    static Model.Person person(Rnd r) {
        Model.Person p = new Model.Person();
        p.active = r.nextBoolean();
        p.tiny = (byte) r.whole();
        p.small = (short) r.whole();
        p.age = (int) r.whole();
        p.id = r.whole();
        p.ratio = (float) r.real();
        p.score = r.real();
        p.initial = r.pick('a', 'Ω', '\u0000');
        p.boxed = r.orNull(r.nextInt());
        p.boxedLong = r.orNull(r.whole());
        p.name = r.orNull(r.text());
        p.level = r.orNull(r.pick(Model.Level.values()));
        p.balance = r.orNull(bigDec(r));
        p.created = r.orNull(instant(r));
        p.born = r.orNull(date(r));
        p.blob = r.orNull(bytes(r));
        p.marks = r.orNull(r.ints(2).toArray());
        p.tags = r.orNull(new String[] {r.text(), null});
        p.notes = r.orNull(list(r, r::text));
        p.counts = r.orNull(map(r, r::nextInt));
        p.address = r.orNull(address(r));
        p.pair = r.orNull(Tuple2.of(r.text(), r.nextInt()));
        return p;
    }

    private static Model.Vehicle vehicle(Rnd r) {
        Model.Vehicle v;
        if (r.oneIn(3)) {
            v = new Model.Vehicle();
        } else if (r.nextBoolean()) {
            v = new Model.Car();
            ((Model.Car) v).mileage = r.orNull(r.whole());
        } else {
            v = new Model.Bike();
            ((Model.Bike) v).electric = r.nextBoolean();
            ((Model.Bike) v).shop = r.orNull(address(r));
        }
        v.maker = r.orNull(r.text());
        v.wheels = r.nextInt(5);
        return v;
    }

    private static void pojos(List<Case<?>> all) {
        all.add(Case.of("pojo", Types.POJO(Model.Person.class), Cases::person).nullable());
        all.add(Case.of("pojo_small", Types.POJO(Model.Address.class), Cases::address).nullable());
        all.add(Case.of("pojo_subclasses", Types.POJO(Model.Vehicle.class), Cases::vehicle).nullable());
        all.add(Case.of("pojo_kryo_fields", Types.POJO(Model.Mixed.class), r -> {
            Model.Mixed m = new Model.Mixed();
            m.anything = r.orNull(r.pick(r.text(), r.nextInt(), r.whole(), r.real(), true));
            m.uuid = r.orNull(new UUID(r.nextLong(), r.nextLong()));
            m.list = r.orNull(new ArrayList<>(list(r, r::text)));
            return m;
        }).nullable());
    }

    private static GenericRecord sample(Rnd r, int depth) {
        GenericRecord g = new GenericData.Record(SAMPLE);
        g.put("id", r.nextInt());
        g.put("big", r.whole());
        g.put("name", r.orNull(r.text()));
        g.put("ok", r.nextBoolean());
        g.put("f", (float) r.nextInt(1000) / 8);
        g.put("raw", java.nio.ByteBuffer.wrap(bytes(r)));
        g.put("sum", new GenericData.Fixed(SAMPLE.getField("sum").schema(), new byte[] {1, (byte) r.nextInt(), -1, 0}));
        g.put("level", new GenericData.EnumSymbol(SAMPLE.getField("level").schema(), r.pick("LOW", "HIGH")));
        g.put("flags", map(r, () -> r.orNull(r.whole())));
        g.put("next", depth > 0 ? r.orNull(sample(r, depth - 1)) : null);
        return g;
    }

    private static void avro(List<Case<?>> all) {
        all.add(Case.of("avro_generic", new GenericRecordAvroTypeInfo(SAMPLE), r -> sample(r, 2)));
        all.add(Case.of("avro_specific", new AvroSerializer<>(Reading.class), r -> {
            Reading reading = new Reading();
            reading.put(0, r.whole());
            reading.put(1, r.orNull(r.text()));
            reading.put(2, r.nextInt() / 16.0);
            reading.put(3, list(r, r::text));
            return reading;
        }));
        all.add(Case.of("avro_reflect", new AvroSerializer<>(Reflected.class), r -> {
            Reflected reflected = new Reflected();
            reflected.id = r.whole();
            reflected.name = r.orNull(r.text());
            reflected.numbers = list(r, r::nextInt);
            return reflected;
        }));
    }

    private static Object anything(Rnd r) {
        return r.pick(r.text(), r.nextInt(), r.whole(), r.real(), (float) 1.5, (short) 3, (byte) -4, 'x', true,
                new Date(r.nextInt() * 1000L), bigInt(r), bigDec(r), bytes(r));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <T> TypeInformation<T> generic(Class<?> c) {
        return (TypeInformation<T>) (TypeInformation) Types.GENERIC(c);
    }

    private static void kryo(List<Case<?>> all) {
        all.add(Case.of("kryo_object", Cases.<Object>generic(Object.class), Cases::anything));
        all.add(Case.of("kryo_list", Cases.<List<Object>>generic(ArrayList.class),
                r -> list(r, () -> r.orNull(anything(r)))));
        all.add(Case.of("kryo_strings", Cases.<List<String>>generic(LinkedList.class), r -> new LinkedList<>(list(r, r::text))));
        all.add(Case.of("kryo_map", Cases.<Map<String, Object>>generic(HashMap.class), r -> map(r, () -> r.orNull(anything(r)))));
        all.add(Case.of("kryo_tree", Cases.<Map<String, Long>>generic(TreeMap.class), r -> new TreeMap<>(map(r, r::whole))));
        all.add(Case.of("kryo_set", Cases.<HashSet<String>>generic(HashSet.class), r -> new HashSet<>(list(r, r::text))));
        all.add(Case.of("kryo_uuid", Cases.<UUID>generic(UUID.class), r -> new UUID(r.nextLong(), r.nextLong())));
        all.add(Case.of("kryo_bits", Cases.<BitSet>generic(BitSet.class), r -> BitSet.valueOf(new long[] {r.nextLong() >>> 8, 5})));
        all.add(Case.of("kryo_class", Cases.<Model.Opaque>generic(Model.Opaque.class), Cases::opaque));
        all.add(Case.of("kryo_registered", Cases.<Model.Registered>generic(Model.Registered.class),
                r -> new Model.Registered(r.orNull(r.text()), r.real())));
        all.add(Case.of("kryo_nested", Cases.<List<Object>>generic(ArrayList.class), r -> {
            Model.Opaque shared = opaque(r);
            return new ArrayList<>(Arrays.asList(shared, new Model.Registered("r", 1), shared, map(r, r::whole)));
        }));
    }

    private static Model.Opaque opaque(Rnd r) {
        return new Model.Opaque(r.nextInt(), r.orNull(r.text()), r.orNull(r.whole()), r.orNull(r.longs(2).toArray()));
    }
}
