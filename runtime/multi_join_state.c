/* The rows that a multi-join keeps, and its state in snapshots (MultiJoinStateViews of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/multi_join.h"

static const struct ltype *part(struct op *o, const struct input *in, const uint32_t *columns, uint32_t n, bool named)
{
    const struct ltype **kids = arena_array(o->a, n + 1, sizeof *kids);
    const char **names = arena_array(o->a, n + 1, sizeof *names);
    for (uint32_t i = 0; i < n; i++) {
        kids[i] = in->row->kids[columns[i]];
        names[i] = named ? arena_printf(o->a, "%s_key", in->row->names[columns[i]]) : arena_printf(o->a, "f%u", i);
    }
    return type_row(o->a, names, kids, n, true);
}

/* Rows lie under the join key, and under their own key or themselves. */
void mjoin_declare(struct op *o, struct input *in, uint32_t i)
{
    const struct ltype *join = in->n_join ? part(o, in, in->join, in->n_join, true) : NULL;
    const struct ltype *own = in->has_unique ? part(o, in, in->unique, in->n_unique, false) : type_nullable(o->a, in->row, true);
    struct ser *row = ks_row(o, in->row->kids, in->row->n), *under;
    in->under = arena_array(o->a, 2, sizeof *in->under);
    in->under[0] = join;
    in->under[in->n_under = join ? 1 : 0] = own;
    in->n_under += !(in->contained && join);
    if (in->n_under == 2)
        under = ks_row(o, in->under, 2);
    else
        under = ks_row(o, in->under[0]->kids, in->under[0]->n);
    in->state = ks_add(o, arena_printf(o->a, "multi-join-input-%u", i), KIND_MAP, KEYED_VOID, under,
                       in->has_unique ? row : ks_plain(o, "Integer"));
    ks_expires(o, in->state, &in->ttl);
}

static bool same(const struct input *in, const uint32_t *columns, uint32_t n, const struct row *a, const struct row *b)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = columns[i];
        if (a->null[c] != b->null[c] || (!a->null[c] && !cell_same(in->row->kids[c], a->v[c], b->v[c])))
            return false;
    }
    return true;
}

static struct record *find(const struct input *in, struct records *all, const struct row *row)
{
    for (uint32_t i = 0; i < all->n; i++) {
        const struct row *r = all->r[i].row;
        if (in->has_unique ? same(in, in->join, in->n_join, r, row) && (in->contained || same(in, in->unique, in->n_unique, r, row))
                           : row_same(in->row->kids, r, row))
            return &all->r[i];
    }
    return NULL;
}

void mjoin_keep(const struct input *in, struct records *all, struct row *row, int32_t times, int64_t written)
{
    struct record *r = find(in, all, row);
    if (r) {
        times = in->has_unique || !mjoin_alive(in, r) ? times : r->times + times;
        free(r->row);
    } else {
        if (all->n == all->cap)
            all->r = mem_grow(all->r, all->cap = all->cap ? all->cap * 2 : 4, sizeof *all->r);
        r = &all->r[all->n++];
    }
    *r = (struct record){row, times, written};
}

void mjoin_forget(const struct input *in, struct records *all, const struct row *row)
{
    struct record *r = find(in, all, row);
    if (!r)
        return;
    if (!in->has_unique && --r->times > 0) {
        r->written = in->ttl.now;
        return;
    }
    free(r->row);
    uint32_t at = (uint32_t)(r - all->r);
    memmove(r, r + 1, (--all->n - at) * sizeof *r);
}

struct common *mjoin_common(struct multi_join *j, const union cell *key, const uint8_t *null)
{
    bool fresh;
    struct common *c = (struct common *)kstate_at(&j->state, key, null, &fresh)->value;
    c->n = j->n;
    return c;
}

/* --- snapshots --- */

static void put_under(const struct input *in, const struct row *row, struct scratch *heap, struct buf *to)
{
    union cell v[2], *cells;
    const uint8_t some[2] = {0};
    for (uint32_t p = 0; p < in->n_under; p++) {
        const struct ltype *t = in->under[p];
        bool join = in->n_join && !p;
        const uint32_t *columns = join ? in->join : in->has_unique ? in->unique : NULL;
        uint8_t *null;
        v[p].q = seq_new(heap, t->n, t->n, &cells, &null);
        for (uint32_t i = 0; i < t->n; i++) {
            uint32_t c = columns ? columns[i] : i;
            cells[i] = row->v[c];
            null[i] = row->null[c];
        }
    }
    if (in->n_under == 2)
        ks_put_row(to, in->under, 2, v, some);
    else
        ks_put_row(to, in->under[0]->kids, in->under[0]->n, v[0].q->v, v[0].q->null);
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct multi_join *j = o->self;
    const struct common *c = (const struct common *)e->value;
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    (void)of;
    for (uint32_t i = 0; i < j->n; i++) {
        struct input *in = &j->in[i];
        ttl_look(&in->ttl, o);
        for (uint32_t k = 0; k < c->in[i].n; k++) {
            const struct record *r = &c->in[i].r[k];
            if (!mjoin_alive(in, r))
                continue;
            key->n = value->n = 0;
            scratch_reset(&j->heap);
            put_under(in, r->row, &j->heap, key);
            if (in->has_unique)
                ks_put_kept(value, in->row->kids, r->row);
            else
                wr_i32(value, r->times);
            snap_written(o, r->written);
            snap_map(to, o, in->state, NULL, key, value);
        }
    }
}

/* A row is its entry's value, or the last part of what it lies under. */
static void take_row(struct multi_join *j, struct keyed_entry *x, uint32_t i)
{
    struct input *in = &j->in[i];
    struct records *all = &mjoin_common(j, x->key, x->key_null)->in[i];
    struct row *row = NULL;
    int32_t times = 1;
    if (in->has_unique) {
        x->user_key.p = x->user_key.end;
        row = ks_get_row(x, &x->value, in->row->kids, in->row->n);
    } else if (in->n_under == 2) {
        union cell v[2];
        uint8_t null[2];
        if (ks_get_cells(&x->user_key, in->under, 2, v, null, x->heap) && !null[1])
            row = row_make(in->row->kids, in->row->n, v[1].q->v, v[1].q->null);
    } else {
        row = ks_get_row(x, &x->user_key, in->row->kids, in->row->n);
    }
    if (!in->has_unique)
        times = rd_i32(&x->value);
    if (row && times > 0)
        mjoin_keep(in, all, row, times, x->written);
    else
        free(row);
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct multi_join *j = o->self;
    uint32_t i = 0;
    (void)of;
    (void)pass;
    while (i < j->n && j->in[i].state != x->state)
        i++;
    if (i == j->n) {
        ks_skip(x);
        return;
    }
    ttl_look(&j->in[i].ttl, o);
    take_row(j, x, i);
}

const struct keyed_form mjoin_form = {.put = put, .take = take, .by_key = true};
