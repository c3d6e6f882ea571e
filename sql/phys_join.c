/* stream-exec-join, stream-exec-interval-join. */
#include <string.h>

#include "sql/phys_window.h"
#include "sql/rex_make.h"

enum { TERMS_MAX = 512, KEYS_MAX = 64 };

struct equi {
    uint32_t left[KEYS_MAX], right[KEYS_MAX]; /* columns of their sides */
    bool filter_nulls[KEYS_MAX];
    uint32_t n;
    const struct rex *rest; /* over both; NULL: none */
};

struct interval {
    bool is;
    int64_t low, high; /* left time - right time, milliseconds */
    uint32_t left, right;
    bool rowtime;
};

struct join {
    enum rel_join type;
    struct equi on;
    struct interval span;
    struct windowing windows[2]; /* of a window join */
    bool versions;               /* span.left, span.right: the times of a temporal join */
};

/* --- what holds between the sides --- */

static bool column_pair(const struct rex *x, const struct rex *y, uint32_t width, uint32_t *l, uint32_t *r)
{
    if (x->kind != REX_INPUT || y->kind != REX_INPUT || (x->input < width) == (y->input < width))
        return false;
    *l = x->input < width ? x->input : y->input;
    *r = (x->input < width ? y->input : x->input) - width;
    return true;
}

/* x + 5 SECOND, x - …, x: the column and what is added. */
static bool shifted(const struct rex *x, uint32_t *column, int64_t *by)
{
    bool minus = rex_is_call(x, "-") || rex_is_call(x, "MINUS_DATE");
    *by = 0;
    if (x->kind == REX_INPUT) {
        *column = x->input;
        return true;
    }
    if ((!minus && !rex_is_call(x, "+") && !rex_is_call(x, "DATETIME_PLUS")) || x->n != 2)
        return false;
    const struct rex *c = x->operands[0], *d = x->operands[1];
    if (!minus && c->kind == REX_LITERAL) {
        const struct rex *swap = c;
        c = d;
        d = swap;
    }
    if (c->kind != REX_INPUT || !rex_milliseconds(d, by))
        return false;
    *column = c->input;
    *by = minus ? -*by : *by;
    return true;
}

/* A comparison of the sides' times: narrows the interval. */
static bool narrows(const struct rex *x, const struct rel *r, struct interval *s, bool *low, bool *high)
{
    uint32_t width = r->inputs[0]->row->n;
    static const char *const ops[] = {"<", "<=", ">", ">=", "="};
    uint32_t a, b;
    int64_t by_a, by_b;
    int op = -1;
    for (int i = 0; i < 5; i++)
        op = rex_is_call(x, ops[i]) ? i : op;
    if (op < 0 || !shifted(x->operands[0], &a, &by_a) || !shifted(x->operands[1], &b, &by_b) || (a < width) == (b < width))
        return false;
    uint32_t l = a < width ? a : b, k = (a < width ? b : a) - width;
    const struct ltype *ta = r->inputs[0]->row->kids[l], *tb = r->inputs[1]->row->kids[k];
    bool rowtime = type_is_rowtime(ta) && type_is_rowtime(tb);
    if (!rowtime && !(type_is_proctime(ta) && type_is_proctime(tb)))
        return false;
    if ((*low || *high) && (s->left != l || s->right != k))
        return false;
    /* a + by_a OP b + by_b, as left - right OP by_b - by_a or the other way around */
    int64_t d = by_b - by_a;
    if (a >= width) {
        static const int turned[] = {2, 3, 0, 1, 4};
        op = turned[op];
        d = -d;
    }
    s->left = l;
    s->right = k;
    s->rowtime = rowtime;
    int64_t most = op == 0 ? d - 1 : d, least = op == 2 ? d + 1 : d;
    if (op <= 1 || op == 4) {
        s->high = *high && s->high < most ? s->high : most;
        *high = true;
    }
    if (op >= 2) {
        s->low = *low && s->low > least ? s->low : least;
        *low = true;
    }
    return true;
}

static bool split(struct planner *pl, const struct rel *r, struct join *j, struct err *e)
{
    const struct rex *terms[TERMS_MAX], *rest[TERMS_MAX], *plain[TERMS_MAX];
    uint32_t n = 0, n_rest = 0, n_plain = 0, width = r->inputs[0]->row->n;
    bool low = false, high = false;
    if (r->condition && !rex_terms(r->condition, terms, &n, TERMS_MAX))
        return phys_wrong(pl, r->at, e, "a condition of more than %d terms", TERMS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *l = &j->on.left[j->on.n], *k = &j->on.right[j->on.n];
        bool equal = rex_is_call(terms[i], "="), distinct = rex_is_call(terms[i], "IS NOT DISTINCT FROM");
        if ((equal || distinct) && j->on.n < KEYS_MAX && column_pair(terms[i]->operands[0], terms[i]->operands[1], width, l, k)) {
            j->on.filter_nulls[j->on.n++] = equal;
            continue;
        }
        if (rex_is_call(terms[i], REX_VERSION_AT)) {
            j->versions = true;
            j->span.left = terms[i]->operands[0]->input;
            j->span.right = terms[i]->operands[1]->input - width;
            continue;
        }
        rest[n_rest++] = terms[i];
        if (j->versions)
            continue;
        if (!narrows(terms[i], r, &j->span, &low, &high))
            plain[n_plain++] = terms[i];
    }
    j->span.is = !j->versions && low && high && r->join <= JOIN_FULL;
    j->on.rest = j->span.is ? rex_and(pl->a, plain, n_plain) : rex_and(pl->a, rest, n_rest);
    return true;
}

/* --- the node --- */

static const char *const types[] = {[JOIN_INNER] = "INNER", [JOIN_LEFT] = "LEFT", [JOIN_RIGHT] = "RIGHT",
                                    [JOIN_FULL] = "FULL",   [JOIN_SEMI] = "SEMI", [JOIN_ANTI] = "ANTI"};

static struct value spec_json(struct planner *pl, const struct join *j)
{
    struct members m = {0};
    struct value nulls = value_list(pl->a, VAL_LIST, j->on.n);
    for (uint32_t i = 0; i < j->on.n; i++)
        nulls.items[i] = value_bool(j->on.filter_nulls[i]);
    put_member(&m, "joinType", put_text(pl->a, types[j->type]));
    put_member(&m, "leftKeys", put_ints(pl->a, j->on.left, j->on.n));
    put_member(&m, "rightKeys", put_ints(pl->a, j->on.right, j->on.n));
    put_member(&m, "filterNulls", nulls);
    put_member(&m, "nonEquiCondition", j->on.rest ? rex_json(pl->a, j->on.rest) : value_null());
    return put_object(pl->a, &m);
}

/* The keys of a side in front of the exchange. */
static const struct key_sets *side_keys(const struct phys *p, uint32_t i) { return phys_keys_before(p, i); }

static struct value keys_json(struct planner *pl, const struct key_sets *k)
{
    struct value list = value_list(pl->a, VAL_LIST, k->n);
    for (uint32_t i = 0; i < k->n; i++)
        list.items[i] = put_ints(pl->a, k->sets[i].columns, k->sets[i].n);
    return list;
}

static void join_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const state[] = {"leftState", "rightState"};
    put_member(to, "joinSpec", spec_json(pl, p->spec));
    if (side_keys(p, 0)->n)
        put_member(to, "leftUpsertKeys", keys_json(pl, side_keys(p, 0)));
    if (side_keys(p, 1)->n)
        put_member(to, "rightUpsertKeys", keys_json(pl, side_keys(p, 1)));
    put_member(to, "state", put_state(pl, p, state, 2));
}

static void join_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    static const char *const names[] = {"InnerJoin",     "LeftOuterJoin", "RightOuterJoin",
                                        "FullOuterJoin", "LeftSemiJoin",  "LeftAntiJoin"};
    const struct join *j = p->spec;
    (void)pl;
    buf_printf(to, "joinType=[%s], select=", names[j->type]);
    about_columns(p->row, NULL, p->row->n, to);
}

/* Outer joins take back what they sent before a match came, and give it again when the match goes. */
static uint8_t join_kinds(const struct phys *p)
{
    const struct join *j = p->spec;
    return j->type == JOIN_INNER || j->type == JOIN_SEMI ? p->inputs[0]->kinds | p->inputs[1]->kinds
                                                         : KIND_INSERT | KIND_UPDATE | KIND_DELETE;
}

/* Rows of that side that are the same to the join have one key. */
static bool join_takes_keys(const struct phys *p, uint32_t i)
{
    const struct join *j = p->spec;
    return keys_cover(side_keys(p, i), i ? j->on.right : j->on.left, j->on.n);
}

static int join_wants(const struct phys *p, uint32_t i, enum updates asked)
{
    if (asked == UPDATES_AFTER)
        return (p->inputs[i]->kinds & KIND_UPDATE) && !join_takes_keys(p, i) ? -1 : UPDATES_AFTER;
    return UPDATES_BOTH;
}

/* FlinkRelMdUpsertKeys: the keys of the one side, where the other has at most one row for each of them; else both together. */
static void join_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    const struct join *j = p->spec;
    uint32_t width = p->inputs[0]->row->n;
    struct key_sets l = p->inputs[0]->keys, r = p->inputs[1]->keys;
    bool one_right = keys_have(&r, j->on.right, j->on.n), one_left = keys_have(&l, j->on.left, j->on.n);
    keys_kept(&l, j->on.left, j->on.n);
    keys_kept(&r, j->on.right, j->on.n);
    if (j->type >= JOIN_SEMI) {
        *to = l;
        return;
    }
    for (uint32_t i = 0; i < l.n && one_right && (j->type == JOIN_INNER || j->type == JOIN_LEFT); i++)
        keys_add(pl, to, l.sets[i].columns, l.sets[i].n);
    for (uint32_t i = 0; i < r.n; i++) {
        uint32_t *c = arena_array(pl->a, r.sets[i].n + 1u, sizeof *c);
        for (uint32_t k = 0; k < r.sets[i].n; k++)
            c[k] = r.sets[i].columns[k] + width;
        r.sets[i].columns = c;
        if (one_left && (j->type == JOIN_INNER || j->type == JOIN_RIGHT))
            keys_add(pl, to, c, r.sets[i].n);
    }
    for (uint32_t i = 0; i < l.n; i++)
        for (uint32_t k = 0; k < r.n; k++) {
            uint32_t n = l.sets[i].n, *c = arena_array(pl->a, n + r.sets[k].n + 1u, sizeof *c);
            memcpy(c, l.sets[i].columns, n * sizeof *c);
            memcpy(c + n, r.sets[k].columns, r.sets[k].n * sizeof *c);
            keys_add(pl, to, c, n + r.sets[k].n);
        }
}

static const struct phys_class join = {.type = "stream-exec-join",
                                       .version = 1,
                                       .kinds = join_kinds,
                                       .wants = join_wants,
                                       .takes_keys = join_takes_keys,
                                       .keys = join_keys,
                                       .put = join_put,
                                       .about = join_about};

static void interval_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct join *j = p->spec;
    struct members m = {0}, bounds = {0};
    put_member(&bounds, "isEventTime", value_bool(j->span.rowtime));
    put_member(&bounds, "leftLowerBound", value_int(j->span.low));
    put_member(&bounds, "leftUpperBound", value_int(j->span.high));
    put_member(&bounds, "leftTimeIndex", value_int(j->span.left));
    put_member(&bounds, "rightTimeIndex", value_int(j->span.right));
    put_member(&m, "joinSpec", spec_json(pl, j));
    put_member(&m, "windowBounds", put_object(pl->a, &bounds));
    put_member(to, "intervalJoinSpec", put_object(pl->a, &m));
}

static uint8_t inserts(const struct phys *p)
{
    (void)p;
    return KIND_INSERT;
}

static int wants_inserts(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_NONE;
}

static const struct phys_class interval_join = {.type = "stream-exec-interval-join",
                                                .version = 1,
                                                .kinds = inserts,
                                                .wants = wants_inserts,
                                                .keys = join_keys,
                                                .put = interval_put,
                                                .about = join_about};

static void window_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct join *j = p->spec;
    put_member(to, "configuration", window_config(pl));
    put_member(to, "joinSpec", spec_json(pl, j));
    put_member(to, "leftWindowing", windowing_json(pl->a, &j->windows[0]));
    put_member(to, "rightWindowing", windowing_json(pl->a, &j->windows[1]));
}

static const struct phys_class window_join = {.type = "stream-exec-window-join",
                                              .version = 1,
                                              .kinds = inserts,
                                              .wants = wants_inserts,
                                              .keys = join_keys,
                                              .put = window_put,
                                              .about = join_about};

/* --- versions --- */

static void versions_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct join *j = p->spec;
    put_member(to, "joinSpec", spec_json(pl, j));
    put_member(to, "isTemporalFunctionJoin", value_bool(false));
    put_member(to, "leftTimeAttributeIndex", value_int(j->span.left));
    put_member(to, "rightTimeAttributeIndex", value_int(j->span.right));
}

/* Versions may come by updates without what was before, if that can be had. */
static int versions_ways(const struct phys *p)
{
    (void)p;
    return 2;
}

static int versions_want(const struct phys *p, uint32_t i, enum updates asked)
{
    return i ? (p->way ? UPDATES_BOTH : UPDATES_AFTER) : (int)asked;
}

static const struct phys_class temporal_join = {.type = "stream-exec-temporal-join",
                                                .version = 1,
                                                .wants = versions_want,
                                                .ways = versions_ways,
                                                .keys = join_keys,
                                                .put = versions_put,
                                                .about = join_about};

/* The rows of a key are versions of one thing. */
static bool has_versions(struct planner *pl, const struct rel *r, const struct join *j, struct phys *right, struct err *e)
{
    if (!j->on.n)
        return phys_wrong(pl, r->at, e, "a join with versions of a table needs columns that are equal");
    phys_kinds(pl, right);
    for (uint32_t i = 0; i < right->keys.n; i++)
        if (columns_within(right->keys.sets[i].columns, right->keys.sets[i].n, j->on.right, j->on.n))
            return true;
    return phys_wrong(
        pl, r->at, e,
        "versions of a table are told apart by its PRIMARY KEY, or the query's, whose columns all have to be equal to some of the left side");
}

/* The pair of the windows' begins, or ends, among the equal columns; -1: it is not there. */
static int pair_of(const struct equi *on, int left, int right)
{
    for (uint32_t i = 0; i < on->n; i++)
        if ((int)on->left[i] == left && (int)on->right[i] == right)
            return (int)i;
    return -1;
}

static void drop_pair(struct equi *on, int at)
{
    for (uint32_t i = (uint32_t)at; i + 1 < on->n; i++) {
        on->left[i] = on->left[i + 1];
        on->right[i] = on->right[i + 1];
        on->filter_nulls[i] = on->filter_nulls[i + 1];
    }
    on->n--;
}

/* Rows of the same window are joined: both sides have one, of the same kind, and their begins and ends are equal. */
static bool joins_windows(const struct rel *r, struct join *j)
{
    struct windowing *l = &j->windows[0], *k = &j->windows[1];
    if (!windowing_of(r->inputs[0], l) || !windowing_of(r->inputs[1], k) || l->window.kind != k->window.kind ||
        l->window.size != k->window.size || l->window.step != k->window.step || l->window.offset != k->window.offset)
        return false;
    int start = pair_of(&j->on, l->start, k->start), end = pair_of(&j->on, l->end, k->end);
    if (start < 0 || end < 0)
        return false;
    drop_pair(&j->on, start > end ? start : end);
    drop_pair(&j->on, start > end ? end : start);
    return true;
}

static const struct ltype *plain_row(struct planner *pl, const struct ltype *row)
{
    const struct ltype **kinds = arena_array(pl->a, row->n + 1u, sizeof *kinds);
    for (uint32_t i = 0; i < row->n; i++)
        kinds[i] = type_is_timestamp(row->kids[i])
            ? type_time(pl->a, row->kids[i]->root, row->kids[i]->precision, NULL, row->kids[i]->nullable)
            : row->kids[i];
    return type_row(pl->a, row->names, kinds, row->n, false);
}

struct phys *phys_join(struct planner *pl, const struct rel *r, struct err *e)
{
    struct join *j = arena_alloc(pl->a, sizeof *j);
    struct phys *sides[2];
    j->type = r->join;
    if (!split(pl, r, j, e))
        return NULL;
    bool windows = !j->versions && joins_windows(r, j), timed = windows || j->span.is || j->versions;
    for (int i = 0; i < 2; i++) {
        if (!(sides[i] = phys_rel(pl, r->inputs[i], e)))
            return NULL;
        if (!timed)
            sides[i] = phys_plain_times(pl, sides[i]);
        if (i && j->versions && !has_versions(pl, r, j, sides[i], e))
            return NULL;
        uint32_t *keys = i ? j->on.right : j->on.left;
        sides[i] = phys_exchange(pl, sides[i], keys, j->on.n);
    }
    const struct phys_class *cls = windows ? &window_join : j->span.is ? &interval_join : j->versions ? &temporal_join : &join;
    struct phys *p = phys_of(pl, cls, timed ? r->row : plain_row(pl, r->row), r->at, 2, sides);
    p->spec = j;
    p->rel = r;
    return p;
}
