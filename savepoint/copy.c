#include "savepoint/copy.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/codec.h"
#include "savepoint/meta_write.h"
#include "savepoint/opstate.h"
#include "savepoint/out_file.h"
#include "savepoint/writer.h"

/* Several handles of in-flight data lie in one file. */
struct moved {
    const struct meta_stream *from;
    struct meta_stream to;
};

struct copy {
    const struct snapshot *s;
    const struct copy_opts *opts;
    int32_t version;
    bool heap;
    struct writer *w;
    struct out_place place;
    struct moved *moved;
    size_t n_moved;
    struct arena files; /* of moved */
};

/* --- what the target can hold --- */

static bool uses_kryo(const struct ser *s)
{
    bool yes = s && s->read == read_kryo;
    for (uint32_t i = 0; s && !yes && i < s->n; i++)
        yes = uses_kryo(s->kids[i]);
    return yes;
}

static bool may_hold(const struct copy *c, const struct state_info *info, struct err *e)
{
    bool crosses = (c->s->meta.version >= 5) != (c->version >= 5);
    if (info->v2 && c->version < 5)
        return err_set(e, ERR_UNSUPPORTED,
                       "state \"%s\" is of the asynchronous kind, which metadata before version 5 (Flink 2.0) has not", info->name);
    if (crosses && (uses_kryo(info->value) || uses_kryo(info->user_key)))
        return err_set(
            e, ERR_UNSUPPORTED,
            "state \"%s\" is held by Kryo, whose bytes differ between Flink 1 and 2, so metadata version %d would tell them wrong",
            info->name, c->version);
    return true;
}

static bool may_hold_keyed(const struct copy *c, const struct keyed_part *p, struct err *e)
{
    const struct keyed_header *h = p->header;
    for (uint32_t i = 0; i < h->n; i++) {
        if (!may_hold(c, &h->states[i], e))
            return false;
        for (uint32_t j = 0; p->format == KEYED_CHANGELOG && j < i; j++)
            if (!strcmp(h->states[i].name, h->states[j].name))
                return err_set(e, ERR_UNSUPPORTED, "state \"%s\" has two versions of its serializer in one changelog",
                               h->states[i].name);
    }
    return true;
}

/* --- keyed state --- */

static bool copy_entry(void *ctx, struct entry *en, struct err *e) { return keyed_out_entry(ctx, en, e); }

static bool copy_entries(const struct copy *c, struct keyed_part *p, struct meta_keyed *to, struct arena *a, struct err *e)
{
    bool plain = c->opts->compress == COPY_PLAIN, packed = c->opts->compress == COPY_COMPRESS;
    const struct keyed_out_opts opts = {.heap = c->heap,
                                        .compress = packed || (!plain && p->header->compressed),
                                        .sort = p->format == KEYED_DATABASE || p->format == KEYED_CHANGELOG,
                                        .max_parallelism = p->op->max_parallelism,
                                        .kg_first = p->handle->kg_first,
                                        .kg_count = p->handle->kg_count};
    struct keyed_out *k;
    if (!may_hold_keyed(c, p, e) || !keyed_out_open(&k, &c->place, p->header, &opts, e))
        return false;
    if (keyed_walk(p, copy_entry, k, e))
        return keyed_out_end(k, to, a, e);
    keyed_out_drop(k);
    return false;
}

static bool copy_keyed(const struct copy *c, const struct meta_operator *op, const struct meta_keyed *h, struct meta_keyed *to,
                       struct arena *a, struct err *e)
{
    struct keyed_part *p;
    if (h->tag == HANDLE_NULL)
        return true;
    if (!keyed_open(&p, c->s, op, h, e))
        return false;
    bool ok = copy_entries(c, p, to, a, e) || err_in(e, "operator %s", op->uid ? op->uid : op->hex);
    keyed_close(p);
    return ok;
}

/* --- operator state --- */

struct elements {
    struct op_out *out;
    uint32_t state;
};

static bool copy_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    const struct elements *to = ctx;
    (void)info, (void)at;
    return op_out_element(to->out, to->state, element, e);
}

static uint64_t first_offset(const struct meta_op_state *s) { return s->n ? be64(s->offsets) : 0; }

static uint32_t index_of(const struct opstate_part *p, const struct meta_op_state *s)
{
    uint32_t i = 0;
    while (p->where[i] != s)
        i++;
    return i;
}

static int by_offset(const void *a, const void *b, void *part)
{
    const struct opstate_part *p = part;
    uint64_t x = first_offset(p->where[*(const uint32_t *)a]), y = first_offset(p->where[*(const uint32_t *)b]);
    return (x > y) - (x < y);
}

static bool copy_elements(const struct copy *c, struct opstate_part *p, struct meta_op_handle *to, struct arena *a, struct err *e)
{
    bool may = c->version >= 4; /* Flink before 1.18 neither compresses operator state nor reads it so */
    bool on = c->opts->compress == COPY_COMPRESS && c->version >= 5, keep = c->opts->compress != COPY_PLAIN && p->compressed;
    struct op_out_opts opts = {.compress = may && (on || keep)};
    opts.version = opts.compress ? 6 : may ? p->version : 5;
    for (uint32_t i = 0; i < p->n; i++)
        if (!may_hold(c, &p->states[i], e))
            return false;

    uint32_t n = p->handle->n, *order = arena_array(a, n, sizeof *order), *named = arena_array(a, n, sizeof *named);
    for (uint32_t i = 0; i < n; i++)
        order[i] = named[i] = index_of(p, &p->handle->states[i]);
    if (n)
        qsort_r(order, n, sizeof *order, by_offset, p);
    struct op_out *out;
    if (!op_out_open(&out, &c->place, p->states, p->n, &opts, e))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct elements el = {out, order[i]};
        if (!opstate_walk(p, order[i], copy_element, &el, e)) {
            op_out_drop(out);
            return false;
        }
    }
    return op_out_end(out, named, n, to, a, e);
}

static bool copy_managed(const struct copy *c, const struct meta_operator *op, const struct meta_op_handle *h,
                         struct meta_op_handle *to, struct arena *a, struct err *e)
{
    struct opstate_part *p;
    if (h->tag == HANDLE_NULL || h->stream.tag == HANDLE_EMPTY_SEGMENT)
        return true;
    if (!opstate_open(&p, c->s, op, h, e))
        return false;
    bool ok = copy_elements(c, p, to, a, e) || err_in(e, "operator %s", op->uid ? op->uid : op->hex);
    opstate_close(p);
    return ok;
}

/* --- bytes that are not looked into --- */

static bool copy_stream(const struct copy *c, const struct meta_stream *h, struct meta_stream *to, struct arena *a, struct err *e)
{
    struct blob b;
    struct source src;
    *to = (struct meta_stream){0};
    if (h->tag == HANDLE_NULL || h->tag == HANDLE_EMPTY_SEGMENT)
        return true;
    if (!blob_open(&b, c->s, h, e))
        return false;
    bool ok = blob_source(&b, 0, UINT64_MAX, &src, e);
    if (ok) {
        ok = out_copy(&c->place, &src, to, a, e);
        source_close(&src);
    }
    blob_close(&b);
    return ok;
}

static bool copy_raw(const struct copy *c, const struct meta_op_handle *h, struct meta_op_handle *to, struct arena *a,
                     struct err *e)
{
    *to = *h;
    return copy_stream(c, &h->stream, &to->stream, a, e);
}

static bool copy_raw_keyed(const struct copy *c, const struct meta_keyed *h, struct meta_keyed *to, struct arena *a, struct err *e)
{
    if (h->tag == HANDLE_NULL)
        return true;
    if (h->tag != HANDLE_KEY_GROUPS && h->tag != HANDLE_KEY_GROUPS_V2)
        return err_set(e, ERR_CORRUPT, "%s: raw keyed state at offset %llu in a %s", c->s->location, (unsigned long long)h->at,
                       handle_name(h->tag));
    *to = *h;
    to->tag = HANDLE_KEY_GROUPS_V2;
    to->id = arena_str(a, uuid_random().s);
    return copy_stream(c, &h->stream, &to->stream, a, e);
}

static bool same_stream(const struct meta_stream *a, const struct meta_stream *b)
{
    return a->tag == b->tag && a->start == b->start && a->size == b->size && !strcmp(a->path, b->path);
}

static bool move(struct copy *c, const struct meta_stream *h, struct meta_stream *to, struct err *e)
{
    for (size_t i = c->n_moved; h->path && i-- > 0;)
        if (same_stream(c->moved[i].from, h)) {
            *to = c->moved[i].to;
            return true;
        }
    if (!copy_stream(c, h, to, &c->files, e))
        return false;
    c->moved = mem_grow(c->moved, c->n_moved + 1, sizeof *c->moved);
    c->moved[c->n_moved++] = (struct moved){h, *to};
    return true;
}

static struct meta_channel *copy_channels(struct copy *c, const struct meta_channel *from, uint32_t n, struct arena *a,
                                          struct err *e)
{
    struct meta_channel *to = arena_array(a, n, sizeof *to);
    for (uint32_t i = 0; i < n; i++) {
        to[i] = from[i];
        if (!move(c, &from[i].stream, &to[i].stream, e))
            return NULL;
    }
    return to;
}

/* --- the whole --- */

static bool copy_subtask(struct copy *c, const struct meta_operator *op, const struct meta_subtask *s, struct err *e)
{
    struct arena a = {0};
    struct meta_subtask to = {.index = s->index, .finished = s->finished, .n_inputs = s->n_inputs, .n_outputs = s->n_outputs};
    bool ok = copy_managed(c, op, &s->managed, &to.managed, &a, e) && copy_raw(c, &s->raw, &to.raw, &a, e) &&
        copy_keyed(c, op, &s->keyed, &to.keyed, &a, e) && copy_raw_keyed(c, &s->raw_keyed, &to.raw_keyed, &a, e) &&
        (to.inputs = copy_channels(c, s->inputs, s->n_inputs, &a, e)) &&
        (to.outputs = copy_channels(c, s->outputs, s->n_outputs, &a, e)) && writer_subtask(c->w, &to, e);
    arena_free(&a);
    return ok;
}

static bool copy_operators(struct copy *c, struct err *e)
{
    const struct meta *m = &c->s->meta;
    for (uint32_t i = 0; i < m->n; i++) {
        const struct meta_operator *op = &m->operators[i];
        if (!writer_operator(c->w, op, e))
            return false;
        for (uint32_t j = 0; j < op->n; j++)
            if (!copy_subtask(c, op, &op->subtasks[j], e))
                return false;
    }
    return true;
}

/* Is the keyed state the heap backend's? One backend holds all of a job's, so the first handle tells; without one, the properties. */
static bool is_heap(const struct snapshot *s, bool *heap, struct err *e)
{
    *heap = s->meta.format && !strcmp(s->meta.format, "NATIVE");
    for (uint32_t i = 0; i < s->meta.n; i++)
        for (uint32_t j = 0; j < s->meta.operators[i].n; j++) {
            const struct meta_keyed *h = &s->meta.operators[i].subtasks[j].keyed;
            if (h->tag == HANDLE_NULL)
                continue;
            struct keyed_part *p;
            if (!keyed_open(&p, s, &s->meta.operators[i], h, e))
                return false;
            *heap = p->format == KEYED_HEAP;
            keyed_close(p);
            return true;
        }
    return true;
}

static void describe(const struct copy *c, struct meta *m)
{
    const struct meta *from = &c->s->meta;
    *m = (struct meta){.version = c->version,
                       .checkpoint_id = from->checkpoint_id,
                       .n_masters = from->n_masters,
                       .masters = from->masters,
                       .type_name = from->is_savepoint && from->type_name ? from->type_name : "Savepoint",
                       .format = c->heap ? "NATIVE" : "CANONICAL",
                       .post_action = from->post_action ? from->post_action : "NONE"};
    if (from->is_savepoint && from->format && !strcmp(from->format, m->format))
        m->properties = from->properties;
}

bool snapshot_copy(const struct snapshot *s, const char *target, const struct copy_opts *opts, struct err *e)
{
    struct copy c = {.s = s, .opts = opts, .heap = opts->form == COPY_HEAP};
    struct meta m;
    c.version = opts->version ? opts->version : s->meta.version < META_WRITE_MIN ? META_WRITE_MIN : s->meta.version;
    if (opts->form == COPY_FORM_KEEP && !is_heap(s, &c.heap, e))
        return false;
    describe(&c, &m);
    if (!writer_open(&c.w, target, &m, e))
        return false;
    c.place = writer_place(c.w);
    bool ok = copy_operators(&c, e);
    if (ok)
        ok = writer_finish(c.w, e);
    else
        writer_abort(c.w);
    free(c.moved);
    arena_free(&c.files);
    return ok;
}
