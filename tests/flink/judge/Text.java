import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.TreeMap;

import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/** Values of Flink's internal form as JSON, as weir run --format ndjson writes them; an outermost row is a list. */
final class Text {
    private Text() {}

    static void put(StringBuilder b, String s) {
        b.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                b.append(String.format("\\u%04x", (int) c));
            } else {
                b.append(c);
            }
        }
        b.append('"');
    }

    static void put(StringBuilder b, RowData row, RowType type, boolean names) {
        b.append(names ? '{' : '[');
        for (int i = 0; i < type.getFieldCount(); i++) {
            b.append(i > 0 ? "," : "");
            if (names) {
                put(b, type.getFieldNames().get(i));
                b.append(':');
            }
            put(b, RowData.createFieldGetter(type.getTypeAt(i), i).getFieldOrNull(row), type.getTypeAt(i));
        }
        b.append(names ? '}' : ']');
    }

    static void put(StringBuilder b, Object v, LogicalType type) {
        if (v == null) {
            b.append("null");
            return;
        }
        switch (type.getTypeRoot()) {
            case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, INTERVAL_YEAR_MONTH, INTERVAL_DAY_TIME -> b.append(v);
            case FLOAT, DOUBLE -> {
                double d = ((Number) v).doubleValue();
                b.append(Double.isNaN(d) || Double.isInfinite(d) ? "\"" + v + "\"" : v);
            }
            case DECIMAL -> {
                BigDecimal d = ((DecimalData) v).toBigDecimal().setScale(((DecimalType) type).getScale());
                b.append('"').append(d.toPlainString()).append('"');
            }
            case BINARY, VARBINARY -> put(b, Base64.getEncoder().encodeToString((byte[]) v));
            case DATE -> put(b, day(LocalDate.ofEpochDay((Integer) v)));
            case TIME_WITHOUT_TIME_ZONE -> {
                int ms = (Integer) v;
                String time = String.format("%02d:%02d:%02d", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60);
                put(b, ms % 1000 == 0 ? time : time + String.format(".%03d", ms % 1000));
            }
            case TIMESTAMP_WITHOUT_TIME_ZONE -> put(b, moment((TimestampData) v, LogicalTypeChecks.getPrecision(type)));
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> put(b, moment((TimestampData) v, LogicalTypeChecks.getPrecision(type)) + "Z");
            case ARRAY -> array(b, (ArrayData) v, type.getChildren().get(0));
            case MAP -> map(b, (MapData) v, type.getChildren().get(0), type.getChildren().get(1));
            case MULTISET -> map(b, (MapData) v, type.getChildren().get(0), new IntType());
            case ROW -> put(b, (RowData) v, (RowType) type, true);
            case RAW -> b.append("null"); // only as the place of a view, whose entries are a state of its own
            default -> put(b, v.toString());
        }
    }

    private static String day(LocalDate d) {
        return String.format("%04d-%02d-%02d", d.getYear() % 10000, d.getMonthValue(), d.getDayOfMonth());
    }

    private static String moment(TimestampData v, int precision) {
        LocalDateTime t = v.toLocalDateTime();
        String fraction = precision == 0 ? "" : "." + String.format("%09d", t.getNano()).substring(0, precision);
        return day(t.toLocalDate()) + String.format(" %02d:%02d:%02d", t.getHour(), t.getMinute(), t.getSecond()) + fraction;
    }

    private static void array(StringBuilder b, ArrayData v, LogicalType type) {
        ArrayData.ElementGetter at = ArrayData.createElementGetter(type);
        b.append('[');
        for (int i = 0; i < v.size(); i++) {
            b.append(i > 0 ? "," : "");
            put(b, at.getElementOrNull(v, i), type);
        }
        b.append(']');
    }

    /** Pairs in the order of their text. */
    private static void map(StringBuilder b, MapData v, LogicalType key, LogicalType value) {
        ArrayData.ElementGetter keys = ArrayData.createElementGetter(key);
        ArrayData.ElementGetter values = ArrayData.createElementGetter(value);
        TreeMap<String, String> pairs = new TreeMap<>();
        for (int i = 0; i < v.size(); i++) {
            StringBuilder k = new StringBuilder();
            StringBuilder pair = new StringBuilder("[");
            put(k, keys.getElementOrNull(v.keyArray(), i), key);
            put(pair.append(k).append(','), values.getElementOrNull(v.valueArray(), i), value);
            pairs.put(k.toString(), pair.append(']').toString());
        }
        b.append('[').append(String.join(",", pairs.values())).append(']');
    }
}
