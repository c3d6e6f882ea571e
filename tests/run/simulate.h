/* A world of its own for a job: a clock that goes on when somebody waits, files in memory that are slow and fail, and that lose what is not on the
 * disk when the machine crashes. All chance comes from one seed. */
#ifndef WEIR_TESTS_RUN_SIMULATE_H
#define WEIR_TESTS_RUN_SIMULATE_H

#include <setjmp.h>

#include "runtime/runtime.h"

enum { SIM_FILES = 3000, SIM_OPEN = 4096 };

struct file {
    char *path; /* NULL: it is gone */
    struct buf content;
    size_t on_disk;
    uint64_t born; /* files that were made later have a higher one */
};

struct sim {
    uint64_t random;
    int64_t now; /* nanoseconds */
    struct file files[SIM_FILES];
    uint32_t n;
    struct {
        struct file *file;
        size_t at;
    } open[SIM_OPEN];
    uint32_t n_open;
    uint64_t calls, births;
    uint64_t crash_at; /* the call that is the last one; 0: none */
    uint32_t trouble;  /* of a thousand calls fail */
    uint32_t failures, crashes;
    void (*on_read)(struct sim *s); /* when something is read, when everybody waits; NULL: nothing happens */
    void (*on_wait)(struct sim *s);
    jmp_buf crash;
    /* of who runs pipelines in it: */
    struct job *job;
    const char *savepoints; /* where orders write theirs; NULL: nobody orders anything */
    bool drains;            /* … to its end, too */
    bool stopped;           /* somebody has ordered the job to end */
    bool complete;          /* … since all is there that there should be */
    uint64_t waits;
    struct buf expected; /* by sim_fold */
    bool keyed;
};

uint32_t sim_chance(struct sim *s, uint32_t below);
struct world sim_world(struct sim *s);
/* An empty file of that name, also when there is one. */
struct file *sim_make(struct sim *s, const char *path);
void sim_remove(void *sim, const char *path);
/* What has not come to the disk is gone. */
void sim_crash(struct sim *s);
/* What is there at the end of what sinks have written below /out/, a row a line. Keyed: the first column tells rows apart, and the last one of
 * them counts; else a row that is taken back must have come, as often. */
void sim_fold(const struct sim *s, bool keyed, struct buf *to);

#endif
