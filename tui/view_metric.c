/* One metric of a vertex: its value in each subtask. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tui/metrics.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "SUBTASK", .json = "subtask", .align = LIST_RIGHT},
    {.title = "VALUE", .json = "value", .align = LIST_RIGHT},
    {.title = "OF THE MOST", .width = 30},
    {.title = "OF MEAN", .json = "ofMean", .align = LIST_RIGHT, .rank = 1},
    {.title = "WHERE", .json = "endpoint", .flex = 10, .rank = 2},
    {.title = "TASK MANAGER", .json = "taskManager", .flex = 10, .rank = 3},
};

enum { MOST_SUBTASKS = 1024 };

/* "0.numRecordsIn" to "N.numRecordsIn": how Flink names the metrics of a vertex. */
static const char *const *names(const struct view *v, const struct world *w, struct arena *a, uint32_t *n)
{
    const struct live_vertex *x = vertex_of_job(job_of(v, w), v->at.vertex);
    *n = x && x->parallelism > 0 ? (uint32_t)(x->parallelism < MOST_SUBTASKS ? x->parallelism : MOST_SUBTASKS) : 0;
    const char **out = arena_array(a, *n + 1u, sizeof *out);
    for (uint32_t i = 0; i < *n; i++)
        out[i] = arena_printf(a, "%u.%s", i, v->at.item);
    return out;
}

static struct metric_source source(const struct view *v)
{
    return (struct metric_source){.route = LIVE_VERTEX_METRICS, .job = v->at.job, .vertex = v->at.vertex, .prefix = ""};
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    struct arena a = {0};
    uint32_t n;
    struct metric_source s = source(v);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    if (!v->at.vertex)
        return;
    want(wants, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
    const char *const *all = names(v, w, &a, &n);
    metric_want(wants, &s, all, n);
    arena_free(&a);
}

static const struct live_subtask *subtask(const struct live_vertex_detail *d, uint32_t index)
{
    for (uint32_t i = 0; d && i < d->n_subtasks; i++)
        if (d->subtasks[i].index == (int64_t)index)
            return &d->subtasks[i];
    return NULL;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_vertex_detail *d = answer_data(w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
    const struct live_answer *answer;
    struct arena a = {0};
    struct metric_source s = source(v);
    uint32_t n, numbers = 0;
    const char *const *all = names(v, w, &a, &n);
    const struct metric_answers answers = metric_answers(w, &s, all, n, &a);
    const struct live_metric **m = arena_array(&a, n + 1u, sizeof *m);
    double most = 0, sum = 0;
    struct list *l = &v->list;
    for (uint32_t i = 0; i < n; i++) {
        m[i] = metric_value(&answers, all[i], &answer);
        if (m[i] && isfinite(m[i]->value)) {
            most = fabs(m[i]->value) > most ? fabs(m[i]->value) : most;
            sum += m[i]->value;
            numbers++;
        }
    }
    list_begin(l);
    for (uint32_t i = 0; i < n; i++) {
        const struct live_subtask *t = subtask(d, i);
        double x = m[i] ? m[i]->value : NAN, mean = numbers ? sum / numbers : NAN, of = mean > 0 || mean < 0 ? x / mean : NAN;
        const char *id = arena_printf(&a, "%u", i);
        list_row(l, id, ST_NORMAL);
        list_whole(l, ST_BOLD, i, id);
        if (m[i] && m[i]->text && !isfinite(x))
            list_text(l, ST_NORMAL, m[i]->text);
        else
            list_number(l, ST_NORMAL, x, metric_shown(v->at.item, x).s);
        list_bar(l, of > 2 ? ST_WARN : ST_CHART, most > 0 && most < 9e18 ? fabs(x) / most : NAN);
        list_number(l, of > 2 ? ST_WARN : ST_NORMAL, of, show_share(of).s);
        list_text(l, ST_NORMAL, t ? t->endpoint : NULL);
        list_text(l, ST_DIM, t ? t->taskmanager : NULL);
    }
    list_end(l);
    arena_free(&a);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_job *j = job_of(v, w);
    const struct live_vertex *x = vertex_of_job(j, v->at.vertex);
    int at = r.x + 1, end = r.x + r.w;
    if (!v->at.vertex) {
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_WARN, "which vertex? --vertex tells");
        return 1;
    }
    if (!j) {
        draw_missing(g, r, w, LIVE_JOB, v->at.job, NULL, NULL);
        return 1;
    }
    at += grid_text(g, at, r.y, (end - at) / 2, ST_BOLD, x ? live_text_or(x->name, v->at.vertex) : v->at.vertex);
    at += grid_textf(g, at, r.y, end - at, ST_TITLE, "  %s", v->at.item);
    if (x && x->parallelism > MOST_SUBTASKS)
        grid_textf(g, at, r.y, end - at, ST_WARN, "  the first %d subtasks", MOST_SUBTASKS);
    return 1;
}

static const char *vertex(const struct view *v) { return v->at.vertex; }

const struct view_ops view_metric = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .vertex = vertex,
};
