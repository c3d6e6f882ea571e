#include "tui/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "live/find.h"
#include "tui/playing.h"

/* --- beginning --- */

static void begin(struct member *m)
{
    struct app *a = &m->app;
    struct start *s = &m->start;
    const struct live_jobs *jobs = answer_data(&a->world, LIVE_JOBS, NULL, NULL, NULL, NULL);
    struct err e = {0};
    if (!s->pending || !jobs)
        return;
    const struct live_job_row *row = live_find_job(jobs, s->config->job, a->url, &e);
    struct step step = {.view = s->view, .job = row ? row->id : NULL, .item = s->config->item};
    const struct live_job *job = step.job ? answer_data(&a->world, LIVE_JOB, step.job, NULL, NULL, NULL) : NULL;
    if (step.job && s->config->vertex) {
        if (!job) { /* the graph asks for it */
            app_open(a, &(struct step){.view = VIEW_graph, .job = step.job});
            return;
        }
        step.vertex = app_find_vertex(job, s->config->vertex, &e);
    }
    s->pending = false;
    if (e.kind)
        memcpy(a->message, e.text, sizeof a->message - 1);
    else
        app_open(a, &step);
}

static void open_views(struct member *m, const struct tui_config *c)
{
    enum scope scope = view_rows[m->start.view].scope;
    struct start *s = &m->start;
    s->pending = view_needs_job(s->view) || (scope != SCOPE_CLUSTER && scope != SCOPE_PROCESS && (c->job || c->vertex));
    app_clock(&m->app, m->live);
    app_open(&m->app, &(struct step){.view = s->pending ? VIEW_jobs : s->view, .item = s->pending ? NULL : c->item});
}

static bool start_one(struct member *m, const struct tui_config *c, bool once, struct err *e)
{
    struct app *a = &m->app;
    if (live_playing(m->live, &a->playing)) {
        if (!once)
            live_play(m->live, a->playing.from_ms, 1);
        if (c->at && !playing_seek(m->live, c->at, e))
            return false;
    }
    if (!live_start(m->live, e))
        return false;
    a->world.history = live_history(m->live);
    a->world.gateway = live_gateway(m->live);
    a->world.gateway_sessions = live_gateway_sessions(m->live);
    return true;
}

bool fleet_start(struct fleet *f, const struct tui_cluster *clusters, uint32_t n, const struct tui_config *c, bool once,
                 struct err *e)
{
    enum view_id view = app_find_view(n > 1 || once ? "jobs" : c->view ? c->view : c->job ? "graph" : "jobs");
    if (view == VIEWS)
        return err_set(e, ERR_USAGE, "no view '%s'", c->view);
    f->v = mem_zalloc(sizeof *f->v * (n + 1u));
    for (uint32_t i = 0; i < n; i++) {
        struct member *m = &f->v[f->n++];
        *m = (struct member){.name = clusters[i].name,
                             .why = clusters[i].why,
                             .live = clusters[i].live,
                             .app = {.url = clusters[i].live ? live_url(clusters[i].live) : clusters[i].name,
                                     .name = n > 1 ? clusters[i].name : NULL,
                                     .live = clusters[i].live,
                                     .read_only = clusters[i].read_only,
                                     .of_many = n > 1},
                             .start = {.config = c, .view = view}};
        m->app.world = (struct world){.fleet = f, .loads = &m->app.loads, .charts = &m->app.charts, .alerts = &m->app.alerts};
        if (m->live && !start_one(m, c, once, e))
            return false;
        open_views(m, c);
    }
    return true;
}

/* --- going on --- */

bool fleet_take(struct fleet *f, struct member *m)
{
    struct app *a = &m->app;
    const struct live_snapshot *s = a->paused || !m->live ? NULL : live_take(m->live), *old = a->world.snapshot;
    (void)f;
    if (!s)
        return false;
    app_load(a, s);
    begin(m);
    if (old)
        live_release(old);
    return true;
}

static void want_for_board(const struct app *a, struct wants *w)
{
    want(w, LIVE_OVERVIEW, NULL, NULL, NULL, NULL);
    want(w, LIVE_JOBS, NULL, NULL, NULL, NULL);
    alerts_want(&a->alerts, w);
}

static bool same(const struct wants *a, const struct wants *b)
{
    bool same = a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = !live_ask_compare(&a->v[i].ask, &b->v[i].ask) && a->v[i].every_ms == b->v[i].every_ms;
    return same;
}

void fleet_tell(struct member *m, bool shown, bool board)
{
    struct wants now = {0};
    if (shown)
        app_want(&m->app, &now);
    else if (board)
        want_for_board(&m->app, &now);
    if (!m->live || same(&now, &m->told)) {
        wants_free(&now);
        return;
    }
    live_want(m->live, now.v, now.n);
    wants_free(&m->told);
    m->told = now;
}

bool fleet_settled(const struct member *m, bool patient)
{
    const struct live_snapshot *s = m->app.world.snapshot;
    const struct alerts *f = &m->app.alerts;
    if (!m->live || (s && s->link.state == LIVE_LINK_LOST))
        return true;
    if (m->app.replay) /* what it has not recorded will not come */
        return s && f->known;
    for (uint32_t i = 0; i < m->told.n; i++) {
        const struct live_answer *a = s ? live_find(s, &m->told.v[i].ask) : NULL;
        if (!a || a->state == LIVE_PENDING || (patient && a->unsettled))
            return false;
    }
    bool jobs = answer_data(&m->app.world, LIVE_JOBS, NULL, NULL, NULL, NULL);
    return m->told.n && (!jobs || (f->known && !f->unlooked));
}

void fleet_free(struct fleet *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct member *m = &f->v[i];
        const struct live_snapshot *last = m->app.world.snapshot;
        app_free(&m->app);
        wants_free(&m->told);
        if (last)
            live_release(last);
    }
    free(f->v);
    *f = (struct fleet){0};
}
