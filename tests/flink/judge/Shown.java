import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.connector.sink.abilities.SupportsPartitioning;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.logical.RowType;

/**
 * Connector 'shown': rows in the JVM's memory, each a line of JSON with the table's name, the kind of change and the values in order (Text). 'to' says whose
 * they are, 'mode' which kinds of changes the table takes; else all that the query has.
 */
public class Shown implements DynamicTableSinkFactory {
    private static final ConfigOption<String> TO = ConfigOptions.key("to").stringType().noDefaultValue();
    private static final ConfigOption<String> TABLE = ConfigOptions.key("table").stringType().noDefaultValue();
    private static final ConfigOption<String> MODE = ConfigOptions.key("mode").stringType().noDefaultValue();
    private static final ConcurrentHashMap<String, List<String>> ROWS = new ConcurrentHashMap<>();

    static List<String> taken(String to) {
        List<String> rows = ROWS.remove(to);
        return rows == null ? List.of() : rows;
    }

    private static void put(String to, String line) {
        ROWS.compute(to, (key, rows) -> {
            List<String> all = rows == null ? new ArrayList<>() : rows;
            all.add(line);
            return all;
        });
    }

    @Override
    public String factoryIdentifier() {
        return "shown";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(TO, TABLE);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(MODE);
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        FactoryUtil.TableFactoryHelper options = FactoryUtil.createTableFactoryHelper(this, context);
        options.validate();
        return new Table(options.getOptions().get(TO), options.getOptions().get(TABLE), options.getOptions().get(MODE),
                (RowType) context.getPhysicalRowDataType().getLogicalType());
    }

    private record Table(String to, String name, String mode, RowType type) implements DynamicTableSink, SupportsPartitioning {
        @Override
        public ChangelogMode getChangelogMode(ChangelogMode requested) {
            return mode == null ? requested : ChangelogJson.mode(mode);
        }

        @Override
        public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
            return SinkV2Provider.of(new Rows(to, name, type));
        }

        @Override
        public void applyStaticPartition(Map<String, String> partition) {}

        @Override
        public DynamicTableSink copy() {
            return this;
        }

        @Override
        public String asSummaryString() {
            return "shown";
        }
    }

    private record Rows(String to, String name, RowType type) implements Sink<RowData> {
        @Override
        public SinkWriter<RowData> createWriter(WriterInitContext context) {
            return new SinkWriter<RowData>() {
                @Override
                public void write(RowData row, Context c) {
                    StringBuilder line = new StringBuilder("{\"sink\":");
                    Text.put(line, name);
                    line.append(",\"op\":\"").append(row.getRowKind().shortString()).append("\",\"row\":");
                    Text.put(line, row, type, false);
                    Shown.put(to, line.append('}').toString());
                }

                @Override
                public void flush(boolean end) {}

                @Override
                public void close() {}
            };
        }
    }
}
