/* Would a new job restore from it? */
#include <stdlib.h>
#include <string.h>

#include "inspect/validate.h"

struct restore {
    struct validation *v;
    const struct tree *t;
    const struct validate_opts *opts;
    struct layout old;
};

static const char *version_text(int flink, struct arena *a) { return arena_printf(a, "%d.%d", flink / 100, flink % 100); }

/* The backend that wrote native state; ANY when the state is canonical, or there is none. */
static enum compat_backend written_by(const struct tree *t)
{
    return t->formats[KEYED_DATABASE] ? BACKEND_ROCKSDB : t->formats[KEYED_HEAP] ? BACKEND_HASHMAP : BACKEND_ANY;
}

struct compat_target validate_target(const struct tree *t, const struct validate_opts *opts)
{
    struct compat_target target = opts->target;
    if (!opts->flink_given) {
        int theirs = opts->against && opts->against->meta_version ? flink_of_metadata(opts->against->meta_version) : 0;
        target.flink = flink_of_metadata(t->scan.snapshot->meta.version);
        target.flink = theirs > target.flink ? theirs : target.flink;
    }
    if (!opts->backend_given)
        target.backend = written_by(t);
    return target;
}

/* OperatorBackendSerializationProxy version 6 is of Flink 1.18; _metadata has no other version for it. */
static bool newer_operator_state(const struct restore *r)
{
    for (uint32_t i = 0; i < r->t->scan.n_parts; i++) {
        const struct part *p = &r->t->scan.parts[i];
        struct opstate_part *part;
        struct err e = {0};
        if (p->kind != PART_OPERATOR || !opstate_open(&part, r->t->scan.snapshot, p->op, &p->subtask->managed, &e))
            continue;
        bool newer = part->version > 5;
        opstate_close(part);
        return newer;
    }
    return false;
}

static void versions(struct restore *r)
{
    int32_t metadata = r->t->scan.snapshot->meta.version;
    int oldest = flink_reads_metadata(metadata), flink = r->v->target.flink;
    struct arena *a = &r->v->arena;
    if (flink < oldest)
        find(r->v, RULE_METADATA_TOO_NEW, NULL, NULL, "_metadata is of version %d, which Flink %s does not read; %s and later do",
             metadata, version_text(flink, a), version_text(oldest, a));
    else if (flink < FLINK(1, 18) && metadata == 4 && newer_operator_state(r))
        find(r->v, RULE_METADATA_TOO_NEW, NULL, NULL,
             "operator state is written in the form of Flink 1.18, which Flink %s does not read", version_text(flink, a));
    if (flink >= FLINK(2, 0) && metadata < 5)
        find(r->v, RULE_ACROSS_MAJOR, NULL, NULL, "the snapshot is of Flink %s, the restore in Flink %s", metadata_flink(metadata),
             version_text(flink, a));
}

static void native(struct restore *r)
{
    static const char *const names[] = {"any", "HashMap", "RocksDB"};
    enum compat_backend from = written_by(r->t), to = r->v->target.backend;
    if (from != BACKEND_ANY && to != BACKEND_ANY && from != to)
        find(r->v, RULE_NATIVE_OTHER_BACKEND, NULL, NULL, "the keyed state is in %s's own format and the job has %s", names[from],
             names[to]);
}

/* --- state by state --- */

static void verdict(struct restore *r, const struct layout_op *op, const char *state, enum verdict verdict_, const char *why)
{
    struct validation *v = r->v;
    if (!(v->n_states & (v->n_states - 1)))
        v->states = mem_grow(v->states, v->n_states ? (size_t)v->n_states * 2 : 1, sizeof *v->states);
    /* the new job's layout need not live as long as the findings */
    v->states[v->n_states++] = (struct state_verdict){arena_str(&v->arena, op->label), arena_str(&v->arena, state), verdict_, why};
}

/* What is as it was only because nobody says anything else of it. */
static struct compat told(const struct layout_state *next, struct compat c)
{
    if (next->untold && c.verdict == VERDICT_AS_IS)
        c = (struct compat){.verdict = VERDICT_UNKNOWN,
                            .why =
                                "neither classes nor code of the new job say what the state is; type, kind or TTL may be others"};
    return c;
}

static void compared(struct restore *r, const struct layout_op *op, const struct layout_state *st, struct compat c)
{
    if (c.verdict == VERDICT_INCOMPATIBLE)
        find(r->v, c.gone ? RULE_CLASS_GONE : RULE_STATE_INCOMPATIBLE, op->label, st->name, "%s", c.why);
    if (c.verdict == VERDICT_AFTER_MIGRATION)
        find(r->v, RULE_STATE_MIGRATES, op->label, st->name, "%s", c.why);
    if (c.danger && c.verdict != VERDICT_INCOMPATIBLE)
        find(r->v, RULE_AVRO_FIELDS_MIXED, op->label, st->name, "%s", c.danger);
    verdict(r, op, st->name, c.verdict, c.why);
}

static const struct layout_state *successor(const struct layout_op *op, const struct layout_state *st)
{
    const struct layout_state *found = layout_state_by_name(op, st->name, st->kind);
    return found && compat_same_table(found->kind, st->kind) ? found : NULL;
}

/* An internal queue of timers appears with the first timer, so that its absence says nothing. */
static void unregistered(struct restore *r, const struct layout_op *op, const struct layout_state *st)
{
    const char *why = "the operator does not register it; Flink keeps it unused";
    if (st->kind == KIND_TIMERS && !st->entries)
        why = "an empty queue of timers, which the operator makes when it needs it";
    else
        find(r->v, RULE_STATE_UNREGISTERED, op->label, st->name, "the new job's operator does not register the state");
    verdict(r, op, st->name, VERDICT_DROPPED, why);
}

/* StateAssignmentOperation#checkParallelismPreconditions. NULL: the state can be placed. */
static const char *placement(struct restore *r, const struct layout_op *old, const struct layout_op *new)
{
    struct arena *a = &r->v->arena;
    const char *why = NULL;
    bool derived =
        new->parallelism ? new->max_parallelism == derived_max_parallelism(new->parallelism) : new->max_parallelism == 128;
    derived = derived && !new->max_told;
    if (old->max_parallelism != new->max_parallelism && !derived) {
        why = arena_printf(a, "the state has a maximum parallelism of %d and the new job of %d", old->max_parallelism,
                           new->max_parallelism);
        find(r->v, RULE_MAX_PARALLELISM_CHANGED, old->label, NULL, "%s", why);
    } else if (old->max_parallelism != new->max_parallelism) {
        find(r->v, RULE_MAX_PARALLELISM_DERIVED, old->label, NULL,
             "the state has a maximum parallelism of %d and the new job of %d", old->max_parallelism, new->max_parallelism);
    }
    if (new->parallelism > old->max_parallelism) {
        why = arena_printf(a, "the new job runs %d subtasks, and the state has %d key groups", new->parallelism,
                           old->max_parallelism);
        find(r->v, RULE_PARALLELISM_TOO_HIGH, old->label, NULL, "%s", why);
    }
    return why;
}

static void operator_goes_on(struct restore *r, const struct layout_op *old, const struct layout_op *new)
{
    struct compat keys = compat_keys(old->key, new->key, &r->v->target, &r->v->arena);
    const char *misplaced = placement(r, old, new);
    for (uint32_t i = 0; i < old->n; i++) {
        const struct layout_state *st = &old->states[i], *next = successor(new, st);
        bool keyed = st->kind <= KIND_TIMERS;
        if (misplaced)
            verdict(r, old, st->name, VERDICT_INCOMPATIBLE, misplaced);
        else if (keyed && keys.verdict == VERDICT_INCOMPATIBLE)
            compared(r, old, st, keys);
        else if (!next)
            unregistered(r, old, st);
        else
            compared(r, old, st, told(next, compat_state(st, next, &r->v->target, &r->v->arena)));
    }
    for (uint32_t i = 0; i < new->n; i++)
        if (!layout_state_by_name(old, new->states[i].name, new->states[i].kind) || !successor(old, &new->states[i])) {
            verdict(r, old, new->states[i].name, VERDICT_NEW, "the snapshot has no such state; it starts empty");
            find(r->v, RULE_STATE_NEW, old->label, arena_str(&r->v->arena, new->states[i].name), "the snapshot has no such state");
        }
}

static void operator_goes(struct restore *r, const struct layout_op *op)
{
    const char *why = "the new job has no operator with this id";
    for (uint32_t i = 0; i < op->n; i++)
        verdict(r, op, op->states[i].name, VERDICT_DROPPED, why);
    if (op->stateful && !r->opts->allow_non_restored)
        find(r->v, RULE_STATE_DROPPED, op->label, NULL, "the new job has no operator with id %s; its %u states would be lost",
             op->id, op->n);
}

static void operator_comes(struct restore *r, const struct layout_op *op)
{
    for (uint32_t i = 0; i < op->n; i++) {
        verdict(r, op, op->states[i].name, VERDICT_NEW, "the snapshot has no such operator; the state starts empty");
        find(r->v, RULE_STATE_NEW, arena_str(&r->v->arena, op->label), arena_str(&r->v->arena, op->states[i].name),
             "the snapshot has no such operator");
    }
}

static int by_place(const void *a, const void *b)
{
    const struct state_verdict *x = a, *y = b;
    int c = strcmp(x->op, y->op);
    c = c ? c : strcmp(x->state, y->state);
    return c ? c : (int)x->verdict - (int)y->verdict;
}

void validate_restore(struct validation *v, const struct tree *t, const struct validate_opts *opts)
{
    struct restore r = {.v = v, .t = t, .opts = opts};
    versions(&r);
    native(&r);
    if (!opts->against)
        return;
    layout_of_tree(&r.old, t);
    for (uint32_t i = 0; i < r.old.n; i++) {
        const struct layout_op *next = layout_op_by_id(opts->against, r.old.ops[i].id);
        if (next)
            operator_goes_on(&r, &r.old.ops[i], next);
        else
            operator_goes(&r, &r.old.ops[i]);
    }
    for (uint32_t i = 0; i < opts->against->n; i++)
        if (!layout_op_by_id(&r.old, opts->against->ops[i].id))
            operator_comes(&r, &opts->against->ops[i]);
    if (v->n_states)
        qsort(v->states, v->n_states, sizeof *v->states, by_place);
    layout_free(&r.old);
}
