package sources;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Splits of a connector whose server is not there: they are handed out to the one reader, kept by the connector's own serializer, and each
 * is told once, which is where the connector would begin to read. Then the source is idle until {@link Sources#ending}.
 */
final class Held<S extends SourceSplit> implements Source<String, S, Integer> {
    private static final long serialVersionUID = 1;
    private final SerializableSupplier<List<S>> splits;
    private final SerializableSupplier<SimpleVersionedSerializer<S>> serializer;

    interface SerializableSupplier<T> extends java.util.function.Supplier<T>, java.io.Serializable {}

    Held(SerializableSupplier<List<S>> splits, SerializableSupplier<SimpleVersionedSerializer<S>> serializer) {
        this.splits = splits;
        this.serializer = serializer;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<String, S> createReader(SourceReaderContext context) {
        return new SourceReader<String, S>() {
            private final List<S> mine = new ArrayList<>();
            private int told;

            @Override
            public void start() {}

            @Override
            public InputStatus pollNext(ReaderOutput<String> out) {
                if (told < mine.size()) {
                    out.collect(mine.get(told++).toString());
                    return InputStatus.MORE_AVAILABLE;
                }
                return Sources.ending && !mine.isEmpty() ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
            }

            @Override
            public CompletableFuture<Void> isAvailable() {
                return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS));
            }

            @Override
            public List<S> snapshotState(long checkpoint) {
                return mine;
            }

            @Override
            public void addSplits(List<S> more) {
                mine.addAll(more);
            }

            @Override
            public void notifyNoMoreSplits() {}

            @Override
            public void close() {}
        };
    }

    private SplitEnumerator<S, Integer> enumerator(SplitEnumeratorContext<S> context, boolean fresh) {
        return new SplitEnumerator<S, Integer>() {
            @Override
            public void start() {}

            @Override
            public void handleSplitRequest(int subtask, String host) {}

            @Override
            public void addSplitsBack(List<S> splits, int subtask) {}

            @Override
            public void addReader(int subtask) {
                if (fresh) {
                    context.assignSplits(new org.apache.flink.api.connector.source.SplitsAssignment<>(
                            Collections.singletonMap(subtask, splits.get())));
                }
            }

            @Override
            public Integer snapshotState(long checkpoint) {
                return 0;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public SplitEnumerator<S, Integer> createEnumerator(SplitEnumeratorContext<S> context) {
        return enumerator(context, true);
    }

    @Override
    public SplitEnumerator<S, Integer> restoreEnumerator(SplitEnumeratorContext<S> context, Integer state) {
        return enumerator(context, false);
    }

    @Override
    public SimpleVersionedSerializer<S> getSplitSerializer() {
        return serializer.get();
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new SimpleVersionedSerializer<Integer>() {
            @Override
            public int getVersion() {
                return 3;
            }

            @Override
            public byte[] serialize(Integer state) {
                return new byte[] {state.byteValue()};
            }

            @Override
            public Integer deserialize(int version, byte[] bytes) {
                return (int) bytes[0];
            }
        };
    }
}
