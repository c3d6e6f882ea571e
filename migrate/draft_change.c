/* What each statement does to a draft. */
#include "migrate/draft_change.h"

#include <string.h>

#include "base/nearest.h"

/* --- finding what a statement means --- */

static const char *op_label_at(const void *ctx, size_t i)
{
    const struct draft *d = ctx;
    for (uint32_t k = 0; k < d->n; k++)
        if (!d->ops[k].dropped && !i--)
            return d->ops[k].label;
    return NULL;
}

static bool is_operator(const struct draft_op *op, const char *wanted)
{
    uint8_t id[16];
    size_t n = strlen(wanted);
    operator_id_of_uid(wanted, id);
    return !strcmp(op->label, wanted) || !memcmp(id, op->id, sizeof id) || (op->meta->name && !strcmp(op->meta->name, wanted)) ||
        (n >= 8 && n <= 32 && !strncmp(op->hex, wanted, n));
}

static bool no_operator(struct change *c, const struct name *name, const char *where)
{
    const char *meant = nearest_name(name->text, op_label_at, c->d);
    return script_fault(c->s, name->where, c->e, "%s no operator '%s'%s%s%s", where, name->text, meant ? "; did you mean '" : "",
                        meant ? meant : "", meant ? "'?" : "");
}

struct draft_op *change_operator(struct change *c)
{
    struct draft_op *found = NULL;
    const struct name *name = &c->st->op;
    for (uint32_t i = 0; i < c->d->n; i++) {
        struct draft_op *op = &c->d->ops[i];
        if (op->dropped || !is_operator(op, name->text))
            continue;
        if (found) {
            script_fault(c->s, name->where, c->e, "'%s' means more than one operator: %s and %s", name->text, found->hex, op->hex);
            return NULL;
        }
        found = op;
    }
    if (!found)
        no_operator(c, name, "the snapshot has");
    return found;
}

static const char *state_name_at(const void *ctx, size_t i)
{
    const struct draft_op *op = ctx;
    for (uint32_t k = 0; k < op->n; k++)
        if (!op->states[k].dropped && !i--)
            return op->states[k].name;
    return NULL;
}

static struct draft_state *find_named(const struct draft_op *op, const char *name)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (!op->states[i].dropped && !strcmp(op->states[i].name, name))
            return &op->states[i];
    return NULL;
}

struct draft_state *change_state(struct change *c, struct draft_op **op)
{
    const struct name *name = &c->st->state;
    if (!(*op = change_operator(c)))
        return NULL;
    struct draft_state *found = find_named(*op, name->text);
    if (!found) {
        const char *meant = nearest_name(name->text, state_name_at, *op);
        script_fault(c->s, name->where, c->e, "operator %s has no state '%s'%s%s%s", (*op)->label, name->text,
                     meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
    }
    return found;
}

/* --- operators --- */

static void id_of_hex(const char *hex, uint8_t id[16])
{
    for (int i = 0; i < 16; i++) {
        uint8_t v = 0;
        for (int k = 0; k < 2; k++) {
            char ch = hex[2 * i + k];
            v = (uint8_t)(v << 4 | (ch <= '9' ? ch - '0' : ch - 'a' + 10));
        }
        id[i] = v;
    }
}

static void set_id(struct draft_op *op, const uint8_t id[16])
{
    memcpy(op->id, id, sizeof op->id);
    for (int i = 0; i < 16; i++) {
        op->hex[2 * i] = "0123456789abcdef"[id[i] >> 4];
        op->hex[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
    }
}

static bool identify(struct change *c, struct draft_op *op, const struct name *to, bool by_id)
{
    uint8_t id[16];
    if (by_id)
        id_of_hex(to->text, id);
    else
        operator_id_of_uid(to->text, id);
    for (uint32_t i = 0; i < c->d->n; i++)
        if (&c->d->ops[i] != op && !c->d->ops[i].dropped && !memcmp(c->d->ops[i].id, id, sizeof id))
            return script_fault(c->s, to->where, c->e, "there is an operator '%s' already", c->d->ops[i].label);
    set_id(op, id);
    op->renamed = true;
    op->uid = by_id ? NULL : arena_str(&c->d->arena, to->text);
    op->label = by_id ? op->hex : op->uid;
    return true;
}

static bool rename_operator(struct change *c)
{
    struct draft_op *op = change_operator(c);
    return op && identify(c, op, &c->st->to, c->st->by_id);
}

static bool drop_operator(struct change *c)
{
    struct draft_op *op = change_operator(c);
    if (op)
        op->dropped = true;
    return op;
}

const char *bound_to_subtasks(const struct draft_op *op)
{
    for (uint32_t i = 0; i < op->meta->n; i++) {
        const struct meta_subtask *s = &op->meta->subtasks[i];
        if (s->n_inputs || s->n_outputs)
            return "has data in flight; a savepoint has none";
        if (s->finished)
            return "has finished in some of its subtasks";
        if (s->raw.tag != HANDLE_NULL)
            return "has raw operator state, which only its own code can deal out";
    }
    return NULL;
}

static bool move(struct change *c, struct draft_op *op, int32_t parallelism, int32_t max)
{
    if (parallelism == op->parallelism && max == op->max_parallelism)
        return true;
    if (max < parallelism)
        return script_fault(c->s, c->st->where, c->e,
                            "operator %s: a parallelism of %d needs a maximum of at least as much, not %d", op->label, parallelism,
                            max);
    const char *bound = bound_to_subtasks(op);
    if (bound)
        return script_fault(c->s, c->st->where, c->e, "operator %s %s", op->label, bound);
    op->parallelism = parallelism;
    op->max_parallelism = max;
    return true;
}

static bool set_parallelism(struct change *c)
{
    struct draft_op *op = change_operator(c);
    return op && move(c, op, (int32_t)c->st->number, op->max_parallelism);
}

static bool set_max_parallelism(struct change *c)
{
    struct draft_op *op = change_operator(c);
    return op && move(c, op, op->parallelism, (int32_t)c->st->number);
}

static bool set_all(struct change *c, bool max)
{
    for (uint32_t i = 0; i < c->d->n; i++) {
        struct draft_op *op = &c->d->ops[i];
        int32_t n = (int32_t)c->st->number;
        if (!op->dropped && !move(c, op, max ? op->parallelism : n, max ? n : op->max_parallelism))
            return false;
    }
    return true;
}

/* --- states --- */

static bool rename_state(struct change *c)
{
    struct draft_op *op;
    struct draft_state *st = change_state(c, &op);
    if (!st)
        return false;
    if (find_named(op, c->st->to.text) && strcmp(st->name, c->st->to.text) != 0)
        return script_fault(c->s, c->st->to.where, c->e, "operator %s has a state '%s' already", op->label, c->st->to.text);
    st->name = arena_str(&c->d->arena, c->st->to.text);
    return true;
}

static bool drop_state(struct change *c)
{
    struct draft_op *op;
    struct draft_state *st = change_state(c, &op);
    if (st)
        st->dropped = true;
    return st;
}

/* --- the whole --- */

static bool set_format(struct change *c)
{
    const char *word = c->st->word;
    c->d->copy.form = !strcmp(word, "CANONICAL") ? COPY_CANONICAL : !strcmp(word, "HASHMAP") ? COPY_HEAP : COPY_DATABASE;
    return true;
}

static bool set_compression(struct change *c)
{
    c->d->copy.compress = !strcmp(c->st->word, "ON") ? COPY_COMPRESS : COPY_PLAIN;
    return true;
}

enum { OLDEST_METADATA = 3, NEWEST_METADATA = 6 };

static bool set_flink(struct change *c)
{
    int flink = flink_version(c->st->to.text);
    if (!flink)
        return script_fault(c->s, c->st->to.where, c->e, "'%s' is no version of Flink, as '1.20' or '2.3' are", c->st->to.text);
    c->d->flink = flink;
    for (int32_t v = OLDEST_METADATA; v <= NEWEST_METADATA; v++)
        if (flink_reads_metadata(v) <= flink)
            c->d->copy.version = v;
    c->d->flink_by = c->st;
    return c->d->copy.version ||
        script_fault(c->s, c->st->to.where, c->e, "Flink %s is too old: weir writes for 1.11 and later", c->st->to.text);
}

static const char *input_label_at(const void *ctx, size_t i)
{
    const struct draft_input *in = ctx;
    return i < in->layout.n ? in->layout.ops[i].label : NULL;
}

static bool merge_operator(struct change *c, const struct draft_input *in, uint32_t i)
{
    struct draft *d = c->d;
    const struct stmt *st = c->st;
    draft_add_operator(d, in, i);
    struct draft_op *op = &d->ops[d->n - 1];
    if (st->to.text)
        return identify(c, op, &st->to, false);
    for (uint32_t k = 0; k + 1 < d->n; k++)
        if (!d->ops[k].dropped && !memcmp(d->ops[k].id, op->id, sizeof op->id))
            return script_fault(c->s, st->op.text ? st->op.where : st->from.where, c->e,
                                "both snapshots have an operator '%s'; drop or rename one of them", op->label);
    return true;
}

static bool merge(struct change *c)
{
    struct draft *d = c->d;
    const struct stmt *st = c->st;
    struct snapshot *s;
    if (d->n_inputs == DRAFT_INPUTS)
        return script_fault(c->s, st->where, c->e, "more than %d snapshots", DRAFT_INPUTS);
    if (!snapshot_open(&s, st->from.text, &d->opening, c->e) ||
        !draft_add_input(d, s, d->inputs[0]->names, arena_str(&d->arena, st->from.text), c->e))
        return false;
    const struct draft_input *in = d->inputs[d->n_inputs - 1];
    uint32_t found = 0;
    for (uint32_t i = 0; i < in->layout.n; i++) {
        if (st->op.text && !operator_matches(in->names, in->tree.ops[i].meta, st->op.text))
            continue;
        found++;
        if (!merge_operator(c, in, i))
            return false;
    }
    if (found || !st->op.text)
        return true;
    const char *meant = nearest_name(st->op.text, input_label_at, in);
    return script_fault(c->s, st->op.where, c->e, "%s has no operator '%s'%s%s%s", st->from.text, st->op.text,
                        meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
}

static bool relocate(struct change *c)
{
    if (c->d->relocate_from)
        return script_fault(c->s, c->st->where, c->e, "paths are rewritten once");
    c->d->relocate_from = arena_str(&c->d->arena, c->st->from.text);
    c->d->relocate_to = arena_str(&c->d->arena, c->st->to.text);
    return true;
}

static bool change(struct change *c)
{
    if (c->st->kind != STMT_RELOCATE)
        c->d->other = true;
    switch (c->st->kind) {
    case STMT_OPERATOR_RENAME:
        return rename_operator(c);
    case STMT_OPERATOR_DROP:
        return drop_operator(c);
    case STMT_OPERATOR_PARALLELISM:
        return set_parallelism(c);
    case STMT_OPERATOR_MAX_PARALLELISM:
        return set_max_parallelism(c);
    case STMT_STATE_RENAME:
        return rename_state(c);
    case STMT_STATE_DROP:
        return drop_state(c);
    case STMT_FIELD_ADD:
    case STMT_FIELD_DROP:
    case STMT_FIELD_RENAME:
    case STMT_FIELD_MOVE:
    case STMT_FIELD_TYPE:
    case STMT_TTL_SET:
    case STMT_TTL_DROP:
    case STMT_CONVERT:
        return change_types(c);
    case STMT_OFFSETS:
        return change_offsets(c);
    case STMT_STATE_CREATE:
        return change_create(c);
    case STMT_CLASS_RENAME:
        return change_class(c);
    case STMT_ROWS_DELETE:
    case STMT_ROWS_KEEP:
    case STMT_ROWS_UPDATE:
        return change_rows(c);
    case STMT_PARALLELISM:
    case STMT_MAX_PARALLELISM:
        return set_all(c, c->st->kind == STMT_MAX_PARALLELISM);
    case STMT_FORMAT:
        return set_format(c);
    case STMT_COMPRESSION:
        return set_compression(c);
    case STMT_FLINK:
        return set_flink(c);
    case STMT_MERGE:
        return merge(c);
    case STMT_RELOCATE:
        return relocate(c);
    }
    return false;
}

bool draft_apply(struct draft *d, struct script *s, struct err *e)
{
    for (uint32_t i = 0; i < s->n; i++) {
        struct change c = {d, s, &s->stmts[i], e};
        s->flink2 = (d->copy.version ? d->copy.version : d->inputs[0]->snapshot->meta.version) >= FLINK2_METADATA;
        if (!change(&c))
            return false;
        if (d->relocate_from && d->other)
            return script_fault(s, s->stmts[i].where, e,
                                "RELOCATE rewrites paths and leaves all else where it is, so nothing can be done beside it");
    }
    return true;
}
