/* Writes what codec_collection.c reads, and the collections of flink-table that are like them. */
#include "savepoint/codec.h"
#include "savepoint/encode.h"

static bool has_kids(const struct ser *s, uint32_t n, struct enc *w)
{
    if (s->n == n)
        return true;
    enc_unsupported(w, "%s without its nested serializers", s->snapshot_class);
    return false;
}

static bool is_null(const struct value *v) { return v->kind == VAL_NULL; }

void write_list(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *items;
    uint32_t n;
    if (!has_kids(s, 1, w) || !enc_items(w, v, "a list", &items, &n))
        return;
    enc_count(w, n);
    for (uint32_t i = 0; i < n && enc_ok(w); i++)
        enc_value(w, s->kids[0], &items[i], NULL, i);
}

/* An item with a flag in front. */
static void flagged(const struct ser *s, const struct value *v, bool null_is, uint32_t i, struct enc *w)
{
    wr_u8(w->out, is_null(v) == null_is);
    if (!is_null(v))
        enc_value(w, s, v, NULL, i);
}

static void write_flagged(const struct ser *s, const struct value *v, bool null_is, const char *type, struct enc *w)
{
    const struct value *items;
    uint32_t n;
    if (!has_kids(s, 1, w) || !enc_items(w, v, type, &items, &n))
        return;
    enc_count(w, n);
    for (uint32_t i = 0; i < n && enc_ok(w); i++)
        flagged(s->kids[0], &items[i], null_is, i, w);
}

void write_set(const struct ser *s, const struct value *v, struct enc *w) { write_flagged(s, v, true, "a set", w); }

void write_generic_array(const struct ser *s, const struct value *v, struct enc *w) { write_flagged(s, v, false, "an array", w); }

static void write_pairs(const struct ser *s, const struct value *v, bool null_keys, struct enc *w)
{
    struct buf room = {0};
    const struct value *items;
    uint32_t n;
    if (has_kids(s, 2, w) && enc_pairs(w, v, "a map", &room, &items, &n)) {
        enc_count(w, n);
        for (uint32_t i = 0; i < n && enc_ok(w); i++) {
            if (null_keys)
                flagged(s->kids[0], &items[2 * i], true, i, w);
            else
                enc_value(w, s->kids[0], &items[2 * i], NULL, i);
            flagged(s->kids[1], &items[2 * i + 1], true, i, w);
        }
    }
    buf_free(&room);
}

void write_map(const struct ser *s, const struct value *v, struct enc *w) { write_pairs(s, v, false, w); }

void write_null_aware_map(const struct ser *s, const struct value *v, struct enc *w) { write_pairs(s, v, true, w); }

/* LinkedListSerializer: i32 n, [n bits, first one in the top bit, set for null], the elements that are not null. */
void write_linked_list(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct value *items;
    uint32_t n;
    if (!has_kids(s, 1, w) || !enc_items(w, v, "a list", &items, &n))
        return;
    enc_count(w, n);
    for (uint32_t i = 0; s->extra && i < n; i += 8) {
        unsigned mask = 0;
        for (uint32_t k = i; k < i + 8 && k < n; k++)
            mask |= is_null(&items[k]) ? 0x80u >> (k - i) : 0;
        wr_u8(w->out, (uint8_t)mask);
    }
    for (uint32_t i = 0; i < n && enc_ok(w); i++)
        if (!s->extra || !is_null(&items[i]))
            enc_value(w, s->kids[0], &items[i], NULL, i);
}

static void write_array_of(const struct ser *s, const struct value *v, const char *type, ser_write_fn *element, struct enc *w)
{
    const struct value *items;
    uint32_t n;
    if (!enc_items(w, v, type, &items, &n))
        return;
    enc_count(w, n);
    for (uint32_t i = 0; i < n && enc_ok(w); i++) {
        struct enc_step step;
        if (!enc_enter(w, &step, NULL, i))
            return;
        element(s, &items[i], w);
        enc_leave(w);
    }
}

#define ARRAY_OF(name, type, element) \
    void name(const struct ser *s, const struct value *v, struct enc *w) { write_array_of(s, v, type, element, w); }
ARRAY_OF(write_boolean_array, "an array of booleans", write_boolean)
ARRAY_OF(write_char_array, "an array of characters", write_char)
ARRAY_OF(write_short_array, "an array of shorts", write_short)
ARRAY_OF(write_int_array, "an array of ints", write_int)
ARRAY_OF(write_long_array, "an array of longs", write_long)
ARRAY_OF(write_float_array, "an array of floats", write_float)
ARRAY_OF(write_double_array, "an array of doubles", write_double)
ARRAY_OF(write_string_array, "an array of strings", write_string)
