/* JSON, read from the left to the right without building anything: for formats of lines. Whatever is wrong with it ends the text, and is told
 * once; so callers look at the answer of what they call last. */
#ifndef WEIR_RUNTIME_JSON_SCAN_H
#define WEIR_RUNTIME_JSON_SCAN_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "sql/batch.h"

enum { JSON_IN_DEPTH = 64 };

struct json_in {
    const uint8_t *p, *end;
    struct scratch *heap;
    const char *why; /* what is wrong; NULL: nothing */
    bool iso;
    bool lenient;    /* what is no value of its type is NULL */
    bool by_count;   /* of a row no more members count than it has fields */
    bool all_fields; /* a member that is not there is wrong */
    int depth;
};

/* False. Nothing is left to be read. */
bool json_wrong(struct json_in *in, const char *why);
/* The rest of a text with an escape in it, which begins at `from`; up to its closing quote. */
bool json_escaped(struct json_in *in, const uint8_t *from, struct bytes *s);
/* What may be a number's characters; n 0: there are none. */
struct bytes json_digits(struct json_in *in);
/* Any value. */
bool json_skip(struct json_in *in);

static inline void json_blanks(struct json_in *in)
{
    while (in->p < in->end && (*in->p == ' ' || *in->p == '\t' || *in->p == '\r' || *in->p == '\n'))
        in->p++;
}

/* That character behind blanks, if it is next. */
static inline bool json_mark(struct json_in *in, char c)
{
    json_blanks(in);
    if (in->p < in->end && *in->p == c) {
        in->p++;
        return true;
    }
    return false;
}

/* These characters, if they are next. */
static inline bool json_word(struct json_in *in, const char *w, size_t n)
{
    if ((size_t)(in->end - in->p) < n || memcmp(in->p, w, n))
        return false;
    in->p += n;
    return true;
}

/* The first quote or backslash, or the end. */
static inline const uint8_t *json_plain(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), escape = _mm_set1_epi8('\\');
    for (; end - p >= 16; p += 16) {
        __m128i some = _mm_loadu_si128((const __m128i *)(const void *)p);
        int hits = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(some, quote), _mm_cmpeq_epi8(some, escape)));
        if (hits)
            return p + __builtin_ctz((unsigned)hits);
    }
#endif
    while (p < end && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* Behind the opening quote. */
static inline bool json_text(struct json_in *in, struct bytes *s)
{
    const uint8_t *from = in->p;
    in->p = json_plain(from, in->end);
    *s = (struct bytes){from, (size_t)(in->p - from)};
    if (in->p < in->end && *in->p == '\\' && !json_escaped(in, from, s))
        return false;
    if (in->p == in->end)
        return json_wrong(in, "a text without an end");
    in->p++;
    return true;
}

#endif
