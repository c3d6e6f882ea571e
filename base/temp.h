/* Temporary directories that are gone when weir is, also after Ctrl-C. */
#ifndef WEIR_BASE_TEMP_H
#define WEIR_BASE_TEMP_H

#include "base/err.h"

/* Makes a new directory below $TMPDIR or /tmp, private to the user, and remembers it. The path is released by temp_remove. NULL:
 * e is set. From any thread. */
char *temp_dir(struct err *e);
/* Removes the directory with all that is in it, and releases the path. NULL is allowed. */
void temp_remove(char *dir);
/* Removes every directory that is still there: for the end of the program. */
void temp_remove_all(void);

#endif
