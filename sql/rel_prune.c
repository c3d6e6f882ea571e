#include "sql/rel_prune.h"

#include <string.h>

#include "sql/rex_make.h"

struct prune {
    struct arena *a;
    bool twice; /* sources may send changes twice, which their keys tell */
    const struct plan_tables *tables;
};

/* Where columns have gone: map[i], UINT32_MAX: nowhere. */
struct trimmed {
    struct rel *rel;
    uint32_t *map;
};

static struct trimmed trim(struct prune *p, struct rel *r, const bool *used);

static bool *flags(struct prune *p, uint32_t n) { return arena_array(p->a, n + 1u, sizeof(bool)); }

static struct rel *copy(struct prune *p, const struct rel *r)
{
    struct rel *to = arena_alloc(p->a, sizeof *to);
    *to = *r;
    to->inputs = arena_array(p->a, r->n + 1u, sizeof *to->inputs);
    for (uint32_t i = 0; i < r->n; i++)
        to->inputs[i] = r->inputs[i];
    return to;
}

static uint32_t *identity(struct prune *p, uint32_t n)
{
    uint32_t *map = arena_array(p->a, n + 1u, sizeof *map);
    for (uint32_t i = 0; i < n; i++)
        map[i] = i;
    return map;
}

/* x over where the columns are now. */
static const struct rex *moved(struct prune *p, const struct rex *x, const struct trimmed *in, uint32_t width)
{
    const struct rex **now = arena_array(p->a, width + 1u, sizeof *now);
    for (uint32_t i = 0; i < width; i++)
        now[i] = in->map[i] < in->rel->row->n ? rel_column(p->a, in->rel, in->map[i]) : NULL;
    return rex_over(p->a, x, now);
}

static struct trimmed as_it_is(struct prune *p, struct rel *r) { return (struct trimmed){r, identity(p, r->row->n)}; }

/* Those columns and no other, in their order. */
static struct trimmed settle(struct prune *p, struct rel *r, const bool *used)
{
    bool *some = flags(p, r->row->n), any = false;
    for (uint32_t i = 0; i < r->row->n; i++)
        any = (some[i] = used[i]) || any;
    if (!any && r->row->n)
        some[0] = true; /* rows have at least one column */
    struct trimmed t = trim(p, r, some);
    uint32_t n = 0, *map = arena_array(p->a, r->row->n + 1u, sizeof *map);
    const struct rex **exprs = arena_array(p->a, r->row->n + 1u, sizeof *exprs);
    const char **names = arena_array(p->a, r->row->n + 1u, sizeof *names);
    bool same = true;
    for (uint32_t i = 0; i < r->row->n; i++) {
        map[i] = some[i] ? n : UINT32_MAX;
        if (!some[i])
            continue;
        same = same && t.map[i] == n;
        names[n] = t.rel->row->names[t.map[i]];
        exprs[n++] = rel_column(p->a, t.rel, t.map[i]);
    }
    return same && n == t.rel->row->n ? t : (struct trimmed){rel_project(p->a, t.rel, exprs, names, n), map};
}

/* --- tables --- */

/* A scan of those columns, and of the key where the rows of one key have to be put together. */
static struct trimmed scan_of(struct prune *p, struct rel *r, const uint32_t *order, uint32_t n)
{
    const struct cplan_table *t = &r->table->t;
    uint32_t width = r->row->n, *columns = arena_array(p->a, width + 1u, sizeof *columns),
             *map = arena_array(p->a, width + 1u, sizeof *map);
    const char **names = arena_array(p->a, width + 1u, sizeof *names);
    const struct ltype **types = arena_array(p->a, width + 1u, sizeof *types);
    struct err unknown = {0};
    uint8_t sends = SENDS_INSERT;
    if (n == width || r->columns || !p->tables->projects(t) || !p->tables->source(t, &sends, &unknown))
        return as_it_is(p, r);
    uint32_t physical = cplan_table_row(t, p->a)->n, at = 0;
    for (int metadata = 0; metadata < 2; metadata++) /* it comes behind the others */
        for (uint32_t i = 0; i < n; i++)
            if ((order[i] >= physical) == metadata)
                columns[at++] = order[i];
    bool keyed = sends != SENDS_INSERT && (!(sends & SENDS_BEFORE) || (sends & SENDS_KEY_ONLY) || p->twice);
    for (uint32_t i = 0; keyed && i < t->n_key; i++) {
        uint32_t c = 0, k = 0;
        while (c < width && strcmp(r->row->names[c], t->columns[t->key[i]].name) != 0)
            c++;
        while (k < n && columns[k] != c)
            k++;
        if (c < width && k == n) {
            while (k && columns[k - 1] >= physical)
                k--;
            memmove(&columns[k + 1], &columns[k], (n - k) * sizeof *columns);
            columns[k] = c;
            n++;
        }
    }
    if (n == width)
        return as_it_is(p, r);
    for (uint32_t i = 0; i < width; i++)
        map[i] = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        map[columns[i]] = i;
        names[i] = r->row->names[columns[i]];
        types[i] = r->row->kids[columns[i]];
    }
    struct rel *to = copy(p, r);
    to->columns = columns;
    to->n_columns = n;
    to->row = type_row(p->a, names, types, n, false);
    return (struct trimmed){to, map};
}

static struct trimmed trim_scan(struct prune *p, struct rel *r, const bool *used)
{
    uint32_t n = 0, *order = arena_array(p->a, r->row->n + 1u, sizeof *order);
    for (uint32_t i = 0; i < r->row->n; i++)
        if (used[i])
            order[n++] = i;
    if (!n)
        order[n++] = 0;
    return scan_of(p, r, order, n);
}

/* --- projections --- */

static void appear(const struct rex *x, uint32_t *order, uint32_t *n)
{
    uint32_t k = 0;
    if (x->kind == REX_INPUT) {
        while (k < *n && order[k] != x->input)
            k++;
        if (k == *n)
            order[(*n)++] = x->input;
    }
    for (uint32_t i = 0; i < x->n; i++)
        appear(x->operands[i], order, n);
}

static bool is_identity(const struct rex *const *exprs, uint32_t n, const struct ltype *in)
{
    bool same = n == in->n;
    for (uint32_t i = 0; same && i < n; i++)
        same = exprs[i]->kind == REX_INPUT && exprs[i]->input == i && type_same(exprs[i]->type, in->kids[i], false);
    return same;
}

static struct trimmed trim_project(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *in = r->inputs[0];
    bool *below = flags(p, in->row->n);
    uint32_t n = 0, n_order = 0, *map = arena_array(p->a, r->row->n + 1u, sizeof *map),
             *order = arena_array(p->a, in->row->n + 1u, sizeof *order);
    const struct rex **exprs = arena_array(p->a, r->row->n + 1u, sizeof *exprs);
    const char **names = arena_array(p->a, r->row->n + 1u, sizeof *names);
    for (uint32_t i = 0; i < r->row->n; i++) {
        map[i] = used[i] ? n++ : UINT32_MAX;
        if (!used[i])
            continue;
        rex_used(r->exprs[i], below, in->row->n);
        appear(r->exprs[i], order, &n_order);
    }
    if (!n_order)
        order[n_order++] = 0;
    struct trimmed t = in->kind == REL_SCAN ? scan_of(p, in, order, n_order) : trim(p, in, below);
    for (uint32_t i = 0; i < r->row->n; i++)
        if (used[i]) {
            exprs[map[i]] = moved(p, r->exprs[i], &t, in->row->n);
            names[map[i]] = r->row->names[i];
        }
    if (n && is_identity(exprs, n, t.rel->row))
        return (struct trimmed){t.rel, map};
    if (!n) { /* nobody looks at any column: one is there */
        exprs[0] = rex_int(p->a, 0);
        names[n++] = r->row->names[0];
    }
    struct rel *to = rel_project(p->a, t.rel, exprs, names, n);
    to->at = r->at;
    return (struct trimmed){to, map};
}

static struct trimmed trim_filter(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *in = r->inputs[0];
    bool *below = flags(p, in->row->n), *above = flags(p, in->row->n);
    memcpy(below, used, in->row->n * sizeof *below);
    rex_used(r->condition, below, in->row->n);
    struct trimmed t = trim(p, in, below);
    struct rel *to = rel_filter(p->a, t.rel, moved(p, r->condition, &t, in->row->n));
    for (uint32_t i = 0; i < in->row->n; i++)
        if (used[i])
            above[t.map[i]] = true;
    to->at = r->at;
    to->wanted = above;
    return (struct trimmed){to, t.map};
}

/* --- joins --- */

static struct trimmed trim_join(struct prune *p, struct rel *r, const bool *used)
{
    uint32_t width = r->inputs[0]->row->n, right = r->inputs[1]->row->n, n = width + right;
    bool *below = flags(p, n);
    struct trimmed both = {0}, side[2];
    memcpy(below, used, r->row->n * sizeof *below);
    if (r->condition)
        rex_used(r->condition, below, n);
    side[0] = settle(p, r->inputs[0], below);
    side[1] = settle(p, r->inputs[1], below + width);
    struct rel *to = copy(p, r);
    uint32_t now = side[0].rel->row->n;
    both.map = arena_array(p->a, n + 1u, sizeof *both.map);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i < width ? side[0].map[i] : side[1].map[i - width];
        both.map[i] = at == UINT32_MAX || i < width ? at : at + now;
    }
    to->inputs[0] = side[0].rel;
    to->inputs[1] = side[1].rel;
    to->row = rel_joined_row(p->a, side[0].rel->row, side[1].rel->row, r->join);
    struct rel inner = *to;
    inner.row = rel_joined_row(p->a, side[0].rel->row, side[1].rel->row, JOIN_INNER);
    both.rel = &inner;
    if (r->condition)
        to->condition = moved(p, r->condition, &both, n);
    both.rel = to;
    return both;
}

/* --- aggregates --- */

/* An aggregate over a projection of columns alone is one over what the projection is over, when that has no other columns. */
static struct trimmed bypassed(struct prune *p, struct trimmed t)
{
    struct rel *r = t.rel;
    if (r->kind != REL_PROJECT || r->row->n != r->inputs[0]->row->n)
        return t;
    bool *seen = flags(p, r->row->n);
    for (uint32_t i = 0; i < r->row->n; i++) {
        const struct rex *x = r->exprs[i];
        if (x->kind != REX_INPUT || seen[x->input] || !type_same(x->type, r->inputs[0]->row->kids[x->input], false))
            return t;
        seen[x->input] = true;
    }
    return (struct trimmed){r->inputs[0], t.map};
}

static struct trimmed trim_aggregate(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *in = r->inputs[0], *to = copy(p, r);
    bool *below = flags(p, in->row->n), any = r->n_keys > 0;
    uint32_t n = r->n_keys, *map = arena_array(p->a, r->row->n + 1u, sizeof *map);
    for (uint32_t i = 0; i < r->n_calls; i++)
        any = any || used[r->n_keys + i];
    for (uint32_t i = 0; i < r->n_keys; i++)
        below[r->keys[i]] = true;
    to->calls = arena_array(p->a, r->n_calls + 1u, sizeof *to->calls);
    to->n_calls = 0;
    const char **names = arena_array(p->a, r->row->n + 1u, sizeof *names);
    const struct ltype **types = arena_array(p->a, r->row->n + 1u, sizeof *types);
    for (uint32_t i = 0; i < r->row->n; i++) {
        bool stays = i < r->n_keys || used[i] || !any;
        map[i] = i < r->n_keys ? i : stays ? n++ : UINT32_MAX;
        if (!stays)
            continue;
        names[map[i]] = r->row->names[i];
        types[map[i]] = r->row->kids[i];
        if (i < r->n_keys)
            continue;
        const struct rel_call *c = &r->calls[i - r->n_keys];
        to->calls[to->n_calls++] = *c;
        for (uint32_t k = 0; k < c->n; k++)
            below[c->args[k]] = true;
        if (c->filter >= 0)
            below[c->filter] = true;
    }
    struct trimmed t = settle(p, in, below);
    const struct rel *over = t.rel;
    t = bypassed(p, t);
    uint32_t *place = arena_array(p->a, in->row->n + 1u, sizeof *place);
    for (uint32_t i = 0; i < in->row->n; i++)
        place[i] = t.map[i] == UINT32_MAX || over == t.rel ? t.map[i] : over->exprs[t.map[i]]->input;
    to->keys = arena_array(p->a, r->n_keys + 1u, sizeof *to->keys);
    for (uint32_t i = 0; i < r->n_keys; i++)
        to->keys[i] = place[r->keys[i]];
    for (uint32_t i = 0; i < to->n_calls; i++) {
        struct rel_call *c = &to->calls[i];
        uint32_t *args = arena_array(p->a, c->n + 1u, sizeof *args);
        for (uint32_t k = 0; k < c->n; k++)
            args[k] = place[c->args[k]];
        c->args = args;
        c->filter = c->filter < 0 ? -1 : (int)place[c->filter];
    }
    to->inputs[0] = t.rel;
    to->row = type_row(p->a, names, types, n, false);
    return (struct trimmed){to, map};
}

/* --- steps that add columns behind those of their input --- */

/* The input with what is used of it and what the step itself looks at; the new columns all stay. */
static struct trimmed trim_behind(struct prune *p, struct rel *r, const bool *used, struct rel *to, bool *below)
{
    struct rel *in = r->inputs[0];
    uint32_t n = in->row->n, *map = arena_array(p->a, r->row->n + 1u, sizeof *map);
    for (uint32_t i = 0; i < n; i++)
        below[i] = below[i] || used[i];
    struct trimmed t = settle(p, in, below);
    uint32_t now = t.rel->row->n, width = now + r->row->n - n;
    const char **names = arena_array(p->a, width + 1u, sizeof *names);
    const struct ltype **types = arena_array(p->a, width + 1u, sizeof *types);
    for (uint32_t i = 0; i < r->row->n; i++) {
        map[i] = i < n ? t.map[i] : now + i - n;
        if (map[i] == UINT32_MAX)
            continue;
        names[map[i]] = r->row->names[i];
        types[map[i]] = r->row->kids[i];
    }
    to->inputs[0] = t.rel;
    to->row = type_row(p->a, names, types, width, false);
    return (struct trimmed){to, map};
}

static void move_all(struct prune *p, uint32_t **columns, uint32_t n, const uint32_t *map)
{
    uint32_t *to = arena_array(p->a, n + 1u, sizeof *to);
    for (uint32_t i = 0; i < n; i++)
        to[i] = map[(*columns)[i]];
    *columns = to;
}

static void move_orders(struct prune *p, struct rel *to, const uint32_t *map)
{
    struct rel_order *orders = arena_array(p->a, to->n_orders + 1u, sizeof *orders);
    for (uint32_t i = 0; i < to->n_orders; i++) {
        orders[i] = to->orders[i];
        orders[i].column = map[orders[i].column];
    }
    to->orders = orders;
}

static struct trimmed trim_watermark(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *to = copy(p, r), *in = r->inputs[0];
    bool *below = flags(p, in->row->n);
    below[r->column] = true;
    rex_used(r->condition, below, in->row->n);
    struct trimmed t = trim_behind(p, r, used, to, below), over = {to->inputs[0], t.map};
    to->column = t.map[r->column];
    to->condition = moved(p, r->condition, &over, in->row->n);
    return t;
}

static struct trimmed trim_window(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *to = copy(p, r);
    bool *below = flags(p, r->inputs[0]->row->n);
    below[r->window.time] = true;
    for (uint32_t i = 0; i < r->window.n_keys; i++)
        below[r->window.keys[i]] = true;
    struct trimmed t = trim_behind(p, r, used, to, below);
    to->window.time = t.map[r->window.time];
    move_all(p, &to->window.keys, r->window.n_keys, t.map);
    return t;
}

static struct trimmed trim_over(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *to = copy(p, r);
    bool *below = flags(p, r->inputs[0]->row->n);
    for (uint32_t i = 0; i < r->n_keys; i++)
        below[r->keys[i]] = true;
    for (uint32_t i = 0; i < r->n_orders; i++)
        below[r->orders[i].column] = true;
    to->calls = arena_array(p->a, r->n_calls + 1u, sizeof *to->calls);
    for (uint32_t i = 0; i < r->n_calls; i++) {
        to->calls[i] = r->calls[i];
        for (uint32_t k = 0; k < r->calls[i].n; k++)
            below[r->calls[i].args[k]] = true;
        if (r->calls[i].filter >= 0)
            below[r->calls[i].filter] = true;
    }
    struct trimmed t = trim_behind(p, r, used, to, below);
    move_all(p, &to->keys, r->n_keys, t.map);
    move_orders(p, to, t.map);
    for (uint32_t i = 0; i < r->n_calls; i++) {
        move_all(p, &to->calls[i].args, to->calls[i].n, t.map);
        to->calls[i].filter = to->calls[i].filter < 0 ? -1 : (int)t.map[to->calls[i].filter];
    }
    return t;
}

static struct trimmed trim_sort(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *to = copy(p, r);
    bool *below = flags(p, r->row->n);
    for (uint32_t i = 0; i < r->n_orders; i++)
        below[r->orders[i].column] = true;
    struct trimmed t = trim_behind(p, r, used, to, below);
    move_orders(p, to, t.map);
    return t;
}

static struct trimmed trim_union(struct prune *p, struct rel *r, const bool *used)
{
    struct rel *to = copy(p, r);
    struct trimmed t = {0};
    for (uint32_t i = 0; i < r->n; i++) {
        struct trimmed one = settle(p, r->inputs[i], used);
        to->inputs[i] = one.rel;
        t = i ? t : one;
    }
    const struct ltype **types = arena_array(p->a, t.rel->row->n + 1u, sizeof *types);
    for (uint32_t i = 0; i < r->row->n; i++)
        if (t.map[i] != UINT32_MAX && t.map[i] < t.rel->row->n)
            types[t.map[i]] = r->row->kids[i];
    to->row = type_row(p->a, t.rel->row->names, types, t.rel->row->n, false);
    return (struct trimmed){to, t.map};
}

/* UNNEST and changelogs keep all columns in front of them, as in Flink; an expansion has no others. */
static struct trimmed trim_whole(struct prune *p, struct rel *r)
{
    struct rel *to = copy(p, r);
    bool *all = flags(p, r->inputs[0]->row->n);
    memset(all, true, r->inputs[0]->row->n);
    struct trimmed t = settle(p, r->inputs[0], all);
    to->inputs[0] = t.rel;
    return as_it_is(p, to);
}

static struct trimmed trim(struct prune *p, struct rel *r, const bool *used)
{
    switch (r->kind) {
    case REL_SCAN:
        return trim_scan(p, r, used);
    case REL_PROJECT:
        return trim_project(p, r, used);
    case REL_FILTER:
        return trim_filter(p, r, used);
    case REL_JOIN:
        return trim_join(p, r, used);
    case REL_AGGREGATE:
        return trim_aggregate(p, r, used);
    case REL_WATERMARK:
        return trim_watermark(p, r, used);
    case REL_WINDOW:
        return trim_window(p, r, used);
    case REL_OVER:
        return trim_over(p, r, used);
    case REL_SORT:
        return trim_sort(p, r, used);
    case REL_UNION:
        return trim_union(p, r, used);
    case REL_UNNEST:
    case REL_EXPAND:
    case REL_GROUP_WINDOW:
    case REL_CHANGELOG:
        return trim_whole(p, r);
    case REL_VALUES:
    case REL_KINDS:
        break;
    }
    return as_it_is(p, r);
}

struct rel *rel_prune(struct arena *a, const struct plan_tables *tables, bool twice, struct rel *r)
{
    struct prune p = {a, twice, tables};
    bool *all = flags(&p, r->row->n);
    memset(all, true, r->row->n);
    return settle(&p, r, all).rel;
}
