/* JSON text into a buffer. The only place where text becomes JSON.
 *
 * What comes out is always valid JSON in UTF-8 and never carries a control byte: C0, DEL and C1 characters are escaped, so that
 * it may go to a terminal. 64-bit integers are written exactly; reals as the text that the caller gives. */
#ifndef WEIR_BASE_JSONW_H
#define WEIR_BASE_JSONW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

/* n bytes of UTF-8 as the inside of a JSON string, without the quotes. A lone surrogate (WTF-8) becomes \udXXX, a byte that
 * belongs to no character \ufffd. */
void jsonw_escape(struct buf *b, const void *p, size_t n);

/* The same with the quotes. */
static inline void jsonw_quote(struct buf *b, const void *p, size_t n)
{
    buf_putc(b, '"');
    jsonw_escape(b, p, n);
    buf_putc(b, '"');
}

/* Decimal digits of v. */
void jsonw_digits(struct buf *b, int64_t v);

enum { JSONW_DEPTH = 256 };

/* A document being written: commas, line ends and indentation. Initialise with {.out = …, .pretty = …}. The buffer is the
 * caller's, who may drain it between any two calls. */
struct jsonw {
    struct buf *out;
    bool pretty;               /* one member a line, indented by two blanks; else no blanks at all */
    bool keyed;                /* a key has been written, its value comes next */
    uint32_t depth;            /* open containers, at most JSONW_DEPTH */
    uint8_t some[JSONW_DEPTH]; /* 1: the container at that depth has a member already */
};

void jsonw_object(struct jsonw *w); /* { … jsonw_end_object */
void jsonw_end_object(struct jsonw *w);
void jsonw_array(struct jsonw *w); /* [ … jsonw_end_array */
void jsonw_end_array(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *name); /* the value follows */
void jsonw_null(struct jsonw *w);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_uint(struct jsonw *w, uint64_t v);
void jsonw_str(struct jsonw *w, const char *s); /* NULL: null */
void jsonw_strn(struct jsonw *w, const void *p, size_t n);
/* JSON text that is ready: a number's digits, or a value made by another writer. */
void jsonw_raw(struct jsonw *w, const void *p, size_t n);

/* A member of an object. */
static inline void jsonw_member_str(struct jsonw *w, const char *name, const char *s)
{
    jsonw_key(w, name);
    jsonw_str(w, s);
}
static inline void jsonw_member_int(struct jsonw *w, const char *name, int64_t v)
{
    jsonw_key(w, name);
    jsonw_int(w, v);
}
static inline void jsonw_member_uint(struct jsonw *w, const char *name, uint64_t v)
{
    jsonw_key(w, name);
    jsonw_uint(w, v);
}
static inline void jsonw_member_bool(struct jsonw *w, const char *name, bool v)
{
    jsonw_key(w, name);
    jsonw_bool(w, v);
}

#endif
