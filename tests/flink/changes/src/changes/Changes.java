package changes;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.StringUtils;

/**
 * What real Flink does with changes of classes. Arguments: BEFORE-CLASSES AFTER-CLASSES OUT WRITTEN NAME...
 * The job of a change is the class c.NAME.Job of either side. OUT/NAME/before is a savepoint of the side before, or, where WRITTEN is
 * not "-", WRITTEN/NAME/before is one that another Flink wrote; OUT/NAME/next is one that the side after wrote itself. Each line of
 * OUT/verdicts.tsv says what came of restoring the one with the classes of the other: change, backend, restored, refused, misread or
 * (with -Dsame=true) differs, what the serializers' snapshots say of each other, the exception.
 */
public final class Changes {
    /** Of the uid "change", as make.py has it. */
    private static final OperatorID ID = new OperatorID(StringUtils.hexStringToByte("7eb7bc48450033644bbc7d9929168e85"));

    /** What is restored has to be what the side after would have written itself. */
    private static final boolean SAME = Boolean.getBoolean("same");

    private static final String[] BACKENDS = {"hashmap", "rocksdb"};

    private Changes() {}

    private static StateBackend backend(String name) throws Exception {
        if (name.equals("hashmap")) {
            return new HashMapStateBackend();
        }
        for (String cls : new String[] {"org.apache.flink.state.rocksdb", "org.apache.flink.contrib.streaming.state"}) {
            try {
                return (StateBackend) Class.forName(cls + ".EmbeddedRocksDBStateBackend").getConstructor().newInstance();
            } catch (ClassNotFoundException e) {
                // of the other major version
            }
        }
        throw new IllegalStateException("no RocksDB");
    }

    /** An operator of a job, running. */
    private static final class Running implements AutoCloseable {
        final Keeper keeper;
        final MockEnvironment environment;
        final KeyedOneInputStreamOperatorTestHarness<Object, Long, Long> harness;

        @SuppressWarnings("unchecked")
        Running(Side side, String backend, ClassLoader loader, OperatorSubtaskState from) throws Exception {
            ExecutionConfig config = new ExecutionConfig();
            side.configure((SerializerConfigImpl) config.getSerializerConfig());
            environment = new MockEnvironmentBuilder()
                    .setManagedMemorySize(32 << 20)
                    .setMaxParallelism(128)
                    .setParallelism(1)
                    .setSubtaskIndex(0)
                    .setExecutionConfig(config)
                    .setUserCodeClassLoader(loader)
                    .build();
            keeper = new Keeper(side);
            Object key = side.key;
            KeySelector<Long, Object> selector = x -> key;
            harness = new KeyedOneInputStreamOperatorTestHarness<>(
                    keeper, selector, (TypeInformation<Object>) side.keyType, environment);
            harness.setStateBackend(backend(backend));
            try {
                harness.setup();
                harness.initializeState(from);
                harness.open();
            } catch (Throwable t) {
                try {
                    close();
                } catch (Throwable ignored) {
                    // the first is what counts
                }
                throw t;
            }
        }

        OperatorSubtaskState savepoint() throws Exception {
            return harness.snapshotWithLocalState(1, 1, SavepointType.savepoint(SavepointFormatType.CANONICAL))
                    .getJobManagerOwnedState();
        }

        @Override
        public void close() throws Exception {
            harness.close();
            environment.close();
        }
    }

    private static OperatorState operatorState() throws Exception {
        for (Constructor<?> made : OperatorState.class.getConstructors()) {
            if (made.getParameterCount() == 3) {
                return (OperatorState) made.newInstance(ID, 1, 128);
            }
            if (made.getParameterCount() == 5 && made.getParameterTypes()[0] == String.class) {
                return (OperatorState) made.newInstance("change", null, ID, 1, 128);
            }
        }
        throw new IllegalStateException("no constructor of OperatorState that is known");
    }

    private static void write(OperatorSubtaskState state, Path dir) throws Exception {
        OperatorState operator = operatorState();
        operator.putState(0, state);
        Files.createDirectories(dir);
        CheckpointMetadata metadata = new CheckpointMetadata(
                1, Collections.singletonList(operator), Collections.emptyList(),
                CheckpointProperties.forSavepoint(false, SavepointFormatType.CANONICAL));
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(dir.resolve("_metadata")))) {
            Checkpoints.storeCheckpointMetadata(metadata, out);
        }
    }

    private static OperatorSubtaskState read(Path dir, ClassLoader loader) throws Exception {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(dir.resolve("_metadata")))) {
            return Checkpoints.loadCheckpointMetadata(in, loader, dir.toString()).getOperatorStates().iterator().next().getState(0);
        }
    }

    /** As the backends compare it: since 2.0 wrapped, so that TTL may come and go. */
    private static TypeSerializerSnapshot<?> wrapped(TypeSerializerSnapshot<?> snapshot) throws Exception {
        try {
            Class<?> wrapper = Class.forName("org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshotWrapper");
            Object made = wrapper.getConstructor(TypeSerializerSnapshot.class).newInstance(snapshot);
            return (TypeSerializerSnapshot<?>) wrapper.getMethod("getTtlAwareSerializerSnapshot").invoke(made);
        } catch (ClassNotFoundException e) {
            return snapshot;
        }
    }

    private static void describe(List<StateMetaInfoSnapshot> infos, Map<String, TypeSerializerSnapshot<?>> to) throws Exception {
        for (StateMetaInfoSnapshot info : infos) {
            to.put(info.getName() + " of " + info.getBackendStateType(),
                    wrapped(info.getTypeSerializerSnapshot(StateMetaInfoSnapshot.CommonSerializerKeys.VALUE_SERIALIZER)));
            TypeSerializerSnapshot<?> keys =
                    info.getTypeSerializerSnapshot(StateMetaInfoSnapshot.CommonSerializerKeys.KEY_SERIALIZER);
            if (keys != null) {
                to.put("keys of " + info.getName() + " of " + info.getBackendStateType(), keys);
            }
        }
    }

    /** The serializers of the values, by state. */
    private static Map<String, TypeSerializerSnapshot<?>> serializers(OperatorSubtaskState state, ClassLoader loader)
            throws Exception {
        Map<String, TypeSerializerSnapshot<?>> all = new LinkedHashMap<>();
        for (KeyedStateHandle handle : state.getManagedKeyedState()) {
            try (FSDataInputStream in = ((StreamStateHandle) handle).openInputStream()) {
                KeyedBackendSerializationProxy<Object> proxy = new KeyedBackendSerializationProxy<>(loader);
                proxy.read(new DataInputViewStreamWrapper(in));
                describe(proxy.getStateMetaInfoSnapshots(), all);
            }
        }
        for (OperatorStateHandle handle : state.getManagedOperatorState()) {
            try (FSDataInputStream in = handle.openInputStream()) {
                OperatorBackendSerializationProxy proxy = new OperatorBackendSerializationProxy(loader);
                proxy.read(new DataInputViewStreamWrapper(in));
                describe(proxy.getOperatorStateMetaInfoSnapshots(), all);
                describe(proxy.getBroadcastStateMetaInfoSnapshots(), all);
            }
        }
        return all;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static String compare(Path before, Path next, ClassLoader loader) {
        int worst = 0;
        try {
            Map<String, TypeSerializerSnapshot<?>> old = serializers(read(before, loader), loader);
            for (Map.Entry<String, TypeSerializerSnapshot<?>> e : serializers(read(next, loader), loader).entrySet()) {
                TypeSerializerSnapshot was = old.get(e.getKey());
                if (was == null) {
                    return "other-kind";
                }
                TypeSerializerSchemaCompatibility<?> says = ((TypeSerializerSnapshot) e.getValue()).resolveSchemaCompatibility(was);
                worst = Math.max(worst, says.isCompatibleAsIs() ? 0
                        : says.isCompatibleWithReconfiguredSerializer() ? 1 : says.isCompatibleAfterMigration() ? 2 : 3);
            }
        } catch (Throwable t) {
            return "unreadable";
        }
        return new String[] {"as-is", "reconfigured", "after-migration", "incompatible"}[worst];
    }

    private static String cause(Throwable t) {
        Throwable first = t;
        while (t.getCause() != null) {
            t = t.getCause();
        }
        String text = t == first ? String.valueOf(t) : first.getClass().getSimpleName() + ": " + first.getMessage() + " <- " + t;
        return text.replaceAll("\\s+", " ");
    }

    private static String restore(String name, String backend, ClassLoader loader, Path before) {
        try (Running job = new Running(side(name, loader), backend, loader, read(before, loader))) {
            try {
                job.keeper.read();
                String differs = SAME ? job.keeper.differs() : null;
                if (differs != null) {
                    return "differs\t%s\t" + differs;
                }
            } catch (Throwable t) {
                return "misread\t%s\t" + cause(t);
            }
            return "restored\t%s\t";
        } catch (Throwable t) {
            return "refused\t%s\t" + cause(t);
        }
    }

    private static Side side(String name, ClassLoader loader) throws Exception {
        Side side = (Side) Class.forName("c." + name + ".Job", true, loader).getConstructor().newInstance();
        side.declare();
        return side;
    }

    private static void savepoint(String name, ClassLoader loader, Path to) throws Exception {
        Side side = side(name, loader);
        try (Running job = new Running(side, "hashmap", loader, null)) {
            job.keeper.fill();
            write(job.savepoint(), to);
        }
    }

    private static ClassLoader loader(String dir) throws Exception {
        return new URLClassLoader(new URL[] {new File(dir).toURI().toURL()}, Changes.class.getClassLoader());
    }

    private interface Step {
        void run() throws Exception;
    }

    private static boolean withLoader(ClassLoader loader, String what, Step step) {
        Thread.currentThread().setContextClassLoader(loader);
        try {
            step.run();
            return true;
        } catch (Throwable t) {
            System.err.println(what + ": " + cause(t));
            if (System.getenv("TRACE") != null) {
                t.printStackTrace();
            }
            return false;
        }
    }

    public static void main(String[] args) throws Exception {
        ClassLoader before = loader(args[0]);
        ClassLoader after = loader(args[1]);
        Path out = Paths.get(args[2]);
        boolean other = !args[3].equals("-");
        boolean ok = true;
        Files.createDirectories(out);
        try (PrintStream verdicts = new PrintStream(Files.newOutputStream(out.resolve("verdicts.tsv")), false, "UTF-8")) {
            for (int i = 4; i < args.length; i++) {
                String name = args[i];
                Path from = (other ? Paths.get(args[3]) : out).resolve(name).resolve("before");
                Path next = out.resolve(name).resolve("next");
                ok &= other || withLoader(before, name + " before", () -> savepoint(name, before, from));
                // one that cannot even be made is refused below
                withLoader(after, name + " after", () -> savepoint(name, after, next));
                ok &= withLoader(after, name + " restore", () -> {
                    for (String backend : BACKENDS) {
                        String says = compare(from, next, after);
                        verdicts.println(name + "\t" + backend + "\t"
                                + restore(name, backend, after, from).replaceFirst("%s", says));
                    }
                });
            }
        }
        System.exit(ok ? 0 : 1);
    }
}
