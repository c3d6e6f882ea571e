/* The plan of a job: what each operator of each vertex does, in Flink's words, and from where its input comes. */
#include <stdio.h>
#include <string.h>

#include "tui/show.h"
#include "tui/view.h"
#include "tui/wrap.h"

static const struct list_col cols[] = {
    {.title = "VERTEX", .json = "vertex", .flex = 20},
    {.title = "PAR", .json = "parallelism", .align = LIST_RIGHT, .rank = 1},
    {.title = "MAX", .json = "maxParallelism", .align = LIST_RIGHT, .rank = 2},
    {.title = "GROUP", .json = "slotSharingGroup", .width = 8, .rank = 3},
    {.title = "DOES", .json = "operator", .flex = 30},
};

enum { LINES_MOST = 1000 }; /* of a vertex */

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
}

/* Flink's descriptions are pieces of HTML: its entities as the characters that they are. In place. */
static char *plain(char *text)
{
    static const struct {
        const char *entity;
        char is;
    } entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};
    char *to = text;
    for (const char *p = text; *p;) {
        size_t i = 0, n = sizeof entities / sizeof *entities;
        while (i < n && strncmp(p, entities[i].entity, strlen(entities[i].entity)) != 0)
            i++;
        *to++ = i < n ? entities[i].is : *p;
        p += i < n ? strlen(entities[i].entity) : 1;
    }
    *to = 0;
    return text;
}

static const char *name_of(const struct live_job *j, const char *id)
{
    const struct live_vertex *x = vertex_of_job(j, id);
    return x ? live_text_or(x->name, id) : id;
}

/* A row: the vertex's figures stand in its first one. */
static void fill(struct list *l, const struct live_vertex *x, uint32_t line, enum style s, const char *text)
{
    struct arena a = {0};
    list_row(l, arena_printf(&a, "%s %u", x->id, line), ST_NORMAL);
    list_text(l, line ? ST_DIM : ST_BOLD, short_name(&a, live_text_or(x->name, x->id)));
    list_whole(l, line ? ST_DIM : ST_NORMAL, x->parallelism, show_count(x->parallelism).s);
    list_whole(l, ST_DIM, x->max_parallelism, show_count(x->max_parallelism).s);
    list_text(l, ST_DIM, x->slot_sharing_group);
    list_text(l, s, text);
    arena_free(&a);
}

static void fill_vertex(struct list *l, const struct live_job *j, const struct live_vertex *x, const struct live_plan_node *node)
{
    struct arena a = {0};
    uint32_t line = 0;
    const char *p = node ? live_text_or(node->description, "") : "";
    while (*p && line < LINES_MOST) {
        const char *end = strstr(p, "<br/>");
        size_t n = end ? (size_t)(end - p) : strlen(p);
        if (n)
            fill(l, x, line++, ST_NORMAL, plain(arena_strn(&a, p, n)));
        p += n + (end ? 5 : 0);
    }
    if (!line)
        fill(l, x, line++, ST_NORMAL, x->name);
    for (uint32_t i = 0; node && i < node->n_inputs && line < LINES_MOST; i++) {
        const struct live_edge *e = &node->inputs[i];
        const char *text =
            arena_printf(&a, "← %s from %s%s%s", live_text_or(e->ship_strategy, "?"), e->from ? name_of(j, e->from) : "?",
                         e->exchange ? ", " : "", live_text_or(e->exchange, ""));
        fill(l, x, line++, ST_EDGE, text);
    }
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_job *j = job_of(v, w);
    list_begin(&v->list);
    for (uint32_t i = 0; j && i < j->n_vertices; i++) {
        const struct live_vertex *x = &j->vertices[i];
        const struct live_plan_node *node = NULL;
        for (uint32_t k = 0; x->id && k < j->plan.n_nodes && !node; k++)
            node = j->plan.nodes[k].id && !strcmp(j->plan.nodes[k].id, x->id) ? &j->plan.nodes[k] : NULL;
        if (x->id)
            fill_vertex(&v->list, j, x, node);
    }
    list_end(&v->list);
}

/* Above the list, in full, what the row under the cursor says. */
static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    enum { FULL = 5 };
    const struct live_job *j = job_of(v, w);
    const struct list_row *here = list_here(&v->list);
    if (!j) {
        draw_missing(g, r, w, LIVE_JOB, v->at.job, NULL, NULL);
        return 1;
    }
    int rows = 0;
    if (j->pending_operators > 0)
        grid_textf(g, r.x + 1, r.y + rows++, r.w - 1, ST_WARN, "%s operators are not in the plan yet: it grows as the job runs",
                   show_count(j->pending_operators).s);
    if (w->once || !here || r.h < 3 * FULL)
        return rows;
    wrap_draw(g, (struct rect){r.x + 1, r.y + rows, r.w - 2, FULL}, ST_NORMAL, "", live_text_or(here->cells[4].text, ""));
    return rows + FULL;
}

static const char *vertex(const struct view *v)
{
    static char id[64];
    const struct list_row *r = list_here(&v->list);
    snprintf(id, sizeof id, "%.*s", r ? (int)strcspn(r->id, " ") : 0, r ? r->id : "");
    return *id ? id : NULL;
}

const struct view_ops view_plan = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
    .opens = VIEW_vertex,
    .opens_by = OPENS_VERTEX,
    .vertex = vertex,
};
