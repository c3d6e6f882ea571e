/* Window aggregates in snapshots. */
#include <string.h>

#include "runtime/window_agg.h"

/* Which windows have been sent, the timers of a snapshot tell: by the clock, and where no watermark stands beside them. */
static bool by_timers(const struct window_agg *g) { return !g->sessions.o && (g->w.proctime || (g->group && wagg_shared(g))); }

void wagg_declare(struct op *o)
{
    struct window_agg *g = o->self;
    bool sessions = g->sessions.o;
    enum keyed_ns ns = sessions || g->group ? KEYED_WINDOW : KEYED_LONG;
    ks_key(o, g->key_types, g->n_keys);
    acc_layout(&g->layout, o, g->aggs, g->n_aggs, g->w.kind == WINDOW_HOP && !g->w.attached && !g->group, "window-aggs", ns);
    g->timers = ks_add_timers(o, "window-timers", ns);
    if (by_timers(g))
        ks_take_timers(o, g->timers + g->w.proctime);
    if (sessions)
        g->mapping = sessions_declare(o);
    if (wagg_apart(g) && o->keyed->why.kind == ERR_NONE)
        err_set(&o->keyed->why, ERR_UNSUPPORTED, "sessions that its rows carry are not there yet");
}

/* Of a group window each slice lies under itself, and each window that has rows has a timer: put with the first slice that is there. */
static void snapshot_panes(struct op *o, struct snap *to)
{
    struct window_agg *g = o->self;
    int64_t width = wagg_shared(g) ? g->w.step : g->w.size;
    for (const struct kentry *e = g->state.first; e; e = e->next) {
        const struct slice *s = (const struct slice *)e->value;
        int64_t slice = e->key->v[g->n_keys].i;
        snap_key(to, o, e->key->v, e->key->null);
        acc_put(&g->layout, o, to, (const int64_t[]){slice - width, slice}, s->acc, s->rows);
        wagg_look_from(g, e->key);
        for (int64_t end = wagg_next_window(o, slice, s); end <= wagg_last_end(g, slice); end += g->w.step) {
            bool earlier = false;
            for (int64_t at = wagg_first_slice(g, end); at < slice && !earlier; at += g->w.step) {
                g->key[g->n_keys].i = at;
                earlier = kstate_find(&g->state, g->key, g->key_null);
            }
            if (!earlier)
                snap_timer(to, o, g->timers + g->w.proctime, (const int64_t[]){end - g->w.size, end},
                           windowing_closes(&g->w, o->ev, end));
        }
    }
}

/* Each slice has a timer for its own end; one behind that, for the next window that it is in (SliceSharedAssigner#nextTriggerWindow). */
static void snapshot_slices(struct op *o, struct snap *to)
{
    struct window_agg *g = o->self;
    for (const struct kentry *e = g->state.first; e; e = e->next) {
        const struct slice *s = (const struct slice *)e->value;
        int64_t slice = e->key->v[g->n_keys].i, end = wagg_next_window(o, slice, s);
        snap_key(to, o, e->key->v, e->key->null);
        acc_put(&g->layout, o, to, &slice, s->acc, s->rows);
        wagg_look_from(g, e->key);
        bool other = false; /* has a timer for that window */
        for (int64_t at = wagg_first_slice(g, end); wagg_shared(g) && slice != end && at <= end && !other; at += g->w.step) {
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
            acc_put(&g->layout, o, to, ns, wagg_gathered(g, &all->s[i])->acc, 1);
            snap_timer(to, o, g->timers + g->w.proctime, ns, windowing_closes(&g->w, o->ev, ns[1]));
        }
    }
}

const char *const wagg_lists[] = {"watermark", NULL};

void wagg_snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct window_agg *g = o->self;
    (void)checkpoint;
    if (g->sessions.o)
        snapshot_sessions(o, to);
    else if (g->group)
        snapshot_panes(o, to);
    else
        snapshot_slices(o, to);
    if (!g->group)
        snap_put_long(to, wagg_lists[0], o->wm);
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
        struct slice *s = wagg_slice_at(g, x->ns[g->group]);
        acc_take(&g->layout, x, s->acc, &s->rows);
    }
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

/* Windows are sent in the order of their ends, so those of a key's slices have been before its first one that has a timer. Each key tells of
 * itself: by the clock, one subtask may have sent a window before its part of the snapshot, another one not. */
static void sent_before(struct op *o, const struct snap *of, struct err *e)
{
    struct window_agg *g = o->self;
    struct kstate firsts = {0};
    first_timers(o, of, &firsts, e);
    for (struct kentry *s = g->state.first; s; s = s->next) {
        const struct kentry *first = kstate_find(&firsts, s->key->v, s->key->null);
        int64_t end = first ? *(const int64_t *)(const void *)first->value : INT64_MIN;
        if (s->key->v[g->n_keys].i < end)
            ((struct slice *)s->value)->sent = end - g->w.step;
    }
    kstate_clear(&firsts);
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
            acc_take(&g->layout, x, wagg_gathered(g, one)->acc, &rows);
        else
            ks_skip(x); /* of no session any more */
    }
}

bool wagg_restore(struct op *o, const struct snap *of, struct err *e)
{
    struct window_agg *g = o->self;
    int64_t wm = snap_least(of, wagg_lists[0]);
    if (wm != INT64_MAX)
        o->wm = g->done = wm;
    if (by_timers(g))
        g->done = INT64_MIN;
    for (int pass = 0; pass < (g->sessions.o ? 2 : 1); pass++) {
        struct ks_walk w = ks_walk_of(o, of);
        if (g->sessions.o)
            restore_sessions(o, &w, !pass, e);
        else
            restore_slices(o, &w, e);
        ks_walk_end(&w);
    }
    if (by_timers(g))
        sent_before(o, of, e);
    for (const struct kentry *s = g->state.first; s; s = s->next)
        wagg_expect(o, s->key->v[g->n_keys].i, (const struct slice *)s->value);
    return e->kind == ERR_NONE;
}
