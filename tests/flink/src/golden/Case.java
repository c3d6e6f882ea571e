package golden;

import java.util.function.Function;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** A type with values of it. */
final class Case<T> {
    final String name;
    private final Function<ExecutionConfig, TypeSerializer<T>> serializer;
    private final Function<Rnd, ? extends T> value;
    /** Whether the serializer itself can write a null. */
    final boolean nullable;

    private Case(String name, Function<ExecutionConfig, TypeSerializer<T>> serializer, Function<Rnd, ? extends T> value,
            boolean nullable) {
        this.name = name;
        this.serializer = serializer;
        this.value = value;
        this.nullable = nullable;
    }

    static <T> Case<T> of(String name, TypeInformation<T> type, Function<Rnd, ? extends T> value) {
        return new Case<>(name, config -> Shim.serializer(type, config), value, false);
    }

    static <T> Case<T> of(String name, TypeSerializer<T> serializer, Function<Rnd, ? extends T> value) {
        return new Case<>(name, config -> serializer, value, false);
    }

    Case<T> nullable() {
        return new Case<>(name, serializer, value, true);
    }

    TypeSerializer<T> serializer(ExecutionConfig config) {
        return serializer.apply(config);
    }

    T value(Rnd random) {
        return value.apply(random);
    }
}
