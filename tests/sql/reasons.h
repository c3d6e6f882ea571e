/* Why something does not agree with Flink: counted by reason. */
#ifndef WEIR_TESTS_SQL_REASONS_H
#define WEIR_TESTS_SQL_REASONS_H

#include <stdbool.h>

#include "base/mem.h"

struct reasons {
    bool verbose;
    unsigned agree, apart, differ, unlisted;
    struct buf known; /* a file of names that are known to differ, one a line, a reason behind a blank */
    struct reason {
        char *text;
        unsigned n;
        char *first; /* who had it first */
    } * all;
    unsigned n;
};

void reason_add(struct reasons *r, const char *id, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Reads such a file. False: it cannot be read. */
bool reasons_known(struct reasons *r, const char *path);
/* More about the last one, with -v. */
void reason_detail(struct reasons *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The function or operator that an SQL expression begins with. */
const char *reason_function(const char *expr);
/* Prints and releases them; whether at least `goal` % agree, and all that do not are in the file, if one has been read. */
bool reasons_print(struct reasons *r, const char *what, unsigned goal);

/* Takes -v, -g GOAL, -k KNOWN; where the files begin. Exits when KNOWN cannot be read. */
int reasons_options(struct reasons *r, int argc, char **argv, unsigned *goal);

#endif
