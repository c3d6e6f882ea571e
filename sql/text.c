#include "sql/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/place.h"

static bool fault(struct sql_text *t, struct place where, struct err *e, enum err_kind kind, const char *after, const char *fmt,
                  va_list ap)
{
    char why[640];
    struct buf b = {0};
    if (e->kind != ERR_NONE)
        return false;
    vsnprintf(why, sizeof why, fmt, ap);
    place_name(t->bytes, t->name, where.at, &b);
    t->faulty = true;
    t->fault = where;
    err_set(e, kind, "%s: %s%s", buf_cstr(&b), why, after);
    buf_free(&b);
    return false;
}

bool sql_fault(struct sql_text *t, struct place where, struct err *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fault(t, where, e, ERR_USAGE, "", fmt, ap);
    va_end(ap);
    return false;
}

bool sql_refuse(struct sql_text *t, struct place where, struct err *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fault(t, where, e, ERR_UNSUPPORTED, " is not in weir yet (weir help sql)", fmt, ap);
    va_end(ap);
    return false;
}

void sql_point(const struct sql_text *t, struct buf *b)
{
    if (t->faulty)
        place_point(t->bytes, t->fault.at, t->fault.n, b);
}
