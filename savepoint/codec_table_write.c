/* Writes what codec_table.c reads. */
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/ser_facts.h"

/* An i32 length in front of what is written in between. */
static size_t begin_framed(struct enc *w)
{
    wr_u32(w->out, 0);
    return w->out->n;
}

static void end_framed(struct enc *w, size_t from)
{
    size_t n = w->out->n - from;
    if (n > INT32_MAX)
        enc_fail(w, "a value of more than 2 GiB");
    uint32_t length = __builtin_bswap32((uint32_t)n);
    memcpy(w->out->p + from - 4, &length, 4);
}

static bool has_type(const struct ser *s, struct enc *w)
{
    if (!s->extra)
        enc_unsupported(w, "weir cannot write values of %s without their type", s->snapshot_class);
    return s->extra != NULL;
}

void write_rowdata(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct rowdata_facts *f = s->extra;
    if (!has_type(s, w))
        return;
    size_t from = begin_framed(w);
    rowdata_put_row(w, &f->types, NULL, v);
    end_framed(w, from);
}

void write_array_data(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct rowdata_facts *f = s->extra;
    if (!has_type(s, w))
        return;
    size_t from = begin_framed(w);
    rowdata_put_array(w, f->types.types[0], v);
    end_framed(w, from);
}

void write_map_data(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct rowdata_facts *f = s->extra;
    if (!has_type(s, w))
        return;
    size_t from = begin_framed(w);
    rowdata_put_map(w, f->types.types[0], f->types.types[1], v);
    end_framed(w, from);
}

void write_decimal_data(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct ltype *t = s->extra;
    struct buf b = {0};
    if (has_type(s, w) && rowdata_unscaled(w, v, t->precision, t->scale, &b)) {
        if (t->precision <= 18)
            wr_i64(w->out, rowdata_long((struct bytes){b.p, b.n}));
        else
            wr_bytes32(w->out, (struct bytes){b.p, b.n});
    }
    buf_free(&b);
}

void write_timestamp_data(const struct ser *s, const struct value *v, struct enc *w)
{
    const struct ltype *t = s->extra;
    int64_t ms;
    int32_t nanos;
    if (!has_type(s, w) || !rowdata_instant(w, v, t->precision, &ms, &nanos))
        return;
    wr_i64(w->out, ms);
    if (t->precision > 3)
        wr_i32(w->out, nanos);
}

void write_string_data(const struct ser *s, const struct value *v, struct enc *w)
{
    struct bytes text;
    (void)s;
    if (!enc_text(w, v, "a string", &text))
        return;
    enc_count(w, text.n);
    wr_bytes(w->out, text);
}

void write_raw_data(const struct ser *s, const struct value *v, struct enc *w)
{
    struct buf scratch = {0};
    struct bytes b;
    (void)s;
    if (rowdata_raw_bytes(w, v, &scratch, &b)) {
        enc_count(w, b.n);
        wr_bytes(w->out, b);
    }
    buf_free(&scratch);
}

static const struct value nothing = {.kind = VAL_NULL};

/* Nested values one behind the other, by the members of an object. */
static void write_named(const struct ser *s, const struct value *v, const char *const *names, uint32_t n, struct enc *w)
{
    const struct value *members[8];
    if (s->n != n) {
        enc_unsupported(w, "%s without its nested serializers", s->snapshot_class);
        return;
    }
    if (!enc_members(w, v, s->row->name, names, n, members))
        return;
    for (uint32_t i = 0; i < n && enc_ok(w); i++)
        enc_value(w, s->kids[i], members[i] ? members[i] : &nothing, names[i], 0);
}

void write_sqn_node(const struct ser *s, const struct value *v, struct enc *w)
{
    static const char *const names[] = {"row", "sqn", "prevSqn", "nextSqn", "nextSqnForRecord", "timestamp"};
    write_named(s, v, names, 6, w);
}

void write_row_sqn_info(const struct ser *s, const struct value *v, struct enc *w)
{
    static const char *const names[] = {"firstSqn", "lastSqn"};
    write_named(s, v, names, 2, w);
}

void write_meta_sqn_info(const struct ser *s, const struct value *v, struct enc *w)
{
    static const char *const names[] = {"highSqn", "size"};
    write_named(s, v, names, 2, w);
}
