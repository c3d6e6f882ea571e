package golden;

import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Keeps operator state: lists of both modes and broadcast state. */
final class ListOperator extends AbstractStreamOperator<Long> implements OneInputStreamOperator<Long, Long> {
    private static final long serialVersionUID = 1;

    private final long seed;
    private transient ListState<Model.Person> people;
    private transient ListState<Tuple2<String, Long>> offsets;
    private transient ListState<String> texts;
    private transient ListState<byte[]> blobs;

    ListOperator(long seed) {
        this.seed = seed;
    }

    private <T> TypeSerializer<T> serializer(TypeInformation<T> type) {
        return Shim.serializer(type, getExecutionConfig());
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        OperatorStateStore store = context.getOperatorStateStore();
        people = store.getListState(new ListStateDescriptor<>("people", serializer(Types.POJO(Model.Person.class))));
        texts = store.getListState(new ListStateDescriptor<>("texts", serializer(Types.STRING)));
        blobs = store.getListState(new ListStateDescriptor<>("blobs", BytePrimitiveArraySerializer.INSTANCE));
        offsets = store.getUnionListState(
                new ListStateDescriptor<>("offsets", serializer(Types.TUPLE(Types.STRING, Types.LONG))));
        store.getListState(new ListStateDescriptor<>("empty", serializer(Types.LONG)));

        // the same in all subtasks, as broadcast state has to be
        BroadcastState<String, Tuple2<Integer, String>> rules = store.getBroadcastState(
                new MapStateDescriptor<>("rules", serializer(Types.STRING), serializer(Types.TUPLE(Types.INT, Types.STRING))));
        BroadcastState<Integer, Model.Address> places = store.getBroadcastState(
                new MapStateDescriptor<>("places", serializer(Types.INT), serializer(Types.POJO(Model.Address.class))));
        Rnd random = new Rnd(seed, "broadcast", 0);
        for (int i = 0; i < 5; i++) {
            rules.put("rule " + random.text(), Tuple2.of(random.nextInt(), random.text()));
            places.put(random.nextInt(), random.orNull(Cases.address(random)));
        }
    }

    @Override
    public void processElement(StreamRecord<Long> event) throws Exception {
        Rnd random = new Rnd(seed, "lists", event.getValue());
        people.add(Cases.person(random));
        texts.add(random.text());
        blobs.add(Cases.bytes(random));
        offsets.add(Tuple2.of(random.text(), random.whole()));
        output.collect(event);
    }
}
