/* Expressions of SQL as the expressions of a compiled plan: what Flink 2.3's validator and its conversion to RexNodes make of them, neither
 * optimised nor folded. Names are looked up in scopes, overloads chosen, operands cast as Flink casts them, types and nullability derived.
 *
 * The binder knows values only. Whoever plans queries hands in a hook, which sees each node first and so gives the meaning of what stands
 * for something else: group keys, calls of aggregates, OVER, subqueries.
 *
 * Everything made lives in the binder's arena. Faults are ERR_USAGE with line and column (sql_fault); what is not there yet is
 * ERR_UNSUPPORTED. Levels are those of the tree (AST_MAX_DEPTH). */
#ifndef WEIR_SQL_BIND_H
#define WEIR_SQL_BIND_H

#include "sql/ast.h"
#include "sql/rex.h"

struct scope_column {
    const char *table; /* the alias or name in front of the dot, or NULL */
    const char *name;
    const struct ltype *type;
    uint32_t input;        /* column of the row that the expression runs over */
    const struct rex *rex; /* what the name stands for instead, or NULL */
};

/* What names mean. A name without a table that two columns have is ambiguous; outer scopes are asked when an inner one has none. */
struct scope {
    const struct scope *outer;
    const struct scope_column *columns;
    uint32_t n;
};

struct binder;
/* Asked about every node before the binder looks at it. NULL without an error: the binder goes on itself. */
typedef const struct rex *(*bind_hook)(struct binder *b, const struct scope *s, const struct ast *x, struct err *e);
/* A column of an outer scope, `up` (1 …) levels above the one that the expression is bound in. NULL: e says why. */
typedef const struct rex *(*bind_outer)(struct binder *b, const struct scope_column *c, uint32_t up, struct place at,
                                        struct err *e);

struct binder {
    struct arena *a;
    struct sql_text *text; /* for messages */
    bind_hook hook;        /* or NULL */
    bind_outer outer;      /* or NULL: an outer column is a fault */
    void *ctx;             /* of the hooks */
};

/* The expression; NULL: e says why. */
const struct rex *bind_expr(struct binder *b, const struct scope *s, const struct ast *x, struct err *e);
/* The same, which must be BOOLEAN; `what` ("WHERE") names it in the message. */
const struct rex *bind_condition(struct binder *b, const struct scope *s, const struct ast *x, const char *what, struct err *e);
/* The type alone. */
const struct ltype *bind_type(struct binder *b, const struct scope *s, const struct ast *x, struct err *e);
/* The column that a name (AST_NAME) of one or more parts means, and how many of its parts that took (the rest are fields of a row). NULL
 * without an error: there is none. *up: levels of scopes above s. */
const struct scope_column *bind_column(struct binder *b, const struct scope *s, const struct ast *name, uint32_t *parts,
                                       uint32_t *up, struct err *e);
/* "a cast to that type", as Flink puts one into VALUES, set operations and sinks; x itself when the type is the same but for nullability. */
const struct rex *bind_as(struct binder *b, const struct rex *x, const struct ltype *to);
/* l = r with the casts of a comparison; NULL: they cannot be compared, e says so. */
const struct rex *bind_equal(struct binder *b, const struct ast *x, const struct rex *l, const struct rex *r, struct err *e);

/* l / r. */
const struct rex *bind_quotient(struct binder *b, const struct ast *x, const struct rex *l, const struct rex *r, struct err *e);

/* What a call (AST_CALL) calls, by its name alone. */
enum bind_kind { BIND_SCALAR, BIND_AGGREGATE, BIND_WINDOW /* only with OVER: RANK, LAG … */, BIND_TABLE, BIND_UNKNOWN };
enum bind_kind bind_call_kind(const struct ast *call);

/* An aggregate or window function of those arguments: how plans name it and the type of its result. */
struct bind_aggregate {
    const char *name;   /* "$SUM$1" */
    const char *syntax; /* "FUNCTION_STAR" or NULL */
    const struct ltype *type;
};
/* `name`: of another function, or NULL: the call's own. `grouped`: there is a GROUP BY key and no FILTER, so that the call always has rows (SqlFilterOperator, Calcite 1.36). False: e says why. */
bool bind_aggregate(struct binder *b, const struct ast *call, const char *name, const struct rex *const *args, uint32_t n,
                    bool grouped, struct bind_aggregate *to, struct err *e);

#endif
