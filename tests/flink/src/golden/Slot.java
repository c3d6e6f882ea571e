package golden;

import java.util.function.Function;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.state.AppendingState;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.windowing.windows.GlobalWindow;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** A keyed state of an operator: what it is and what an event does to it. */
final class Slot {
    enum Kind { VALUE, LIST, MAP, REDUCING, AGGREGATING }

    private static final long TEN_YEARS = 10L * 365 * 24 * 3600 * 1000;

    /** A namespace's serializer and values. */
    static final class Space<N> {
        static final Space<VoidNamespace> VOID = new Space<>(VoidNamespaceSerializer.INSTANCE, r -> VoidNamespace.INSTANCE);
        static final Space<String> TEXT = new Space<>(StringSerializer.INSTANCE, r -> r.pick("", "left", "ünï", "a".repeat(300)));
        static final Space<TimeWindow> TIME = new Space<>(new TimeWindow.Serializer(), r -> {
            long start = 1_700_000_000_000L + 60_000L * r.nextInt(3);
            return new TimeWindow(start, start + 60_000);
        });
        static final Space<GlobalWindow> GLOBAL = new Space<>(new GlobalWindow.Serializer(), r -> GlobalWindow.get());

        final TypeSerializer<N> serializer;
        final Function<Rnd, N> value;

        Space(TypeSerializer<N> serializer, Function<Rnd, N> value) {
            this.serializer = serializer;
            this.value = value;
        }
    }

    static final class Average implements AggregateFunction<Long, Tuple2<Long, Integer>, Double> {
        private static final long serialVersionUID = 1;

        @Override
        public Tuple2<Long, Integer> createAccumulator() {
            return Tuple2.of(0L, 0);
        }

        @Override
        public Tuple2<Long, Integer> add(Long value, Tuple2<Long, Integer> sum) {
            return Tuple2.of(sum.f0 + value, sum.f1 + 1);
        }

        @Override
        public Double getResult(Tuple2<Long, Integer> sum) {
            return (double) sum.f0 / sum.f1;
        }

        @Override
        public Tuple2<Long, Integer> merge(Tuple2<Long, Integer> a, Tuple2<Long, Integer> b) {
            return Tuple2.of(a.f0 + b.f0, a.f1 + b.f1);
        }
    }

    final String name;
    final Kind kind;
    final Space<?> space;
    final boolean ttl;
    private final Case<?> type;

    Slot(String name, Kind kind, Case<?> type, Space<?> space, boolean ttl) {
        this.name = name;
        this.kind = kind;
        this.type = type;
        this.space = space;
        this.ttl = ttl;
    }

    Slot(Kind kind, Case<?> type) {
        this(kind.name().toLowerCase() + "-" + type.name, kind, type, Space.VOID, false);
    }

    StateDescriptor<?, ?> descriptor(ExecutionConfig config) {
        StateDescriptor<?, ?> d;
        switch (kind) {
            case VALUE:
                d = new ValueStateDescriptor<>(name, type.serializer(config));
                break;
            case LIST:
                d = new ListStateDescriptor<>(name, type.serializer(config));
                break;
            case MAP:
                d = new MapStateDescriptor<>(name, StringSerializer.INSTANCE, type.serializer(config));
                break;
            case REDUCING:
                d = new ReducingStateDescriptor<>(name, Long::sum, Cases.LONG.serializer(config));
                break;
            default:
                d = new AggregatingStateDescriptor<>(name, new Average(),
                        Shim.serializer(Types.TUPLE(Types.LONG, Types.INT), config));
        }
        if (ttl) {
            d.enableTimeToLive(Shim.ttl(TEN_YEARS));
        }
        return d;
    }

    @SuppressWarnings("unchecked")
    void update(State state, Rnd r) throws Exception {
        switch (kind) {
            case VALUE:
                if (r.oneIn(8)) {
                    state.clear();
                } else {
                    ((ValueState<Object>) state).update(type.value(r));
                }
                break;
            case LIST:
                for (int n = r.nextInt(3); n > 0; n--) {
                    ((ListState<Object>) state).add(type.value(r));
                }
                break;
            case MAP:
                MapState<String, Object> map = (MapState<String, Object>) state;
                for (int n = r.nextInt(4); n > 0; n--) {
                    map.put(r.text(), type.nullable ? r.orNull(type.value(r)) : type.value(r));
                }
                map.remove("order");
                break;
            default:
                ((AppendingState<Long, ?>) state).add(r.whole());
        }
    }
}
