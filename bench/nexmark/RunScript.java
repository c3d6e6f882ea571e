import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** RunScript FILE...: the statements of each file, in this process, at parallelism 1, until its last one's job is over. Says "== FILE" before. */
public class RunScript {
    public static void main(String[] args) throws Exception {
        int status = 0;
        for (String file : args) {
            System.out.println("== " + file);
            try {
                run(Files.readString(Path.of(file)));
            } catch (Exception e) {
                e.printStackTrace();
                status = 1;
            }
        }
        System.out.flush();
        System.exit(status);
    }

    private static void run(String script) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("parallelism.default", "1");
        conf.setString("table.local-time-zone", "UTC");
        StreamTableEnvironment tables = StreamTableEnvironment.create(StreamExecutionEnvironment.getExecutionEnvironment(conf));
        TableResult last = null;
        for (String s : script.replaceAll("(?m)^--.*$", "").trim().split(";\\s*(\\R|$)")) {
            last = tables.executeSql(s);
        }
        last.await();
    }
}
