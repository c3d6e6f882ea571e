package changes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** A job before or after a change: its states, each with what it holds. */
public abstract class Side {
    enum Kind { VALUE, LIST, MAP, OPERATOR_LIST, UNION, BROADCAST }

    static final class Entry {
        final Kind kind;
        final String name;
        final TypeInformation<?> keys;
        final TypeInformation<?> type;
        final Object userKey;
        final Object[] values;

        Entry(Kind kind, String name, TypeInformation<?> keys, TypeInformation<?> type, Object userKey, Object... values) {
            this.kind = kind;
            this.name = name;
            this.keys = keys;
            this.type = type;
            this.userKey = userKey;
            this.values = values;
        }
    }

    final List<Entry> entries = new ArrayList<>();
    final List<Class<?>> kryo = new ArrayList<>();
    final Map<Class<?>, Class<?>> kryoBy = new LinkedHashMap<>();
    final List<Class<?>> pojos = new ArrayList<>();
    TypeInformation<?> keyType = Types.LONG;
    Object key = 42L;
    boolean ttl;
    String name = "s";

    public abstract void declare() throws Exception;

    protected static <T> TypeInformation<T> of(Class<T> cls) {
        return TypeInformation.of(cls);
    }

    protected void key(TypeInformation<?> type, Object value) {
        keyType = type;
        key = value;
    }

    protected void value(TypeInformation<?> type, Object value) {
        entries.add(new Entry(Kind.VALUE, name, null, type, null, value));
    }

    /** A state in which nothing is. */
    protected void value(TypeInformation<?> type) {
        entries.add(new Entry(Kind.VALUE, name, null, type, null));
    }

    protected void list(TypeInformation<?> type, Object... values) {
        entries.add(new Entry(Kind.LIST, name, null, type, null, values));
    }

    protected void map(TypeInformation<?> keys, TypeInformation<?> type, Object userKey, Object value) {
        entries.add(new Entry(Kind.MAP, name, keys, type, userKey, value));
    }

    protected void operatorList(TypeInformation<?> type, Object... values) {
        entries.add(new Entry(Kind.OPERATOR_LIST, name, null, type, null, values));
    }

    protected void union(TypeInformation<?> type, Object... values) {
        entries.add(new Entry(Kind.UNION, name, null, type, null, values));
    }

    protected void broadcast(TypeInformation<?> keys, TypeInformation<?> type, Object userKey, Object value) {
        entries.add(new Entry(Kind.BROADCAST, name, keys, type, userKey, value));
    }

    /** What the states behind it are called. */
    protected void name(String given) {
        name = given;
    }

    protected void ttl() {
        ttl = true;
    }

    protected void kryo(Class<?> cls) {
        kryo.add(cls);
    }

    protected void kryo(Class<?> cls, Class<?> serializer) {
        kryoBy.put(cls, serializer);
    }

    protected void pojo(Class<?> cls) {
        pojos.add(cls);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    void configure(SerializerConfigImpl config) {
        kryo.forEach(config::registerKryoType);
        kryoBy.forEach((cls, serializer) -> config.registerTypeWithKryoSerializer((Class) cls, (Class) serializer));
        pojos.forEach(config::registerPojoType);
    }
}
