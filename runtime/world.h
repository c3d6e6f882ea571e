/* What a job knows of the world around it: everything else it computes. A test hands in another one. */
#ifndef WEIR_RUNTIME_WORLD_H
#define WEIR_RUNTIME_WORLD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

struct world {
    int64_t (*now)(void *ctx);   /* milliseconds since 1970 */
    int64_t (*ticks)(void *ctx); /* nanoseconds since whenever, never backwards */
    /* Not NULL: the world has a clock of its own, which goes on when somebody waits. A job then runs in one thread, and what runs when
     * depends on nothing but the seed. Waits until that time. */
    void (*wait)(void *ctx, int64_t until);
    /* The next bytes of a file that is open, at most n; how many, 0 at its end, -1: e is set. */
    int (*open)(void *ctx, const char *path, struct err *e); /* -1: e is set */
    ptrdiff_t (*read)(void *ctx, int file, void *to, size_t n, struct err *e);
    bool (*seek)(void *ctx, int file, uint64_t to, struct err *e);
    void (*close)(void *ctx, int file);
    /* Tells what is in a directory, in any order; a file that is none has itself for its only entry, whose name is "". False: e, or `each` said so. */
    bool (*list)(void *ctx, const char *path, bool (*each)(void *arg, const char *name, bool is_dir), void *arg, struct err *e);
    /* How many bytes a file has, and when it was changed: milliseconds since 1970. */
    bool (*about)(void *ctx, const char *path, int64_t *size, int64_t *changed, struct err *e);
    /* Waits until there is something to read, or so many milliseconds; false: there is nothing. */
    bool (*ready)(void *ctx, int file, int ms);
    /* A new file that is written, with the directories above it; bytes behind those that are there; all of it on the disk, and closed. */
    int (*create)(void *ctx, const char *path, struct err *e);
    int (*append)(void *ctx, const char *path, struct err *e); /* the same file, or a new one, written at its end */
    bool (*write)(void *ctx, int file, struct bytes b, struct err *e);
    bool (*finish)(void *ctx, int file, struct err *e);
    /* Takes its place at once, also when there is something; it may have happened already: `from` is not there, but `to`. */
    bool (*rename)(void *ctx, const char *from, const char *to, struct err *e);
    void (*remove)(void *ctx, const char *path); /* which may not be there */
    bool (*fault)(void *ctx, const char *what);  /* a test's: shall this fail? NULL: never */
    /* Standard output: whole lines. */
    bool (*print)(void *ctx, struct bytes lines, struct err *e);
    void *ctx;
    uint64_t seed; /* of all chance */
};

/* This machine: its clock, its files, standard output. */
struct world world_real(void);

#endif
