/* Files of a table, which its source's subtasks ask for one after the other, so that none is idle while there is one
 * (StaticFileSplitEnumerator, ContinuousFileSplitEnumerator of flink-connector-files 2.3). A file is one split, as a local one is in Flink. */
#ifndef WEIR_RUNTIME_SPLITS_H
#define WEIR_RUNTIME_SPLITS_H

#include "runtime/op.h"

struct split {
    const char *path;
    uint64_t at, line; /* where the next line begins; lines before it */
};

enum splits_got { SPLITS_ONE, SPLITS_OVER, SPLITS_LATER, SPLITS_FAILED };

struct splits;

/* All subtasks of the op share them. `path`: a file, or a directory whose files are read with those of its directories, but for those whose
 * names begin with '.' or '_'. monitor: looks for new ones after so many milliseconds, 0: never. Nothing is read yet. */
struct splits *splits_of(struct op *o, const char *path, int64_t monitor);
/* The next file for this subtask. SPLITS_LATER: *when to ask again. */
enum splits_got splits_next(struct splits *s, struct split *one, int64_t *when, struct err *e);
/* A file that has been begun or read before: nobody is given it any more. */
void splits_known(struct splits *s, struct bytes path);

#endif
