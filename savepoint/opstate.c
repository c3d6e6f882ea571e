#include "savepoint/opstate.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/keyed_resume.h"

/* What is found out about the offsets when the part is opened: those of all states together, ascending. An element ends where the
 * next one starts, whichever state that belongs to. */
struct bounds {
    uint64_t *offsets;
    size_t n;
};

enum { IDENTIFIER = 10 /* bytes of Snappy's stream identifier, between the header and the first chunk */ };

static struct bounds *bounds_of(const struct opstate_part *p) { return p->own; }

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The number of offsets is bounded by the bytes of _metadata that hold them. */
static void gather(struct opstate_part *p)
{
    struct bounds *b = arena_alloc(&p->arena, sizeof *b);
    for (uint32_t i = 0; i < p->handle->n; i++)
        b->n += p->handle->states[i].n;
    b->offsets = arena_array(&p->arena, b->n, sizeof *b->offsets);
    size_t k = 0;
    for (uint32_t i = 0; i < p->handle->n; i++)
        for (uint32_t j = 0; j < p->handle->states[i].n; j++)
            b->offsets[k++] = be64(p->handle->states[i].offsets + (size_t)8 * j);
    if (b->n)
        qsort(b->offsets, b->n, sizeof *b->offsets, ascending);
    p->own = b;
}

/* Operator state is small beside keyed state: what is not in memory already is read whole. */
static bool load(struct opstate_part *p, struct err *e)
{
    struct blob *b = &p->blob;
    if (b->p)
        return true;
    uint8_t *all = arena_alloc(&p->arena, b->size);
    if (!store_read(&b->file, b->start, all, b->size, e))
        return false;
    b->p = all;
    return true;
}

static bool read_infos(struct opstate_part *p, struct ser_in *in, uint32_t n, bool last)
{
    for (uint32_t i = 0; i < n && rd_ok(in->r); i++) {
        struct state_info *info = &p->states[p->n++];
        state_info_read(info, in);
        if (info->lost && !p->lost)
            p->lost = info->lost;
        if (!in->lost)
            continue;
        in->lost = NULL;
        if (i + 1 < n)
            resume_at_info(in->r);
        else if (!last)
            resume_at_infos(in->r);
        else
            in->r->p = in->r->end;
        info->raw.n = (size_t)(in->r->p - info->raw.p);
    }
    return rd_ok(in->r);
}

/* OperatorBackendSerializationProxy#read. */
static void read_header(struct opstate_part *p, struct rd *r)
{
    p->version = rd_i32(r);
    if (rd_ok(r) && p->version != 5 && p->version != 6)
        rd_fail(r,
                p->version > 0 && p->version < 5 ? "operator state of Flink before 1.7, whose serializers need Java to be read"
                                                 : "not operator state (its version is neither 5 nor 6)");
    p->compressed = p->version == 6 && rd_bool(r);
    if (p->compressed) {
        if (rd_left(r) < IDENTIFIER || memcmp(r->end - IDENTIFIER, "\xff\x06\0\0sNaPpY", IDENTIFIER))
            rd_fail(r, "no Snappy stream identifier behind the header of compressed operator state");
        else
            r->end -= IDENTIFIER;
    }
    struct ser_in in = {.r = r, .a = &p->arena, .flink2 = p->snapshot->meta.version >= 5, .told = p->snapshot->opts.told};
    for (int broadcast = 0; broadcast < 2 && rd_ok(r); broadcast++) {
        int16_t n = rd_i16(r);
        if (rd_ok(r) && n < 0)
            rd_fail(r, "negative number of states");
        if (!rd_ok(r))
            return;
        struct state_info *all = arena_array(&p->arena, p->n + (uint32_t)n, sizeof *all);
        if (p->n)
            memcpy(all, p->states, p->n * sizeof *all);
        p->states = all;
        if (!read_infos(p, &in, (uint32_t)n, broadcast))
            return;
        for (uint32_t i = p->n - (uint32_t)n; i < p->n; i++)
            if (p->states[i].kind != (broadcast ? KIND_BROADCAST : KIND_OPERATOR_LIST))
                rd_fail(r,
                        broadcast ? "a state among the broadcast states that is none"
                                  : "a state among the list states that is none");
    }
    if (rd_ok(r) && rd_left(r))
        rd_fail(r, "bytes between the header and the first element");
}

static bool find_states(struct opstate_part *p, struct err *e)
{
    p->where = arena_array(&p->arena, p->n, sizeof *p->where);
    for (uint32_t i = 0; i < p->handle->n; i++) {
        const struct meta_op_state *st = &p->handle->states[i];
        uint32_t j = 0;
        while (j < p->n && (p->where[j] || strcmp(p->states[j].name, st->name)))
            j++;
        if (j == p->n)
            return err_set(e, ERR_CORRUPT, "%s: its handle names an operator state \"%s\" that is not in its header", p->blob.name,
                           st->name);
        if (p->states[j].kind == KIND_BROADCAST && st->n != 1)
            return err_set(e, ERR_CORRUPT, "%s: broadcast state \"%s\" has %u offsets where there must be one", p->blob.name,
                           st->name, st->n);
        p->where[j] = st;
    }
    return true;
}

static bool open_part(struct opstate_part *p, struct err *e)
{
    if (!blob_open(&p->blob, p->snapshot, &p->handle->stream, e) || !load(p, e))
        return false;
    gather(p);
    if (!p->blob.size && !p->handle->n)
        return true; /* EmptyFileMergingOperatorStreamStateHandle */
    const struct bounds *b = bounds_of(p);
    uint64_t end = b->n && b->offsets[0] < p->blob.size ? b->offsets[0] : p->blob.size;
    struct rd r = rd_of(p->blob.p, end, p->blob.origin);
    read_header(p, &r);
    if (!rd_ok(&r))
        return err_set(e, ERR_CORRUPT, "%s: header of operator state: %s, at offset %llu", p->blob.name, r.why,
                       (unsigned long long)r.bad_at);
    return find_states(p, e);
}

bool opstate_open(struct opstate_part **out, const struct snapshot *s, const struct meta_operator *op,
                  const struct meta_op_handle *h, struct err *e)
{
    struct opstate_part *p = mem_zalloc(sizeof *p);
    *out = NULL;
    p->snapshot = s;
    p->handle = h;
    if (!open_part(p, e)) {
        err_in(e, "operator %s", op->uid ? op->uid : op->hex);
        opstate_close(p);
        return false;
    }
    *out = p;
    return true;
}

/* The first of the sorted offsets that is larger than `off`. */
static size_t above(const struct bounds *b, uint64_t off)
{
    size_t lo = 0, hi = b->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (b->offsets[mid] > off)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* Two elements at one offset: all of them but one are empty. Which, only the serializer can tell. */
static size_t own_length(const struct state_info *info, const uint8_t *bytes, size_t n)
{
    if (info->kind == KIND_BROADCAST)
        return n;
    struct rd r = rd_of(bytes, n, 0);
    ser_read(info->element, &r, NULL);
    return rd_ok(&r) ? (size_t)(r.p - bytes) : n;
}

static bool unpack(struct opstate_part *p, uint64_t off, uint64_t n, struct bytes *element, struct source *src, struct err *e)
{
    source_bytes(src, p->blob.p + off, n, p->blob.name, p->blob.origin + off, e);
    source_snappy(src, false);
    while (source_need(src, source_have(src) + 1))
        ;
    *element = (struct bytes){src->p, source_have(src)};
    return e->kind == ERR_NONE;
}

static bool give(struct opstate_part *p, uint32_t i, uint64_t off, element_fn *fn, void *ctx, struct err *e)
{
    const struct bounds *b = bounds_of(p);
    const struct state_info *info = &p->states[i];
    if (off >= p->blob.size && !(off == p->blob.size && info->element->length == 0))
        return err_set(e, ERR_CORRUPT, "%s: an element of operator state \"%s\" is said to be at offset %llu of %llu", p->blob.name,
                       info->name, (unsigned long long)off, (unsigned long long)p->blob.size);
    size_t next = above(b, off);
    uint64_t end = next < b->n && b->offsets[next] < p->blob.size ? b->offsets[next] : p->blob.size;
    bool alone = next < 2 || b->offsets[next - 2] != off;
    struct source src = {0};
    struct bytes element = {p->blob.p + off, end - off};
    bool ok = !p->compressed || unpack(p, off, end - off, &element, &src, e);
    if (ok && !alone)
        element.n = own_length(info, element.p, element.n);
    ok = ok && fn(ctx, info, element, p->blob.origin + off, e);
    source_close(&src);
    return ok;
}

bool opstate_walk(struct opstate_part *p, uint32_t i, element_fn *fn, void *ctx, struct err *e)
{
    const struct meta_op_state *w = p->where[i];
    for (uint32_t j = 0; w && j < w->n; j++)
        if (!give(p, i, be64(w->offsets + (size_t)8 * j), fn, ctx, e))
            return false;
    return true;
}

void opstate_close(struct opstate_part *p)
{
    if (!p)
        return;
    blob_close(&p->blob);
    arena_free(&p->arena);
    free(p);
}
