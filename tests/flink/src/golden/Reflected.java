package golden;

import org.apache.avro.reflect.Nullable;

/** What Avro writes by reflection. */
public class Reflected {
    public long id;
    @Nullable public String name;
    public java.util.List<Integer> numbers;
}
