/* weir watermarks: how far event time has come, vertex by vertex. */
#include <string.h>

#include "base/human.h"
#include "cli/by_vertex.h"
#include "live/facts.h"
#include "live/pressure.h"
#include "live/shape.h"

static const struct facts *facts(const struct by_vertex *f) { return f->assessed; }

/* NULL for sources, and where there was no answer. */
static const struct live_watermarks *of(const struct by_vertex *f, uint32_t i)
{
    const struct live_watermarks *w = f->answers[i]->data;
    return w && w->n_list ? w : NULL;
}

static bool source(const struct by_vertex *f, uint32_t i) { return !live_vertex_fed(f->job, i); }

static bool assess(struct by_vertex *f, struct err *e)
{
    struct arena *a = &f->cluster->arena;
    struct facts *s = f->assessed = arena_alloc(a, sizeof *s);
    struct live_answer *job = arena_alloc(a, sizeof *job);
    *job = (struct live_answer){.state = LIVE_HERE, .data = f->job};
    s->id = f->job->id;
    s->job = job;
    s->watermarks = arena_array(a, f->job->n_vertices + 1u, sizeof(const struct live_answer *));
    for (uint32_t i = 0; i < f->job->n_vertices; i++)
        s->watermarks[i] = source(f, i) ? NULL : f->answers[i];
    s->given = arena_array(a, f->job->n_vertices + 1u, sizeof *s->given);
    if (live_job_ended(live_job_state(live_text_or(f->job->state, ""))))
        return true;
    facts_connect(s, a);
    return facts_look_given(s, f->cluster->live, true, a, e);
}

/* --- who is to blame --- */

/* Whether the watermarks of what feeds the vertex are known to have begun. */
static bool given_some(const struct by_vertex *f, uint32_t i)
{
    const struct facts *s = facts(f);
    for (uint32_t k = 0; k < s->n_edges; k++)
        if (s->edges[k].to == i && s->given[s->edges[k].from].giving >= GIVING_SOME)
            return true;
    return false;
}

/* Whether it lacks watermarks although there is event time in what comes to it: windows behind it never fire. Where none of its
 * inputs gives any there is nothing to wait for, as in a job without event time. */
static bool stuck(const struct by_vertex *f, uint32_t i)
{
    const struct live_watermarks *w = of(f, i);
    return w && w->low == LIVE_WATERMARK_NONE &&
        (w->high != LIVE_WATERMARK_NONE || (facts_first_without_watermark(facts(f), i) && given_some(f, i)));
}

/* The inputs that are known to give none, from some of their subtasks or from all. */
static bool silent(const struct by_vertex *f, uint32_t edge, uint32_t i)
{
    const struct given *g = &facts(f)->given[facts(f)->edges[edge].from];
    return facts(f)->edges[edge].to == i && (g->giving == GIVING_NONE || g->giving == GIVING_SOME);
}

/* Whether there is event time anywhere: 1 yes, 0 no, -1 not told. */
static int event_time(const struct by_vertex *f)
{
    bool untold = false;
    for (uint32_t i = 0; i < f->job->n_vertices; i++) {
        const struct live_watermarks *w = of(f, i);
        const struct given *g = &facts(f)->given[i];
        if ((w && live_has(w->high) && w->high != LIVE_WATERMARK_NONE) || g->giving >= GIVING_SOME)
            return 1;
        untold = untold || (source(f, i) && g->giving == GIVING_UNTOLD);
    }
    return untold ? -1 : 0;
}

/* --- table --- */

static bool a_time(int64_t ms) { return live_has(ms) && ms != LIVE_WATERMARK_NONE && ms != LIVE_WATERMARK_END; }

/* By the cluster's own clock; absent when it makes no sense. */
static int64_t lag(const struct live_job *job, int64_t ms)
{
    int64_t d;
    return a_time(ms) && live_has(job->now_ms) && !__builtin_sub_overflow(job->now_ms, ms, &d) ? d : LIVE_ABSENT;
}

static void mark_cell(struct table *t, int64_t ms)
{
    if (!live_has(ms))
        table_cell(t, NULL);
    else if (ms == LIVE_WATERMARK_NONE)
        table_cell(t, "none yet");
    else if (ms == LIVE_WATERMARK_END)
        table_cell(t, "end of input");
    else
        table_cell(t, human_time(ms).s);
}

static void lag_cell(struct table *t, int64_t ms)
{
    if (live_has(ms) && ms < 0)
        table_cellf(t, "-%s", duration_text(-ms).s);
    else
        cell_ms(t, ms);
}

static void stuck_cell(struct table *t, const struct by_vertex *f, uint32_t i)
{
    const struct live_watermarks *w = of(f, i);
    const struct facts *s = facts(f);
    struct buf b = {0};
    uint32_t n = 0;
    for (uint32_t k = 0; stuck(f, i) && k < w->n_list; k++)
        if (w->list[k].ms == LIVE_WATERMARK_NONE)
            buf_printf(&b, "%s%lld", n++ ? ", " : "no watermark in subtask ", (long long)live_or(w->list[k].subtask, k));
    for (uint32_t k = 0; n && k < s->n_edges; k++)
        if (silent(f, k, i)) {
            const struct given *g = &s->given[s->edges[k].from];
            const char *name = live_text_or(f->job->vertices[s->edges[k].from].name, "?"), *chained = strstr(name, " -> ");
            buf_printf(&b, "; %.*s", (int)(chained ? chained - name : 60), name);
            if (g->giving == GIVING_SOME)
                buf_printf(&b, ", %s%s,", g->silent ? "subtask " : "in some subtasks", g->silent ? g->silent : "");
            buf_printf(&b, " gives none");
        }
    table_celln(t, b.p, b.n);
    buf_free(&b);
}

static const struct table_col cols[] = {{"VERTEX", false, true},  {"SUBTASK", true, false},  {"OF", false, false},
                                        {"LOWEST", false, false}, {"HIGHEST", false, false}, {"LAG", true, false},
                                        {"STUCK", false, true}};

static void source_row(const struct by_vertex *f, uint32_t i, struct table *t)
{
    const struct given *g = &facts(f)->given[i];
    table_cell(t, "output");
    if (g->giving == GIVING_UNTOLD) {
        table_cell(t, "not known");
    } else {
        mark_cell(t, g->low);
        mark_cell(t, g->high);
        lag_cell(t, lag(f->job, g->low));
    }
    cell_rest(t);
}

static void rows(const struct by_vertex *f, uint32_t i, bool subtasks, struct table *t)
{
    const struct live_watermarks *w = of(f, i);
    cell_vertex(t, f->job->vertices[i].name);
    table_cell(t, NULL);
    if (source(f, i)) {
        source_row(f, i, t);
        return;
    }
    table_cell(t, "input");
    if (w) {
        mark_cell(t, w->low);
        mark_cell(t, w->high);
        lag_cell(t, lag(f->job, w->low));
        stuck_cell(t, f, i);
    } else {
        table_cell(t, "not known");
    }
    cell_rest(t);
    for (uint32_t k = 0; w && subtasks && k < w->n_list; k++) {
        table_cell(t, NULL);
        cell_count(t, w->list[k].subtask);
        table_cell(t, NULL);
        mark_cell(t, w->list[k].ms);
        table_cell(t, NULL);
        lag_cell(t, lag(f->job, w->list[k].ms));
        cell_rest(t);
    }
}

static void remark(const struct by_vertex *f, struct buf *out)
{
    switch (event_time(f)) {
    case 0:
        buf_printf(out, "\nNone of its sources gives watermarks, as in a job without event time.\n");
        break;
    case -1:
        buf_printf(out, "\nNo vertex has a watermark, as in a job without event time; what the sources give is not known.\n");
        break;
    default:
        break;
    }
}

/* --- JSON --- */

static void json(const struct by_vertex *f, struct jsonw *w)
{
    if (live_has(f->job->now_ms))
        jsonw_member_int(w, "nowMs", f->job->now_ms);
    int known = event_time(f);
    if (known >= 0)
        jsonw_member_bool(w, "eventTime", known);
}

static void json_mark(struct jsonw *w, const char *name, int64_t ms)
{
    if (ms == LIVE_WATERMARK_NONE)
        jsonw_member_str(w, name, "none");
    else if (ms == LIVE_WATERMARK_END)
        jsonw_member_str(w, name, "end");
    else if (live_has(ms))
        jsonw_member_int(w, name, ms);
}

static void json_vertex(const struct by_vertex *f, uint32_t i, struct jsonw *w)
{
    const struct live_watermarks *marks = f->answers[i]->data;
    const struct given *g = &facts(f)->given[i];
    if (marks && live_has(lag(f->job, marks->low)))
        jsonw_member_int(w, "lagMs", lag(f->job, marks->low));
    if (g->giving != GIVING_UNTOLD) {
        jsonw_key(w, "output");
        jsonw_object(w);
        json_mark(w, "lowMs", g->low);
        json_mark(w, "highMs", g->high);
        jsonw_end_object(w);
    }
    jsonw_member_bool(w, "stuck", stuck(f, i));
    if (stuck(f, i)) {
        jsonw_key(w, "silent");
        jsonw_array(w);
        for (uint32_t k = 0; k < facts(f)->n_edges; k++)
            if (silent(f, k, i))
                jsonw_str(w, f->job->vertices[facts(f)->edges[k].from].id);
        jsonw_end_array(w);
    }
    jsonw_key(w, "watermarks");
    if (marks)
        shape_write(&shape_live_watermarks, marks, w, false);
    else
        jsonw_null(w);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    static const struct by_vertex_ops ops = {.route = LIVE_WATERMARKS,
                                             .assess = assess,
                                             .rows = rows,
                                             .cols = cols,
                                             .n_cols = sizeof cols / sizeof *cols,
                                             .remark = remark,
                                             .json = json,
                                             .json_vertex = json_vertex};
    return by_vertex_run(cli, &ops, e);
}

const struct command cmd_watermarks = {
    .operands = "JOB",
    .about = "Shows the input watermarks of every vertex of a running job: the lowest and highest over its subtasks, how far the\n"
             "lowest is behind the cluster's clock, and which subtasks wait for one although the job has event time; of sources\n"
             "what they send on.\n",
    .opts = by_vertex_rows,
    .size = sizeof(struct by_vertex_opts),
    .min = 1,
    .max = 1,
    .words = no_words,
    .run = run,
};
