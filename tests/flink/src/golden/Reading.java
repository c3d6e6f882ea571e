package golden;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/** An Avro specific record, as Avro's compiler would make it. */
public class Reading extends SpecificRecordBase {
    public static final Schema SCHEMA$ = new Schema.Parser().parse(
            "{\"type\":\"record\",\"name\":\"Reading\",\"namespace\":\"golden\",\"fields\":["
                    + "{\"name\":\"id\",\"type\":\"long\"},"
                    + "{\"name\":\"unit\",\"type\":[\"null\",\"string\"]},"
                    + "{\"name\":\"value\",\"type\":\"double\"},"
                    + "{\"name\":\"labels\",\"type\":{\"type\":\"array\",\"items\":\"string\"}}]}");

    private long id;
    private CharSequence unit;
    private double value;
    private List<CharSequence> labels;

    @Override
    public Schema getSchema() {
        return SCHEMA$;
    }

    @Override
    public Object get(int field) {
        return field == 0 ? (Object) id : field == 1 ? unit : field == 2 ? (Object) value : labels;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void put(int field, Object to) {
        switch (field) {
            case 0: id = (Long) to; break;
            case 1: unit = (CharSequence) to; break;
            case 2: value = (Double) to; break;
            default: labels = (List<CharSequence>) to;
        }
    }
}
