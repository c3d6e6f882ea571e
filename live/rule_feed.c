#include "live/rule_feed.h"

#include <string.h>

#include "live/facts.h"
#include "live/http.h"
#include "live/pressure.h"

enum { TOTALS = 3 }; /* answers on the whole job: restarts, checkpoints, overview */

/* One look. */
struct look {
    struct rule_feed *feed;
    struct facts facts; /* of it: job, restarts, checkpoints, pressure, watermarks */
    const struct live_answer *overview;
    struct arena arena;
};

static bool needs(const struct rule_feed *f, enum fact_ask ask)
{
    for (uint32_t i = 0; i < f->n_rules; i++)
        for (uint32_t k = 0; k < f->rules[i]->n_series; k++)
            if (fact_rows[f->rules[i]->series[k].fact].ask == ask)
                return true;
    return false;
}

/* By a part of the name, or the beginning of the id. */
static bool meant(const struct live_vertex *v, const char *wanted)
{
    return !*wanted || (v->name && strstr(v->name, wanted)) || (v->id && !strncmp(v->id, wanted, strlen(wanted)));
}

static bool vertex_needed(const struct rule_feed *f, enum fact_ask ask, const struct live_vertex *v)
{
    for (uint32_t i = 0; i < f->n_rules; i++)
        for (uint32_t k = 0; k < f->rules[i]->n_series; k++) {
            const struct rule_series *s = &f->rules[i]->series[k];
            if (fact_rows[s->fact].ask == ask && meant(v, s->vertex))
                return true;
        }
    return false;
}

/* --- asking --- */

static bool ask_job(struct look *k, struct err *e)
{
    struct rule_feed *f = k->feed;
    static const char *const restarts[] = {"numRestarts", "fullRestarts"};
    struct live_ask asks[1 + TOTALS] = {{.route = LIVE_JOB, .job = f->job}};
    const struct live_answer *got[1 + TOTALS], **to[1 + TOTALS] = {&k->facts.job};
    uint32_t n = 1;
    if (needs(f, ASK_RESTARTS)) {
        to[n] = &k->facts.restarts;
        asks[n++] =
            (struct live_ask){.route = LIVE_JOB_METRICS, .job = f->job, .query = live_metrics_query(&k->arena, restarts, 2, NULL)};
    }
    if (needs(f, ASK_CHECKPOINTS)) {
        to[n] = &k->facts.checkpoints;
        asks[n++] = (struct live_ask){.route = LIVE_CHECKPOINTS, .job = f->job};
    }
    if (needs(f, ASK_OVERVIEW)) {
        to[n] = &k->overview;
        asks[n++] = (struct live_ask){.route = LIVE_OVERVIEW};
    }
    if (!live_fetch(f->live, asks, n, got, e))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        *to[i] = got[i];
        if (got[i]->err.kind && !f->why.kind)
            f->why = got[i]->err;
    }
    return true;
}

static bool ask_vertices(struct look *k, struct err *e)
{
    struct rule_feed *f = k->feed;
    const struct live_job *j = facts_job(&k->facts);
    if (!j || live_job_state(j->state) != LIVE_JOB_RUNNING || j->n_vertices > FACTS_VERTICES)
        return true;
    struct live_ask *asks = arena_array(&k->arena, 2u * j->n_vertices + 1, sizeof *asks);
    const struct live_answer **got = arena_array(&k->arena, 2u * j->n_vertices + 1, sizeof(const struct live_answer *));
    const struct live_answer ***to = arena_array(&k->arena, 2u * j->n_vertices + 1, sizeof(const struct live_answer **));
    k->facts.pressure = arena_array(&k->arena, j->n_vertices + 1u, sizeof(const struct live_answer *));
    k->facts.watermarks = arena_array(&k->arena, j->n_vertices + 1u, sizeof(const struct live_answer *));
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        if (vertex_needed(f, ASK_PRESSURE, &j->vertices[i])) {
            to[n] = &k->facts.pressure[i];
            asks[n++] = (struct live_ask){.route = LIVE_BACKPRESSURE, .job = f->job, .vertex = j->vertices[i].id};
        }
        if (vertex_needed(f, ASK_WATERMARKS, &j->vertices[i]) && live_vertex_fed(j, i)) {
            to[n] = &k->facts.watermarks[i];
            asks[n++] = (struct live_ask){.route = LIVE_WATERMARKS, .job = f->job, .vertex = j->vertices[i].id};
        }
    }
    if (!live_fetch(f->live, asks, n, got, e))
        return false;
    for (uint32_t i = 0; i < n; i++)
        *to[i] = got[i];
    return true;
}

/* --- figures --- */

static double whole(int64_t v) { return live_has(v) ? (double)v : NAN; }

static bool all_run(const struct live_job *j)
{
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        const int64_t *n = j->vertices[i].tasks;
        if (live_or(n[LIVE_TASK_RUNNING], 0) + live_or(n[LIVE_TASK_FINISHED], 0) < live_or(j->vertices[i].parallelism, 1))
            return false;
    }
    return live_job_state(j->state) == LIVE_JOB_RUNNING;
}

static double of_vertex(const struct look *k, enum fact_id fact, uint32_t i)
{
    const struct live_vertex *v = &facts_job(&k->facts)->vertices[i];
    const struct live_watermarks *w = k->facts.watermarks ? facts_data(k->facts.watermarks[i]) : NULL;
    const struct live_backpressure *b = k->facts.pressure ? facts_data(k->facts.pressure[i]) : NULL;
    switch (fact) {
    case FACT_BACKPRESSURE:
        return live_pressure_worst(b);
    case FACT_BUSY:
        return live_busy_worst(b);
    case FACT_RECORDS_READ:
        return whole(v->io.read_records);
    case FACT_RECORDS_WRITTEN:
        return whole(v->io.write_records);
    default: /* FACT_WATERMARK_LAG */
        if (!w || !live_has(w->low) || w->low == LIVE_WATERMARK_NONE)
            return NAN;
        return w->low == LIVE_WATERMARK_END ? 0 : fmax(0, (double)k->feed->now_ms - (double)w->low);
    }
}

/* The worst of the vertices that are meant; records are added up. */
static double of_vertices(struct look *k, const struct rule_series *s)
{
    const struct live_job *j = facts_job(&k->facts);
    bool add = s->fact == FACT_RECORDS_READ || s->fact == FACT_RECORDS_WRITTEN, any = false;
    double v = NAN;
    for (uint32_t i = 0; j && i < j->n_vertices; i++) {
        if (!meant(&j->vertices[i], s->vertex))
            continue;
        double one = of_vertex(k, s->fact, i);
        any = true;
        v = add && live_has_real(v) && live_has_real(one) ? v + one : fmax(v, one);
    }
    if (j && j->n_vertices && !any)
        k->feed->unmatched = s->vertex;
    return v;
}

static double of_job(struct look *k, enum fact_id fact)
{
    const struct live_job *j = facts_job(&k->facts);
    const struct live_checkpoints *c = facts_data(k->facts.checkpoints);
    const struct live_checkpoint *last = c ? facts_completed(c) : NULL;
    const struct live_overview *o = facts_data(k->overview);
    int64_t now = k->feed->now_ms, since;
    switch (fact) {
    case FACT_RUNNING:
        return j ? all_run(j) : NAN;
    case FACT_ENDED:
        return j ? live_job_ended(live_job_state(j->state)) : NAN;
    case FACT_UPTIME:
        since = j ? j->timestamps[LIVE_JOB_RUNNING] : LIVE_ABSENT;
        return j && live_has(since) && live_job_state(j->state) == LIVE_JOB_RUNNING ? (double)(now - since) : j ? 0 : NAN;
    case FACT_RESTARTS:
        return whole(facts_restarts(&k->facts));
    case FACT_CHECKPOINT_AGE:
        since = last ? last->latest_ack_ms : c && j ? j->start_ms : LIVE_ABSENT;
        return live_has(since) ? fmax(0, (double)now - (double)since) : NAN;
    case FACT_CHECKPOINT_FAILURES:
        return c ? (double)facts_failed_in_a_row(c) : NAN;
    case FACT_CHECKPOINT_COMPLETED:
        return c ? whole(c->counts.completed) : NAN;
    case FACT_CHECKPOINT_FAILED:
        return c ? whole(c->counts.failed) : NAN;
    case FACT_TASKMANAGERS:
        return o ? whole(o->taskmanagers) : NAN;
    default: /* FACT_SLOTS_FREE */
        return o ? whole(o->slots_available) : NAN;
    }
}

static double of_checkpoint(const struct live_checkpoint *c, enum fact_id fact)
{
    switch (fact) {
    case FACT_CHECKPOINT_SIZE:
        return whole(live_has(c->checkpointed_size) ? c->checkpointed_size : c->state_size); /* one figure before 1.15 */
    case FACT_CHECKPOINT_FULL:
        return whole(c->state_size);
    case FACT_CHECKPOINT_DURATION:
        return whole(c->duration_ms);
    default: /* FACT_CHECKPOINT_IN_FLIGHT */
        return whole(c->persisted_data);
    }
}

/* --- sampling --- */

/* The checkpoints that have completed since the last look, oldest first. */
static void sample_checkpoints(struct look *k)
{
    struct rule_feed *f = k->feed;
    const struct live_checkpoints *c = facts_data(k->facts.checkpoints);
    if (!c)
        return;
    int64_t newest = f->last_checkpoint, highest = 0;
    for (uint32_t i = c->n_history; i--;) {
        const struct live_checkpoint *p = &c->history[i];
        if (live_or(p->id, 0) > highest)
            highest = p->id;
        if (live_or(p->id, 0) <= f->last_checkpoint || p->is_savepoint == LIVE_YES || !p->status ||
            strcmp(p->status, "COMPLETED") != 0)
            continue;
        for (uint32_t r = 0; r < f->n_rules; r++)
            for (uint32_t s = 0; s < f->rules[r]->n_series; s++)
                if (fact_rows[f->rules[r]->series[s].fact].of == OF_CHECKPOINT)
                    rule_sample(&f->rules[r]->series[s], live_or(p->latest_ack_ms, f->now_ms),
                                of_checkpoint(p, f->rules[r]->series[s].fact));
        if (p->id > newest)
            newest = p->id;
    }
    /* numbers that began anew are another job's of the same id */
    f->last_checkpoint = c->n_history && highest < f->last_checkpoint ? 0 : newest;
}

static void sample(struct look *k)
{
    struct rule_feed *f = k->feed;
    sample_checkpoints(k);
    for (uint32_t r = 0; r < f->n_rules; r++)
        for (uint32_t i = 0; i < f->rules[r]->n_series; i++) {
            struct rule_series *s = &f->rules[r]->series[i];
            if (fact_rows[s->fact].of == OF_VERTEX)
                rule_sample(s, f->now_ms, of_vertices(k, s));
            else if (fact_rows[s->fact].of == OF_JOB)
                rule_sample(s, f->now_ms, of_job(k, s->fact));
        }
}

bool rule_feed_look(struct rule_feed *f, struct err *e)
{
    struct look k = {.feed = f};
    k.facts.id = f->job;
    f->unmatched = NULL;
    f->why = (struct err){0};
    bool good = ask_job(&k, e) && ask_vertices(&k, e);
    if (good) {
        const struct live_job *j = facts_job(&k.facts);
        int64_t ours = clock_wall_ms();
        if (j && live_has(j->now_ms))
            f->skew_ms = j->now_ms - ours;
        int64_t now = ours + f->skew_ms;
        f->now_ms = now > f->now_ms ? now : f->now_ms;
        f->state = j ? live_job_state(j->state) : LIVE_JOB_OTHER;
        f->gone = k.facts.job->state == LIVE_UNKNOWN;
        sample(&k);
    }
    live_forget(f->live);
    arena_free(&k.arena);
    return good;
}
