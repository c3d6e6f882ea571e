#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

struct arena_chunk {
    struct arena_chunk *next;
    _Alignas(max_align_t) uint8_t data[];
};

static void *checked(void *p, size_t n)
{
    if (!p && n) {
        fputs("weir: out of memory\n", stderr);
        _Exit(WEIR_TROUBLE);
    }
    return p;
}

void *mem_alloc(size_t n) { return checked(malloc(n ? n : 1), n); }

void *mem_zalloc(size_t n) { return checked(calloc(1, n ? n : 1), n); }

void *mem_grow(void *p, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        checked(NULL, 1);
    return checked(realloc(p, n ? n : 1), n);
}

void mem_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

char *mem_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(mem_alloc(n), s, n);
}

void *arena_alloc(struct arena *a, size_t n)
{
    const size_t align = _Alignof(max_align_t), least = 256, most = 16 << 10;
    if (n > SIZE_MAX / 2)
        checked(NULL, 1);
    const size_t chunk = a->used < least ? least : a->used < most ? a->used : most; /* there are hundreds of small ones */
    n = n ? (n + align - 1) & ~(align - 1) : align;
    if ((size_t)(a->end - a->p) < n) {
        size_t size = n > chunk / 4 ? n : chunk;
        struct arena_chunk *c = mem_zalloc(sizeof *c + size);
        if (size == n && a->chunk) { /* a big one of its own: keep filling the present chunk */
            c->next = a->chunk->next;
            a->chunk->next = c;
            a->used += n;
            return c->data;
        }
        c->next = a->chunk;
        a->chunk = c;
        a->p = c->data;
        a->end = c->data + size;
    }
    void *p = a->p;
    a->p += n;
    a->used += n;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        checked(NULL, 1);
    return arena_alloc(a, n);
}

char *arena_strn(struct arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

char *arena_str(struct arena *a, const char *s) { return arena_strn(a, s, strlen(s)); }

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

void arena_free(struct arena *a)
{
    for (struct arena_chunk *c = a->chunk, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *kept = a->chunk;
    if (!kept)
        return;
    for (struct arena_chunk *c = kept->next, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    kept->next = NULL; /* the first one is always the one that is being filled */
    memset(kept->data, 0, (size_t)(a->p - kept->data));
    a->p = kept->data;
    a->used = 0;
}

void buf_grow(struct buf *b, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(b->n, more, &need))
        checked(NULL, 1);
    size_t cap = b->cap ? b->cap * 2 : 256;
    if (cap < need)
        cap = need;
    b->p = mem_grow(b->p, cap, 1);
    b->cap = cap;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
    if (!n)
        return;
    buf_reserve(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void buf_puts(struct buf *b, const char *s) { buf_put(b, s, strlen(s)); }

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    buf_reserve(b, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

const char *buf_cstr(struct buf *b)
{
    buf_reserve(b, 1);
    b->p[b->n] = 0;
    return (const char *)b->p;
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){0};
}
