/* Metrics by name: of a vertex and its subtasks, a job, a task manager or the job manager. What is marked is asked for and charted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tui/chart_draw.h"
#include "tui/metrics.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "METRIC", .json = "metric", .flex = 24},
    {.title = "NOW", .json = "value", .align = LIST_RIGHT},
    {.title = "LATELY", .width = 20, .rank = 3},
    {.title = "LOW", .align = LIST_RIGHT, .rank = 2},
    {.title = "HIGH", .align = LIST_RIGHT, .rank = 2},
    {.title = "LEAST", .json = "min", .align = LIST_RIGHT, .rank = 4},
    {.title = "MEAN", .json = "avg", .align = LIST_RIGHT, .rank = 4},
    {.title = "MOST", .json = "max", .align = LIST_RIGHT, .rank = 4},
    {.title = "SUM", .json = "sum", .align = LIST_RIGHT, .rank = 4},
};

enum { NAMES_EVERY_MS = 60000, PAUSE_MS = 35000, ONCE_MOST = 1000 };

struct state {
    int64_t subtask, subtasks; /* subtask: 1 for the first; 0: all */
    int kind;                  /* 0: as fits the name; else 1 + enum chart_of */
    bool full;                 /* the last mark found no room */
};

static const char *const kind_words[CHART_KINDS] = {
    [CHART_SUM] = "sum", [CHART_MEAN] = "mean", [CHART_LEAST] = "least", [CHART_MOST] = "most"};

/* What most people would want to know of several subtasks. */
static enum chart_of kind_of(const struct state *s, const char *name)
{
    static const char *const means[] = {"TimeMs", "Usage", "Latency", "latency", "Duration", "DelayNanos", "Ratio", "Time"};
    if (s->kind)
        return (enum chart_of)(s->kind - 1);
    if (strstr(name, "Watermark"))
        return CHART_LEAST;
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        if (strstr(name, means[i]))
            return CHART_MEAN;
    return CHART_SUM;
}

/* --- questions --- */

struct asked {
    struct metric_source v[METRIC_SOURCES];
    int n;
    char number[24];
};

static void sources(const struct view *v, const struct world *w, struct asked *a)
{
    const struct state *s = v->state;
    a->n = metric_sources(&v->at, v->at.job ? job_of(v, w) : NULL, s->subtask, a->number, a->v);
}

static const struct live_answer *names_of(const struct world *w, const struct metric_source *s)
{
    return answer_to(w, s->route, s->job, s->vertex, s->item, NULL);
}

/* Whether a name's value is asked for: it is marked, or this is the only look. */
static bool is_asked(const struct view *v, const struct world *w, const char *of, const char *id)
{
    if (w->once)
        return !v->list.filter[0] || filter_matches(v->list.filter, id);
    const struct chart *c = w->charts ? charts_find(w->charts, of, id) : NULL;
    return c && c->marked;
}

/* The names of a source whose values are asked for, in the arena. */
static const char *const *asked_names(const struct view *v, const struct world *w, const struct metric_source *s, struct arena *a,
                                      uint32_t *n)
{
    const struct live_answer *answer = names_of(w, s);
    const struct live_metrics *m = answer ? answer->data : NULL;
    const char *of = metric_of(a, s);
    const char **names = arena_array(a, m ? m->n_list + 1u : 1, sizeof *names);
    *n = 0;
    for (uint32_t i = 0; m && i < m->n_list && *n < ONCE_MOST; i++)
        if (m->list[i].id && is_asked(v, w, of, arena_printf(a, "%s%s", s->prefix, m->list[i].id)))
            names[(*n)++] = m->list[i].id;
    return names;
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    struct asked a;
    sources(v, w, &a);
    if (v->at.job)
        want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    for (int i = 0; i < a.n; i++) {
        struct arena arena = {0};
        uint32_t n;
        want(wants, a.v[i].route, a.v[i].job, a.v[i].vertex, a.v[i].item, NULL);
        want_every(wants, NAMES_EVERY_MS);
        const char *const *names = asked_names(v, w, &a.v[i], &arena, &n);
        metric_want(wants, &a.v[i], names, n);
        arena_free(&arena);
    }
}

/* --- rows --- */

static double of_kind(const struct live_metric *m, enum chart_of kind)
{
    const double v[CHART_KINDS] = {[CHART_SUM] = m->sum, [CHART_MEAN] = m->avg, [CHART_LEAST] = m->min, [CHART_MOST] = m->max};
    return isfinite(m->value) ? m->value : v[kind];
}

static void fill_number(struct list *l, enum style s, const char *name, double v) { list_number(l, s, v, metric_shown(name, v).s); }

static void fill_row(struct list *l, const struct state *s, const char *id, const struct live_metric *m, const struct chart *c)
{
    enum chart_of kind = kind_of(s, id);
    double low = NAN, high = NAN, now = m ? of_kind(m, kind) : NAN;
    if (c)
        chart_range(c, kind, &low, &high);
    list_row(l, id, ST_NORMAL);
    list_text(l, ST_BOLD, id);
    if (m && m->text && !isfinite(m->value)) /* NaN, a path, true */
        list_text(l, ST_NORMAL, m->text);
    else
        fill_number(l, ST_BOLD, id, now);
    list_spark(l, ST_CHART, c ? c->v[kind] : NULL, c ? c->n : 0);
    fill_number(l, ST_NORMAL, id, low);
    fill_number(l, ST_NORMAL, id, high);
    fill_number(l, ST_NORMAL, id, m ? m->min : NAN);
    fill_number(l, ST_NORMAL, id, m ? m->avg : NAN);
    fill_number(l, ST_NORMAL, id, m ? m->max : NAN);
    fill_number(l, ST_NORMAL, id, m ? m->sum : NAN);
}

static void fill_source(struct view *v, const struct world *w, const struct metric_source *s)
{
    struct arena a = {0};
    const struct live_answer *known = names_of(w, s), *answer = NULL;
    const struct live_metrics *all = known ? known->data : NULL;
    const char *of = metric_of(&a, s);
    uint32_t n;
    const char *const *asked = asked_names(v, w, s, &a, &n);
    const struct metric_answers answers = metric_answers(w, s, asked, n, &a);
    for (uint32_t i = 0; all && i < all->n_list; i++) {
        if (!all->list[i].id)
            continue;
        const char *id = arena_printf(&a, "%s%s", s->prefix, all->list[i].id);
        struct chart *c = w->charts ? charts_find(w->charts, of, id) : NULL;
        bool wanted = is_asked(v, w, of, id);
        const struct live_metric *m = wanted ? metric_value(&answers, all->list[i].id, &answer) : NULL;
        if (c && c->marked && m && !w->once)
            chart_add(c, m, answer->number, answer->came_ms, PAUSE_MS);
        fill_row(&v->list, v->state, id, m, c && c->n ? c : NULL);
        list_mark(&v->list, id, c && c->marked);
    }
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    struct asked a;
    sources(v, w, &a);
    const struct live_vertex *x = v->at.vertex ? vertex_of_job(job_of(v, w), v->at.vertex) : NULL;
    if (x && live_has(x->parallelism))
        s->subtasks = x->parallelism;
    list_begin(&v->list);
    for (int i = 0; i < a.n; i++)
        fill_source(v, w, &a.v[i]);
    list_end(&v->list);
}

/* --- drawing --- */

static void draw_head(const struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct state *s = v->state;
    const struct live_job *j = v->at.job ? job_of(v, w) : NULL;
    const struct live_vertex *x = vertex_of_job(j, v->at.vertex);
    int at = r.x + 1, end = r.x + r.w;
    if (v->at.vertex)
        at += grid_text(g, at, r.y, (end - at) / 2, ST_BOLD, x ? live_text_or(x->name, v->at.vertex) : v->at.vertex);
    else
        at += grid_text(g, at, r.y, end - at, ST_BOLD, v->at.job ? "the job" : v->at.item ? v->at.item : "the job manager");
    if (v->at.vertex && s->subtask)
        at += grid_textf(g, at, r.y, end - at, ST_TITLE, "  subtask %lld of 0 to %lld", (long long)s->subtask - 1,
                         (long long)s->subtasks - 1);
    else if (v->at.vertex)
        at += grid_textf(g, at, r.y, end - at, ST_TITLE, "  over all subtasks, %s",
                         s->kind ? kind_words[s->kind - 1] : "summed up or as fits the name");
    at += grid_textf(g, at, r.y, end - at, ST_DIM, "  %u metrics", v->list.n_rows);
    if (s->full)
        at += grid_text(g, at, r.y, end - at, ST_WARN, "  no room for more charts");
    const char *hint = v->at.vertex ? "Space chart  Enter by subtask  c kind  n subtask" : "Space chart";
    if (!w->once && end - at > (int)strlen(hint) + 2)
        grid_right(g, r.x, r.y, r.w - 1, ST_DIM, hint);
}

static int draw_charts(const struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct state *s = v->state;
    struct asked a;
    sources(v, w, &a);
    struct chart_shown shown[CHARTS_MOST];
    struct arena arena = {0};
    uint32_t n = 0;
    for (int i = 0; w->charts && !w->once && i < a.n; i++) {
        const char *of = metric_of(&arena, &a.v[i]);
        for (uint32_t k = 0; k < w->charts->n && n < CHARTS_MOST; k++) {
            const struct chart *c = w->charts->v[k];
            enum chart_of kind = kind_of(s, c->metric);
            if (c->marked && !strcmp(c->of, of))
                shown[n++] = (struct chart_shown){c, kind, a.v[i].many ? kind_words[kind] : ""};
        }
    }
    arena_free(&arena);
    r.h = charts_rows(r.w, r.h, n);
    charts_draw(g, r, shown, n);
    return r.h;
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    struct asked a;
    sources(v, w, &a);
    draw_head(v, w, g, r);
    if (!v->list.n_rows) {
        const struct live_answer *names = names_of(w, &a.v[0]);
        if (names && names->data && names->state == LIVE_HERE)
            grid_text(g, r.x + 1, r.y + 1, r.w - 1, ST_DIM, "Flink has only begun to gather them …");
        else
            draw_why(g, (struct rect){r.x, r.y + 1, r.w, 1}, names);
        return r.h;
    }
    return 1 + draw_charts(v, w, g, (struct rect){r.x, r.y + 1, r.w, r.h / 2});
}

/* --- keys --- */

static void mark(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    const struct list_row *r = list_here(&v->list);
    struct asked a;
    sources(v, w, &a);
    struct arena arena = {0};
    if (!r || !w->charts)
        return;
    const char *of = metric_of(&arena, &a.v[a.n > 1 && !strncmp(r->id, a.v[1].prefix, strlen(a.v[1].prefix))]);
    const struct chart *c = charts_find(w->charts, of, r->id);
    s->full = !charts_mark(w->charts, of, r->id, !(c && c->marked));
    arena_free(&arena);
    list_verb(&v->list, VERB_DOWN);
    load(v, w);
}

/* The marks go along to the subtask that is shown next. */
static void set_subtask(struct view *v, const struct world *w, int64_t to)
{
    struct state *s = v->state;
    struct arena arena = {0};
    struct asked a;
    sources(v, w, &a);
    const char *before = metric_of(&arena, &a.v[0]);
    s->subtask = to;
    sources(v, w, &a);
    const char *after = metric_of(&arena, &a.v[0]);
    for (uint32_t i = 0, n = w->charts ? w->charts->n : 0; i < n && strcmp(before, after); i++) {
        struct chart *c = w->charts->v[i];
        if (!c->marked || strcmp(c->of, before))
            continue;
        const char *metric = arena_str(&arena, c->metric);
        c->marked = false;
        s->full |= !charts_mark(w->charts, after, metric, true);
    }
    arena_free(&arena);
    load(v, w);
}

static bool verb(struct view *v, const struct world *w, enum verb what)
{
    struct state *s = v->state;
    int64_t n = s->subtasks > 0 ? s->subtasks : 1;
    s->full = false;
    if (what == VERB_MARK) {
        mark(v, w);
    } else if (what == VERB_KIND && v->at.vertex) {
        s->kind = (s->kind + 1) % (CHART_KINDS + 1);
        load(v, w);
    } else if ((what == VERB_NEXT_SUBTASK || what == VERB_SUBTASK_BEFORE) && v->at.vertex) {
        set_subtask(v, w, (s->subtask + (what == VERB_NEXT_SUBTASK ? 1 : n)) % (n + 1));
    } else {
        return what == VERB_OPEN && !v->at.vertex; /* only a vertex has subtasks to open */
    }
    return true;
}

static bool word(struct view *v, const struct world *w, const char *text)
{
    struct state *s = v->state;
    for (int i = 0; v->at.vertex && i < CHART_KINDS; i++)
        if (!strcmp(text, kind_words[i])) {
            s->kind = i + 1;
            load(v, w);
            return true;
        }
    if (!v->at.vertex || strncmp(text, "subtask", 7) || (text[7] && text[7] != ' '))
        return false;
    char *end;
    long n = strtol(text + 7, &end, 10);
    set_subtask(v, w, end == text + 7 || *end || n < 0 || n >= s->subtasks ? 0 : n + 1);
    return true;
}

static const char *const words[] = {"sum", "mean", "least", "most", "subtask", NULL};

static const char *vertex(const struct view *v) { return v->at.vertex; }

const struct view_ops view_metrics = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_metric,
    .opens_by = OPENS_ITEM,
    .verb = verb,
    .vertex = vertex,
    .words = words,
    .word = word,
};
