/* What a job knows of the world around it: everything else it computes. A test hands in another one. */
#ifndef WEIR_RUNTIME_WORLD_H
#define WEIR_RUNTIME_WORLD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

struct world {
    int64_t (*now)(void *ctx); /* milliseconds since 1970 */
    /* The next bytes of a file that is open, at most n; how many, 0 at its end, -1: e is set. */
    int (*open)(void *ctx, const char *path, struct err *e); /* -1: e is set */
    ptrdiff_t (*read)(void *ctx, int file, void *to, size_t n, struct err *e);
    void (*close)(void *ctx, int file);
    /* A file that appears with all of its content at once. */
    bool (*write_file)(void *ctx, const char *path, struct bytes content, struct err *e);
    /* Standard output: whole lines. */
    bool (*print)(void *ctx, struct bytes lines, struct err *e);
    void *ctx;
    uint64_t seed; /* of all chance */
};

/* This machine: its clock, its files, standard output. */
struct world world_real(void);

#endif
