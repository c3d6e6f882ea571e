/* Places of a script, for people. */
#include "migrate/script.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/place.h"

void script_place(const struct script *s, struct place_in where, struct buf *b) { place_name(s->text, s->name, where.at, b); }

bool script_fault(struct script *s, struct place_in where, struct err *e, const char *fmt, ...)
{
    char why[512];
    struct buf b = {0};
    va_list ap;
    if (e->kind != ERR_NONE)
        return false;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    script_place(s, where, &b);
    s->faulty = true;
    s->fault = where;
    err_set(e, ERR_USAGE, "%s: %s", buf_cstr(&b), why);
    buf_free(&b);
    return false;
}

void script_point(const struct script *s, struct buf *b)
{
    if (s->faulty)
        place_point(s->text, s->fault.at, s->fault.n, b);
}

void script_free(struct script *s)
{
    arena_free(&s->arena);
    s->n = 0;
}
