import java.io.DataInputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.api.java.tuple.Tuple;
import org.apache.flink.api.java.typeutils.runtime.TupleSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.state.api.runtime.SavepointLoader;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.RawValueDataSerializer;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.util.Collector;

/**
 * States (SNAPSHOT OUT)...: all keyed state without namespaces of every operator, read by Flink's State Processor API with the serializers that the snapshot
 * itself names; written to OUT as weir dump prints it, a line for each state of each key.
 */
public class States {
    private static final List<String> LINES = Collections.synchronizedList(new ArrayList<>());

    public static void main(String[] args) {
        int status = 1; // threads of a cluster that has failed would keep the JVM
        try {
            for (int i = 0; i + 1 < args.length; i += 2) {
                read(args[i]);
                Files.write(Path.of(args[i + 1]), LINES);
                LINES.clear();
            }
            status = 0;
        } catch (Throwable t) {
            t.printStackTrace();
        }
        System.exit(status);
    }

    private static void read(String snapshot) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("rest.bind-port", "0");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, conf);
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        SavepointReader reader = SavepointReader.read(env, snapshot, new HashMapStateBackend());
        boolean any = false;
        for (OperatorState operator : SavepointLoader.loadSavepointMetadata(snapshot).getOperatorStates()) {
            KeyedStateHandle handle = keyed(operator);
            if (handle == null) {
                continue;
            }
            String id = operator.getOperatorID().toHexString();
            reader.readKeyedState(OperatorIdentifier.forUidHash(id), new Reading(id, snapshot), new Restored(header(handle).getKeySerializerSnapshot().restoreSerializer()),
                    Types.BOOLEAN).sinkTo(new DiscardingSink<>());
            any = true;
        }
        if (any) {
            env.execute();
        }
    }

    /** Any handle of an operator's keyed state: all have the same header. */
    private static KeyedStateHandle keyed(OperatorState operator) {
        for (OperatorSubtaskState subtask : operator.getStates()) {
            for (KeyedStateHandle handle : subtask.getManagedKeyedState()) {
                return handle;
            }
        }
        return null;
    }

    private static KeyedBackendSerializationProxy<?> header(KeyedStateHandle handle) throws Exception {
        KeyedBackendSerializationProxy<?> proxy = new KeyedBackendSerializationProxy<>(States.class.getClassLoader());
        try (DataInputStream in = new DataInputStream(((StreamStateHandle) handle).openInputStream())) {
            proxy.read(new DataInputViewStreamWrapper(in));
        }
        return proxy;
    }

    /** A serializer as a type. */
    private static class Restored extends TypeInformation<Object> {
        private final TypeSerializer<Object> serializer;

        @SuppressWarnings("unchecked")
        Restored(TypeSerializer<?> serializer) {
            this.serializer = (TypeSerializer<Object>) serializer;
        }

        @Override
        public TypeSerializer<Object> createSerializer(SerializerConfig config) {
            return serializer.duplicate();
        }

        @Override
        public boolean isBasicType() {
            return false;
        }

        @Override
        public boolean isTupleType() {
            return false;
        }

        @Override
        public int getArity() {
            return 1;
        }

        @Override
        public int getTotalFields() {
            return 1;
        }

        @Override
        public Class<Object> getTypeClass() {
            return Object.class;
        }

        @Override
        public boolean isKeyType() {
            return true;
        }

        @Override
        public String toString() {
            return serializer.toString();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Restored && ((Restored) other).serializer.equals(serializer);
        }

        @Override
        public int hashCode() {
            return serializer.hashCode();
        }

        @Override
        public boolean canEqual(Object other) {
            return other instanceof Restored;
        }
    }

    private static class Reading extends KeyedStateReaderFunction<Object, Boolean> {
        private final String operator;
        private final String snapshot;
        private transient TypeSerializer<?> key;
        private transient Map<String, TypeSerializer<?>> serializers;
        private transient Map<String, Object> states;

        Reading(String operator, String snapshot) {
            this.operator = operator;
            this.snapshot = snapshot;
        }

        @Override
        public void open(OpenContext context) throws Exception {
            serializers = new TreeMap<>();
            states = new TreeMap<>();
            for (OperatorState state : SavepointLoader.loadSavepointMetadata(snapshot).getOperatorStates()) {
                if (state.getOperatorID().toHexString().equals(operator)) {
                    KeyedBackendSerializationProxy<?> header = header(keyed(state));
                    key = header.getKeySerializerSnapshot().restoreSerializer();
                    for (StateMetaInfoSnapshot info : header.getStateMetaInfoSnapshots()) {
                        declare(info);
                    }
                }
            }
        }

        private void declare(StateMetaInfoSnapshot info) throws Exception {
            String type = info.getOption(StateMetaInfoSnapshot.CommonOptionsKeys.KEYED_STATE_TYPE);
            if (info.getBackendStateType() != StateMetaInfoSnapshot.BackendStateType.KEY_VALUE
                    || !(info.getTypeSerializerSnapshot(StateMetaInfoSnapshot.CommonSerializerKeys.NAMESPACE_SERIALIZER).restoreSerializer() instanceof VoidNamespaceSerializer)) {
                return;
            }
            TypeSerializer<?> serializer = info.getTypeSerializerSnapshot(StateMetaInfoSnapshot.CommonSerializerKeys.VALUE_SERIALIZER).restoreSerializer();
            String name = info.getName();
            serializers.put(name, serializer);
            switch (StateDescriptor.Type.valueOf(type)) {
                case VALUE -> states.put(name, getRuntimeContext().getState(new ValueStateDescriptor<>(name, serializer)));
                case LIST -> states.put(name, getRuntimeContext().getListState(new ListStateDescriptor<>(name, ((ListSerializer<?>) serializer).getElementSerializer())));
                case MAP -> states.put(name, getRuntimeContext().getMapState(
                        new MapStateDescriptor<>(name, ((MapSerializer<?, ?>) serializer).getKeySerializer(), ((MapSerializer<?, ?>) serializer).getValueSerializer())));
                default -> throw new IllegalStateException(name + " is a state of kind " + type);
            }
        }

        @Override
        public void readKey(Object of, Context context, Collector<Boolean> out) throws Exception {
            for (Map.Entry<String, Object> state : states.entrySet()) {
                StringBuilder line = new StringBuilder("{\"operator\":\"" + operator + "\",\"state\":");
                Text.put(line, state.getKey());
                line.append(",\"key\":");
                put(line, of, key);
                if (putState(line, state.getValue(), serializers.get(state.getKey()))) {
                    LINES.add(line.append('}').toString());
                }
            }
            // a key for which nothing comes out ends Flink's reading of its split
            out.collect(true);
        }

        /** False: the key has nothing there. */
        private boolean putState(StringBuilder b, Object state, TypeSerializer<?> serializer) throws Exception {
            if (state instanceof ValueState<?> value) {
                if (value.value() == null) {
                    return false;
                }
                put(b.append(",\"value\":"), value.value(), serializer);
            } else if (state instanceof ListState<?> list) {
                if (!list.get().iterator().hasNext()) {
                    return false;
                }
                String comma = ",\"list\":[";
                for (Object element : list.get()) {
                    put(b.append(comma), element, ((ListSerializer<?>) serializer).getElementSerializer());
                    comma = ",";
                }
                b.append(']');
            } else {
                MapState<?, ?> map = (MapState<?, ?>) state;
                if (map.isEmpty()) {
                    return false;
                }
                String comma = ",\"map\":[";
                for (Map.Entry<?, ?> entry : map.entries()) {
                    put(b.append(comma).append('['), entry.getKey(), ((MapSerializer<?, ?>) serializer).getKeySerializer());
                    put(b.append(','), entry.getValue(), ((MapSerializer<?, ?>) serializer).getValueSerializer());
                    b.append(']');
                    comma = ",";
                }
                b.append(']');
            }
            return true;
        }

        /** As Text has it, but for days, which are numbers, and moments, which are Java's text. */
        private static void field(StringBuilder b, Object v, LogicalType type) {
            if (v instanceof TimestampData) {
                Text.put(b, v.toString());
            } else if (v instanceof Integer) {
                b.append(v);
            } else {
                Text.put(b, v, type);
            }
        }

        private static void put(StringBuilder b, Object v, TypeSerializer<?> serializer) throws Exception {
            if (v == null || serializer instanceof RawValueDataSerializer) {
                b.append("null");
            } else if (serializer instanceof RowDataSerializer) {
                RowData row = (RowData) v;
                Field types = RowDataSerializer.class.getDeclaredField("types");
                types.setAccessible(true);
                b.append("{\"$row\":\"").append(row.getRowKind().shortString()).append("\",\"fields\":[");
                int i = 0;
                for (LogicalType type : (LogicalType[]) types.get(serializer)) {
                    field(b.append(i > 0 ? "," : ""), RowData.createFieldGetter(type, i).getFieldOrNull(row), type);
                    i++;
                }
                b.append("]}");
            } else if (serializer instanceof TupleSerializer<?> tuple) {
                b.append('[');
                for (int i = 0; i < ((Tuple) v).getArity(); i++) {
                    put(b.append(i > 0 ? "," : ""), ((Tuple) v).getField(i), tuple.getFieldSerializers()[i]);
                }
                b.append(']');
            } else if (serializer instanceof ListSerializer<?> list) {
                b.append('[');
                String comma = "";
                for (Object element : (List<?>) v) {
                    put(b.append(comma), element, list.getElementSerializer());
                    comma = ",";
                }
                b.append(']');
            } else if (v instanceof Number || v instanceof Boolean) {
                b.append(v);
            } else {
                Text.put(b, v.toString());
            }
        }
    }
}
