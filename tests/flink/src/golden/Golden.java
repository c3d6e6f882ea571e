package golden;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Runs jobs on a real Flink, takes snapshots of them, has Flink restore each, and writes down what it then holds.
 * Arguments: OUT SEED [NAME...]; makes OUT/NAME/snapshot and OUT/NAME/expected.ndjson for all or the named entries. With
 * --copies in front: has Flink restore what others have written, each OUT/NAME/copies/WHAT-BACKEND, in that backend, and
 * writes OUT/NAME/copies/WHAT-BACKEND.ndjson; where WHAT begins with "refused-", it may refuse, and says why in .refused.
 */
public final class Golden {
    private static final int EVENTS = 15;

    /** An entry: a job, and how its snapshot is taken. The last member is further configuration, "key=value". */
    private static final class Entry {
        final String name;
        final String backend;
        final String kind;
        final String job;
        final int parallelism;
        final int maxParallelism;
        final String[] conf;

        Entry(String backend, String kind, String job, String tag, int parallelism, int maxParallelism, String... conf) {
            this.name = backend + "-" + kind + "-" + job + tag;
            this.backend = backend;
            this.kind = kind;
            this.job = job;
            this.parallelism = parallelism;
            this.maxParallelism = maxParallelism;
            this.conf = conf;
        }

        boolean isCheckpoint() {
            return kind.endsWith("checkpoint") || kind.equals("incremental");
        }
    }

    private static final String COMPRESSED = "execution.checkpointing.snapshot-compression=true";
    private static final String CHANGELOG = "state.backend.changelog.enabled=true";

    private static final List<Entry> ENTRIES = Arrays.asList(
            new Entry("hashmap", "canonical", "types", "", 1, 128),
            new Entry("hashmap", "native", "types", "-compressed", 2, 128, COMPRESSED),
            new Entry("hashmap", "checkpoint", "basic", "-changelog", 2, 128, CHANGELOG),
            new Entry("hashmap", "canonical", "keys", "-p3-maxp720", 3, 720),
            new Entry("hashmap", "checkpoint", "keys", "", 1, 128),
            new Entry("hashmap", "canonical", "lists", "-compressed", 3, 128, COMPRESSED),
            new Entry("rocksdb", "canonical", "types", "-compressed", 2, 128, COMPRESSED),
            new Entry("rocksdb", "native", "types", "", 1, 128),
            new Entry("rocksdb", "canonical", "keys", "", 2, 32768),
            new Entry("rocksdb", "native", "basic", "", 1, 128),
            // a checkpoint: a native savepoint loses such timers, in Flink itself
            new Entry("rocksdb", "incremental", "basic", "-heaptimers", 2, 128,
                    "state.backend.rocksdb.timer-service.factory=HEAP"),
            new Entry("rocksdb", "canonical", "basic", "", 1, 1),
            new Entry("rocksdb", "incremental", "basic", "", 2, 720),
            new Entry("rocksdb", "incremental", "basic", "-changelog", 1, 128, CHANGELOG),
            new Entry("rocksdb", "checkpoint", "lists", "", 2, 128));

    static volatile boolean restoring;
    private static volatile boolean uidsStored;
    private static final TreeSet<String> TOLD = new TreeSet<>();

    private Golden() {}

    /** What the snapshot itself can call an operator: metadata has had uids since version 5. */
    static String label(String uid, OperatorID id) {
        return uidsStored && uid != null ? uid : id.toHexString();
    }

    static void tell(String line) {
        synchronized (TOLD) {
            TOLD.add(line);
        }
    }

    private static Configuration configuration(Entry entry, String backend, File stage) {
        Configuration conf = new Configuration();
        // old and new names of the same
        conf.setString("state.backend", backend);
        conf.setString("state.backend.type", backend);
        conf.setString("state.backend.incremental", String.valueOf(entry.kind.equals("incremental")));
        conf.setString("execution.checkpointing.incremental", String.valueOf(entry.kind.equals("incremental")));
        conf.setString("restart-strategy", "none");
        conf.setString("restart-strategy.type", "none");
        conf.setString("state.checkpoint-storage", "filesystem");
        conf.setString("execution.checkpointing.storage", "filesystem");
        conf.setString("state.checkpoints.dir", stage.toURI().toString());
        conf.setString("execution.checkpointing.dir", stage.toURI().toString());
        conf.setString("state.backend.changelog.storage", "filesystem");
        conf.setString("dstl.dfs.base-path", stage.toURI().toString());
        conf.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        conf.setString("taskmanager.memory.managed.size", "256m");
        conf.setString("rest.bind-port", "0");
        for (String setting : entry.conf) {
            conf.setString(setting.split("=")[0], setting.split("=")[1]);
        }
        return conf;
    }

    private static JobGraph graph(Entry entry, Configuration conf, long seed) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(conf);
        env.setParallelism(entry.parallelism);
        env.setMaxParallelism(entry.maxParallelism);
        Shim.register(env);
        if (!restoring) {
            // never by itself within the life of a job here
            env.enableCheckpointing(24L * 3600 * 1000);
        }
        Jobs.build(env, entry.job, seed);
        return env.getStreamGraph().getJobGraph();
    }

    private static boolean allRunning(MiniCluster flink, JobID job) throws Exception {
        if (flink.getJobStatus(job).get().isGloballyTerminalState()) {
            flink.requestJobResult(job).get().toJobExecutionResult(Golden.class.getClassLoader());
        }
        for (AccessExecutionVertex task : flink.getExecutionGraph(job).get().getAllExecutionVertices()) {
            if (task.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    private static void emit(MiniCluster flink, JobID job, long upTo) throws Exception {
        Numbers.allowed = upTo;
        while (!allRunning(flink, job) || Numbers.EMITTED.get() < upTo) {
            Thread.sleep(20);
        }
    }

    /** The directory with the snapshot's _metadata. */
    private static File take(MiniCluster flink, Entry entry, JobGraph graph, File stage) throws Exception {
        Numbers.EMITTED.set(0);
        Numbers.allowed = 0;
        restoring = false;
        JobID job = flink.submitJob(graph).get().getJobID();
        if (!entry.isCheckpoint()) {
            emit(flink, job, EVENTS);
            return new File(URI.create(flink.stopWithSavepoint(job, stage.getPath(), false,
                    SavepointFormatType.valueOf(entry.kind.toUpperCase())).get(5, TimeUnit.MINUTES)));
        }
        for (int part = 1; part <= 3; part++) {
            emit(flink, job, EVENTS * part / 3);
            flink.triggerCheckpoint(job).get(5, TimeUnit.MINUTES);
        }
        flink.cancelJob(job).get();
        flink.requestJobResult(job).get();
        try (Stream<Path> files = Files.walk(stage.toPath())) {
            // an older one may still be about to be deleted
            return files.filter(file -> file.endsWith("_metadata")).map(Path::getParent)
                    .max(Comparator.comparing(file -> Long.valueOf(file.getFileName().toString().substring("chk-".length()))))
                    .orElseThrow(() -> new IOException("no retained checkpoint")).toFile();
        }
    }

    private static void restore(MiniCluster flink, JobGraph graph, File snapshot) throws Exception {
        Numbers.allowed = -1;
        graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(snapshot.toURI().toString()));
        JobID job = flink.submitJob(graph).get().getJobID();
        flink.requestJobResult(job).get().toJobExecutionResult(Golden.class.getClassLoader());
    }

    private static void delete(File directory) throws IOException {
        if (!directory.exists()) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory.toPath())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
                Files.delete(file);
            }
        }
    }

    /** Flink 1.15 puts the files of a changelog beside the jobs' directories, later ones into the job's. */
    private static void moveLog(Path stage, Path to) throws IOException {
        try (Stream<Path> files = Files.list(stage)) {
            for (Path file : files.filter(Files::isRegularFile).collect(Collectors.toList())) {
                Files.createDirectories(to);
                Files.move(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static MiniCluster cluster(Entry entry, Configuration conf) {
        return new MiniCluster(new MiniClusterConfiguration.Builder().setConfiguration(conf)
                .setNumTaskManagers(1).setNumSlotsPerTaskManager(entry.parallelism).build());
    }

    /** Restores a copy of the entry's snapshot, and writes down what Flink then holds. */
    private static void judge(Entry entry, long seed, File copy) throws Exception {
        File stage = new File(System.getProperty("java.io.tmpdir"), "weir-copies-" + entry.name);
        String backend = copy.getName().substring(copy.getName().lastIndexOf('-') + 1);
        delete(stage);
        Files.createDirectories(stage.toPath());
        TOLD.clear();
        Configuration conf = configuration(entry, backend, stage);
        try (MiniCluster flink = cluster(entry, conf)) {
            flink.start();
            uidsStored = Shim.UIDS_STORED;
            restoring = true;
            restore(flink, graph(entry, conf, seed), copy);
        }
        new Snapshot(copy).tellOperatorState();
        Files.write(Path.of(copy.getPath() + ".ndjson"), TOLD);
        delete(stage);
    }

    /** Writes down why it is not restored, if it is not. */
    private static void judgeRefused(Entry entry, long seed, File copy) throws IOException {
        try {
            judge(entry, seed, copy);
        } catch (Exception e) {
            StringWriter why = new StringWriter();
            e.printStackTrace(new PrintWriter(why));
            Files.write(Path.of(copy.getPath() + ".refused"), List.of(why.toString()));
        }
    }

    private static void judgeAll(File out, long seed) throws Exception {
        for (Entry entry : ENTRIES) {
            File[] copies = new File(out, entry.name + "/copies").listFiles(File::isDirectory);
            if (copies == null) {
                continue;
            }
            for (File copy : copies) {
                // that backend has a table for each key group and state: too many for the memory that a test has
                if (copy.getName().startsWith("refused-")) {
                    judgeRefused(entry, seed, copy);
                } else if (!copy.getName().endsWith("hashmap") || entry.maxParallelism < 32768) {
                    judge(entry, seed, copy);
                }
            }
        }
    }

    private static void make(Entry entry, long seed, File out) throws Exception {
        // checkpoints name shared files by this path, which is why it does not tell of any machine
        File stage = new File(System.getProperty("java.io.tmpdir"), "weir-golden-" + entry.name);
        delete(stage);
        delete(out);
        Files.createDirectories(stage.toPath());
        Files.createDirectories(out.toPath());
        TOLD.clear();
        Configuration conf = configuration(entry, entry.backend, stage);
        File snapshot;
        try (MiniCluster flink = cluster(entry, conf)) {
            flink.start();
            restoring = false;
            snapshot = take(flink, entry, graph(entry, conf, seed), stage);
            uidsStored = Shim.UIDS_STORED;
            restoring = true;
            restore(flink, graph(entry, conf, seed), snapshot);
        }
        new Snapshot(snapshot).tellOperatorState();
        Files.write(out.toPath().resolve("expected.ndjson"), TOLD);
        Path kept = out.toPath().resolve("snapshot");
        Files.move((entry.isCheckpoint() ? snapshot.getParentFile() : snapshot).toPath(), kept);
        moveLog(stage.toPath(), kept.resolve("dstl"));
        delete(stage);
        System.out.println(out.getName() + ": " + TOLD.size() + " lines");
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("--copies")) {
            judgeAll(new File(args[1]), Long.parseLong(args[2]));
            System.exit(0);
        }
        List<String> names = Arrays.asList(args).subList(2, args.length);
        // Flink 1.18 cannot restore compressed operator state itself (FLINK-34063)
        boolean broken = EnvironmentInformation.getVersion().startsWith("1.18.");
        for (Entry entry : ENTRIES) {
            if (broken && entry.name.endsWith("lists-compressed")) {
                continue;
            }
            if (names.isEmpty() || names.contains(entry.name)) {
                make(entry, Long.parseLong(args[1]), new File(args[0], entry.name));
            }
        }
        System.exit(0);
    }
}
