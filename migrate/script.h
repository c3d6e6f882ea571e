/* A migration script: text, and the statements that it says. The grammar stands in man/weir-migrations.5.
 *
 * Nothing here knows a snapshot: names are taken as they stand, and whether they fit is said by draft.h. What is wrong is told with
 * its place, so that whoever prints it can point at it. */
#ifndef WEIR_MIGRATE_SCRIPT_H
#define WEIR_MIGRATE_SCRIPT_H

#include "base/err.h"
#include "base/mem.h"

enum { SCRIPT_MAX = 4 << 20, SCRIPT_DEPTH = 200, SCRIPT_NODES = 4000 /* of one statement's expressions */ };

/* Bytes of the script's text. */
struct place_in {
    uint32_t at, n;
};

/* A name as it was written, without its quotes. NULL text: none. */
struct name {
    const char *text;
    struct place_in where;
};

/* value.address.zip, key.f0, user_key, tags[0] */
struct path_part {
    const char *field; /* NULL: an index */
    int64_t index;
    struct place_in where;
};
struct path {
    uint32_t n;
    struct path_part *parts;
    struct place_in where;
};

/* A type: INT, DECIMAL(10, 2), LIST<STRING>, ROW<a INT, b STRING>, POJO 'x.Y' <a INT>, … What the words mean depends on where the type
 * is to stand (retype.h). */
struct type {
    struct name word; /* upper case */
    uint32_t n_numbers;
    int32_t numbers[2];
    uint32_t n;
    struct type **kids;
    struct name *fields; /* NULL, or a name for each kid */
    struct name cls;     /* of POJO, ENUM, … */
    bool not_null;
    struct place_in where;
};

enum expr_kind {
    EXPR_NULL,
    EXPR_BOOL,
    EXPR_INT,     /* number */
    EXPR_DECIMAL, /* text: digits with a point */
    EXPR_REAL,    /* real: digits with an exponent */
    EXPR_TEXT,
    EXPR_PATH,
    EXPR_NOT,
    EXPR_MINUS,
    EXPR_BINARY, /* op */
    EXPR_IS_NULL,
    EXPR_LIKE, /* kids: text, pattern */
    EXPR_IN,   /* kids: what, then the candidates */
    EXPR_BETWEEN,
    EXPR_CASE, /* kids: when, then, …, else */
    EXPR_CAST, /* type */
    EXPR_CALL  /* text: the function, upper case */
};
enum expr_op { OP_OR, OP_AND, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_ADD, OP_SUB, OP_CONCAT, OP_MUL, OP_DIV, OP_MOD };

struct expr {
    enum expr_kind kind;
    enum expr_op op;
    bool negated; /* IS NOT NULL, NOT LIKE, NOT IN, NOT BETWEEN; EXPR_BOOL: false */
    int64_t number;
    double real;
    const char *text;
    size_t text_n;
    struct path path;
    struct type *type;
    uint32_t n;
    struct expr **kids;
    struct place_in where;
    /* set when it is bound to a state (expr.h) */
    uint8_t cls; /* enum typing_class */
    const struct bound *bound;
    const struct function *function;
};

enum stmt_kind {
    STMT_OPERATOR_RENAME,
    STMT_OPERATOR_DROP,
    STMT_OPERATOR_PARALLELISM,     /* number */
    STMT_OPERATOR_MAX_PARALLELISM, /* number */
    STMT_STATE_RENAME,
    STMT_STATE_DROP,
    STMT_FIELD_ADD,    /* field, type; value: its default, or none; first, after */
    STMT_FIELD_DROP,   /* field */
    STMT_FIELD_RENAME, /* field, to */
    STMT_FIELD_MOVE,   /* field; first, after */
    STMT_FIELD_TYPE,   /* field, or a whole value; type; value: what it becomes, or none */
    STMT_TTL_SET,      /* value: the time of last access, or none */
    STMT_TTL_DROP,
    STMT_CONVERT, /* word: LIST, VALUE */
    STMT_OFFSETS, /* op; word: TOPIC, FILE, or none; from: which; partition, or -1; number: the offset; on: it counts records */
    STMT_STATE_CREATE, /* word: VALUE, LIST, MAP, …; type, key_type of maps; op_key, ns; on: TTL; from: a file; number: its form */
    STMT_CLASS_RENAME,    /* from, to; op, state: only there */
    STMT_ROWS_DELETE,     /* condition */
    STMT_ROWS_KEEP,       /* condition */
    STMT_ROWS_UPDATE,     /* sets; condition, or none */
    STMT_PARALLELISM,     /* number; of every operator */
    STMT_MAX_PARALLELISM, /* number; of every operator */
    STMT_FORMAT,          /* word: CANONICAL, HASHMAP, ROCKSDB */
    STMT_COMPRESSION,     /* word: ON, OFF */
    STMT_FLINK,           /* to: a version */
    STMT_MERGE,           /* op: of the other snapshot, none: all; from: its location; to: the uid that it gets, or none */
    STMT_RELOCATE         /* from, to: beginnings of paths */
};

enum { FILE_BY_NAME, FILE_JSON, FILE_CSV }; /* STMT_STATE_CREATE: number */

struct assignment {
    struct path to;
    struct expr *value;
};

/* What a statement says; which members count is told by its kind. */
struct stmt {
    enum stmt_kind kind;
    struct place_in where;
    struct name op, state;
    struct name to, from;  /* new names, classes, files, versions */
    struct path field;     /* that is changed */
    struct name after;     /* where it goes: behind this one; first: in front of all */
    bool first, on, by_id; /* by_id: `to` is an operator's id */
    int64_t number, partition;
    struct type *type, *key_type, *op_key, *ns;
    struct expr *value, *condition;
    uint32_t n_sets;
    struct assignment *sets;
    const char *word; /* one of a few: CANONICAL, LIST, … in upper case */
};

struct script {
    const char *name; /* for messages */
    struct bytes text;
    uint32_t n;
    struct stmt *stmts;
    struct arena arena;
    bool flink2; /* types are made for Flink 2 (draft_apply) */
    bool faulty; /* `fault` says where, the error why */
    struct place_in fault;
};

/* Reads a script; text and name outlive it. ERR_USAGE, "name:line:column: why", when it is none. script_free releases, also then. */
bool script_parse(struct script *s, struct bytes text, const char *name, struct err *e);
void script_free(struct script *s);

/* Sets e to that, for a place of the script. */
bool script_fault(struct script *s, struct place_in where, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* "name:3:14" */
void script_place(const struct script *s, struct place_in where, struct buf *b);
/* The faulty line and a caret under the fault, for a terminal; nothing when there is no fault. */
void script_point(const struct script *s, struct buf *b);

#endif
