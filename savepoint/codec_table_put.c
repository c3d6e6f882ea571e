/* Writes the snapshots' own parts that codec_table.c reads. */
#include "base/wr.h"
#include "savepoint/codec.h"
#include "savepoint/ser_facts.h"
#include "savepoint/ser_write.h"

static bool put_type(const struct rowdata_facts *f, uint32_t i, struct buf *to, struct err *e)
{
    if (!f->objects[i].n)
        return ltype_put(f->types.types[i], to, e);
    wr_bytes(to, f->objects[i]);
    return true;
}

static bool put_serializer(const struct rowdata_facts *f, uint32_t i, struct buf *to, struct err *e)
{
    wr_bytes(to, f->serializers[i]);
    return f->serializers[i].n || ltype_put_serializer(f->types.types[i], to, e);
}

bool put_rowdata(const struct ser *s, struct buf *to, struct err *e)
{
    const struct rowdata_facts *f = s->extra;
    wr_u32(to, f->types.n);
    for (uint32_t i = 0; i < f->types.n; i++)
        if (!put_type(f, i, to, e))
            return false;
    return put_nested(s, to, e);
}

bool put_array_data(const struct ser *s, struct buf *to, struct err *e)
{
    const struct rowdata_facts *f = s->extra;
    return put_type(f, 0, to, e) && put_serializer(f, 0, to, e);
}

bool put_map_data(const struct ser *s, struct buf *to, struct err *e)
{
    const struct rowdata_facts *f = s->extra;
    return put_type(f, 0, to, e) && put_type(f, 1, to, e) && put_serializer(f, 0, to, e) && put_serializer(f, 1, to, e);
}

bool put_binary_row(const struct ser *s, struct buf *to, struct err *e)
{
    (void)e;
    wr_i32(to, *(const int32_t *)s->extra);
    return true;
}

bool put_decimal_data(const struct ser *s, struct buf *to, struct err *e)
{
    const struct ltype *t = s->extra;
    (void)e;
    wr_i32(to, t->precision);
    wr_i32(to, t->scale);
    return true;
}

bool put_timestamp_data(const struct ser *s, struct buf *to, struct err *e)
{
    const struct ltype *t = s->extra;
    (void)e;
    wr_i32(to, t->precision);
    return true;
}

bool put_external(const struct ser *s, struct buf *to, struct err *e)
{
    const struct object_facts *f = s->extra;
    (void)e;
    wr_bytes(to, f->objects);
    wr_u8(to, f->internal);
    return true;
}

bool put_linked_list(const struct ser *s, struct buf *to, struct err *e)
{
    (void)e;
    if (s->outer_version > 2)
        wr_u8(to, s->extra != NULL);
    return true;
}

bool put_sorted_map(const struct ser *s, struct buf *to, struct err *e)
{
    const struct object_facts *f = s->extra;
    wr_bytes(to, f->objects);
    return put_nested(s, to, e);
}

bool put_rowdata_key(const struct ser *s, struct buf *to, struct err *e)
{
    const struct object_facts *f = s->extra;
    wr_bytes(to, f->objects);
    return ser_put(s->n ? s->kids[0] : NULL, to, e);
}
