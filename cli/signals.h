#ifndef WEIR_CLI_SIGNALS_H
#define WEIR_CLI_SIGNALS_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP end the program at once, but with its temporary directories removed: Ctrl-C with exit
 * status 130, the others as if they had not been caught, with a line that says so where something was being written. SIGPIPE
 * kills, whatever the parent had set. Call it before any thread is made. */
void signals_start(void);
/* What else is done before such an end: gives a terminal back. From a thread of its own. NULL: nothing. */
void signals_at_end(void (*fn)(void));
/* Comes back unless such an end has begun: then what other threads have to say of it is no news. */
void signals_pass(void);

/* What is done instead; false: it ends the program after all. From a thread of its own. NULL: nothing. */
void signals_instead(bool (*fn)(int sig));

#endif
