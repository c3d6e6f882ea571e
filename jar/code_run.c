#include "jar/code_run.h"

#include <stdlib.h>
#include <string.h>

#include "jar/opcode.h"

enum { JOIN_STACK = 8, DOES_MAX = 1 << 16, CODE_MAX = 65535 };

/* Where a jump leads: what lies on the stack there, whichever way one comes. */
struct code_join {
    bool target, handler, seen;
    uint8_t depth;
    struct code_node *stack[JOIN_STACK];
};

struct code_node code_unknown = {.kind = CODE_UNKNOWN};

struct code_node *code_node(struct code_run *x, enum code_kind kind)
{
    if (!*x->nodes)
        return &code_unknown;
    --*x->nodes;
    struct code_node *v = arena_alloc(x->a, sizeof *v);
    v->kind = kind;
    v->block = x->block;
    return v;
}

void code_push(struct code_run *x, struct code_node *v)
{
    if (x->depth < x->max_stack)
        x->stack[x->depth++] = v;
    else
        x->failed = true;
}

struct code_node *code_pop(struct code_run *x)
{
    if (x->depth)
        return x->stack[--x->depth];
    x->failed = true;
    return &code_unknown;
}

void code_does(struct code_run *x, struct code_node *v)
{
    struct code_method *to = x->to;
    if (to->n == DOES_MAX || v == &code_unknown) {
        x->failed = true;
        return;
    }
    if (!(to->n & (to->n - 1))) {
        struct code_node **more = arena_array(x->a, to->n ? 2 * (size_t)to->n : 1, sizeof *more);
        if (to->n)
            memcpy(more, to->does, to->n * sizeof *more);
        to->does = more;
    }
    to->does[to->n++] = v;
}

/* --- instructions --- */

/* dup, dup_x1, dup_x2, dup2, dup2_x1, dup2_x2: n slots again below `below` others. */
static void dup(struct code_run *x, unsigned n, unsigned below)
{
    struct code_node *top[4];
    for (unsigned i = 0; i < n + below; i++)
        top[i] = code_pop(x);
    for (unsigned i = n; i--;)
        code_push(x, top[i]);
    for (unsigned i = n + below; i--;)
        code_push(x, top[i]);
}

static void swap(struct code_run *x)
{
    struct code_node *a = code_pop(x), *b = code_pop(x);
    code_push(x, a);
    code_push(x, b);
}

/* --- constants, variables, arrays --- */

static void push_int(struct code_run *x, int32_t n)
{
    struct code_node *v = code_node(x, CODE_INT);
    if (v != &code_unknown)
        v->number = n;
    code_push(x, v);
}

static void push_constant(struct code_run *x, uint16_t i)
{
    const struct pool_entry *e = i < x->pool->n ? &x->pool->entries[i] : NULL, *text = class_pool_string(x->pool, i);
    struct code_node *v = &code_unknown;
    if (e && e->tag == POOL_INTEGER) {
        push_int(x, (int32_t)((uint32_t)e->a << 16 | e->b));
        return;
    }
    if (text || (e && e->tag == POOL_CLASS))
        v = code_node(x, text ? CODE_STRING : CODE_CLASS);
    if (v != &code_unknown && text)
        v->name = class_pool_text(x->pool, e->a, x->a);
    else if (v != &code_unknown)
        v->owner = class_pool_class(x->pool, i, x->a);
    code_push(x, v);
}

/* kind: 0 int, 1 long, 2 float, 3 double, 4 reference. */
static void load(struct code_run *x, unsigned kind, uint32_t i)
{
    x->failed = x->failed || i >= x->max_locals;
    code_push(x, (kind == 0 || kind == 4) && !x->failed ? x->locals[i] : &code_unknown);
    if (kind == 1 || kind == 3)
        code_push(x, &code_unknown);
}

static void store(struct code_run *x, unsigned kind, uint32_t i)
{
    bool wide = kind == 1 || kind == 3;
    if (wide)
        (void)code_pop(x);
    struct code_node *v = code_pop(x);
    if (i + wide >= x->max_locals) {
        x->failed = true;
        return;
    }
    x->locals[i] = v;
    if (wide)
        x->locals[i + 1] = &code_unknown;
}

static void new_array(struct code_run *x)
{
    enum { ELEMENTS_MAX = 64 }; /* more fields than tuples or most rows have */
    struct code_node *size = code_pop(x), *v = &code_unknown;
    if (size->kind == CODE_INT && size->number >= 0 && size->number <= ELEMENTS_MAX)
        v = code_node(x, CODE_ARRAY);
    if (v != &code_unknown) {
        v->n = (uint32_t)size->number;
        v->args = arena_array(x->a, v->n, sizeof *v->args);
    }
    code_push(x, v);
}

static void store_element(struct code_run *x)
{
    struct code_node *v = code_pop(x), *i = code_pop(x), *array = code_pop(x);
    if (array->kind != CODE_ARRAY)
        return;
    if (i->kind == CODE_INT && i->number >= 0 && (uint32_t)i->number < array->n && !array->args[i->number] &&
        array->block == x->block)
        array->args[i->number] = v;
    else
        array->kind = CODE_UNKNOWN;
}

static void new_object(struct code_run *x, uint16_t i)
{
    struct code_node *v = code_node(x, CODE_NEW);
    const char *cls = class_pool_class(x->pool, i, x->a);
    if (v != &code_unknown)
        v->owner = cls;
    x->failed = x->failed || !cls;
    code_push(x, v);
}

/* --- jumps --- */

static void merge(struct code_run *x, struct code_join *j)
{
    if (j->handler)
        return;
    if (!j->seen) {
        j->seen = true;
        j->depth = (uint8_t)x->depth;
        for (uint32_t i = 0; i < x->depth && i < JOIN_STACK; i++)
            j->stack[i] = x->stack[i];
    }
    x->failed = x->failed || j->depth != x->depth;
    for (uint32_t i = 0; i < x->depth && i < JOIN_STACK; i++)
        if (j->stack[i] != x->stack[i])
            j->stack[i] = &code_unknown;
}

static void jump(struct code_run *x, int32_t to)
{
    if (to < 0 || (size_t)to >= x->n_joins || x->depth > UINT8_MAX)
        x->failed = true;
    else
        merge(x, &x->joins[to]);
    x->reach = to > x->reach ? to : x->reach;
    x->segment++;
}

/* A place that jumps lead to: what lies there whichever way one came, and of the variables those that are stored into only once. */
static void arrive(struct code_run *x, struct code_join *j)
{
    if (!j->target)
        return;
    x->segment++;
    if (j->handler) {
        x->depth = 0;
        x->dead = false;
        code_push(x, &code_unknown);
    } else if (!x->dead || j->seen) {
        if (!x->dead)
            merge(x, j);
        x->depth = j->depth;
        for (uint32_t i = 0; i < x->depth && !x->failed; i++)
            x->stack[i] = i < JOIN_STACK ? j->stack[i] : &code_unknown;
        x->dead = false;
    }
    for (uint32_t i = 0; i < x->max_locals; i++)
        if (x->stores[i] > 1)
            x->locals[i] = &code_unknown;
}

static void gives(struct code_run *x, uint8_t op)
{
    if (op == 0xac || op == 0xb0) { /* an int, a reference */
        struct code_node *v = code_node(x, CODE_RETURN), *value = code_pop(x);
        if (v != &code_unknown) {
            v->n = 1;
            v->args = arena_array(x->a, 1, sizeof *v->args);
            v->args[0] = value;
            code_does(x, v);
        }
    }
    x->dead = true;
}

static void jumps(struct code_run *x, const struct opcode *o)
{
    unsigned pops = o->op == OP_GOTO ? 0 : o->op >= OP_IF_ICMPEQ && o->op <= OP_IF_ACMPNE ? 2 : 1;
    while (pops--)
        (void)code_pop(x);
    jump(x, o->arg);
    for (int32_t i = 0; i < o->more && !x->failed; i++)
        jump(x, opcode_case(o, i));
    x->dead = o->op == OP_GOTO || o->op == OP_TABLESWITCH || o->op == OP_LOOKUPSWITCH;
}

/* --- a method --- */

static void other(struct code_run *x, const struct opcode *o)
{
    unsigned pops, pushes;
    if (o->op == OP_MULTIANEWARRAY) {
        pops = (unsigned)o->more;
        pushes = 1;
    } else if (!opcode_effect(o->op, &pops, &pushes)) {
        x->failed = true; /* jsr, ret: of Java 5 and before */
        return;
    }
    while (pops--)
        (void)code_pop(x);
    while (pushes--)
        code_push(x, &code_unknown);
}

static void step(struct code_run *x, const struct opcode *o)
{
    static const uint8_t dups[][2] = {{1, 0}, {1, 1}, {1, 2}, {2, 0}, {2, 1}, {2, 2}};
    if (o->op == OP_SIPUSH)
        push_int(x, o->arg);
    else if (o->op == OP_LDC_W)
        push_constant(x, (uint16_t)o->arg);
    else if (o->op >= OP_ILOAD && o->op <= OP_ALOAD)
        load(x, o->op - OP_ILOAD, (uint32_t)o->arg);
    else if (o->op >= OP_ISTORE && o->op <= OP_ASTORE)
        store(x, o->op - OP_ISTORE, (uint32_t)o->arg);
    else if (o->op == OP_AASTORE)
        store_element(x);
    else if (o->op >= OP_DUP && o->op <= OP_DUP2_X2)
        dup(x, dups[o->op - OP_DUP][0], dups[o->op - OP_DUP][1]);
    else if (o->op == OP_SWAP)
        swap(x);
    else if (o->op >= OP_GETSTATIC && o->op <= OP_PUTFIELD)
        code_access(x, o);
    else if (o->op >= OP_INVOKEVIRTUAL && o->op <= OP_INVOKEDYNAMIC)
        code_invoke(x, o);
    else if (o->op == OP_NEW)
        new_object(x, (uint16_t)o->arg);
    else if (o->op == OP_ANEWARRAY)
        new_array(x);
    else if (opcode_is_jump(o) || o->cases)
        jumps(x, o);
    else if (o->op >= OP_IRETURN && o->op <= OP_RETURN)
        gives(x, o->op);
    else if (o->op == OP_ATHROW)
        x->dead = true;
    else if (o->op != OP_CHECKCAST)
        other(x, o);
}

static void note_target(struct code_run *x, int32_t to)
{
    if (to >= 0 && (size_t)to < x->n_joins)
        x->joins[to].target = true;
}

/* Where jumps lead, and which variables are stored into more than once: known before the pass that follows values. */
static void survey(struct code_run *x, struct bytes code)
{
    struct rd r = rd_of(code.p, code.n, 0);
    struct opcode o;
    while (opcode_next(&r, &o)) {
        bool stores = (o.op >= OP_ISTORE && o.op <= OP_ASTORE) || o.op == OP_IINC;
        if (stores && (uint32_t)o.arg < x->max_locals && x->stores[o.arg] < 2)
            x->stores[o.arg]++;
        if (o.cases || opcode_is_jump(&o))
            note_target(x, o.arg);
        for (int32_t i = 0; o.cases && i < o.more; i++)
            note_target(x, opcode_case(&o, i));
    }
}

static void handlers(struct code_run *x, struct rd *r)
{
    for (uint32_t n = rd_u16(r); n && rd_ok(r); n--) {
        (void)rd_take(r, 4);
        uint16_t at = rd_u16(r);
        (void)rd_u16(r);
        note_target(x, at);
        if (at < x->n_joins)
            x->joins[at].handler = true;
    }
}

/* this and the parameters, as they come in: stored into once already. */
static void parameters(struct code_run *x)
{
    const struct java_method *m = x->to->method;
    uint32_t slots = m->access & ACC_STATIC ? 0 : 1;
    for (uint32_t i = 0; i < m->raw.n; i++)
        slots += code_is_wide(m->raw.params[i]) ? 2 : 1;
    memset(x->stores, 0, x->max_locals);
    memset(x->stores, 1, slots < x->max_locals ? slots : x->max_locals);
    for (uint32_t i = 0; i < x->max_locals; i++) {
        x->locals[i] = code_node(x, CODE_PARAM);
        if (x->locals[i] != &code_unknown)
            x->locals[i]->number = (int32_t)i;
    }
}

static bool begin(struct code_run *x, struct rd *r, struct bytes *code)
{
    x->max_stack = rd_u16(r);
    x->max_locals = rd_u16(r);
    *code = rd_bytes32(r);
    if (!rd_ok(r) || x->max_stack > CODE_SLOTS || x->max_locals > CODE_SLOTS || code->n > CODE_MAX)
        return false;
    x->depth = x->block = x->segment = 0;
    x->reach = 0;
    x->dead = x->failed = false;
    if (code->n > x->room) {
        x->room = code->n;
        x->joins = mem_grow(x->joins, x->room, sizeof *x->joins);
    }
    x->n_joins = code->n;
    if (code->n)
        memset(x->joins, 0, code->n * sizeof *x->joins);
    parameters(x);
    survey(x, *code);
    handlers(x, r);
    return true;
}

bool code_run(struct code_run *x, struct bytes attribute, struct code_method *to)
{
    struct rd all = rd_of(attribute.p, attribute.n, 0);
    struct bytes code;
    struct opcode o;
    x->to = to;
    if (!begin(x, &all, &code))
        return false;
    struct rd r = rd_of(code.p, code.n, 0);
    while (!x->failed && *x->nodes && opcode_next(&r, &o)) {
        arrive(x, &x->joins[o.at]);
        x->block = (int64_t)o.at >= x->reach ? 0 : x->segment;
        if (!x->dead)
            step(x, &o);
    }
    bool ok = !x->failed && *x->nodes && rd_ok(&r);
    if (!ok)
        to->n = 0;
    return ok;
}

void code_run_free(struct code_run *x) { free(x->joins); }
