import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.contrib.streaming.state.EmbeddedRocksDBStateBackend;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.OperatorTransformation;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.SavepointWriter;
import org.apache.flink.state.api.functions.KeyedStateBootstrapFunction;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;

/**
 * The peer of weir migrate: rewrites a snapshot through Flink's State Processor API, with a field more in the POJO and another
 * maximum parallelism. Arguments: SNAPSHOT OUT hashmap|rocksdb MAXPARALLELISM.
 */
public final class BenchMigrate {
    /** Profile with one field more. */
    public static class Profile2 {
        public long id;
        public int visits;
        public double score;
        public String name;
        public String email;
        public String city;
        public String tier;

        public Profile2() {}
    }

    private static final TypeInformation<Tuple5<String, Profile, Map<String, Long>, List<Tuple2<String, Long>>, Long>> USER =
            Types.TUPLE(Types.STRING, Types.POJO(Profile.class), Types.MAP(Types.STRING, Types.LONG),
                    Types.LIST(Types.TUPLE(Types.STRING, Types.LONG)), Types.LONG);

    private BenchMigrate() {}

    static final class Read extends KeyedStateReaderFunction<
            String, Tuple5<String, Profile, Map<String, Long>, List<Tuple2<String, Long>>, Long>> {
        private transient ValueState<Profile> profile;
        private transient MapState<String, Long> counters;
        private transient ListState<Tuple2<String, Long>> recent;
        private transient ReducingState<Long> total;

        @Override
        public void open(Configuration unused) {
            profile = getRuntimeContext().getState(BenchStates.PROFILE);
            counters = getRuntimeContext().getMapState(BenchStates.COUNTERS);
            recent = getRuntimeContext().getListState(BenchStates.RECENT);
            total = getRuntimeContext().getReducingState(BenchStates.TOTAL);
        }

        @Override
        public void readKey(String key, Context context,
                Collector<Tuple5<String, Profile, Map<String, Long>, List<Tuple2<String, Long>>, Long>> out) throws Exception {
            Map<String, Long> map = new HashMap<>();
            for (Map.Entry<String, Long> entry : counters.entries()) {
                map.put(entry.getKey(), entry.getValue());
            }
            List<Tuple2<String, Long>> list = new ArrayList<>();
            for (Tuple2<String, Long> page : recent.get()) {
                list.add(page);
            }
            Profile p = profile.value();
            Long t = total.get();
            out.collect(Tuple5.of(key, p == null ? new Profile() : p, map, list, t == null ? 0L : t));
        }
    }

    static final class Write extends KeyedStateBootstrapFunction<
            String, Tuple5<String, Profile, Map<String, Long>, List<Tuple2<String, Long>>, Long>> {
        private transient ValueState<Profile2> profile;
        private transient MapState<String, Long> counters;
        private transient ListState<Tuple2<String, Long>> recent;
        private transient ReducingState<Long> total;

        @Override
        public void open(Configuration unused) {
            profile = getRuntimeContext()
                    .getState(new ValueStateDescriptor<>("profile", Types.POJO(Profile2.class)));
            counters = getRuntimeContext().getMapState(BenchStates.COUNTERS);
            recent = getRuntimeContext().getListState(BenchStates.RECENT);
            total = getRuntimeContext().getReducingState(BenchStates.TOTAL);
        }

        @Override
        public void processElement(Tuple5<String, Profile, Map<String, Long>, List<Tuple2<String, Long>>, Long> user,
                Context context) throws Exception {
            Profile2 p = new Profile2();
            p.id = user.f1.id;
            p.visits = user.f1.visits;
            p.score = user.f1.score;
            p.name = user.f1.name;
            p.email = user.f1.email;
            p.city = user.f1.city;
            p.tier = "basic";
            profile.update(p);
            counters.putAll(user.f2);
            recent.update(user.f3);
            total.add(user.f4);
        }
    }

    public static void main(String[] args) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("rest.bind-port", "0");
        // see BenchRead
        conf.setString("state.backend.rocksdb.memory.managed", "false");
        StateBackend backend = args[2].equals("rocksdb")
                ? new EmbeddedRocksDBStateBackend().configure(conf, BenchMigrate.class.getClassLoader())
                : new HashMapStateBackend();

        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, conf);
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        env.getConfig().enableObjectReuse();
        DataStream<Tuple5<String, Profile, Map<String, Long>, List<Tuple2<String, Long>>, Long>> users =
                SavepointReader.read(env, args[0], backend)
                        .readKeyedState(OperatorIdentifier.forUid(BenchStates.UID), new Read(), Types.STRING, USER);
        SavepointWriter.newSavepoint(env, backend, Integer.parseInt(args[3]))
                .withOperator(OperatorIdentifier.forUid(BenchStates.UID),
                        OperatorTransformation.bootstrapWith(users).keyBy(user -> user.f0, Types.STRING)
                                .transform(new Write()))
                .write(args[1]);
        env.execute();
    }
}
