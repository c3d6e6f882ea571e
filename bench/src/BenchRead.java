import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.accumulators.LongCounter;
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
 * Arguments: SNAPSHOT hashmap|rocksdb PARALLELISM.
 */
public final class BenchRead {
    private static final String[] STATES = {"counters MAP", "profile VALUE", "recent LIST", "total REDUCING"};

    private BenchRead() {}

    static final class Read extends KeyedStateReaderFunction<String, Void> {
        private transient ValueState<Profile> profile;
        private transient MapState<String, Long> counters;
        private transient ListState<Tuple2<String, Long>> recent;
        private transient ReducingState<Long> total;
        private final LongCounter[] entries = new LongCounter[STATES.length];
        private final LongCounter[] sums = new LongCounter[STATES.length];

        @Override
        public void open(Configuration unused) {
            profile = getRuntimeContext().getState(BenchStates.PROFILE);
            counters = getRuntimeContext().getMapState(BenchStates.COUNTERS);
            recent = getRuntimeContext().getListState(BenchStates.RECENT);
            total = getRuntimeContext().getReducingState(BenchStates.TOTAL);
            for (int i = 0; i < STATES.length; i++) {
                entries[i] = new LongCounter();
                sums[i] = new LongCounter();
                getRuntimeContext().addAccumulator("entries " + i, entries[i]);
                getRuntimeContext().addAccumulator("sum " + i, sums[i]);
            }
        }

        @Override
        public void readKey(String key, Context context, Collector<Void> out) throws Exception {
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
        }

        private void count(int state, long sum) {
            entries[state].add(1L);
            sums[state].add(sum);
        }
    }

    public static void main(String[] args) throws Exception {
        StateBackend backend =
                args[1].equals("rocksdb") ? new EmbeddedRocksDBStateBackend() : new HashMapStateBackend();
        int parallelism = Integer.parseInt(args[2]);

        Configuration conf = new Configuration();
        conf.setString("taskmanager.memory.managed.size", "512m");
        conf.setString("rest.bind-port", "0");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(parallelism, conf);
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        env.getConfig().enableObjectReuse();
        SavepointReader.read(env, args[0], backend)
                .readKeyedState(OperatorIdentifier.forUid(BenchStates.UID), new Read(), Types.STRING, Types.VOID)
                .sinkTo(new DiscardingSink<>());
        JobExecutionResult result = env.execute();

        StringBuilder json = new StringBuilder("{\"operators\":[{\"uid\":\"" + BenchStates.UID + "\",\"states\":[");
        for (int i = 0; i < STATES.length; i++) {
            String[] state = STATES[i].split(" ");
            json.append(i == 0 ? "" : ",").append(String.format(
                    "{\"name\":\"%s\",\"kind\":\"%s\",\"entries\":%d,\"sum\":%d}", state[0], state[1],
                    result.<Long>getAccumulatorResult("entries " + i), result.<Long>getAccumulatorResult("sum " + i)));
        }
        System.out.println(json.append("]}]}"));
    }
}
