/* Memory: allocation that cannot fail, arenas, growable bytes.
 *
 * Running out of memory ends the program with one line and exit 2; nothing that weir does survives it usefully. What comes
 * from outside never decides an allocation alone: callers bound a length by the bytes that are really there (base/rd.h). */
#ifndef WEIR_BASE_MEM_H
#define WEIR_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* A view of somebody else's bytes. */
struct bytes {
    const uint8_t *p;
    size_t n;
};

void *mem_alloc(size_t n); /* free() releases */
void *mem_zalloc(size_t n);
void *mem_grow(void *p, size_t count, size_t size); /* realloc to count * size */
char *mem_strdup(const char *s);

/* Gives memory that is free back to the system: for what goes on for long after a moment that took much. */
void mem_trim(void);

/* An arena: many small allocations, released together. Zero-initialise, then arena_free. Not shared between threads. */
struct arena {
    struct arena_chunk *chunk;
    uint8_t *p, *end;
    size_t used; /* bytes handed out */
};
void *arena_alloc(struct arena *a, size_t n); /* zeroed, aligned for any type */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strn(struct arena *a, const char *s, size_t n); /* a copy with a 0 behind it */
char *arena_str(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);
/* Releases what was allocated, but keeps room for as much: for arenas that are filled again and again. */
void arena_reset(struct arena *a);

/* Growable bytes. Zero-initialise, then buf_free. */
struct buf {
    uint8_t *p;
    size_t n, cap;
};
void buf_grow(struct buf *b, size_t more);
static inline void buf_reserve(struct buf *b, size_t more) /* room for `more` further bytes at b->p + b->n */
{
    if (__builtin_expect(b->cap - b->n < more, 0))
        buf_grow(b, more);
}
void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *buf_cstr(struct buf *b); /* the content with a 0 behind it, valid until the next change */
void buf_free(struct buf *b);

static inline void buf_putc(struct buf *b, uint8_t c)
{
    if (b->n == b->cap)
        buf_reserve(b, 1);
    b->p[b->n++] = c;
}

#endif
