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
    h->header.states = arena_array(a, from->n, sizeof *h->header.states);
    h->to = arena_array(a, from->n, sizeof *h->to);
    for (uint32_t i = 0; i < from->n; i++) {
        const struct draft_state *st = draft_state_of(op, &from->states[i]);
        h->to[i] = -1;
        if (!st || st->dropped)
            continue;
        if (!copy_may_hold(op->in->snapshot, &from->states[i], r->version, e))
            return false;
        for (uint32_t j = 0; p->format == KEYED_CHANGELOG && j < i; j++)
            if (!strcmp(from->states[i].name, from->states[j].name))
                return err_set(e, ERR_UNSUPPORTED, "state \"%s\" has two versions of its serializer in one changelog",
                               from->states[i].name);
        if (!draft_info(st, &from->states[i], &h->header.states[h->header.n], a, e))
            return false;
        h->to[i] = (int32_t)h->header.n++;
    }
    return true;
}

static struct keyed_out_opts out_opts(const struct run *r, const struct keyed_part *p)
{
    return (struct keyed_out_opts){.form = r->form,
                                   .compress = keeps_compression(r, p->header->compressed),
                                   .sort = p->format == KEYED_DATABASE || p->format == KEYED_CHANGELOG};
}

/* --- a subtask as it is --- */

struct passing {
    const struct keyed_header *from;
    const struct run_header *to;
    struct keyed_out *out;
};

/* The state's place in the header that is read; -1: it is none of it. */
static int32_t place_of(const struct keyed_header *h, const struct state_info *info)
{
    uintptr_t at = (uintptr_t)info, first = (uintptr_t)h->states;
    return at >= first && at < first + h->n * sizeof *info ? (int32_t)(info - h->states) : -1;
}

static bool pass(void *ctx, struct entry *given, struct err *e)
{
    const struct passing *p = ctx;
    struct entry en = *given;
    int32_t at = place_of(p->from, en.info);
    if (at < 0)
        return keyed_out_entry(p->out, given, e); /* says what is wrong */
    if (p->to->to[at] < 0)
        return true;
    en.header = &p->to->header;
    en.info = &p->to->header.states[p->to->to[at]];
    return keyed_out_entry(p->out, &en, e);
}

static bool pass_part(const struct run *r, const struct draft_op *op, struct keyed_part *p, struct meta_keyed *to, struct arena *a,
                      struct err *e)
{
    struct run_header h = {0};
    struct keyed_out_opts opts = out_opts(r, p);
    struct arena own = {0};
    struct passing passing = {p->header, &h, NULL};
    opts.max_parallelism = op->max_parallelism;
    opts.kg_first = p->handle->kg_first;
    opts.kg_count = p->handle->kg_count;
    bool ok = run_header(r, op, p, &h, &own, e);
    if (ok && (h.header.n || !p->header->n)) {
        ok = keyed_out_open(&passing.out, &r->place, &h.header, &opts, e);
        if (ok && (ok = keyed_walk(p, pass, &passing, e)))
            ok = keyed_out_end(passing.out, to, a, e);
        else
            keyed_out_drop(passing.out);
    }
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
