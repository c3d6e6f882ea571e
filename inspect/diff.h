/* What is different between two snapshots, or documents of weir schema: operators, states, types field by field, counts and, entry by
 * entry, data. Operators are matched by id, states by name. */
#ifndef WEIR_INSPECT_DIFF_H
#define WEIR_INSPECT_DIFF_H

#include "base/jsonw.h"
#include "inspect/layout.h"

enum diff_change { DIFF_SAME, DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };
const char *diff_change_name(enum diff_change c); /* "same", "added", … */

/* One thing about an operator or a state. */
struct diff_detail {
    const char *what;      /* "maximum parallelism", or a path: "value.amount" */
    const char *from, *to; /* readable; NULL: was not there, is gone */
};

struct diff_details {
    uint32_t n;
    struct diff_detail *v;
};

struct diff_state {
    const char *name;
    enum state_kind kind;
    enum diff_change change; /* data among it, once that has been compared */
    struct diff_details details;
    const struct layout_state *a, *b; /* NULL: not on that side */
    uint64_t added, removed, changed; /* entries, when data was compared */
};

struct diff_op {
    const char *label, *id;
    enum diff_change change; /* CHANGED also when one of its states is */
    struct diff_details details;
    const struct layout_op *a, *b;
    uint32_t n;
    struct diff_state *states; /* by name, then kind */
};

struct diff {
    bool counted; /* both sides are snapshots: entries were counted */
    bool sized;   /* and lie in the same form, so that bytes can be compared, too */
    uint32_t n;
    struct diff_op *ops; /* by label */
    struct arena arena;
};

/* Types and counts. ta, tb: the trees when the sides are snapshots (built to TREE_NORMAL), else NULL; counts: report entries and bytes
 * as differences. Both layouts outlive d. */
void diff_layouts(struct diff *d, const struct layout *a, const struct layout *b, const struct tree *ta, const struct tree *tb,
                  bool counts);
void diff_free(struct diff *d);
/* Sets the changes of operators and states anew by their details and entries. True when there is any. */
bool diff_settle(struct diff *d);

/* Types, appended to *to (arena): where two serializers differ, `role` beginning the path. */
void diff_types(struct diff_details *to, const struct ser *a, const struct ser *b, const char *role, struct arena *arena);
void diff_add(struct diff_details *to, const char *what, const char *from, const char *to_text, struct arena *arena);
/* The member "details": a list of what, from, to. */
void diff_details_json(struct jsonw *w, const struct diff_details *d);

/* --- data (diff_data.c) --- */

/* One entry: a key's value, a map's entry, a timer, an element of an operator's list. All but names are JSON text. */
/* Is a value of Kryo's in it? */
bool diff_has_kryo(const struct ser *s);
/* Would values of one be read as the other's without any change? Either may be NULL. */
bool diff_alike(const struct ser *a, const struct ser *b, struct arena *arena);

struct diff_row {
    enum diff_change change;
    const char *op, *state;
    enum state_kind kind;
    int64_t key_group;              /* -1: operator state */
    struct bytes key, ns, user_key; /* n = 0: none */
    struct bytes from, to;          /* n = 0: not there, or a timer or list element, which are all key */
};

struct diff_data_opts {
    uint64_t limit; /* rows that are reported; what is beyond is counted */
    unsigned jobs;
    size_t memory; /* of records, before they go to disk; 0: 256 MiB */
    struct progress *progress;
};

/* Compares the entries of all states that both sides have, into the states' counts, and reports differences.
 *
 * Memory does not grow with the snapshots. Both are walked once; of each entry 32 bytes are kept: digests of key and value, state,
 * key group. They lie in 256 piles by ranges of key groups (by digest, where the maximum parallelism differs), which go to a temporary
 * directory beyond 256 MiB, and pile by pile the sides are joined. Where that many are to be expected, the sides are walked once more
 * before, and digests summed up in 2^18 shares: only of shares that differ are records kept, so that equal snapshots, and those with few
 * differences, need no disk. Differences are gathered by up to 2^17, then both snapshots are
 * walked again, only the operators concerned, for keys and values in full. Equal bytes are equal values; where serializers differ, or
 * equal values may lie as different bytes, the decoded texts decide. */
typedef bool diff_row_fn(void *ctx, const struct diff_row *row, struct err *e);
bool diff_data(struct diff *d, const struct tree *ta, const struct tree *tb, const struct diff_data_opts *opts, diff_row_fn *row,
               void *ctx, struct err *e);

#endif
