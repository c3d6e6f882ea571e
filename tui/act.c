#include "tui/act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/http.h"
#include "tui/meter.h"
#include "tui/show.h"

enum { PATIENCE_MS = 600000 };

const struct act_row act_rows[ACTS] = {
#define ACT(id, word, verb, what, order, drain, asks) {word, verb, what, order, drain, asks},
#include "tui/acts.def"
#undef ACT
};

bool act_saves(enum act act) { return act_rows[act].order == ORDER_SAVEPOINT || act_rows[act].order == ORDER_STOP; }

void operation_begin(struct operations *o, enum act act, const struct order *order, const char *name, const char *release,
                     int64_t now_ms)
{
    struct operation *p = mem_zalloc(sizeof *p);
    *p = (struct operation){.act = act, .name = mem_strdup(name), .start_ms = now_ms, .asked_ms = clock_wall_ms()};
    errand_begin(&p->errand, order, release, clock_monotonic_ms(), PATIENCE_MS);
    o->v = mem_grow(o->v, o->n + 1u, sizeof(struct operation *));
    o->v[o->n++] = p;
}

/* --- how they go --- */

bool operation_ask(const struct operation *o, struct live_ask *ask)
{
    struct errand_question q;
    if (!errand_asks(&o->errand, &q) || q.changes)
        return false;
    *ask = q.ask;
    return true;
}

/* The answer to q that has come since the errand came to that question; NULL: none yet. */
static const struct live_answer *fresh(struct operation *o, const struct live_snapshot *s, struct errand_question *q)
{
    if (q->changes)
        q->ask.query = o->ticket.query;
    const struct live_answer *a = live_find(s, &q->ask);
    if (!a || a->state == LIVE_PENDING)
        return NULL;
    if (q->changes)
        return a;
    if (a->state == LIVE_HERE && (a->number == o->number || a->came_ms < o->asked_ms))
        return NULL;
    o->number = a->number;
    return a;
}

static void step(struct operation *o, struct live *l, const struct live_snapshot *s)
{
    struct errand *r = &o->errand;
    struct errand_question q;
    for (int64_t now = clock_monotonic_ms(); errand_next(r, now, &q) && q.due_ms <= now;) {
        if (q.changes && !o->sent) {
            o->ticket = live_act(l, &q.ask, q.body);
            o->sent = true;
            return;
        }
        const struct live_answer *a = fresh(o, s, &q);
        if (!a)
            return;
        enum errand_state before = r->state;
        o->sent = false;
        errand_take(r, a, now);
        if (r->state == before && before != ERRAND_PREPARES)
            return;
        o->asked_ms = clock_wall_ms();
    }
}

static void ended(struct operation *o, int64_t now_ms)
{
    const struct errand *r = &o->errand;
    bool done = r->state == ERRAND_DONE;
    o->phase = done ? OPERATION_DONE : OPERATION_FAILED;
    o->end_ms = now_ms;
    if (!done)
        snprintf(o->result, sizeof o->result, "%.511s", r->err.text);
    else if (r->location)
        snprintf(o->result, sizeof o->result, "%.511s", r->location);
    else if (live_has(r->checkpoint_id))
        snprintf(o->result, sizeof o->result, "#%lld", (long long)r->checkpoint_id);
    else if (r->job_state)
        snprintf(o->result, sizeof o->result, "%.100s", r->job_state);
}

const struct operation *operations_step(struct operations *o, struct live *l, const struct live_snapshot *s, int64_t now_ms)
{
    const struct operation *last = NULL;
    for (uint32_t i = 0; i < o->n; i++) {
        struct operation *p = o->v[i];
        if (p->end_ms)
            continue;
        step(p, l, s);
        if (p->errand.state == ERRAND_RUNS)
            p->phase = OPERATION_RUNS;
        else if (p->errand.state >= ERRAND_DONE) {
            ended(p, now_ms);
            last = p;
        }
    }
    return last;
}

bool operation_progress(const struct operation *o, const struct live_snapshot *s, int64_t *done, int64_t *all)
{
    const struct live_ask ask = {.route = LIVE_CHECKPOINTS, .job = o->errand.order.job};
    const struct live_checkpoints *c = o->phase == OPERATION_RUNS && s && ask.job ? live_data(s, &ask) : NULL;
    if (!act_saves(o->act) && o->act != ACT_CHECKPOINT)
        return false;
    for (uint32_t i = 0; c && i < c->n_history; i++) {
        const struct live_checkpoint *k = &c->history[i];
        if (!k->status || strcmp(k->status, "IN_PROGRESS") != 0 || (k->is_savepoint == LIVE_YES) != act_saves(o->act))
            continue;
        *done = live_or(k->acknowledged, 0);
        *all = live_or(k->subtasks, 0);
        return *all > 0;
    }
    return false;
}

bool operations_draw(const struct operations *o, const struct live_snapshot *s, int64_t now_ms, struct grid *g, int y)
{
    enum { BAR = 20 };
    const struct operation *p = NULL;
    uint32_t open = 0;
    int64_t done, all;
    for (uint32_t i = 0; i < o->n; i++)
        if (!o->v[i]->end_ms) {
            p = o->v[i];
            open++;
        }
    if (!p)
        return false;
    int x = grid_textf(g, 0, y, g->w, ST_CHART, "%s of ", act_rows[p->act].word);
    x += grid_text(g, x, y, g->w / 2 - x, ST_BOLD, p->name);
    x += grid_textf(g, x, y, g->w - x, ST_CHART, ": %s, %s", p->phase == OPERATION_RUNS ? "runs" : "sent",
                    show_age(now_ms - p->start_ms).s);
    if (open > 1)
        x += grid_textf(g, x, y, g->w - x, ST_DIM, ", and %u more", open - 1);
    if (!operation_progress(p, s, &done, &all) || g->w - x < BAR + 24)
        return true;
    meter_bar(g, x + 1, y, BAR, ST_CHART, (double)done / (double)all);
    grid_textf(g, x + BAR + 2, y, g->w - x - BAR - 2, ST_DIM, "%lld of %lld subtasks", (long long)done, (long long)all);
    return true;
}

void operations_free(struct operations *o)
{
    for (uint32_t i = 0; i < o->n; i++) {
        errand_free(&o->v[i]->errand);
        free(o->v[i]->name);
        free(o->v[i]);
    }
    free(o->v);
    *o = (struct operations){0};
}
