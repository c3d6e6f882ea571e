/* stream-exec-calc: projections and conditions, as many as stand above each other, as one node. */
#include <string.h>

#include "sql/coerce.h"
#include "sql/phys.h"

struct calc {
    const struct rex *const *exprs;
    const struct rex *condition; /* or NULL */
};

static void calc_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct calc *c = p->spec;
    struct value list = value_list(pl->a, VAL_LIST, p->row->n);
    for (uint32_t i = 0; i < p->row->n; i++)
        list.items[i] = rex_json(pl->a, c->exprs[i]);
    put_member(to, "projection", list);
    put_member(to, "condition", c->condition ? rex_json(pl->a, c->condition) : value_null());
}

static void calc_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    buf_puts(to, "select=");
    about_columns(p->row, NULL, p->row->n, to);
    if (((const struct calc *)p->spec)->condition)
        buf_puts(to, ", where=[…]");
}

/* The column of the input that tells as much as the expression; false: there is none (FlinkRelMdUniqueKeys#getProjectUniqueKeys). */
static bool tells(const struct rex *x, uint32_t *column)
{
    if (rex_is_call(x, "CAST") && x->operands[0]->kind == REX_INPUT && type_cast_keeps(x->operands[0]->type, x->type))
        x = x->operands[0];
    *column = x->input;
    return x->kind == REX_INPUT;
}

/* Those of the input whose columns are all still there. */
static void calc_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    const struct calc *c = p->spec;
    const struct key_sets *in = &p->inputs[0]->keys;
    uint32_t *columns = arena_array(pl->a, p->inputs[0]->row->n + 1u, sizeof *columns), below;
    for (uint32_t k = 0; k < in->n; k++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < in->sets[k].n; i++)
            for (uint32_t x = 0; x < p->row->n; x++)
                if (tells(c->exprs[x], &below) && below == in->sets[k].columns[i]) {
                    columns[n++] = x;
                    break;
                }
        if (n == in->sets[k].n)
            keys_add(pl, to, columns, n);
    }
}

/* The condition looks at columns of one key alone. */
static bool on_keys(const struct phys *p)
{
    const struct calc *c = p->spec;
    bool used[256] = {0};
    uint32_t columns[256], n = 0, width = p->inputs[0]->row->n;
    if (width > 256)
        return false;
    rex_used(c->condition, used, width);
    for (uint32_t i = 0; i < width; i++)
        if (used[i])
            columns[n++] = i;
    for (uint32_t k = 0; k < p->inputs[0]->keys.n; k++) {
        struct key_sets one = {0};
        one.n = 1;
        one.sets[0].n = n;
        one.sets[0].columns = columns;
        if (keys_have(&one, p->inputs[0]->keys.sets[k].columns, p->inputs[0]->keys.sets[k].n))
            return true;
    }
    return false;
}

/* A condition may let an update pass and not what was there before: unless it looks at the key alone, both are needed. */
static bool calc_picks(const struct phys *p) { return ((const struct calc *)p->spec)->condition && !on_keys(p); }

static int calc_wants(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)i;
    return asked == UPDATES_AFTER && calc_picks(p) ? -1 : (int)asked;
}

static const enum monotony *calc_monotony(struct planner *pl, const struct phys *p)
{
    const struct calc *c = p->spec;
    const struct phys *in = p->inputs[0];
    const enum monotony *below = in->kinds & KIND_DELETE ? NULL : phys_monotony(pl, in);
    enum monotony *to = arena_array(pl->a, p->row->n + 1u, sizeof *to);
    bool *used = arena_array(pl->a, in->row->n + 1u, sizeof *used), picks = false;
    if (!below)
        return NULL;
    if (c->condition)
        rex_used(c->condition, used, in->row->n);
    for (uint32_t i = 0; i < in->row->n; i++)
        picks = picks || (used[i] && below[i] != MONOTONY_CONSTANT);
    for (uint32_t i = 0; i < p->row->n; i++) {
        const struct rex *x = c->exprs[i];
        while (rex_is_call(x, "CAST"))
            x = x->operands[0];
        to[i] = x->kind == REX_INPUT && !picks ? below[x->input] : MONOTONY_NONE;
    }
    return to;
}

static bool calc_passes(const struct phys *p, uint32_t i, uint32_t *below)
{
    const struct rex *x = ((const struct calc *)p->spec)->exprs[i];
    *below = x->input;
    return x->kind == REX_INPUT;
}

static const struct phys_class calc = {.type = "stream-exec-calc",
                                       .version = 1,
                                       .keys = calc_keys,
                                       .wants = calc_wants,
                                       .forwards = true,
                                       .refuses_keys = calc_picks,
                                       .passes = calc_passes,
                                       .monotony = calc_monotony,
                                       .put = calc_put,
                                       .about = calc_about};

/* All columns as they are. */
static bool identity(const struct rex *const *exprs, uint32_t n, const struct ltype *in)
{
    if (n != in->n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (exprs[i]->kind != REX_INPUT || exprs[i]->input != i || !type_same(exprs[i]->type, in->kids[i], false))
            return false;
    return true;
}

struct phys *phys_calc(struct planner *pl, struct phys *in, const struct rex *const *exprs, const struct rex *condition,
                       const struct ltype *row, struct place at)
{
    struct phys *past = phys_past_normalize(pl, in, exprs, condition, row, at);
    return past ? past : phys_calc_over(pl, in, exprs, condition, row, at);
}

static void count_inputs(const struct rex *x, uint32_t *times, uint32_t n)
{
    if (x->kind == REX_INPUT && x->input < n)
        times[x->input]++;
    for (uint32_t i = 0; i < x->n; i++)
        count_inputs(x->operands[i], times, n);
}

/* What gives another value each time is not computed more than once for a row (FlinkRelUtil#isMergeable). */
static bool merges(struct planner *pl, const struct phys *below, const struct rex *const *exprs, uint32_t n,
                   const struct rex *condition)
{
    const struct calc *c = below->spec;
    uint32_t *times = arena_array(pl->a, below->row->n + 1u, sizeof *times);
    for (uint32_t i = 0; i < n; i++)
        count_inputs(exprs[i], times, below->row->n);
    if (condition)
        count_inputs(condition, times, below->row->n);
    for (uint32_t i = 0; i < below->row->n; i++)
        if (times[i] > 1 && rex_varies(c->exprs[i]))
            return false;
    return true;
}

struct phys *phys_calc_over(struct planner *pl, struct phys *in, const struct rex *const *exprs, const struct rex *condition,
                            const struct ltype *row, struct place at)
{
    struct calc *c = arena_alloc(pl->a, sizeof *c);
    const struct rex **plain = arena_array(pl->a, row->n + 1u, sizeof *plain);
    for (uint32_t i = 0; i < row->n; i++)
        plain[i] = rex_plain_times(pl->a, exprs[i]);
    c->exprs = exprs = plain;
    c->condition = condition = condition ? rex_plain_times(pl->a, condition) : NULL;
    if (in->cls == &calc && merges(pl, in, exprs, row->n, condition)) { /* over what that one is over */
        const struct calc *below = in->spec;
        const struct rex **mine = arena_array(pl->a, row->n + 1u, sizeof *mine);
        const struct rex *terms[2], *over = condition ? rex_over(pl->a, condition, below->exprs) : NULL;
        uint32_t n = 0;
        for (uint32_t i = 0; i < row->n; i++)
            mine[i] = rex_over(pl->a, exprs[i], below->exprs);
        if (below->condition)
            terms[n++] = below->condition;
        if (over)
            terms[n++] = over;
        c->exprs = mine;
        c->condition = rex_and(pl->a, terms, n);
        in = in->inputs[0];
    }
    if (!c->condition && identity(c->exprs, row->n, in->row))
        return in; /* whatever the names: Flink executes no such node (CalcCodeGenerator) */
    struct phys *p = phys_of(pl, &calc, row, at, 1, &in);
    p->spec = c;
    return p;
}

struct phys *phys_calc_again(struct planner *pl, const struct phys *p, struct phys *in)
{
    const struct calc *c = p->spec;
    return p->cls == &calc ? phys_calc_over(pl, in, c->exprs, c->condition, p->row, p->at) : NULL;
}

struct phys *phys_project(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    return in ? phys_calc(pl, in, r->exprs, NULL, r->row, r->at) : NULL;
}

struct phys *phys_filter(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *rank = phys_rank(pl, r, e);
    if (rank || e->kind != ERR_NONE)
        return rank;
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    const struct rex **exprs = arena_array(pl->a, r->row->n + 1u, sizeof *exprs);
    for (uint32_t i = 0; i < r->row->n; i++)
        exprs[i] = rex_input(pl->a, i, in->row->kids[i]);
    return phys_calc(pl, in, exprs, r->condition, r->row, r->at);
}

/* --- stream-exec-expand --- */

static void expand_put(struct planner *pl, const struct phys *p, struct members *to)
{
    struct value list = value_list(pl->a, VAL_LIST, p->rel->n_tuples);
    for (uint32_t i = 0; i < list.n; i++) {
        list.items[i] = value_list(pl->a, VAL_LIST, p->row->n);
        for (uint32_t c = 0; c < p->row->n; c++)
            list.items[i].items[c] = rex_json(pl->a, p->rel->tuples[i][c]);
    }
    put_member(to, "projects", list);
}

/* Keys whose columns are the same in all rows, with the number of the row. */
static void expand_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    const struct key_sets *in = &p->inputs[0]->keys;
    uint32_t *columns = arena_array(pl->a, p->row->n + 1u, sizeof *columns);
    for (uint32_t k = 0; k < in->n; k++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < in->sets[k].n; i++)
            for (uint32_t c = 0, at = n; c < p->row->n && n == at; c++) {
                bool same = true;
                for (uint32_t t = 0; same && t < p->rel->n_tuples; t++) {
                    const struct rex *x = p->rel->tuples[t][c];
                    same = x->kind == REX_INPUT && x->input == in->sets[k].columns[i];
                }
                if (same)
                    columns[n++] = c;
            }
        bool all = n == in->sets[k].n;
        for (uint32_t c = 0; all && c < p->row->n; c++)
            if (!strcmp(p->row->names[c], "$e"))
                columns[n++] = c;
        if (all)
            keys_add(pl, to, columns, n);
    }
}

static const struct phys_class expand = {
    .type = "stream-exec-expand", .version = 1, .keys = expand_keys, .forwards = true, .put = expand_put};

struct phys *phys_expand(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    struct phys *p = phys_of(pl, &expand, r->row, r->at, 1, &in);
    p->rel = r;
    return p;
}
