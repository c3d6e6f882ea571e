/* What is dangerous although Flink accepts it. */
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "inspect/growth.h"
#include "inspect/sizes.h"
#include "inspect/validate.h"

static bool starts(const char *s, const char *prefix) { return s && !strncmp(s, prefix, strlen(prefix)); }

static bool is_a(const struct ser *s, const char *name) { return s && s->row && !strcmp(s->row->name, name); }

/* --- serializers --- */

struct place {
    struct validation *v;
    const char *op, *state;
    bool flink1;           /* the snapshot is of Flink 1 */
    bool from_1_to_2;      /* the restore goes from Flink 1 to Flink 2 */
    bool kryo, scala, own; /* said once for each state */
};

static bool collection(const struct ser *field)
{
    static const char *const classes[] = {"java.util.List", "java.util.Map", "java.util.Set", "java.util.Collection"};
    for (size_t i = 0; is_a(field, "Kryo") && field->cls && i < sizeof classes / sizeof *classes; i++)
        if (!strcmp(field->cls, classes[i]))
            return true;
    return false;
}

static void kryo(struct place *p, const struct ser *s)
{
    const char *cls = s->cls ? s->cls : "?";
    if (p->kryo)
        return;
    p->kryo = true;
    find(p->v, RULE_KRYO_STATE, p->op, p->state, "Kryo writes %s: a change of its fields is not noticed", cls);
    if (p->from_1_to_2)
        find(p->v, RULE_KRYO_ACROSS_MAJOR, p->op, p->state, "Kryo 2 wrote %s, and Flink 2 would read it with Kryo 5", cls);
}

static void serializers(struct place *p, const struct ser *s, unsigned depth)
{
    enum { DEPTH_MAX = 100 };
    if (!s || depth > DEPTH_MAX)
        return;
    if (!s->row && strcmp(s->snapshot_class, "?") && !p->own) {
        p->own = true;
        find(p->v, RULE_UNKNOWN_SERIALIZER, p->op, p->state, "%s decides by its own code", s->snapshot_class);
    }
    if (starts(s->snapshot_class, "org.apache.flink.api.scala.") && !p->scala) {
        p->scala = true;
        find(p->v, RULE_SCALA_SERIALIZER, p->op, p->state, "%s%s", s->snapshot_class,
             p->from_1_to_2 ? ", which Flink 2 does not have" : "");
    }
    if (is_a(s, "Kryo"))
        kryo(p, s);
    for (uint32_t i = 0; i < s->n; i++) {
        bool theirs = is_a(s, "POJO") && s->names && collection(s->kids[i]);
        if (theirs && p->flink1)
            find(p->v, RULE_COLLECTION_IN_POJO, p->op, p->state, "%s.%s: Kryo writes the %s", s->cls ? s->cls : "?", s->names[i],
                 s->kids[i]->cls);
        if (!theirs)
            serializers(p, s->kids[i], depth + 1);
    }
}

static void states(struct validation *v, const struct tree *t)
{
    bool flink1 = t->scan.snapshot->meta.version < 5, from_1_to_2 = flink1 && v->target.flink >= FLINK(2, 0);
    for (uint32_t i = 0; i < t->scan.n_ops; i++) {
        const struct tree_op *op = &t->ops[i];
        for (uint32_t j = 0; j < op->n_states; j++) {
            const struct tree_state *st = op->states[j];
            struct place p = {.v = v, .op = op->label, .state = st->name, .flink1 = flink1, .from_1_to_2 = from_1_to_2};
            if (st->kind != KIND_TIMERS)
                serializers(&p, st->key, 0);
            serializers(&p, st->ns, 0);
            serializers(&p, st->user_key, 0);
            serializers(&p, st->element, 0);
        }
    }
}

/* --- operators --- */

static bool has_state(const struct tree_op *op) { return op->with_state || op->coordinator; }

static void operators(struct validation *v, const struct tree *t)
{
    const struct tree_op *first = NULL, *other = NULL;
    for (uint32_t i = 0; i < t->scan.n_ops; i++) {
        const struct tree_op *op = &t->ops[i];
        if (!has_state(op))
            continue;
        if (!op->uid && t->scan.snapshot->meta.version >= 5)
            find(v, RULE_OPERATOR_WITHOUT_UID, op->label, NULL, "%s: its id depends on the shape of the job's graph",
                 op->meta->name ? op->meta->name : "an operator with state");
        if (op->finished || op->meta->finished)
            find(v, RULE_FINISHED_OPERATORS, op->label, NULL, "%u of %d subtasks had finished",
                 op->meta->finished ? (uint32_t)op->meta->parallelism : op->finished, op->meta->parallelism);
        if (op->in_flight_handles)
            find(v, RULE_IN_FLIGHT_DATA, op->label, NULL, "%s in flight between subtasks", human_bytes(op->in_flight).s);
        if (first && !other && op->meta->max_parallelism != first->meta->max_parallelism)
            other = op;
        first = first ? first : op;
    }
    if (other)
        find(v, RULE_MAX_PARALLELISM_DIFFERS, NULL, NULL, "%s has a maximum parallelism of %d, %s of %d", first->label,
             first->meta->max_parallelism, other->label, other->meta->max_parallelism);
}

/* --- sizes --- */

static void skew(struct validation *v, const struct tree *t)
{
    enum { BYTES_MIN = 1 << 20, SUBTASK_TIMES = 2, GROUP_SHARE = 4 /* a quarter */ };
    for (uint32_t i = 0; i < t->scan.n_ops; i++) {
        const struct tree_op *op = &t->ops[i];
        if (!op->groups || op->all.bytes < BYTES_MIN)
            continue;
        struct sizes_skew s = sizes_skew(op);
        uint64_t most = op->groups[s.heaviest_group].bytes;
        if (s.by_subtask >= SUBTASK_TIMES && op->meta->n > 1)
            find(v, RULE_HEAVY_SKEW, op->label, NULL, "subtask %u has %.1f times the mean of all subtasks", s.heaviest_subtask,
                 s.by_subtask);
        if (s.groups > 2 * GROUP_SHARE && most > op->all.bytes / GROUP_SHARE)
            find(v, RULE_HEAVY_SKEW, op->label, NULL, "key group %u has %s of the operator's %s", s.heaviest_group,
                 human_share(most, op->all.bytes).s, human_bytes(op->all.bytes).s);
    }
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t median(uint64_t *v, uint32_t n)
{
    qsort(v, n, sizeof *v, by_size);
    return v[n / 2];
}

/* The checkpoint against those before it: median and median deviation, which one outlier among them does not move. */
static void grown(struct validation *v, const struct growth *g, int64_t id)
{
    enum { BEFORE_MIN = 4, DEVIATIONS = 6, LEAST = 3 /* a third */ };
    uint64_t *sizes = mem_alloc(g->n * sizeof *sizes + 1), now = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        if (g->rows[i].err.kind == ERR_NONE && g->rows[i].checkpoint_id < id)
            sizes[n++] = g->rows[i].bytes;
        if (g->rows[i].checkpoint_id == id)
            now = g->rows[i].bytes;
    }
    if (n >= BEFORE_MIN) {
        uint64_t middle = median(sizes, n);
        for (uint32_t i = 0; i < n; i++)
            sizes[i] = sizes[i] > middle ? sizes[i] - middle : middle - sizes[i];
        uint64_t deviation = median(sizes, n);
        if (now > middle + DEVIATIONS * deviation && now > middle + middle / LEAST)
            find(v, RULE_STATE_GROWTH, NULL, NULL, "%s, and the median of the %u checkpoints before it is %s", human_bytes(now).s,
                 n, human_bytes(middle).s);
    }
    free(sizes);
}

static void growth(struct validation *v, const struct tree *t)
{
    const struct snapshot *s = t->scan.snapshot;
    struct growth g;
    struct arena a = {0};
    if (!s->meta.is_savepoint && starts(store_base(s->dir), "chk-")) {
        growth_read(&g, store_dir(&a, s->dir), &s->opts);
        grown(v, &g, s->meta.checkpoint_id);
        growth_free(&g);
    }
    arena_free(&a);
}

void validate_hazards(struct validation *v, const struct tree *t)
{
    operators(v, t);
    states(v, t);
    skew(v, t);
    growth(v, t);
}
