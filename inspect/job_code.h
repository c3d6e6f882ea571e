/* What a job's code says of its state: the descriptors that it makes, the operators that it gives uids, the maximum parallelism.
 *
 * Code is followed as far as values come of one place (code_tree.h). What it is not clear about is left open, never guessed; and whether
 * code runs at all nobody looks at. Flink's own classes are not looked into. */
#ifndef WEIR_INSPECT_JOB_CODE_H
#define WEIR_INSPECT_JOB_CODE_H

#include "inspect/job_types.h"
#include "jar/code_tree.h"

/* Which store the descriptor is given to: none that is seen; SPLIT or UNION; now this, now that. */
enum job_use { USE_OPEN, USE_KEYED, USE_SPLIT, USE_UNION, USE_BROADCAST, USE_EITHER_LIST, USE_MIXED };
enum job_ttl { JOB_TTL_OFF, JOB_TTL_ON, JOB_TTL_OPEN };

/* A StateDescriptor that is made. */
struct job_code_state {
    const char *name, *cls; /* cls: in whose code */
    enum state_kind kind;
    bool v2;
    enum job_use use;
    enum job_ttl ttl;
    const struct code_node *made, *type,
        *key_type; /* Class, TypeInformation or serializer of value or element, and of a map's keys */
};

/* An operator with a uid. */
struct job_code_operator {
    char id[33]; /* hex digits */
    const char *uid;
    const struct code_node *call; /* of DataStream#process, …, which makes it */
    int32_t max_parallelism;      /* 0: the job's */
};

struct job_code {
    uint32_t n_classes, n_states, n_operators;
    struct code_class *classes; /* those that have to do with Flink, by name */
    struct job_code_state *states;
    struct job_code_operator *operators;
    int32_t max_parallelism; /* of the job; 0: the code sets none, or several, or not to a number that stands in it */
    bool complete;           /* all descriptors have their names in the code, and all code was followed */
    uint64_t *steps;         /* how much more may be looked for */
    struct arena arena;
};

struct job_code *job_code_read(struct jar *jar);
void job_code_free(struct job_code *code); /* NULL is allowed */

/* What stands behind a field that is set once, or a method that gives one thing: else the node itself. */
const struct code_node *job_code_resolve(const struct job_code *code, const struct code_node *v);
/* What is around an operator's call: the calls that only set something, as name(…), left out. */
const struct code_node *job_code_stream(const struct job_code *code, const struct code_node *v);

/* The serializer of a Class, a TypeInformation or a serializer in the code. NULL: the code is not clear about it. `old` is what the state had. */
const struct ser *job_code_type(const struct job_given *given, const struct code_node *v, const struct ser *old, struct arena *a);
/* The serializer of the keys that an operator has. NULL as above, or it has none. */
const struct ser *job_code_key(const struct job_given *given, const struct job_code_operator *op, const struct ser *old,
                               struct arena *a);
/* Is the class one of the operator's functions, a superclass of one, or within one? */
bool job_code_is_of(const struct job_given *given, const struct job_code_operator *op, const char *cls);
/* Has the operator no state but what its functions declare? */
bool job_code_is_plain(const struct job_given *given, const struct job_code_operator *op);

#endif
