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

/* How updates are sent: the row that is now, or the one that was in front of it; and deletes: the key, or the whole row. */
enum updates { UPDATES_NONE, UPDATES_AFTER, UPDATES_BOTH };
enum deletes { DELETES_NONE, DELETES_KEY, DELETES_FULL };
/* What becomes of a column of a row while that row is updated. */
enum monotony { MONOTONY_NONE, MONOTONY_CONSTANT, MONOTONY_INCREASING, MONOTONY_DECREASING };

struct phys_class {
    const char *type; /* "stream-exec-calc" */
    int version;
    /* NULL: those of the first input. */
    uint8_t (*kinds)(const struct phys *p);
    /* What input i has to send of updates (enum updates), where p has to send `asked`; -1: p cannot. NULL: as p. */
    int (*wants)(const struct phys *p, uint32_t i, enum updates asked);
    /* What sends its own changes, whatever comes in, as a source does: what it sends. */
    enum updates (*sends)(const struct phys *p);
    enum deletes (*deletes)(const struct phys *p);
    /* How many ways there are to execute it, of which p->way becomes the first whose wants can be had. NULL: one. */
    int (*ways)(const struct phys *p);
    bool forwards; /* it sends deletes as they come; else they have to be whole rows, but for inputs that takes_keys names */
    bool merges;   /* the same of several inputs */
    bool alone;    /* another one that looks alike is another one: what it lets through is not fixed, or it writes */
    bool (*takes_keys)(const struct phys *p, uint32_t i);
    bool (*refuses_keys)(const struct phys *p);
    /* It makes whole changes of a source's: whether it may be left out where nobody needs them. */
    bool (*normalizes)(const struct planner *pl, const struct phys *p);
    /* NULL: those of the first input. */
    void (*keys)(struct planner *pl, const struct phys *p, struct key_sets *to);
    /* Whether column i is that one of the input. NULL: its columns are others. */
    bool (*passes)(const struct phys *p, uint32_t i, uint32_t *below);
    /* NULL without a result: it cannot be said. */
    const enum monotony *(*monotony)(struct planner *pl, const struct phys *p);
    /* The node's own members, in Flink's order. */
    void (*put)(struct planner *pl, const struct phys *p, struct members *to);
    void (*about)(struct planner *pl, const struct phys *p, struct buf *to); /* NULL: only its name */
};

struct phys {
    const struct phys_class *cls;
    const struct ltype *row;
    const struct value *row_json; /* its type in the plan, where the row does not say all of it */
    struct place at;
    uint32_t n;
    struct phys **inputs;
    const struct rel *rel; /* what it was made of, or NULL */
    const void *spec;      /* of its kind */
    uint8_t kinds;
    enum updates updates;
    enum deletes deletes;
    int way;
    bool drops;   /* a source: its UPDATE_BEFORE goes no further */
    bool skipped; /* it is left out */
    bool before;  /* it sends UPDATE_BEFORE */
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
/* The same as a node of its own, over whatever stands there. */
struct phys *phys_calc_over(struct planner *pl, struct phys *in, const struct rex *const *exprs, const struct rex *condition,
                            const struct ltype *row, struct place at);
/* What p computes, over `in`, whose columns are those of p's input; NULL: p is no projection. */
struct phys *phys_calc_again(struct planner *pl, const struct phys *p, struct phys *in);
/* A scan whose connector leaves out columns that nobody needs. */
bool phys_projects(const struct planner *pl, const struct phys *p);
/* Scans of a table that differ in their columns alone become scans of what all of them need. */
void phys_reuse_scans(struct planner *pl, struct phys *const *sinks, uint32_t n);
/* Over a changelog-normalize, parts of which go into and below it; NULL: p is none. */
struct phys *phys_past_normalize(struct planner *pl, struct phys *p, const struct rex *const *exprs, const struct rex *condition,
                                 const struct ltype *row, struct place at);
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
struct phys *phys_group_window(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_expand(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_unnest(struct planner *pl, const struct rel *r, struct err *e);
struct phys *phys_changelog(struct planner *pl, const struct rel *r, struct err *e);
/* A FILTER over ROW_NUMBER, RANK or DENSE_RANK; NULL without an error: it is none. */
struct phys *phys_rank(struct planner *pl, const struct rel *filter, struct err *e);
/* An AGGREGATE of the windows of a table function; NULL without an error: it is none. */
struct phys *phys_window_aggregate(struct planner *pl, const struct rel *aggregate, struct err *e);
/* INSERT INTO table, and what is said of it. */
struct sink_how {
    const char *conflict; /* ON CONFLICT DO; NULL: nothing */
    bool overwrite;
    uint32_t n_partition;
    const char **columns, **values; /* PARTITION (column = value) */
};
struct phys *phys_sink(struct planner *pl, const struct table *t, struct phys *in, const struct sink_how *how, struct place at,
                       struct err *e);
/* Once all nodes are there: which changes they send. */
bool phys_settle(struct planner *pl, struct phys *sink, struct err *e);

/* Whether rows are worked on in batches (table.exec.mini-batch.enabled); puts the nodes that begin them under a sink whose changes are settled. */
bool phys_mini_batch(const struct planner *pl);
bool phys_batches(struct planner *pl, struct phys *sink, struct err *e);

/* --- what changes there are --- */

/* Kinds and keys of p and what comes into it. */
void phys_kinds(struct planner *pl, struct phys *p);
/* The same of all of it, and what updates and deletes look like from the sink's input on: of two ways each that the sink takes the first that
 * can be had. */
bool phys_infer(struct planner *pl, struct phys *sink, const enum updates *updates, const enum deletes *deletes, struct err *e);
const enum monotony *phys_monotony(struct planner *pl, const struct phys *p); /* NULL: it cannot be said */
/* --- keys --- */
bool columns_within(const uint32_t *some, uint32_t n_some, const uint32_t *columns, uint32_t n); /* all of some are among them */
bool keys_have(const struct key_sets *k, const uint32_t *columns, uint32_t n);  /* one of the sets is within those columns */
bool keys_cover(const struct key_sets *k, const uint32_t *columns, uint32_t n); /* those columns are within one of the sets */
/* Only the sets that those columns are within: rows of one key stay together where they are dealt by them. */
void keys_kept(struct key_sets *k, const uint32_t *columns, uint32_t n);
void keys_add(struct planner *pl, struct key_sets *k, const uint32_t *columns, uint32_t n);
/* Those of input i, in front of its exchange. */
const struct key_sets *phys_keys_before(const struct phys *p, uint32_t i);

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
