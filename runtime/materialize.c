#include "runtime/materialize.h"

#include <stdlib.h>

#include "base/wr.h"
#include <string.h>

struct rows {
    struct row **r;
    uint32_t n, cap;
};

static void release(void *value)
{
    struct rows *all = value;
    for (uint32_t i = 0; i < all->n; i++)
        free(all->r[i]);
    free(all->r);
}

static const struct keyed_form form;

struct materialize *materialize_open(struct op *o, const struct ltype *const *types, uint32_t n_physical, const uint32_t *key,
                                     uint32_t n_key, struct err *e)
{
    const struct ltype *row = o->in[0];
    if (!cplan_bool(o->node->json, "requireUpsertMaterialize", false, e) || e->kind != ERR_NONE)
        return NULL;
    const char *conflict = cplan_text(cplan_member(o->node->json, "conflictStrategy"), "behavior", "DEDUPLICATE", e);
    if (strcmp(conflict, "DEDUPLICATE")) {
        op_refuse(o, e, arena_printf(o->a, "ON CONFLICT DO %s", conflict));
        return NULL;
    }
    struct materialize *m = arena_alloc(o->a, sizeof *m);
    if (!ttl_read(&m->ttl, o, 0, e))
        return NULL;
    m->types = types;
    m->n_types = row->n;
    m->n_kept = o->node->version == 1 ? n_physical : row->n;
    m->key = key;
    m->n_key = n_key;
    m->upsert = cplan_ints(o->a, o->node->json, "inputUpsertKey", row->n, &m->n_upsert, e);
    m->key_types = arena_array(o->a, n_key + 1, sizeof *m->key_types);
    m->v = arena_array(o->a, n_key + 1, sizeof *m->v);
    m->null = arena_alloc(o->a, n_key + 1);
    for (uint32_t i = 0; i < n_key; i++)
        m->key_types[i] = types[key[i]];
    kstate_init(&m->state, m->key_types, n_key, sizeof(struct rows), release);
    kstate_expires(&m->state, &m->ttl);
    ks_key(o, m->key_types, n_key);
    o->keyed->uid = "upsert-materialize";
    m->values = ks_add(o, "values", KIND_VALUE, KEYED_VOID, NULL, ks_list(o, ks_row(o, types, m->n_kept)));
    ks_expires(o, 0, &m->ttl);
    ks_entries(o, &m->state, &m->ttl, &form, m);
    return m;
}

static bool same(const struct materialize *m, const struct row *r, const struct batch *b, uint32_t at)
{
    uint32_t n = m->n_upsert ? m->n_upsert : m->n_kept;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = m->n_upsert ? m->upsert[i] : i;
        uint8_t null = b->cols[c].null[at];
        if (r->null[c] != null || (!null && !cell_same(m->types[c], r->v[c], b->cols[c].v[at])))
            return false;
    }
    return true;
}

bool materialize_row(struct materialize *m, const struct batch *b, uint32_t at, enum row_kind *kind, const struct row **row)
{
    bool fresh, adds = batch_kind(b, at) == ROW_INSERT || batch_kind(b, at) == ROW_UPDATE_AFTER;
    for (uint32_t i = 0; i < m->n_key; i++) {
        m->v[i] = b->cols[m->key[i]].v[at];
        m->null[i] = b->cols[m->key[i]].null[at];
    }
    struct kentry *e = kstate_at(&m->state, m->v, m->null, &fresh);
    struct rows *all = (struct rows *)e->value;
    uint32_t i = 0;
    while (i < all->n && (adds && !m->n_upsert ? true : !same(m, all->r[i], b, at)))
        i++;
    *row = NULL;
    if (adds || i < all->n)
        kstate_write(&m->state, e);
    if (adds) {
        *kind = all->n ? ROW_UPDATE_AFTER : ROW_INSERT;
        if (i == all->n) {
            if (all->n == all->cap)
                all->r = mem_grow(all->r, all->cap = all->cap ? all->cap * 2 : 2, sizeof(struct row *));
            all->r[all->n++] = NULL;
        }
        free(all->r[i]);
        all->r[i] = row_of(b, at, m->types, NULL, m->n_kept);
        return true;
    }
    if (i == all->n) { /* never seen */
        if (!all->n)
            kstate_remove(&m->state, e);
        return false;
    }
    free(all->r[i]);
    memmove(all->r + i, all->r + i + 1, (all->n - i - 1) * sizeof(struct row *));
    if (!--all->n) {
        kstate_remove(&m->state, e);
        *kind = ROW_DELETE;
        return true;
    }
    *kind = ROW_UPDATE_AFTER;
    *row = all->r[all->n - 1];
    return i == all->n;
}

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct materialize *m = of->self;
    const struct rows *all = (const struct rows *)e->value;
    struct buf *b = &o->keyed->value;
    b->n = 0;
    wr_u32(b, all->n);
    for (uint32_t i = 0; i < all->n; i++)
        ks_put_kept(b, m->types, all->r[i]);
    snap_value(to, o, m->values, NULL, b);
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    const struct materialize *m = of->self;
    struct rd *in = &x->value;
    bool fresh;
    struct kentry *at = kstate_at(of->state, x->key, x->key_null, &fresh);
    struct rows *all = (struct rows *)at->value;
    (void)o;
    (void)pass;
    kstate_write_at(of->state, at, x->written);
    for (uint32_t i = 0, n = rd_count(in, 4); i < n && rd_ok(in); i++) {
        struct row *r = ks_get_row(x, in, m->types, m->n_kept);
        if (!r)
            break;
        if (all->n == all->cap)
            all->r = mem_grow(all->r, all->cap = all->cap ? all->cap * 2 : 2, sizeof(struct row *));
        all->r[all->n++] = r;
    }
}

static const struct keyed_form form = {.put = put, .take = take, .by_key = true};

void materialize_close(struct materialize *m)
{
    if (m)
        kstate_clear(&m->state);
}
