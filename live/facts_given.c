/* Who does not send watermarks on. Flink tells the input's watermark of each subtask, but not for sources; what a vertex sends on is
 * in the metrics "OPERATOR.currentOutputWatermark" of its operators. */
#include <string.h>

#include "live/facts.h"
#include "live/gather.h"

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

static int64_t moment(double watermark)
{
    if (!live_has_real(watermark) || !real(watermark))
        return LIVE_WATERMARK_NONE;
    return watermark < 9.2e18 ? (int64_t)watermark : LIVE_WATERMARK_END;
}

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

/* Of all operators the one that says most: Flink chains them, so the last that gives a watermark counts, and time goes no further
 * than it. */
static const char *judge(struct given *g, const struct live_metrics *m)
{
    const struct live_metric *best = NULL;
    for (uint32_t i = 0; i < m->n_list; i++) {
        const struct live_metric *v = &m->list[i];
        if (!live_has_real(v->max))
            continue;
        enum giving now = real(v->min) ? GIVING_ALL : real(v->max) ? GIVING_SOME : GIVING_NONE;
        if (!best || now > g->giving || (now == g->giving && v->max > best->max)) {
            g->giving = now;
            best = v;
        }
    }
    if (!best)
        return NULL;
    g->low = moment(best->min);
    g->high = moment(best->max);
    return g->giving == GIVING_SOME ? best->id : NULL;
}

/* Which subtasks of a vertex have never given one, by the operator's metric of each. */
static void take_silent(struct facts *f, const struct facts_from *from, uint32_t i, const char *metric, struct arena *a)
{
    const struct live_vertex *v = &facts_job(f)->vertices[i];
    int64_t n = live_or(v->parallelism, 0), most = QUERY_MAX / (int64_t)(3 * strlen(metric) + 8);
    if (n < 2 || n > most)
        return;
    const char **names = arena_array(a, (size_t)n, sizeof *names);
    for (int64_t k = 0; k < n; k++)
        names[k] = arena_printf(a, "%lld.%s", (long long)k, metric);
    const struct live_answer *got = facts_ask(
        f, from,
        &(struct live_ask){
            .route = LIVE_VERTEX_METRICS, .job = f->id, .vertex = v->id, .query = live_metrics_query(a, names, (size_t)n, NULL)});
    struct buf b = {0};
    for (int64_t k = 0; k < n; k++) {
        const struct live_metric *m = live_metric(facts_data(got), names[k]);
        if (m && live_has_real(m->value) && !real(m->value))
            buf_printf(&b, "%s%lld", b.n ? ", " : "", (long long)k);
    }
    if (b.n)
        f->given[i].silent = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
}

/* Two answers: which operators the vertex has, and what they send on. */
static void take_vertex(struct facts *f, const struct facts_from *from, uint32_t i, struct arena *a)
{
    struct live_ask ask = {.route = LIVE_SUBTASKS_METRICS, .job = f->id, .vertex = facts_job(f)->vertices[i].id};
    const char *names[OPERATORS];
    uint32_t n = operators(facts_data(facts_ask(f, from, &ask)), names);
    if (!n)
        return;
    ask.query = live_metrics_query(a, names, n, "min,max");
    const struct live_metrics *m = facts_data(facts_ask(f, from, &ask));
    const char *partly = m ? judge(&f->given[i], m) : NULL;
    if (partly)
        take_silent(f, from, i, partly, a);
}

void facts_take_given(struct facts *f, const struct facts_from *from, bool sources, struct arena *a)
{
    const struct live_job *j = facts_job(f);
    bool *wanted = arena_array(a, j->n_vertices + 1u, sizeof *wanted);
    f->given = arena_array(a, j->n_vertices + 1u, sizeof *f->given);
    for (uint32_t i = 0; i < j->n_vertices; i++)
        wanted[i] = sources && !f->watermarks[i];
    for (uint32_t k = 0; k < f->n_edges; k++)
        wanted[f->edges[k].from] = wanted[f->edges[k].from] || facts_first_without_watermark(f, f->edges[k].to);
    for (uint32_t i = 0, n = 0; i < j->n_vertices; i++) {
        f->given[i].low = f->given[i].high = LIVE_ABSENT;
        if (wanted[i] && n++ < VERTICES)
            take_vertex(f, from, i, a);
    }
}

struct given_look {
    struct facts *facts;
    bool sources;
    struct arena *arena;
};

static void take(void *ctx, const struct live_snapshot *known, struct wants *wants)
{
    const struct given_look *k = ctx;
    facts_take_given(k->facts, &(struct facts_from){.now = known, .wants = wants}, k->sources, k->arena);
}

bool facts_look_given(struct facts *f, struct live *l, bool sources, struct arena *a, struct err *e)
{
    struct gather g = {.live = l};
    bool ok = gather_all(&g, take, &(struct given_look){f, sources, a}, e);
    gather_free(&g);
    return ok;
}
