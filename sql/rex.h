/* Expressions as compiled plans hold them (Calcite's RexNodes; flink-table-planner 2.3, RexNodeJsonSerializer). */
#ifndef WEIR_SQL_REX_H
#define WEIR_SQL_REX_H

#include "sql/types.h"

enum { REX_MAX_DEPTH = 100 };

enum rex_kind {
    REX_LITERAL,
    REX_SYMBOL, /* a literal that is a word of Calcite's: symbol, name */
    REX_SARG,   /* a literal of SEARCH: ranges */
    REX_INPUT,
    REX_OUTER, /* a column of the query around this one: input; gone before there is a plan */
    REX_FIELD, /* a member of a row: operands[0], name */
    REX_CALL,
    REX_OTHER /* PATTERN_INPUT_REF, CORREL_VARIABLE, TABLE_ARG_CALL …: json */
};

/* Where a call's function is looked up: which of the plan's members names it. */
enum rex_lookup { REX_INTERNAL, REX_SYSTEM, REX_CATALOG, REX_CLASS, REX_SQL_KIND };

enum rex_nulls { REX_NULL_UNKNOWN, REX_NULL_TRUE, REX_NULL_FALSE }; /* what SEARCH says of NULL */

struct rex_range {
    const struct value *lower, *upper; /* literals; NULL: open */
    bool lower_open, upper_open;
};

struct rex {
    enum rex_kind kind;
    const struct ltype *type;
    const char *name; /* call: "$CAST$1", or the name in a catalog; symbol: its word; field: its name; other: the kind's word */
    enum rex_lookup lookup; /* call */
    const char *syntax;     /* call: "BINARY", "SPECIAL" …, or NULL: FUNCTION */
    const char *symbol;     /* symbol: its class, "TIME_UNIT_RANGE" */
    const struct value
        *json;      /* literal: the value as in the plan (decimals and times are texts); else the node as read; NULL: made here */
    uint32_t input; /* input, outer: the column */
    uint32_t n;
    const struct rex **operands;
    const struct rex_range *ranges; /* sarg, n_ranges in order */
    uint32_t n_ranges;
    enum rex_nulls nulls;
};

/* From a plan's member. NULL: ERR_CORRUPT, or ERR_LIMIT when nested deeper than REX_MAX_DEPTH. */
const struct rex *rex_read(struct arena *a, const struct value *v, struct err *e);
/* The other way. Nodes that were read come out with the same members. */
struct value rex_json(struct arena *a, const struct rex *x);

#endif
