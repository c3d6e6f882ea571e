/* GROUPING SETS, ROLLUP and CUBE: each row once for every set, with NULL in place of the keys that the set does not have, and the set's number in a
 * column of its own (flink-table-planner 2.3, DecomposeGroupingSetsRule, ExpandUtil). */
#include <string.h>
#include <strings.h>

#include "sql/query.h"
#include "sql/rex_make.h"

enum { KEYS_MAX = 31, SETS_MAX = 256 };

/* Sets as bits of keys. */
struct sets {
    uint32_t n, v[SETS_MAX];
};

struct reader {
    struct query *q;
    struct grouping *to;
    struct err *e;
};

static bool too_many(const struct reader *r, const struct ast *x)
{
    return query_wrong(r->q, x->at, r->e, "more than %d keys or %d grouping sets", KEYS_MAX, SETS_MAX);
}

/* The keys of an expression, or of several in parentheses. */
static bool keys_of(const struct reader *r, const struct ast *x, uint32_t *bits)
{
    if (x->kind == AST_LIST) {
        for (uint32_t i = 0; i < x->n; i++)
            if (!keys_of(r, x->kids[i], bits))
                return false;
        return true;
    }
    uint32_t k = 0;
    while (k < r->to->n_keys && !ast_same(r->to->keys[k], x))
        k++;
    if (k == KEYS_MAX)
        return too_many(r, x);
    if (k == r->to->n_keys)
        r->to->keys[r->to->n_keys++] = x;
    *bits |= 1u << k;
    return true;
}

static bool add(const struct reader *r, const struct ast *x, struct sets *to, uint32_t bits)
{
    if (to->n == SETS_MAX)
        return too_many(r, x);
    to->v[to->n++] = bits;
    return true;
}

static bool sets_of(const struct reader *r, const struct ast *x, struct sets *to)
{
    uint32_t bits = 0, each[KEYS_MAX];
    if (x->kind != AST_GROUPING)
        return keys_of(r, x, &bits) && add(r, x, to, bits);
    if (!strcmp(x->word, "GROUPING SETS")) {
        for (uint32_t i = 0; i < x->n; i++)
            if (!sets_of(r, x->kids[i], to))
                return false;
        return true;
    }
    if (x->n > (*x->word == 'C' ? 8 : KEYS_MAX))
        return too_many(r, x);
    for (uint32_t i = 0; i < x->n; i++) {
        each[i] = 0;
        if (!keys_of(r, x->kids[i], &each[i]))
            return false;
    }
    for (uint32_t m = *x->word == 'C' ? 1u << x->n : x->n + 1; m-- > 0;) { /* CUBE: a bit an item, the first one the highest */
        bits = 0;
        for (uint32_t i = 0; i < x->n; i++)
            if (*x->word == 'C' ? m >> (x->n - 1 - i) & 1 : i < m)
                bits |= each[i];
        if (!add(r, x, to, bits))
            return false;
    }
    return true;
}

bool query_grouping(struct query *q, const struct ast *list, struct grouping *to, struct err *e)
{
    struct reader r = {q, to, e};
    struct sets all = {1, {0}};
    bool several = false;
    *to = (struct grouping){.keys = arena_array(q->a, KEYS_MAX + (list ? list->n : 0) + 1u, sizeof *to->keys)};
    for (uint32_t i = 0; list && i < list->n; i++)
        several = several || list->kids[i]->kind == AST_GROUPING;
    for (uint32_t i = 0; list && i < list->n && !several; i++) {
        const struct ast *x = list->kids[i];
        for (uint32_t k = 0; x->kind == AST_LIST && x->n && k < x->n && to->n_keys < KEYS_MAX; k++)
            to->keys[to->n_keys++] = x->kids[k];
        if (x->kind != AST_LIST)
            to->keys[to->n_keys++] = x;
    }
    if (!several)
        return true;
    for (uint32_t i = 0; i < list->n; i++) { /* each with each */
        struct sets mine = {0}, product = {0};
        if (!sets_of(&r, list->kids[i], &mine))
            return false;
        for (uint32_t k = 0; k < all.n; k++)
            for (uint32_t m = 0; m < mine.n; m++)
                if (!add(&r, list->kids[i], &product, all.v[k] | mine.v[m]))
                    return false;
        all = product;
    }
    to->n_sets = all.n;
    to->sets = arena_array(q->a, all.n + 1u, sizeof *to->sets);
    memcpy(to->sets, all.v, all.n * sizeof *to->sets);
    return true;
}

/* Keys that a set does not have are ones, the first key the highest. */
static uint32_t number_of(uint32_t bits, uint32_t n_keys)
{
    uint32_t v = 0;
    for (uint32_t i = 0; i < n_keys; i++)
        v = v << 1 | !(bits >> i & 1);
    return v;
}

const struct ltype *query_key_type(const struct query *q, const struct grouping *g, uint32_t key, const struct ltype *t)
{
    bool missing = false;
    for (uint32_t i = 0; i < g->n_sets && key < g->n_keys; i++)
        missing = missing || !(g->sets[i] >> key & 1);
    return missing ? type_nullable(q->a, t, true) : t;
}

static const struct rex *big(struct query *q, int64_t v)
{
    return rex_literal(q->a, value_int(v), type_simple(q->a, L_BIGINT, false));
}

struct rel *query_expand(struct query *q, struct rel *below, const struct grouping *g, const uint32_t *doubled, uint32_t n_doubled)
{
    struct arena *a = q->a;
    uint32_t width = below->row->n, n = width + 1 + n_doubled;
    struct rel *r = rel_of(a, REL_EXPAND, below->at, 1, &below);
    const char **names = arena_array(a, n + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, n + 1u, sizeof *types);
    const struct rex *const **tuples = arena_array(a, g->n_sets + 1u, sizeof *tuples);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = i < width ? i : i > width ? doubled[i - width - 1] : 0;
        names[i] = i == width ? "$e" : i < width ? below->row->names[i] : arena_printf(a, "%s_0", below->row->names[from]);
        types[i] =
            i == width ? type_simple(a, L_BIGINT, false) : query_key_type(q, g, i < width ? i : UINT32_MAX, below->row->kids[from]);
    }
    r->row = type_row(a, names, types, n, false);
    for (uint32_t s = 0; s < g->n_sets; s++) {
        const struct rex **tuple = arena_array(a, n + 1u, sizeof *tuple);
        for (uint32_t i = 0; i < n; i++)
            tuple[i] = i == width                         ? big(q, number_of(g->sets[s], g->n_keys))
                : i < g->n_keys && !(g->sets[s] >> i & 1) ? rex_null(a, types[i])
                                                          : rel_column(a, below, i < width ? i : doubled[i - width - 1]);
        tuples[s] = tuple;
    }
    r->tuples = tuples;
    r->n_tuples = g->n_sets;
    return r;
}

const struct rex *query_grouping_call(struct query *q, const struct grouping *g, const struct ast *x, struct err *e)
{
    const char *name = x->kind == AST_CALL && x->kids[0]->n == 1 ? x->kids[0]->kids[0]->text : "";
    const struct ast *list = ast_kid(x, 1);
    bool one = !strcasecmp(name, "GROUPING"), id = !strcasecmp(name, "GROUPING_ID");
    uint32_t columns[KEYS_MAX], n = 0;
    if (!one && !id)
        return NULL;
    if (!list || !list->n || list->n > KEYS_MAX)
        return query_wrong(q, x->at, e, "%s takes columns of GROUP BY", one ? "GROUPING" : "GROUPING_ID"), NULL;
    for (uint32_t i = 0; i < list->n; i++) {
        for (columns[n] = 0; columns[n] < g->n_keys && !ast_same(g->keys[columns[n]], list->kids[i]);)
            columns[n]++;
        if (columns[n++] == g->n_keys)
            return query_wrong(q, list->kids[i]->at, e, "this is no column of GROUP BY"), NULL;
    }
    if (!g->n_sets)
        return big(q, 0);
    const struct rex **operands = arena_array(q->a, 2u * g->n_sets + 1, sizeof *operands),
                     *number = rex_input(q->a, g->n_keys, type_simple(q->a, L_BIGINT, false));
    uint32_t n_operands = 0;
    for (uint32_t s = 0; s < g->n_sets; s++) {
        int64_t v = 0;
        for (uint32_t i = 0; i < n; i++)
            v = v << 1 | !(g->sets[s] >> columns[i] & 1);
        if (s + 1 < g->n_sets)
            operands[n_operands++] = rex_call(q->a, "=", "BINARY", type_simple(q->a, L_BOOLEAN, false),
                                              REX_OPS(number, big(q, number_of(g->sets[s], g->n_keys))));
        operands[n_operands++] = big(q, v);
    }
    return n_operands == 1 ? operands[0]
                           : rex_call(q->a, "CASE", "SPECIAL", type_simple(q->a, L_BIGINT, false), operands, n_operands);
}
