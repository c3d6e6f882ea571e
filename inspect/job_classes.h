/* Questions about the classes of a job's jar, as Flink's TypeExtractor asks them by reflection. */
#ifndef WEIR_INSPECT_JOB_CLASSES_H
#define WEIR_INSPECT_JOB_CLASSES_H

#include "jar/jar.h"

/* A class with the types that stand for its type parameters, seen from where it is used. */
struct job_env {
    const struct class_file *c;
    uint32_t n;                    /* 0: used raw */
    const struct java_type **args; /* as written in `outer` */
    const struct job_env *outer;   /* NULL: nothing around */
    bool open;                     /* raw only as far as is known: the job may have told what it uses the class with */
};

/* A class and its superclasses as far as the jar has them, java.lang.Object left out. */
struct job_chain {
    uint32_t n;
    struct job_env **envs;            /* the class itself first */
    const char *end;                  /* NULL: all are here; else the first superclass that the jar does not have */
    const char *why;                  /* NULL, or why a class of the chain cannot be read */
    const struct java_type *end_type; /* of `end`, as written in the last of envs */
};

/* The chain from a class that the jar has, used as `type` within `outer`. Lives in the arena. */
struct job_chain job_chain_of(struct jar *j, const struct class_file *c, const struct java_type *type, const struct job_env *outer,
                              struct arena *a);

/* What a type variable stands for: follows it through the environments; *env becomes that in which the result is written. NULL: it
 * is not known, since in *env a class is used raw. */
const struct java_type *job_resolve(const struct java_type *t, const struct job_env **env);

/* Does the class have that superclass, or implement that interface, as far as the jar tells? */
bool job_extends(const struct job_chain *chain, const char *super);
bool job_implements(struct jar *j, const struct job_chain *chain, const char *interface, struct arena *a);

/* The interfaces of a chain, those that they extend among them, as far as the jar tells. */
struct job_names {
    uint32_t n;
    const char **names;
};
struct job_names job_interfaces(struct jar *j, const struct job_chain *chain, struct arena *a);

/* Could a class loader load it: does the jar, the JDK or Flink have it? Arrays by their component. */
bool job_can_load(const struct jar *j, const char *name, struct arena *a);

/* Why the class is no POJO to Flink of this version (TypeExtractor#analyzePojo without the fields' own types); NULL: it is one. */
const char *job_no_pojo(struct jar *j, const struct job_chain *chain, int flink, struct arena *a);
/* A field that a POJO has: neither static nor transient. */
bool job_is_pojo_field(const struct java_field *f);

#endif
