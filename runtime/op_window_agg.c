/* stream-exec-window-aggregate, and the pair of local and global window aggregate: the local one hands rows on, the global one, whose calls are
 * written over those rows, aggregates them (WindowAggOperator, SliceUnsharedWindowAggProcessor, SliceSharedWindowAggProcessor, SliceAssigners,
 * UnsliceWindowAggProcessor of flink-table-runtime 2.3). Results go out when the watermark passes a window's end; rows behind that are late and
 * dropped. Windows of processing time end by the clock instead.
 *
 * Rows are gathered in slices, which windows share: a hopping window is merged of its slices when it ends; a cumulative one takes its last
 * slice into its first. */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/agg_state.h"
#include "runtime/session.h"

struct property {
    enum { WINDOW_START, WINDOW_END, WINDOW_TIME } what;
};

struct window_agg {
    struct windowing w;
    struct agg *aggs;
    uint32_t n_aggs, n_keys, n_properties, n_cells;
    const uint32_t *keys;
    const struct ltype **key_types; /* the keys, then the slice's end; n_cells: and its start, where that does not follow from it */
    struct property *properties;
    struct kstate state;
    struct sessions sessions;
    int64_t next; /* the least end of a window that is open: nothing to do before */
    int64_t done; /* the watermark, or the time, up to which windows have been sent */
    union cell *key;
    uint8_t *key_null;
    struct acc *merged;
    struct acc_layout layout;
    uint32_t timers, mapping; /* states in snapshots */
    struct due {
        struct row *key; /* and behind it the end of the first slice that is there */
        int64_t end;
        uint32_t at;
    } * due;
    uint32_t n_due, cap_due;
};

struct slice {
    uint32_t n;
    int64_t rows;
    struct acc acc[];
};

/* What a session has been made into. */
struct gathered {
    uint32_t n;
    struct acc acc[];
};

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
    } words[] = {{"WindowStart", WINDOW_START}, {"WindowEnd", WINDOW_END}, {"Rowtime", WINDOW_TIME}};
    const struct value *list = cplan_member(o->node->json, "namedWindowProperties");
    g->n_properties = list && list->kind == VAL_LIST ? list->n : 0;
    g->properties = arena_array(o->a, g->n_properties + 1, sizeof *g->properties);
    for (uint32_t i = 0; i < g->n_properties; i++) {
        const char *kind = cplan_text(cplan_member(&list->items[i], "property"), "kind", "", e);
        size_t k = 0;
        while (k < 3 && strcmp(words[k].word, kind))
            k++;
        if (k == 3)
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

static bool shared(const struct window_agg *g)
{
    return !g->w.attached && (g->w.kind == WINDOW_HOP || g->w.kind == WINDOW_CUMULATE);
}

static int64_t floor_to(int64_t time, int64_t offset, int64_t step)
{
    int64_t rest = (time - offset) % step;
    return time - rest - (rest < 0 ? step : 0);
}

/* Sessions that the rows carry: their ends do not tell where they begin. */
static bool apart(const struct window_agg *g) { return g->w.attached && g->w.kind == WINDOW_SESSION; }

/* Where the first window of a slice begins. */
static int64_t start_of(const struct window_agg *g, int64_t end)
{
    return g->w.kind == WINDOW_CUMULATE ? floor_to(end - 1, g->w.offset, g->w.size) : end - g->w.size;
}

/* The end of the last window that has this slice. */
static int64_t last_end(const struct window_agg *g, int64_t slice)
{
    if (!shared(g))
        return slice;
    return g->w.kind == WINDOW_HOP ? slice - g->w.step + g->w.size : start_of(g, slice) + g->w.size;
}

/* … and of the first slice of a window. */
static int64_t first_slice(const struct window_agg *g, int64_t end)
{
    if (!shared(g))
        return end;
    return (g->w.kind == WINDOW_HOP ? end - g->w.size : start_of(g, end)) + g->w.step;
}

static struct window window_of(const struct window_agg *g, const struct row *key, int64_t end)
{
    return (struct window){apart(g) ? key->v[g->n_keys + 1].i : start_of(g, end), end};
}

static int64_t slice_of(const struct window_agg *g, int64_t time)
{
    int64_t step = shared(g) ? g->w.step : g->w.size;
    return floor_to(time, g->w.offset, step) + step;
}

static bool fired(const struct op *o, int64_t end, int64_t wm)
{
    const struct window_agg *g = o->self;
    return windowing_closes(&g->w, o->ev, end) <= wm;
}

/* The first window of a slice that has not been sent. */
static int64_t next_window(const struct op *o, int64_t slice)
{
    const struct window_agg *g = o->self;
    int64_t end = slice, last = last_end(g, slice);
    while (end < last && fired(o, end, g->done))
        end += g->w.step;
    return end;
}

static void wake(struct op *o)
{
    const struct window_agg *g = o->self;
    if (g->w.proctime && g->next != INT64_MAX)
        o->wake = windowing_closes(&g->w, o->ev, g->next);
}

static void expect(struct op *o, int64_t slice)
{
    struct window_agg *g = o->self;
    int64_t end = next_window(o, slice);
    g->next = end < g->next ? end : g->next;
    wake(o);
}

/* --- opening --- */

static void gather(struct op *o, struct session *to, const struct batch *b, uint32_t at);
static void join(struct op *o, struct session *to, struct session *from);
static void drop(struct op *o, struct session *one);
static const struct session_kind gathering = {gather, join, drop};

static void declare(struct op *o)
{
    struct window_agg *g = o->self;
    bool sessions = g->sessions.o;
    enum keyed_ns ns = sessions ? KEYED_WINDOW : KEYED_LONG;
    ks_key(o, g->key_types, g->n_keys);
    acc_layout(&g->layout, o, g->aggs, g->n_aggs, g->w.kind == WINDOW_HOP && !g->w.attached, "window-aggs", ns);
    g->timers = ks_add_timers(o, "window-timers", ns);
    if (g->w.proctime && !sessions)
        ks_take_timers(o, g->timers + 1);
    if (sessions)
        g->mapping = sessions_declare(o);
    if (apart(g) && o->keyed->why.kind == ERR_NONE)
        err_set(&o->keyed->why, ERR_UNSUPPORTED, "sessions that its rows carry are not there yet");
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
    if (!windowing_read(&g->w, o, cplan_member(spec, "windowing"), row, e) || !read_properties(o, g, e) ||
        !(g->aggs = aggs_read(o, "aggCalls", NULL, row, &g->n_aggs, e)))
        return false;
    if (cplan_bool(o->node->json, "needRetraction", false, e))
        return op_refuse(o, e, "a window over changes");
    if (shared(g) && g->w.size % g->w.step)
        return op_refuse(o, e, "a window whose size is no multiple of its step");
    if (apart(g) && g->w.start == UINT32_MAX)
        return op_refuse(o, e, "an aggregate of sessions without their start");
    g->n_cells = g->n_keys + 1 + apart(g);
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
    declare(o);
    return output_fits(o, g, e);
}

/* --- rows --- */

static struct slice *slice_at(struct window_agg *g, int64_t end)
{
    bool fresh;
    g->key[g->n_keys].i = end;
    g->key_null[g->n_keys] = 0;
    struct slice *s = (struct slice *)kstate_at(&g->state, g->key, g->key_null, &fresh)->value;
    s->n = g->n_aggs;
    return s;
}

static void add(struct op *o, const struct batch *b, uint32_t at, int64_t end)
{
    struct window_agg *g = o->self;
    bool gone = windowing_late(&g->w, o, end);
    if (gone && windowing_late(&g->w, o, last_end(g, end))) {
        op_count(&o->late, 1);
        return;
    }
    struct slice *s = slice_at(g, gone && g->w.kind == WINDOW_CUMULATE ? first_slice(g, end) : end);
    s->rows++;
    aggs_add(g->aggs, g->n_aggs, s->acc, b, at, 1);
    expect(o, end);
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
        if (apart(g))
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
        op_put(o, row, c, (union cell){.t = {ms, 0}}, 0);
    }
}

/* --- sessions --- */

static struct gathered *gathered_of(const struct window_agg *g, struct session *s)
{
    struct gathered *one = s->made ? s->made : mem_zalloc(sizeof *one + g->n_aggs * sizeof(struct acc));
    one->n = g->n_aggs;
    return s->made = one;
}

static void gather(struct op *o, struct session *to, const struct batch *b, uint32_t at)
{
    struct window_agg *g = o->self;
    aggs_add(g->aggs, g->n_aggs, gathered_of(g, to)->acc, b, at, 1);
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
static void look_from(struct window_agg *g, const struct row *key)
{
    memcpy(g->key, key->v, g->n_cells * sizeof *g->key);
    memcpy(g->key_null, key->null, g->n_cells);
}

/* Of the windows of a slice that end now, those that have no earlier slice of the key: so each is there once. */
static void find_due(struct op *o, const struct kentry *e, int64_t wm)
{
    struct window_agg *g = o->self;
    int64_t slice = e->key->v[g->n_keys].i, last = last_end(g, slice);
    look_from(g, e->key);
    for (int64_t end = next_window(o, slice); end <= last; end += g->w.step) {
        bool earlier = false;
        if (!fired(o, end, wm)) {
            g->next = end < g->next ? end : g->next;
            return;
        }
        for (int64_t at = first_slice(g, end); at < slice && !earlier; at += g->w.step) {
            g->key[g->n_keys].i = at;
            earlier = kstate_find(&g->state, g->key, g->key_null);
        }
        if (!earlier && !fired(o, end, g->done)) {
            if (g->n_due == g->cap_due)
                g->due = mem_grow(g->due, g->cap_due = g->cap_due ? g->cap_due * 2 : 64, sizeof *g->due);
            g->due[g->n_due] = (struct due){row_make(g->key_types, g->n_cells, e->key->v, e->key->null), end, g->n_due};
            g->n_due++;
        }
        if (!shared(g))
            return;
    }
}

static void send_hop(struct op *o, const struct due *d)
{
    struct window_agg *g = o->self;
    for (int64_t at = d->key->v[g->n_keys].i; at <= d->end; at += g->w.step) {
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
    int64_t first = first_slice(g, d->end);
    struct slice *s = slice_at(g, first);
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
    look_from(g, d->key);
    if (shared(g) && g->w.kind == WINDOW_HOP) {
        send_hop(o, d);
    } else if (shared(g)) {
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
            if (fired(o, last_end(g, e->key->v[g->n_keys].i), wm))
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
    acc_layout_free(&g->layout);
    if (g->sessions.o)
        sessions_close(&g->sessions);
    free(g->due);
}

/* --- snapshots --- */

/* Each slice has a timer for its own end; one behind that, for the next window that it is in (SliceSharedAssigner#nextTriggerWindow). */
static void snapshot_slices(struct op *o, struct snap *to)
{
    struct window_agg *g = o->self;
    for (const struct kentry *e = g->state.first; e; e = e->next) {
        const struct slice *s = (const struct slice *)e->value;
        int64_t slice = e->key->v[g->n_keys].i, end = next_window(o, slice);
        snap_key(to, o, e->key->v, e->key->null);
        acc_put(&g->layout, o, to, &slice, s->acc, s->rows);
        look_from(g, e->key);
        bool other = false; /* has a timer for that window */
        for (int64_t at = first_slice(g, end); shared(g) && slice != end && at <= end && !other; at += g->w.step) {
            g->key[g->n_keys].i = at;
            other = (at < slice || at == end) && kstate_find(&g->state, g->key, g->key_null);
        }
        if (!other)
            snap_timer(to, o, g->timers + g->w.proctime, &end, windowing_closes(&g->w, o->ev, end));
    }
}

static void snapshot_sessions(struct op *o, struct snap *to)
{
    struct window_agg *g = o->self;
    for (const struct kentry *e = g->sessions.state.first; e; e = e->next) {
        const struct session_list *all = (const struct session_list *)e->value;
        snap_key(to, o, e->key->v, e->key->null);
        for (uint32_t i = 0; i < all->n; i++) {
            const int64_t ns[] = {all->s[i].window.start, all->s[i].window.end};
            sessions_put(o, to, g->mapping, &all->s[i]);
            acc_put(&g->layout, o, to, ns, gathered_of(g, &all->s[i])->acc, 1);
            snap_timer(to, o, g->timers + g->w.proctime, ns, windowing_closes(&g->w, o->ev, ns[1]));
        }
    }
}

static const char *const lists[] = {"watermark", NULL};

static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct window_agg *g = o->self;
    (void)checkpoint;
    if (g->sessions.o)
        snapshot_sessions(o, to);
    else
        snapshot_slices(o, to);
    snap_put_long(to, lists[0], o->wm);
}

static void restore_slices(struct op *o, struct ks_walk *w, struct err *e)
{
    struct window_agg *g = o->self;
    struct keyed_entry *x = &w->entry;
    while (ks_next(w, e)) {
        if (x->state == g->timers + g->w.proctime) {
            ks_skip(x);
            continue;
        }
        memcpy(g->key, x->key, g->n_keys * sizeof *g->key);
        memcpy(g->key_null, x->key_null, g->n_keys);
        struct slice *s = slice_at(g, x->ns[0]);
        acc_take(&g->layout, x, s->acc, &s->rows);
        expect(o, x->ns[0]);
    }
}

/* By the clock, windows have been sent up to the first one that has a timer. */
static int64_t before_timers(struct op *o, const struct snap *of, struct err *e)
{
    const struct window_agg *g = o->self;
    struct ks_walk w = ks_walk_of(o, of);
    int64_t first = INT64_MAX;
    while (ks_next(&w, e)) {
        int64_t at = w.entry.state == g->timers + 1 ? ks_get_time(&w.entry) : INT64_MAX;
        first = at < first ? at : first;
        ks_skip(&w.entry);
    }
    ks_walk_end(&w);
    return first == INT64_MAX ? INT64_MIN : first - 1;
}

/* The sessions by themselves, then what they hold. */
static void restore_sessions(struct op *o, struct ks_walk *w, bool windows, struct err *e)
{
    struct window_agg *g = o->self;
    struct keyed_entry *x = &w->entry;
    while (ks_next(w, e)) {
        if ((x->state == g->mapping) != windows) {
            ks_skip(x);
            continue;
        }
        if (windows) {
            sessions_take(&g->sessions, x);
            continue;
        }
        struct session *one = sessions_under(&g->sessions, x);
        int64_t rows;
        if (one)
            acc_take(&g->layout, x, gathered_of(g, one)->acc, &rows);
        else
            ks_skip(x); /* of no session any more */
    }
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    struct window_agg *g = o->self;
    int64_t wm = snap_least(of, lists[0]);
    if (wm != INT64_MAX)
        o->wm = g->done = wm;
    if (g->w.proctime && !g->sessions.o)
        g->done = before_timers(o, of, e);
    for (int pass = 0; pass < (g->sessions.o ? 2 : 1); pass++) {
        struct ks_walk w = ks_walk_of(o, of);
        if (g->sessions.o)
            restore_sessions(o, &w, !pass, e);
        else
            restore_slices(o, &w, e);
        ks_walk_end(&w);
    }
    return e->kind == ERR_NONE;
}

const struct op_class op_window_agg = {.open = open_op,
                                       .batch = batch,
                                       .watermark = watermark,
                                       .timer = until,
                                       .close = close_op,
                                       .lists = lists,
                                       .snapshot = snapshot,
                                       .restore = restore,
                                       .min_inputs = 1,
                                       .max_inputs = 1};
