import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableDescriptor;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.catalog.Column;

/**
 * Judge THREADS SECONDS: real Flink for many scripts, in one JVM with one mini cluster. A line of standard input is a directory; its script.sql has SET, DDL, and
 * EXECUTE PLAN or a query (the last statement). What its tables of connector 'shown' (Shown), or the query, have shown goes to DIR/shown, or why not
 * to DIR/why, and the columns of the query with their types to DIR/columns; then DIR is printed.
 */
public class Judge {
    public static void main(String[] args) throws Exception {
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> {
            e.printStackTrace();
            System.exit(1); // threads of a cluster that has failed would keep the JVM
        });
        ExecutorService pool = Executors.newFixedThreadPool(Integer.parseInt(args[0]));
        long seconds = Long.parseLong(args[1]);
        PrintStream out = System.out;
        System.setOut(System.err);
        MiniCluster cluster = cluster(2 * Integer.parseInt(args[0]));
        URI rest = cluster.getRestAddress().get();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String dir; (dir = in.readLine()) != null;) {
            String d = dir;
            pool.submit(() -> {
                judge(d, rest, seconds);
                out.println(d);
                out.flush();
            });
        }
        pool.shutdown();
        pool.awaitTermination(1, TimeUnit.HOURS);
        System.exit(0);
    }

    private static MiniCluster cluster(int slots) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("rest.bind-port", "0");
        conf.setString("rest.address", "localhost");
        conf.setString("taskmanager.memory.network.min", "64m");
        conf.setString("taskmanager.memory.network.max", "64m");
        conf.setString("taskmanager.memory.managed.size", "64m");
        MiniCluster cluster = new MiniCluster(
                new MiniClusterConfiguration.Builder().setConfiguration(conf).setNumTaskManagers(1).setNumSlotsPerTaskManager(slots).build());
        cluster.start();
        return cluster;
    }

    private static void judge(String dir, URI rest, long seconds) {
        try {
            Configuration conf = new Configuration();
            conf.setString("execution.target", "remote");
            conf.setString("rest.address", rest.getHost());
            conf.setString("rest.port", String.valueOf(rest.getPort()));
            conf.setString("restart-strategy.type", "none");
            conf.setString("parallelism.default", "1");
            conf.setString("table.local-time-zone", "UTC");
            TableResult job = begin(dir, conf);
            if (job != null && !ended(job, seconds)) {
                job.getJobClient().get().cancel().get();
                throw new TimeoutException("not over after " + seconds + " s");
            }
            Files.write(Path.of(dir, "shown"), Shown.taken(dir));
        } catch (Throwable t) {
            write(dir, t);
        }
    }

    /** The job of the last statement. */
    private static TableResult begin(String dir, Configuration conf) throws Exception {
        List<String> statements = new ArrayList<>();
        for (String s : Files.readString(Path.of(dir, "script.sql")).split(";\\s*(\\R|$)")) {
            String statement = s.replaceAll("(?m)^--.*$", "").trim();
            if (statement.startsWith("SET ")) {
                String[] pair = statement.substring(4).split("=", 2);
                conf.setString(pair[0].trim().replace("'", ""), pair[1].trim().replace("'", ""));
            } else if (!statement.isEmpty()) {
                statements.add(statement);
            }
        }
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.newInstance().withConfiguration(conf).build());
        TableResult job = null;
        for (String statement : statements) {
            if (statement.startsWith("SELECT") || statement.startsWith("WITH")) {
                Table query = tables.sqlQuery(statement);
                List<String> columns = new ArrayList<>();
                for (Column c : query.getResolvedSchema().getColumns()) {
                    columns.add("`" + c.getName() + "` " + c.getDataType().getLogicalType().asSerializableString());
                }
                Files.write(Path.of(dir, "columns"), columns);
                job = query.insertInto(TableDescriptor.forConnector("shown").option("to", dir).option("table", "").build()).execute();
            } else {
                job = tables.executeSql(statement);
            }
        }
        return job;
    }

    private static boolean ended(TableResult job, long seconds) throws Exception {
        try {
            job.await(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static void write(String dir, Throwable t) {
        StringBuilder why = new StringBuilder();
        for (Throwable c = t; c != null; c = c.getCause()) {
            why.append(c).append('\n');
        }
        try {
            Files.writeString(Path.of(dir, "why"), why);
        } catch (Exception e) {
            e.printStackTrace();
        }
    }
}
