#include "tui/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tui/playing.h"
#include "tui/show.h"

const char *const tui_view_names[VIEWS + 1] = {
#define VIEW(ident, name, key, scope, about) name,
#include "tui/views.def"
#undef VIEW
    NULL};

enum view_id app_find_view(const char *name)
{
    for (int i = 0; i < VIEWS; i++)
        if (!strcmp(view_rows[i].name, name))
            return (enum view_id)i;
    return VIEWS;
}

void app_clock(struct app *a, const struct live *l)
{
    const char *told = getenv("SOURCE_DATE_EPOCH");
    a->replay = l && live_playing(l, &a->playing);
    a->world.now_ms = a->replay ? a->playing.at_ms
        : told && *told         ? (int64_t)(strtoull(told, NULL, 10) % 100000000000u) * 1000
        : l                     ? live_now(l)
                                : (int64_t)time(NULL) * 1000;
    show_now(a->world.now_ms);
}

/* --- the stack --- */

static bool same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

void app_open(struct app *a, const struct step *s)
{
    enum scope scope = view_rows[s->view].scope;
    const char *job = scope == SCOPE_CLUSTER || scope == SCOPE_PROCESS ? NULL : s->job;
    for (int i = 0; i < a->depth; i++) {
        const struct view *v = &a->stack[i];
        if (v->id == s->view && same(v->at.job, job) && same(v->at.vertex, s->vertex) && same(v->at.item, s->item)) {
            while (a->depth > i + 1)
                view_close(&a->stack[--a->depth]);
            return;
        }
    }
    if (a->depth == APP_DEPTH) { /* the trail forgets its beginning, but not the first view */
        view_close(&a->stack[1]);
        memmove(&a->stack[1], &a->stack[2], sizeof *a->stack * (APP_DEPTH - 2));
        a->depth--;
    }
    view_open(&a->stack[a->depth++], s->view, job, s->vertex, s->item);
    if (a->world.snapshot)
        app_view(a)->ops->load(app_view(a), &a->world);
}

/* Findings anew; false: they are as they were. */
static bool look_for_alerts(struct app *a)
{
    const struct view *v = app_view(a);
    const char *shown = v->id != VIEW_alerts ? NULL : v->at.job ? v->at.job : "";
    a->world.alerts = &a->alerts;
    a->alerts.complete = a->replay;
    if (!a->world.once)
        return alerts_update(&a->alerts, a->world.snapshot, a->world.now_ms, shown);
    if (shown)
        alerts_once(&a->alerts, a->world.snapshot, a->world.now_ms, shown);
    return shown;
}

void app_load(struct app *a, const struct live_snapshot *s)
{
    a->world.snapshot = s;
    a->world.loads = &a->loads;
    a->world.charts = &a->charts;
    a->world.operations = &a->operations;
    if (s->link.keep_err.kind && !a->told)
        snprintf(a->message, sizeof a->message, "%.*s", (int)sizeof a->message - 1, s->link.keep_err.text);
    a->told = s->link.keep_err.kind;
    loads_update(&a->loads, s);
    app_step_operations(a);
    look_for_alerts(a);
    app_view(a)->ops->load(app_view(a), &a->world);
}

bool app_tick(struct app *a)
{
    app_step_operations(a); /* what was lost is sent again, and patience ends */
    if (!a->world.snapshot || a->paused || !look_for_alerts(a))
        return false;
    app_view(a)->ops->load(app_view(a), &a->world);
    return true;
}

/* What is asked for by what is shown. */
void app_want_shown(const struct app *a, struct wants *w)
{
    const struct view *v = &a->stack[a->depth - 1];
    want(w, LIVE_OVERVIEW, NULL, NULL, NULL, NULL);
    want(w, LIVE_JOBS, NULL, NULL, NULL, NULL);
    for (uint32_t i = 0; i < a->operations.n; i++) {
        struct live_ask ask;
        if (operation_ask(a->operations.v[i], &ask)) {
            want(w, ask.route, ask.job, NULL, ask.item, NULL);
            want_every(w, 1000);
            if (act_saves(a->operations.v[i]->act) || a->operations.v[i]->act == ACT_CHECKPOINT)
                want(w, LIVE_CHECKPOINTS, ask.job, NULL, NULL, NULL); /* how many subtasks have acknowledged */
        }
    }
    if (v->ops->want)
        v->ops->want(v, &a->world, w);
}

void app_want(const struct app *a, struct wants *w)
{
    app_want_shown(a, w);
    if (!a->world.once)
        alerts_want(&a->alerts, w);
}

void app_free(struct app *a)
{
    while (a->depth)
        view_close(&a->stack[--a->depth]);
    loads_free(&a->loads);
    charts_free(&a->charts);
    alerts_free(&a->alerts);
    confirm_drop(a);
    operations_free(&a->operations);
}

/* --- finding --- */

const char *app_find_vertex(const struct live_job *job, const char *word, struct err *e)
{
    const char *found = NULL;
    uint32_t hits = 0;
    for (uint32_t i = 0; i < job->n_vertices; i++) {
        const struct live_vertex *v = &job->vertices[i];
        if (!v->id)
            continue;
        if (!strcmp(v->id, word) || (v->name && !strcmp(v->name, word)))
            return v->id;
        if (!strncmp(v->id, word, strlen(word)) || (v->name && strcasestr(v->name, word))) {
            found = v->id;
            hits++;
        }
    }
    if (hits > 1)
        err_set(e, ERR_USAGE, "'%s' may mean %u vertices; write more of its id or name", word, hits);
    else if (!found)
        err_set(e, ERR_MISSING, "the job has no vertex '%s'", word);
    return hits == 1 ? found : NULL;
}

/* --- the frame --- */

const struct live_job_row *app_job_row(const struct app *a, const char *id)
{
    const struct live_jobs *jobs = answer_data(&a->world, LIVE_JOBS, NULL, NULL, NULL, NULL);
    for (uint32_t i = 0; jobs && id && i < jobs->n_list; i++)
        if (jobs->list[i].id && !strcmp(jobs->list[i].id, id))
            return &jobs->list[i];
    return NULL;
}

/* What the palette offers: views that can be gone to by name, and commands. NULL-ended. */
const char *const *app_words(const struct app *a)
{
    enum { OWN = 32 }; /* words of the view's own */
    static const char *words[VIEWS + ACTS + OWN + 6];
    const char *const *own = a->stack[a->depth - 1].ops->words;
    int n = 0;
    for (; own && own[n] && n < OWN; n++)
        words[n] = own[n];
    for (int i = 0; i < VIEWS; i++)
        if (view_rows[i].scope != SCOPE_ITEM)
            words[n++] = view_rows[i].name;
    for (int i = 0; i < ACTS; i++)
        words[n++] = act_rows[i].word;
    if (a->replay)
        words[n++] = "seek";
    words[n++] = "pause";
    words[n++] = "refresh";
    words[n++] = "mouse";
    words[n++] = "quit";
    words[n] = NULL;
    return words;
}

/* --- keys --- */

/* Opens a view with what the present one is about, or, if `under`, has under its cursor. */
static void go_to(struct app *a, enum view_id id, bool under)
{
    struct view *v = app_view(a);
    struct step s = {.view = id, .job = v->at.job};
    const struct list_row *here = list_here(&v->list);
    enum scope scope = view_rows[id].scope;
    struct arena arena = {0};
    if (a->board && id != VIEW_clusters && id != VIEW_help) {
        snprintf(a->message, sizeof a->message, "choose a cluster first");
        return;
    }
    if (a->of_many && id == VIEW_clusters) {
        a->leave = true;
        return;
    }
    if (under && !s.job && v->id == VIEW_jobs && here && scope != SCOPE_HERE)
        s.job = here->id;
    if (scope == SCOPE_PART || scope == SCOPE_ANY)
        s.vertex = v->at.vertex ? v->at.vertex : under && scope == SCOPE_ANY && v->ops->vertex ? v->ops->vertex(v) : NULL;
    if (scope == SCOPE_PROCESS || (scope == SCOPE_ANY && !s.job))
        s.item = view_process(v, &arena);
    if (view_needs_job(id) && !s.job) {
        snprintf(a->message, sizeof a->message, "%s is about a job: choose one first", view_rows[id].name);
        arena_free(&arena);
        return;
    }
    if (scope == SCOPE_VERTEX) {
        s.vertex = v->at.vertex ? v->at.vertex : v->ops->vertex ? v->ops->vertex(v) : NULL;
        if (!s.vertex) {
            snprintf(a->message, sizeof a->message, "%s is about a vertex: choose one in the graph or among the vertices",
                     view_rows[id].name);
            arena_free(&arena);
            return;
        }
    }
    app_open(a, &s);
    arena_free(&arena);
}

static void go(struct app *a, enum view_id id) { go_to(a, id, true); }

/* The next view with a key about the same. */
static void go_beside(struct app *a, int by)
{
    const struct view *v = app_view(a);
    for (int i = 1; i <= VIEWS; i++) {
        int id = (((int)v->id + by * i) % VIEWS + VIEWS) % VIEWS;
        if (view_beside((enum view_id)id, &v->at)) {
            go_to(a, (enum view_id)id, false);
            return;
        }
    }
}

static void set_filter(struct app *a, const char *text)
{
    struct view *v = app_view(a);
    snprintf(v->list.filter, sizeof v->list.filter, "%s", text);
    if (v->ops->cols)
        list_arrange(&v->list);
    if (v->ops->find)
        v->ops->find(v, text);
}

static void toggle_mouse(struct app *a)
{
    screen_mouse(!screen_has_mouse());
    snprintf(a->message, sizeof a->message,
             screen_has_mouse() ? "the mouse is taken; most terminals select text with Shift then" : "the mouse is the terminal's");
}

static void command(struct app *a, const char *word)
{
    struct view *v = app_view(a);
    if (playing_command(a, word) || (v->ops->word && v->ops->word(v, &a->world, word)))
        return;
    for (int i = 0; i < ACTS; i++)
        if (!strcmp(act_rows[i].word, word)) {
            app_act(a, (enum act)i);
            return;
        }
    enum view_id id = app_find_view(word);
    if (id != VIEWS && view_rows[id].scope == SCOPE_ITEM)
        id = VIEWS;
    for (int i = 0; id == VIEWS && *word && i < VIEWS; i++) /* the beginning of a name is enough */
        if (!strncmp(view_rows[i].name, word, strlen(word)) && view_rows[i].scope != SCOPE_ITEM)
            id = (enum view_id)i;
    if (id != VIEWS)
        go(a, id);
    else if (!strcmp(word, "quit") || !strcmp(word, "q"))
        a->quit = true;
    else if (!strcmp(word, "pause"))
        app_key(a, 'p');
    else if (!strcmp(word, "refresh"))
        app_key(a, 'r');
    else if (!strcmp(word, "mouse"))
        toggle_mouse(a);
    else if (*word)
        snprintf(a->message, sizeof a->message, "no view or command '%s'", word);
}

static void key_to_prompt(struct app *a, int key)
{
    struct prompt was = a->prompt;
    enum prompt_result r = prompt_key(&a->prompt, key, was.kind == PROMPT_COMMAND ? app_words(a) : NULL);
    if (r == PROMPT_ENTERED || r == PROMPT_LEFT)
        a->prompt.kind = PROMPT_NONE;
    if (was.kind == PROMPT_ACT) {
        if (r == PROMPT_ENTERED || r == PROMPT_LEFT)
            confirm_typed(a, r == PROMPT_ENTERED);
    } else if (was.kind == PROMPT_FILTER)
        set_filter(a, r == PROMPT_LEFT ? "" : a->prompt.text);
    else if (r == PROMPT_ENTERED)
        command(a, a->prompt.text);
}

static void back(struct app *a)
{
    if (app_view(a)->list.filter[0])
        set_filter(a, "");
    else if (a->depth > 1) {
        view_close(&a->stack[--a->depth]);
        if (a->world.snapshot)
            app_view(a)->ops->load(app_view(a), &a->world);
    } else if (a->of_many)
        a->leave = true;
    else
        a->quit = true;
}

static void open_here(struct app *a)
{
    struct view *v = app_view(a);
    struct step s;
    if (!view_step(v, &s))
        return;
    const struct step jobs = {.view = VIEW_jobs};
    if (a->board)
        a->chosen = v->ops->opens_by == OPENS_CLUSTER ? atoi(s.item) + 1 : 0;
    else
        app_open(a, v->ops->opens_by == OPENS_CLUSTER ? &jobs : &s);
}

static void do_verb(struct app *a, enum verb what)
{
    struct view *v = app_view(a);
    if (a->live && playing_verb(a, what))
        return;
    if (v->ops->verb && v->ops->verb(v, &a->world, what))
        return;
    if (v->ops->cols && list_verb(&v->list, what))
        return;
    for (int i = 0; i < ACTS; i++)
        if (act_rows[i].verb == what) {
            app_act(a, (enum act)i);
            return;
        }
    switch (what) {
    case VERB_OPEN:
        open_here(a);
        break;
    case VERB_BACK:
        back(a);
        break;
    case VERB_QUIT:
        a->quit = true;
        break;
    case VERB_NEXT:
    case VERB_BEFORE:
        go_beside(a, what == VERB_NEXT ? 1 : -1);
        break;
    case VERB_FILTER:
        prompt_open(&a->prompt, PROMPT_FILTER, v->list.filter);
        break;
    case VERB_COMMAND:
        prompt_open(&a->prompt, PROMPT_COMMAND, "");
        break;
    case VERB_PAUSE:
        a->paused = !a->paused;
        break;
    case VERB_HELP:
        go(a, VIEW_help);
        break;
    default:
        break;
    }
}

/* On a tab: goes there. On a column's head: sorts. On a row: the cursor goes there; on the row that has it: opens it. */
static void click(struct app *a, int x, int y)
{
    struct view *v = app_view(a);
    for (int i = 0; y == 1 && i < a->n_tabs; i++)
        if (x >= a->tabs[i].x && x < a->tabs[i].x + a->tabs[i].w) {
            go(a, a->tabs[i].view);
            return;
        }
    const struct list_row *before = list_here(&v->list);
    bool head = y == v->list.drawn.y - 1;
    if (v->ops->cols && list_click(&v->list, x, y) && !head && before == list_here(&v->list))
        open_here(a);
}

void app_key(struct app *a, int key)
{
    struct view *v = app_view(a);
    a->message[0] = 0;
    if (a->prompt.kind) {
        key_to_prompt(a, key);
        return;
    }
    if (a->confirm.asked) {
        confirm_key(a, key);
        return;
    }
    if (key == KEY_WHEEL_UP || key == KEY_WHEEL_DOWN) {
        for (int i = 0; i < 3; i++)
            do_verb(a, key == KEY_WHEEL_UP ? VERB_UP : VERB_DOWN);
        return;
    }
    if (key == KEY_CLICK) {
        click(a, screen_click().x, screen_click().y);
        return;
    }
    for (int i = 0; i < VIEWS; i++)
        if (view_rows[i].key && view_rows[i].key == key) {
            go(a, (enum view_id)i);
            return;
        }
    if (key == KEY_ESCAPE && a->depth == 1 && !a->of_many && !v->list.filter[0])
        snprintf(a->message, sizeof a->message, "this is the first view; q leaves");
    else
        do_verb(a, key_verb(key));
}
