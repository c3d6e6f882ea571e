/* A view without a terminal: asks, waits, prints the grid or the same rows as JSON. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live/find.h"
#include "live/gather.h"
#include "tui/fleet.h"
#include "tui/playing.h"

enum { FLEET_S = 15, PATIENT_MS = 2000 }; /* how long several clusters may take together, and wait for better answers */

/* What the views want of what is known; they take it first. */
static void tell(void *ctx, const struct live_snapshot *known, struct wants *w)
{
    struct app *a = ctx;
    if (known->number)
        app_load(a, known);
    app_want(a, w);
}

/* What names are looked up in: the jobs, and of one its vertices. Opening a view for that would ask all that it shows. */
static void tell_names(void *job, const struct live_snapshot *known, struct wants *w)
{
    (void)known;
    want(w, LIVE_OVERVIEW, NULL, NULL, NULL, NULL);
    want(w, LIVE_JOBS, NULL, NULL, NULL, NULL);
    if (job)
        want(w, LIVE_JOB, job, NULL, NULL, NULL);
}

/* Until nothing new is wanted: answers tell views what else to ask for. */
static bool look(struct gather *g, struct app *a, struct err *e) { return gather_all(g, tell, a, e); }

/* Stacks are taken for some seconds, from the first question on: longer than other answers are waited for. */
static bool wait_for_stacks(struct gather *g, struct app *a, struct err *e)
{
    enum { TURNS = 4 };
    bool ok = true, some = true;
    for (int i = 0; i < TURNS && some && ok; i++) {
        struct wants again = {0}, more = {0};
        for (uint32_t k = 0; k < g->known.n_answers; k++)
            if (g->known.answers[k]->ask.route == LIVE_FLAMEGRAPH && g->known.answers[k]->unsettled)
                want_ask(&again, &g->known.answers[k]->ask);
        some = again.n;
        ok = !some || gather_again(g, &again, e);
        if (some && ok)
            tell(a, &g->known, &more);
        wants_free(&again);
        wants_free(&more);
    }
    return ok;
}

static void set_filter(struct view *v, const char *filter)
{
    snprintf(v->list.filter, sizeof v->list.filter, "%s", filter ? filter : "");
    if (v->ops->cols)
        list_arrange(&v->list);
    if (v->ops->find)
        v->ops->find(v, v->list.filter);
}

/* Opens the view that is asked for. */
static bool open_view(struct gather *g, struct app *a, const struct tui_config *c, enum view_id id, struct err *e)
{
    struct step step = {.view = id, .item = c->item};
    if (view_rows[id].scope == SCOPE_ITEM && !c->item)
        return err_set(e, ERR_USAGE, "--view %s needs --item", view_rows[id].name);
    enum scope scope = view_rows[id].scope;
    bool of_job = scope != SCOPE_CLUSTER && scope != SCOPE_PROCESS;
    if (of_job && (c->job || c->vertex || view_needs_job(id))) {
        if (!gather_all(g, tell_names, NULL, e))
            return false;
        const struct live_jobs *jobs = answer_data(&a->world, LIVE_JOBS, NULL, NULL, NULL, NULL);
        const struct live_job_row *row = jobs ? live_find_job(jobs, c->job, a->url, e) : NULL;
        step.job = row ? row->id : NULL;
        if (!step.job)
            return err_set(e, ERR_SERVER, "the cluster does not tell its jobs");
    }
    if (scope == SCOPE_VERTEX || (c->vertex && of_job)) {
        if (!c->vertex)
            return err_set(e, ERR_USAGE, "--view %s needs --vertex", view_rows[id].name);
        if (!gather_all(g, tell_names, (void *)step.job, e))
            return false;
        const struct live_job *job = answer_data(&a->world, LIVE_JOB, step.job, NULL, NULL, NULL);
        step.vertex = job ? app_find_vertex(job, c->vertex, e) : NULL;
        if (!step.vertex)
            return err_set(e, ERR_SERVER, "the cluster does not tell about the job");
    }
    app_open(a, &step);
    set_filter(app_view(a), c->filter); /* which may decide what the view asks for */
    return look(g, a, e) && wait_for_stacks(g, a, e);
}

/* Rows that a list takes with what is above it, which itself depends on how much room there is. */
static int list_rows(struct view *v, const struct world *world, int w)
{
    struct grid g = {0};
    int rows = 64;
    for (int i = 0; i < 2; i++) {
        grid_size(&g, w, rows);
        rows = (v->ops->draw ? v->ops->draw(v, world, &g, g.clip) : 0) + 1 + (int)v->list.n_order;
    }
    grid_free(&g);
    return rows;
}

static void print_text(struct app *a, const struct tui_config *c, struct buf *out)
{
    struct view *v = app_view(a);
    struct grid g = {0};
    int w = c->w ? c->w : 120, h = c->h;
    if (!h) {
        int rows = 4096;
        if (v->ops->extent)
            v->ops->extent(v, &a->world, &w, &rows);
        else if (v->ops->cols)
            rows = list_rows(v, &a->world, w);
        h = rows + 2;
    }
    grid_size(&g, w, h);
    app_draw(a, &g);
    grid_print(&g, out, c->screen.ascii || !screen_locale_utf8());
    grid_free(&g);
}

static void print_json(struct app *a, struct buf *out)
{
    struct view *v = app_view(a);
    struct jsonw w = {.out = out, .pretty = true};
    jsonw_object(&w);
    jsonw_member_int(&w, "formatVersion", 1);
    jsonw_member_str(&w, "view", view_rows[v->id].name);
    jsonw_member_str(&w, "cluster", a->url);
    json_whole(&w, "atMs", a->world.now_ms);
    if (a->replay) {
        jsonw_key(&w, "recording");
        jsonw_object(&w);
        jsonw_member_int(&w, "fromMs", a->playing.from_ms);
        jsonw_member_int(&w, "toMs", a->playing.to_ms);
        jsonw_member_bool(&w, "cut", a->playing.cut);
        jsonw_end_object(&w);
    }
    if (v->at.job)
        jsonw_member_str(&w, "job", v->at.job);
    if (v->at.vertex)
        jsonw_member_str(&w, "vertex", v->at.vertex);
    if (v->at.item)
        jsonw_member_str(&w, "item", v->at.item);
    if (v->ops->json)
        v->ops->json(v, &a->world, &w);
    if (v->ops->cols) {
        jsonw_key(&w, "rows");
        list_json(&v->list, &w);
    }
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}

/* Whether the view has got anything of what it is about, or the cluster does not have it; else e says why not. An item that is
 * named and not known is nothing, whatever else there is. */
static bool told_something(const struct app *a, struct err *e)
{
    const struct view *v = &a->stack[a->depth - 1];
    const struct live_answer *no = NULL;
    struct wants w = {0};
    bool some = false, missing = false;
    if (v->ops->want)
        v->ops->want(v, &a->world, &w);
    if (!w.n) /* as of jobs, of which none is known */
        app_want_shown(a, &w);
    for (uint32_t i = 0; i < w.n && !missing; i++) {
        const struct live_answer *x = live_find(a->world.snapshot, &w.v[i].ask);
        if (!x)
            continue;
        missing = x->state == LIVE_UNKNOWN && v->at.item && x->ask.item && !strcmp(x->ask.item, v->at.item);
        /* a job that is there, and has no such thing (a history of rescales), is told by the view */
        bool has_none = x->state == LIVE_UNKNOWN && x->ask.job && !x->ask.vertex && !x->ask.item;
        some = some || x->data || x->state == LIVE_LACKING || has_none;
        if (missing || (!no && (x->state == LIVE_FAILED || x->state == LIVE_UNKNOWN)))
            no = x;
    }
    wants_free(&w);
    if (!no || (some && !missing))
        return true;
    return err_set(e, no->state == LIVE_UNKNOWN ? ERR_MISSING : no->err.kind, "%s", no->err.text);
}

static bool once_of_one(struct live *l, const struct tui_config *c, struct buf *out, struct err *e)
{
    struct app a = {
        .url = live_url(l),
        .world = {
            .once = true, .history = live_history(l), .gateway = live_gateway(l), .gateway_sessions = live_gateway_sessions(l)}};
    struct gather g = {.live = l};
    enum view_id id = app_find_view(c->view ? c->view : c->job ? "graph" : "jobs");
    if (id == VIEWS)
        return err_set(e, ERR_USAGE, "no view '%s'", c->view);
    if (c->at && !playing_seek(l, c->at, e))
        return false;
    app_clock(&a, l);
    a.world.loads = &a.loads;
    a.loads.single = true;
    a.world.snapshot = &g.known;
    app_open(&a, &(struct step){.view = VIEW_jobs});
    bool ok = id == VIEW_jobs ? look(&g, &a, e) : open_view(&g, &a, c, id, e);
    ok = ok && told_something(&a, e);
    if (ok) {
        set_filter(app_view(&a), c->filter);
        if (c->json)
            print_json(&a, out);
        else
            print_text(&a, c, out);
    }
    app_free(&a);
    gather_free(&g);
    return ok;
}

/* --- several --- */

static int64_t left_ms(const struct timespec *end)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
}

/* Each is asked by its own collector, so that one that is away costs the others nothing; until all have told, or are lost. */
static void look_at_all(struct fleet *f)
{
    struct pollfd *fd = mem_alloc(sizeof *fd * (f->n + 1u));
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += FLEET_S;
    for (bool open = true; open && left_ms(&end) > 0;) {
        open = false;
        for (uint32_t i = 0; i < f->n; i++) {
            struct member *m = &f->v[i];
            app_clock(&m->app, m->live);
            fleet_take(f, m);
            app_tick(&m->app);
            fleet_tell(m, false, true);
            open = open || !fleet_settled(m, left_ms(&end) > FLEET_S * 1000 - PATIENT_MS);
            fd[i] = (struct pollfd){.fd = m->live ? live_fd(m->live) : -1, .events = POLLIN};
        }
        if (open)
            poll(fd, f->n, 100);
    }
    free(fd);
}

static bool once_of_all(const struct tui_cluster *clusters, uint32_t n, const struct tui_config *c, struct buf *out, struct err *e)
{
    struct fleet f = {0};
    struct app board = {.board = true, .world = {.once = true, .fleet = &f}};
    if (c->view && strcmp(c->view, view_rows[VIEW_clusters].name) != 0)
        return err_set(e, ERR_USAGE, "--view %s is of one cluster; of several there is --view %s", c->view,
                       view_rows[VIEW_clusters].name);
    bool ok = fleet_start(&f, clusters, n, c, true, e);
    if (ok) {
        look_at_all(&f);
        app_clock(&board, NULL);
        app_open(&board, &(struct step){.view = VIEW_clusters});
        app_view(&board)->ops->load(app_view(&board), &board.world);
        set_filter(app_view(&board), c->filter);
        if (c->json)
            print_json(&board, out);
        else
            print_text(&board, c, out);
    }
    app_free(&board);
    fleet_free(&f);
    for (uint32_t i = 0; i < n; i++)
        if (clusters[i].live)
            live_stop(clusters[i].live);
    return ok;
}

bool tui_once(const struct tui_cluster *clusters, uint32_t n, const struct tui_config *c, struct buf *out, struct err *e)
{
    bool board = n > 1 || (c->view && !strcmp(c->view, view_rows[VIEW_clusters].name));
    return board ? once_of_all(clusters, n, c, out, e) : once_of_one(clusters[0].live, c, out, e);
}
