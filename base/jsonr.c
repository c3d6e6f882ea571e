#include "base/jsonr.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { NUMBER_MAX = 400 }; /* digits that a number may have */

static void fail(struct jsonr *r, const char *why)
{
    if (!r->why)
        r->why = why;
}

static void blanks(struct jsonr *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

/* The next byte that is no blank; 0 at the end or when failed. */
static uint8_t look(struct jsonr *r)
{
    if (r->why)
        return 0;
    blanks(r);
    return r->p < r->end ? *r->p : 0;
}

static bool take(struct jsonr *r, uint8_t c)
{
    if (look(r) != c)
        return false;
    r->p++;
    return true;
}

void jsonr_start(struct jsonr *r, const void *p, size_t n)
{
    if (!p) /* nothing was there to be put anywhere */
        p = "";
    *r = (struct jsonr){.p = p, .start = p, .end = (const uint8_t *)p + n, .text = r->text};
}

void jsonr_free(struct jsonr *r) { buf_free(&r->text); }

size_t jsonr_at(const struct jsonr *r) { return (size_t)(r->p - r->start); }

bool jsonr_end(struct jsonr *r)
{
    if (!r->why && (blanks(r), r->p < r->end))
        fail(r, "something follows the end");
    return !r->why;
}

enum jsonr_kind jsonr_peek(struct jsonr *r)
{
    uint8_t c = look(r);
    switch (c) {
    case '{':
        return JSONR_OBJECT;
    case '[':
        return JSONR_ARRAY;
    case '"':
        return JSONR_STRING;
    case 't':
    case 'f':
        return JSONR_BOOL;
    case 'n':
        return JSONR_NULL;
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return JSONR_NUMBER;
        fail(r, r->p < r->end ? "a value was expected" : "it ends early");
        return JSONR_NULL;
    }
}

static bool word(struct jsonr *r, const char *w)
{
    size_t n = strlen(w);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, w, n) != 0) {
        fail(r, "a word that is no JSON");
        return false;
    }
    r->p += n;
    return true;
}

/* --- strings --- */

static bool hex4(struct jsonr *r, uint32_t *v)
{
    *v = 0;
    if (r->end - r->p < 4)
        return false;
    for (int i = 0; i < 4; i++, r->p++) {
        uint8_t c = *r->p, low = c | 0x20;
        if (c >= '0' && c <= '9')
            *v = *v << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            *v = *v << 4 | (uint32_t)(low - 'a' + 10);
        else
            return false;
    }
    return true;
}

/* Behind "\u". */
static bool unicode(struct jsonr *r)
{
    uint32_t c, low;
    if (!hex4(r, &c))
        return false;
    if (c >= 0xd800 && c < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
        const uint8_t *back = r->p;
        r->p += 2;
        if (!hex4(r, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000)
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        else
            r->p = back;
    }
    utf8_put(&r->text, !r->java && (utf8_surrogate(c) || c == 0) ? 0xfffd : c);
    return true;
}

static bool escape(struct jsonr *r)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->p == r->end)
        return false;
    uint8_t c = *r->p++;
    if (c == 'u')
        return unicode(r);
    const char *at = c ? strchr(from, c) : NULL;
    if (!at)
        return false;
    buf_putc(&r->text, (uint8_t)to[at - from]);
    return true;
}

/* Behind the opening quote; the result may point into the text. */
static bool string(struct jsonr *r, struct bytes *v)
{
    const uint8_t *from = r->p;
    bool plain = true;
    r->text.n = 0;
    while (r->p < r->end && *r->p != '"') {
        uint32_t c;
        unsigned n;
        if (*r->p == '\\') {
            buf_put(&r->text, from, (size_t)(r->p - from));
            plain = false;
            r->p++;
            if (!escape(r)) {
                fail(r, "an escape that is none");
                return false;
            }
            from = r->p;
        } else if ((n = utf8_next(r->p, (size_t)(r->end - r->p), &c)) && c >= 0x20 && !utf8_surrogate(c)) {
            r->p += n;
        } else {
            fail(r, "a string with a byte that may not stand in one");
            return false;
        }
    }
    if (r->p == r->end) {
        fail(r, "it ends inside a string");
        return false;
    }
    if (plain) {
        *v = (struct bytes){from, (size_t)(r->p - from)};
    } else {
        buf_put(&r->text, from, (size_t)(r->p - from));
        *v = (struct bytes){r->text.p, r->text.n};
    }
    r->p++;
    return true;
}

bool jsonr_string(struct jsonr *r, struct bytes *v)
{
    if (jsonr_peek(r) != JSONR_STRING) {
        jsonr_skip(r);
        return false;
    }
    r->p++;
    return string(r, v);
}

/* --- numbers --- */

static bool digits(struct jsonr *r)
{
    const uint8_t *from = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > from;
}

bool jsonr_number(struct jsonr *r, struct bytes *v)
{
    if (jsonr_peek(r) != JSONR_NUMBER) {
        jsonr_skip(r);
        return false;
    }
    const uint8_t *from = r->p;
    r->p += *r->p == '-';
    bool zero = r->p < r->end && *r->p == '0', good = digits(r);
    if (zero && r->p - from > 1 + (*from == '-'))
        good = false;
    if (good && r->p < r->end && *r->p == '.') {
        r->p++;
        good = digits(r);
    }
    if (good && r->p < r->end && (*r->p | 0x20) == 'e') {
        r->p++;
        r->p += r->p < r->end && (*r->p == '+' || *r->p == '-');
        good = digits(r);
    }
    if (!good) {
        fail(r, "a number that is none");
        return false;
    }
    *v = (struct bytes){from, (size_t)(r->p - from)};
    return true;
}

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;
static void make_c_locale(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

double jsonr_to_real(struct bytes d)
{
    char s[NUMBER_MAX + 1], *end;
    if (!d.n || d.n > NUMBER_MAX || !(d.p[0] == '-' || (d.p[0] >= '0' && d.p[0] <= '9')))
        return NAN;
    for (size_t i = 0; i < d.n; i++) /* no words, no hexadecimal digits */
        if (!d.p[i] || !strchr("0123456789+-.eE", d.p[i]))
            return NAN;
    memcpy(s, d.p, d.n);
    s[d.n] = 0;
    pthread_once(&c_locale_once, make_c_locale);
    double v = strtod_l(s, &end, c_locale);
    return *end || end == s ? NAN : v;
}

bool jsonr_to_int(struct bytes d, int64_t *v)
{
    bool minus = d.n && d.p[0] == '-';
    uint64_t u = 0;
    size_t i = minus;
    for (; i < d.n && d.p[i] >= '0' && d.p[i] <= '9'; i++)
        if (__builtin_mul_overflow(u, (uint64_t)10, &u) || __builtin_add_overflow(u, (uint64_t)(d.p[i] - '0'), &u))
            return false;
    if (i == d.n && d.n > minus) {
        if (u > (uint64_t)INT64_MAX + minus)
            return false;
        *v = minus ? (int64_t)(0 - u) : (int64_t)u;
        return true;
    }
    double real = jsonr_to_real(d);
    /* cppcheck-suppress incorrectLogicOperator ; it takes 0x1p63 for 0 */
    if (!(real >= -0x1p63 && real < 0x1p63) || real != trunc(real))
        return false;
    *v = (int64_t)real;
    return true;
}

/* --- the rest --- */

bool jsonr_bool(struct jsonr *r, bool *v)
{
    if (jsonr_peek(r) != JSONR_BOOL) {
        jsonr_skip(r);
        return false;
    }
    bool yes = *r->p == 't';
    if (!word(r, yes ? "true" : "false"))
        return false;
    *v = yes;
    return true;
}

static void open_container(struct jsonr *r)
{
    r->p++;
    r->first = true;
    if (++r->depth > JSONR_DEPTH)
        fail(r, "it is nested too deeply");
}

/* A loop over another kind of value has no turn: an empty container is put in its place. */
static void open_or_skip(struct jsonr *r, enum jsonr_kind kind)
{
    if (jsonr_peek(r) == kind && !r->why) {
        open_container(r);
    } else {
        jsonr_skip(r);
        r->absent = true;
    }
}

void jsonr_array(struct jsonr *r) { open_or_skip(r, JSONR_ARRAY); }
void jsonr_object(struct jsonr *r) { open_or_skip(r, JSONR_OBJECT); }

/* Whether another member comes; consumes the comma before it, or the closing bracket. */
static bool more(struct jsonr *r, uint8_t close)
{
    if (r->absent) {
        r->absent = false;
        return false;
    }
    if (r->why)
        return false;
    if (take(r, close)) {
        r->depth--;
        r->first = false;
        return false;
    }
    if (!r->first && !take(r, ',')) {
        fail(r, r->p < r->end ? "a comma or a bracket was expected" : "it ends early");
        return false;
    }
    r->first = false;
    return true;
}

bool jsonr_next(struct jsonr *r) { return more(r, ']'); }

bool jsonr_key(struct jsonr *r, struct bytes *key)
{
    if (!more(r, '}'))
        return false;
    if (!take(r, '"')) {
        fail(r, r->p < r->end ? "a name was expected" : "it ends early");
        return false;
    }
    if (!string(r, key))
        return false;
    if (take(r, ':'))
        return true;
    fail(r, "a colon was expected");
    return false;
}

/* Without recursion: a skipped value may be as deep as any. */
void jsonr_skip(struct jsonr *r)
{
    uint8_t open[JSONR_DEPTH / 8 + 1] = {0}; /* bit set: an object */
    uint32_t base = r->depth;
    struct bytes ignored;
    for (;;) {
        switch (jsonr_peek(r)) {
        case JSONR_STRING:
            r->p++;
            string(r, &ignored);
            break;
        case JSONR_NUMBER:
            jsonr_number(r, &ignored);
            break;
        case JSONR_BOOL:
            word(r, *r->p == 't' ? "true" : "false");
            break;
        case JSONR_NULL:
            if (!r->why)
                word(r, "null");
            break;
        case JSONR_ARRAY:
        case JSONR_OBJECT: {
            bool object = *r->p == '{';
            open_container(r);
            if (r->why)
                return;
            uint32_t i = r->depth - 1;
            open[i / 8] = (uint8_t)((open[i / 8] & ~(1u << i % 8)) | (unsigned)object << i % 8);
            break;
        }
        }
        for (;;) {
            if (r->why || r->depth == base)
                return;
            uint32_t i = r->depth - 1;
            bool object = open[i / 8] >> i % 8 & 1;
            if (object ? jsonr_key(r, &ignored) : jsonr_next(r))
                break;
        }
    }
}

struct bytes jsonr_raw(struct jsonr *r)
{
    look(r);
    const uint8_t *from = r->p;
    jsonr_skip(r);
    return (struct bytes){from, r->why ? 0 : (size_t)(r->p - from)};
}
