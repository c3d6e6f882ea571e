#include "sql/rel_push.h"

#include <string.h>

enum { TERMS_MAX = 512, COLUMNS_MAX = 8192 };

struct terms {
    const struct rex *v[TERMS_MAX];
    uint32_t n;
};

static void sides(const struct rex *x, uint32_t width, uint32_t all, bool *left, bool *right)
{
    static _Thread_local bool used[COLUMNS_MAX];
    memset(used, 0, all);
    rex_used(x, used, all);
    *left = *right = false;
    for (uint32_t i = 0; i < all; i++)
        if (used[i])
            *(i < width ? left : right) = true;
}

static struct rel *filtered(struct arena *a, struct rel *in, const struct terms *t)
{
    const struct rex *c = rex_and(a, t->v, t->n);
    return c ? rel_push(a, rel_filter(a, in, c)) : rel_push(a, in);
}

/* Terms that look at one side of it go there, if that gives the same rows: of WHERE (`where`) or of the join's own ON. */
static void deal(struct arena *a, struct rel *j, const struct terms *from, bool where, struct terms *l, struct terms *r,
                 struct terms *stay)
{
    uint32_t width = j->inputs[0]->row->n, all = width + j->inputs[1]->row->n;
    bool to_left = where ? j->join == JOIN_INNER || j->join == JOIN_LEFT || j->join >= JOIN_SEMI
                         : j->join == JOIN_INNER || j->join == JOIN_RIGHT || j->join == JOIN_SEMI;
    bool to_right = where ? j->join == JOIN_INNER || j->join == JOIN_RIGHT : j->join != JOIN_RIGHT && j->join != JOIN_FULL;
    for (uint32_t i = 0; i < from->n; i++) {
        bool left, right;
        sides(from->v[i], width, all, &left, &right);
        if (left && !right && to_left)
            l->v[l->n++] = from->v[i];
        else if (right && !left && to_right)
            r->v[r->n++] = rex_moved(a, from->v[i], -(int)width);
        else
            stay->v[stay->n++] = from->v[i];
    }
}

static struct rel *push_join(struct arena *a, struct rel *j, const struct terms *where, struct terms *left_over)
{
    struct terms on = {0}, own = {0}, l = {0}, r = {0}, stay = {0};
    if (j->condition && !rex_terms(j->condition, on.v, &on.n, TERMS_MAX))
        return j;
    if (on.n + where->n > TERMS_MAX)
        return NULL;
    deal(a, j, &on, false, &l, &r, &own);
    deal(a, j, where, true, &l, &r, &stay);
    struct rel *to =
        rel_of(a, REL_JOIN, j->at, 2, (struct rel *const[]){filtered(a, j->inputs[0], &l), filtered(a, j->inputs[1], &r)});
    to->join = j->join;
    to->row = j->row;
    if (j->join == JOIN_INNER)
        for (uint32_t i = 0; i < stay.n; i++)
            own.v[own.n++] = stay.v[i];
    else
        *left_over = stay;
    to->condition = rex_and(a, own.v, own.n);
    return to;
}

struct rel *rel_push(struct arena *a, struct rel *r)
{
    struct terms where = {0}, left_over = {0};
    if (r->kind == REL_FILTER && r->inputs[0]->kind == REL_JOIN && r->inputs[0]->row->n < COLUMNS_MAX &&
        rex_terms(r->condition, where.v, &where.n, TERMS_MAX)) {
        struct rel *to = push_join(a, r->inputs[0], &where, &left_over);
        const struct rex *rest = rex_and(a, left_over.v, left_over.n);
        if (to)
            return rest ? rel_filter(a, to, rest) : to;
    }
    if (r->kind == REL_JOIN && r->row->n < COLUMNS_MAX) {
        struct rel *to = push_join(a, r, &where, &left_over);
        if (to)
            return to;
    }
    for (uint32_t i = 0; i < r->n; i++)
        r->inputs[i] = rel_push(a, r->inputs[i]);
    return r;
}
