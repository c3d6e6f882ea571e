package changes;

import java.util.Arrays;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.scala.typeutils.CaseClassTypeInfo;
import org.apache.flink.api.scala.typeutils.ScalaCaseClassSerializer;
import scala.Tuple2;
import scala.collection.JavaConverters;

/** What the macro of Flink's Scala API makes of a pair. */
@SuppressWarnings({"unchecked", "rawtypes"})
public final class ScalaPair extends CaseClassTypeInfo<Tuple2> {
    private static final long serialVersionUID = 1;

    private final transient TypeInformation<?>[] fields;

    public ScalaPair(TypeInformation<?>... fields) {
        super(Tuple2.class, new TypeInformation<?>[0], JavaConverters.asScalaBuffer((java.util.List) Arrays.asList(fields)).toSeq(),
                JavaConverters.asScalaBuffer(Arrays.asList("_1", "_2")).toSeq());
        this.fields = fields;
    }

    @Override
    public TypeSerializer<Tuple2> createSerializer(ExecutionConfig config) {
        TypeSerializer<?>[] each = new TypeSerializer<?>[fields.length];
        for (int i = 0; i < each.length; i++) {
            each[i] = fields[i].createSerializer(config.getSerializerConfig());
        }
        return new ScalaCaseClassSerializer<>(Tuple2.class, each);
    }
}
