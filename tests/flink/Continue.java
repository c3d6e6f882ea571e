import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Continue: each line of standard input is a directory, which has continue.sql, whose last statement is EXECUTE PLAN, and a savepoint; the job begins with that and goes to the end of its
 * input. What its tables (connector print) show goes to DIR/shown, or why not to DIR/why.
 */
public class Continue {
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String dir; (dir = in.readLine()) != null;) {
            try (PrintStream shown = new PrintStream(dir + "/shown")) {
                System.setOut(shown);
                run(dir);
            } catch (Throwable t) {
                StringBuilder why = new StringBuilder();
                for (Throwable c = t; c != null; c = c.getCause()) {
                    why.append(c).append('\n');
                }
                Files.writeString(Path.of(dir, "why"), why.toString());
            }
            System.setOut(out);
        }
        System.exit(0);
    }

    private static void run(String dir) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("execution.state-recovery.path", dir + "/savepoint");
        conf.setString("execution.state-recovery.ignore-unclaimed-state", "true");
        conf.setString("restart-strategy.type", "none");
        conf.setString("parallelism.default", "1");
        StreamTableEnvironment tables = StreamTableEnvironment.create(StreamExecutionEnvironment.createLocalEnvironment(1, conf));
        tables.getConfig().addConfiguration(conf);
        for (String s : Files.readString(Path.of(dir, "continue.sql")).split(";\\s*(\\R|$)")) {
            String statement = s.replaceAll("(?m)^--.*$", "").trim();
            if (statement.startsWith("EXECUTE")) {
                tables.executeSql(statement).await();
            } else if (statement.startsWith("SET ")) {
                String[] pair = statement.substring(4).split("=", 2);
                tables.getConfig().set(pair[0].trim().replace("'", ""), pair[1].trim().replace("'", ""));
            } else if (!statement.isEmpty()) {
                tables.executeSql(statement);
            }
        }
    }
}
