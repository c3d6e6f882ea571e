/* Maps: n entries, keys in front, values behind. */
#include "sql/fn.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
#define UNUSED ((void)ev, (void)x, (void)null)

/* Entries that are gathered, the later one of a key winning. */
struct gather {
    struct seq *q;
    union cell *v;
    uint8_t *null;
    uint32_t most;
};

static struct gather gather(struct eval *ev, uint32_t most)
{
    struct gather g = {.most = most};
    g.q = seq_new(&ev->heap, 0, most * 2, &g.v, &g.null);
    return g;
}

static void put(struct gather *g, const struct ltype *key, union cell k, uint8_t k_null, union cell v, uint8_t v_null)
{
    uint32_t i = 0;
    while (i < g->q->n && (g->null[i] || k_null ? !(g->null[i] && k_null) : !cell_same(key, g->v[i], k)))
        i++;
    g->v[i] = k;
    g->null[i] = k_null;
    g->v[g->most + i] = v;
    g->null[g->most + i] = v_null;
    g->q->n += i == g->q->n;
}

/* Values move up to stand right behind the keys. */
static enum got gathered(struct gather *g, union cell *out)
{
    memmove(g->v + g->q->n, g->v + g->most, g->q->n * sizeof *g->v);
    memmove(g->null + g->q->n, g->null + g->most, g->q->n);
    out->q = g->q;
    return GOT_VALUE;
}

static FN(map)
{
    struct gather g = gather(ev, x->n / 2);
    for (uint32_t i = 0; i + 1 < x->n; i += 2)
        put(&g, x->type->kids[0], a[i], null[i], a[i + 1], null[i + 1]);
    return gathered(&g, out);
}

bool bind_map(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    x->row = row_map;
    if (x->type->root != L_MAP || x->n % 2)
        return fn_refuse(x, e);
    for (uint32_t i = 0; i < x->n; i++)
        if (!(x->args[i] = expr_cast(b, x->args[i], x->type->kids[i % 2], e)))
            return false;
    return true;
}

static struct seq *half(struct eval *ev, const struct seq *q, uint32_t from)
{
    struct seq *r = scratch_alloc(&ev->heap, sizeof *r);
    *r = (struct seq){q->n, q->v + from, q->null + from};
    return r;
}

FN(map_keys)
{
    UNUSED;
    out->q = half(ev, a[0].q, 0);
    return GOT_VALUE;
}

FN(map_values)
{
    UNUSED;
    out->q = half(ev, a[0].q, a[0].q->n);
    return GOT_VALUE;
}

FN(map_entries)
{
    UNUSED;
    const struct seq *q = a[0].q;
    union cell *rows, *v;
    uint8_t *row_null, *n;
    out->q = seq_new(&ev->heap, q->n, q->n, &rows, &row_null);
    for (uint32_t i = 0; i < q->n; i++) {
        rows[i].q = seq_new(&ev->heap, 2, 2, &v, &n);
        for (uint32_t j = 0; j < 2; j++) {
            v[j] = q->v[j * q->n + i];
            n[j] = q->null[j * q->n + i];
        }
    }
    return GOT_VALUE;
}

static FN(map_union)
{
    UNUSED;
    uint32_t n = 0;
    for (uint32_t j = 0; j < x->n; j++)
        n += a[j].q->n;
    struct gather g = gather(ev, n);
    for (uint32_t j = 0; j < x->n; j++)
        for (uint32_t i = 0; i < a[j].q->n; i++)
            put(&g, x->type->kids[0], a[j].q->v[i], a[j].q->null[i], a[j].q->v[a[j].q->n + i], a[j].q->null[a[j].q->n + i]);
    return gathered(&g, out);
}

bool bind_map_union(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    x->row = row_map_union;
    x->strict = true;
    if (x->type->root != L_MAP)
        return fn_refuse(x, e);
    for (uint32_t i = 0; i < x->n; i++)
        if (!(x->args[i] = expr_cast(b, x->args[i], x->type, e)))
            return false;
    return true;
}

FN(map_from_arrays)
{
    UNUSED;
    const struct seq *k = a[0].q, *v = a[1].q;
    if (k->n != v->n)
        return got_failed(ev, "MAP_FROM_ARRAYS of %u keys and %u values", k->n, v->n);
    struct gather g = gather(ev, k->n);
    for (uint32_t i = 0; i < k->n; i++)
        put(&g, x->type->kids[0], k->v[i], k->null[i], v->v[i], v->null[i]);
    return gathered(&g, out);
}

/* STR_TO_MAP(text[, between pairs[, between key and value]]); the separators are taken as they are. */
FN(str_to_map)
{
    UNUSED;
    struct bytes s = a[0].s, pairs = x->n > 1 ? a[1].s : (struct bytes){(const uint8_t *)",", 1};
    struct bytes between = x->n > 2 ? a[2].s : (struct bytes){(const uint8_t *)"=", 1};
    if (!pairs.n || !between.n)
        return got_failed(ev, "STR_TO_MAP with an empty separator");
    uint32_t most = 1;
    for (ptrdiff_t at = -1; (at = bytes_find(s, pairs, at < 0 ? 0 : (size_t)at + pairs.n)) >= 0;)
        most++;
    struct gather g = gather(ev, most);
    for (size_t from = 0; s.n && from <= s.n;) {
        ptrdiff_t at = bytes_find(s, pairs, from);
        struct bytes one = {s.p + from, (at < 0 ? s.n : (size_t)at) - from};
        ptrdiff_t eq = bytes_find(one, between, 0);
        union cell key = {.s = {one.p, eq < 0 ? one.n : (size_t)eq}}, value = {0};
        if (eq >= 0)
            value.s = (struct bytes){one.p + eq + between.n, one.n - (size_t)eq - between.n};
        if (one.n || at >= 0) /* String#split drops empty ones at the end */
            put(&g, x->type->kids[0], key, 0, value, eq < 0);
        if (at < 0)
            break;
        from = (size_t)at + pairs.n;
    }
    return gathered(&g, out);
}
