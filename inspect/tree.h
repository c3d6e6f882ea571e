/* What is in a snapshot: operators, their states, how much of everything, and whether all of it is there.
 *
 * The model does not grow with the entries: a state is one node however many subtasks and keys it has. */
#ifndef WEIR_INSPECT_TREE_H
#define WEIR_INSPECT_TREE_H

#include "base/progress.h"
#include "inspect/figures.h"
#include "inspect/files.h"
#include "inspect/scan.h"

enum tree_depth {
    TREE_QUICK,  /* metadata and headers: no entry is looked at */
    TREE_NORMAL, /* entries and bytes are counted, by their frames */
    TREE_DEEP    /* every key, namespace and value is decoded */
};

struct tree_opts {
    enum tree_depth depth;
    const char *operator_wanted; /* NULL: all */
    unsigned jobs;
    bool groups;               /* count by key group, too */
    bool late_states;          /* TREE_QUICK: go through changelogs all the same, for states that only they tell of */
    struct progress *progress; /* told about bytes to read and bytes read, or NULL */
};

struct tree_cell {
    uint64_t entries, bytes;
};

/* A state of an operator: those of all subtasks with this name and kind. */
struct tree_state {
    const char *name;
    enum state_kind kind;
    enum op_mode mode;          /* operator state */
    const struct ser *key;      /* state key; NULL for operator state */
    const struct ser *ns;       /* NULL: none, or the void namespace */
    const struct ser *user_key; /* MAP and BROADCAST, else NULL */
    const struct ser *element;  /* VALUE …: the value; lists: an element; MAP, BROADCAST: the user value; without TTL;
                                   NULL for timers */
    struct state_info info;     /* as the first subtask has it (a later one, when the first has a part that is not known) */
    bool differs;               /* not all subtasks describe it alike */
    struct totals totals;
};

struct tree_op {
    const struct meta_operator *meta;
    const char *label, *uid;    /* see inspect/names.h; uid NULL: not known */
    struct tree_state **states; /* by name, then kind */
    uint32_t n_states;
    uint64_t bytes; /* of all its handles, as they are stored */
    uint64_t coordinator, in_flight,
        raw; /* parts of bytes: coordinator, channel state, raw state (which nobody but the operator can read) */
    uint32_t in_flight_handles;
    uint32_t finished;          /* subtasks that have finished */
    uint32_t with_state;        /* subtasks that have any */
    bool partial;               /* a part could not be read: the figures are too small */
    struct tree_cell all;       /* what its states have */
    struct tree_cell *subtasks; /* meta->n, in their order */
    struct tree_cell *groups;   /* meta->max_parallelism, by key group; NULL unless asked for or when it has no keyed state */
};

struct tree_trouble {
    const struct tree_op *op;
    int32_t subtask;
    struct err err;
};

struct tree {
    enum tree_depth depth;
    int64_t written; /* when _metadata was last written, by its file: ms since 1970; INT64_MIN: not known */
    struct scan scan;
    struct tree_op *ops; /* scan.n_ops, by label */
    uint64_t bytes;      /* of all operators */
    struct tree_cell all;
    struct files files;
    uint32_t formats[KEYED_CHANGELOG + 1]; /* keyed parts in each format */
    uint32_t keyed_parts, compressed_parts;
    const char *backend, *evidence;
    uint32_t n_warnings;
    const char **warnings;
    uint32_t n_troubles; /* parts whose files are there but could not be read to their end */
    struct tree_trouble *troubles;
    struct arena arena, *kept; /* kept: of parts whose serializers are used here */
    uint32_t n_kept;
};

/* Fills *t; the snapshot and the names must outlive it. Fails only when no operator matches: missing files are in t->files, parts
 * that cannot be read in t->troubles. tree_free releases, also after a failure. */
bool tree_build(struct tree *t, const struct snapshot *s, const struct names *names, const struct tree_opts *opts, struct err *e);
void tree_free(struct tree *t);

/* WEIR_OK; WEIR_FINDING when files are missing or cut; WEIR_TROUBLE when something that is there could not be read. */
enum weir_exit tree_exit(const struct tree *t);

/* The versions of Flink that write a metadata version: "1.16 to 1.20". */
const char *metadata_flink(int32_t version);
/* "none", "Snappy" or "mixed". */
const char *tree_compression(const struct tree *t);

/* Where keyed bytes lie unevenly: the largest cell over the mean of all n; 0 when there are none. */
double tree_skew(const struct tree_cell *cells, size_t n);

#endif
