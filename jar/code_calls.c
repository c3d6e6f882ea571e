/* Bytecode that refers to fields and methods. */
#include <string.h>

#include "jar/code_run.h"
#include "jar/opcode.h"

static const struct code_member *member(struct code_run *x, uint16_t i)
{
    static const struct code_member none;
    struct code_member *m = i < x->pool->n ? &x->members[i] : NULL;
    if (m && !m->known) {
        m->known = true;
        m->there = class_pool_member(x->pool, i, &m->m, x->a);
        if (m->there && *m->m.descriptor == '(')
            m->there = java_method_type_of(&m->type, m->m.descriptor, x->a);
    }
    if (!m || !m->there) {
        x->failed = true;
        return &none;
    }
    return m;
}

bool code_is_wide(const struct java_type *t)
{
    return t->kind == JAVA_PRIMITIVE && (!strcmp(t->name, "long") || !strcmp(t->name, "double"));
}

static void push_of_type(struct code_run *x, struct code_node *v, bool wide)
{
    code_push(x, v);
    if (wide)
        code_push(x, &code_unknown);
}

static struct code_node *pop_of_type(struct code_run *x, bool wide)
{
    if (wide)
        (void)code_pop(x);
    return code_pop(x);
}

static struct code_node *node_of(struct code_run *x, enum code_kind kind, const struct code_member *m)
{
    struct code_node *v = code_node(x, kind);
    if (v == &code_unknown)
        return v;
    v->owner = m->m.owner ? m->m.owner : "";
    v->name = m->m.name;
    v->descriptor = m->m.descriptor;
    return v;
}

void code_access(struct code_run *x, const struct opcode *o)
{
    const struct code_member *m = member(x, (uint16_t)o->arg);
    uint8_t op = o->op;
    if (x->failed)
        return;
    bool wide = *m->m.descriptor == 'J' || *m->m.descriptor == 'D';
    struct code_node *v = node_of(x, op == OP_PUTSTATIC || op == OP_PUTFIELD ? CODE_PUT : CODE_FIELD, m), *value = NULL, *on = NULL;
    if (op == OP_PUTSTATIC || op == OP_PUTFIELD)
        value = pop_of_type(x, wide);
    if (op == OP_GETFIELD || op == OP_PUTFIELD)
        on = code_pop(x);
    if (v != &code_unknown) {
        v->on = on;
        v->n = value ? 1 : 0;
        v->args = arena_array(x->a, v->n, sizeof(struct code_node *));
        if (value)
            v->args[0] = value;
    }
    if (value)
        code_does(x, v);
    else
        push_of_type(x, v, wide);
}

static struct code_node *dynamic(struct code_run *x, uint16_t i, struct code_node **args, uint32_t n)
{
    uint16_t handle = x->pool->entries[i].a < x->n_handles ? x->handles[x->pool->entries[i].a] : 0;
    if (!handle || handle >= x->pool->n || x->pool->entries[handle].tag != POOL_HANDLE)
        return &code_unknown; /* strings that are put together, and the like */
    const struct code_member *m = member(x, handle);
    struct code_node *v = x->failed ? &code_unknown : node_of(x, CODE_LAMBDA, m);
    if (v != &code_unknown) {
        v->n = n;
        v->args = args;
    }
    return v;
}

static struct code_node *called(struct code_run *x, uint8_t op, const struct code_member *m, struct code_node **args)
{
    struct code_node *on = op == OP_INVOKESTATIC ? NULL : code_pop(x), *v;
    if (op == OP_INVOKESPECIAL && !strcmp(m->m.name, "<init>")) {
        if (on->kind != CODE_NEW || on->descriptor || strcmp(on->owner, m->m.owner) != 0)
            return NULL; /* super(…), this(…) */
        v = on;
        v->descriptor = m->m.descriptor;
        v->block = x->block;
    } else {
        v = node_of(x, CODE_CALL, m);
        if (v == &code_unknown)
            return v;
        v->on = on;
    }
    v->n = m->type.n;
    v->args = args;
    return v;
}

void code_invoke(struct code_run *x, const struct opcode *o)
{
    uint16_t i = (uint16_t)o->arg;
    uint8_t op = o->op;
    const struct code_member *m = member(x, i);
    if (x->failed || !m->type.result || (op == OP_INVOKEDYNAMIC) != (x->pool->entries[i].tag == POOL_DYNAMIC)) {
        x->failed = true;
        return;
    }
    struct code_node **args = arena_array(x->a, m->type.n, sizeof *args), *v;
    for (uint32_t k = m->type.n; k--;)
        args[k] = pop_of_type(x, code_is_wide(m->type.params[k]));
    bool nothing = m->type.result->kind == JAVA_PRIMITIVE && !strcmp(m->type.result->name, "void");
    if (op == OP_INVOKEDYNAMIC) {
        v = dynamic(x, i, args, m->type.n);
    } else {
        v = called(x, op, m, args);
        if (v && v != &code_unknown)
            code_does(x, v);
    }
    if (!nothing)
        push_of_type(x, v ? v : &code_unknown, code_is_wide(m->type.result));
}
