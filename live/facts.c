#include "live/facts.h"

#include <stdlib.h>
#include <string.h>

#include "live/pressure.h"

const void *facts_data(const struct live_answer *a) { return a && a->state == LIVE_HERE && !a->unsettled ? a->data : NULL; }

int64_t facts_now(const struct facts *f)
{
    const struct live_job *j = facts_job(f);
    return j && live_has(j->now_ms) ? j->now_ms : f->job ? live_or(f->job->came_ms, 0) : 0;
}

int64_t facts_restarts(const struct facts *f)
{
    static const char *const names[] = {"numRestarts", "fullRestarts"}; /* 1.15 has only the latter, 2.0 only the former */
    const struct live_metrics *m = facts_data(f->restarts);
    for (int i = 0; m && i < 2; i++) {
        const struct live_metric *v = live_metric(m, names[i]);
        if (v && v->value >= 0 && v->value < 1e15)
            return (int64_t)v->value;
    }
    return LIVE_ABSENT;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool is(const char *status, const char *word) { return status && !strcmp(status, word); }

int64_t facts_checkpoint_duration(const struct live_checkpoints *c)
{
    enum { MOST = 100 };
    int64_t v[MOST];
    size_t n = 0;
    for (uint32_t i = 0; i < c->n_history && n < MOST; i++)
        if (is(c->history[i].status, "COMPLETED") && live_has(c->history[i].duration_ms))
            v[n++] = c->history[i].duration_ms;
    if (!n)
        return LIVE_ABSENT;
    qsort(v, n, sizeof *v, compare);
    return v[n / 2];
}

struct bytes facts_cause(const struct live_exception *x)
{
    static const char mark[] = "\nCaused by: ";
    const char *at = live_text_or(x->stack, live_text_or(x->name, "?"));
    for (const char *next; (next = strstr(at, mark));)
        at = next + sizeof mark - 1;
    return (struct bytes){(const uint8_t *)at, strcspn(at, "\r\n")};
}

const struct live_checkpoint *facts_completed(const struct live_checkpoints *c)
{
    for (uint32_t i = 0; i < c->n_history; i++)
        if (is(c->history[i].status, "COMPLETED") && c->history[i].is_savepoint != LIVE_YES)
            return &c->history[i];
    return c->latest.completed;
}

bool facts_failure_counts(const char *message)
{
    static const char *const harmless[] = {"suspending",
                                           "Trigger checkpoint failure",
                                           "not all required tasks",
                                           "NOT_ALL_REQUIRED",
                                           "some tasks of the job have already finished",
                                           "stopped with a savepoint"};
    for (size_t i = 0; message && i < sizeof harmless / sizeof *harmless; i++)
        if (strcasestr(message, harmless[i]))
            return false;
    return true;
}

uint32_t facts_failed_in_a_row(const struct live_checkpoints *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_history; i++) {
        const struct live_checkpoint *k = &c->history[i];
        if (is(k->status, "COMPLETED"))
            break;
        n += is(k->status, "FAILED") && facts_failure_counts(k->failure_message);
    }
    return n;
}

bool facts_renewed(const struct facts *f)
{
    const struct live_job *a = facts_data(f->job_before), *b = facts_job(f);
    for (uint32_t i = 0; a && b && i < a->n_vertices && i < b->n_vertices; i++) {
        const struct live_io *x = &a->vertices[i].io, *y = &b->vertices[i].io;
        if (x->idle_ms != y->idle_ms || x->backpressured_ms != y->backpressured_ms || x->read_records != y->read_records ||
            x->write_records != y->write_records || (live_has_real(y->busy_ms) && x->busy_ms != y->busy_ms))
            return true;
    }
    return false;
}

static const char gc_rate[] = "Status.JVM.GarbageCollector.All.TimeMsPerSecond"; /* from 1.18 or so on */
static const char metaspace_used[] = "Status.JVM.Memory.Metaspace.Used", metaspace_max[] = "Status.JVM.Memory.Metaspace.Max";

static double value_of(const struct live_answer *a, const char *name)
{
    const struct live_metric *v = live_metric(facts_data(a), name);
    return v ? v->value : NAN;
}

double facts_gc_rate(const struct live_answer *gc) { return value_of(gc, gc_rate); }
double facts_metaspace(const struct live_answer *gc)
{
    double max = value_of(gc, metaspace_max);
    return max > 0 ? value_of(gc, metaspace_used) / max : NAN;
}

/* --- looking --- */

static const struct live_answer **places(struct arena *a, uint32_t n)
{
    return arena_array(a, n + 1u, sizeof(const struct live_answer *));
}

const struct live_answer *facts_ask(struct facts *f, const struct facts_from *from, const struct live_ask *ask)
{
    const struct live_answer *got = from->now ? live_find(from->now, ask) : NULL;
    if (from->wants)
        want_ask(from->wants, ask);
    if (f && (!got || got->state == LIVE_PENDING))
        f->pending++;
    if (f && got && got->number > f->number)
        f->number = got->number;
    return got;
}

static const struct live_answer *before(const struct facts_from *from, const struct live_ask *ask)
{
    return from->before ? live_find(from->before, ask) : NULL;
}

void facts_take_cluster(struct cluster_facts *c, const struct facts_from *from, struct arena *a)
{
    static const char *const names[] = {gc_rate, metaspace_max, metaspace_used};
    c->overview = facts_ask(NULL, from, &(struct live_ask){.route = LIVE_OVERVIEW});
    c->taskmanagers = facts_ask(NULL, from, &(struct live_ask){.route = LIVE_TASKMANAGERS});
    const struct live_taskmanagers *all = facts_data(c->taskmanagers);
    uint32_t n = all ? all->n_list : 0, most = from->managers ? from->managers : FACTS_MANAGERS;
    const char *query = live_metrics_query(a, names, 3, NULL);
    c->n_managers = n < most ? n : most;
    c->managers = places(a, c->n_managers);
    c->gc = places(a, c->n_managers);
    c->managers_before = from->before ? places(a, c->n_managers) : NULL;
    for (uint32_t i = 0; i < c->n_managers; i++) {
        struct live_ask ask = {.route = LIVE_TASKMANAGER, .item = live_text_or(all->list[i].id, "")};
        c->managers[i] = facts_ask(NULL, from, &ask);
        if (from->before)
            c->managers_before[i] = before(from, &ask);
        ask.route = LIVE_TASKMANAGER_METRICS;
        ask.query = query;
        c->gc[i] = facts_ask(NULL, from, &ask);
    }
}

/* The vertex of a checkpoint with the greatest figure. */
static const char *greatest(const struct live_checkpoint *k, int64_t (*figure)(const struct live_checkpoint_vertex *))
{
    const struct live_checkpoint_vertex *best = NULL;
    for (uint32_t i = 0; i < k->n_vertices; i++)
        if (k->vertices[i].vertex && (!best || figure(&k->vertices[i]) > figure(best)))
            best = &k->vertices[i];
    return best ? best->vertex : NULL;
}
/* One that has not answered at all takes longest. */
static int64_t slowness(const struct live_checkpoint_vertex *v)
{
    return live_or(v->acknowledged, 0) < live_or(v->subtasks, 0) ? INT64_MAX : live_or(v->duration_ms, 0);
}
static int64_t weight(const struct live_checkpoint_vertex *v) { return live_or(v->state_size, 0); }

static void take_checkpoint(struct facts *f, const struct facts_from *from, struct arena *a)
{
    const struct live_checkpoints *c = facts_data(f->checkpoints);
    const struct live_checkpoint *k = c ? facts_completed(c) : NULL;
    if (!k && c && c->n_history)
        k = &c->history[0];
    if (!k || !live_has(k->id))
        return;
    struct live_ask ask = {.route = LIVE_CHECKPOINT, .job = f->id, .item = arena_printf(a, "%lld", (long long)k->id)};
    f->checkpoint = facts_ask(f, from, &ask);
    k = facts_data(f->checkpoint);
    if (!k || !k->n_vertices)
        return;
    f->slowest_vertex = greatest(k, slowness);
    f->largest_vertex = greatest(k, weight);
    if (!f->slowest_vertex)
        return;
    ask.route = LIVE_CHECKPOINT_SUBTASKS;
    ask.vertex = f->slowest_vertex;
    f->slowest = facts_ask(f, from, &ask);
    ask.vertex = f->largest_vertex;
    f->largest = facts_ask(f, from, &ask);
}

/* The subtasks of every vertex that is busy while another is held up: is it skew? */
static void take_busy(struct facts *f, const struct facts_from *from, const struct live_job *j, struct arena *a)
{
    f->vertices = places(a, j->n_vertices);
    for (uint32_t i = 0; i < j->n_vertices; i++)
        if (live_or(j->vertices[i].parallelism, 1) >= 2 && live_busy_worst(facts_data(f->pressure[i])) >= 0.8)
            f->vertices[i] =
                facts_ask(f, from, &(struct live_ask){.route = LIVE_VERTEX, .job = f->id, .vertex = j->vertices[i].id});
}

void facts_connect(struct facts *f, struct arena *a)
{
    const struct live_job *j = facts_job(f);
    for (int turn = 0; turn < 2; turn++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < j->plan.n_nodes && k < FACTS_VERTICES; k++) {
            uint32_t to = live_vertex_place(j, j->plan.nodes[k].id);
            for (uint32_t i = 0; to < j->n_vertices && i < j->plan.nodes[k].n_inputs && n < FACTS_EDGES; i++) {
                uint32_t from = live_vertex_place(j, j->plan.nodes[k].inputs[i].from);
                if (from == j->n_vertices)
                    continue;
                if (turn)
                    f->edges[n] = (struct edge){from, to};
                n++;
            }
        }
        if (!turn)
            f->edges = arena_array(a, n + 1u, sizeof *f->edges);
        f->n_edges = n;
    }
}

static void take_vertices(struct facts *f, const struct facts_from *from, const struct live_job *j, struct arena *a)
{
    f->pressure = places(a, j->n_vertices);
    f->watermarks = places(a, j->n_vertices);
    f->watermarks_before = from->before ? places(a, j->n_vertices) : NULL;
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        struct live_ask ask = {.route = LIVE_BACKPRESSURE, .job = f->id, .vertex = j->vertices[i].id};
        f->pressure[i] = facts_ask(f, from, &ask);
        if (!live_vertex_fed(j, i))
            continue;
        ask.route = LIVE_WATERMARKS;
        f->watermarks[i] = facts_ask(f, from, &ask);
        if (from->before)
            f->watermarks_before[i] = before(from, &ask);
    }
}

void facts_take(struct facts *f, const struct facts_from *from, const char *job, struct arena *a)
{
    static const char *const restarts[] = {"numRestarts", "fullRestarts"};
    const struct live_ask whole = {.route = LIVE_JOB, .job = job},
                          failures = {.route = LIVE_JOB_EXCEPTIONS, .job = job, .query = "maxExceptions=20"},
                          metrics = {.route = LIVE_JOB_METRICS, .job = job, .query = live_metrics_query(a, restarts, 2, NULL)},
                          checkpoints = {.route = LIVE_CHECKPOINTS, .job = job},
                          config = {.route = LIVE_CHECKPOINT_CONFIG, .job = job};
    f->id = job;
    f->job = facts_ask(f, from, &whole);
    f->job_before = before(from, &whole);
    f->exceptions = facts_ask(f, from, &failures);
    const struct live_job *j = facts_job(f);
    if (j && live_job_ended(live_job_state(j->state)))
        return;
    f->restarts = facts_ask(f, from, &metrics);
    f->checkpoints = facts_ask(f, from, &checkpoints);
    f->checkpoint_config = facts_ask(f, from, &config);
    if (!j)
        return;
    take_checkpoint(f, from, a);
    if (j->n_vertices > FACTS_VERTICES)
        return;
    facts_connect(f, a);
    take_vertices(f, from, j, a);
    take_busy(f, from, j, a);
    facts_take_given(f, from, false, a);
}

bool facts_want_before_cluster(const struct cluster_facts *c)
{
    for (uint32_t i = 0; i < c->n_managers; i++)
        if (facts_data(c->managers[i]) && !live_has_real(facts_gc_rate(c->gc[i])))
            return true;
    return false;
}

bool facts_want_before(const struct facts *f)
{
    const struct live_job *j = facts_job(f);
    for (uint32_t i = 0; j && f->watermarks && i < j->n_vertices; i++) {
        const struct live_watermarks *w = facts_data(f->watermarks[i]);
        if (w && live_has(w->low) && w->low != LIVE_WATERMARK_NONE && w->low < facts_now(f) - FACTS_LATE_MS)
            return true;
    }
    return false;
}
