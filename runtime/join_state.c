/* The rows that a join keeps, and its state in snapshots (JoinRecordStateViews, OuterJoinRecordStateViews, JoinInputSideSpec of
 * flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/join.h"

enum {
    COPIES_MOST = 1 << 20
}; /* equal rows stand once in a snapshot, with their number: so many more than entries may come of one */

static int64_t *written(const struct records *all) { return (int64_t *)(void *)(all->r + all->cap); }

static size_t room(const struct side *s, uint32_t cap) { return cap * (sizeof(struct record) + (s->ttl.ms ? sizeof(int64_t) : 0)); }

void join_release(void *side, void *value)
{
    struct side *s = side;
    struct records *all = value;
    for (uint32_t i = 0; i < all->n; i++)
        row_drop(&s->rows, all->r[i].row);
    if (all->cap)
        pool_free(&s->rows, all->r, room(s, all->cap));
}

void join_append(struct side *s, struct records *all, struct row *row, int64_t matches, int64_t when)
{
    if (all->n == all->cap) {
        uint32_t cap = all->cap ? all->cap * 2 : 2;
        all->r = pool_grow(&s->rows, all->r, room(s, all->cap), room(s, cap));
        if (s->ttl.ms)
            memmove(all->r + cap, all->r + all->cap, all->n * sizeof(int64_t));
        all->cap = cap;
    }
    all->r[all->n] = (struct record){row_into(&s->rows, s->row->kids, row), matches};
    if (s->ttl.ms)
        written(all)[all->n] = when;
    all->n++;
}

void join_drop(struct side *s, struct records *all, uint32_t i)
{
    row_drop(&s->rows, all->r[i].row);
    all->n--;
    memmove(all->r + i, all->r + i + 1, (all->n - i) * sizeof *all->r);
    if (s->ttl.ms)
        memmove(written(all) + i, written(all) + i + 1, (all->n - i) * sizeof(int64_t));
}

void join_prune(struct side *s, struct records *all)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        if (ttl_over(&s->ttl, written(all)[i])) {
            row_drop(&s->rows, all->r[i].row);
            continue;
        }
        all->r[n] = all->r[i];
        written(all)[n++] = written(all)[i];
    }
    all->n = n;
}

void join_write(const struct side *s, struct kentry *e, uint32_t i)
{
    if (!s->ttl.ms)
        return;
    kstate_write(&s->state, e);
    written((struct records *)e->value)[i] = s->ttl.now;
}

void join_write_equals(const struct side *s, struct kentry *e, const struct row *row)
{
    const struct records *all = (const struct records *)e->value;
    for (uint32_t i = 0; s->ttl.ms && i < all->n; i++)
        if (row_same(s->row->kids, all->r[i].row, row))
            join_write(s, e, i);
}

static bool within_key(const struct side *s, uint32_t n_keys)
{
    for (uint32_t i = 0; i < s->n_unique; i++) {
        uint32_t k = 0;
        while (k < n_keys && s->keys[k] != s->unique[i])
            k++;
        if (k == n_keys)
            return false;
    }
    return true;
}

static const struct keyed_form form;

void join_declare(struct op *o, struct side *s, const char *name, bool counts)
{
    const struct join *j = o->self;
    struct ser *row = ks_row(o, s->row->kids, s->row->n), *number = ks_plain(o, "Integer");
    struct ser *value = counts ? ks_pair(o, row, number) : row;
    s->counts = counts;
    s->layout = !s->has_unique ? BY_ROW : within_key(s, j->n_keys) ? BY_KEY : BY_UNIQUE;
    if (s->layout == BY_ROW) {
        s->records = ks_add(o, name, KIND_MAP, KEYED_VOID, row, counts ? ks_pair(o, number, number) : number);
    } else if (s->layout == BY_KEY) {
        s->records = ks_add(o, name, KIND_VALUE, KEYED_VOID, NULL, value);
    } else {
        s->unique_types = arena_array(o->a, s->n_unique + 1, sizeof *s->unique_types);
        for (uint32_t i = 0; i < s->n_unique; i++)
            s->unique_types[i] = s->row->kids[s->unique[i]];
        s->records = ks_add(o, name, KIND_MAP, KEYED_VOID, ks_row(o, s->unique_types, s->n_unique), value);
    }
    ks_expires(o, s->records, &s->ttl);
    ks_entries(o, &s->state, &s->ttl, &form, s);
}

/* Equal rows stand once, with their number. */
static void put_rows(struct op *o, struct side *s, const struct records *all, struct snap *to)
{
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    struct kstate copies;
    bool fresh;
    kstate_init(&copies, s->row->kids, s->row->n, 3 * sizeof(int64_t), NULL);
    for (uint32_t i = 0; i < all->n; i++) {
        int64_t *n = (int64_t *)kstate_at(&copies, all->r[i].row->v, all->r[i].row->null, &fresh)->value;
        n[0]++;
        n[1] = all->r[i].matches;
        n[2] = s->ttl.ms ? written(all)[i] : 0;
    }
    for (const struct kentry *e = copies.first; e; e = e->next) {
        const int64_t *n = (const int64_t *)e->value;
        key->n = value->n = 0;
        ks_put_kept(key, s->row->kids, e->key);
        wr_i32(value, (int32_t)n[0]);
        if (s->counts)
            wr_i32(value, (int32_t)n[1]);
        snap_written(o, n[2]);
        snap_map(to, o, s->records, NULL, key, value);
    }
    kstate_clear(&copies);
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct side *s = of->self;
    const struct records *all = join_alive(s, e);
    struct buf *key = &o->keyed->user_key, *value = &o->keyed->value;
    if (s->layout == BY_ROW)
        put_rows(o, s, all, to);
    for (uint32_t i = 0; s->layout != BY_ROW && i < all->n; i++) {
        key->n = value->n = 0;
        snap_written(o, s->ttl.ms ? written(all)[i] : 0);
        ks_put_kept(value, s->row->kids, all->r[i].row);
        if (s->counts)
            wr_i32(value, (int32_t)all->r[i].matches);
        if (s->layout == BY_KEY) {
            snap_value(to, o, s->records, NULL, value);
            continue;
        }
        ks_put_columns(key, s->unique_types, all->r[i].row, s->unique, s->n_unique);
        snap_map(to, o, s->records, NULL, key, value);
    }
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct join *j = o->self;
    struct side *s = of->self;
    bool fresh;
    struct kentry *at = kstate_at(of->state, x->key, x->key_null, &fresh);
    struct records *all = (struct records *)at->value;
    int64_t copies = 1, matches;
    struct row *row;
    (void)pass;
    kstate_came(of->state, at, fresh, x->written);
    if (s->layout == BY_ROW) {
        row = ks_get_row(x, &x->user_key, s->row->kids, s->row->n);
        copies = rd_i32(&x->value);
        j->copies += copies - 1;
        if (copies < 1 || j->copies > COPIES_MOST + (int64_t)x->among * 16)
            rd_fail(&x->value, "more equal rows than weir takes");
    } else {
        row = ks_get_row(x, &x->value, s->row->kids, s->row->n);
        x->user_key.p = x->user_key.end; /* part of the row */
    }
    matches = s->counts ? rd_i32(&x->value) : 0;
    for (; row && rd_ok(&x->value) && copies > 1; copies--)
        join_append(s, all, row_make(s->row->kids, row->n, row->v, row->null), matches, x->written);
    if (row)
        join_append(s, all, row, matches, x->written);
}

static const struct keyed_form form = {.put = put, .take = take, .by_key = true};
