/* JSON_ARRAYAGG, JSON_OBJECTAGG: their arguments are JSON already (JsonArray-, JsonObjectAggFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "runtime/agg_items.h"

static const union cell null_text = {.s = {(const uint8_t *)"null", 4}};

static bool is_text(const struct ltype *t) { return t && type_is_text(t); }

static bool made(const struct agg *g, struct buf *b, union cell *out)
{
    out->s = scratch_copy(&g->op->ev->heap, b->p, b->n);
    buf_free(b);
    return true;
}

/* --- arrays --- */

bool agg_bind_json_array(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return (is_text(g->arg) && is_text(g->result)) || op_refuse(o, e, "JSON_ARRAYAGG of such a type");
}

bool agg_bind_json_array_null(struct agg *g, struct op *o, struct err *e) { return agg_bind_json_array(g, o, e); }

/* What had not come is not owed here. */
void agg_add_json_array(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)g;
    if (null)
        v = null_text;
    if (sign > 0)
        agg_items_add(&a->items, agg_text, v, 0);
    else
        agg_items_remove(a->items, agg_text, v, 0);
}

void agg_add_json_array_null(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    agg_add_json_array(g, a, v, null, sign);
}

void agg_merge_json_array(const struct agg *g, struct acc *to, const struct acc *from)
{
    (void)g;
    agg_items_merge(to, from, agg_text);
}

void agg_merge_json_array_null(const struct agg *g, struct acc *to, const struct acc *from) { agg_merge_json_array(g, to, from); }

bool agg_result_json_array(const struct agg *g, struct acc *a, union cell *out)
{
    struct buf b = {0};
    buf_putc(&b, '[');
    for (uint32_t i = 0; i < agg_items_n(a->items); i++) {
        if (i)
            buf_putc(&b, ',');
        buf_put(&b, a->items->x[i].v.s.p, a->items->x[i].v.s.n);
    }
    buf_putc(&b, ']');
    return made(g, &b, out);
}

bool agg_result_json_array_null(const struct agg *g, struct acc *a, union cell *out) { return agg_result_json_array(g, a, out); }

/* --- objects: a key in `items`, its value in `owed` at the same place; an empty value stands for null --- */

bool agg_bind_json_object(struct agg *g, struct op *o, struct err *e)
{
    g->op = o;
    return (is_text(g->arg) && is_text(g->result) && g->more && is_text(g->more->types[0])) ||
        op_refuse(o, e, "JSON_OBJECTAGG of such types");
}

bool agg_bind_json_object_null(struct agg *g, struct op *o, struct err *e) { return agg_bind_json_object(g, o, e); }

static uint32_t place(const struct acc *a, struct bytes key)
{
    uint32_t i = 0;
    while (i < agg_items_n(a->items) && !cell_same(agg_text, a->items->x[i].v, (union cell){.s = key}))
        i++;
    return i;
}

static void put(const struct agg *g, struct acc *a, struct bytes key, struct bytes value)
{
    if (place(a, key) < agg_items_n(a->items)) {
        op_fail(g->op, ERR_CONVERT, "JSON_OBJECTAGG: the key '%.*s' is there already", (int)key.n, key.p);
        return;
    }
    agg_items_add(&a->items, agg_text, (union cell){.s = key}, 0);
    agg_items_add(&a->owed, agg_text, (union cell){.s = value}, 0);
}

static void object(const struct agg *g, struct acc *a, struct bytes key, int64_t sign, bool skip_nulls)
{
    bool null = g->more->null[0];
    struct bytes value = {0};
    uint32_t at;
    if (!null)
        value = g->more->v[0].s;
    if (sign > 0 && (!null || !skip_nulls))
        put(g, a, key, value);
    if (sign > 0 || (at = place(a, key)) == agg_items_n(a->items))
        return;
    agg_items_drop(a->items, at);
    agg_items_drop(a->owed, at);
}

void agg_add_json_object(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    object(g, a, v.s, sign, true);
}

void agg_add_json_object_null(const struct agg *g, struct acc *a, union cell v, uint8_t null, int64_t sign)
{
    (void)null;
    object(g, a, v.s, sign, false);
}

void agg_merge_json_object(const struct agg *g, struct acc *to, const struct acc *from)
{
    for (uint32_t i = 0; i < agg_items_n(from->items); i++)
        put(g, to, from->items->x[i].v.s, from->owed->x[i].v.s);
}

void agg_merge_json_object_null(const struct agg *g, struct acc *to, const struct acc *from) { agg_merge_json_object(g, to, from); }

bool agg_result_json_object(const struct agg *g, struct acc *a, union cell *out)
{
    struct buf b = {0};
    buf_putc(&b, '{');
    for (uint32_t i = 0; i < agg_items_n(a->items); i++) {
        struct bytes key = a->items->x[i].v.s, value = a->owed->x[i].v.s;
        if (i)
            buf_putc(&b, ',');
        jsonw_quote(&b, key.p, key.n);
        buf_putc(&b, ':');
        if (value.n)
            buf_put(&b, value.p, value.n);
        else
            buf_puts(&b, "null");
    }
    buf_putc(&b, '}');
    return made(g, &b, out);
}

bool agg_result_json_object_null(const struct agg *g, struct acc *a, union cell *out) { return agg_result_json_object(g, a, out); }
