/* The cluster, its JobManager and task managers, and what is told of a job beside it. */
#include <stdlib.h>
#include <string.h>

#include "live/shape.h"

static const struct shape_field features[] = {
    BOOL(live_features, web_submit, "web-submit"),
    BOOL(live_features, web_cancel, "web-cancel"),
    BOOL(live_features, web_rescale, "web-rescale"),
    BOOL(live_features, web_history, "web-history"),
    SHAPE_END,
};
static const struct shape shape_features = {.size = sizeof(struct live_features), .fields = features};

static const struct shape_field config[] = {
    SPAN(live_config, refresh_interval_ms, "refresh-interval"),
    TEXT(live_config, timezone_name, "timezone-name"),
    INT(live_config, timezone_offset_ms, "timezone-offset"),
    TEXT(live_config, flink_version, "flink-version"),
    TEXT(live_config, flink_revision, "flink-revision"),
    STRUCT(live_config, features, &shape_features, "features"),
    SHAPE_END,
};
const struct shape shape_live_config = {.size = sizeof(struct live_config), .fields = config, .essential = true};

static const struct shape_field overview[] = {
    SPAN(live_overview, taskmanagers, "taskmanagers"),
    SPAN(live_overview, taskmanagers_blocked, "taskmanagers-blocked"),
    SPAN(live_overview, slots_total, "slots-total"),
    SPAN(live_overview, slots_available, "slots-available"),
    SPAN(live_overview, slots_free_and_blocked, "slots-free-and-blocked"),
    SPAN(live_overview, jobs_running, "jobs-running"),
    SPAN(live_overview, jobs_finished, "jobs-finished"),
    SPAN(live_overview, jobs_cancelled, "jobs-cancelled"),
    SPAN(live_overview, jobs_failed, "jobs-failed"),
    TEXT(live_overview, flink_version, "flink-version"),
    TEXT(live_overview, flink_commit, "flink-commit"),
    SHAPE_END,
};
const struct shape shape_live_overview = {.size = sizeof(struct live_overview), .fields = overview, .essential = true};

/* --- task managers --- */

static const struct shape_field resource[] = {
    REAL(live_resource, cpu_cores, "cpuCores"),
    INT(live_resource, task_heap_mb, "taskHeapMemory"),
    INT(live_resource, task_off_heap_mb, "taskOffHeapMemory"),
    INT(live_resource, managed_mb, "managedMemory"),
    INT(live_resource, network_mb, "networkMemory"),
    SHAPE_END,
};
const struct shape shape_live_resource = {.size = sizeof(struct live_resource), .fields = resource};

static const struct shape_field collector[] = {
    TEXT(live_collector, name, "name"),
    SPAN(live_collector, count, "count"),
    SPAN(live_collector, time_ms, "time"),
    SHAPE_END,
};
static const struct shape shape_collector = {.size = sizeof(struct live_collector), .fields = collector};

static const struct shape_field memory[] = {
    SPAN(live_memory, framework_heap, "frameworkHeap"),
    SPAN(live_memory, task_heap, "taskHeap"),
    SPAN(live_memory, framework_off_heap, "frameworkOffHeap"),
    SPAN(live_memory, task_off_heap, "taskOffHeap"),
    SPAN(live_memory, network, "networkMemory"),
    SPAN(live_memory, managed, "managedMemory"),
    SPAN(live_memory, jvm_metaspace, "jvmMetaspace"),
    SPAN(live_memory, jvm_overhead, "jvmOverhead"),
    SPAN(live_memory, total_flink, "totalFlinkMemory"),
    SPAN(live_memory, total_process, "totalProcessMemory"),
    SHAPE_END,
};
static const struct shape shape_memory = {.size = sizeof(struct live_memory), .fields = memory};

static const struct shape_field hardware[] = {
    SPAN(live_hardware, cpu_cores, "cpuCores"),
    SPAN(live_hardware, physical_memory, "physicalMemory"),
    SPAN(live_hardware, free_memory, "freeMemory"),
    SPAN(live_hardware, managed_memory, "managedMemory"),
    SHAPE_END,
};
static const struct shape shape_hardware = {.size = sizeof(struct live_hardware), .fields = hardware};

static const struct shape_field jvm[] = {
    SPAN(live_jvm, heap_used, "heapUsed"),
    SPAN(live_jvm, heap_committed, "heapCommitted"),
    SPAN(live_jvm, heap_max, "heapMax"),
    SPAN(live_jvm, non_heap_used, "nonHeapUsed"),
    SPAN(live_jvm, non_heap_committed, "nonHeapCommitted"),
    SPAN(live_jvm, non_heap_max, "nonHeapMax"),
    SPAN(live_jvm, direct_count, "directCount"),
    SPAN(live_jvm, direct_used, "directUsed"),
    SPAN(live_jvm, direct_max, "directMax"),
    SPAN(live_jvm, mapped_count, "mappedCount"),
    SPAN(live_jvm, mapped_used, "mappedUsed"),
    SPAN(live_jvm, mapped_max, "mappedMax"),
    SPAN(live_jvm, segments_available, "memorySegmentsAvailable"),
    SPAN(live_jvm, segments_total, "memorySegmentsTotal"),
    SPAN(live_jvm, shuffle_segments_available, "nettyShuffleMemorySegmentsAvailable"),
    SPAN(live_jvm, shuffle_segments_used, "nettyShuffleMemorySegmentsUsed"),
    SPAN(live_jvm, shuffle_segments_total, "nettyShuffleMemorySegmentsTotal"),
    SPAN(live_jvm, shuffle_available, "nettyShuffleMemoryAvailable"),
    SPAN(live_jvm, shuffle_used, "nettyShuffleMemoryUsed"),
    SPAN(live_jvm, shuffle_total, "nettyShuffleMemoryTotal"),
    LIST(live_jvm, collectors, &shape_collector, "garbageCollectors"),
    SHAPE_END,
};
static const struct shape shape_jvm = {.size = sizeof(struct live_jvm), .fields = jvm};

static const struct shape_field slot[] = {
    TEXT(live_slot, job, "jobId"),
    STRUCT(live_slot, resource, &shape_live_resource, "resource"),
    SPAN(live_slot, assigned_tasks, "assignedTasks"),
    SHAPE_END,
};
static const struct shape shape_slot = {.size = sizeof(struct live_slot), .fields = slot};

static const struct shape_field taskmanager[] = {
    TEXT(live_taskmanager, id, "id"),
    TEXT(live_taskmanager, path, "path"),
    SPAN(live_taskmanager, data_port, "dataPort"),
    SPAN(live_taskmanager, jmx_port, "jmxPort"),
    MOMENT(live_taskmanager, last_heartbeat_ms, "timeSinceLastHeartbeat"),
    SPAN(live_taskmanager, slots, "slotsNumber"),
    SPAN(live_taskmanager, free_slots, "freeSlots"),
    SPAN(live_taskmanager, assigned_tasks, "assignedTasks"),
    BOOL(live_taskmanager, blocked, "blocked"),
    STRUCT(live_taskmanager, total, &shape_live_resource, "totalResource"),
    STRUCT(live_taskmanager, free, &shape_live_resource, "freeResource"),
    STRUCT(live_taskmanager, hardware, &shape_hardware, "hardware"),
    STRUCT(live_taskmanager, memory, &shape_memory, "memoryConfiguration"),
    POINTER(live_taskmanager, jvm, &shape_jvm, "metrics"),
    LIST(live_taskmanager, allocated, &shape_slot, "allocatedSlots"),
    SHAPE_END,
};

/* The first answer has zeros for the JVM's figures. */
static void settle_taskmanager(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    const struct live_taskmanager *t = v;
    *unsettled = t->jvm && live_or(t->jvm->heap_used, 0) == 0;
}
const struct shape shape_live_taskmanager = {
    .size = sizeof(struct live_taskmanager), .fields = taskmanager, .essential = true, .finish = settle_taskmanager};

static const struct shape_field taskmanagers[] = {LIST(live_taskmanagers, list, &shape_live_taskmanager, "taskmanagers"),
                                                  SHAPE_END};
const struct shape shape_live_taskmanagers = {.size = sizeof(struct live_taskmanagers), .fields = taskmanagers, .essential = true};

/* --- logs, threads, configuration --- */

static const struct shape_field log_file[] = {
    TEXT(live_log, name, "name"),
    SPAN(live_log, size, "size"),
    MOMENT(live_log, modified_ms, "mtime"),
    SHAPE_END,
};
static const struct shape shape_log = {.size = sizeof(struct live_log), .fields = log_file};
static const struct shape_field logs[] = {LIST(live_logs, list, &shape_log, "logs"), SHAPE_END};
const struct shape shape_live_logs = {.size = sizeof(struct live_logs), .fields = logs, .essential = true};

static const struct shape_field thread[] = {
    TEXT(live_thread, name, "threadName"),
    TEXT(live_thread, stack, "stringifiedThreadInfo"),
    SHAPE_END,
};
static const struct shape shape_thread = {.size = sizeof(struct live_thread), .fields = thread};
static const struct shape_field threads[] = {LIST(live_threads, list, &shape_thread, "threadInfos"), SHAPE_END};
const struct shape shape_live_threads = {.size = sizeof(struct live_threads), .fields = threads, .essential = true};

static const struct shape_field key_value[] = {TEXT(live_pair, key, "key"), TEXT(live_pair, value, "value"), SHAPE_END};
static const struct shape shape_key_value = {.size = sizeof(struct live_pair), .fields = key_value};
static const struct shape_field pairs[] = {LIST(live_pairs, list, &shape_key_value, "list"), SHAPE_END};
const struct shape shape_live_pairs = {.size = sizeof(struct live_pairs), .fields = pairs, .list = true};

/* A member of an object. */
const struct shape shape_live_pair = {.size = sizeof(struct live_pair), .fields = key_value, .bare = true};

static const struct shape_field jvm_info[] = {
    TEXT(live_jvm_info, version, "version"),
    TEXT(live_jvm_info, arch, "arch"),
    TEXTS(live_jvm_info, options, "options"),
    SHAPE_END,
};
static const struct shape shape_jvm_info = {.size = sizeof(struct live_jvm_info), .fields = jvm_info};
static const struct shape_field environment[] = {
    STRUCT(live_environment, jvm, &shape_jvm_info, "jvm"),
    TEXTS(live_environment, classpath, "classpath"),
    SHAPE_END,
};
const struct shape shape_live_environment = {.size = sizeof(struct live_environment), .fields = environment};

static const struct shape_field profile[] = {
    TEXT(live_profile, status, "status"),
    TEXT(live_profile, mode, "profilingMode", "mode"),
    TEXT(live_profile, message, "message"),
    TEXT(live_profile, output_file, "outputFile"),
    MOMENT(live_profile, triggered_ms, "triggerTime"),
    MOMENT(live_profile, finished_ms, "finishedTime"),
    SPAN(live_profile, duration_s, "duration"),
    SHAPE_END,
};
static const struct shape shape_profile = {.size = sizeof(struct live_profile), .fields = profile};
static const struct shape_field profiles[] = {LIST(live_profiles, list, &shape_profile, "profilingList"), SHAPE_END};
const struct shape shape_live_profiles = {.size = sizeof(struct live_profiles), .fields = profiles};

static const struct shape_field url[] = {TEXT(live_url, url, "url"), SHAPE_END};
const struct shape shape_live_url = {.size = sizeof(struct live_url), .fields = url};

/* No JSON at all: the client takes the bytes, or nothing. */
static const struct shape_field nothing[] = {SHAPE_END};
const struct shape shape_live_text = {.size = sizeof(struct live_text), .fields = nothing};
const struct shape shape_live_none = {.size = 1, .fields = nothing};

/* --- metrics --- */

static const struct shape_field metric[] = {
    TEXT(live_metric, id, "id"),   TEXT(live_metric, text, "value"), REAL(live_metric, min, "min"),   REAL(live_metric, max, "max"),
    REAL(live_metric, avg, "avg"), REAL(live_metric, sum, "sum"),    REAL(live_metric, skew, "skew"), SHAPE_END,
};
const struct shape shape_live_metric = {.size = sizeof(struct live_metric), .fields = metric};
static const struct shape_field metrics[] = {LIST(live_metrics, list, &shape_live_metric, "list"), SHAPE_END};

static int by_id(const void *a, const void *b)
{
    const struct live_metric *x = a, *y = b;
    return strcmp(live_text_or(x->id, ""), live_text_or(y->id, ""));
}

/* The first request for any metric answers with none. */
static void settle_metrics(void *v, struct arena *a, bool *unsettled)
{
    (void)a;
    struct live_metrics *m = v;
    for (uint32_t i = 0; i < m->n_list; i++) {
        const char *s = m->list[i].text;
        m->list[i].value = s ? jsonr_to_real((struct bytes){(const uint8_t *)s, strlen(s)}) : NAN;
    }
    if (m->n_list)
        qsort(m->list, m->n_list, sizeof *m->list, by_id);
    *unsettled = !m->n_list;
}
const struct shape shape_live_metrics = {
    .size = sizeof(struct live_metrics), .fields = metrics, .list = true, .finish = settle_metrics};

/* --- applications, jars --- */

static const struct shape_field count[] = {TEXT(live_count, state, "state"), SPAN(live_count, n, "n"), SHAPE_END};
static const struct shape shape_count = {.size = sizeof(struct live_count), .fields = count, .bare = true};

static const struct shape_field application[] = {
    TEXT(live_application, id, "id"),
    TEXT(live_application, name, "name"),
    TEXT(live_application, status, "status"),
    MOMENT(live_application, start_ms, "start-time"),
    MOMENT(live_application, end_ms, "end-time"),
    SPAN(live_application, duration_ms, "duration"),
    MAP(live_application, timestamps, &shape_count, "timestamps"),
    LIST(live_application, jobs, &shape_live_job_row, "jobs"),
    SHAPE_END,
};
const struct shape shape_live_application = {.size = sizeof(struct live_application), .fields = application};

static const struct shape_field application_row[] = {
    TEXT(live_application_row, id, "id"),
    TEXT(live_application_row, name, "name"),
    TEXT(live_application_row, status, "status"),
    MOMENT(live_application_row, start_ms, "start-time"),
    MOMENT(live_application_row, end_ms, "end-time"),
    SPAN(live_application_row, duration_ms, "duration"),
    MAP(live_application_row, jobs, &shape_count, "jobs"),
    SHAPE_END,
};
static const struct shape shape_application_row = {.size = sizeof(struct live_application_row), .fields = application_row};
static const struct shape_field applications[] = {LIST(live_applications, list, &shape_application_row, "applications"), SHAPE_END};
const struct shape shape_live_applications = {.size = sizeof(struct live_applications), .fields = applications};

static const struct shape_field jar_entry[] = {TEXT(live_jar_entry, name, "name"), TEXT(live_jar_entry, description, "description"),
                                               SHAPE_END};
static const struct shape shape_jar_entry = {.size = sizeof(struct live_jar_entry), .fields = jar_entry};
static const struct shape_field jar[] = {
    TEXT(live_jar, id, "id"),
    TEXT(live_jar, name, "name"),
    MOMENT(live_jar, uploaded_ms, "uploaded"),
    LIST(live_jar, entries, &shape_jar_entry, "entry"),
    SHAPE_END,
};
static const struct shape shape_jar = {.size = sizeof(struct live_jar), .fields = jar};
static const struct shape_field jars[] = {TEXT(live_jars, address, "address"), LIST(live_jars, list, &shape_jar, "files"),
                                          SHAPE_END};
const struct shape shape_live_jars = {.size = sizeof(struct live_jars), .fields = jars};

static const struct shape_field gateway_info[] = {TEXT(live_gateway_info, product, "productName"),
                                                  TEXT(live_gateway_info, version, "version"), SHAPE_END};
const struct shape shape_live_gateway_info = {.size = sizeof(struct live_gateway_info), .fields = gateway_info};
static const struct shape_field gateway_versions[] = {TEXTS(live_gateway_versions, list, "versions"), SHAPE_END};
const struct shape shape_live_gateway_versions = {.size = sizeof(struct live_gateway_versions), .fields = gateway_versions};
static const struct shape_field gateway_session[] = {MAP(live_gateway_session, properties, &shape_live_pair, "properties"),
                                                     SHAPE_END};
static const struct shape_field gateway_handle[] = {TEXT(live_gateway_handle, session, "sessionHandle"),
                                                    TEXT(live_gateway_handle, operation, "operationHandle"), SHAPE_END};
const struct shape shape_live_gateway_handle = {.size = sizeof(struct live_gateway_handle), .fields = gateway_handle};
static const struct shape_field gateway_row[] = {TEXTS(live_gateway_row, fields, "fields"), SHAPE_END};
static const struct shape shape_gateway_row = {.size = sizeof(struct live_gateway_row), .fields = gateway_row};
static const struct shape_field gateway_rows[] = {LIST(live_gateway_rows, list, &shape_gateway_row, "data"), SHAPE_END};
static const struct shape shape_gateway_rows = {.size = sizeof(struct live_gateway_rows), .fields = gateway_rows};
static const struct shape_field gateway_result[] = {
    TEXT(live_gateway_result, type, "resultType"),
    TEXT(live_gateway_result, job, "jobID"),
    STRUCT(live_gateway_result, rows, &shape_gateway_rows, "results"),
    SHAPE_END,
};
const struct shape shape_live_gateway_result = {
    .size = sizeof(struct live_gateway_result), .fields = gateway_result, .essential = true};
const struct shape shape_live_gateway_session = {.size = sizeof(struct live_gateway_session), .fields = gateway_session};
