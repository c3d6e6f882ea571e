/* How unevenly records are spread over the subtasks of each vertex. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/skew.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "VERTEX", .json = "name", .flex = 24},
    {.title = "SKEW", .json = "skewPercent", .align = LIST_RIGHT},
    {.title = "VARIATION", .json = "coefficientOfVariation", .align = LIST_RIGHT, .rank = 5},
    {.title = "BY SUBTASK", .width = 32, .rank = 2},
    {.title = "MOST/MEAN", .json = "mostOverMean", .align = LIST_RIGHT, .rank = 4},
    {.title = "LEAST", .json = "min", .align = LIST_RIGHT, .rank = 3},
    {.title = "MEAN", .json = "avg", .align = LIST_RIGHT, .rank = 3},
    {.title = "MOST", .json = "max", .align = LIST_RIGHT, .rank = 1},
    {.title = "IN SUBTASK", .json = "mostIn", .align = LIST_RIGHT, .rank = 1},
    {.title = "SUM", .json = "sum", .align = LIST_RIGHT, .rank = 6},
    {.title = "OF", .json = "of", .rank = 7},
    {.title = "PAR", .json = "subtasks", .align = LIST_RIGHT, .rank = 8},
};

enum { MAX_ASKED = 128, BARS = 32, NOTABLE = 30, SEVERE = 60 }; /* percent */

enum measure { RECORDS_IN, RECORDS_OUT, BYTES_IN, BYTES_OUT, BUSY, MEASURES };
static const char *const measure_words[MEASURES] = {"records-in", "records-out", "bytes-in", "bytes-out", "busy-time"};

struct state {
    int measure;
};

static const struct live_vertex_detail *of(const struct view *v, const struct world *w, const char *vertex)
{
    return answer_data(w, LIVE_VERTEX, v->at.job, vertex, NULL, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const struct live_job *j = job_of(v, w);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    for (uint32_t i = 0; j && i < j->n_vertices && i < MAX_ASKED; i++)
        if (j->vertices[i].id) {
            want(wants, LIVE_VERTEX, v->at.job, j->vertices[i].id, NULL, NULL);
            want_every(wants, 10000);
        }
}

static double figure(const struct live_subtask *s, enum measure m)
{
    const int64_t whole[MEASURES] = {[RECORDS_IN] = s->io.read_records,
                                     [RECORDS_OUT] = s->io.write_records,
                                     [BYTES_IN] = s->io.read_bytes,
                                     [BYTES_OUT] = s->io.write_bytes};
    return m == BUSY ? s->io.busy_ms : live_has(whole[m]) ? (double)whole[m] : NAN;
}

static struct shown shown(double v, enum measure m)
{
    int64_t n = isfinite(v) && fabs(v) < 9e18 ? (int64_t)v : LIVE_ABSENT;
    return m == BUSY ? show_ms(n) : m == BYTES_IN || m == BYTES_OUT ? show_bytes(n) : show_count(n);
}

static void fill(struct list *l, const struct live_vertex *x, const struct live_vertex_detail *d, enum measure m)
{
    struct arena a = {0};
    uint32_t n = d ? d->n_subtasks : 0;
    double *v = arena_array(&a, n + 1u, sizeof *v), bars[BARS];
    for (uint32_t i = 0; i < n; i++)
        v[i] = figure(&d->subtasks[i], m);
    const struct skew s = skew_of(v, n);
    double ratio = s.mean > 0 ? s.most / s.mean : NAN;
    int64_t where = d && s.n && s.most > 0 ? d->subtasks[s.most_at].index : LIVE_ABSENT;
    enum style style = s.percent >= SEVERE ? ST_BAD : s.percent >= NOTABLE ? ST_WARN : ST_NORMAL;
    char text[32] = "-", variation[32] = "-", over[32] = "-";
    if (s.n) {
        snprintf(text, sizeof text, "%.0f%%", s.percent);
        snprintf(variation, sizeof variation, "%.2f", s.variation);
    }
    if (isfinite(ratio))
        snprintf(over, sizeof over, "%.1f", ratio);
    list_row(l, x->id, ST_NORMAL);
    list_text(l, ST_BOLD, live_text_or(x->name, x->id));
    list_number(l, style, s.percent, text);
    list_number(l, ST_NORMAL, s.variation, variation);
    list_spark(l, style == ST_NORMAL ? ST_CHART : style, bars, skew_bars(v, n, bars, BARS));
    list_number(l, ratio >= 5 ? ST_BAD : ratio >= 2 ? ST_WARN : ST_NORMAL, ratio, over); /* few among many move SKEW little */
    list_number(l, ST_NORMAL, s.least, shown(s.least, m).s);
    list_number(l, ST_NORMAL, s.mean, shown(s.mean, m).s);
    list_number(l, ST_NORMAL, s.most, shown(s.most, m).s);
    list_whole(l, style, where, show_count(where).s);
    list_number(l, ST_NORMAL, s.sum, shown(s.sum, m).s);
    list_text(l, ST_DIM, measure_words[m]);
    list_whole(l, ST_NORMAL, d ? (int64_t)n : x->parallelism, show_count(d ? (int64_t)n : x->parallelism).s);
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    const struct state *s = v->state;
    const struct live_job *j = job_of(v, w);
    list_begin(&v->list);
    for (uint32_t i = 0; j && i < j->n_vertices; i++) {
        enum measure m = (enum measure)s->measure;
        if (!j->vertices[i].id)
            continue;
        if ((m == RECORDS_IN || m == BYTES_IN) && !live_vertex_fed(j, i)) /* what a source reads Flink does not count here */
            m = m == RECORDS_IN ? RECORDS_OUT : BYTES_OUT;
        fill(&v->list, &j->vertices[i], of(v, w, j->vertices[i].id), m);
    }
    list_end(&v->list);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct state *s = v->state;
    if (!job_of(v, w)) {
        draw_missing(g, r, w, LIVE_JOB, v->at.job, NULL, NULL);
        return 1;
    }
    int x = r.x + 1;
    x += grid_textf(g, x, r.y, r.x + r.w - x, ST_TITLE, "%s", measure_words[s->measure]);
    x += grid_text(g, x, r.y, r.x + r.w - x, ST_DIM,
                   " since the tasks started; of sources what they put out.  0%: even, 100%: all in few");
    if (!w->once && r.x + r.w - x > 16)
        grid_right(g, r.x, r.y, r.w - 1, ST_DIM, "c another measure");
    return 1;
}

static bool set(struct view *v, const struct world *w, int measure)
{
    struct state *s = v->state;
    s->measure = measure;
    load(v, w);
    return true;
}

static bool verb(struct view *v, const struct world *w, enum verb what)
{
    const struct state *s = v->state;
    return what == VERB_KIND && set(v, w, (s->measure + 1) % MEASURES);
}

static bool word(struct view *v, const struct world *w, const char *text)
{
    for (int i = 0; i < MEASURES; i++)
        if (!strcmp(measure_words[i], text))
            return set(v, w, i);
    return false;
}

static const char *const words[] = {"records-in", "records-out", "bytes-in", "bytes-out", "busy-time", NULL};

const struct view_ops view_skew = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = 1,
    .descending = true,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_vertex,
    .opens_by = OPENS_VERTEX,
    .verb = verb,
    .vertex = view_row_id,
    .words = words,
    .word = word,
};
