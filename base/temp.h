/* Temporary directories that are gone when weir is, also after Ctrl-C. */
#ifndef WEIR_BASE_TEMP_H
#define WEIR_BASE_TEMP_H

#include "base/err.h"

/* $TMPDIR or /tmp. */
const char *temp_below(void);
/* Makes a new directory below $TMPDIR or /tmp, private to the user, and remembers it. The path is released by temp_remove. NULL:
 * e is set. From any thread. */
char *temp_dir(struct err *e);
/* The same beside `path`, so that it can be renamed to it: ".<name>.weir-XXXXXX" in path's directory, with the rights that a new
 * directory gets. */
char *temp_dir_beside(const char *path, struct err *e);
/* Renames the directory, and goes on remembering it by the new name: only temp_keep says that it is to stay. False: e is set and it
 * is where it was; ERR_REFUSED when there is something already. */
bool temp_rename(char **dir, const char *to, struct err *e);
/* Renames the file `from` in the directory to `to`, and forgets the directory, which stays: in one step as far as temp_remove_all is
 * concerned. The path is released. False: e is set, and it is still remembered. */
bool temp_keep(char **dir, const char *from, const char *to, struct err *e);
/* Removes the directory with all that is in it, and releases the path. NULL is allowed. */
void temp_remove(char *dir);
/* Removes a directory that lies in one of those. */
void temp_remove_below(const char *dir);
/* Removes every directory that is still there: for the end of the program. True: there was one. */
bool temp_remove_all(void);

#endif
