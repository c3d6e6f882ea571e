/* From a key to an act on the cluster: for which jobs, with what, are you sure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"
#include "tui/show.h"

void confirm_drop(struct app *a)
{
    for (uint32_t i = 0; i < a->confirm.n_jobs; i++)
        free(a->confirm.jobs[i]);
    free(a->confirm.jobs);
    free(a->confirm.vertex);
    a->confirm = (struct confirm){0};
}

static void add_target(struct app *a, const char *id)
{
    struct confirm *c = &a->confirm;
    c->jobs = mem_grow(c->jobs, c->n_jobs + 1u, sizeof(char *));
    c->jobs[c->n_jobs++] = mem_strdup(id);
}

/* The job of the view; among the jobs those that are marked, or the one under the cursor. */
static bool find_targets(struct app *a)
{
    const struct view *v = app_view(a);
    const struct list_row *here = list_here(&v->list);
    if (v->at.job)
        add_target(a, v->at.job);
    else if (v->id == VIEW_jobs && v->list.n_marks)
        for (uint32_t i = 0; i < v->list.n_marks; i++)
            add_target(a, v->list.marks[i]);
    else if (v->id == VIEW_jobs && here)
        add_target(a, here->id);
    for (uint32_t i = 0; i < a->confirm.n_jobs; i++) {
        const struct live_job_row *j = app_job_row(a, a->confirm.jobs[i]);
        if (j && live_job_ended(live_job_state(live_text_or(j->state, "")))) {
            snprintf(a->message, sizeof a->message, "%.100s has ended", live_text_or(j->name, a->confirm.jobs[i]));
            return false;
        }
    }
    if (!a->confirm.n_jobs)
        snprintf(a->message, sizeof a->message, "choose a job first");
    return a->confirm.n_jobs;
}

/* The path of the savepoint under the cursor, or of the job's latest; "": not known. */
static const char *savepoint_here(struct app *a)
{
    const struct view *v = app_view(a);
    const struct list_row *here = list_here(&v->list);
    const char *job = v->at.job ? v->at.job : v->id == VIEW_jobs && here ? here->id : NULL;
    const struct live_checkpoints *c = job ? answer_data(&a->world, LIVE_CHECKPOINTS, job, NULL, NULL, NULL) : NULL;
    const struct live_checkpoint *k = c ? c->latest.savepoint : NULL;
    for (uint32_t i = 0; c && v->id == VIEW_checkpoints && here && i < c->n_history; i++)
        if (c->history[i].is_savepoint == LIVE_YES && c->history[i].id == strtoll(here->id, NULL, 10))
            k = &c->history[i];
    return k ? live_text_or(k->external_path, "") : "";
}

bool app_act(struct app *a, enum act act)
{
    const struct view *v = app_view(a);
    confirm_drop(a);
    if (a->read_only || !a->live) {
        snprintf(a->message, sizeof a->message, "read-only: nothing is sent that changes the cluster");
        return false;
    }
    if (act != ACT_DISPOSE && !find_targets(a))
        return false;
    a->confirm.act = act;
    const char *vertex = v->at.vertex ? v->at.vertex : v->ops->vertex ? v->ops->vertex(v) : NULL;
    if (act == ACT_RESCALE && vertex) {
        a->confirm.vertex = mem_strdup(vertex);
        a->confirm.whole = !v->at.vertex;
    }
    if (act_rows[act].asks)
        prompt_ask(&a->prompt, act_rows[act].asks, act == ACT_DISPOSE ? savepoint_here(a) : "");
    else
        a->confirm.asked = true;
    return true;
}

void confirm_typed(struct app *a, bool go_on)
{
    struct order_scale s;
    struct err e = {0};
    struct confirm *c = &a->confirm;
    snprintf(c->typed, sizeof c->typed, "%s", a->prompt.text);
    if (go_on && c->act == ACT_RESCALE)
        go_on = order_scale_read(&s, c->typed, &e);
    if (go_on && c->act == ACT_DISPOSE)
        go_on = *c->typed;
    c->asked = go_on;
    if (go_on)
        return;
    confirm_drop(a);
    snprintf(a->message, sizeof a->message, "%.200s%snothing was done", e.text, e.kind ? "; " : "");
}

static const char *name_of(const struct app *a, const char *job)
{
    const struct live_job_row *j = app_job_row(a, job);
    return j ? live_text_or(j->name, job) : job;
}

/* Sends it for a job; NULL: it is about none. */
static void begin(struct app *a, const char *job)
{
    const struct confirm *c = &a->confirm;
    const struct act_row *row = &act_rows[c->act];
    const struct live_config *config = answer_data(&a->world, LIVE_CONFIG, NULL, NULL, NULL, NULL);
    struct order_scale s = {.vertex = c->whole ? NULL : c->vertex};
    struct err e = {0};
    struct order o = {.kind = row->order, .job = job, .drain = row->drain};
    if (act_saves(c->act)) {
        o.directory = *c->typed ? c->typed : NULL;
        o.format = c->native ? "NATIVE" : NULL;
    } else if (c->act == ACT_DISPOSE) {
        o.path = c->typed;
    } else if (c->act == ACT_RESCALE && order_scale_read(&s, c->typed, &e)) {
        o.scale = &s;
        o.n_scale = 1;
    }
    operation_begin(&a->operations, c->act, &o, job ? name_of(a, job) : c->typed, config ? config->flink_version : NULL,
                    a->world.now_ms);
}

void confirm_key(struct app *a, int key)
{
    struct confirm *c = &a->confirm;
    if (key == 'f' && act_saves(c->act)) {
        c->native = !c->native;
        return;
    }
    if (key == 'v' && c->vertex) {
        c->whole = !c->whole;
        return;
    }
    if (key == 'y') {
        for (uint32_t i = 0; i < c->n_jobs; i++)
            begin(a, c->jobs[i]);
        if (c->act == ACT_DISPOSE)
            begin(a, NULL);
        a->paused = false; /* or it would never be seen to end */
        app_step_operations(a);
    } else {
        snprintf(a->message, sizeof a->message, "nothing was done");
    }
    confirm_drop(a);
}

/* --- the question --- */

struct box {
    struct grid *g;
    int x, y, w;
};

static void line(struct box *b, enum style s, const char *head, const char *text, const char *more)
{
    int taken = grid_text(b->g, b->x, b->y, b->w, ST_NORMAL, head);
    taken += grid_text(b->g, b->x + taken, b->y, b->w - taken, s, text);
    if (*more)
        grid_text(b->g, b->x + taken + 2, b->y, b->w - taken - 2, ST_DIM, more);
    b->y++;
}

/* What it is done with. */
static void draw_details(const struct app *a, struct box *b)
{
    const struct confirm *c = &a->confirm;
    if (act_saves(c->act)) {
        line(b, ST_BOLD, "into   ", *c->typed ? c->typed : "the cluster's own directory", "");
        line(b, ST_BOLD, "format ", c->native ? "native" : "canonical", "f: the other one");
    } else if (c->act == ACT_RESCALE) {
        const struct live_job *j = answer_data(&a->world, LIVE_JOB, c->jobs[0], NULL, NULL, NULL);
        const struct live_vertex *v = c->vertex ? vertex_of_job(j, c->vertex) : NULL;
        line(b, ST_BOLD, "parallelism ", c->typed, "");
        line(b, ST_BOLD, "of ",
             !c->vertex || c->whole ? "all vertices"
                 : v                ? live_text_or(v->name, c->vertex)
                                    : c->vertex,
             !c->vertex     ? ""
                 : c->whole ? "v: only of the one under the cursor"
                            : "v: of all");
    } else if (c->act == ACT_DISPOSE) { /* to the last letter: savepoints have names that differ at the end */
        for (const char *at = c->typed; *at; at += strnlen(at, (size_t)b->w - 2))
            grid_textf(b->g, b->x + 2, b->y++, b->w - 2, ST_BOLD, "%.*s", b->w - 2, at);
    }
}

static int detail_lines(const struct confirm *c, int w)
{
    int room = w > 3 ? w - 2 : 1;
    if (c->act == ACT_DISPOSE)
        return ((int)strlen(c->typed) + room - 1) / room;
    return act_saves(c->act) || c->act == ACT_RESCALE ? 2 : 0;
}

void confirm_draw(const struct app *a, struct grid *g)
{
    enum { SHOWN = 6, LINES = 6 }; /* frame, what, cluster, a blank one, keys */
    const struct confirm *c = &a->confirm;
    const struct act_row *row = &act_rows[c->act];
    uint32_t shown = c->n_jobs < SHOWN ? c->n_jobs : SHOWN;
    int w = g->w < 76 ? g->w : 76, h = (int)shown + detail_lines(c, w - 4) + (c->n_jobs > shown) + LINES, x = (g->w - w) / 2,
        y = g->h > h ? (g->h - h) / 2 : 0;
    struct box b = {g, x + 2, y + 1, w - 4};
    grid_fill(g, (struct rect){x, y, w, h}, ST_NORMAL, ' ');
    grid_box(g, (struct rect){x, y, w, h}, ST_WARN);
    grid_textf(g, x + 2, y, w - 4, ST_WARN, " %s ", row->word);
    line(&b, ST_NORMAL, "To ", row->what, "");
    for (uint32_t i = 0; i < shown; i++) {
        char id[9];
        snprintf(id, sizeof id, "%.8s", c->jobs[i]);
        line(&b, ST_BOLD, "  ", name_of(a, c->jobs[i]), id);
    }
    if (c->n_jobs > shown)
        grid_textf(g, b.x + 2, b.y++, b.w, ST_BOLD, "and %u more jobs", c->n_jobs - shown);
    draw_details(a, &b);
    line(&b, ST_BOLD, "on ", a->url, "");
    int taken = grid_text(g, b.x, y + h - 2, b.w, ST_KEY, "y");
    grid_text(g, b.x + taken, y + h - 2, b.w - taken, ST_NORMAL, " yes      any other key: no");
}

void app_step_operations(struct app *a)
{
    if (!a->live || !a->world.snapshot)
        return;
    const struct operation *o = operations_step(&a->operations, a->live, a->world.snapshot, a->world.now_ms);
    if (o)
        snprintf(a->message, sizeof a->message, "%s of %.80s: %s%s%.140s", act_rows[o->act].word, o->name,
                 o->phase == OPERATION_DONE ? "done" : "FAILED", *o->result ? ": " : "", o->result);
}
