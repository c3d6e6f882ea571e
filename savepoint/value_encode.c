#include "savepoint/value_encode.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/jsonr.h"
#include "base/utf8.h"
#include "savepoint/codec.h"
#include "savepoint/decimal.h"
#include "savepoint/encode.h"
#include "savepoint/javaio.h"
#include "savepoint/ser_write.h"

/* --- what is wrong, and where --- */

static void put_path(struct buf *b, const struct enc_step *p)
{
    const struct enc_step *chain[VALUE_MAX_DEPTH + 1];
    uint32_t n = 0;
    for (; p && n < VALUE_MAX_DEPTH; p = p->up)
        chain[n++] = p;
    while (n-- && b->n < 300) {
        if (!chain[n]->name)
            buf_printf(b, "[%u]", chain[n]->i);
        else if (*chain[n]->name)
            buf_printf(b, "%s%s", b->n ? "." : "", chain[n]->name);
    }
    if (b->n)
        buf_puts(b, ": ");
}

static void fail(struct enc *w, enum err_kind kind, const char *fmt, va_list ap)
{
    char why[400];
    struct buf path = {0};
    if (w->bad)
        return;
    w->bad = true;
    vsnprintf(why, sizeof why, fmt, ap);
    put_path(&path, w->path);
    err_set(w->e, kind, "%s%s", buf_cstr(&path), why);
    buf_free(&path);
}

void enc_fail(struct enc *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail(w, ERR_CONVERT, fmt, ap);
    va_end(ap);
}

void enc_unsupported(struct enc *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail(w, ERR_UNSUPPORTED, fmt, ap);
    va_end(ap);
}

void enc_wrong(struct enc *w, const struct value *v, const char *type)
{
    static const char *const kinds[] = {[VAL_NULL] = "null",
                                        [VAL_BOOL] = "a boolean",
                                        [VAL_INT] = "an integer",
                                        [VAL_REAL] = "a number",
                                        [VAL_TEXT] = "text",
                                        [VAL_BYTES] = "bytes",
                                        [VAL_LIST] = "a list",
                                        [VAL_SET] = "a set",
                                        [VAL_OBJECT] = "an object",
                                        [VAL_MAP] = "a map",
                                        [VAL_OPAQUE] = "a value that could not be decoded"};
    if (v->kind == VAL_TEXT)
        enc_fail(w, "\"%.*s\" where %s must be", v->n < 80 ? (int)v->n : 80, v->text, type);
    else if (v->kind == VAL_INT)
        enc_fail(w, "%lld where %s must be", (long long)v->i, type);
    else
        enc_fail(w, "%s where %s must be", kinds[v->kind], type);
}

/* --- nesting --- */

bool enc_enter(struct enc *w, struct enc_step *step, const char *name, uint32_t i)
{
    if (w->depth >= VALUE_MAX_DEPTH)
        enc_fail(w, "nested too deeply (limit %d)", VALUE_MAX_DEPTH);
    if (w->bad)
        return false;
    *step = (struct enc_step){w->path, name, i};
    w->path = step;
    w->depth++;
    return true;
}

void enc_leave(struct enc *w)
{
    w->path = w->path->up;
    w->depth--;
}

/* The bytes that the value was read from, when it was this serializer that read them. */
static bool from_origin(struct enc *w, const struct ser *s, const struct value *v)
{
    if (!v->origin || !v->origin->ser || !ser_same_bytes(v->origin->ser, s))
        return false;
    wr_bytes(w->out, v->origin->bytes);
    return true;
}

void enc_value(struct enc *w, const struct ser *s, const struct value *v, const char *name, uint32_t i)
{
    struct enc_step step;
    if (!enc_enter(w, &step, name, i))
        return;
    if (v->kind == VAL_OPAQUE && s->write != write_shown && !(v->origin && v->origin->ser))
        enc_unsupported(w, "bytes of %s that could not be decoded (%s)", v->opaque->class_name, v->opaque->why);
    else if (!from_origin(w, s, v))
        s->write(s, v, w);
    enc_leave(w);
}

bool value_encode(const struct ser *s, const struct value *v, struct buf *out, struct err *e)
{
    size_t from = out->n;
    struct enc w = {.out = out, .e = e};
    enc_value(&w, s, v, "", 0);
    if (w.bad)
        out->n = from;
    return !w.bad;
}

/* --- parts of values --- */

static bool digits_of(const struct value *v, int64_t *to)
{
    return jsonr_to_int((struct bytes){(const uint8_t *)v->text, v->n}, to);
}

bool enc_int(struct enc *w, const struct value *v, int64_t min, int64_t max, const char *type, int64_t *to)
{
    bool some = true;
    /* cppcheck-suppress incorrectLogicOperator ; it takes 0x1p63 for 0 */
    bool whole = v->kind == VAL_REAL && v->d >= -0x1p63 && v->d < 0x1p63 && v->d == trunc(v->d);
    if (v->kind == VAL_INT)
        *to = v->i;
    else if (whole)
        *to = (int64_t)v->d;
    else
        some = v->kind == VAL_TEXT && digits_of(v, to);
    if (!some)
        enc_wrong(w, v, type);
    else if (*to < min || *to > max)
        enc_fail(w, "%lld does not fit into %s", (long long)*to, type);
    return enc_ok(w);
}

/* NaN and infinities are text in JSON. */
static bool word(const struct value *v, double *to)
{
    static const struct {
        const char *word;
        double v;
    } words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (v->n == strlen(words[i].word) && !memcmp(v->text, words[i].word, v->n)) {
            *to = words[i].v;
            return true;
        }
    *to = jsonr_to_real((struct bytes){(const uint8_t *)v->text, v->n});
    return !isnan(*to);
}

bool enc_real(struct enc *w, const struct value *v, const char *type, double *to)
{
    *to = 0;
    if (v->kind == VAL_REAL)
        *to = v->d;
    else if (v->kind == VAL_INT)
        *to = (double)v->i;
    else if (v->kind != VAL_TEXT || !word(v, to))
        enc_wrong(w, v, type);
    return enc_ok(w);
}

bool enc_single(struct enc *w, const struct value *v, float *to)
{
    double d;
    *to = 0;
    if (!enc_real(w, v, "a float", &d))
        return false;
    if (isfinite(d) && fabs(d) > 0x1.ffffffp127) /* half a step above the greatest float: what rounds to infinity */
        enc_fail(w, "%g does not fit into a float", d);
    else
        *to = (float)d;
    return enc_ok(w);
}

bool enc_bool(struct enc *w, const struct value *v, bool *to)
{
    *to = v->kind == VAL_BOOL && v->b;
    if (v->kind == VAL_TEXT && v->n == 4 && !memcmp(v->text, "true", 4))
        *to = true;
    else if (v->kind != VAL_BOOL && !(v->kind == VAL_TEXT && v->n == 5 && !memcmp(v->text, "false", 5)))
        enc_wrong(w, v, "a boolean");
    return enc_ok(w);
}

bool enc_text(struct enc *w, const struct value *v, const char *type, struct bytes *to)
{
    *to = (struct bytes){0};
    if (v->kind == VAL_TEXT)
        *to = (struct bytes){(const uint8_t *)v->text, v->n};
    else
        enc_wrong(w, v, type);
    return enc_ok(w);
}

bool enc_decimal(struct enc *w, const struct value *v, struct decimal *d)
{
    char digits[40];
    size_t n = 0;
    *d = (struct decimal){0};
    if (v->kind == VAL_INT)
        n = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)v->i);
    else if (v->kind == VAL_REAL && isfinite(v->d))
        n = java_real(digits, v->d, v->single);
    bool some = n ? decimal_parse(d, digits, n) : v->kind == VAL_TEXT && decimal_parse(d, v->text, v->n);
    if (!some)
        enc_wrong(w, v, "a decimal number");
    return enc_ok(w);
}

bool enc_char(struct enc *w, const struct value *v, uint16_t *unit)
{
    struct bytes text;
    uint32_t code;
    *unit = 0;
    if (!enc_text(w, v, "a character", &text))
        return false;
    unsigned n = utf8_next(text.p, text.n, &code);
    if (!n || n != text.n || code > UINT16_MAX)
        enc_wrong(w, v, "one character of at most 16 bits");
    else
        *unit = (uint16_t)code;
    return enc_ok(w);
}

bool enc_unhex(struct buf *to, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned c = (uint8_t)s[i], low = c | 0x20, digit;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (low >= 'a' && low <= 'f')
            digit = low - 'a' + 10;
        else
            return false;
        if (i % 2)
            to->p[to->n - 1] = (uint8_t)(to->p[to->n - 1] | digit);
        else
            buf_putc(to, (uint8_t)(digit << 4));
    }
    return n % 2 == 0;
}

bool enc_bytes(struct enc *w, const struct value *v, const char *type, struct buf *scratch, struct bytes *to)
{
    *to = (struct bytes){(const uint8_t *)"", 0};
    if (v->kind == VAL_BYTES) {
        *to = (struct bytes){v->bytes, v->n};
        return enc_ok(w);
    }
    scratch->n = 0;
    if (v->kind != VAL_TEXT || v->n < 4 || memcmp(v->text, "hex:", 4) != 0 || !enc_unhex(scratch, v->text + 4, v->n - 4))
        enc_wrong(w, v, type);
    else if (scratch->n)
        *to = (struct bytes){scratch->p, scratch->n};
    return enc_ok(w);
}

bool enc_items(struct enc *w, const struct value *v, const char *type, const struct value **items, uint32_t *n)
{
    *items = NULL;
    *n = 0;
    if (v->kind != VAL_LIST && v->kind != VAL_SET) {
        enc_wrong(w, v, type);
        return false;
    }
    *items = v->items;
    *n = v->n;
    return enc_ok(w);
}

bool enc_pairs(struct enc *w, const struct value *v, const char *type, struct buf *room, const struct value **items, uint32_t *n)
{
    if (v->kind == VAL_MAP) {
        *items = v->items;
        *n = v->n / 2;
        return enc_ok(w);
    }
    if (!enc_items(w, v, type, items, n))
        return false;
    room->n = 0;
    for (uint32_t i = 0; i < *n; i++) {
        if (v->items[i].kind != VAL_LIST || v->items[i].n != 2) {
            enc_fail(w, "item %u where a pair [key, value] must be", i);
            return false;
        }
        buf_put(room, v->items[i].items, 2 * sizeof *v->items);
    }
    *items = (const struct value *)(const void *)room->p;
    return enc_ok(w);
}

const struct value *enc_member(const struct value *v, const char *name)
{
    size_t n = strlen(name);
    for (uint32_t i = 0; v->kind == VAL_OBJECT && i < v->n; i++)
        if (v->names[i].n == n && !memcmp(v->names[i].s, name, n))
            return &v->items[i];
    return NULL;
}

bool enc_members(struct enc *w, const struct value *v, const char *type, const char *const *names, uint32_t n,
                 const struct value **to)
{
    if (v->kind != VAL_OBJECT) {
        enc_wrong(w, v, type);
        return false;
    }
    memset(to, 0, n * sizeof *to);
    uint32_t next = 0; /* members mostly come in order */
    for (uint32_t i = 0; i < v->n; i++) {
        const struct value_name *m = &v->names[i];
        uint32_t tried = 0;
        for (; tried < n; tried++, next++) {
            if (next >= n)
                next = 0;
            if (strlen(names[next]) == m->n && !memcmp(names[next], m->s, m->n))
                break;
        }
        if (tried == n && m->n && m->s[0] == '$')
            continue;
        if (tried == n) {
            enc_fail(w, "%s has no field \"%.*s\"", type, m->n < 80 ? (int)m->n : 80, m->s);
            return false;
        }
        to[next++] = &v->items[i];
    }
    return enc_ok(w);
}

void enc_count(struct enc *w, size_t n)
{
    if (n > INT32_MAX)
        enc_fail(w, "more than 2147483647 of them, which Java cannot hold");
    wr_i32(w->out, (int32_t)n);
}

void enc_flink_string(struct enc *w, struct bytes text)
{
    if (!wr_flink_string(w->out, (const char *)text.p, text.n))
        enc_fail(w, "text that is not UTF-8");
}

void enc_utf(struct enc *w, struct bytes text)
{
    if (!wr_utf(w->out, (const char *)text.p, text.n))
        enc_fail(w, "text that is not UTF-8, or longer than 65535 bytes");
}

void enc_varint(struct enc *w, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        wr_u8(w->out, (uint8_t)(v | 0x80));
    wr_u8(w->out, (uint8_t)v);
}
