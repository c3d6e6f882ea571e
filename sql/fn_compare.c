/* Comparisons. */
#include <math.h>

#include "sql/cell_json.h"
#include "sql/fn.h"

enum { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

static bool holds(uint32_t op, int order)
{
    switch (op) {
    case OP_EQ:
        return order == 0;
    case OP_NE:
        return order != 0;
    case OP_LT:
        return order < 0;
    case OP_LE:
        return order <= 0;
    case OP_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* One loop for each operator over cells of one kind; NULL if an operand is. */
#define LOOP(name, member)                                                             \
    static void name(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n) \
    {                                                                                  \
        struct expr *l = x->args[0], *r = x->args[1];                                  \
        l->run(l, ev, sel, n);                                                         \
        r->run(r, ev, sel, n);                                                         \
        const union cell *a = l->out.v, *b = r->out.v;                                 \
        union cell *o = x->out.v;                                                      \
        EACH(i) x->out.null[i] = l->out.null[i] | r->out.null[i];                      \
        switch (x->k) {                                                                \
        case OP_EQ:                                                                    \
            EACH(i) o[i].b = a[i].member == b[i].member;                               \
            break;                                                                     \
        case OP_NE:                                                                    \
            EACH(i) o[i].b = a[i].member != b[i].member;                               \
            break;                                                                     \
        case OP_LT:                                                                    \
            EACH(i) o[i].b = a[i].member < b[i].member;                                \
            break;                                                                     \
        case OP_LE:                                                                    \
            EACH(i) o[i].b = a[i].member <= b[i].member;                               \
            break;                                                                     \
        case OP_GT:                                                                    \
            EACH(i) o[i].b = a[i].member > b[i].member;                                \
            break;                                                                     \
        default:                                                                       \
            EACH(i) o[i].b = a[i].member >= b[i].member;                               \
            break;                                                                     \
        }                                                                              \
    }
LOOP(run_ints, i)
LOOP(run_reals, d)
LOOP(run_bools, b)
#undef LOOP

static enum got row_decimals(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    return got_bool(out, holds(x->k, dec_compare(a[0].dec, x->args[0]->type->scale, a[1].dec, x->args[1]->type->scale)));
}

/* A DECIMAL and a real number are in the order of Double#compare: NaN is behind all others (DecimalDataUtils#compare). */
static enum got row_ordered(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    bool l = isnan(a[0].d), r = isnan(a[1].d);
    return got_bool(out, holds(x->k, l || r ? l - r : (a[0].d > a[1].d) - (a[0].d < a[1].d)));
}

static enum got row_cells(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    const struct ltype *t = x->args[0]->type;
    if (x->k <= OP_NE)
        return got_bool(out, cell_same(t, a[0], a[1]) == (x->k == OP_EQ));
    return got_bool(out, holds(x->k, cell_compare(t, a[0], a[1])));
}

static bool by_ints(const struct ltype *t)
{
    return type_is_integer(t) || t->root == L_DATE || t->root == L_TIME || t->root == L_INTERVAL_DAY_TIME ||
        t->root == L_INTERVAL_YEAR_MONTH;
}

/* Both operands as one type that can be compared; NULL: they cannot. */
static const struct ltype *common(struct binding *b, const struct ltype *l, const struct ltype *r)
{
    if (type_is_number(l) && type_is_number(r)) {
        if (type_is_real(l) || type_is_real(r))
            return l->root == L_FLOAT && r->root == L_FLOAT ? l : type_simple(b->a, L_DOUBLE, true);
        return l->root == L_DECIMAL ? l : r->root == L_DECIMAL ? r : type_simple(b->a, L_BIGINT, true);
    }
    if ((type_is_text(l) && type_is_number(r)) || (type_is_text(r) && type_is_number(l))) /* Flink 2.3 refuses it, too */
        return NULL;
    if (l->root == L_NULL || r->root == L_NULL)
        return l->root == L_NULL ? r : l;
    if (type_is_text(l) && type_is_text(r))
        return l;
    if (type_is_bytes(l) && type_is_bytes(r))
        return l;
    if (type_is_timestamp(l) && type_is_timestamp(r))
        return l->root == r->root ? l : type_time(b->a, L_TIMESTAMP_LTZ, 9, NULL, true);
    if (type_is_text(l) && r->root != L_ARRAY && r->root != L_MAP && !type_is_row(r))
        return r;
    if (type_is_text(r) && l->root != L_ARRAY && l->root != L_MAP && !type_is_row(l))
        return l;
    if (l->root == L_DATE && type_is_timestamp(r))
        return r;
    if (r->root == L_DATE && type_is_timestamp(l))
        return l;
    if (by_ints(l) && by_ints(r))
        return l;
    return l->root == r->root && l->n == r->n ? l : NULL;
}

static const struct ltype *int_decimal(struct binding *b, const struct ltype *t)
{
    static const int digits[] = {3, 5, 10, 19};
    return type_is_integer(t) ? type_decimal(b->a, digits[t->root - L_TINYINT], 0, true) : t;
}

/* Values that are compared as they are; a cast to the other's length or precision would cut them. */
static bool alike(const struct ltype *l, const struct ltype *r)
{
    return (type_is_text(l) && type_is_text(r)) || (type_is_bytes(l) && type_is_bytes(r)) ||
        (type_is_timestamp(l) && l->root == r->root);
}

/* The ones that have a vector's loop, and those that go row by row. */
static bool prepare(struct binding *b, struct expr *x, struct err *e)
{
    const struct ltype *t = common(b, x->args[0]->type, x->args[1]->type);
    bool ordered = x->args[0]->type->root == L_DECIMAL || x->args[1]->type->root == L_DECIMAL;
    x->strict = true;
    x->run = run_rows;
    if (!t)
        return fn_refuse(x, e);
    for (uint32_t j = 0; j < 2 && !alike(x->args[0]->type, x->args[1]->type); j++) {
        const struct ltype *to = t->root == L_DECIMAL ? int_decimal(b, x->args[j]->type) : t;
        if (t->root == L_DECIMAL && type_is_text(x->args[j]->type))
            to = t;
        if (!(x->args[j] = expr_cast(b, x->args[j], to, e)))
            return false;
    }
    if (t->root == L_DECIMAL)
        x->row = row_decimals;
    else if (type_is_real(t) && ordered)
        x->row = row_ordered;
    else if (type_is_real(t))
        x->run = run_reals;
    else if (by_ints(t))
        x->run = run_ints;
    else if (t->root == L_BOOLEAN)
        x->run = run_bools;
    else
        x->row = row_cells;
    return true;
}

#define COMPARISON(ident, op)                                                                  \
    bool bind_##ident(struct binding *b, struct expr *x, const struct rex *rex, struct err *e) \
    {                                                                                          \
        (void)rex;                                                                             \
        x->k = op;                                                                             \
        return prepare(b, x, e);                                                               \
    }
COMPARISON(eq, OP_EQ)
COMPARISON(ne, OP_NE)
COMPARISON(lt, OP_LT)
COMPARISON(le, OP_LE)
COMPARISON(gt, OP_GT)
COMPARISON(ge, OP_GE)
#undef COMPARISON

/* IS NOT DISTINCT FROM and its opposite: never NULL. */
static enum got row_distinct(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    bool same = null[0] || null[1] ? null[0] == null[1] : cell_same(x->args[0]->type, a[0], a[1]);
    return got_bool(out, same == (x->k == OP_EQ));
}

static bool prepare_distinct(struct binding *b, struct expr *x, uint32_t op, struct err *e)
{
    const struct ltype *t = common(b, x->args[0]->type, x->args[1]->type);
    if (!t)
        return fn_refuse(x, e);
    x->k = op;
    x->row = row_distinct;
    if (alike(x->args[0]->type, x->args[1]->type))
        return true;
    return (x->args[0] = expr_cast(b, x->args[0], t, e)) && (x->args[1] = expr_cast(b, x->args[1], t, e));
}

bool bind_distinct(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    return prepare_distinct(b, x, OP_NE, e);
}

bool bind_not_distinct(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    return prepare_distinct(b, x, OP_EQ, e);
}

/* --- SEARCH: a value in ranges --- */

struct range {
    union cell lower, upper;
    bool has_lower, has_upper, lower_open, upper_open;
};

struct ranges {
    uint32_t n;
    struct range *r;
    enum rex_nulls nulls;
};

static enum got row_search(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    const struct ranges *all = x->data;
    const struct ltype *t = x->args[0]->type;
    if (null[0])
        return all->nulls == REX_NULL_UNKNOWN ? GOT_NULL : got_bool(out, all->nulls == REX_NULL_TRUE);
    for (uint32_t i = 0; i < all->n; i++) {
        const struct range *r = &all->r[i];
        int low = r->has_lower ? cell_compare(t, a[0], r->lower) : 1, high = r->has_upper ? cell_compare(t, a[0], r->upper) : -1;
        if ((low > 0 || (low == 0 && !r->lower_open)) && (high < 0 || (high == 0 && !r->upper_open)))
            return got_bool(out, true);
    }
    return got_bool(out, false);
}

static bool read_bound(struct arena *a, const struct ltype *t, const struct value *v, union cell *to, struct err *e)
{
    struct scratch heap = {0};
    uint8_t null;
    bool ok = cell_of_json(&heap, t, v, to, &null, e);
    if (ok && (type_is_text(t) || type_is_bytes(t)))
        to->s = (struct bytes){(uint8_t *)arena_strn(a, (const char *)to->s.p, to->s.n), to->s.n};
    scratch_free(&heap);
    return ok && (!cell_points(t) || type_is_text(t) || type_is_bytes(t) || err_set(e, ERR_UNSUPPORTED, "SEARCH of such a type"));
}

/* Wide enough for the value and for the bounds. */
static const struct ltype *search_type(struct binding *b, const struct ltype *t, const struct ltype *bounds)
{
    if (!type_is_number(t) || !type_is_number(bounds) || (t->root == bounds->root && t->root != L_DECIMAL))
        return t;
    if (type_is_real(t) || type_is_real(bounds))
        return type_simple(b->a, L_DOUBLE, true);
    if (t->root != L_DECIMAL && bounds->root != L_DECIMAL)
        return type_simple(b->a, L_BIGINT, true);
    int32_t scale = t->root == L_DECIMAL ? t->scale : 0;
    if (bounds->root == L_DECIMAL && bounds->scale > scale)
        scale = bounds->scale;
    return type_decimal(b->a, DEC_MAX, scale, true);
}

bool bind_search(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    const struct rex *sarg = rex->operands[1];
    const struct ltype *t = x->args[0]->type;
    if (sarg->kind != REX_SARG)
        return fn_refuse(x, e);
    t = search_type(b, t, sarg->type);
    if (!(x->args[0] = expr_cast(b, x->args[0], t, e)))
        return false;
    struct ranges *all = arena_alloc(b->a, sizeof *all);
    all->n = sarg->n_ranges;
    all->r = arena_array(b->a, all->n + 1, sizeof *all->r);
    all->nulls = sarg->nulls;
    for (uint32_t i = 0; i < all->n; i++) {
        const struct rex_range *from = &sarg->ranges[i];
        struct range *to = &all->r[i];
        *to = (struct range){
            .has_lower = from->lower, .has_upper = from->upper, .lower_open = from->lower_open, .upper_open = from->upper_open};
        if ((from->lower && !read_bound(b->a, t, from->lower, &to->lower, e)) ||
            (from->upper && !read_bound(b->a, t, from->upper, &to->upper, e)))
            return false;
    }
    x->data = all;
    x->n = 1;
    x->row = row_search;
    return true;
}

/* --- GREATEST, LEAST --- */

static enum got extreme(const struct expr *x, const union cell *a, union cell *out, int sign)
{
    *out = a[0];
    for (uint32_t i = 1; i < x->n; i++)
        if (cell_compare(x->type, a[i], *out) * sign > 0)
            *out = a[i];
    return GOT_VALUE;
}

static enum got row_greatest(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    return extreme(x, a, out, 1);
}

static enum got row_least(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    return extreme(x, a, out, -1);
}

static bool prepare_extreme(struct binding *b, struct expr *x, row_fn row, struct err *e)
{
    x->row = row;
    x->strict = true;
    for (uint32_t i = 0; i < x->n; i++)
        if (!(x->args[i] = expr_cast(b, x->args[i], x->type, e)))
            return false;
    return true;
}

bool bind_greatest(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    return prepare_extreme(b, x, row_greatest, e);
}

bool bind_least(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    return prepare_extreme(b, x, row_least, e);
}
