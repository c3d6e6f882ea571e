/* Window aggregates in snapshots. */
#include <string.h>

#include "runtime/window_agg.h"

/* Which windows have been sent, the timers of a snapshot tell: by the clock, and where no watermark stands beside them. */
static bool by_timers(const struct window_agg *g) { return !g->sessions.o && (g->w.proctime || (g->group && wagg_shared(g))); }

static int64_t slice_of(const struct window_agg *g, const struct kentry *e) { return e->key->v[g->n_keys].i; }

/* Of a group window each slice lies under itself. */
static void put_slice(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct window_agg *g = o->self;
    const struct slice *s = (const struct slice *)e->value;
    int64_t end = slice_of(g, e), width = wagg_shared(g) ? g->w.step : g->w.size;
    (void)of;
    acc_put(&g->layout, o, to, g->group ? (const int64_t[]){end - width, end} : &end, s->acc, s->rows);
}

/* Of a group window each window that has rows has a timer; else each slice, for the next window that it is in
 * (SliceSharedAssigner#nextTriggerWindow). Slices have some in common. */
static void put_slice_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct window_agg *g = o->self;
    int64_t slice = slice_of(g, e), end = wagg_next_window(o, slice, (const struct slice *)e->value, g->done_then),
            last = wagg_last_end(g, slice);
    (void)of;
    do {
        const int64_t ns[] = {g->group ? end - g->w.size : end, end};
        snap_timer(to, o, g->timers + g->w.proctime, ns, windowing_closes(&g->w, o->ev, end));
        end += g->w.step;
    } while (g->group && wagg_shared(g) && end <= last);
}

static void take_slice(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct window_agg *g = o->self;
    (void)of;
    (void)pass;
    memcpy(g->key, x->key, g->n_keys * sizeof *g->key);
    memcpy(g->key_null, x->key_null, g->n_keys);
    struct slice *s = wagg_slice_at(g, x->ns[g->group]);
    if (!acc_take(&g->layout, x, s->acc, &s->rows))
        ks_skip(x);
}

/* Windows are sent in the order of their ends, so those of a key's slices have been before its first one that has a timer. Each key tells of
 * itself: by the clock, one subtask may have sent a window before its part of the snapshot, another one not. */
static bool settle_slice(struct op *o, const struct keyed_entries *of, struct kentry *e, struct err *why)
{
    struct window_agg *g = o->self;
    struct slice *s = (struct slice *)e->value;
    const struct kentry *first = kstate_find(&g->firsts, e->key->v, e->key->null);
    int64_t end = first ? *(const int64_t *)(const void *)first->value : INT64_MIN;
    (void)of;
    (void)why;
    if (slice_of(g, e) < end)
        s->sent = end - g->w.step;
    wagg_expect(o, slice_of(g, e), s);
    return true;
}

static const struct keyed_form slices = {.put = put_slice, .timers = put_slice_timers, .take = take_slice, .settle = settle_slice};

static void put_sessions(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct window_agg *g = o->self;
    const struct session_list *all = (const struct session_list *)e->value;
    (void)of;
    for (uint32_t i = 0; i < all->n; i++) {
        const int64_t ns[] = {all->s[i].window.start, all->s[i].window.end};
        sessions_put(o, to, g->mapping, &all->s[i]);
        acc_put(&g->layout, o, to, ns, wagg_gathered(g, &all->s[i])->acc, 1);
    }
}

static void put_session_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct window_agg *g = o->self;
    (void)of;
    sessions_put_timers(&g->sessions, e, g->timers + g->w.proctime, to);
}

/* The sessions by themselves, then what they hold. */
static void take_session(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct window_agg *g = o->self;
    int64_t rows;
    (void)of;
    if ((x->state == g->mapping) != !pass) {
        ks_skip(x);
        return;
    }
    if (!pass) {
        sessions_take(&g->sessions, x);
        return;
    }
    struct session *one = sessions_under(&g->sessions, x);
    if (one)
        acc_take(&g->layout, x, wagg_gathered(g, one)->acc, &rows);
    else
        ks_skip(x); /* of no session any more */
}

static const struct keyed_form sessions = {.put = put_sessions, .timers = put_session_timers, .take = take_session, .passes = 2};

void wagg_declare(struct op *o)
{
    struct window_agg *g = o->self;
    bool merging = g->sessions.o;
    enum keyed_ns ns = merging || g->group ? KEYED_WINDOW : KEYED_LONG;
    ks_key(o, g->key_types, g->n_keys);
    acc_layout(&g->layout, o, g->aggs, g->n_aggs, g->w.kind == WINDOW_HOP && !g->w.attached && !g->group, "window-aggs", ns);
    g->timers = ks_add_timers(o, "window-timers", ns);
    if (by_timers(g))
        ks_take_timers(o, g->timers + g->w.proctime);
    if (merging)
        g->mapping = sessions_declare(o);
    if (merging)
        ks_entries(o, &g->sessions.state, NULL, &sessions, NULL);
    else
        ks_entries(o, &g->state, NULL, &slices, NULL);
    if (wagg_apart(g) && o->keyed->why.kind == ERR_NONE)
        err_set(&o->keyed->why, ERR_UNSUPPORTED, "sessions that its rows carry are not there yet");
}

const char *const wagg_lists[] = {"watermark", NULL};

void wagg_snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct window_agg *g = o->self;
    (void)checkpoint;
    g->done_then = g->done;
    if (!g->group)
        snap_put_long(to, wagg_lists[0], o->wm);
}

/* The end of each key's first window that has a timer: kstate of the key, of int64_t. */
static void first_timers(struct op *o, const struct snap *of, struct kstate *firsts, struct err *e)
{
    const struct window_agg *g = o->self;
    struct ks_walk w = ks_walk_of(o, of);
    const struct keyed_entry *x = &w.entry;
    kstate_init(firsts, g->key_types, g->n_keys, sizeof(int64_t), NULL);
    while (ks_next(&w, e)) {
        if (x->state == g->timers + g->w.proctime) {
            bool fresh;
            int64_t *first = (int64_t *)(void *)kstate_at(firsts, x->key, x->key_null, &fresh)->value, end = x->ns[g->group];
            *first = fresh || end < *first ? end : *first;
        }
        ks_skip(&w.entry);
    }
    ks_walk_end(&w);
}

bool wagg_restore(struct op *o, const struct snap *of, struct err *e)
{
    struct window_agg *g = o->self;
    int64_t wm = snap_least(of, wagg_lists[0]);
    if (wm != INT64_MAX)
        o->wm = g->done = wm;
    if (by_timers(g)) {
        g->done = INT64_MIN;
        first_timers(o, of, &g->firsts, e);
    }
    return e->kind == ERR_NONE;
}
