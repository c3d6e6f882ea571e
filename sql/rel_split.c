/* DISTINCT aggregates in two (table.optimizer.distinct-agg.split.enabled): first the groups in as many parts as hashes of the distinct values have
 * buckets, then these parts together, so that a group that is much larger than others is worked on in several places (flink-table-planner 2.3,
 * SplitAggregateRule, ExpandUtil). Where calls have different arguments, each row comes once for each set of hashes. */
#include <string.h>

#include "sql/coerce.h"
#include "sql/rel.h"

enum { CALLS = 62, PARTS = 2 * CALLS };

/* What a call becomes: of the parts, and of all of them together. */
static const struct {
    const char *name, *parts[2], *whole[2];
    bool hashed; /* also without DISTINCT: all rows of a group would come to one place to be taken back */
} splits[] = {{"$AVG$1", {"$$SUM0$1", "$COUNT$1"}, {"$$SUM0$1", "$$SUM0$1"}, false},
              {"$COUNT$1", {"$COUNT$1"}, {"$$SUM0$1"}, false},
              {"$MIN$1", {"$MIN$1"}, {"$MIN$1"}, true},
              {"$MAX$1", {"$MAX$1"}, {"$MAX$1"}, true},
              {"$SUM$1", {"$SUM$1"}, {"$SUM$1"}, false},
              {"$$SUM0$1", {"$$SUM0$1"}, {"$$SUM0$1"}, false},
              {"$FIRST_VALUE$1", {"$FIRST_VALUE$1"}, {"$FIRST_VALUE$1"}, true},
              {"$LAST_VALUE$1", {"$LAST_VALUE$1"}, {"$LAST_VALUE$1"}, true},
              {"$LISTAGG$1", {"$LISTAGG$1"}, {"$LISTAGG$1"}, false},
              {"$SINGLE_VALUE$1", {"$SINGLE_VALUE$1"}, {"$SINGLE_VALUE$1"}, false}};

struct split {
    struct arena *a;
    const struct rel *of;
    struct rel *in; /* with the hashes behind its columns */
    uint32_t width; /* without them */
    int64_t buckets;
    uint32_t *hash;         /* of each column of in: the one that is its hash, or itself */
    uint32_t n_full, *full; /* the columns that parts are grouped by, ascending */
    uint64_t sets[CALLS];   /* of each call, as bits of full */
    uint64_t all[CALLS];    /* the sets that there are, in Flink's order */
    uint32_t n_all;
    bool several; /* rows come once for each set */
};

static int row_of(const struct rel_call *c)
{
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++)
        if (!strcmp(splits[i].name, c->name))
            return (int)i;
    return -1;
}

static bool hashed(const struct rel_call *c) { return c->distinct || splits[row_of(c)].hashed; }

/* Types that HASH_CODE takes. */
static bool has_hash(const struct ltype *t)
{
    return type_is_number(t) || type_is_text(t) || type_is_moment(t) || t->root == L_BOOLEAN;
}

static bool splits_all(const struct rel *r)
{
    bool distinct = false;
    for (uint32_t i = 0; i < r->n_calls; i++) {
        const struct rel_call *c = &r->calls[i];
        distinct = distinct || c->distinct;
        if (row_of(c) < 0 || (!strcmp(c->name, "$LISTAGG$1") && c->n != 1))
            return false;
        for (uint32_t k = 0; hashed(c) && k < c->n; k++)
            if (!has_hash(r->inputs[0]->row->kids[c->args[k]]))
                return false;
    }
    return distinct && r->n_calls <= CALLS && r->n_keys + r->n_calls < 64 && !r->part;
}

static bool is_key(const struct rel *r, uint32_t column)
{
    for (uint32_t i = 0; i < r->n_keys; i++)
        if (r->keys[i] == column)
            return true;
    return false;
}

/* --- hashes --- */

static void add_hashes(struct split *s)
{
    struct rel *in = s->of->inputs[0];
    uint32_t width = s->width = in->row->n, n = width;
    bool *wanted = arena_array(s->a, width + 1u, sizeof *wanted);
    const struct rex **exprs = arena_array(s->a, 2u * width + 1, sizeof *exprs);
    const char **names = arena_array(s->a, 2u * width + 1, sizeof *names);
    const struct ltype *number = type_simple(s->a, L_INTEGER, false);
    s->hash = arena_array(s->a, width + 1u, sizeof *s->hash);
    for (uint32_t i = 0; i < s->of->n_calls; i++)
        for (uint32_t k = 0; hashed(&s->of->calls[i]) && k < s->of->calls[i].n; k++)
            wanted[s->of->calls[i].args[k]] = true;
    for (uint32_t c = 0; c < width; c++) {
        s->hash[c] = c;
        exprs[c] = rel_column(s->a, in, c);
        names[c] = in->row->names[c];
    }
    for (uint32_t c = 0; c < width; c++) {
        if (!wanted[c] || is_key(s->of, c))
            continue;
        const struct ltype *type = type_nullable(s->a, number, in->row->kids[c]->nullable);
        const struct rex *hash = rex_call(s->a, "HASH_CODE", NULL, type, REX_OPS(exprs[c]));
        s->hash[c] = n;
        names[n] = arena_printf(s->a, "$f%u", n);
        exprs[n++] = rex_call(s->a, "MOD", NULL, type, REX_OPS(hash, rex_int(s->a, s->buckets)));
    }
    s->in = n == width ? in : rel_project(s->a, in, exprs, names, n);
}

/* --- sets --- */

static void add_full(struct split *s, uint32_t column)
{
    uint32_t at = 0;
    while (at < s->n_full && s->full[at] < column)
        at++;
    if (at < s->n_full && s->full[at] == column)
        return;
    memmove(&s->full[at + 1], &s->full[at], (s->n_full - at) * sizeof *s->full);
    s->full[at] = column;
    s->n_full++;
}

static uint32_t place(const struct split *s, uint32_t column)
{
    uint32_t i = 0;
    while (s->full[i] != column)
        i++;
    return i;
}

static void find_sets(struct split *s)
{
    const struct rel *r = s->of;
    uint32_t n_new = 0;
    uint64_t keys = 0;
    s->full = arena_array(s->a, s->in->row->n + 1u, sizeof *s->full);
    for (uint32_t i = 0; i < r->n_keys; i++)
        add_full(s, r->keys[i]);
    for (uint32_t i = 0; i < r->n_calls; i++)
        for (uint32_t k = 0; hashed(&r->calls[i]) && k < r->calls[i].n; k++)
            add_full(s, s->hash[r->calls[i].args[k]]);
    for (uint32_t i = 0; i < r->n_keys; i++)
        keys |= UINT64_C(1) << place(s, r->keys[i]);
    for (uint32_t i = 0; i < r->n_calls; i++) {
        uint64_t set = keys;
        uint32_t at = 0;
        for (uint32_t k = 0; hashed(&r->calls[i]) && k < r->calls[i].n; k++)
            set |= UINT64_C(1) << place(s, s->hash[r->calls[i].args[k]]);
        s->sets[i] = set;
        while (at < s->n_all && s->all[at] != set)
            at++;
        if (at < s->n_all)
            continue;
        n_new += hashed(&r->calls[i]);
        /* ImmutableBitSet.ORDERING: what contains another one before it, else the lesser number */
        for (at = 0; at < s->n_all && (s->all[at] & set) != s->all[at] && ((s->all[at] & set) == set || s->all[at] < set);)
            at++;
        memmove(&s->all[at + 1], &s->all[at], (s->n_all - at) * sizeof *s->all);
        s->all[at] = set;
        s->n_all++;
    }
    s->several = n_new > 1;
}

/* Columns that a set does not have are ones, the first column the highest. */
static int64_t number_of(const struct split *s, uint64_t set)
{
    int64_t v = 0;
    for (uint32_t i = 0; i < s->n_full; i++)
        v = v << 1 | !(set >> i & 1);
    return v;
}

static const struct rex *big(struct arena *a, int64_t v) { return rex_literal(a, value_int(v), type_simple(a, L_BIGINT, false)); }

static struct rel *expanded(struct split *s)
{
    struct arena *a = s->a;
    const struct ltype *row = s->in->row;
    uint32_t width = row->n;
    struct rel *r = rel_of(a, REL_EXPAND, s->of->at, 1, &s->in);
    const char **names = arena_array(a, width + 2u, sizeof *names);
    const struct ltype **types = arena_array(a, width + 2u, sizeof *types);
    const struct rex *const **tuples = arena_array(a, s->n_all + 1u, sizeof *tuples);
    memcpy(names, row->names, width * sizeof *names);
    memcpy(types, row->kids, width * sizeof *types);
    names[width] = "$e";
    types[width] = type_simple(a, L_BIGINT, false);
    for (uint32_t i = 0; i < s->n_full; i++)
        for (uint32_t k = 0; k < s->n_all; k++)
            if (!(s->all[k] >> i & 1))
                types[s->full[i]] = type_nullable(a, row->kids[s->full[i]], true);
    for (uint32_t k = 0; k < s->n_all; k++) {
        const struct rex **tuple = arena_array(a, width + 2u, sizeof *tuple);
        for (uint32_t c = 0; c < width; c++)
            tuple[c] = rel_column(a, s->in, c);
        for (uint32_t i = 0; i < s->n_full; i++)
            if (!(s->all[k] >> i & 1))
                tuple[s->full[i]] = rex_null(a, types[s->full[i]]);
        tuple[width] = big(a, number_of(s, s->all[k]));
        tuples[k] = tuple;
    }
    r->row = type_row(a, names, types, width + 1, false);
    r->tuples = tuples;
    r->n_tuples = s->n_all;
    return r;
}

/* Behind the expanded rows: whether one is of a call's set, and whether its own filter lets it pass. filters[i]: the column of call i. */
static struct rel *filtered(struct split *s, struct rel *below, int *filters)
{
    struct arena *a = s->a;
    uint32_t width = s->in->row->n, n = width;
    const struct rex **exprs = arena_array(a, width + s->of->n_calls + 1u, sizeof *exprs);
    const char **names = arena_array(a, width + s->of->n_calls + 1u, sizeof *names);
    const struct ltype *truth = type_simple(a, L_BOOLEAN, false);
    for (uint32_t c = 0; c < width; c++) {
        exprs[c] = rel_column(a, below, c);
        names[c] = below->row->names[c];
    }
    for (uint32_t i = 0; i < s->of->n_calls; i++) {
        uint32_t k = 0;
        while (s->sets[k] != s->sets[i] || s->of->calls[k].filter != s->of->calls[i].filter)
            k++;
        if (k < i) {
            filters[i] = filters[k];
            continue;
        }
        int64_t id = number_of(s, s->sets[i]);
        const struct rex *x = rex_call(a, "=", "BINARY", truth, REX_OPS(rel_column(a, below, width), rex_int(a, id)));
        if (s->of->calls[i].filter >= 0) {
            const struct rex *own = rel_column(a, below, (uint32_t)s->of->calls[i].filter);
            x = rex_call(a, "AND", "BINARY", type_nullable(a, truth, own->type->nullable), REX_OPS(x, own));
            x = own->type->nullable ? rex_call(a, "IS TRUE", "POSTFIX", truth, REX_OPS(x)) : x;
        }
        filters[i] = (int)n;
        names[n] = arena_printf(a, "$g_%lld", (long long)id);
        exprs[n++] = x;
    }
    return rel_project(a, below, exprs, names, n);
}

/* --- aggregates --- */

static const struct ltype *call_type(struct arena *a, const char *name, const struct rel_call *c, const struct ltype *arg)
{
    if (!strcmp(name, "$COUNT$1"))
        return type_simple(a, L_BIGINT, false);
    if (!strcmp(name, "$$SUM0$1"))
        return type_nullable(a, arg->root == L_DECIMAL ? type_decimal(a, 38, arg->scale, false) : arg, false);
    return type_nullable(a, c->type, true);
}

static struct rel *aggregate(struct split *s, struct rel *below, const uint32_t *keys, uint32_t n_keys, struct rel_call *calls,
                             uint32_t n_calls)
{
    struct arena *a = s->a;
    struct rel *r = rel_of(a, REL_AGGREGATE, s->of->at, 1, &below);
    const char **names = arena_array(a, n_keys + n_calls + 1u, sizeof *names);
    const struct ltype **types = arena_array(a, n_keys + n_calls + 1u, sizeof *types);
    r->keys = arena_array(a, n_keys + 1u, sizeof *r->keys);
    r->n_keys = n_keys;
    r->calls = calls;
    r->n_calls = n_calls;
    r->part = true;
    r->ttl[0] = s->of->ttl[0];
    for (uint32_t i = 0; i < n_keys; i++) {
        r->keys[i] = keys[i];
        names[i] = below->row->names[keys[i]];
        types[i] = below->row->kids[keys[i]];
    }
    for (uint32_t i = 0; i < n_calls; i++) {
        names[n_keys + i] = calls[i].as;
        types[n_keys + i] = calls[i].type;
    }
    r->row = type_row(a, names, types, n_keys + n_calls, false);
    return r;
}

static struct rel *parts(struct split *s)
{
    struct arena *a = s->a;
    int *filters = arena_array(a, s->of->n_calls + 1u, sizeof *filters);
    struct rel_call *calls = arena_array(a, PARTS + 1u, sizeof *calls);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->of->n_calls; i++)
        filters[i] = s->of->calls[i].filter;
    struct rel *below = s->several ? filtered(s, expanded(s), filters) : s->in;
    for (uint32_t i = 0; i < s->of->n_calls; i++)
        for (int k = 0; k < 2 && splits[row_of(&s->of->calls[i])].parts[k]; k++) {
            const struct rel_call *c = &s->of->calls[i];
            struct rel_call *to = &calls[n];
            *to = *c;
            to->name = splits[row_of(c)].parts[k];
            to->syntax = !strcmp(to->name, "$COUNT$1") ? "FUNCTION_STAR" : NULL;
            to->filter = filters[i];
            to->type = call_type(a, to->name, c, c->n ? s->in->row->kids[c->args[0]] : NULL);
            to->as = arena_printf(a, "$p%u", n++);
        }
    return aggregate(s, below, s->full, s->n_full, calls, n);
}

static struct rel *together(struct split *s, struct rel *below)
{
    struct arena *a = s->a;
    struct rel_call *calls = arena_array(a, PARTS + 1u, sizeof *calls);
    uint32_t n = 0, *keys = arena_array(a, s->of->n_keys + 1u, sizeof *keys);
    for (uint32_t i = 0; i < s->of->n_keys; i++)
        keys[i] = place(s, s->of->keys[i]);
    for (uint32_t i = 0; i < s->of->n_calls; i++)
        for (int k = 0; k < 2 && splits[row_of(&s->of->calls[i])].whole[k]; k++) {
            uint32_t *arg = arena_array(a, 1, sizeof *arg);
            *arg = s->n_full + n;
            calls[n] = (struct rel_call){.name = splits[row_of(&s->of->calls[i])].whole[k], .filter = -1, .n = 1, .args = arg};
            calls[n].type = call_type(a, calls[n].name, &s->of->calls[i], below->row->kids[*arg]);
            calls[n].as = arena_printf(a, "$w%u", n);
            n++;
        }
    return aggregate(s, below, keys, s->of->n_keys, calls, n);
}

/* NULL where there is nothing to be divided. */
static const struct rex *average(struct arena *a, const struct rex *sum, const struct rex *count, const struct ltype *to)
{
    const struct ltype *truth = type_simple(a, L_BOOLEAN, false), *exact = type_decimal_quotient(a, sum->type, count->type);
    const struct ltype *pair[] = {sum->type, count->type};
    const struct ltype *type = sum->type->root == L_DECIMAL ? exact : type_least(a, pair, 2);
    const struct rex *ratio =
        rex_cast_to(a, rex_call(a, "/", "BINARY", type_nullable(a, type, false), REX_OPS(sum, count)), type_nullable(a, to, true));
    const struct rex *none = rex_call(a, "=", "BINARY", truth, REX_OPS(count, big(a, 0)));
    return rex_call(a, "CASE", "SPECIAL", type_nullable(a, to, true), REX_OPS(none, rex_null(a, to), ratio));
}

struct rel *rel_split(struct arena *a, const struct rel *r, int64_t buckets)
{
    struct split s = {.a = a, .of = r, .buckets = buckets};
    if (!splits_all(r))
        return NULL;
    add_hashes(&s);
    find_sets(&s);
    struct rel *whole = together(&s, parts(&s));
    const struct rex **exprs = arena_array(a, r->row->n + 1u, sizeof *exprs);
    uint32_t at = r->n_keys;
    for (uint32_t i = 0; i < r->n_keys; i++)
        exprs[i] = rel_column(a, whole, i);
    for (uint32_t i = 0; i < r->n_calls; i++) {
        const struct rex *x = rel_column(a, whole, at++);
        if (!strcmp(r->calls[i].name, "$AVG$1"))
            x = average(a, x, rel_column(a, whole, at++), r->calls[i].type);
        exprs[r->n_keys + i] = type_same(x->type, r->calls[i].type, false) ? x : rex_cast_to(a, x, r->calls[i].type);
    }
    return rel_project(a, whole, exprs, r->row->names, r->row->n);
}
