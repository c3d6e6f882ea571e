/* Subqueries as values: IN and EXISTS that a condition asks for become semi and anti joins (FlinkSubQueryRemoveRule of flink-table-planner
 * 2.3), all others a join that gives their value as a column (Calcite's SubQueryRemoveRule). */
#include <string.h>

#include "sql/query.h"
#include "sql/rex_make.h"

enum { TERMS_MAX = 256, OPERANDS_MAX = 64 };

struct joining {
    struct query *q;
    struct from *f;
};

static bool is_op(const struct ast *x, const char *op) { return x->kind == AST_OP && !strcmp(x->text, op); }

/* The query behind IN or EXISTS, or the value itself; NULL: it is none. *not: in front of it stands NOT. */
static const struct ast *asked(const struct ast *x, const struct ast **operand, bool * not )
{
    if (is_op(x, "NOT")) {
        x = x->kids[0];
        *not = !*not ;
    }
    *operand = NULL;
    if (is_op(x, "EXISTS"))
        return x->kids[0];
    if ((!is_op(x, "IN") && !is_op(x, "NOT IN")) || x->kids[1]->kind != AST_SUBQUERY)
        return NULL;
    *not = *not != is_op(x, "NOT IN");
    *operand = x->kids[0];
    return x->kids[1];
}

static struct rel *query_of(const struct joining *j, const struct ast *x, struct err *e)
{
    const struct scope *outer = j->q->outer;
    j->q->outer = &j->f->scope;
    struct rel *r = query_rel(j->q, x, e);
    j->q->outer = outer;
    return r;
}

/* Terms of a pulled query as those of a join: outer columns are the left side's. */
static const struct rex *sided(struct arena *a, const struct rex *x, uint32_t width)
{
    if (x->kind == REX_INPUT || x->kind == REX_OUTER)
        return rex_input(a, x->input + (x->kind == REX_INPUT ? width : 0), x->type);
    if (!x->n)
        return x;
    struct rex *to = arena_alloc(a, sizeof *to);
    const struct rex **operands = arena_array(a, x->n, sizeof *operands);
    for (uint32_t i = 0; i < x->n; i++)
        operands[i] = sided(a, x->operands[i], width);
    *to = *x;
    to->operands = operands;
    to->json = x->kind == REX_LITERAL || x->kind == REX_SARG ? x->json : NULL;
    return to;
}

static void join(const struct joining *j, enum rel_join kind, struct rel *right, const struct rex *const *terms, uint32_t n)
{
    struct query *q = j->q;
    struct rel *r = rel_of(q->a, REL_JOIN, right->at, 2, (struct rel *const[]){j->f->rel, right});
    const struct rex *on = rex_and(q->a, terms, n);
    r->join = kind;
    r->condition = on ? rex_simplify_condition(&q->simplify, on) : NULL;
    r->row = rel_joined_row(q->a, j->f->rel->row, right->row, kind);
    j->f->rel = r;
    j->f->name = NULL;
}

static struct rel *one_column(const struct joining *j, struct rel *in, const struct rex *x, const char *name)
{
    const struct rex **exprs = arena_array(j->q->a, 1, sizeof *exprs);
    exprs[0] = x;
    return rel_project(j->q->a, in, exprs, &name, 1);
}

/* An aggregate of all rows (columns [0, keys) are its groups): calls of one argument each, or none. */
static struct rel *aggregate(const struct joining *j, struct rel *in, uint32_t keys, const struct rel_call *calls, uint32_t n)
{
    struct arena *a = j->q->a;
    struct rel *r = rel_of(a, REL_AGGREGATE, in->at, 1, &in);
    const char **names = arena_array(a, keys + n + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, keys + n + 1u, sizeof *types);
    r->n_keys = keys;
    r->keys = arena_array(a, keys + 1u, sizeof *r->keys);
    r->n_calls = n;
    r->calls = arena_array(a, n + 1u, sizeof *r->calls);
    for (uint32_t i = 0; i < keys + n; i++) {
        if (i < keys)
            r->keys[i] = i;
        else
            r->calls[i - keys] = calls[i - keys];
        names[i] = i < keys ? in->row->names[i] : calls[i - keys].as;
        types[i] = i < keys ? in->row->kids[i] : calls[i - keys].type;
    }
    r->row = type_row(a, names, types, keys + n, false);
    return r;
}

static struct rel_call call_of(const struct joining *j, const char *name, const char *as, int arg, const struct ltype *type)
{
    struct rel_call c = {.name = name, .as = as, .filter = -1, .n = arg >= 0, .type = type};
    c.syntax = !strcmp(name, "$COUNT$1") ? "FUNCTION_STAR" : NULL;
    c.args = arena_array(j->q->a, 1, sizeof *c.args);
    c.args[0] = arg < 0 ? 0 : (uint32_t)arg;
    return c;
}

/* TRUE when there is a row: one row, whatever there is. */
static struct rel *any_row(const struct joining *j, struct rel *in)
{
    struct arena *a = j->q->a;
    const struct ltype *truth = type_simple(a, L_BOOLEAN, true);
    struct rel *flag = one_column(j, in, rex_bool(a, true), "i");
    struct rel_call m = call_of(j, "$MIN$1", "m", 0, truth);
    struct rel *min = aggregate(j, flag, 0, &m, 1);
    const struct rex *min_column = rel_column(a, min, 0);
    return one_column(j, min, rex_call(a, "IS NOT NULL", "POSTFIX", type_simple(a, L_BOOLEAN, false), &min_column, 1), NULL);
}

/* --- what a condition asks for: semi and anti joins --- */

/* Never without a row. */
static bool always_rows(const struct rel *r)
{
    return (r->kind == REL_AGGREGATE && !r->n_keys) || (r->kind == REL_PROJECT && always_rows(r->inputs[0])) ||
        (r->kind == REL_VALUES && r->n_tuples);
}

/* The columns that the terms look at, in their order, and no other. */
static void only_used(const struct joining *j, struct pulled *p)
{
    struct arena *a = j->q->a;
    uint32_t width = p->rel->row->n, n = 0;
    bool *used = arena_array(a, width + 1u, sizeof *used);
    const struct rex **exprs = arena_array(a, width + 1u, sizeof *exprs), **now = arena_array(a, width + 1u, sizeof *now),
                     **terms = arena_array(a, p->n + 1u, sizeof *terms);
    const char **names = arena_array(a, width + 1u, sizeof *names);
    for (uint32_t i = 0; i < p->n; i++)
        rex_used(p->terms[i], used, width);
    for (uint32_t i = 0; i < width; i++)
        if (used[i]) {
            now[i] = rex_input(a, n, p->rel->row->kids[i]);
            names[n] = p->rel->row->names[i];
            exprs[n++] = rel_column(a, p->rel, i);
        }
    for (uint32_t i = 0; i < p->n; i++)
        terms[i] = rex_over(a, p->terms[i], now);
    if (n < width && n)
        *p = (struct pulled){.rel = rel_project(a, p->rel, exprs, names, n), .terms = terms, .n = p->n};
}

static bool exists(const struct joining *j, struct rel *r, bool not, struct err *e)
{
    struct pulled p;
    struct arena *a = j->q->a;
    const struct rex *terms[TERMS_MAX], *never = rex_bool(a, false);
    uint32_t width = j->f->rel->row->n;
    if (always_rows(r)) {
        if (not )
            j->f->rel = rel_filter(a, j->f->rel, never);
        return true;
    }
    if (!query_pull(j->q, r, &p, e))
        return false;
    if (!p.n) {
        p.rel = any_row(j, p.rel);
        terms[0] = rex_input(a, width, p.rel->row->kids[0]);
        join(j, not ? JOIN_ANTI : JOIN_SEMI, p.rel, terms, 1);
        return true;
    }
    only_used(j, &p);
    for (uint32_t i = 0; i < p.n; i++)
        terms[i] = sided(a, p.terms[i], width);
    join(j, not ? JOIN_ANTI : JOIN_SEMI, p.rel, terms, p.n);
    return true;
}

/* The values in front of IN over f; columns[i]: those that are no column of it become one. */
static bool operands(const struct joining *j, const struct ast *x, uint32_t *columns, uint32_t *n, struct err *e)
{
    struct query *q = j->q;
    struct binder b = query_joining(q, j->f);
    uint32_t many = x->kind == AST_ROW ? x->n : 1;
    const struct rex *values[OPERANDS_MAX];
    if (many > OPERANDS_MAX)
        return query_wrong(q, x->at, e, "more than %d values in front of IN", OPERANDS_MAX);
    for (*n = 0; *n < many; ++*n) {
        const struct rex *v = bind_expr(&b, &j->f->scope, x->kind == AST_ROW ? x->kids[*n] : x, e);
        if (!v)
            return false;
        values[*n] = rex_simplify(&q->simplify, v);
    }
    struct rel *in = j->f->rel;
    uint32_t width = in->row->n;
    const struct rex **exprs = arena_array(q->a, width + many + 1u, sizeof *exprs);
    const char **names = arena_array(q->a, width + many + 1u, sizeof *names);
    for (uint32_t i = 0; i < width; i++) {
        exprs[i] = rel_column(q->a, in, i);
        names[i] = in->row->names[i];
    }
    for (uint32_t i = 0; i < many; i++) {
        columns[i] = values[i]->kind == REX_INPUT ? values[i]->input : width;
        if (values[i]->kind != REX_INPUT) {
            names[width] = arena_printf(q->a, "$f%u", width);
            exprs[width++] = values[i];
        }
    }
    if (width > in->row->n)
        j->f->rel = rel_project(q->a, in, exprs, names, width);
    return true;
}

static bool width_fits(const struct joining *j, const struct ast *x, const struct rel *r, uint32_t n, struct err *e)
{
    return r->row->n == n || query_wrong(j->q, x->at, e, "the query has %u columns, in front of IN stand %u", r->row->n, n);
}

static bool in(const struct joining *j, const struct ast *x, struct rel *r, const struct ast *operand, bool not, struct err *e)
{
    struct arena *a = j->q->a;
    struct binder b = query_binder(j->q);
    struct pulled p;
    const struct rex *terms[TERMS_MAX + OPERANDS_MAX];
    uint32_t columns[OPERANDS_MAX], n = 0;
    if (!operands(j, operand, columns, &n, e) || !width_fits(j, x, r, n, e) || !query_pull(j->q, r, &p, e))
        return false;
    uint32_t width = j->f->rel->row->n;
    for (uint32_t i = 0; i < n; i++) {
        const struct rex *l = rel_column(a, j->f->rel, columns[i]), *k = rex_input(a, width + i, p.rel->row->kids[i]);
        if (!(terms[i] = bind_equal(&b, x, l, k, e)))
            return false;
        /* what may be equal is no row that NOT IN lets through */
        if (not ) {
            const struct rex *unknown = rex_call(a, "IS NULL", "POSTFIX", type_simple(a, L_BOOLEAN, false), &terms[i], 1);
            terms[i] = rex_call(a, "OR", "BINARY", terms[i]->type, REX_OPS(unknown, terms[i]));
        }
    }
    for (uint32_t i = 0; i < p.n; i++)
        terms[n++] = sided(a, p.terms[i], width);
    join(j, not ? JOIN_ANTI : JOIN_SEMI, p.rel, terms, n);
    return true;
}

/* --- values --- */

static bool one_row(const struct rel *r)
{
    return (r->kind == REL_AGGREGATE && !r->n_keys) || (r->kind == REL_VALUES && r->n_tuples <= 1) ||
        (r->kind == REL_SORT && r->fetch == 1) || ((r->kind == REL_PROJECT || r->kind == REL_FILTER) && one_row(r->inputs[0]));
}

/* What column i is where an aggregate of all rows has none: its counts are 0, the others NULL. */
static const struct rex *when_empty(const struct joining *j, const struct rel *r, uint32_t i)
{
    struct arena *a = j->q->a;
    if (r->kind == REL_AGGREGATE)
        return i >= r->n_keys && !strcmp(r->calls[i - r->n_keys].name, "$COUNT$1") ? rex_literal(a, value_int(0), r->row->kids[i])
                                                                                   : rex_null(a, r->row->kids[i]);
    if (r->kind == REL_FILTER)
        return when_empty(j, r->inputs[0], i);
    if (r->kind != REL_PROJECT)
        return rex_null(a, r->row->kids[i]);
    const struct rex **below = arena_array(a, r->inputs[0]->row->n + 1u, sizeof *below);
    for (uint32_t c = 0; c < r->inputs[0]->row->n; c++)
        below[c] = when_empty(j, r->inputs[0], c);
    return rex_simplify(&j->q->simplify, rex_over(a, r->exprs[i], below));
}

static const struct rex *scalar(const struct joining *j, const struct ast *x, struct err *e)
{
    struct arena *a = j->q->a;
    struct rel *r = query_of(j, x, e);
    struct pulled p;
    const struct rex *terms[TERMS_MAX];
    if (!r)
        return NULL;
    if (r->row->n != 1)
        return query_wrong(j->q, x->at, e, "a query that is a value has one column, this one %u", r->row->n), NULL;
    if (!one_row(r)) {
        struct rel_call one = call_of(j, "$SINGLE_VALUE$1", "$f0", 0, type_nullable(a, r->row->kids[0], true));
        r = aggregate(j, r, 0, &one, 1);
    }
    if (!query_pull(j->q, r, &p, e))
        return NULL;
    uint32_t width = j->f->rel->row->n;
    for (uint32_t i = 0; i < p.n; i++)
        terms[i] = sided(a, p.terms[i], width);
    const struct rex *empty = when_empty(j, r, 0);
    bool counted = p.grouped && !rex_is_null(empty);
    join(j, JOIN_LEFT, p.rel, terms, p.n);
    const struct rex *v = rel_column(a, j->f->rel, width);
    if (!counted)
        return v;
    const struct rex *key = rel_column(a, j->f->rel, width + 1);
    const struct rex *missing = rex_call(a, "IS NULL", "POSTFIX", type_simple(a, L_BOOLEAN, false), &key, 1);
    return rex_call(a, "CASE", "SPECIAL", type_nullable(a, v->type, empty->type->nullable), REX_OPS(missing, empty, v));
}

const struct rex *query_scalar(struct query *q, struct from *f, const struct ast *x, struct err *e)
{
    const struct joining j = {q, f};
    return scalar(&j, x, e);
}

/* Each row of r once, with TRUE behind it; joined so that TRUE is NULL where there is none: that column. */
static const struct rex *marked(const struct joining *j, struct rel *r, const struct rex *const *terms, uint32_t n)
{
    struct arena *a = j->q->a;
    const struct rel_call none = {0};
    struct rel *each = aggregate(j, r, r->row->n, &none, 0);
    uint32_t width = j->f->rel->row->n, k = each->row->n;
    const struct rex **exprs = arena_array(a, k + 1u, sizeof *exprs);
    const char **names = arena_array(a, k + 1u, sizeof *names);
    for (uint32_t i = 0; i < k; i++) {
        exprs[i] = rel_column(a, each, i);
        names[i] = each->row->names[i];
    }
    exprs[k] = rex_bool(a, true);
    names[k] = "i";
    join(j, JOIN_LEFT, rel_project(a, each, exprs, names, k + 1), terms, n);
    return rel_column(a, j->f->rel, width + k);
}

static const struct rex *present(struct arena *a, const struct rex *mark, bool there)
{
    return rex_call(a, there ? "IS NOT NULL" : "IS NULL", "POSTFIX", type_simple(a, L_BOOLEAN, false), &mark, 1);
}

static const struct rex *exists_value(const struct joining *j, struct rel *r, struct err *e)
{
    struct arena *a = j->q->a;
    struct pulled p;
    const struct rex *terms[TERMS_MAX];
    uint32_t width = j->f->rel->row->n;
    if (always_rows(r))
        return rex_bool(a, true);
    if (!query_pull(j->q, r, &p, e))
        return NULL;
    if (!p.n) {
        join(j, JOIN_INNER, any_row(j, p.rel), NULL, 0);
        return rel_column(a, j->f->rel, width);
    }
    only_used(j, &p);
    for (uint32_t i = 0; i < p.n; i++)
        if (!rex_is_call(p.terms[i], "="))
            return query_wrong(j->q, r->at, e,
                               "EXISTS inside an expression needs column = column; other conditions are not there yet"),
                   NULL;
        else
            terms[i] = sided(a, p.terms[i], width);
    return present(a, marked(j, p.rel, terms, p.n), true);
}

/* CASE WHEN there are no rows THEN FALSE WHEN v IS NULL THEN NULL WHEN one is v THEN TRUE WHEN one is NULL THEN NULL ELSE FALSE */
static const struct rex *in_value(const struct joining *j, const struct ast *x, struct rel *r, const struct ast *operand,
                                  struct err *e)
{
    struct arena *a = j->q->a;
    struct binder b = query_binder(j->q);
    struct pulled p;
    const struct rex *v = operand->kind == AST_ROW ? NULL : bind_expr(&b, &j->f->scope, operand, e), *term, *count, *known;
    if (e->kind != ERR_NONE || !query_pull(j->q, r, &p, e))
        return NULL;
    if (!v || p.n)
        return query_wrong(j->q, x->at, e,
                           "IN inside an expression takes one value and a query that stands by itself; others are not there yet"),
               NULL;
    if (!width_fits(j, x, r, 1, e))
        return NULL;
    bool nullable = v->type->nullable || r->row->kids[0]->nullable;
    uint32_t at = j->f->rel->row->n;
    if (nullable) {
        const struct ltype *bigint = type_simple(a, L_BIGINT, false);
        struct rel_call calls[] = {call_of(j, "$COUNT$1", "c", -1, bigint),
                                   call_of(j, "$COUNT$1", "ck", r->row->kids[0]->nullable ? 0 : -1, bigint)};
        join(j, JOIN_INNER, aggregate(j, r, 0, calls, 2), NULL, 0);
        count = rel_column(a, j->f->rel, at);
        known = rel_column(a, j->f->rel, at + 1);
    }
    if (!(term = bind_equal(&b, x, v, rex_input(a, j->f->rel->row->n, r->row->kids[0]), e)))
        return NULL;
    const struct rex *found = present(a, marked(j, r, &term, 1), true);
    if (!nullable)
        return found;
    const struct ltype *truth = type_simple(a, L_BOOLEAN, false), *maybe = type_simple(a, L_BOOLEAN, true);
    const struct rex *none = rex_call(a, "=", "BINARY", truth, REX_OPS(count, rex_literal(a, value_int(0), rex_int(a, 0)->type)));
    const struct rex *some_null = rex_call(a, "<", "BINARY", truth, REX_OPS(known, count));
    return rex_call(a, "CASE", "SPECIAL", maybe,
                    REX_OPS(none, rex_bool(a, false), found, rex_bool(a, true), present(a, v, false), rex_null(a, maybe), some_null,
                            rex_null(a, maybe), rex_bool(a, false)));
}

static const struct rex *on_subquery(struct binder *b, const struct scope *s, const struct ast *x, struct err *e)
{
    const struct joining *j = b->ctx;
    const struct ast *operand;
    bool not = false;
    if (s != &j->f->scope)
        return NULL;
    if (x->kind == AST_SUBQUERY)
        return scalar(j, x, e);
    const struct ast *sub = is_op(x, "NOT") ? NULL : asked(x, &operand, &not );
    struct rel *r = sub ? query_of(j, sub, e) : NULL;
    if (!r)
        return NULL;
    const struct rex *v = operand ? in_value(j, x, r, operand, e) : exists_value(j, r, e);
    return v && not ? rex_call(j->q->a, "NOT", "PREFIX", v->type, &v, 1) : v;
}

struct binder query_joining(struct query *q, struct from *f)
{
    struct joining *j = arena_alloc(q->a, sizeof *j);
    struct binder b = query_binder(q);
    *j = (struct joining){q, f};
    b.hook = on_subquery;
    b.ctx = j;
    return b;
}

/* --- WHERE --- */

static bool ask(const struct joining *j, const struct ast *x, bool *done, struct err *e)
{
    const struct ast *operand;
    bool not = false;
    const struct ast *sub = asked(x, &operand, &not );
    *done = sub;
    if (!sub)
        return true;
    struct rel *r = query_of(j, sub, e);
    return r && (operand ? in(j, x, r, operand, not, e) : exists(j, r, not, e));
}

static struct rel *narrowed(struct query *q, struct rel *r, const struct rel *to)
{
    const struct rex **exprs = arena_array(q->a, to->row->n + 1u, sizeof *exprs);
    for (uint32_t i = 0; i < to->row->n; i++)
        exprs[i] = rel_column(q->a, r, i);
    return r->row->n > to->row->n ? rel_project(q->a, r, exprs, to->row->names, to->row->n) : r;
}

bool query_where(struct query *q, struct from *f, const struct ast *condition, struct err *e)
{
    struct binder b = query_joining(q, f);
    const struct rel *from = f->rel;
    const struct rex *terms[TERMS_MAX];
    const struct ast *self[] = {condition}, *rest[TERMS_MAX];
    const struct ast *const *asts = self;
    uint32_t n = 1, n_rest = 0, n_terms = 0;
    if (is_op(condition, "AND")) {
        asts = (const struct ast *const *)condition->kids;
        n = condition->n;
    }
    if (n > TERMS_MAX)
        return query_wrong(q, condition->at, e, "a condition of more than %d terms", TERMS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        bool done;
        if (!ask(b.ctx, asts[i], &done, e))
            return false;
        if (!done)
            rest[n_rest++] = asts[i];
    }
    if (n_rest == n) { /* no query among them */
        rest[0] = condition;
        n_rest = 1;
    }
    for (uint32_t i = 0; i < n_rest; i++)
        if (!(terms[n_terms++] = bind_condition(&b, &f->scope, rest[i], "WHERE", e)))
            return false;
    if (n_terms)
        f->rel = rel_filter(q->a, f->rel, rex_simplify_condition(&q->simplify, rex_and(q->a, terms, n_terms)));
    f->rel = narrowed(q, f->rel, from);
    return true;
}
