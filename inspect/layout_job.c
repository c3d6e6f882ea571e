/* The layout of a job of which only the classes are known: the old job's, each serializer with what its class is now, and what the code
 * declares instead. */
#include <string.h>

#include "inspect/compat.h"
#include "inspect/job_code.h"
#include "inspect/job_gone.h"
#include "savepoint/ser_write.h"
#include "savepoint/wellknown.h"

struct making {
    const struct job_given *given;
    struct arena *a;
};

/* --- what the code says of one state --- */

struct declared {
    bool there;
    enum state_kind kind;
    enum op_mode mode;
    enum job_ttl ttl;
    bool v2, mode_open;
    const struct ser *element, *user_key; /* NULL: not clear */
};

static enum op_mode mode_of(enum job_use use)
{
    return use == USE_UNION ? OP_UNION : use == USE_BROADCAST ? OP_BROADCAST : OP_SPLIT_DISTRIBUTE;
}

/* Which kind it is registered as: a descriptor of a list or map may be one of operator state. */
static enum state_kind kind_of(const struct job_code_state *st, enum state_kind old)
{
    bool list = st->kind == KIND_LIST, map = st->kind == KIND_MAP;
    if (list &&
        (st->use == USE_SPLIT || st->use == USE_UNION || st->use == USE_EITHER_LIST ||
         (st->use == USE_OPEN && old == KIND_OPERATOR_LIST)))
        return KIND_OPERATOR_LIST;
    if (map && (st->use == USE_BROADCAST || (st->use == USE_OPEN && old == KIND_BROADCAST)))
        return KIND_BROADCAST;
    return st->kind;
}

static struct declared declared(const struct making *m, const struct job_code_state *st, const struct layout_state *old)
{
    struct declared d = {.there = true, .kind = kind_of(st, old ? old->kind : st->kind), .mode = mode_of(st->use), .ttl = st->ttl};
    d.v2 = st->v2;
    d.mode_open = st->use == USE_OPEN || st->use == USE_EITHER_LIST;
    d.element = job_code_type(m->given, st->type, old ? old->element : NULL, m->a);
    d.user_key = st->key_type ? job_code_type(m->given, st->key_type, old ? old->user_key : NULL, m->a) : NULL;
    return d;
}

static bool same_type(const struct ser *a, const struct ser *b) { return a == b || (a && b && ser_same(a, b)); }

/* Two descriptors of a name: what both say, or nothing. */
static bool agree(const struct declared *a, const struct declared *b)
{
    return a->kind == b->kind && a->mode == b->mode && a->ttl == b->ttl && a->v2 == b->v2 && same_type(a->element, b->element) &&
        same_type(a->user_key, b->user_key);
}

/* Of another operator it might be operator state, when nobody sees what it is given to. */
static bool is_clear(const struct job_code_state *st, enum state_kind kind, enum state_kind old, bool anywhere)
{
    return st->use != USE_MIXED && !(anywhere && st->use == USE_OPEN && kind != old);
}

/* What the code declares under a state's name: in the operator's functions, else anywhere. */
static struct declared found(const struct making *m, const struct job_code_operator *op, const struct layout_state *old,
                             bool *named)
{
    const struct job_code *code = m->given->code;
    for (int anywhere = op ? 0 : 1; anywhere < 2; anywhere++) {
        struct declared d = {0};
        bool clear = true;
        for (uint32_t i = 0; i < code->n_states; i++) {
            const struct job_code_state *st = &code->states[i];
            if (strcmp(st->name, old->name) != 0 || (!anywhere && !job_code_is_of(m->given, op, st->cls)))
                continue;
            *named = true;
            struct declared more = declared(m, st, old);
            if (!compat_same_table(more.kind, old->kind))
                continue;
            clear = clear && is_clear(st, more.kind, old->kind, anywhere) && (!d.there || agree(&d, &more));
            d = more;
        }
        if (d.there)
            return clear ? d : (struct declared){0};
    }
    return (struct declared){0};
}

/* --- states --- */

/* States of Flink's own operators, whose bytes are always bytes. */
static bool is_of_flink(const struct layout_state *st)
{
    return st->kind == KIND_OPERATOR_LIST && st->element && st->element->row && !strcmp(st->element->row->name, "byte[]") &&
        wellknown_state(st->name);
}

/* Of a time, the key, and a namespace of Flink's. */
static bool is_timers_of_flink(const struct layout_state *st)
{
    static const char *const names[] = {"VoidNamespace", "TimeWindow", "GlobalWindow"};
    const struct ser *ns = st->kind == KIND_TIMERS && st->element && st->element->n == 2 ? st->element->kids[1] : NULL;
    for (size_t i = 0; ns && ns->row && i < sizeof names / sizeof *names; i++)
        if (!strcmp(ns->row->name, names[i]))
            return true;
    return false;
}

static struct layout_state successor(const struct making *m, const struct layout_state *old)
{
    const struct job_given *given = m->given;
    struct layout_state st = *old;
    st.ns = job_successor(given, old->ns, m->a);
    st.user_key = job_successor(given, old->user_key, m->a);
    st.element = job_successor(given, old->element, m->a);
    st.value = job_successor(given, old->value, m->a);
    st.entries = st.bytes = 0;
    st.untold = !job_tells(given, old->ns) && !job_tells(given, old->user_key) && !job_tells(given, old->element) &&
        !job_tells(given, old->value) && !is_of_flink(old);
    return st;
}

/* What Flink cannot read the old values by is looked for before anything else. */
static void take(const struct making *m, struct layout_state *st, const struct layout_state *old, const struct declared *d)
{
    bool all = d->element && d->ttl != JOB_TTL_OPEN && (d->user_key || (d->kind != KIND_MAP && d->kind != KIND_BROADCAST));
    bool mode_open = d->mode_open && d->kind == st->kind;
    if (d->kind != st->kind)
        st->user_key = NULL;
    st->kind = d->kind;
    st->v2 = d->v2;
    if (!mode_open && d->kind >= KIND_OPERATOR_LIST)
        st->mode = d->mode;
    if (d->ttl != JOB_TTL_OPEN)
        st->ttl = d->ttl == JOB_TTL_ON;
    if (d->element && !job_gone(m->given, m->a, old->element)) {
        st->element = d->element;
        st->value = st->ttl ? ser_ttl(m->a, (struct ser *)(uintptr_t)d->element) : d->element;
    }
    if (d->user_key && !job_gone(m->given, m->a, old->user_key))
        st->user_key = d->user_key;
    st->untold = st->untold && !all;
}

/* Nothing in the job has that name, and its operator has no state but what its functions declare. */
static bool is_gone(const struct making *m, const struct job_code_operator *op, const struct layout_state *old)
{
    const struct job_code *code = m->given->code;
    bool some = false;
    if (!op || !code->complete || old->kind == KIND_TIMERS || !job_code_is_plain(m->given, op))
        return false;
    for (uint32_t i = 0; i < code->n_states && !some; i++)
        some = job_code_is_of(m->given, op, code->states[i].cls);
    return some;
}

/* What the operator's own functions declare, and the old job has not. */
static void add_new(const struct making *m, const struct job_code_operator *op, const struct layout_op *old, struct layout_op *to)
{
    const struct job_code *code = m->given->code;
    for (uint32_t i = 0; i < code->n_states; i++) {
        const struct job_code_state *st = &code->states[i];
        bool known = !job_code_is_of(m->given, op, st->cls);
        for (uint32_t k = 0; k < old->n && !known; k++)
            known = !strcmp(old->states[k].name, st->name);
        for (uint32_t k = 0; k < to->n && !known; k++)
            known = !strcmp(to->states[k].name, st->name);
        if (!known) {
            struct declared d = declared(m, st, NULL);
            to->states[to->n] = (struct layout_state){.name = st->name, .kind = d.kind, .untold = true};
            take(m, &to->states[to->n], &to->states[to->n], &d);
            to->n++;
        }
    }
}

/* --- operators --- */

static const struct job_code_operator *operator_of(const struct job_given *given, const char *id)
{
    const struct job_code_operator *found = NULL;
    for (uint32_t i = 0; given->code && i < given->code->n_operators; i++)
        if (!strcmp(given->code->operators[i].id, id)) {
            if (found) /* several jobs in one jar */
                return NULL;
            found = &given->code->operators[i];
        }
    return found;
}

static void set_max_parallelism(const struct job_given *given, const struct job_code_operator *op, struct layout_op *to)
{
    int32_t max = op && op->max_parallelism ? op->max_parallelism : given->code->max_parallelism;
    if (max) {
        to->max_parallelism = max;
        to->max_told = true;
    }
}

static void operator_by_code(const struct making *m, const struct layout_op *old, struct layout_op *to)
{
    const struct job_code_operator *op = operator_of(m->given, old->id);
    const struct ser *key = op && old->key ? job_code_key(m->given, op, old->key, m->a) : NULL;
    to->key = key ? key : to->key;
    set_max_parallelism(m->given, op, to);
    uint32_t n = 0;
    for (uint32_t k = 0; k < to->n; k++) {
        bool named = false;
        const struct declared d = found(m, op, &old->states[k], &named);
        if (d.there)
            take(m, &to->states[k], &old->states[k], &d);
        else if (key && is_timers_of_flink(&to->states[k]))
            to->states[k].untold = false;
        if (named || !is_gone(m, op, &old->states[k]))
            to->states[n++] = to->states[k];
    }
    to->n = n;
    if (op)
        add_new(m, op, old, to);
}

void layout_of_job(struct layout *l, const struct layout *old, const struct job_given *given, const char *name)
{
    *l = (struct layout){.name = name, .n = old->n};
    const struct making m = {given, &l->arena};
    uint32_t more = given->code ? given->code->n_states : 0;
    l->ops = arena_array(&l->arena, l->n, sizeof *l->ops);
    for (uint32_t i = 0; i < l->n; i++) {
        const struct layout_op *op = &old->ops[i];
        struct layout_op *to = &l->ops[i];
        *to = *op;
        to->key = job_successor(given, op->key, &l->arena);
        to->states = arena_array(&l->arena, op->n + (size_t)more, sizeof *to->states);
        for (uint32_t k = 0; k < op->n; k++)
            to->states[k] = successor(&m, &op->states[k]);
        if (given->code)
            operator_by_code(&m, op, to);
    }
}
