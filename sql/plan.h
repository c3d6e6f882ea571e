/* Flink's compiled plan (the JSON of COMPILE PLAN, flink-table-planner 1.15 to 2.3) as a model: exec nodes, edges, tables.
 *
 * What every exec node has is a member here. What only one kind has stays in its JSON, which that node's own file reads with the
 * cplan_* functions below: a new kind of node changes nothing here. A planner makes the same JSON and hands it to cplan_of. */
#ifndef WEIR_SQL_PLAN_H
#define WEIR_SQL_PLAN_H

#include "sql/rex.h"

struct cplan_node {
    int64_t id;
    const char *type;           /* "stream-exec-calc" */
    int version;                /* 1 */
    const struct ltype *output; /* a row; NULL: the node has no outputType */
    const char *about;          /* description, for people; never NULL */
    const struct value *json;   /* the object: its own members, "configuration", "inputProperties", "state" */
    uint32_t n_inputs;
    struct cplan_node **inputs; /* by edges, in their order */
    uint32_t n_outputs;         /* edges that begin here */
};

struct cplan {
    const char *flink_version; /* "2.3" */
    uint32_t n;
    struct cplan_node *nodes; /* in the file's order; every node stands behind its inputs */
    const struct value *json;
};

/* Both keep pointers into the arena and v. ERR_CORRUPT says what is wrong and in which node; plans with cycles, edges to nowhere or
 * other shuffles than FORWARD are refused. */
bool cplan_read(struct cplan *p, struct arena *a, const char *text, size_t n, struct err *e);
bool cplan_of(struct cplan *p, struct arena *a, const struct value *v, struct err *e);

/* --- members of a node. A missing member, or one that is null, gives `otherwise`; one of another kind sets e (ERR_CORRUPT). --- */

const struct value *cplan_member(const struct value *v, const char *name); /* NULL: missing or null */
bool cplan_bool(const struct value *v, const char *name, bool otherwise, struct err *e);
int64_t cplan_int(const struct value *v, const char *name, int64_t otherwise, struct err *e);
const char *cplan_text(const struct value *v, const char *name, const char *otherwise, struct err *e);
/* A list of column numbers below `limit`; *n of them. */
const uint32_t *cplan_ints(struct arena *a, const struct value *v, const char *name, uint32_t limit, uint32_t *n, struct err *e);
/* An expression, or NULL when there is none (or e is set). */
const struct rex *cplan_rex(struct arena *a, const struct value *v, const char *name, struct err *e);
/* An option of the node's "configuration"; NULL: not there. */
const char *cplan_config(const struct cplan_node *node, const char *key);

/* --- tables: "table" of a scan or sink --- */

enum cplan_column_kind { COLUMN_PHYSICAL, COLUMN_METADATA, COLUMN_COMPUTED };

struct cplan_column {
    const char *name;
    enum cplan_column_kind kind;
    const struct ltype *type;
    const char *metadata_key;     /* NULL: the name */
    bool is_virtual;              /* metadata: not written by a sink */
    const struct rex *expression; /* computed */
};
static inline const char *cplan_metadata_key(const struct cplan_column *c) { return c->metadata_key ? c->metadata_key : c->name; }

struct cplan_table {
    const char *identifier; /* `catalog`.`database`.`table` */
    const char *name;       /* the last part, without its quotes */
    uint32_t n;
    const struct cplan_column *columns;
    uint32_t n_key;
    const uint32_t *key; /* columns of the primary key */
    uint32_t n_options;
    const char **option_names, **option_values;
    uint32_t n_partition;
    const char **partition; /* names of the partition columns */
    bool resolved;          /* false: the plan has only the identifier (catalog objects IDENTIFIER) */
};

bool cplan_table_read(struct cplan_table *t, struct arena *a, const struct value *table, struct err *e);
const char *cplan_option(const struct cplan_table *t, const char *name, const char *otherwise);
/* The row of the physical columns. */
const struct ltype *cplan_table_row(const struct cplan_table *t, struct arena *a);
/* Where column i of the primary key stands in that row. */
uint32_t cplan_key_column(const struct cplan_table *t, uint32_t i);

#endif
