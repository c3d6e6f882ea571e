/* The cluster, which is this process: one task manager with a slot for each subtask of the widest step. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/answer.h"
#include "serve/process.h"

/* The release whose interface this is; the console goes by its first two numbers. */
#define FLINK_VERSION "2.3-weir-" WEIR_VERSION

bool answer_config(struct asked *q, struct reply *r, struct live_config *to)
{
    (void)q;
    (void)r;
    *to = (struct live_config){.refresh_interval_ms = 1000,
                               .timezone_name = "Coordinated Universal Time",
                               .timezone_offset_ms = 0,
                               .flink_version = FLINK_VERSION,
                               .flink_revision = "weir " WEIR_VERSION,
                               .features = {LIVE_NO, LIVE_YES, LIVE_NO, LIVE_NO}};
    return true;
}

bool answer_overview(struct asked *q, struct reply *r, struct live_overview *to)
{
    enum job_phase p = q->now->phase;
    (void)r;
    to->taskmanagers = 1;
    to->slots_total = q->now->parallelism;
    to->slots_available = job_phase_ended(p) ? q->now->parallelism : 0;
    to->jobs_running = !job_phase_ended(p);
    to->jobs_finished = p == PHASE_FINISHED;
    to->jobs_cancelled = p == PHASE_CANCELED;
    to->jobs_failed = p == PHASE_FAILED;
    to->flink_version = FLINK_VERSION;
    to->flink_commit = "weir";
    return true;
}

/* --- the task manager --- */

static void resource(struct live_resource *to, const struct process_figures *p, bool any)
{
    *to = (struct live_resource){.cpu_cores = any ? p->cores : 0, .task_heap_mb = any ? p->memory >> 20 : 0};
}

static void taskmanager(struct asked *q, struct live_taskmanager *to)
{
    struct process_figures p = process_look();
    bool over = job_phase_ended(q->now->phase);
    to->id = SERVE_TASKMANAGER;
    to->path = q->endpoint;
    to->data_port = 0; /* there is no network between subtasks */
    to->jmx_port = -1;
    to->last_heartbeat_ms = q->now->now_ms;
    to->slots = q->now->parallelism;
    to->free_slots = over ? q->now->parallelism : 0;
    to->assigned_tasks = over ? 0 : q->now->n_subtasks;
    resource(&to->total, &p, true);
    resource(&to->free, &p, over);
    to->hardware = (struct live_hardware){p.cores, p.memory, p.memory_free, 0};
    to->memory = (struct live_memory){.task_heap = p.memory, .total_flink = p.memory, .total_process = p.memory};
}

bool answer_taskmanagers(struct asked *q, struct reply *r, struct live_taskmanagers *to)
{
    (void)r;
    to->n_list = 1;
    to->list = arena_alloc(q->a, sizeof *to->list);
    shape_clear(&shape_live_taskmanager, to->list);
    taskmanager(q, to->list);
    return true;
}

static bool known(struct asked *q, struct reply *r)
{
    if (strcmp(q->request->item, SERVE_TASKMANAGER) != 0) {
        answer_refuse(
            r, 500,
            "org.apache.flink.runtime.resourcemanager.exceptions.UnknownTaskExecutorException: No TaskExecutor registered under %s.",
            q->request->item);
        return false;
    }
    return true;
}

bool answer_taskmanager(struct asked *q, struct reply *r, struct live_taskmanager *to)
{
    struct process_figures p = process_look();
    if (!known(q, r))
        return false;
    taskmanager(q, to);
    to->jvm = arena_alloc(q->a, sizeof *to->jvm);
    *to->jvm = (struct live_jvm){.heap_used = p.resident, .heap_committed = p.resident, .heap_max = p.memory};
    to->n_allocated = job_phase_ended(q->now->phase) ? 0 : q->now->parallelism;
    to->allocated = arena_array(q->a, to->n_allocated + 1, sizeof *to->allocated);
    for (uint32_t i = 0; i < to->n_allocated; i++) {
        struct live_slot *s = &to->allocated[i];
        *s = (struct live_slot){.job = q->now->id, .resource = {.cpu_cores = 1}};
        for (uint32_t k = 0; k < q->now->n_vertices; k++)
            s->assigned_tasks += i < q->now->vertices[k].n_subtasks;
    }
    return true;
}

/* --- what is told of the process --- */

bool answer_options(struct asked *q, struct reply *r, struct live_pairs *to)
{
    const struct job_view *v = q->now;
    (void)r;
    to->list = arena_array(q->a, v->n_config + 1, sizeof *to->list);
    for (uint32_t i = 0; i < v->n_config; i++) { /* the first one counts */
        uint32_t k = 0;
        while (strcmp(v->config_names[k], v->config_names[i]) != 0)
            k++;
        if (k == i)
            to->list[to->n_list++] = (struct live_pair){v->config_names[i], v->config_values[i]};
    }
    return true;
}

bool answer_threads(struct asked *q, struct reply *r, struct live_threads *to)
{
    uint32_t cap = 0;
    if (q->request->item && !known(q, r))
        return false;
    DIR *dir = opendir("/proc/self/task");
    for (struct dirent *d; dir && (d = readdir(dir));) {
        char name[32] = "", state = '?';
        FILE *f = d->d_name[0] == '.' ? NULL : fopen(arena_printf(q->a, "/proc/self/task/%s/stat", d->d_name), "re");
        if (!f)
            continue;
        if (fscanf(f, "%*d (%31[^)]) %c", name, &state) == 2) {
            if (to->n_list == cap) {
                struct live_thread *more = arena_array(q->a, cap = cap ? cap * 2 : 16, sizeof *more);
                if (to->n_list)
                    memcpy(more, to->list, to->n_list * sizeof *more);
                to->list = more;
            }
            to->list[to->n_list++] = (struct live_thread){
                arena_str(q->a, name),
                arena_printf(q->a, "\"%s\" Id=%s %s\n", name, d->d_name, state == 'R' ? "RUNNABLE" : "WAITING")};
        }
        fclose(f);
    }
    if (dir)
        closedir(dir);
    return true;
}

bool answer_nothing(struct asked *q, struct reply *r, void *to)
{
    (void)to;
    return !q->request->item || strncmp(q->request->path, "/taskmanagers", 13) != 0 || known(q, r);
}
