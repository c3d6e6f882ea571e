#include "savepoint/copy.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/copy_parts.h"
#include "savepoint/meta_write.h"
#include "savepoint/opstate.h"

struct copy {
    const struct snapshot *s;
    const struct copy_opts *opts;
    int32_t version;
    enum keyed_out_form form;
    struct writer *w;
    struct out_place place;
    struct copied_files files;
};

static bool may_hold_keyed(const struct copy *c, const struct keyed_part *p, struct err *e)
{
    const struct keyed_header *h = p->header;
    for (uint32_t i = 0; i < h->n; i++) {
        if (!copy_may_hold(c->s, &h->states[i], c->version, e))
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
    const struct keyed_out_opts opts = {.form = c->form,
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
        if (!copy_may_hold(c->s, &p->states[i], c->version, e))
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

/* --- the whole --- */

static bool copy_subtask(struct copy *c, const struct meta_operator *op, const struct meta_subtask *s, struct err *e)
{
    struct arena a = {0};
    struct meta_subtask to = {.index = s->index, .finished = s->finished, .n_inputs = s->n_inputs, .n_outputs = s->n_outputs};
    bool ok = copy_managed(c, op, &s->managed, &to.managed, &a, e) && copy_raw(c->s, &c->place, &s->raw, &to.raw, &a, e) &&
        copy_keyed(c, op, &s->keyed, &to.keyed, &a, e) && copy_raw_keyed(c->s, &c->place, &s->raw_keyed, &to.raw_keyed, &a, e) &&
        (to.inputs = copy_channels(&c->files, c->s, &c->place, s->inputs, s->n_inputs, &a, e)) &&
        (to.outputs = copy_channels(&c->files, c->s, &c->place, s->outputs, s->n_outputs, &a, e)) && writer_subtask(c->w, &to, e);
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

static void describe(const struct copy *c, struct meta *m)
{
    const struct meta *from = &c->s->meta;
    *m = (struct meta){.version = c->version,
                       .checkpoint_id = from->checkpoint_id,
                       .n_masters = from->n_masters,
                       .masters = from->masters,
                       .type_name = from->is_savepoint && from->type_name ? from->type_name : "Savepoint",
                       .format = c->form == OUT_CANONICAL ? "CANONICAL" : "NATIVE",
                       .post_action = from->post_action ? from->post_action : "NONE"};
    if (from->is_savepoint && from->format && !strcmp(from->format, m->format))
        m->properties = from->properties;
}

bool snapshot_copy(const struct snapshot *s, const char *target, const struct copy_opts *opts, struct err *e)
{
    static const enum keyed_out_form forms[] = {
        [COPY_CANONICAL] = OUT_CANONICAL, [COPY_HEAP] = OUT_HEAP, [COPY_DATABASE] = OUT_DATABASE};
    struct copy c = {.s = s, .opts = opts, .form = forms[opts->form]};
    struct meta m;
    c.version = opts->version ? opts->version : s->meta.version < META_WRITE_MIN ? META_WRITE_MIN : s->meta.version;
    if (opts->form == COPY_FORM_KEEP && !copy_form_of(s, &c.form, e))
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
    copied_files_free(&c.files);
    return ok;
}
