#include "sql/query.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 4096 };

bool query_wrong(const struct query *q, struct place at, struct err *e, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return sql_fault(q->c->text, at, e, "%s", text);
}

static const struct rex *outer_column(struct binder *b, const struct scope_column *c, uint32_t up, struct place at, struct err *e)
{
    if (up > 1) {
        sql_fault(b->text, at, e, "column '%s' is of a query further out than the next one, which is not there yet", c->name);
        return NULL;
    }
    struct rex *x = arena_alloc(b->a, sizeof *x);
    *x = (struct rex){.kind = REX_OUTER, .type = type_planned(b->a, c->type), .input = c->input};
    return x;
}

struct binder query_binder(const struct query *q)
{
    return (struct binder){.a = q->a, .text = q->c->text, .outer = q->outer ? outer_column : NULL};
}

struct scope query_scope(struct query *q, const struct ltype *row, const char *alias)
{
    struct scope_column *c = arena_array(q->a, row->n + 1u, sizeof *c);
    for (uint32_t i = 0; i < row->n; i++)
        c[i] = (struct scope_column){.table = alias, .name = row->names[i], .type = row->kids[i], .input = i};
    return (struct scope){.outer = q->outer, .columns = c, .n = row->n};
}

bool query_integer(const struct ast *x, int64_t *to)
{
    char *end;
    if (!x || x->kind != AST_NUMBER)
        return false;
    *to = strtoll(x->text, &end, 10);
    return !*end && *to >= 0 && *to < INT64_MAX;
}

/* --- SELECT --- */

static bool grow(struct query *q, const struct ast *x, struct select_items *items, uint32_t *cap, struct err *e)
{
    if (items->n < *cap)
        return true;
    if (*cap >= ITEMS_MAX)
        return query_wrong(q, x->at, e, "more than %d columns", ITEMS_MAX);
    uint32_t more = *cap ? 2 * *cap : 16;
    const struct ast **asts = arena_array(q->a, more, sizeof *asts);
    const char **names = arena_array(q->a, more, sizeof *names);
    for (uint32_t i = 0; i < items->n; i++) {
        asts[i] = items->asts[i];
        names[i] = items->names[i];
    }
    items->asts = asts;
    items->names = names;
    *cap = more;
    return true;
}

static void put(struct select_items *items, const struct ast *x, const char *name)
{
    ((const struct ast **)items->asts)[items->n] = x;
    items->names[items->n++] = name;
}

/* A star as the names of its columns. */
static bool expand_star(struct query *q, const struct from *f, const struct ast *star, struct select_items *items, uint32_t *cap,
                        struct err *e)
{
    const char *table = star->n ? star->kids[star->n - 1]->text : NULL;
    uint32_t found = 0;
    for (uint32_t i = 0; i < f->scope.n; i++) {
        const struct scope_column *c = &f->scope.columns[i];
        if (table && (!c->table || strcmp(c->table, table) != 0))
            continue;
        struct ast *name = arena_alloc(q->a, sizeof *name), *parts = arena_array(q->a, 2, sizeof *parts);
        struct ast **kids = arena_array(q->a, 2, sizeof *kids);
        parts[0] = (struct ast){.kind = AST_PART, .at = star->at, .text = c->table};
        parts[1] = (struct ast){.kind = AST_PART, .at = star->at, .text = c->name};
        kids[0] = &parts[0];
        kids[1] = &parts[1];
        *name = (struct ast){.kind = AST_NAME, .at = star->at, .n = c->table ? 2 : 1, .kids = c->table ? kids : kids + 1};
        if (!grow(q, star, items, cap, e))
            return false;
        put(items, name, c->name);
        found++;
    }
    return found ||
        query_wrong(q, star->at, e, table ? "there is no table '%s'" : "there is nothing that * could stand for%s",
                    table ? table : "");
}

static bool items_of(struct query *q, const struct from *f, const struct ast *list, struct select_items *items, uint32_t *cap,
                     struct err *e)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const struct ast *x = list->kids[i];
        if (x->kind == AST_STAR) {
            if (!expand_star(q, f, x, items, cap, e))
                return false;
            continue;
        }
        if (!grow(q, x, items, cap, e))
            return false;
        const char *name = x->kind == AST_AS ? x->text : x->kind == AST_NAME ? x->kids[x->n - 1]->text : NULL;
        put(items, x->kind == AST_AS ? x->kids[0] : x, name);
    }
    return true;
}

/* Every column once. */
static struct rel *distinct(struct query *q, struct rel *r)
{
    struct rel *to = rel_of(q->a, REL_AGGREGATE, r->at, 1, &r);
    to->row = r->row;
    to->n_keys = r->row->n;
    to->keys = arena_array(q->a, to->n_keys + 1u, sizeof *to->keys);
    for (uint32_t i = 0; i < to->n_keys; i++)
        to->keys[i] = i;
    return to;
}

static const struct ast nothing = {.kind = AST_LIST};

void query_nothing(struct query *q, const struct ast *x, struct from *f)
{
    static const char *names[] = {"ZERO"};
    const struct ltype **types = arena_array(q->a, 1, sizeof *types);
    const struct rex **tuple = arena_array(q->a, 1, sizeof *tuple);
    const struct rex *const **tuples = arena_array(q->a, 1, sizeof *tuples);
    struct rel *r = rel_of(q->a, REL_VALUES, x->at, 0, NULL);
    tuple[0] = rex_int(q->a, 0);
    types[0] = tuple[0]->type;
    tuples[0] = tuple;
    r->tuples = tuples;
    r->n_tuples = 1;
    r->row = type_row(q->a, names, types, 1, false);
    *f = (struct from){.rel = r, .scope = {.outer = q->outer}};
}

/* ORDER BY of a SELECT: what an item's name or number says, or the item itself; other expressions become items behind all others, which
 * the result does not have. columns[i]: that of order i. */
static const struct ast *without_aliases(struct query *q, const struct ast *x, const struct select_items *items)
{
    if (x->kind == AST_NAME && x->n == 1)
        for (uint32_t i = 0; i < items->n; i++)
            if (items->names[i] && !strcmp(items->names[i], x->kids[0]->text))
                return items->asts[i];
    if (!x->n || x->kind == AST_NAME || ast_is_query(x))
        return x;
    struct ast *to = arena_alloc(q->a, sizeof *to);
    *to = *x;
    to->kids = arena_array(q->a, x->n, sizeof *to->kids);
    for (uint32_t i = 0; i < x->n; i++)
        to->kids[i] = x->kids[i] ? (struct ast *)without_aliases(q, x->kids[i], items) : NULL;
    return to;
}

static bool order_items(struct query *q, const struct ast *order, bool distinct, struct select_items *items, uint32_t cap,
                        uint32_t *columns, struct err *e)
{
    uint32_t visible = items->n;
    for (uint32_t i = 0; i < order->n; i++) {
        const struct ast *x = order->kids[i]->kids[0];
        int64_t place;
        if (query_integer(x, &place)) {
            if (place < 1 || place > visible)
                return query_wrong(q, x->at, e, "ORDER BY %lld: there are %u columns", (long long)place, visible);
            columns[i] = (uint32_t)place - 1;
            continue;
        }
        const struct ast *is = without_aliases(q, x, items);
        for (columns[i] = 0; columns[i] < items->n && !ast_same(items->asts[columns[i]], is);)
            columns[i]++;
        if (columns[i] < items->n)
            continue;
        if (distinct)
            return query_wrong(q, x->at, e, "ORDER BY of SELECT DISTINCT takes columns of the result");
        if (!grow(q, x, items, &cap, e))
            return false;
        put(items, is, NULL);
    }
    return true;
}

/* columns: of the order, or NULL; the row may then have more than *n columns. */
static struct rel *hinted_rel(struct query *q, const struct ast *x, const struct ast *order, uint32_t *columns, uint32_t *n,
                              struct err *e)
{
    struct select_items items = {0};
    struct from f = {0};
    bool all = !x->word || strcmp(x->word, "DISTINCT") != 0;
    uint32_t cap = 0;
    if (!x->kids[2])
        query_nothing(q, x, &f);
    else if (!query_from(q, x->kids[2], &f, e))
        return NULL;
    if (x->kids[3] && !query_where(q, &f, x->kids[3], e))
        return NULL;
    if (!items_of(q, &f, x->kids[1], &items, &cap, e))
        return NULL;
    *n = items.n;
    if (order && !order_items(q, order, !all, &items, cap, columns, e))
        return NULL;
    items.exprs = arena_array(q->a, items.n + 1u, sizeof *items.exprs);
    if (!query_group(q, &f, x, &items, e) || !query_hints_used(q, e))
        return NULL;
    for (uint32_t i = 0; i < items.n; i++)
        items.exprs[i] = rex_simplify(&q->simplify, items.exprs[i]);
    struct rel *r = rel_project(q->a, f.rel, items.exprs, items.names, items.n);
    r->at = x->at;
    return all ? r : distinct(q, r);
}

static struct rel *select_rel(struct query *q, const struct ast *x, const struct ast *order, uint32_t *columns, uint32_t *n,
                              struct err *e)
{
    struct hints hints = {0}, *outside = q->hints;
    struct rel *r = query_hints(q, x->kids[0], &hints, e) ? hinted_rel(q, x, order, columns, n, e) : NULL;
    q->hints = outside;
    return r;
}

/* --- VALUES, UNION --- */

/* Rows whose columns have a type that fits all of them. */
static const struct ltype *row_of_all(struct query *q, const struct ltype *const *rows, uint32_t n, struct place at, struct err *e)
{
    uint32_t width = rows[0]->n;
    const struct ltype **types = arena_array(q->a, width + 1u, sizeof *types), **each = arena_array(q->a, n + 1u, sizeof *each);
    for (uint32_t c = 0; c < width; c++) {
        for (uint32_t i = 0; i < n; i++)
            each[i] = rows[i]->kids[c];
        types[c] = type_least(q->a, each, n); /* nothing is coerced here */
        if (!types[c])
            return query_wrong(q, at, e, "column %u has types that do not fit each other: %s, %s", c + 1,
                               type_label(q->a, rows[0]->kids[c]), type_label(q->a, rows[n - 1]->kids[c])),
                   NULL;
    }
    return type_row(q->a, rows[0]->names, types, width, false);
}

static struct rel *as_row(struct query *q, struct rel *r, const struct ltype *row)
{
    struct binder b = query_binder(q);
    const struct rex **exprs = arena_array(q->a, row->n + 1u, sizeof *exprs);
    bool same = true;
    for (uint32_t i = 0; i < row->n; i++) {
        exprs[i] = rex_simplify(&q->simplify, bind_as(&b, rel_column(q->a, r, i), row->kids[i]));
        same = same && exprs[i]->kind == REX_INPUT;
    }
    return same ? r : rel_project(q->a, r, exprs, row->names, row->n);
}

static struct rel *union_of(struct query *q, struct rel *const *all, uint32_t n, struct place at, struct err *e)
{
    const struct ltype **rows = arena_array(q->a, n + 1u, sizeof *rows);
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = all[i]->row;
        if (rows[i]->n != rows[0]->n)
            return query_wrong(q, at, e, "one side of UNION has %u columns, the other %u", rows[0]->n, rows[i]->n), NULL;
    }
    const struct ltype *row = row_of_all(q, rows, n, at, e);
    if (!row)
        return NULL;
    struct rel *r = rel_of(q->a, REL_UNION, at, n, all);
    for (uint32_t i = 0; i < n; i++)
        r->inputs[i] = as_row(q, r->inputs[i], row);
    r->row = row;
    return r;
}

static bool value_rows(struct query *q, const struct ast *x, const struct rex ***rows, const struct ltype **types, struct err *e)
{
    struct binder b = query_binder(q);
    struct scope none = {0};
    for (uint32_t i = 0; i < x->n; i++) {
        const struct ast *r = x->kids[i];
        uint32_t width = r->kind == AST_ROW ? r->n : 1;
        const char **names = arena_array(q->a, width + 1u, sizeof *names);
        const struct ltype **kinds = arena_array(q->a, width + 1u, sizeof *kinds);
        rows[i] = arena_array(q->a, width + 1u, sizeof **rows);
        if (i && width != types[0]->n)
            return query_wrong(q, r->at, e, "a row of VALUES has %u columns, the first one %u", width, types[0]->n);
        for (uint32_t c = 0; c < width; c++) {
            rows[i][c] = bind_expr(&b, &none, r->kind == AST_ROW ? r->kids[c] : r, e);
            if (!rows[i][c])
                return false;
            kinds[c] = rows[i][c]->type;
            names[c] = arena_printf(q->a, "EXPR$%u", c);
        }
        types[i] = type_row(q->a, names, kinds, width, false);
    }
    return true;
}

static struct rel *values_rel(struct query *q, const struct ast *x, struct err *e)
{
    struct binder b = query_binder(q);
    const struct rex ***rows = arena_array(q->a, x->n + 1u, sizeof *rows);
    const struct ltype **types = arena_array(q->a, x->n + 1u, sizeof *types);
    if (!value_rows(q, x, rows, types, e))
        return NULL;
    const struct ltype *row = row_of_all(q, types, x->n, x->at, e);
    if (!row)
        return NULL;
    bool literal = true;
    for (uint32_t i = 0; i < x->n; i++)
        for (uint32_t c = 0; c < row->n; c++) {
            rows[i][c] = rex_simplify(&q->simplify, bind_as(&b, rows[i][c], row->kids[c]));
            literal = literal && rows[i][c]->kind == REX_LITERAL;
        }
    if (literal) {
        struct rel *r = rel_of(q->a, REL_VALUES, x->at, 0, NULL);
        r->row = row;
        r->n_tuples = x->n;
        r->tuples = (const struct rex *const **)rows;
        return r;
    }
    struct rel **all = arena_array(q->a, x->n + 1u, sizeof *all);
    for (uint32_t i = 0; i < x->n; i++) {
        struct from f;
        query_nothing(q, x, &f);
        all[i] = rel_project(q->a, f.rel, rows[i], row->names, row->n);
    }
    return x->n == 1 ? all[0] : union_of(q, all, x->n, x->at, e);
}

/* INTERSECT, EXCEPT: the rows that have, or have not, one like them on the other side, each once (ReplaceIntersectWithSemiJoinRule). */
static struct rel *matched(struct query *q, struct rel *const *sides, bool both, struct place at, struct err *e)
{
    struct rel *all = union_of(q, sides, 2, at, e);
    if (!all)
        return NULL;
    struct rel *r = rel_of(q->a, REL_JOIN, at, 2, all->inputs);
    uint32_t n = all->row->n;
    const struct rex **terms = arena_array(q->a, n + 1u, sizeof *terms);
    r->join = both ? JOIN_SEMI : JOIN_ANTI;
    r->row = r->inputs[0]->row;
    for (uint32_t i = 0; i < n; i++) {
        const struct rex *x = rel_column(q->a, r->inputs[0], i), *y = rex_input(q->a, n + i, r->inputs[1]->row->kids[i]);
        bool nullable = x->type->nullable || y->type->nullable;
        terms[i] =
            rex_call(q->a, nullable ? "IS NOT DISTINCT FROM" : "=", "BINARY", type_simple(q->a, L_BOOLEAN, false), REX_OPS(x, y));
    }
    r->condition = rex_and(q->a, terms, n);
    return distinct(q, r);
}

static struct rel *set_rel(struct query *q, const struct ast *x, struct err *e)
{
    struct rel *sides[2] = {query_rel(q, x->kids[0], e), NULL};
    sides[1] = sides[0] ? query_rel(q, x->kids[1], e) : NULL;
    if (!sides[1])
        return NULL;
    if (!strcmp(x->text, "INTERSECT") || !strcmp(x->text, "EXCEPT"))
        return matched(q, sides, *x->text == 'I', x->at, e);
    if (strcmp(x->text, "UNION ALL") != 0 && strcmp(x->text, "UNION") != 0)
        return query_wrong(q, x->at, e, "%s is not there yet: weir help sql", x->text), NULL;
    /* a chain of them is one step */
    struct rel *all[64];
    uint32_t n = 0;
    for (int i = 0; i < 2; i++)
        if (!strcmp(x->text, "UNION ALL") && sides[i]->kind == REL_UNION && sides[i]->n + n < 63)
            for (uint32_t k = 0; k < sides[i]->n; k++)
                all[n++] = sides[i]->inputs[k];
        else
            all[n++] = sides[i];
    struct rel *r = union_of(q, all, n, x->at, e);
    return r && !strcmp(x->text, "UNION") ? distinct(q, r) : r;
}

/* --- ORDER BY, LIMIT --- */

static bool order_column(struct query *q, struct rel *r, const struct ast *x, uint32_t *to, struct err *e)
{
    int64_t place;
    if (query_integer(x, &place)) {
        if (place < 1 || place > r->row->n)
            return query_wrong(q, x->at, e, "ORDER BY %lld: there are %u columns", (long long)place, r->row->n);
        *to = (uint32_t)place - 1;
        return true;
    }
    const char *name = x->kind == AST_NAME ? x->kids[x->n - 1]->text : NULL;
    for (uint32_t i = 0; name && i < r->row->n; i++)
        if (!strcmp(r->row->names[i], name)) {
            *to = i;
            return true;
        }
    return query_wrong(q, x->at, e, "ORDER BY behind such a query takes columns of its result, by name or number");
}

static struct rel *order_rel(struct query *q, const struct ast *x, struct err *e)
{
    const struct ast *list = x->kids[1] ? x->kids[1] : &nothing;
    uint32_t *columns = arena_array(q->a, list->n + 1u, sizeof *columns), n = 0;
    bool select = x->kids[0]->kind == AST_SELECT;
    struct rel *in = select ? select_rel(q, x->kids[0], list, columns, &n, e) : query_rel(q, x->kids[0], e);
    if (!in)
        return NULL;
    struct rel *r = rel_of(q->a, REL_SORT, x->at, 1, &in);
    r->row = in->row;
    r->n_orders = list->n;
    r->orders = arena_array(q->a, list->n + 1u, sizeof *r->orders);
    for (uint32_t i = 0; i < list->n; i++) {
        const struct ast *s = list->kids[i];
        struct rel_order *o = &r->orders[i];
        o->descending = s->word && !strcmp(s->word, "DESC");
        o->nulls_last = s->text ? !strcmp(s->text, "NULLS LAST") : o->descending; /* Flink's default: NULL is the least */
        o->column = columns[i];
        if (!select && !order_column(q, in, s->kids[0], &o->column, e))
            return NULL;
    }
    if (ast_kid(x, 2) && !query_integer(x->kids[2], &r->offset))
        return query_wrong(q, x->kids[2]->at, e, "OFFSET needs a number of rows"), NULL;
    if (ast_kid(x, 3) && !query_integer(x->kids[3], &r->fetch))
        return query_wrong(q, x->kids[3]->at, e, "LIMIT needs a number of rows"), NULL;
    if (!select || n == r->row->n)
        return r;
    const struct rex **exprs = arena_array(q->a, n + 1u, sizeof *exprs);
    for (uint32_t i = 0; i < n; i++)
        exprs[i] = rel_column(q->a, r, i);
    return rel_project(q->a, r, exprs, r->row->names, n);
}

/* --- WITH --- */

static struct rel *with_rel(struct query *q, const struct ast *x, struct err *e)
{
    const struct named_query *before = q->named;
    for (uint32_t i = 0; i < x->kids[0]->n; i++) {
        const struct ast *k = x->kids[0]->kids[i];
        struct named_query *n = arena_alloc(q->a, sizeof *n);
        *n = (struct named_query){.before = q->named, .name = k->text, .columns = k->kids[0], .query = k->kids[1]};
        q->named = n;
    }
    struct rel *r = query_rel(q, x->kids[1], e);
    q->named = before;
    return r;
}

struct rel *query_rel(struct query *q, const struct ast *x, struct err *e)
{
    uint32_t n;
    switch (x->kind) {
    case AST_SELECT:
        return select_rel(q, x, NULL, NULL, &n, e);
    case AST_VALUES:
        return values_rel(q, x, e);
    case AST_SET_OP:
        return set_rel(q, x, e);
    case AST_ORDER:
        return order_rel(q, x, e);
    case AST_WITH:
        return with_rel(q, x, e);
    case AST_SUBQUERY:
        return query_rel(q, x->kids[0], e);
    default:
        return query_wrong(q, x->at, e, "this is no query that weir knows: weir help sql"), NULL;
    }
}
