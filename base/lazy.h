/* Shared libraries that are loaded when they are first needed. Linked the usual way, librocksdb and libcurl and what hangs on them cost
 * every start of weir about ten milliseconds, and most commands never call them. */
#ifndef WEIR_BASE_LAZY_H
#define WEIR_BASE_LAZY_H

#include <stddef.h>

#include "base/err.h"

/* A function to be found: its name in the library, and the pointer that gets its address. */
struct lazy_symbol {
    const char *name;
    void *to; /* a pointer to a function pointer */
};

/* Loads the library and finds n functions. The library stays loaded. ERR_UNSUPPORTED, saying what to install, when it or a function
 * is not there. May be called again; from any thread. */
bool lazy_load(const char *soname, const char *package, const struct lazy_symbol *symbols, size_t n, struct err *e);

#endif
