/* Keyed state: of one subtask, or dealt out anew to others. */
#include <stdlib.h>
#include <string.h>

#include "migrate/run_parts.h"

struct key_groups key_groups_of(int32_t max, int32_t parallelism, int32_t subtask)
{
    int64_t first = ((int64_t)subtask * max + parallelism - 1) / parallelism;
    int64_t end = ((int64_t)(subtask + 1) * max - 1) / parallelism;
    return (struct key_groups){(int32_t)first, (uint32_t)(end - first + 1)};
}

uint32_t subtask_of_group(int32_t max, int32_t parallelism, uint32_t group)
{
    return (uint32_t)((uint64_t)group * (uint32_t)parallelism / (uint32_t)max);
}

/* --- headers --- */

bool run_header(const struct run *r, const struct draft_op *op, const struct keyed_part *p, struct run_header *h, struct arena *a,
                struct err *e)
{
    const struct keyed_header *from = p->header;
    h->header = *from;
    h->header.n = 0;
    if (op->loaded)
        h->header.key = op->key;
    h->header.states = arena_array(a, from->n, sizeof *h->header.states);
    h->to = arena_array(a, from->n, sizeof *h->to);
    h->with = arena_array(a, from->n, sizeof(struct draft_state *));
    h->rows = arena_array(a, from->n, sizeof(struct rows *));
    for (uint32_t i = 0; i < from->n; i++) {
        const struct draft_state *st = draft_state_of(op, &from->states[i]);
        h->to[i] = -1;
        if (!st || st->dropped)
            continue;
        if ((!st->typed || from->states[i].v2) && !copy_may_hold(op->in->snapshot, &from->states[i], r->version, e))
            return false;
        for (uint32_t j = 0; p->format == KEYED_CHANGELOG && j < i; j++)
            if (!strcmp(from->states[i].name, from->states[j].name))
                return err_set(e, ERR_UNSUPPORTED, "state \"%s\" has two versions of its serializer in one changelog",
                               from->states[i].name);
        if (!draft_info(st, &from->states[i], &h->header.states[h->header.n], a, e))
            return false;
        h->with[i] = st;
        h->to[i] = (int32_t)h->header.n++;
    }
    return true;
}

void run_header_close(struct run_header *h, uint32_t n)
{
    for (uint32_t i = 0; h->rows && i < n; i++)
        if (h->rows[i]) {
            rows_close(h->rows[i]);
            free(h->rows[i]);
        }
}

bool run_entry(const struct run *r, const struct draft_op *op, const struct keyed_header *from, struct run_header *h,
               const struct keyed_header *in, const struct entry *given, entry_fn *fn, void *ctx, struct err *e)
{
    uintptr_t at = (uintptr_t)given->info, first = (uintptr_t)from->states;
    if (at < first || at >= first + from->n * sizeof *given->info)
        return err_set(e, ERR_UNSUPPORTED, "state \"%s\": %s", given->info->name,
                       given->why ? given->why : "an entry whose serializer differs from its state's");
    uint32_t i = (uint32_t)(given->info - from->states);
    if (h->to[i] < 0)
        return true;
    const struct state_info *to = &in->states[h->to[i]];
    if (!draft_has_rows(h->with[i])) {
        struct entry en = *given;
        en.header = in;
        en.info = to;
        return fn(ctx, &en, e);
    }
    if (!h->rows[i]) {
        h->rows[i] = mem_zalloc(sizeof *h->rows[i]);
        rows_open(h->rows[i], r->opts, op, h->with[i], in, &from->states[i], to);
    }
    return rows_entry(h->rows[i], given, fn, ctx, e);
}

static struct keyed_out_opts out_opts(const struct run *r, const struct keyed_part *p)
{
    return (struct keyed_out_opts){.form = r->form,
                                   .compress = keeps_compression(r, p->header->compressed),
                                   .sort = p->format == KEYED_DATABASE || p->format == KEYED_CHANGELOG};
}

/* --- a subtask as it is --- */

struct passing {
    const struct run *r;
    const struct draft_op *op;
    const struct keyed_header *from;
    struct run_header h;
    struct keyed_out *out;
};

static bool put(void *ctx, struct entry *en, struct err *e) { return keyed_out_entry(ctx, en, e); }

static bool pass(void *ctx, struct entry *given, struct err *e)
{
    struct passing *p = ctx;
    return run_entry(p->r, p->op, p->from, &p->h, &p->h.header, given, put, p->out, e);
}

static bool pass_part(const struct run *r, const struct draft_op *op, struct keyed_part *p, struct meta_keyed *to, struct arena *a,
                      struct err *e)
{
    struct keyed_out_opts opts = out_opts(r, p);
    struct arena own = {0};
    struct passing passing = {.r = r, .op = op, .from = p->header};
    struct run_header *h = &passing.h;
    opts.max_parallelism = op->max_parallelism;
    opts.kg_first = p->handle->kg_first;
    opts.kg_count = p->handle->kg_count;
    bool ok = run_header(r, op, p, h, &own, e);
    if (ok && (h->header.n || !p->header->n)) {
        ok = keyed_out_open(&passing.out, &r->place, &h->header, &opts, e);
        if (ok && (ok = keyed_walk(p, pass, &passing, e)))
            ok = keyed_out_end(passing.out, to, a, e);
        else
            keyed_out_drop(passing.out);
    }
    run_header_close(h, p->header->n);
    arena_free(&own);
    return ok;
}

bool run_keyed(const struct run *r, const struct draft_op *op, const struct meta_keyed *h, struct meta_keyed *to, struct arena *a,
               struct err *e)
{
    struct keyed_part *p;
    if (h->tag == HANDLE_NULL)
        return true;
    if (!keyed_open(&p, op->in->snapshot, op->meta, h, e))
        return false;
    bool ok = pass_part(r, op, p, to, a, e);
    keyed_close(p);
    run_progress(r, h);
    return ok;
}
