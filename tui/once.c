/* A view without a terminal: asks, waits, prints the grid or the same rows as JSON. */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "live/find.h"
#include "tui/app.h"
#include "tui/playing.h"

/* The answers so far, as a snapshot. */
struct gathered {
    const struct live_answer **answers;
    uint32_t n;
    struct live_snapshot snapshot;
};

static int by_ask(const void *a, const void *b)
{
    return live_ask_compare(&(*(const struct live_answer *const *)a)->ask, &(*(const struct live_answer *const *)b)->ask);
}

/* Asks for what is wanted and not known yet; *some: there was something. */
static bool gather(struct live *l, struct gathered *s, struct app *a, bool *some, struct err *e)
{
    struct wants w = {0};
    app_want(a, &w);
    struct live_ask *asks = mem_alloc(sizeof *asks * ((size_t)w.n + 1));
    size_t n = 0;
    for (uint32_t i = 0; i < w.n; i++)
        if (!live_find(&s->snapshot, &w.v[i].ask))
            asks[n++] = w.v[i].ask;
    s->answers = mem_grow(s->answers, s->n + n + 1, sizeof(struct live_answer *));
    bool ok = !n || live_fetch(l, asks, n, s->answers + s->n, e);
    *some = n > 0;
    if (ok) {
        s->n += (uint32_t)n;
        qsort(s->answers, s->n, sizeof *s->answers, by_ask);
        s->snapshot.answers = s->answers;
        s->snapshot.n_answers = s->n;
        s->snapshot.link.state = LIVE_LINK_UP;
        s->snapshot.number++;
    }
    free(asks);
    wants_free(&w);
    return ok;
}

/* Until nothing new is wanted: answers tell views what else to ask for. */
static bool gather_all(struct live *l, struct gathered *s, struct app *a, struct err *e)
{
    enum { ROUNDS = 6 };
    bool some = true;
    for (int i = 0; i < ROUNDS && some; i++) {
        if (!gather(l, s, a, &some, e))
            return false;
        app_load(a, &s->snapshot);
    }
    return true;
}

static void set_filter(struct view *v, const char *filter)
{
    snprintf(v->list.filter, sizeof v->list.filter, "%s", filter ? filter : "");
    if (v->ops->cols)
        list_arrange(&v->list);
    if (v->ops->find)
        v->ops->find(v, v->list.filter);
}

/* Opens the view that is asked for; the jobs are known already. */
static bool open_view(struct live *l, struct gathered *s, struct app *a, const struct tui_config *c, enum view_id id, struct err *e)
{
    struct step step = {.view = id, .item = c->item};
    if (view_rows[id].scope == SCOPE_ITEM && !c->item)
        return err_set(e, ERR_USAGE, "--view %s needs --item", view_rows[id].name);
    enum scope scope = view_rows[id].scope;
    bool may_do_without = (scope == SCOPE_ITEM || scope == SCOPE_ANY) && !c->vertex;
    if (scope != SCOPE_CLUSTER && (c->job || !may_do_without)) {
        const struct live_jobs *jobs = answer_data(&a->world, LIVE_JOBS, NULL, NULL, NULL, NULL);
        const struct live_job_row *row = jobs ? live_find_job(jobs, c->job, a->url, e) : NULL;
        step.job = row ? row->id : NULL;
        if (!step.job)
            return err_set(e, ERR_SERVER, "the cluster does not tell its jobs");
    }
    if (scope == SCOPE_VERTEX || (c->vertex && scope != SCOPE_CLUSTER)) {
        app_open(a, &(struct step){.view = VIEW_graph, .job = step.job});
        if (!c->vertex)
            return err_set(e, ERR_USAGE, "--view %s needs --vertex", view_rows[id].name);
        if (!gather_all(l, s, a, e))
            return false;
        const struct live_job *job = answer_data(&a->world, LIVE_JOB, step.job, NULL, NULL, NULL);
        step.vertex = job ? app_find_vertex(job, c->vertex, e) : NULL;
        if (!step.vertex)
            return err_set(e, ERR_SERVER, "the cluster does not tell about the job");
    }
    app_open(a, &step);
    set_filter(app_view(a), c->filter); /* which may decide what the view asks for */
    return gather_all(l, s, a, e);
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

bool tui_once(struct live *l, const struct tui_config *c, struct buf *out, struct err *e)
{
    struct app a = {.url = live_url(l), .world = {.once = true, .history = live_history(l)}};
    struct gathered s = {0};
    enum view_id id = app_find_view(c->view ? c->view : c->job ? "graph" : "jobs");
    if (id == VIEWS)
        return err_set(e, ERR_USAGE, "no view '%s'", c->view);
    if (c->at && !playing_seek(l, c->at, e))
        return false;
    app_clock(&a, l);
    a.world.loads = &a.loads;
    a.world.snapshot = &s.snapshot;
    app_open(&a, &(struct step){.view = VIEW_jobs});
    bool ok = gather_all(l, &s, &a, e) && (id == VIEW_jobs || open_view(l, &s, &a, c, id, e));
    if (ok) {
        struct view *v = app_view(&a);
        set_filter(v, c->filter);
        if (c->json)
            print_json(&a, out);
        else
            print_text(&a, c, out);
    }
    app_free(&a);
    free(s.answers);
    return ok;
}
