/* GROUP BY TUMBLE(time, …), HOP, SESSION: windows as keys (flink-table-planner 2.3, LogicalWindowAggregateRuleBase). */
#include <string.h>
#include <strings.h>

#include "sql/query_group.h"
#include "sql/rex_make.h"

enum { PROPERTIES = 4 };

static const struct {
    const char *name;
    int kind;
    uint32_t n; /* arguments */
} windows[] = {{"TUMBLE", WINDOW_TUMBLE, 2}, {"HOP", WINDOW_HOP, 3}, {"SESSION", WINDOW_SESSION, 2}};

static const char *called(const struct ast *x)
{
    return x->kind == AST_CALL && x->kids[0]->n == 1 && ast_kid(x, 1) ? x->kids[0]->kids[0]->text : "";
}

static int window_named(const char *name, size_t n)
{
    for (int i = 0; i < 3; i++)
        if (strlen(windows[i].name) == n && !strncasecmp(windows[i].name, name, n))
            return i;
    return -1;
}

bool group_is_window(const struct ast *x) { return window_named(called(x), strlen(called(x))) >= 0; }

static bool interval(struct group *g, const struct ast *x, int64_t *to, struct err *e)
{
    struct binder b = query_binder(g->q);
    const struct scope none = {0};
    const struct rex *r = bind_expr(&b, &none, x, e);
    if (!r)
        return false;
    return (rex_milliseconds(r, to) && *to > 0) || query_wrong(g->q, x->at, e, "a window needs an interval of days to seconds");
}

bool group_window(struct group *g, const struct ast *x, struct err *e)
{
    int w = window_named(called(x), strlen(called(x)));
    const struct ast *args = x->kids[1];
    struct binder b = query_binder(g->q);
    if (g->windowed || g->sets.n_sets)
        return query_wrong(g->q, x->at, e, "one window among the keys of GROUP BY, and no sets of them");
    if (args->n != windows[w].n)
        return query_wrong(g->q, x->at, e, "%s takes a time and %s here", windows[w].name,
                           w == 1 ? "two intervals" : "an interval");
    const struct rex *time = bind_expr(&b, g->in, args->kids[0], e);
    if (!time)
        return false;
    if (time->kind != REX_INPUT || (!type_is_rowtime(g->row->kids[time->input]) && !type_is_proctime(g->row->kids[time->input])))
        return query_wrong(g->q, args->kids[0]->at, e, "a window needs a time attribute: a column with a WATERMARK, or PROCTIME()");
    g->windowed = x;
    g->time = g->row->kids[time->input];
    g->window = (struct rel_window){.kind = windows[w].kind, .time = group_column(g, time)};
    if (w == 1 && !interval(g, args->kids[1], &g->window.step, e))
        return false;
    return interval(g, args->kids[args->n - 1], &g->window.size, e);
}

const struct rex *group_property(struct group *g, const struct ast *x, struct err *e)
{
    static const char *const words[PROPERTIES] = {"_START", "_END", "_ROWTIME", "_PROCTIME"};
    const char *name = called(x), *word = strchr(name, '_');
    int w = word ? window_named(name, (size_t)(word - name)) : -1, p = 0;
    while (w >= 0 && p < PROPERTIES && strcasecmp(words[p], word) != 0)
        p++;
    if (w < 0 || p == PROPERTIES)
        return NULL;
    if (!g->windowed || windows[w].kind != (int)g->window.kind || !ast_same(x->kids[1], g->windowed->kids[1]) ||
        (p == 2 && !type_is_rowtime(g->time)))
        return query_wrong(g->q, x->at, e, "'%s' is of a window that is no key of GROUP BY", name), NULL;
    g->properties = true;
    struct arena *a = g->q->a;
    const struct ltype *t = p < 2 ? type_time(a, L_TIMESTAMP, 3, NULL, false)
        : p == 2                  ? type_time(a, g->time->root, 3, "ROWTIME", true)
                                  : type_time(a, L_TIMESTAMP_LTZ, 3, "PROCTIME", true);
    return rex_input(a, COLUMNS_MAX + (uint32_t)p, t);
}

const struct rex *group_placed(struct group *g, const struct rex *x, const struct rel *r)
{
    const struct rex **map = arena_array(g->q->a, COLUMNS_MAX + PROPERTIES, sizeof *map);
    uint32_t n = g->n_keys + g->n_calls, at = n;
    for (uint32_t i = 0; i < n && i < COLUMNS_MAX; i++)
        map[i] = rel_column(g->q->a, r, i);
    for (uint32_t p = 0; p < PROPERTIES && g->properties; p++)
        if (p != 2 || type_is_rowtime(g->time))
            map[COLUMNS_MAX + p] = rel_column(g->q->a, r, at++);
    return rex_over(g->q->a, x, map);
}

struct rel *group_windows(struct group *g, struct rel *below)
{
    struct arena *a = g->q->a;
    struct rel *r = rel_of(a, REL_GROUP_WINDOW, below->at, 1, &below);
    uint32_t n = 0, room = g->n_keys + g->n_calls + PROPERTIES;
    const char **names = arena_array(a, room + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, room + 1u, sizeof *types);
    r->n_keys = g->n_keys;
    r->keys = arena_array(a, g->n_keys + 1u, sizeof *r->keys);
    r->n_calls = g->n_calls;
    r->calls = g->calls;
    r->window = g->window;
    for (; n < g->n_keys; n++) {
        r->keys[n] = n;
        names[n] = below->row->names[n];
        types[n] = below->row->kids[n];
    }
    for (uint32_t i = 0; i < g->n_calls; i++) {
        struct rel_call *c = &g->calls[i];
        c->as = c->as ? c->as : arena_printf(a, "$f%u", n);
        names[n] = c->as;
        types[n++] = c->type;
    }
    if (g->properties) {
        names[n] = "w$start";
        names[n + 1] = "w$end";
        types[n] = types[n + 1] = type_time(a, L_TIMESTAMP, 3, NULL, false);
        n += 2;
        if (type_is_rowtime(g->time)) {
            names[n] = "w$rowtime";
            types[n++] = type_time(a, g->time->root, 3, "ROWTIME", true);
        }
        names[n] = "w$proctime";
        types[n++] = type_time(a, L_TIMESTAMP_LTZ, 3, "PROCTIME", true);
    }
    r->row = type_row(a, names, types, n, false);
    return r;
}
