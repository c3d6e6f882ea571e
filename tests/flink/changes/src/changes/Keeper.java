package changes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.StringUtils;

/** An operator with the states of one side. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Keeper extends AbstractStreamOperator<Long> implements OneInputStreamOperator<Long, Long> {
    private static final long serialVersionUID = 1;

    private final transient Side side;
    private final transient List<State> states = new ArrayList<>();
    private transient StateInitializationContext context;

    Keeper(Side side) {
        this.side = side;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        this.context = context;
    }

    @Override
    public void open() throws Exception {
        super.open();
        for (Side.Entry e : side.entries) {
            states.add(state(e));
        }
    }

    private StateDescriptor<?, ?> descriptor(Side.Entry e) {
        TypeSerializer type = e.type.createSerializer(getExecutionConfig().getSerializerConfig());
        switch (e.kind) {
            case LIST:
                return new ListStateDescriptor(e.name, type);
            case MAP:
                return new MapStateDescriptor(
                        e.name, e.keys.createSerializer(getExecutionConfig().getSerializerConfig()), type);
            default:
                return new ValueStateDescriptor(e.name, type);
        }
    }

    private State state(Side.Entry e) throws Exception {
        TypeSerializer type = e.type.createSerializer(getExecutionConfig().getSerializerConfig());
        if (e.kind == Side.Kind.OPERATOR_LIST) {
            return context.getOperatorStateStore().getListState(new ListStateDescriptor(e.name, type));
        }
        if (e.kind == Side.Kind.UNION) {
            return context.getOperatorStateStore().getUnionListState(new ListStateDescriptor(e.name, type));
        }
        if (e.kind == Side.Kind.BROADCAST) {
            TypeSerializer keys = e.keys.createSerializer(getExecutionConfig().getSerializerConfig());
            return context.getOperatorStateStore().getBroadcastState(new MapStateDescriptor(e.name, keys, type));
        }
        StateDescriptor descriptor = descriptor(e);
        if (side.ttl) {
            descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofHours(1)).build());
        }
        return getKeyedStateBackend()
                .getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
    }

    private void here() {
        ((org.apache.flink.runtime.state.KeyedStateBackend<Object>) (Object) getKeyedStateBackend()).setCurrentKey(side.key);
    }

    void fill() throws Exception {
        here();
        for (int i = 0; i < states.size(); i++) {
            Side.Entry e = side.entries.get(i);
            State state = states.get(i);
            for (Object value : e.values) {
                if (state instanceof ValueState) {
                    ((ValueState) state).update(value);
                } else if (state instanceof BroadcastState) {
                    ((BroadcastState) state).put(e.userKey, value);
                } else if (state instanceof MapState) {
                    ((MapState) state).put(e.userKey, value);
                } else {
                    ((ListState) state).add(value);
                }
            }
        }
    }

    /** All that is there, a map's entry as two of them; reading is when a value that no longer fits shows. */
    List<Object> read() throws Exception {
        List<Object> all = new ArrayList<>();
        here();
        for (State state : states) {
            if (state instanceof ValueState) {
                all.add(((ValueState) state).value());
            } else if (state instanceof BroadcastState || state instanceof MapState) {
                Iterable<?> entries = state instanceof BroadcastState ? ((BroadcastState) state).immutableEntries() : ((MapState) state).entries();
                for (Object entry : entries) {
                    all.add(((Map.Entry) entry).getKey());
                    all.add(((Map.Entry) entry).getValue());
                }
            } else {
                Iterable<?> values = ((ListState<?>) state).get();
                for (Object value : values != null ? values : List.of()) { // a heap's list that is not there is null
                    all.add(value);
                }
            }
        }
        return all;
    }

    /** Null, or how what is there differs from what the side would have filled in itself: both as their serializers write them. */
    String differs() throws Exception {
        List<String> there = new ArrayList<>();
        List<String> own = new ArrayList<>();
        java.util.Iterator<Object> all = read().iterator();
        for (Side.Entry e : side.entries) {
            for (Object value : e.values) {
                if (e.keys != null) {
                    own.add(bytes(e.keys, e.userKey));
                    there.add(all.hasNext() ? bytes(e.keys, all.next()) : "nothing");
                }
                own.add(bytes(e.type, value));
                there.add(all.hasNext() ? bytes(e.type, all.next()) : "nothing");
            }
        }
        all.forEachRemaining(value -> there.add(String.valueOf(value)));
        return there.equals(own) ? null : there + " instead of " + own;
    }

    private String bytes(TypeInformation type, Object value) throws Exception {
        if (value == null) {
            return "null";
        }
        DataOutputSerializer out = new DataOutputSerializer(64);
        type.createSerializer(getExecutionConfig().getSerializerConfig()).serialize(value, out);
        return StringUtils.byteToHexString(out.getCopyOfBuffer());
    }

    @Override
    public void processElement(StreamRecord<Long> record) {}
}
