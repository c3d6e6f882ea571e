#include "runtime/keyed.h"

#include <stdlib.h>

#include "base/wr.h"
#include "runtime/binrow.h"
#include "runtime/exec.h"
#include "runtime/keygroup.h"
#include "savepoint/ser_write.h"

/* --- declaring --- */

void ks_key(struct op *o, const struct ltype *const *key_types, uint32_t n_keys)
{
    o->keyed = arena_alloc(o->a, sizeof *o->keyed);
    o->keyed->key_types = key_types;
    o->keyed->n_keys = n_keys;
    o->keyed->max_parallelism = n_keys ? o->job->graph.max_parallelism : 1;
    o->keyed->key = ks_row(o, key_types, n_keys);
}

static const struct {
    const char *serializer;
    uint32_t n; /* longs */
} namespaces[] = {[KEYED_VOID] = {"VoidNamespace", 0}, [KEYED_LONG] = {"Long", 1}, [KEYED_WINDOW] = {"TimeWindow", 2}};

uint32_t ks_add(struct op *o, const char *name, enum state_kind kind, enum keyed_ns ns, struct ser *user_key, struct ser *value)
{
    struct keyed *k = o->keyed;
    if (k->n == k->cap) {
        struct keyed_state *more = arena_array(o->a, k->cap ? k->cap * 2 : 4, sizeof *more);
        if (k->n)
            memcpy(more, k->states, k->n * sizeof *more);
        k->states = more;
        k->cap = k->cap ? k->cap * 2 : 4;
    }
    k->states[k->n] = (struct keyed_state){.name = name, .kind = kind, .ns = ns, .user_key = user_key, .value = value};
    return k->n++;
}

void ks_entries(struct op *o, struct kstate *state, struct ttl *ttl, const struct keyed_form *form, void *self)
{
    struct keyed *k = o->keyed;
    uint32_t first = k->n_entries ? k->entries[k->n_entries - 1].end : 0;
    k->entries[k->n_entries++] =
        (struct keyed_entries){.state = state, .ttl = ttl, .form = form, .self = self, .first = first, .end = k->n, .o = o};
}

void ks_expires(struct op *o, uint32_t first, const struct ttl *ttl)
{
    for (uint32_t i = first; ttl->ms && i < o->keyed->n; i++)
        if (o->keyed->states[i].kind != KIND_TIMERS)
            o->keyed->states[i].ttl = ttl;
}

struct ser *ks_namespace(struct arena *a, enum keyed_ns ns)
{
    if (ns == KEYED_WINDOW)
        return ser_make(a, "org.apache.flink.table.runtime.operators.window.TimeWindow$Serializer$TimeWindowSerializerSnapshot", 0,
                        NULL);
    return ser_plain(a, namespaces[ns].serializer);
}

uint32_t ks_add_timers(struct op *o, const char *service, enum keyed_ns ns)
{
    struct keyed *k = o->keyed;
    struct ser *timer = k->key ? ser_timer(o->a, k->key, ks_namespace(o->a, ns)) : NULL;
    uint32_t first = ks_add(o, arena_printf(o->a, "_timer_state/event_%s", service), KIND_TIMERS, ns, NULL, timer);
    ks_add(o, arena_printf(o->a, "_timer_state/processing_%s", service), KIND_TIMERS, ns, NULL, timer);
    return first;
}

void ks_take_timers(struct op *o, uint32_t state) { o->keyed->states[state].taken = true; }

struct ser *ks_row(struct op *o, const struct ltype *const *types, uint32_t n)
{
    struct err e = {0};
    struct ser *s = ser_rowdata(o->a, types, n, NULL, &e);
    if (!s && o->keyed->why.kind == ERR_NONE)
        o->keyed->why = e;
    return s;
}

struct ser *ks_plain(struct op *o, const char *name) { return ser_plain(o->a, name); }

struct ser *ks_list(struct op *o, struct ser *element) { return element ? ser_list(o->a, element) : NULL; }

struct ser *ks_pair(struct op *o, struct ser *first, struct ser *second)
{
    struct ser *const kids[] = {first, second};
    return first && second ? ser_tuple(o->a, kids, 2) : NULL;
}

/* --- values --- */

/* Of what stands behind the four bytes at `at`. */
static void put_size(struct buf *to, size_t at)
{
    uint32_t size = __builtin_bswap32((uint32_t)(to->n - at - 4));
    memcpy(to->p + at, &size, 4);
}

void ks_put_row(struct buf *to, const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null)
{
    size_t at = to->n;
    wr_u32(to, 0);
    binrow_put(to, ROW_INSERT, types, n, v, null);
    put_size(to, at);
}

void ks_put_columns(struct buf *to, const struct ltype *const *types, const struct row *r, const uint32_t *columns, uint32_t n)
{
    size_t at = to->n;
    wr_u32(to, 0);
    struct binrow row = binrow_begin(to, ROW_INSERT, n);
    for (uint32_t i = 0; i < n; i++)
        binrow_set(&row, i, types[i], r->v[columns[i]], r->null[columns[i]]);
    put_size(to, at);
}

void ks_put_changed(struct buf *to, enum row_kind kind, const struct ltype *const *types, const struct row *r)
{
    size_t at = to->n;
    wr_u32(to, 0);
    binrow_put(to, kind, types, r->n, r->v, r->null);
    put_size(to, at);
}

enum row_kind ks_kind(const struct rd *in)
{
    return rd_left(in) > 4 && in->p[4] <= ROW_DELETE ? (enum row_kind)in->p[4] : ROW_INSERT;
}

bool ks_get_cells(struct rd *in, const struct ltype *const *types, uint32_t n, union cell *v, uint8_t *null, struct scratch *heap)
{
    struct bytes b = rd_bytes32(in);
    if (rd_ok(in) && !binrow_get(b, NULL, types, n, v, null, heap))
        rd_fail(in, "a row that is none of these columns");
    return rd_ok(in);
}

void ks_put_cell(struct buf *to, const struct ltype *t, union cell v)
{
    uint8_t digits[16];
    float f;
    uint32_t bits;
    size_t at;
    switch (t->slot) {
    case SLOT_BOOLEAN:
        wr_u8(to, v.b);
        break;
    case SLOT_I8:
        wr_u8(to, (uint8_t)v.i);
        break;
    case SLOT_I16:
        wr_u16(to, (uint16_t)v.i);
        break;
    case SLOT_I32:
        wr_i32(to, (int32_t)v.i);
        break;
    case SLOT_FLOAT:
        f = (float)v.d;
        memcpy(&bits, &f, 4);
        wr_u32(to, bits);
        break;
    case SLOT_TEXT:
    case SLOT_BYTES:
        wr_bytes32(to, v.s);
        break;
    case SLOT_TIMESTAMP:
        wr_i64(to, v.t.ms);
        if (t->precision > 3)
            wr_i32(to, v.t.ns);
        break;
    case SLOT_DECIMAL:
        if (t->precision <= 18) {
            wr_i64(to, (int64_t)v.dec);
            break;
        }
        wr_bytes32(to, (struct bytes){digits, binrow_decimal(v.dec, digits)});
        break;
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        at = to->n;
        wr_u32(to, 0);
        binrow_put_seq(to, t, v.q);
        put_size(to, at);
        break;
    default:
        wr_i64(to, v.i); /* a double's bits, too */
    }
}

bool ks_get_cell(struct rd *in, const struct ltype *t, union cell *v, struct scratch *heap)
{
    uint32_t bits;
    float f;
    struct bytes b;
    *v = (union cell){0};
    switch (t->slot) {
    case SLOT_BOOLEAN:
        v->b = rd_u8(in);
        break;
    case SLOT_I8:
        v->i = (int8_t)rd_u8(in);
        break;
    case SLOT_I16:
        v->i = (int16_t)rd_u16(in);
        break;
    case SLOT_I32:
        v->i = rd_i32(in);
        break;
    case SLOT_FLOAT:
        bits = rd_u32(in);
        memcpy(&f, &bits, 4);
        v->d = (double)f;
        break;
    case SLOT_TEXT:
    case SLOT_BYTES:
        b = rd_bytes32(in);
        v->s = scratch_copy(heap, b.p, b.n);
        break;
    case SLOT_TIMESTAMP:
        v->t.ms = rd_i64(in);
        v->t.ns = t->precision > 3 ? rd_i32(in) : 0;
        break;
    case SLOT_DECIMAL:
        if (t->precision <= 18)
            v->dec = rd_i64(in);
        else if (!binrow_decimal_of(rd_bytes32(in), &v->dec))
            rd_fail(in, "a decimal that is not of 1 to 16 bytes");
        break;
    case SLOT_ARRAY:
    case SLOT_MAP:
    case SLOT_ROW:
        if (!binrow_get_seq(rd_bytes32(in), t, &v->q, heap))
            rd_fail(in, "a malformed array, map or row");
        break;
    case SLOT_I64:
    case SLOT_DOUBLE:
        v->i = rd_i64(in);
        break;
    default:
        rd_fail(in, "a value of a type that weir does not read by itself");
    }
    return rd_ok(in);
}

/* --- a snapshot --- */

void snap_put_keyed(struct snap *s, const struct snap_keyed *k)
{
    enum { LEAST = 8, MOST = 512 };
    struct snap_block *b = s->last;
    if (!b || b->n == b->cap) {
        uint32_t cap = !b ? LEAST : b->cap < MOST ? b->cap * 2 : MOST;
        struct snap_block *more = arena_alloc(s->a, sizeof *more + cap * sizeof *more->k);
        more->cap = cap;
        if (b)
            b->next = more;
        else
            s->keyed = more;
        s->last = b = more;
    }
    b->k[b->n++] = *k;
    s->n_keyed++;
    s->keyed_bytes += k->key.n + k->ns.n + k->user_key.n + k->value.n;
}

static struct bytes keep(struct snap *to, struct bytes b)
{
    return (struct bytes){(const uint8_t *)arena_strn(to->a, (const char *)b.p, b.n), b.n};
}

static struct bytes in(const struct buf *b) { return (struct bytes){b->p, b->n}; }

void snap_key(struct snap *to, struct op *o, const union cell *key, const uint8_t *null)
{
    struct keyed *k = o->keyed;
    k->key_bytes.n = 0;
    ks_put_row(&k->key_bytes, k->key_types, k->n_keys, key, null);
    k->group = key_group_of_bytes(k->key_bytes.p + 4, k->key_bytes.n - 4, k->max_parallelism);
    k->key_kept = keep(to, in(&k->key_bytes));
}

/* Void writes one byte. */
static void put_namespace(struct buf *b, enum keyed_ns kind, const int64_t *ns)
{
    if (kind == KEYED_VOID)
        wr_u8(b, 0);
    for (uint32_t i = 0; i < namespaces[kind].n; i++)
        wr_i64(b, ns[i]);
}

void snap_map(struct snap *to, struct op *o, uint32_t state, const int64_t *ns, const struct buf *user_key, const struct buf *value)
{
    struct keyed *k = o->keyed;
    struct buf *b = &k->scratch;
    struct snap_keyed x = {.state = state, .group = k->group, .key = k->key_kept};
    b->n = 0;
    put_namespace(b, k->states[state].ns, ns);
    x.ns = keep(to, in(b));
    if (user_key)
        x.user_key = keep(to, in(user_key));
    b->n = 0;
    if (k->states[state].kind == KIND_MAP)
        wr_u8(b, 0); /* it is not null */
    if (k->states[state].ttl)
        wr_i64(b, k->written);
    wr_bytes(b, in(value));
    x.value = keep(to, in(b));
    snap_put_keyed(to, &x);
}

void snap_value(struct snap *to, struct op *o, uint32_t state, const int64_t *ns, const struct buf *value)
{
    snap_map(to, o, state, ns, NULL, value);
}

void snap_timer(struct snap *to, struct op *o, uint32_t state, const int64_t *ns, int64_t time)
{
    struct buf *b = &o->keyed->timer;
    b->n = 0;
    wr_u64(b, (uint64_t)time ^ UINT64_C(1) << 63);
    wr_bytes(b, o->keyed->key_kept);
    put_namespace(b, o->keyed->states[state].ns, ns);
    snap_map(to, o, state, ns, NULL, b);
}

/* --- a restore --- */

struct ks_walk ks_walk_of(struct op *o, const struct snap *of)
{
    struct ks_walk w = {.of = of->keyed, .o = o, .entry.among = of->n_keyed};
    struct keyed *k = o->keyed;
    if (!k->walk_key) {
        k->walk_key = arena_array(o->a, k->n_keys + 1, sizeof(union cell));
        k->walk_null = arena_alloc(o->a, k->n_keys + 1);
    }
    w.entry.key = k->walk_key;
    w.entry.key_null = k->walk_null;
    return w;
}

bool ks_is_mine(const struct op *o, struct snap_keyed *x)
{
    uint32_t max = o->keyed->max_parallelism;
    if (x->key.n < 4)
        return false;
    x->group = key_group_of_bytes(x->key.p + 4, x->key.n - 4, max);
    return key_group_subtask(x->group, o->subtasks, max) == o->subtask;
}

void ks_groups(const struct op *o, uint32_t *first, uint32_t *n)
{
    uint32_t max = o->keyed->max_parallelism;
    *first = (o->subtask * max + o->subtasks - 1) / o->subtasks;
    *n = ((o->subtask + 1) * max - 1) / o->subtasks - *first + 1;
}

static bool bad(const struct ks_walk *w, const char *why, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "state \"%s\": %s", w->o->keyed->states[w->entry.state].name, why);
}

struct row *ks_get_row(struct keyed_entry *x, struct rd *in, const struct ltype *const *types, uint32_t n)
{
    union cell *v = scratch_alloc(x->heap, n * sizeof *v);
    uint8_t *null = scratch_alloc(x->heap, n);
    return ks_get_cells(in, types, n, v, null, x->heap) ? row_make(types, n, v, null) : NULL;
}

int64_t ks_get_time(struct keyed_entry *x) { return (int64_t)((uint64_t)rd_i64(&x->value) ^ UINT64_C(1) << 63); }

bool ks_next(struct ks_walk *w, struct err *e)
{
    struct keyed_entry *x = &w->entry;
    x->heap = &w->heap; /* the walk may have moved since it was made */
    const struct keyed *k = w->o->keyed;
    if (w->begun && e->kind == ERR_NONE) {
        struct rd *last = rd_ok(&x->user_key) ? &x->value : &x->user_key;
        if (!rd_ok(last) || rd_left(last) || rd_left(&x->user_key))
            return bad(w, rd_ok(last) ? "bytes are left over behind a value" : last->why, e);
    }
    w->begun = true;
    while (e->kind == ERR_NONE && w->of) {
        if (w->next == w->of->n) {
            w->of = w->of->next;
            w->next = 0;
            continue;
        }
        struct snap_keyed at = w->of->k[w->next++], *s = &at;
        if (!ks_is_mine(w->o, s))
            continue;
        const struct keyed_state *state = &k->states[x->state = s->state];
        struct rd key = rd_of(s->key.p, s->key.n, 0), ns = rd_of(s->ns.p, s->ns.n, 0);
        x->user_key = rd_of(s->user_key.p, s->user_key.n, 0);
        x->value = rd_of(s->value.p, s->value.n, 0);
        x->written = state->ttl ? rd_i64(&x->value) : 0;
        if (state->ttl && ttl_over(state->ttl, x->written))
            continue;
        scratch_reset(&w->heap);
        if (!ks_get_cells(&key, k->key_types, k->n_keys, x->key, x->key_null, &w->heap))
            return bad(w, key.why, e);
        for (uint32_t i = 0; i < namespaces[state->ns].n; i++)
            x->ns[i] = rd_i64(&ns);
        return rd_ok(&ns) || bad(w, ns.why, e);
    }
    return false;
}

void keyed_free(struct keyed *k)
{
    buf_free(&k->key_bytes);
    buf_free(&k->scratch);
    buf_free(&k->timer);
    buf_free(&k->user_key);
    buf_free(&k->value);
}

void ks_walk_end(struct ks_walk *w) { scratch_free(&w->heap); }
