/* Who does not send watermarks on. Flink tells the input's watermark of each subtask, but not for sources; what a vertex sends on is
 * in the metrics "OPERATOR.currentOutputWatermark" of its operators. */
#include <string.h>

#include "live/facts.h"

enum {
    VERTICES = 16,   /* that are asked */
    OPERATORS = 24,  /* of each */
    QUERY_MAX = 3000 /* Flink takes a first line of 4096 bytes */
};

static const char suffix[] = ".currentOutputWatermark";

static bool lacks_watermark(const struct live_answer *a)
{
    const struct live_watermarks *w = facts_data(a);
    for (uint32_t i = 0; w && i < w->n_list; i++)
        if (w->list[i].ms == LIVE_WATERMARK_NONE)
            return true;
    return false;
}

bool facts_first_without_watermark(const struct facts *f, uint32_t i)
{
    if (!lacks_watermark(f->watermarks[i]))
        return false;
    for (uint32_t k = 0; k < f->n_edges; k++)
        if (f->edges[k].to == i && lacks_watermark(f->watermarks[f->edges[k].from]))
            return false;
    return true;
}

/* Below any time that is meant. */
static bool real(double watermark) { return watermark > -9.2e18; }

/* The names of the metrics, of operators only: a vertex's own has no name before the dot. */
static uint32_t operators(const struct live_metrics *m, const char **names)
{
    uint32_t n = 0;
    size_t bytes = 0;
    for (uint32_t i = 0; m && i < m->n_list && n < OPERATORS; i++) {
        const char *id = live_text_or(m->list[i].id, "");
        size_t length = strlen(id);
        if (length > sizeof suffix && !strcmp(id + length - (sizeof suffix - 1), suffix) && bytes + 3 * length < QUERY_MAX) {
            names[n++] = id;
            bytes += 3 * length;
        }
    }
    return n;
}

/* Of all operators the one that says most: Flink chains them, so the last that gives a watermark counts. */
static const char *judge(struct given *g, const struct live_metrics *m)
{
    const char *partly = NULL;
    for (uint32_t i = 0; i < m->n_list; i++) {
        const struct live_metric *v = &m->list[i];
        if (!live_has_real(v->max))
            continue;
        enum giving now = real(v->min) ? GIVING_ALL : real(v->max) ? GIVING_SOME : GIVING_NONE;
        if (now > g->giving)
            g->giving = now;
        if (now == GIVING_SOME)
            partly = v->id;
    }
    return g->giving == GIVING_SOME ? partly : NULL;
}

/* Which subtasks of a vertex have never given one, by the operator's metric of each. */
static bool look_silent(struct facts *f, struct live *l, uint32_t i, const char *metric, struct arena *a, struct err *e)
{
    const struct live_vertex *v = &facts_job(f)->vertices[i];
    int64_t n = live_or(v->parallelism, 0), most = QUERY_MAX / (int64_t)(3 * strlen(metric) + 8);
    if (n < 2 || n > most)
        return true;
    const char **names = arena_array(a, (size_t)n, sizeof *names);
    for (int64_t k = 0; k < n; k++)
        names[k] = arena_printf(a, "%lld.%s", (long long)k, metric);
    struct live_ask ask = {
        .route = LIVE_VERTEX_METRICS, .job = f->id, .vertex = v->id, .query = live_metrics_query(a, names, (size_t)n, NULL)};
    const struct live_answer *got;
    if (!live_fetch(l, &ask, 1, &got, e))
        return false;
    struct buf b = {0};
    for (int64_t k = 0; k < n; k++) {
        const struct live_metric *m = live_metric(facts_data(got), names[k]);
        if (m && live_has_real(m->value) && !real(m->value))
            buf_printf(&b, "%s%lld", b.n ? ", " : "", (long long)k);
    }
    if (b.n)
        f->given[i].silent = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return true;
}

static bool look_vertex(struct facts *f, struct live *l, uint32_t i, struct arena *a, struct err *e)
{
    struct live_ask ask = {.route = LIVE_SUBTASKS_METRICS, .job = f->id, .vertex = facts_job(f)->vertices[i].id};
    const struct live_answer *got;
    const char *names[OPERATORS];
    if (!live_fetch(l, &ask, 1, &got, e))
        return false;
    uint32_t n = operators(facts_data(got), names);
    if (!n)
        return true;
    ask.query = live_metrics_query(a, names, n, "min,max");
    if (!live_fetch(l, &ask, 1, &got, e))
        return false;
    const struct live_metrics *m = facts_data(got);
    const char *partly = m ? judge(&f->given[i], m) : NULL;
    return !partly || look_silent(f, l, i, partly, a, e);
}

bool facts_look_given(struct facts *f, struct live *l, struct arena *a, struct err *e)
{
    const struct live_job *j = facts_job(f);
    bool *asked = arena_array(a, j->n_vertices + 1u, sizeof *asked);
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->n_edges && n < VERTICES; k++) {
        uint32_t from = f->edges[k].from;
        if (asked[from] || !facts_first_without_watermark(f, f->edges[k].to))
            continue;
        asked[from] = true;
        n++;
        if (!look_vertex(f, l, from, a, e))
            return false;
    }
    return true;
}
