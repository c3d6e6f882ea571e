package declared;

import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** What a job may say of its state, in the words in which jobs say it: tests/golden/declared.jar is its classes. Nobody runs it. */
public final class Declared {
    static final String LIST = "list-long";
    static final StateTtlConfig HOUR = StateTtlConfig.newBuilder(Duration.ofHours(1)).build();

    private Declared() {}

    /** States with types and kinds as they were, and one more. */
    static class Same extends KeyedProcessFunction<Long, Long, Long> {
        private static final TypeInformation<String> TEXT = Types.STRING;
        private final MapStateDescriptor<String, String> map = new MapStateDescriptor<>("map-string", TEXT, TEXT);
        private final boolean longer;
        private transient MapState<String, String> state;

        Same(boolean longer) {
            this.longer = longer;
        }

        private static TypeInformation<Tuple2<Long, Integer>> pair() {
            return TypeInformation.of(new TypeHint<Tuple2<Long, Integer>>() {});
        }

        @Override
        public void open(OpenContext context) {
            ValueStateDescriptor<String> value = new ValueStateDescriptor<>("value-string", String.class);
            getRuntimeContext().getState(value);
            getRuntimeContext().getListState(new ListStateDescriptor<>(LIST, LongSerializer.INSTANCE));
            state = getRuntimeContext().getMapState(map);
            getRuntimeContext().getReducingState(new ReducingStateDescriptor<>("reducing-long", Long::sum, Types.LONG));
            getRuntimeContext().getAggregatingState(new AggregatingStateDescriptor<>("aggregating-long", (AggregateFunction<Long, Tuple2<Long, Integer>, Long>) null, pair()));
            ValueStateDescriptor<String> ttl = new ValueStateDescriptor<>("ttl-VALUE", Types.STRING);
            ttl.enableTimeToLive(HOUR);
            getRuntimeContext().getState(ttl);
            ListStateDescriptor<String> perhaps = new ListStateDescriptor<>("ttl-LIST", Types.STRING);
            if (longer) {
                perhaps.enableTimeToLive(HOUR);
            }
            getRuntimeContext().getListState(perhaps);
            getRuntimeContext().getState(new ValueStateDescriptor<>("added", Types.LIST(Types.INT)));
        }

        @Override
        public void processElement(Long value, Context context, Collector<Long> out) {}
    }

    /** Other types, kinds, TTL; and what is not clear. */
    static class Other extends KeyedProcessFunction<String, Long, Long> {
        private final TypeInformation<?> given;
        private transient ValueState<?> state;

        Other(TypeInformation<?> given) {
            this.given = given;
        }

        @Override
        public void open(OpenContext context) {
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("value-string", given == null ? Types.LONG : Types.LONG));
            getRuntimeContext().getState(new ValueStateDescriptor<>(LIST, Types.LONG));
            getRuntimeContext().getMapState(new MapStateDescriptor<>("map-string", Long.class, String.class));
            getRuntimeContext().getState(new ValueStateDescriptor<>("reducing-long", given));
            getRuntimeContext().getState(new ValueStateDescriptor<>("ttl-VALUE", Types.STRING));
            ListStateDescriptor<List<String>> lists = new ListStateDescriptor<>("ttl-LIST", Types.LIST(Types.STRING));
            lists.enableTimeToLive(HOUR);
            getRuntimeContext().getListState(lists);
            for (int i = 0; i < 3; i++) {
                getRuntimeContext().getState(new ValueStateDescriptor<Object>("aggregating-long", (TypeInformation) (i == 1 ? Types.LONG : Types.INT)));
            }
        }

        @Override
        public void processElement(Long value, Context context, Collector<Long> out) {}
    }

    /** Operator state, of which one list is a union or is not; and a descriptor that goes where nobody looks. */
    static class Own extends RichMapFunction<Long, Long> implements CheckpointedFunction {
        @Override
        public Long map(Long value) {
            return value;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            OperatorStateStore store = context.getOperatorStateStore();
            ListStateDescriptor<Long> list = new ListStateDescriptor<>("either", Types.LONG);
            if (context.isRestored()) {
                store.getUnionListState(list);
            } else {
                store.getListState(list);
            }
            store.getUnionListState(new ListStateDescriptor<>("union", long[].class));
            store.getBroadcastState(new MapStateDescriptor<>("rules", Types.STRING, Types.GENERIC(Thread.class)));
            System.out.println(new MapStateDescriptor<>("value-string", Types.STRING, Types.STRING));
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {}
    }

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMaxParallelism(128);
        DataStream<Long> numbers = env.fromSequence(1, 9).uid("numbers").setMaxParallelism(64);
        numbers.keyBy(x -> x % 4).process(new Same(args.length > 0)).setParallelism(2).uid("states-by-long").name("same");
        numbers.keyBy(x -> "k" + x % 4).process(new Other(Types.INT)).uid("states-by-string");
        numbers.map(new Own());
        env.execute();
    }
}
