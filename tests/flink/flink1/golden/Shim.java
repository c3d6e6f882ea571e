package golden;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.time.Time;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSink;
import org.apache.flink.api.connector.sink2.TwoPhaseCommittingSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.TwoPhaseCommitSinkFunction;

/** What is called otherwise in Flink 1.x. */
final class Shim {
    /** Whether metadata keep operators' uids. */
    static final boolean UIDS_STORED = false;

    private Shim() {}

    static <T> TypeSerializer<T> serializer(TypeInformation<T> type, ExecutionConfig config) {
        return type.createSerializer(config);
    }

    static StateTtlConfig ttl(long millis) {
        return StateTtlConfig.newBuilder(Time.milliseconds(millis)).build();
    }

    static void register(StreamExecutionEnvironment env) {
        env.getConfig().registerKryoType(Model.Registered.class);
        env.getConfig().registerPojoType(Model.Car.class);
    }

    static void addCases(List<Case<?>> all) {}

    static String uid(OperatorState operator) {
        return null;
    }

    static void addSinks(DataStream<Long> numbers) {
        numbers.addSink(new Transactions()).uid("transactions");
        numbers.sinkTo(new Sums()).uid("sums");
    }

    /** Two transactions under way, as a sink of the older kind keeps them. */
    private static final class Transactions extends TwoPhaseCommitSinkFunction<Long, String, Long> {
        private static final long serialVersionUID = 1;
        private long count;

        Transactions() {
            super(StringSerializer.INSTANCE, LongSerializer.INSTANCE);
        }

        @Override
        protected java.util.Optional<Long> initializeUserContext() {
            return java.util.Optional.of(42L);
        }

        @Override
        protected String beginTransaction() {
            return "transaction " + count++;
        }

        @Override
        protected void invoke(String transaction, Long number, Context context) {}

        @Override
        protected void preCommit(String transaction) {}

        @Override
        protected void commit(String transaction) {}

        @Override
        protected void abort(String transaction) {}
    }

    private static final class TextSerializer implements SimpleVersionedSerializer<String> {
        @Override
        public int getVersion() {
            return 3;
        }

        @Override
        public byte[] serialize(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String deserialize(int version, byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static final class SumWriter implements StatefulSink.StatefulSinkWriter<Long, String>,
            TwoPhaseCommittingSink.PrecommittingSinkWriter<Long, String> {
        private long sum;

        @Override
        public void write(Long number, Context context) {
            sum += number;
        }

        @Override
        public void flush(boolean end) {}

        @Override
        public List<String> snapshotState(long checkpoint) {
            return Collections.singletonList("sum " + sum);
        }

        @Override
        public Collection<String> prepareCommit() {
            return Collections.singletonList("commit " + sum);
        }

        @Override
        public void close() {}
    }

    private static final class Commits implements Committer<String> {
        @Override
        public void commit(Collection<CommitRequest<String>> requests) {}

        @Override
        public void close() {}
    }

    private static final class Sums implements StatefulSink<Long, String>, TwoPhaseCommittingSink<Long, String> {
        private static final long serialVersionUID = 1;

        @Override
        public SumWriter createWriter(Sink.InitContext context) {
            return new SumWriter();
        }

        @Override
        public SumWriter restoreWriter(Sink.InitContext context, Collection<String> states) {
            return new SumWriter();
        }

        @Override
        public Committer<String> createCommitter() {
            return new Commits();
        }

        @Override
        public SimpleVersionedSerializer<String> getWriterStateSerializer() {
            return new TextSerializer();
        }

        @Override
        public SimpleVersionedSerializer<String> getCommittableSerializer() {
            return new TextSerializer();
        }
    }
}
