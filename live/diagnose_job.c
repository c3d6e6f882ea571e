/* Rules on the job as a whole and on where it runs: failures, slots, task managers. */
#include <string.h>

#include "base/human.h"
#include "live/diagnose.h"

enum {
    LOOP_MS = 600000,    /* failures within it … */
    LOOP_FAILURES = 3,   /* … that make a loop */
    LATELY_MS = 3600000, /* a failure is told that long */
    SILENT_MS = 30000,   /* without a heartbeat; Flink expects one every 10 s and gives up after 50 */
    GC_MIN_SPAN_MS = 10000
};
#define GC_SHARE 0.1
#define NEARLY_FULL 0.95

/* Of the failures since `since`, how many; *newest is the first of them. */
static uint32_t failures(const struct live_exceptions *x, int64_t since, const struct live_exception **newest,
                         const struct live_exception **oldest)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n_list; i++) {
        const struct live_exception *k = &x->list[i];
        if (!live_has(k->at_ms) || k->at_ms < since)
            continue;
        if (!n++)
            *newest = k;
        *oldest = k;
    }
    return n;
}

static void say_cause(struct diagnosis *d, struct finding *f, const struct live_exception *x)
{
    struct bytes cause = facts_cause(x);
    finding_say(d, f, "root cause: %.*s", cause.n < 400 ? (int)cause.n : 400, (const char *)cause.p);
    if (x->task)
        finding_say(d, f, "in %.200s%s%.80s", x->task, x->endpoint ? " on " : "", live_text_or(x->endpoint, ""));
}

static const struct live_exceptions *exceptions(struct diagnosis *d, enum finding_id id, const struct facts *f)
{
    return finding_need(d, id, f->exceptions);
}

void check_failed(struct diagnosis *d, const struct facts *f)
{
    const struct live_job *j = facts_job(f);
    if (live_job_state(j->state) != LIVE_JOB_FAILED)
        return;
    int64_t at = j->timestamps[LIVE_JOB_FAILED];
    struct finding *found =
        finding_add(d, FINDING_JOB_FAILED, "FAILED %s%s%s", live_has(at) ? "at " : "for good", live_has(at) ? human_time(at).s : "",
                    live_has(j->duration_ms) ? arena_printf(d->arena, ", %s after its start", span_text(j->duration_ms).s) : "");
    const struct live_exceptions *x = facts_data(f->exceptions);
    if (x && x->n_list)
        say_cause(d, found, &x->list[0]);
    else
        finding_say(d, found, "the cause is not known: %s",
                    f->exceptions && f->exceptions->err.kind ? f->exceptions->err.text : "Flink remembers no exception");
}

void check_crash_loop(struct diagnosis *d, const struct facts *f)
{
    const struct live_exception *newest = NULL, *oldest = NULL;
    const struct live_exceptions *x = job_alive(f) ? exceptions(d, FINDING_CRASH_LOOP, f) : NULL;
    uint32_t n = x ? failures(x, facts_now(f) - LOOP_MS, &newest, &oldest) : 0;
    if (n < LOOP_FAILURES)
        return;
    int64_t restarts = facts_restarts(f);
    struct finding *found = finding_add(d, FINDING_CRASH_LOOP, "%u failures within %s, the last %s ago; %s", n,
                                        span_text(newest->at_ms - oldest->at_ms).s, span_text(facts_now(f) - newest->at_ms).s,
                                        live_has(restarts) ? arena_printf(d->arena, "%lld restarts so far", (long long)restarts)
                                                           : "the number of restarts is not told");
    say_cause(d, found, newest);
    const struct live_checkpoints *c = facts_data(f->checkpoints);
    if (c && !c->latest.completed && !c->latest.restored)
        finding_say(d, found, "no checkpoint has completed: every start begins from scratch");
}

void check_restarted(struct diagnosis *d, const struct facts *f)
{
    const struct live_exception *newest = NULL, *oldest = NULL;
    const struct live_job *j = job_alive(f);
    const struct live_exceptions *x = j ? exceptions(d, FINDING_RESTARTED, f) : NULL;
    if (!x || finding_found(d, FINDING_CRASH_LOOP))
        return;
    uint32_t n = failures(x, facts_now(f) - LATELY_MS, &newest, &oldest);
    enum live_job_state state = live_job_state(j->state);
    if (n) {
        struct finding *found = finding_add(d, FINDING_RESTARTED, "%u failure%s within the last hour, the last %s ago", n,
                                            n > 1 ? "s" : "", span_text(facts_now(f) - newest->at_ms).s);
        say_cause(d, found, newest);
    } else if (state == LIVE_JOB_RESTARTING || state == LIVE_JOB_FAILING) {
        finding_add(d, FINDING_RESTARTED, "it is %s, and Flink does not tell why", j->state);
    }
}

/* --- slots --- */

static int64_t slots_of(const struct facts *f, bool *known)
{
    int64_t n = 0;
    for (uint32_t i = 0; f->cluster && i < f->cluster->n_managers; i++) {
        const struct live_taskmanager *m = facts_data(f->cluster->managers[i]);
        *known = *known && m;
        for (uint32_t k = 0; m && k < m->n_allocated; k++)
            n += m->allocated[k].job && f->id && !strcmp(m->allocated[k].job, f->id);
    }
    return n;
}

void check_slots(struct diagnosis *d, const struct facts *f)
{
    const struct live_job *j = job_alive(f);
    int64_t waiting = 0, needed = 1;
    if (!j)
        return;
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        const struct live_vertex *v = &j->vertices[i];
        waiting += live_or(v->tasks[LIVE_TASK_CREATED], 0) + live_or(v->tasks[LIVE_TASK_SCHEDULED], 0);
        if (live_or(v->parallelism, 0) > needed)
            needed = v->parallelism;
    }
    enum live_job_state state = live_job_state(j->state);
    if (!waiting && state != LIVE_JOB_RESTARTING && state != LIVE_JOB_CREATED)
        return;
    const struct live_overview *o = finding_need(d, FINDING_NO_SLOTS, f->cluster ? f->cluster->overview : NULL);
    if (!o)
        return;
    bool known = f->cluster->n_managers == live_or(o->taskmanagers, f->cluster->n_managers);
    int64_t has = slots_of(f, &known), available = live_or(o->slots_available, 0);
    if (!known && live_or(o->slots_total, 0) > 0) {
        finding_unknown(d, FINDING_NO_SLOTS, "not every task manager told which slots the job has");
        return;
    }
    if (has + available >= needed)
        return;
    struct finding *found =
        finding_add(d, FINDING_NO_SLOTS, "it is %s and needs %lld slots; it has %lld, and %lld of the cluster's %lld are free",
                    live_text_or(j->state, "?"), (long long)needed, (long long)has, (long long)available,
                    (long long)live_or(o->slots_total, 0));
    if (live_or(o->taskmanagers, -1) == 0)
        finding_say(d, found, "the cluster has no task manager at all");
}

/* --- task managers --- */

void check_out_of_memory(struct diagnosis *d, const struct facts *f)
{
    const struct live_exceptions *x = job_alive(f) ? exceptions(d, FINDING_OUT_OF_MEMORY, f) : NULL;
    for (uint32_t i = 0; x && i < x->n_list; i++) {
        const struct live_exception *k = &x->list[i];
        if (live_or(k->at_ms, 0) < facts_now(f) - LATELY_MS || !k->stack || !strstr(k->stack, "java.lang.OutOfMemoryError"))
            continue;
        say_cause(d, finding_add(d, FINDING_OUT_OF_MEMORY, "%s ago", span_text(facts_now(f) - k->at_ms).s), k);
        return;
    }
}

static bool tells_of_loss(const struct bytes cause)
{
    static const char *const marks[] = {"is no longer reachable", "heartbeat of TaskManager", "closed by remote task manager",
                                        "TaskExecutor is shutting down", "Lost connection to task manager"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memmem(cause.p, cause.n, marks[i], strlen(marks[i])))
            return true;
    return false;
}

void check_lost(struct diagnosis *d, const struct facts *f)
{
    if (!job_alive(f))
        return;
    const struct live_exceptions *x = exceptions(d, FINDING_TASKMANAGER_LOST, f);
    for (uint32_t i = 0; x && i < x->n_list; i++) {
        struct bytes cause = facts_cause(&x->list[i]);
        if (live_or(x->list[i].at_ms, 0) < facts_now(f) - LATELY_MS || !tells_of_loss(cause))
            continue;
        struct finding *found =
            finding_add(d, FINDING_TASKMANAGER_LOST, "%s ago: %.*s", span_text(facts_now(f) - x->list[i].at_ms).s,
                        cause.n < 400 ? (int)cause.n : 400, (const char *)cause.p);
        if (found)
            found->taskmanager = x->list[i].taskmanager;
    }
    const struct live_taskmanagers *all = finding_need(d, FINDING_TASKMANAGER_LOST, f->cluster ? f->cluster->taskmanagers : NULL);
    for (uint32_t i = 0; all && i < all->n_list; i++) {
        int64_t beat = all->list[i].last_heartbeat_ms;
        if (!live_has(beat) || facts_now(f) - beat < SILENT_MS)
            continue;
        struct finding *found = finding_add(d, FINDING_TASKMANAGER_LOST, "%.80s has sent no heartbeat for %s",
                                            live_text_or(all->list[i].id, "?"), span_text(facts_now(f) - beat).s);
        if (found)
            found->taskmanager = all->list[i].id;
    }
}

/* Whether the task manager works for the job; also when it does not tell. */
static bool works_for(const struct live_taskmanager *m, const char *job)
{
    bool told = false;
    for (uint32_t i = 0; i < m->n_allocated; i++) {
        told = told || m->allocated[i].job;
        if (m->allocated[i].job && job && !strcmp(m->allocated[i].job, job))
            return true;
    }
    return !told;
}

/* The task managers that matter, one by one; NULL after the last. What is not read is noted. */
static const struct live_taskmanager *next_manager(struct diagnosis *d, enum finding_id id, const struct facts *f, uint32_t *i)
{
    const struct cluster_facts *c = f->cluster;
    while (c && *i < c->n_managers) {
        const struct live_taskmanager *m = finding_need(d, id, c->managers[(*i)++]);
        if (m && works_for(m, f->id))
            return m;
    }
    return NULL;
}

static void need_managers(struct diagnosis *d, enum finding_id id, const struct facts *f)
{
    const struct live_taskmanagers *all = finding_need(d, id, f->cluster ? f->cluster->taskmanagers : NULL);
    if (all && all->n_list > f->cluster->n_managers)
        finding_unknown(d, id, "only %u of %u task managers were asked", f->cluster->n_managers, all->n_list);
}

/* Share of the time between two looks; NaN: not known. */
static double gc_between(const struct cluster_facts *c, uint32_t i)
{
    const struct live_taskmanager *a = c->managers_before ? facts_data(c->managers_before[i]) : NULL,
                                  *b = facts_data(c->managers[i]);
    int64_t count, from, to;
    if (!a || !b || c->managers_before[i] == c->managers[i])
        return NAN;
    int64_t span = c->managers[i]->came_ms - c->managers_before[i]->came_ms;
    live_collections(a->jvm, &count, &from);
    live_collections(b->jvm, &count, &to);
    if (!live_has(from) || !live_has(to) || to < from)
        return NAN;
    /* figures are renewed every 10 s, so that a shorter span may hold all of those */
    return (double)(to - from) / (double)(span > GC_MIN_SPAN_MS ? span : GC_MIN_SPAN_MS);
}

void check_gc(struct diagnosis *d, const struct facts *f)
{
    if (!job_alive(f))
        return;
    need_managers(d, FINDING_GC, f);
    const struct live_taskmanager *m;
    for (uint32_t i = 0; (m = next_manager(d, FINDING_GC, f, &i));) {
        double share = facts_gc_rate(f->cluster->gc[i - 1]) / 1000;
        if (!live_has_real(share))
            share = gc_between(f->cluster, i - 1);
        if (!live_has_real(share)) {
            finding_unknown(d, FINDING_GC, "this release tells only totals, and they were not looked at twice; see --for");
            continue;
        }
        if (share < GC_SHARE)
            continue;
        struct finding *found = finding_add(d, FINDING_GC, "%.80s: %.0f%% of the time", live_text_or(m->id, "?"), share * 100);
        if (!found)
            continue;
        found->taskmanager = m->id;
        if (m->jvm && live_or(m->jvm->heap_max, 0) > 0)
            finding_say(d, found, "its heap is %.0f%% full",
                        100.0 * (double)live_or(m->jvm->heap_used, 0) / (double)m->jvm->heap_max);
    }
}

void check_memory(struct diagnosis *d, const struct facts *f)
{
    if (!job_alive(f))
        return;
    need_managers(d, FINDING_MEMORY, f);
    const struct live_taskmanager *m;
    for (uint32_t i = 0; (m = next_manager(d, FINDING_MEMORY, f, &i));) {
        int64_t max = m->jvm ? live_or(m->jvm->heap_max, 0) : 0;
        double heap = max > 0 ? (double)live_or(m->jvm->heap_used, 0) / (double)max : NAN,
               meta = facts_metaspace(f->cluster->gc[i - 1]);
        struct finding *found = NULL;
        if (heap >= NEARLY_FULL)
            found = finding_add(d, FINDING_MEMORY, "%.80s: %.0f%% of its heap of %s", live_text_or(m->id, "?"), heap * 100,
                                human_bytes((uint64_t)max).s);
        else if (meta >= NEARLY_FULL)
            found = finding_add(d, FINDING_MEMORY, "%.80s: %.0f%% of its metaspace", live_text_or(m->id, "?"), meta * 100);
        if (found)
            found->taskmanager = m->id;
    }
}
