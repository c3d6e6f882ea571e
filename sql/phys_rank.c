/* Top-N by ROW_NUMBER, deduplication, ORDER BY with LIMIT; OVER. */
#include <string.h>

#include "sql/phys_window.h"
#include "sql/rex_make.h"

struct rank {
    struct planner *pl;
    const struct rel *over;
    int64_t start, end;
    bool number; /* the row's number is a column of the output */
    bool one;    /* the first row of each partition, without a number */
    bool last;   /* deduplicate: the last row of a key stays */
};

static const char *const functions[] = {"$ROW_NUMBER$1", "$RANK$1", "$DENSE_RANK$1"};

/* --- rank --- */

/* ROW_NUMBER of a partition tells its rows apart; and so does what told the input's rows apart. */
static void rank_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    const struct rank *k = p->spec;
    uint32_t n = k->over->n_keys, *c = arena_array(pl->a, n + 1u, sizeof *c);
    memcpy(c, k->over->keys, n * sizeof *c);
    if (k->number)
        c[n++] = p->row->n - 1;
    if (k->number || k->one)
        keys_add(pl, to, c, n);
    struct key_sets in = p->inputs[0]->keys;
    keys_kept(&in, k->over->keys, k->over->n_keys);
    for (uint32_t i = 0; i < in.n && !k->one; i++)
        keys_add(pl, to, in.sets[i].columns, in.sets[i].n);
}

static bool descends(const struct rank *k) { return k->over->n_orders == 1 && k->over->orders[0].descending; }

/* One row of each partition: the first one stays what it is (RankUtil#outputInsertOnlyInDeduplicate: whatever it is ordered by). */
static uint8_t rank_kinds(const struct phys *p)
{
    const struct rank *k = p->spec;
    bool only = p->inputs[0]->kinds == KIND_INSERT;
    return only && k->one && !descends(k) && !phys_mini_batch(k->pl) ? KIND_INSERT : KIND_INSERT | KIND_UPDATE | KIND_DELETE;
}

/* Ways of UPDATE_FAST, RETRACT. */
static bool update_fast(struct planner *pl, const struct phys *p)
{
    const struct rank *k = p->spec;
    const struct key_sets *keys = phys_keys_before(p, 0);
    const enum monotony *m = phys_monotony(pl, p->inputs[0]);
    bool ok = m && k->over->n_orders && keys_cover(keys, k->over->keys, k->over->n_keys);
    for (uint32_t i = 0; ok && i < k->over->n_orders; i++) {
        const struct rel_order *o = &k->over->orders[i];
        ok = m[o->column] == (o->descending ? MONOTONY_INCREASING : MONOTONY_DECREASING) || m[o->column] == MONOTONY_CONSTANT;
    }
    return ok;
}

static int rank_ways(const struct phys *p) { return p->inputs[0]->kinds == KIND_INSERT ? 1 : 2; }

static int rank_wants(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)i;
    (void)asked;
    const struct rank *k = p->spec;
    if (p->inputs[0]->kinds == KIND_INSERT)
        return UPDATES_NONE;
    return p->way ? UPDATES_BOTH : update_fast(k->pl, p) ? UPDATES_AFTER : -1;
}

static int wants_before(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_BOTH;
}

static int wants_inserts(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_NONE;
}

static struct value partition_json(struct planner *pl, const struct rel *over)
{
    struct members m = {0};
    put_member(&m, "fields", put_ints(pl->a, over->keys, over->n_keys));
    return put_object(pl->a, &m);
}

static struct value range_json(struct planner *pl, const struct rank *k)
{
    struct members m = {0};
    put_member(&m, "type", put_text(pl->a, "Constant"));
    put_member(&m, "start", value_int(k->start));
    put_member(&m, "end", value_int(k->end));
    return put_object(pl->a, &m);
}

static struct value strategy_json(struct planner *pl, const struct phys *p)
{
    struct members m = {0};
    const struct key_sets *keys = phys_keys_before(p, 0);
    bool only = p->inputs[0]->kinds == KIND_INSERT;
    put_member(&m, "type", put_text(pl->a, only ? "AppendFast" : p->way ? "Retract" : "UpdateFast"));
    if (!only && !p->way)
        put_member(&m, "primaryKeys", put_ints(pl->a, keys->sets[0].columns, keys->sets[0].n));
    return put_object(pl->a, &m);
}

static void rank_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const options[][2] = {{"table.exec.rank.topn-cache-size", "10000"}};
    static const char *const state[] = {"rankState"};
    static const char *const words[] = {"ROW_NUMBER", "RANK", "DENSE_RANK"};
    const struct rank *k = p->spec;
    const char *word = words[0];
    for (int i = 0; k->over->n_calls && i < 3; i++)
        word = !strcmp(functions[i], k->over->calls[0].name) ? words[i] : word;
    put_member(to, "configuration", put_config(pl, options, 1));
    put_member(to, "rankType", put_text(pl->a, word));
    put_member(to, "partition", partition_json(pl, k->over));
    put_member(to, "orderBy", put_orders(pl, k->over->orders, k->over->n_orders));
    put_member(to, "rankRange", range_json(pl, k));
    put_member(to, "rankStrategy", strategy_json(pl, p));
    put_member(to, "outputRowNumber", value_bool(k->number));
    put_member(to, "generateUpdateBefore", value_bool(p->before));
    put_member(to, "state", put_state(pl, p, state, 1));
}

static const enum monotony *rank_monotony(struct planner *pl, const struct phys *p)
{
    const struct rank *k = p->spec;
    const enum monotony *in = phys_monotony(pl, p->inputs[0]);
    enum monotony *to = arena_array(pl->a, p->row->n + 1u, sizeof *to);
    for (uint32_t i = 0; i < k->over->n_keys; i++) {
        if (!in || in[k->over->keys[i]] != MONOTONY_CONSTANT)
            return NULL;
        to[k->over->keys[i]] = MONOTONY_CONSTANT;
    }
    if (!in || (k->one && p->inputs[0]->kinds != KIND_INSERT))
        return NULL;
    if (k->number)
        to[p->row->n - 1] = MONOTONY_CONSTANT;
    if (k->over->n_orders && !k->one) {
        const struct rel_order *o = &k->over->orders[0];
        enum monotony goes = o->descending ? MONOTONY_INCREASING : MONOTONY_DECREASING;
        to[o->column] = in[o->column] == goes || in[o->column] == MONOTONY_CONSTANT ? goes : MONOTONY_NONE;
    }
    return to;
}

static uint8_t limit_kinds(const struct phys *p)
{
    return p->inputs[0]->kinds == KIND_INSERT ? KIND_INSERT : KIND_INSERT | KIND_UPDATE | KIND_DELETE;
}

static void sort_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    const struct rank *k = p->spec;
    uint32_t *c = arena_array(pl->a, k->over->n_orders + 1u, sizeof *c);
    for (uint32_t i = 0; i < k->over->n_orders; i++)
        c[i] = k->over->orders[i].column;
    *to = p->inputs[0]->keys;
    keys_kept(to, c, k->over->n_orders);
}

static const struct phys_class rank = {.type = "stream-exec-rank",
                                       .version = 1,
                                       .kinds = rank_kinds,
                                       .ways = rank_ways,
                                       .wants = rank_wants,
                                       .keys = rank_keys,
                                       .monotony = rank_monotony,
                                       .put = rank_put};
static const struct phys_class sort_limit = {.type = "stream-exec-sort-limit",
                                             .alone = true,
                                             .version = 1,
                                             .kinds = rank_kinds,
                                             .ways = rank_ways,
                                             .wants = rank_wants,
                                             .keys = sort_keys,
                                             .put = rank_put};
static const struct phys_class limit = {.type = "stream-exec-limit",
                                        .version = 1,
                                        .alone = true,
                                        .kinds = limit_kinds,
                                        .wants = wants_before,
                                        .keys = sort_keys,
                                        .put = rank_put};

/* --- deduplicate --- */

static const struct ltype *order_type(const struct rank *k) { return k->over->inputs[0]->row->kids[k->over->orders[0].column]; }

static void dedup_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const options[][2] = {{"table.exec.deduplicate.insert-update-after-sensitive-enabled", "true"},
                                             {"table.exec.deduplicate.mini-batch.compact-changes-enabled", "false"},
                                             {"table.exec.mini-batch.enabled", "false"},
                                             {"table.exec.mini-batch.size", "-1"}};
    static const char *const state[] = {"deduplicateState"};
    const struct rank *k = p->spec;
    put_member(to, "configuration", put_config(pl, options, 4));
    put_member(to, "uniqueKeys", put_ints(pl->a, k->over->keys, k->over->n_keys));
    put_member(to, "isRowtime", value_bool(type_is_rowtime(order_type(k))));
    put_member(to, "keepLastRow", value_bool(k->last));
    put_member(to, "outputInsertOnly", value_bool(p->kinds == KIND_INSERT));
    put_member(to, "generateUpdateBefore", value_bool(p->before));
    put_member(to, "state", put_state(pl, p, state, 1));
}

static const struct phys_class dedup = {.type = "stream-exec-deduplicate",
                                        .version = 1,
                                        .kinds = rank_kinds,
                                        .wants = wants_inserts,
                                        .keys = rank_keys,
                                        .monotony = rank_monotony,
                                        .put = dedup_put};

/* --- rows of windows --- */

struct of_window {
    struct rank k;
    struct windowing w;
    uint32_t n_keys, *keys; /* without the window's columns */
};

static void window_rank_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct of_window *x = p->spec;
    struct members m = {0};
    put_member(&m, "fields", put_ints(pl->a, x->keys, x->n_keys));
    put_member(to, "configuration", window_config(pl));
    put_member(to, "rankType", put_text(pl->a, "ROW_NUMBER"));
    put_member(to, "partitionSpec", put_object(pl->a, &m));
    put_member(to, "sortSpec", put_orders(pl, x->k.over->orders, x->k.over->n_orders));
    put_member(to, "rankRange", range_json(pl, &x->k));
    put_member(to, "outputRowNumber", value_bool(x->k.number));
    put_member(to, "windowing", windowing_json(pl->a, &x->w));
}

static void window_dedup_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct of_window *x = p->spec;
    put_member(to, "configuration", window_config(pl));
    put_member(to, "partitionKeys", put_ints(pl->a, x->keys, x->n_keys));
    put_member(to, "orderKey", value_int(x->k.over->orders[0].column));
    put_member(to, "keepLastRow", value_bool(x->k.last));
    put_member(to, "windowing", windowing_json(pl->a, &x->w));
}

static uint8_t inserts(const struct phys *p)
{
    (void)p;
    return KIND_INSERT;
}

static const struct phys_class window_rank = {
    .type = "stream-exec-window-rank", .version = 1, .kinds = inserts, .wants = wants_inserts, .put = window_rank_put};
static const struct phys_class window_dedup = {
    .type = "stream-exec-window-deduplicate", .version = 1, .kinds = inserts, .wants = wants_inserts, .put = window_dedup_put};

/* --- a filter over a number --- */

static bool whole(struct arena *a, const struct value *v, const struct ltype *type, int64_t *to)
{
    struct number n;
    return rex_number(a, rex_literal(a, *v, type), &n) && number_int(&n, to);
}

/* number BETWEEN 2 AND 4 */
static bool between(const struct rex *x, uint32_t number, int64_t *start, int64_t *end, struct arena *a)
{
    if (!rex_is_call(x, "SEARCH") || x->operands[0]->kind != REX_INPUT || x->operands[0]->input != number ||
        x->operands[1]->n_ranges != 1)
        return false;
    const struct rex_range *r = x->operands[1]->ranges;
    int64_t low = *start, high = *end;
    if ((r->lower && !whole(a, r->lower, x->operands[1]->type, &low)) ||
        (r->upper && !whole(a, r->upper, x->operands[1]->type, &high)))
        return false;
    low += r->lower && r->lower_open;
    high -= r->upper && r->upper_open;
    *start = low > *start ? low : *start;
    *end = high < *end ? high : *end;
    return true;
}

/* The range that the term gives for column `number`. */
static bool bound(const struct rex *x, uint32_t number, int64_t *start, int64_t *end, struct arena *a)
{
    static const char *const ops[] = {"<=", "<", "=", ">=", ">"}, *const turned[] = {">=", ">", "=", "<=", "<"};
    for (int i = 0; i < 5; i++)
        for (int side = 0; side < 2; side++) {
            struct number v;
            int64_t n;
            if (!rex_is_call(x, side ? turned[i] : ops[i]) || x->operands[side]->kind != REX_INPUT ||
                x->operands[side]->input != number || !rex_number(a, x->operands[!side], &v) || !number_int(&v, &n))
                continue;
            if (i <= 2 && (i == 1 ? n - 1 : n) < *end)
                *end = i == 1 ? n - 1 : n;
            if (i >= 2 && (i == 4 ? n + 1 : n) > *start)
                *start = i == 4 ? n + 1 : n;
            return true;
        }
    return between(x, number, start, end, a);
}

static struct phys *window_rows(struct planner *pl, const struct rel *over, struct rank *k, struct phys *in)
{
    struct of_window *x = arena_alloc(pl->a, sizeof *x);
    bool start = false, end = false;
    if (!windowing_of(over->inputs[0], &x->w))
        return NULL;
    x->k = *k;
    x->keys = arena_array(pl->a, over->n_keys + 1u, sizeof *x->keys);
    for (uint32_t i = 0; i < over->n_keys; i++) {
        start = start || (int)over->keys[i] == x->w.start;
        end = end || (int)over->keys[i] == x->w.end;
        if ((int)over->keys[i] != x->w.start && (int)over->keys[i] != x->w.end)
            x->keys[x->n_keys++] = over->keys[i];
    }
    if (!start || !end)
        return NULL;
    bool one = k->start == 1 && k->end == 1 && over->n_orders == 1 && type_is_rowtime(order_type(k));
    x->k.number = !one;
    struct phys *e = phys_exchange(pl, in, x->keys, x->n_keys);
    struct phys *p = phys_of(pl, one ? &window_dedup : &window_rank, one ? in->row : over->row, over->at, 1, &e);
    p->spec = x;
    return p;
}

/* Whether anything above the filter looks at the number. */
static bool number_wanted(const struct rel *f, const struct rel *project, uint32_t number)
{
    bool used[4096] = {0};
    if (!f->wanted || number >= 4096)
        return true;
    for (uint32_t i = 0; i < f->row->n; i++)
        if (f->wanted[i] && project)
            rex_used(project->exprs[i], used, 4096);
        else if (i < 4096 && f->wanted[i])
            used[i] = true;
    return used[number];
}

struct phys *phys_rank(struct planner *pl, const struct rel *f, struct err *e)
{
    const struct rel *project = f->inputs[0]->kind == REL_PROJECT ? f->inputs[0] : NULL,
                     *over = project ? project->inputs[0] : f->inputs[0];
    const struct rex *terms[64], *rest[64];
    uint32_t n = 0, n_rest = 0, number = 0;
    struct rank *k = arena_alloc(pl->a, sizeof *k);
    bool known = false;
    if (over->kind != REL_OVER || over->n_calls != 1 || !rex_terms(f->condition, terms, &n, 64))
        return NULL;
    for (int i = 0; i < 3; i++)
        known = known || !strcmp(functions[i], over->calls[0].name);
    number = over->row->n - 1;
    *k = (struct rank){.pl = pl, .over = over, .start = 1, .end = INT64_MAX, .number = true};
    for (uint32_t i = 0; i < n; i++) {
        const struct rex *x = project ? rex_over(pl->a, terms[i], project->exprs) : terms[i];
        if (!bound(x, number, &k->start, &k->end, pl->a))
            rest[n_rest++] = x;
    }
    if (!known || k->end == INT64_MAX)
        return NULL;
    if (strcmp(over->calls[0].name, functions[0]) != 0)
        return phys_wrong(pl, f->at, e, "Top-N by RANK and DENSE_RANK is not there yet, as in Flink: ROW_NUMBER"), NULL;
    if (k->end < k->start || k->end < 1)
        return phys_wrong(pl, f->at, e, "no row has such a number"), NULL;
    struct phys *in = phys_rel(pl, over->inputs[0], e);
    if (!in)
        return NULL;
    k->last = over->n_orders && over->orders[0].descending;
    struct phys *p = window_rows(pl, over, k, in);
    if (!p) {
        bool time = over->n_orders == 1 && (type_is_rowtime(order_type(k)) || type_is_proctime(order_type(k)));
        struct phys *x = phys_exchange(pl, in, over->keys, over->n_keys);
        phys_kinds(pl, in);
        k->number = k->start != k->end && number_wanted(f, project, number); /* else it is a constant */
        k->one = k->start == 1 && k->end == 1;
        p = phys_of(pl, k->one && time && in->kinds == KIND_INSERT ? &dedup : &rank, k->number ? over->row : in->row, f->at, 1, &x);
        p->spec = k;
        p->rel = f;
    }
    /* the number of a single row is known */
    const struct rex **over_p = arena_array(pl->a, over->row->n + 1u, sizeof *over_p);
    for (uint32_t i = 0; i < over->row->n; i++)
        over_p[i] = i < p->row->n ? rex_input(pl->a, i, p->row->kids[i])
                                  : rex_literal(pl->a, value_int(k->start), type_nullable(pl->a, over->row->kids[i], false));
    const struct rex **exprs = arena_array(pl->a, f->row->n + 1u, sizeof *exprs), *condition = rex_and(pl->a, rest, n_rest);
    for (uint32_t i = 0; i < f->row->n; i++)
        exprs[i] = project ? rex_over(pl->a, project->exprs[i], over_p) : over_p[i];
    return phys_calc(pl, p, exprs, condition ? rex_over(pl->a, condition, over_p) : NULL, f->row, f->at);
}

/* --- ORDER BY, LIMIT --- */

static void sort_put(struct planner *pl, const struct phys *p, struct members *to)
{
    put_member(to, "orderBy", put_orders(pl, p->rel->orders, p->rel->n_orders));
}

static const struct phys_class temporal_sort = {
    .type = "stream-exec-temporal-sort", .version = 1, .wants = wants_inserts, .put = sort_put};

struct phys *phys_sort(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    if (r->fetch < 0 && !r->n_orders && !r->offset)
        return in;
    bool time = r->n_orders && !r->orders[0].descending && type_is_rowtime(r->row->kids[r->orders[0].column]);
    struct phys *x = phys_exchange(pl, in, NULL, 0);
    if (r->fetch < 0 && time && !r->offset) {
        struct phys *p = phys_of(pl, &temporal_sort, r->row, r->at, 1, &x);
        p->rel = r;
        return p;
    }
    if (r->fetch < 0)
        return phys_wrong(pl, r->at, e, "a stream cannot be sorted as a whole: ORDER BY its event time, or add LIMIT"), NULL;
    struct rank *k = arena_alloc(pl->a, sizeof *k);
    struct rel *over = rel_of(pl->a, REL_OVER, r->at, 1, r->inputs);
    over->orders = r->orders;
    over->n_orders = r->n_orders;
    over->keys = arena_array(pl->a, 1, sizeof *over->keys);
    *k = (struct rank){.pl = pl, .over = over, .start = r->offset + 1, .end = r->offset + r->fetch};
    struct phys *p = phys_of(pl, r->n_orders ? &sort_limit : &limit, r->row, r->at, 1, &x);
    p->spec = k;
    p->rel = r;
    return p;
}

/* --- OVER --- */

static struct value bound_json(struct planner *pl, const struct phys *p, struct value *constants)
{
    struct members m = {0}, ref = {0};
    const struct rel_bounds *b = &p->rel->bounds;
    *constants = value_list(pl->a, VAL_LIST, 1);
    constants->n = 0;
    bool current = b->before && b->before->json && b->before->json->kind == VAL_INT && !b->before->json->i;
    put_member(&m, "kind", put_text(pl->a, !b->before ? "UNBOUNDED_PRECEDING" : current ? "CURRENT_ROW" : "BOUNDED_WINDOW"));
    if (b->before && !current) {
        put_member(&m, "isPreceding", value_bool(true));
        put_member(&ref, "kind", put_text(pl->a, "INPUT_REF"));
        put_member(&ref, "inputIndex", value_int(p->inputs[0]->row->n));
        put_member(&ref, "type", type_json(pl->a, b->before->type));
        put_member(&m, "offset", put_object(pl->a, &ref));
        constants->items[constants->n++] = rex_json(pl->a, b->before);
    }
    return put_object(pl->a, &m);
}

static void over_put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct rel *r = p->rel;
    struct members spec = {0}, group = {0}, upper = {0};
    struct value groups = value_list(pl->a, VAL_LIST, 1), constants;
    put_member(&upper, "kind", put_text(pl->a, "CURRENT_ROW"));
    put_member(&group, "orderBy", put_orders(pl, r->orders, r->n_orders));
    put_member(&group, "isRows", value_bool(r->bounds.rows));
    put_member(&group, "lowerBound", bound_json(pl, p, &constants));
    put_member(&group, "upperBound", put_object(pl->a, &upper));
    put_member(&group, "aggCalls", put_calls(pl, r->calls, r->n_calls));
    groups.items[0] = put_object(pl->a, &group);
    put_member(&spec, "partition", partition_json(pl, r));
    put_member(&spec, "groups", groups);
    put_member(&spec, "constants", constants);
    put_member(&spec, "originalInputFields", value_int(p->inputs[0]->row->n));
    put_member(to, "overSpec", put_object(pl->a, &spec));
}

static bool by_time(const struct phys *p)
{
    return p->rel->n_orders == 1 &&
        (type_is_rowtime(p->inputs[0]->row->kids[p->rel->orders[0].column]) ||
         type_is_proctime(p->inputs[0]->row->kids[p->rel->orders[0].column]));
}

static uint8_t over_kinds(const struct phys *p) { return by_time(p) ? KIND_INSERT : KIND_INSERT | KIND_UPDATE | KIND_DELETE; }

static void over_version(struct planner *pl, const struct phys *p, struct members *to)
{
    over_put(pl, p, to);
    put_member(to, "unboundedOverVersion", value_int(2));
}

static void over_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    (void)pl;
    *to = p->inputs[0]->keys;
    keys_kept(to, p->rel->keys, p->rel->n_keys);
}

static const struct phys_class over = {.type = "stream-exec-over-aggregate",
                                       .version = 1,
                                       .kinds = over_kinds,
                                       .wants = wants_before,
                                       .keys = over_keys,
                                       .put = over_version};

struct phys *phys_over(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    in = phys_exchange(pl, in, r->keys, r->n_keys);
    struct phys *p = phys_of(pl, &over, r->row, r->at, 1, &in);
    p->rel = r;
    return p;
}
