/* What signatures.def says, for the binder alone: functions, their arguments and results. */
#ifndef WEIR_SQL_SIGNATURE_H
#define WEIR_SQL_SIGNATURE_H

#include "sql/binder.h"

struct signature {
    const char *name, *plan, *syntax, *arguments, *result;
};

/* By the name in SQL, in any case; NULL: there is none. */
const struct signature *signature_named(const char *name);
const struct signature *signature_at(size_t i); /* NULL beyond the last */

/* Chooses among the arguments that s allows and casts those given to it. False: they do not fit; nothing is set. */
bool signature_fit(struct bind *at, const struct signature *s, const struct rex **args, uint32_t n);
/* The type of the result; NULL: the arguments have none. */
const struct ltype *signature_result(struct bind *at, const struct signature *s, const struct rex *const *args, uint32_t n);

#endif
