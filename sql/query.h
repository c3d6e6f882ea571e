/* From trees of SQL to relational steps: what Calcite's validator and SqlToRelConverter do. */
#ifndef WEIR_SQL_QUERY_H
#define WEIR_SQL_QUERY_H

#include "sql/bind.h"
#include "sql/plan_tables.h"
#include "sql/rel.h"
#include "sql/coerce.h"
#include "sql/simplify.h"

/* A query of WITH. */
struct named_query {
    const struct named_query *before; /* those that it may name */
    const char *name;
    const struct ast *columns, *query; /* columns: or NULL */
};

/* STATE_TTL of a SELECT (StateTtlHint of flink-table-planner 2.3): how long the state of an input is kept, by what the input is called. */
enum { HINTS_MAX = 64 };
struct hints {
    uint32_t n;
    struct hint {
        const char *name, *ttl;
        struct place at;
        uint32_t of; /* which of the SELECT's hints says it */
        bool used;
    } v[HINTS_MAX];
    bool asked; /* there is a join or an aggregate that they could be of */
};

struct query {
    struct arena *a;
    struct catalog *c;
    const struct plan_tables *tables;
    struct simplify simplify;
    const struct named_query *named;
    const struct scope *outer; /* of the query that this one stands in as a value; NULL: it stands by itself */
    uint32_t views;            /* that are being opened: a view may not be made of itself */
    struct hints *hints;       /* of the SELECT that is being worked on */
    const struct ast *version; /* FOR SYSTEM_TIME AS OF that a join has taken: nowhere else may one stand */
};

/* Each: NULL when e says why. */
struct rel *query_rel(struct query *q, const struct ast *x, struct err *e);

/* --- inside --- */

/* What stands behind FROM: a step, and the names of its columns. */
struct from {
    struct rel *rel;
    struct scope scope;
    const char *name; /* what a hint calls it; NULL: nothing */
};
/* query_hints.c */
bool query_hints(struct query *q, const struct ast *list, struct hints *to, struct err *e);
const char *query_ttl(struct query *q, const char *name); /* NULL: no hint says it */
bool query_hints_used(struct query *q, struct err *e);    /* each has to be of an input */
bool query_from(struct query *q, const struct ast *x, struct from *to, struct err *e);
/* UNNEST, with its alias or without, beside l (query_unnest.c); l NULL: by itself. */
bool query_unnest(struct query *q, const struct from *l, const struct ast *x, enum rel_join join, struct from *to, struct err *e);
/* TO_CHANGELOG, FROM_CHANGELOG (query_changelog.c). */
struct rel *query_changelog(struct query *q, const struct ast *call, bool from, struct err *e);
/* Of the arguments of a table function that one, by its name or its place. NULL: it is not there. */
const struct ast *query_argument(const struct ast *args, uint32_t place, const char *name);
const struct ast *query_is_unnest(const struct ast *x); /* the UNNEST; NULL: it is none */
/* FROM nothing: one row without meaning, as Calcite has it. */
void query_nothing(struct query *q, const struct ast *x, struct from *f);
struct binder query_binder(const struct query *q);
/* Names of a row's columns, all of the table `alias` (or NULL). */
struct scope query_scope(struct query *q, const struct ltype *row, const char *alias);
bool query_wrong(const struct query *q, struct place at, struct err *e, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* WHERE: conditions, and subqueries, which become joins (query_sub.c). */
bool query_where(struct query *q, struct from *f, const struct ast *condition, struct err *e);
/* A binder for expressions over f in which subqueries may stand: each is joined to f, behind the columns that it has. */
struct binder query_joining(struct query *q, struct from *f);
/* The value of a query, joined to f. NULL: e is set. */
const struct rex *query_scalar(struct query *q, struct from *f, const struct ast *x, struct err *e);
/* Conditions of r that look at columns of the query around it, and what r is without them (query_pull.c). */
struct pulled {
    struct rel *rel;                /* the columns of r, then those that the terms look at */
    const struct rex *const *terms; /* over its columns, and outer ones */
    uint32_t n;
    bool grouped; /* an aggregate of all rows, which is never without a row, became one of groups, which may be */
};
bool query_pull(struct query *q, struct rel *r, struct pulled *to, struct err *e);
bool rex_has_outer(const struct rex *x);
/* The integer of a literal; false: it is none. */
bool query_integer(const struct ast *x, int64_t *to);

/* The keys of GROUP BY, and the sets of them that it names (query_sets.c). */
struct grouping {
    uint32_t n_keys;
    const struct ast **keys;
    uint32_t n_sets; /* 0: one, of all keys */
    uint32_t *sets;  /* bits of keys */
};
bool query_grouping(struct query *q, const struct ast *list, struct grouping *to, struct err *e);
/* The type of a key: a set without it has NULL. */
const struct ltype *query_key_type(const struct query *q, const struct grouping *g, uint32_t key, const struct ltype *t);
/* Rows of `below`, whose first columns are the keys, once for each set: its columns, the set's number, and those columns again that are `doubled`
 * (keys that aggregates look at). */
struct rel *query_expand(struct query *q, struct rel *below, const struct grouping *g, const uint32_t *doubled, uint32_t n_doubled);
/* GROUPING and GROUPING_ID over an aggregate whose row has the set's number behind the keys; NULL without an error: x is none of them. */
const struct rex *query_grouping_call(struct query *q, const struct grouping *g, const struct ast *x, struct err *e);

/* Aggregates and windows of a SELECT (query_group.c, query_over.c): binds its items over what they come from, and puts the steps for GROUP BY, calls of
 * aggregates and OVER below them. */
struct select_items {
    const struct ast *const *asts;
    const char **names;
    const struct rex **exprs;
    uint32_t n;
};
bool query_group(struct query *q, struct from *f, const struct ast *select, struct select_items *items, struct err *e);

#endif
