/* What the methods of a class do, as trees of what they compute: one pass over the bytecode (JVMS 6), in which nothing is run.
 *
 * A value that comes of one place stands with how it came about; one that comes of several (two branches, a loop), or of arithmetic, is
 * CODE_UNKNOWN. Nodes are shared: the object that a variable holds is the same node wherever the variable is used. */
#ifndef WEIR_JAR_CODE_TREE_H
#define WEIR_JAR_CODE_TREE_H

#include "jar/class_file.h"

enum code_kind {
    CODE_UNKNOWN,
    CODE_INT,    /* number */
    CODE_STRING, /* name */
    CODE_CLASS,  /* owner: as Class#getName has it */
    CODE_PARAM,  /* number: the local variable that it begins as; 0: this */
    CODE_NEW,    /* an object of owner; args of the constructor with that descriptor */
    CODE_CALL,   /* of owner.name, on `on` (NULL: static) */
    CODE_FIELD,  /* owner.name of `on` (NULL: static) */
    CODE_ARRAY,  /* args: elements, NULL where nothing was stored */
    CODE_LAMBDA, /* a method reference or lambda: the method that it ends in */
    CODE_PUT,    /* args[0] is stored into the field owner.name of `on`; only among what a method does */
    CODE_RETURN  /* args[0] is what the method gives; only among what a method does */
};

struct code_node {
    enum code_kind kind;
    int32_t number;
    const char *owner, *name, *descriptor;
    struct code_node *on;
    uint32_t n;
    struct code_node **args; /* none is NULL but for those of an array */
    uint32_t block;          /* 0: no condition is around it; two of one block: where one is come to, the other one is, too */
};

/* The calls, objects, stores and results of a method, in the order of its code. */
struct code_method {
    const struct java_method *method;
    uint32_t n;
    struct code_node **does;
};

struct code_class {
    struct class_file file;
    uint32_t n; /* methods that have code; those that weir does not follow are left out, and `complete` is not set */
    struct code_method *methods;
    bool complete;
};

/* *nodes is how many may still be made, and is counted down. ERR_CORRUPT: as class_file_read. */
bool code_class_read(struct code_class *c, struct bytes file, uint32_t *nodes, struct arena *a, struct err *e);

#endif
