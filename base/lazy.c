#include "base/lazy.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Other threads may be using what was loaded before: it is not written again. */
static bool is_loaded(const struct lazy_symbol *symbols, size_t n)
{
    void *last = NULL;
    if (n)
        memcpy(&last, symbols[n - 1].to, sizeof last);
    return last;
}

static bool load(const char *soname, const char *package, const struct lazy_symbol *symbols, size_t n, struct err *e)
{
    if (is_loaded(symbols, n))
        return true;
    void *lib = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
    if (!lib)
        return err_set(e, ERR_UNSUPPORTED, "%s is needed for this and cannot be loaded; install %s (%s)", soname, package,
                       dlerror());
    for (size_t i = 0; i < n; i++) {
        void *address = dlsym(lib, symbols[i].name);
        if (!address)
            return err_set(e, ERR_UNSUPPORTED, "%s has no %s: another version than weir was built with", soname, symbols[i].name);
        memcpy(symbols[i].to, &address, sizeof address); /* ISO C knows no cast from object to function pointer */
    }
    return true;
}

bool lazy_load(const char *soname, const char *package, const struct lazy_symbol *symbols, size_t n, struct err *e)
{
    pthread_mutex_lock(&lock);
    bool ok = load(soname, package, symbols, n, e);
    pthread_mutex_unlock(&lock);
    return ok;
}
