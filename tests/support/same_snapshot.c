#include "tests/support/same_snapshot.h"

#include <stdlib.h>
#include <string.h>

struct pair {
    const struct snapshot *a, *b;
    struct err *e;
};

static bool differ(struct pair *p, const char *what) { return err_set(p->e, ERR_CORRUPT, "%s differ", what); }

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static bool same_bytes(struct bytes a, struct bytes b) { return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n)); }

static bool same_offsets(const uint8_t *a, const uint8_t *b, uint32_t n) { return !n || !memcmp(a, b, (size_t)8 * n); }

static uint8_t *slurp(const struct snapshot *s, const struct meta_stream *h, uint64_t *n, struct err *e)
{
    struct blob b;
    if (!blob_open(&b, s, h, e))
        return NULL;
    uint8_t *all = mem_alloc(b.size + 1);
    if (b.p)
        memcpy(all, b.p, b.size);
    *n = b.size;
    blob_close(&b);
    return all;
}

static bool same_stream(struct pair *p, const struct meta_stream *a, const struct meta_stream *b, const char *what)
{
    uint64_t na = 0, nb = 0;
    if ((a->tag == HANDLE_NULL) != (b->tag == HANDLE_NULL)) /* inline or in a file: a setting */
        return differ(p, what);
    uint8_t *x = slurp(p->a, a, &na, p->e), *y = slurp(p->b, b, &nb, p->e);
    bool same = x && y && same_bytes((struct bytes){x, na}, (struct bytes){y, nb});
    free(x);
    free(y);
    return same || differ(p, what);
}

static bool same_op(struct pair *p, const struct meta_op_handle *a, const struct meta_op_handle *b)
{
    bool same = a->tag == b->tag && a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = same_text(a->states[i].name, b->states[i].name) && a->states[i].mode == b->states[i].mode &&
            a->states[i].n == b->states[i].n && same_offsets(a->states[i].offsets, b->states[i].offsets, a->states[i].n);
    return same ? same_stream(p, &a->stream, &b->stream, "bytes of operator state") : differ(p, "handles of operator state");
}

static bool same_keyed(struct pair *p, const struct meta_keyed *a, const struct meta_keyed *b)
{
    bool same = a->tag == b->tag && a->kg_first == b->kg_first && a->kg_count == b->kg_count;
    if (!same || !same_offsets(a->offsets, b->offsets, a->tag == HANDLE_NULL ? 0 : a->kg_count))
        return differ(p, "handles of keyed state");
    return same_stream(p, &a->stream, &b->stream, "bytes of keyed state");
}

static bool same_subtask(struct pair *p, const struct meta_subtask *a, const struct meta_subtask *b)
{
    if (a->index != b->index || a->finished != b->finished || a->n_inputs != b->n_inputs || a->n_outputs != b->n_outputs)
        return differ(p, "subtasks");
    return same_op(p, &a->managed, &b->managed) && same_op(p, &a->raw, &b->raw) && same_keyed(p, &a->keyed, &b->keyed) &&
        same_keyed(p, &a->raw_keyed, &b->raw_keyed);
}

static bool same_operator(struct pair *p, const struct meta_operator *a, const struct meta_operator *b)
{
    if (memcmp(a->id, b->id, 16) || !same_text(a->name, b->name) || !same_text(a->uid, b->uid) || a->n != b->n ||
        a->parallelism != b->parallelism || a->max_parallelism != b->max_parallelism || a->finished != b->finished ||
        !same_stream(p, &a->coordinator, &b->coordinator, "coordinators"))
        return differ(p, "operators");
    for (uint32_t i = 0; i < a->n; i++)
        if (!same_subtask(p, &a->subtasks[i], &b->subtasks[i]))
            return err_in(p->e, "operator %s, subtask %d", a->hex, a->subtasks[i].index);
    return true;
}

bool same_snapshot(const struct snapshot *a, const struct snapshot *b, struct err *e)
{
    struct pair p = {a, b, e};
    const struct meta *x = &a->meta, *y = &b->meta;
    if (x->version != y->version || x->checkpoint_id != y->checkpoint_id || x->n_masters != y->n_masters || x->n != y->n)
        return differ(&p, "heads");
    if (x->properties.n && !same_bytes(x->properties, y->properties))
        return differ(&p, "properties");
    for (uint32_t i = 0; i < x->n; i++)
        if (!same_operator(&p, &x->operators[i], &y->operators[i]))
            return false;
    return true;
}
