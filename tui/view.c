#include "tui/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct view_row view_rows[VIEWS] = {
#define VIEW(ident, name, key, scope, about) {name, key, scope, about, &view_##ident},
#include "tui/views.def"
#undef VIEW
};

static char *copy(const char *s) { return s ? mem_strdup(s) : NULL; }

void view_open(struct view *v, enum view_id id, const char *job, const char *vertex, const char *item)
{
    const struct view_ops *ops = view_rows[id].ops;
    *v = (struct view){.id = id, .ops = ops, .at = {copy(job), copy(vertex), copy(item)}};
    v->list = (struct list){.cols = ops->cols, .n_cols = ops->n_cols, .sort = ops->sort, .descending = ops->descending};
    v->state = mem_zalloc(ops->state ? ops->state : 1);
}

void view_close(struct view *v)
{
    if (v->ops->close)
        v->ops->close(v);
    list_free(&v->list);
    free(v->state);
    free(v->at.job);
    free(v->at.vertex);
    free(v->at.item);
    *v = (struct view){0};
}

const char *view_process(const struct view *v, struct arena *a)
{
    const char *slash = (v->id == VIEW_log || v->id == VIEW_stack) && v->at.item ? strrchr(v->at.item, '/') : NULL;
    if (slash)
        return arena_strn(a, v->at.item, (size_t)(slash - v->at.item));
    if (v->at.item)
        return view_rows[v->id].scope == SCOPE_PROCESS || v->id == VIEW_taskmanager || !v->at.job ? v->at.item : NULL;
    return v->id == VIEW_taskmanagers ? view_row_id(v) : NULL;
}

bool view_needs_job(enum view_id id)
{
    enum scope s = view_rows[id].scope;
    return s == SCOPE_JOB || s == SCOPE_PART || s == SCOPE_VERTEX;
}

bool view_beside(enum view_id id, const struct target *at)
{
    enum scope s = view_rows[id].scope;
    if (!view_rows[id].key)
        return false;
    if (s == SCOPE_ANY || s == SCOPE_HERE)
        return true;
    return !at->job  ? s == SCOPE_CLUSTER || s == SCOPE_PROCESS
        : at->vertex ? s == SCOPE_VERTEX || s == SCOPE_PART
                     : s == SCOPE_JOB || s == SCOPE_PART;
}

void view_draw(struct view *v, const struct world *w, struct grid *g, struct rect r, bool cursor)
{
    const struct rect old = grid_clip(g, r);
    int taken = v->ops->draw ? v->ops->draw(v, w, g, r) : 0;
    if (v->ops->cols && r.h - taken > 1)
        list_draw(&v->list, g, (struct rect){r.x, r.y + taken, r.w, r.h - taken}, cursor);
    grid_unclip(g, old);
}

/* --- answers --- */

const struct live_answer *answer_to(const struct world *w, enum live_route route, const char *job, const char *vertex,
                                    const char *item, const char *query)
{
    return w->snapshot
        ? live_find(w->snapshot, &(struct live_ask){.route = route, .job = job, .vertex = vertex, .item = item, .query = query})
        : NULL;
}

const void *answer_data(const struct world *w, enum live_route route, const char *job, const char *vertex, const char *item,
                        const char *query)
{
    const struct live_answer *a = answer_to(w, route, job, vertex, item, query);
    return a ? a->data : NULL;
}

const struct live_job *job_of(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_JOB, v->at.job, NULL, NULL, NULL);
}

const struct live_vertex *vertex_of_job(const struct live_job *j, const char *id)
{
    for (uint32_t i = 0; j && id && i < j->n_vertices; i++)
        if (j->vertices[i].id && !strcmp(j->vertices[i].id, id))
            return &j->vertices[i];
    return NULL;
}

/* At most that many vertices are asked one by one. */
enum { MAX_SINGLE = 128 };

void want_pressure(const char *job, const struct world *w, struct wants *wants)
{
    const struct live_job *j = answer_data(w, LIVE_JOB, job, NULL, NULL, NULL);
    if (j && live_job_ended(live_job_state(live_text_or(j->state, "")))) /* 1.15 goes on with zeros */
        return;
    for (uint32_t i = 0; j && i < j->n_vertices && i < MAX_SINGLE; i++)
        if (j->vertices[i].id && (w->once || j->vertices[i].io.backpressured_ms == LIVE_ABSENT))
            want(wants, LIVE_BACKPRESSURE, job, j->vertices[i].id, NULL, NULL);
}

void want_load(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_job *j = job_of(v, w);
    struct arena a = {0};
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    want_pressure(v->at.job, w, wants);
    for (uint32_t i = 0; w->once && j && i < j->n_vertices && i < MAX_SINGLE; i++)
        if (j->vertices[i].id)
            want(wants, LIVE_SUBTASKS_METRICS, v->at.job, j->vertices[i].id, NULL, live_metrics_query(&a, load_metrics, 2, "sum"));
    arena_free(&a);
}

/* --- words --- */

void draw_missing(struct grid *g, struct rect r, const struct world *w, enum live_route route, const char *job, const char *vertex,
                  const char *item)
{
    draw_why(g, r, answer_to(w, route, job, vertex, item, NULL));
}

static void draw_lacking(struct grid *g, struct rect r, enum live_route route)
{
    unsigned since;
    const char *path = live_route_path(route, &since);
    if (since)
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_WARN, "older than Flink %u.%u, or switched off: the cluster has no %s", since / 100,
                   since % 100, path);
    else
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_WARN, "switched off, or kept back by a proxy: the cluster has no %s", path);
}

void draw_why(struct grid *g, struct rect r, const struct live_answer *a)
{
    if (!a || a->state == LIVE_PENDING)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "waiting for the answer …");
    else if (a->state == LIVE_LACKING)
        draw_lacking(g, r, a->ask.route);
    else if (a->state == LIVE_UNKNOWN)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_WARN, "the cluster does not know it (any more)");
    else if (a->state == LIVE_FAILED)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_BAD, a->err.text);
}

enum style state_style(const char *state)
{
    static const struct {
        const char *word;
        enum style style;
    } words[] = {
        {"RUNNING", ST_OK},     {"FINISHED", ST_DIM},      {"COMPLETED", ST_OK},     {"FAILED", ST_BAD},
        {"FAILING", ST_BAD},    {"RESTARTING", ST_WARN},   {"CANCELED", ST_DIM},     {"CANCELLING", ST_WARN},
        {"CANCELING", ST_WARN}, {"IN_PROGRESS", ST_CHART}, {"CREATED", ST_WARN},     {"SCHEDULED", ST_WARN},
        {"DEPLOYING", ST_WARN}, {"INITIALIZING", ST_WARN}, {"RECONCILING", ST_WARN}, {"SUSPENDED", ST_WARN},
    };
    for (size_t i = 0; state && i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].word, state))
            return words[i].style;
    return ST_NORMAL;
}

const char *short_name(struct arena *a, const char *name)
{
    const char *arrow = strstr(name, " -> ");
    return arrow ? arena_printf(a, "%.*s →", (int)(arrow - name), name) : arena_str(a, name);
}

void json_real(struct jsonw *w, const char *name, double v)
{
    char digits[32];
    jsonw_key(w, name);
    if (isfinite(v))
        jsonw_raw(w, digits, (size_t)snprintf(digits, sizeof digits, "%.*g", fabs(v) < 100000 ? 6 : 15, v));
    else
        jsonw_null(w);
}

void json_whole(struct jsonw *w, const char *name, int64_t v)
{
    jsonw_key(w, name);
    if (v == LIVE_ABSENT)
        jsonw_null(w);
    else
        jsonw_int(w, v);
}

const char *view_row_id(const struct view *v)
{
    const struct list_row *r = list_here(&v->list);
    return r ? r->id : NULL;
}

bool view_step(const struct view *v, struct step *to)
{
    const struct view_ops *o = v->ops;
    if (o->step)
        return o->step(v, to);
    const char *id = o->opens_by == OPENS_NOTHING ? NULL : o->opens_by == OPENS_VERTEX ? o->vertex(v) : view_row_id(v);
    *to = (struct step){.view = o->opens, .job = v->at.job, .vertex = v->at.vertex, .item = v->at.item};
    if (o->opens_by == OPENS_JOB)
        to->job = id;
    else if (o->opens_by == OPENS_VERTEX)
        to->vertex = id;
    else
        to->item = id;
    return id;
}
