#include "migrate/draft.h"

#include <string.h>

#include "base/rd.h"
#include "base/wr.h"
#include "migrate/draft_change.h"
#include "savepoint/ser_write.h"

/* A timer's serializer says key and namespace. */
static const struct ser *timer_namespace(const struct ser *s)
{
    bool known = s && s->row && s->n == 2 && s->kids[1] && s->kids[1]->row;
    return known && strcmp(s->kids[1]->row->name, "VoidNamespace") != 0 ? s->kids[1] : NULL;
}

static void take_states(struct draft *d, struct draft_op *op)
{
    op->n = op->was->n;
    op->states = arena_array(&d->arena, op->n, sizeof *op->states);
    for (uint32_t i = 0; i < op->n; i++) {
        const struct layout_state *was = &op->was->states[i];
        op->states[i] =
            (struct draft_state){.was = was, .name = was->name, .count = arena_alloc(&d->arena, sizeof(struct draft_count))};
        op->states[i].type = (struct draft_type){was->kind, was->ns, was->user_key, was->element, was->ttl};
        if (was->kind == KIND_TIMERS)
            op->states[i].type.ns = timer_namespace(was->element);
    }
}

static struct draft_op take_operator(struct draft *d, const struct draft_input *in, uint32_t i)
{
    const struct meta_operator *m = in->tree.ops[i].meta;
    struct draft_op op = {.in = in,
                          .home = d->inputs[0],
                          .meta = m,
                          .was = &in->layout.ops[i],
                          .key = in->layout.ops[i].key,
                          .label = in->layout.ops[i].label,
                          .uid = in->layout.ops[i].uid,
                          .parallelism = m->parallelism,
                          .max_parallelism = m->max_parallelism,
                          .found = arena_alloc(&d->arena, sizeof(struct draft_found))};
    memcpy(op.id, m->id, sizeof op.id);
    memcpy(op.hex, m->hex, sizeof op.hex);
    take_states(d, &op);
    return op;
}

bool draft_add_input(struct draft *d, struct snapshot *s, const struct names *names, const char *location, struct err *e)
{
    struct draft_input *in = arena_alloc(&d->arena, sizeof *in);
    d->inputs[d->n_inputs++] = in;
    *in = (struct draft_input){.location = location, .snapshot = s, .names = names};
    if (s->meta.n && !tree_build(&in->tree, s, names, &d->look, e))
        return false;
    if (s->meta.n)
        layout_of_tree(&in->layout, &in->tree);
    return true;
}

void draft_add_operator(struct draft *d, const struct draft_input *in, uint32_t i)
{
    struct draft_op *more = arena_array(&d->arena, d->n + 1, sizeof *more);
    if (d->n)
        memcpy(more, d->ops, d->n * sizeof *more);
    more[d->n++] = take_operator(d, in, i);
    d->ops = more;
}

/* In the order of the metadata, which need not be that of the tree. */
static void add_all(struct draft *d, const struct draft_input *in)
{
    const struct meta *m = &in->snapshot->meta;
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t j = 0; j < in->layout.n; j++)
            if (in->tree.ops[j].meta == &m->operators[i])
                draft_add_operator(d, in, j);
}

bool draft_open(struct draft *d, struct snapshot *s, const struct names *names, const char *location, const struct tree_opts *look,
                struct err *e)
{
    *d = (struct draft){.opening = s->opts, .look = *look};
    d->look.late_states = true;
    if (!draft_add_input(d, s, names, location, e))
        return false;
    add_all(d, d->inputs[0]);
    return true;
}

bool draft_whole(const struct draft *d, struct err *e)
{
    for (uint32_t i = 0; i < d->n_inputs; i++) {
        const struct tree *t = &d->inputs[i]->tree;
        if (t->files.n_faults)
            return err_set(e, t->files.faults[0].kind, "%s", t->files.faults[0].text);
        if (t->n_troubles)
            return err_set(e, t->troubles[0].err.kind, "%s", t->troubles[0].err.text);
    }
    return true;
}

void draft_free(struct draft *d)
{
    for (uint32_t i = 0; i < d->n_inputs; i++) {
        layout_free(&d->inputs[i]->layout);
        tree_free(&d->inputs[i]->tree);
        if (i)
            snapshot_close(d->inputs[i]->snapshot);
    }
    for (uint32_t i = 0; i < d->n_parts; i++) {
        keyed_close(d->parts[i].keyed);
        opstate_close(d->parts[i].managed);
    }
    arena_free(&d->arena);
    *d = (struct draft){0};
}

const struct draft_state *draft_state_of(const struct draft_op *op, const struct state_info *info)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (op->states[i].was && op->states[i].was->kind == info->kind && !strcmp(op->states[i].was->name, info->name))
            return &op->states[i];
    return NULL;
}

bool draft_moves(const struct draft_op *op)
{
    return op->creates || op->parallelism != op->meta->parallelism || op->max_parallelism != op->meta->max_parallelism;
}

bool draft_has_steps(const struct draft *d)
{
    for (uint32_t i = 0; i < d->n; i++)
        for (uint32_t j = 0; j < d->ops[i].n; j++)
            if (d->ops[i].creates)
                return true;
            else if (!d->ops[i].dropped && !d->ops[i].states[j].dropped && draft_has_rows(&d->ops[i].states[j]))
                return true;
    return false;
}

struct scope draft_scope(const struct draft_op *op, const struct draft_state *st)
{
    const struct draft_type *t = &st->type;
    bool timers = t->kind == KIND_TIMERS, keyed = t->kind != KIND_OPERATOR_LIST && t->kind != KIND_BROADCAST;
    struct scope s = {.has = {[ROW_KEY] = keyed,
                              [ROW_NS] = t->ns,
                              [ROW_USER_KEY] = t->user_key,
                              [ROW_VALUE] = !timers,
                              [ROW_TIMESTAMP] = timers,
                              [ROW_LAST_ACCESS] = t->ttl}};
    s.types[ROW_KEY] = typing_ser(op->key);
    s.types[ROW_NS] = typing_ser(t->ns);
    s.types[ROW_USER_KEY] = typing_ser(t->user_key);
    s.types[ROW_VALUE] = typing_ser(timers ? NULL : t->value);
    return s;
}

/* The description begins with the name (StateMetaInfoSnapshotReadersWriters). */
static bool rename_info(struct state_info *to, const char *name, struct arena *a, struct err *e)
{
    struct rd r = rd_of(to->raw.p, to->raw.n, 0);
    struct buf b = {0};
    rd_take(&r, rd_u16(&r));
    if (!rd_ok(&r))
        return err_set(e, ERR_UNSUPPORTED, "state \"%s\" cannot be renamed: nothing tells how it is described", to->name);
    bool ok = wr_utfz(&b, name) || err_set(e, ERR_UNSUPPORTED, "the name is longer than Flink can write");
    buf_put(&b, r.p, rd_left(&r));
    to->name = name;
    to->raw = (struct bytes){(const uint8_t *)arena_strn(a, (const char *)b.p, b.n), b.n};
    buf_free(&b);
    return ok;
}

/* What a row's value is written by. */
static struct ser *element_of(const struct draft_state *st, struct arena *a)
{
    struct ser *value = (struct ser *)st->type.value; /* sealed by draft_end, and then nobody writes to it */
    return st->type.ttl ? ser_ttl(a, value) : value;
}

static bool type_info(const struct draft_state *st, struct state_info *to, struct arena *a, struct err *e)
{
    if (to->kind == KIND_TIMERS) {
        to->value = st->type.value;
        return state_info_make(a, to, e) || err_in(e, "state \"%s\"", st->name);
    }
    if (to->kind != st->type.kind) {
        to->kind = st->type.kind;
        to->value = to->kind == KIND_LIST && !to->v2 ? ser_list(a, element_of(st, a)) : element_of(st, a);
        return state_info_make(a, to, e) || err_in(e, "state \"%s\"", st->name);
    }
    if (st->type.kind == KIND_BROADCAST || to->v2)
        to->user_key = st->type.user_key;
    else if (st->type.kind == KIND_MAP)
        to->value = ser_with_kid(a, to->value, 0, (struct ser *)st->type.user_key);
    state_info_set_element(a, to, element_of(st, a));
    return state_info_make(a, to, e) || err_in(e, "state \"%s\"", st->name);
}

bool draft_info(const struct draft_state *st, const struct state_info *old, struct state_info *to, struct arena *a, struct err *e)
{
    *to = *old;
    if (strcmp(st->name, old->name) != 0 && !rename_info(to, st->name, a, e))
        return false;
    return !st->typed || type_info(st, to, a, e);
}

static bool end_state(struct draft *d, const struct draft_op *op, struct draft_state *st, struct err *e)
{
    struct state_info info;
    st->becomes = *st->was;
    st->becomes.name = st->name;
    if (!st->typed)
        return true;
    if (!ser_seal(&d->arena, (struct ser *)st->type.value, e) ||
        (st->type.user_key && !ser_seal(&d->arena, (struct ser *)st->type.user_key, e)) ||
        !draft_info(st, st->info, &info, &d->arena, e))
        return err_in(e, "operator %s, state \"%s\"", op->label, st->name);
    st->becomes.kind = st->type.kind;
    st->becomes.element = st->type.value;
    st->becomes.user_key = st->type.user_key;
    st->becomes.value = info.value;
    st->becomes.ttl = st->type.ttl;
    return true;
}

/* --- serializers with their bytes --- */

static struct draft_part *keep_part(struct draft *d)
{
    if (!(d->n_parts & (d->n_parts - 1))) {
        struct draft_part *more = arena_array(&d->arena, d->n_parts ? (size_t)d->n_parts * 2 : 1, sizeof *more);
        if (d->n_parts)
            memcpy(more, d->parts, d->n_parts * sizeof *more);
        d->parts = more;
    }
    return &d->parts[d->n_parts++];
}

static void take_infos(struct draft_op *op, const struct state_info *infos, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct draft_state *st = (struct draft_state *)draft_state_of(op, &infos[i]);
        if (!st || st->info)
            continue;
        st->info = &infos[i];
        if (st->type.kind == KIND_TIMERS) {
            st->type.value = infos[i].value;
            continue;
        }
        st->type.ns = infos[i].has_ns ? infos[i].ns : NULL;
        st->type.user_key = infos[i].user_key;
        st->type.value = infos[i].ttl && infos[i].element->n == 2 ? infos[i].element->kids[1] : infos[i].element;
    }
}

static bool wants_more(const struct draft_op *op, bool keyed)
{
    for (uint32_t i = 0; i < op->n; i++) {
        enum state_kind kind = op->states[i].was->kind;
        bool of_operator = kind == KIND_OPERATOR_LIST || kind == KIND_BROADCAST;
        if (!op->states[i].info && kind != KIND_TIMERS && keyed != of_operator)
            return true;
    }
    return false;
}

static bool load_subtask(struct draft *d, struct draft_op *op, const struct meta_subtask *s, struct err *e)
{
    if (s->keyed.tag != HANDLE_NULL && wants_more(op, true)) {
        struct draft_part *part = keep_part(d);
        if (!keyed_open(&part->keyed, op->in->snapshot, op->meta, &s->keyed, e))
            return false;
        op->key = op->key == op->was->key ? part->keyed->header->key : op->key;
        take_infos(op, part->keyed->header->states, part->keyed->header->n);
    }
    if (s->managed.tag != HANDLE_NULL && s->managed.stream.tag != HANDLE_EMPTY_SEGMENT && wants_more(op, false)) {
        struct draft_part *part = keep_part(d);
        if (!opstate_open(&part->managed, op->in->snapshot, op->meta, &s->managed, e))
            return false;
        take_infos(op, part->managed->states, part->managed->n);
    }
    return true;
}

bool draft_load(struct draft *d, struct draft_op *op, struct err *e)
{
    for (uint32_t i = 0; !op->loaded && i < op->meta->n; i++)
        if (!load_subtask(d, op, &op->meta->subtasks[i], e))
            return false;
    op->loaded = true;
    return true;
}

/* --- from Flink 1 to 2, and back --- */

static bool for_flink(struct draft *d, const struct ser **s, bool two, bool *other, bool *bytes, struct err *e)
{
    if (!*s)
        return true;
    struct ser *to = ser_for_flink(&d->arena, *s, two ? FLINK_2 : FLINK_1, e);
    if (!to)
        return false;
    *other = *other || !ser_same(*s, to);
    *bytes = *bytes || !ser_same_bytes(*s, to);
    *s = to;
    return true;
}

static bool cross_state(struct draft *d, struct draft_op *op, struct draft_state *st, bool two, struct err *e)
{
    bool other = false, value = false, user_key = false;
    if (st->dropped || !st->info || st->type.kind == KIND_TIMERS)
        return true;
    if (!for_flink(d, &st->type.value, two, &other, &value, e) || !for_flink(d, &st->type.user_key, two, &other, &user_key, e))
        return err_in(e, "operator %s, state \"%s\"", op->label, st->name);
    st->typed = st->typed || other || value || user_key;
    st->sets_value = st->sets_value || value;
    st->sets_user_key = st->sets_user_key || user_key;
    st->needs[ROW_VALUE] = st->needs[ROW_VALUE] || value;
    st->needs[ROW_USER_KEY] = st->needs[ROW_USER_KEY] || user_key;
    if (value || user_key)
        draft_add_step(d, st, (struct step){.st = d->flink_by, .way.root = value ? ROW_VALUE : ROW_USER_KEY});
    return true;
}

static bool cross_operator(struct draft *d, struct draft_op *op, struct err *e)
{
    bool two = d->copy.version >= FLINK2_METADATA, other = false, bytes = false;
    if (!d->flink_by || op->dropped || two == (op->in->snapshot->meta.version >= FLINK2_METADATA))
        return true;
    if (!draft_load(d, op, e) || !for_flink(d, &op->key, two, &other, &bytes, e))
        return err_in(e, "operator %s", op->label);
    if (bytes)
        return err_set(e, ERR_UNSUPPORTED,
                       "operator %s: keys have other bytes in the other Flink, and these decide where they belong", op->label);
    for (uint32_t i = 0; i < op->n; i++)
        if (!cross_state(d, op, &op->states[i], two, e))
            return false;
    return true;
}

bool draft_end(struct draft *d, struct err *e)
{
    for (uint32_t i = 0; i < d->n; i++)
        if (!cross_operator(d, &d->ops[i], e))
            return false;
    for (uint32_t i = 0; i < d->n; i++) {
        struct draft_op *op = &d->ops[i];
        if (op->loaded && op->key && !ser_seal(&d->arena, (struct ser *)op->key, e))
            return err_in(e, "operator %s", op->label);
        for (uint32_t j = 0; j < op->n; j++)
            if (!end_state(d, op, &op->states[j], e))
                return false;
    }
    return true;
}
