/* What may be known about a terminal, and text that is safe on one. */
#ifndef WEIR_BASE_TERM_H
#define WEIR_BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

enum term_when { TERM_AUTO, TERM_ALWAYS, TERM_NEVER }; /* --color */

bool term_is(int fd);
/* Columns of the terminal at fd; 0 when it is none. */
unsigned term_width(int fd);
/* AUTO: fd is a terminal, NO_COLOR is unset or empty, TERM is not "dumb". */
bool term_colour(int fd, enum term_when when);

/* n bytes of text appended with everything escaped that could steer a terminal: control characters (\n, \t, \x1b, \u009b),
 * characters that turn the reading direction (\u202e), lone surrogates; bytes that are no UTF-8 as \xff. What comes out is UTF-8. */
void term_escape(struct buf *b, const void *p, size_t n);

/* Columns that escaped text takes. */
size_t term_columns(const char *s, size_t n);
/* The longest prefix of escaped text that takes at most `columns`, in bytes. */
size_t term_prefix(const char *s, size_t n, size_t columns);

#endif
