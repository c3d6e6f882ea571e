/* A script of SQL as it was written, and what is wrong with it. Messages have a place; whoever prints them can point at it. */
#ifndef WEIR_SQL_TEXT_H
#define WEIR_SQL_TEXT_H

#include "base/err.h"
#include "base/mem.h"

enum { SQL_MAX_TEXT = 4 << 20 };

struct place {
    uint32_t at, n; /* bytes of the text */
};

struct sql_text {
    const char *name; /* of the file, for messages */
    struct bytes bytes;
    struct place fault; /* what the first message is about */
    bool faulty;
};

/* Sets e to "name:line:column: …" unless it is set. Returns false. */
bool sql_fault(struct sql_text *t, struct place where, struct err *e, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Appends the faulty line with a caret under it, if there is one. */
void sql_point(const struct sql_text *t, struct buf *b);

#endif
