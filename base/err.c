#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    enum weir_exit status;
    const char *word;
} kinds[] = {
#define ERR(kind, status, word) [kind] = {status, word},
#include "base/errors.def"
#undef ERR
};

/* Error sentences carry names from the input: no control byte of theirs may reach a terminal. */
static void make_printable(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
}

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
    if (e->kind != ERR_NONE)
        return false;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    make_printable(e->text);
    e->kind = kind;
    return false;
}

bool err_in(struct err *e, const char *fmt, ...)
{
    if (e->kind == ERR_NONE)
        return false;
    char where[sizeof e->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(where, sizeof where, fmt, ap);
    va_end(ap);
    make_printable(where);

    char whole[2 * sizeof e->text + 2];
    snprintf(whole, sizeof whole, "%s: %s", where, e->text);
    whole[sizeof e->text - 1] = 0;
    memcpy(e->text, whole, sizeof e->text);
    return false;
}

enum weir_exit err_exit(const struct err *e) { return kinds[e->kind].status; }

const char *err_word(enum err_kind kind) { return kinds[kind].word; }
