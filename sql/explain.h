/* A compiled plan for people: as a tree in the manner of Flink's EXPLAIN, as JSON, and in plain words.
 *
 * What a node says is taken from its members in the plan, so that plans which Flink has compiled read like ours. */
#ifndef WEIR_SQL_EXPLAIN_H
#define WEIR_SQL_EXPLAIN_H

#include "sql/plan.h"

struct explain_fact {
    const char *name, *text; /* "groupBy", "a, b" */
};

enum { EXPLAIN_FACTS = 16 };

struct explain_node {
    const struct cplan_node *node;
    const char *kind; /* "GroupAggregate" */
    uint32_t n;
    struct explain_fact facts[EXPLAIN_FACTS];
    const char **columns; /* what those are called that it sends: as where they come from */
};

struct explain {
    const struct cplan *plan;
    struct explain_node *nodes; /* as the plan has them */
};

/* ERR_CORRUPT: a node's member is malformed. */
bool explain_read(struct explain *x, const struct cplan *plan, struct arena *a, struct err *e);
const char *explain_fact(const struct explain_node *n, const char *name); /* NULL: not there */

void explain_tree(const struct explain *x, struct buf *to);
void explain_json(const struct explain *x, struct jsonw *w);
/* For who does not read SQL: what comes in, what is done with it, when results appear, what is kept, what becomes of late rows. */
void explain_plain(const struct explain *x, struct buf *to);

/* --- for explain*.c --- */

/* An expression over columns of those names. */
void explain_rex(const struct rex *x, const char *const *names, uint32_t n, struct buf *to);
/* "10 s", "1 h 30 min", "250 ms" */
void explain_duration(int64_t ms, struct buf *to);

#endif
