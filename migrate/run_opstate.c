/* Operator state: of one subtask, or dealt out as Flink does when the parallelism is another (RoundRobinOperatorStateRepartitioner). */
#include <stdlib.h>
#include <string.h>

#include "migrate/run_parts.h"

/* One subtask's state being written. */
struct managed {
    struct op_out *out;
    struct state_info *states;
    uint32_t n;
};

struct elements {
    struct op_out *out;
    uint32_t state;      /* in it */
    uint32_t skip, take; /* elements that are left out, and taken behind them */
    struct rows *rows;   /* opened when they are looked at one by one */
};

static bool pass_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct elements *el = ctx;
    (void)info, (void)at;
    if (el->skip) {
        el->skip--;
        return true;
    }
    if (!el->take)
        return true;
    el->take--;
    if (!el->rows->st)
        return op_out_element(el->out, el->state, element, e);
    bool gone;
    return rows_element(el->rows, element, &element, &gone, e) && (gone || op_out_element(el->out, el->state, element, e));
}

/* The elements of state `at` of a part. */
static bool walk(const struct run *r, const struct draft_op *op, struct opstate_part *p, uint32_t at, const struct state_info *to,
                 struct elements el, struct err *e)
{
    const struct draft_state *st = draft_state_of(op, &p->states[at]);
    struct rows rows = {0};
    if (draft_has_rows(st))
        rows_open(&rows, r->opts, op, st, NULL, &p->states[at], to);
    el.rows = &rows;
    bool ok = opstate_walk(p, at, pass_element, &el, e);
    rows_close(&rows);
    return ok;
}

static bool is_empty(const struct meta_op_handle *h) { return h->tag == HANDLE_NULL || h->stream.tag == HANDLE_EMPTY_SEGMENT; }

/* Flink before 1.18 neither compresses operator state nor reads it so. */
static struct op_out_opts out_opts(const struct run *r, const struct opstate_part *p)
{
    bool may = r->d->flink ? r->d->flink >= FLINK(1, 18) : r->version >= 4;
    bool on = r->d->copy.compress == COPY_COMPRESS && (r->version >= 5 || r->d->flink >= FLINK(1, 18));
    struct op_out_opts opts = {.compress = may && (on || (p->compressed && r->d->copy.compress != COPY_PLAIN))};
    opts.version = opts.compress ? 6 : may ? p->version : 5;
    return opts;
}

/* Adds what is not dropped of a part's states, lists before broadcast ones. to: by state of the part, its place among all; -1: none. */
static bool add_states(const struct run *r, const struct draft_op *op, const struct opstate_part *p, struct managed *m, int32_t *to,
                       struct arena *a, struct err *e)
{
    for (uint32_t i = 0; i < p->n; i++) {
        const struct draft_state *st = draft_state_of(op, &p->states[i]);
        struct state_info info;
        to[i] = -1;
        if (!st || st->dropped)
            continue;
        if ((!st->typed && !copy_may_hold(op->in->snapshot, &p->states[i], r->version, e)) ||
            !draft_info(st, &p->states[i], &info, a, e))
            return false;
        uint32_t at = 0;
        while (at < m->n && !(m->states[at].kind == info.kind && !strcmp(m->states[at].name, info.name)))
            at++;
        if (at == m->n)
            m->states[m->n++] = info;
        else if (!ser_same(m->states[at].value, info.value))
            return err_set(e, ERR_UNSUPPORTED, "the subtasks do not agree on the serializer of state \"%s\"", info.name);
        to[i] = (int32_t)at;
    }
    return true;
}

static uint64_t first_offset(const struct meta_op_state *s) { return s->n ? be64(s->offsets) : 0; }

static int by_offset(const void *a, const void *b, void *part)
{
    const struct opstate_part *p = part;
    uint64_t x = first_offset(p->where[*(const uint32_t *)a]), y = first_offset(p->where[*(const uint32_t *)b]);
    return (x > y) - (x < y);
}

static uint32_t index_of(const struct opstate_part *p, const struct meta_op_state *s)
{
    uint32_t i = 0;
    while (p->where[i] != s)
        i++;
    return i;
}

/* The elements lie as they lay. */
static bool pass_part(const struct run *r, const struct draft_op *op, struct opstate_part *p, struct meta_op_handle *to,
                      struct arena *a, struct err *e)
{
    struct op_out_opts opts = out_opts(r, p);
    struct managed m = {.states = arena_array(a, p->n, sizeof *m.states)};
    int32_t *map = arena_array(a, p->n, sizeof *map);
    uint32_t n = 0, *order = arena_array(a, p->handle->n, sizeof *order), *named = arena_array(a, p->handle->n, sizeof *named);
    if (!add_states(r, op, p, &m, map, a, e))
        return false;
    if (!m.n && p->n)
        return true; /* nothing is left */
    for (uint32_t i = 0; i < p->handle->n; i++) {
        uint32_t at = index_of(p, &p->handle->states[i]);
        if (map[at] < 0)
            continue;
        named[n] = (uint32_t)map[at];
        order[n++] = at;
    }
    if (n)
        qsort_r(order, n, sizeof *order, by_offset, p);
    if (!op_out_open(&m.out, &r->place, m.states, m.n, &opts, e))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t to_state = (uint32_t)map[order[i]];
        struct elements el = {.out = m.out, .state = to_state, .take = UINT32_MAX};
        if (!walk(r, op, p, order[i], &m.states[to_state], el, e)) {
            op_out_drop(m.out);
            return false;
        }
    }
    return op_out_end(m.out, named, n, to, a, e);
}

bool run_managed(const struct run *r, const struct draft_op *op, const struct meta_op_handle *h, struct meta_op_handle *to,
                 struct arena *a, struct err *e)
{
    struct opstate_part *p;
    if (is_empty(h))
        return true;
    if (!opstate_open(&p, op->in->snapshot, op->meta, h, e))
        return false;
    bool ok = pass_part(r, op, p, to, a, e);
    opstate_close(p);
    return ok;
}

/* --- dealt out --- */

struct deal {
    const struct run *r;
    const struct draft_op *op;
    uint32_t n_parts, n_outs;
    struct opstate_part **parts; /* by old subtask; NULL: none */
    int32_t **maps;
    struct managed all; /* the states of every subtask, lists first */
    struct op_out **outs;
    struct op_out_opts opts;
    uint32_t start; /* the subtask that the next state's odd elements begin with */
    struct arena arena;
};

static int lists_first(const void *a, const void *b)
{
    const struct state_info *x = a, *y = b;
    return x->kind != y->kind ? (x->kind == KIND_BROADCAST) - (y->kind == KIND_BROADCAST) : strcmp(x->name, y->name);
}

static bool open_parts(struct deal *d, struct err *e)
{
    const struct meta_operator *m = d->op->meta;
    size_t states = 0;
    d->n_parts = m->n;
    d->parts = arena_array(&d->arena, m->n, sizeof(struct opstate_part *));
    d->maps = arena_array(&d->arena, m->n, sizeof(int32_t *));
    for (uint32_t i = 0; i < m->n; i++) {
        if (is_empty(&m->subtasks[i].managed))
            continue;
        if (!opstate_open(&d->parts[i], d->op->in->snapshot, m, &m->subtasks[i].managed, e))
            return false;
        struct op_out_opts opts = out_opts(d->r, d->parts[i]);
        d->opts.version = opts.version > d->opts.version ? opts.version : d->opts.version;
        d->opts.compress = d->opts.compress || opts.compress;
        states += d->parts[i]->n;
    }
    d->all.states = arena_array(&d->arena, states, sizeof *d->all.states);
    for (int sorted = 0; sorted < 2; sorted++) { /* the second time for their places */
        for (uint32_t i = 0; i < m->n; i++) {
            if (!d->parts[i])
                continue;
            d->maps[i] = arena_array(&d->arena, d->parts[i]->n, sizeof **d->maps);
            if (!add_states(d->r, d->op, d->parts[i], &d->all, d->maps[i], &d->arena, e))
                return false;
        }
        if (!sorted && d->all.n)
            qsort(d->all.states, d->all.n, sizeof *d->all.states, lists_first);
    }
    return true;
}

/* The state's place in a part, and how many elements it has there; none: 0. */
static uint32_t elements_of(const struct deal *d, uint32_t part, uint32_t state, uint32_t *at)
{
    const struct opstate_part *p = d->parts[part];
    for (*at = 0; p && *at < p->n; ++*at)
        if (d->maps[part][*at] == (int32_t)state)
            return p->where[*at] ? p->where[*at]->n : 0;
    return 0;
}

/* `take` elements of the state, counted through all parts behind the first `skip`. */
static bool deal_range(struct deal *d, uint32_t state, uint64_t skip, uint64_t take, uint32_t to, struct err *e)
{
    for (uint32_t i = 0; take && i < d->n_parts; i++) {
        uint32_t at, n = elements_of(d, i, state, &at);
        if (skip >= n) {
            skip -= n;
            continue;
        }
        uint32_t here = n - (uint32_t)skip < take ? n - (uint32_t)skip : (uint32_t)take;
        struct elements el = {.out = d->outs[to], .state = state, .skip = (uint32_t)skip, .take = here};
        if (!walk(d->r, d->op, d->parts[i], at, &d->all.states[state], el, e))
            return false;
        take -= here;
        skip = 0;
    }
    return true;
}

static bool deal_split(struct deal *d, uint32_t state, struct err *e)
{
    uint64_t total = 0, skip = 0;
    for (uint32_t i = 0, at; i < d->n_parts; i++)
        total += elements_of(d, i, state, &at);
    uint64_t each = total / d->n_outs, odd = total % d->n_outs;
    for (uint32_t i = 0; i < d->n_outs; i++) {
        uint32_t to = (i + d->start) % d->n_outs;
        uint64_t take = each + (i < odd);
        if (!deal_range(d, state, skip, take, to, e))
            return false;
        skip += take;
    }
    d->start = (uint32_t)((d->start + odd) % d->n_outs);
    return true;
}

/* Every subtask gets all of it when the job starts, so it matters only that each element is there once. */
static bool deal_union(struct deal *d, uint32_t state, struct err *e)
{
    for (uint32_t i = 0; i < d->n_parts; i++) {
        uint32_t at, n = elements_of(d, i, state, &at);
        struct elements el = {.out = d->outs[i % d->n_outs], .state = state, .take = n};
        if (n && !walk(d->r, d->op, d->parts[i], at, &d->all.states[state], el, e))
            return false;
    }
    return true;
}

/* Every subtask has the same. */
static bool deal_broadcast(struct deal *d, uint32_t state, struct err *e)
{
    uint32_t from = 0, at = 0;
    while (from < d->n_parts && !elements_of(d, from, state, &at))
        from++;
    for (uint32_t i = 0; from < d->n_parts && i < d->n_outs; i++) {
        struct elements el = {.out = d->outs[i], .state = state, .take = UINT32_MAX};
        if (!walk(d->r, d->op, d->parts[from], at, &d->all.states[state], el, e))
            return false;
    }
    return true;
}

static bool deal_states(struct deal *d, struct err *e)
{
    for (uint32_t s = 0; s < d->all.n; s++) {
        enum op_mode mode = d->all.states[s].mode;
        bool ok = d->all.states[s].kind == KIND_BROADCAST ? deal_broadcast(d, s, e)
            : mode == OP_UNION                            ? deal_union(d, s, e)
                                                          : deal_split(d, s, e);
        if (!ok)
            return false;
    }
    return true;
}

static bool end_outs(struct deal *d, struct meta_subtask *to, struct arena *a, struct err *e)
{
    uint32_t *named = arena_array(&d->arena, d->all.n, sizeof *named);
    for (uint32_t i = 0; i < d->all.n; i++)
        named[i] = i;
    for (uint32_t i = 0; i < d->n_outs; i++) {
        struct op_out *out = d->outs[i];
        d->outs[i] = NULL;
        if (!op_out_end(out, named, d->all.n, &to[i].managed, a, e))
            return false;
    }
    return true;
}

bool deal_managed(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a,
                  struct err *e)
{
    struct deal d = {.r = r, .op = op, .n_outs = n};
    bool ok = open_parts(&d, e);
    d.outs = arena_array(&d.arena, n, sizeof(struct op_out *));
    for (uint32_t i = 0; ok && d.all.n && i < n; i++)
        ok = op_out_open(&d.outs[i], &r->place, d.all.states, d.all.n, &d.opts, e);
    ok = ok && (!d.all.n || (deal_states(&d, e) && end_outs(&d, to, a, e)));
    for (uint32_t i = 0; i < n; i++)
        op_out_drop(d.outs[i]);
    for (uint32_t i = 0; i < d.n_parts; i++)
        opstate_close(d.parts[i]);
    arena_free(&d.arena);
    return ok;
}
