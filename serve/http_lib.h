/* libmicrohttpd, loaded when first needed (base/lazy.h): its functions as members of `mhd`. */
#ifndef WEIR_SERVE_HTTP_LIB_H
#define WEIR_SERVE_HTTP_LIB_H

#include <sys/socket.h>
#include <microhttpd.h>

#include "base/err.h"

/* clang-format off */
#define MHD_LIB(F) \
    F(add_response_header) F(create_response_from_buffer) F(destroy_response) F(get_daemon_info) F(lookup_connection_value) \
    F(queue_response) F(start_daemon) F(stop_daemon)
/* clang-format on */

struct mhd_lib {
#define F(name) __typeof__(&MHD_##name) name;
    MHD_LIB(F)
#undef F
};
extern struct mhd_lib mhd; /* usable once mhd_lib_load has said so */

bool mhd_lib_load(struct err *e);

#endif
