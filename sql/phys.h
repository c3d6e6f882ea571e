/* Exec nodes of Flink's streaming planner, as a tree with what they send and may rely on, until they become the JSON of a plan.
 *
 * A kind of node is one row of phys.def and one file: how it comes to be, what it makes of changes, and its own members. */
#ifndef WEIR_SQL_PHYS_H
#define WEIR_SQL_PHYS_H

#include "sql/plan_tables.h"
#include "sql/rel.h"

/* Kinds of changes (ModifyKind); UPDATE comes as UPDATE_AFTER alone, or with UPDATE_BEFORE in front of it. */
enum { KIND_INSERT = 1, KIND_UPDATE = 2, KIND_DELETE = 4 };

enum { KEY_SETS = 8, PHYS_INPUTS = 64 };

/* Sets of columns of which each tells rows apart. */
struct key_sets {
    uint32_t n;
    struct {
        uint32_t n, *columns; /* ascending */
    } sets[KEY_SETS];
};

struct phys;
struct members;
struct planner;

struct phys_class {
    const char *type; /* "stream-exec-calc" */
    int version;
    /* NULL: those of the first input. */
    uint8_t (*kinds)(const struct phys *p);
    /* Whether input i has to send UPDATE_BEFORE, where p has to (`before`) or not. NULL: as p. */
    bool (*wants)(const struct phys *p, uint32_t i, bool before);
    /* It sends UPDATE_BEFORE whether it is wanted or not. NULL: no. */
    bool (*always_before)(const struct phys *p);
    /* NULL: those of the first input. */
    void (*keys)(struct planner *pl, const struct phys *p, struct key_sets *to);
    /* The node's own members, in Flink's order. */
    void (*put)(struct planner *pl, const struct phys *p, struct members *to);
    void (*about)(struct planner *pl, const struct phys *p, struct buf *to); /* NULL: only its name */
};

struct phys {
    const struct phys_class *cls;
    const struct ltype *row;
    struct place at;
    uint32_t n;
    struct phys **inputs;
    const struct rel *rel; /* what it was made of, or NULL */
    const void *spec;      /* of its kind */
    uint8_t kinds;
    bool before; /* it sends UPDATE_BEFORE */
    struct key_sets keys;
    const uint32_t *hash; /* exchange: columns; NULL: all rows to one */
    uint32_t n_hash;
    int64_t id;
};

struct planner {
    struct arena *a;
    struct catalog *c;
    const struct plan_tables *tables;
    int64_t next_id;
    uint32_t correlates;
};

/* --- making nodes --- */

struct phys *phys_of(struct planner *pl, const struct phys_class *cls, const struct ltype *row, struct place at, uint32_t n,
                     struct phys *const *inputs);
/* The steps of a query. NULL: e says what is not there yet. */
struct phys *phys_rel(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_exchange(struct planner *pl, struct phys *in, const uint32_t *columns, uint32_t n);
/* A projection over p, merged into it where p is one. condition or NULL. */
struct phys *phys_calc(struct planner *pl, struct phys *in, const struct rex *const *exprs, const struct rex *condition,
                       const struct ltype *row, struct place at);
/* An expression whose calls take processing time as a time like others (RelTimeIndicatorConverter): the attribute itself holds nothing. */
const struct rex *rex_plain_times(struct arena *a, const struct rex *x);
/* … and what x is, too. */
const struct rex *rex_materialized(struct arena *a, const struct rex *x);
/* Rows that are kept: their times are times like others. */
struct phys *phys_plain_times(struct planner *pl, struct phys *in);
/* … of processing time alone, in those columns. */
struct phys *phys_plain_columns(struct planner *pl, struct phys *in, const uint32_t *columns, uint32_t n);
bool phys_wrong(const struct planner *pl, struct place at, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Each file's way from a step to nodes. */
struct phys *phys_scan(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_watermark(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_values(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_project(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_filter(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_union(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_aggregate(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_join(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_window(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_over(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_sort(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_unnest(struct planner *pl, const struct rel *r, struct err *e);
/* A FILTER over ROW_NUMBER, RANK or DENSE_RANK; NULL without an error: it is none. */
struct phys *phys_rank(struct planner *pl, const struct rel *filter, struct err *e);
/* An AGGREGATE of the windows of a table function; NULL without an error: it is none. */
struct phys *phys_window_aggregate(struct planner *pl, const struct rel *aggregate, struct err *e);
/* INSERT INTO table. */
struct phys *phys_sink(struct planner *pl, const struct table *t, struct phys *in, struct place at, struct err *e);

/* --- what changes there are --- */

/* Kinds and keys of p and what comes into it. */
void phys_kinds(struct planner *pl, struct phys *p);
/* The same, and UPDATE_BEFORE, of all of it, from the sink on. */
bool phys_infer(struct planner *pl, struct phys *sink, struct err *e);
bool keys_have(const struct key_sets *k, const uint32_t *columns, uint32_t n); /* one of the sets is within those columns */
void keys_add(struct planner *pl, struct key_sets *k, const uint32_t *columns, uint32_t n);

/* --- JSON --- */

enum { MEMBERS_MAX = 40 };
struct members {
    uint32_t n;
    const char *names[MEMBERS_MAX];
    struct value values[MEMBERS_MAX];
};
void put_member(struct members *m, const char *name, struct value v);
struct value put_object(struct arena *a, const struct members *m);
struct value put_text(struct arena *a, const char *s);
struct value put_ints(struct arena *a, const uint32_t *v, uint32_t n);
/* {"index": 0, "ttl": "0 ms", "name": …} …, n names. */
struct value put_state(struct planner *pl, const struct phys *p, const char *const *names, uint32_t n);
/* "configuration": those options, with Flink's defaults. */
struct value put_config(struct planner *pl, const char *const (*options)[2], uint32_t n);
struct value put_calls(struct planner *pl, const struct rel_call *calls, uint32_t n);
struct value put_orders(struct planner *pl, const struct rel_order *o, uint32_t n); /* {"fields": …} */
struct value put_plan(struct planner *pl, struct phys *const *sinks, uint32_t n);
void about_columns(const struct ltype *row, const uint32_t *columns, uint32_t n, struct buf *to); /* columns NULL: all */

#endif
