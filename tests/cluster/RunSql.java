import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * RunSql PORT FILE...: submits each file as one job of the cluster whose REST port that is. A statement ends with ";" at the end of a
 * line, "--" begins a comment. "SET key = value" lines stand first; all INSERTs of a file are one job. Prints "ID NAME" of each.
 */
public class RunSql {
    public static void main(String[] args) throws Exception {
        int status = 0;
        try {
            for (String file : Arrays.asList(args).subList(1, args.length)) {
                submit(args[0], Files.readString(Path.of(file)));
            }
        } catch (Throwable t) {
            t.printStackTrace();
            status = 1;
        }
        System.out.flush();
        System.exit(status); // some releases leave threads behind
    }

    private static void submit(String port, String text) {
        String[] statements = text.replaceAll("(?m)--.*$", "").trim().split(";\\s*(\\R|$)");
        Configuration conf = new Configuration();
        conf.setString("execution.target", "remote");
        conf.setString("execution.attached", "false");
        conf.setString("rest.address", "127.0.0.1");
        conf.setString("rest.port", port);
        for (String s : statements) {
            if (s.trim().startsWith("SET ")) {
                String[] pair = s.trim().substring(4).split("=", 2);
                conf.setString(pair[0].trim(), pair[1].trim());
            }
        }
        StreamTableEnvironment tables = StreamTableEnvironment.create(new StreamExecutionEnvironment(conf));
        tables.getConfig().addConfiguration(conf);
        tables.createTemporarySystemFunction("nap", Nap.class);
        StatementSet inserts = tables.createStatementSet();
        for (String s : statements) {
            if (s.trim().startsWith("INSERT ")) {
                inserts.addInsertSql(s);
            } else if (!s.trim().startsWith("SET ")) {
                tables.executeSql(s);
            }
        }
        System.out.println(inserts.execute().getJobClient().get().getJobID() + " " + conf.toMap().get("pipeline.name"));
    }
}
