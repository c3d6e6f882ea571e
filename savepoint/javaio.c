#include "savepoint/javaio.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"

static inline uint64_t load8(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static inline uint32_t load4(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

/* Most texts are short. The last word overlaps the one before it, so that hardly a tail is left to do byte by byte. */
static inline bool all_ascii(const uint8_t *p, size_t n)
{
    if (n >= 8) {
        uint64_t any = load8(p + n - 8);
        for (const uint8_t *last = p + n - 8; p < last; p += 8)
            any |= load8(p);
        return !(any & UINT64_C(0x8080808080808080));
    }
    if (n >= 4)
        return !((load4(p) | load4(p + n - 4)) & 0x80808080);
    uint8_t any = 0;
    for (; n; p++, n--)
        any |= *p;
    return !(any & 0x80);
}

static void put3(struct buf *b, uint32_t c)
{
    uint8_t u[3] = {(uint8_t)(0xe0 | c >> 12), (uint8_t)(0x80 | (c >> 6 & 0x3f)), (uint8_t)(0x80 | (c & 0x3f))};
    buf_put(b, u, 3);
}

void java_unit(struct buf *b, size_t from, uint16_t c)
{
    if (c < 0x80) {
        buf_putc(b, (uint8_t)c);
    } else if (c < 0x800) {
        uint8_t u[2] = {(uint8_t)(0xc0 | c >> 6), (uint8_t)(0x80 | (c & 0x3f))};
        buf_put(b, u, 2);
    } else if (c >= 0xdc00 && c < 0xe000 && b->n >= from + 3 && b->p[b->n - 3] == 0xed && b->p[b->n - 2] >= 0xa0 &&
               b->p[b->n - 2] < 0xb0) {
        uint32_t high = (uint32_t)(b->p[b->n - 2] & 0x0f) << 6 | (b->p[b->n - 1] & 0x3f);
        uint32_t cp = 0x10000 + (high << 10 | (c & 0x3ffU));
        b->n -= 3;
        uint8_t u[4] = {(uint8_t)(0xf0 | cp >> 18), (uint8_t)(0x80 | (cp >> 12 & 0x3f)), (uint8_t)(0x80 | (cp >> 6 & 0x3f)),
                        (uint8_t)(0x80 | (cp & 0x3f))};
        buf_put(b, u, 4);
    } else {
        put3(b, c);
    }
}

bool java_mutf8(struct buf *b, const uint8_t *p, size_t n)
{
    if (all_ascii(p, n)) {
        buf_put(b, p, n);
        return true;
    }
    size_t from = b->n;
    for (const uint8_t *end = p + n; p < end;) {
        uint8_t c = *p;
        if (c < 0x80) {
            buf_putc(b, c);
            p++;
        } else if ((c & 0xe0) == 0xc0 && end - p >= 2 && (p[1] & 0xc0) == 0x80) {
            java_unit(b, from, (uint16_t)((c & 0x1f) << 6 | (p[1] & 0x3f)));
            p += 2;
        } else if ((c & 0xf0) == 0xe0 && end - p >= 3 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
            java_unit(b, from, (uint16_t)((c & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f)));
            p += 3;
        } else {
            return false;
        }
    }
    return true;
}

const char *java_utf(struct rd *r, struct arena *a)
{
    size_t n = rd_u16(r);
    const uint8_t *p = rd_take(r, n);
    if (!p || !n)
        return "";
    if (all_ascii(p, n))
        return arena_strn(a, (const char *)p, n);
    struct buf b = {0};
    if (!java_mutf8(&b, p, n))
        rd_fail(r, "not modified UTF-8");
    const char *s = rd_ok(r) ? arena_strn(a, (const char *)b.p, b.n) : "";
    buf_free(&b);
    return s;
}

/* `units` UTF-16 units of 7-bit groups each. Text goes to out; without one it is only walked. */
static void units(struct rd *r, uint32_t n, struct sink *out)
{
    if (rd_left(r) < n) {
        rd_short(r);
        sink_null(out);
        return;
    }
    if (all_ascii(r->p, n)) {
        sink_text(out, (const char *)r->p, n);
        r->p += n;
        return;
    }
    struct buf *b = out ? &out->scratch : NULL;
    if (b) {
        b->n = 0;
        buf_reserve(b, n);
    }
    const uint8_t *p = r->p, *end = r->end;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t c = p < end ? *p++ : 0x80;
        if (c >= 0x80) {
            c &= 0x7f;
            for (unsigned shift = 7;; shift += 7) {
                if (p == end || shift > 14) {
                    r->p = p;
                    rd_fail(r, p == end ? "ends inside a string" : "a character of more than 16 bits");
                    sink_null(out);
                    return;
                }
                uint8_t g = *p++;
                c |= (uint32_t)(g & 0x7f) << shift;
                if (!(g & 0x80))
                    break;
            }
        }
        if (c > 0xffff) {
            r->p = p;
            rd_fail(r, "a character of more than 16 bits");
            sink_null(out);
            return;
        }
        if (b) {
            if (c < 0x80)
                buf_putc(b, (uint8_t)c);
            else
                java_unit(b, 0, (uint16_t)c);
        }
    }
    r->p = p;
    if (b)
        sink_text(out, (const char *)b->p, b->n);
}

void java_flink_string(struct rd *r, struct sink *out)
{
    const uint8_t *p = r->p;
    if (__builtin_expect(p < r->end && *p - 1U < 0x7f, 1)) { /* nearly all: short, and ASCII */
        size_t n = *p++ - 1U;
        if ((size_t)(r->end - p) >= n && all_ascii(p, n)) {
            r->p = p + n;
            sink_text(out, (const char *)p, n);
            return;
        }
    }
    uint32_t n = rd_varint32(r);
    if (n == 0)
        sink_null(out);
    else
        units(r, n - 1, out);
}

void java_string_value(struct rd *r, struct sink *out) { units(r, rd_varint32(r), out); }

/* A sink that keeps the one text it is given. */
struct keep {
    struct sink sink;
    struct arena *a;
    const char *text;
};

static void keep_text(struct sink *o, const char *s, size_t n)
{
    struct keep *k = (struct keep *)o;
    k->text = arena_strn(k->a, s, n);
}

static void keep_null(struct sink *o) { (void)o; }

const char *java_flink_str(struct rd *r, struct arena *a)
{
    static const struct sink_ops ops = {.text = keep_text, .null = keep_null};
    struct keep k = {.sink = {.ops = &ops}, .a = a};
    java_flink_string(r, &k.sink);
    buf_free(&k.sink.scratch);
    return rd_ok(r) ? k.text : NULL;
}

/* Decimal digits of a two's complement integer: sign told apart, at least one digit. */
static void decimal_digits(struct buf *to, const uint8_t *p, size_t n, bool *negative)
{
    *negative = p[0] & 0x80;
    if (n <= 8) {
        uint64_t v = *negative ? UINT64_MAX : 0;
        for (size_t i = 0; i < n; i++)
            v = v << 8 | p[i];
        buf_printf(to, "%llu", (unsigned long long)(*negative ? 0 - v : v));
        return;
    }
    /* magnitude in base 2^32, then divided by 10^9 again and again */
    size_t words = (n + 3) / 4;
    uint32_t *w = mem_zalloc(words * sizeof *w);
    unsigned carry = 1;
    for (size_t i = 0; i < n; i++) {
        unsigned byte = p[n - 1 - i];
        if (*negative) {
            byte = (~byte & 0xff) + carry;
            carry = byte >> 8;
            byte &= 0xff;
        }
        w[i / 4] |= (uint32_t)byte << 8 * (i % 4);
    }
    char *groups = mem_alloc(words * 10 + 10); /* nine digits a group, last group first */
    size_t at = words * 10 + 10;
    while (words && !w[words - 1])
        words--;
    while (words) {
        uint64_t rest = 0;
        for (size_t i = words; i--;) {
            rest = rest << 32 | w[i];
            w[i] = (uint32_t)(rest / 1000000000);
            rest %= 1000000000;
        }
        while (words && !w[words - 1])
            words--;
        for (int d = 0; d < 9 && (words || rest || d == 0); d++) {
            groups[--at] = (char)('0' + rest % 10);
            rest /= 10;
        }
    }
    size_t total = (n + 3) / 4 * 10 + 10;
    if (at == total)
        groups[--at] = '0';
    buf_put(to, groups + at, total - at);
    free(groups);
    free(w);
}

static void decimal(struct sink *out, const uint8_t *p, size_t n, int32_t scale, bool plain)
{
    struct buf *b = &out->scratch, digits = {0};
    if (n > 64 << 10) {
        sink_textz(out, "(a number of more than 64 KiB)");
        return;
    }
    bool negative;
    decimal_digits(&digits, p, n, &negative);
    b->n = 0;
    if (negative)
        buf_putc(b, '-');

    int64_t adjusted = (int64_t)digits.n - 1 - scale;
    if (plain && (scale < -(1 << 20) || scale > 1 << 20))
        plain = false; /* digits that nobody could read */
    if (scale == 0) {
        buf_put(b, digits.p, digits.n);
    } else if (plain && scale < 0) {
        buf_put(b, digits.p, digits.n);
        for (int32_t i = scale; i < 0 && !(digits.n == 1 && digits.p[0] == '0'); i++)
            buf_putc(b, '0');
    } else if (plain || (scale > 0 && adjusted >= -6)) {
        if ((int64_t)digits.n > scale) {
            buf_put(b, digits.p, digits.n - (size_t)scale);
        } else {
            buf_putc(b, '0');
        }
        buf_putc(b, '.');
        for (int64_t i = (int64_t)digits.n; i < scale; i++)
            buf_putc(b, '0');
        size_t frac = (int64_t)digits.n > scale ? (size_t)scale : digits.n;
        buf_put(b, digits.p + digits.n - frac, frac);
    } else {
        buf_putc(b, digits.p[0]);
        if (digits.n > 1) {
            buf_putc(b, '.');
            buf_put(b, digits.p + 1, digits.n - 1);
        }
        if (adjusted)
            buf_printf(b, "E%+lld", (long long)adjusted);
    }
    sink_text(out, (const char *)b->p, b->n);
    buf_free(&digits);
}

void java_decimal(struct sink *out, const uint8_t *p, size_t n, int32_t scale) { decimal(out, p, n, scale, false); }

void java_decimal_plain(struct sink *out, const uint8_t *p, size_t n, int32_t scale) { decimal(out, p, n, scale, true); }

/* v >= 0 with at least `width` digits. */
static void put_digits(struct buf *b, uint64_t v, int width)
{
    char digits[20], *end = digits + sizeof digits, *p = end;
    while (v || end - p < width) {
        *--p = (char)('0' + v % 10);
        v /= 10;
    }
    buf_put(b, p, (size_t)(end - p));
}

void java_local_date(struct buf *b, int64_t year, int month, int day)
{
    if (year > 9999 || year < 0)
        buf_putc(b, year < 0 ? '-' : '+');
    put_digits(b, year < 0 ? 0 - (uint64_t)year : (uint64_t)year, 4);
    buf_putc(b, '-');
    put_digits(b, (uint64_t)month, 2);
    buf_putc(b, '-');
    put_digits(b, (uint64_t)day, 2);
}

/* Nanos in groups of three, as java.time prints them: 3, 6 or 9 digits. */
static void put_nanos(struct buf *b, int32_t nanos)
{
    buf_putc(b, '.');
    if (nanos % 1000000 == 0)
        put_digits(b, (uint64_t)nanos / 1000000, 3);
    else if (nanos % 1000 == 0)
        put_digits(b, (uint64_t)nanos / 1000, 6);
    else
        put_digits(b, (uint64_t)nanos, 9);
}

static void put_clock(struct buf *b, int h, int m)
{
    put_digits(b, (uint64_t)h, 2);
    buf_putc(b, ':');
    put_digits(b, (uint64_t)m, 2);
}

static void put_second(struct buf *b, int s)
{
    buf_putc(b, ':');
    put_digits(b, (uint64_t)s, 2);
}

void java_local_time(struct buf *b, int h, int m, int s, int32_t nanos)
{
    put_clock(b, h, m);
    if (s || nanos)
        put_second(b, s);
    if (nanos)
        put_nanos(b, nanos);
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* Days since 1970-01-01 to a proleptic Gregorian date, in 400-year cycles that begin on 1 March. */
static void civil(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

void java_epoch_day(struct buf *b, int64_t day)
{
    int64_t year;
    int month, dom;
    civil(day, &year, &month, &dom);
    java_local_date(b, year, month, dom);
}

/* Seconds that java.time can hold: years of at most 9 digits. */
static bool in_range(int64_t seconds) { return seconds >= -31557014167219200 && seconds <= 31556889864403199; }

/* The day and a T, and how many seconds of the day are left; or what is no time at all. */
static bool put_day(struct buf *b, int64_t seconds, int *left)
{
    if (!in_range(seconds)) {
        buf_printf(b, "(second %lld)", (long long)seconds);
        return false;
    }
    int64_t day = floor_div(seconds, 86400);
    *left = (int)(seconds - day * 86400);
    java_epoch_day(b, day);
    buf_putc(b, 'T');
    return true;
}

void java_local_datetime(struct buf *b, int64_t seconds, int32_t nanos)
{
    int sod;
    if (put_day(b, seconds, &sod))
        java_local_time(b, sod / 3600, sod / 60 % 60, sod % 60, nanos);
}

/* DateTimeFormatter.ISO_INSTANT: seconds are always written. */
void java_instant(struct buf *b, int64_t seconds, int32_t nanos)
{
    int sod;
    if (!put_day(b, seconds, &sod))
        return;
    put_clock(b, sod / 3600, sod / 60 % 60);
    put_second(b, sod % 60);
    if (nanos)
        put_nanos(b, nanos);
    buf_putc(b, 'Z');
}

/* Of the smallest numbers one digit would do; Java takes the nearest decimal of two (4.9E-324). As digits_shortest. */
static int two_digits(double v, uint64_t *mantissa)
{
    char text[32];
    snprintf(text, sizeof text, "%.1e", v); /* d.de-ddd */
    *mantissa = (uint64_t)(text[0] - '0') * 10 + (uint64_t)(text[2] - '0');
    int exponent = atoi(text + 4) - 1;
    if (*mantissa % 10)
        return exponent;
    *mantissa /= 10;
    return exponent + 1;
}

size_t java_real(char *to, double v, bool single)
{
    char *p = to;
    if (isnan(v))
        return (size_t)(stpcpy(p, "NaN") - to);
    if (signbit(v)) {
        *p++ = '-';
        v = -v;
    }
    if (isinf(v))
        return (size_t)(stpcpy(p, "Infinity") - to);
    if (v == 0)
        return (size_t)(stpcpy(p, "0.0") - to);

    char d[24];
    uint64_t mantissa;
    int exponent = digits_shortest(v, single, &mantissa);
    if (mantissa < 10 && v < (single ? 1e-42 : 1e-320))
        exponent = two_digits(v, &mantissa);
    int n = (int)digits_u64(d, mantissa), point = n + exponent; /* v = 0.d1d2… * 10^point */
    if (v >= 1e-3 && v < 1e7) {                                 /* Double#toString: plain between 10^-3 and 10^7 */
        int i = 0;
        if (point <= 0) {
            *p++ = '0';
        } else {
            for (; i < point; i++)
                *p++ = i < n ? d[i] : '0';
        }
        *p++ = '.';
        for (int z = point; z < 0; z++)
            *p++ = '0';
        if (i >= n)
            *p++ = '0';
        while (i < n)
            *p++ = d[i++];
        return (size_t)(p - to);
    }
    *p++ = d[0];
    *p++ = '.';
    if (n == 1)
        *p++ = '0';
    for (int i = 1; i < n; i++)
        *p++ = d[i];
    p += sprintf(p, "E%d", point - 1);
    return (size_t)(p - to);
}
