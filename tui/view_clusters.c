/* All clusters that the console was started with, the ones in trouble told at once. */
#include <stdio.h>
#include <stdlib.h>

#include "tui/fleet.h"
#include "tui/show.h"

static const struct list_col cols[] = {
    {.title = "CLUSTER", .json = "name", .flex = 12},
    {.title = "STATE", .json = "state"},
    {.title = "FLINK", .json = "flinkVersion", .rank = 4},
    {.title = "RUN", .json = "jobsRunning", .align = LIST_RIGHT},
    {.title = "FAILED", .json = "jobsFailed", .align = LIST_RIGHT},
    {.title = "FREE", .json = "slotsFree", .align = LIST_RIGHT, .rank = 2},
    {.title = "SLOTS", .json = "slots", .align = LIST_RIGHT, .rank = 2},
    {.title = "TM", .json = "taskManagers", .align = LIST_RIGHT, .rank = 1},
    {.title = "CRIT", .json = "critical", .align = LIST_RIGHT},
    {.title = "WARN", .json = "warnings", .align = LIST_RIGHT},
    {.title = "WORST", .json = "worst", .flex = 14},
    {.title = "AGE", .json = "ageMs", .align = LIST_RIGHT, .rank = 3},
    {.title = "ADDRESS", .json = "url", .flex = 12, .rank = 5},
};

static const char *state_of(const struct member *m, enum style *s)
{
    const struct live_snapshot *k = m->app.world.snapshot;
    *s = ST_BAD;
    if (!m->live)
        return "not opened";
    if (k && k->link.state == LIVE_LINK_LOST)
        return "lost";
    *s = k && k->link.state == LIVE_LINK_UP ? ST_OK : ST_WARN;
    return k && k->link.state == LIVE_LINK_UP ? "up" : "connecting";
}

/* What is wrong: that it is away, the worst finding, nothing, or nothing yet. */
static void worst_cell(struct list *l, const struct member *m)
{
    static const enum style styles[] = {[SEVERITY_CRITICAL] = ST_BAD, [SEVERITY_WARNING] = ST_WARN, [SEVERITY_NOTE] = ST_NORMAL};
    const struct alerts *a = &m->app.alerts;
    const struct live_snapshot *k = m->app.world.snapshot;
    const struct alert_job *j = NULL;
    const struct alert *x = alerts_worst(a, &j);
    if (m->why)
        list_text(l, ST_BAD, m->why);
    else if (k && k->link.state == LIVE_LINK_LOST)
        list_text(l, ST_BAD, k->link.err.text);
    else if (x)
        list_textf(l, styles[finding_rows[x->id].severity], "%s: %.200s", finding_rows[x->id].name, live_text_or(j->name, j->id));
    else if (!a->known || a->unlooked)
        list_text(l, ST_DIM, a->known ? "looking …" : "");
    else
        list_text(l, a->unassessed ? ST_DIM : ST_OK, a->unassessed ? "not all assessed" : a->n ? "healthy" : "no jobs");
}

static void row(struct list *l, const struct member *m, uint32_t place, int64_t now_ms)
{
    const struct live_overview *o = answer_data(&m->app.world, LIVE_OVERVIEW, NULL, NULL, NULL, NULL);
    const struct live_answer *got = answer_to(&m->app.world, LIVE_OVERVIEW, NULL, NULL, NULL, NULL);
    const struct alerts *a = &m->app.alerts;
    static const struct live_overview nothing = {.jobs_running = LIVE_ABSENT,
                                                 .jobs_failed = LIVE_ABSENT,
                                                 .slots_available = LIVE_ABSENT,
                                                 .slots_total = LIVE_ABSENT,
                                                 .taskmanagers = LIVE_ABSENT};
    int64_t age = got && live_has(got->came_ms) && now_ms >= got->came_ms ? now_ms - got->came_ms : LIVE_ABSENT;
    enum style s;
    char id[16];
    const char *state = state_of(m, &s);
    snprintf(id, sizeof id, "%u", place);
    o = o ? o : &nothing;
    list_row(l, id, ST_NORMAL);
    list_text(l, ST_BOLD, m->name);
    list_text(l, s, state);
    list_text(l, ST_NORMAL, o->flink_version);
    list_whole(l, ST_NORMAL, o->jobs_running, show_count(o->jobs_running).s);
    list_whole(l, o->jobs_failed > 0 ? ST_BAD : ST_NORMAL, o->jobs_failed, show_count(o->jobs_failed).s);
    list_whole(l, o->slots_available == 0 ? ST_WARN : ST_NORMAL, o->slots_available, show_count(o->slots_available).s);
    list_whole(l, ST_NORMAL, o->slots_total, show_count(o->slots_total).s);
    list_whole(l, o->taskmanagers == 0 ? ST_BAD : ST_NORMAL, o->taskmanagers, show_count(o->taskmanagers).s);
    int64_t critical = a->known ? a->counts[SEVERITY_CRITICAL] : LIVE_ABSENT,
            warnings = a->known ? a->counts[SEVERITY_WARNING] : LIVE_ABSENT;
    list_whole(l, critical > 0 ? ST_BAD : ST_NORMAL, critical, show_count(critical).s);
    list_whole(l, warnings > 0 ? ST_WARN : ST_NORMAL, warnings, show_count(warnings).s);
    worst_cell(l, m);
    list_whole(l, age > 30000 ? ST_WARN : ST_DIM, age, show_age(age).s);
    list_text(l, ST_DIM, m->app.url);
}

static void load(struct view *v, const struct world *w)
{
    struct list *l = &v->list;
    list_begin(l);
    for (uint32_t i = 0; w->fleet && i < w->fleet->n; i++)
        row(l, &w->fleet->v[i], i, w->now_ms);
    list_end(l);
}

const struct view_ops view_clusters = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .load = load,
    .opens = VIEW_jobs,
    .opens_by = OPENS_CLUSTER,
};
