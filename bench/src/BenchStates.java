import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;

/** The states of the benchmark's one operator, as its writer and its reader both declare them. */
final class BenchStates {
    static final String UID = "profiles";

    static final ValueStateDescriptor<Profile> PROFILE =
            new ValueStateDescriptor<>("profile", Types.POJO(Profile.class));
    static final MapStateDescriptor<String, Long> COUNTERS =
            new MapStateDescriptor<>("counters", Types.STRING, Types.LONG);
    static final ListStateDescriptor<Tuple2<String, Long>> RECENT =
            new ListStateDescriptor<>("recent", Types.TUPLE(Types.STRING, Types.LONG));
    static final ReducingStateDescriptor<Long> TOTAL =
            new ReducingStateDescriptor<>("total", Long::sum, Types.LONG);

    private BenchStates() {}
}
