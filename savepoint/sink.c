#include "savepoint/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sink_keyz(struct sink *o, const char *s) { sink_key(o, s, strlen(s)); }

void sink_textz(struct sink *o, const char *s) { sink_text(o, s, strlen(s)); }

void sink_textf(struct sink *o, const char *fmt, ...)
{
    if (!o)
        return;
    char small[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if ((size_t)n < sizeof small) {
        sink_text(o, small, (size_t)n);
        return;
    }
    struct buf *b = &o->scratch;
    b->n = 0;
    buf_reserve(b, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf((char *)b->p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    sink_text(o, (const char *)b->p, (size_t)n);
}
