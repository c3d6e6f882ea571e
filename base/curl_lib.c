#include "base/curl_lib.h"

#include <pthread.h>

#include "base/lazy.h"

struct curl_lib curl;

static bool load(struct err *e)
{
    static const struct lazy_symbol symbols[] = {
#define F(name) {"curl_" #name, &curl.name},
        CURL_LIB(F)
#undef F
    };
    return lazy_load(WEIR_CURL_SONAME, "libcurl4", symbols, sizeof symbols / sizeof *symbols, e) &&
        (curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK || err_set(e, ERR_IO, "libcurl cannot be initialised"));
}

bool curl_lib_load(struct err *e)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool loaded;
    pthread_mutex_lock(&lock);
    loaded = loaded || load(e);
    bool ok = loaded;
    pthread_mutex_unlock(&lock);
    return ok;
}
