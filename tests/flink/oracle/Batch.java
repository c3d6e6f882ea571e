package zoo;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import zoo.core.Json;
import zoo.core.Params;
import zoo.core.Runner;

/** What the oracle's RestoreCheck does, for many snapshots in one JVM: lines of SNAPSHOT, PARAMS, BACKEND and OUT with tabs between them. */
public class Batch {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Paths.get(arguments[1]))) {
            String[] told = line.split("\t");
            Params params = new Params();
            params.m.putAll(Params.load(new File(told[1])).m);
            params.set("backend", told[2]);
            try {
                Object held = Runner.expected(params, new File(told[0]), arguments[0], "flink-restore", false);
                write(told[3], Json.pretty(held));
            } catch (Throwable fault) {
                StringWriter text = new StringWriter();
                fault.printStackTrace(new PrintWriter(text));
                write(told[3] + ".refused", text.toString());
            }
        }
        System.exit(0);
    }

    private static void write(String name, String text) throws Exception {
        Path whole = Paths.get(name), part = Paths.get(name + ".part");
        Files.write(part, text.getBytes(StandardCharsets.UTF_8));
        Files.move(part, whole);
    }
}
