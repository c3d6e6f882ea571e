/* Texts: parts, search, padding. Positions count characters (code points) from 1, as BinaryStringData does. */
#include "base/utf8.h"
#include "sql/fn.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
#define UNUSED ((void)ev, (void)x, (void)null)

static struct bytes part(struct bytes s, size_t from, size_t chars)
{
    size_t start = text_prefix(s, from);
    struct bytes rest = {s.p + start, s.n - start};
    rest.n = text_prefix(rest, chars);
    return rest;
}

static const struct bytes empty = {(const uint8_t *)"", 0};

FN(char_length)
{
    UNUSED;
    return got_int(out, (int64_t)text_chars(a[0].s));
}

FN(octet_length)
{
    UNUSED;
    return got_int(out, (int64_t)a[0].s.n);
}

FN(substring)
{
    UNUSED;
    int64_t pos = a[1].i, length = x->n > 2 ? a[2].i : INT32_MAX, chars = (int64_t)text_chars(a[0].s);
    if (length < 0)
        return GOT_NULL;
    int64_t start = pos > 0 ? pos - 1 : pos < 0 ? chars + pos : 0;
    if (start < 0 || start >= chars)
        return got_bytes(out, empty);
    return got_bytes(out, part(a[0].s, (size_t)start, (size_t)length));
}

FN(left)
{
    UNUSED;
    if (a[1].i <= 0)
        return got_bytes(out, empty);
    return got_bytes(out, part(a[0].s, 0, (size_t)a[1].i));
}

FN(right)
{
    UNUSED;
    int64_t chars = (int64_t)text_chars(a[0].s);
    if (a[1].i <= 0)
        return got_bytes(out, empty);
    return got_bytes(out, part(a[0].s, a[1].i >= chars ? 0 : (size_t)(chars - a[1].i), (size_t)chars));
}

/* ASCII case of one character; others keep theirs, but for Latin-1, Greek and Cyrillic, which move by a distance. */
static uint32_t upper_of(uint32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    if ((c >= 0xe0 && c <= 0xfe && c != 0xf7) || (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) || (c >= 0x430 && c <= 0x44f))
        return c - 32;
    if (c >= 0x450 && c <= 0x45f)
        return c - 80;
    return c >= 0x100 && c <= 0x17f && c % 2 && (c < 0x138 || c > 0x148) && c != 0x131 && c != 0x17f ? c - 1
        : c == 0xff                                                                                  ? 0x178
                                                                                                     : c;
}

static uint32_t lower_of(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    return c >= 0x100 && c <= 0x17f && c % 2 == 0 && (c < 0x138 || c > 0x148) && c != 0x130 ? c + 1 : c;
}

static enum got mapped(struct eval *ev, struct bytes s, uint32_t (*map)(uint32_t), union cell *out)
{
    struct buf *b = fn_buf(ev);
    for (size_t i = 0; i < s.n;) {
        uint32_t code;
        unsigned n = utf8_next(s.p + i, s.n - i, &code);
        if (code == 0xdf && n && map == upper_of)
            buf_puts(b, "SS");
        else if (n)
            utf8_put(b, map(code));
        else
            buf_putc(b, s.p[i]);
        i += n ? n : 1;
    }
    return got_buf(ev, out);
}

FN(upper)
{
    UNUSED;
    return mapped(ev, a[0].s, upper_of, out);
}

FN(lower)
{
    UNUSED;
    return mapped(ev, a[0].s, lower_of, out);
}

FN(initcap)
{
    UNUSED;
    struct buf *b = fn_buf(ev);
    bool start = true;
    for (size_t i = 0; i < a[0].s.n; i++) { /* of ASCII letters and digits only, as SqlFunctionUtils#initcap */
        uint8_t c = a[0].s.p[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        buf_putc(b, letter ? (start ? c & 0xdf : c | 32) : c);
        start = !(letter || (c >= '0' && c <= '9'));
    }
    return got_buf(ev, out);
}

FN(reverse)
{
    UNUSED;
    struct bytes s = a[0].s;
    uint8_t *to = scratch_alloc(&ev->heap, s.n), *at = to + s.n;
    for (const uint8_t *p = s.p, *end = p + s.n; p < end;) {
        unsigned n = text_char(p, end);
        at -= n;
        memcpy(at, p, n);
        p += n;
    }
    return got_bytes(out, (struct bytes){to, s.n});
}

FN(repeat)
{
    UNUSED;
    size_t n = a[1].i > 0 ? (size_t)a[1].i : 0, size;
    if (__builtin_mul_overflow(a[0].s.n, n, &size) || size > INT32_MAX)
        return got_failed(ev, "REPEAT makes a text that is too long");
    uint8_t *to = scratch_alloc(&ev->heap, size);
    for (size_t i = 0; i < n && a[0].s.n; i++)
        memcpy(to + i * a[0].s.n, a[0].s.p, a[0].s.n);
    return got_bytes(out, (struct bytes){to, size});
}

FN(replace)
{
    UNUSED;
    struct bytes s = a[0].s, old = a[1].s;
    struct buf *b = fn_buf(ev);
    size_t from = 0;
    if (!old.n) { /* String#replace puts it between all characters */
        buf_put(b, a[2].s.p, a[2].s.n);
        for (const uint8_t *p = s.p, *end = p + s.n; p < end;) {
            unsigned n = text_char(p, end);
            buf_put(b, p, n);
            buf_put(b, a[2].s.p, a[2].s.n);
            p += n;
        }
        return got_buf(ev, out);
    }
    for (ptrdiff_t at; (at = bytes_find(s, old, from)) >= 0; from = (size_t)at + old.n) {
        buf_put(b, s.p + from, (size_t)at - from);
        buf_put(b, a[2].s.p, a[2].s.n);
    }
    buf_put(b, s.p + from, s.n - from);
    return got_buf(ev, out);
}

static bool has_char(struct bytes set, const uint8_t *p, unsigned n) { return bytes_find(set, (struct bytes){p, n}, 0) >= 0; }

static struct bytes trim_left(struct bytes s, struct bytes set)
{
    while (s.n) {
        unsigned n = text_char(s.p, s.p + s.n);
        if (!has_char(set, s.p, n))
            break;
        s = (struct bytes){s.p + n, s.n - n};
    }
    return s;
}

static struct bytes trim_right(struct bytes s, struct bytes set)
{
    while (s.n) {
        size_t n = 1;
        while (n < s.n && n < 4 && (s.p[s.n - n] & 0xc0) == 0x80)
            n++;
        if (!has_char(set, s.p + s.n - n, (unsigned)n))
            break;
        s.n -= n;
    }
    return s;
}

static const struct bytes blank = {(const uint8_t *)" ", 1};

FN(ltrim)
{
    UNUSED;
    return got_bytes(out, trim_left(a[0].s, x->n > 1 ? a[1].s : blank));
}

FN(rtrim)
{
    UNUSED;
    return got_bytes(out, trim_right(a[0].s, x->n > 1 ? a[1].s : blank));
}

FN(btrim)
{
    UNUSED;
    struct bytes set = x->n > 1 ? a[1].s : blank;
    return got_bytes(out, trim_right(trim_left(a[0].s, set), set));
}

/* TRIM(BOTH set FROM text): the word, the set, the text. */
FN(trim)
{
    UNUSED;
    bool leading = a[0].s.p[0] != 'T', trailing = a[0].s.p[0] != 'L';
    struct bytes s = leading ? trim_left(a[2].s, a[1].s) : a[2].s;
    return got_bytes(out, trailing ? trim_right(s, a[1].s) : s);
}

static enum got padded(struct eval *ev, const union cell *a, bool left, union cell *out)
{
    struct bytes s = a[0].s, pad = a[2].s;
    int64_t want = a[1].i, chars = (int64_t)text_chars(s);
    if (want < 0 || !pad.n)
        return GOT_NULL;
    if (want > 1 << 28)
        return got_failed(ev, "a text would be padded to %lld characters", (long long)want);
    if (chars >= want)
        return got_bytes(out, part(s, 0, (size_t)want));
    struct buf *b = fn_buf(ev);
    if (!left)
        buf_put(b, s.p, s.n);
    size_t pads = text_chars(pad);
    for (size_t need = (size_t)(want - chars); need;) {
        size_t now = need < pads ? need : pads;
        struct bytes some = part(pad, 0, now);
        buf_put(b, some.p, some.n);
        need -= now;
    }
    if (left)
        buf_put(b, s.p, s.n);
    return got_buf(ev, out);
}

FN(lpad)
{
    UNUSED;
    return padded(ev, a, true, out);
}

FN(rpad)
{
    UNUSED;
    return padded(ev, a, false, out);
}

FN(overlay)
{
    UNUSED;
    struct bytes s = a[0].s, r = a[1].s;
    int64_t chars = (int64_t)text_chars(s), start = a[2].i, length = x->n > 3 ? a[3].i : (int64_t)text_chars(r);
    if (start <= 0 || start > chars)
        return got_bytes(out, s);
    struct buf *b = fn_buf(ev);
    struct bytes head = part(s, 0, (size_t)start - 1);
    buf_put(b, head.p, head.n);
    buf_put(b, r.p, r.n);
    if (start + length <= chars && length > 0) {
        struct bytes tail = part(s, (size_t)(start - 1 + length), (size_t)chars);
        buf_put(b, tail.p, tail.n);
    }
    return got_buf(ev, out);
}

/* The character at which `find` begins, from the character `from` on (0 …); 0: nowhere. */
static int64_t position(struct bytes find, struct bytes s, int64_t from)
{
    if (from < 0)
        from = 0;
    if (!find.n)
        return from + 1 <= (int64_t)text_chars(s) + 1 ? (from ? from + 1 : 1) : 0;
    ptrdiff_t at = bytes_find(s, find, text_prefix(s, (size_t)from));
    return at < 0 ? 0 : (int64_t)text_chars((struct bytes){s.p, (size_t)at}) + 1;
}

FN(position)
{
    UNUSED;
    return got_int(out, position(a[0].s, a[1].s, x->n > 2 ? a[2].i - 1 : 0));
}

/* INSTR(text, find[, start[, nth]]). */
FN(instr)
{
    UNUSED;
    struct bytes s = a[0].s, find = a[1].s;
    int64_t start = x->n > 2 ? a[2].i : 1, nth = x->n > 3 ? a[3].i : 1, at = 0;
    if (nth <= 0)
        return got_failed(ev, "nthAppearance must be positive!");
    if (start < 0) { /* backwards: the same in the reversed texts */
        union cell r[2], turned[2] = {{.s = s}, {.s = find}};
        row_reverse(ev, x, &turned[0], null, &r[0]);
        row_reverse(ev, x, &turned[1], null, &r[1]);
        for (start = -start; nth && (at = position(r[1].s, r[0].s, start - 1)); nth--)
            start = at + 1;
        return got_int(out, at ? (int64_t)text_chars(s) + 2 - at - (int64_t)text_chars(find) : 0);
    }
    for (; start && nth && (at = position(find, s, start - 1)); nth--)
        start = at + 1;
    return got_int(out, at);
}

FN(concat)
{
    UNUSED;
    struct buf *b = fn_buf(ev);
    for (uint32_t i = 0; i < x->n; i++)
        buf_put(b, a[i].s.p, a[i].s.n);
    return got_buf(ev, out);
}

FN(concat_ws)
{
    (void)null;
    struct buf *b = fn_buf(ev);
    bool some = false;
    if (null[0])
        return GOT_NULL;
    for (uint32_t i = 1; i < x->n; i++) {
        if (null[i])
            continue;
        if (some)
            buf_put(b, a[0].s.p, a[0].s.n);
        some = true;
        buf_put(b, a[i].s.p, a[i].s.n);
    }
    return got_buf(ev, out);
}

FN(startswith)
{
    UNUSED;
    return got_bool(out, a[0].s.n >= a[1].s.n && !memcmp(a[0].s.p, a[1].s.p, a[1].s.n));
}

FN(endswith)
{
    UNUSED;
    return got_bool(out, a[0].s.n >= a[1].s.n && !memcmp(a[0].s.p + a[0].s.n - a[1].s.n, a[1].s.p, a[1].s.n));
}

FN(ascii)
{
    UNUSED;
    uint32_t code = 0;
    if (a[0].s.n)
        code = (uint8_t)a[0].s.p[0];
    return got_int(out, (int8_t)code);
}

FN(chr)
{
    UNUSED;
    struct buf *b = fn_buf(ev);
    if (a[0].i >= 0)
        utf8_put(b, (uint32_t)(a[0].i & 0xff));
    return got_buf(ev, out);
}

FN(elt)
{
    if (null[0] || a[0].i < 1 || a[0].i >= x->n || null[a[0].i])
        return GOT_NULL;
    (void)ev;
    *out = a[a[0].i];
    return GOT_VALUE;
}

FN(translate)
{
    UNUSED;
    if (null[0])
        return GOT_NULL;
    struct bytes s = a[0].s, from = null[1] ? empty : a[1].s, to = null[2] ? empty : a[2].s;
    if (!from.n)
        return got_bytes(out, s);
    struct buf *b = fn_buf(ev);
    for (const uint8_t *p = s.p, *end = p + s.n; p < end;) {
        unsigned n = text_char(p, end);
        int64_t at = position((struct bytes){p, n}, from, 0);
        struct bytes one = at ? part(to, (size_t)at - 1, 1) : (struct bytes){p, n};
        buf_put(b, one.p, one.n);
        p += n;
    }
    return got_buf(ev, out);
}

/* SPLIT_INDEX(text, separator or its code, index from 0). */
FN(split_index)
{
    UNUSED;
    uint8_t code[2];
    struct bytes s = a[0].s, by = a[1].s;
    int64_t want = a[2].i;
    if (type_is_integer(x->args[1]->type)) {
        if (a[1].i > 255 || a[1].i < 1)
            return GOT_NULL;
        code[0] = (uint8_t)(a[1].i < 0x80 ? a[1].i : 0xc0 | a[1].i >> 6);
        code[1] = (uint8_t)(0x80 | (a[1].i & 63));
        by = (struct bytes){code, a[1].i < 0x80 ? 1 : 2};
    }
    if (!by.n)
        by = blank;
    if (want < 0 || !s.n)
        return GOT_NULL;
    size_t from = 0;
    for (;; want--) {
        ptrdiff_t at = bytes_find(s, by, from);
        size_t end = at < 0 ? s.n : (size_t)at;
        if (!want)
            return got_bytes(out, (struct bytes){s.p + from, end - from});
        if (at < 0)
            return GOT_NULL;
        from = end + by.n;
    }
}

/* The absolute value of Java's String#hashCode, over UTF-16 units, or of Integer's or Long's. */
FN(hash_code)
{
    UNUSED;
    uint32_t h = 0;
    if (type_is_integer(x->args[0]->type)) {
        h = x->args[0]->type->root == L_BIGINT ? (uint32_t)((uint64_t)a[0].i ^ (uint64_t)a[0].i >> 32) : (uint32_t)a[0].i;
        return got_int(out, (int32_t)h < 0 ? (int32_t)-h : (int32_t)h);
    }
    for (size_t i = 0; i < a[0].s.n;) {
        uint32_t code;
        unsigned n = utf8_next(a[0].s.p + i, a[0].s.n - i, &code);
        if (!n) {
            n = 1;
            code = 0xfffd;
        }
        if (code >= 0x10000) {
            h = h * 31 + (0xd7c0 + (code >> 10));
            code = 0xdc00 | (code & 0x3ff);
        }
        h = h * 31 + code;
        i += n;
    }
    return got_int(out, (int32_t)h < 0 ? (int32_t)-h : (int32_t)h);
}
