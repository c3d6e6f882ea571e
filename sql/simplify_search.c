/* Comparisons of one expression with literals, joined by AND or OR, become one SEARCH in a set of ranges (Calcite's SargCollector). */
#include <string.h>

#include "sql/coerce.h"
#include "sql/simplify.h"

enum { MAX_RANGES = 100000, MAX_GROUPS = 100 };

struct bound {
    const struct rex *at; /* NULL: without end */
    bool open;
};

struct range {
    struct bound low, high;
};

struct set {
    struct range *v;
    uint32_t n;
};

static int order_of(struct arena *a, const struct rex *x, const struct rex *y)
{
    int order = 0;
    struct rex same = *y;
    if (type_same_family(x->type, y->type))
        same.type = x->type;
    rex_compare_literals(a, x, &same, &order);
    return order;
}

static int compare_low(struct arena *a, const struct bound *x, const struct bound *y)
{
    if (!x->at || !y->at)
        return (x->at != NULL) - (y->at != NULL);
    int order = order_of(a, x->at, y->at);
    return order ? order : x->open - y->open;
}

static int compare_high(struct arena *a, const struct bound *x, const struct bound *y)
{
    if (!x->at || !y->at)
        return (y->at != NULL) - (x->at != NULL);
    int order = order_of(a, x->at, y->at);
    return order ? order : y->open - x->open;
}

/* Whether nothing lies between the end of one and the beginning of another. */
static bool touches(struct arena *a, const struct bound *high, const struct bound *low)
{
    if (!high->at || !low->at)
        return true;
    int order = order_of(a, low->at, high->at);
    return order < 0 || (!order && !(high->open && low->open));
}

static bool empty(struct arena *a, const struct range *r)
{
    if (!r->low.at || !r->high.at)
        return false;
    int order = order_of(a, r->low.at, r->high.at);
    return order > 0 || (!order && (r->low.open || r->high.open));
}

static struct set united(struct arena *a, const struct set *x, const struct set *y)
{
    struct set r = {arena_array(a, x->n + y->n + 1, sizeof *r.v), 0};
    for (uint32_t i = 0, k = 0; i < x->n || k < y->n;) {
        bool mine = k == y->n || (i < x->n && compare_low(a, &x->v[i].low, &y->v[k].low) <= 0);
        struct range next = mine ? x->v[i++] : y->v[k++];
        if (r.n && touches(a, &r.v[r.n - 1].high, &next.low)) {
            if (compare_high(a, &r.v[r.n - 1].high, &next.high) < 0)
                r.v[r.n - 1].high = next.high;
        } else {
            r.v[r.n++] = next;
        }
    }
    return r;
}

static struct set intersected(struct arena *a, const struct set *x, const struct set *y)
{
    struct set r = {arena_array(a, x->n + y->n + 1, sizeof *r.v), 0};
    for (uint32_t i = 0, k = 0; i < x->n && k < y->n;) {
        struct range c = {compare_low(a, &x->v[i].low, &y->v[k].low) >= 0 ? x->v[i].low : y->v[k].low,
                          compare_high(a, &x->v[i].high, &y->v[k].high) <= 0 ? x->v[i].high : y->v[k].high};
        if (!empty(a, &c))
            r.v[r.n++] = c;
        if (compare_high(a, &x->v[i].high, &y->v[k].high) <= 0)
            i++;
        else
            k++;
    }
    return r;
}

/* --- terms --- */

struct term {
    const struct rex *of, *with;
    const char *op; /* "=", or "IS NULL" */
};

static bool plain_literal(const struct rex *x) { return x->kind == REX_LITERAL && !rex_is_null(x) && !type_is_real(x->type); }

static bool term_of(const struct rex *x, bool and, struct term *t)
{
    static const char *const ops[] = {"=", "<>", "<", "<=", ">", ">="}, *const flipped[] = {"=", "<>", ">", ">=", "<", "<="};
    if (rex_is_call(x, and? "IS NOT NULL" : "IS NULL")) {
        *t = (struct term){x->operands[0], NULL, "IS NULL"};
        return true;
    }
    for (int i = 0; i < 6; i++)
        if (rex_is_call(x, ops[i])) {
            bool left = plain_literal(x->operands[0]), right = plain_literal(x->operands[1]);
            if (left == right)
                return false;
            *t = (struct term){x->operands[left], x->operands[!left], left ? flipped[i] : ops[i]};
            return type_same_family(t->of->type, t->with->type);
        }
    return false;
}

static struct set set_of(struct arena *a, const struct term *t)
{
    struct set r = {arena_array(a, 2, sizeof *r.v), 1};
    struct bound closed = {t->with, false}, open = {t->with, true};
    if (!strcmp(t->op, "="))
        r.v[0] = (struct range){closed, closed};
    else if (!strcmp(t->op, "<>"))
        r = (struct set){r.v, 2}, r.v[0].high = open, r.v[1].low = open;
    else if (*t->op == '<')
        r.v[0].high = t->op[1] ? closed : open;
    else
        r.v[0].low = t->op[1] ? closed : open;
    return r;
}

/* --- the search --- */

static const struct rex *searched(struct arena *a, const struct rex *of, const struct set *set, const struct ltype *type, bool and,
                                  bool nulls)
{
    struct rex *sarg = arena_alloc(a, sizeof *sarg);
    struct rex_range *ranges = arena_array(a, set->n + 1, sizeof *ranges);
    for (uint32_t i = 0; i < set->n; i++) {
        const struct range *r = &set->v[i];
        ranges[i] =
            (struct rex_range){r->low.at ? r->low.at->json : NULL, r->high.at ? r->high.at->json : NULL, r->low.open, r->high.open};
    }
    sarg->kind = REX_SARG;
    sarg->type = type_nullable(a, type, false);
    sarg->ranges = ranges;
    sarg->n_ranges = set->n;
    sarg->nulls = !nulls ? REX_NULL_UNKNOWN : and? REX_NULL_FALSE : REX_NULL_TRUE;
    return rex_call(a, "SEARCH", "INTERNAL", type_simple(a, L_BOOLEAN, !nulls && of->type->nullable), REX_OPS(of, sarg));
}

/* All sets as one: each with its neighbour, until one is left. */
static struct set all_of(struct arena *a, struct set *sets, uint32_t n, bool and)
{
    for (; n > 1; n = (n + 1) / 2)
        for (uint32_t i = 0; i < n; i += 2)
            sets[i / 2] = i + 1 == n ? sets[i] : and? intersected(a, &sets[i], &sets[i + 1]) : united(a, &sets[i], &sets[i + 1]);
    return sets[0];
}

/* Those of the terms that are about the same as the i-th one, which take its place when there are several. */
static void join_at(struct arena *a, const struct rex **all, uint32_t *n, uint32_t i, bool and)
{
    struct term first, t;
    struct set *sets = arena_array(a, *n + 1, sizeof *sets);
    uint32_t members = 0, compared = 0;
    bool nulls = false;
    const struct ltype **types = arena_array(a, *n + 1, sizeof *types);
    bool *mine = arena_array(a, *n + 1, sizeof *mine);
    if (!term_of(all[i], and, &first))
        return;
    for (uint32_t k = i; k < *n; k++) {
        if (!term_of(all[k], and, &t) || !rex_same(t.of, first.of) || members >= MAX_RANGES)
            continue;
        mine[k] = true;
        members++;
        if (!t.with) {
            nulls = true;
            continue;
        }
        sets[compared] = set_of(a, &t);
        types[compared++] = t.with->type;
    }
    const struct ltype *type = compared ? type_least(a, types, compared) : NULL;
    if (members < 2 || !type)
        return;
    struct set set = all_of(a, sets, compared, and);
    if (!set.n || (set.n == 1 && !set.v[0].low.at && !set.v[0].high.at))
        return;
    if (set.n == 1 && set.v[0].low.at == set.v[0].high.at && !nulls)
        return; /* a single point: x = 1 */
    uint32_t kept = i + 1;
    all[i] = searched(a, first.of, &set, type, and, nulls);
    for (uint32_t k = i + 1; k < *n; k++)
        if (!mine[k])
            all[kept++] = all[k];
    *n = kept;
}

void rex_search(struct arena *a, const struct rex **all, uint32_t *n, bool and)
{
    for (uint32_t i = 0; i < *n && i < MAX_GROUPS; i++)
        join_at(a, all, n, i, and);
}
