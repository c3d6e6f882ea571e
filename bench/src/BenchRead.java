import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.contrib.streaming.state.EmbeddedRocksDBStateBackend;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * The peer: reads every value of a snapshot with Flink's State Processor API in one pass and prints, for each
 * state, how many entries it has and the wrapping sum of all whole numbers in its values.
 * Arguments: SNAPSHOT hashmap|rocksdb.
 */
public final class BenchRead {
    private static final String[] STATES = {"counters MAP", "profile VALUE", "recent LIST", "total REDUCING"};
    /** The whole's figures: the local cluster runs in this process. */
    private static final long[] ENTRIES = new long[STATES.length];
    private static final long[] SUMS = new long[STATES.length];

    private BenchRead() {}

    static final class Read extends KeyedStateReaderFunction<String, Boolean> {
        private transient ValueState<Profile> profile;
        private transient MapState<String, Long> counters;
        private transient ListState<Tuple2<String, Long>> recent;
        private transient ReducingState<Long> total;
        private final long[] entries = new long[STATES.length];
        private final long[] sums = new long[STATES.length];

        @Override
        public void open(Configuration unused) {
            profile = getRuntimeContext().getState(BenchStates.PROFILE);
            counters = getRuntimeContext().getMapState(BenchStates.COUNTERS);
            recent = getRuntimeContext().getListState(BenchStates.RECENT);
            total = getRuntimeContext().getReducingState(BenchStates.TOTAL);
        }

        /** Flink opens and closes the function once for each split. */
        @Override
        public void close() {
            synchronized (ENTRIES) {
                for (int i = 0; i < STATES.length; i++) {
                    ENTRIES[i] += entries[i];
                    SUMS[i] += sums[i];
                    entries[i] = sums[i] = 0;
                }
            }
        }

        @Override
        public void readKey(String key, Context context, Collector<Boolean> out) throws Exception {
            for (java.util.Map.Entry<String, Long> entry : counters.entries()) {
                count(0, entry.getValue());
            }
            Profile p = profile.value();
            if (p != null) {
                count(1, p.id + p.visits);
            }
            long sum = 0;
            boolean any = false;
            for (Tuple2<String, Long> page : recent.get()) {
                sum += page.f1;
                any = true;
            }
            if (any) {
                count(2, sum);
            }
            Long t = total.get();
            if (t != null) {
                count(3, t);
            }
            // a key for which nothing comes out ends Flink's reading of its split
            out.collect(true);
        }

        private void count(int state, long sum) {
            entries[state]++;
            sums[state] += sum;
        }
    }

    public static void main(String[] args) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("rest.bind-port", "0");
        // with the default, a managed budget, RocksDB's write buffers are so small here that the deletions
        // with which the reader marks keys as done keep it compacting: ten times the CPU time
        conf.setString("state.backend.rocksdb.memory.managed", "false");
        StateBackend backend = args[1].equals("rocksdb")
                ? new EmbeddedRocksDBStateBackend().configure(conf, BenchRead.class.getClassLoader())
                : new HashMapStateBackend();

        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, conf);
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        env.getConfig().enableObjectReuse();
        SavepointReader.read(env, args[0], backend)
                .readKeyedState(OperatorIdentifier.forUid(BenchStates.UID), new Read(), Types.STRING, Types.BOOLEAN)
                .sinkTo(new DiscardingSink<>());
        env.execute();

        StringBuilder json = new StringBuilder("{\"operators\":[{\"uid\":\"" + BenchStates.UID + "\",\"states\":[");
        for (int i = 0; i < STATES.length; i++) {
            String[] state = STATES[i].split(" ");
            json.append(i == 0 ? "" : ",").append(String.format(
                    "{\"name\":\"%s\",\"kind\":\"%s\",\"entries\":%d,\"sum\":%d}", state[0], state[1], ENTRIES[i], SUMS[i]));
        }
        System.out.println(json.append("]}]}"));
    }
}
