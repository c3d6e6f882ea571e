package golden;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.internal.InternalAppendingState;
import org.apache.flink.runtime.state.internal.InternalKvState;
import org.apache.flink.runtime.state.internal.InternalListState;
import org.apache.flink.runtime.state.internal.InternalMapState;
import org.apache.flink.runtime.state.internal.InternalValueState;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps the states of a job's operator. When {@link Golden#restoring} it changes nothing, but tells all that its backend
 * holds after Flink has restored it.
 */
final class StateOperator extends AbstractStreamOperator<Long>
        implements OneInputStreamOperator<Long, Long>, Triggerable<Object, Object> {
    private static final long serialVersionUID = 1;
    private static final long FAR = 4_102_444_800_000L;

    private final String uid;
    private final String slots;
    private final long seed;
    private final int maxParallelism;

    private transient List<Slot> opened;
    private transient List<InternalKvState<Object, Object, ?>> states;
    private transient InternalTimerService<Object> plainTimers;
    private transient InternalTimerService<Object> namedTimers;
    private transient InternalTimerService<Object> windowTimers;

    StateOperator(String uid, String slots, long seed, int maxParallelism) {
        this.uid = uid;
        this.slots = slots;
        this.seed = seed;
        this.maxParallelism = maxParallelism;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void open() throws Exception {
        super.open();
        opened = Jobs.slots(slots);
        states = new ArrayList<>();
        for (Slot slot : opened) {
            states.add(state(slot.space, slot.descriptor(getExecutionConfig())));
        }
        plainTimers = timers("user-timers", Slot.Space.VOID);
        namedTimers = timers("named-timers", Slot.Space.TEXT);
        windowTimers = timers("window-timers", Slot.Space.TIME);
        if (Golden.restoring) {
            tell();
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private InternalKvState<Object, Object, ?> state(Slot.Space space, StateDescriptor descriptor) throws Exception {
        State state = getKeyedStateBackend().getOrCreateKeyedState(space.serializer, descriptor);
        return (InternalKvState<Object, Object, ?>) state;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private InternalTimerService<Object> timers(String name, Slot.Space space) {
        return getInternalTimerService(name, space.serializer, (Triggerable) this);
    }

    @Override
    public void processElement(StreamRecord<Long> event) throws Exception {
        long n = event.getValue();
        for (int i = 0; i < opened.size(); i++) {
            Slot slot = opened.get(i);
            Rnd random = new Rnd(seed, uid + "/" + slot.name, n);
            states.get(i).setCurrentNamespace(slot.space.value.apply(random));
            slot.update(states.get(i), random);
        }
        Rnd random = new Rnd(seed, uid, n);
        plainTimers.registerEventTimeTimer(Slot.Space.VOID.value.apply(random), FAR + random.nextInt(100_000));
        plainTimers.registerProcessingTimeTimer(Slot.Space.VOID.value.apply(random), FAR + random.nextInt());
        namedTimers.registerEventTimeTimer(Slot.Space.TEXT.value.apply(random), FAR + random.nextInt(5));
        windowTimers.registerEventTimeTimer(Slot.Space.TIME.value.apply(random), FAR - random.nextInt(5));
        output.collect(event);
    }

    @Override
    public void onEventTime(InternalTimer<Object, Object> timer) {}

    @Override
    public void onProcessingTime(InternalTimer<Object, Object> timer) {}

    private void tell() throws Exception {
        for (int i = 0; i < opened.size(); i++) {
            tell(opened.get(i), states.get(i));
        }
        tell("user-timers", plainTimers);
        tell("named-timers", namedTimers);
        tell("window-timers", windowTimers);
    }

    private String head(String state, String kind, Object key, Object namespace) {
        return "{\"operator\":" + Json.quote(Golden.label(uid, getOperatorID())) + ",\"state\":" + Json.quote(state)
                + ",\"kind\":\"" + kind + "\",\"keyGroup\":" + KeyGroupRangeAssignment.assignToKeyGroup(key, maxParallelism)
                + ",\"key\":" + Json.of(key) + (Json.isVoid(namespace) ? "" : ",\"ns\":" + Json.of(namespace));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void tell(Slot slot, InternalKvState<Object, Object, ?> outer) throws Exception {
        // below what hides the time of the last access
        InternalKvState state = slot.ttl ? (InternalKvState) Reflect.get(outer, "original") : outer;
        KeyedStateBackend<Object> backend = getKeyedStateBackend();
        List<Tuple2<Object, Object>> places;
        try (Stream<Tuple2<Object, Object>> found = backend.getKeysAndNamespaces(slot.name)) {
            places = found.collect(Collectors.toList());
        }
        Set<String> told = new LinkedHashSet<>();
        for (Tuple2<Object, Object> place : places) {
            backend.setCurrentKey(place.f0);
            state.setCurrentNamespace(place.f1);
            told.add(head(slot.name, slot.kind.name(), place.f0, place.f1) + content(state) + "}");
        }
        told.forEach(Golden::tell);
    }

    private static String content(Object state) throws Exception {
        if (state instanceof InternalMapState) {
            Iterable<? extends Map.Entry<?, ?>> entries = ((InternalMapState<?, ?, ?, ?>) state).entries();
            return ",\"map\":" + Json.pairs(entries);
        }
        if (state instanceof InternalListState) {
            List<String> items = new ArrayList<>();
            for (Object item : ((InternalListState<?, ?, ?>) state).get()) {
                items.add(Json.of(item));
            }
            return ",\"list\":" + Json.array(items);
        }
        return ",\"value\":" + Json.of(state instanceof InternalValueState
                ? ((InternalValueState<?, ?, ?>) state).value()
                : ((InternalAppendingState<?, ?, ?, ?, ?>) state).getInternal());
    }

    private void tell(String service, InternalTimerService<Object> timers) throws Exception {
        timers.forEachEventTimeTimer((namespace, time) -> timer("event", service, namespace, time));
        timers.forEachProcessingTimeTimer((namespace, time) -> timer("processing", service, namespace, time));
    }

    private void timer(String kind, String service, Object namespace, long time) {
        Golden.tell(head("_timer_state/" + kind + "_" + service, "TIMERS", getCurrentKey(), namespace)
                + ",\"timestamp\":" + time + "}");
    }
}
