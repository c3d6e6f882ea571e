#include "inspect/scan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct by_label {
    const char *label;
    const struct meta_operator *op;
};

static int by_label(const void *a, const void *b)
{
    const struct by_label *x = a, *y = b;
    int c = strcmp(x->label, y->label);
    return c ? c : strcmp(x->op->hex, y->op->hex);
}

static void add_part(struct scan *s, uint32_t op_index, const struct meta_subtask *sub, enum part_kind kind)
{
    s->parts[s->n_parts] = (struct part){s->n_parts, kind, op_index, s->ops[op_index], sub};
    s->n_parts++;
}

bool scan_plan(struct scan *s, const struct snapshot *snapshot, const struct names *names, const char *wanted, struct err *e)
{
    const struct meta *m = &snapshot->meta;
    *s = (struct scan){.snapshot = snapshot, .names = names};
    struct by_label *order = arena_array(&s->arena, m->n, sizeof *order);
    size_t parts = 0;
    for (uint32_t i = 0; i < m->n; i++)
        if (operator_matches(names, &m->operators[i], wanted)) {
            order[s->n_ops++] = (struct by_label){operator_label(names, &m->operators[i]), &m->operators[i]};
            parts += (size_t)m->operators[i].n * 4;
        }
    if (wanted && !s->n_ops) {
        scan_free(s);
        return err_set(e, ERR_MISSING, "%s: no operator \"%s\"; weir inspect lists them (by uid, name or id)", snapshot->location,
                       wanted);
    }
    if (s->n_ops)
        qsort(order, s->n_ops, sizeof *order, by_label);
    s->ops = arena_array(&s->arena, s->n_ops, sizeof *s->ops);
    s->parts = arena_array(&s->arena, parts, sizeof *s->parts);
    for (uint32_t i = 0; i < s->n_ops; i++) {
        s->ops[i] = order[i].op;
        for (uint32_t j = 0; j < s->ops[i]->n; j++) {
            const struct meta_subtask *sub = &s->ops[i]->subtasks[j];
            if (sub->keyed.tag != HANDLE_NULL)
                add_part(s, i, sub, PART_KEYED);
            if (sub->raw_keyed.tag != HANDLE_NULL)
                add_part(s, i, sub, PART_RAW_KEYED);
            if (sub->managed.tag != HANDLE_NULL)
                add_part(s, i, sub, PART_OPERATOR);
            if (sub->raw.tag != HANDLE_NULL)
                add_part(s, i, sub, PART_RAW_OPERATOR);
        }
    }
    return true;
}

void scan_free(struct scan *s)
{
    arena_free(&s->arena);
    *s = (struct scan){0};
}

static uint64_t keyed_bytes(const struct meta_keyed *k)
{
    uint64_t n = k->stream.size;
    for (uint32_t i = 0; i < k->n_shared; i++)
        n += k->shared[i].stream.size;
    for (uint32_t i = 0; i < k->n_private; i++)
        n += k->priv[i].stream.size;
    for (uint32_t i = 0; i < k->n_materialized; i++)
        n += keyed_bytes(&k->materialized[i]);
    for (uint32_t i = 0; i < k->n_log; i++)
        n += keyed_bytes(&k->log[i]);
    for (uint32_t i = 0; i < k->n_changes; i++)
        n += k->changes[i].bytes.n;
    if (k->n_parts && k->log_size > 0)
        n += (uint64_t)k->log_size;
    return n;
}

uint64_t part_bytes(const struct part *p)
{
    switch (p->kind) {
    case PART_KEYED:
        return keyed_bytes(&p->subtask->keyed);
    case PART_RAW_KEYED:
        return keyed_bytes(&p->subtask->raw_keyed);
    case PART_OPERATOR:
        return p->subtask->managed.stream.size;
    case PART_RAW_OPERATOR:
        return p->subtask->raw.stream.size;
    }
    return 0;
}

bool part_entries(const struct snapshot *s, const struct part *p, entry_fn *fn, void *ctx, struct err *e)
{
    if (p->kind == PART_KEYED) {
        struct keyed_part *part;
        if (!keyed_open(&part, s, p->op, &p->subtask->keyed, e))
            return false;
        bool ok = keyed_walk(part, fn, ctx, e);
        keyed_close(part);
        return ok;
    }
    struct arena a = {0};
    bool ok = p->kind != PART_RAW_KEYED || rawtimers_walk(s, p->op, &p->subtask->raw_keyed, &a, fn, ctx, e);
    arena_free(&a);
    return ok;
}

struct pool {
    const struct scan *scan;
    part_fn *fn;
    void *ctx;
    struct err *errs;
    atomic_uint next;
};

static void *work(void *arg)
{
    struct pool *pool = arg;
    for (;;) {
        unsigned i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->scan->n_parts)
            return NULL;
        pool->fn(pool->ctx, &pool->scan->parts[i], &pool->errs[i]);
    }
}

void scan_run(const struct scan *s, unsigned jobs, part_fn *fn, void *ctx, struct err *errs)
{
    enum { MAX_JOBS = 64 };
    struct pool pool = {.scan = s, .fn = fn, .ctx = ctx, .errs = errs};
    pthread_t threads[MAX_JOBS];
    unsigned started = 0;
    if (jobs > MAX_JOBS)
        jobs = MAX_JOBS;
    while (started + 1 < jobs && started + 1 < s->n_parts && !pthread_create(&threads[started], NULL, work, &pool))
        started++;
    work(&pool);
    while (started)
        pthread_join(threads[--started], NULL);
}

bool first_broadcast(const struct part *p, const char *state)
{
    for (uint32_t i = 0; i < p->op->n && &p->op->subtasks[i] != p->subtask; i++) {
        const struct meta_op_handle *h = &p->op->subtasks[i].managed;
        for (uint32_t j = 0; j < h->n; j++)
            if (h->states[j].mode == OP_BROADCAST && h->states[j].n && !strcmp(h->states[j].name, state))
                return false;
    }
    return true;
}
