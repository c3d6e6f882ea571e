package golden;

import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.DefaultOperatorStateBackend;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateHandle;

/** What Flink's own reader makes of a snapshot's metadata, and of the operator state that it names. */
final class Snapshot {
    private final CheckpointMetadata metadata;

    Snapshot(File directory) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(directory.toPath().resolve("_metadata")))) {
            metadata = Checkpoints.loadCheckpointMetadata(
                    in, Snapshot.class.getClassLoader(), directory.toURI().toString());
        }
    }

    /** Tells the list and broadcast states, as each subtask wrote them. */
    void tellOperatorState() throws Exception {
        for (OperatorState operator : metadata.getOperatorStates()) {
            for (int i = 0; i < operator.getParallelism(); i++) {
                OperatorSubtaskState subtask = operator.getState(i);
                if (subtask != null && !subtask.getManagedOperatorState().isEmpty()) {
                    tell(operator, i, subtask);
                }
            }
        }
    }

    private static void tell(OperatorState operator, int index, OperatorSubtaskState subtask) throws Exception {
        DefaultOperatorStateBackend backend = new DefaultOperatorStateBackendBuilder(Snapshot.class.getClassLoader(),
                new ExecutionConfig(), false, new ArrayList<>(subtask.getManagedOperatorState()), new CloseableRegistry())
                .build();
        String label = Golden.label(Shim.uid(operator), operator.getOperatorID());
        for (Map.Entry<?, ?> state : ((Map<?, ?>) Reflect.get(backend, "registeredOperatorStates")).entrySet()) {
            List<String> items = new ArrayList<>();
            for (Object item : ((ListState<?>) state.getValue()).get()) {
                items.add(Json.of(item));
            }
            tell(label, state.getKey(), "OPERATOR_LIST", ",\"mode\":\"" + mode(subtask, state.getKey()) + "\",\"subtask\":"
                    + index + ",\"list\":" + Json.array(items));
        }
        for (Map.Entry<?, ?> state : ((Map<?, ?>) Reflect.get(backend, "registeredBroadcastStates")).entrySet()) {
            Iterable<? extends Map.Entry<?, ?>> entries = ((BroadcastState<?, ?>) state.getValue()).entries();
            // all subtasks have the same
            tell(label, state.getKey(), "BROADCAST", ",\"map\":" + Json.pairs(entries));
        }
        backend.dispose();
    }

    private static String mode(OperatorSubtaskState subtask, Object state) {
        for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
            OperatorStateHandle.StateMetaInfo info = handle.getStateNameToPartitionOffsets().get(state);
            if (info != null) {
                return info.getDistributionMode().name();
            }
        }
        throw new IllegalStateException("no handle for " + state);
    }

    private static void tell(String operator, Object state, String kind, String content) {
        Golden.tell("{\"operator\":" + Json.quote(operator) + ",\"state\":" + Json.quote(state.toString())
                + ",\"kind\":\"" + kind + "\"" + content + "}");
    }
}
