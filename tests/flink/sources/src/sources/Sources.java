package sources;

import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplit;
import org.apache.flink.connector.kafka.dynamic.source.split.DynamicKafkaSourceSplitSerializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.kafka.common.TopicPartition;

/**
 * A job that reads lines of the files in OUT/in, and splits of Kafka. Arguments: make OUT: stops it with a savepoint in the first file,
 * OUT/before. read OUT: has it go on from each OUT/copies/NAME, and writes what it reads then: OUT/copies/NAME.lines.
 */
public final class Sources {
    private static final int LINES_BEFORE = 20;
    static volatile boolean ending;
    private static volatile boolean slow;
    private static final List<String> READ = Collections.synchronizedList(new ArrayList<>());

    private Sources() {}

    static final class Keep implements MapFunction<String, String> {
        private static final long serialVersionUID = 1;

        @Override
        public String map(String line) throws Exception {
            READ.add(line);
            if (slow && READ.size() > LINES_BEFORE) {
                Thread.sleep(50);
            }
            return line;
        }
    }

    private static void add(StreamExecutionEnvironment env, String uid, Source<String, ?, ?> source) {
        env.fromSource(source, WatermarkStrategy.noWatermarks(), uid, Types.STRING).uid(uid)
                .map(new Keep()).uid(uid + "-kept").sinkTo(new DiscardingSink<>()).uid(uid + "-gone");
    }

    private static KafkaPartitionSplit split(String topic, int partition, long offset) {
        return new KafkaPartitionSplit(new TopicPartition(topic, partition), offset);
    }

    private static JobGraph graph(Configuration conf, File in) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(conf);
        env.setParallelism(1);
        add(env, "files", FileSource.forRecordStreamFormat(new TextLineInputFormat(),
                new org.apache.flink.core.fs.Path(in.toURI())).build());
        add(env, "kafka", new Held<>(() -> Arrays.asList(split("orders", 0, 5), split("orders", 1, 6), split("bills", 0, 7)),
                KafkaPartitionSplitSerializer::new));
        add(env, "clusters", new Held<>(() -> Arrays.asList(
                new DynamicKafkaSourceSplit("east", split("orders", 0, 8)),
                new DynamicKafkaSourceSplit("west", split("orders", 1, 9))), DynamicKafkaSourceSplitSerializer::new));
        return env.getStreamGraph().getJobGraph();
    }

    private static void make(MiniCluster flink, Configuration conf, File out) throws Exception {
        slow = true;
        JobID job = flink.submitJob(graph(conf, new File(out, "in"))).get().getJobID();
        while (READ.size() < LINES_BEFORE + 5) {
            Thread.sleep(20);
        }
        String taken = flink.stopWithSavepoint(job, new File(out, "taken").getPath(), false, SavepointFormatType.CANONICAL)
                .get(2, TimeUnit.MINUTES);
        Files.move(new File(URI.create(taken)).toPath(), out.toPath().resolve("before"));
    }

    private static void read(MiniCluster flink, Configuration conf, File out) throws Exception {
        ending = true;
        for (File copy : new File(out, "copies").listFiles(File::isDirectory)) {
            READ.clear();
            JobGraph graph = graph(conf, new File(out, "in"));
            graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(copy.toURI().toString()));
            flink.requestJobResult(flink.submitJob(graph).get().getJobID()).get()
                    .toJobExecutionResult(Sources.class.getClassLoader());
            Files.write(Path.of(copy.getPath() + ".lines"), READ);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("rest.bind-port", "0");
        conf.setString("restart-strategy.type", "none");
        conf.setString("restart-strategy", "none");
        MiniClusterConfiguration cluster = new MiniClusterConfiguration.Builder().setConfiguration(conf)
                .setNumTaskManagers(1).setNumSlotsPerTaskManager(1).build();
        try (MiniCluster flink = new MiniCluster(cluster)) {
            flink.start();
            if (arguments[0].equals("make")) {
                make(flink, conf, new File(arguments[1]));
            } else {
                read(flink, conf, new File(arguments[1]));
            }
        }
        System.exit(0);
    }
}
