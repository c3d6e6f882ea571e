#include "base/jsonw.h"

#include <assert.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/digits.h"
#include "base/utf8.h"

enum { BLOCK = 16, LONGEST = 6 /* bytes of one escape */ };

static bool plain(uint8_t c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

/* How many of the BLOCK bytes at p need no escape, counted from the front. */
static inline unsigned plain_run(const uint8_t *p)
{
#ifdef __SSE2__
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i bad = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: 0x80 to 0xff as well */
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
    return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(bad) | 1u << BLOCK);
#else
    unsigned i = 0;
    while (i < BLOCK && plain(p[i]))
        i++;
    return i;
#endif
}

/* 0x80 in some byte of the result unless all of v's are plain; may cry wolf. */
static inline uint64_t not_plain(uint64_t v)
{
    const uint64_t each = 0x0101010101010101;
    return (v | (v - each * 0x20) | ((v ^ each * '"') - each) | ((v ^ each * '\\') - each) | (v + each)) & each * 0x80;
}

/* Copies n < BLOCK bytes; true when all were plain. Two overlapping words cover any length from 4 on. */
static inline bool copy_short(uint8_t *to, const uint8_t *p, size_t n)
{
    if (n >= 8) {
        uint64_t a, z;
        memcpy(&a, p, 8);
        memcpy(&z, p + n - 8, 8);
        memcpy(to, &a, 8);
        memcpy(to + n - 8, &z, 8);
        return !(not_plain(a) | not_plain(z));
    }
    if (n >= 4) {
        uint32_t a, z;
        memcpy(&a, p, 4);
        memcpy(&z, p + n - 4, 4);
        memcpy(to, &a, 4);
        memcpy(to + n - 4, &z, 4);
        return !not_plain((uint64_t)z << 32 | a);
    }
    for (size_t i = 0; i < n; i++) {
        if (!plain(p[i]))
            return false;
        to[i] = p[i];
    }
    return true;
}

static uint8_t *put_unit(uint8_t *to, unsigned unit)
{
    static const char hex[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = (uint8_t)hex[unit >> shift & 15];
    return to;
}

/* Writes the character at p, at most LONGEST bytes; moves p behind it. */
static uint8_t *put_special(uint8_t *to, const uint8_t **p, const uint8_t *end)
{
    uint32_t code;
    unsigned n = utf8_next(*p, (size_t)(end - *p), &code);
    const uint8_t *at = *p;
    *p += n ? n : 1;
    if (!n)
        return put_unit(to, 0xfffd);
    if (n == 1) {
        static const char from[] = "\"\\\n\r\t\b\f", name[] = "\"\\nrtbf";
        const char *hit = code ? strchr(from, (int)code) : NULL;
        if (!hit)
            return put_unit(to, code);
        *to++ = '\\';
        *to++ = (uint8_t)name[hit - from];
        return to;
    }
    if (utf8_surrogate(code) || utf8_control(code))
        return put_unit(to, code);
    memcpy(to, at, n);
    return to + n;
}

void jsonw_escape(struct buf *b, const void *from, size_t n)
{
    const uint8_t *p = from, *end = n ? p + n : p; /* nothing may come as NULL */
    while (p < end) {
        buf_reserve(b, (size_t)(end - p) + BLOCK + LONGEST);
        uint8_t *to = b->p + b->n, *room = b->p + b->cap - BLOCK - LONGEST;
        while (to <= room && p < end) {
            unsigned run = 0;
            if (end - p >= BLOCK) {
                run = plain_run(p);
                memcpy(to, p, BLOCK);
            } else if (copy_short(to, p, (size_t)(end - p))) {
                run = (unsigned)(end - p);
            } else {
                while (p + run < end && plain(p[run])) {
                    to[run] = p[run];
                    run++;
                }
            }
            to += run;
            p += run;
            if (run < BLOCK && p < end)
                to = put_special(to, &p, end);
        }
        b->n = (size_t)(to - b->p);
    }
}

static void put_digits(struct buf *b, uint64_t v, bool minus)
{
    buf_reserve(b, 21);
    if (minus)
        b->p[b->n++] = '-';
    b->n += digits_u64((char *)b->p + b->n, v);
}

void jsonw_digits(struct buf *b, int64_t v) { put_digits(b, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0); }

static void line(struct jsonw *w)
{
    if (!w->pretty)
        return;
    buf_putc(w->out, '\n');
    for (uint32_t i = 0; i < w->depth; i++)
        buf_put(w->out, "  ", 2);
}

/* What stands in front of a value or a key. */
static void lead_in(struct jsonw *w)
{
    if (w->keyed) {
        w->keyed = false;
        return;
    }
    if (!w->depth)
        return;
    if (w->some[w->depth - 1])
        buf_putc(w->out, ',');
    w->some[w->depth - 1] = 1;
    line(w);
}

static void open_box(struct jsonw *w, char c)
{
    assert(w->depth < JSONW_DEPTH);
    lead_in(w);
    buf_putc(w->out, (uint8_t)c);
    w->some[w->depth++] = 0;
}

static void close_box(struct jsonw *w, char c)
{
    assert(w->depth && !w->keyed);
    if (w->some[--w->depth])
        line(w);
    buf_putc(w->out, (uint8_t)c);
}

void jsonw_object(struct jsonw *w) { open_box(w, '{'); }
void jsonw_end_object(struct jsonw *w) { close_box(w, '}'); }
void jsonw_array(struct jsonw *w) { open_box(w, '['); }
void jsonw_end_array(struct jsonw *w) { close_box(w, ']'); }

void jsonw_key(struct jsonw *w, const char *name)
{
    lead_in(w);
    jsonw_quote(w->out, name, strlen(name));
    buf_putc(w->out, ':');
    if (w->pretty)
        buf_putc(w->out, ' ');
    w->keyed = true;
}

void jsonw_raw(struct jsonw *w, const void *p, size_t n)
{
    lead_in(w);
    buf_put(w->out, p, n);
}

void jsonw_null(struct jsonw *w) { jsonw_raw(w, "null", 4); }

void jsonw_bool(struct jsonw *w, bool v) { jsonw_raw(w, v ? "true" : "false", v ? 4 : 5); }

void jsonw_int(struct jsonw *w, int64_t v)
{
    lead_in(w);
    jsonw_digits(w->out, v);
}

void jsonw_uint(struct jsonw *w, uint64_t v)
{
    lead_in(w);
    put_digits(w->out, v, false);
}

void jsonw_strn(struct jsonw *w, const void *p, size_t n)
{
    lead_in(w);
    jsonw_quote(w->out, p, n);
}

void jsonw_str(struct jsonw *w, const char *s)
{
    if (s)
        jsonw_strn(w, s, strlen(s));
    else
        jsonw_null(w);
}
