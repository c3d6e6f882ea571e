package changes;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.LogicalType;

/** Rows as SQL's operators hold them. */
public final class Sql {
    private Sql() {}

    public static TypeInformation<RowData> type(LogicalType... fields) {
        return InternalTypeInfo.ofFields(fields);
    }

    public static RowData row(Object... fields) {
        GenericRowData row = new GenericRowData(fields.length);
        for (int i = 0; i < fields.length; i++) {
            row.setField(i, fields[i] instanceof String ? StringData.fromString((String) fields[i]) : fields[i]);
        }
        return row;
    }
}
