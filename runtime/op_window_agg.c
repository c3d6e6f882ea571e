/* stream-exec-group-window-aggregate (WindowOperator, PanedWindowProcessFunction), stream-exec-window-aggregate, and the pair of local and global window aggregate: the local one hands rows on, the global one, whose calls are
 * written over those rows, aggregates them (WindowAggOperator, SliceUnsharedWindowAggProcessor, SliceSharedWindowAggProcessor, SliceAssigners,
 * UnsliceWindowAggProcessor of flink-table-runtime 2.3). Results go out when the watermark passes a window's end; rows behind that are late and
 * dropped. Windows of processing time end by the clock instead.
 *
 * Rows are gathered in slices, which windows share: a hopping window is merged of its slices when it ends; a cumulative one takes its last
 * slice into its first. */
#include <stdlib.h>
#include <string.h>

#include "runtime/window_agg.h"

static void release(void *value)
{
    struct slice *v = value;
    for (uint32_t i = 0; i < v->n; i++)
        acc_release(&v->acc[i]);
}

static bool read_properties(struct op *o, struct window_agg *g, struct err *e)
{
    static const struct {
        const char *word;
        int what;
    } words[] = {{"WindowStart", WINDOW_START}, {"WindowEnd", WINDOW_END}, {"Rowtime", WINDOW_TIME}, {"Proctime", WINDOW_NO_TIME}};
    const struct value *list = cplan_member(o->node->json, "namedWindowProperties");
    g->n_properties = list && list->kind == VAL_LIST ? list->n : 0;
    g->properties = arena_array(o->a, g->n_properties + 1, sizeof *g->properties);
    for (uint32_t i = 0; i < g->n_properties; i++) {
        const char *kind = cplan_text(cplan_member(&list->items[i], "property"), "kind", "", e);
        size_t k = 0;
        while (k < 4 && strcmp(words[k].word, kind))
            k++;
        if (k == 4)
            return op_refuse(o, e, arena_printf(o->a, "window property %s", kind));
        g->properties[i].what = words[k].what;
    }
    return true;
}

static const struct cplan_node *local_of(const struct op *o)
{
    const struct cplan_node *node = o->node;
    while (node->n_inputs == 1 && strcmp(node->type, "stream-exec-local-window-aggregate"))
        node = node->inputs[0];
    return node;
}

static bool output_fits(const struct op *o, const struct window_agg *g, struct err *e)
{
    if (o->n_cols != g->n_keys + g->n_aggs + g->n_properties)
        return err_set(e, ERR_CORRUPT, "its output is not its keys, aggregates and window");
    for (uint32_t i = 0; i < o->n_cols; i++) {
        uint32_t a = i - g->n_keys;
        enum lslot slot = i < g->n_keys ? g->key_types[i]->slot : a < g->n_aggs ? g->aggs[a].result->slot : SLOT_TIMESTAMP;
        if (slot != o->types[i]->slot)
            return err_set(e, ERR_CORRUPT, "column %u of its output is of another type", i);
    }
    return true;
}

/* --- slices --- */

bool wagg_shared(const struct window_agg *g) { return !g->w.attached && (g->w.kind == WINDOW_HOP || g->w.kind == WINDOW_CUMULATE); }

static int64_t floor_to(int64_t time, int64_t offset, int64_t step)
{
    int64_t rest = (time - offset) % step;
    return time - rest - (rest < 0 ? step : 0);
}

/* Sessions that the rows carry: their ends do not tell where they begin. */
bool wagg_apart(const struct window_agg *g) { return g->w.attached && g->w.kind == WINDOW_SESSION; }

/* Where the first window of a slice begins. */
static int64_t start_of(const struct window_agg *g, int64_t end)
{
    return g->w.kind == WINDOW_CUMULATE ? floor_to(end - 1, g->w.offset, g->w.size) : end - g->w.size;
}

/* The end of the last window that has this slice. */
int64_t wagg_last_end(const struct window_agg *g, int64_t slice)
{
    if (!wagg_shared(g))
        return slice;
    return g->w.kind == WINDOW_HOP ? slice - g->w.step + g->w.size : start_of(g, slice) + g->w.size;
}

/* … and of the first slice of a window. */
int64_t wagg_first_slice(const struct window_agg *g, int64_t end)
{
    if (!wagg_shared(g))
        return end;
    return (g->w.kind == WINDOW_HOP ? end - g->w.size : start_of(g, end)) + g->w.step;
}

static struct window window_of(const struct window_agg *g, const struct row *key, int64_t end)
{
    return (struct window){wagg_apart(g) ? key->v[g->n_keys + 1].i : start_of(g, end), end};
}

static int64_t slice_of(const struct window_agg *g, int64_t time)
{
    int64_t step = wagg_shared(g) ? g->w.step : g->w.size;
    return floor_to(time, g->w.offset, step) + step;
}

static bool fired(const struct op *o, int64_t end, int64_t wm)
{
    const struct window_agg *g = o->self;
    return windowing_closes(&g->w, o->ev, end) <= wm;
}

/* The first window of a slice that has not been sent: in this life, or in one before. */
int64_t wagg_next_window(const struct op *o, int64_t slice, const struct slice *s, int64_t done)
{
    const struct window_agg *g = o->self;
    int64_t end = slice, last = wagg_last_end(g, slice);
    while (end < last && (end <= s->sent || fired(o, end, done)))
        end += g->w.step;
    return end;
}

static void wake(struct op *o)
{
    const struct window_agg *g = o->self;
    if (g->w.proctime && g->next != INT64_MAX)
        o->wake = windowing_closes(&g->w, o->ev, g->next);
}

void wagg_expect(struct op *o, int64_t slice, const struct slice *s)
{
    struct window_agg *g = o->self;
    int64_t end = wagg_next_window(o, slice, s, g->done);
    g->next = end < g->next ? end : g->next;
    wake(o);
}

/* --- opening --- */

static void gather(struct op *o, struct session *to, const struct batch *b, uint32_t at);
static void join(struct op *o, struct session *to, struct session *from);
static void drop(struct op *o, struct session *one);
static const struct session_kind gathering = {gather, join, drop};

static bool read_windows(struct op *o, struct window_agg *g, const struct value *spec, struct err *e)
{
    static const char *const emits[] = {"table.exec.emit.early-fire.enabled", "table.exec.emit.late-fire.enabled"};
    g->group = !strcmp(o->node->type, "stream-exec-group-window-aggregate");
    if (!g->group)
        return windowing_read(&g->w, o, cplan_member(spec, "windowing"), o->in[0], e);
    for (int i = 0; i < 2; i++)
        if (strcmp(job_config(o->job, emits[i], "false"), "false"))
            return op_refuse(o, e, emits[i]);
    return windowing_read_group(&g->w, o, cplan_member(spec, "window"), o->in[0], e);
}

static bool open_op(struct op *o, struct err *e)
{
    struct window_agg *g = o->self = arena_alloc(o->a, sizeof *g);
    bool global = !strcmp(o->node->type, "stream-exec-global-window-aggregate");
    const struct value *spec = global ? local_of(o)->json : o->node->json; /* keys and time as columns of the rows */
    const struct ltype *row = o->in[0];
    g->next = INT64_MAX;
    g->done = INT64_MIN;
    g->keys = cplan_ints(o->a, spec, "grouping", row->n, &g->n_keys, e);
    if (!read_windows(o, g, spec, e) || !read_properties(o, g, e) ||
        !(g->aggs = aggs_read(o, "aggCalls", NULL, row, &g->n_aggs, e)))
        return false;
    if (cplan_bool(o->node->json, "needRetraction", false, e))
        return op_refuse(o, e, "a window over changes");
    if (wagg_shared(g) && g->w.size % g->w.step)
        return op_refuse(o, e, "a window whose size is no multiple of its step");
    if (wagg_apart(g) && g->w.start == UINT32_MAX)
        return op_refuse(o, e, "an aggregate of sessions without their start");
    g->n_cells = g->n_keys + 1 + wagg_apart(g);
    g->key_types = arena_array(o->a, g->n_keys + 2, sizeof *g->key_types);
    for (uint32_t i = 0; i < g->n_keys; i++)
        g->key_types[i] = row->kids[g->keys[i]];
    g->key_types[g->n_keys] = g->key_types[g->n_keys + 1] = type_simple(o->a, L_BIGINT, false);
    g->key = arena_array(o->a, g->n_keys + 2, sizeof *g->key);
    g->key_null = arena_alloc(o->a, g->n_keys + 2);
    g->merged = arena_array(o->a, g->n_aggs + 1, sizeof *g->merged);
    kstate_init(&g->state, g->key_types, g->n_cells, sizeof(struct slice) + g->n_aggs * sizeof(struct acc), release);
    if (g->w.kind == WINDOW_SESSION && !g->w.attached)
        sessions_init(&g->sessions, o, &gathering, &g->w, g->keys, g->n_keys);
    wagg_declare(o);
    return output_fits(o, g, e);
}

/* --- rows --- */

struct slice *wagg_slice_at(struct window_agg *g, int64_t end)
{
    bool fresh;
    g->key[g->n_keys].i = end;
    g->key_null[g->n_keys] = 0;
    struct slice *s = (struct slice *)kstate_at(&g->state, g->key, g->key_null, &fresh)->value;
    s->n = g->n_aggs;
    if (fresh)
        s->sent = INT64_MIN;
    return s;
}

static void add(struct op *o, const struct batch *b, uint32_t at, int64_t end)
{
    struct window_agg *g = o->self;
    bool gone = windowing_late(&g->w, o, end);
    if (gone && windowing_late(&g->w, o, wagg_last_end(g, end))) {
        op_count(&o->late, 1);
        return;
    }
    struct slice *s = wagg_slice_at(g, gone && g->w.kind == WINDOW_CUMULATE ? wagg_first_slice(g, end) : end);
    s->rows++;
    aggs_add(g->aggs, g->n_aggs, s->acc, b, at, 1);
    wagg_expect(o, end, s);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct window_agg *g = o->self;
    uint32_t time = g->w.attached ? g->w.end : g->w.time;
    (void)input;
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        int64_t end;
        if (!g->w.proctime && b->cols[time].null[i]) {
            op_fail(o, ERR_CONVERT, "column %s is NULL, which a row's time must not be", o->in[0]->names[time]);
            return;
        }
        if (g->sessions.o) {
            sessions_add(&g->sessions, b, i);
            continue;
        }
        for (uint32_t k = 0; k < g->n_keys; k++) {
            g->key[k] = b->cols[g->keys[k]].v[i];
            g->key_null[k] = b->cols[g->keys[k]].null[i];
        }
        if (wagg_apart(g))
            g->key[g->n_keys + 1].i = b->cols[g->w.start].null[i] ? 0 : b->cols[g->w.start].v[i].t.ms;
        if (g->w.attached)
            end = b->cols[time].v[i].t.ms;
        else if (windowing_moment(&g->w, o, b, i, &end))
            end = slice_of(g, end);
        else
            continue;
        add(o, b, i, end);
    }
}

static void emit(struct op *o, const struct row *key, struct window w, struct acc *acc)
{
    struct window_agg *g = o->self;
    uint32_t row = op_row(o, ROW_INSERT);
    for (uint32_t i = 0; i < g->n_keys; i++)
        op_keep(o, row, i, key->v[i], key->null[i]);
    for (uint32_t i = 0; i < g->n_aggs; i++) {
        union cell v;
        bool some = g->aggs[i].fn->result(&g->aggs[i], &acc[i], &v);
        op_keep(o, row, g->n_keys + i, v, !some);
    }
    for (uint32_t i = 0; i < g->n_properties; i++) {
        uint32_t c = g->n_keys + g->n_aggs + i;
        int64_t ms = g->properties[i].what == WINDOW_START ? w.start : g->properties[i].what == WINDOW_END ? w.end : w.end - 1;
        if (o->types[c]->root == L_TIMESTAMP_LTZ && o->ev->zone)
            ms = zone_utc(o->ev->zone, ms);
        op_put(o, row, c, (union cell){.t = {ms, 0}}, g->properties[i].what == WINDOW_NO_TIME);
    }
}

/* --- sessions --- */

struct gathered *wagg_gathered(const struct window_agg *g, struct session *s)
{
    struct gathered *one = s->made ? s->made : mem_zalloc(sizeof *one + g->n_aggs * sizeof(struct acc));
    one->n = g->n_aggs;
    return s->made = one;
}

static void gather(struct op *o, struct session *to, const struct batch *b, uint32_t at)
{
    struct window_agg *g = o->self;
    aggs_add(g->aggs, g->n_aggs, wagg_gathered(g, to)->acc, b, at, 1);
}

static void join(struct op *o, struct session *to, struct session *from)
{
    struct window_agg *g = o->self;
    struct gathered *one = to->made, *other = from->made;
    if (one && other)
        aggs_merge(g->aggs, g->n_aggs, one->acc, other->acc);
    else if (other)
        to->made = other, from->made = NULL;
    drop(o, from);
}

static void drop(struct op *o, struct session *s)
{
    struct gathered *one = s->made;
    (void)o;
    for (uint32_t i = 0; one && i < one->n; i++)
        acc_release(&one->acc[i]);
    free(one);
    s->made = NULL;
}

static void session_over(struct op *o, const struct row *key, const struct session *s)
{
    if (s->made)
        emit(o, key, s->window, ((struct gathered *)s->made)->acc);
}

/* --- windows that end --- */

/* Slices of that key are what is looked for from now on. */
void wagg_look_from(struct window_agg *g, const struct row *key)
{
    memcpy(g->key, key->v, g->n_cells * sizeof *g->key);
    memcpy(g->key_null, key->null, g->n_cells);
}

/* Of the windows of a slice that end now, those that have no earlier slice of the key: so each is there once. */
static void find_due(struct op *o, const struct kentry *e, int64_t wm)
{
    struct window_agg *g = o->self;
    int64_t slice = e->key->v[g->n_keys].i, last = wagg_last_end(g, slice);
    wagg_look_from(g, e->key);
    for (int64_t end = wagg_next_window(o, slice, (const struct slice *)e->value, g->done); end <= last; end += g->w.step) {
        bool earlier = false;
        if (!fired(o, end, wm)) {
            g->next = end < g->next ? end : g->next;
            return;
        }
        for (int64_t at = wagg_first_slice(g, end); at < slice && !earlier; at += g->w.step) {
            g->key[g->n_keys].i = at;
            earlier = kstate_find(&g->state, g->key, g->key_null);
        }
        if (!earlier) {
            if (g->n_due == g->cap_due)
                g->due = mem_grow(g->due, g->cap_due = g->cap_due ? g->cap_due * 2 : 64, sizeof *g->due);
            g->due[g->n_due] = (struct due){row_make(g->key_types, g->n_cells, e->key->v, e->key->null), end, g->n_due};
            g->n_due++;
        }
        if (!wagg_shared(g))
            return;
    }
}

static void send_hop(struct op *o, const struct due *d)
{
    struct window_agg *g = o->self;
    for (int64_t at = d->end; at >= d->key->v[g->n_keys].i; at -= g->w.step) { /* the latest first, as Flink does */
        g->key[g->n_keys].i = at;
        const struct kentry *e = kstate_find(&g->state, g->key, g->key_null);
        if (e)
            aggs_merge(g->aggs, g->n_aggs, g->merged, ((const struct slice *)e->value)->acc);
    }
    emit(o, d->key, window_of(g, d->key, d->end), g->merged);
    for (uint32_t i = 0; i < g->n_aggs; i++)
        acc_release(&g->merged[i]);
}

static void send_cumulated(struct op *o, const struct due *d)
{
    struct window_agg *g = o->self;
    int64_t first = wagg_first_slice(g, d->end);
    struct slice *s = wagg_slice_at(g, first);
    g->key[g->n_keys].i = d->end;
    struct kentry *e = d->end == first ? NULL : kstate_find(&g->state, g->key, g->key_null);
    if (e) {
        s->rows += ((struct slice *)e->value)->rows;
        aggs_merge(g->aggs, g->n_aggs, s->acc, ((struct slice *)e->value)->acc);
        kstate_remove(&g->state, e);
    }
    emit(o, d->key, window_of(g, d->key, d->end), s->acc);
}

static void send(struct op *o, const struct due *d)
{
    struct window_agg *g = o->self;
    wagg_look_from(g, d->key);
    if (wagg_shared(g) && g->w.kind == WINDOW_HOP) {
        send_hop(o, d);
    } else if (wagg_shared(g)) {
        send_cumulated(o, d);
    } else {
        g->key[g->n_keys].i = d->end;
        const struct kentry *e = kstate_find(&g->state, g->key, g->key_null);
        emit(o, d->key, window_of(g, d->key, d->end), ((struct slice *)e->value)->acc);
    }
}

static int by_end(const void *a, const void *b)
{
    const struct due *x = a, *y = b;
    return x->end != y->end ? (x->end > y->end) - (x->end < y->end) : (x->at > y->at) - (x->at < y->at);
}

static void until(struct op *o, int64_t wm)
{
    struct window_agg *g = o->self;
    if (g->sessions.o) {
        sessions_until(&g->sessions, wm, session_over);
        return;
    }
    if (g->state.n && fired(o, g->next, wm)) {
        g->next = INT64_MAX;
        g->n_due = 0;
        for (const struct kentry *e = g->state.first; e; e = e->next)
            find_due(o, e, wm);
        if (g->n_due)
            qsort(g->due, g->n_due, sizeof *g->due, by_end);
        for (uint32_t i = 0; i < g->n_due; i++) {
            send(o, &g->due[i]);
            free(g->due[i].key);
        }
        for (struct kentry *e = g->state.first, *next; e; e = next) {
            next = e->next;
            if (fired(o, wagg_last_end(g, e->key->v[g->n_keys].i), wm))
                kstate_remove(&g->state, e);
        }
    }
    g->done = wm;
    wake(o);
}

static void watermark(struct op *o, int64_t wm)
{
    const struct window_agg *g = o->self;
    if (!g->w.proctime)
        until(o, wm);
}

static void close_op(struct op *o)
{
    struct window_agg *g = o->self;
    if (!g)
        return;
    kstate_clear(&g->state);
    kstate_clear(&g->firsts);
    acc_layout_free(&g->layout);
    if (g->sessions.o)
        sessions_close(&g->sessions);
    free(g->due);
}

const struct op_class op_window_agg = {.open = open_op,
                                       .batch = batch,
                                       .watermark = watermark,
                                       .timer = until,
                                       .close = close_op,
                                       .lists = wagg_lists,
                                       .snapshot = wagg_snapshot,
                                       .restore = wagg_restore,
                                       .min_inputs = 1,
                                       .max_inputs = 1};

const struct op_class op_group_window = {.open = open_op,
                                         .batch = batch,
                                         .watermark = watermark,
                                         .timer = until,
                                         .close = close_op,
                                         .snapshot = wagg_snapshot,
                                         .restore = wagg_restore,
                                         .min_inputs = 1,
                                         .max_inputs = 1};
