#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/temp.h"
#include "migrate/relocate.h"
#include "migrate/run_offsets.h"
#include "migrate/run_parts.h"
#include "savepoint/meta_write.h"
#include "savepoint/out_file.h"

bool keeps_compression(const struct run *r, bool was)
{
    return r->d->copy.compress == COPY_COMPRESS || (was && r->d->copy.compress != COPY_PLAIN);
}

void run_progress(const struct run *r, const struct meta_keyed *h)
{
    uint64_t n = h->stream.size;
    for (uint32_t i = 0; i < h->n_shared; i++)
        n += h->shared[i].stream.size;
    for (uint32_t i = 0; i < h->n_private; i++)
        n += h->priv[i].stream.size;
    progress_add(r->opts->progress, n);
}

/* --- units of work --- */

static bool work_subtask(const struct run *r, struct run_unit *u, struct err *e)
{
    const struct snapshot *s = u->op->in->snapshot;
    const struct meta_subtask *from = u->from;
    struct meta_subtask *to = u->to;
    to->index = from->index;
    to->finished = from->finished;
    return run_managed(r, u->op, &from->managed, &to->managed, &u->arena, e) &&
        copy_raw(s, &r->place, &from->raw, &to->raw, &u->arena, e) && run_keyed(r, u->op, &from->keyed, &to->keyed, &u->arena, e) &&
        copy_raw_keyed(s, &r->place, &from->raw_keyed, &to->raw_keyed, &u->arena, e);
}

/* Operator state is dealt out only to another number of subtasks. */
static bool work_managed(const struct run *r, struct run_unit *u, struct err *e)
{
    const struct meta_operator *m = u->op->meta;
    if (u->op->parallelism != m->parallelism)
        return deal_managed(r, u->op, u->to, u->n, &u->arena, e);
    for (uint32_t i = 0; i < m->n; i++) {
        const struct meta_subtask *from = &m->subtasks[i];
        if (from->index >= 0 && (uint32_t)from->index < u->n &&
            !run_managed(r, u->op, &from->managed, &u->to[from->index].managed, &u->arena, e))
            return false;
    }
    return true;
}

static bool work_operator(const struct run *r, struct run_unit *u, struct err *e)
{
    for (uint32_t i = 0; i < u->n; i++)
        u->to[i].index = (int32_t)i;
    return work_managed(r, u, e) && deal_keyed(r, u->op, u->to, u->n, &u->arena, e) &&
        deal_raw_keyed(r, u->op, u->to, u->n, &u->arena, e);
}

static void *work(void *ctx)
{
    struct run *r = ctx;
    for (;;) {
        uint32_t i = atomic_fetch_add(&r->next, 1);
        if (i >= r->n_units || atomic_load(&r->failed))
            return NULL;
        struct run_unit *u = &r->units[i];
        if (!(u->from ? work_subtask : work_operator)(r, u, &u->err)) {
            if (!strstr(u->err.text, "operator "))
                err_in(&u->err, "operator %s", u->op->label);
            atomic_store(&r->failed, true);
        }
    }
}

/* Of several failures the first in order is told. */
static bool work_all(struct run *r, struct err *e)
{
    unsigned more = r->opts->jobs > 1 ? r->opts->jobs - 1 : 0, started = 0;
    more = more > 256 ? 256 : more;
    pthread_t *threads = mem_zalloc((more + 1) * sizeof *threads);
    while (started < more && !pthread_create(&threads[started], NULL, work, r))
        started++;
    work(r);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    for (uint32_t i = 0; i < r->n_units; i++)
        if (r->units[i].err.kind != ERR_NONE)
            return err_set(e, r->units[i].err.kind, "%s", r->units[i].err.text);
    return true;
}

static void add_unit(struct run *r, const struct draft_op *op, const struct meta_subtask *from, uint32_t n)
{
    if (!(r->n_units & (r->n_units - 1)))
        r->units = mem_grow(r->units, r->n_units ? (size_t)r->n_units * 2 : 1, sizeof *r->units);
    struct run_unit *u = &r->units[r->n_units++];
    *u = (struct run_unit){.op = op, .from = from, .n = n};
    u->to = arena_array(&u->arena, n, sizeof *u->to);
}

static void plan_units(struct run *r)
{
    for (uint32_t i = 0; i < r->d->n; i++) {
        const struct draft_op *op = &r->d->ops[i];
        if (op->dropped)
            continue;
        if (draft_moves(op) && op->meta->n)
            add_unit(r, op, NULL, (uint32_t)op->parallelism);
        for (uint32_t j = 0; !draft_moves(op) && j < op->meta->n; j++)
            add_unit(r, op, &op->meta->subtasks[j], 1);
    }
}

/* --- putting it together --- */

/* And whether statements about sources have found what they are about. */
static bool set_coordinators(struct run *r, struct err *e)
{
    r->coordinators = arena_array(&r->arena, r->d->n, sizeof *r->coordinators);
    for (uint32_t i = 0; i < r->d->n; i++) {
        const struct draft_op *op = &r->d->ops[i];
        if (!op->dropped && (!run_coordinator(op, &r->coordinators[i], &r->arena, e) || !run_offsets_met(op, e)))
            return false;
    }
    return true;
}

static struct meta_operator describe_operator(const struct run *r, uint32_t i)
{
    const struct draft_op *op = &r->d->ops[i];
    struct meta_operator m = *op->meta;
    m.coordinator = r->coordinators[i];
    memcpy(m.id, op->id, sizeof m.id);
    memcpy(m.hex, op->hex, sizeof m.hex);
    m.parallelism = op->parallelism;
    m.max_parallelism = op->max_parallelism;
    if (op->renamed)
        m.uid = op->uid;
    return m;
}

/* In-flight data stays with subtasks that stay: it lies in files that they share. */
static bool write_unit(struct run *r, struct run_unit *u, struct copied_files *files, struct err *e)
{
    for (uint32_t i = 0; i < u->n; i++) {
        struct meta_subtask *to = &u->to[i];
        if (u->from) {
            const struct snapshot *s = u->op->in->snapshot;
            to->n_inputs = u->from->n_inputs;
            to->n_outputs = u->from->n_outputs;
            if (!(to->inputs = copy_channels(files, s, &r->place, u->from->inputs, to->n_inputs, &u->arena, e)) ||
                !(to->outputs = copy_channels(files, s, &r->place, u->from->outputs, to->n_outputs, &u->arena, e)))
                return false;
        }
        if (!writer_subtask(r->w, to, e))
            return false;
    }
    return true;
}

static bool write_all(struct run *r, struct err *e)
{
    struct copied_files files = {0};
    bool ok = true;
    uint32_t u = 0;
    for (uint32_t i = 0; ok && i < r->d->n; i++) {
        const struct draft_op *op = &r->d->ops[i];
        struct meta_operator m = describe_operator(r, i);
        if (op->dropped)
            continue;
        ok = writer_operator(r->w, &m, e);
        for (; ok && u < r->n_units && r->units[u].op == op; u++)
            ok = write_unit(r, &r->units[u], &files, e);
    }
    copied_files_free(&files);
    return ok;
}

static bool write_trail(const struct run *r, struct err *e)
{
    struct out_file f = {0};
    if (!r->opts->trail.n)
        return true;
    bool ok =
        out_create(&f, r->place.dir, SNAPSHOT_TRAIL, e) && out_put(&f, r->opts->trail.p, r->opts->trail.n, e) && out_sync(&f, e);
    out_drop(&f);
    return ok;
}

static void describe(const struct run *r, struct meta *m)
{
    const struct meta *from = &r->d->inputs[0]->snapshot->meta;
    *m = (struct meta){.version = r->version,
                       .checkpoint_id = from->checkpoint_id,
                       .n_masters = from->n_masters,
                       .masters = from->masters,
                       .type_name = from->is_savepoint && from->type_name ? from->type_name : "Savepoint",
                       .format = r->form == OUT_CANONICAL ? "CANONICAL" : "NATIVE",
                       .post_action = from->post_action ? from->post_action : "NONE"};
    if (from->is_savepoint && from->format && !strcmp(from->format, m->format))
        m->properties = from->properties;
}

static bool choose_form(struct run *r, struct err *e)
{
    static const enum keyed_out_form forms[] = {
        [COPY_CANONICAL] = OUT_CANONICAL, [COPY_HEAP] = OUT_HEAP, [COPY_DATABASE] = OUT_DATABASE};
    const struct copy_opts *c = &r->d->copy;
    int32_t was = r->d->inputs[0]->snapshot->meta.version;
    r->version = c->version ? c->version : was < META_WRITE_MIN ? META_WRITE_MIN : was;
    r->form = forms[c->form];
    return c->form != COPY_FORM_KEEP || copy_form_of(r->d->inputs[0]->snapshot, &r->form, e);
}

static bool write_to_target(struct run *r, struct err *e)
{
    struct meta m;
    describe(r, &m);
    if (!writer_open(&r->w, r->opts->target, &m, e))
        return false;
    r->place = writer_place(r->w);
    if (work_all(r, e) && set_coordinators(r, e) && write_all(r, e) && write_trail(r, e))
        return writer_finish(r->w, e);
    writer_abort(r->w);
    return false;
}

/* Nothing is written: RocksDB's own form would need a place for all of it. Only where two records of a key must be found a file
 * without a name may be needed for a while. */
static bool try_out(struct run *r, struct err *e)
{
    r->place = (struct out_place){.dir = temp_below(), .inline_max = OUT_NOWHERE};
    r->form = r->form == OUT_DATABASE ? OUT_CANONICAL : r->form;
    return work_all(r, e) && set_coordinators(r, e);
}

bool run_draft(const struct draft *d, const struct run_opts *opts, struct err *e)
{
    struct run r = {.d = d, .opts = opts};
    if (d->relocate_from)
        return relocate(d, opts, e);
    if (!draft_whole(d, e) || !choose_form(&r, e))
        return false;
    plan_units(&r);
    bool ok = opts->target ? write_to_target(&r, e) : try_out(&r, e);
    for (uint32_t i = 0; i < r.n_units; i++)
        arena_free(&r.units[i].arena);
    free(r.units);
    arena_free(&r.arena);
    return ok;
}
