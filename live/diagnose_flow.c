/* Rules on how records and event time flow: backpressure, skew, watermarks. */
#include <string.h>

#include "base/human.h"
#include "live/diagnose.h"
#include "live/pressure.h"

enum { WARM_UP_MS = 20000, RECORDS_MIN = 1000 };
#define BUSY 0.8
#define SKEW 0.35       /* of the time, between the busiest subtask and the mean of the others */
#define SKEW_RECORDS 2. /* times the mean of the others */

static const char *name_of(const struct live_vertex *v) { return live_text_or(v->name, "?"); }

/* --- backpressure --- */

/* The job, when its vertices were asked; NULL: there is nothing to look at, or it is noted. */
static const struct live_job *flowing(struct diagnosis *d, enum finding_id id, const struct facts *f)
{
    const struct live_job *j = job_alive(f);
    if (!j || live_job_state(j->state) != LIVE_JOB_RUNNING)
        return NULL;
    if (f->pressure)
        return j;
    finding_unknown(d, id, "the job has %u vertices; of more than %u none is asked", j->n_vertices, FACTS_VERTICES);
    return NULL;
}

void check_pressure(struct diagnosis *d, const struct facts *f)
{
    const struct live_job *j = flowing(d, FINDING_BACKPRESSURE, f);
    if (!j)
        return;
    double *pressured = arena_array(d->arena, j->n_vertices + 1u, sizeof *pressured);
    double *busy = arena_array(d->arena, j->n_vertices + 1u, sizeof *busy);
    bool *root = arena_array(d->arena, j->n_vertices + 1u, sizeof *root);
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        const struct live_backpressure *b = finding_need(d, FINDING_BACKPRESSURE, f->pressure[i]);
        pressured[i] = live_pressure_worst(b);
        busy[i] = live_busy_worst(b);
    }
    live_pressure_roots(j, pressured, busy, root);
    for (uint32_t v = 0; v < j->n_vertices; v++) {
        uint32_t worst = j->n_vertices;
        for (uint32_t k = 0; root[v] && k < f->n_edges; k++) {
            uint32_t u = f->edges[k].from;
            if (f->edges[k].to == v && live_has_real(pressured[u]) && (worst == j->n_vertices || pressured[u] > pressured[worst]))
                worst = u;
        }
        if (worst == j->n_vertices || !(pressured[worst] > LIVE_PRESSURE_HIGH || busy[v] > BUSY))
            continue;
        struct finding *found = finding_add(d, FINDING_BACKPRESSURE, "it holds up %.120s, which is held up %.0f%% of the time",
                                            name_of(&j->vertices[worst]), pressured[worst] * 100);
        if (!found)
            return;
        found->vertex = &j->vertices[v];
        if (live_has_real(busy[v]))
            finding_say(d, found, "its busiest subtask is busy %.0f%% of the time", busy[v] * 100);
    }
}

/* The greatest of n figures against the mean of the others. */
struct peak {
    double most, others;
    int64_t index;
};
static void peak_add(struct peak *p, double v, int64_t index)
{
    if (v > p->most) {
        p->most = v;
        p->index = index;
    }
    p->others += v; /* the sum, until peak_end */
}
static void peak_end(struct peak *p, uint32_t n) { p->others = n > 1 ? (p->others - p->most) / (n - 1) : p->most; }

void check_skew(struct diagnosis *d, const struct facts *f)
{
    const struct live_job *j = flowing(d, FINDING_SKEW, f);
    for (uint32_t i = 0; j && i < j->n_vertices; i++) {
        const struct live_backpressure *b = finding_need(d, FINDING_SKEW, f->pressure[i]);
        if (!b || b->n_subtasks < 2 || !(live_busy_worst(b) >= BUSY))
            continue;
        struct peak busy = {0}, read = {0};
        for (uint32_t k = 0; k < b->n_subtasks; k++)
            peak_add(&busy, live_has_real(b->subtasks[k].busy) ? b->subtasks[k].busy : 0, live_or(b->subtasks[k].index, k));
        peak_end(&busy, b->n_subtasks);
        const struct live_vertex_detail *v = f->vertices ? facts_data(f->vertices[i]) : NULL;
        for (uint32_t k = 0; v && k < v->n_subtasks; k++)
            peak_add(&read, (double)live_or(v->subtasks[k].io.read_records, 0), live_or(v->subtasks[k].index, k));
        peak_end(&read, v ? v->n_subtasks : 0);
        bool much = v && v->n_subtasks > 1 && read.most >= RECORDS_MIN && read.most >= SKEW_RECORDS * read.others;
        if (busy.most - busy.others < SKEW && !much)
            continue;
        struct finding *found =
            finding_add(d, FINDING_SKEW, "subtask %lld is busy %.0f%% of the time, the others %.0f%% on average",
                        (long long)busy.index, busy.most * 100, busy.others * 100);
        if (!found)
            return;
        found->vertex = &j->vertices[i];
        if (much)
            finding_say(d, found, "subtask %lld has read %s records, the others %s on average", (long long)read.index,
                        human_count((uint64_t)read.most).s, human_count((uint64_t)read.others).s);
    }
}

/* --- watermarks --- */

/* Whether an operator's name says that event time matters to it, or that it makes watermarks. */
static bool has_word(const struct live_vertex *v, const char *const *words)
{
    for (; *words; words++)
        if (v->name && strcasestr(v->name, *words))
            return true;
    return false;
}
static const char *const makers[] = {"watermark", NULL};
static const char *const users[] = {"Window", "IntervalJoin", "TemporalJoin", "Match", "OverAggregate", "Cep", "EventTime", NULL};

/* Whether the vertex or one after it uses event time, as far as names tell. */
static bool uses_event_time(struct diagnosis *d, const struct facts *f, uint32_t i)
{
    const struct live_job *j = facts_job(f);
    bool *after = arena_array(d->arena, j->n_vertices + 1u, sizeof *after), more = true;
    after[i] = true;
    while (more) {
        more = false;
        for (uint32_t k = 0; k < f->n_edges; k++)
            if (after[f->edges[k].from] && !after[f->edges[k].to])
                more = after[f->edges[k].to] = true;
    }
    for (uint32_t k = 0; k < j->n_vertices; k++)
        if (after[k] && has_word(&j->vertices[k], users))
            return true;
    return false;
}

static bool warm(const struct facts *f)
{
    int64_t since = facts_job(f)->timestamps[LIVE_JOB_RUNNING];
    return !live_has(since) || facts_now(f) - since >= WARM_UP_MS;
}

static const char *lacking(struct diagnosis *d, const struct live_watermarks *w)
{
    struct buf b = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n_list; i++)
        if (w->list[i].ms == LIVE_WATERMARK_NONE && n++ < 10)
            buf_printf(&b, "%s%lld", b.n ? ", " : "", (long long)live_or(w->list[i].subtask, i));
    const char *s = n == w->n_list
        ? "no subtask of it has a watermark"
        : arena_printf(d->arena, "its subtasks %s%s have no watermark", buf_cstr(&b), n > 10 ? ", …" : "");
    buf_free(&b);
    return s;
}

void check_no_watermark(struct diagnosis *d, const struct facts *f)
{
    const struct live_job *j = flowing(d, FINDING_WATERMARK_NONE, f);
    for (uint32_t i = 0; j && warm(f) && i < j->n_vertices; i++) {
        const struct live_watermarks *w = f->watermarks[i] ? finding_need(d, FINDING_WATERMARK_NONE, f->watermarks[i]) : NULL;
        if (!w || !facts_first_without_watermark(f, i) || live_or(j->vertices[i].io.read_records, 1) == 0)
            continue;
        bool some = false, given = false, untold = false, makes = false;
        for (uint32_t k = 0; k < f->n_edges; k++) {
            uint32_t u = f->edges[k].from;
            if (f->edges[k].to != i)
                continue;
            some = some || f->given[u].giving == GIVING_SOME;
            given = given || f->given[u].giving == GIVING_ALL;
            untold = untold || f->given[u].giving == GIVING_UNTOLD;
            makes = makes || has_word(&j->vertices[u], makers);
        }
        bool matters = uses_event_time(d, f, i);
        if (!some && !(given && matters) && !(untold && makes && matters))
            continue;
        struct finding *found = finding_add(d, FINDING_WATERMARK_NONE, "%s", lacking(d, w));
        if (!found)
            return;
        found->vertex = &j->vertices[i];
        for (uint32_t k = 0; k < f->n_edges; k++) {
            uint32_t u = f->edges[k].from;
            const struct given *g = &f->given[u];
            if (f->edges[k].to != i)
                continue;
            if (g->giving == GIVING_NONE)
                finding_say(d, found, "%.120s has never given one", name_of(&j->vertices[u]));
            else if (g->giving == GIVING_SOME)
                finding_say(d, found, "%.120s: %s%s never gave one, the others do", name_of(&j->vertices[u]),
                            g->silent ? "subtask " : "some subtasks", g->silent ? g->silent : "");
        }
        if (!some && !given)
            finding_say(d, found, "which of its inputs is silent could not be read");
    }
}

static bool stuck(const struct facts *f, uint32_t i)
{
    const struct live_watermarks *a = facts_data(f->watermarks_before[i]), *b = facts_data(f->watermarks[i]);
    return a && b && live_has(b->low) && b->low != LIVE_WATERMARK_NONE && b->low == a->low && b->low < facts_now(f) - FACTS_LATE_MS;
}

void check_stuck_watermark(struct diagnosis *d, const struct facts *f)
{
    const struct live_job *j = flowing(d, FINDING_WATERMARK_STUCK, f), *before = facts_data(f->job_before);
    if (!j || !warm(f) || !facts_want_before(f))
        return;
    if (!f->watermarks_before || !before || !facts_renewed(f)) {
        finding_unknown(d, FINDING_WATERMARK_STUCK, "event time is late, and whether it moves was not seen: %s",
                        f->watermarks_before ? "Flink did not renew its figures in between; see --for" : "there was only one look");
        return;
    }
    for (uint32_t i = 0; i < j->n_vertices; i++) {
        if (!f->watermarks[i] || !stuck(f, i))
            continue;
        bool first = true;
        for (uint32_t k = 0; k < f->n_edges; k++) {
            uint32_t u = f->edges[k].from;
            first = first && !(f->edges[k].to == i && f->watermarks[u] && stuck(f, u));
        }
        uint32_t k = live_vertex_place(before, j->vertices[i].id);
        int64_t read = k < before->n_vertices
            ? live_or(j->vertices[i].io.read_records, 0) - live_or(before->vertices[k].io.read_records, 0)
            : 0;
        if (!first || read <= 0)
            continue;
        const struct live_watermarks *w = facts_data(f->watermarks[i]);
        struct finding *found = finding_add(d, FINDING_WATERMARK_STUCK, "its watermark stands at %s, %s behind",
                                            human_time(w->low).s, span_text(facts_now(f) - w->low).s);
        if (!found)
            return;
        found->vertex = &j->vertices[i];
        finding_say(d, found, "meanwhile it read %s records", human_count((uint64_t)read).s);
        if (live_has(w->high) && w->high > w->low + FACTS_LATE_MS)
            finding_say(d, found, "other subtasks of it are %s further", span_text(w->high - w->low).s);
    }
}
