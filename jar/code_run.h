/* For code_tree.c: the pass over one method. */
#ifndef WEIR_JAR_CODE_RUN_H
#define WEIR_JAR_CODE_RUN_H

#include "jar/code_tree.h"

enum { CODE_SLOTS = 512 }; /* of the stack, and of local variables; methods with more are not followed */

struct opcode;

struct code_member {
    struct pool_member m;
    struct java_method_type type; /* of methods */
    bool known, there;
};

struct code_run {
    /* of the class */
    const struct class_pool *pool;
    struct arena *a;
    uint32_t *nodes;
    const uint16_t *handles; /* by the number of the bootstrap method: the pool's index of the method that it makes an object of */
    uint32_t n_handles;
    struct code_member *members; /* by the pool's index, as they are met */
    /* of the method */
    struct code_node *stack[CODE_SLOTS], *locals[CODE_SLOTS];
    uint32_t depth, block, segment, max_stack, max_locals;
    int32_t reach; /* the farthest place that a jump so far leads to: from there on, code is come to whichever way was taken */
    uint8_t stores[CODE_SLOTS]; /* how often a variable is stored into: 0, 1, 2 for more */
    struct code_join *joins;    /* one for each byte of the code */
    size_t n_joins, room;
    bool dead, failed;
    struct code_method *to;
};

/* Fills to->does. False: the method is malformed, or nothing that weir follows. */
bool code_run(struct code_run *x, struct bytes attribute, struct code_method *to);
void code_run_free(struct code_run *x);

/* --- for code_run.c and code_calls.c --- */

struct code_node *code_node(struct code_run *x, enum code_kind kind);
extern struct code_node code_unknown;
/* A slot of the stack; a long or double has two, of which the upper one is unknown. */
void code_push(struct code_run *x, struct code_node *v);
struct code_node *code_pop(struct code_run *x);
/* Appends to what the method does. */
void code_does(struct code_run *x, struct code_node *v);
bool code_is_wide(const struct java_type *t); /* long, double */
/* getstatic to putfield, invokevirtual to invokedynamic. */
void code_access(struct code_run *x, const struct opcode *o);
void code_invoke(struct code_run *x, const struct opcode *o);

#endif
