#include "sql/rel_push.h"

#include <string.h>

#include "sql/rex_make.h"
#include "sql/simplify.h"

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

/* --- outer joins whose rows without a partner are dropped anyway (Calcite's RelOptUtil.simplifyJoin) --- */

/* NULL when the columns [from, to) are. */
static bool null_with(const struct rex *x, uint32_t from, uint32_t to)
{
    static const char *const strict[] = {"=", "<>", "<",    "<=",  ">",    ">=",    "+",    "-",
                                         "*", "/",  "CAST", "NOT", "LIKE", "UPPER", "LOWER"};
    bool known = false;
    if (x->kind == REX_INPUT)
        return x->input >= from && x->input < to;
    for (size_t i = 0; i < sizeof strict / sizeof *strict && !known; i++)
        known = rex_is_call(x, strict[i]);
    for (uint32_t i = 0; known && i < x->n; i++)
        if (null_with(x->operands[i], from, to))
            return true;
    return false;
}

/* Not TRUE when they are. */
static bool false_with(const struct rex *x, uint32_t from, uint32_t to)
{
    bool or = rex_is_call(x, "OR");
    if (or || rex_is_call(x, "AND")) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < x->n; i++)
            n += false_with(x->operands[i], from, to);
        return or ? n == x->n : n > 0;
    }
    if (rex_is_call(x, "IS NOT NULL") || rex_is_call(x, "IS TRUE"))
        return null_with(x->operands[0], from, to);
    return null_with(x, from, to);
}

static void narrow(struct rel *j, const struct terms *where)
{
    uint32_t width = j->inputs[0]->row->n;
    bool left = false, right = false;
    for (uint32_t i = 0; i < where->n; i++) {
        left = left || false_with(where->v[i], 0, width);
        right = right || false_with(where->v[i], width, width + j->inputs[1]->row->n);
    }
    if (j->join == JOIN_FULL)
        j->join = left && right ? JOIN_INNER : left ? JOIN_LEFT : right ? JOIN_RIGHT : JOIN_FULL;
    else if ((j->join == JOIN_LEFT && right) || (j->join == JOIN_RIGHT && left))
        j->join = JOIN_INNER;
}

/* --- values that are compared with one of the other side become columns, so that they can be keys --- */

struct widened {
    const struct rex **exprs;
    const char **names;
    uint32_t n;
};

static struct widened widen(struct arena *a, const struct rel *r, uint32_t more)
{
    struct widened w = {arena_array(a, r->row->n + more + 1u, sizeof(void *)),
                        arena_array(a, r->row->n + more + 1u, sizeof(char *)), r->row->n};
    for (uint32_t i = 0; i < w.n; i++) {
        w.exprs[i] = rel_column(a, r, i);
        w.names[i] = r->row->names[i];
    }
    return w;
}

static uint32_t widened_by(struct arena *a, struct widened *w, const struct rex *x, const struct rel *r)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (rex_same(w->exprs[i], x))
            return i;
    bool cast = rex_is_call(x, "CAST") && x->operands[0]->kind == REX_INPUT;
    w->names[w->n] = cast ? r->row->names[x->operands[0]->input] : arena_printf(a, "$f%u", w->n);
    w->exprs[w->n] = x;
    return w->n++;
}

static bool wants_columns(const struct rex *x, uint32_t width, uint32_t all)
{
    bool l[2], r[2];
    if (!rex_is_call(x, "=") || (x->operands[0]->kind == REX_INPUT && x->operands[1]->kind == REX_INPUT))
        return false;
    sides(x->operands[0], width, all, &l[0], &r[0]);
    sides(x->operands[1], width, all, &l[1], &r[1]);
    return l[0] != r[0] && l[1] != r[1] && l[0] == r[1];
}

static struct rel *joined(struct arena *a, const struct rel *j, struct rel *l, struct rel *r, struct terms *on)
{
    uint32_t width = l->row->n, right = r->row->n;
    struct widened w[2] = {widen(a, l, on->n), widen(a, r, on->n)};
    struct {
        uint32_t term, side[2];
    } pairs[TERMS_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < on->n; i++) {
        bool left, other;
        if (!wants_columns(on->v[i], width, width + right))
            continue;
        pairs[n].term = i;
        for (int k = 0; k < 2; k++) {
            const struct rex *x = on->v[i]->operands[k];
            sides(x, width, width + right, &left, &other);
            pairs[n].side[left ? 0 : 1] = widened_by(a, &w[!left], left ? x : rex_moved(a, x, -(int)width), left ? l : r);
        }
        n++;
    }
    struct rel *to = rel_of(a, REL_JOIN, j->at, 2,
                            (struct rel *const[]){w[0].n > width ? rel_project(a, l, w[0].exprs, w[0].names, w[0].n) : l,
                                                  w[1].n > right ? rel_project(a, r, w[1].exprs, w[1].names, w[1].n) : r});
    to->join = j->join;
    to->row = j->row;
    memcpy(to->ttl, j->ttl, sizeof to->ttl);
    uint32_t more = w[0].n - width; /* what stands behind the left side moves by that */
    const struct rex **map = arena_array(a, width + right + 1u, sizeof *map);
    for (uint32_t i = 0; i < width + right; i++)
        map[i] = i < width ? rex_input(a, i, l->row->kids[i]) : rex_input(a, i + more, r->row->kids[i - width]);
    for (uint32_t i = 0; i < on->n; i++)
        on->v[i] = more ? rex_over(a, on->v[i], map) : on->v[i];
    for (uint32_t i = 0; i < n; i++) {
        const struct rex *x = rex_input(a, pairs[i].side[0], w[0].exprs[pairs[i].side[0]]->type),
                         *y = rex_input(a, pairs[i].side[1] + w[0].n, w[1].exprs[pairs[i].side[1]]->type);
        on->v[pairs[i].term] = rex_call(a, "=", "BINARY", on->v[pairs[i].term]->type, REX_OPS(x, y));
    }
    to->condition = rex_and(a, on->v, on->n);
    if (!n)
        return to;
    to->row = rel_joined_row(a, to->inputs[0]->row, to->inputs[1]->row, j->join);
    const struct rex **back = arena_array(a, j->row->n + 1u, sizeof *back);
    for (uint32_t i = 0; i < j->row->n; i++)
        back[i] = rel_column(a, to, i < width ? i : i + more);
    return rel_project(a, to, back, j->row->names, j->row->n);
}

/* --- joins --- */

static struct rel *push_join(struct arena *a, struct rel *j, const struct terms *where, struct terms *left_over)
{
    struct terms on = {0}, own = {0}, l = {0}, r = {0}, stay = {0};
    struct rel as = *j;
    if (j->condition && !rex_terms(j->condition, on.v, &on.n, TERMS_MAX))
        return j;
    if (on.n + where->n > TERMS_MAX)
        return NULL;
    narrow(&as, where);
    deal(a, &as, &on, false, &l, &r, &own);
    deal(a, &as, where, true, &l, &r, &stay);
    if (as.join == JOIN_INNER)
        for (uint32_t i = 0; i < stay.n; i++)
            own.v[own.n++] = stay.v[i];
    else
        *left_over = stay;
    return joined(a, &as, filtered(a, j->inputs[0], &l), filtered(a, j->inputs[1], &r), &own);
}

/* Terms over the rows in front of UNNEST go below it, those over what it makes are its own condition. */
static struct rel *push_unnest(struct arena *a, struct rel *u, const struct terms *where)
{
    struct terms below = {0}, own = {0}, stay = {0};
    struct rel *to = arena_alloc(a, sizeof *to);
    uint32_t width = u->inputs[0]->row->n;
    for (uint32_t i = 0; i < where->n; i++) {
        bool left, made;
        sides(where->v[i], width, u->row->n, &left, &made);
        if (left && !made)
            below.v[below.n++] = where->v[i];
        else if (made && !left && u->join == JOIN_INNER)
            own.v[own.n++] = rex_moved(a, where->v[i], -(int)width);
        else
            stay.v[stay.n++] = where->v[i];
    }
    *to = *u;
    to->inputs = arena_array(a, 1, sizeof *to->inputs);
    to->inputs[0] = filtered(a, u->inputs[0], &below);
    to->condition = rex_and(a, own.v, own.n);
    const struct rex *rest = rex_and(a, stay.v, stay.n);
    return rest ? rel_filter(a, to, rest) : to;
}

struct rel *rel_push(struct arena *a, struct rel *r)
{
    struct terms where = {0}, left_over = {0};
    if (r->kind == REL_FILTER && r->inputs[0]->kind == REL_UNNEST && r->inputs[0]->row->n < COLUMNS_MAX &&
        rex_terms(r->condition, where.v, &where.n, TERMS_MAX))
        return push_unnest(a, r->inputs[0], &where);
    where.n = 0;
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
