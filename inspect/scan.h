/* Goes through the parts of a snapshot, one after the other or several at once. A part is what one handle holds. */
#ifndef WEIR_INSPECT_SCAN_H
#define WEIR_INSPECT_SCAN_H

#include "inspect/names.h"
#include "savepoint/opstate.h"
#include "savepoint/rawtimers.h"
#include "savepoint/savepoint.h"

enum part_kind { PART_KEYED, PART_RAW_KEYED, PART_OPERATOR, PART_RAW_OPERATOR };

struct part {
    uint32_t index; /* in the scan */
    enum part_kind kind;
    uint32_t op_index; /* in scan.ops */
    const struct meta_operator *op;
    const struct meta_subtask *subtask;
};

struct scan {
    const struct snapshot *snapshot;
    const struct names *names;
    const struct meta_operator **ops; /* the wanted operators, by label */
    uint32_t n_ops;
    struct part *parts; /* by operator, subtask, kind */
    uint32_t n_parts;
    struct arena arena;
};

/* The operators that match `wanted` (NULL: all) and their parts. ERR_USAGE-like ERR_MISSING when none matches. */
bool scan_plan(struct scan *s, const struct snapshot *snapshot, const struct names *names, const char *wanted, struct err *e);
void scan_free(struct scan *s);

/* Bytes that the handles of a part refer to (for progress and shares). */
uint64_t part_bytes(const struct part *p);

/* Calls fn for each entry of keyed state, timers in raw keyed state among them; other parts have none. */
bool part_entries(const struct snapshot *s, const struct part *p, entry_fn *fn, void *ctx, struct err *e);

/* Works on one part. A failure is that part's: it is kept in errs[part] and the others go on. */
typedef bool part_fn(void *ctx, const struct part *p, struct err *e);
/* Calls fn for every part, with `jobs` threads (at least 1). errs has n_parts zeroed elements. */
void scan_run(const struct scan *s, unsigned jobs, part_fn *fn, void *ctx, struct err *errs);

/* Is this subtask's copy of a broadcast state the one to be read? (Every subtask holds the same: the first one's is.) */
bool first_broadcast(const struct part *p, const char *state);

#endif
