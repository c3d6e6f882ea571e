/* Java types as class files write them: descriptors ("[Ljava/lang/String;") and signatures ("Ljava/util/List<TT;>;", JVMS 4.7.9.1). */
#ifndef WEIR_JAR_JAVA_TYPE_H
#define WEIR_JAR_JAVA_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

enum java_kind {
    JAVA_PRIMITIVE, /* name: "int", "void", … */
    JAVA_CLASS,     /* name: "a.b.C$D"; args: its type arguments, none where it is raw */
    JAVA_VARIABLE,  /* name: "T" */
    JAVA_ARRAY,     /* args[0]: of what */
    JAVA_WILDCARD   /* args[0]: the bound, or none */
};

struct java_type {
    enum java_kind kind;
    const char *name;
    uint32_t n;
    const struct java_type **args;
};

/* Reads one type from *p on and moves behind it. NULL when it is malformed or nested more than 64 deep. Lives in the arena. */
const struct java_type *java_type_read(const char **p, struct arena *a);
/* The whole of a text. */
const struct java_type *java_type_of(const char *text, struct arena *a);

/* A method's parameters and result from its descriptor or signature (type parameters of its own are skipped). False: malformed. */
struct java_method_type {
    uint32_t n;
    const struct java_type **params;
    const struct java_type *result;
};
bool java_method_type_of(struct java_method_type *m, const char *text, struct arena *a);

/* A class's signature: its type parameters and what they extend, and its superclass. False: malformed. */
struct java_class_type {
    uint32_t n;
    const char **params;
    const struct java_type **bounds; /* the first one each; NULL: none */
    const struct java_type *super;
};
bool java_class_type_of(struct java_class_type *c, const char *text, struct arena *a);

/* As in Java's source: "java.util.List<java.lang.Long>", "int[]"; wildcards by their bound. */
void java_type_text(const struct java_type *t, struct buf *b);
bool java_type_same(const struct java_type *a, const struct java_type *b);
/* A class or an array of one, by the name that Class#getName gives: "zoo.Cat", "[I", "[Lzoo.Cat;". */
const struct java_type *java_type_of_name(const char *name, struct arena *a);

#endif
