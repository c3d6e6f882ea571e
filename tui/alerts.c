#include "tui/alerts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { UPDATE_MS = 250, BASE_ASKS = 10, MAX_COST_VERTICES = FACTS_VERTICES };

/* Turns and pauses are of this clock: the other one may be a recording's, or stand. */
static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the jobs --- */

static bool counts(const struct live_job_row *j)
{
    enum live_job_state s = live_job_state(j->state);
    return j->id && (!live_job_ended(s) || s == LIVE_JOB_FAILED);
}

static void job_free(struct alert_job *j)
{
    arena_free(&j->arena);
    free(j->id);
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(struct alert_job *const *)a)->id, (*(struct alert_job *const *)b)->id);
}

/* Takes over what is known of a job that was there before; `old` is sorted by id. */
static void take_over(struct alert_job *to, struct alert_job **old, uint32_t n)
{
    struct alert_job **found = n ? bsearch(&to, old, n, sizeof *old, by_id) : NULL;
    if (!found || !(*found)->id)
        return;
    free(to->id);
    *to = **found;
    **found = (struct alert_job){.id = mem_strdup(to->id)}; /* still in its place, but empty */
}

/* The list anew, by that of the cluster. */
static void list_jobs(struct alerts *a, const struct live_jobs *jobs)
{
    struct alert_job *was = a->jobs, **old = mem_alloc(sizeof *old * (a->n + 1u));
    uint32_t n_was = a->n;
    for (uint32_t i = 0; i < n_was; i++)
        old[i] = &was[i];
    qsort(old, n_was, sizeof *old, by_id);
    a->jobs = mem_zalloc(sizeof *a->jobs * (jobs->n_list + 1u));
    a->n = 0;
    for (uint32_t i = 0; i < jobs->n_list; i++) {
        if (!counts(&jobs->list[i]))
            continue;
        struct alert_job *to = &a->jobs[a->n++];
        to->id = mem_strdup(jobs->list[i].id);
        take_over(to, old, n_was);
        to->ended = live_job_ended(live_job_state(jobs->list[i].state));
    }
    for (uint32_t i = 0; i < n_was; i++)
        job_free(&was[i]);
    free(was);
    free(old);
}

/* --- a look at one --- */

static const char *copy(struct arena *a, const char *s) { return s ? arena_str(a, s) : NULL; }

static void keep(struct alert_job *j, const struct facts *f, const struct live_job_row *row, int64_t now_ms)
{
    struct arena scratch = {0};
    struct diagnosis d;
    diagnose(&d, f, &scratch);
    arena_free(&j->arena);
    j->arena = (struct arena){0};
    j->name = copy(&j->arena, row->name);
    j->state = copy(&j->arena, row->state);
    j->list = arena_array(&j->arena, d.n + 1u, sizeof *j->list);
    j->n = d.n;
    for (uint32_t i = 0; i < d.n; i++) {
        const struct finding *from = &d.list[i];
        struct alert *to = &j->list[i];
        *to = (struct alert){.id = from->id,
                             .vertex = from->vertex ? copy(&j->arena, from->vertex->id) : NULL,
                             .vertex_name = from->vertex ? copy(&j->arena, from->vertex->name) : NULL,
                             .taskmanager = copy(&j->arena, from->taskmanager),
                             .n_evidence = from->n_evidence};
        for (uint32_t k = 0; k < from->n_evidence; k++)
            to->evidence[k] = copy(&j->arena, from->evidence[k]);
    }
    j->unassessed = arena_array(&j->arena, d.n_unassessed + 1u, sizeof *j->unassessed);
    j->n_unassessed = d.n_unassessed;
    for (uint32_t i = 0; i < d.n_unassessed; i++)
        j->unassessed[i] = (struct unassessed){d.unassessed[i].id, copy(&j->arena, d.unassessed[i].why)};
    j->looked = true;
    j->pending = f->pending;
    j->number = f->number;
    j->at_ms = now_ms;
    j->late = facts_want_before(f);
    arena_free(&scratch);
}

/* What the look asks for goes to `wants`, at that pace; until all is there the job keeps what an earlier look has found. */
static void look(struct alerts *a, struct alert_job *j, const struct cluster_facts *cluster, const struct facts_from *from,
                 const struct live_job_row *row, int64_t now_ms, uint32_t every_ms)
{
    struct arena arena = {0};
    struct facts f = {.cluster = cluster};
    uint32_t had = a->wants.n;
    facts_take(&f, from, j->id, &arena);
    for (uint32_t i = had; i < a->wants.n; i++)
        a->wants.v[i].every_ms = every_ms;
    if (a->complete)
        f.pending = 0;
    bool same =
        j->looked && f.pending == j->pending && f.number == j->number && row->state && j->state && !strcmp(row->state, j->state);
    if (!same && (!f.pending || !j->looked || j->pending))
        keep(j, &f, row, now_ms);
    arena_free(&arena);
}

/* --- turns --- */

/* Questions that a look will take. */
static uint32_t cost(const struct live_snapshot *s, const struct live_job_row *row)
{
    const struct live_job *j = live_data(s, &(struct live_ask){.route = LIVE_JOB, .job = row->id});
    int64_t tasks = 0;
    for (int i = 0; i < LIVE_TASK_STATES; i++)
        tasks += row->tasks[i] > 0 ? row->tasks[i] % (1 << 20) : 0;
    int64_t n = j ? j->n_vertices : tasks < 50 ? tasks : 50;
    return BASE_ASKS + 2 * (uint32_t)(n < MAX_COST_VERTICES ? n : 0);
}

static bool in_trouble(const struct live_job_row *row)
{
    enum live_job_state s = live_job_state(row->state);
    return s != LIVE_JOB_RUNNING || row->tasks[LIVE_TASK_FAILED] > 0;
}

struct turn {
    const struct live_job_row **rows; /* of a->jobs */
    bool *looked;                     /* this time */
    uint32_t asks;
    bool settled; /* nothing is pending */
};

static void take(struct alerts *a, struct turn *t, uint32_t i, const struct cluster_facts *cluster, const struct facts_from *from,
                 int64_t now_ms, const char *shown)
{
    bool is_shown = shown && (!*shown || !strcmp(shown, a->jobs[i].id));
    if (t->looked[i])
        return;
    t->looked[i] = true;
    t->asks += cost(from->now, t->rows[i]);
    look(a, &a->jobs[i], cluster, from, t->rows[i], now_ms,
         is_shown              ? ALERT_SHOWN_MS
             : a->jobs[i].late ? ALERT_LATE_MS
                               : ALERT_EVERY_MS);
    t->settled = t->settled && !a->jobs[i].pending;
}

/* The job that is shown, those in trouble, and then whose turn it is. */
static void take_turn(struct alerts *a, struct turn *t, const struct cluster_facts *cluster, const struct facts_from *from,
                      int64_t now_ms, const char *shown)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->n; i++)
        if (shown && *shown && !strcmp(shown, a->jobs[i].id))
            take(a, t, i, cluster, from, now_ms, shown);
    for (uint32_t i = 0; i < a->n && t->asks < ALERT_ASKS / 2; i++)
        if (in_trouble(t->rows[i]))
            take(a, t, i, cluster, from, now_ms, shown);
    t->settled = true;
    for (; n < a->n && t->asks < ALERT_ASKS; n++)
        take(a, t, (a->first + n) % a->n, cluster, from, now_ms, shown);
    int64_t now = clock_ms();
    if (!a->turn_ms)
        a->turn_ms = now;
    if (n < a->n && t->settled && now - a->turn_ms >= ALERT_TURN_MS) {
        a->first = (a->first + n) % a->n;
        a->turn_ms = now;
    }
}

/* A task manager is told of once, though several jobs run on it: what was told is added to `told`. */
static bool told_before(const struct alert **told, uint32_t *n, const struct alert *x)
{
    for (uint32_t i = 0; x->taskmanager && i < *n; i++)
        if (told[i]->id == x->id && !strcmp(told[i]->taskmanager, x->taskmanager))
            return true;
    if (x->taskmanager && *n < ALERT_MANAGERS * 4)
        told[(*n)++] = x;
    return false;
}

static void sum_up(struct alerts *a)
{
    const struct alert *told[ALERT_MANAGERS * 4];
    uint32_t n_told = 0;
    memset(a->counts, 0, sizeof a->counts);
    a->unlooked = a->unassessed = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        const struct alert_job *j = &a->jobs[i];
        a->unlooked += !j->looked || j->pending;
        a->unassessed += j->looked && !j->pending && j->n_unassessed > 0;
        for (uint32_t k = 0; k < j->n; k++)
            if (!told_before(told, &n_told, &j->list[k]))
                a->counts[finding_rows[j->list[k].id].severity]++;
    }
}

static void take_all(struct alerts *a, const struct live_snapshot *s, int64_t now_ms, const char *shown, const char *only)
{
    const struct live_jobs *jobs = live_data(s, &(struct live_ask){.route = LIVE_JOBS});
    const struct facts_from from = {.now = s, .before = a->older, .wants = &a->wants, .managers = only ? 0 : ALERT_MANAGERS};
    struct arena arena = {0};
    struct cluster_facts cluster = {0};
    wants_free(&a->wants);
    want(&a->wants, LIVE_JOBS, NULL, NULL, NULL, NULL);
    if (!jobs)
        return;
    list_jobs(a, jobs);
    a->known = true;
    if (a->n) {
        struct turn t = {.rows = arena_array(&arena, a->n, sizeof(const struct live_job_row *)),
                         .looked = arena_array(&arena, a->n, sizeof(bool)),
                         .asks = 0};
        facts_take_cluster(&cluster, &from, &arena);
        for (uint32_t i = 0; i < a->wants.n; i++)
            if (a->wants.v[i].ask.item)
                a->wants.v[i].every_ms = shown ? ALERT_SHOWN_MS : ALERT_EVERY_MS;
        for (uint32_t i = 0, n = 0; i < jobs->n_list; i++)
            if (counts(&jobs->list[i]))
                t.rows[n++] = &jobs->list[i];
        if (!only)
            take_turn(a, &t, &cluster, &from, now_ms, shown);
        for (uint32_t i = 0; only && i < a->n; i++)
            if (!*only || !strcmp(only, a->jobs[i].id))
                take(a, &t, i, &cluster, &from, now_ms, shown);
    }
    sum_up(a);
    arena_free(&arena);
}

/* Holds what is looked back at: between one and two spans old. */
static void look_back(struct alerts *a, const struct live_snapshot *s)
{
    if (a->old && s->made_ms - a->old->made_ms < ALERT_LATE_MS && s->made_ms >= a->old->made_ms)
        return;
    if (a->older)
        live_release(a->older);
    a->older = a->old;
    a->old = live_hold(s);
}

bool alerts_update(struct alerts *a, const struct live_snapshot *s, int64_t now_ms, const char *shown)
{
    int64_t now = clock_ms();
    if (a->update_ms && now - a->update_ms < UPDATE_MS)
        return false;
    a->update_ms = now;
    look_back(a, s);
    take_all(a, s, now_ms, shown, NULL);
    return true;
}

void alerts_once(struct alerts *a, const struct live_snapshot *s, int64_t now_ms, const char *job)
{
    take_all(a, s, now_ms, "", job ? job : "");
}

void alerts_want(const struct alerts *a, struct wants *w)
{
    for (uint32_t i = 0; i < a->wants.n; i++) {
        want_ask(w, &a->wants.v[i].ask);
        if (a->wants.v[i].every_ms)
            want_every(w, a->wants.v[i].every_ms);
    }
}

const struct alert_job *alerts_job(const struct alerts *a, const char *id)
{
    for (uint32_t i = 0; id && i < a->n; i++)
        if (!strcmp(a->jobs[i].id, id))
            return &a->jobs[i];
    return NULL;
}

const struct alert *alerts_worst(const struct alerts *a, const struct alert_job **of)
{
    const struct alert *worst = NULL;
    for (uint32_t i = 0; i < a->n; i++) {
        const struct alert *x = a->jobs[i].n ? &a->jobs[i].list[0] : NULL;
        if (!x ||
            (worst &&
             (finding_rows[x->id].severity > finding_rows[worst->id].severity ||
              (finding_rows[x->id].severity == finding_rows[worst->id].severity && x->id >= worst->id))))
            continue;
        worst = x;
        *of = &a->jobs[i];
    }
    return worst;
}

void alerts_free(struct alerts *a)
{
    for (uint32_t i = 0; i < a->n; i++)
        job_free(&a->jobs[i]);
    free(a->jobs);
    wants_free(&a->wants);
    if (a->old)
        live_release(a->old);
    if (a->older)
        live_release(a->older);
    *a = (struct alerts){0};
}
