/* Digests and encodings of texts, addresses, and what a text is made of (SqlFunctionUtils of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <strings.h>

#include "base/digest.h"
#include "base/utf8.h"
#include "sql/base64.h"
#include "sql/fn.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
#define UNUSED ((void)ev, (void)x, (void)null)

static enum got digest(struct eval *ev, enum digest_kind kind, struct bytes b, union cell *out)
{
    uint8_t bytes[DIGEST_MAX];
    char text[2 * DIGEST_MAX + 1];
    size_t n = digest_bytes(kind, b.p, b.n, bytes);
    digest_hex(bytes, n, text);
    return got_text(ev, out, text, 2 * n);
}

#define DIGEST(ident, kind)                   \
    FN(ident)                                 \
    {                                         \
        UNUSED;                               \
        return digest(ev, kind, a[0].s, out); \
    }
DIGEST(md5, DIGEST_MD5)
DIGEST(sha1, DIGEST_SHA1)
DIGEST(sha224, DIGEST_SHA224)
DIGEST(sha256, DIGEST_SHA256)
DIGEST(sha384, DIGEST_SHA384)
DIGEST(sha512, DIGEST_SHA512)
#undef DIGEST

FN(sha2)
{
    UNUSED;
    switch (a[1].i) {
    case 224:
        return digest(ev, DIGEST_SHA224, a[0].s, out);
    case 256:
        return digest(ev, DIGEST_SHA256, a[0].s, out);
    case 384:
        return digest(ev, DIGEST_SHA384, a[0].s, out);
    case 512:
        return digest(ev, DIGEST_SHA512, a[0].s, out);
    default:
        return got_failed(ev, "Unsupported algorithm: SHA-%lld", (long long)a[1].i);
    }
}

FN(to_base64)
{
    UNUSED;
    base64_put(fn_buf(ev), a[0].s);
    return got_buf(ev, out);
}

FN(from_base64)
{
    UNUSED;
    return base64_read(fn_buf(ev), a[0].s) ? got_buf(ev, out) : got_failed(ev, "this is no Base64");
}

/* --- character sets: those that every Java has --- */

enum charset { ASCII, LATIN1, UTF8, UTF16BE, UTF16LE, UTF16 };

static bool charset_of(struct bytes name, enum charset *c)
{
    static const char *const names[] = {"US-ASCII", "ISO-8859-1", "UTF-8", "UTF-16BE", "UTF-16LE", "UTF-16"};
    for (int i = ASCII; i <= UTF16; i++)
        if (strlen(names[i]) == name.n && !strncasecmp(names[i], (const char *)name.p, name.n)) {
            *c = (enum charset)i;
            return true;
        }
    return false;
}

static void put_unit(struct buf *b, enum charset c, uint32_t unit)
{
    buf_putc(b, (uint8_t)(c == UTF16LE ? unit : unit >> 8));
    buf_putc(b, (uint8_t)(c == UTF16LE ? unit >> 8 : unit));
}

FN(encode)
{
    UNUSED;
    enum charset c;
    struct buf *b = fn_buf(ev);
    if (!charset_of(a[1].s, &c))
        return got_failed(ev, "Unsupported charset");
    if (c == UTF16 && a[0].s.n)
        put_unit(b, c, 0xfeff);
    for (size_t i = 0; i < a[0].s.n;) {
        uint32_t code;
        unsigned n = utf8_next(a[0].s.p + i, a[0].s.n - i, &code);
        if (!n) {
            n = 1;
            code = 0xfffd;
        }
        if (c == UTF8)
            buf_put(b, a[0].s.p + i, n);
        else if (c <= LATIN1)
            buf_putc(b, code < (c == ASCII ? 0x80u : 0x100u) ? (uint8_t)code : '?');
        else if (code >= 0x10000) {
            put_unit(b, c, 0xd7c0 + (code >> 10));
            put_unit(b, c, 0xdc00 | (code & 0x3ff));
        } else
            put_unit(b, c, code);
        i += n;
    }
    return got_buf(ev, out);
}

static void decode_units(struct buf *b, struct bytes s, enum charset c)
{
    size_t i = 0;
    bool little = c == UTF16LE;
    if (c == UTF16 && s.n >= 2 && ((s.p[0] == 0xfe && s.p[1] == 0xff) || (s.p[0] == 0xff && s.p[1] == 0xfe))) {
        little = s.p[0] == 0xff;
        i = 2;
    }
    for (uint32_t high = 0; i + 1 < s.n; i += 2) {
        uint32_t unit = little ? s.p[i] | (uint32_t)s.p[i + 1] << 8 : (uint32_t)s.p[i] << 8 | s.p[i + 1];
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
            continue;
        }
        if (high && unit >= 0xdc00 && unit < 0xe000)
            unit = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        high = 0;
        utf8_put(b, unit);
    }
}

FN(decode)
{
    UNUSED;
    enum charset c;
    struct buf *b = fn_buf(ev);
    struct bytes s = a[0].s;
    if (!charset_of(a[1].s, &c))
        return got_failed(ev, "Unsupported charset");
    if (c >= UTF16BE)
        decode_units(b, s, c);
    for (size_t i = 0; c <= UTF8 && i < s.n;) {
        uint32_t code;
        unsigned n = c == UTF8 ? utf8_next(s.p + i, s.n - i, &code) : 0;
        if (!n) {
            n = 1;
            code = c == LATIN1 || s.p[i] < 0x80 ? s.p[i] : 0xfffd;
        }
        utf8_put(b, code);
        i += n;
    }
    return got_buf(ev, out);
}

/* --- URLEncoder, URLDecoder --- */

FN(url_encode)
{
    UNUSED;
    struct buf *b = fn_buf(ev);
    for (size_t i = 0; i < a[0].s.n; i++) {
        uint8_t c = a[0].s.p[i];
        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || strchr(".-*_", c ? c : 1))
            buf_putc(b, c);
        else if (c == ' ')
            buf_putc(b, '+');
        else
            buf_printf(b, "%%%02X", c);
    }
    return got_buf(ev, out);
}

static int digit_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

FN(url_decode)
{
    UNUSED;
    struct buf *b = fn_buf(ev);
    struct bytes s = a[0].s;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            buf_putc(b, s.p[i] == '+' ? ' ' : s.p[i]);
            continue;
        }
        int high = i + 2 < s.n ? digit_of(s.p[i + 1]) : -1, low = i + 2 < s.n ? digit_of(s.p[i + 2]) : -1;
        if (high < 0 || low < 0)
            return GOT_NULL;
        buf_putc(b, (uint8_t)(high << 4 | low));
        i += 2;
    }
    return got_buf(ev, out);
}

/* --- PARSE_URL: the parts as java.net.URL names them --- */

struct url {
    struct bytes protocol, authority, user, host, path, query, ref, file;
};

static struct bytes between(const uint8_t *from, const uint8_t *to) { return (struct bytes){from, (size_t)(to - from)}; }

static const uint8_t *find(const uint8_t *p, const uint8_t *end, int c)
{
    const uint8_t *at = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
    return at ? at : end;
}

static bool url_parse(struct bytes s, struct url *u)
{
    static const char *const known[] = {"http", "https", "ftp", "file", "jar"};
    while (s.n && s.p[0] <= ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] <= ' ')
        s.n--;
    const uint8_t *p = s.p, *end = p + s.n, *colon = find(p, end, ':');
    bool ok = false;
    *u = (struct url){.protocol = between(p, colon)};
    for (size_t i = 0; i < 5 && colon < end; i++)
        ok = ok || (strlen(known[i]) == u->protocol.n && !strncasecmp(known[i], (const char *)p, u->protocol.n));
    if (!ok)
        return false;
    p = colon + 1;
    const uint8_t *hash = find(p, end, '#');
    if (hash < end)
        u->ref = between(hash + 1, end);
    end = hash;
    const uint8_t *mark = find(p, end, '?');
    if (mark < end)
        u->query = between(mark + 1, end);
    const uint8_t *stop = mark;
    if (stop - p >= 2 && p[0] == '/' && p[1] == '/') {
        const uint8_t *slash = find(p + 2, stop, '/'), *at = find(p + 2, slash, '@');
        u->authority = between(p + 2, slash);
        const uint8_t *host = p + 2;
        if (at < slash) {
            u->user = between(p + 2, at);
            host = at + 1;
        }
        u->host = between(host, find(host, slash, ':'));
        p = slash;
    }
    u->path = between(p, stop);
    u->file = between(p, end);
    return true;
}

static enum got query_key(struct bytes query, struct bytes key, union cell *out)
{
    for (const uint8_t *p = query.p, *end = p + query.n; p < end;) {
        const uint8_t *stop = find(p, end, '&'), *eq = find(p, stop, '=');
        if (eq < stop && bytes_same(between(p, eq), key))
            return got_bytes(out, between(eq + 1, stop));
        p = stop + 1;
    }
    return GOT_NULL;
}

FN(parse_url)
{
    UNUSED;
    struct url u;
    if (!url_parse(a[0].s, &u))
        return GOT_NULL;
    const struct {
        const char *word;
        struct bytes part;
    } parts[] = {{"HOST", u.host},         {"PATH", u.path}, {"QUERY", u.query},         {"REF", u.ref},
                 {"PROTOCOL", u.protocol}, {"FILE", u.file}, {"AUTHORITY", u.authority}, {"USERINFO", u.user}};
    for (size_t i = 0; i < 8; i++) {
        if (!bytes_same(a[1].s, (struct bytes){(const uint8_t *)parts[i].word, strlen(parts[i].word)}))
            continue;
        if (x->n > 2)
            return i == 2 && u.query.p ? query_key(u.query, a[2].s, out) : GOT_NULL;
        return parts[i].part.p ? got_bytes(out, parts[i].part) : GOT_NULL;
    }
    return GOT_NULL;
}

/* --- addresses --- */

FN(inet_aton)
{
    UNUSED;
    int64_t parts[4], value = 0;
    int n = 0, digits = 0;
    struct bytes s = a[0].s;
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
            value = value * 10 + (s.p[i] - '0');
            digits++;
            if (value > 255)
                return GOT_NULL;
            continue;
        }
        if ((i < s.n && s.p[i] != '.') || n == 4 || !digits)
            return GOT_NULL;
        parts[n++] = value;
        value = digits = 0;
    }
    for (int i = 0; i < n; i++)
        value |= parts[i] << (i == n - 1 && n < 4 ? 0 : 24 - 8 * i);
    return got_int(out, value);
}

FN(inet_ntoa)
{
    UNUSED;
    if (a[0].i < 0 || a[0].i > UINT32_MAX)
        return GOT_NULL;
    uint32_t v = (uint32_t)a[0].i;
    buf_printf(fn_buf(ev), "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
    return got_buf(ev, out);
}

/* --- what a text is --- */

static bool letter(uint32_t c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z' && c < 0x80) || c == 0xaa || c == 0xb5 || c == 0xba ||
        (c >= 0xc0 && c != 0xd7 && c != 0xf7 && c < 0x2c2) || (c >= 0x386 && c < 0x482) || (c >= 0x48a && c < 0x590) ||
        (c >= 0x5d0 && c < 0x5eb) || (c >= 0x3041 && c < 0x3100) || (c >= 0x4e00 && c < 0xa000) || (c >= 0xac00 && c < 0xd7a4);
}

FN(is_alpha)
{
    UNUSED;
    struct bytes s = a[0].s;
    if (null[0] || !type_is_text(x->args[0]->type) || !s.n)
        return got_bool(out, false);
    for (size_t i = 0; i < s.n;) {
        uint32_t code;
        unsigned n = utf8_next(s.p + i, s.n - i, &code);
        if (!n || !letter(code))
            return got_bool(out, false);
        i += n;
    }
    return got_bool(out, true);
}

FN(is_digit)
{
    UNUSED;
    if (type_is_integer(x->args[0]->type))
        return got_bool(out, !null[0]);
    bool all = !null[0] && type_is_text(x->args[0]->type) && a[0].s.n;
    for (size_t i = 0; all && i < a[0].s.n; i++)
        all = a[0].s.p[i] >= '0' && a[0].s.p[i] <= '9';
    return got_bool(out, all);
}

FN(is_decimal)
{
    UNUSED;
    char text[128], *end;
    if (type_is_number(x->args[0]->type))
        return got_bool(out, !null[0]);
    if (null[0] || !type_is_text(x->args[0]->type) || !a[0].s.n || a[0].s.n >= sizeof text)
        return got_bool(out, false);
    memcpy(text, a[0].s.p, a[0].s.n);
    text[a[0].s.n] = 0;
    strtod(text, &end);
    return got_bool(out, end != text && !*end && strspn(text, "+-.0123456789eE") == a[0].s.n);
}

/* TYPEOF: known when the expression is made. */
static enum got row_typeof(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    UNUSED;
    (void)a;
    const char *text = x->data;
    return got_bytes(out, (struct bytes){(const uint8_t *)text, strlen(text)});
}

bool bind_typeof(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)rex;
    union cell v = {.b = false};
    if (x->n > 1 && !expr_literal(x->args[1], &v))
        return fn_refuse(x, e);
    struct buf text = {0};
    ltype_text(x->args[0]->type, v.b ? LTYPE_SQL : LTYPE_SUMMARY, 1 << 20, &text);
    x->data = arena_strn(b->a, (const char *)text.p, text.n);
    buf_free(&text);
    x->row = row_typeof;
    return true;
}

/* --- JSON_QUOTE, JSON_UNQUOTE --- */

FN(json_quote)
{
    UNUSED;
    static const char from[] = "\"\\/\b\f\n\r\t", to[] = "\"\\/bfnrt";
    struct buf *b = fn_buf(ev);
    buf_putc(b, '"');
    for (size_t i = 0; i < a[0].s.n;) {
        uint32_t code;
        unsigned n = utf8_next(a[0].s.p + i, a[0].s.n - i, &code);
        const char *at = code && code < 0x80 && n ? strchr(from, (int)code) : NULL;
        if (at)
            buf_printf(b, "\\%c", to[at - from]);
        else if (n && code < 0x80)
            buf_putc(b, (uint8_t)code);
        else
            buf_printf(b, "\\u%04x", n ? code : 0xfffdu);
        i += n ? n : 1;
    }
    buf_putc(b, '"');
    return got_buf(ev, out);
}
