/* libcurl, loaded when first needed (base/lazy.h): the types of <curl/curl.h>, and its functions as members of `curl`. */
#ifndef WEIR_BASE_CURL_LIB_H
#define WEIR_BASE_CURL_LIB_H

#include <curl/curl.h>

#include "base/err.h"

/* curl.h wraps these in macros that check the types of their arguments, which would hide the members */
#undef curl_easy_setopt
#undef curl_easy_getinfo

/* a list in a macro, which clang-format moves about without end */
/* clang-format off */
#define CURL_LIB(F) \
    F(easy_cleanup) F(easy_getinfo) F(easy_init) F(easy_perform) F(easy_reset) F(easy_setopt) F(easy_strerror) \
    F(global_init) F(multi_add_handle) F(multi_cleanup) F(multi_info_read) F(multi_init) F(multi_perform) \
    F(multi_poll) F(multi_remove_handle) F(multi_wakeup) F(slist_append) F(slist_free_all)
/* clang-format on */

struct curl_lib {
#define F(name) __typeof__(&curl_##name) name;
    CURL_LIB(F)
#undef F
};
extern struct curl_lib curl; /* usable once curl_lib_load has said so */

/* Loads libcurl and initialises it, once; from any thread. */
bool curl_lib_load(struct err *e);

#endif
