#include "runtime/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/wr.h"

static void drop(const struct sessions *s, struct session *one)
{
    if (s->kind)
        s->kind->drop(s->o, one);
    for (uint32_t i = 0; i < one->n; i++)
        free(one->rows[i]);
    free(one->rows);
    free(one->numbers);
}

static void release(void *value)
{
    struct session_list *all = value;
    for (uint32_t i = 0; i < all->n; i++)
        drop(all->of, &all->s[i]);
    free(all->s);
}

void sessions_init(struct sessions *s, struct op *o, const struct session_kind *kind, const struct windowing *w,
                   const uint32_t *keys, uint32_t n_keys)
{
    *s = (struct sessions){.o = o, .kind = kind, .w = w, .keys = keys, .n_keys = n_keys};
    s->key_types = arena_array(o->a, n_keys + 1, sizeof *s->key_types);
    s->key = arena_array(o->a, n_keys + 1, sizeof *s->key);
    s->key_null = arena_alloc(o->a, n_keys + 1);
    for (uint32_t i = 0; i < n_keys; i++)
        s->key_types[i] = o->in[0]->kids[keys[i]];
    kstate_init(&s->state, s->key_types, n_keys, sizeof(struct session_list), release);
}

void session_append(struct session *one, struct row *row)
{
    if (one->n == one->cap)
        one->rows = mem_grow(one->rows, one->cap = one->cap ? one->cap * 2 : 4, sizeof(struct row *));
    one->rows[one->n++] = row;
}

/* All sessions that a window touches become one with it; where it then stands. */
static struct session *merge(const struct sessions *s, struct session_list *all, struct window w)
{
    uint32_t first = 0, last;
    while (first < all->n && all->s[first].window.end < w.start)
        first++;
    for (last = first; last < all->n && all->s[last].window.start <= w.end; last++)
        ;
    if (first == last) {
        if (all->n == all->cap)
            all->s = mem_grow(all->s, all->cap = all->cap ? all->cap * 2 : 2, sizeof *all->s);
        memmove(all->s + first + 1, all->s + first, (all->n - first) * sizeof *all->s);
        all->s[first] = (struct session){.window = w};
        all->n++;
        return &all->s[first];
    }
    struct session *one = &all->s[first];
    for (uint32_t i = first + 1; i < last; i++) {
        if (s->kind)
            s->kind->join(s->o, one, &all->s[i]);
        for (uint32_t k = 0; k < all->s[i].n; k++)
            session_append(one, all->s[i].rows[k]);
        free(all->s[i].rows);
        free(all->s[i].numbers);
        one->window.end = all->s[i].window.end;
    }
    one->window.start = w.start < one->window.start ? w.start : one->window.start;
    one->window.end = w.end > one->window.end ? w.end : one->window.end;
    memmove(all->s + first + 1, all->s + last, (all->n - last) * sizeof *all->s);
    all->n -= last - first - 1;
    return one;
}

/* Of processing time: it is looked at again when it closes. */
static void wake_for(const struct sessions *s, const struct session *one)
{
    int64_t at = s->w->proctime ? windowing_closes(s->w, s->o->ev, one->window.end) : INT64_MAX;
    s->o->wake = at < s->o->wake ? at : s->o->wake;
}

/* What a window would become, so that it can be told whether it is over. */
static int64_t end_with(const struct session_list *all, struct window w)
{
    int64_t end = w.end;
    for (uint32_t i = 0; all && i < all->n; i++)
        if (all->s[i].window.end >= w.start && all->s[i].window.start <= w.end && all->s[i].window.end > end)
            end = all->s[i].window.end;
    return end;
}

void sessions_add(struct sessions *s, const struct batch *b, uint32_t at)
{
    int64_t time;
    bool fresh;
    if (!windowing_moment(s->w, s->o, b, at, &time))
        return;
    struct window w = {time, time + s->w->size};
    for (uint32_t i = 0; i < s->n_keys; i++) {
        s->key[i] = b->cols[s->keys[i]].v[at];
        s->key_null[i] = b->cols[s->keys[i]].null[at];
    }
    struct kentry *e = kstate_find(&s->state, s->key, s->key_null);
    if (windowing_late(s->w, s->o, end_with(e ? (struct session_list *)e->value : NULL, w))) {
        op_count(&s->o->late, 1);
        return;
    }
    if (!e)
        e = kstate_at(&s->state, s->key, s->key_null, &fresh);
    struct session_list *all = (struct session_list *)e->value;
    all->of = s;
    struct session *one = merge(s, all, w);
    wake_for(s, one);
    if (s->kind)
        s->kind->add(s->o, one, b, at);
    else
        session_append(one, row_of(b, at, s->o->in[0]->kids, NULL, s->o->in[0]->n));
}

/* --- snapshots --- */

uint32_t sessions_declare(struct op *o)
{
    return ks_add(o, "session-window-mapping", KIND_MAP, KEYED_VOID, ks_namespace(o->a, KEYED_WINDOW),
                  ks_namespace(o->a, KEYED_WINDOW));
}

void sessions_put(struct op *o, struct snap *to, uint32_t mapping, const struct session *one)
{
    struct buf b = {0};
    wr_i64(&b, one->window.start);
    wr_i64(&b, one->window.end);
    snap_map(to, o, mapping, NULL, &b, &b);
    buf_free(&b);
}

void sessions_put_timers(const struct sessions *s, const struct kentry *e, uint32_t timers, struct snap *to)
{
    const struct session_list *all = (const struct session_list *)e->value;
    for (uint32_t i = 0; i < all->n; i++) {
        const int64_t ns[] = {all->s[i].window.start, all->s[i].window.end};
        snap_timer(to, s->o, timers, ns, windowing_closes(s->w, s->o->ev, ns[1]));
    }
}

void sessions_take(struct sessions *s, struct keyed_entry *x)
{
    bool fresh;
    int64_t start = rd_i64(&x->user_key), end = rd_i64(&x->user_key);
    struct session_list *all = (struct session_list *)kstate_at(&s->state, x->key, x->key_null, &fresh)->value;
    all->of = s;
    struct session *one = merge(s, all, (struct window){start, end});
    wake_for(s, one);
    one->state.start = rd_i64(&x->value);
    one->state.end = rd_i64(&x->value);
}

struct session *sessions_under(struct sessions *s, const struct keyed_entry *x)
{
    const struct kentry *e = kstate_find(&s->state, x->key, x->key_null);
    const struct session_list *all = e ? (const struct session_list *)e->value : NULL;
    for (uint32_t i = 0; all && i < all->n; i++)
        if (all->s[i].state.start == x->ns[0] && all->s[i].state.end == x->ns[1])
            return &all->s[i];
    return NULL;
}

/* --- what is over --- */

struct due {
    struct kentry *e;
    struct session s;
    uint32_t at; /* in which order they were found */
};

static int by_end(const void *a, const void *b)
{
    const struct due *x = a, *y = b;
    if (x->s.window.end != y->s.window.end)
        return x->s.window.end < y->s.window.end ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

void sessions_until(struct sessions *s, int64_t wm, void (*over)(struct op *o, const struct row *key, const struct session *one))
{
    struct due *due = NULL;
    uint32_t n = 0, cap = 0;
    for (struct kentry *e = s->state.first; e; e = e->next) {
        struct session_list *all = (struct session_list *)e->value;
        uint32_t left = 0;
        for (uint32_t i = 0; i < all->n; i++) {
            if (windowing_closes(s->w, s->o->ev, all->s[i].window.end) > wm) {
                wake_for(s, &all->s[i]);
                all->s[left++] = all->s[i];
                continue;
            }
            kstate_change(&s->state, e);
            if (n == cap)
                due = mem_grow(due, cap = cap ? cap * 2 : 16, sizeof *due);
            due[n] = (struct due){e, all->s[i], n};
            n++;
        }
        all->n = left;
    }
    if (n)
        qsort(due, n, sizeof *due, by_end);
    for (uint32_t i = 0; i < n; i++) {
        over(s->o, due[i].e->key, &due[i].s);
        drop(s, &due[i].s);
    }
    free(due);
    for (struct kentry *e = s->state.first, *next; e; e = next) {
        next = e->next;
        if (!((struct session_list *)e->value)->n)
            kstate_remove(&s->state, e);
    }
}

void sessions_close(struct sessions *s) { kstate_clear(&s->state); }
