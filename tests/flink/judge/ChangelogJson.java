import java.io.IOException;
import java.util.Set;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.Projection;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.ProjectableDecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;
import org.apache.flink.types.RowKind;

/**
 * Format 'changelog-json', which weir has and Flink has not: a line is an object with "data", the row as Flink's format json has it, and "op", the kind of
 * change. 'changelog-mode' lists the kinds that there are.
 */
public class ChangelogJson implements DeserializationFormatFactory {
    private static final ConfigOption<String> MODE = ConfigOptions.key("changelog-mode").stringType().defaultValue("I,UB,UA,D");

    static ChangelogMode mode(String kinds) {
        ChangelogMode.Builder b = ChangelogMode.newBuilder();
        for (String kind : kinds.split("\\s*,\\s*")) {
            switch (kind) {
                case "I" -> b.addContainedKind(RowKind.INSERT);
                case "UB" -> b.addContainedKind(RowKind.UPDATE_BEFORE);
                case "UA" -> b.addContainedKind(RowKind.UPDATE_AFTER);
                case "D" -> b.addContainedKind(RowKind.DELETE);
                case "DK" -> b.addContainedKind(RowKind.DELETE).keyOnlyDeletes(true);
                default -> throw new IllegalArgumentException("no kind of change: " + kind);
            }
        }
        return b.build();
    }

    private static RowKind kind(String text) {
        for (RowKind kind : RowKind.values()) {
            if (kind.shortString().equals(text)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of change: " + text);
    }

    @Override
    public String factoryIdentifier() {
        return "changelog-json";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(MODE);
    }

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(DynamicTableFactory.Context context, ReadableConfig options) {
        DecodingFormat<DeserializationSchema<RowData>> json =
                FactoryUtil.discoverFactory(context.getClassLoader(), DeserializationFormatFactory.class, "json")
                        .createDecodingFormat(context, new Configuration());
        return new Format((ProjectableDecodingFormat<DeserializationSchema<RowData>>) json, mode(options.get(MODE)));
    }

    private record Format(ProjectableDecodingFormat<DeserializationSchema<RowData>> json, ChangelogMode mode)
            implements ProjectableDecodingFormat<DeserializationSchema<RowData>> {
        @Override
        public DeserializationSchema<RowData> createRuntimeDecoder(DynamicTableSource.Context context, DataType type, int[][] projections) {
            DataType row = Projection.of(projections).project(type);
            DataType line = DataTypes.ROW(DataTypes.FIELD("data", row), DataTypes.FIELD("op", DataTypes.STRING())).notNull();
            return new Lines(json.createRuntimeDecoder(context, line), context.createTypeInformation(row), row.getChildren().size());
        }

        @Override
        public ChangelogMode getChangelogMode() {
            return mode;
        }
    }

    private record Lines(DeserializationSchema<RowData> json, TypeInformation<RowData> type, int fields) implements DeserializationSchema<RowData> {
        @Override
        public void open(InitializationContext context) throws Exception {
            json.open(context);
        }

        @Override
        public RowData deserialize(byte[] line) throws IOException {
            RowData change = json.deserialize(line);
            RowData row = change.getRow(0, fields);
            row.setRowKind(kind(change.getString(1).toString()));
            return row;
        }

        @Override
        public boolean isEndOfStream(RowData row) {
            return false;
        }

        @Override
        public TypeInformation<RowData> getProducedType() {
            return type;
        }
    }
}
