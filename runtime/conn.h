/* Connectors and formats: for those who write one. A connector is one file with its `struct connector` and one row of connectors.def; a format
 * one file with its `struct format` and one row of formats.def.
 *
 * op_source.c and op_sink.c read the plan's table, pick both by its options, and do what is the same for all. Options that neither the
 * connector nor the format knows are refused. */
#ifndef WEIR_RUNTIME_CONN_H
#define WEIR_RUNTIME_CONN_H

#include "runtime/op.h"
#include "sql/plan_tables.h"

/* What a scan reads; the op's self. */
struct source {
    struct cplan_table table;
    const struct connector *conn;
    const struct format *format; /* NULL: the connector makes rows by itself */
    void *self, *reader;         /* the connector's, the format's */
    const struct ltype *physical;
    const int32_t *column_of; /* of each physical column: the op's column, or -1: nobody wants it */
    uint32_t n_read;          /* the op's columns that come from physical ones; behind them: */
    uint32_t n_metadata;      /* those of the connector's, by its numbers */
    const uint32_t *metadata;
    const char **names;        /* of the op's columns */
    int64_t left;              /* rows that a pushed-down limit still lets through; INT64_MAX: no limit */
    bool skip_bad;             /* the format's ignore-parse-errors */
    struct dead_letters *dead; /* where lines go that the format cannot read; NULL: nowhere */
};

/* What a sink writes; the op's self. */
struct table_sink {
    struct cplan_table table;
    const struct connector *conn;
    const struct format *format;
    void *self, *writer;
    bool named;                  /* several sinks share standard output */
    uint32_t *strict, n_strict;  /* columns that may hold NULL where their types say NOT NULL */
    bool drop_nulls;             /* table.exec.sink.not-null-enforcer = DROP */
    const struct caster **fit;   /* table.exec.sink.type-length-enforcer: values to their types' lengths; NULL: as they are */
    bool length_errors;          /* … = ERROR: one that does not fit fails */
    struct buf out;              /* rows that are written; the connector takes them away */
    const struct ltype **types;  /* of the table's columns that are written */
    uint32_t n_physical;         /* those in front; metadata is behind them */
    struct materialize *upserts; /* NULL: rows go as they come */
};

struct connector {
    const char *name;
    const char *const
        *options; /* that it knows, NULL at the end; "connector" and "format" aside. A last "fields.*" stands for all of those */
    bool formats; /* it moves lines, which a format reads and writes */
    bool changes; /* without a format: it takes updates and deletes, too */
    /* What it tells of a row beside the row: the type of that metadata key, and its number for source.metadata. NULL: there is none such; or
     * no function: none at all. */
    const struct ltype *(*metadata)(struct arena *a, const char *key, uint32_t *number);

    /* --- reading; step NULL: it cannot be read --- */
    bool (*open_source)(struct op *o, struct source *s, struct err *e);
    enum step (*step)(struct op *o, struct source *s);
    void (*close_source)(struct op *o, struct source *s); /* also after a failed open */
    /* Where it is, between two steps, and going on from there; `of` has the elements of all subtasks. NULL: it cannot be in a checkpoint. */
    void (*snapshot_source)(struct op *o, struct source *s, struct snap *to);
    bool (*restore_source)(struct op *o, struct source *s, const struct snap *of, struct err *e);

    /* --- writing; put NULL: it cannot be written --- */
    bool (*open_sink)(struct op *o, struct table_sink *s, struct err *e); /* NULL: nothing to do */
    void (*put)(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row);
    void (*drain)(struct op *o, struct table_sink *s); /* there is something in s->out, or there is a pause. NULL: nothing to do */
    void (*end)(struct op *o, struct table_sink *s);   /* the input is over. NULL: as drain */
    void (*close_sink)(struct op *o, struct table_sink *s);
    /* NULL, all of them: what it has written cannot be taken back, and is written again behind a failure. Else rows count when a checkpoint
     * that is behind them is `completed`; UINT64_MAX: all of them do. */
    void (*snapshot_sink)(struct op *o, struct table_sink *s, uint64_t checkpoint, struct snap *to);
    bool (*restore_sink)(struct op *o, struct table_sink *s, const struct snap *of, struct err *e);
    void (*completed)(struct op *o, struct table_sink *s, uint64_t checkpoint);
};

struct format {
    const char *name;
    const char *const *options; /* without the format's name in front, NULL at the end */
    bool changes;               /* its option changelog-mode says which updates and deletes it has; else rows are only inserted */

    bool (*open_reader)(struct op *o, struct source *s, struct err *e); /* NULL: it cannot be read */
    /* A line becomes rows of the op's (op_row): how many, -1: bad says what is wrong with it, and there is no row. */
    int (*read)(struct op *o, struct source *s, struct bytes line, struct err *bad);

    bool (*open_writer)(struct op *o, struct table_sink *s, struct err *e);                 /* NULL: it cannot be written */
    void (*write)(struct op *o, struct table_sink *s, const struct batch *b, uint32_t row); /* a line into s->out */
    void (*close_writer)(struct table_sink *s);                                             /* NULL: nothing to do */
};

const struct connector *connector_named(const char *name); /* NULL: not there */
const struct format *format_named(const char *name);

/* For the planner: which changes the table of a plan sends and takes. */
extern const struct plan_tables conn_tables;

/* An option of the table, or of the format in use (without its name in front). */
const char *format_option(const struct cplan_table *t, const struct format *f, struct arena *a, const char *name,
                          const char *otherwise);
/* A whole number; false: it is something else. */
bool option_int(const struct cplan_table *t, const char *name, int64_t otherwise, int64_t *v, struct err *e);
/* "true" or "false"; e: it is something else. */
bool option_bool(const struct cplan_table *t, const char *name, bool otherwise, struct err *e);
/* Each option is one of the connector's or of the format's. */
bool options_known(const struct op *o, const struct cplan_table *t, const struct connector *c, const struct format *f,
                   struct err *e);
/* A line of `where`:`number` by the format; rows are counted, and bad ones skipped or the end of the job. */
void source_line(struct op *o, struct source *s, struct bytes line, const char *where, uint64_t number);
/* Where a source that cannot be dealt anew is: two numbers of this subtask's, the first one not below 0, which go on at the same parallelism only. */
void position_put(const struct op *o, struct snap *to, int64_t a, int64_t b);
/* Leaves them as they are where there is none of it. */
bool position_take(const struct op *o, const struct source *s, const struct snap *of, int64_t *a, int64_t *b, struct err *e);
/* The option of that name, a local path: "file:///a" is "/a"; other schemes are refused. NULL: e. */
const char *option_path(const struct cplan_table *t, const char *name, struct err *e);

#endif
