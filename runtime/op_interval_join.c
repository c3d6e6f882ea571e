/* stream-exec-interval-join: pairs of rows whose times lie within bounds of each other (RowTimeIntervalJoin, ProcTimeIntervalJoin,
 * TimeIntervalJoin of flink-table-runtime 2.3). Rows are kept as long as the other side may still bring one that fits, and are padded when it has not. */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/pair.h"

struct timed {
    struct row *row;
    int64_t time;
    bool met;
};

struct timed_list {
    struct timed *t;
    uint32_t n, cap;
};

struct cached {
    struct timed_list side[2];
};

struct interval_join {
    uint32_t time[2];
    struct pair_keys keys;
    bool outer[2];
    int64_t relative[2]; /* how far a row of the other side may be behind one of this side, and the other way round: left, right */
    bool proctime;       /* a row's time is that at which it comes */
    bool empty;          /* the bounds exclude each other */
    struct pair pair;
    struct kstate state;
    uint32_t cache[2], cleanup[2], timers; /* states in snapshots */
    int64_t next;                          /* the least watermark, or time, at which something may go */
};

static void release(void *value)
{
    struct cached *c = value;
    for (int s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < c->side[s].n; i++)
            free(c->side[s].t[i].row);
        free(c->side[s].t);
    }
}

static bool read_bounds(struct op *o, struct interval_join *j, const struct value *bounds, struct err *e)
{
    int64_t lower = cplan_int(bounds, "leftLowerBound", 0, e), upper = cplan_int(bounds, "leftUpperBound", 0, e);
    int64_t left = cplan_int(bounds, "leftTimeIndex", -1, e), right = cplan_int(bounds, "rightTimeIndex", -1, e);
    if (left < 0 || left >= o->in[0]->n || right < 0 || right >= o->in[1]->n || !type_is_timestamp(o->in[0]->kids[left]) ||
        !type_is_timestamp(o->in[1]->kids[right]) || llabs(lower) > INT64_MAX / 8 || llabs(upper) > INT64_MAX / 8)
        return err_set(e, ERR_CORRUPT, "its bounds are none");
    j->time[0] = (uint32_t)left;
    j->time[1] = (uint32_t)right;
    j->relative[0] = -lower;
    j->relative[1] = upper;
    j->empty = lower > upper;
    j->proctime = !cplan_bool(bounds, "isEventTime", false, e);
    return true;
}

static const struct keyed_form form;

static void declare(struct op *o, struct interval_join *j)
{
    static const char *const caches[] = {"IntervalJoinLeftCache", "IntervalJoinRightCache"};
    static const char *const timers[] = {"IntervalJoinLeftTimerState", "IntervalJoinRightTimerState"};
    ks_key(o, j->keys.types, j->keys.n);
    for (uint32_t s = 0; s < 2; s++) {
        struct ser *row = ks_row(o, o->in[s]->kids, o->in[s]->n), *pair = ks_pair(o, row, ks_plain(o, "Boolean"));
        j->cache[s] = ks_add(o, caches[s], KIND_MAP, KEYED_VOID, ks_plain(o, "Long"), ks_list(o, pair));
        j->cleanup[s] = ks_add(o, timers[s], KIND_VALUE, KEYED_VOID, NULL, ks_plain(o, "Long"));
    }
    j->timers = ks_add_timers(o, "user-timers", KEYED_VOID);
    ks_entries(o, &j->state, NULL, &form, NULL);
}

static bool open_op(struct op *o, struct err *e)
{
    struct interval_join *j = o->self = arena_alloc(o->a, sizeof *j);
    const struct value *all = cplan_member(o->node->json, "intervalJoinSpec"), *spec = cplan_member(all, "joinSpec");
    const char *type = cplan_text(spec, "joinType", "", e);
    j->next = INT64_MAX;
    j->outer[0] = !strcmp(type, "LEFT") || !strcmp(type, "FULL");
    j->outer[1] = !strcmp(type, "RIGHT") || !strcmp(type, "FULL");
    if (!j->outer[0] && !j->outer[1] && strcmp(type, "INNER"))
        return op_refuse(o, e, arena_printf(o->a, "interval join type %s", type));
    if (o->n_cols != o->in[0]->n + o->in[1]->n)
        return err_set(e, ERR_CORRUPT, "its output is not its inputs' columns");
    if (!read_bounds(o, j, cplan_member(all, "windowBounds"), e) || !pair_keys_read(&j->keys, o, spec, e) ||
        !pair_read(&j->pair, o, spec, e))
        return false;
    kstate_init(&j->state, j->keys.types, j->keys.n, sizeof(struct cached), release);
    declare(o, j);
    return true;
}

static void emit(struct op *o, const struct row *mine, const struct row *other, uint32_t s)
{
    uint32_t row = op_row(o, ROW_INSERT);
    pair_put(o, row, 0, s ? other : mine, o->in[0]->n);
    pair_put(o, row, o->in[0]->n, s ? mine : other, o->in[1]->n);
}

/* The watermark at which a row is dropped: no row that is not late can fit any more, with Flink's delay that saves timers. */
static int64_t expires(const struct interval_join *j, uint32_t s, int64_t time)
{
    return time + j->relative[s] + (j->relative[0] + j->relative[1]) / 2 + 1;
}

static void wake(struct op *o)
{
    const struct interval_join *j = o->self;
    if (j->proctime)
        o->wake = j->next;
}

static void append(struct interval_join *j, struct cached *c, uint32_t s, struct timed t)
{
    struct timed_list *l = &c->side[s];
    if (l->n == l->cap)
        l->t = mem_grow(l->t, l->cap = l->cap ? l->cap * 2 : 4, sizeof *l->t);
    l->t[l->n++] = t;
    if (expires(j, s, t.time) < j->next)
        j->next = expires(j, s, t.time);
}

static void one_row(struct op *o, uint32_t s, const struct batch *b, uint32_t at)
{
    struct interval_join *j = o->self;
    const struct vec *t = &b->cols[j->time[s]];
    const struct world *world = job_world(o->job);
    bool fresh, met = false;
    pair_keys_take(&j->keys, s, b, at);
    struct row *mine = row_of(b, at, o->in[s]->kids, NULL, o->in[s]->n);
    if ((!j->proctime && t->null[at]) || pair_keys_alone(&j->keys, j->keys.null) || j->empty) {
        if (j->outer[s])
            emit(o, mine, NULL, s);
        free(mine);
        return;
    }
    int64_t time = j->proctime ? world->now(world->ctx) : t->v[at].t.ms, low = time - j->relative[!s], high = time + j->relative[s];
    struct kentry *e = kstate_at(&j->state, j->keys.v, j->keys.null, &fresh);
    struct cached *c = (struct cached *)e->value;
    for (uint32_t i = 0; i < c->side[!s].n && !op_failed(o); i++) {
        struct timed *other = &c->side[!s].t[i];
        if (other->time < low || other->time > high || !pair_fits(&j->pair, o, s ? other->row : mine, s ? mine : other->row))
            continue;
        emit(o, mine, other->row, s);
        met = other->met = true;
    }
    if ((j->proctime ? time : o->wm) >= high) { /* nobody can come who fits */
        if (!met && j->outer[s])
            emit(o, mine, NULL, s);
        free(mine);
        return;
    }
    append(j, c, s, (struct timed){mine, time, met});
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++)
        one_row(o, input, b, i);
    wake(o);
}

static void until(struct op *o, int64_t wm)
{
    struct interval_join *j = o->self;
    if (wm < j->next)
        return;
    j->next = INT64_MAX;
    for (struct kentry *e = j->state.first, *next; e; e = next) {
        struct cached *c = (struct cached *)e->value;
        next = e->next;
        for (uint32_t s = 0; s < 2; s++) {
            struct timed_list *l = &c->side[s];
            uint32_t left = 0;
            for (uint32_t i = 0; i < l->n; i++) {
                int64_t until = expires(j, s, l->t[i].time);
                if (until > wm) {
                    j->next = until < j->next ? until : j->next;
                    l->t[left++] = l->t[i];
                    continue;
                }
                kstate_change(&j->state, e);
                if (j->outer[s] && !l->t[i].met)
                    emit(o, l->t[i].row, NULL, s);
                free(l->t[i].row);
            }
            l->n = left;
        }
        if (!c->side[0].n && !c->side[1].n)
            kstate_remove(&j->state, e);
    }
    wake(o);
}

static void watermark(struct op *o, int64_t wm)
{
    if (!((const struct interval_join *)o->self)->proctime)
        until(o, wm);
}

static void close_op(struct op *o)
{
    struct interval_join *j = o->self;
    if (j)
        kstate_clear(&j->state);
}

/* --- snapshots: rows by their time; the timer that drops the oldest --- */

static void put_side(struct op *o, struct snap *to, const struct timed_list *l, uint32_t s)
{
    struct interval_join *j = o->self;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    for (uint32_t i = 0; i < l->n; i++) {
        int64_t time = l->t[i].time;
        uint32_t n = 0, before = 0;
        while (before < i && l->t[before].time != time)
            before++;
        if (before < i) /* stands with that one */
            continue;
        key->n = value->n = 0;
        wr_i64(key, time);
        wr_u32(value, 0);
        for (uint32_t k = i; k < l->n; k++) {
            if (l->t[k].time != time)
                continue;
            ks_put_kept(value, o->in[s]->kids, l->t[k].row);
            wr_u8(value, l->t[k].met);
            n++;
        }
        n = __builtin_bswap32(n);
        memcpy(value->p, &n, 4);
        snap_map(to, o, j->cache[s], NULL, key, value);
    }
}

/* When the oldest row of a side goes; INT64_MAX: it has none. */
static int64_t cleanup_of(const struct interval_join *j, const struct kentry *e, uint32_t s)
{
    const struct timed_list *l = &((const struct cached *)e->value)->side[s];
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; i < l->n; i++)
        first = l->t[i].time < first ? l->t[i].time : first;
    return l->n ? expires(j, s, first) : INT64_MAX;
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct interval_join *j = o->self;
    struct buf *value = &o->keyed->value;
    (void)of;
    for (uint32_t s = 0; s < 2; s++) {
        int64_t cleanup = cleanup_of(j, e, s);
        put_side(o, to, &((const struct cached *)e->value)->side[s], s);
        if (cleanup == INT64_MAX)
            continue;
        value->n = 0;
        wr_i64(value, cleanup);
        snap_value(to, o, j->cleanup[s], NULL, value);
    }
}

static void put_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct interval_join *j = o->self;
    (void)of;
    for (uint32_t s = 0; s < 2; s++)
        if (cleanup_of(j, e, s) != INT64_MAX)
            snap_timer(to, o, j->timers + j->proctime, NULL, cleanup_of(j, e, s));
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct interval_join *j = o->self;
    uint32_t s = x->state == j->cache[1];
    bool fresh;
    (void)pass;
    if (x->state != j->cache[s]) {
        ks_skip(x);
        return;
    }
    struct cached *c = (struct cached *)kstate_at(of->state, x->key, x->key_null, &fresh)->value;
    int64_t time = rd_i64(&x->user_key);
    for (uint32_t n = rd_count(&x->value, 5); n && rd_ok(&x->value); n--) {
        struct row *row = ks_get_row(x, &x->value, o->in[s]->kids, o->in[s]->n);
        bool met = rd_bool(&x->value);
        if (row)
            append(j, c, s, (struct timed){row, time, met});
    }
    wake(o);
}

static const struct keyed_form form = {.put = put, .timers = put_timers, .take = take};

const struct op_class op_interval_join = {
    .open = open_op, .batch = batch, .watermark = watermark, .timer = until, .close = close_op, .min_inputs = 2, .max_inputs = 2};
