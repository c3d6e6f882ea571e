#include "sql/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/place.h"

bool sql_fault(struct sql_text *t, struct place where, struct err *e, const char *fmt, ...)
{
    char why[640];
    struct buf b = {0};
    va_list ap;
    if (e->kind != ERR_NONE)
        return false;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    place_name(t->bytes, t->name, where.at, &b);
    t->faulty = true;
    t->fault = where;
    err_set(e, ERR_USAGE, "%s: %s", buf_cstr(&b), why);
    buf_free(&b);
    return false;
}

void sql_point(const struct sql_text *t, struct buf *b)
{
    if (t->faulty)
        place_point(t->bytes, t->fault.at, t->fault.n, b);
}
