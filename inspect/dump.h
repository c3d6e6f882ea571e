/* Every entry of a snapshot, decoded, one line each (man weir-dump). */
#ifndef WEIR_INSPECT_DUMP_H
#define WEIR_INSPECT_DUMP_H

#include "base/progress.h"
#include "inspect/scan.h"

enum dump_format { DUMP_NDJSON, DUMP_CSV, DUMP_TABLE };

/* One line of the dump; all but names are JSON text. Spans are valid during the call. */
struct dump_row {
    const char *op, *state;
    enum state_kind kind;
    int64_t key_group;             /* -1: none (operator state) */
    int32_t subtask;               /* operator state; -1: keyed */
    struct bytes key, ns, content; /* n = 0: absent */
    const char *content_name;      /* "value", "list", "map", "timestamp" */
    struct bytes decoded; /* --decode: what a well-known list state's bytes say, an item for each element; n = 0: not one */
    struct bytes line;    /* the whole as an NDJSON object, without the newline */
};

struct dump_opts {
    const char *operator_wanted, *state; /* NULL: all; state may be a shell pattern */
    const char *key;                     /* NULL: all; a key's JSON text, or a string key without its quotes */
    uint64_t limit;                      /* rows in all; 0: no limit */
    bool decode;                         /* also say what well-known operator list states hold */
    unsigned jobs;                       /* parts read side by side */
    struct progress *progress;           /* told about bytes to read and, part by part, bytes read; or NULL */
};

struct dump_figures {
    uint64_t rows, opaque; /* values that could not be decoded */
    uint32_t failed;       /* parts that could not be read to their end */
};

/* Rows in a fixed order: by operator label, subtask, then as the part holds them. `row` is called by one thread at a time; false
 * stops (e set, or quietly). A part that fails is told to `trouble` after its last row, and the dump goes on with the next. */
typedef bool dump_row_fn(void *ctx, const struct dump_row *row, struct err *e);
typedef void dump_trouble_fn(void *ctx, const struct err *e);
bool dump(const struct snapshot *s, const struct names *names, const struct dump_opts *opts, dump_row_fn *row,
          dump_trouble_fn *trouble, void *ctx, struct dump_figures *figures, struct err *e);

#endif
