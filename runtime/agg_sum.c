/* COUNT, SUM, $SUM0, AVG. */
#include "runtime/agg.h"
#include "sql/dec.h"

static int64_t narrowed(enum lroot root, int64_t v)
{
    return root == L_TINYINT ? (int8_t)v : root == L_SMALLINT ? (int16_t)v : root == L_INTEGER ? (int32_t)v : v;
}

bool agg_bind_count(struct agg *g, struct op *o, struct err *e)
{
    return g->result->root == L_BIGINT || op_refuse(o, e, "a COUNT that is no BIGINT");
}

void agg_add_count(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)g;
    (void)v;
    (void)null;
    a->count += sign;
}

void agg_merge_count(const struct agg *g, struct acc *to, const struct acc *from)
{
    (void)g;
    to->count += from->count;
}

bool agg_result_count(const struct agg *g, struct acc *a, union cell *out)
{
    (void)g;
    out->i = a->count;
    return true;
}

bool agg_bind_sum(struct agg *g, struct op *o, struct err *e)
{
    if (!g->arg || !type_is_number(g->arg) || (g->result->root == L_DECIMAL) != (g->arg->root == L_DECIMAL) ||
        type_is_real(g->result) != type_is_real(g->arg))
        return op_refuse(o, e, "a sum of such a type");
    g->sum = g->result;
    return true;
}

static void add_to(const struct agg *g, struct acc *a, union cell v, int64_t sign)
{
    const struct ltype *t = g->sum;
    if (t->root == L_DECIMAL) {
        i128 sum;
        a->over = a->over || !dec_add(a->v.dec, t->scale, v.dec, g->arg->scale, sign < 0, t->precision, t->scale, &sum);
        if (!a->over)
            a->v.dec = sum;
    } else if (type_is_real(t)) {
        a->v.d += sign < 0 ? -v.d : v.d;
        if (t->root == L_FLOAT)
            a->v.d = (double)(float)a->v.d;
    } else {
        a->v.i = narrowed(t->root, (int64_t)((uint64_t)a->v.i + (sign < 0 ? -(uint64_t)v.i : (uint64_t)v.i)));
    }
}

void agg_add_sum(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    if (!a->count && a->v.d == 0 && type_is_real(g->sum))
        a->v.d = -0.0; /* the first number is the sum, be it -0.0: SumAggFunction begins with NULL */
    add_to(g, a, v, sign);
    a->count += sign;
}

void agg_merge_sum(const struct agg *g, struct acc *to, const struct acc *from)
{
    const struct ltype *t = g->sum;
    to->count += from->count;
    to->over = to->over || from->over;
    if (t->root == L_DECIMAL) {
        i128 sum;
        to->over = to->over || !dec_add(to->v.dec, t->scale, from->v.dec, t->scale, false, t->precision, t->scale, &sum);
        if (!to->over)
            to->v.dec = sum;
        return;
    }
    if (from->count && to->count == from->count && to->v.d == 0 && type_is_real(t))
        to->v = from->v;
    else
        add_to(g, to, from->v, 1);
}

bool agg_result_sum(const struct agg *g, struct acc *a, union cell *out)
{
    (void)g;
    *out = a->v;
    return a->count && !a->over;
}

bool agg_bind_sum0(struct agg *g, struct op *o, struct err *e) { return agg_bind_sum(g, o, e); }

void agg_add_sum0(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    add_to(g, a, v, sign);
}

void agg_merge_sum0(const struct agg *g, struct acc *to, const struct acc *from) { agg_merge_sum(g, to, from); }

bool agg_result_sum0(const struct agg *g, struct acc *a, union cell *out)
{
    (void)g;
    *out = a->v;
    return !a->over;
}

/* The sum of integers is a BIGINT, of floating-point numbers a DOUBLE, of decimals a DECIMAL(38, s). */
bool agg_bind_avg(struct agg *g, struct op *o, struct err *e)
{
    if (!g->arg || !type_is_number(g->arg) || (g->result->root == L_DECIMAL) != (g->arg->root == L_DECIMAL))
        return op_refuse(o, e, "an average of such a type");
    if (g->arg->root == L_DECIMAL)
        g->sum = type_decimal(o->a, 38, g->arg->scale, true);
    else
        g->sum = type_simple(o->a, type_is_real(g->arg) ? L_DOUBLE : L_BIGINT, true);
    return true;
}

void agg_add_avg(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    add_to(g, a, v, sign);
    a->count += sign;
}

void agg_merge_avg(const struct agg *g, struct acc *to, const struct acc *from) { agg_merge_sum(g, to, from); }

bool agg_result_avg(const struct agg *g, struct acc *a, union cell *out)
{
    if (!a->count || a->over)
        return false;
    if (g->sum->root == L_DECIMAL)
        return dec_div(a->v.dec, g->sum->scale, a->count, 0, g->result->precision, g->result->scale, &out->dec);
    if (g->sum->root == L_DOUBLE) {
        out->d = a->v.d / (double)a->count;
        if (g->result->root == L_FLOAT)
            out->d = (double)(float)out->d;
        return true;
    }
    if (type_is_real(g->result))
        out->d = (double)(a->v.i / a->count);
    else
        out->i = narrowed(g->result->root, a->v.i / a->count);
    return true;
}
