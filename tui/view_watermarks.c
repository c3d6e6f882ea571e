/* The watermarks of all vertices in one table: what comes to them, and of sources, to which none comes, what they send on. */
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "live/facts.h"
#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "VERTEX", .json = "name", .flex = 24},
    {.title = "SIDE", .json = "side", .rank = 5},
    {.title = "LAG", .json = "lagMs", .align = LIST_RIGHT},
    {.title = "LOWEST", .json = "lowMs", .align = LIST_RIGHT, .rank = 1},
    {.title = "SPREAD", .json = "spreadMs", .align = LIST_RIGHT},
    {.title = "BY SUBTASK", .rank = 3, .width = 24},
    {.title = "SLOWEST", .json = "slowestSubtask", .align = LIST_RIGHT, .rank = 4},
    {.title = "WITHOUT", .json = "subtasksWithout", .align = LIST_RIGHT},
    {.title = "OF", .json = "subtasks", .align = LIST_RIGHT, .rank = 2},
};

enum { MAX_ASKED = 256, MAX_SHOWN = 256 };

static const struct live_watermarks *of(const struct view *v, const struct world *w, const char *vertex)
{
    return answer_data(w, LIVE_WATERMARKS, v->at.job, vertex, NULL, NULL);
}

/* What the sources send on, which only metrics of their operators tell; asks for it where wants is not NULL. In the arena. */
static const struct given *sources(const struct view *v, const struct world *w, struct wants *wants, struct arena *a)
{
    const struct live_answer *job = answer_to(w, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    struct facts *f = arena_alloc(a, sizeof *f);
    *f = (struct facts){.id = v->at.job, .job = job};
    const struct live_job *j = facts_job(f);
    if (!j || live_job_ended(live_job_state(live_text_or(j->state, ""))))
        return NULL;
    f->watermarks = arena_array(a, j->n_vertices + 1u, sizeof(const struct live_answer *));
    for (uint32_t i = 0; i < j->n_vertices; i++)
        if (j->vertices[i].id && live_vertex_fed(j, i))
            f->watermarks[i] = answer_to(w, LIVE_WATERMARKS, v->at.job, j->vertices[i].id, NULL, NULL);
    facts_connect(f, a);
    facts_take_given(f, &(struct facts_from){.now = w->snapshot, .wants = wants}, true, a);
    return f->given;
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_job *j = job_of(v, w);
    struct arena a = {0};
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    if (!j || live_job_ended(live_job_state(live_text_or(j->state, ""))))
        return;
    sources(v, w, wants, &a);
    arena_free(&a);
    for (uint32_t i = 0; i < j->n_vertices && i < MAX_ASKED; i++)
        if (j->vertices[i].id && live_vertex_fed(j, i)) /* sources have no input watermark */
            want(wants, LIVE_WATERMARKS, v->at.job, j->vertices[i].id, NULL, NULL);
}

static bool is_time(int64_t ms) { return ms != LIVE_WATERMARK_NONE && ms != LIVE_WATERMARK_END && ms != LIVE_ABSENT; }

struct marks {
    int64_t low, high, slowest;
    int64_t without; /* subtasks that have seen none */
    double heat[MAX_SHOWN];
    uint32_t n;
};

static void read_marks(struct marks *m, const struct live_watermarks *x)
{
    *m = (struct marks){.low = LIVE_ABSENT, .high = LIVE_ABSENT, .slowest = LIVE_ABSENT};
    for (uint32_t i = 0; i < x->n_list; i++) {
        int64_t ms = x->list[i].ms;
        m->without += ms == LIVE_WATERMARK_NONE;
        if (!is_time(ms))
            continue;
        if (m->low == LIVE_ABSENT || ms < m->low) {
            m->low = ms;
            m->slowest = x->list[i].subtask;
        }
        m->high = m->high == LIVE_ABSENT || ms > m->high ? ms : m->high;
    }
    m->n = x->n_list < MAX_SHOWN ? x->n_list : MAX_SHOWN;
    for (uint32_t i = 0; i < m->n; i++) { /* full: as late as the latest, or none at all */
        int64_t ms = x->list[i].ms;
        double behind = is_time(ms) && m->high > m->low ? ((double)m->high - (double)ms) / ((double)m->high - (double)m->low) : 0;
        m->heat[i] = ms == LIVE_WATERMARK_NONE ? 1 : behind;
    }
}

/* A source's, as far as they are told: the ends of them, and whether some subtasks have none. */
static void read_given(struct marks *m, const struct given *g)
{
    m->low = g->giving == GIVING_SOME ? g->high : g->low;
    m->high = g->high;
    m->without = g->giving == GIVING_NONE || g->giving == GIVING_SOME;
}

/* Which subtasks of a source have sent none on, and how many. */
static void fill_silent(struct list *l, const struct given *g, int64_t parallelism)
{
    enum giving giving = g ? g->giving : GIVING_UNTOLD;
    int64_t n = giving == GIVING_NONE ? parallelism : giving == GIVING_ALL ? 0 : LIVE_ABSENT;
    if (giving == GIVING_SOME && g->silent) {
        n = 1;
        for (const char *p = g->silent; *p; p++)
            n += *p == ',';
    }
    const char *text = giving == GIVING_NONE ? "all" : giving == GIVING_ALL ? "0" : giving == GIVING_SOME ? "some" : "-";
    list_whole(l, giving == GIVING_NONE || giving == GIVING_SOME ? ST_BAD : ST_NORMAL, n,
               giving == GIVING_SOME && g->silent ? g->silent : text);
}

static const char *lag_words(const struct marks *m, int64_t lag)
{
    return lag != LIVE_ABSENT ? NULL : m->low == LIVE_WATERMARK_END ? "ended" : m->without > 0 ? "none yet" : NULL;
}

static void fill(struct list *l, const struct live_job *j, uint32_t i, const struct live_watermarks *marks,
                 const struct given *given, const struct vertex_load *load)
{
    const struct live_vertex *x = &j->vertices[i];
    struct marks m = {.low = LIVE_ABSENT, .high = LIVE_ABSENT, .slowest = LIVE_ABSENT, .without = LIVE_ABSENT};
    bool source = !live_vertex_fed(j, i);
    if (marks && marks->n_list)
        read_marks(&m, marks);
    if (marks && marks->n_list && marks->low == LIVE_WATERMARK_END)
        m.low = LIVE_WATERMARK_END;
    if (source && given)
        read_given(&m, given);
    int64_t lag = LIVE_ABSENT, spread = LIVE_ABSENT; /* they stay so when they make no sense */
    if (!source)
        lag = load ? marks_lag(&load->marks, m.low) : LIVE_ABSENT;
    else if (is_time(m.low) && live_has(j->now_ms) && __builtin_sub_overflow(j->now_ms, m.low, &lag))
        lag = LIVE_ABSENT;
    if (is_time(m.low) && is_time(m.high) && __builtin_sub_overflow(m.high, m.low, &spread))
        spread = LIVE_ABSENT;
    int64_t of = source ? x->parallelism : marks ? (int64_t)marks->n_list : LIVE_ABSENT;
    const char *words = lag_words(&m, lag);
    list_row(l, x->id, ST_NORMAL);
    list_text(l, ST_BOLD, live_text_or(x->name, x->id));
    list_text(l, ST_DIM, source ? "out" : "in");
    list_whole(l, lag > 60000 ? ST_WARN : ST_NORMAL, lag, words ? words : show_ms(lag).s);
    list_whole(l, ST_NORMAL, is_time(m.low) ? m.low : LIVE_ABSENT, is_time(m.low) ? human_time(m.low).s : "-");
    list_whole(l, spread > 60000 ? ST_WARN : ST_NORMAL, spread, show_ms(spread).s);
    list_heat(l, m.heat, m.n);
    list_whole(l, ST_NORMAL, m.slowest, show_count(m.slowest).s);
    if (source)
        fill_silent(l, given, x->parallelism);
    else
        list_whole(l, m.without > 0 ? ST_BAD : ST_NORMAL, m.without, show_count(m.without).s);
    list_whole(l, ST_NORMAL, of, show_count(of).s);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_job *j = job_of(v, w);
    struct arena a = {0};
    const struct given *given = sources(v, w, NULL, &a);
    const struct job_load *load = loads_job(w->loads, v->at.job);
    list_begin(&v->list);
    for (uint32_t i = 0; j && i < j->n_vertices; i++)
        if (j->vertices[i].id)
            fill(&v->list, j, i, of(v, w, j->vertices[i].id), given ? &given[i] : NULL, job_load_vertex(load, j->vertices[i].id));
    list_end(&v->list);
    arena_free(&a);
}

/* The first vertex, from the sources on, that holds time back: what comes after it can be no further. */
static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_job *j = job_of(v, w);
    if (!j) {
        draw_missing(g, r, w, LIVE_JOB, v->at.job, NULL, NULL);
        return 1;
    }
    const struct live_vertex *worst = NULL, *stuck = NULL;
    int64_t low = LIVE_ABSENT;
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        const struct live_watermarks *marks = of(v, w, j->vertices[i].id);
        struct marks m;
        if (!marks || !marks->n_list)
            continue;
        read_marks(&m, marks);
        if (m.without && !stuck)
            stuck = &j->vertices[i];
        if (is_time(m.low) && (low == LIVE_ABSENT || m.low < low)) {
            low = m.low;
            worst = &j->vertices[i];
        }
    }
    int x = r.x + 1, end = r.x + r.w;
    if (stuck)
        x += grid_textf(g, x, r.y, end - x, ST_BAD, "no watermark has come to %s  ", live_text_or(stuck->name, stuck->id));
    const struct vertex_load *load = worst ? job_load_vertex(loads_job(w->loads, v->at.job), worst->id) : NULL;
    if (worst)
        grid_textf(g, x, r.y, end - x, ST_NORMAL, "furthest behind: %s, %s", live_text_or(worst->name, worst->id),
                   show_ms(load ? marks_lag(&load->marks, low) : LIVE_ABSENT).s);
    else if (!stuck)
        grid_text(g, x, r.y, end - x, ST_DIM, "no watermarks");
    return 1;
}

const struct view_ops view_watermarks = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_vertex,
    .opens_by = OPENS_VERTEX,
    .vertex = view_row_id,
};
