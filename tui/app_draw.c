/* The frame around a view: the cluster and what is wrong with it, the trail, the neighbouring views, and the line at the bottom. */
#include <stdio.h>
#include <string.h>

#include "tui/fleet.h"
#include "tui/playing.h"
#include "tui/show.h"

/* The age of the oldest answer that the view shows and that is asked for again and again. */
static int64_t data_age(const struct app *a)
{
    struct wants w = {0};
    int64_t age = LIVE_ABSENT;
    app_want_shown(a, &w);
    for (uint32_t i = 0; i < w.n; i++) {
        static const int often[] = {
#define ROUTE(id, method, path, since, type, seconds) seconds,
#include "live/rest_api.def"
        };
        enum { SELDOM_MS = 10000 }; /* what is asked for less often is meant to be older */
        const struct live_answer *answer = a->world.snapshot ? live_find(a->world.snapshot, &w.v[i].ask) : NULL;
        int period_ms = w.v[i].every_ms ? (int)w.v[i].every_ms : often[w.v[i].ask.route] * 1000;
        if (answer && answer->data && period_ms && period_ms <= SELDOM_MS && a->world.now_ms - answer->came_ms > age)
            age = a->world.now_ms - answer->came_ms;
    }
    wants_free(&w);
    return age;
}

static void link_text(const struct app *a, char *to, size_t n, enum style *s)
{
    const struct live_link *k = a->world.snapshot ? &a->world.snapshot->link : NULL;
    int64_t age = data_age(a);
    *s = ST_OK;
    if (a->replay) {
        playing_text(a, to, n, s);
        return;
    }
    if (k && k->recorded) {
        snprintf(to, n, "rec %s  ", show_bytes((int64_t)k->recorded).s);
        n -= strlen(to);
        to += strlen(to);
    }
    if (!k || k->state == LIVE_LINK_FIRST) {
        snprintf(to, n, "○ connecting");
        *s = ST_WARN;
    } else if (k->state == LIVE_LINK_LOST) {
        int64_t next = live_has(k->next_ms) ? (k->next_ms - a->world.now_ms + 999) / 1000 : 0;
        snprintf(to, n, "✗ lost %s, again in %d s", show_age(a->world.now_ms - k->since_ms).s, next > 0 ? (int)next : 0);
        *s = ST_BAD;
    } else if (age > 30000) {
        snprintf(to, n, "○ stale, %s old", show_age(age).s);
        *s = ST_WARN;
    } else {
        snprintf(to, n, age >= 0 ? "● live, %d s old" : "● live", (int)(age / 1000)); /* no age where the clock stands */
    }
    if (a->paused) {
        snprintf(to, n, age >= 0 ? "‖ paused, %s old" : "‖ paused", show_age(age).s);
        *s = ST_WARN;
    }
}

/* How many findings there are, so that it is seen at once whether something is wrong. Returns the columns taken. */
static int draw_findings(const struct alerts *f, struct grid *g, int x, int room)
{
    int x0 = x;
    if (f->counts[SEVERITY_CRITICAL])
        x += grid_textf(g, x, 0, room - x, ST_BAD, "  %u critical", f->counts[SEVERITY_CRITICAL]);
    if (f->counts[SEVERITY_WARNING])
        x += grid_textf(g, x, 0, room - x, ST_WARN, "  %u warning%s", f->counts[SEVERITY_WARNING],
                        f->counts[SEVERITY_WARNING] > 1 ? "s" : "");
    if (x == x0 && f->n && !f->unlooked)
        x += grid_text(g, x, 0, room - x, f->unassessed ? ST_DIM : ST_OK, f->unassessed ? "  not all assessed" : "  healthy");
    return x - x0;
}

/* How many clusters there are, how many of them are away, and what is wrong with the others. */
static void draw_fleet(const struct fleet *f, struct grid *g)
{
    uint32_t away = 0, counts[3] = {0};
    int x = grid_text(g, 0, 0, g->w, ST_TITLE, "weir ");
    for (uint32_t i = 0; i < f->n; i++) {
        const struct live_snapshot *s = f->v[i].app.world.snapshot;
        away += !f->v[i].live || (s && s->link.state == LIVE_LINK_LOST);
        for (int k = 0; k < 3; k++)
            counts[k] += f->v[i].app.alerts.counts[k];
    }
    x += grid_textf(g, x, 0, g->w - x, ST_NORMAL, "%u cluster%s", f->n, f->n == 1 ? "" : "s");
    if (away)
        x += grid_textf(g, x, 0, g->w - x, ST_BAD, "  %u away", away);
    if (counts[SEVERITY_CRITICAL])
        x += grid_textf(g, x, 0, g->w - x, ST_BAD, "  %u critical", counts[SEVERITY_CRITICAL]);
    if (counts[SEVERITY_WARNING])
        grid_textf(g, x, 0, g->w - x, ST_WARN, "  %u warning%s", counts[SEVERITY_WARNING], counts[SEVERITY_WARNING] > 1 ? "s" : "");
}

static void draw_cluster(const struct app *a, struct grid *g)
{
    const struct live_overview *o = answer_data(&a->world, LIVE_OVERVIEW, NULL, NULL, NULL, NULL);
    char link[96] = "";
    enum style s = ST_OK;
    if (a->board) {
        draw_fleet(a->world.fleet, g);
        return;
    }
    if (!a->world.once || a->replay)
        link_text(a, link, sizeof link, &s);
    int room = g->w - text_columns(link, strlen(link)) - 2, x = 0;
    grid_right(g, 0, 0, g->w, s, link);
    x += grid_text(g, x, 0, room - x, ST_TITLE, "weir ");
    if (a->name)
        x += grid_textf(g, x, 0, room - x, ST_BOLD, "%s ", a->name);
    else
        x += grid_text(g, x, 0, room - x, ST_NORMAL, a->url);
    if (!a->world.once)
        x += draw_findings(&a->alerts, g, x, room);
    if (!o)
        return;
    x += grid_textf(g, x, 0, room - x, ST_DIM, "  Flink %s", live_text_or(o->flink_version, "?"));
    if (live_has(o->jobs_running))
        x += grid_textf(g, x, 0, room - x, ST_NORMAL, "  %lld running", (long long)o->jobs_running);
    if (o->jobs_failed > 0)
        x += grid_textf(g, x, 0, room - x, ST_BAD, " %lld failed", (long long)o->jobs_failed);
    if (live_has(o->slots_total))
        x += grid_textf(g, x, 0, room - x, o->slots_available == 0 ? ST_WARN : ST_NORMAL, "  slots %lld/%lld free",
                        (long long)o->slots_available, (long long)o->slots_total);
    if (live_has(o->taskmanagers))
        grid_textf(g, x, 0, room - x, o->taskmanagers == 0 ? ST_BAD : ST_NORMAL, "  %lld TM", (long long)o->taskmanagers);
}

/* The keys of the neighbouring views into the columns from x on, at the right end, with as many of their names as have room. */
static void draw_tabs(struct app *a, struct grid *g, int x)
{
    const struct view *v = app_view(a);
    int all = 0, named = 0, room = g->w - x - 2;
    for (int i = 0; i < VIEWS; i++)
        all += view_beside((enum view_id)i, &v->at) ? 2 : 0;
    for (int i = 0, full = all; i < VIEWS; i++) {
        full += view_beside((enum view_id)i, &v->at) ? 1 + (int)strlen(view_rows[i].name) : 0;
        if (full > room)
            break;
        named = i + 1;
        all = full;
    }
    if (all > room)
        return;
    x = g->w - all;
    for (int i = 0; i < VIEWS; i++) {
        const struct view_row *r = &view_rows[i];
        enum style s = i == (int)v->id ? ST_TITLE : ST_DIM;
        if (!view_beside((enum view_id)i, &v->at))
            continue;
        a->tabs[a->n_tabs].view = (enum view_id)i;
        a->tabs[a->n_tabs].x = x + 1;
        int before = x;
        x += grid_textf(g, x + 1, 1, g->w - x - 1, i < named || s == ST_DIM ? ST_KEY : ST_TITLE, "%c", r->key) + 1;
        if (i < named)
            x += grid_textf(g, x, 1, g->w - x, s, " %s", r->name);
        a->tabs[a->n_tabs++].w = x - before - 1;
    }
}

/* "name › checkpoints" at the left, the neighbouring views at the right. */
static void draw_trail(struct app *a, struct grid *g)
{
    struct view *v = app_view(a);
    const struct live_job_row *j = app_job_row(a, v->at.job);
    enum scope scope = view_rows[v->id].scope;
    bool cluster = scope == SCOPE_CLUSTER || !v->at.job;
    int x = 0, room = g->w;
    if (!cluster) {
        const char *name = j ? live_text_or(j->name, v->at.job) : v->at.job;
        x += grid_text(g, x, 1, g->w / 2, ST_BOLD, name);
        if (j)
            x += grid_textf(g, x, 1, room - x, state_style(j->state), " %s", live_text_or(j->state, ""));
        x += grid_text(g, x, 1, room - x, ST_DIM, " › ");
    }
    x += grid_text(g, x, 1, room - x, ST_TITLE, view_rows[v->id].name);
    if (v->list.filter[0])
        x += grid_textf(g, x, 1, room - x, ST_MATCH, " /%s", v->list.filter);
    if (v->list.n_marks)
        x += grid_textf(g, x, 1, room - x, ST_MARKED, " %u marked", v->list.n_marks);
    a->n_tabs = 0;
    if (!a->board)
        draw_tabs(a, g, x);
}

static void draw_bottom(const struct app *a, struct grid *g)
{
    int y = g->h - 1, x = 0;
    if (a->prompt.kind) {
        prompt_draw(&a->prompt, g, (struct rect){0, y, g->w, 1}, a->prompt.kind == PROMPT_COMMAND ? app_words(a) : NULL);
        return;
    }
    if (a->message[0]) {
        grid_text(g, 0, y, g->w, ST_WARN, a->message);
        return;
    }
    const struct live_link *k = a->world.snapshot ? &a->world.snapshot->link : NULL;
    if (k && k->state == LIVE_LINK_LOST) {
        grid_text(g, 0, y, g->w, ST_BAD, k->err.text);
        return;
    }
    if (operations_draw(&a->operations, a->world.snapshot, a->world.now_ms, g, y))
        return;
    for (int i = 0; i < VERBS - 1; i++) {
        const struct key_row *r = &key_rows[i];
        if (!*r->hint)
            continue;
        x += grid_text(g, x, y, g->w - x, ST_KEY, key_name(r->key).s);
        x += grid_textf(g, x, y, g->w - x, ST_DIM, " %s  ", r->hint);
    }
}

void app_draw(struct app *a, struct grid *g)
{
    struct view *v = app_view(a);
    grid_fill(g, (struct rect){0, 0, g->w, g->h}, ST_NORMAL, ' ');
    draw_cluster(a, g);
    draw_trail(a, g);
    int bottom = a->world.once ? 0 : 1;
    view_draw(v, &a->world, g, (struct rect){0, 2, g->w, g->h - 2 - bottom}, !a->world.once);
    if (bottom)
        draw_bottom(a, g);
    if (a->confirm.asked)
        confirm_draw(a, g);
}
