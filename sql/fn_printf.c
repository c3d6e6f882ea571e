/* PRINTF: java.util.Formatter (JDK 17, Locale.US) for texts, numbers and booleans. What Java's refuses gives NULL, as Flink's function does. */
#include <stdio.h>
#include <string.h>

#include "savepoint/javaio.h"
#include "sql/cast.h"
#include "sql/fn.h"
#include "sql/number.h"

enum { MAX_WIDTH = 100000 };

struct spec {
    uint32_t index; /* of the argument, from 1; 0: the next one */
    bool left, plus, blank, zero, comma, previous;
    int width, precision; /* -1: none */
    char conversion;
};

/* %[index$][flags][width][.precision]conversion, p behind the percent sign. False: it is none. */
static bool read_number(const char **p, const char *end, int *v)
{
    const char *from = *p;
    for (*v = 0; *p < end && **p >= '0' && **p <= '9' && *v < MAX_WIDTH; ++*p)
        *v = *v * 10 + **p - '0';
    return *p > from;
}

static bool read_spec(const char **p, const char *end, struct spec *s)
{
    const char *from = *p;
    int v;
    *s = (struct spec){.width = -1, .precision = -1};
    if (*p < end && **p == '<') {
        s->previous = true;
        ++*p;
    } else if (read_number(p, end, &v) && *p < end && **p == '$' && *from != '0') {
        s->index = (uint32_t)v;
        ++*p;
    } else {
        *p = from;
    }
    for (; *p < end && **p && strchr("-+ 0,", **p); ++*p)
        *(**p == '-' ? &s->left : **p == '+' ? &s->plus : **p == ' ' ? &s->blank : **p == '0' ? &s->zero : &s->comma) = true;
    if (!read_number(p, end, &s->width))
        s->width = -1;
    if (*p < end && **p == '.' && (++*p, !read_number(p, end, &s->precision)))
        return false;
    if (*p == end || (s->left && (s->zero || s->width < 0)) || (s->zero && s->width < 0) || (s->plus && s->blank))
        return false;
    s->conversion = *(*p)++;
    return s->conversion && strchr("sSdxXfbBn%", s->conversion);
}

static void pad(struct buf *b, const struct spec *s, const char *text, size_t n, size_t sign)
{
    size_t chars = text_chars((struct bytes){(const uint8_t *)text, n}), width = s->width > 0 ? (size_t)s->width : 0;
    size_t fill = width > chars ? width - chars : 0;
    for (size_t i = 0; i < fill && !s->left && !s->zero; i++)
        buf_putc(b, ' ');
    buf_put(b, text, sign);
    for (size_t i = 0; i < fill && s->zero; i++)
        buf_putc(b, '0');
    buf_put(b, text + sign, n - sign);
    for (size_t i = 0; i < fill && s->left; i++)
        buf_putc(b, ' ');
}

/* "1234.50" → "1,234.50"; digits alone, without a sign. */
static void put_grouped(struct buf *b, const char *digits, bool comma)
{
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; digits[i]; i++) {
        if (comma && i && i < whole && !((whole - i) % 3))
            buf_putc(b, ',');
        buf_putc(b, (uint8_t)digits[i]);
    }
}

static void put_number(struct buf *b, const struct spec *s, bool minus, const char *digits)
{
    struct buf t = {0};
    size_t sign = minus || s->plus || s->blank;
    if (sign)
        buf_putc(&t, minus ? '-' : s->plus ? '+' : ' ');
    put_grouped(&t, digits, s->comma);
    pad(b, s, buf_cstr(&t), t.n, sign);
    buf_free(&t);
}

static bool put_whole(struct buf *b, const struct spec *s, const struct ltype *t, union cell v)
{
    char text[24];
    if (!type_is_integer(t) || s->precision >= 0)
        return false;
    if (s->conversion == 'd') {
        snprintf(text, sizeof text, "%llu", (unsigned long long)(v.i < 0 ? 0 - (uint64_t)v.i : (uint64_t)v.i));
        put_number(b, s, v.i < 0, text);
        return true;
    }
    int bits = 8 << (t->root - L_TINYINT);
    uint64_t raw = bits == 64 ? (uint64_t)v.i : (uint64_t)v.i & ((UINT64_C(1) << bits) - 1);
    snprintf(text, sizeof text, s->conversion == 'x' ? "%llx" : "%llX", (unsigned long long)raw);
    pad(b, s, text, strlen(text), 0);
    return !s->comma && !s->plus && !s->blank;
}

/* A real by its digits as Java prints it, a decimal by its own: rounded half up. */
static bool put_fraction(struct buf *b, const struct spec *s, struct eval *ev, const struct ltype *t, union cell v)
{
    char text[64];
    struct arena a = {0};
    struct number x;
    size_t n = 0;
    (void)ev;
    if (type_is_real(t))
        n = java_real(text, v.d, t->root == L_FLOAT);
    else if (t->root == L_DECIMAL)
        n = dec_text(text, v.dec, t->scale);
    int digits = s->precision < 0 ? 6 : s->precision;
    text[n] = 0;
    bool ok = n && s->conversion == 'f', finite = ok && number_parse(&a, text, n, &x);
    if (ok && !finite) /* NaN, Infinity */
        pad(b, s, text, n, 0);
    if (finite) {
        struct buf d = {0};
        x = number_rounded(&a, &x, digits);
        int64_t whole = (int64_t)x.n - x.scale;
        buf_printf(&d, "%.*s", whole > 0 ? (int)(whole < x.n ? whole : x.n) : 1, whole > 0 ? x.digits : "0");
        for (int64_t i = x.n; i < whole; i++)
            buf_putc(&d, '0');
        if (digits)
            buf_putc(&d, '.');
        for (int64_t i = 0; i < digits; i++) {
            int64_t k = whole + i;
            buf_putc(&d, k >= 0 && k < x.n ? (uint8_t)x.digits[k] : '0');
        }
        put_number(b, s, *text == '-', buf_cstr(&d));
        buf_free(&d);
    }
    arena_free(&a);
    return ok;
}

/* Object#toString of Flink's values; timestamps as LocalDateTime prints them. */
static void put_value(struct buf *b, struct eval *ev, const struct ltype *t, union cell v, bool null)
{
    if (null) {
        buf_puts(b, "null");
    } else if (t->root == L_BOOLEAN) {
        buf_puts(b, v.b ? "true" : "false");
    } else if (type_is_integer(t) || t->root == L_DATE || t->root == L_TIME || t->slot == SLOT_I64 || t->slot == SLOT_I32) {
        buf_printf(b, "%lld", (long long)v.i); /* dates are days, intervals months or milliseconds */
    } else if (type_is_timestamp(t)) {
        java_local_datetime(b, floor_div(v.t.ms, 1000), (int32_t)(floor_mod(v.t.ms, 1000) * 1000000 + v.t.ns));
    } else {
        cell_text(b, ev, t, v, false);
    }
}

static bool put_text(struct buf *b, const struct spec *s, struct eval *ev, const struct ltype *t, union cell v, bool null)
{
    struct buf text = {0};
    bool truth = s->conversion == 'b' || s->conversion == 'B', upper = s->conversion == 'S' || s->conversion == 'B';
    if (truth)
        buf_puts(&text, null || (t->root == L_BOOLEAN && !v.b) ? "false" : "true");
    else
        put_value(&text, ev, t, v, null);
    for (size_t i = 0; upper && i < text.n; i++)
        text.p[i] = text.p[i] >= 'a' && text.p[i] <= 'z' ? (uint8_t)(text.p[i] - 32) : text.p[i];
    if (s->precision >= 0)
        text.n = text_prefix((struct bytes){text.p, text.n}, (size_t)s->precision);
    pad(b, s, buf_cstr(&text), text.n, 0);
    buf_free(&text);
    return !s->zero && !s->comma && !s->plus && !s->blank;
}

static bool put_argument(struct buf *b, const struct spec *s, struct eval *ev, const struct ltype *t, union cell v, bool null)
{
    if (null || strchr("sSbB", s->conversion)) {
        struct spec plain = *s;
        plain.zero = plain.comma = plain.plus = plain.blank = plain.zero && !null;
        return put_text(b, null && !strchr("sSbB", s->conversion) ? &plain : s, ev, t, v, null);
    }
    return strchr("dxX", s->conversion) ? put_whole(b, s, t, v) : put_fraction(b, s, ev, t, v);
}

enum got row_printf(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    struct buf *b = fn_buf(ev);
    struct spec s;
    uint32_t next = 0, last = 0;
    if (null[0])
        return GOT_NULL;
    for (const char *p = (const char *)a[0].s.p, *end = p + a[0].s.n; p < end;) {
        if (*p != '%') {
            buf_putc(b, (uint8_t)*p++);
            continue;
        }
        if (p++, !read_spec(&p, end, &s))
            return GOT_NULL;
        if (s.conversion == 'n' || s.conversion == '%') {
            if (s.conversion == 'n')
                buf_putc(b, '\n');
            else
                pad(b, &s, "%", 1, 0);
            continue;
        }
        uint32_t i = s.previous ? last : s.index ? s.index : ++next;
        last = i;
        if (!i || i >= x->n || !put_argument(b, &s, ev, x->args[i]->type, a[i], null[i]))
            return GOT_NULL;
    }
    return got_buf(ev, out);
}
