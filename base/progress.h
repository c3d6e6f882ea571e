/* How far a long reading is, as one line on stderr that is redrawn and wiped at the end. Nothing when stderr is no terminal. */
#ifndef WEIR_BASE_PROGRESS_H
#define WEIR_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what;        /* a static word: "reading" */
    uint64_t total;          /* bytes; 0: not known */
    _Atomic uint64_t done;   /* bytes */
    _Atomic int64_t next_ms; /* monotonic time of the next drawing; INT64_MAX: off */
    int64_t start_ms;
    atomic_bool drawn;
};

/* Starts with 0 of `total` bytes; the first drawing comes after half a second. `quiet`: never draws. */
void progress_start(struct progress *p, const char *what, uint64_t total, bool quiet);
/* Some bytes more are done; from any thread. Draws at most ten times a second. NULL is allowed. */
void progress_add(struct progress *p, uint64_t bytes);
/* Wipes the line. */
void progress_end(struct progress *p);

#endif
