/* A program of tests/sql/programs: a directory of files in which ${DIR} stands for where its tables are. */
#ifndef WEIR_TESTS_SUPPORT_PROGRAM_H
#define WEIR_TESTS_SUPPORT_PROGRAM_H

#include "runtime/runtime.h"

/* The file dir/name behind what is in b; false: there is none. */
bool program_file(const char *dir, const char *name, struct buf *b);
/* `to` in place of each `what`. */
void program_put(struct buf *b, const char *what, const char *to);
/* SET 'key' = 'value'; of a script, behind the options that there are; strings in the arena. */
void program_settings(const char *sql, struct arena *a, struct job_opts *opts);

#endif
