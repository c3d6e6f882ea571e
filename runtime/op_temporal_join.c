/* stream-exec-temporal-join on event time: each row with the version of the other side that was there at its time (TemporalRowTimeJoinOperator of
 * flink-table-runtime 2.3). Rows wait for the watermark, versions until the next one is older than that. */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/pair.h"
#include "runtime/ttl.h"

struct kept {
    struct row *row;
    int64_t time, at; /* at: of rows, which one it is of its key */
    enum row_kind kind;
};

struct kept_list {
    struct kept *k;
    uint32_t n, cap;
};

struct waiting {
    struct kept_list rows, versions; /* as they came; by their time, of which each is there once */
    int64_t next_index, timer;       /* timer: the watermark at which it is looked at; INT64_MAX: at none */
};

struct temporal_join {
    uint32_t time[2];
    struct pair_keys keys;
    bool outer;
    struct pair pair;
    struct kstate state;
    uint32_t index, left, right, timer, timers; /* states in snapshots */
    int64_t next;                               /* the least timer */
};

static void drop(struct kept_list *l, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        free(l->k[i].row);
    if (n)
        memmove(l->k, l->k + n, (l->n - n) * sizeof *l->k);
    l->n -= n;
}

static void release(void *value)
{
    struct waiting *w = value;
    drop(&w->rows, w->rows.n);
    drop(&w->versions, w->versions.n);
    free(w->rows.k);
    free(w->versions.k);
}

static bool read_times(struct op *o, struct temporal_join *j, struct err *e)
{
    static const char *const names[] = {"leftTimeAttributeIndex", "rightTimeAttributeIndex"};
    for (int s = 0; s < 2; s++) {
        int64_t c = cplan_int(o->node->json, names[s], -1, e);
        if (c < 0 || c >= o->in[s]->n)
            return op_refuse(o, e, "a temporal join on processing time");
        if (!type_is_timestamp(o->in[s]->kids[c]))
            return err_set(e, ERR_CORRUPT, "'%s' is no column of timestamps", names[s]);
        if (!type_is_rowtime(o->in[s]->kids[c]))
            return op_refuse(o, e, "a temporal join on processing time");
        j->time[s] = (uint32_t)c;
    }
    return true;
}

static const struct keyed_form form;

static void declare(struct op *o, struct temporal_join *j)
{
    ks_key(o, j->keys.types, j->keys.n);
    struct ser *number = ks_plain(o, "Long");
    j->index = ks_add(o, "next-index", KIND_VALUE, KEYED_VOID, NULL, number);
    j->left = ks_add(o, "left", KIND_MAP, KEYED_VOID, number, ks_row(o, o->in[0]->kids, o->in[0]->n));
    j->right = ks_add(o, "right", KIND_MAP, KEYED_VOID, number, ks_row(o, o->in[1]->kids, o->in[1]->n));
    j->timer = ks_add(o, "timer", KIND_VALUE, KEYED_VOID, NULL, number);
    j->timers = ks_add_timers(o, "timers", KEYED_VOID);
    ks_entries(o, &j->state, NULL, &form, NULL);
}

static bool open_op(struct op *o, struct err *e)
{
    struct temporal_join *j = o->self = arena_alloc(o->a, sizeof *j);
    const struct value *spec = cplan_member(o->node->json, "joinSpec");
    const char *type = cplan_text(spec, "joinType", "", e);
    struct ttl ttl;
    j->next = INT64_MAX;
    j->outer = !strcmp(type, "LEFT");
    if (!j->outer && strcmp(type, "INNER"))
        return op_refuse(o, e, arena_printf(o->a, "temporal join type %s", type));
    if (o->n_cols != o->in[0]->n + o->in[1]->n)
        return err_set(e, ERR_CORRUPT, "its output is not its inputs' columns");
    if (!read_times(o, j, e) || !pair_keys_read(&j->keys, o, spec, e) || !pair_read(&j->pair, o, spec, e) ||
        !ttl_option(&ttl, o, e))
        return false;
    if (ttl.ms)
        return op_refuse(o, e, "a temporal join whose state expires");
    kstate_init(&j->state, j->keys.types, j->keys.n, sizeof(struct waiting), release);
    declare(o, j);
    return e->kind == ERR_NONE;
}

static void expect(struct temporal_join *j, struct waiting *w, int64_t time)
{
    w->timer = time < w->timer ? time : w->timer;
    j->next = w->timer < j->next ? w->timer : j->next;
}

/* At that place; the others move on. */
static void insert(struct kept_list *l, uint32_t at, struct kept k)
{
    if (l->n == l->cap)
        l->k = mem_grow(l->k, l->cap = l->cap ? l->cap * 2 : 4, sizeof *l->k);
    memmove(l->k + at + 1, l->k + at, (l->n - at) * sizeof *l->k);
    l->k[at] = k;
    l->n++;
}

/* How many versions are not newer. */
static uint32_t until_time(const struct kept_list *l, int64_t time)
{
    uint32_t low = 0, high = l->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (l->k[mid].time <= time)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void add_version(struct kept_list *l, struct kept k)
{
    uint32_t at = until_time(l, k.time);
    if (at && l->k[at - 1].time == k.time) {
        free(l->k[at - 1].row);
        l->k[at - 1] = k;
    } else {
        insert(l, at, k);
    }
}

static struct waiting *waiting_at(struct temporal_join *j, const union cell *key, const uint8_t *null)
{
    bool fresh;
    struct waiting *w = (struct waiting *)kstate_at(&j->state, key, null, &fresh)->value;
    if (fresh)
        w->timer = INT64_MAX;
    return w;
}

static void batch(struct op *o, uint32_t s, const struct batch *b)
{
    struct temporal_join *j = o->self;
    const struct vec *time = &b->cols[j->time[s]];
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        if (time->null[i]) {
            op_fail(o, ERR_CONVERT, "column %s is NULL, which a row's time must not be", o->in[s]->names[j->time[s]]);
            return;
        }
        pair_keys_take(&j->keys, s, b, i);
        struct waiting *w = waiting_at(j, j->keys.v, j->keys.null);
        struct kept k = {row_of(b, i, o->in[s]->kids, NULL, o->in[s]->n), time->v[i].t.ms, 0, batch_kind(b, i)};
        if (s) {
            add_version(&w->versions, k);
        } else {
            k.at = w->next_index++;
            insert(&w->rows, w->rows.n, k);
        }
        expect(j, w, k.time);
    }
}

static void send(struct op *o, const struct row *key, const struct waiting *w, const struct kept *k)
{
    struct temporal_join *j = o->self;
    uint32_t n = until_time(&w->versions, k->time);
    const struct kept *v = n ? &w->versions.k[n - 1] : NULL;
    bool fits = v && (v->kind == ROW_INSERT || v->kind == ROW_UPDATE_AFTER) && !pair_keys_alone(&j->keys, key->null) &&
        pair_fits(&j->pair, o, k->row, v->row);
    if ((!fits && !j->outer) || op_failed(o))
        return;
    uint32_t row = op_row(o, k->kind);
    pair_put(o, row, 0, k->row, o->in[0]->n);
    pair_put(o, row, o->in[0]->n, fits ? v->row : NULL, o->in[1]->n);
}

/* Rows whose time has come go out as they came; of versions, those before the last one that is not newer than the watermark go. */
static void fire(struct op *o, struct kentry *e, int64_t wm)
{
    struct temporal_join *j = o->self;
    struct waiting *w = (struct waiting *)e->value;
    uint32_t left = 0, old;
    kstate_change(&j->state, e);
    w->timer = INT64_MAX;
    for (uint32_t i = 0; i < w->rows.n; i++) {
        struct kept *k = &w->rows.k[i];
        if (k->time > wm) {
            expect(j, w, k->time);
            w->rows.k[left++] = *k;
            continue;
        }
        send(o, e->key, w, k);
        free(k->row);
    }
    w->rows.n = left;
    old = until_time(&w->versions, wm);
    if (old)
        drop(&w->versions, old - 1);
}

static void watermark(struct op *o, int64_t wm)
{
    struct temporal_join *j = o->self;
    if (wm < j->next)
        return;
    j->next = INT64_MAX;
    for (struct kentry *e = j->state.first; e && !op_failed(o); e = e->next) {
        struct waiting *w = (struct waiting *)e->value;
        if (w->timer <= wm)
            fire(o, e, wm);
        else
            expect(j, w, w->timer);
    }
}

static void close_op(struct op *o)
{
    struct temporal_join *j = o->self;
    if (j)
        kstate_clear(&j->state);
}

/* --- snapshots --- */

static void put_number(struct op *o, struct snap *to, uint32_t state, int64_t n)
{
    struct buf *b = &o->keyed->value;
    b->n = 0;
    wr_i64(b, n);
    snap_value(to, o, state, NULL, b);
}

static void put_kept(struct op *o, struct snap *to, uint32_t s, const struct kept_list *l)
{
    const struct temporal_join *j = o->self;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    for (uint32_t i = 0; i < l->n; i++) {
        key->n = value->n = 0;
        wr_i64(key, s ? l->k[i].time : l->k[i].at);
        ks_put_changed(value, l->k[i].kind, o->in[s]->kids, l->k[i].row);
        snap_map(to, o, s ? j->right : j->left, NULL, key, value);
    }
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct temporal_join *j = o->self;
    const struct waiting *w = (const struct waiting *)e->value;
    (void)of;
    if (w->next_index)
        put_number(o, to, j->index, w->next_index);
    put_kept(o, to, 0, &w->rows);
    put_kept(o, to, 1, &w->versions);
    if (w->timer != INT64_MAX)
        put_number(o, to, j->timer, w->timer);
}

static void put_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct temporal_join *j = o->self;
    const struct waiting *w = (const struct waiting *)e->value;
    (void)of;
    if (w->timer != INT64_MAX)
        snap_timer(to, o, j->timers, NULL, w->timer);
}

static int by_index(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static void take_kept(struct op *o, uint32_t s, struct waiting *w, struct keyed_entry *x)
{
    const struct temporal_join *j = o->self;
    struct kept k = {.at = rd_i64(&x->user_key)};
    k.kind = ks_kind(&x->value);
    k.row = ks_get_row(x, &x->value, o->in[s]->kids, o->in[s]->n);
    if (!k.row)
        return;
    k.time = k.row->null[j->time[s]] ? 0 : k.row->v[j->time[s]].t.ms;
    if (s)
        add_version(&w->versions, k);
    else
        insert(&w->rows, w->rows.n, k);
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct temporal_join *j = o->self;
    struct waiting *w = waiting_at(j, x->key, x->key_null);
    (void)of;
    (void)pass;
    if (x->state == j->index)
        w->next_index = rd_i64(&x->value);
    else if (x->state == j->timer)
        expect(j, w, rd_i64(&x->value));
    else
        take_kept(o, x->state == j->right, w, x);
}

static bool settle(struct op *o, const struct keyed_entries *of, struct kentry *e, struct err *why)
{
    struct kept_list *l = &((struct waiting *)e->value)->rows;
    (void)o;
    (void)of;
    (void)why;
    if (l->n)
        qsort(l->k, l->n, sizeof *l->k, by_index);
    return true;
}

static const struct keyed_form form = {.put = put, .timers = put_timers, .take = take, .settle = settle};

const struct op_class op_temporal_join = {
    .open = open_op, .batch = batch, .watermark = watermark, .close = close_op, .min_inputs = 2, .max_inputs = 2};
