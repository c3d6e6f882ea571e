/* What only the start of a program needs. */
#ifndef WEIR_BASE_STARTUP_H
#define WEIR_BASE_STARTUP_H

/* Takes the code and constants of the program and of all its libraries out of this process's memory, for one that lives long: what is
 * used again comes back page by page from the page cache, what only loading and initialising touched does not. Nothing that was
 * written is lost: only segments that cannot be written are dropped. */
void startup_forget(void);

#endif
