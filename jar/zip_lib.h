/* libzip, loaded when first needed (base/lazy.h): the types of <zip.h>, and its functions as members of `zip`. */
#ifndef WEIR_JAR_ZIP_LIB_H
#define WEIR_JAR_ZIP_LIB_H

#include <zip.h>

#include "base/err.h"

/* a list in a macro, which clang-format moves about without end */
/* clang-format off */
#define ZIP_LIB(F) \
    F(discard) F(error_fini) F(error_init_with_code) F(error_strerror) F(fclose) F(fopen_index) F(fread) F(get_name) \
    F(get_num_entries) F(open) F(open_from_source) F(source_buffer_create) F(source_free) F(stat_index) F(strerror)
/* clang-format on */

struct zip_lib {
#define F(name) __typeof__(&zip_##name) name;
    ZIP_LIB(F)
#undef F
};
extern struct zip_lib zip_; /* usable once zip_lib_load has said so */

/* From any thread. */
bool zip_lib_load(struct err *e);

#endif
