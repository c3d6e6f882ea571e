/* How a struct of model.h stands in JSON: a table of its members, from which it is read, and written again.
 *
 * Reading is tolerant: what is not in the table is skipped, what has another type than the table says is taken for absent.
 * Writing goes by the members' own names in camelCase and leaves out what is absent; that is the form of every `--json` of a
 * running cluster, so renaming a member changes it. */
#ifndef WEIR_LIVE_SHAPE_H
#define WEIR_LIVE_SHAPE_H

#include "base/jsonr.h"
#include "base/jsonw.h"
#include "live/model.h"

enum shape_kind {
    SHAPE_TEXT,       /* const char *; also from numbers and booleans */
    SHAPE_RAW,        /* const char *: the value's JSON text */
    SHAPE_INT,        /* int64_t; also from a string of digits */
    SHAPE_SPAN,       /* int64_t; less than 0 is absent */
    SHAPE_MOMENT,     /* int64_t: ms since 1970; 0 and less is absent */
    SHAPE_LEADING,    /* int64_t: the digits before the dot of a string ("0.currentInputWatermark") */
    SHAPE_WATERMARK,  /* int64_t: ms, with Flink's "none yet" told apart from absent */
    SHAPE_REAL,       /* double; "NaN" is absent */
    SHAPE_BOOL,       /* enum live_bool */
    SHAPE_STRUCT,     /* a struct */
    SHAPE_POINTER,    /* a pointer to a struct; absent from null */
    SHAPE_LIST,       /* of structs: pointer, and uint32_t count at `count` */
    SHAPE_MAP,        /* of structs, from an object: its names become the structs' first member */
    SHAPE_TEXTS,      /* of strings */
    SHAPE_JOB_COUNTS, /* int64_t for each job state, from an object by state */
    SHAPE_TASK_COUNTS /* … for each task state */
};

struct shape_field {
    const char *member;   /* NULL ends a table */
    const char *names[3]; /* in JSON; the first that is there counts. None: made by `finish`. "": the object around it itself */
    enum shape_kind kind;
    uint32_t at, count;
    const struct shape *of;
    bool inner; /* not written in our form: `finish` has made something better of it */
};

/* How many counts a row of them has. */
static inline uint32_t shape_states(const struct shape_field *f)
{
    return f->kind == SHAPE_JOB_COUNTS ? LIVE_JOB_STATES : LIVE_TASK_STATES;
}

struct shape {
    size_t size;
    const struct shape_field *fields;
    bool list;      /* the JSON is an array (or map) and the struct's only field is that list */
    bool essential; /* an answer without the first row is not Flink's */
    bool bare;      /* a map's value is no object but this struct's second member */
    /* Makes what the JSON does not have in that form; tells *unsettled. NULL: nothing to do. */
    void (*finish)(void *v, struct arena *a, bool *unsettled);
};

/* Memory that one answer may become. */
enum { SHAPE_ARENA_MAX = 256 << 20 };

/* Reads the next value into *to, of s->size bytes. A failure is the reader's. Returns whether the first row was there. */
bool shape_read(const struct shape *s, struct jsonr *r, struct arena *a, void *to);
/* Everything absent. */
void shape_clear(const struct shape *s, void *to);
/* The struct as an object (a list's shape: as an array); `theirs`: by Flink's names and in Flink's form. */
void shape_write(const struct shape *s, const void *from, struct jsonw *w, bool theirs);
/* By Flink's names, for Flink's clients: as `theirs`, with lists and maps that are empty. */
void shape_serve(const struct shape *s, const void *from, struct jsonw *w);
/* Its members, for a caller that has opened the object and adds some of its own. */
void shape_write_members(const struct shape *s, const void *from, struct jsonw *w, bool theirs);

/* Rows of a table. */
#define SHAPE_ROW(type, member, kind, of, ...)                                     \
    {                                                                              \
#member, {__VA_ARGS__ }, kind, offsetof(struct type, member), 0, of, false \
    }
#define TEXT(type, member, ...) SHAPE_ROW(type, member, SHAPE_TEXT, NULL, __VA_ARGS__)
#define RAW(type, member, ...) SHAPE_ROW(type, member, SHAPE_RAW, NULL, __VA_ARGS__)
#define INT(type, member, ...) SHAPE_ROW(type, member, SHAPE_INT, NULL, __VA_ARGS__)
#define SPAN(type, member, ...) SHAPE_ROW(type, member, SHAPE_SPAN, NULL, __VA_ARGS__)
#define MOMENT(type, member, ...) SHAPE_ROW(type, member, SHAPE_MOMENT, NULL, __VA_ARGS__)
#define LEADING(type, member, ...) SHAPE_ROW(type, member, SHAPE_LEADING, NULL, __VA_ARGS__)
#define WATERMARK(type, member, ...) SHAPE_ROW(type, member, SHAPE_WATERMARK, NULL, __VA_ARGS__)
#define REAL(type, member, ...) SHAPE_ROW(type, member, SHAPE_REAL, NULL, __VA_ARGS__)
#define BOOL(type, member, ...) SHAPE_ROW(type, member, SHAPE_BOOL, NULL, __VA_ARGS__)
#define STRUCT(type, member, of, ...) SHAPE_ROW(type, member, SHAPE_STRUCT, of, __VA_ARGS__)
/* not written in our form */
#define INNER(type, member, of, ...)                                                      \
    {                                                                                     \
#member, {__VA_ARGS__ }, SHAPE_STRUCT, offsetof(struct type, member), 0, of, true \
    }
#define POINTER(type, member, of, ...) SHAPE_ROW(type, member, SHAPE_POINTER, of, __VA_ARGS__)
#define JOB_COUNTS(type, member, ...) SHAPE_ROW(type, member, SHAPE_JOB_COUNTS, NULL, __VA_ARGS__)
#define TASK_COUNTS(type, member, ...) SHAPE_ROW(type, member, SHAPE_TASK_COUNTS, NULL, __VA_ARGS__)
/* when served: in small letters, with their sum */
#define TASK_TOTALS(type, member, ...)                                                            \
    {                                                                                             \
#member, {__VA_ARGS__ }, SHAPE_TASK_COUNTS, offsetof(struct type, member), 1, NULL, false \
    }
#define SHAPE_MANY(type, member, kind, of, ...)                                                                    \
    {                                                                                                              \
#member, {__VA_ARGS__ }, kind, offsetof(struct type, member), offsetof(struct type, n_##member), of, false \
    }
#define LIST(type, member, of, ...) SHAPE_MANY(type, member, SHAPE_LIST, of, __VA_ARGS__)
#define MAP(type, member, of, ...) SHAPE_MANY(type, member, SHAPE_MAP, of, __VA_ARGS__)
#define TEXTS(type, member, ...) SHAPE_MANY(type, member, SHAPE_TEXTS, NULL, __VA_ARGS__)
#define SHAPE_END \
    {             \
        0         \
    }

/* The shapes of answers: shape_<struct> for each struct that rest_api.def names. */
#define ROUTE(id, method, path, since, type, seconds) extern const struct shape shape_##type;
#include "live/rest_api.def"

/* Those that answers of different areas share. */
extern const struct shape shape_live_stats, shape_live_resource, shape_live_io, shape_live_job_row, shape_live_plan,
    shape_live_pair, shape_live_failure, shape_live_progress, shape_live_vertex, shape_live_edge, shape_live_metric;

#endif
