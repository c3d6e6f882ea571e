/* Writes what codec_tuple.c reads, and Scala's products. */
#include <stdlib.h>

#include "savepoint/codec.h"
#include "savepoint/encode.h"

static bool is_null(const struct value *v) { return v->kind == VAL_NULL; }

static bool has_kids(const struct ser *s, uint32_t n, struct enc *w)
{
    if (s->n == n)
        return true;
    enc_unsupported(w, "%s without its nested serializers", s->snapshot_class);
    return false;
}

/* As many items as there are fields. */
static bool fields_of(const struct ser *s, const struct value *v, const char *type, const struct value **items, struct enc *w)
{
    uint32_t n;
    if (!enc_items(w, v, type, items, &n))
        return false;
    if (n != s->n)
        enc_fail(w, "%u fields where %u must be", n, s->n);
    return enc_ok(w);
}

void write_tuple(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *items;
    if (!fields_of(s, v, "a tuple", &items, w))
        return;
    for (uint32_t i = 0; i < s->n && enc_ok(w); i++)
        enc_value(w, s->kids[i], &items[i], NULL, i);
}

void write_tuple0(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *items;
    if (fields_of(s, v, "an empty tuple", &items, w))
        wr_u8(w->out, 42);
}

/* {first: …} or {second: …}, with a flag in front. */
static void one_of(const struct ser *s, const struct value *v, const char *first, const char *second, struct enc *w)
{
    const struct value *a = enc_member(v, first), *b = enc_member(v, second);
    if (!has_kids(s, 2, w))
        return;
    if (!a == !b || v->n != 1) {
        enc_fail(w, "something else where {\"%s\": …} or {\"%s\": …} must be", first, second);
        return;
    }
    wr_u8(w->out, a != NULL);
    enc_value(w, s->kids[a ? 0 : 1], a ? a : b, a ? first : second, 0);
}

void write_either(const struct ser *s, const struct value *v, struct enc *w) { one_of(s, v, "left", "right", w); }

void write_try(const struct ser *s, const struct value *v, struct enc *w) { one_of(s, v, "success", "failure", w); }

void write_option(const struct ser *s, const struct value *v, struct enc *w)
{
    if (!has_kids(s, 1, w))
        return;
    wr_u8(w->out, !is_null(v));
    if (!is_null(v))
        enc_value(w, s->kids[0], v, "", 0);
}

void write_nullable(const struct ser *s, const struct value *v, struct enc *w)
{
    static const uint8_t zeros[64];
    if (!has_kids(s, 1, w))
        return;
    wr_u8(w->out, is_null(v));
    if (!is_null(v)) {
        enc_value(w, s->kids[0], v, "", 0);
        return;
    }
    for (size_t left = s->length > 1 ? (size_t)s->length - 1 : 0, n; left; left -= n) {
        n = left < sizeof zeros ? left : sizeof zeros;
        buf_put(w->out, zeros, n);
    }
}

bool enc_row(struct enc *w, const struct value *v, const char *const *names, uint32_t n, unsigned *kind,
             const struct value **fields)
{
    static const char *const kinds[] = {"+I", "-U", "+U", "-D"};
    const struct value *k = enc_member(v, "$row"), *list = enc_member(v, "fields"), *items;
    struct bytes text = {0};
    uint32_t have;
    *kind = 0;
    if (k && enc_text(w, k, "a row's kind", &text)) {
        while (*kind < 4 && (text.n != 2 || memcmp(text.p, kinds[*kind], 2) != 0))
            ++*kind;
        if (*kind == 4)
            enc_wrong(w, k, "a row's kind +I, -U, +U or -D");
    }
    const struct value *body = k && list ? list : v;
    if (names && body->kind == VAL_OBJECT)
        return enc_members(w, body, "the row", names, n, fields);
    if (!enc_items(w, body, "a row", &items, &have))
        return false;
    if (have != n)
        enc_fail(w, "%u fields where %u must be", have, n);
    for (uint32_t i = 0; i < n && enc_ok(w); i++)
        fields[i] = &items[i];
    return enc_ok(w);
}

/* RowSerializer: a mask of one bit a field, in front of it two bits of the kind where the serializer supports it. */
void write_row(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value **fields = mem_grow(NULL, s->n, sizeof *fields);
    unsigned kind, first = s->extra ? 2 : 0;
    if (enc_row(w, v, NULL, s->n, &kind, fields)) {
        size_t at = w->out->n, bytes = ((size_t)s->n + first + 7) / 8;
        for (size_t i = 0; i < bytes; i++)
            wr_u8(w->out, 0);
        if (first)
            w->out->p[at] = (uint8_t)((kind & 1) << 7 | (kind & 2) << 5);
        for (uint32_t i = 0; i < s->n && enc_ok(w); i++) {
            uint32_t bit = i + first;
            if (is_null(fields[i]))
                w->out->p[at + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
            else
                enc_value(w, s->kids[i], fields[i], NULL, i);
        }
    }
    free((void *)fields);
}
