/* Reads one fixture of Flink's test jars and says whether all of it was understood. */
#ifndef WEIR_TESTS_CONFORMANCE_JUDGE_H
#define WEIR_TESTS_CONFORMANCE_JUDGE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

enum verdict {
    EXACT,  /* read to the last byte, nothing left over, no value opaque */
    OPAQUE, /* read to the end, but bytes stand for a value that could not be decoded */
    FAILED, /* not readable, or bytes left over */
    APART   /* not counted: written before Flink 1.8 with a serializer that only Java can read */
};

struct judged {
    enum verdict verdict;
    char why[400]; /* one line; empty when exact */
};

/* Declarations (savepoint/told.h) for all that is judged later; they live in the arena. */
bool judge_told(const char *file, struct arena *a, struct err *e);
/* A serializer's snapshot, and values of it in `data` (NULL: the snapshot alone; many: any number of values, else one).
 * flink2: Flink 2.0 or later wrote them. */
struct judged judge_pair(const char *snapshot, const char *data, bool many, bool flink2);
/* A folder with `_metadata`. */
struct judged judge_savepoint(const char *dir);
/* A file of OperatorSnapshotUtil. */
struct judged judge_harness(const char *file, bool flink2);

#endif
