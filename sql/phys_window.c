/* Window table functions, and aggregates of their windows. */
#include <stdlib.h>
#include <string.h>

#include "sql/phys_local.h"
#include "sql/phys_window.h"
#include "sql/rex_make.h"

/* --- as plans have windows (LogicalWindowJsonSerializer, WindowingStrategy) --- */

/* Java's Duration#toString. */
const char *window_duration(struct arena *a, int64_t ms)
{
    struct buf b = {0};
    uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms, hours = left / 3600000, minutes = left / 60000 % 60;
    const char *minus = ms < 0 ? "-" : "";
    buf_puts(&b, "PT");
    if (hours)
        buf_printf(&b, "%s%lluH", minus, (unsigned long long)hours);
    if (minutes)
        buf_printf(&b, "%s%lluM", minus, (unsigned long long)minutes);
    if (left % 60000 || !left) {
        char fraction[8] = "";
        if (left % 1000) {
            snprintf(fraction, sizeof fraction, ".%03u", (unsigned)(left % 1000));
            for (size_t n = strlen(fraction); fraction[n - 1] == '0'; n--)
                fraction[n - 1] = 0;
        }
        buf_printf(&b, "%s%llu%sS", minus, (unsigned long long)(left / 1000 % 60), fraction);
    }
    const char *s = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}

static struct value window_json(struct arena *a, const struct rel_window *w)
{
    static const char *const types[] = {[WINDOW_TUMBLE] = "TumblingWindow",
                                        [WINDOW_HOP] = "HoppingWindow",
                                        [WINDOW_CUMULATE] = "CumulativeWindow",
                                        [WINDOW_SESSION] = "SessionWindow"};
    static const char *const sizes[] = {
        [WINDOW_TUMBLE] = "size", [WINDOW_HOP] = "size", [WINDOW_CUMULATE] = "maxSize", [WINDOW_SESSION] = "gap"};
    struct members m = {0};
    put_member(&m, "type", put_text(a, types[w->kind]));
    put_member(&m, sizes[w->kind], put_text(a, window_duration(a, w->size)));
    if (w->kind == WINDOW_HOP || w->kind == WINDOW_CUMULATE)
        put_member(&m, w->kind == WINDOW_HOP ? "slide" : "step", put_text(a, window_duration(a, w->step)));
    if (w->has_offset && w->offset)
        put_member(&m, "offset", put_text(a, window_duration(a, w->offset)));
    if (w->kind == WINDOW_SESSION)
        put_member(&m, "partition_key_indices", put_ints(a, w->keys, w->n_keys));
    return put_object(a, &m);
}

struct value windowing_json(struct arena *a, const struct windowing *w)
{
    struct members m = {0};
    put_member(&m, "strategy", put_text(a, w->attached ? "WindowAttached" : "TimeAttribute"));
    put_member(&m, "window", window_json(a, &w->window));
    put_member(&m, "timeAttributeType", type_json(a, w->time));
    if (w->attached) {
        put_member(&m, "windowStart", value_int(w->start));
        put_member(&m, "windowEnd", value_int(w->end));
    } else {
        put_member(&m, "timeAttributeIndex", value_int(w->window.time));
    }
    put_member(&m, "isRowtime", value_bool(type_is_rowtime(w->time)));
    return put_object(a, &m);
}

struct value window_config(struct planner *pl)
{
    static const char *const options[][2] = {{"table.local-time-zone", "UTC"}};
    return put_config(pl, options, 1);
}

void window_about(const struct windowing *w, struct buf *to)
{
    static const char *const names[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION"};
    buf_printf(to, "window=[%s]", names[w->window.kind]);
}

/* --- which columns are those of a window --- */

static int through(const struct rel *r, int below)
{
    for (uint32_t i = 0; below >= 0 && i < r->row->n; i++)
        if (r->exprs[i]->kind == REX_INPUT && r->exprs[i]->input == (uint32_t)below)
            return (int)i;
    return -1;
}

bool windowing_of(const struct rel *r, struct windowing *to)
{
    const struct rel *in = r->n ? r->inputs[0] : NULL;
    int *columns[] = {&to->start, &to->end, &to->row_time};
    switch (r->kind) {
    case REL_WINDOW:
        *to = (struct windowing){.attached = true,
                                 .window = r->window,
                                 .source = r,
                                 .time = in->row->kids[r->window.time],
                                 .start = (int)in->row->n,
                                 .end = (int)in->row->n + 1,
                                 .row_time = (int)in->row->n + 2};
        return true;
    case REL_FILTER:
    case REL_OVER:
    case REL_EXPAND:
        return windowing_of(in, to);
    case REL_PROJECT:
        if (!windowing_of(in, to))
            return false;
        for (int i = 0; i < 3; i++)
            *columns[i] = through(r, *columns[i]);
        return to->start >= 0 && to->end >= 0;
    case REL_AGGREGATE:
        if (!windowing_of(in, to))
            return false;
        for (int i = 0; i < 3; i++) {
            int found = -1;
            for (uint32_t k = 0; k < r->n_keys; k++)
                found = (int)r->keys[k] == *columns[i] && *columns[i] >= 0 ? (int)k : found;
            *columns[i] = found;
        }
        return to->start >= 0 && to->end >= 0;
    default:
        return false;
    }
}

/* --- the function --- */

static void tvf_put(struct planner *pl, const struct phys *p, struct members *to)
{
    put_member(to, "configuration", window_config(pl));
    put_member(to, "windowing", windowing_json(pl->a, p->spec));
}

static void tvf_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    window_about(p->spec, to);
}

static void no_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    (void)pl;
    (void)p;
    *to = (struct key_sets){0};
}

static const struct phys_class tvf = {
    .type = "stream-exec-window-table-function", .version = 1, .keys = no_keys, .put = tvf_put, .about = tvf_about};

struct phys *phys_window(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    struct windowing *w = arena_alloc(pl->a, sizeof *w);
    if (!in)
        return NULL;
    windowing_of(r, w);
    w->attached = false;
    if (w->window.kind == WINDOW_SESSION)
        in = phys_exchange(pl, in, w->window.keys, w->window.n_keys);
    struct phys *p = phys_of(pl, &tvf, r->row, r->at, 1, &in);
    p->spec = w;
    return p;
}

/* --- aggregates --- */

struct window_agg {
    struct windowing w;
    uint32_t n_keys, *keys;
    uint32_t n_calls;
    struct rel_call *calls;
    const struct ltype
        *local; /* of a global one: the row that its local one takes; its windows: where the local one's row has their ends */
    uint32_t last;
    int start, end, time; /* whether the window's begin, end and time are wanted: the output's columns, or -1 */
};

static struct value property(struct planner *pl, const struct phys *p, int column, const char *kind)
{
    const struct window_agg *g = p->spec;
    struct members reference = {0}, of = {0}, m = {0};
    put_member(&reference, "name", put_text(pl->a, "w$"));
    put_member(&reference, "type", type_json(pl->a, g->w.time));
    put_member(&of, "kind", put_text(pl->a, kind));
    put_member(&of, "reference", put_object(pl->a, &reference));
    put_member(&m, "name", put_text(pl->a, p->row->names[column]));
    put_member(&m, "property", put_object(pl->a, &of));
    return put_object(pl->a, &m);
}

static void local_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct window_agg *g = p->spec;
    put_member(to, "configuration", window_config(pl));
    put_member(to, "grouping", put_ints(pl->a, g->keys, g->n_keys));
    put_member(to, "aggCalls", put_calls(pl, g->calls, g->n_calls));
    put_member(to, "windowing", windowing_json(pl->a, &g->w));
    put_member(to, "needRetraction", value_bool(false));
}

/* What the local one's row says of windows: where their slice, or they, end. */
static struct value merged_windowing(struct planner *pl, const struct window_agg *g)
{
    struct members m = {0};
    put_member(&m, "strategy", put_text(pl->a, g->w.attached ? "WindowAttached" : "SliceAttached"));
    put_member(&m, "window", window_json(pl->a, &g->w.window));
    put_member(&m, "timeAttributeType", type_json(pl->a, g->w.time));
    if (g->w.attached)
        put_member(&m, "windowStart", value_int(-1));
    put_member(&m, g->w.attached ? "windowEnd" : "sliceEnd", value_int(g->last));
    put_member(&m, "isRowtime", value_bool(type_is_rowtime(g->w.time)));
    return put_object(pl->a, &m);
}

static void agg_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct window_agg *g = p->spec;
    struct value properties = value_list(pl->a, VAL_LIST, 3);
    properties.n = 0;
    if (g->start >= 0)
        properties.items[properties.n++] = property(pl, p, g->start, "WindowStart");
    if (g->end >= 0)
        properties.items[properties.n++] = property(pl, p, g->end, "WindowEnd");
    if (g->time >= 0)
        properties.items[properties.n++] = property(pl, p, g->time, type_is_rowtime(g->w.time) ? "Rowtime" : "Proctime");
    put_member(to, "configuration", window_config(pl));
    put_member(to, "grouping", put_ints(pl->a, g->local ? p->inputs[0]->hash : g->keys, g->n_keys));
    put_member(to, "aggCalls", put_calls(pl, g->calls, g->n_calls));
    put_member(to, "windowing", g->local ? merged_windowing(pl, g) : windowing_json(pl->a, &g->w));
    put_member(to, "namedWindowProperties", properties);
    put_member(to, "needRetraction", value_bool(p->inputs[0]->kinds != KIND_INSERT));
    if (g->local)
        put_member(to, "localAggInputRowType", type_json(pl->a, type_nullable(pl->a, g->local, true)));
}

static int agg_wants(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_BOTH;
}

static uint8_t agg_kinds(const struct phys *p)
{
    (void)p;
    return KIND_INSERT;
}

static const struct phys_class aggregate = {.type = "stream-exec-window-aggregate",
                                            .version = 1,
                                            .kinds = agg_kinds,
                                            .wants = agg_wants,
                                            .keys = no_keys,
                                            .put = agg_put,
                                            .about = tvf_about};

static const struct phys_class global_aggregate = {.type = "stream-exec-global-window-aggregate",
                                                   .version = 1,
                                                   .kinds = agg_kinds,
                                                   .wants = agg_wants,
                                                   .keys = no_keys,
                                                   .put = agg_put,
                                                   .about = tvf_about};
static const struct phys_class local_aggregate = {.type = "stream-exec-local-window-aggregate",
                                                  .version = 1,
                                                  .kinds = agg_kinds,
                                                  .wants = agg_wants,
                                                  .keys = no_keys,
                                                  .put = local_put,
                                                  .about = tvf_about};

/* The node or nodes over `below`; sessions are never in two steps, for they would end elsewhere. */
static struct phys *aggregated(struct planner *pl, struct phys *below, struct window_agg *g, const struct ltype *row,
                               struct place at)
{
    const struct value *json = NULL;
    const struct ltype *local = NULL;
    phys_kinds(pl, below);
    if (phys_two_phases(pl) && g->w.window.kind != WINDOW_SESSION && type_is_rowtime(g->w.time) && below->kinds == KIND_INSERT &&
        !phys_dealt_by(below, g->keys, g->n_keys))
        local = phys_local_row(pl, below->row, g->keys, g->n_keys, g->calls, g->n_calls, g->w.window.kind == WINDOW_HOP,
                               g->w.attached ? "$window_end" : "$slice_end", &json);
    uint32_t *keys = arena_array(pl->a, g->n_keys + 1u, sizeof *keys);
    for (uint32_t i = 0; i < g->n_keys; i++)
        keys[i] = local ? i : g->keys[i];
    if (local) {
        g->local = below->row;
        g->last = local->n - 1;
        below = phys_of(pl, &local_aggregate, local, at, 1, &below);
        below->spec = g;
        below->row_json = json;
    }
    struct phys *x = phys_exchange(pl, below, keys, g->n_keys);
    struct phys *p = phys_of(pl, local ? &global_aggregate : &aggregate, row, at, 1, &x);
    p->spec = g;
    return p;
}

/* The steps from the function up to the aggregate look at the window's columns in no other way than to hand them on: then the
 * aggregate makes the windows by itself, and the function is not executed. */
static bool only_passed_on(const struct rel *r)
{
    struct windowing w;
    bool used[4096] = {0};
    if (r->kind == REL_WINDOW)
        return true;
    if ((r->kind != REL_PROJECT && r->kind != REL_FILTER) || !windowing_of(r->inputs[0], &w) || r->inputs[0]->row->n > 4096)
        return false;
    for (uint32_t i = 0; r->kind == REL_PROJECT && i < r->row->n; i++)
        if (r->exprs[i]->kind != REX_INPUT)
            rex_used(r->exprs[i], used, 4096);
    if (r->kind == REL_FILTER)
        rex_used(r->condition, used, 4096);
    return !used[w.start] && !used[w.end] && (w.row_time < 0 || !used[w.row_time]) && only_passed_on(r->inputs[0]);
}

/* The steps between, as expressions over the function's input; columns of the window are NULL. */
static bool under(struct planner *pl, const struct rel *r, const struct rex ***exprs, const struct rex **condition)
{
    const struct rex **below, *cond = NULL;
    if (r->kind == REL_WINDOW) {
        uint32_t n = r->inputs[0]->row->n;
        *exprs = arena_array(pl->a, n + 4u, sizeof **exprs);
        for (uint32_t i = 0; i < n; i++)
            (*exprs)[i] = rex_input(pl->a, i, r->inputs[0]->row->kids[i]);
        *condition = NULL;
        return true;
    }
    if (!under(pl, r->inputs[0], &below, &cond))
        return false;
    if (r->kind == REL_FILTER) {
        const struct rex *terms[2];
        uint32_t n = 0;
        if (cond)
            terms[n++] = cond;
        terms[n++] = rex_over(pl->a, r->condition, below);
        *condition = rex_and(pl->a, terms, n);
        *exprs = below;
        return true;
    }
    *exprs = arena_array(pl->a, r->row->n + 4u, sizeof **exprs);
    for (uint32_t i = 0; i < r->row->n; i++)
        (*exprs)[i] = r->exprs[i]->kind == REX_INPUT ? below[r->exprs[i]->input] : rex_over(pl->a, r->exprs[i], below);
    *condition = cond;
    return true;
}

/* What the aggregate is over: a projection with the columns that it needs and the time, without those of the window; map: where the
 * columns of the aggregate's input are. */
static struct phys *own_windows(struct planner *pl, const struct rel *in, struct windowing *w, uint32_t *map, struct err *e)
{
    const struct rex **exprs, *condition;
    struct phys *below = phys_rel(pl, w->source->inputs[0], e);
    if (!below || !under(pl, in, &exprs, &condition))
        return NULL;
    const struct rex **kept = arena_array(pl->a, in->row->n + 1u, sizeof *kept);
    const char **names = arena_array(pl->a, in->row->n + 1u, sizeof *names);
    const struct ltype **types = arena_array(pl->a, in->row->n + 1u, sizeof *types);
    uint32_t n = 0, time = UINT32_MAX;
    for (uint32_t i = 0; i < in->row->n; i++) {
        if (!exprs[i])
            continue;
        if (exprs[i]->kind == REX_INPUT && exprs[i]->input == w->window.time)
            time = n;
        map[i] = n;
        kept[n] = exprs[i];
        names[n] = in->row->names[i];
        types[n++] = exprs[i]->type;
    }
    if (time == UINT32_MAX) {
        time = n;
        kept[n] = rex_input(pl->a, w->window.time, below->row->kids[w->window.time]);
        names[n] = below->row->names[w->window.time];
        types[n++] = kept[time]->type;
    }
    /* SESSION's partition is the aggregate's key: Flink has it as the function's columns */
    w->window.time = time;
    w->attached = false;
    return phys_calc(pl, below, kept, condition, type_row(pl->a, names, types, n, false), in->at);
}

struct phys *phys_window_aggregate(struct planner *pl, const struct rel *r, struct err *e)
{
    struct windowing w;
    struct window_agg *g = arena_alloc(pl->a, sizeof *g);
    const struct rel *in = r->inputs[0];
    if (!windowing_of(r, &w) || !windowing_of(in, &g->w))
        return NULL;
    /* sessions of other rows than the groups' end when the groups' do not: then they are groups like others (WindowUtil) */
    if (g->w.window.kind == WINDOW_SESSION && (!g->w.window.n_keys || r->n_keys != g->w.window.n_keys + 2))
        return NULL;
    uint32_t *map = arena_array(pl->a, in->row->n + 1u, sizeof *map), *keys = arena_array(pl->a, r->n_keys + 1u, sizeof *keys);
    for (uint32_t i = 0; i < in->row->n; i++)
        map[i] = i;
    bool own = only_passed_on(in);
    struct phys *below = own ? own_windows(pl, in, &g->w, map, e) : phys_rel(pl, in, e);
    if (!below)
        return NULL;
    const char **names = arena_array(pl->a, r->row->n + 3u, sizeof *names);
    const struct ltype **types = arena_array(pl->a, r->row->n + 3u, sizeof *types);
    const struct rex **back = arena_array(pl->a, r->row->n + 1u, sizeof *back);
    uint32_t n = 0;
    g->calls = arena_array(pl->a, r->n_calls + 1u, sizeof *g->calls);
    g->n_calls = r->n_calls;
    g->time = -1;
    for (uint32_t i = 0; i < r->n_keys; i++)
        if ((int)i != w.start && (int)i != w.end && (int)i != w.row_time) {
            keys[g->n_keys++] = map[r->keys[i]];
            names[n] = r->row->names[i];
            types[n] = r->row->kids[i];
            back[i] = rex_input(pl->a, n++, r->row->kids[i]);
        }
    g->keys = keys;
    for (uint32_t i = 0; i < r->n_calls; i++) {
        struct rel_call *c = &g->calls[i];
        *c = r->calls[i];
        c->args = arena_array(pl->a, c->n + 1u, sizeof *c->args);
        for (uint32_t k = 0; k < c->n; k++)
            c->args[k] = map[r->calls[i].args[k]];
        c->filter = c->filter < 0 ? -1 : (int)map[c->filter];
        names[n] = r->row->names[r->n_keys + i];
        types[n] = c->type;
        back[r->n_keys + i] = rex_input(pl->a, n++, c->type);
    }
    int *places[] = {&g->start, &g->end, &g->time}, columns[] = {w.start, w.end, w.row_time};
    for (int i = 0; i < 3; i++) {
        if (columns[i] < 0)
            continue;
        names[n] = r->row->names[columns[i]];
        types[n] = r->row->kids[columns[i]];
        back[columns[i]] = rex_input(pl->a, n, types[n]);
        *places[i] = (int)n++;
    }
    if (g->w.window.kind == WINDOW_SESSION && own) {
        g->w.window.keys = keys;
        g->w.window.n_keys = g->w.window.n_keys ? g->n_keys : 0;
    }
    struct phys *p = aggregated(pl, below, g, type_row(pl->a, names, types, n, false), r->at);
    return phys_calc(pl, p, back, NULL, r->row, r->at);
}
