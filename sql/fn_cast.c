/* CAST, TRY_CAST, REINTERPRET. */
#include "sql/cast.h"
#include "sql/fn.h"

/* The operand's cells are the result's. */
static void run_alias(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    struct expr *arg = x->args[0];
    arg->run(arg, ev, sel, n);
    x->out = arg->out;
}

static void run_int_real(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    struct expr *arg = x->args[0];
    arg->run(arg, ev, sel, n);
    EACH(i)
    {
        x->out.v[i].d = (double)arg->out.v[i].i;
        x->out.null[i] = arg->out.null[i];
    }
}

static enum got row_cast(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    return cast_run(ev, x->data, a[0], out);
}

static enum got row_try(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    enum got got = cast_run(ev, x->data, a[0], out);
    if (got != GOT_FAILED)
        return got;
    ev->e = (struct err){0};
    return GOT_NULL;
}

static bool prepare(struct binding *b, struct expr *x, row_fn row, struct err *e)
{
    const struct caster *c = cast_make(b->a, x->args[0]->type, x->type, e);
    if (!c)
        return false;
    x->data = c;
    x->strict = true;
    x->row = row;
    x->run = run_rows;
    if (!c->cast) {
        x->run = run_alias;
        x->constant = x->args[0]->constant;
        x->out = x->args[0]->out;
    } else if (type_is_integer(c->from) && c->to->root == L_DOUBLE)
        x->run = run_int_real;
    return true;
}

bool bind_cast(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    return prepare(b, x, row_cast, e);
}

bool bind_try_cast(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    return prepare(b, x, row_try, e);
}

struct expr *expr_cast(struct binding *b, struct expr *x, const struct ltype *to, struct err *e)
{
    if (x->type->root == L_NULL || type_same(x->type, to, true))
        return x;
    struct expr **args = arena_array(b->a, 1, sizeof *args);
    args[0] = x;
    struct expr *cast = expr_node(b, to, args, 1);
    cast->name = "CAST";
    return prepare(b, cast, row_cast, e) ? cast : NULL;
}

/* A number that stands for a time, or the other way round: the same cell but for timestamps. */
static enum got row_reinterpret(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    const struct ltype *from = x->args[0]->type, *to = x->type;
    if (type_is_timestamp(from) && !type_is_timestamp(to))
        return got_int(out, a[0].t.ms);
    if (type_is_timestamp(to) && !type_is_timestamp(from)) {
        out->t = (struct stamp){a[0].i, 0};
        return GOT_VALUE;
    }
    *out = a[0];
    return GOT_VALUE;
}

bool bind_reinterpret(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    const struct ltype *from = x->args[0]->type, *to = x->type;
    bool from_ok = type_is_timestamp(from) || from->slot == SLOT_I32 || from->slot == SLOT_I64;
    bool to_ok = type_is_timestamp(to) || to->slot == SLOT_I32 || to->slot == SLOT_I64;
    if (from->root == L_DECIMAL || to->root == L_DECIMAL)
        return prepare(b, x, row_cast, e);
    if (!from_ok || !to_ok)
        return fn_refuse(x, e);
    x->n = 1;
    x->strict = true;
    x->row = row_reinterpret;
    return true;
}
