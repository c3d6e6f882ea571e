/* Queries that look at columns of the query around them: their conditions on those are taken out and become a join's
 * (flink-table-planner 2.3, SubQueryDecorrelator). Columns that a query gives stay where they are; what the conditions need comes behind. */
#include <string.h>

#include "sql/query.h"
#include "sql/rex_make.h"

enum { TERMS_MAX = 256, COLUMNS_MAX = 4096 };

bool rex_has_outer(const struct rex *x)
{
    if (x->kind == REX_OUTER)
        return true;
    for (uint32_t i = 0; i < x->n; i++)
        if (rex_has_outer(x->operands[i]))
            return true;
    return false;
}

/* The step itself, not what is below it. */
static bool looks_out(const struct rel *r)
{
    bool any = r->condition && rex_has_outer(r->condition);
    uint32_t n = !r->exprs ? 0 : r->kind == REL_UNNEST ? 1 : r->row->n;
    for (uint32_t i = 0; i < n && !any; i++)
        any = rex_has_outer(r->exprs[i]);
    return any;
}

static bool anything_out(const struct rel *r)
{
    bool any = looks_out(r);
    for (uint32_t i = 0; i < r->n && !any; i++)
        any = anything_out(r->inputs[i]);
    return any;
}

static bool refuse(struct query *q, const struct rel *r, struct err *e)
{
    return query_wrong(q, r->at, e, "columns of the query around this one are not there yet in such a place: weir help sql");
}

static const struct rex **terms_of(struct query *q) { return arena_array(q->a, TERMS_MAX, sizeof(void *)); }

/* Each term over other columns: map[i] is where column i is now. */
static void remap(struct query *q, struct pulled *p, const struct rel *now, const uint32_t *map)
{
    const struct rex **to = terms_of(q), **columns = arena_array(q->a, COLUMNS_MAX, sizeof *columns);
    for (uint32_t i = 0; i < COLUMNS_MAX; i++)
        columns[i] = map[i] < now->row->n ? rel_column(q->a, now, map[i]) : NULL;
    for (uint32_t i = 0; i < p->n; i++)
        to[i] = rex_over(q->a, p->terms[i], columns);
    p->terms = to;
    p->rel = (struct rel *)now;
}

static void used_by(const struct pulled *p, bool *used)
{
    memset(used, 0, COLUMNS_MAX * sizeof *used);
    for (uint32_t i = 0; i < p->n; i++)
        rex_used(p->terms[i], used, COLUMNS_MAX);
}

static uint32_t *no_map(struct query *q)
{
    uint32_t *map = arena_array(q->a, COLUMNS_MAX, sizeof *map);
    for (uint32_t i = 0; i < COLUMNS_MAX; i++)
        map[i] = UINT32_MAX;
    return map;
}

/* Columns of r in another order, under their names. */
static struct rel *ordered(struct query *q, struct rel *r, const struct rex **columns, uint32_t n)
{
    const char **names = arena_array(q->a, n + 1u, sizeof *names);
    for (uint32_t i = 0; i < n; i++)
        names[i] = r->row->names[columns[i]->input];
    return rel_project(q->a, r, columns, names, n);
}

/* --- steps --- */

static bool pull_filter(struct query *q, struct rel *r, struct pulled *to, struct err *e)
{
    const struct rex *own[TERMS_MAX], *stay[TERMS_MAX], **terms = terms_of(q);
    uint32_t n_own = 0, n_stay = 0;
    if (!query_pull(q, r->inputs[0], to, e))
        return false;
    if (!rex_terms(r->condition, own, &n_own, TERMS_MAX) || to->n + n_own > TERMS_MAX)
        return query_wrong(q, r->at, e, "a condition of more than %d terms", TERMS_MAX);
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_own; i++)
        if (rex_has_outer(own[i]))
            terms[n++] = own[i];
        else
            stay[n_stay++] = own[i];
    if (to->grouped && n_stay)
        return refuse(q, r, e); /* HAVING of a group that is not there */
    memcpy(terms + n, to->terms, to->n * sizeof *terms);
    to->n += n;
    to->terms = terms;
    if (n_stay)
        to->rel = rel_filter(q->a, to->rel, rex_and(q->a, stay, n_stay));
    return true;
}

static bool pull_project(struct query *q, struct rel *r, struct pulled *to, struct err *e)
{
    bool used[COLUMNS_MAX];
    uint32_t *map = no_map(q), n = r->row->n;
    if (looks_out(r))
        return refuse(q, r, e);
    if (!query_pull(q, r->inputs[0], to, e))
        return false;
    used_by(to, used);
    const struct rex **exprs = arena_array(q->a, n + COLUMNS_MAX, sizeof *exprs);
    const char **names = arena_array(q->a, n + COLUMNS_MAX, sizeof *names);
    for (uint32_t i = 0; i < n; i++) {
        exprs[i] = r->exprs[i];
        names[i] = r->row->names[i];
        if (exprs[i]->kind == REX_INPUT && map[exprs[i]->input] == UINT32_MAX)
            map[exprs[i]->input] = i;
    }
    for (uint32_t c = 0; c < to->rel->row->n; c++)
        if (used[c] && map[c] == UINT32_MAX) {
            exprs[n] = rel_column(q->a, to->rel, c);
            names[n] = to->rel->row->names[c];
            map[c] = n++;
        }
    remap(q, to, rel_project(q->a, to->rel, exprs, names, n), map);
    return true;
}

/* column = something of the outer row: then there is one group for a row of it. */
static bool fixes(const struct rex *x)
{
    if ((!rex_is_call(x, "=") && !rex_is_call(x, "IS NOT DISTINCT FROM")) || x->n != 2)
        return false;
    const struct rex *l = x->operands[0], *r = x->operands[1];
    bool used[COLUMNS_MAX] = {0};
    if (l->kind != REX_INPUT) {
        const struct rex *swap = l;
        l = r;
        r = swap;
    }
    rex_used(r, used, COLUMNS_MAX);
    return l->kind == REX_INPUT && !memchr(used, 1, sizeof used);
}

/* The columns that the terms look at become keys, behind the others: the row is put back in order above. */
static bool pull_aggregate(struct query *q, struct rel *r, struct pulled *to, struct err *e)
{
    bool used[COLUMNS_MAX];
    uint32_t *map = no_map(q), n_more = 0, more[TERMS_MAX];
    if (!query_pull(q, r->inputs[0], to, e))
        return false;
    for (uint32_t i = 0; i < to->n; i++)
        if (!fixes(to->terms[i]))
            return query_wrong(q, r->at, e,
                               "an aggregate needs column = column of the query around it; other conditions are not there yet");
    used_by(to, used);
    for (uint32_t c = 0; c < to->rel->row->n; c++) {
        for (uint32_t k = 0; k < r->n_keys; k++)
            if (r->keys[k] == c)
                map[c] = k;
        if (used[c] && map[c] == UINT32_MAX && n_more < TERMS_MAX)
            more[n_more++] = c;
    }
    uint32_t old = r->row->n, n = old + n_more, keys = r->n_keys + n_more;
    struct rel *a = rel_of(q->a, REL_AGGREGATE, r->at, 1, &to->rel);
    const char **names = arena_array(q->a, n + 1u, sizeof *names);
    const struct ltype **types = arena_array(q->a, n + 1u, sizeof *types);
    const struct rex **exprs = arena_array(q->a, n + 1u, sizeof *exprs);
    a->n_calls = r->n_calls;
    a->calls = r->calls;
    a->n_keys = keys;
    a->keys = arena_array(q->a, keys + 1u, sizeof *a->keys);
    for (uint32_t i = 0; i < n; i++) { /* key, more key, call */
        bool mine = i >= r->n_keys && i < keys;
        uint32_t from = mine ? more[i - r->n_keys] : i < r->n_keys ? i : i - n_more;
        names[i] = mine ? to->rel->row->names[from] : r->row->names[from];
        types[i] = mine ? to->rel->row->kids[from] : r->row->kids[from];
        if (i < keys)
            a->keys[i] = mine ? from : r->keys[i];
        if (mine)
            map[from] = old + i - r->n_keys;
    }
    a->row = type_row(q->a, names, types, n, false);
    for (uint32_t i = 0; i < n; i++)
        exprs[i] = rel_column(q->a, a, i < r->n_keys ? i : i < old ? i + n_more : i - old + r->n_keys);
    to->grouped = to->grouped || (!r->n_keys && n_more);
    remap(q, to, n_more ? ordered(q, a, exprs, n) : a, map);
    return true;
}

static bool pull_join(struct query *q, struct rel *r, struct pulled *to, struct err *e)
{
    struct pulled right;
    const struct rex **terms = terms_of(q);
    uint32_t *map = no_map(q), l_old = r->inputs[0]->row->n, r_old = r->inputs[1]->row->n;
    if (!query_pull(q, r->inputs[0], to, e) || !query_pull(q, r->inputs[1], &right, e))
        return false;
    bool out = r->condition && rex_has_outer(r->condition);
    if ((out && r->join != JOIN_INNER) || (to->n && r->join != JOIN_INNER && r->join != JOIN_LEFT && r->join < JOIN_SEMI) ||
        (right.n && r->join != JOIN_INNER && r->join != JOIN_RIGHT) || to->grouped || right.grouped)
        return refuse(q, r, e);
    uint32_t l_now = to->rel->row->n, n = 0;
    /* what the left side has gained stands in the middle */
    for (uint32_t i = 0; i < COLUMNS_MAX && i < l_old + r_old; i++)
        map[i] = i < l_old ? i : i - l_old + l_now;
    struct rel *j = rel_of(q->a, REL_JOIN, r->at, 2, (struct rel *const[]){to->rel, right.rel});
    j->join = r->join;
    j->row = rel_joined_row(q->a, to->rel->row, right.rel->row, r->join);
    struct pulled own = {.terms = terms_of(q)};
    if (r->condition && !rex_terms(r->condition, (const struct rex **)own.terms, &own.n, TERMS_MAX))
        return refuse(q, r, e);
    struct rel inner = *j;
    inner.row = rel_joined_row(q->a, to->rel->row, right.rel->row, JOIN_INNER);
    remap(q, &own, &inner, map);
    const struct rex *stay[TERMS_MAX];
    uint32_t n_stay = 0;
    if (to->n + right.n + own.n > TERMS_MAX)
        return refuse(q, r, e);
    memcpy(terms, to->terms, to->n * sizeof *terms);
    n = to->n;
    for (uint32_t i = 0; i < right.n; i++)
        terms[n++] = rex_moved(q->a, right.terms[i], (int)l_now);
    for (uint32_t i = 0; i < own.n; i++)
        if (rex_has_outer(own.terms[i]))
            terms[n++] = own.terms[i];
        else
            stay[n_stay++] = own.terms[i];
    j->condition = rex_and(q->a, stay, n_stay);
    *to = (struct pulled){.rel = j, .terms = terms, .n = n};
    if (l_now == l_old || r->join >= JOIN_SEMI)
        return true;
    const struct rex **exprs = arena_array(q->a, j->row->n + 1u, sizeof *exprs);
    uint32_t *back = no_map(q), c = 0;
    for (uint32_t i = 0; i < l_old + r_old; i++)
        exprs[c++] = rel_column(q->a, j, map[i]);
    for (uint32_t i = l_old; i < j->row->n; i++)
        if (i < l_now || i >= l_now + r_old)
            exprs[c++] = rel_column(q->a, j, i);
    for (uint32_t i = 0; i < c && i < COLUMNS_MAX; i++)
        back[exprs[i]->input] = i;
    remap(q, to, ordered(q, j, exprs, c), back);
    return true;
}

bool query_pull(struct query *q, struct rel *r, struct pulled *to, struct err *e)
{
    *to = (struct pulled){.rel = r, .terms = terms_of(q)};
    if (!anything_out(r))
        return true;
    if (r->row->n + r->n_keys > COLUMNS_MAX / 2)
        return query_wrong(q, r->at, e, "more than %d columns", COLUMNS_MAX / 2);
    switch (r->kind) {
    case REL_FILTER:
        return pull_filter(q, r, to, e);
    case REL_PROJECT:
        return pull_project(q, r, to, e);
    case REL_AGGREGATE:
        return pull_aggregate(q, r, to, e);
    case REL_JOIN:
        return pull_join(q, r, to, e);
    default:
        return refuse(q, r, e);
    }
}
