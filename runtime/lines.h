/* Lines of a file, read by way of the world, and unpacked where its name says that it is compressed (base/unpack.h). */
#ifndef WEIR_RUNTIME_LINES_H
#define WEIR_RUNTIME_LINES_H

#include "base/unpack.h"
#include "runtime/world.h"

struct lines {
    const struct world *world;
    const char *path; /* the caller's */
    int file;         /* -1: not open */
    bool may_pause;   /* a pipe or terminal: it is not waited for */
    bool at_end;
    uint64_t line;         /* lines that have been read */
    uint64_t at;           /* bytes that have been read as lines, unpacked: where the next one begins */
    struct unpack *packed; /* NULL: it is not */
    uint8_t *buffer;
    size_t from, to, cap; /* unread bytes of the buffer */
};

enum lines_got { LINES_SOME, LINES_END, LINES_LATER, LINES_FAILED };

/* Opens it at a place where a line begins, that of `at`; `line` is counted on from there. */
bool lines_open(struct lines *l, const struct world *w, const char *path, uint64_t at, uint64_t line, struct err *e);
/* Reads until there is a whole line. Lines that were handed out before are gone. */
enum lines_got lines_ready(struct lines *l, struct err *e);
/* The next whole line, without its end; false: there is none in the buffer. It is valid until the next lines_ready. */
bool lines_next(struct lines *l, struct bytes *line);
void lines_close(struct lines *l);

#endif
