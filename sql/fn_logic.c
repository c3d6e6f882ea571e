/* Three-valued logic, and functions that do not look at all of their operands. */
#include "sql/fn.h"

static void ready(struct binding *b, struct expr *x)
{
    x->sel = arena_array(b->a, BATCH_ROWS, sizeof *x->sel);
    x->rest = arena_array(b->a, BATCH_ROWS, sizeof *x->rest);
}

/* AND, OR: an operand is asked for the rows that are not decided yet. */
static void run_junction(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    bool stop = x->k; /* the value that decides: false for AND, true for OR */
    uint32_t open = 0;
    EACH(i)
    {
        x->sel[open++] = i;
        x->out.v[i].b = !stop;
        x->out.null[i] = 0;
    }
    for (uint32_t j = 0; j < x->n && open && ev->e.kind == ERR_NONE; j++) {
        struct expr *arg = x->args[j];
        arg->run(arg, ev, x->sel, open);
        uint32_t left = 0;
        for (uint32_t k = 0; k < open; k++) {
            uint32_t i = x->sel[k];
            if (arg->out.null[i]) {
                x->out.null[i] = 1;
            } else if (arg->out.v[i].b == stop) {
                x->out.v[i].b = stop;
                x->out.null[i] = 0;
                continue;
            }
            x->sel[left++] = i;
        }
        open = left;
    }
}

bool bind_and(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    (void)e;
    ready(b, x);
    x->k = false;
    x->run = run_junction;
    return true;
}

bool bind_or(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    (void)e;
    ready(b, x);
    x->k = true;
    x->run = run_junction;
    return true;
}

enum got row_not(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)x;
    (void)null;
    return got_bool(out, !a[0].b);
}

/* IS …: the table of what true, false and NULL give. */
#define IS(ident, when_true, when_false, when_null)                                                                        \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out) \
    {                                                                                                                      \
        (void)ev;                                                                                                          \
        (void)x;                                                                                                           \
        return got_bool(out, null[0] ? when_null : a[0].b ? when_true : when_false);                                       \
    }
IS(is_true, true, false, false)
IS(is_false, false, true, false)
IS(is_not_true, false, true, true)
IS(is_not_false, true, false, true)
#undef IS

enum got row_is_null(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)x;
    (void)a;
    return got_bool(out, null[0]);
}

enum got row_is_not_null(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)x;
    (void)a;
    return got_bool(out, !null[0]);
}

static void take(struct expr *x, const struct expr *from, const uint32_t *sel, uint32_t n)
{
    EACH(i)
    {
        x->out.v[i] = from->out.v[i];
        x->out.null[i] = from->out.null[i];
    }
}

/* CASE, IF: condition, value, condition, value …, else. */
static void run_case(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    uint32_t open = 0;
    EACH(i)
    x->sel[open++] = i;
    for (uint32_t j = 0; j + 1 < x->n && open && ev->e.kind == ERR_NONE; j += 2) {
        struct expr *when = x->args[j], *then = x->args[j + 1];
        uint32_t yes = 0, left = 0;
        when->run(when, ev, x->sel, open);
        if (ev->e.kind != ERR_NONE)
            return;
        for (uint32_t k = 0; k < open; k++) {
            uint32_t i = x->sel[k];
            if (!when->out.null[i] && when->out.v[i].b)
                x->rest[yes++] = i;
            else
                x->sel[left++] = i;
        }
        open = left;
        if (yes) {
            then->run(then, ev, x->rest, yes);
            take(x, then, x->rest, yes);
        }
    }
    if (open && ev->e.kind == ERR_NONE) {
        struct expr *otherwise = x->args[x->n - 1];
        otherwise->run(otherwise, ev, x->sel, open);
        take(x, otherwise, x->sel, open);
    }
}

/* Values as the result's type, where their cells differ. */
static bool same_values(struct binding *b, struct expr *x, uint32_t from, uint32_t step, struct err *e)
{
    for (uint32_t j = from; j < x->n; j += step)
        if (!(x->args[j] = expr_cast(b, x->args[j], x->type, e)))
            return false;
    return true;
}

bool bind_case(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    if (x->n % 2 == 0)
        return fn_refuse(x, e);
    for (uint32_t j = 0; j + 1 < x->n; j += 2)
        if (x->args[j]->type->root != L_BOOLEAN)
            return fn_refuse(x, e);
    ready(b, x);
    x->run = run_case;
    return same_values(b, x, 1, 2, e) && (x->args[x->n - 1] = expr_cast(b, x->args[x->n - 1], x->type, e));
}

/* COALESCE, IFNULL: the first that is not NULL. */
static void run_coalesce(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    uint32_t open = 0;
    EACH(i)
    {
        x->sel[open++] = i;
        x->out.null[i] = 1;
    }
    for (uint32_t j = 0; j < x->n && open && ev->e.kind == ERR_NONE; j++) {
        struct expr *arg = x->args[j];
        arg->run(arg, ev, x->sel, open);
        take(x, arg, x->sel, open);
        uint32_t left = 0;
        for (uint32_t k = 0; k < open; k++) {
            x->sel[left] = x->sel[k];
            left += x->out.null[x->sel[k]];
        }
        open = left;
    }
}

/* COALESCE is a function in Flink: its operands are all computed, and fail, even when the first one is enough. */
static void run_coalesce_all(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    for (uint32_t j = 0; j < x->n; j++)
        x->args[j]->run(x->args[j], ev, sel, n);
    if (ev->e.kind == ERR_NONE)
        run_coalesce(x, ev, sel, n);
}

bool bind_coalesce(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    ready(b, x);
    x->run = run_coalesce_all;
    return same_values(b, x, 0, 1, e);
}
