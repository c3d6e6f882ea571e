/* A draft made true: reads the snapshots, writes the savepoint. */
#ifndef WEIR_MIGRATE_RUN_H
#define WEIR_MIGRATE_RUN_H

#include "base/progress.h"
#include "migrate/draft.h"

struct run_opts {
    const char *target; /* is not there yet; NULL: all is converted, and nothing written */
    unsigned jobs;      /* parts that are worked on side by side */
    struct progress *progress;
    int64_t now;        /* ms since 1970: what NOW_MS() gives */
    struct bytes trail; /* content of SNAPSHOT_TRAIL (trail.h); n = 0: there is none */
};

/* Everything or nothing: what writer.h says. Memory does not grow with the snapshot. */
bool run_draft(const struct draft *d, const struct run_opts *opts, struct err *e);

#endif
