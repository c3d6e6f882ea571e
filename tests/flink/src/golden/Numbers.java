package golden;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A source of the numbers from 0 on, as far as {@link #allowed}, and then idle. One reader is expected. */
public final class Numbers implements Source<Long, Numbers.At, Void>, ResultTypeQueryable<Long> {
    private static final long serialVersionUID = 1;

    /** The cluster runs in this process, so its valve can be a static. Less than 0: the source ends at once. */
    static volatile long allowed;
    static final AtomicLong EMITTED = new AtomicLong();

    /** The reader's position, so that it has state as real sources do. */
    public static final class At implements SourceSplit {
        final long next;

        At(long next) {
            this.next = next;
        }

        @Override
        public String splitId() {
            return "numbers";
        }
    }

    @Override
    public TypeInformation<Long> getProducedType() {
        return Types.LONG;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Long, At> createReader(SourceReaderContext context) {
        return new Reader();
    }

    private static final class Reader implements SourceReader<Long, At> {
        private long next;

        @Override
        public void start() {}

        @Override
        public InputStatus pollNext(ReaderOutput<Long> out) {
            if (allowed < 0) {
                return InputStatus.END_OF_INPUT;
            }
            if (next >= allowed) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            out.collect(next++);
            EMITTED.incrementAndGet();
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return next < allowed || allowed < 0
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS));
        }

        @Override
        public List<At> snapshotState(long checkpoint) {
            return Collections.singletonList(new At(next));
        }

        @Override
        public void addSplits(List<At> splits) {
            next = splits.get(0).next;
        }

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }

    /** Nothing is left to hand out. */
    private static final class Enumerator implements SplitEnumerator<At, Void> {
        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {}

        @Override
        public void addSplitsBack(List<At> splits, int subtask) {}

        @Override
        public void addReader(int subtask) {}

        @Override
        public Void snapshotState(long checkpoint) {
            return null;
        }

        @Override
        public void close() {}
    }

    @Override
    public SplitEnumerator<At, Void> createEnumerator(SplitEnumeratorContext<At> context) {
        return new Enumerator();
    }

    @Override
    public SplitEnumerator<At, Void> restoreEnumerator(SplitEnumeratorContext<At> context, Void none) {
        return new Enumerator();
    }

    @Override
    public SimpleVersionedSerializer<At> getSplitSerializer() {
        return new SimpleVersionedSerializer<At>() {
            @Override
            public int getVersion() {
                return 7;
            }

            @Override
            public byte[] serialize(At at) {
                return Long.toString(at.next).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            }

            @Override
            public At deserialize(int version, byte[] bytes) {
                return new At(Long.parseLong(new String(bytes, java.nio.charset.StandardCharsets.US_ASCII)));
            }
        };
    }

    @Override
    public SimpleVersionedSerializer<Void> getEnumeratorCheckpointSerializer() {
        return new SimpleVersionedSerializer<Void>() {
            @Override
            public int getVersion() {
                return 1;
            }

            @Override
            public byte[] serialize(Void none) {
                return new byte[0];
            }

            @Override
            public Void deserialize(int version, byte[] bytes) {
                return null;
            }
        };
    }
}
