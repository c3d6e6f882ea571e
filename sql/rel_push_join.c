/* Conditions and joins (flink-table-planner 2.3, FlinkFilterJoinRule; Calcite's JoinPushExpressionsRule). */
#include <string.h>

#include "sql/rel_terms.h"
#include "sql/rex_make.h"
#include "sql/simplify.h"

/* Of a table's versions none may be missing, whatever is asked of the one that is joined (FlinkFilterJoinRule#isEventTimeTemporalJoin). */
static bool of_versions(const struct rex *condition)
{
    bool found = condition && rex_is_call(condition, REX_VERSION_AT);
    for (uint32_t i = 0; condition && !found && rex_is_call(condition, "AND") && i < condition->n; i++)
        found = of_versions(condition->operands[i]);
    return found;
}

/* Terms that look at one side of it go there, if that gives the same rows: of WHERE (`where`) or of the join's own ON. */
static void deal(struct arena *a, struct rel *j, const struct terms *from, bool where, struct terms *l, struct terms *r,
                 struct terms *stay)
{
    uint32_t width = j->inputs[0]->row->n, all = width + j->inputs[1]->row->n;
    bool to_left = where ? j->join == JOIN_INNER || j->join == JOIN_LEFT || j->join >= JOIN_SEMI
                         : j->join == JOIN_INNER || j->join == JOIN_RIGHT || j->join == JOIN_SEMI;
    bool to_right = where ? j->join == JOIN_INNER || j->join == JOIN_RIGHT
                          : j->join == JOIN_INNER || j->join == JOIN_LEFT || j->join == JOIN_SEMI;
    to_right = to_right && !of_versions(j->condition);
    for (uint32_t i = 0; i < from->n; i++) {
        bool left, right;
        terms_sides(from->v[i], width, all, &left, &right);
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
    terms_sides(x->operands[0], width, all, &l[0], &r[0]);
    terms_sides(x->operands[1], width, all, &l[1], &r[1]);
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
            terms_sides(x, width, width + right, &left, &other);
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

/* --- what is known of a key is known of the other side's (FlinkFilterJoinRule#pushFiltersToAnotherSide) --- */

/* The equal columns of both sides. */
static uint32_t equal_columns(const struct terms *on, uint32_t width, uint32_t *left, uint32_t *right, uint32_t n)
{
    for (uint32_t i = 0; on && i < on->n && n < TERMS_MAX; i++) {
        const struct rex *x = on->v[i];
        if (!rex_is_call(x, "=") || x->operands[0]->kind != REX_INPUT || x->operands[1]->kind != REX_INPUT ||
            (x->operands[0]->input < width) == (x->operands[1]->input < width))
            continue;
        bool turned = x->operands[0]->input >= width;
        left[n] = x->operands[turned]->input;
        right[n++] = x->operands[!turned]->input - width;
    }
    return n;
}

static bool may_go_beyond(const struct rex *x, enum rel_join join)
{
    static const char *const ops[] = {"=", ">", ">=", "<", "<=", "<>"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (rex_is_call(x, ops[i]) && (x->operands[0]->kind == REX_LITERAL || x->operands[1]->kind == REX_LITERAL))
            return join <= JOIN_RIGHT;
    return join == JOIN_INNER && x->kind != REX_LITERAL;
}

static void add_term(struct terms *to, const struct rex *x)
{
    for (uint32_t i = 0; i < to->n; i++)
        if (rex_same(to->v[i], x))
            return;
    if (to->n < TERMS_MAX)
        to->v[to->n++] = x;
}

static void beyond(struct arena *a, const struct rel *j, const struct terms *on, const struct terms *more,
                   const struct terms *known, struct terms *l, struct terms *r)
{
    uint32_t columns[2][TERMS_MAX], width = j->inputs[0]->row->n, all = width + j->inputs[1]->row->n;
    uint32_t n = equal_columns(more, width, columns[0], columns[1], equal_columns(on, width, columns[0], columns[1], 0));
    const struct rex **map = arena_array(a, all + 1u, sizeof *map);
    bool *used = arena_array(a, all + 1u, sizeof *used);
    for (uint32_t i = 0; n && i < known->n; i++) {
        if (!may_go_beyond(known->v[i], j->join))
            continue;
        memset(used, 0, all * sizeof *used);
        rex_used(known->v[i], used, all);
        for (int side = 0; side < 2; side++) { /* from the left one, from the right one */
            bool ok = true, any = false;
            memset(map, 0, all * sizeof(*map));
            for (uint32_t k = n; k-- > 0;)
                map[columns[side][k] + (side ? width : 0)] = rel_column(a, j->inputs[!side], columns[!side][k]);
            for (uint32_t c = 0; c < all; c++) {
                ok = ok && (!used[c] || map[c]);
                any = any || used[c];
            }
            if (ok && any)
                add_term(side ? l : r, rex_over(a, known->v[i], map));
        }
    }
}

/* --- joins --- */

struct rel *push_join(struct arena *a, struct rel *j, const struct terms *where, struct terms *left_over)
{
    struct terms on = terms_none(a), own = terms_none(a), l = terms_none(a), r = terms_none(a), stay = terms_none(a);
    struct rel as = *j;
    if (j->condition && !rex_terms(j->condition, on.v, &on.n, TERMS_MAX))
        return j;
    if (on.n + where->n > TERMS_MAX)
        return NULL;
    narrow(&as, where);
    deal(a, &as, &on, false, &l, &r, &own);
    deal(a, &as, where, true, &l, &r, &stay);
    beyond(a, &as, &own, as.join == JOIN_INNER ? &stay : NULL, where, &l, &r);
    if (as.join == JOIN_INNER)
        beyond(a, &as, &on, NULL, &on, &l, &r);
    if (as.join == JOIN_INNER)
        for (uint32_t i = 0; i < stay.n; i++)
            own.v[own.n++] = stay.v[i];
    else
        *left_over = stay;
    return joined(a, &as, terms_filtered(a, j->inputs[0], &l), terms_filtered(a, j->inputs[1], &r), &own);
}
