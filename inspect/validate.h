/* Findings about a snapshot: is it whole, would a new job restore from it, and what is dangerous although Flink accepts it. */
#ifndef WEIR_INSPECT_VALIDATE_H
#define WEIR_INSPECT_VALIDATE_H

#include "inspect/compat.h"

enum severity { SEVERITY_OFF, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };
const char *severity_name(enum severity s); /* "error" … */

enum rule_id {
#define RULE(ident, id, severity, refuses, title, explanation, advice) RULE_##ident,
#include "inspect/rules.def"
#undef RULE
    RULES
};

struct rule {
    const char *id;
    enum severity severity;
    bool refuses; /* Flink would not restore */
    const char *title, *explanation, *advice;
};
extern const struct rule rules[RULES];

struct finding {
    const struct rule *rule;
    enum severity severity; /* the policy may have changed it */
    const char *op, *state; /* NULL: of the snapshot, of the operator */
    const char *message;
};

struct state_verdict {
    const char *op, *state;
    enum verdict verdict;
    const char *why;
};

struct validation {
    bool against;    /* there is a new job to compare with */
    bool compatible; /* nothing was found for which Flink would refuse */
    uint32_t n_states, n_findings;
    struct state_verdict *states; /* by operator and state */
    struct finding *findings;     /* in the order of the rules, then of the operators */
    struct compat_target target;  /* what was assumed */
    struct arena arena;
};

struct validate_opts {
    struct compat_target target;
    bool flink_given, backend_given; /* else the target is the snapshot's own */
    bool deep;                       /* every key is looked at for its key group; the tree was built to TREE_DEEP */
    bool allow_non_restored;
    const char *location; /* as the user gave it */
    unsigned jobs;
    struct progress *progress;
    const struct layout *against; /* the new job's, or NULL */
};

/* Everything. The tree (with key groups) outlives v. validation_free releases. */
void validate(struct validation *v, const struct tree *t, const struct validate_opts *opts);
void validation_free(struct validation *v);

/* Where it is to be restored: what the user says; else what the snapshot tells, and the new job's snapshot when that is newer. */
struct compat_target validate_target(const struct tree *t, const struct validate_opts *opts);

/* The parts of it, and what the policy adds. */
void validate_whole(struct validation *v, const struct tree *t, const struct validate_opts *opts);
void validate_restore(struct validation *v, const struct tree *t, const struct validate_opts *opts);
void validate_hazards(struct validation *v, const struct tree *t);
void find(struct validation *v, enum rule_id rule, const char *op, const char *state, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* How many findings are of that severity. */
uint32_t validation_count(const struct validation *v, enum severity s);
const struct rule *rule_by_id(const char *id);

#endif
