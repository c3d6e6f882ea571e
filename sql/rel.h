/* A query as a tree of relational steps, before anything is said about how it is executed: what Calcite calls a RelNode. Names are gone;
 * columns are numbers. */
#ifndef WEIR_SQL_REL_H
#define WEIR_SQL_REL_H

#include "sql/catalog.h"

enum rel_kind {
    REL_SCAN,         /* table, columns, condition: what the source may know of the rows that are wanted */
    REL_WATERMARK,    /* column, condition: the expression */
    REL_VALUES,       /* tuples */
    REL_PROJECT,      /* exprs */
    REL_FILTER,       /* condition */
    REL_JOIN,         /* join, condition over the columns of both */
    REL_AGGREGATE,    /* keys, calls; its row: keys, then calls */
    REL_UNION,        /* all of them */
    REL_WINDOW,       /* window: a table function; its row: the input's, then window_start, window_end, window_time */
    REL_OVER,         /* keys, orders, bounds, calls; its row: the input's, then calls */
    REL_SORT,         /* orders, offset, fetch */
    REL_GROUP_WINDOW, /* keys, window, calls; its row: keys, calls, and the window's begin, end and times if they are looked at */
    REL_EXPAND,       /* tuples: what each row becomes, n_tuples rows of expressions over it */
    REL_UNNEST,       /* join (INNER, LEFT), exprs[0]: what is taken apart, made, ordinal, condition over made's columns;
                      its row: the input's, then made's */
    REL_CHANGELOG,    /* changelog: changes as rows, or rows as changes */
    REL_KINDS
};

enum rel_join { JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL, JOIN_SEMI, JOIN_ANTI };

struct rel_call {
    const char *name;   /* "$SUM$1" */
    const char *syntax; /* or NULL */
    const char *as;     /* the column's name */
    bool distinct, ignores_nulls;
    int filter; /* column; -1: none */
    uint32_t n, *args;
    const struct ltype *type;
};

struct rel_order {
    uint32_t column;
    bool descending, nulls_last;
};

/* Milliseconds. */
struct rel_window {
    enum { WINDOW_TUMBLE, WINDOW_HOP, WINDOW_CUMULATE, WINDOW_SESSION } kind;
    int64_t size, step; /* HOP: its slide; CUMULATE: size is the largest; SESSION: size is the gap */
    bool has_offset;
    int64_t offset;
    uint32_t time;          /* the column */
    uint32_t n_keys, *keys; /* SESSION's partition */
};

struct rel_bounds {
    bool rows;
    const struct rex *before; /* rows or milliseconds in front; NULL: unbounded */
};

struct rel_changelog {
    bool from;                 /* FROM_CHANGELOG; else TO_CHANGELOG */
    const char *op;            /* the column that says what a change is */
    bool named;                /* by the query */
    const struct rex *mapping; /* a MAP of literals; NULL: the changes' own names */
    const char *uid;           /* NULL: none */
};

struct rel {
    enum rel_kind kind;
    const struct ltype *row;
    struct place at; /* what of the script it is, for faults */
    uint32_t n;
    struct rel **inputs;
    const struct table *table;
    const uint32_t *columns; /* SCAN: those of the table's physical columns that are read; NULL: all */
    uint32_t n_columns;
    const bool *wanted; /* FILTER: columns that are looked at above it; NULL: not known */
    uint32_t column;
    const struct rex *condition;
    const struct rex **exprs;
    uint32_t n_tuples;
    const struct rex *const **tuples;
    enum rel_join join;
    uint32_t n_keys, *keys;
    uint32_t n_calls;
    struct rel_call *calls;
    struct rel_window window;
    struct rel_bounds bounds;
    uint32_t n_orders;
    struct rel_order *orders;
    int64_t offset, fetch;    /* fetch -1: all */
    const struct ltype *made; /* UNNEST: the rows of one value */
    bool ordinal;             /* its last column is the element's number */
    const struct rel_changelog *changelog;
    bool part;          /* AGGREGATE: of one that has been split */
    const char *ttl[2]; /* of each input's state, by hints: "1d"; NULL: as the options say */
};

struct rel *rel_of(struct arena *a, enum rel_kind kind, struct place at, uint32_t n, struct rel *const *inputs);
/* Column i of the input. */
const struct rex *rel_column(struct arena *a, const struct rel *r, uint32_t i);
/* A projection; `names` NULL: EXPR$i. Names that stand there twice get a number behind them. */
struct rel *rel_project(struct arena *a, struct rel *input, const struct rex **exprs, const char *const *names, uint32_t n);
struct rel *rel_filter(struct arena *a, struct rel *input, const struct rex *condition);
/* The rows of a join: both beside each other, what may be missing is nullable; of SEMI and ANTI the left one. */
const struct ltype *rel_joined_row(struct arena *a, const struct ltype *l, const struct ltype *r, enum rel_join j);
/* An AGGREGATE with DISTINCT as two, the first one with that many buckets (rel_split.c). NULL: it stays as it is. */
struct rel *rel_split(struct arena *a, const struct rel *r, int64_t buckets);
/* An AGGREGATE or GROUP_WINDOW with deviations and variances as one with what they are made of (rel_reduce.c). NULL: there is none in it. */
struct rel *rel_reduce(struct arena *a, const struct rel *r);
/* No two rows have the same in those columns, as far as tables' keys and groups tell. */
bool rel_unique(struct arena *a, const struct rel *r, const uint32_t *columns, uint32_t n);

/* --- expressions over columns --- */

/* Each column replaced by exprs[column]. */
const struct rex *rex_over(struct arena *a, const struct rex *x, const struct rex *const *exprs);
/* Columns moved by `by`. */
const struct rex *rex_moved(struct arena *a, const struct rex *x, int by);
/* Which columns it looks at: marks used[0..n). */
void rex_used(const struct rex *x, bool *used, uint32_t n);
/* The milliseconds of a literal interval of days to seconds; false: it is none. */
bool rex_milliseconds(const struct rex *x, int64_t *to);
/* The terms of an AND; appended to terms, which has room for `cap`. False: more than that. */
bool rex_terms(const struct rex *x, const struct rex **terms, uint32_t *n, uint32_t cap);
const struct rex *rex_and(struct arena *a, const struct rex *const *terms, uint32_t n); /* NULL: none */

#endif
