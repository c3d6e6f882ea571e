#include "inspect/job_code.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/savepoint.h"

enum { NODES_MAX = 2 << 20, LISTED_MAX = 10000, RESOLVE_MAX = 16, STEPS_MAX = 200 << 20 };

#define STATE "org.apache.flink.api.common.state."
#define STREAM "org.apache.flink.streaming.api."

static bool starts(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct code_class *)a)->file.name, ((const struct code_class *)b)->file.name);
}

static const struct code_class *class_of(const struct job_code *code, const char *name)
{
    const struct code_class key = {.file.name = name};
    return code->n_classes ? bsearch(&key, code->classes, code->n_classes, sizeof key, by_name) : NULL;
}

/* What is stored into a field of the class, or what a method of it gives; NULL: nothing, or more than one thing. */
static const struct code_node *only(const struct job_code *code, const struct code_class *c, const struct code_node *v)
{
    const struct code_node *found = NULL;
    for (uint32_t i = 0; i < c->n; i++) {
        const struct code_method *m = &c->methods[i];
        if (*code->steps < m->n)
            return NULL;
        *code->steps -= m->n;
        bool called = v->kind == CODE_CALL && !strcmp(m->method->name, v->name) && m->method->raw.n == v->n;
        for (uint32_t k = 0; k < m->n; k++) {
            const struct code_node *does = m->does[k];
            bool fits = v->kind == CODE_FIELD
                ? does->kind == CODE_PUT && !strcmp(does->name, v->name) && !strcmp(does->owner, v->owner)
                : called && does->kind == CODE_RETURN;
            if (fits && found && found != does->args[0])
                return NULL;
            if (fits)
                found = does->args[0];
        }
    }
    return found;
}

const struct code_node *job_code_resolve(const struct job_code *code, const struct code_node *v)
{
    for (int i = 0; i < RESOLVE_MAX && v && (v->kind == CODE_FIELD || v->kind == CODE_CALL); i++) {
        const struct code_class *c = class_of(code, v->owner);
        const struct code_node *next = c ? only(code, c, v) : NULL;
        if (!next || next->kind == CODE_UNKNOWN || next->kind == CODE_PARAM)
            break;
        v = next;
    }
    return v;
}

const struct code_node *job_code_stream(const struct job_code *code, const struct code_node *v)
{
    static const char *const sets[] = {"uid",
                                       "name",
                                       "setUidHash",
                                       "setParallelism",
                                       "returns",
                                       "setDescription",
                                       "disableChaining",
                                       "setMaxParallelism",
                                       "startNewChain",
                                       "setResources",
                                       "slotSharingGroup",
                                       "setBufferTimeout",
                                       "cache",
                                       "forceNonParallel"};
    for (int depth = 0; depth < 1000; depth++) {
        v = job_code_resolve(code, v);
        bool passes = false;
        for (size_t i = 0; v && v->kind == CODE_CALL && i < sizeof sets / sizeof *sets; i++)
            passes = passes || (!strcmp(v->name, sets[i]) && starts(v->owner, STREAM));
        if (!passes)
            return v;
        v = v->on;
    }
    return v;
}

/* --- what is declared --- */

static void *one_more(struct job_code *code, void *list, uint32_t *n, size_t size)
{
    if (!(*n & (*n - 1))) {
        void *more = arena_array(&code->arena, *n ? 2 * (size_t)*n : 1, size);
        if (*n)
            memcpy(more, list, *n * size);
        list = more;
    }
    ++*n;
    return list;
}

static bool descriptor_kind(const char *owner, enum state_kind *kind, bool *v2)
{
    static const struct {
        const char *cls;
        enum state_kind kind;
    } kinds[] = {{"ValueStateDescriptor", KIND_VALUE},
                 {"ListStateDescriptor", KIND_LIST},
                 {"MapStateDescriptor", KIND_MAP},
                 {"ReducingStateDescriptor", KIND_REDUCING},
                 {"AggregatingStateDescriptor", KIND_AGGREGATING}};
    if (!starts(owner, STATE))
        return false;
    owner += strlen(STATE);
    *v2 = starts(owner, "v2.");
    owner += *v2 ? 3 : 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(owner, kinds[i].cls)) {
            *kind = kinds[i].kind;
            return true;
        }
    return false;
}

/* StateDescriptors' constructors: name, [function,] [user key,] type [, default]. */
static void declare(struct job_code *code, const struct code_class *c, struct code_node *v)
{
    struct job_code_state st = {.cls = c->file.name, .made = v};
    if (!descriptor_kind(v->owner, &st.kind, &st.v2))
        return;
    const struct code_node *name = v->n ? job_code_resolve(code, v->args[0]) : NULL;
    uint32_t at = st.kind == KIND_MAP || st.kind == KIND_REDUCING || st.kind == KIND_AGGREGATING ? 2 : 1;
    if (!name || name->kind != CODE_STRING || at >= v->n || code->n_states == LISTED_MAX) {
        code->complete = false;
        return;
    }
    st.name = name->name;
    st.type = v->args[at];
    st.key_type = st.kind == KIND_MAP ? v->args[1] : NULL;
    code->states = one_more(code, code->states, &code->n_states, sizeof st);
    code->states[code->n_states - 1] = st;
    v->number = (int32_t)code->n_states;
}

static bool is_disabled(const struct code_node *ttl)
{
    return ttl->kind == CODE_FIELD && !strcmp(ttl->name, "DISABLED") && !strcmp(ttl->owner, STATE "StateTtlConfig");
}

/* getListState, getUnionListState and getBroadcastState of the operator's own store; the others are of keyed state. */
static enum job_use use_of(const struct code_node *v)
{
    bool of_operator = !strcmp(v->owner, STATE "OperatorStateStore");
    if (!strcmp(v->name, "getBroadcastState") || !strcmp(v->name, "broadcast"))
        return USE_BROADCAST;
    if (!strcmp(v->name, "getUnionListState"))
        return USE_UNION;
    if (of_operator)
        return !strcmp(v->name, "getListState") ? USE_SPLIT : USE_OPEN;
    return starts(v->name, "get") && strstr(v->name, "State") ? USE_KEYED : USE_OPEN;
}

static struct job_code_state *state_made_at(struct job_code *code, const struct code_node *made)
{
    return made && made->kind == CODE_NEW && made->number ? &code->states[made->number - 1] : NULL;
}

static bool is_list_use(enum job_use use) { return use == USE_SPLIT || use == USE_UNION || use == USE_EITHER_LIST; }

static void use(struct job_code_state *st, enum job_use use)
{
    if (use == USE_OPEN || st->use == use)
        return;
    st->use = st->use == USE_OPEN ? use : is_list_use(use) && is_list_use(st->use) ? USE_EITHER_LIST : USE_MIXED;
}

/* A call that a descriptor is given to, or made on one. */
static void look_at_use(struct job_code *code, const struct code_method *m, const struct code_node *v)
{
    struct job_code_state *st = !strcmp(v->name, "enableTimeToLive") ? state_made_at(code, job_code_resolve(code, v->on)) : NULL;
    if (st && v->n == 1) {
        bool here = false;
        for (uint32_t i = 0; i < m->n; i++)
            here = here || m->does[i] == st->made;
        bool sure = here ? v->block == st->made->block : v->block == 0;
        st->ttl = is_disabled(v->args[0]) ? JOB_TTL_OFF : sure ? JOB_TTL_ON : JOB_TTL_OPEN;
    }
    for (uint32_t i = 0; i < v->n; i++) {
        const struct code_node *arg = job_code_resolve(code, v->args[i]);
        if ((st = state_made_at(code, arg)))
            use(st, use_of(v));
        for (uint32_t k = 0; arg->kind == CODE_ARRAY && k < arg->n; k++) /* DataStream#broadcast */
            if ((st = state_made_at(code, job_code_resolve(code, arg->args[k]))))
                use(st, use_of(v));
    }
}

/* --- streams --- */

static void give_uid(struct job_code *code, const struct code_node *v)
{
    static const char digits[] = "0123456789abcdef";
    const struct code_node *uid = v->n == 1 ? job_code_resolve(code, v->args[0]) : NULL, *call = job_code_stream(code, v->on);
    if (!uid || uid->kind != CODE_STRING || !call || call->kind != CODE_CALL || code->n_operators == LISTED_MAX)
        return;
    struct job_code_operator op = {.uid = uid->name, .call = call};
    uint8_t id[16];
    operator_id_of_uid(op.uid, id);
    for (size_t i = 0; i < sizeof id; i++) {
        op.id[2 * i] = digits[id[i] >> 4];
        op.id[2 * i + 1] = digits[id[i] & 15];
    }
    code->operators = one_more(code, code->operators, &code->n_operators, sizeof op);
    code->operators[code->n_operators - 1] = op;
}

static void set_max_parallelism(struct job_code *code, const struct code_node *v, bool *several)
{
    const struct code_node *n = v->n == 1 ? job_code_resolve(code, v->args[0]) : NULL;
    int32_t max = n && n->kind == CODE_INT && n->number > 0 && v->block == 0 ? n->number : 0;
    if (starts(v->owner, STREAM "environment.")) {
        *several = *several || !max || (code->max_parallelism && code->max_parallelism != max);
        code->max_parallelism = max;
        return;
    }
    const struct code_node *call = job_code_stream(code, v->on);
    for (uint32_t i = 0; call && i < code->n_operators; i++)
        if (code->operators[i].call == call)
            code->operators[i].max_parallelism = max;
}

/* --- reading --- */

typedef void each_fn(struct job_code *code, const struct code_class *c, const struct code_method *m, struct code_node *v);

static void each(struct job_code *code, each_fn *fn)
{
    for (uint32_t i = 0; i < code->n_classes; i++)
        for (uint32_t k = 0; k < code->classes[i].n; k++)
            for (uint32_t d = 0; d < code->classes[i].methods[k].n; d++)
                fn(code, &code->classes[i], &code->classes[i].methods[k], code->classes[i].methods[k].does[d]);
}

static void find_made(struct job_code *code, const struct code_class *c, const struct code_method *m, struct code_node *v)
{
    (void)m;
    if (v->kind == CODE_NEW)
        declare(code, c, v);
    if (v->kind == CODE_CALL && !strcmp(v->name, "uid") && starts(v->owner, STREAM))
        give_uid(code, v);
}

static void find_used(struct job_code *code, const struct code_class *c, const struct code_method *m, struct code_node *v)
{
    (void)c;
    if (v->kind == CODE_CALL && starts(v->owner, "org.apache.flink."))
        look_at_use(code, m, v);
}

static void find_parallelism(struct job_code *code)
{
    bool several = false;
    for (uint32_t i = 0; i < code->n_classes; i++)
        for (uint32_t k = 0; k < code->classes[i].n; k++)
            for (uint32_t d = 0; d < code->classes[i].methods[k].n; d++) {
                const struct code_node *v = code->classes[i].methods[k].does[d];
                if (v->kind == CODE_CALL && !strcmp(v->name, "setMaxParallelism") && starts(v->owner, STREAM))
                    set_max_parallelism(code, v, &several);
            }
    if (several)
        code->max_parallelism = 0;
}

/* Flink's API in the constant pool: no other class can have to do with it. */
static bool is_of_interest(const char *name, const struct buf *bytes)
{
    static const char api[] = "org/apache/flink/";
    return !starts(name, "org.apache.flink.") && bytes->n && memmem(bytes->p, bytes->n, api, strlen(api));
}

struct job_code *job_code_read(struct jar *jar)
{
    struct job_code *code = mem_zalloc(sizeof *code);
    struct buf bytes = {0};
    uint32_t nodes = NODES_MAX;
    code->complete = true;
    code->steps = arena_alloc(&code->arena, sizeof *code->steps);
    *code->steps = STEPS_MAX;
    for (size_t i = 0; i < jar_classes(jar); i++) {
        struct err quiet = {0};
        struct code_class c;
        bytes.n = 0;
        if (!jar_class_bytes(jar, i, &bytes, &quiet)) {
            code->complete = false;
        } else if (is_of_interest(jar_class_name(jar, i, &code->arena), &bytes)) {
            /* names live in the arena, spans of the file are not kept */
            bool read = code_class_read(&c, (struct bytes){bytes.p, bytes.n}, &nodes, &code->arena, &quiet);
            code->complete = code->complete && read && c.complete;
            if (read) {
                code->classes = one_more(code, code->classes, &code->n_classes, sizeof c);
                code->classes[code->n_classes - 1] = c;
            }
        }
    }
    buf_free(&bytes);
    if (code->n_classes)
        qsort(code->classes, code->n_classes, sizeof *code->classes, by_name);
    each(code, find_made);
    each(code, find_used);
    find_parallelism(code);
    return code;
}

void job_code_free(struct job_code *code)
{
    if (code)
        arena_free(&code->arena);
    free(code);
}
