/* Arrays. Elements that are compared are first made to be of the array's element type. */
#include <stdlib.h>
#include <string.h>

#include "sql/fn.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
#define UNUSED ((void)ev, (void)x, (void)null)

/* An array that grows up to a size that is known. */
struct making {
    struct seq *q;
    union cell *v;
    uint8_t *null;
};

static struct making making(struct eval *ev, size_t most)
{
    struct making m;
    m.q = seq_new(&ev->heap, 0, (uint32_t)most, &m.v, &m.null);
    return m;
}

static void put(struct making *m, union cell v, uint8_t null)
{
    m->v[m->q->n] = v;
    m->null[m->q->n++] = null;
}

static enum got made(const struct making *m, union cell *out)
{
    out->q = m->q;
    return GOT_VALUE;
}

static const struct ltype *element(const struct expr *x) { return x->args[0]->type->kids[0]; }

static bool same_at(const struct ltype *t, const struct seq *q, uint32_t i, union cell v, uint8_t null)
{
    return q->null[i] || null ? q->null[i] && null : cell_same(t, q->v[i], v);
}

static bool holds(const struct ltype *t, const struct seq *q, union cell v, uint8_t null)
{
    for (uint32_t i = 0; i < q->n; i++)
        if (same_at(t, q, i, v, null))
            return true;
    return false;
}

/* ARRAY[…], ROW(…): the operands as they are. */
static FN(array)
{
    struct making m = making(ev, x->n);
    for (uint32_t i = 0; i < x->n; i++)
        put(&m, a[i], null[i]);
    return made(&m, out);
}

static bool cast_args(struct binding *b, struct expr *x, uint32_t from, const struct ltype *to, struct err *e)
{
    for (uint32_t i = from; i < x->n; i++)
        if (!(x->args[i] = expr_cast(b, x->args[i], to, e)))
            return false;
    return true;
}

bool bind_array(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    x->row = row_array;
    return x->type->root == L_ARRAY ? cast_args(b, x, 0, x->type->kids[0], e) : fn_refuse(x, e);
}

bool bind_row(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    x->row = row_array;
    if (!type_is_row(x->type) || x->type->n != x->n)
        return fn_refuse(x, e);
    for (uint32_t i = 0; i < x->n; i++)
        if (!(x->args[i] = expr_cast(b, x->args[i], x->type->kids[i], e)))
            return false;
    return true;
}

FN(cardinality)
{
    UNUSED;
    return got_int(out, a[0].q->n);
}

FN(element)
{
    UNUSED;
    const struct seq *q = a[0].q;
    if (q->n > 1)
        return got_failed(ev, "ELEMENT of an array with %u elements", q->n);
    if (!q->n || q->null[0])
        return GOT_NULL;
    *out = q->v[0];
    return GOT_VALUE;
}

/* a[i], m[key]. */
static enum got row_item(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    UNUSED;
    const struct ltype *t = x->args[0]->type;
    const struct seq *q = a[0].q;
    uint32_t i = 0, at = 0;
    if (t->root == L_ARRAY) {
        if (a[1].i < 1 || a[1].i > q->n)
            return GOT_NULL;
        at = (uint32_t)a[1].i - 1;
    } else {
        while (i < q->n && !same_at(t->kids[0], q, i, a[1], 0))
            i++;
        if (i == q->n)
            return GOT_NULL;
        at = q->n + i;
    }
    if (q->null[at])
        return GOT_NULL;
    *out = q->v[at];
    return GOT_VALUE;
}

/* row['name'] */
static FN(member)
{
    UNUSED;
    *out = a[0].q->v[x->k];
    return a[0].q->null[x->k] ? GOT_NULL : GOT_VALUE;
}

bool bind_item(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    const struct ltype *t = x->args[0]->type;
    union cell v;
    x->strict = true;
    x->row = row_item;
    if (t->root == L_ARRAY)
        return (type_is_integer(x->args[1]->type) && (!expr_literal(x->args[1], &v) || v.i > 0)) || fn_refuse(x, e);
    if (t->root == L_ROW && expr_literal(x->args[1], &v) && type_is_text(x->args[1]->type))
        for (x->row = row_member, x->k = 0; x->k < t->n; x->k++)
            if (strlen(t->names[x->k]) == v.s.n && !memcmp(t->names[x->k], v.s.p, v.s.n))
                return true;
    return t->root == L_MAP ? cast_args(b, x, 1, t->kids[0], e) : fn_refuse(x, e);
}

/* --- with an element --- */

static FN(array_contains)
{
    UNUSED;
    if (null[0])
        return GOT_NULL;
    return got_bool(out, holds(element(x), a[0].q, a[1], null[1]));
}

static FN(array_position)
{
    UNUSED;
    if (null[0] || null[1])
        return GOT_NULL;
    for (uint32_t i = 0; i < a[0].q->n; i++)
        if (same_at(element(x), a[0].q, i, a[1], 0))
            return got_int(out, i + 1);
    return got_int(out, 0);
}

static FN(array_append)
{
    if (null[0])
        return GOT_NULL;
    struct making m = making(ev, a[0].q->n + 1);
    for (uint32_t i = 0; i < a[0].q->n; i++)
        put(&m, a[0].q->v[i], a[0].q->null[i]);
    put(&m, a[1], null[1]);
    (void)x;
    return made(&m, out);
}

static FN(array_prepend)
{
    if (null[0])
        return GOT_NULL;
    struct making m = making(ev, a[0].q->n + 1);
    put(&m, a[1], null[1]);
    for (uint32_t i = 0; i < a[0].q->n; i++)
        put(&m, a[0].q->v[i], a[0].q->null[i]);
    (void)x;
    return made(&m, out);
}

static FN(array_remove)
{
    if (null[0])
        return GOT_NULL;
    struct making m = making(ev, a[0].q->n);
    for (uint32_t i = 0; i < a[0].q->n; i++)
        if (!same_at(element(x), a[0].q, i, a[1], null[1]))
            put(&m, a[0].q->v[i], a[0].q->null[i]);
    return made(&m, out);
}

/* The array as the result's, so that elements compare with the operand's. */
static bool with_element(struct binding *b, struct expr *x, row_fn row, struct err *e)
{
    if (x->args[0]->type->root != L_ARRAY)
        return fn_refuse(x, e);
    if (x->type->root == L_ARRAY && !(x->args[0] = expr_cast(b, x->args[0], x->type, e)))
        return false;
    x->row = row;
    return cast_args(b, x, 1, element(x), e);
}

#define WITH_ELEMENT(ident)                                                                    \
    bool bind_##ident(struct binding *b, struct expr *x, const struct rex *rex, struct err *e) \
    {                                                                                          \
        (void)rex;                                                                             \
        return with_element(b, x, row_##ident, e);                                             \
    }
WITH_ELEMENT(array_contains)
WITH_ELEMENT(array_position)
WITH_ELEMENT(array_append)
WITH_ELEMENT(array_prepend)
WITH_ELEMENT(array_remove)
#undef WITH_ELEMENT

/* --- of arrays --- */

static FN(array_concat)
{
    UNUSED;
    size_t n = 0;
    for (uint32_t j = 0; j < x->n; j++)
        n += a[j].q->n;
    struct making m = making(ev, n);
    for (uint32_t j = 0; j < x->n; j++)
        for (uint32_t i = 0; i < a[j].q->n; i++)
            put(&m, a[j].q->v[i], a[j].q->null[i]);
    return made(&m, out);
}

static FN(array_union)
{
    UNUSED;
    struct making m = making(ev, (size_t)a[0].q->n + a[1].q->n);
    for (uint32_t j = 0; j < 2; j++)
        for (uint32_t i = 0; i < a[j].q->n; i++)
            if (!holds(element(x), m.q, a[j].q->v[i], a[j].q->null[i]))
                put(&m, a[j].q->v[i], a[j].q->null[i]);
    return made(&m, out);
}

static FN(array_intersect)
{
    UNUSED;
    struct making m = making(ev, a[0].q->n);
    for (uint32_t i = 0; i < a[0].q->n; i++)
        if (holds(element(x), a[1].q, a[0].q->v[i], a[0].q->null[i]) && !holds(element(x), m.q, a[0].q->v[i], a[0].q->null[i]))
            put(&m, a[0].q->v[i], a[0].q->null[i]);
    return made(&m, out);
}

static FN(array_except)
{
    UNUSED;
    const struct seq *q = a[0].q;
    struct making m = making(ev, q->n);
    for (uint32_t i = 0; i < q->n; i++)
        if (!holds(element(x), a[1].q, q->v[i], q->null[i]) && !holds(element(x), m.q, q->v[i], q->null[i]))
            put(&m, q->v[i], q->null[i]);
    return made(&m, out);
}

static bool of_arrays(struct binding *b, struct expr *x, row_fn row, struct err *e)
{
    x->row = row;
    x->strict = true;
    return x->type->root == L_ARRAY && x->args[0]->type->root == L_ARRAY ? cast_args(b, x, 0, x->type, e) : fn_refuse(x, e);
}

#define OF_ARRAYS(ident)                                                                       \
    bool bind_##ident(struct binding *b, struct expr *x, const struct rex *rex, struct err *e) \
    {                                                                                          \
        (void)rex;                                                                             \
        return of_arrays(b, x, row_##ident, e);                                                \
    }
OF_ARRAYS(array_concat)
OF_ARRAYS(array_union)
OF_ARRAYS(array_intersect)
OF_ARRAYS(array_except)
#undef OF_ARRAYS

FN(array_distinct)
{
    UNUSED;
    struct making m = making(ev, a[0].q->n);
    for (uint32_t i = 0; i < a[0].q->n; i++)
        if (!holds(element(x), m.q, a[0].q->v[i], a[0].q->null[i]))
            put(&m, a[0].q->v[i], a[0].q->null[i]);
    return made(&m, out);
}

FN(array_reverse)
{
    UNUSED;
    struct making m = making(ev, a[0].q->n);
    for (uint32_t i = a[0].q->n; i-- > 0;)
        put(&m, a[0].q->v[i], a[0].q->null[i]);
    return made(&m, out);
}

static enum got extreme(const struct expr *x, const struct seq *q, int sign, union cell *out)
{
    bool some = false;
    for (uint32_t i = 0; i < q->n; i++)
        if (!q->null[i] && (!some || cell_compare(element(x), q->v[i], *out) * sign > 0)) {
            *out = q->v[i];
            some = true;
        }
    return some ? GOT_VALUE : GOT_NULL;
}

FN(array_max)
{
    UNUSED;
    return extreme(x, a[0].q, 1, out);
}

FN(array_min)
{
    UNUSED;
    return extreme(x, a[0].q, -1, out);
}

/* ARRAY_SLICE(array, from[, to]): from 1, or from the end when negative. */
FN(array_slice)
{
    UNUSED;
    const struct seq *q = a[0].q;
    int64_t n = q->n, from = a[1].i, to = x->n > 2 ? a[2].i : n;
    from = from < 0 ? from + n + 1 : from;
    to = to < 0 ? to + n + 1 : to;
    from = from < 1 ? 1 : from;
    to = !to ? 1 : to > n ? n : to; /* 0 is as 1 */
    struct making m = making(ev, q->n);
    for (int64_t i = from; i <= to && n; i++)
        put(&m, q->v[i - 1], q->null[i - 1]);
    return made(&m, out);
}

struct order {
    const struct ltype *t;
    bool descending, nulls_first;
};

static int by_order(const void *p, const void *q, void *ctx)
{
    const struct order *o = ctx;
    int r = cell_compare(o->t, *(const union cell *)p, *(const union cell *)q);
    return o->descending ? -r : r;
}

/* ARRAY_SORT(array[, ascending[, nulls first]]). */
FN(array_sort)
{
    const struct seq *q = a[0].q;
    if (null[0] || (x->n > 1 && null[1]) || (x->n > 2 && null[2]))
        return GOT_NULL;
    bool ascending = x->n < 2 || a[1].b;
    struct order o = {element(x), !ascending, x->n > 2 ? a[2].b : ascending};
    union cell *v = scratch_alloc(&ev->heap, (q->n + 1) * sizeof *v);
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->n; i++)
        if (!q->null[i])
            v[n++] = q->v[i];
    qsort_r(v, n, sizeof *v, by_order, &o);
    struct making m = making(ev, q->n);
    for (uint32_t i = n; o.nulls_first && i < q->n; i++)
        put(&m, (union cell){0}, 1);
    for (uint32_t i = 0; i < n; i++)
        put(&m, v[i], 0);
    while (m.q->n < q->n)
        put(&m, (union cell){0}, 1);
    return made(&m, out);
}

/* ARRAY_JOIN(array, delimiter[, what stands for NULL]). */
static FN(array_join)
{
    struct buf *b = fn_buf(ev);
    bool some = false;
    if (null[0] || null[1] || (x->n > 2 && null[2]))
        return GOT_NULL;
    for (uint32_t i = 0; i < a[0].q->n; i++) {
        bool gone = a[0].q->null[i];
        if (gone && x->n < 3)
            continue;
        struct bytes s = gone ? a[2].s : a[0].q->v[i].s;
        if (some)
            buf_put(b, a[1].s.p, a[1].s.n);
        some = true;
        buf_put(b, s.p, s.n);
    }
    return got_buf(ev, out);
}

bool bind_array_join(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)b;
    (void)rex;
    x->row = row_array_join;
    return type_is_text(element(x)) || fn_refuse(x, e);
}

/* SPLIT(text, delimiter). */
FN(split)
{
    UNUSED;
    struct bytes s = a[0].s, by = a[1].s;
    size_t most = by.n ? s.n / by.n + 2 : s.n + 1, from = 0;
    struct making m = making(ev, most);
    if (!by.n) {
        for (const uint8_t *p = s.p, *end = p + s.n; p < end;) {
            unsigned n = text_char(p, end);
            put(&m, (union cell){.s = {p, n}}, 0);
            p += n;
        }
        return made(&m, out);
    }
    for (ptrdiff_t at; (at = bytes_find(s, by, from)) >= 0; from = (size_t)at + by.n)
        put(&m, (union cell){.s = {s.p + from, (size_t)at - from}}, 0);
    put(&m, (union cell){.s = {s.p + from, s.n - from}}, 0);
    return made(&m, out);
}
