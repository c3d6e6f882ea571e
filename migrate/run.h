/* A draft made true: reads the snapshots, writes the savepoint. */
#ifndef WEIR_MIGRATE_RUN_H
#define WEIR_MIGRATE_RUN_H

#include "base/progress.h"
#include "migrate/draft.h"

/* What becomes of a row that does not convert. */
enum on_error {
    ON_ERROR_STOP,
    ON_ERROR_DROP,
    ON_ERROR_DEFAULT,   /* what does not convert becomes null or its type's zero */
    ON_ERROR_QUARANTINE /* dropped, and kept in a file */
};

struct quarantine; /* quarantine.h */

struct run_opts {
    const char *target; /* is not there yet; NULL: all is converted, and nothing written */
    unsigned jobs;      /* parts that are worked on side by side */
    struct progress *progress;
    enum on_error on_error;
    struct quarantine *quarantine; /* for ON_ERROR_QUARANTINE; NULL: only counted */
    int64_t now;                   /* ms since 1970: what NOW_MS() gives */
    struct bytes trail;            /* content of SNAPSHOT_TRAIL (trail.h); n = 0: there is none */
};

/* Everything or nothing: what writer.h says. Memory does not grow with the snapshot. */
bool run_draft(const struct draft *d, const struct run_opts *opts, struct err *e);

#endif
