/* What expressions can call; functions.def lists it. */
#include <string.h>

#include "base/digest.h"
#include "base/rd.h"
#include "base/utf8.h"
#include "inspect/json_sink.h"
#include "migrate/cast.h"
#include "migrate/expr.h"

/* --- texts --- */

/* The bytes of its first n characters. */
static size_t prefix(const char *s, size_t n, int64_t characters)
{
    size_t at = 0;
    for (; at < n && characters > 0; characters--) {
        uint32_t code;
        unsigned k = utf8_next((const uint8_t *)s + at, n - at, &code);
        at += k ? k : 1;
    }
    return at;
}

static int64_t characters(const struct value *v)
{
    int64_t count = 0;
    for (size_t at = 0; at < v->n; count++)
        at += prefix(v->text + at, v->n - at, 1);
    return count;
}

static bool need_text(const struct value *v, struct err *e)
{
    return v->kind == VAL_TEXT || err_set(e, ERR_CONVERT, "what it is given is no text");
}

static bool need_int(const struct value *v, struct err *e)
{
    return v->kind == VAL_INT || err_set(e, ERR_CONVERT, "what it is given is no whole number");
}

/* Letters of ASCII; others stay as they are, so that what comes out depends on no locale. */
static bool change_case(const struct call *c, char from, struct value *v, struct err *e)
{
    if (!need_text(&c->args[0], e))
        return false;
    *v = value_text(c->arena, c->args[0].text, c->args[0].n);
    char *s = (char *)v->text; /* a copy of its own */
    for (size_t i = 0; i < v->n; i++)
        if (s[i] >= from && s[i] <= from + 25)
            s[i] = (char)(s[i] ^ 32);
    return true;
}

static bool upper(const struct call *c, struct value *v, struct err *e) { return change_case(c, 'a', v, e); }
static bool lower(const struct call *c, struct value *v, struct err *e) { return change_case(c, 'A', v, e); }

static bool trim(const struct call *c, struct value *v, struct err *e)
{
    if (!need_text(&c->args[0], e))
        return false;
    const char *s = c->args[0].text, *end = s + c->args[0].n;
    while (s < end && *s == ' ')
        s++;
    while (end > s && end[-1] == ' ')
        end--;
    *v = value_text(c->arena, s, (size_t)(end - s));
    return true;
}

static bool length(const struct call *c, struct value *v, struct err *e)
{
    const struct value *a = &c->args[0];
    *v = value_int(a->kind == VAL_TEXT ? characters(a) : a->n);
    return a->kind == VAL_BYTES || need_text(a, e);
}

/* From the first character on, which is number 1. */
static bool substring(const struct call *c, struct value *v, struct err *e)
{
    const struct value *a = &c->args[0];
    if (!need_text(a, e) || !need_int(&c->args[1], e) || (c->n > 2 && !need_int(&c->args[2], e)))
        return false;
    int64_t from = c->args[1].i, n = c->n > 2 ? c->args[2].i : INT64_MAX;
    if (from < 1 || n < 0)
        return err_set(e, ERR_CONVERT, "characters are counted from 1, and so many are taken");
    size_t at = prefix(a->text, a->n, from - 1);
    *v = value_text(c->arena, a->text + at, prefix(a->text + at, a->n - at, n));
    return true;
}

static bool replace(const struct call *c, struct value *v, struct err *e)
{
    const struct value *a = &c->args[0], *from = &c->args[1], *to = &c->args[2];
    struct buf b = {0};
    if (!need_text(a, e) || !need_text(from, e) || !need_text(to, e))
        return false;
    for (size_t at = 0; at < a->n;) {
        if (from->n && a->n - at >= from->n && !memcmp(a->text + at, from->text, from->n)) {
            buf_put(&b, to->text, to->n);
            at += from->n;
        } else {
            buf_putc(&b, (uint8_t)a->text[at++]);
        }
    }
    *v = value_text(c->arena, b.n ? (char *)b.p : "", b.n);
    buf_free(&b);
    return true;
}

static bool concat(const struct call *c, struct value *v, struct err *e)
{
    struct buf b = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < c->n; i++) {
        struct value t;
        ok = value_as_text(&c->args[i], c->arena, &t) || err_set(e, ERR_CONVERT, "a list, map or structure is no text");
        if (ok)
            buf_put(&b, t.text, t.n);
    }
    *v = value_text(c->arena, b.n ? (char *)b.p : "", b.n);
    buf_free(&b);
    return ok;
}

/* Stars for all characters but the last so many. */
static bool mask(const struct call *c, struct value *v, struct err *e)
{
    const struct value *a = &c->args[0];
    if (!need_text(a, e) || (c->n > 1 && !need_int(&c->args[1], e)))
        return false;
    int64_t keep = c->n > 1 ? c->args[1].i : 0, stars = characters(a) - (keep > 0 ? keep : 0);
    struct buf b = {0};
    size_t at = prefix(a->text, a->n, stars);
    for (int64_t i = 0; i < stars; i++)
        buf_putc(&b, '*');
    buf_put(&b, a->text + at, a->n - at);
    *v = value_text(c->arena, b.n ? (char *)b.p : "", b.n);
    buf_free(&b);
    return true;
}

static bool to_json(const struct call *c, struct value *v, struct err *e)
{
    struct buf b = {0};
    struct json_sink sink;
    (void)e;
    json_sink_init(&sink, &b);
    value_report(&c->args[0], &sink.sink);
    *v = value_text(c->arena, (char *)b.p, b.n);
    json_sink_free(&sink);
    buf_free(&b);
    return true;
}

/* --- digests: of a text's or bytes' own bytes, of other values' JSON --- */

static struct bytes material(const struct call *c, uint32_t i, struct err *e)
{
    const struct value *a = &c->args[i];
    struct value text;
    struct call one = *c;
    if (a->kind == VAL_TEXT || a->kind == VAL_BYTES)
        return (struct bytes){a->kind == VAL_TEXT ? (const uint8_t *)a->text : a->bytes, a->n};
    one.args = a;
    to_json(&one, &text, e);
    return (struct bytes){(const uint8_t *)text.text, text.n};
}

static void hex(const struct call *c, const uint8_t *digest, size_t n, struct value *v)
{
    char text[2 * DIGEST_MAX + 1];
    digest_hex(digest, n, text);
    *v = value_text(c->arena, text, 2 * n);
}

static bool digest(const struct call *c, enum digest_kind kind, struct value *v, struct err *e)
{
    uint8_t d[DIGEST_MAX];
    struct bytes b = material(c, 0, e);
    hex(c, d, digest_bytes(kind, b.p, b.n, d), v);
    return true;
}

static bool md5(const struct call *c, struct value *v, struct err *e) { return digest(c, DIGEST_MD5, v, e); }
static bool sha1(const struct call *c, struct value *v, struct err *e) { return digest(c, DIGEST_SHA1, v, e); }
static bool sha256(const struct call *c, struct value *v, struct err *e) { return digest(c, DIGEST_SHA256, v, e); }

enum { HMAC_BYTES = 32 };

static bool hmac_sha256(const struct call *c, struct value *v, struct err *e)
{
    uint8_t d[DIGEST_MAX];
    struct bytes b = material(c, 0, e), key = material(c, 1, e);
    hmac_sha256_of(key.p, key.n, b.p, b.n, d);
    hex(c, d, HMAC_BYTES, v);
    return true;
}

/* The first 8 bytes of SHA-256 as a number that is not negative. */
static bool hash64(const struct call *c, struct value *v, struct err *e)
{
    uint8_t d[DIGEST_MAX];
    struct bytes b = material(c, 0, e);
    digest_bytes(DIGEST_SHA256, b.p, b.n, d);
    *v = value_int((int64_t)(be64(d) & INT64_MAX));
    return true;
}

/* --- numbers, times --- */

static bool abs_value(const struct call *c, struct value *v, struct err *e)
{
    const struct value zero = value_int(0), *a = &c->args[0];
    enum typing_class cls = (enum typing_class)c->x->kids[0]->cls;
    int order;
    *v = *a;
    if (!value_order(a, cls, &zero, CLASS_INT, &order, e))
        return false;
    return order >= 0 || arithmetic_of(OP_SUB, &zero, CLASS_INT, a, cls, c->arena, v, e);
}

static bool now_ms(const struct call *c, struct value *v, struct err *e)
{
    (void)e;
    *v = value_int(c->row->now);
    return true;
}

static bool epoch_ms(const struct call *c, struct value *v, struct err *e)
{
    int64_t seconds, ms;
    int32_t nanos;
    if (c->args[0].kind != VAL_TEXT || !time_of_value(&c->args[0], &seconds, &nanos))
        return err_set(e, ERR_CONVERT, "what it is given is no date or time");
    if (__builtin_mul_overflow(seconds, INT64_C(1000), &ms) || __builtin_add_overflow(ms, nanos / 1000000, &ms))
        return err_set(e, ERR_CONVERT, "a time beyond 64 bits of milliseconds");
    *v = value_int(ms);
    return true;
}

static bool timestamp_ms(const struct call *c, struct value *v, struct err *e)
{
    return need_int(&c->args[0], e) && cast_to_class(&c->args[0], CLASS_INT, CLASS_INSTANT, c->arena, v, e);
}

/* --- any --- */

static bool coalesce(const struct call *c, struct value *v, struct err *e)
{
    (void)e;
    uint32_t i = 0;
    while (i + 1 < c->n && c->args[i].kind == VAL_NULL)
        i++;
    *v = c->args[i];
    return true;
}

static bool nullif(const struct call *c, struct value *v, struct err *e)
{
    int order;
    *v = c->args[0];
    if (c->args[0].kind == VAL_NULL || c->args[1].kind == VAL_NULL)
        return true;
    if (!value_order(&c->args[0], (enum typing_class)c->x->kids[0]->cls, &c->args[1], (enum typing_class)c->x->kids[1]->cls, &order,
                     e))
        return false;
    if (!order)
        *v = value_null();
    return true;
}

static bool size(const struct call *c, struct value *v, struct err *e)
{
    const struct value *a = &c->args[0];
    *v = value_int(a->kind == VAL_MAP ? a->n / 2 : a->n);
    return a->kind == VAL_LIST || a->kind == VAL_SET || a->kind == VAL_MAP ||
        err_set(e, ERR_CONVERT, "what it is given is no list or map");
}

static const struct function functions[] = {
#define FUNCTION(name, fn, min, max, args, nulls, result) {name, min, max, args, nulls, result, fn},
#include "migrate/functions.def"
#undef FUNCTION
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

const struct function *function_find(const char *name)
{
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (!strcmp(functions[i].name, name))
            return &functions[i];
    return NULL;
}

const char *function_at(const void *ctx, size_t i)
{
    (void)ctx;
    return i < FUNCTIONS ? functions[i].name : NULL;
}
