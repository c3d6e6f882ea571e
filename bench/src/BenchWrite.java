import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;
import org.apache.flink.util.Collector;

/**
 * Runs a job on a real Flink with the RocksDB backend and takes two savepoints of one and the same
 * state from it: KEYS OUT writes OUT-canonical and OUT-native.
 */
public final class BenchWrite {
    private static final int PARALLELISM = 2;
    /** Each key is seen in so many rounds, so that lists and maps grow over time as they do in a real job. */
    private static final int ROUNDS = 3;

    private static final AtomicInteger DONE = new AtomicInteger();
    private static final String[] CITIES = {
        "Berlin", "Zürich", "São Paulo", "San Francisco", "東京", "Kraków", "Lagos", "Mumbai"
    };

    private BenchWrite() {}

    /** A number that looks random, and is the same in every run. */
    static long mix(long x) {
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }

    static final class Keys extends RichParallelSourceFunction<Tuple2<Integer, Long>> {
        private final long keys;
        private volatile boolean running = true;

        Keys(long keys) {
            this.keys = keys;
        }

        @Override
        public void run(SourceContext<Tuple2<Integer, Long>> out) throws Exception {
            int step = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
            int first = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
            for (int round = 0; round < ROUNDS; round++) {
                for (long key = first; key < keys && running; key += step) {
                    synchronized (out.getCheckpointLock()) {
                        out.collect(Tuple2.of(round, key));
                    }
                }
            }
            DONE.incrementAndGet();
            while (running) {
                Thread.sleep(20);
            }
        }

        @Override
        public void cancel() {
            running = false;
        }
    }

    static final class Update extends KeyedProcessFunction<String, Tuple2<Integer, Long>, Void> {
        private transient ValueState<Profile> profile;
        private transient MapState<String, Long> counters;
        private transient ListState<Tuple2<String, Long>> recent;
        private transient ReducingState<Long> total;

        @Override
        public void open(OpenContext context) {
            profile = getRuntimeContext().getState(BenchStates.PROFILE);
            counters = getRuntimeContext().getMapState(BenchStates.COUNTERS);
            recent = getRuntimeContext().getListState(BenchStates.RECENT);
            total = getRuntimeContext().getReducingState(BenchStates.TOTAL);
        }

        @Override
        public void processElement(Tuple2<Integer, Long> event, Context context, Collector<Void> out)
                throws Exception {
            long random = mix(event.f1 * ROUNDS + event.f0);
            if (event.f0 != 1) {
                Profile p = new Profile();
                p.id = mix(event.f1);
                p.visits = event.f0 + (int) (random & 1023);
                p.score = (random >> 20) / 1024.0;
                p.name = "user " + Long.toString(random >>> 24, 36);
                p.email = Long.toHexString(random >>> 8) + "@example.org";
                p.city = (random & 31) == 0 ? null : CITIES[(int) (random >>> 61)];
                profile.update(p);
            }
            for (long n = random & 3; n > 0; n--) {
                counters.put("feature-" + (mix(random + n) & 15), random >> n);
            }
            for (long n = (random >>> 2) & 3; n > 0; n--) {
                recent.add(Tuple2.of("page/" + Long.toString(mix(random - n) >>> 40, 36), random >>> n));
            }
            total.add(random >> 8);
        }
    }

    private static boolean allRunning(MiniCluster flink, JobID job) throws Exception {
        for (AccessExecutionVertex task : flink.getExecutionGraph(job).get().getAllExecutionVertices()) {
            if (task.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    private static void move(String savepoint, String to) throws Exception {
        Path from = new File(new java.net.URI(savepoint)).toPath();
        Path target = new File(to).toPath();
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.delete(from);
    }

    public static void main(String[] args) throws Exception {
        long keys = Long.parseLong(args[0]);
        String out = new File(args[1]).getAbsolutePath();

        Configuration conf = new Configuration();
        conf.setString("state.backend.type", "rocksdb");
        conf.setString("execution.checkpointing.incremental", "true");
        conf.setString("execution.checkpointing.storage", "filesystem");
        conf.setString("execution.checkpointing.dir", new File(out + ".tmp").toURI().toString());
        conf.setString("taskmanager.memory.managed.size", "1g");
        conf.setString("rest.bind-port", "0");
        MiniClusterConfiguration cluster = new MiniClusterConfiguration.Builder()
                .setConfiguration(conf).setNumTaskManagers(1).setNumSlotsPerTaskManager(PARALLELISM).build();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(conf);
        env.setParallelism(PARALLELISM);
        env.setMaxParallelism(128);
        env.getConfig().enableObjectReuse();
        env.addSource(new Keys(keys), Types.TUPLE(Types.INT, Types.LONG)).uid("keys")
                .keyBy(event -> "user-" + Long.toString(mix(event.f1) >>> 1, 36), Types.STRING)
                .process(new Update(), Types.VOID).uid(BenchStates.UID).name(BenchStates.UID)
                .sinkTo(new DiscardingSink<>());

        try (MiniCluster flink = new MiniCluster(cluster)) {
            flink.start();
            JobID job = flink.submitJob(env.getStreamGraph().getJobGraph()).get().getJobID();
            while (DONE.get() < PARALLELISM || !allRunning(flink, job)) {
                Thread.sleep(50);
                if (flink.getJobStatus(job).get().isGloballyTerminalState()) {
                    flink.requestJobResult(job).get().toJobExecutionResult(BenchWrite.class.getClassLoader());
                }
            }
            // a savepoint travels behind the records, so it sees all of them
            move(flink.triggerSavepoint(job, out + ".tmp", false, SavepointFormatType.CANONICAL)
                    .get(30, TimeUnit.MINUTES), out + "-canonical");
            move(flink.stopWithSavepoint(job, out + ".tmp", false, SavepointFormatType.NATIVE)
                    .get(30, TimeUnit.MINUTES), out + "-native");
        }
        try (Stream<Path> left = Files.walk(new File(out + ".tmp").toPath())) {
            for (Path file : (Iterable<Path>) left.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
