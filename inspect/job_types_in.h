/* What job_types.c and job_pojo.c know of each other: one look at a type, which goes through its parts. */
#ifndef WEIR_INSPECT_JOB_TYPES_IN_H
#define WEIR_INSPECT_JOB_TYPES_IN_H

#include <string.h>

#include "inspect/job_classes.h"
#include "inspect/job_types.h"

/* Classes on the way to the one that is looked at, superclasses among them: a class that is met again is a generic type to Flink
 * (TypeExtractor#countTypeInHierarchy). */
struct job_path {
    const char *name;
    const struct job_path *up;
};

struct job_work {
    const struct job_given *given;
    struct arena *a;
    const struct job_path *elements; /* classes of elements being looked at, for which Flink 2 begins a path of their own */
    unsigned depth, steps;
};

/* The serializer of a Java type, as it stands in env, when it was `old` (or NULL). NULL: Flink gives up on it. */
struct ser *job_work_type(struct job_work *w, const struct java_type *t, const struct job_env *env, const struct job_path *path,
                          const struct ser *old);
struct ser *job_work_successor(struct job_work *w, const struct ser *old);
/* The job's code says what it is: the same as before, whatever its class looks like, but for what is in it. */
struct ser *job_work_kept(struct job_work *w, const struct ser *old);
/* Kryo's; `t` NULL: of an Object. */
struct ser *job_work_kryo(struct job_work *w, const struct java_type *t, const struct job_env *env, const struct ser *old);
/* One of a class of the job's; `word` says of what kind it is. */
struct ser *job_work_made(struct job_work *w, const char *snapshot, const char *cls, const char *word, uint32_t n,
                          struct ser **kids);
static inline bool job_is(const struct ser *s, const char *name) { return s && s->row && !strcmp(s->row->name, name); }
void job_add_attr(struct job_work *w, struct ser *s, const char *name, const char *value);

/* A class that is a POJO (job_pojo.c). */
struct ser *job_pojo(struct job_work *w, const struct job_chain *chain, const struct job_path *path, const struct ser *old);

#endif
