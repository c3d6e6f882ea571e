/* Inside query_group: the steps that a SELECT needs below its items, and the aggregates that they call. */
#ifndef WEIR_SQL_QUERY_GROUP_H
#define WEIR_SQL_QUERY_GROUP_H

#include "sql/query.h"

enum { CALLS_MAX = 1024, COLUMNS_MAX = 4096 };

struct columns {
    const struct rex **exprs;
    const char **names;
    uint32_t n;
};

/* The steps that a SELECT needs below its items, found while the items are bound. */
struct group {
    struct query *q;
    const struct scope *in; /* of what stands behind FROM */
    const struct ltype *row;
    struct columns below; /* what the step looks at: over the input */
    bool grouped;
    uint32_t n_keys;
    const struct ast **key_asts;
    struct grouping sets;
    const struct ast *windowed; /* TUMBLE, HOP or SESSION as a key: windows of rel's kind GROUP_WINDOW */
    struct rel_window window;
    const struct ltype *time;
    bool properties;     /* the window's begin, end or time is looked at */
    struct from *having; /* what its queries are joined to, when it is there */
    uint32_t n_calls;
    struct rel_call *calls;
    bool inside;            /* an argument is being bound */
    const struct ast *over; /* the window of the first call with OVER */
    uint32_t width;         /* over: columns of the input */
    const struct ast *windows;
    const struct group *lower; /* over: the aggregates below it */
};

struct group group_new(struct query *q, const struct from *f);
/* The column below that is x; one more when there is none. UINT32_MAX: too many. */
uint32_t group_column(struct group *g, const struct rex *x);
/* A call of an aggregate, with columns below for its arguments. */
bool group_call(struct group *g, struct binder *b, const struct scope *s, const struct ast *x, struct rel_call *c, struct err *e);
/* Its place among the others; UINT32_MAX: e is set. */
uint32_t group_place(struct group *g, const struct rel_call *c, struct place at, struct err *e);
/* Windows as keys of GROUP BY (query_group_window.c). Whether x is one; its time is bound and becomes a column below. */
bool group_is_window(const struct ast *x);
bool group_window(struct group *g, const struct ast *x, struct err *e);
/* TUMBLE_START and others: a column far behind all others, until group_placed. NULL without an error: x is none. */
const struct rex *group_property(struct group *g, const struct ast *x, struct err *e);
const struct rex *group_placed(struct group *g, const struct rex *x, const struct rel *r);
struct rel *group_windows(struct group *g, struct rel *below);
/* Items with OVER (query_over.c). */
bool query_over(struct query *q, struct from *f, const struct ast *windows, struct select_items *items, struct err *e);

#endif
