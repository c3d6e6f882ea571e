/* stream-exec-group-window-aggregate: windows as keys of GROUP BY (flink-table-planner 2.3, StreamExecGroupWindowAggregate). */
#include <string.h>

#include "sql/phys_window.h"

static const struct ltype *time_of(const struct phys *p) { return p->inputs[0]->row->kids[p->rel->window.time]; }

static struct value alias(struct planner *pl, const struct phys *p)
{
    struct members m = {0};
    put_member(&m, "name", put_text(pl->a, "w$"));
    put_member(&m, "type", type_json(pl->a, time_of(p)));
    return put_object(pl->a, &m);
}

static struct value window(struct planner *pl, const struct phys *p)
{
    static const char *const kinds[] = {[WINDOW_TUMBLE] = "TUMBLING", [WINDOW_HOP] = "SLIDING", [WINDOW_SESSION] = "SESSION"};
    const struct rel_window *w = &p->rel->window;
    struct members m = {0}, field = {0};
    put_member(&field, "fieldName", put_text(pl->a, p->inputs[0]->row->names[w->time]));
    put_member(&field, "fieldIndex", value_int(w->time));
    put_member(&field, "inputIndex", value_int(0));
    put_member(&field, "fieldType", type_json(pl->a, time_of(p)));
    put_member(&m, "kind", put_text(pl->a, kinds[w->kind]));
    put_member(&m, "alias", alias(pl, p));
    put_member(&m, "timeField", put_object(pl->a, &field));
    if (w->kind != WINDOW_SESSION)
        put_member(&m, "isTimeWindow", value_bool(true));
    put_member(&m, w->kind == WINDOW_SESSION ? "gap" : "size", put_text(pl->a, window_duration(pl->a, w->size)));
    if (w->kind == WINDOW_HOP)
        put_member(&m, "slide", put_text(pl->a, window_duration(pl->a, w->step)));
    return put_object(pl->a, &m);
}

static struct value properties(struct planner *pl, const struct phys *p)
{
    static const char *const names[] = {"w$start", "w$end", "w$rowtime", "w$proctime"},
                             *const kinds[] = {"WindowStart", "WindowEnd", "Rowtime", "Proctime"};
    uint32_t first = p->rel->n_keys + p->rel->n_calls;
    struct value list = value_list(pl->a, VAL_LIST, p->row->n - first);
    for (uint32_t i = first, k = 0; i < p->row->n; i++, k++) {
        struct members of = {0}, m = {0};
        while (strcmp(names[k], p->row->names[i]) != 0)
            k++;
        put_member(&of, "kind", put_text(pl->a, kinds[k]));
        put_member(&of, "reference", alias(pl, p));
        put_member(&m, "name", put_text(pl->a, names[k]));
        put_member(&m, "property", put_object(pl->a, &of));
        list.items[i - first] = put_object(pl->a, &m);
    }
    return list;
}

static void put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const options[][2] = {
        {"table.exec.mini-batch.enabled", "false"}, {"table.exec.mini-batch.size", "-1"}, {"table.local-time-zone", "UTC"}};
    put_member(to, "configuration", put_config(pl, options, 3));
    put_member(to, "grouping", put_ints(pl->a, p->rel->keys, p->rel->n_keys));
    put_member(to, "aggCalls", put_calls(pl, p->rel->calls, p->rel->n_calls));
    put_member(to, "window", window(pl, p));
    put_member(to, "namedWindowProperties", properties(pl, p));
    put_member(to, "needRetraction", value_bool(p->inputs[0]->kinds != KIND_INSERT));
}

static uint8_t inserts(const struct phys *p)
{
    (void)p;
    return KIND_INSERT;
}

static int wants(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_BOTH;
}

/* The groups with any of the window's columns. */
static void keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    uint32_t n = p->rel->n_keys, *columns = arena_array(pl->a, n + 2u, sizeof *columns);
    for (uint32_t i = 0; i < n; i++)
        columns[i] = i;
    for (uint32_t i = n + p->rel->n_calls; i < p->row->n; i++) {
        columns[n] = i;
        keys_add(pl, to, columns, n + 1);
    }
}

static const struct phys_class group_window = {
    .type = "stream-exec-group-window-aggregate", .version = 1, .kinds = inserts, .wants = wants, .keys = keys, .put = put};

struct phys *phys_group_window(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    struct phys *x = phys_exchange(pl, in, r->keys, r->n_keys);
    struct phys *p = phys_of(pl, &group_window, r->row, r->at, 1, &x);
    p->rel = r;
    return p;
}
