/* Casts, as the rules of flink-table-planner 2.3 (functions.casting) have them. */
#ifndef WEIR_SQL_CAST_H
#define WEIR_SQL_CAST_H

#include "sql/expr.h"

struct caster;
typedef enum got (*cast_fn)(struct eval *ev, const struct caster *c, union cell v, union cell *out);

struct caster {
    const struct ltype *from, *to;
    cast_fn cast;               /* NULL: the cells are the same */
    const struct caster **kids; /* of arrays, maps and rows */
};

/* NULL: there is no such cast (ERR_UNSUPPORTED). */
const struct caster *cast_make(struct arena *a, const struct ltype *from, const struct ltype *to, struct err *e);
static inline enum got cast_run(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    if (c->cast)
        return c->cast(ev, c, v, out);
    *out = v;
    return GOT_VALUE;
}
/* Appends the text that CAST(v AS STRING) gives. */
void cell_text(struct buf *to, struct eval *ev, const struct ltype *t, union cell v, bool null);

#endif
