/* libedit, loaded when first needed (base/lazy.h): its functions as members of `edit`. */
#ifndef WEIR_CLI_EDIT_LIB_H
#define WEIR_CLI_EDIT_LIB_H

#include <stdio.h>

#include <histedit.h>

#include "base/err.h"

/* clang-format off */
#define EDIT_LIB(F) \
    F(el_init) F(el_set) F(el_gets) F(el_line) F(el_insertstr) F(history_init) F(history_end) F(history)
/* clang-format on */

struct edit_lib {
#define F(name) __typeof__(&name) name;
    EDIT_LIB(F)
#undef F
};
extern struct edit_lib edit; /* usable once edit_lib_load has said so */

bool edit_lib_load(struct err *e);

#endif
