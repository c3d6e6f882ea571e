/* What is wrong, the worst first: the findings of weir diagnose, of a job or of all, with what they are found by and what to do. */
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"
#include "tui/wrap.h"

static const struct list_col cols[] = {
    {.title = "SEVERITY", .json = "severity"},
    {.title = "FINDING", .json = "finding", .flex = 18},
    {.title = "JOB", .json = "jobName", .flex = 12, .rank = 1},
    {.title = "WHERE", .json = "where", .flex = 12, .rank = 2},
    {.title = "FOUND BY", .json = "evidence", .flex = 24},
};

enum { PANE = 9, PANE_LEAST = 16 }; /* lines of the explanation; a view of fewer lines has none */

/* Where Enter leads: the view that shows the evidence. */
static const enum view_id leads_to[FINDINGS] = {
    [FINDING_JOB_FAILED] = VIEW_exceptions,
    [FINDING_CRASH_LOOP] = VIEW_exceptions,
    [FINDING_NO_SLOTS] = VIEW_taskmanagers,
    [FINDING_OUT_OF_MEMORY] = VIEW_exceptions,
    [FINDING_CHECKPOINT_TOO_BIG] = VIEW_checkpoints,
    [FINDING_CHECKPOINT_TIMEOUT] = VIEW_checkpoints,
    [FINDING_CHECKPOINT_FAILING] = VIEW_checkpoints,
    [FINDING_RESTARTED] = VIEW_exceptions,
    [FINDING_TASKMANAGER_LOST] = VIEW_taskmanagers,
    [FINDING_BACKPRESSURE] = VIEW_vertex,
    [FINDING_SKEW] = VIEW_vertex,
    [FINDING_WATERMARK_NONE] = VIEW_watermarks,
    [FINDING_WATERMARK_STUCK] = VIEW_watermarks,
    [FINDING_CHECKPOINT_FAILED] = VIEW_checkpoints,
    [FINDING_CHECKPOINT_SLOW] = VIEW_checkpoints,
    [FINDING_CHECKPOINT_OLD] = VIEW_checkpoints,
    [FINDING_CHECKPOINT_GROWING] = VIEW_checkpoints,
    [FINDING_GC] = VIEW_taskmanager,
    [FINDING_MEMORY] = VIEW_taskmanager,
    [FINDING_CHECKPOINT_OFF] = VIEW_config,
};

/* What a row shows: a finding of a job, or what of it could not be assessed. */
struct shown_alert {
    const struct alert_job *job;
    const struct alert *alert;           /* NULL: not assessed */
    const struct unassessed *unassessed; /* then: the first for that reason */
    uint32_t others;                     /* jobs with the same finding about the same task manager */
};

struct state {
    struct shown_alert *rows;
    uint32_t n;
    struct arena arena;
};

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)v;
    if (w->once && w->alerts)
        alerts_want(w->alerts, wants);
}

/* --- which ones --- */

/* A task manager is told of once, though several jobs run on it. */
static bool told_before(struct state *s, const struct alert *x)
{
    for (uint32_t i = 0; x->taskmanager && i < s->n; i++)
        if (s->rows[i].alert && s->rows[i].alert->id == x->id && s->rows[i].alert->taskmanager &&
            !strcmp(s->rows[i].alert->taskmanager, x->taskmanager)) {
            s->rows[i].others++;
            return true;
        }
    return false;
}

static void put(struct state *s, const struct alert_job *j, const struct alert *x, const struct unassessed *u)
{
    if (x && told_before(s, x))
        return;
    s->rows[s->n++] = (struct shown_alert){.job = j, .alert = x, .unassessed = u};
}

static bool first_with_reason(const struct alert_job *j, uint32_t k)
{
    for (uint32_t i = 0; i < k; i++)
        if (!strcmp(j->unassessed[i].why, j->unassessed[k].why))
            return false;
    return true;
}

/* Rows for the jobs that are meant, by severity; what could not be assessed comes last. */
static void choose(struct state *s, const struct alerts *a, const char *job)
{
    uint32_t room = 0;
    for (uint32_t i = 0; i < a->n; i++)
        room += a->jobs[i].n + a->jobs[i].n_unassessed + 1;
    arena_free(&s->arena);
    *s = (struct state){0};
    s->rows = arena_array(&s->arena, room + 1u, sizeof *s->rows);
    for (int id = 0; id < FINDINGS; id++)
        for (uint32_t i = 0; i < a->n; i++) {
            const struct alert_job *j = &a->jobs[i];
            for (uint32_t k = 0; (!job || !strcmp(job, j->id)) && k < j->n; k++)
                if (j->list[k].id == (enum finding_id)id)
                    put(s, j, &j->list[k], NULL);
        }
    for (uint32_t i = 0; i < a->n; i++) {
        const struct alert_job *j = &a->jobs[i];
        if (job && strcmp(job, j->id))
            continue;
        for (uint32_t k = 0; !j->pending && k < j->n_unassessed; k++)
            if (first_with_reason(j, k))
                put(s, j, NULL, &j->unassessed[k]);
    }
}

/* --- rows --- */

static const enum style styles[] = {[SEVERITY_CRITICAL] = ST_BAD, [SEVERITY_WARNING] = ST_WARN, [SEVERITY_NOTE] = ST_NORMAL};

/* "gc, memory", what of a job could not be assessed for the same reason. */
static const char *unassessed_names(struct arena *a, const struct alert_job *j, const struct unassessed *u)
{
    struct buf b = {0};
    for (uint32_t i = 0; i < j->n_unassessed; i++)
        if (!strcmp(j->unassessed[i].why, u->why))
            buf_printf(&b, "%s%s", b.n ? ", " : "", finding_rows[j->unassessed[i].id].name);
    const char *s = arena_str(a, buf_cstr(&b));
    buf_free(&b);
    return s;
}

static void row(struct list *l, const struct shown_alert *r, uint32_t place)
{
    const struct alert *x = r->alert;
    enum finding_id id = x ? x->id : r->unassessed->id;
    enum style s = x ? styles[finding_rows[id].severity] : ST_DIM;
    const char *name = live_text_or(r->job->name, r->job->id);
    char row_id[160];
    struct arena a = {0};
    snprintf(row_id, sizeof row_id, "%.40s/%d/%.40s/%.40s/%s%u", r->job->id, id, x && x->vertex ? x->vertex : "",
             x && x->taskmanager ? x->taskmanager : "", x ? "" : "-", x && (x->vertex || x->taskmanager) ? 0 : place);
    list_row(l, row_id, x ? ST_NORMAL : ST_DIM);
    list_text(l, s, x ? severity_words[finding_rows[id].severity] : "not assessed");
    list_text(l, s, x ? finding_rows[id].name : unassessed_names(&a, r->job, r->unassessed));
    if (r->others)
        list_textf(l, ST_BOLD, "%.200s and %u more", name, r->others);
    else
        list_text(l, ST_BOLD, name);
    list_text(l, ST_NORMAL, !x ? NULL : x->vertex_name ? short_name(&a, x->vertex_name) : x->taskmanager);
    list_text(l, ST_NORMAL, x ? x->evidence[0] : r->unassessed->why);
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    struct list *l = &v->list;
    list_begin(l);
    if (w->alerts)
        choose(s, w->alerts, v->at.job);
    for (uint32_t i = 0; i < s->n; i++)
        row(l, &s->rows[i], i);
    list_end(l);
}

static const struct shown_alert *here(const struct view *v)
{
    const struct state *s = v->state;
    return v->list.cursor < v->list.n_order ? &s->rows[v->list.order[v->list.cursor]] : NULL;
}

static bool step(const struct view *v, struct step *to)
{
    const struct shown_alert *r = here(v);
    if (!r)
        return false;
    enum finding_id id = r->alert ? r->alert->id : r->unassessed->id;
    *to = (struct step){.view = leads_to[id], .job = r->job->id};
    if (to->view == VIEW_vertex && !(r->alert && r->alert->vertex))
        to->view = VIEW_vertices;
    else if (to->view == VIEW_vertex)
        to->vertex = r->alert->vertex;
    if (to->view == VIEW_taskmanager && !(r->alert && r->alert->taskmanager))
        to->view = VIEW_taskmanagers;
    else if (to->view == VIEW_taskmanager) {
        to->item = r->alert->taskmanager;
        to->job = NULL;
    }
    return true;
}

/* --- drawing --- */

/* How many of each, or that there are none; and what is not known. */
static void draw_sum(const struct view *v, const struct alerts *a, struct grid *g, struct rect r, int64_t now_ms)
{
    const struct state *s = v->state;
    uint32_t counts[3] = {0}, unknown = 0;
    int x = r.x + 1, end = r.x + r.w;
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->rows[i].alert)
            counts[finding_rows[s->rows[i].alert->id].severity]++;
        else
            unknown += 1;
    }
    for (int i = 0; i < 3; i++)
        if (counts[i])
            x += grid_textf(g, x, r.y, end - x, styles[i], "%u %s%s  ", counts[i], severity_words[i],
                            i != SEVERITY_CRITICAL && counts[i] > 1 ? "s" : "");
    const struct alert_job *j = v->at.job ? alerts_job(a, v->at.job) : NULL;
    uint32_t looking = v->at.job ? !j || !j->looked || j->pending : a->unlooked;
    if (v->at.job && !j)
        x += grid_text(g, x, r.y, end - x, ST_DIM, "the job has ended, and not by a failure  ");
    else if (looking && v->at.job)
        x += grid_text(g, x, r.y, end - x, ST_DIM, "looking …  ");
    else if (looking)
        x += grid_textf(g, x, r.y, end - x, ST_DIM, "%u of %u jobs are still to be looked into …  ", looking, a->n);
    else if (!s->n)
        x += grid_text(g, x, r.y, end - x, ST_OK, a->n ? "nothing is wrong  " : "no job runs, none has failed  ");
    if (unknown)
        x += grid_textf(g, x, r.y, end - x, ST_DIM, "%u could not be assessed  ", unknown);
    if (j && j->looked && now_ms - j->at_ms >= 1000)
        grid_textf(g, x, r.y, end - x, ST_DIM, "as of %s ago", show_age(now_ms - j->at_ms).s);
}

static int explain(struct grid *g, struct rect r, const struct shown_alert *x)
{
    int y = r.y, end = r.y + r.h;
    enum finding_id id = x->alert ? x->alert->id : x->unassessed->id;
    enum style s = x->alert ? styles[finding_rows[id].severity] : ST_DIM;
    if (!x->alert) {
        struct arena a = {0};
        y += wrap_draw(g, (struct rect){r.x + 1, y, r.w - 1, end - y}, s,
                       "not assessed: ", unassessed_names(&a, x->job, x->unassessed));
        y += wrap_draw(g, (struct rect){r.x + 3, y, r.w - 3, end - y}, ST_NORMAL, "", x->unassessed->why);
        arena_free(&a);
        return y - r.y;
    }
    grid_textf(g, r.x + 1, y++, r.w - 1, s, "%s: %s", finding_rows[id].name, finding_rows[id].title);
    if (x->alert->vertex_name && y < end)
        grid_text(g, r.x + 3, y++, r.w - 3, ST_BOLD, x->alert->vertex_name);
    for (uint32_t i = 0; i < x->alert->n_evidence && y < end; i++)
        y += wrap_draw(g, (struct rect){r.x + 3, y, r.w - 3, end - y}, ST_NORMAL, "- ", x->alert->evidence[i]);
    if (y < end)
        y += wrap_draw(g, (struct rect){r.x + 3, y, r.w - 3, end - y}, ST_OK, "> ", finding_rows[id].advice);
    return y - r.y;
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    struct state *s = v->state;
    if (!w->alerts || !w->alerts->known) {
        draw_missing(g, r, w, LIVE_JOBS, NULL, NULL, NULL);
        return r.h;
    }
    draw_sum(v, w->alerts, g, r, w->now_ms);
    if (w->once) { /* each with all that is to be said about it */
        int y = r.y + 2;
        list_draw(&v->list, g, (struct rect){r.x, r.y + 1, r.w, (int)v->list.n_order + 1}, false);
        y += (int)v->list.n_order;
        for (uint32_t i = 0; i < v->list.n_order && y < r.y + r.h; i++) {
            const struct shown_alert *x = &s->rows[v->list.order[i]];
            if (x->alert)
                y += 1 + explain(g, (struct rect){r.x, y + 1, r.w, r.y + r.h - y - 1}, x);
        }
        return r.h;
    }
    int pane = r.h >= PANE_LEAST && here(v) ? PANE : 0;
    list_draw(&v->list, g, (struct rect){r.x, r.y + 1, r.w, r.h - 1 - pane}, true);
    if (pane) {
        grid_fill(g, (struct rect){r.x, r.y + r.h - pane, r.w, 1}, ST_FRAME, 0x2500);
        explain(g, (struct rect){r.x, r.y + r.h - pane + 1, r.w, pane - 1}, here(v));
    }
    return r.h;
}

static void extent(struct view *v, const struct world *w, int *width, int *height)
{
    struct grid g = {0};
    int y = 2 + (int)v->list.n_order;
    const struct state *s = v->state;
    (void)w;
    grid_size(&g, *width, 64);
    for (uint32_t i = 0; i < v->list.n_order; i++)
        if (s->rows[v->list.order[i]].alert)
            y += 1 + explain(&g, (struct rect){0, 0, *width, 64}, &s->rows[v->list.order[i]]);
    grid_free(&g);
    *height = y;
}

static void json_row(const struct shown_alert *r, enum finding_id id, const char *why, struct jsonw *out)
{
    jsonw_object(out);
    jsonw_member_str(out, "finding", finding_rows[id].name);
    jsonw_member_str(out, "severity", why ? NULL : severity_words[finding_rows[id].severity]);
    jsonw_member_bool(out, "assessed", !why);
    jsonw_member_str(out, "job", r->job->id);
    jsonw_member_str(out, "jobName", r->job->name);
    jsonw_member_str(out, "title", finding_rows[id].title);
    if (why) {
        jsonw_member_str(out, "why", why);
    } else {
        jsonw_member_str(out, "vertex", r->alert->vertex);
        jsonw_member_str(out, "vertexName", r->alert->vertex_name);
        jsonw_member_str(out, "taskManager", r->alert->taskmanager);
        jsonw_key(out, "evidence");
        jsonw_array(out);
        for (uint32_t k = 0; k < r->alert->n_evidence; k++)
            jsonw_str(out, r->alert->evidence[k]);
        jsonw_end_array(out);
        jsonw_member_str(out, "advice", finding_rows[id].advice);
    }
    jsonw_end_object(out);
}

static void json(const struct view *v, const struct world *w, struct jsonw *out)
{
    const struct state *s = v->state;
    jsonw_key(out, "findings");
    jsonw_array(out);
    for (uint32_t i = 0; i < v->list.n_order; i++) {
        const struct shown_alert *r = &s->rows[v->list.order[i]];
        if (r->alert)
            json_row(r, r->alert->id, NULL, out);
        for (uint32_t k = 0; !r->alert && k < r->job->n_unassessed; k++)
            if (!strcmp(r->job->unassessed[k].why, r->unassessed->why))
                json_row(r, r->job->unassessed[k].id, r->unassessed->why, out);
    }
    jsonw_end_array(out);
    jsonw_member_uint(out, "jobs", w->alerts ? w->alerts->n : 0);
    jsonw_member_uint(out, "jobsNotLookedInto", w->alerts ? w->alerts->unlooked : 0);
}

static void close_it(struct view *v) { arena_free(&((struct state *)v->state)->arena); }

const struct view_ops view_alerts = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
    .step = step,
    .json = json,
    .extent = extent,
    .close = close_it,
};
