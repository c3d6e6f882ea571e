/* Is the snapshot whole, and does it fit together? */
#include <stdlib.h>
#include <string.h>

#include "inspect/validate.h"
#include "savepoint/keyhash.h"
#include "savepoint/state_decode.h"

static void files(struct validation *v, const struct tree *t)
{
    const struct files *f = &t->files;
    for (uint32_t i = 0; i < f->n_faults; i++) {
        enum err_kind kind = f->faults[i].kind;
        enum rule_id rule = kind == ERR_MISSING ? RULE_FILE_MISSING
            : kind == ERR_INCOMPLETE            ? RULE_FILE_CUT
            : kind == ERR_CORRUPT               ? RULE_FILE_OUTSIDE
                                                : RULE_FILE_UNREADABLE;
        find(v, rule, NULL, NULL, "%s", f->faults[i].text);
    }
    if (f->moved)
        find(v, RULE_FILE_MOVED, NULL, NULL, "%u files are not where the snapshot says, and were found beside it", f->moved);
}

/* --- files that nothing refers to --- */

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* Only the snapshot's own directory: that of shared files holds those of other checkpoints, too. */
static void orphans(struct validation *v, const struct tree *t)
{
    enum { SHOWN = 20 };
    const struct snapshot *s = t->scan.snapshot;
    const struct files *f = &t->files;
    struct arena a = {0};
    struct err e = {0};
    const char **names;
    uint32_t n = 0, found = 0;
    if (store_list(s->dir, &a, &names, &n, &e)) {
        size_t n_known = f->n_segments + (size_t)2;
        const char **known = arena_array(&a, n_known, sizeof *known);
        for (uint32_t i = 0; i < f->n_segments; i++)
            known[i] = store_base(f->segments[i].path);
        known[f->n_segments] = store_base(s->location);
        known[f->n_segments + 1] = SNAPSHOT_TRAIL;
        qsort(known, n_known, sizeof *known, by_text);
        for (uint32_t i = 0; i < n; i++)
            if (!strchr(names[i], '/') && !bsearch(&names[i], known, n_known, sizeof *known, by_text) && found++ < SHOWN)
                find(v, RULE_FILE_ORPHAN, NULL, NULL, "%s: no handle refers to it", names[i]);
    }
    if (found > SHOWN)
        find(v, RULE_FILE_ORPHAN, NULL, NULL, "and %u files more to which no handle refers", found - SHOWN);
    arena_free(&a);
}

/* --- metadata --- */

static int by_id(const void *a, const void *b)
{
    const struct meta_operator *x = *(const struct meta_operator *const *)a, *y = *(const struct meta_operator *const *)b;
    return memcmp(x->id, y->id, sizeof x->id);
}

static void twice(struct validation *v, const struct tree *t)
{
    const struct meta_operator **ops = mem_alloc(t->scan.n_ops * sizeof *ops + 1);
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        ops[i] = t->scan.ops[i];
    if (t->scan.n_ops)
        qsort(ops, t->scan.n_ops, sizeof *ops, by_id);
    for (uint32_t i = 1; i < t->scan.n_ops; i++)
        if (!by_id(&ops[i - 1], &ops[i]))
            find(v, RULE_METADATA_INCONSISTENT, operator_label(t->scan.names, ops[i]), NULL, "the operator is listed twice");
    free(ops);
}

static void parallelism(struct validation *v, const struct tree_op *op)
{
    const struct meta_operator *m = op->meta;
    if (m->parallelism < 1 || m->max_parallelism < 1 || m->max_parallelism > 1 << 15 || m->parallelism > m->max_parallelism)
        find(v, RULE_METADATA_INCONSISTENT, op->label, NULL, "parallelism %d of at most %d, outside 1 to 32768 or beyond it",
             m->parallelism, m->max_parallelism);
    for (uint32_t i = 0; i < m->n; i++) {
        int32_t index = m->subtasks[i].index;
        if (index < 0 || index >= m->parallelism || (i && index == m->subtasks[i - 1].index))
            find(v, RULE_METADATA_INCONSISTENT, op->label, NULL, "subtask %d of %d is beyond the parallelism or listed twice",
                 index, m->parallelism);
    }
}

/* Every key group once. Subtasks that have finished hold none. */
static void key_groups(struct validation *v, const struct tree_op *op)
{
    enum { GROUPS_MAX = 1 << 15 };
    const struct meta_operator *m = op->meta;
    int32_t all = m->max_parallelism;
    uint32_t handles = 0, gaps = 0, overlaps = 0, first_gap = 0, first_overlap = 0;
    bool finished = m->finished;
    if (all < 1 || all > GROUPS_MAX)
        return;
    uint8_t *holders = mem_zalloc((size_t)all);
    for (uint32_t i = 0; i < m->n; i++) {
        const struct meta_keyed *h = &m->subtasks[i].keyed;
        finished = finished || m->subtasks[i].finished;
        if (h->tag == HANDLE_NULL)
            continue;
        handles++;
        if (h->kg_first < 0 || (uint64_t)h->kg_first + h->kg_count > (uint32_t)all) {
            find(v, RULE_METADATA_INCONSISTENT, op->label, NULL, "subtask %d holds key groups %d to %lld, of %d that there are",
                 m->subtasks[i].index, h->kg_first, (long long)h->kg_first + h->kg_count - 1, all);
            continue;
        }
        for (uint32_t g = 0; g < h->kg_count; g++)
            if (holders[(uint32_t)h->kg_first + g]++ == 1 && !overlaps++)
                first_overlap = (uint32_t)h->kg_first + g;
    }
    for (uint32_t g = 0; handles && g < (uint32_t)all; g++)
        if (!holders[g] && !gaps++)
            first_gap = g;
    if (overlaps)
        find(v, RULE_KEY_GROUPS_OVERLAP, op->label, NULL, "%u key groups stand in more than one handle, the first is %u", overlaps,
             first_overlap);
    if (gaps && !finished)
        find(v, RULE_KEY_GROUPS_GAP, op->label, NULL, "%u of %d key groups stand in no handle, the first is %u", gaps, all,
             first_gap);
    free(holders);
}

/* --- what reading said --- */

static void reading(struct validation *v, const struct tree *t)
{
    for (uint32_t i = 0; i < t->n_troubles; i++)
        find(v, RULE_UNREADABLE, t->troubles[i].op->label, NULL, "subtask %d: %s", t->troubles[i].subtask, t->troubles[i].err.text);
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        for (uint32_t j = 0; j < t->ops[i].n_states; j++) {
            const struct tree_state *st = t->ops[i].states[j];
            if (st->differs)
                find(v, RULE_SUBTASKS_DIFFER, t->ops[i].label, st->name, "not all subtasks describe its serializers alike");
            for (uint32_t k = 0; k < st->totals.n_reasons; k++)
                find(v, RULE_VALUES_NOT_DECODED, t->ops[i].label, st->name, "%llu values of %s: %s",
                     (unsigned long long)st->totals.reasons[k].n, st->totals.reasons[k].cls, st->totals.reasons[k].why);
        }
}

/* --- keys in their key groups --- */

struct placed { /* of a part */
    uint64_t wrong;
    char state[128];
    uint32_t group, own;
};

struct placing {
    const struct validation *v;
    const struct tree *t;
    struct placed *parts; /* by part */
};

struct place_walk {
    struct placed *placed;
    int32_t max_parallelism;
};

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct place_walk *w = ctx;
    const struct ser *ser = en->header->key;
    struct timer timer;
    int32_t hash;
    if (!entry_split(en, e) || (en->form == FORM_TIMER && !timer_split(en, &timer, e)))
        return false;
    struct bytes key = en->key;
    if (en->form == FORM_TIMER) {
        ser = timer.key_ser;
        key = timer.key;
    }
    struct rd r = rd_of(key.p, key.n, en->at);
    if (!ser || !keyhash_known(ser) || !keyhash_read(ser, &r, &hash))
        return true;
    uint32_t own = key_group_of_hash(hash, w->max_parallelism);
    if (own != en->key_group && !w->placed->wrong++) {
        w->placed->group = en->key_group;
        w->placed->own = own;
        size_t n = strnlen(en->info->name, sizeof w->placed->state - 1);
        memcpy(w->placed->state, en->info->name, n);
    }
    return true;
}

/* What fails here has failed in the tree, which tells of it. */
static bool place_part(void *ctx, const struct part *p, struct err *e)
{
    struct placing *all = ctx;
    const struct snapshot *s = all->t->scan.snapshot;
    struct place_walk w = {&all->parts[p->index], p->op->max_parallelism};
    if (w.max_parallelism < 1)
        return true;
    return part_entries(s, p, on_entry, &w, e);
}

static void placement(struct validation *v, const struct tree *t, unsigned jobs)
{
    struct placing all = {.v = v, .t = t};
    struct err *errs = mem_zalloc(t->scan.n_parts * sizeof *errs + 1);
    all.parts = mem_zalloc(t->scan.n_parts * sizeof *all.parts + 1);
    scan_run(&t->scan, jobs, place_part, &all, errs);
    for (uint32_t i = 0; i < t->scan.n_parts; i++) {
        const struct placed *p = &all.parts[i];
        if (p->wrong)
            find(v, RULE_KEY_IN_WRONG_GROUP, t->ops[t->scan.parts[i].op_index].label, arena_str(&v->arena, p->state),
                 "subtask %d: %llu entries; the first stands in key group %u, and its key belongs to %u",
                 t->scan.parts[i].subtask->index, (unsigned long long)p->wrong, p->group, p->own);
    }
    free(all.parts);
    free(errs);
}

void validate_whole(struct validation *v, const struct tree *t, const struct validate_opts *opts)
{
    files(v, t);
    orphans(v, t);
    twice(v, t);
    for (uint32_t i = 0; i < t->scan.n_ops; i++) {
        if (!t->ops[i].meta->n && !t->ops[i].coordinator)
            continue; /* without state nothing depends on it */
        parallelism(v, &t->ops[i]);
        key_groups(v, &t->ops[i]);
    }
    reading(v, t);
    if (opts->deep)
        placement(v, t, opts->jobs);
}
