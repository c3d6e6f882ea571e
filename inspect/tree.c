#include "inspect/tree.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/human.h"
#include "inspect/tree_part.h"

struct build {
    struct tree *t;
    const struct tree_opts *opts;
    struct part_result *results; /* of parts that are not merged yet */
    bool *done;
    uint32_t head; /* the part that is merged next: their order decides, whatever the threads do */
    pthread_mutex_t lock;
};

static void warn(struct tree *t, const char *text)
{
    if (!(t->n_warnings & (t->n_warnings - 1)))
        t->warnings = mem_grow(t->warnings, t->n_warnings ? (size_t)t->n_warnings * 2 : 1, sizeof *t->warnings);
    t->warnings[t->n_warnings++] = text;
}

/* --- merging a part into its operator --- */

static const struct ser *timer_part(const struct state_info *info, uint32_t i)
{
    return info->value && info->value->row && info->value->n == 2 ? info->value->kids[i] : NULL;
}

static bool is_void(const struct ser *ns) { return ns && ns->row && !strcmp(ns->row->name, "VoidNamespace"); }

static void describe(struct tree_state *st, const struct part_state *ps)
{
    const struct state_info *info = ps->info;
    bool timers = info->kind == KIND_TIMERS;
    st->name = info->name;
    st->kind = info->kind;
    st->mode = info->mode;
    st->info = *info;
    st->key = timers ? timer_part(info, 0) : ps->key;
    st->ns = timers ? timer_part(info, 1) : info->ns;
    if (is_void(st->ns))
        st->ns = NULL;
    st->user_key = info->kind == KIND_MAP || info->kind == KIND_BROADCAST ? info->user_key : NULL;
    st->element = timers ? NULL : info->element;
    if (info->ttl && st->element->row && !strcmp(st->element->row->name, "Ttl") && st->element->n == 2)
        st->element = st->element->kids[1]; /* that there is a time beside it, info.ttl says */
}

static bool alike(const struct state_info *a, const struct state_info *b)
{
    return a->mode == b->mode && ser_same(a->ns, b->ns) && ser_same(a->value, b->value) && ser_same(a->user_key, b->user_key);
}

/* `at`: where it is when the subtasks are alike. */
static struct tree_state *find(const struct tree_op *op, const struct state_info *info, uint32_t at)
{
    if (at < op->n_states && op->states[at]->kind == info->kind && !strcmp(op->states[at]->name, info->name))
        return op->states[at];
    for (uint32_t i = 0; i < op->n_states; i++)
        if (op->states[i]->kind == info->kind && !strcmp(op->states[i]->name, info->name))
            return op->states[i];
    return NULL;
}

static struct tree_state *add_state(struct tree *t, struct tree_op *op)
{
    if (!(op->n_states & (op->n_states - 1)))
        op->states = mem_grow(op->states, op->n_states ? (size_t)op->n_states * 2 : 1, sizeof *op->states);
    return op->states[op->n_states++] = arena_alloc(&t->arena, sizeof **op->states);
}

/* Returns true when the tree points into the part's arena from now on. */
static bool merge_state(struct tree *t, struct tree_op *op, struct tree_cell *subtask, const struct part_state *ps, uint32_t at)
{
    struct tree_state *st = find(op, ps->info, at);
    bool kept = false;
    if (!st) {
        st = add_state(t, op);
        describe(st, ps);
        kept = true;
    } else if (st->info.lost && !ps->info->lost) {
        describe(st, ps);
        kept = true;
    } else if (!ps->info->lost && !alike(&st->info, ps->info)) {
        st->differs = true;
    }
    totals_add(&st->totals, &ps->totals);
    struct tree_cell *cells[] = {subtask, &op->all, &t->all};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        cells[i]->entries += ps->totals.entries;
        cells[i]->bytes += ps->totals.bytes;
    }
    return kept;
}

static void merge_groups(struct tree *t, struct tree_op *op, const struct part_result *r)
{
    uint32_t n = op->meta->max_parallelism > 0 ? (uint32_t)op->meta->max_parallelism : 0;
    if (!r->groups || !n || n > 1 << 15)
        return;
    if (!op->groups)
        op->groups = arena_array(&t->arena, n, sizeof *op->groups);
    for (uint32_t i = 0; i < r->kg_count && r->kg_first + i < n; i++) {
        op->groups[r->kg_first + i].entries += r->groups[i].entries;
        op->groups[r->kg_first + i].bytes += r->groups[i].bytes;
    }
}

static void merge(struct tree *t, const struct part *p, struct part_result *r)
{
    struct tree_op *op = &t->ops[p->op_index];
    bool keep = false;
    if (p->kind == PART_KEYED && r->opened) {
        t->formats[r->format]++;
        t->keyed_parts++;
    }
    t->compressed_parts += r->compressed;
    for (uint32_t i = 0; i < r->n; i++)
        keep = merge_state(t, op, &op->subtasks[p->subtask - p->op->subtasks], &r->states[i], i) || keep;
    merge_groups(t, op, r);
    if (r->opaque_groups)
        warn(t,
             arena_printf(&t->arena,
                          "operator %s, subtask %d: %u key groups could be read only as far as a serializer that is not known",
                          op->label, p->subtask->index, r->opaque_groups));
    if (keep) {
        if (!(t->n_kept & (t->n_kept - 1)))
            t->kept = mem_grow(t->kept, t->n_kept ? (size_t)t->n_kept * 2 : 1, sizeof *t->kept);
        t->kept[t->n_kept++] = r->arena;
        r->arena = (struct arena){0};
    }
}

/* Raw keyed state of an operator's own making, which is no fault. */
static bool not_timers(const struct part *p, const struct err *e)
{
    return p->kind == PART_RAW_KEYED && e->kind == ERR_UNSUPPORTED;
}

static bool read_part(void *ctx, const struct part *p, struct err *e)
{
    struct build *b = ctx;
    struct part_result result;
    /* that a file is not as it should be has been said; what can be read in spite of that is */
    bool faulty = b->t->files.part_faulty[p->index];
    struct err said = {0}, *why = faulty ? &said : e;
    bool ok = part_count(&result, b->t->scan.snapshot, p, b->opts, why);
    pthread_mutex_lock(&b->lock);
    b->results[p->index] = result;
    b->done[p->index] = true;
    if ((!ok && !not_timers(p, why)) || (faulty && b->opts->depth == TREE_QUICK))
        b->t->ops[p->op_index].partial = true;
    for (; b->head < b->t->scan.n_parts && b->done[b->head]; b->head++) {
        merge(b->t, &b->t->scan.parts[b->head], &b->results[b->head]);
        part_release(&b->results[b->head]);
    }
    pthread_mutex_unlock(&b->lock);
    return ok;
}

/* --- what the metadata alone tells --- */

static void channel(struct tree_op *op, const struct meta_channel *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        op->in_flight += c[i].size > 0 ? (uint64_t)c[i].size : c[i].stream.size;
    op->in_flight_handles += n;
}

static void begin_op(struct tree *t, struct tree_op *op, const struct meta_operator *m)
{
    op->meta = m;
    op->label = operator_label(t->scan.names, m);
    op->uid = operator_uid(t->scan.names, m);
    op->coordinator = m->coordinator.size;
    op->subtasks = arena_array(&t->arena, m->n, sizeof *op->subtasks);
    for (uint32_t i = 0; i < m->n; i++) {
        const struct meta_subtask *sub = &m->subtasks[i];
        op->finished += sub->finished;
        op->with_state += sub->keyed.tag != HANDLE_NULL || sub->raw_keyed.tag != HANDLE_NULL || sub->managed.tag != HANDLE_NULL ||
            sub->raw.tag != HANDLE_NULL;
        channel(op, sub->inputs, sub->n_inputs);
        channel(op, sub->outputs, sub->n_outputs);
    }
    op->bytes = op->coordinator + op->in_flight;
}

static int64_t written(const char *location)
{
    struct stat st;
    if (!store_is_local(location) || stat(location, &st))
        return INT64_MIN;
    return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

static void begin(struct tree *t)
{
    t->written = written(t->scan.snapshot->location);
    t->ops = arena_array(&t->arena, t->scan.n_ops, sizeof *t->ops);
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        begin_op(t, &t->ops[i], t->scan.ops[i]);
    for (uint32_t i = 0; i < t->scan.n_parts; i++) {
        const struct part *p = &t->scan.parts[i];
        t->ops[p->op_index].bytes += part_bytes(p);
        if (p->kind == PART_RAW_OPERATOR)
            t->ops[p->op_index].raw += part_bytes(p);
    }
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        t->bytes += t->ops[i].bytes;
}

/* --- what can be said at the end --- */

static int by_name(const void *a, const void *b)
{
    const struct tree_state *x = *(struct tree_state *const *)a, *y = *(struct tree_state *const *)b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->kind > y->kind) - (x->kind < y->kind);
}

static void guess_backend(struct tree *t)
{
    const struct meta *m = &t->scan.snapshot->meta;
    const char *forst = m->version >= 5 ? "RocksDB or ForSt" : "RocksDB";
    uint32_t handles = 0; /* canonical streams behind handles that only checkpoints, and savepoints before 1.13, have */
    for (uint32_t i = 0; i < t->scan.n_parts; i++)
        if (t->scan.parts[i].kind == PART_KEYED && t->scan.parts[i].subtask->keyed.tag != HANDLE_SAVEPOINT_KEY_GROUPS)
            handles++;
    if (!t->keyed_parts) {
        t->backend = "unknown";
        t->evidence = "no keyed state";
    } else if (t->formats[KEYED_CHANGELOG]) {
        t->backend = "changelog";
        t->evidence = "changelog handles: materialized state and what has changed since";
    } else if (t->formats[KEYED_DATABASE]) {
        t->backend = forst;
        t->evidence = "database files";
    } else if (t->formats[KEYED_HEAP]) {
        t->backend = "heap";
        t->evidence = "key-group streams as the heap backend writes them";
    } else if (handles == t->keyed_parts) {
        t->backend = "RocksDB";
        t->evidence = "canonical streams behind plain key-group handles, as its full snapshots have";
    } else {
        t->backend = "any";
        t->evidence = "canonical savepoint: every backend writes and reads it alike";
    }
}

static void warn_state(struct tree *t, const struct tree_op *op, const struct tree_state *st)
{
    const char *cls = st->info.lost;
    if (st->differs)
        warn(
            t,
            arena_printf(&t->arena, "operator %s, state %s: not all subtasks describe its serializers alike", op->label, st->name));
    if (cls || ser_unknown(st->key, &cls) || ser_unknown(st->ns, &cls) || ser_unknown(st->user_key, &cls) ||
        ser_unknown(st->element, &cls))
        warn(t,
             arena_printf(&t->arena, "operator %s, state %s: no reader for %s: those bytes stay as they are", op->label, st->name,
                          cls));
    for (uint32_t i = 0; i < st->totals.n_reasons; i++)
        warn(t,
             arena_printf(&t->arena, "operator %s, state %s: %s values of %s not decoded: %s", op->label, st->name,
                          human_count(st->totals.reasons[i].n).s, st->totals.reasons[i].cls, st->totals.reasons[i].why));
}

static void warnings(struct tree *t)
{
    if (t->files.moved)
        warn(
            t,
            arena_printf(
                &t->arena,
                "%u files are not where the snapshot says; weir has found them beside it, Flink will not: bring it back to its place to restore it",
                t->files.moved));
    uint64_t in_flight = 0;
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        in_flight += t->ops[i].in_flight;
    if (in_flight)
        warn(t,
             arena_printf(&t->arena, "%s in flight between subtasks: an unaligned checkpoint, bound to this very job graph",
                          human_bytes(in_flight).s));
    for (uint32_t i = 0; i < t->scan.n_ops; i++) {
        const struct tree_op *op = &t->ops[i];
        for (uint32_t j = 0; j < op->n_states; j++)
            warn_state(t, op, op->states[j]);
    }
}

static void troubles(struct tree *t, const struct err *errs)
{
    for (uint32_t i = 0; i < t->scan.n_parts; i++) {
        const struct part *p = &t->scan.parts[i];
        struct tree_op *op = &t->ops[p->op_index];
        if (errs[i].kind == ERR_NONE)
            continue;
        if (not_timers(p, &errs[i])) {
            op->raw += part_bytes(p);
            warn(t,
                 arena_printf(&t->arena, "operator %s, subtask %d: raw keyed state that is none of Flink's timers: %s", op->label,
                              p->subtask->index, errs[i].text));
            continue;
        }
        if (!(t->n_troubles & (t->n_troubles - 1)))
            t->troubles = mem_grow(t->troubles, t->n_troubles ? (size_t)t->n_troubles * 2 : 1, sizeof *t->troubles);
        t->troubles[t->n_troubles++] = (struct tree_trouble){op, p->subtask->index, errs[i]};
    }
}

bool tree_build(struct tree *t, const struct snapshot *s, const struct names *names, const struct tree_opts *opts, struct err *e)
{
    *t = (struct tree){.depth = opts->depth};
    if (!scan_plan(&t->scan, s, names, opts->operator_wanted, e))
        return false;
    begin(t);
    files_check(&t->files, &t->scan);
    for (uint32_t i = 0; opts->progress && opts->depth != TREE_QUICK && i < t->scan.n_parts; i++)
        opts->progress->total += part_bytes(&t->scan.parts[i]);
    struct build b = {.t = t, .opts = opts};
    struct err *errs = mem_zalloc(t->scan.n_parts * sizeof *errs + 1);
    b.results = mem_zalloc(t->scan.n_parts * sizeof *b.results + 1);
    b.done = mem_zalloc(t->scan.n_parts + 1);
    pthread_mutex_init(&b.lock, NULL);
    scan_run(&t->scan, opts->jobs, read_part, &b, errs);
    pthread_mutex_destroy(&b.lock);
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        if (t->ops[i].n_states)
            qsort(t->ops[i].states, t->ops[i].n_states, sizeof *t->ops[i].states, by_name);
    guess_backend(t);
    warnings(t);
    troubles(t, errs);
    free(errs);
    free(b.results);
    free(b.done);
    return true;
}

void tree_free(struct tree *t)
{
    for (uint32_t i = 0; t->ops && i < t->scan.n_ops; i++)
        free(t->ops[i].states);
    for (uint32_t i = 0; i < t->n_kept; i++)
        arena_free(&t->kept[i]);
    free(t->kept);
    free(t->warnings);
    free(t->troubles);
    files_free(&t->files);
    scan_free(&t->scan);
    arena_free(&t->arena);
    *t = (struct tree){0};
}

enum weir_exit tree_exit(const struct tree *t) { return t->n_troubles ? WEIR_TROUBLE : t->files.n_faults ? WEIR_FINDING : WEIR_OK; }

const char *metadata_flink(int32_t version)
{
    static const char *const by_version[] = {
        [2] = "1.2 to 1.10", [3] = "1.11 to 1.15", [4] = "1.16 to 1.20", [5] = "2.0", [6] = "2.1 and later"};
    return version >= 2 && version <= 6 ? by_version[version] : "?";
}

const char *tree_compression(const struct tree *t)
{
    uint32_t parts = 0; /* that may be compressed: the heads of all others say no */
    for (uint32_t i = 0; i < t->scan.n_parts; i++)
        parts += t->scan.parts[i].kind == PART_KEYED || t->scan.parts[i].kind == PART_OPERATOR;
    return !t->compressed_parts ? "none" : t->compressed_parts == parts ? "Snappy" : "mixed";
}

double tree_skew(const struct tree_cell *cells, size_t n)
{
    uint64_t all = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        all += cells[i].bytes;
        if (cells[i].bytes > most)
            most = cells[i].bytes;
    }
    return all ? (double)most * (double)n / (double)all : 0;
}
