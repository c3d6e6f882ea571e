/* The frame around a view: the cluster and what is wrong with it, the trail, the neighbouring views, and the line at the bottom. */
#include <stdarg.h>
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

/* Into the first line at *x, up to `room`; what is not there as a whole, and what follows it, is left out. */
__attribute__((format(printf, 5, 6))) static void draw_whole(struct grid *g, int *x, int room, enum style s, const char *fmt, ...)
{
    char text[96];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    *x = text_columns(text, strlen(text)) > room - *x ? room : *x + grid_text(g, *x, 0, room - *x, s, text);
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
    draw_whole(g, &x, room, ST_DIM, "  Flink %s", live_text_or(o->flink_version, "?"));
    if (live_has(o->jobs_running))
        draw_whole(g, &x, room, ST_NORMAL, "  %lld running", (long long)o->jobs_running);
    if (o->jobs_failed > 0)
        draw_whole(g, &x, room, ST_BAD, " %lld failed", (long long)o->jobs_failed);
    if (live_has(o->slots_total))
        draw_whole(g, &x, room, o->slots_available == 0 ? ST_WARN : ST_NORMAL, "  slots %lld/%lld free",
                   (long long)o->slots_available, (long long)o->slots_total);
    if (live_has(o->taskmanagers))
        draw_whole(g, &x, room, o->taskmanagers == 0 ? ST_BAD : ST_NORMAL, "  %lld TM", (long long)o->taskmanagers);
}

/* The keys of the neighbouring views into the columns from x on, at the right end, with as many of their names as have room; where
 * there is not even room for all keys, the first of them. */
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
    x = all > room ? x + 2 : g->w - all;
    for (int i = 0; i < VIEWS && x + 2 <= g->w; i++) {
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

/* Columns that a job's name may take: half of all, but less where the keys of the other views need them. */
static int name_room(const struct app *a, const struct view *v, const char *state, int w)
{
    enum { LEAST = 16 };
    int rest = (int)strlen(state) + 4 + (int)strlen(view_rows[v->id].name) + 2;
    for (int i = 0; i < VIEWS && !a->board; i++)
        rest += view_beside((enum view_id)i, &v->at) ? 2 : 0;
    int room = w - rest < w / 2 ? w - rest : w / 2;
    return room > LEAST ? room : LEAST;
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
        const char *name = j ? live_text_or(j->name, v->at.job) : v->at.job, *state = j ? live_text_or(j->state, "") : "";
        x += grid_text(g, x, 1, name_room(a, v, state, g->w), ST_BOLD, name);
        if (j)
            x += grid_textf(g, x, 1, room - x, state_style(j->state), " %s", state);
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

static bool hinted(const struct view *v, const struct key_row *r)
{
    if (r->verb == VERB_ZOOM_IN)
        return v->id == VIEW_graph || v->id == VIEW_flame || v->id == VIEW_timeline;
    if (r->verb == VERB_SORT)
        return v->ops->cols;
    return *r->hint;
}

static int hint_columns(const struct key_row *r) { return (int)(strlen(key_name(r->key).s) + 1 + strlen(r->hint)); }

/* Those that mean something here, as far as there is room; the help's always. */
static void draw_hints(const struct view *v, struct grid *g, int y)
{
    int x = 0, help = 0;
    for (int i = 0; i < VERBS - 1; i++)
        if (key_rows[i].verb == VERB_HELP)
            help = hint_columns(&key_rows[i]);
    for (int i = 0; i < VERBS - 1; i++) {
        const struct key_row *r = &key_rows[i];
        int left = g->w - x - (r->verb == VERB_HELP ? 0 : help + 2);
        if (!hinted(v, r) || hint_columns(r) > left)
            continue;
        x += grid_text(g, x, y, g->w - x, ST_KEY, key_name(r->key).s);
        x += grid_textf(g, x, y, g->w - x, ST_DIM, " %s  ", r->hint);
    }
}

static void draw_bottom(struct app *a, struct grid *g)
{
    int y = g->h - 1;
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
    draw_hints(app_view(a), g, y);
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
